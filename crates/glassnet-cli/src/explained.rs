//! A trace as tables, for the terminal and as a page: each formula in symbols and then in numbers.

use crate::terminal::aligned;
use glassnet::attribution::Attribution;
use glassnet::layer::Layer;
use glassnet::model::Model;
use glassnet::table::Table;
use glassnet::trace::{GradientCheck, LayerTrace, Trace};
use glassnet::train_config::TrainConfig;
use glassnet_draw::bars::{Bar, bars};
use glassnet_draw::digits::short;
use glassnet_draw::page::{Block, Page};

/// Units and terms of a layer that are shown without `--all`.
const MOST: usize = 8;

/// What is to be told of one row.
pub(crate) struct Explained<'a> {
    pub(crate) model: &'a Model,
    pub(crate) table: &'a Table,
    /// From 0.
    pub(crate) row: usize,
    pub(crate) inputs: &'a [f64],
    pub(crate) trace: &'a Trace,
    /// One a target.
    pub(crate) attributions: &'a [Attribution],
    pub(crate) config: &'a TrainConfig,
    pub(crate) check: Option<GradientCheck>,
}

/// A part of what is told.
pub(crate) enum Part {
    /// What comes next, and a sentence about it.
    Heading(String, String),
    /// A line.
    Line(String),
    /// Rows of cells, the first of them heads.
    Table(Vec<Vec<String>>),
}

impl Explained<'_> {
    /// In order; of large layers the largest units and terms, or all.
    pub(crate) fn parts(&self, all: bool) -> Vec<Part> {
        let most = if all { usize::MAX } else { MOST };
        let mut parts = vec![inputs(self)];
        let names = self.model.encoder.input_names();
        for (i, layer) in self.trace.layers.iter().enumerate() {
            parts.push(Part::Heading(format!("layer {}", i + 1), layer.layer.to_string()));
            if let Layer::Dropout { .. } | Layer::Noise { .. } = layer.layer {
                parts.push(Part::Line("only in training: here a = x".into()));
                continue;
            }
            units(layer, if i == 0 { &names } else { &[] }, most, &mut parts);
        }
        outcome(self, &mut parts);
        step(self, &mut parts);
        self.attributions.iter().for_each(|attribution| shares(attribution, &mut parts));
        if let Some(check) = self.check {
            let GradientCheck { n_params, largest_difference, largest_gradient, largest_relative_difference } =
                check;
            let what = format!(
                "{n_params} parameters moved by ±0.00001: the largest difference from the gradient is {largest_difference:.1e}, \
                 relative to it {largest_relative_difference:.1e}; the largest gradient is {largest_gradient:.1e}"
            );
            parts.push(Part::Heading("gradient check".into(), what));
        }
        parts
    }

    fn title(&self) -> String {
        format!("row {} of {}", self.row + 1, self.table.name())
    }

    /// For the terminal.
    pub(crate) fn text(&self, all: bool) -> String {
        let part = |part: Part| match part {
            Part::Heading(head, what) => format!("\n{head}  {what}\n"),
            Part::Line(line) => format!("  {line}\n"),
            Part::Table(rows) => aligned(&rows),
        };
        format!("{}\n\n", self.title()) + &self.parts(all).into_iter().map(part).collect::<String>()
    }

    /// As a page.
    pub(crate) fn html(&self, all: bool) -> String {
        let mut blocks = Vec::new();
        for part in self.parts(all) {
            match part {
                Part::Heading(head, what) => {
                    blocks.push(Block::Heading(head));
                    blocks.push(Block::Paragraph(what));
                }
                Part::Line(line) => blocks.push(Block::Paragraph(line)),
                Part::Table(mut rows) => {
                    let headers = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
                    blocks.push(Block::Table { caption: String::new(), headers, rows });
                }
            }
        }
        for attribution in self.attributions {
            let caption =
                "The length of a bar is the size of a column's share; its sign stands at the end.".into();
            blocks.push(Block::Figure { figure: share_bars(attribution), caption });
        }
        let subtitle = format!("explained by glassnet {}", env!("CARGO_PKG_VERSION"));
        Page { title: self.title(), subtitle, language: "en".into(), blocks }.html()
    }
}

fn share_bars(attribution: &Attribution) -> glassnet_draw::Figure {
    let mut columns: Vec<&(String, f64)> = attribution.columns.iter().collect();
    columns.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
    let largest = columns.first().map_or(1.0, |column| column.1.abs()).max(f64::MIN_POSITIVE);
    let bar = |(name, share): &&(String, f64)| Bar {
        name: name.clone(),
        value: share.abs(),
        label: short(*share),
        interval: None,
    };
    bars("Which column mattered", &columns.iter().map(bar).collect::<Vec<_>>(), largest)
}

/// As read and as encoded.
fn inputs(explained: &Explained<'_>) -> Part {
    let encoder = &explained.model.encoder;
    let columns = encoder.input_columns();
    let mut rows = vec![vec!["input".to_owned(), "as read".into(), "as encoded".into()]];
    for (i, name) in encoder.input_names().into_iter().enumerate() {
        let cell = explained.cell(&encoder.columns()[columns[i]].name);
        let cell = if cell.trim().is_empty() { "(empty)" } else { cell };
        rows.push(vec![name, cell.to_owned(), short(explained.inputs[i])]);
    }
    Part::Table(rows)
}

impl Explained<'_> {
    /// What stands in the row's cell of that column.
    pub(crate) fn cell(&self, column: &str) -> &str {
        self.table.columns().iter().find(|own| own.name() == column).map_or("", |own| own.cell(self.row))
    }
}

/// The places of the largest by size, in their own order, and how many were left out.
fn largest(values: &[f64], most: usize) -> (Vec<usize>, usize) {
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|&i, &k| values[k].abs().total_cmp(&values[i].abs()));
    places.truncate(most);
    places.sort_unstable();
    let n_left = values.len() - places.len();
    (places, n_left)
}

fn left_out(n: usize, what: &str, parts: &mut Vec<Part>) {
    if n > 0 {
        parts.push(Part::Line(format!("… and {n} more {what}; --all shows them")));
    }
}

fn units(layer: &LayerTrace, names: &[String], most: usize, parts: &mut Vec<Part>) {
    let a = layer.a.row(0);
    let error = layer.error.as_ref().map(|error| error.row(0));
    let (Some(z), Some(slope)) = (&layer.z, &layer.slope) else {
        // Of layers without activation: what goes out, and its gradient.
        let (places, n_left) = largest(error.unwrap_or(a), most);
        let heads = ["number", "a", "error = ∂l/∂a"];
        let mut rows =
            vec![heads[..2 + usize::from(error.is_some())].iter().map(|&head| head.to_owned()).collect()];
        for k in places {
            let mut row: Vec<String> = vec![(k + 1).to_string(), short(a[k])];
            row.extend(error.map(|error| short(error[k])));
            rows.push(row);
        }
        parts.push(Part::Table(rows));
        left_out(n_left, "numbers", parts);
        return;
    };
    let (z, slope) = (z.row(0), slope.row(0));
    let delta = layer.delta.as_ref().map(|delta| delta.row(0));
    let (places, n_left) = largest(delta.unwrap_or(a), most);
    let mut head: Vec<String> = ["unit", "z", "a = f(z)", "slope f′(z)"].map(str::to_owned).to_vec();
    if error.is_some() {
        head.extend(["error = ∂l/∂a", "δ = error·slope"].map(str::to_owned));
    }
    let mut rows = vec![head];
    for &k in &places {
        let mut row = vec![(k + 1).to_string(), short(z[k]), short(a[k]), short(slope[k])];
        if let (Some(error), Some(delta)) = (error, delta) {
            row.extend([short(error[k]), short(delta[k])]);
        }
        rows.push(row);
    }
    parts.push(Part::Table(rows));
    left_out(n_left, "units", parts);
    if let Layer::Dense { n_outputs, .. } = layer.layer {
        let size = |unit: usize| delta.unwrap_or(a)[unit].abs();
        let mut shown = places;
        if most != usize::MAX {
            shown.sort_by(|&i, &k| size(k).total_cmp(&size(i)));
            shown.truncate(1);
        }
        for unit in shown {
            weights(layer, unit, n_outputs, names, most, parts);
        }
    }
}

/// One unit's sum, and what becomes of its weights.
fn weights(
    layer: &LayerTrace,
    unit: usize,
    n_outputs: usize,
    names: &[String],
    most: usize,
    parts: &mut Vec<Part>,
) {
    let x = layer.x.row(0);
    let weight = &layer.blocks[0];
    let place = |input: usize| input * n_outputs + unit;
    let terms: Vec<f64> = (0..x.len()).map(|input| x[input] * weight.values[place(input)]).collect();
    let (places, n_left) = largest(&terms, most);
    let mut head: Vec<String> = ["input", "x", "w", "x·w"].map(str::to_owned).to_vec();
    let is_backward = weight.gradient.is_some();
    if is_backward {
        head.extend(["gradient = x·δ", "step", "w after"].map(str::to_owned));
    }
    let steps = |block: &glassnet::trace::BlockTrace, at: usize| -> Vec<String> {
        let all = [&block.gradient, &block.update, &block.after];
        all.into_iter().flatten().map(|values| short(values[at])).collect()
    };
    let mut rows = vec![head];
    for &input in &places {
        let name = names.get(input).map_or_else(|| (input + 1).to_string(), Clone::clone);
        let mut row = vec![name, short(x[input]), short(weight.values[place(input)]), short(terms[input])];
        row.extend(steps(weight, place(input)));
        rows.push(row);
    }
    if n_left > 0 {
        let shown: f64 = places.iter().map(|&input| terms[input]).sum();
        rows.push(vec![
            format!("{n_left} more"),
            String::new(),
            String::new(),
            short(terms.iter().sum::<f64>() - shown),
        ]);
    }
    if let Some(bias) = layer.blocks.get(1) {
        let mut row = vec!["bias".to_owned(), String::new(), String::new(), short(bias.values[unit])];
        row.extend(steps(bias, unit));
        rows.push(row);
    }
    let z = layer.z.as_ref().map_or(0.0, |z| z.row(0)[unit]);
    parts.push(Part::Line(format!("z of unit {} = Σ x·w + b = {}:", unit + 1, short(z))));
    parts.push(Part::Table(rows));
}

fn outcome(explained: &Explained<'_>, parts: &mut Vec<Part>) {
    let (model, trace) = (explained.model, explained.trace);
    let last = &trace.layers[trace.layers.len() - 1];
    let predictions = model.mapped(&last.a);
    let predictions = predictions.row(0);
    let classes = model.target.class_names();
    let temperature = match model.temperature {
        1.0 => String::new(),
        t => format!(", of z / {} (the model's temperature; the loss is that of z)", short(t)),
    };
    parts.push(Part::Heading("prediction".into(), format!("p of {}{temperature}", model.objective.name())));
    let mut rows = vec![vec![String::new(), "p".into()]];
    for (k, &p) in predictions.iter().enumerate() {
        let name = match (classes.len(), predictions.len()) {
            (0, _) => format!("{}, as trained", output_name(model, k)),
            (_, 1) => classes[1].clone(),
            _ => classes[k].clone(),
        };
        let mut row = vec![name, short(p)];
        if let Some(target) = model.target.number(k) {
            row.push(format!("= {} in its own unit", short(target.predicted(p))));
        }
        rows.push(row);
    }
    parts.push(Part::Table(rows));
    parts.push(Part::Line(match trace.loss {
        Some(loss) => format!("loss {}", short(loss)),
        None => format!("no loss: the row has no value of `{}`", model.target.name()),
    }));
}

/// What an output that is a number is about.
fn output_name(model: &Model, output: usize) -> String {
    match model.quantile_levels() {
        Some(levels) => format!("{} of {}", levels.names()[output], model.target.name()),
        None => model.target.columns()[output].to_owned(),
    }
}

fn step(explained: &Explained<'_>, parts: &mut Vec<Part>) {
    if explained.trace.loss.is_none() {
        return;
    }
    let config = explained.config;
    let decay = match config.weight_decay.unwrap_or(config.optimizer.default_weight_decay()) {
        decay if decay > 0.0 => {
            format!(", which also takes {} of every weight", config.learning_rate * decay)
        }
        _ => String::new(),
    };
    let what = format!(
        "the first of {} from rest at rate {}, by this row alone{decay}",
        config.optimizer.name(),
        config.learning_rate
    );
    parts.push(Part::Heading("step".into(), what));
}

fn shares(attribution: &Attribution, parts: &mut Vec<Part>) {
    let Attribution { quantity, at_reference, at_row, columns } = attribution;
    let mut columns: Vec<&(String, f64)> = columns.iter().collect();
    columns.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
    let mut rows =
        vec![vec![String::new(), "share".to_owned()], vec!["at the reference".into(), short(*at_reference)]];
    rows.extend(columns.iter().map(|(name, share)| vec![name.clone(), short(*share)]));
    rows.push(vec!["not accounted for".to_owned(), short(attribution.missing())]);
    rows.push(vec!["at this row".to_owned(), short(*at_row)]);
    let what = format!(
        "{quantity}, by integrated gradients from the reference, where every number is at the middle of the training rows and no \
         category has a level"
    );
    parts.push(Part::Heading("which column mattered".into(), what));
    parts.push(Part::Table(rows));
}
