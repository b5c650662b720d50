//! One network in training: the steps of an epoch. A [`crate::trainer::Trainer`] has one of them, or several.

use crate::batch::mean_loss_in;
use crate::checkpoint::Progress;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::generator::Generator;
use crate::groups::groups;
use crate::history::BrokenOff;
use crate::network::{Cache, Network};
use crate::objective::Objective;
use crate::optimizer::{Group, Optimizer, OptimizerState};
use crate::schedule::ScheduleState;
use crate::shard::{Batches, Job, Rows};
use crate::tiny::Tiny;
use crate::train_config::{BatchSize, LastBatch, Reduction, RowOrder, TrainConfig, TrainingLoss};
use crate::training_rows::{TrainingRows, no_rows};
use crate::update::Update;
use glassnet_kernels::pages::Numbers;
use glassnet_kernels::team::Team;
use glassnet_kernels::{Real, elementwise};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Multiplications (rows times parameters) from which an epoch in memory may be left in the middle. The way back needs a copy
/// of all that an epoch changes; a shorter one is finished instead, which takes a network of the strong recipe some 50 ms.
const LONG_EPOCH: usize = 1 << 30;

/// What the networks that train together have in common.
#[derive(Debug)]
pub(crate) struct Plan<R> {
    pub(crate) objective: Objective,
    pub(crate) config: TrainConfig,
    pub(crate) training: TrainingRows<R>,
    pub(crate) schedule: ScheduleState,
    dropout_schedule: ScheduleState,
    weight_decay_schedule: ScheduleState,
    groups: Vec<Group>,
    pub(crate) tiny: Option<Tiny>,
    team: Arc<Team>,
    /// Whether an epoch may be left in the middle.
    is_epoch_long: bool,
    /// Once true, no epoch begins, and no long one is finished.
    pub(crate) stop: Option<Arc<AtomicBool>>,
    /// Rows that were taken.
    pub(crate) rows: Option<Arc<AtomicUsize>>,
}

/// A network, what steps it, and what is kept between batches, so that a run allocates once.
#[derive(Debug)]
pub(crate) struct Member<R> {
    pub(crate) network: Network<R>,
    generator: Generator,
    optimizer: Optimizer<R>,
    /// Of the rows of a block.
    order: Vec<usize>,
    /// The rows of the moment, where they are not all in memory.
    block: Dataset<R>,
    failure: Option<Error>,
    params_at_start: Numbers<R>,
    /// What else an epoch began with, where it may be left in the middle.
    rest_at_start: Option<Rest<R>>,
    batches: Batches<R>,
    /// Of forward passes that only measure: their blocks have other sizes.
    measuring: Cache<R>,
}

/// What an epoch changes beside the parameters.
#[derive(Debug)]
struct Rest<R> {
    generator: Generator,
    optimizer: OptimizerState<R>,
    order: Vec<usize>,
}

/// What happened in the steps of one epoch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps {
    /// Mean over rows; not finite where the steps broke off.
    pub(crate) training_loss: f64,
    /// η of the last step.
    pub(crate) learning_rate: f64,
    /// Length of the longest gradient, before clipping.
    pub(crate) largest_gradient_norm: f64,
    /// How many steps there were.
    n_taken: usize,
    /// The mean loss of the last but one step, or of the last where it was finite, and its gradient's length.
    last: Option<(f64, f64)>,
}

impl Steps {
    /// Where it broke off.
    pub(crate) fn broken_off(&self) -> BrokenOff {
        BrokenOff {
            step: self.n_taken,
            learning_rate: self.learning_rate,
            loss_before: self.last.map(|(loss, _)| loss),
            gradient_norm_before: self.last.map(|(_, norm)| norm),
        }
    }
}

impl<R: Real> Plan<R> {
    pub(crate) fn new(
        network: &Network<R>,
        objective: Objective,
        config: TrainConfig,
        training: TrainingRows<R>,
    ) -> Self {
        let weight_decay = config.weight_decay.unwrap_or(config.optimizer.default_weight_decay());
        Self {
            objective,
            schedule: ScheduleState::new(config.schedule, config.epochs),
            dropout_schedule: ScheduleState::new(config.dropout_schedule, config.epochs),
            weight_decay_schedule: ScheduleState::new(config.weight_decay_schedule, config.epochs),
            groups: groups(network, &config, weight_decay),
            tiny: training.whole().and_then(|rows| Tiny::of(network, objective, &config, rows)),
            team: Arc::default(),
            is_epoch_long: training.whole().is_none()
                || training.n_rows() * network.params().len() >= LONG_EPOCH,
            stop: None,
            rows: None,
            config,
            training,
        }
    }

    /// Whether no further epoch is to begin.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Whether the epoch under way is to be left.
    pub(crate) fn is_left(&self) -> bool {
        self.is_epoch_long && self.is_stopped()
    }

    /// Multiplications of the largest product of a step.
    pub(crate) fn largest_product(&self, network: &Network<R>) -> usize {
        let n_weights = network.layers().iter().map(|layer| layer.n_weights()).max();
        self.batch_size() * n_weights.unwrap_or(0)
    }

    fn batch_size(&self) -> usize {
        let n_rows = self.training.rows_per_block();
        match self.config.batch_size {
            BatchSize::Full => n_rows,
            BatchSize::Rows(batch_size) => batch_size.min(n_rows),
        }
    }

    fn cache(&self) -> Cache<R> {
        Cache::with_team(Arc::clone(&self.team)).with_precision(self.config.precision.of_products())
    }
}

impl<R: Real> Member<R> {
    pub(crate) fn new(network: Network<R>, generator: Generator, plan: &Plan<R>) -> Self {
        Self {
            generator,
            optimizer: Optimizer::new(plan.config.optimizer, network.params()),
            order: (0..plan.training.rows_per_block()).collect(),
            block: no_rows(),
            failure: None,
            params_at_start: Numbers::zeros_like(network.params()),
            rest_at_start: None,
            batches: Batches::new(network.params(), &plan.team, plan.config.precision.of_products()),
            measuring: plan.cache(),
            network,
        }
    }

    /// Computes by the plan's threads from now on, or alone on that of the caller.
    pub(crate) fn use_team(&mut self, plan: &mut Plan<R>, team: &Arc<Team>) {
        plan.team = Arc::clone(team);
        self.batches.use_team(team);
        self.measuring = plan.cache();
    }

    /// Where it is; `None` of a generator whose state cannot be kept.
    pub(crate) fn progress(&self, plan: &Plan<R>, best_params: Vec<R>) -> Option<Progress<R>> {
        // Of several blocks each begins anew.
        let is_one_block = plan.training.n_rows() == plan.training.rows_per_block();
        let order = if is_one_block { &self.order[..] } else { &[] };
        Some(Progress {
            params: self.network.params().to_vec(),
            best_params,
            optimizer: self.optimizer.state.clone(),
            generator: self.generator.xoshiro()?.clone(),
            order: order.iter().map(|&row| row as u32).collect(),
        })
    }

    /// Goes on from there; gives the parameters of the best epoch.
    pub(crate) fn resume(&mut self, progress: Progress<R>) -> Vec<R> {
        self.network.params_mut().copy_from_slice(&progress.params);
        self.optimizer.state = progress.optimizer;
        self.generator = Generator::Xoshiro(progress.generator);
        if !progress.order.is_empty() {
            self.order = progress.order.into_iter().map(|row| row as usize).collect();
        }
        progress.best_params
    }

    /// The parameters before the last epoch.
    pub(crate) fn params_before(&self) -> &[R] {
        &self.params_at_start
    }

    /// One epoch's steps after so many epochs, or some of them where [`Plan::is_left`]; whether the parameters are finite is told
    /// by [`Member::is_finite`].
    pub(crate) fn epoch(&mut self, plan: &Plan<R>, n_epochs: usize) -> Steps {
        self.params_at_start.copy_from_slice(self.network.params());
        self.rest_at_start = (plan.is_epoch_long && plan.stop.is_some()).then(|| Rest {
            generator: self.generator.clone(),
            optimizer: self.optimizer.state.clone(),
            order: self.order.clone(),
        });
        let mut steps = self.steps(plan, n_epochs);
        let is_evaluated = plan.config.training_loss == TrainingLoss::Evaluated && plan.tiny.is_none();
        if is_evaluated && steps.training_loss.is_finite() && self.is_finite() {
            steps.training_loss = self.mean_training_loss(plan);
        }
        steps
    }

    /// Why the rows of the last epoch could not be had.
    pub(crate) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    fn mean_training_loss(&mut self, plan: &Plan<R>) -> f64 {
        let blocks = match &plan.training {
            TrainingRows::Whole(rows) => return self.mean_loss(plan, rows),
            TrainingRows::Blocks(blocks) => blocks,
        };
        let mut sum = 0.0;
        for block in 0..plan.training.block_sizes().len() {
            if plan.is_left() {
                return f64::NAN;
            }
            if let Err(error) = blocks.read(block, &mut self.block) {
                self.failure = Some(error);
                return f64::NAN;
            }
            let mean = mean_loss_in(&mut self.measuring, &self.network, plan.objective, &self.block);
            sum += mean * self.block.n_rows() as f64;
        }
        sum / blocks.n_rows() as f64
    }

    pub(crate) fn is_finite(&self) -> bool {
        elementwise::all_finite(self.network.params())
    }

    /// Everything as it was before the last epoch; where no epoch may be left in the middle, the parameters alone.
    pub(crate) fn undo(&mut self) {
        self.network.params_mut().copy_from_slice(&self.params_at_start);
        if let Some(Rest { generator, optimizer, order }) = self.rest_at_start.take() {
            self.generator = generator;
            self.optimizer.state = optimizer;
            self.order = order;
        }
    }

    /// So many epochs in registers: mean loss and longest gradient of each.
    pub(crate) fn tiny_epochs(
        &mut self,
        plan: &Plan<R>,
        tiny: Tiny,
        learning_rate: f64,
        n_epochs: usize,
    ) -> Vec<(f64, f64)> {
        self.params_at_start.copy_from_slice(self.network.params());
        let rows = plan.training.whole();
        rows.and_then(|rows| {
            tiny.epochs(self.network.params_mut(), rows, &self.order, learning_rate, n_epochs)
        })
        .expect("rows that fit a tiny network")
    }

    /// Of all rows, without dropout.
    pub(crate) fn mean_loss(&mut self, plan: &Plan<R>, dataset: &Dataset<R>) -> f64 {
        let tiny = plan.tiny.and_then(|tiny| tiny.mean_loss(self.network.params(), dataset));
        tiny.unwrap_or_else(|| mean_loss_in(&mut self.measuring, &self.network, plan.objective, dataset))
    }

    fn steps(&mut self, plan: &Plan<R>, n_epochs: usize) -> Steps {
        let sizes = plan.training.block_sizes();
        let mut blocks: Vec<usize> = (0..sizes.len()).collect();
        if plan.config.row_order == RowOrder::Shuffled {
            self.generator.shuffle(&mut blocks);
        }
        let batch_size = plan.batch_size();
        let n_used = |block: usize| match plan.config.last_batch {
            LastBatch::Keep => sizes[block],
            LastBatch::Drop => sizes[block] - sizes[block] % batch_size,
        };
        let n_rows: usize = blocks.iter().map(|&block| n_used(block)).sum();
        let mut steps = Steps {
            training_loss: 0.0,
            learning_rate: 0.0,
            largest_gradient_norm: 0.0,
            n_taken: 0,
            last: None,
        };
        let mut n_done = 0;
        for block in blocks {
            if let Err(error) = self.take_block(plan, block) {
                self.failure = Some(error);
                steps.training_loss = f64::NAN;
                return steps;
            }
            if let Some(tiny) = plan.tiny {
                steps.learning_rate = plan.config.learning_rate * plan.schedule.factor(n_epochs as f64);
                let (loss, norm) = self.tiny_epochs(plan, tiny, steps.learning_rate, 1)[0];
                return Steps { training_loss: loss, largest_gradient_norm: norm, ..steps };
            }
            for start in (0..n_used(block)).step_by(batch_size) {
                let epochs = n_epochs as f64 + (n_done + start) as f64 / n_rows as f64;
                steps.learning_rate = plan.config.learning_rate * plan.schedule.factor(epochs);
                let end = (start + batch_size).min(n_used(block));
                let (loss, norm) = self.step(plan, start, end, epochs);
                if let Some(rows) = &plan.rows {
                    rows.fetch_add(end - start, Ordering::Relaxed);
                }
                steps.n_taken += 1;
                steps.training_loss += loss;
                steps.largest_gradient_norm = steps.largest_gradient_norm.max(norm);
                if !loss.is_finite() || !norm.is_finite() {
                    steps.training_loss = f64::NAN;
                    return steps;
                }
                if plan.is_left() {
                    return steps;
                }
                steps.last = Some((loss / (end - start) as f64, norm));
            }
            n_done += n_used(block);
        }
        steps.training_loss /= n_rows as f64;
        steps
    }

    /// Has the rows of a block at hand, in an order of their own.
    fn take_block(&mut self, plan: &Plan<R>, block: usize) -> Result<()> {
        if let TrainingRows::Blocks(blocks) = &plan.training {
            blocks.read(block, &mut self.block)?;
            if blocks.n_rows() > blocks.rows_per_block() {
                self.order.clear();
                self.order.extend(0..self.block.n_rows());
            }
        }
        if plan.config.row_order == RowOrder::Shuffled {
            self.generator.shuffle(&mut self.order);
        }
        Ok(())
    }

    /// One step on the rows from `start` to before `end` of the epoch's order, after so many epochs. Returns the sum of
    /// their losses and the length of the gradient.
    fn step(&mut self, plan: &Plan<R>, start: usize, end: usize, epochs: f64) -> (f64, f64) {
        let learning_rate = plan.config.learning_rate * plan.schedule.factor(epochs);
        let decay = plan.weight_decay_schedule.factor(epochs);
        let dropout = plan.dropout_schedule.factor(epochs);
        let rows = match plan.config.row_order {
            RowOrder::AsGiven => Rows::Range(start..end),
            RowOrder::Shuffled => Rows::Chosen(&self.order[start..end]),
        };
        let scale = match plan.config.reduction {
            Reduction::Mean => R::ONE / R::from_f64((end - start) as f64),
            Reduction::Sum => R::ONE,
        };
        let training = plan.training.whole().map_or(&self.block, |rows| &**rows);
        let job = Job { network: &self.network, objective: plan.objective, training, scale, dropout };
        let (loss, gradient) = self.batches.loss_and_gradient(job, &rows, &mut self.generator);
        let (config, groups) = (&plan.config, &plan.groups[..]);
        let update = Update { config, groups, learning_rate, decay };
        let norm = update.apply(&plan.team, gradient, &mut self.optimizer, self.network.params_mut());
        (loss, norm)
    }
}
