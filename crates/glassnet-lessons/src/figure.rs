//! Facts as figures.

use crate::experiment::Rows;
use crate::facts::Facts;
use crate::number::{fixed, percent};
use crate::words::Language;
use glassnet::activation::sigmoid;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet_draw::Figure;
use glassnet_draw::bars::{Bar, bars};
use glassnet_draw::heatmap::Heatmap;
use glassnet_draw::network::{LayerDrawing, NetworkDrawing};
use glassnet_draw::plot::{Mark, Plot, Stroke};
use glassnet_draw::pulls::Pulls;
use glassnet_draw::scale::Scale;
use serde_json::Value;

/// What a figure is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// What the run knows.
    pub facts: &'a Facts,
    /// The trained network, where there is one; the surfaces need it.
    pub network: Option<&'a Network<f64>>,
    /// Of the words in the figure.
    pub language: Language,
}

/// Where the planes of two inputs begin and end: the corners of the unit square lie well inside.
const PLANE: (f64, f64) = (-0.25, 1.25);

/// A loss that falls by more than this factor is drawn on a logarithmic scale.
const LOGARITHMIC: f64 = 20.0;

/// The figure of a name that `lesson.json` may list.
///
/// # Panics
/// When there is no such figure, or what it needs is not known: a bug of the lesson.
pub fn figure(name: &str, title: &str, shown: Shown<'_>) -> Figure {
    match name {
        "network_before" => shown.network_drawing("initial_", title),
        "network_after" => shown.network_drawing("", title),
        "loss" => shown.loss(title),
        "weight_paths" => shown.weight_paths(title),
        "pulls" => shown.pulls("pulls", title),
        "pulls_at_start" => shown.pulls("pulls_at_start", title),
        "midpoint" => shown.midpoint(title),
        "plane" => shown.plane(title),
        "plane_in_between" => shown.plane_in_between(title),
        "hidden" => shown.hidden(title),
        "sigmoid" => shown.sigmoid(title),
        "slope" => shown.slope(title),
        "solved" => shown.solved(title),
        "surface_with_1" => shown.surface(1.0, title),
        "surface_with_0" => shown.surface(0.0, title),
        _ => panic!("no figure `{name}`"),
    }
}

fn line(name: String, points: Vec<(f64, f64)>, stroke: Stroke) -> Mark {
    Mark::Line { name, points, stroke }
}

impl Shown<'_> {
    fn word(self, key: &str) -> String {
        self.language.word(key).to_owned()
    }

    fn word_with(self, key: &str, value: &impl ToString) -> String {
        self.language.word_with(key, &[&value.to_string()])
    }

    fn numbered(self, key: &str, count: usize) -> Vec<String> {
        (1..=count).map(|i| self.word_with(key, &i)).collect()
    }

    fn rows(self, path: &str) -> Rows {
        self.facts.read(path)
    }

    fn list(self, path: &str) -> Vec<f64> {
        self.facts.read(path)
    }

    /// Each row as `0 1 1`.
    fn input_texts(self) -> Vec<String> {
        let text = |row: &Vec<f64>| row.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
        self.rows("inputs").iter().map(text).collect()
    }

    fn network_drawing(self, prefix: &str, title: &str) -> Figure {
        let single = format!("{prefix}weights");
        let paths = match self.facts.get(&single) {
            Some(_) => vec![single],
            None => vec![format!("{prefix}weights_0_1"), format!("{prefix}weights_1_2")],
        };
        let layer = |path: &String| LayerDrawing {
            name: self.word("sigmoid"),
            weights: self.rows(path),
            biases: Vec::new(),
        };
        let layers: Vec<LayerDrawing> = paths.iter().map(layer).collect();
        NetworkDrawing {
            title: title.into(),
            input_names: self.numbered("input_n", layers[0].weights.len()),
            output_names: vec![self.word("output")],
            layers,
            sign_names: Vec::new(),
            values: Vec::new(),
        }
        .draw()
    }

    fn loss(self, title: &str) -> Figure {
        let initial = self.facts.number("initial_loss").unwrap_or(f64::NAN);
        let losses: Vec<f64> = [initial].into_iter().chain(self.list("loss_history")).collect();
        let is_logarithmic = losses.last().is_some_and(|last| initial > LOGARITHMIC * last);
        let points = losses.into_iter().enumerate().map(|(epoch, loss)| (epoch as f64, loss)).collect();
        Plot {
            title: title.into(),
            x_label: self.word("epoch"),
            y_label: self.word(if is_logarithmic { "loss_logarithmic" } else { "loss" }),
            y_scale: if is_logarithmic { Scale::Log } else { Scale::Linear },
            marks: vec![line(String::new(), points, Stroke::Solid)],
            ..Plot::default()
        }
        .draw()
    }

    fn weight_paths(self, title: &str) -> Figure {
        let n_epochs: usize = self.facts.read("shown_epochs");
        let paths = self.rows("weight_paths");
        let names = self.numbered("weight_n", paths[0].len());
        let strokes = [Stroke::Solid, Stroke::Dashed];
        let path = |(weight, name): (usize, String)| {
            let points = paths.iter().take(n_epochs + 1).map(|weights| weights[weight]);
            let points = points.enumerate().map(|(epoch, value)| (epoch as f64, value)).collect();
            line(name, points, strokes[weight % strokes.len()])
        };
        Plot {
            title: title.into(),
            x_label: self.word("epoch"),
            y_label: self.word("weight"),
            marks: names.into_iter().enumerate().map(path).collect(),
            ..Plot::default()
        }
        .draw()
    }

    fn pulls(self, path: &str, title: &str) -> Figure {
        let values = self.rows(path);
        let targets = self.rows("targets");
        let row_names = self.input_texts().into_iter().zip(targets);
        Pulls {
            title: title.into(),
            weight_names: self.numbered("weight_n", values[0].len()),
            row_names: row_names.map(|(inputs, target)| format!("{inputs} → {}", target[0])).collect(),
            sum_name: self.word("sum"),
            values,
        }
        .draw()
    }

    /// The rows at the first two of some columns, those with target 1 (blue, as wherever a sign has a colour) and those with target 0.
    fn points(self, rows: &[Vec<f64>]) -> Vec<Mark> {
        let targets = self.rows("targets");
        let of = |target: f64| {
            let rows = rows.iter().zip(&targets).filter(|(_, of)| of[0] == target);
            let points = rows.map(|(row, _)| (row[0], row[1])).collect();
            Mark::Points { name: self.word_with("target_n", &target), points }
        };
        vec![of(1.0), of(0.0)]
    }

    fn input_labels(self) -> [String; 2] {
        [1, 2].map(|i| self.word_with("input_n", &i))
    }

    fn plane(self, title: &str) -> Figure {
        plane(title, self.input_labels(), ground(1, Vec::new()), self.points(&self.rows("inputs")))
    }

    /// The plane of the inputs, with the lines from row 1 to row 4 and from row 2 to row 3.
    fn midpoint(self, title: &str) -> Figure {
        let rows = self.rows("inputs");
        let place = |row: usize| (rows[row][0], rows[row][1]);
        let mut marks = self.points(&rows);
        let between = |a: usize, b: usize| line(String::new(), vec![place(a), place(b)], Stroke::Thin);
        marks.extend([between(0, 3), between(1, 2)]);
        let middle = |axis: usize| f64::midpoint(rows[0][axis], rows[3][axis]);
        marks.push(Mark::Points { name: self.word("midpoint"), points: vec![(middle(0), middle(1))] });
        plane(title, self.input_labels(), ground(1, Vec::new()), marks)
    }

    /// The plane of the first two columns in between, with the line on which the last neuron's sum is 0.
    fn plane_in_between(self, title: &str) -> Figure {
        let rows = self.rows("in_between");
        let mut marks = self.points(&rows);
        let weights = self.rows("weights").concat();
        let boundary = boundary(weights[0], weights[1], weights[2] * rows[0][2]);
        marks.push(line(self.word("boundary"), boundary, Stroke::Thin));
        let labels = ["at_least_one", "both"].map(|key| self.word(key));
        plane(title, labels, ground(1, Vec::new()), marks)
    }

    fn hidden(self, title: &str) -> Figure {
        let values = self.rows("hidden");
        let label = |row: &Vec<f64>| row.iter().map(|&value| fixed(value, 2)).collect();
        Heatmap {
            title: title.into(),
            column_label: self.word("hidden_neuron"),
            row_label: self.word("row"),
            row_names: self.input_texts(),
            column_names: (1..=values[0].len()).map(|i| i.to_string()).collect(),
            labels: values.iter().map(label).collect(),
            values,
        }
        .draw()
    }

    fn sigmoid(self, title: &str) -> Figure {
        let points = self.list("x").into_iter().zip(self.list("y")).collect();
        self.sigmoid_plot(title, vec![line(String::new(), points, Stroke::Solid)])
    }

    fn slope(self, title: &str) -> Figure {
        let curve = (-60..=60).map(|i| f64::from(i) / 10.0).map(|z| (z, sigmoid(z))).collect();
        let tangents: Vec<Value> = self.facts.read("tangents");
        let tangent = |i: usize| {
            let number = |key: &str| self.facts.number(&format!("tangents.{i}.{key}")).unwrap_or(f64::NAN);
            let name = self.language.word_with(
                "slope_n",
                &[&fixed(number("slope"), 4), &number("at").to_string().replace('-', "−")],
            );
            let [x, y] = ["x", "y"].map(|key| self.list(&format!("tangents.{i}.{key}")));
            line(name, x.into_iter().zip(y).collect(), Stroke::Broad)
        };
        let mut marks = vec![line(self.word("sigmoid"), curve, Stroke::Solid)];
        marks.extend((0..tangents.len()).map(tangent));
        self.sigmoid_plot(title, marks)
    }

    fn sigmoid_plot(self, title: &str, marks: Vec<Mark>) -> Figure {
        let (x_label, y_label) = (self.word("sigmoid_in"), self.word("sigmoid_out"));
        Plot { title: title.into(), x_label, y_label, marks, ..Plot::default() }.draw()
    }

    fn solved(self, title: &str) -> Figure {
        let sizes: Vec<usize> = self.facts.read("hidden_neurons");
        let bar = |size: &usize| {
            let value: f64 = self.facts.read(&format!("solved.{size}"));
            let interval = self.facts.read(&format!("intervals.{size}"));
            let name = self.word_with("hidden_neurons_n", size);
            Bar { name, value, label: percent(value), interval: Some(interval) }
        };
        bars(title, &sizes.iter().map(bar).collect::<Vec<_>>(), 1.0)
    }

    /// What the network answers over the plane of the first two inputs, the third being fixed.
    fn surface(self, third: f64, title: &str) -> Figure {
        const CELLS: usize = 60;
        let network = self.network.expect("a trained network");
        let place = |i: usize| PLANE.0 + (PLANE.1 - PLANE.0) * (i as f64 + 0.5) / CELLS as f64;
        let rows = (0..CELLS * CELLS).map(|i| vec![place(i % CELLS), place(i / CELLS), third]);
        let outputs = network.outputs(Matrix::from_rows(&rows.collect::<Vec<_>>()).view());
        let cell = |&output: &f64| (usize::from(output <= 0.5), (2.0 * output - 1.0).abs());
        let ground = ground(CELLS, outputs.values().iter().map(cell).collect());
        let rows = self.rows("inputs");
        let marks = if rows.iter().any(|row| row[2] == third) {
            self.points(&rows)
        } else {
            let near = |answer: u8| Mark::Points {
                name: self.word_with("answer_near", &answer),
                points: Vec::new(),
            };
            let asked = self.rows("ask").iter().map(|row| (row[0], row[1])).collect();
            vec![near(1), near(0), Mark::Points { name: self.word("asked"), points: asked }]
        };
        plane(title, self.input_labels(), ground, marks)
    }
}

/// The plane of two inputs, or of two columns in between.
fn plane(title: &str, [x_label, y_label]: [String; 2], ground: Mark, marks: Vec<Mark>) -> Figure {
    let marks = [ground].into_iter().chain(marks).collect();
    Plot { title: title.into(), x_label, y_label, is_square: true, marks, ..Plot::default() }.draw()
}

/// Coloured cells of the plane, row after row from the lowest y; none leaves it empty.
fn ground(n_columns: usize, cells: Vec<(usize, f64)>) -> Mark {
    Mark::Field { x: PLANE, y: PLANE, n_columns, cells }
}

/// The part of the line a·x + b·y + c = 0 within the plane, as its two ends; none where it misses the plane.
fn boundary(a: f64, b: f64, c: f64) -> Vec<(f64, f64)> {
    let edges = [PLANE.0, PLANE.1];
    let ends = edges.map(|x| (x, -(a * x + c) / b)).into_iter().chain(edges.map(|y| (-(b * y + c) / a, y)));
    let is_inside = |value: f64| (PLANE.0..=PLANE.1).contains(&value);
    ends.filter(|&(x, y)| is_inside(x) && is_inside(y)).take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_end_at_the_edges_of_the_plane() {
        assert_eq!(boundary(1.0, -1.0, 0.0), [(-0.25, -0.25), (1.25, 1.25)]);
        assert_eq!(boundary(1.0, 1.0, -1.0), [(-0.25, 1.25), (1.25, -0.25)]);
        assert_eq!(boundary(2.0, 0.0, -1.0), [(0.5, -0.25), (0.5, 1.25)]);
        assert_eq!(boundary(1.0, 1.0, -9.0), []);
    }
}
