//! A training to look into: from a table, in `f64`, one epoch or one row at a time, with every number open in between.
//!
//! It starts where [`crate::fit::Fit`] does, with the same encoder, split and streams of the seed, so that its parameters are
//! those of the same training but for the rounding of `f32`. As a [`Model`] they are rounded to `f32`.

use crate::batch::slice;
use crate::dataset::{Dataset, Targets};
use crate::diagnose::{self, Probe};
use crate::error::{Error, Result};
use crate::facts::constant_loss;
use crate::finding::Finding;
use crate::fit::fitted;
use crate::fit_config::FitConfig;
use crate::generator::Generator;
use crate::history::{BrokenOff, EpochReport, StopReason};
use crate::kept::Kept;
use crate::matrix::Matrix;
use crate::model::Model;
use crate::network::Network;
use crate::objective::Objective;
use crate::optimizer::OptimizerConfig;
use crate::prepared::{Prepared, Stream};
use crate::restarts::{Lottery, StartReport};
use crate::schema::Schema;
use crate::start;
use crate::table::Table;
use crate::trace::{Trace, passes, row_gradients, trace};
use crate::train_config::{BatchSize, TrainConfig};
use crate::trainer::{Trained, Trainer};
use crate::training_rows::TrainingRows;
use crate::watch::{Watch, wide};
use std::sync::Arc;

/// A training under way.
#[derive(Debug)]
pub struct Workbench {
    prepared: Prepared,
    config: FitConfig,
    training: Arc<Dataset<f64>>,
    validation: Option<Arc<Dataset<f64>>>,
    trainer: Trainer<f64>,
    start: Vec<f64>,
    /// Epochs before the trainer's own first one.
    past: Vec<EpochReport>,
    kept: Kept,
    watch: Watch,
    linear: Option<Network<f32>>,
}

impl Workbench {
    /// Splits, encodes and starts: nothing is trained yet.
    ///
    /// # Errors
    /// When the schema does not fit the table, a cell cannot be read, or a setting is outside its domain; [`Error::Setting`]
    /// also of an ensemble.
    pub fn start(table: &Table, schema: Schema, config: FitConfig) -> Result<Self> {
        if config.ensemble > 1 {
            let value = config.ensemble.to_string();
            return Err(Error::Setting { name: "ensemble", value, domain: "1 where one looks inside" });
        }
        let prepared = Prepared::of(table, schema, &config, None)?;
        let training = Arc::new(wide(&*prepared.training.first_block()?));
        let validation = prepared.validation.as_ref().map(|rows| Arc::new(wide(rows)));
        let trainer =
            start::trainer(&prepared, (&(training.clone().into()), validation.as_ref()), &config, 0)?;
        let mut draw = Generator::stream(config.seed, Stream::Watch as u64);
        let narrow = narrow(trainer.network())?;
        let mut watch = Watch::new(&narrow, &*prepared.training.first_block()?, &mut draw)?;
        watch.look(0, &narrow, prepared.objective, None)?;
        let start = trainer.network().params().to_vec();
        let mut kept = Kept::default();
        kept.see(0, &start);
        let linear = None;
        Ok(Self {
            prepared,
            config,
            training,
            validation,
            trainer,
            start,
            past: Vec::new(),
            kept,
            watch,
            linear,
        })
    }

    /// Every setting.
    pub fn config(&self) -> &FitConfig {
        &self.config
    }

    /// The columns as understood, how they are encoded, and what is learnt.
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// What training makes small.
    pub fn objective(&self) -> Objective {
        self.prepared.objective
    }

    /// The network as it is.
    pub fn network(&self) -> &Network<f64> {
        self.trainer.network()
    }

    /// Rows that train, encoded.
    pub fn training(&self) -> &Dataset<f64> {
        &self.training
    }

    /// Rows that validate, encoded.
    pub fn validation(&self) -> Option<&Dataset<f64>> {
        self.validation.as_deref()
    }

    /// Epochs so far.
    pub fn n_epochs(&self) -> usize {
        self.past.len() + self.trainer.history().len()
    }

    /// One report an epoch, without the first so many.
    pub fn history_from(&self, n_before: usize) -> impl Iterator<Item = EpochReport> + '_ {
        let renumbered =
            move |(i, report): (usize, &EpochReport)| EpochReport { epoch: n_before + i + 1, ..*report };
        self.past.iter().chain(self.trainer.history()).skip(n_before).enumerate().map(renumbered)
    }

    /// The rate of the next step, by the schedule.
    pub fn learning_rate(&self) -> f64 {
        self.trainer.learning_rate()
    }

    /// Why there is no further epoch, where there is none.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.trainer.stop_reason()
    }

    /// The step with which training broke off.
    pub fn broken_off(&self) -> Option<BrokenOff> {
        self.trainer.broken_off()
    }

    /// Epochs whose parameters can be gone [back to](Self::back_to).
    pub fn kept_epochs(&self) -> impl Iterator<Item = usize> + '_ {
        self.kept.params.iter().map(|(epoch, _)| *epoch)
    }

    /// Trains one epoch; `None` when training has ended, which is also where a number was no longer finite.
    pub fn epoch(&mut self) -> Option<EpochReport> {
        let report = self.trainer.epoch()?;
        let report = EpochReport { epoch: self.n_epochs(), ..report };
        self.kept.see(report.epoch, self.trainer.network().params());
        if Watch::is_due(report.epoch)
            && let Ok(now) = narrow(self.trainer.network())
        {
            let before: Vec<f32> = self.trainer.params_before().iter().map(|&param| param as f32).collect();
            // Rows and layers are those of the first look, so that a failure would have been one there.
            let _ = self.watch.look(report.epoch, &now, self.prepared.objective, Some(&before));
        }
        Some(report)
    }

    /// Every number of one step on these training rows together, [`trace`]; with the optimizer at rest.
    ///
    /// # Errors
    /// As [`trace`].
    pub fn trace(&self, rows: &[usize]) -> Result<Trace> {
        let rows = self.training.gather(rows)?;
        let batch = slice(&rows, 0, rows.n_rows());
        let config = TrainConfig {
            learning_rate: self.learning_rate(),
            ..self.config.train_config(self.training.n_rows())
        };
        trace(self.network(), self.prepared.objective, batch.x, Some(batch.targets), &config)
    }

    /// One forward pass of any inputs, and the backward pass without a step where there are targets.
    pub fn passes(&self, rows: &Dataset<f64>) -> Trace {
        let batch = slice(rows, 0, rows.n_rows());
        passes(self.network(), self.prepared.objective, batch.x, Some(batch.targets), None)
    }

    /// Whether a single step can be [taken](Self::step): those of plain gradient descent depend on nothing but the row.
    pub fn can_step(&self) -> bool {
        let train = &self.config.train;
        self.config.train.optimizer == OptimizerConfig::SGD && train.l1 == 0.0 && train.l2 == 0.0
    }

    /// One update by one training row alone, and its numbers before it. No epoch counts.
    ///
    /// # Errors
    /// [`Error::Setting`] where [`can_step`](Self::can_step) is not.
    pub fn step(&mut self, row: usize) -> Result<Trace> {
        if !self.can_step() {
            let value = format!("{:?}", self.config.train.optimizer);
            let domain =
                "sgd without momentum and penalties for single steps, as others keep a state between steps";
            return Err(Error::Setting { name: "optimizer", value, domain });
        }
        let traced = self.trace(&[row])?;
        let blocks = traced.layers.iter().flat_map(|layer| &layer.blocks);
        let after: Vec<f64> =
            blocks.flat_map(|block| block.after.as_deref().unwrap_or(&block.values)).copied().collect();
        self.set_params(after)?;
        Ok(traced)
    }

    /// Goes on with other parameters, in the network's order.
    ///
    /// # Errors
    /// [`Error::Params`] when there are not as many as the network has, [`Error::Setting`] of one that is not finite.
    pub fn set_params(&mut self, params: Vec<f64>) -> Result<()> {
        if let Some(param) = params.iter().find(|param| !param.is_finite()) {
            return Err(Error::Setting { name: "parameter", value: param.to_string(), domain: "finite" });
        }
        let network = Network::from_params(self.network().layers().to_vec(), params)?;
        let past: Vec<EpochReport> = self.history_from(0).collect();
        self.trainer = self.trainer_of(network, past.len())?;
        self.past = past;
        Ok(())
    }

    /// Goes back to the last parameters that were kept up to an epoch, and forgets what came after.
    ///
    /// # Errors
    /// None of a training that began.
    pub fn back_to(&mut self, epoch: usize) -> Result<()> {
        let (epoch, params) = self.kept.back_to(epoch).unwrap_or((0, self.start.clone()));
        let past: Vec<EpochReport> = self.history_from(0).take(epoch).collect();
        let network = Network::from_params(self.network().layers().to_vec(), params)?;
        self.trainer = self.trainer_of(network, past.len())?;
        self.past = past;
        self.watch.snapshots.retain(|snapshot| snapshot.epoch <= epoch);
        Ok(())
    }

    /// A training that goes on from a network, after so many epochs.
    fn trainer_of(&self, network: Network<f64>, n_before: usize) -> Result<Trainer<f64>> {
        let order = Generator::stream(self.config.seed, Stream::Training as u64);
        let train = self.config.train_config(self.training.n_rows()).check()?;
        let training = TrainingRows::from(self.training.clone());
        let networks = vec![(network, order)];
        let trainer =
            Trainer::ensemble(networks, self.objective(), train, training, self.validation.clone())?;
        Ok(trainer.going_on_after(n_before))
    }

    /// What each training row alone asks of each parameter, −∂l/∂: shape (`n_rows`, `n_params`).
    pub fn pulls(&self) -> Matrix<f64> {
        let rows = slice(&self.training, 0, self.training.n_rows());
        let mut pulls = row_gradients(self.network(), self.objective(), rows.x, rows.targets);
        pulls.values_mut().iter_mut().for_each(|pull| *pull = -*pull);
        pulls
    }

    /// The mean loss on the training rows as the network is.
    pub fn loss(&self) -> f64 {
        mean_loss(self.network(), self.objective(), &self.training)
    }

    /// The class of each training row: of classes, or of numbers with two values, the greater being 1.
    pub fn classes(&self) -> Option<Vec<usize>> {
        match &self.training.targets {
            Targets::Classes { indices, .. } => Some(indices.iter().map(|&class| class as usize).collect()),
            Targets::Values(values) => {
                let low = values.values().iter().copied().fold(f64::INFINITY, f64::min);
                let high = values.values().iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let are_two = values.values().iter().all(|&value| value == low || value == high);
                (are_two && low < high)
                    .then(|| values.values().iter().map(|&v| usize::from(v == high)).collect())
            }
        }
    }

    /// The network as it is, as a model that predicts. The linear baseline is trained the first time.
    ///
    /// # Errors
    /// When the baseline cannot be trained.
    pub fn model(&mut self) -> Result<Model> {
        let linear = if let Some(linear) = &self.linear {
            linear.clone()
        } else {
            let rows = (&self.training.clone().into(), self.validation.as_ref());
            let mut trainer = start::linear(&self.prepared, rows, &self.baseline_config())?;
            while trainer.epoch().is_some() {}
            narrow(trainer.finish().network())?
        };
        self.linear = Some(linear.clone());
        let trained = Trained {
            networks: vec![narrow(self.network())?],
            history: self.history_from(0).collect(),
            best_epoch: self.n_epochs(),
            stop_reason: self.stop_reason().unwrap_or(StopReason::Interrupted),
            broken_off: self.broken_off(),
        };
        let snapshots = self.watch.snapshots.clone();
        // The training so far, as one that was asked for.
        let mut config = self.config.clone();
        if !config.train.schedule.depends_on_length() {
            config.train.epochs = self.n_epochs().max(1);
        }
        Ok(fitted(self.prepared.clone(), config, linear, trained, snapshots, None)?.model)
    }

    /// The linear baseline's settings: a training that is watched may go on for ever, the baseline's ends.
    fn baseline_config(&self) -> FitConfig {
        let (plain, mut config) = (FitConfig::plain().train, self.config.clone());
        config.train.epochs = config.train.epochs.min(plain.epochs);
        config.train.patience = config.train.patience.or(plain.patience);
        config
    }

    /// What is wrong with it as it is, the most important first. With `tries`, small networks are trained a few more times with
    /// one thing changed.
    ///
    /// # Errors
    /// As [`Workbench::model`].
    pub fn findings(&mut self, tries: bool) -> Result<Vec<Finding>> {
        let model = self.model()?;
        let training = self.prepared.training.first_block()?;
        let validation = self.prepared.validation.as_deref();
        let probe = |config: FitConfig| self.probe(&config);
        let train: Option<diagnose::Train<'_>> = if tries { Some(&probe) } else { None };
        diagnose::diagnose(&model, &training, validation, train)
    }

    /// How the same training goes with other settings; of several starts the best one.
    fn probe(&self, config: &FitConfig) -> Option<Probe> {
        let first = self.contender(config, 0).ok()?;
        let n_starts = config.n_starts(first.network().params().len());
        let others = (1..n_starts).map_while(|number| self.contender(config, number).ok());
        let mut best: Option<Probe> = None;
        for mut trainer in std::iter::once(first).chain(others) {
            while trainer.epoch().is_some() {}
            let (_, epoch) = trainer.best();
            let Some(report) = epoch.checked_sub(1).and_then(|i| trainer.history().get(i)) else { continue };
            let training_loss = report.training_loss;
            let probe =
                Probe { watched_loss: report.validation_loss.unwrap_or(training_loss), training_loss };
            if best.is_none_or(|best| probe.watched_loss < best.watched_loss) {
                best = Some(probe);
            }
        }
        best
    }

    /// A training on the same rows with other settings, at its start `number`.
    ///
    /// # Errors
    /// When a setting is outside its domain.
    pub fn contender(&self, config: &FitConfig, number: usize) -> Result<Trainer<f64>> {
        let rows = (&self.training.clone().into(), self.validation.as_ref());
        start::trainer(&self.prepared, rows, config, number)
    }

    /// Which of several trainings solved it.
    ///
    /// # Errors
    /// None of rows in memory.
    pub fn lottery(&self, starts: Vec<StartReport>) -> Result<Lottery> {
        let training = self.prepared.training.first_block()?;
        let watched = self.prepared.validation.as_ref().unwrap_or(&training);
        Ok(Lottery::new(starts, constant_loss(self.objective(), &training, watched)))
    }

    /// Rows of a step.
    pub fn batch_size(&self) -> usize {
        match self.config.train_config(self.training.n_rows()).batch_size {
            BatchSize::Full => self.training.n_rows(),
            BatchSize::Rows(n_rows) => n_rows,
        }
    }
}

fn mean_loss(network: &Network<f64>, objective: Objective, rows: &Dataset<f64>) -> f64 {
    let all = slice(rows, 0, rows.n_rows());
    objective.loss(network.outputs(all.x).view(), all.targets, None) / rows.n_rows() as f64
}

fn narrow(network: &Network<f64>) -> Result<Network<f32>> {
    let params = network.params().iter().map(|&param| param as f32).collect();
    Network::from_params(network.layers().to_vec(), params)
}
