//! Trials: the same training with one thing changed. They are done where a network is small and does not do well.

use crate::diagnose::{Probe, Train};
use crate::facts::Facts;
use crate::finding::{Code, Finding, Fix, Severity};
use crate::fit_config::FitConfig;
use crate::trainer::StopReason;

/// Other starts that are tried.
const STARTS: u64 = 8;

/// Multiplications that the trials may take together, forward and backward.
const MOST_WORK: f64 = 1.2e10;

/// A start or network does far better whose loss is below this share of the own one, on top of what is unavoidable.
const FAR: f64 = 0.5;

pub(super) fn findings(facts: &Facts<'_>, train: Train<'_>) -> Vec<Finding> {
    let Some(trials) = Trials::of(facts, train) else { return Vec::new() };
    trials
        .stopped()
        .or_else(|| trials.unlucky())
        .or_else(|| trials.too_few_units())
        .or_else(|| trials.underfit())
        .into_iter()
        .collect()
}

/// Whether its restraints hold the network back.
pub(super) fn underfit(facts: &Facts<'_>, train: Train<'_>) -> Option<Finding> {
    Trials::of(facts, train)?.underfit()
}

/// The model's own losses.
fn own(facts: &Facts<'_>) -> Probe {
    let watched = facts.held_out.map_or(facts.loss, |held_out| held_out.loss);
    Probe { watched_loss: watched, training_loss: facts.loss }
}

/// Epochs without improvement that are hardly chance, and the share of the loss under which more patience has paid.
const MUCH_PATIENCE: usize = 30;
const PAYS: f64 = 0.95;

struct Trials<'a> {
    facts: &'a Facts<'a>,
    train: Train<'a>,
    own: Probe,
}

impl<'a> Trials<'a> {
    /// None where it does well, or they would take long.
    fn of(facts: &'a Facts<'a>, train: Train<'a>) -> Option<Self> {
        let trials = Self { facts, train, own: own(facts) };
        (facts.gain() <= 0.9 && trials.cost() <= MOST_WORK).then_some(trials)
    }

    fn config(&self) -> FitConfig {
        let story = &self.facts.model.story;
        FitConfig { restarts: Some(1), ensemble: 1, ..story.config.clone() }
    }

    /// Of one training.
    fn cost(&self) -> f64 {
        let story = &self.facts.model.story;
        let n_params = self.facts.model.network().params().len() as f64;
        // The trials are the starts, and networks of four times the units.
        (STARTS as f64 + 8.0)
            * 3.0
            * n_params
            * story.n_training_rows as f64
            * story.config.train.epochs as f64
    }

    /// Whether a trial does far better, on the rows that trained and on those that did not.
    fn is_far_better(&self, probe: Probe, share: f64) -> bool {
        let facts = self.facts;
        let above = |loss: f64| (loss - facts.floor).max(0.0);
        let trains = above(probe.training_loss) < share * above(self.own.training_loss);
        let holds = match facts.held_out {
            // Some of what is lost there cannot be won.
            Some(_) => probe.watched_loss < (0.5 + 0.5 * share) * self.own.watched_loss,
            None => true,
        };
        trains && holds
    }

    /// Whether more patience would have paid.
    fn stopped(&self) -> Option<Finding> {
        let story = &self.facts.model.story;
        let patience = story.config.train.patience?;
        if story.stop_reason != StopReason::Patience || patience >= MUCH_PATIENCE {
            return None;
        }
        let mut config = self.config();
        config.train.patience = Some(MUCH_PATIENCE);
        config.train.epochs = config.train.epochs.max(500);
        let probe = (self.train)(config)?;
        (probe.watched_loss < PAYS * self.own.watched_loss).then(|| {
            let severity = if self.facts.gain() < 0.5 { Severity::Error } else { Severity::Warning };
            Finding::new(
                Code::StoppedTooEarly,
                severity,
                format!(
                    "training stopped after {} epochs because {patience} of them in a row did not improve the validation loss, \
                     which is easily chance; with more patience the same training goes on to a lower one",
                    story.history.len()
                ),
                "more patience",
            )
            .with("patience, epochs", patience)
            .with("epochs", story.history.len())
            .with("validation loss", self.own.watched_loss)
            .with(&format!("validation loss with a patience of {MUCH_PATIENCE}"), probe.watched_loss)
            .fix(Fix::Patience(MUCH_PATIENCE))
            .fix(Fix::Epochs(story.config.train.epochs.max(500)))
        })
    }

    fn unlucky(&self) -> Option<Finding> {
        if !self.facts.has_hidden()
            || self.facts.model.story.config.n_starts(self.facts.model.network().params().len()) > 1
        {
            return None;
        }
        let base = self.config();
        let probes: Vec<Probe> = (1..=STARTS)
            .filter_map(|k| (self.train)(FitConfig { seed: base.seed + k * 7919, ..base.clone() }))
            .collect();
        let n_better = probes.iter().filter(|probe| self.is_far_better(**probe, FAR)).count();
        let best = probes.iter().map(|probe| probe.watched_loss).fold(f64::INFINITY, f64::min);
        (n_better > 0).then(|| {
            Finding::new(
                Code::UnluckyStart,
                Severity::Error,
                format!(
                    "this start of the weights led into a dead end: of {} other starts of the same network, {n_better} went \
                     far lower",
                    probes.len()
                ),
                "train from several starts and keep the best",
            )
            .with("loss", self.own.watched_loss)
            .with("best loss of the other starts", best)
            .with("other starts", probes.len())
            .with("of these far lower", n_better)
            .fix(Fix::Restarts(20))
        })
    }

    fn too_few_units(&self) -> Option<Finding> {
        let config = self.config();
        let sizes = &config.hidden_layer_sizes;
        let fewest = *sizes.iter().min()?;
        if fewest > 16 {
            return None;
        }
        let more: Vec<usize> = sizes.iter().map(|&size| (4 * size).max(8)).collect();
        let probe = self.best_of(3, &FitConfig { hidden_layer_sizes: more.clone(), ..config.clone() })?;
        self.is_far_better(probe, FAR).then(|| {
            let listed = |sizes: &[usize]| sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
            Finding::new(
                Code::TooFewHiddenUnits,
                Severity::Error,
                format!(
                    "{fewest} hidden units are too few for this shape: with {} the same training goes far lower, with other \
                     starts it does not",
                    listed(&more)
                ),
                "more hidden units",
            )
            .with("hidden units", listed(sizes))
            .with("loss", self.own.watched_loss)
            .with("training loss", self.own.training_loss)
            .with(&format!("loss with {}", listed(&more)), probe.watched_loss)
            .with(&format!("training loss with {}", listed(&more)), probe.training_loss)
            .fix(Fix::Hidden(more.clone()))
        })
    }

    /// Without restraints, and with a hidden layer.
    fn underfit(&self) -> Option<Finding> {
        let mut freed = self.config();
        Fix::Unrestrained.apply(&mut freed);
        // What says one answer for everything is held back altogether, and that is found without a trial.
        let is_restrained = freed != self.config() && self.facts.gain() < 0.7 && !self.facts.fails();
        let mut tried = Vec::new();
        if is_restrained && self.facts.has_hidden() {
            tried.push((vec![Fix::Unrestrained], freed));
        }
        if !self.facts.has_hidden() && !self.facts.fails() {
            let hidden = FitConfig { hidden_layer_sizes: vec![32], ..self.config() };
            tried.push((vec![Fix::Hidden(vec![32])], hidden));
        }
        tried.into_iter().find_map(|(fixes, config)| {
            let probe = self.best_of(2, &config)?;
            self.is_far_better(probe, FAR).then(|| {
                let flags = fixes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let finding = Finding::new(
                    Code::Underfit,
                    Severity::Error,
                    format!(
                        "the network is held back from what its rows can teach: with {flags} the same training goes far lower, \
                         on rows it never saw as well"
                    ),
                    "the settings that were tried",
                )
                .with("loss", self.own.watched_loss)
                .with("loss with these settings", probe.watched_loss)
                .with("training loss", self.own.training_loss)
                .with("training loss with these settings", probe.training_loss);
                fixes.into_iter().fold(finding, Finding::fix)
            })
        })
    }

    fn best_of(&self, n: u64, config: &FitConfig) -> Option<Probe> {
        let starts = (1..=n)
            .filter_map(|k| (self.train)(FitConfig { seed: config.seed + k * 104_729, ..config.clone() }));
        starts.min_by(|one, other| one.watched_loss.total_cmp(&other.watched_loss))
    }
}
