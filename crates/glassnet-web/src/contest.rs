//! Many trainings at once: the same from many starts, or with one setting at many values.

use crate::reply::Reply;
use crate::tables::Refusal;
use glassnet::fit_config::FitConfig;
use glassnet::restarts::StartReport;
use glassnet::trainer::EpochReport;
use glassnet::trainer::Trainer;
use glassnet::workbench::Workbench;
use serde_json::{Value, json};

/// Points of a curve.
const MOST_POINTS: usize = 48;

/// A loss that has fallen by less than this share over the last tenth of the epochs is at rest.
const AT_REST: f64 = 1e-3;

/// Trainings on their way.
#[derive(Debug)]
pub(crate) struct Contest {
    trainers: Vec<Trainer<f64>>,
    epochs: usize,
    done: usize,
}

impl Contest {
    pub(crate) fn new(bench: &Workbench, configs: &[FitConfig], epochs: usize) -> Result<Self, Refusal> {
        let trainer = |config: &FitConfig| {
            let mut config = config.clone();
            (config.train.epochs, config.train.patience) = (epochs, None);
            bench.contender(&config, 0)
        };
        Ok(Self { trainers: configs.iter().map(trainer).collect::<Result<_, _>>()?, epochs, done: 0 })
    }

    /// Trains so many of them to their end.
    pub(crate) fn advance(&mut self, count: usize) {
        let end = (self.done + count.max(1)).min(self.trainers.len());
        for trainer in &mut self.trainers[self.done..end] {
            trainer.epochs(self.epochs);
        }
        self.done = end;
    }

    /// How those that are done ended: `solved`, `stuck` (the loss is at rest), `slow` (it still falls) or `broken_off`.
    pub(crate) fn json(&self, bench: &Workbench, reply: &mut Reply) -> Result<Value, Refusal> {
        let report = |trainer: &Trainer<f64>| {
            let (loss, best_epoch) = trainer.best();
            let losses = trainer.history().iter().map(EpochReport::watched_loss).collect();
            StartReport { loss: loss.is_finite().then_some(loss), best_epoch, losses }
        };
        let lottery = bench.lottery(self.trainers[..self.done].iter().map(report).collect())?;
        let one = |start: &StartReport, reply: &mut Reply| {
            let n = start.losses.len();
            let outcome = match (lottery.is_solved(start), start.losses.last()) {
                (true, _) => "solved",
                (_, Some(last)) if n == self.epochs => {
                    let before = start.losses[n - 1 - (n - 1) / 10];
                    if before - last > AT_REST * before { "slow" } else { "stuck" }
                }
                _ => "broken_off",
            };
            let every = n.div_ceil(MOST_POINTS).max(1);
            let curve: Vec<f64> = start.losses.iter().step_by(every).copied().collect();
            json!({ "outcome": outcome, "loss": start.loss, "curve": reply.numbers(&curve) })
        };
        let starts: Vec<Value> = lottery.starts.iter().map(|start| one(start, reply)).collect();
        Ok(json!({
            "n_done": self.done, "n": self.trainers.len(), "epochs": self.epochs, "starts": starts,
            "constant_loss": lottery.constant_loss, "n_solved": lottery.n_solved,
        }))
    }
}
