//! Training: a [`Trainer`] from which a face pulls one epoch at a time.

use crate::batch::slice;
use crate::checkpoint::Checkpoint;
use crate::dataset::{Dataset, Targets};
use crate::ensemble::combine;
use crate::error::{Error, Result};
use crate::generator::Generator;
pub use crate::history::{BrokenOff, EpochReport, StopReason, Trained};
use crate::matrix::Matrix;
use crate::member::{Member, Plan, Steps};
use crate::network::Network;
use crate::objective::Objective;
use crate::schedule::Schedule;
use crate::temperature::tempered_loss;
use crate::train_config::{CheckedTrainConfig, Ties, Watched};
use crate::training_rows::TrainingRows;
use glassnet_kernels::Real;
use glassnet_kernels::team::Team;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

/// Training under way, of one network or of several at once.
#[derive(Debug)]
pub struct Trainer<R> {
    plan: Plan<R>,
    members: Vec<Member<R>>,
    validation: Option<Arc<Dataset<R>>>,
    team: Arc<Team>,
    /// Epochs of the run that were before this training.
    n_before: usize,
    history: Vec<EpochReport>,
    best: Best<R>,
    stop_reason: Option<StopReason>,
    failure: Option<Error>,
    broken_off: Option<BrokenOff>,
}

#[derive(Debug)]
struct Best<R> {
    epoch: usize,
    loss: f64,
    /// Of each member; none without validation rows, whose best epoch is the last.
    params: Vec<Vec<R>>,
}

impl<R: Real> Trainer<R> {
    /// Checks that everything fits together; trains nothing yet.
    ///
    /// # Errors
    /// [`Error::Targets`] and [`Error::Layers`] when network, objective and rows do not fit.
    pub fn new(
        network: Network<R>,
        objective: Objective,
        config: CheckedTrainConfig,
        training: Arc<Dataset<R>>,
        validation: Option<Arc<Dataset<R>>>,
        generator: Generator,
    ) -> Result<Self> {
        Self::ensemble(vec![(network, generator)], objective, config, training.into(), validation)
    }

    /// Trains several networks of the same layers, each with a generator of its own. Their best epoch, and when to stop, is
    /// decided by the validation loss of their averaged predictions, [`combine`]; each takes the steps that it
    /// would take alone.
    ///
    /// # Errors
    /// As [`Trainer::new`] and [`TrainingRows::first_block`]; [`Error::Layers`] also of no network, and of networks with unlike layers.
    pub fn ensemble(
        networks: Vec<(Network<R>, Generator)>,
        objective: Objective,
        config: CheckedTrainConfig,
        training: TrainingRows<R>,
        validation: Option<Arc<Dataset<R>>>,
    ) -> Result<Self> {
        let wrong = |reason: String| Err(Error::Layers { layer: 0, reason });
        let Some((first, _)) = networks.first() else { return wrong("no network to train".into()) };
        if networks.iter().any(|(network, _)| network.layers() != first.layers()) {
            return wrong("networks of one ensemble have the same layers".into());
        }
        for dataset in std::iter::once(&training.first_block()?).chain(&validation) {
            objective.check_targets(&dataset.targets, first.n_outputs())?;
            if dataset.x.n_rows() == 0 || dataset.x.n_columns() != first.n_inputs() {
                let (n_rows, n_columns) = (dataset.x.n_rows(), dataset.x.n_columns());
                return wrong(format!("{n_rows} rows of {n_columns} inputs for {} inputs", first.n_inputs()));
            }
        }
        let plan = Plan::new(first, objective, config.into_config(), training);
        let params = |(network, _): &(Network<R>, _)| network.params().to_vec();
        let best = if validation.is_some() { networks.iter().map(params).collect() } else { Vec::new() };
        let member = |(network, generator)| Member::new(network, generator, &plan);
        Ok(Self {
            members: networks.into_iter().map(member).collect(),
            plan,
            validation,
            team: Arc::default(),
            n_before: 0,
            history: Vec::new(),
            best: Best { epoch: 0, loss: f64::INFINITY, params: best },
            stop_reason: None,
            failure: None,
            broken_off: None,
        })
    }

    /// As a later part of a run: its schedules are where they are after so many epochs, and its last epoch is so much nearer.
    pub(crate) fn going_on_after(mut self, n_epochs: usize) -> Self {
        self.n_before = n_epochs;
        if n_epochs >= self.plan.config.epochs {
            self.stop_reason = Some(StopReason::Epochs);
        }
        self
    }

    /// The rate of the next step.
    pub(crate) fn learning_rate(&self) -> f64 {
        self.plan.config.learning_rate
            * self.plan.schedule.factor((self.n_before + self.history.len()) as f64)
    }

    /// Trains on these threads together; without this call on the caller's alone. The numbers are the same to the bit.
    pub fn with_team(mut self, team: Arc<Team>) -> Self {
        // Of several networks each has a thread; a single one has them all.
        if let [member] = &mut self.members[..] {
            member.use_team(&mut self.plan, &team);
        }
        self.team = team;
        self
    }

    /// Leaves off once this is true, in a long epoch also in its middle: that epoch then never began, and there is no other.
    pub fn stop_by(&mut self, stop: Arc<AtomicBool>) {
        self.plan.stop = Some(stop);
    }

    /// Adds to this the training rows that each network takes.
    pub fn count_rows_by(&mut self, rows: Arc<AtomicUsize>) {
        self.plan.rows = Some(rows);
    }

    /// Multiplications of the largest product of a step.
    pub(crate) fn largest_product(&self) -> usize {
        self.plan.largest_product(self.network())
    }

    /// Trains one epoch; `None` when training has ended or is stopped.
    pub fn epoch(&mut self) -> Option<EpochReport> {
        if self.stop_reason.is_some() || self.plan.is_stopped() {
            return None;
        }
        let (n_epochs, n_before) = (self.history.len(), self.n_before);
        let (plan, mut all) = (&self.plan, vec![None; self.members.len()]);
        let mut pairs: Vec<_> = self.members.iter_mut().zip(&mut all).collect();
        self.team.each(&mut pairs, |(member, steps)| **steps = Some(member.epoch(plan, n_before + n_epochs)));
        if let Some(error) = self.members.iter_mut().find_map(Member::take_failure) {
            self.failure = Some(error);
            self.stop_reason = Some(StopReason::Interrupted);
            return None;
        }
        if self.plan.is_left() {
            self.members.iter_mut().for_each(Member::undo);
            return None;
        }
        let all: Vec<Steps> = all.into_iter().flatten().collect();
        let mut report = EpochReport {
            epoch: n_epochs + 1,
            training_loss: all.iter().map(|steps| steps.training_loss).sum::<f64>() / all.len() as f64,
            validation_loss: None,
            tempered_loss: None,
            learning_rate: all[0].learning_rate,
            largest_gradient_norm: all.iter().map(|steps| steps.largest_gradient_norm).fold(0.0, f64::max),
        };
        let is_finite = report.training_loss.is_finite() && self.members.iter().all(Member::is_finite);
        if is_finite {
            self.validate(&mut report);
        }
        if !is_finite || !report.watched_loss().is_finite() {
            let broken = all.iter().find(|steps| !steps.training_loss.is_finite()).unwrap_or(&all[0]);
            self.broken_off = Some(broken.broken_off());
            self.members.iter_mut().for_each(Member::undo);
            self.stop_reason = Some(StopReason::NonFinite { epoch: report.epoch });
            return None;
        }
        if self.note(report) {
            for (best, member) in self.best.params.iter_mut().zip(&self.members) {
                best.copy_from_slice(member.network.params());
            }
        }
        Some(report)
    }

    /// Takes in an epoch's report. Whether its parameters are to be kept: it is the best, by rows that did not train.
    fn note(&mut self, report: EpochReport) -> bool {
        let watched = report.watched_loss();
        self.plan.schedule.observe(watched);
        let config = &self.plan.config;
        let is_better = watched < self.best.loss || watched == self.best.loss && config.ties == Ties::Latest;
        // Without validation rows the best is the last one, whose parameters need no copy.
        let is_kept = self.validation.is_some() && is_better;
        if self.validation.is_none() || is_kept {
            (self.best.epoch, self.best.loss) = (report.epoch, watched);
        }
        if config.patience.is_some_and(|patience| report.epoch - self.best.epoch >= patience) {
            self.stop_reason = Some(StopReason::Patience);
        } else if self.n_before + report.epoch == config.epochs {
            self.stop_reason = Some(StopReason::Epochs);
        }
        self.history.push(report);
        is_kept
    }

    /// Trains at most so many epochs and gives the last one's report; `None` when training had ended. A tiny network that
    /// is trained at a constant rate, without shuffling and validation, stays in registers all the while.
    pub fn epochs(&mut self, n_epochs: usize) -> Option<EpochReport> {
        let first = self.history.len();
        if let Some(tiny) = self.plan.tiny.filter(|tiny| tiny.is_steady())
            && let [member] = &mut self.members[..]
            && self.stop_reason.is_none()
            && self.plan.stop.is_none()
            && self.validation.is_none()
            && self.plan.config.schedule == Schedule::Constant
        {
            let (learning_rate, most) =
                (self.plan.config.learning_rate, self.plan.config.epochs - self.n_before);
            let n_epochs = n_epochs.min(most - first);
            let losses_and_norms = member.tiny_epochs(&self.plan, tiny, learning_rate, n_epochs);
            let are_finite = losses_and_norms.iter().all(|(loss, norm)| loss.is_finite() && norm.is_finite());
            if are_finite && member.is_finite() {
                let report = |(i, (loss, norm)): (usize, (f64, f64))| EpochReport {
                    epoch: first + i + 1,
                    training_loss: loss,
                    validation_loss: None,
                    tempered_loss: None,
                    learning_rate,
                    largest_gradient_norm: norm,
                };
                self.history.extend(losses_and_norms.into_iter().enumerate().map(report));
                if let Some(last) = self.history.last() {
                    (self.best.epoch, self.best.loss) = (last.epoch, last.training_loss);
                }
                if self.history.len() == most {
                    self.stop_reason = Some(StopReason::Epochs);
                }
                return self.history.last().copied().filter(|_| n_epochs > 0);
            }
            // Somewhere it broke off: once more, with a look after each epoch.
            member.undo();
        }
        (0..n_epochs).map_while(|_| self.epoch()).last()
    }

    /// Why training ended early: the rows to train on could not be read.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// The network as it is now; of several the first.
    pub fn network(&self) -> &Network<R> {
        &self.members[0].network
    }

    /// Its parameters before the last epoch.
    pub(crate) fn params_before(&self) -> &[R] {
        self.members[0].params_before()
    }

    /// The lowest watched loss so far and its epoch; infinite and 0 before the first.
    pub fn best(&self) -> (f64, usize) {
        (self.best.loss, self.best.epoch)
    }

    /// The epochs so far.
    pub fn history(&self) -> &[EpochReport] {
        &self.history
    }

    /// Why there is no further epoch, where there is none.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.stop_reason
    }

    /// Where the step was that broke the training off.
    pub fn broken_off(&self) -> Option<BrokenOff> {
        self.broken_off
    }

    /// Where the training is, between two epochs. `None` where it has ended because a number was not finite, and of
    /// [`Generator::NumpyLegacy`].
    pub fn checkpoint(&self) -> Option<Checkpoint<R>> {
        if matches!(self.stop_reason, Some(StopReason::NonFinite { .. })) {
            return None;
        }
        let has_best = self.validation.is_some();
        let best = |k: usize| if has_best { self.best.params[k].clone() } else { Vec::new() };
        let members = self.members.iter().enumerate().map(|(k, member)| member.progress(&self.plan, best(k)));
        Some(Checkpoint {
            history: self.history.clone(),
            best_epoch: self.best.epoch,
            members: members.collect::<Option<_>>()?,
        })
    }

    /// Epochs that are done.
    pub(crate) fn n_epochs_done(&self) -> usize {
        self.history.len()
    }

    /// Whether no epoch is to come.
    pub(crate) fn has_ended(&self) -> bool {
        self.stop_reason.is_some()
    }

    /// Goes on from where a training with the same networks, rows and configuration was.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it was another one.
    pub fn resume(&mut self, from: Checkpoint<R>) -> Result<()> {
        let wrong = |reason: &str| Err(Error::Checkpoint { reason: reason.to_owned() });
        let Some(own) = self.checkpoint() else { return wrong("this training has ended") };
        if own.members.len() != from.members.len() {
            return wrong("it is of another number of networks");
        }
        for (progress, like) in from.members.iter().zip(&own.members) {
            progress.check(like)?;
        }
        let is_numbered = from.history.iter().zip(1..).all(|(report, epoch)| report.epoch == epoch);
        let is_finite = from.history.iter().all(|report| report.watched_loss().is_finite());
        let n_epochs = from.history.len();
        if !is_numbered || !is_finite || n_epochs > self.plan.config.epochs || from.best_epoch > n_epochs {
            return wrong("its history is none of such a training");
        }
        for (k, progress) in from.members.into_iter().enumerate() {
            let best = self.members[k].resume(progress);
            if self.validation.is_some() {
                self.best.params[k] = best;
            }
        }
        (self.history, self.best.loss) = (Vec::new(), f64::INFINITY);
        for report in from.history {
            self.note(report);
        }
        self.best.epoch = from.best_epoch;
        Ok(())
    }

    /// Ends training and restores the best epoch.
    pub fn finish(mut self) -> Trained<R> {
        if self.validation.is_some() {
            for (best, member) in self.best.params.iter().zip(&mut self.members) {
                member.network.params_mut().copy_from_slice(best);
            }
        }
        Trained {
            networks: self.members.into_iter().map(|member| member.network).collect(),
            history: self.history,
            best_epoch: self.best.epoch,
            stop_reason: self.stop_reason.unwrap_or(StopReason::Interrupted),
            broken_off: self.broken_off,
        }
    }

    /// The losses on the validation rows, where there are any, of the averaged predictions.
    fn validate(&mut self, report: &mut EpochReport) {
        let Some(rows) = &self.validation else { return };
        let objective = self.plan.objective;
        let is_of_classes = matches!(objective, Objective::BinaryCrossEntropy | Objective::CrossEntropy);
        let tempered = match (&rows.targets, self.plan.config.watched) {
            (Targets::Classes { indices, .. }, Watched::TemperedLoss) if is_of_classes => Some(indices),
            _ => None,
        };
        if let ([member], None) = (&mut self.members[..], tempered) {
            report.validation_loss = Some(member.mean_loss(&self.plan, rows));
            return;
        }
        let outputs = if let [member] = &self.members[..] {
            member.network.outputs_by(&self.team, rows.x.view())
        } else {
            let mut outputs: Vec<(&Network<R>, Matrix<R>)> =
                self.members.iter().map(|member| (&member.network, Matrix::default())).collect();
            self.team.each(&mut outputs, |(network, outputs)| *outputs = network.outputs(rows.x.view()));
            combine(objective, &outputs.into_iter().map(|(_, outputs)| outputs).collect::<Vec<_>>())
        };
        let all = slice(rows, 0, rows.x.n_rows());
        report.validation_loss =
            Some(objective.loss(outputs.view(), all.targets, all.weights) / rows.x.n_rows() as f64);
        report.tempered_loss =
            tempered.map(|classes| tempered_loss(objective, &outputs, (classes, all.weights)));
    }
}
