//! Activation functions as curves: values, slopes and tangents.

use crate::plot::{Mark, Plot, Stroke};
use crate::svg::{Figure, stack};
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
        y_label: "a = 1/(1 + e⁻ᶻ), what comes out".into(),
        marks: vec![line("", curve(sigmoid, 6.0), Stroke::Solid)],
        ..Plot::default()
    }
    .draw()
}

/// The sigmoid with its tangents at chosen places.
pub fn slope_figure(at: &[f64]) -> Figure {
    let reach = at.iter().filter(|z| z.is_finite()).fold(6.0_f64, |reach, z| reach.max(z.abs() + 1.0));
    let tangent = |&at: &f64| {
        let (a, slope) = (sigmoid(at), sigmoid_slope(at));
        let points = [-TANGENT, TANGENT].map(|dz| (at + dz, a + slope * dz)).to_vec();
        line(&format!("slope {slope:.4} at {at}"), points, Stroke::Broad)
    };
    let mut marks = vec![line("sigmoid", curve(sigmoid, reach), Stroke::Solid)];
    marks.extend(at.iter().map(tangent));
    Plot {
        title: "The slope of the sigmoid".into(),
        x_label: "z".into(),
        y_label: "a = 1/(1 + e⁻ᶻ)".into(),
        marks,
        ..Plot::default()
    }
    .draw()
}

/// The values and the slopes of all activation functions, in two groups so that lines stay apart.
pub fn activations_figure() -> Figure {
    let (first, second) = Activation::ALL.split_at(5);
    let strokes = [Stroke::Solid, Stroke::Dashed];
    let plot = |what: &str, group: &[Activation], f: fn(Activation, f64) -> f64| {
        let each = |(i, &activation): (usize, &Activation)| {
            line(activation.name(), curve(|z| f(activation, z), 4.0), strokes[i % 2])
        };
        let marks = group.iter().enumerate().map(each).collect();
        let (title, y_label) = (format!("Activation functions: {what}"), what.into());
        Plot { title, x_label: "z".into(), y_label, marks, ..Plot::default() }.draw()
    };
    let both = |group: &[Activation]| {
        [
            plot("a = f(z)", group, Activation::value),
            plot("slope da/dz", group, |activation, z| activation.slope(z, activation.value(z))),
        ]
    };
    stack("The activation functions and their slopes", &[both(first), both(second)].concat())
}
