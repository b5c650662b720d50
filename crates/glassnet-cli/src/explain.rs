//! `glassnet explain`: every number of one row's step, or which columns matter to a model.

use crate::args::ExplainArgs;
use crate::explained::{Explained, row_numbers};
use crate::failure::{Failure, Result, work};
use crate::progress::say;
use crate::{importance, output};
use glassnet::attribution::Attribution;
use glassnet::dataset::Targets;
use glassnet::matrix::Matrix;
use glassnet::model::Model;
use glassnet::objective::TargetsRef;
use glassnet::table::Table;
use glassnet::trace::{LayerTrace, Trace, check_gradient, trace};
use glassnet::train_config::TrainConfig;
use glassnet_io::{atomic, model_file, source};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// Parameters that the gradient check moves at most.
const MOST_CHECKED: usize = 2_000;

pub(crate) fn run(args: &ExplainArgs) -> Result<()> {
    let model = model_file::read(&args.model)?;
    let table = source::read_table(&args.tables)?;
    match (args.row, &args.rows) {
        (Some(row), _) => explain_rows(args, &model, &table, row..=row),
        (None, Some(rows)) => explain_rows(args, &model, &table, rows.clone()),
        (None, None) => importance::run(args, &model, &table),
    }
}

fn explain_rows(
    args: &ExplainArgs,
    model: &Model,
    table: &Table,
    numbers: RangeInclusive<usize>,
) -> Result<()> {
    let n_rows = table.n_rows();
    if *numbers.start() == 0 || *numbers.end() > n_rows {
        let typed = match args.row {
            Some(row) => format!("--row {row}"),
            None => format!("--rows {}..{}", numbers.start(), numbers.end()),
        };
        return Err(Failure::Call(format!(
            "{typed}: {} has the rows 1 to {n_rows}; its header is not counted",
            table.name()
        )));
    }
    let rows: Vec<usize> = numbers.map(|number| number - 1).collect();
    let numbers = &*model.schema.with_numbers_for_dates(table)?;
    let network = model.network_f64()?;
    if model.networks.len() > 1 {
        let n = model.networks.len();
        say(&format!("the first of {n} networks; predict gives the mean of all"));
    }
    let encoded = model.encoder.encode::<f64>(numbers, &rows)?;
    for note in encoded.notes {
        say(&note.to_string());
    }
    // A row without its target, or a table without that column, still has a forward pass.
    let labelled = model.target.labelled_rows(numbers, &model.schema.missing).unwrap_or_default();
    let target = rows
        .iter()
        .all(|row| labelled.binary_search(row).is_ok())
        .then(|| model.target.encode::<f64>(numbers, &rows, &model.schema.missing))
        .transpose()?;
    let targets = target.as_ref().map(|target| match target {
        Targets::Classes { indices, .. } => TargetsRef::Classes(indices),
        Targets::Values(values) => TargetsRef::Values(values.view()),
    });
    let own = model.story.config.train_config(model.story.n_training_rows);
    let config = TrainConfig {
        optimizer: args.optimizer.unwrap_or(own.optimizer),
        learning_rate: args.learning_rate.unwrap_or(own.learning_rate),
        ..own
    };
    let traced = trace(&network, model.objective, encoded.x.view(), targets, &config)?;
    let check = match targets {
        Some(targets) if args.check_gradients => {
            Some(check_gradient(&network, model.objective, encoded.x.view(), targets, MOST_CHECKED)?)
        }
        None if args.check_gradients => {
            return work(format!(
                "{} lacks a value of `{}`: there is no gradient",
                row_numbers(&rows),
                model.target.name()
            ));
        }
        _ => None,
    };
    // What mattered is a matter of one row.
    let n_attributions = if let [_] = rows[..] { model.target.columns().len() } else { 0 };
    let attributions = (0..n_attributions).map(|target| model.attribute(table, rows[0], target));
    let attributions = attributions.collect::<glassnet::error::Result<Vec<_>>>()?;
    let explained = Explained {
        model,
        table: numbers,
        rows: &rows,
        inputs: &encoded.x,
        trace: &traced,
        attributions: &attributions,
        config: &config,
        check,
    };
    if let Some(path) = &args.html {
        atomic::write_together(&[(path.as_path(), explained.html(args.all).as_bytes())])?;
        say(&format!("page  {}", path.display()));
    }
    if !args.json {
        return output::text(&explained.text(args.all));
    }
    output::json(&json_of(&explained))
}

/// Everything that is told, with all digits. Of a single row vectors, of several a list of vectors, one a row.
fn json_of(explained: &Explained<'_>) -> Value {
    let Explained { model, rows, trace: traced, attributions, config, check, .. } = explained;
    let columns_of_inputs = model.encoder.input_columns();
    let n_rows = rows.len();
    let input = |(place, name): (usize, String)| {
        let column = &model.encoder.columns()[columns_of_inputs[place]].name;
        let read: Vec<&str> = (0..n_rows).map(|row| explained.cell(row, column)).collect();
        let encoded: Vec<f64> = (0..n_rows).map(|row| explained.inputs.row(row)[place]).collect();
        match n_rows {
            1 => json!({ "name": name, "column": column, "as_read": read[0], "encoded": encoded[0] }),
            _ => json!({ "name": name, "column": column, "as_read": read, "encoded": encoded }),
        }
    };
    let inputs = model.encoder.input_names().into_iter().enumerate().map(input);
    let attribution = |attribution: &Attribution| {
        let columns: serde_json::Map<String, Value> =
            attribution.columns.iter().map(|(name, share)| (name.clone(), json!(share))).collect();
        json!({
            "method": "integrated gradients",
            "quantity": attribution.quantity,
            "at_reference": attribution.at_reference,
            "at_row": attribution.at_row,
            "columns": columns,
            "missing": attribution.missing(),
        })
    };
    let mut json = json!({
        "inputs": inputs.collect::<Vec<_>>(),
        "classes": model.target.class_names(),
        "network": 1,
        "networks": model.networks.len(),
        "temperature": model.temperature,
        "trace": trace_json(traced),
        "predictions": row_or_rows(&model.mapped(&traced.layers[traced.layers.len() - 1].a)),
        "optimizer": config.optimizer,
        "learning_rate": config.learning_rate,
        "gradient_clip_norm": config.gradient_clip_norm,
        "weight_decay": config.weight_decay.unwrap_or(config.optimizer.default_weight_decay()),
        "l1": config.l1,
        "l2": config.l2,
        "rate_factors": config.rate_factors,
        "weight_unit": config.weight_unit,
        "gradient_check": check.map(|check| json!({
            "parameters": check.n_params,
            "largest_difference": check.largest_difference,
            "largest_gradient": check.largest_gradient,
            "largest_relative_difference": check.largest_relative_difference,
        })),
    });
    if let [row] = rows {
        json["row"] = (row + 1).into();
        json["attributions"] = attributions.iter().map(attribution).collect();
    } else {
        json["rows"] = rows.iter().map(|row| row + 1).collect();
    }
    json
}

fn row_or_rows(matrix: &Matrix<f64>) -> Value {
    if matrix.n_rows() == 1 { json!(matrix.row(0)) } else { json!(matrix.to_rows()) }
}

fn trace_json(trace: &Trace) -> Value {
    let row = |matrix: &Option<Matrix<f64>>| matrix.as_ref().map(row_or_rows);
    let layer = |layer: &LayerTrace| {
        let blocks = layer.blocks.iter().map(|block| {
            json!({
                "name": block.name, "shape": block.shape, "values": block.values,
                "gradient": block.gradient, "update": block.update, "after": block.after,
            })
        });
        json!({
            "layer": layer.layer, "x": row_or_rows(&layer.x), "z": row(&layer.z), "a": row_or_rows(&layer.a),
            "waves": row(&layer.waves), "slope": row(&layer.slope), "error": row(&layer.error),
            "delta": row(&layer.delta), "parameters": blocks.collect::<Vec<_>>(),
        })
    };
    json!({
        "layers": trace.layers.iter().map(layer).collect::<Vec<_>>(),
        "loss": trace.loss,
    })
}
