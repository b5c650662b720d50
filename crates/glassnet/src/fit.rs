//! From a table to a model: the one call that every face uses.

use crate::data_start::start_by_rows;
use crate::error::{Error, Result};
use crate::fit_config::FitConfig;
use crate::generator::Generator;
use crate::initialiser::Initialiser;
use crate::matrix::Matrix;
use crate::model::{Baselines, Evaluated, Model, Story, n_outputs};
use crate::network::Network;
use crate::prepared::{Prepared, Stream};
use crate::recipe::Recipe;
use crate::schema::Schema;
use crate::table::Table;
use crate::trainer::{EpochReport, StopReason, Trained, Trainer};
use glassnet_kernels::product::SPLIT_LIMIT;
use glassnet_kernels::team::Team;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Where a network starts.
#[derive(Clone, Copy)]
enum Start {
    /// By the training rows.
    ByRows,
    /// Drawn, whatever they are.
    Drawn(Initialiser),
}

/// From the streams of one network of an ensemble to those of the next.
const STREAMS_OF_A_MEMBER: u64 = 8;

/// Rows that a start looks at.
const MOST_START_ROWS: usize = 4_096;

/// A training under way.
#[derive(Debug)]
pub struct Fit {
    pub(crate) prepared: Prepared,
    pub(crate) config: FitConfig,
    pub(crate) trainer: Trainer<f32>,
    linear: Linear,
}

/// The linear baseline's training: an epoch with each of the network's, or on a thread of its own.
#[derive(Debug)]
enum Linear {
    InStep(Box<Trainer<f32>>),
    Running { thread: JoinHandle<Result<Trained<f32>>>, stop: Arc<AtomicBool> },
}

impl Linear {
    /// Begins, on a thread of its own where there may be two.
    fn start(trainer: Trainer<f32>, n_threads: usize) -> Self {
        if n_threads == 1 {
            return Self::InStep(Box::new(trainer));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        Self::Running { thread: std::thread::spawn(move || run(trainer, &seen)), stop }
    }

    /// To its end; when the network's training was interrupted, at once.
    fn finish(self, is_interrupted: bool) -> Result<Trained<f32>> {
        match self {
            Self::InStep(trainer) => run(*trainer, &AtomicBool::new(is_interrupted)),
            Self::Running { thread, stop } => {
                stop.store(is_interrupted, Ordering::Relaxed);
                thread.join().expect("the linear baseline")
            }
        }
    }
}

/// A finished training.
#[derive(Debug)]
pub struct Fitted {
    /// The model.
    pub model: Model,
    /// Predictions beside the truth on the validation rows, where there are any.
    pub held_out: Option<Evaluated>,
}

impl Fit {
    /// Splits, encodes and starts: nothing is trained yet. Without a validation table, `config.validation_fraction` of
    /// the rows is held out, of each class in proportion. Encoders see training rows only.
    ///
    /// # Errors
    /// When the schema does not fit the table, a cell cannot be read, or a setting is outside its domain.
    pub fn start(
        table: &Table,
        schema: Schema,
        config: FitConfig,
        validation_table: Option<&Table>,
    ) -> Result<Self> {
        Self::begin(Prepared::of(table, schema, &config, validation_table)?, config)
    }

    /// Starts with rows that are ready: nothing is trained yet.
    ///
    /// # Errors
    /// When a setting is outside its domain, or rows cannot be read.
    pub fn begin(prepared: Prepared, config: FitConfig) -> Result<Self> {
        config.check()?;
        let Prepared { encoder, target, objective, training, validation, .. } = &prepared;
        let objective = *objective;
        let n_outputs = n_outputs(objective, target);
        let trainer = |config: &FitConfig, start: Start, weights: Stream, order: Stream| {
            let layers = config.layers(encoder, n_outputs, config.noise(target.task(), training.n_rows()))?;
            let member = |k: usize| {
                let stream = |purpose: Stream| {
                    Generator::stream(config.seed, purpose as u64 + k as u64 * STREAMS_OF_A_MEMBER)
                };
                // The tutorial's start, and for further networks those of the next seeds.
                let stream = |purpose: Stream| match (config.recipe, purpose) {
                    (Recipe::Seed, Stream::Weights) => {
                        Generator::numpy_legacy((config.seed + k as u64) as u32)
                    }
                    _ => stream(purpose),
                };
                let mut generator = stream(weights);
                let network = match start {
                    Start::ByRows => {
                        let block = training.first_block()?;
                        let mut rows = generator.permutation(block.n_rows());
                        rows.truncate(MOST_START_ROWS);
                        let mut x = Matrix::default();
                        x.gather(block.x.view(), &rows);
                        start_by_rows(layers.clone(), x.view(), &mut generator)?
                    }
                    Start::Drawn(start) => Network::initialised(layers.clone(), start, &mut generator)?,
                };
                Ok((network, stream(order)))
            };
            let members = (0..config.ensemble).map(member).collect::<Result<Vec<_>>>()?;
            let train = config.train_config(training.n_rows()).check()?;
            Trainer::ensemble(members, objective, train, training.clone(), validation.clone())
        };
        let zeros = Start::Drawn(Initialiser::Zeros);
        let linear = trainer(&config.linear(), zeros, Stream::LinearWeights, Stream::LinearTraining)?;
        let start = match (config.recipe, config.initialiser) {
            (Recipe::Strong, None) => Start::ByRows,
            _ => Start::Drawn(config.initialiser()),
        };
        let trainer = trainer(&config, start, Stream::Weights, Stream::Training)?;
        // Either all threads have work in the network, or the linear baseline trains beside it.
        let is_shared =
            config.threads > 1 && (config.ensemble > 1 || trainer.largest_product() >= SPLIT_LIMIT);
        let (trainer, linear) = if is_shared {
            let team = Arc::new(Team::new(config.threads));
            (trainer.with_team(Arc::clone(&team)), Linear::InStep(Box::new(linear.with_team(team))))
        } else {
            (trainer, Linear::start(linear, config.threads))
        };
        Ok(Self { prepared, config, trainer, linear })
    }

    /// Trains one epoch; `None` when training has ended.
    pub fn epoch(&mut self) -> Option<EpochReport> {
        if let Linear::InStep(linear) = &mut self.linear {
            linear.epoch();
        }
        self.trainer.epoch()
    }

    /// Rows that train.
    pub fn n_training_rows(&self) -> usize {
        self.prepared.training.n_rows()
    }

    /// Rows that validate.
    pub fn n_validation_rows(&self) -> usize {
        self.prepared.n_validation_rows()
    }

    /// The most epochs that there will be.
    pub fn n_epochs(&self) -> usize {
        self.config.train.epochs
    }

    /// Networks that train together.
    pub fn n_networks(&self) -> usize {
        self.config.ensemble
    }

    /// Units of each layer, inputs first.
    pub fn layer_sizes(&self) -> Vec<usize> {
        let outputs = self.trainer.network().n_outputs();
        let hidden = self.config.hidden_layer_sizes.iter().copied();
        std::iter::once(self.prepared.encoder.n_inputs()).chain(hidden).chain([outputs]).collect()
    }

    /// Ends the training, now or when it has ended by itself: restores the best epoch, trains the linear baseline to its own
    /// end (unless the network was not: then it stops as well), and measures both on the validation rows.
    ///
    /// # Errors
    /// [`Error::NotTrained`] when not even the first epoch stayed finite, [`Error::Blocks`] when rows could not be read.
    ///
    /// # Panics
    /// When the baseline's thread did.
    pub fn finish(self) -> Result<Fitted> {
        if let Some(error) = self.trainer.failure() {
            return Err(error.clone());
        }
        let trained = self.trainer.finish();
        if let StopReason::NonFinite { epoch } = trained.stop_reason
            && trained.history.is_empty()
        {
            return Err(Error::NotTrained { epoch });
        }
        let linear = self.linear.finish(trained.stop_reason == StopReason::Interrupted)?;
        let prepared = self.prepared;
        let rows_per_block = prepared.rows_per_block();
        let mut model = Model {
            baselines: Baselines { constant: prepared.constant, linear: linear.network().clone() },
            schema: prepared.schema,
            encoder: prepared.encoder,
            target: prepared.target,
            objective: prepared.objective,
            networks: trained.networks,
            temperature: 1.0,
            story: Story {
                version: env!("CARGO_PKG_VERSION").into(),
                config: self.config,
                table_fingerprint: prepared.table_fingerprint,
                n_training_rows: prepared.training.n_rows(),
                n_validation_rows: prepared.validation.as_ref().map_or(0, |rows| rows.n_rows()),
                rows_per_block,
                history: trained.history,
                best_epoch: trained.best_epoch,
                stop_reason: trained.stop_reason,
                evaluation: None,
            },
        };
        if model.story.config.temperature_scaling
            && let Some(rows) = &prepared.validation
        {
            model.choose_temperature(rows)?;
        }
        let rows = prepared.validation.zip(prepared.truth);
        let held_out = rows.map(|(rows, truth)| model.evaluate_encoded(rows.x.view(), truth));
        model.story.evaluation = held_out.as_ref().map(|held_out| held_out.evaluation.clone());
        Ok(Fitted { model, held_out })
    }
}

/// All epochs, until the stop.
fn run(mut trainer: Trainer<f32>, stop: &AtomicBool) -> Result<Trained<f32>> {
    while !stop.load(Ordering::Relaxed) && trainer.epoch().is_some() {}
    match trainer.failure() {
        Some(error) => Err(error.clone()),
        None => Ok(trainer.finish()),
    }
}
