//! Curves, points and coloured fields over two axes.

use crate::field::field;
use crate::scale::{Axis, Scale};
use crate::svg::{Anchor, Canvas, Figure, N_COLOURS, TEXT, WIDTH, fitted, text_width};

/// A figure over two axes.
#[derive(Debug, Clone, Default)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// Under the x axis.
    pub x_label: String,
    /// Above the y axis.
    pub y_label: String,
    /// Of the y axis.
    pub y_scale: Scale,
    /// The same range on both axes, drawn equally long.
    pub is_square: bool,
    /// Drawn in order.
    pub marks: Vec<Mark>,
}

/// Something drawn over the axes. Numbers that are not finite leave a gap.
#[derive(Debug, Clone)]
pub enum Mark {
    /// A curve.
    Line {
        /// In the legend; empty for none.
        name: String,
        /// (x, y) in order of x.
        points: Vec<(f64, f64)>,
        /// How it is drawn.
        stroke: Stroke,
    },
    /// Single points; at most 2,000 of them are drawn.
    Points {
        /// In the legend; empty for none.
        name: String,
        /// (x, y).
        points: Vec<(f64, f64)>,
    },
    /// A vertical line with a word.
    Rule {
        /// Where.
        x: f64,
        /// The word.
        label: String,
    },
    /// A field of cells behind everything else, row after row from the lowest y.
    Field {
        /// Lowest and highest x.
        x: (f64, f64),
        /// Lowest and highest y.
        y: (f64, f64),
        /// Cells in a row.
        n_columns: usize,
        /// For each cell its colour (the number of a series) and its strength from 0 to 1.
        cells: Vec<(usize, f64)>,
    },
}

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A solid line.
    Solid,
    /// A dashed line.
    Dashed,
    /// A broad line, such as a tangent over a curve.
    Broad,
    /// A thin grey line without a colour of its own, such as a diagonal.
    Thin,
}

const RIGHT: f64 = 20.0;
const HEIGHT: f64 = 270.0;
const N_TICKS: usize = 6;
const MOST_POINTS: usize = 2_000;

impl Plot {
    /// Draws it.
    pub fn draw(&self) -> Figure {
        let mut canvas = Canvas::default();
        let legend = self.legend(&mut canvas);
        let top = 14.0 + legend + TEXT * 2.0;
        let [mut xs, mut ys] = [0, 1].map(|axis| self.values(axis));
        let has_field = self.marks.iter().any(|mark| matches!(mark, Mark::Field { .. }));
        if self.is_square {
            xs.append(&mut ys);
            ys.clone_from(&xs);
        }
        let axis = |scale: Scale, values: &[f64], places: (f64, f64), n_ticks: usize| {
            if has_field {
                Axis::new(scale, range(values.iter().copied()), places)
            } else {
                Axis::covering(scale, values.iter().copied(), places, n_ticks)
            }
        };
        // The labels of the y axis decide where the x axis begins, and its length the height of a square.
        let labels = axis(self.y_scale, &ys, (1.0, 0.0), N_TICKS).ticks(N_TICKS);
        let widest = labels.iter().map(|(_, label)| text_width(label, TEXT)).fold(0.0, f64::max);
        let left = (widest + 20.0).clamp(44.0, 130.0);
        let width = WIDTH - left - RIGHT;
        let height = if self.is_square { width } else { HEIGHT };
        let y = axis(self.y_scale, &ys, (top + height, top), N_TICKS);
        let x = |n_ticks| axis(Scale::Linear, &xs, (left, left + width), n_ticks);
        let n_ticks = (2..=N_TICKS).rev().find(|&n| are_apart(&x(n), n)).unwrap_or(2);
        let x = x(n_ticks);
        let frame = Frame { left, top, width, height };
        for mark in self.marks.iter().filter(|mark| matches!(mark, Mark::Field { .. })) {
            mark.draw(&mut canvas, &x, &y, 0, &frame);
        }
        frame.grid(&mut canvas, (&x, n_ticks), &y, has_field);
        let mut colour = 0;
        for mark in self.marks.iter().filter(|mark| !matches!(mark, Mark::Field { .. })) {
            mark.draw(&mut canvas, &x, &y, colour, &frame);
            colour += usize::from(mark.has_colour());
        }
        let y_label = fitted(&self.y_label, WIDTH - 20.0, TEXT);
        canvas.text(10.0, top - TEXT * 0.9, Anchor::Start, "soft", &y_label);
        let x_label = fitted(&self.x_label, WIDTH - 20.0, TEXT);
        let half = text_width(&x_label, TEXT) / 2.0;
        let middle = (left + width / 2.0).min(WIDTH - half - 6.0);
        let bottom = top + height;
        canvas.text(middle, bottom + TEXT * 2.8, Anchor::Middle, "soft", &x_label);
        canvas.finish(&self.title, bottom + TEXT * 2.8 + 12.0)
    }

    fn values(&self, axis: usize) -> Vec<f64> {
        self.marks.iter().flat_map(|mark| mark.values(axis)).collect()
    }

    /// The names of series above the plot; gives the height taken.
    fn legend(&self, canvas: &mut Canvas) -> f64 {
        let (mut x, mut y, mut colour) = (10.0, 0.0, 0);
        for mark in &self.marks {
            let here = colour;
            colour += usize::from(mark.has_colour());
            let (Mark::Line { name, .. } | Mark::Points { name, .. }) = mark else { continue };
            if name.is_empty() {
                continue;
            }
            let name = fitted(name, WIDTH - 80.0, TEXT);
            let width = 34.0 + text_width(&name, TEXT);
            if y == 0.0 {
                y = TEXT * 1.5;
            } else if x + width > WIDTH {
                (x, y) = (10.0, y + TEXT * 1.6);
            }
            match mark {
                Mark::Line { stroke, .. } => {
                    let attributes = stroke.attributes(here);
                    canvas.line((x, y - 5.0), (x + 26.0, y - 5.0), &attributes);
                }
                _ => point(canvas, (x + 16.0, y - 5.0), here, 5.0),
            }
            canvas.text(x + 34.0, y, Anchor::Start, "ink", &name);
            x += width + 22.0;
        }
        y
    }
}

impl Stroke {
    fn attributes(self, colour: usize) -> String {
        let colour = colour % N_COLOURS;
        match self {
            Self::Solid => format!(r#"class="c{colour}-line" stroke-width="2.2" stroke-linejoin="round""#),
            Self::Dashed => format!(
                r#"class="c{colour}-line" stroke-width="2.2" stroke-dasharray="7 4" stroke-linejoin="round""#
            ),
            Self::Broad => {
                format!(
                    r#"class="c{colour}-line" stroke-width="6" stroke-opacity="0.85" stroke-linecap="round""#
                )
            }
            Self::Thin => r#"class="soft-line" stroke-width="1.2" stroke-dasharray="3 4""#.into(),
        }
    }
}

impl Mark {
    fn values(&self, axis: usize) -> Vec<f64> {
        let of = |&(x, y): &(f64, f64)| if axis == 0 { x } else { y };
        match self {
            Self::Line { points, .. } | Self::Points { points, .. } => points.iter().map(of).collect(),
            Self::Rule { x, .. } if axis == 0 => vec![*x],
            Self::Rule { .. } => Vec::new(),
            Self::Field { x, y, .. } => {
                let (low, high) = if axis == 0 { *x } else { *y };
                vec![low, high]
            }
        }
    }

    fn has_colour(&self) -> bool {
        match self {
            Self::Line { stroke, .. } => *stroke != Stroke::Thin,
            Self::Points { .. } => true,
            Self::Rule { .. } | Self::Field { .. } => false,
        }
    }

    fn draw(&self, canvas: &mut Canvas, x: &Axis, y: &Axis, colour: usize, frame: &Frame) {
        match self {
            Self::Line { points, stroke, .. } => {
                canvas.path(&pieces(points, x, y), &stroke.attributes(colour));
            }
            Self::Points { points, .. } => {
                let every = points.len().div_ceil(MOST_POINTS).max(1);
                for &(px, py) in points.iter().step_by(every) {
                    if let (true, Some(cx), Some(cy)) =
                        (x.contains(px) && y.contains(py), x.place(px), y.place(py))
                    {
                        point(canvas, (cx, cy), colour, radius(points.len()));
                    }
                }
            }
            Self::Rule { x: at, label } => {
                let Some(place) = x.place(*at) else { return };
                let attributes = r#"class="soft-line" stroke-width="1.4" stroke-dasharray="2 3""#;
                canvas.line((place, frame.top), (place, frame.top + frame.height), attributes);
                let is_right = place > frame.left + frame.width / 2.0;
                let (anchor, beside) = if is_right { (Anchor::End, -7.0) } else { (Anchor::Start, 7.0) };
                // On a patch of paper, so that a curve does not cross it.
                let width = text_width(label, TEXT) + 6.0;
                let corner = if is_right { place - 4.0 - width } else { place + 4.0 };
                let patch = r#"class="paper" fill-opacity="0.85""#;
                canvas.rectangle((corner, frame.top + 2.0), (width, TEXT * 1.3), patch, "");
                canvas.text(place + beside, frame.top + TEXT * 1.1, anchor, "soft", label);
            }
            Self::Field { x: (x_low, x_high), y: (y_low, y_high), n_columns, cells } => {
                if let (Some(left), Some(right), Some(bottom), Some(upper)) =
                    (x.place(*x_low), x.place(*x_high), y.place(*y_low), y.place(*y_high))
                {
                    field(canvas, (left, right), (bottom, upper), *n_columns, cells);
                }
            }
        }
    }
}

/// The more points, the smaller.
fn radius(n_points: usize) -> f64 {
    match n_points {
        0..=8 => 7.5,
        9..=30 => 4.5,
        31..=300 => 3.6,
        _ => 2.6,
    }
}

/// A point whose shape tells the series apart as its colour does; where the colours come again, it has another shape.
fn point(canvas: &mut Canvas, (x, y): (f64, f64), series: usize, size: f64) {
    let attributes = format!(r#"class="c{} edge""#, series % N_COLOURS);
    let corners: &[(f64, f64)] = match (series + series / N_COLOURS) % N_COLOURS {
        0 => return canvas.circle((x, y), size, &attributes, ""),
        1 => &[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
        2 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        3 => &[(0.0, -1.3), (1.0, 0.0), (0.0, 1.3), (-1.0, 0.0)],
        4 => &[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
        _ => &[(-1.2, -0.4), (1.2, -0.4), (1.2, 0.4), (-1.2, 0.4)],
    };
    // Closed, so that the edge is all around.
    let corners = corners.iter().chain(&corners[..1]);
    let path: Vec<(f64, f64)> = corners.map(|(dx, dy)| (x + dx * size, y + dy * size)).collect();
    canvas.path(&[path], &attributes);
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
}

/// Where the axes are.
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Frame {
    fn grid(&self, canvas: &mut Canvas, (x, n_ticks): (&Axis, usize), y: &Axis, has_field: bool) {
        let Self { left, top, width, height } = *self;
        let line = r#"class="rule-line" stroke-width="1""#;
        for (tick, label) in y.ticks(N_TICKS) {
            let Some(place) = y.place(tick) else { continue };
            if !has_field {
                canvas.line((left, place), (left + width, place), line);
            }
            canvas.text(left - 9.0, place + TEXT * 0.36, Anchor::End, "soft", &label);
        }
        for (tick, label) in x.ticks(n_ticks) {
            let Some(place) = x.place(tick) else { continue };
            canvas.line((place, top + height), (place, top + height + 5.0), line);
            canvas.text(
                label_place(place, &label),
                top + height + TEXT * 1.4,
                Anchor::Middle,
                "soft",
                &label,
            );
        }
        let axis = r#"class="soft-line" stroke-width="1""#;
        canvas.line((left, top + height), (left + width, top + height), axis);
    }
}

/// The middle of a label of the x axis: under its tick, unless the figure ends there.
fn label_place(place: f64, label: &str) -> f64 {
    place.min(WIDTH - text_width(label, TEXT) / 2.0 - 2.0)
}

/// Whether the labels of an axis to the right leave each other room.
fn are_apart(axis: &Axis, n_ticks: usize) -> bool {
    let ticks: Vec<(f64, f64)> = axis
        .ticks(n_ticks)
        .iter()
        .filter_map(|(tick, label)| Some((label_place(axis.place(*tick)?, label), text_width(label, TEXT))))
        .collect();
    ticks.windows(2).all(|pair| pair[1].0 - pair[0].0 >= f64::midpoint(pair[0].1, pair[1].1) + 8.0)
}

/// The visible pieces of a curve, thinned to two points a unit of width: the lowest and the highest are kept.
fn pieces(points: &[(f64, f64)], x: &Axis, y: &Axis) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for &(px, py) in points {
        match (x.place(px), y.place(py)) {
            (Some(px), Some(py)) if px.is_finite() && py.is_finite() => {
                pieces.last_mut().expect("one piece").push((px, py));
            }
            _ => pieces.push(Vec::new()),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces.iter().map(|piece| thinned(piece)).collect()
}

fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const MOST: usize = 1_200;
    if points.len() <= MOST {
        return points.to_vec();
    }
    let size = points.len().div_ceil(MOST / 2);
    let mut kept = vec![points[0]];
    for chunk in points.chunks(size) {
        let by_y = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let extremes = [chunk.iter().min_by(by_y), chunk.iter().max_by(by_y)];
        let mut extremes: Vec<(f64, f64)> = extremes.into_iter().flatten().copied().collect();
        extremes.sort_by(|a, b| a.0.total_cmp(&b.0));
        kept.extend(extremes);
    }
    kept.push(points[points.len() - 1]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_ends_and_extremes() {
        let mut points: Vec<(f64, f64)> =
            (0..50_000).map(|i| (f64::from(i), (f64::from(i) * 0.001).sin())).collect();
        points[31_417].1 = 9.0;
        points[17_171].1 = -9.0;
        let kept = thinned(&points);
        assert!(kept.len() < 1_300);
        assert_eq!((kept[0], kept[kept.len() - 1]), (points[0], points[49_999]));
        assert!(kept.contains(&points[31_417]) && kept.contains(&points[17_171]));
        assert!(kept.is_sorted_by(|a, b| a.0 <= b.0));
    }

    #[test]
    fn odd_data_is_drawn_without_panic() {
        for points in [
            vec![],
            vec![(1.0, 1.0)],
            vec![(0.0, f64::NAN), (f64::INFINITY, 2.0), (1.0, 3.0)],
            vec![(1e300, -1e300), (-1e300, 1e300)],
        ] {
            for y_scale in [Scale::Linear, Scale::Log] {
                let line = Mark::Line { name: "a <b>".into(), points: points.clone(), stroke: Stroke::Solid };
                let cloud = Mark::Points { name: String::new(), points: points.clone() };
                let plot = Plot { y_scale, marks: vec![line, cloud], ..Plot::default() };
                let svg = plot.draw().svg(crate::svg::Theme::Reader);
                roxmltree::Document::parse(&svg).unwrap();
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            }
        }
    }
}
