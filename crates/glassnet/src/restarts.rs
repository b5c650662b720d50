//! The start lottery: the same training from several starts, of which the best is kept.
//!
//! Start k draws from streams of its own and takes the steps that it would take alone, so that neither the number of threads nor
//! that of starts changes its bits. Start 0 is the training without restarts.

use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::history::EpochReport;
use crate::objective::Objective;
use crate::trainer::{Trained, Trainer};
use crate::watch::{Snapshot, Watch};
use glassnet_kernels::team::Team;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A start has solved the task when it is at most this share of the way from the best start's loss to that of the constant
/// prediction.
pub const SOLVED: f64 = 0.1;

/// How one start ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartReport {
    /// The loss of its best epoch: of validation rows, where there are any.
    pub loss: Option<f64>,
    /// That epoch.
    pub best_epoch: usize,
    /// The watched loss after each epoch.
    pub losses: Vec<f64>,
}

/// How several starts ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Lottery {
    /// One a start, in order.
    pub starts: Vec<StartReport>,
    /// The watched loss of the best prediction that is the same for every row.
    pub constant_loss: f64,
    /// The highest loss of a start that has solved the task.
    pub limit: f64,
    /// How many have solved it.
    pub n_solved: usize,
}

impl Lottery {
    /// Solved is what is within [`SOLVED`] of the way from the best start's loss to the constant's; nothing, where none is below
    /// that.
    pub fn new(starts: Vec<StartReport>, constant_loss: f64) -> Self {
        let best = best(&starts);
        let is_any = best < constant_loss;
        let limit = if is_any { best + SOLVED * (constant_loss - best) } else { f64::NEG_INFINITY };
        Self::with_limit(starts, constant_loss, limit)
    }

    /// Solved is what has a loss of at most `limit`.
    pub fn with_limit(starts: Vec<StartReport>, constant_loss: f64, limit: f64) -> Self {
        let mut lottery = Self { starts, constant_loss, limit, n_solved: 0 };
        lottery.n_solved = lottery.starts.iter().filter(|start| lottery.is_solved(start)).count();
        lottery
    }

    /// Whether that start has solved the task.
    pub fn is_solved(&self, start: &StartReport) -> bool {
        start.loss.is_some_and(|loss| loss <= self.limit)
    }
}

/// The lowest loss of all.
fn best(starts: &[StartReport]) -> f64 {
    starts.iter().filter_map(|start| start.loss).fold(f64::INFINITY, f64::min)
}

/// One start on its way.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) trainer: Trainer<f32>,
    watch: Watch,
    /// Why the layers could not be looked at.
    failure: Option<Error>,
}

impl Run {
    pub(crate) fn new(trainer: Trainer<f32>, mut watch: Watch, objective: Objective) -> Result<Self> {
        watch.look(0, trainer.network(), objective, None)?;
        Ok(Self { trainer, watch, failure: None })
    }

    /// What was seen of the layers so far.
    pub(crate) fn snapshots(&self) -> &[Snapshot] {
        &self.watch.snapshots
    }

    /// Goes on from there.
    pub(crate) fn resume(&mut self, from: Checkpoint<f32>, snapshots: Vec<Snapshot>) -> Result<()> {
        self.trainer.resume(from)?;
        self.watch.snapshots = snapshots;
        Ok(())
    }

    fn epoch(&mut self, objective: Objective) -> Option<EpochReport> {
        let report = self.trainer.epoch()?;
        if Watch::is_due(report.epoch) {
            let before = Some(self.trainer.params_before());
            let looked = self.watch.look(report.epoch, self.trainer.network(), objective, before);
            self.failure = looked.err();
        }
        Some(report)
    }

    fn report(&self) -> StartReport {
        let (loss, best_epoch) = self.trainer.best();
        let losses = self.trainer.history().iter().map(EpochReport::watched_loss).collect();
        StartReport { loss: loss.is_finite().then_some(loss), best_epoch, losses }
    }
}

/// All of them; one, where there are no restarts.
#[derive(Debug)]
pub(crate) struct Runs {
    pub(crate) all: Vec<Run>,
    pub(crate) objective: Objective,
    pub(crate) team: Arc<Team>,
}

impl Runs {
    /// One epoch of each that has not ended; the report of the one whose loss is the lowest.
    pub(crate) fn epoch(&mut self) -> Option<EpochReport> {
        let objective = self.objective;
        if let [run] = &mut self.all[..] {
            return run.epoch(objective);
        }
        let mut reports = vec![None; self.all.len()];
        let mut pairs: Vec<_> = self.all.iter_mut().zip(&mut reports).collect();
        self.team.each(&mut pairs, |(run, report)| **report = run.epoch(objective));
        let lowest =
            |one: &EpochReport, other: &EpochReport| one.watched_loss().total_cmp(&other.watched_loss());
        reports.into_iter().flatten().min_by(lowest)
    }

    /// The place of the one whose best loss is the lowest, of equal ones the first.
    fn best_place(&self) -> usize {
        let loss = |k: usize| self.all[k].trainer.best().0;
        (1..self.all.len()).fold(0, |best, k| if loss(k) < loss(best) { k } else { best })
    }

    /// The one whose best loss is the lowest.
    pub(crate) fn best(&self) -> &Run {
        &self.all[self.best_place()]
    }

    pub(crate) fn failure(&self) -> Option<&Error> {
        self.all.iter().find_map(|run| run.trainer.failure().or(run.failure.as_ref()))
    }

    /// The best one's end, what was seen of it, and how all of them ended where there are several.
    pub(crate) fn finish(mut self) -> (Trained<f32>, Vec<Snapshot>, Vec<StartReport>) {
        let starts = if self.all.len() > 1 { self.all.iter().map(Run::report).collect() } else { Vec::new() };
        let best = self.best_place();
        let Run { trainer, watch, .. } = self.all.swap_remove(best);
        (trainer.finish(), watch.snapshots, starts)
    }
}
