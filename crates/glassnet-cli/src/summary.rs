//! What `train` prints when it is done.

use crate::cross_validation;
use crate::findings;
use crate::output::{self, Shown};
use crate::rows::Facts;
use crate::terminal::curve;
use crate::training_files::Files;
use crate::tune::Tuning;
use glassnet::answers;
use glassnet::fit::Fitted;
use glassnet::folds::CrossValidation;
use glassnet_draw::digits::short;

/// A finished training.
pub(crate) struct Summary<'a> {
    pub(crate) fitted: &'a Fitted,
    pub(crate) tuning: Option<&'a Tuning>,
    pub(crate) cross: Option<&'a CrossValidation>,
    pub(crate) facts: &'a Facts,
    pub(crate) seconds: f64,
    pub(crate) files: &'a Files,
}

impl Summary<'_> {
    pub(crate) fn json(&self) -> serde_json::Value {
        let model = &self.fitted.model;
        let best = model.story.best();
        let evaluation = model.story.evaluation.as_ref();
        let mut told =
            evaluation.map(|evaluation| answers::evaluation(model, evaluation)).unwrap_or_default();
        let mut take = |key: &str| match told.get_mut(key) {
            Some(value) => value.take(),
            None => serde_json::json!({}),
        };
        let mut json = serde_json::json!({
            "task": model.target.task(),
            "rows": self.facts.n_rows,
            "columns": self.facts.n_columns,
            "shuffled": model.story.shuffled(),
            "epochs": model.story.history.len(),
            "best_epoch": model.story.best_epoch,
            "stop_reason": model.story.stop_reason,
            "training_loss": best.map(|report| report.training_loss),
            "validation_loss": best.and_then(|report| report.validation_loss),
            "temperature": model.temperature,
            "tempered_loss": best.and_then(|report| report.tempered_loss),
            "metrics": take("metrics"),
            "baselines": take("baselines"),
            "seconds": self.seconds,
            "findings": answers::findings(&model.story.findings),
            "model": self.files.model.display().to_string(),
            "report": self.files.report.display().to_string(),
            "history": self.files.history.display().to_string(),
        });
        if let Some(targets) = told.get_mut("targets") {
            json["targets"] = targets.take();
        }
        if let Some(lottery) = &self.fitted.lottery {
            json["lottery"] = answers::lottery(lottery);
        }
        if let Some(cross) = self.cross {
            json["cross_validation"] = cross_validation::json(model, cross, &self.files.out_of_fold);
        }
        if let Some(tuning) = self.tuning {
            json["tuning"] = tuning.json(&self.files.trials);
        }
        json
    }

    pub(crate) fn text(&self) -> String {
        let model = &self.fitted.model;
        let story = &model.story;
        let mut text = curves(story);
        text += &format!("{}, {:.1} s\n", output::best_epoch(story), self.seconds);
        text += &output::temperature(model);
        if story.rows_per_block.is_some() {
            text += &format!("rows were shuffled {}\n", story.shuffled());
        }
        if let Some(lottery) = &self.fitted.lottery {
            text += &findings::lottery_text(lottery);
        }
        if let Some(tuning) = self.tuning {
            text += &tuning.text();
        }
        if let Some(evaluation) = &story.evaluation {
            text += &format!(
                "\non {}, with 95 % intervals:\n",
                output::measured_rows(evaluation, "validation row")
            );
            text += &output::metrics_text(model, evaluation, Shown::Essential);
        }
        if let Some(cross) = self.cross {
            text += &cross_validation::text(model, cross);
        }
        text += &findings::summary(&story.findings, &self.files.model.display().to_string());
        text += &format!(
            "\nmodel    {}\nreport   {}\nhistory  {}\n",
            self.files.model.display(),
            self.files.report.display(),
            self.files.history.display()
        );
        if self.tuning.is_some() {
            text += &format!("trials   {}\n", self.files.trials.display());
        }
        if self.cross.is_some() {
            text += &format!("out of fold  {}\n", self.files.out_of_fold.display());
        }
        text
    }
}

/// Both losses over the epochs, a line each.
fn curves(story: &glassnet::model::Story) -> String {
    let training: Vec<f64> = story.history.iter().map(|report| report.training_loss).collect();
    let validation: Vec<f64> = story.history.iter().filter_map(|report| report.validation_loss).collect();
    let all = || training.iter().chain(&validation).copied();
    let range = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let mut text = String::new();
    for (name, losses) in [("training loss  ", &training), ("validation loss", &validation)] {
        if let (Some(&first), Some(&last)) = (losses.first(), losses.last()) {
            let curve = curve(losses, range, 44);
            text += &format!("{name}  {} {curve} {}\n", short(first), short(last));
        }
    }
    text
}
