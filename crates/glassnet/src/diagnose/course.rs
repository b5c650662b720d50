//! How the losses went: broken off, jumping, too slow, ended too early.

use crate::facts::Facts;
use crate::finding::{Code, Finding, Fix, Severity};
use crate::schedule::Schedule;
use crate::trainer::{EpochReport, StopReason};

/// A loss so many times the constant's has left for good.
const GONE: f64 = 3.0;

/// Share of epochs after which the loss turns, and size of the jumps as a share of the constant's loss, of a loss that jumps.
const TURNS: f64 = 0.2;
const JUMP: f64 = 0.1;

/// A loss is falling that loses this share of a constant's loss over the last tenth of the epochs, until so much is learnt.
const FALLING: f64 = 0.01;
const MOSTLY_LEARNT: f64 = 0.98;

/// It is falling, too, that loses this share of itself on the rows that trained and on those that did not, until so much is learnt,
/// or what is learnt no longer holds for the others: their loss is so many times that of the rows that trained.
const FALLING_FAST: f64 = 0.1;
const LEARNT: f64 = 0.995;
const BY_HEART: f64 = 2.0;

/// In fewer epochs no rate goes far.
const MANY: usize = 30;

/// Weights that changed by less than this share of their length over the whole training have hardly moved.
const MOVED: f64 = 0.3;

pub(super) fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    // What jumps is neither gone for good nor unfinished.
    oscillating(facts).or_else(|| diverged(facts)).or_else(|| unfinished(facts)).into_iter().collect()
}

/// η of the first step.
fn learning_rate(facts: &Facts<'_>) -> f64 {
    let story = &facts.model.story;
    story.config.train_config(story.n_training_rows).learning_rate
}

fn diverged(facts: &Facts<'_>) -> Option<Finding> {
    let story = &facts.model.story;
    let rate = learning_rate(facts);
    let losses: Vec<f64> = story.history.iter().map(|report| report.training_loss).collect();
    let last = losses.last().copied();
    let has_left = last.is_some_and(|last| {
        last > GONE * facts.constant_loss && last > GONE * losses[0].min(facts.constant_loss)
    });
    // What starts far off and hardly moves has not left.
    let has_left = has_left && moved(facts).is_none_or(|moved| moved >= MOVED);
    let epoch = match story.stop_reason {
        StopReason::NonFinite { epoch } => Some(epoch),
        _ if has_left => {
            losses.iter().position(|loss| *loss > GONE * facts.constant_loss).map(|index| index + 1)
        }
        _ => None,
    }?;
    let step = story.broken_off.map(|broken| broken.step);
    let place = match step {
        Some(step) => format!("in step {step} of epoch {epoch} a number was no longer finite"),
        None => format!("from epoch {epoch} on the loss was far above that of a constant prediction"),
    };
    let mut finding = Finding::new(
        Code::Diverged,
        Severity::Error,
        format!("training diverged: {place}, because steps were so large that each made the loss worse than the last"),
        "a smaller learning rate, or a limit on the gradient's length",
    )
    .with("epoch", epoch);
    if let Some(broken) = story.broken_off {
        finding = finding.with("step", broken.step);
        if let Some(loss) = broken.loss_before {
            finding = finding.with("loss of the step before", loss);
        }
        if let Some(norm) = broken.gradient_norm_before {
            finding = finding.with("gradient's length in the step before", norm);
        }
    }
    if let Some(last) = last {
        finding = finding.with("last finite training loss", last);
    }
    let finding = finding.with("constant prediction's loss", facts.constant_loss).with("learning rate", rate);
    Some(finding.fix(Fix::LearningRate(short(rate / 30.0))).fix(Fix::GradientClipNorm(1.0)))
}

/// Two digits.
fn short(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

fn oscillating(facts: &Facts<'_>) -> Option<Finding> {
    let story = &facts.model.story;
    let losses: Vec<f64> = match story.history.first()?.validation_loss {
        Some(_) => story.history.iter().filter_map(|report| report.validation_loss).collect(),
        // Units left out at random make the training loss jump by themselves.
        None if story.config.dropout > 0.0 => return None,
        None => story.history.iter().map(|report| report.training_loss).collect(),
    };
    let late = &losses[losses.len() / 2..];
    if late.len() < 5 || matches!(facts.model.story.stop_reason, StopReason::NonFinite { .. }) {
        return None;
    }
    let steps: Vec<f64> = late.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let n_turns = steps.windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count();
    let turns = n_turns as f64 / (steps.len() - 1).max(1) as f64;
    let jump = steps.iter().map(|step| step.abs()).sum::<f64>() / steps.len() as f64 / facts.constant_loss;
    let rate = learning_rate(facts);
    (turns >= TURNS && jump >= JUMP).then(|| {
        let severity = if facts.gain() < 0.9 { Severity::Error } else { Severity::Warning };
        Finding::new(
            Code::OscillatingLoss,
            severity,
            "the loss jumps up and down instead of falling: steps are so large that they pass over the valley each time",
            "a smaller learning rate",
        )
        .with("share of epochs after which the loss turns", turns)
        .with("mean jump, as a share of the constant prediction's loss", jump)
        .with("learning rate", rate)
        .fix(Fix::LearningRate(short(rate / 10.0)))
    })
}

/// Too slow, or ended while it was falling.
fn unfinished(facts: &Facts<'_>) -> Option<Finding> {
    let story = &facts.model.story;
    let config = &story.config;
    let n_epochs = story.history.len();
    if config.train.schedule != Schedule::Constant || n_epochs < 2 || facts.gain() > LEARNT {
        return None;
    }
    let losses: Vec<f64> = story.history.iter().map(|report| report.training_loss).collect();
    let watched: Vec<f64> = story.history.iter().map(EpochReport::watched_loss).collect();
    let tenth = (n_epochs / 10).max(2).min(n_epochs / 2);
    // Means of neighbouring parts, because single epochs are noisy.
    let part = |losses: &[f64], from_end: usize| {
        let end = n_epochs - from_end * tenth;
        let part = &losses[end.saturating_sub(tenth)..end];
        part.iter().sum::<f64>() / part.len().max(1) as f64
    };
    let drop = |losses: &[f64]| (part(losses, 1) - part(losses, 0)) / part(losses, 1).abs().max(1e-300);
    let (fall, watched_fall) = (drop(&losses), drop(&watched));
    let moved = moved(facts);
    let rate = learning_rate(facts);
    let is_falling = fall > 0.0 && watched_fall > 0.0;
    // At a third of the mean pace of the whole way or more.
    let whole = (losses[0] - part(&losses, 0)).max(0.0);
    let last = part(&losses, 1) - part(&losses, 0);
    let is_steady = last > 0.03 * whole;
    if n_epochs >= MANY
        && is_falling
        && is_steady
        && facts.gain() < 0.7
        && moved.is_some_and(|moved| moved < MOVED)
    {
        return Some(
            Finding::new(
                Code::LearningRateTooLow,
                Severity::Error,
                "the weights have hardly moved from their start, and the loss falls steadily: every step is in the right \
                 direction and far too short",
                "a larger learning rate",
            )
            .with("learning rate", rate)
            .with("change of the weights since the start, as a share of their length", moved.unwrap_or(0.0))
            .with("training loss", facts.loss)
            .with("constant prediction's loss", facts.constant_loss)
            .fix(Fix::LearningRate(short(rate * 30.0))),
        );
    }
    let is_large = facts.gain() <= MOSTLY_LEARNT
        && last > FALLING * (facts.constant_loss - facts.floor)
        && watched_fall > 0.0;
    let is_fast = fall > FALLING_FAST
        && watched_fall > FALLING_FAST
        && facts.held_out.is_none_or(|held_out| held_out.loss < BY_HEART * facts.loss);
    let is_still = is_large || is_fast;
    let severity = if facts.gain() < 0.5 { Severity::Error } else { Severity::Warning };
    match story.stop_reason {
        StopReason::Epochs if is_still && story.best_epoch + 2 * tenth >= n_epochs => Some(
            Finding::new(
                Code::StillImproving,
                severity,
                format!("after {n_epochs} epochs, all that were allowed, the loss was still falling"),
                "more epochs",
            )
            .with("epochs", n_epochs)
            .with("fall of the training loss over the last tenth of them, as a share of it", fall)
            .with("training loss", facts.loss)
            .fix(Fix::Epochs(4 * n_epochs)),
        ),
        _ => None,
    }
}

/// How far the weights are from their start, by the sums of the epochs' changes that were seen.
fn moved(facts: &Facts<'_>) -> Option<f64> {
    let story = &facts.model.story;
    let snapshots = &story.snapshots;
    let mut moved = 0.0;
    let mut seen = false;
    for (i, snapshot) in snapshots.iter().enumerate() {
        let changes = || snapshot.layers.iter().filter_map(|layer| layer.change);
        let largest = changes().fold(0.0, f64::max);
        // Until the next one that was seen, or the end.
        let next = snapshots.get(i + 1).map_or(story.history.len() + 1, |next| next.epoch);
        if changes().next().is_some() {
            seen = true;
            moved += largest * next.saturating_sub(snapshot.epoch) as f64;
        }
    }
    seen.then_some(moved)
}
