//! A trace as tables, for the terminal and as a page: each formula in symbols and then in numbers.

use crate::explained_rows;
use crate::parts::{Part, largest, left_out};
use crate::terminal::aligned;
use glassnet::attribution::Attribution;
use glassnet::explain::Explanation;
use glassnet::layer::Layer;
use glassnet::model::Model;
use glassnet::trace::{GradientCheck, LayerTrace};
use glassnet_draw::bars::{Bar, bars};
use glassnet_draw::digits::short;
use glassnet_draw::page::{Block, Page};

/// Units and terms of a layer that are shown without `--all`.
const MOST: usize = 8;

/// In order; of large layers the largest units and terms, or all.
pub(crate) fn parts(explained: &Explanation<'_>, all: bool) -> Vec<Part> {
    let most = if all { usize::MAX } else { MOST };
    let mut parts = inputs(explained, most);
    let names = explained.model.encoder.input_names();
    for (i, layer) in explained.trace.layers.iter().enumerate() {
        parts.push(Part::Heading(format!("layer {}", i + 1), layer.layer.to_string()));
        if let Layer::Dropout { .. } | Layer::Noise { .. } = layer.layer {
            parts.push(Part::Line("only in training: here a = x".into()));
            continue;
        }
        let names: &[String] = if i == 0 { &names } else { &[] };
        if explained.rows.len() > 1 {
            explained_rows::layer(layer, &heads(explained, most), names, most, &mut parts);
            continue;
        }
        waves(layer, most, &mut parts);
        units(layer, names, most, &mut parts);
    }
    outcome(explained, most, &mut parts);
    step(explained, &mut parts);
    explained.attributions.iter().for_each(|attribution| shares(attribution, &mut parts));
    if let Some(check) = explained.check {
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

fn title(explained: &Explanation<'_>) -> String {
    format!("{} of {}", row_numbers(&explained.rows), explained.table.name())
}

/// What stands above the columns of the rows, as many as are shown.
fn heads(explained: &Explanation<'_>, most: usize) -> Vec<String> {
    explained.rows.iter().take(most).map(|row| format!("row {}", row + 1)).collect()
}

/// For the terminal.
pub(crate) fn text(explained: &Explanation<'_>, all: bool) -> String {
    let part = |part: Part| match part {
        Part::Heading(head, what) => format!("\n{head}  {what}\n"),
        Part::Line(line) => format!("  {line}\n"),
        Part::Table(rows) => aligned(&rows),
    };
    format!("{}\n\n", title(explained)) + &parts(explained, all).into_iter().map(part).collect::<String>()
}

/// As a page.
pub(crate) fn html(explained: &Explanation<'_>, all: bool) -> String {
    let mut blocks = Vec::new();
    for part in parts(explained, all) {
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
    for attribution in &explained.attributions {
        let caption =
            "The length of a bar is the size of a column's share; its sign stands at the end.".into();
        blocks.push(Block::Figure { figure: share_bars(attribution), caption });
    }
    let subtitle = format!("explained by glassnet {}", env!("CARGO_PKG_VERSION"));
    Page { title: title(explained), subtitle, language: "en".into(), blocks }.html()
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

/// "row 3", or "rows 3 to 6".
pub(crate) fn row_numbers(rows: &[usize]) -> String {
    match rows {
        [row] => format!("row {}", row + 1),
        [first, .., last] => format!("rows {} to {}", first + 1, last + 1),
        [] => "no row".into(),
    }
}

/// As read and as encoded; of several rows as encoded.
fn inputs(explained: &Explanation<'_>, most: usize) -> Vec<Part> {
    let encoder = &explained.model.encoder;
    let columns = encoder.input_columns();
    let names = encoder.input_names().into_iter().enumerate();
    let heads = heads(explained, most);
    if heads.len() > 1 {
        let line = |(i, name)| {
            let values = (0..heads.len()).map(|row| short(explained.inputs.row(row)[i]));
            std::iter::once(name).chain(values).collect()
        };
        let head = std::iter::once("input, as encoded".to_owned()).chain(heads.iter().cloned()).collect();
        let mut parts = vec![Part::Table(std::iter::once(head).chain(names.map(line)).collect())];
        left_out(explained.rows.len() - heads.len(), "rows", &mut parts);
        return parts;
    }
    let mut rows = vec![vec!["input".to_owned(), "as read".into(), "as encoded".into()]];
    for (i, name) in names {
        let cell = explained.cell(0, &encoder.columns()[columns[i]].name);
        let cell = if cell.trim().is_empty() { "(empty)" } else { cell };
        rows.push(vec![name, cell.to_owned(), short(explained.inputs.row(0)[i])]);
    }
    vec![Part::Table(rows)]
}

/// The waves of a periodic embedding: of the number whose waves weigh most, or of all, each wave and the sums that they make.
fn waves(layer: &LayerTrace, most: usize, parts: &mut Vec<Part>) {
    let (Layer::Periodic { n_numbers, n_frequencies, n_outputs, .. }, Some(waves)) =
        (layer.layer, &layer.waves)
    else {
        return;
    };
    let [frequencies, phases, weights, biases] = &layer.blocks[..] else { return };
    let (x, a) = (layer.x.row(0), layer.a.row(0));
    let embedded = |number: usize| &a[number * (n_outputs + 1)..][..n_outputs];
    let size = |number: usize| embedded(number).iter().map(|value| value.abs()).sum::<f64>();
    let strongest = (0..n_numbers).max_by(|&i, &k| size(i).total_cmp(&size(k))).unwrap_or(0);
    let shown = if most == usize::MAX { 0..n_numbers } else { strongest..strongest + 1 };
    for number in shown {
        parts.push(Part::Line(format!(
            "number {}, x = {}: wave h = cos(2π·x·w + b), then a = h·W + c, and x behind it",
            number + 1,
            short(x[number])
        )));
        let mut head: Vec<String> = ["wave", "w", "b", "h"].map(str::to_owned).to_vec();
        head.extend((1..=n_outputs).map(|k| format!("h·W to {k}")));
        let mut rows = vec![head];
        for i in 0..n_frequencies {
            let place = number * n_frequencies + i;
            let h = waves.row(0)[place];
            let mut row = vec![
                (i + 1).to_string(),
                short(frequencies.values[place]),
                short(phases.values[place]),
                short(h),
            ];
            row.extend((0..n_outputs).map(|k| short(h * weights.values[place * n_outputs + k])));
            rows.push(row);
        }
        let sums = |name: &str, values: &[f64]| {
            let cells = values.iter().map(|&value| short(value));
            [name, "", "", ""].map(str::to_owned).into_iter().chain(cells).collect::<Vec<_>>()
        };
        rows.push(sums("c", &biases.values[number * n_outputs..(number + 1) * n_outputs]));
        rows.push(sums("a", embedded(number)));
        parts.push(Part::Table(rows));
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

fn outcome(explained: &Explanation<'_>, most: usize, parts: &mut Vec<Part>) {
    let (model, trace) = (explained.model, &explained.trace);
    let last = &trace.layers[trace.layers.len() - 1];
    let predictions = model.mapped(&last.a);
    let classes = model.target.class_names();
    let temperature = match model.temperature {
        1.0 => String::new(),
        t => format!(", of z / {} (the model's temperature; the loss is that of z)", short(t)),
    };
    parts.push(Part::Heading("prediction".into(), format!("p of {}{temperature}", model.objective.name())));
    let name = |k: usize| match (classes.len(), predictions.n_columns()) {
        (0, _) => format!("{}, as trained", output_name(model, k)),
        (_, 1) => classes[1].clone(),
        _ => classes[k].clone(),
    };
    let is_single = explained.rows.len() == 1;
    let heads = if is_single { vec!["p".to_owned()] } else { heads(explained, most) };
    let mut rows: Vec<Vec<String>> = vec![[vec![String::new()], heads.clone()].concat()];
    for k in 0..predictions.n_columns() {
        let values = (0..heads.len()).map(|row| short(predictions.row(row)[k]));
        let mut row: Vec<String> = std::iter::once(name(k)).chain(values).collect();
        if let (true, Some(target)) = (is_single, model.target.number(k)) {
            row.push(format!("= {} in its own unit", short(target.predicted(predictions.row(0)[k]))));
        }
        rows.push(row);
    }
    parts.push(Part::Table(rows));
    parts.push(Part::Line(match trace.loss {
        Some(loss) if is_single => format!("loss {}", short(loss)),
        Some(loss) => format!("mean loss {}", short(loss)),
        None => {
            format!("no loss: {} lacks a value of `{}`", row_numbers(&explained.rows), model.target.name())
        }
    }));
}

/// What an output that is a number is about.
fn output_name(model: &Model, output: usize) -> String {
    match model.quantile_levels() {
        Some(levels) => format!("{} of {}", levels.names()[output], model.target.name()),
        None => model.target.columns()[output].to_owned(),
    }
}

fn step(explained: &Explanation<'_>, parts: &mut Vec<Part>) {
    if explained.trace.loss.is_none() {
        return;
    }
    let config = &explained.config;
    let decay = match config.weight_decay.unwrap_or(config.optimizer.default_weight_decay()) {
        decay if decay > 0.0 => {
            format!(", which also takes {} of every weight", config.learning_rate * decay)
        }
        _ => String::new(),
    };
    let what = format!(
        "the first of {} from rest at rate {}, by {} alone{decay}",
        config.optimizer.name(),
        config.learning_rate,
        row_numbers(&explained.rows)
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
