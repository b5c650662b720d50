//! Training: a [`Trainer`] from which a face pulls one epoch at a time.

use crate::batch::{Batch, mean_loss_in, slice};
use crate::dataset::{Dataset, Targets};
use crate::error::{Error, Result};
use crate::generator::Generator;
use crate::groups::{add_penalties, groups};
use crate::matrix::Matrix;
use crate::network::{Cache, Mode, Network};
use crate::objective::{Objective, TargetsRef};
use crate::optimizer::{Group, Optimizer};
use crate::schedule::{Schedule, ScheduleState};
use crate::tiny::Tiny;
use crate::train_config::{
    BatchSize, CheckedTrainConfig, LastBatch, Reduction, RowOrder, Ties, TrainConfig, TrainingLoss,
};
use glassnet_kernels::team::Team;
use glassnet_kernels::{Real, elementwise};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What happened in one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// From 1.
    pub epoch: usize,
    /// Mean over rows; see [`TrainingLoss`].
    pub training_loss: f64,
    /// Mean over the validation rows after the epoch.
    pub validation_loss: Option<f64>,
    /// η of the epoch's last step.
    pub learning_rate: f64,
    /// Length of the longest gradient of the epoch, before clipping.
    pub largest_gradient_norm: f64,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every epoch asked for was done.
    Epochs,
    /// The validation loss had not improved for `patience` epochs.
    Patience,
    /// A loss or parameter was no longer finite in this epoch; its beginning was restored.
    NonFinite {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// The caller pulled no further epoch.
    Interrupted,
}

/// A finished training.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained<R> {
    /// The network of the best epoch.
    pub network: Network<R>,
    /// One report an epoch.
    pub history: Vec<EpochReport>,
    /// The epoch whose parameters these are: of the lowest validation loss, the last one where there is no
    /// validation part; 0 for the start.
    pub best_epoch: usize,
    /// Why it ended.
    pub stop_reason: StopReason,
}

/// Training under way.
#[derive(Debug)]
pub struct Trainer<R> {
    network: Network<R>,
    objective: Objective,
    config: TrainConfig,
    training: Arc<Dataset<R>>,
    validation: Option<Arc<Dataset<R>>>,
    generator: Generator,
    optimizer: Optimizer<R>,
    schedule: ScheduleState,
    dropout_schedule: ScheduleState,
    weight_decay_schedule: ScheduleState,
    groups: Vec<Group>,
    tiny: Option<Tiny>,
    team: Arc<Team>,
    history: Vec<EpochReport>,
    best: Best<R>,
    stop_reason: Option<StopReason>,
    scratch: Scratch<R>,
}

#[derive(Debug)]
struct Best<R> {
    epoch: usize,
    loss: f64,
    params: Vec<R>,
}

/// Kept between batches, so that a run allocates once.
#[derive(Debug)]
struct Scratch<R> {
    order: Vec<usize>,
    x: Matrix<R>,
    classes: Vec<u32>,
    values: Matrix<R>,
    weights: Vec<R>,
    cache: Cache<R>,
    /// Of forward passes that only measure: their blocks have other sizes.
    measuring: Cache<R>,
    d_params: Vec<R>,
    params_at_start: Vec<R>,
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
        let config = config.into_config();
        for dataset in std::iter::once(&training).chain(&validation) {
            objective.check_targets(&dataset.targets, network.n_outputs())?;
            if dataset.x.n_rows() == 0 || dataset.x.n_columns() != network.n_inputs() {
                let (n_rows, n_columns) = (dataset.x.n_rows(), dataset.x.n_columns());
                let reason = format!("{n_rows} rows of {n_columns} inputs for {} inputs", network.n_inputs());
                return Err(Error::Layers { layer: 0, reason });
            }
        }
        let n_params = network.params().len();
        let precision = config.precision.of_products();
        let weight_decay = config.weight_decay.unwrap_or(config.optimizer.default_weight_decay());
        Ok(Self {
            objective,
            generator,
            optimizer: Optimizer::new(config.optimizer, n_params),
            schedule: ScheduleState::new(config.schedule, config.epochs),
            dropout_schedule: ScheduleState::new(config.dropout_schedule, config.epochs),
            weight_decay_schedule: ScheduleState::new(config.weight_decay_schedule, config.epochs),
            groups: groups(&network, &config, weight_decay),
            tiny: Tiny::of(&network, objective, &config, &training),
            team: Arc::default(),
            history: Vec::new(),
            best: Best { epoch: 0, loss: f64::INFINITY, params: network.params().to_vec() },
            stop_reason: None,
            scratch: Scratch {
                order: (0..training.x.n_rows()).collect(),
                x: Matrix::default(),
                classes: Vec::new(),
                values: Matrix::default(),
                weights: Vec::new(),
                cache: Cache::default().with_precision(precision),
                measuring: Cache::default().with_precision(precision),
                d_params: vec![R::ZERO; n_params],
                params_at_start: vec![R::ZERO; n_params],
            },
            network,
            config,
            training,
            validation,
        })
    }

    /// Trains on these threads together; without this call on the caller's alone. The numbers are the same to the bit.
    pub fn with_team(mut self, team: Arc<Team>) -> Self {
        let cache =
            || Cache::with_team(Arc::clone(&team)).with_precision(self.config.precision.of_products());
        (self.scratch.cache, self.scratch.measuring) = (cache(), cache());
        self.team = team;
        self
    }

    /// Multiplications of the largest product of a step.
    pub(crate) fn largest_product(&self) -> usize {
        let n_weights = self.network.layers().iter().map(|layer| layer.n_weights()).max();
        self.batch_size() * n_weights.unwrap_or(0)
    }

    fn batch_size(&self) -> usize {
        let n_rows = self.training.x.n_rows();
        match self.config.batch_size {
            BatchSize::Full => n_rows,
            BatchSize::Rows(batch_size) => batch_size.min(n_rows),
        }
    }

    /// Trains one epoch; `None` when training has ended.
    pub fn epoch(&mut self) -> Option<EpochReport> {
        if self.stop_reason.is_some() {
            return None;
        }
        self.scratch.params_at_start.copy_from_slice(self.network.params());
        let mut report = self.steps();
        let is_finite = elementwise::all_finite(self.network.params());
        if is_finite && report.training_loss.is_finite() {
            if self.config.training_loss == TrainingLoss::Evaluated && self.tiny.is_none() {
                report.training_loss = self.mean_loss(&Arc::clone(&self.training));
            }
            report.validation_loss = self.validation.clone().map(|validation| self.mean_loss(&validation));
        }
        let watched = report.validation_loss.unwrap_or(report.training_loss);
        if !is_finite || !report.training_loss.is_finite() || !watched.is_finite() {
            self.network.params_mut().copy_from_slice(&self.scratch.params_at_start);
            self.stop_reason = Some(StopReason::NonFinite { epoch: report.epoch });
            return None;
        }
        self.schedule.observe(watched);
        if self.validation.is_none() {
            self.best.epoch = report.epoch; // the last one, whose parameters need no copy
        } else if watched < self.best.loss || watched == self.best.loss && self.config.ties == Ties::Latest {
            self.best.epoch = report.epoch;
            self.best.loss = watched;
            self.best.params.copy_from_slice(self.network.params());
        }
        if self.config.patience.is_some_and(|patience| report.epoch - self.best.epoch >= patience) {
            self.stop_reason = Some(StopReason::Patience);
        } else if report.epoch == self.config.epochs {
            self.stop_reason = Some(StopReason::Epochs);
        }
        self.history.push(report);
        Some(report)
    }

    /// Trains at most so many epochs and gives the last one's report; `None` when training had ended. Tiny networks that
    /// are trained at a constant rate, without shuffling and validation, stay in registers all the while.
    pub fn epochs(&mut self, n_epochs: usize) -> Option<EpochReport> {
        let first = self.history.len();
        if let Some(tiny) = self.tiny.filter(|tiny| tiny.is_steady())
            && self.stop_reason.is_none()
            && self.validation.is_none()
            && self.config.schedule == Schedule::Constant
        {
            let n_epochs = n_epochs.min(self.config.epochs - first);
            self.scratch.params_at_start.copy_from_slice(self.network.params());
            let losses_and_norms = self.tiny_epochs(tiny, self.config.learning_rate, n_epochs);
            let are_finite = losses_and_norms.iter().all(|(loss, norm)| loss.is_finite() && norm.is_finite());
            if are_finite && elementwise::all_finite(self.network.params()) {
                let report = |(i, (loss, norm)): (usize, (f64, f64))| EpochReport {
                    epoch: first + i + 1,
                    training_loss: loss,
                    validation_loss: None,
                    learning_rate: self.config.learning_rate,
                    largest_gradient_norm: norm,
                };
                self.history.extend(losses_and_norms.into_iter().enumerate().map(report));
                self.best.epoch = self.history.len();
                if self.history.len() == self.config.epochs {
                    self.stop_reason = Some(StopReason::Epochs);
                }
                return self.history.last().copied().filter(|_| n_epochs > 0);
            }
            // Somewhere it broke off: once more, with a look after each epoch.
            self.network.params_mut().copy_from_slice(&self.scratch.params_at_start);
        }
        (0..n_epochs).map_while(|_| self.epoch()).last()
    }

    fn tiny_epochs(&mut self, tiny: Tiny, learning_rate: f64, n_epochs: usize) -> Vec<(f64, f64)> {
        let (params, order) = (self.network.params_mut(), &self.scratch.order);
        tiny.epochs(params, &self.training, order, learning_rate, n_epochs)
            .expect("rows that fit a tiny network")
    }

    /// The network as it is now.
    pub fn network(&self) -> &Network<R> {
        &self.network
    }

    /// Ends training and restores the best epoch.
    pub fn finish(mut self) -> Trained<R> {
        if self.validation.is_some() {
            self.network.params_mut().copy_from_slice(&self.best.params);
        }
        Trained {
            network: self.network,
            history: self.history,
            best_epoch: self.best.epoch,
            stop_reason: self.stop_reason.unwrap_or(StopReason::Interrupted),
        }
    }

    /// The steps of one epoch.
    fn steps(&mut self) -> EpochReport {
        let n_rows = self.training.x.n_rows();
        let batch_size = self.batch_size();
        if self.config.row_order == RowOrder::Shuffled {
            self.generator.shuffle(&mut self.scratch.order);
        }
        let mut report = EpochReport {
            epoch: self.history.len() + 1,
            training_loss: 0.0,
            validation_loss: None,
            learning_rate: 0.0,
            largest_gradient_norm: 0.0,
        };
        if let Some(tiny) = self.tiny {
            report.learning_rate =
                self.config.learning_rate * self.schedule.factor(self.history.len() as f64);
            let (loss, norm) = self.tiny_epochs(tiny, report.learning_rate, 1)[0];
            return EpochReport { training_loss: loss, largest_gradient_norm: norm, ..report };
        }
        let n_rows = match self.config.last_batch {
            LastBatch::Keep => n_rows,
            LastBatch::Drop => n_rows - n_rows % batch_size,
        };
        for start in (0..n_rows).step_by(batch_size) {
            let epochs = self.history.len() as f64 + start as f64 / n_rows as f64;
            report.learning_rate = self.config.learning_rate * self.schedule.factor(epochs);
            let (loss, norm) = self.step(start, (start + batch_size).min(n_rows), epochs);
            report.training_loss += loss;
            report.largest_gradient_norm = report.largest_gradient_norm.max(norm);
            if !loss.is_finite() || !norm.is_finite() {
                report.training_loss = f64::NAN;
                break;
            }
        }
        report.training_loss /= n_rows as f64;
        report
    }

    /// One step on the rows from `start` to before `end` of the epoch's order, after so many epochs. Returns the sum of
    /// their losses and the length of the gradient.
    fn step(&mut self, start: usize, end: usize, epochs: f64) -> (f64, f64) {
        let learning_rate = self.config.learning_rate * self.schedule.factor(epochs);
        let decay = self.weight_decay_schedule.factor(epochs);
        let dropout = self.dropout_schedule.factor(epochs);
        let team = &*self.team;
        let Scratch { order, x, classes, values, weights, cache, d_params, .. } = &mut self.scratch;
        let batch = match self.config.row_order {
            RowOrder::AsGiven => slice(&self.training, start, end),
            RowOrder::Shuffled => {
                let rows = &order[start..end];
                x.gather_by(team, self.training.x.view(), rows);
                let targets = match &self.training.targets {
                    Targets::Classes { indices, .. } => {
                        classes.clear();
                        classes.extend(rows.iter().map(|&row| indices[row]));
                        TargetsRef::Classes(classes)
                    }
                    Targets::Values(targets) => {
                        values.gather_by(team, targets.view(), rows);
                        TargetsRef::Values(values.view())
                    }
                };
                weights.clear();
                let weights = self.training.weights.as_ref().map(|all| {
                    weights.extend(rows.iter().map(|&row| all[row]));
                    &weights[..]
                });
                Batch { x: x.view(), targets, weights }
            }
        };
        let mode = Mode::Scheduled { dropout, generator: &mut self.generator };
        self.network.forward(batch.x, mode, cache);
        let scale = match self.config.reduction {
            Reduction::Mean => R::ONE / R::from_f64((end - start) as f64),
            Reduction::Sum => R::ONE,
        };
        let (outputs, d_outputs) = cache.outputs_and_gradient();
        let loss = self.objective.loss_and_gradient(outputs, batch.targets, batch.weights, scale, d_outputs);
        self.network.backward(batch.x, cache, d_params);
        let norm = elementwise::sum_of_squares(team, d_params).sqrt();
        if let Some(longest) = self.config.gradient_clip_norm
            && norm > longest
        {
            elementwise::scale(d_params, R::from_f64(longest / norm));
        }
        let params = self.network.params_mut();
        for Group { range, .. } in self.groups.iter().filter(|group| group.is_weight) {
            add_penalties(&self.config, &params[range.clone()], &mut d_params[range.clone()]);
        }
        self.optimizer.step_by(team, params, d_params, &self.groups, learning_rate, decay);
        (loss, norm)
    }

    fn mean_loss(&mut self, dataset: &Dataset<R>) -> f64 {
        let tiny = self.tiny.and_then(|tiny| tiny.mean_loss(self.network.params(), dataset));
        tiny.unwrap_or_else(|| {
            mean_loss_in(&mut self.scratch.measuring, &self.network, self.objective, dataset)
        })
    }
}
