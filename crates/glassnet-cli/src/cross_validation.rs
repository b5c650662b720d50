//! `train --folds`: what K models say of rows that they never saw, before the model of all rows is trained.

use crate::args::TrainArgs;
use crate::failure::{Result, work};
use crate::output::{self, Shown};
use crate::prediction_columns::{add_cells, added_columns};
use crate::progress::{Progress, say};
use crate::rows::Rows;
use glassnet::answers;
use glassnet::fit_config::FitConfig;
use glassnet::folds::{CrossValidation, Folds};
use glassnet::model::{Evaluation, Model};
use glassnet::schema::Schema;
use glassnet_draw::digits::short;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Trains the models of all folds.
pub(crate) fn run(
    args: &TrainArgs,
    n_folds: usize,
    rows: &Rows,
    schema: &Schema,
    config: &FitConfig,
    interrupted: &Arc<AtomicBool>,
) -> Result<CrossValidation> {
    let Some(table) = rows.in_memory() else {
        return work(
            "--folds needs the table in memory, and this one is larger than --memory-limit: raise it, or train without \
             --folds",
        );
    };
    let mut folds = Folds::start(table, schema, config, n_folds)?;
    if !args.quiet {
        say(&format!("cross-validation: {n_folds} models, each on all folds but one"));
    }
    folds.stop_by(interrupted);
    let (rows, mut progress) = (Arc::default(), Progress::start(args.quiet, "epoch", folds.n_epochs(), 0));
    folds.count_rows_by(&rows);
    progress.watch(&rows, folds.rows_of_epoch());
    while let Some(epoch) = folds.epoch() {
        progress.rows_of_epoch(folds.rows_of_epoch());
        progress.epoch(epoch, || format!("of {n_folds} models"));
    }
    progress.finish();
    if interrupted.load(Ordering::Relaxed) {
        return work("stopped in the cross-validation: there is no model yet, and nothing was written");
    }
    Ok(folds.finish()?)
}

/// Metrics of all rows, and how they differ from fold to fold.
pub(crate) fn text(model: &Model, cross: &CrossValidation) -> String {
    let n_folds = cross.folds.len();
    let mut text = format!(
        "\ncross-validation, {}, each predicted by one of {n_folds} models that never saw it, with 95 % intervals:\n",
        output::measured_rows(&cross.evaluation, "row")
    );
    text += &output::metrics_text(model, &cross.evaluation, Shown::Essential);
    if let Some((name, values)) = by_fold(&cross.folds) {
        let all: Vec<String> = values.iter().map(|&value| short(value)).collect();
        let mean = values.iter().sum::<f64>() / n_folds as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / (n_folds - 1) as f64).sqrt();
        text += &format!("{name} by fold  {}, standard deviation {}\n", all.join(" "), short(deviation));
    }
    text
}

/// One metric of every fold.
fn by_fold(folds: &[Evaluation]) -> Option<(&'static str, Vec<f64>)> {
    let (name, _) = folds[0].headline()?;
    let value = |fold: &Evaluation| fold.metrics.get(name).and_then(|metric| metric.value);
    Some((name.name(), folds.iter().map(value).collect::<Option<_>>()?))
}

/// The same, and all metrics of every fold.
pub(crate) fn json(model: &Model, cross: &CrossValidation, out_of_fold: &Path) -> Value {
    let fold = |evaluation: &Evaluation| json!({ "rows": evaluation.n_rows, "metrics": evaluation.metrics });
    let mut json = answers::evaluation(model, &cross.evaluation);
    json["folds"] = cross.folds.iter().map(fold).collect();
    json["out_of_fold"] = out_of_fold.display().to_string().into();
    json
}

/// The out-of-fold predictions as CSV: row of the table and fold, both from 1, and the columns of `predict`.
pub(crate) fn csv(model: &Model, cross: &CrossValidation) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut record =
        |cells: &[String]| writer.write_record(cells).expect("memory takes all, and rows are alike");
    record(&[vec!["row".to_owned(), "fold".to_owned()], added_columns(model)].concat());
    for (place, (row, fold)) in cross.rows.iter().zip(&cross.fold_of).enumerate() {
        let mut cells = vec![(row + 1).to_string(), (fold + 1).to_string()];
        add_cells(model, &cross.prediction, place, &mut cells);
        record(&cells);
    }
    writer.into_inner().expect("memory takes all")
}
