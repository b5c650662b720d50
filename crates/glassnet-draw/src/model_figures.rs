//! Figures of a model: its losses, its network, where it errs, where its decisions change.

use crate::bars::{Bar, bars};
use crate::digits::short;
use crate::heatmap::{Heatmap, confusion_matrix};
use crate::network::{LayerDrawing, NetworkDrawing};
use crate::plot::{Mark, Plot, Stroke};
use crate::scale::Scale;
use crate::svg::Figure;
use glassnet::attribution::Importance;
use glassnet::cell::parse_number;
use glassnet::error::Result;
use glassnet::layer::Layer;
use glassnet::metrics::{self, most_probable};
use glassnet::model::{Evaluated, Model, Prediction, Story, Truth};
use glassnet::objective::Objective;
use glassnet::schema::Kind;
use glassnet::table::Table;

/// Both losses over the epochs.
pub fn loss(story: &Story) -> Figure {
    let series = |loss: fn(&glassnet::trainer::EpochReport) -> Option<f64>| {
        story.history.iter().filter_map(|r| loss(r).map(|loss| (r.epoch as f64, loss))).collect::<Vec<_>>()
    };
    let training = series(|report| Some(report.training_loss));
    let validation = series(|report| report.validation_loss);
    let mut marks = vec![Mark::Line { name: "training".into(), points: training, stroke: Stroke::Solid }];
    if !validation.is_empty() {
        marks.push(Mark::Line { name: "validation".into(), points: validation, stroke: Stroke::Dashed });
        let points = series(|report| report.tempered_loss);
        if !points.is_empty() {
            marks.push(Mark::Line { name: "tempered".into(), points, stroke: Stroke::Thin });
        }
        let (x, label) = (story.best_epoch as f64, format!("best epoch {}", story.best_epoch));
        marks.push(Mark::Rule { x, label });
    }
    losses("Loss over the epochs", marks)
}

/// Lines of losses over epochs, on a logarithmic scale where they span more than a factor of ten.
pub(crate) fn losses(title: &str, marks: Vec<Mark>) -> Figure {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for mark in &marks {
        if let Mark::Line { points, .. } = mark {
            for &(_, loss) in points {
                (low, high) = (low.min(loss), high.max(loss));
            }
        }
    }
    let is_log = low > 0.0 && high > 10.0 * low;
    Plot {
        title: title.into(),
        x_label: "epoch".into(),
        y_label: if is_log { "loss (logarithmic)" } else { "loss" }.into(),
        y_scale: if is_log { Scale::Log } else { Scale::Linear },
        marks,
        ..Plot::default()
    }
    .draw()
}

/// Units and connections, with the names of columns and classes.
pub fn network(model: &Model) -> Figure {
    let dense = |(i, layer): (usize, &Layer)| match layer {
        Layer::Dense { activation, .. } => Some((i, activation.name())),
        _ => None,
    };
    // The activation of a dense layer may lie in a blend behind it.
    let named = |i: usize, name: &'static str| match model.network().layers().get(i + 1) {
        Some(Layer::Blend { activation, .. }) => activation.name(),
        _ => name,
    };
    let network = model.network();
    let mut layers: Vec<LayerDrawing> = network
        .layers()
        .iter()
        .enumerate()
        .filter_map(dense)
        .map(|(i, name)| LayerDrawing {
            name: named(i, name).into(),
            weights: network.weight(i).to_rows(),
            biases: network.bias(i).iter().map(|&bias| f64::from(bias)).collect(),
        })
        .collect();
    if let Some(last) = layers.last_mut() {
        last.name = output_map(model).into();
    }
    let classes = model.target.class_names();
    let output_names = match model.objective {
        Objective::SquaredError | Objective::Poisson => {
            model.target.columns().into_iter().map(str::to_owned).collect()
        }
        Objective::Quantile(levels) => levels.names(),
        Objective::BinaryCrossEntropy => vec![class_label(model, &classes[1])],
        Objective::CrossEntropy => classes.to_vec(),
    };
    let title = "The network and its strongest weights".into();
    let input_names = model.dense_input_names();
    let sign_names = vec!["positive weight".into(), "negative".into()];
    NetworkDrawing { title, input_names, output_names, layers, sign_names, values: Vec::new() }.draw()
}

/// A class as it is named in figures: with its column where the name alone, such as `1`, says nothing.
fn class_label(model: &Model, class: &str) -> String {
    let says_nothing =
        parse_number(class).is_some() || ["true", "false", "yes", "no"].contains(&&*class.to_lowercase());
    if says_nothing { format!("{}={class}", model.target.name()) } else { class.to_owned() }
}

/// What makes answers of the last layer's sums; it belongs to the objective.
pub(crate) fn output_map(model: &Model) -> &'static str {
    match model.objective {
        Objective::SquaredError | Objective::Quantile(_) => "identity",
        Objective::Poisson => "exp",
        Objective::BinaryCrossEntropy => "sigmoid",
        Objective::CrossEntropy => "softmax",
    }
}

/// Classes: the confusion matrix. Numbers: predicted against true values of one target, by its position.
pub fn errors(model: &Model, evaluated: &Evaluated, target: usize) -> Figure {
    match (&evaluated.prediction, &evaluated.truth) {
        (Prediction::Probabilities(probabilities), Truth::Classes(classes)) => {
            let rows = 0..probabilities.n_rows();
            let predicted: Vec<u32> = rows.map(|row| most_probable(probabilities.row(row)) as u32).collect();
            let names = model.target.class_names();
            let counts = metrics::confusion_matrix(classes, &predicted, names.len());
            confusion_matrix("True and predicted classes", &model.target.name(), names, &counts)
        }
        (prediction, Truth::Numbers(truth)) => {
            let predicted = model.numbers(prediction, target).unwrap_or_default();
            let truth: Vec<f64> = (0..truth.n_rows()).map(|row| truth.row(row)[target]).collect();
            let column = model.target.columns()[target];
            let low = truth.iter().copied().fold(f64::INFINITY, f64::min);
            let high = truth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let points: Vec<(f64, f64)> = truth.into_iter().zip(predicted).collect();
            let diagonal = vec![(low, low), (high, high)];
            let name = "predicted = true".into();
            let marks = vec![
                Mark::Points { name: "rows".into(), points },
                Mark::Line { name, points: diagonal, stroke: Stroke::Thin },
            ];
            Plot {
                title: "Predicted against true values".into(),
                x_label: format!("true {column}"),
                y_label: match model.quantile_levels() {
                    Some(levels) => format!("{} of {column}", levels.names()[levels.middle()]),
                    None => format!("predicted {column}"),
                },
                is_square: true,
                marks,
                ..Plot::default()
            }
            .draw()
        }
        _ => unreachable!("truth and prediction are of one kind"),
    }
}

/// How much the loss rises when a column's cells change places, with intervals.
pub fn importance(all: &[Importance]) -> Figure {
    let largest = all.iter().map(|one| one.rise + one.margin).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let bar = |one: &Importance| Bar {
        name: one.column.clone(),
        value: one.rise.max(0.0),
        label: short(one.rise).replace('-', "−"),
        interval: Some(((one.rise - one.margin).max(0.0), (one.rise + one.margin).max(0.0))),
    };
    bars("Which columns matter to the model", &all.iter().map(bar).collect::<Vec<_>>(), largest)
}

/// What each unit of the last hidden layer gives for the first rows of a table.
///
/// # Errors
/// When the table lacks a column, or a cell cannot be read.
pub fn activations(model: &Model, table: &Table) -> Result<Figure> {
    const ROWS: usize = 40;
    let rows: Vec<usize> = (0..table.n_rows().min(ROWS)).collect();
    let layers = model.activations(table, &rows)?;
    let values = layers.last().map(glassnet::matrix::Matrix::to_rows).unwrap_or_default();
    let n_units = values.first().map_or(0, Vec::len);
    Ok(Heatmap {
        title: "What the last hidden layer gives".into(),
        column_label: "unit".into(),
        row_label: "row".into(),
        row_names: rows.iter().map(|row| (row + 1).to_string()).collect(),
        column_names: (1..=n_units).map(|unit| unit.to_string()).collect(),
        values,
        labels: Vec::new(),
    }
    .draw())
}

/// Predictions of one target over two columns of numbers, every other column at its median or most frequent value in the table, and the
/// table's rows as points.
///
/// # Errors
/// When a column is missing or a cell cannot be read.
pub fn boundary(model: &Model, table: &Table, [x, y]: [usize; 2], target: usize) -> Result<Figure> {
    const CELLS: usize = 104;
    let numbers = |column: usize| {
        let cells = table.columns()[column].cells();
        cells.map(|cell| parse_number(cell).unwrap_or(f64::NAN)).collect::<Vec<f64>>()
    };
    let (xs, ys) = (numbers(x), numbers(y));
    let (x_range, y_range) = (padded_range(&xs), padded_range(&ys));
    let at = |(low, high): (f64, f64), i: usize| low + (high - low) * (i as f64 + 0.5) / CELLS as f64;
    let typical: Vec<String> =
        (0..table.columns().len()).map(|column| typical(model, table, column)).collect();
    let mut grid = Table::new(table.name(), table.column_names())?;
    for i in 0..CELLS * CELLS {
        let (grid_x, grid_y) = (at(x_range, i % CELLS).to_string(), at(y_range, i / CELLS).to_string());
        grid.push_row(typical.iter().enumerate().map(|(column, typical)| match column {
            column if column == x => grid_x.as_str(),
            column if column == y => grid_y.as_str(),
            _ => typical.as_str(),
        }));
    }
    let cells = field(model, &model.predict(&grid)?.prediction, target);
    let mut marks = vec![Mark::Field { x: x_range, y: y_range, n_columns: CELLS, cells }];
    let points =
        |rows: &mut dyn Iterator<Item = usize>| rows.map(|row| (xs[row], ys[row])).collect::<Vec<_>>();
    let prediction = model.predict(table)?.prediction;
    match &prediction {
        Prediction::Numbers(_) | Prediction::Quantiles(_) => {
            let name = model.target.columns()[target];
            let truth = table.columns().iter().find(|column| column.name() == name);
            let values: Vec<f64> = match truth {
                Some(column) => column.cells().map(|cell| parse_number(cell).unwrap_or(f64::NAN)).collect(),
                None => model.numbers(&prediction, target).unwrap_or_default(),
            };
            let constant = model.constant_number(target);
            for (side, is_above) in [("above", true), ("below", false)] {
                let is_there =
                    |row: &usize| values[*row].is_finite() && (values[*row] >= constant) == is_above;
                let name =
                    format!("{name} {side} {}, {}", typical_name(model), short(constant).replace('-', "−"));
                let points = points(&mut (0..table.n_rows()).filter(is_there));
                marks.push(Mark::Points { name, points });
            }
        }
        Prediction::Probabilities(probabilities) => {
            let truth = model.truth_of(table);
            let class_of = |row: usize| match &truth {
                Some(classes) => classes[row],
                None => Some(most_probable(probabilities.row(row))),
            };
            for (class, name) in in_colours(model.target.class_names()) {
                let mut rows = (0..table.n_rows()).filter(|&row| class_of(row) == Some(class));
                marks.push(Mark::Points { name: class_label(model, name), points: points(&mut rows) });
            }
        }
    }
    let name = |column: usize| table.columns()[column].name().to_owned();
    Ok(Plot {
        title: format!("Predictions over {} and {}", name(x), name(y)),
        x_label: name(x),
        y_label: name(y),
        marks,
        ..Plot::default()
    }
    .draw())
}

/// The classes in the order of the colours: of two, the second is the positive one, and blue.
fn in_colours(names: &[String]) -> Vec<(usize, &String)> {
    let mut classes: Vec<_> = names.iter().enumerate().collect();
    if names.len() == 2 {
        classes.reverse();
    }
    classes
}

/// What the baseline's number is.
fn typical_name(model: &Model) -> String {
    model
        .quantile_levels()
        .map_or("its mean".into(), |levels| format!("its {}", levels.names()[levels.middle()]))
}

/// A cell's colour is its most probable class, its strength how much more probable than by chance; of numbers, above the
/// mean or below, and how far.
fn field(model: &Model, prediction: &Prediction, target: usize) -> Vec<(usize, f64)> {
    match prediction {
        Prediction::Probabilities(probabilities) => {
            let chance = 1.0 / probabilities.n_columns() as f64;
            let cell = |row: usize| {
                let class = most_probable(probabilities.row(row));
                let share = f64::from(probabilities.row(row)[class]);
                let colour = if probabilities.n_columns() == 2 { 1 - class } else { class };
                (colour, ((share - chance) / (1.0 - chance)).clamp(0.0, 1.0))
            };
            (0..probabilities.n_rows()).map(cell).collect()
        }
        Prediction::Numbers(_) | Prediction::Quantiles(_) => {
            let constant = model.constant_number(target);
            let spread =
                model.target.number(target).map_or(1.0, |target| target.standardization.standard_deviation);
            let numbers = model.numbers(prediction, target).unwrap_or_default();
            let z = numbers.iter().map(|number| (number - constant) / spread);
            z.map(|z| (usize::from(z < 0.0), (z.abs() / 2.0).min(1.0))).collect()
        }
    }
}

/// The range of the finite numbers, and a twentieth more on either side.
fn padded_range(values: &[f64]) -> (f64, f64) {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let padding = if high > low { (high - low) * 0.05 } else { 0.5 };
    (low - padding, high + padding)
}

/// A column's median, or its most frequent value; missing where it has none.
fn typical(model: &Model, table: &Table, column: usize) -> String {
    let column = &table.columns()[column];
    let kind = model.schema.columns.iter().find(|known| known.name == column.name()).map(|known| known.kind);
    let present: Vec<&str> = column.cells().filter(|cell| !model.schema.missing.contains(cell)).collect();
    if kind == Some(Kind::Number) {
        let mut numbers: Vec<f64> = present.iter().filter_map(|cell| parse_number(cell)).collect();
        numbers.sort_by(f64::total_cmp);
        return numbers.get(numbers.len() / 2).map(f64::to_string).unwrap_or_default();
    }
    let mut counts = std::collections::BTreeMap::new();
    for cell in present {
        *counts.entry(cell.trim()).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|&(_, count)| count).map(|(cell, _)| cell.to_owned()).unwrap_or_default()
}
