//! One training by `glassnet train`, measured by `glassnet evaluate`.

use super::super::program::{outcome, outcome_and_peak};
use super::options::Options;
use super::score::Score;
use super::tables::Table;
use crate::tree;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A training.
pub(crate) struct Training {
    pub(crate) score: Score,
    pub(crate) n_epochs: u64,
    /// Most memory that the process held, where the system tells it.
    pub(crate) peak_bytes: Option<f64>,
}

/// The program.
pub(crate) fn program() -> PathBuf {
    tree::root().join("target/release/glassnet")
}

/// The words after `train` for one table, its rows and where the model goes.
pub(crate) fn words(table: &Table, train: &Path, val: Option<&Path>, model: &Path) -> Vec<String> {
    let text = |path: &Path| path.display().to_string();
    let mut words = vec![text(train), "--out".into(), text(model), "--json".into(), "--quiet".into()];
    words.extend(table.flags().into_iter().map(str::to_owned));
    words.extend(val.iter().flat_map(|val| ["--validation".to_owned(), text(val)]));
    words
}

/// Trains with a seed and measures on test rows.
///
/// # Errors
/// When glassnet fails, or its answer has no metric.
pub(crate) fn training(
    words: &[String],
    seed: usize,
    options: &Options,
    model: &Path,
    test: &Path,
) -> Result<Training, String> {
    let mut command = Command::new(program());
    command.arg("train").args(words).args(["--seed", &seed.to_string()]);
    command.args(["--threads", &options.n_threads.unwrap_or(1).to_string()]);
    if let Some(n) = options.ensemble {
        command.args(["--ensemble", &n.to_string()]);
    }
    let (output, peak_bytes) = outcome_and_peak(&mut command)?;
    let trained = json(&output.stdout)?;
    let tested =
        json(&outcome(Command::new(program()).arg("evaluate").args([model, test]).arg("--json"))?.stdout)?;
    let metric = |name: &str| tested["metrics"][name]["value"].as_f64().or(tested["metrics"][name].as_f64());
    let score = Score {
        log_loss: metric("log_loss"),
        misclassified: metric("accuracy").map(|accuracy| 1.0 - accuracy),
        rmse: metric("rmse"),
        seconds: trained["seconds"].as_f64().ok_or("glassnet train tells no seconds")?,
    };
    if score.log_loss.or(score.rmse).is_none() {
        return Err("glassnet evaluate tells neither log_loss nor rmse".into());
    }
    Ok(Training { score, n_epochs: trained["epochs"].as_u64().unwrap_or_default(), peak_bytes })
}

/// The object that glassnet printed.
///
/// # Errors
/// When it is none.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("glassnet --json: {error}"))
}
