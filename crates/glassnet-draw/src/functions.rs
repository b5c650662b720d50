//! Activation functions as curves: values, slopes and tangents.

use crate::plot::{Mark, Plot, Stroke};
use crate::scale::{Axis, Scale};
use crate::svg::{Anchor, Canvas, Figure, TEXT};
use glassnet::activation::{Activation, sigmoid, sigmoid_slope};

/// Half a tangent's length along z.
const TANGENT: f64 = 0.8;

fn curve(f: impl Fn(f64) -> f64, reach: f64) -> Vec<(f64, f64)> {
    (-120..=120).map(|i| f64::from(i) / 120.0 * reach).map(|z| (z, f(z))).collect()
}

fn line(name: &str, points: Vec<(f64, f64)>, stroke: Stroke) -> Mark {
    Mark::Line { name: name.into(), points, stroke }
}

/// The sigmoid from −6 to 6.
pub fn sigmoid_figure() -> Figure {
    Plot {
        title: "The sigmoid".into(),
        x_label: "z, what goes into the neuron".into(),
        y_label: "a = 1/(1 + exp(−z)), what comes out".into(),
        marks: vec![line("", curve(sigmoid, 6.0), Stroke::Solid)],
        ..Plot::default()
    }
    .draw()
}

/// The sigmoid with its tangents at chosen places.
pub fn slope_figure(at: &[f64]) -> Figure {
    let reach = at.iter().filter(|z| z.is_finite()).fold(6.0_f64, |reach, z| reach.max(z.abs() + 1.0));
    let minus = |number: String| number.replace('-', "−");
    let tangent = |&at: &f64| {
        let (a, slope) = (sigmoid(at), sigmoid_slope(at));
        let points = [-TANGENT, TANGENT].map(|dz| (at + dz, a + slope * dz)).to_vec();
        line(&minus(format!("slope {slope:.4} at {at}")), points, Stroke::Broad)
    };
    let mut marks = vec![line("sigmoid", curve(sigmoid, reach), Stroke::Solid)];
    marks.extend(at.iter().map(tangent));
    Plot {
        title: "The slope of the sigmoid".into(),
        x_label: "z".into(),
        y_label: "a = 1/(1 + exp(−z))".into(),
        marks,
        ..Plot::default()
    }
    .draw()
}

/// The values and the slopes of all activation functions, one small plot each on the same scales.
pub fn activations_figure() -> Figure {
    const REACH: f64 = 4.0;
    const N_COLUMNS: usize = 2;
    let (left, gap, width, height) = (42.0, 52.0, 184.0, 130.0);
    let (top, distance) = (62.0, height + 62.0);
    let mut canvas = Canvas::default();
    legend(&mut canvas);
    for (i, &activation) in Activation::ALL.iter().enumerate() {
        let x0 = left + (i % N_COLUMNS) as f64 * (width + gap);
        let y0 = top + (i / N_COLUMNS) as f64 * distance;
        let x = Axis::new(Scale::Linear, (-REACH, REACH), (x0, x0 + width));
        let y = Axis::new(Scale::Linear, (-2.0, REACH), (y0 + height, y0));
        canvas.text_with(x0, y0 - 8.0, Anchor::Start, r#"class="ink" font-weight="600""#, activation.name());
        for tick in [-2, 0, 2, 4] {
            let place = y.place(f64::from(tick)).unwrap_or(y0);
            let class = if tick == 0 { "soft-line" } else { "rule-line" };
            let attributes = format!(r#"class="{class}" stroke-width="1""#);
            canvas.line((x0, place), (x0 + width, place), &attributes);
            let label = tick.to_string().replace('-', "−");
            canvas.text(x0 - 10.0, place + TEXT * 0.36, Anchor::End, "soft", &label);
        }
        for tick in [-4, 0, 4] {
            let place = x.place(f64::from(tick)).unwrap_or(x0);
            let label = if tick == 0 { "z = 0".to_owned() } else { tick.to_string().replace('-', "−") };
            canvas.text(place, y0 + height + TEXT * 1.4, Anchor::Middle, "soft", &label);
        }
        let slope = |z: f64| activation.slope(z, activation.value(z));
        let drawn = |f: &dyn Fn(f64) -> f64, from: f64, to: f64| {
            let points = (0..=80).map(|i| from + (to - from) * f64::from(i) / 80.0).map(|z| (z, f(z)));
            let within = points.filter(|&(_, value)| y.contains(value));
            within.filter_map(|(z, value)| Some((x.place(z)?, y.place(value)?))).collect::<Vec<_>>()
        };
        // The slope may jump at 0, so it is drawn up to there and from there on.
        let slopes = [drawn(&slope, -REACH, -1e-9), drawn(&slope, 1e-9, REACH)];
        canvas.path(&slopes, SLOPE);
        canvas.path(&[drawn(&|z| activation.value(z), -REACH, REACH)], VALUE);
    }
    let n_rows = Activation::ALL.len().div_ceil(N_COLUMNS);
    canvas.finish("The activation functions and their slopes", top + n_rows as f64 * distance - 26.0)
}

/// How the value and the slope of an activation function are drawn.
const VALUE: &str = r#"class="c0-line" stroke-width="2.4" stroke-linejoin="round""#;
const SLOPE: &str = r#"class="c1-line" stroke-width="2.2" stroke-dasharray="7 4" stroke-linejoin="round""#;

fn legend(canvas: &mut Canvas) {
    for (x, attributes, name) in [(10.0, VALUE, "value a = f(z)"), (210.0, SLOPE, "slope da/dz")] {
        canvas.line((x, 19.0), (x + 26.0, 19.0), attributes);
        canvas.text(x + 34.0, 24.0, Anchor::Start, "ink", name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::not_in_our_font;

    #[test]
    fn our_font_is_enough_for_our_own_words() {
        for figure in [sigmoid_figure(), slope_figure(&[2.0, -4.0]), activations_figure()] {
            assert!(
                not_in_our_font(&figure).is_empty(),
                "{}: {:?}",
                figure.title(),
                not_in_our_font(&figure)
            );
        }
    }
}
