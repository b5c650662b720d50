//! The files of a training: its model, and what goes next to it.

use crate::args::TrainArgs;
use crate::cross_validation;
use crate::failure::{Failure, Result};
use glassnet::fit::Fitted;
use glassnet::folds::CrossValidation;
use glassnet_io::{atomic, model_file, source};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What training writes.
pub(crate) struct Files {
    pub(crate) model: PathBuf,
    pub(crate) history: PathBuf,
    pub(crate) report: PathBuf,
    pub(crate) out_of_fold: PathBuf,
    pub(crate) trials: PathBuf,
}

/// Where everything goes; the folder is tried out now rather than after the training.
pub(crate) fn files(args: &TrainArgs) -> Result<Files> {
    let model = match &args.out {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}-model", stem(&args.tables[0])?)).join(model_file::NAME),
    };
    if model.file_name().is_none() || model.to_string_lossy().ends_with('/') {
        return Err(Failure::Call(format!("--out {}: give a file name, not a folder", model.display())));
    }
    let next_to = |name: &str| model.with_file_name(name);
    let files = Files {
        history: next_to("history.csv"),
        report: next_to("report.html"),
        out_of_fold: next_to("folds.csv"),
        trials: next_to("tune.jsonl"),
        model,
    };
    drop(atomic::AtomicFile::create(&files.model)?);
    Ok(files)
}

/// The name of the first file without what says how it is compressed and written.
fn stem(path: &Path) -> Result<String> {
    let files = source::files_of(path)?;
    let name = files[0].as_path();
    let is_compressed = matches!(name.extension().and_then(OsStr::to_str), Some("gz" | "zst"));
    let name = if is_compressed { name.with_extension("") } else { name.to_path_buf() };
    let stem = name.file_stem().filter(|stem| *stem != "-").unwrap_or("table".as_ref());
    Ok(stem.to_string_lossy().into_owned())
}

/// Writes all but the trials of a search; either all of them are there or none.
pub(crate) fn write(
    files: &Files,
    fitted: &Fitted,
    cross: Option<&CrossValidation>,
    table: &str,
    seconds: f64,
) -> Result<()> {
    let mut history =
        String::from("epoch,training_loss,validation_loss,tempered_loss,learning_rate,gradient_norm\n");
    for report in &fitted.model.story.history {
        let [validation, tempered] = [report.validation_loss, report.tempered_loss]
            .map(|loss| loss.map(|loss| loss.to_string()).unwrap_or_default());
        history += &format!(
            "{},{},{validation},{tempered},{},{}\n",
            report.epoch, report.training_loss, report.learning_rate, report.largest_gradient_norm
        );
    }
    let report = glassnet_draw::report::html(fitted, table, seconds);
    let model = model_file::to_bytes(&fitted.model);
    let out_of_fold = cross.map(|cross| cross_validation::csv(&fitted.model, cross));
    let mut all: Vec<(&Path, &[u8])> = vec![
        (&files.model, &model),
        (&files.history, history.as_bytes()),
        (&files.report, report.as_bytes()),
    ];
    all.extend(out_of_fold.as_ref().map(|csv| (files.out_of_fold.as_path(), &csv[..])));
    Ok(atomic::write_together(&all)?)
}
