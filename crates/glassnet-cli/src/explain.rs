//! `glassnet explain`: every number of one row's step, or which columns matter to a model.

use crate::args::ExplainArgs;
use crate::explained::Explained;
use crate::failure::{Failure, Result, work};
use crate::output;
use crate::progress::say;
use crate::terminal::aligned;
use glassnet::attribution::{Attribution, Importance, LEAST_REPETITIONS};
use glassnet::dataset::Targets;
use glassnet::error::counted;
use glassnet::matrix::Matrix;
use glassnet::model::Model;
use glassnet::objective::TargetsRef;
use glassnet::table::Table;
use glassnet::trace::{LayerTrace, Trace, check_gradient, trace};
use glassnet::train_config::TrainConfig;
use glassnet_draw::digits::short;
use glassnet_io::{atomic, model_file, source};
use serde_json::{Value, json};

/// Parameters that the gradient check moves at most.
const MOST_CHECKED: usize = 2_000;

pub(crate) fn run(args: &ExplainArgs) -> Result<()> {
    let model = model_file::read(&args.model)?;
    let table = source::read_table(&args.tables)?;
    match args.row {
        Some(row) => explain_row(args, &model, &table, row),
        None => importance(args, &model, &table),
    }
}

fn explain_row(args: &ExplainArgs, model: &Model, table: &Table, number: usize) -> Result<()> {
    let n_rows = table.n_rows();
    if number == 0 || number > n_rows {
        return Err(Failure::Call(format!(
            "--row {number}: {} has the rows 1 to {n_rows}; its header is not counted",
            table.name()
        )));
    }
    let row = number - 1;
    let numbers = &*model.schema.with_numbers_for_dates(table)?;
    let network = model.network_f64()?;
    if model.networks.len() > 1 {
        let n = model.networks.len();
        say(&format!("the first of {n} networks; predict gives the mean of all"));
    }
    let encoded = model.encoder.encode::<f64>(numbers, &[row])?;
    for note in encoded.notes {
        say(&note.to_string());
    }
    // A row without its target, or a table without that column, still has a forward pass.
    let labelled = model.target.labelled_rows(numbers, &model.schema.missing).unwrap_or_default();
    let target = labelled
        .contains(&row)
        .then(|| model.target.encode::<f64>(numbers, &[row], &model.schema.missing))
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
                "row {number} has no value of `{}`: there is no gradient",
                model.target.name()
            ));
        }
        _ => None,
    };
    let n_targets = model.target.columns().len();
    let attributions = (0..n_targets).map(|target| model.attribute(table, row, target));
    let attributions = attributions.collect::<glassnet::error::Result<Vec<_>>>()?;
    let explained = Explained {
        model,
        table: numbers,
        row,
        inputs: encoded.x.row(0),
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

/// Everything that is told, with all digits.
fn json_of(explained: &Explained<'_>) -> Value {
    let Explained { model, row, trace: traced, attributions, config, check, .. } = explained;
    let columns_of_inputs = model.encoder.input_columns();
    let input = |(place, (name, value)): (usize, (String, &f64))| {
        let column = &model.encoder.columns()[columns_of_inputs[place]].name;
        json!({ "name": name, "column": column, "as_read": explained.cell(column), "encoded": value })
    };
    let inputs = model.encoder.input_names().into_iter().zip(explained.inputs).enumerate().map(input);
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
    json!({
        "row": row + 1,
        "inputs": inputs.collect::<Vec<_>>(),
        "classes": model.target.class_names(),
        "network": 1,
        "networks": model.networks.len(),
        "temperature": model.temperature,
        "trace": trace_json(traced),
        "predictions": model.mapped(&traced.layers[traced.layers.len() - 1].a).row(0),
        "optimizer": config.optimizer,
        "learning_rate": config.learning_rate,
        "weight_decay": config.weight_decay.unwrap_or(config.optimizer.default_weight_decay()),
        "l1": config.l1,
        "l2": config.l2,
        "rate_factors": config.rate_factors,
        "weight_unit": config.weight_unit,
        "attributions": attributions.iter().map(attribution).collect::<Vec<_>>(),
        "gradient_check": check.map(|check| json!({
            "parameters": check.n_params,
            "largest_difference": check.largest_difference,
            "largest_gradient": check.largest_gradient,
            "largest_relative_difference": check.largest_relative_difference,
        })),
    })
}

fn trace_json(trace: &Trace) -> Value {
    let row = |matrix: &Option<Matrix<f64>>| matrix.as_ref().map(|matrix| matrix.row(0).to_vec());
    let layer = |layer: &LayerTrace| {
        let blocks = layer.blocks.iter().map(|block| {
            json!({
                "name": block.name, "shape": block.shape, "values": block.values,
                "gradient": block.gradient, "update": block.update, "after": block.after,
            })
        });
        json!({
            "layer": layer.layer, "x": layer.x.row(0), "z": row(&layer.z), "a": layer.a.row(0),
            "slope": row(&layer.slope), "error": row(&layer.error), "delta": row(&layer.delta),
            "parameters": blocks.collect::<Vec<_>>(),
        })
    };
    json!({
        "layers": trace.layers.iter().map(layer).collect::<Vec<_>>(),
        "loss": trace.loss,
    })
}

fn importance(args: &ExplainArgs, model: &Model, table: &Table) -> Result<()> {
    if args.repetitions < LEAST_REPETITIONS {
        return Err(Failure::Call(format!("--repetitions: an interval needs {LEAST_REPETITIONS} or more")));
    }
    let all = model.importance(table, args.repetitions, model.story.config.seed)?;
    if args.json {
        let one = |one: &Importance| json!({ "column": one.column, "rise": one.rise, "margin": one.margin });
        return output::json(&json!({
            "method": "permutation importance",
            "repetitions": args.repetitions,
            "columns": all.iter().map(one).collect::<Vec<_>>(),
        }));
    }
    let largest = all.first().map_or(0.0, |one| one.rise).max(f64::MIN_POSITIVE);
    let bar = |rise: f64| {
        let length = (30.0 * (rise / largest).clamp(0.0, 1.0)).round() as usize;
        format!("{}{}", "█".repeat(length), " ".repeat(30 - length))
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|one| {
            let interval = format!("[{}, {}]", short(one.rise - one.margin), short(one.rise + one.margin));
            vec![one.column.clone(), short(one.rise), interval, bar(one.rise)]
        })
        .collect();
    output::text(&format!(
        "how much the mean loss ({}) rises when the cells of one column are put into a random order,\n\
         mean of {} with its 95 % interval:\n{}",
        model.objective.name(),
        counted(args.repetitions, "order"),
        aligned(&rows)
    ))
}
