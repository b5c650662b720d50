//! Whether what was learnt holds for rows that did not train.

use crate::facts::Facts;
use crate::finding::{Code, Finding, Fix, Severity};

/// Rows that did not train below which nothing is said about them.
const FEWEST_ROWS: usize = 10;

/// The validation loss after the best epoch, beside the best one, from which a network learnt its rows by heart.
const RISEN: f64 = 1.25;

/// A loss that is higher than a baseline's by so many standard errors and this share is worse.
const SURE: f64 = 2.5;
const WORSE: f64 = 0.05;

pub(super) fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    [overfit(facts), worse(facts)].into_iter().flatten().collect()
}

fn overfit(facts: &Facts<'_>) -> Option<Finding> {
    let held_out = facts.held_out.filter(|held_out| held_out.n_rows >= FEWEST_ROWS)?;
    let story = &facts.model.story;
    let losses: Vec<f64> = story.history.iter().filter_map(|report| report.validation_loss).collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let n_late = (losses.len() / 10).max(1);
    let late = losses.iter().rev().take(n_late).sum::<f64>() / n_late as f64;
    let (first, last) = (story.history.first()?.training_loss, story.history.last()?.training_loss);
    let rise = late / best.max(1e-300);
    // Jumps at the size of the rise are no rise, and what is small beside a constant's loss is none either.
    let is_risen = rise > RISEN && late - best > 0.1 * held_out.constant_loss && last < first;
    let gain = facts.held_out_gain().unwrap_or(1.0);
    is_risen.then(|| {
        let severity = if gain < 0.15 && facts.gain() > gain + 0.2 || late > held_out.constant_loss && gain < 0.3 {
            Severity::Warning
        } else {
            Severity::Info
        };
        Finding::new(
            Code::Overfit,
            severity,
            format!(
                "after epoch {} the network learnt its training rows by heart: their loss went on falling while that of the \
                 validation rows rose; the model is that of the best epoch",
                story.best_epoch
            ),
            "more rows, or restraint: fewer units, more dropout or weight decay, earlier stopping",
        )
        .with("best epoch", story.best_epoch)
        .with("epochs", losses.len())
        .with("validation loss of the best epoch", best)
        .with("validation loss at the end", late)
        .with("training loss at the end", last)
        .with("constant prediction's validation loss", held_out.constant_loss)
        .fix(Fix::Patience(20))
    })
}

pub(super) fn worse(facts: &Facts<'_>) -> Option<Finding> {
    let held_out = facts.held_out.filter(|held_out| held_out.n_rows >= FEWEST_ROWS)?;
    let than_constant = held_out.loss > 1.02 * held_out.constant_loss;
    let difference = held_out.loss - held_out.linear_loss;
    let than_linear = difference > SURE * held_out.standard_error
        && difference > WORSE * held_out.constant_loss
        && held_out.linear_loss < 0.95 * held_out.constant_loss
        && facts.has_hidden();
    let (severity, baseline) = match (than_constant, than_linear) {
        (_, true) => (if than_constant { Severity::Error } else { Severity::Warning }, "a linear model"),
        (true, false) => (Severity::Error, "the same constant for every row"),
        (false, false) => return None,
    };
    Some(
        Finding::new(
            Code::WorseThanBaseline,
            severity,
            format!("on rows that did not train, {baseline} has a lower loss than this network"),
            "the recipe as it is, without other settings; if it stays worse, use the linear model",
        )
        .with("validation loss", held_out.loss)
        .with("linear model's", held_out.linear_loss)
        .with("constant prediction's", held_out.constant_loss)
        .with("validation rows", held_out.n_rows)
        .fix(Fix::Hidden(Vec::new())),
    )
}
