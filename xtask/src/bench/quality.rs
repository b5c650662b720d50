//! How good glassnet's networks are: on tables with fixed splits, beside what other programs reach on them.

mod options; // the words of the command
mod tables; // the tables that are known
mod parts; // a split as files
mod score; // metrics and their ratios
mod baselines; // other programs' scores
mod ours; // a training by glassnet
mod summary; // tables and verdicts
mod timing; // fit seconds beside pytabkit's

use super::build;
use baselines::Baselines;
use options::Mode;
pub(crate) use options::Options;
use score::{Metric, Score};
use std::path::Path;
use summary::{Figure, Measured};
use tables::Table;

/// Measures and prints.
///
/// # Errors
/// When glassnet cannot be built or fails, or the folder lacks a file.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    build()?;
    match options.mode {
        Mode::Errors => errors(options),
        Mode::Time => timing::run(options),
        Mode::Mnist => mnist(options),
    }
}

fn errors(options: &Options) -> Result<(), String> {
    let baselines = Baselines::of(&options.data)?;
    let mut measured = Vec::new();
    for table in tables::chosen(&options.data, &options.tables)? {
        for split in 0..options.n_splits {
            measured.push(split_of(table, split, options)?);
        }
    }
    print_settings(options);
    summary::print_errors(&measured, &baselines);
    summary::print_ratios(&measured, &baselines);
    summary::print_figures(&summary::figures(&measured, &baselines, options.ensemble));
    Ok(())
}

fn print_settings(options: &Options) {
    let networks = options.ensemble.map_or("one network".to_owned(), |n| format!("an ensemble of {n}"));
    println!(
        "glassnet's defaults, {networks}, {} thread(s); split 0 is the mean of {} training(s), any other split one",
        options.n_threads.unwrap_or(1),
        options.n_seeds
    );
}

/// Trains on one split, once for each seed.
fn split_of(table: &'static Table, split: usize, options: &Options) -> Result<Measured, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("temporary folder: {error}"))?;
    let parts = parts::written(&options.data, table, split, folder.path())?;
    let model = folder.path().join("model.safetensors");
    let words = ours::words(table, &parts.train, Some(&parts.val), &model);
    let n_seeds = if split == 0 { options.n_seeds } else { 1 };
    let mut scores = Vec::new();
    let mut peak_bytes: Option<f64> = None;
    for seed in 0..n_seeds {
        let training = ours::training(&words, seed, options, &model, &parts.test)?;
        progress(&format!("{} split {split} seed {seed}", table.name), &training);
        peak_bytes = training.peak_bytes.map(|bytes| bytes.max(peak_bytes.unwrap_or(0.0)));
        scores.push(training.score);
    }
    Ok(Measured { table: table.name, split, n_test: parts.n_test, score: Score::mean(&scores), peak_bytes })
}

fn progress(what: &str, training: &ours::Training) {
    let metrics = Metric::ALL.iter().filter_map(|&metric| {
        let value = training.score.get(metric)?;
        Some(format!("{} {}", metric.name(), summary::significant(value)))
    });
    let peak =
        training.peak_bytes.map_or(String::new(), |bytes| format!(", {:.0} MiB", bytes / f64::from(1 << 20)));
    eprintln!(
        "{what}: {}, {} epochs, {:.1} s{peak}",
        metrics.collect::<Vec<_>>().join(", "),
        training.n_epochs,
        training.score.seconds
    );
}

/// MNIST as it is: `train` to train on, of which glassnet holds out its own part, and `t10k` to be measured on.
fn mnist(options: &Options) -> Result<(), String> {
    const ACCURACY: f64 = 0.983;
    let name = "mnist".to_owned();
    let table = tables::chosen(&options.data, std::slice::from_ref(&name))?[0];
    let folder = tempfile::tempdir().map_err(|error| format!("temporary folder: {error}"))?;
    let model = folder.path().join("model.safetensors");
    let file = |part: &str| options.data.join(&name).join(format!("{part}-images-idx3-ubyte.gz"));
    let test = file("t10k");
    let words = ours::words(table, &file("train"), None::<&Path>, &model);
    let training = ours::training(&words, 0, options, &model, &test)?;
    progress("mnist", &training);
    print_settings(options);
    let accuracy = 1.0 - training.score.misclassified.ok_or("glassnet evaluate tells no accuracy")?;
    summary::print_figures(&[Figure {
        name: format!("MNIST, accuracy on its own test rows, {:.0} s", training.score.seconds),
        measured: format!("{:.2} %", 100.0 * accuracy),
        asked: format!("≥ {:.1} %", 100.0 * ACCURACY),
        is_met: accuracy >= ACCURACY,
    }]);
    Ok(())
}
