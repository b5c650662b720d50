//! A network as units and connections: names, weights and values.

use crate::svg::{Anchor, Canvas, Figure, MOST_WIDTH, TEXT, WIDTH, fitted, text_width};

/// A network of dense layers.
#[derive(Debug, Clone, Default)]
pub struct NetworkDrawing {
    /// What it shows.
    pub title: String,
    /// One name an input.
    pub input_names: Vec<String>,
    /// One name an output.
    pub output_names: Vec<String>,
    /// The layers, inputs to outputs.
    pub layers: Vec<LayerDrawing>,
    /// Words for positive and negative weights, in a legend; empty for none.
    pub sign_names: Vec<String>,
    /// What each unit gives, inputs first, a list a layer; empty for none.
    pub values: Vec<Vec<f64>>,
}

/// One layer.
#[derive(Debug, Clone, Default)]
pub struct LayerDrawing {
    /// Above its units, such as `relu`.
    pub name: String,
    /// Weights, (`n_inputs`, `n_outputs`).
    pub weights: Vec<Vec<f64>>,
    /// One a unit, or none.
    pub biases: Vec<f64>,
}

const MOST_UNITS: usize = 10;
const MOST_EDGES: usize = 45;
const MOST_EDGE_LABELS: usize = 16;
const SPACING: f64 = 76.0;
const MOST_NAME: f64 = 250.0;
/// Least distance between layers.
const DISTANCE: f64 = 104.0;
/// Half of a label such as +0.25, and a little more.
const HALF_LABEL: f64 = 27.0;
/// Half of a bias such as b +0.25, below its unit.
const HALF_BIAS: f64 = 38.0;

/// The units of a layer that are drawn, and where.
struct Column {
    x: f64,
    n_units: usize,
    /// Unit and height.
    places: Vec<(usize, f64)>,
}

impl NetworkDrawing {
    /// Draws it. Of a large layer the units with the strongest connections are shown, and how many there are; of many
    /// connections the strongest. Blue and solid is positive, vermilion and dashed negative, broad is strong.
    pub fn draw(&self) -> Figure {
        let mut canvas = Canvas::default();
        let radius = self.radius();
        let name_width = |names: &[String]| {
            names.iter().map(|name| text_width(name, TEXT)).fold(0.0, f64::max).min(MOST_NAME) + radius + 13.0
        };
        let shown = self.shown_units();
        let names = [name_width(&self.input_names), name_width(&self.output_names).max(radius + 72.0)];
        let needed = |beside: f64| {
            let distance = shown.windows(2).map(|pair| distance(pair[0].len(), pair[1].len(), beside));
            names[0] + names[1] + distance.fold(DISTANCE, f64::max) * (shown.len() - 1) as f64
        };
        let shows_biases =
            needed(HALF_BIAS) <= MOST_WIDTH && self.layers.iter().any(|l| !l.biases.is_empty());
        let width = needed(if shows_biases { HALF_BIAS } else { radius }).clamp(WIDTH, MOST_WIDTH);
        let (left, right) = (names[0], width - names[1]);
        let tallest = shown.iter().map(Vec::len).max().unwrap_or(1);
        let spacing = if tallest <= 4 { SPACING } else { 44.0 };
        let (top, height) = (36.0, spacing * tallest as f64);
        let n_units = |layer: usize| {
            if layer == 0 { self.input_names.len() } else { self.layers[layer - 1].n_units() }
        };
        let columns: Vec<Column> = shown
            .iter()
            .enumerate()
            .map(|(layer, units)| {
                let share = layer as f64 / (shown.len() - 1).max(1) as f64;
                let spacing = (height / units.len().max(1) as f64).min(SPACING);
                let first = top + (height - spacing * units.len() as f64) / 2.0 + spacing / 2.0;
                let places =
                    units.iter().enumerate().map(|(i, &u)| (u, first + spacing * i as f64)).collect();
                Column { x: left + (right - left) * share, n_units: n_units(layer), places }
            })
            .collect();
        for (layer, columns) in columns.windows(2).enumerate() {
            self.draw_edges(&mut canvas, layer, &columns[0], &columns[1]);
        }
        for (layer, column) in columns.iter().enumerate() {
            self.draw_units(&mut canvas, layer, column, top + height, shows_biases);
        }
        let mut bottom = top + height + TEXT * 1.8;
        let mut x = 10.0;
        for (name, class) in self.sign_names.iter().zip(["c0", "c1"]) {
            let dash = if class == "c1" { r#" stroke-dasharray="7 4""# } else { "" };
            let attributes = format!(r#"class="{class}-line" stroke-width="3"{dash}"#);
            canvas.line((x, bottom + 11.0), (x + 26.0, bottom + 11.0), &attributes);
            canvas.text(x + 34.0, bottom + 16.0, Anchor::Start, "ink", name);
            x += 34.0 + text_width(name, TEXT) + 22.0;
        }
        if !self.sign_names.is_empty() {
            bottom += TEXT * 1.8;
        }
        canvas.finish_at(&self.title, width, bottom)
    }

    /// Of a unit: with room for its value where there is one.
    fn radius(&self) -> f64 {
        if self.values.is_empty() { 13.0 } else { 22.0 }
    }

    /// The units of each layer that are drawn, in order.
    fn shown_units(&self) -> Vec<Vec<usize>> {
        let strength = |layer: usize, unit: usize| -> f64 {
            let into = layer.checked_sub(1).map_or(0.0, |before| {
                self.layers[before].weights.iter().map(|row| row[unit].abs()).fold(0.0, f64::max)
            });
            let out = self.layers.get(layer).and_then(|after| after.weights.get(unit));
            into.max(out.map_or(0.0, |row| row.iter().map(|weight| weight.abs()).fold(0.0, f64::max)))
        };
        let strongest = |layer: usize, n_units: usize| {
            let mut units: Vec<usize> = (0..n_units).collect();
            units.sort_by(|&a, &b| strength(layer, b).total_cmp(&strength(layer, a)));
            units.truncate(MOST_UNITS);
            units.sort_unstable();
            units
        };
        let sizes = self.layers.iter().map(LayerDrawing::n_units);
        std::iter::once(self.input_names.len())
            .chain(sizes)
            .enumerate()
            .map(|(i, n)| strongest(i, n))
            .collect()
    }

    fn draw_edges(&self, canvas: &mut Canvas, layer: usize, from: &Column, to: &Column) {
        let weights = &self.layers[layer].weights;
        let mut edges = Vec::new();
        for &(source, from_y) in &from.places {
            for &(target, to_y) in &to.places {
                edges.push(((from.x, from_y), (to.x, to_y), weights[source][target]));
            }
        }
        edges.sort_by(|a: &(_, _, f64), b| b.2.abs().total_cmp(&a.2.abs()));
        let largest = edges.first().map_or(1.0, |edge: &(_, _, f64)| edge.2.abs()).max(f64::MIN_POSITIVE);
        let has_labels = edges.len() <= MOST_EDGE_LABELS;
        edges.truncate(MOST_EDGES);
        // The strongest come last, on top.
        for &(from, to, weight) in edges.iter().rev() {
            let share = (weight.abs() / largest).min(1.0);
            let (class, dash) = if weight < 0.0 { ("c1", r#" stroke-dasharray="7 4""#) } else { ("c0", "") };
            let broadest = if has_labels { 5.5 } else { 3.2 };
            let (width, opacity) = (0.8 + (broadest - 0.8) * share, 0.25 + 0.65 * share);
            let attributes = format!(
                r#"class="{class}-line" stroke-width="{width:.1}" stroke-opacity="{opacity:.2}"{dash}"#
            );
            canvas.line(from, to, &attributes);
        }
        if !has_labels {
            return;
        }
        // At the end where fewer lines meet, so that the labels of one unit stand above each other.
        let (n_sources, n_targets) = (from.places.len(), to.places.len());
        let share = if n_sources <= n_targets {
            1.0 - 1.0 / (n_sources as f64 + 1.0)
        } else {
            1.0 / (n_targets as f64 + 1.0)
        };
        for &(source, from_y) in &from.places {
            for &(target, to_y) in &to.places {
                let weight = weights[source][target];
                let at = (from.x + (to.x - from.x) * share, from_y + (to_y - from_y) * share);
                label(canvas, at, &signed(weight), if weight < 0.0 { "c1" } else { "c0" });
            }
        }
    }

    fn draw_units(
        &self,
        canvas: &mut Canvas,
        layer: usize,
        column: &Column,
        bottom: f64,
        shows_biases: bool,
    ) {
        let is_input = layer == 0;
        let is_output = layer == self.layers.len();
        let radius = self.radius();
        let biases = layer.checked_sub(1).map_or(&[][..], |before| &self.layers[before].biases);
        let name = if is_input { "" } else { self.layers[layer - 1].name.as_str() };
        canvas.text(column.x, 24.0, Anchor::Middle, "soft", name);
        for &(unit, y) in &column.places {
            let value = self.values.get(layer).and_then(|values| values.get(unit));
            let tip = biases.get(unit).map(|bias| format!("bias {}", signed(*bias))).unwrap_or_default();
            canvas.circle((column.x, y), radius, r#"class="paper""#, "");
            let attributes = r#"class="soft-line" stroke-width="1.6" pointer-events="all""#;
            canvas.circle((column.x, y), radius, attributes, &tip);
            if let Some(value) = value {
                canvas.text(column.x, y + TEXT * 0.34, Anchor::Middle, "ink", &format!("{value:.2}"));
            }
            if is_input {
                let name = fitted(&self.input_names[unit], MOST_NAME, TEXT);
                canvas.text(column.x - radius - 6.0, y + TEXT * 0.36, Anchor::End, "ink", &name);
            } else if is_output {
                let name = self.output_names.get(unit).map_or("", String::as_str);
                let name = fitted(name, MOST_NAME, TEXT);
                canvas.text(column.x + radius + 6.0, y + TEXT * 0.36, Anchor::Start, "ink", &name);
            }
            if let Some(bias) = biases.get(unit).filter(|_| column.n_units <= 4) {
                let text = format!("b {}", signed(*bias));
                if is_output {
                    canvas.text(column.x + radius + 6.0, y + TEXT * 1.45, Anchor::Start, "soft", &text);
                } else if shows_biases {
                    label(canvas, (column.x, y + radius + TEXT * 0.7), &text, "soft");
                }
            }
        }
        if column.places.len() < column.n_units {
            let note = format!("{} of {}", column.places.len(), column.n_units);
            let (x, anchor) = if is_input { (10.0, Anchor::Start) } else { (column.x, Anchor::Middle) };
            canvas.text(x, bottom + TEXT * 1.2, anchor, "soft", &note);
        }
    }
}

impl LayerDrawing {
    fn n_units(&self) -> usize {
        self.weights.first().map_or(0, Vec::len)
    }
}

/// So far apart must two layers be that the labels of their weights leave free what is `beside` the middle of a unit.
fn distance(n_sources: usize, n_targets: usize, beside: f64) -> f64 {
    if n_sources * n_targets > MOST_EDGE_LABELS {
        return 0.0;
    }
    (n_sources.min(n_targets) + 1) as f64 * (beside + HALF_LABEL)
}

/// Text on a patch of paper, so that lines do not cross it.
fn label(canvas: &mut Canvas, (x, y): (f64, f64), text: &str, class: &str) {
    let width = text_width(text, TEXT) + 4.0;
    let corner = (x - width / 2.0, y - TEXT * 0.55);
    canvas.rectangle(corner, (width, TEXT * 1.1), r#"class="paper" fill-opacity="0.85" rx="3""#, "");
    canvas.text(x, y + TEXT * 0.34, Anchor::Middle, class, text);
}

/// With a sign, so that colour is not the only cue.
fn signed(value: f64) -> String {
    format!("{value:+.2}").replace('-', "−")
}
