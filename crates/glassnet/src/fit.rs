//! From a table to a model: the one call that every face uses.

use crate::data_start::start_by_rows;
use crate::dataset::{ClassWeights, Dataset, Targets};
use crate::encoder::{Encoder, Style};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::fit_config::{ClassWeight, FitConfig};
use crate::generator::Generator;
use crate::initialiser::Initialiser;
use crate::interval::percentile;
use crate::matrix::Matrix;
use crate::model::{Baselines, Evaluated, Model, Story, n_outputs};
use crate::network::Network;
use crate::objective::Objective;
use crate::recipe::Recipe;
use crate::schema::Schema;
use crate::split::Split;
use crate::table::Table;
use crate::target::{TargetEncoder, Truth};
use crate::target_fit::{Measure, TargetFit};
use crate::trainer::{EpochReport, StopReason, Trained, Trainer};
use glassnet_kernels::product::SPLIT_LIMIT;
use glassnet_kernels::team::Team;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// One stream of random numbers for each purpose, so that none disturbs another.
#[derive(Clone, Copy)]
enum Stream {
    Split = 0,
    Weights = 1,
    Training = 2,
    LinearWeights = 3,
    LinearTraining = 4,
}

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
    schema: Schema,
    encoder: Encoder,
    target: TargetEncoder,
    objective: Objective,
    config: FitConfig,
    table_fingerprint: String,
    training: Arc<Dataset<f32>>,
    validation: Option<Arc<Dataset<f32>>>,
    truth: Option<Truth>,
    trainer: Trainer<f32>,
    linear: Linear,
}

/// The linear baseline's training: an epoch with each of the network's, or on a thread of its own.
#[derive(Debug)]
enum Linear {
    InStep(Box<Trainer<f32>>),
    Running { thread: JoinHandle<Trained<f32>>, stop: Arc<AtomicBool> },
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
    fn finish(self, is_interrupted: bool) -> Trained<f32> {
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
        config.check()?;
        schema.check_table(table)?;
        let rows = schema.labelled_rows(table)?;
        let (training_rows, validation_rows) = match validation_table {
            Some(_) => (rows, Vec::new()),
            None => split(table, &schema, &rows, &config)?,
        };
        let measure = match config.objective {
            Some(Objective::Poisson) => Measure::Counts,
            _ => Measure::Standard,
        };
        let (target, range) = TargetFit::of(table, &schema, &training_rows, measure)?;
        let objective = objective(&target, &config)?;
        let style = match config.recipe {
            Recipe::Strong => Style::Robust,
            Recipe::Plain => Style::Standard,
        };
        let encoder = Encoder::fit_in(style, table, &schema, &training_rows)?;
        let encode = |table: &Table, rows: &[usize]| -> Result<Dataset<f32>> {
            let x = encoder.encode::<f32>(table, rows)?.x;
            Dataset::new(x, target.encode::<f32>(table, rows, &schema.missing)?)
        };
        let mut training = encode(table, &training_rows)?;
        if config.class_weight == ClassWeight::Balanced {
            training = training.with_class_weights(&ClassWeights::Balanced)?;
        }
        let held_out = match validation_table {
            Some(table) => Some((table, schema.labelled_rows(table)?)),
            None => Some((table, validation_rows)).filter(|(_, rows)| !rows.is_empty()),
        };
        let validation = held_out.as_ref().map(|(table, rows)| encode(table, rows)).transpose()?;
        let truth = held_out.map(|(table, rows)| target.truth(table, &rows, &schema.missing)).transpose()?;
        let (training, validation) = (Arc::new(training), validation.map(Arc::new));
        let target = match config.recipe {
            Recipe::Strong => target.held_within(range),
            Recipe::Plain => target,
        };
        let n_outputs = n_outputs(objective, &target);
        let trainer = |config: &FitConfig, start: Start, weights: Stream, order: Stream| {
            let layers = config.layers(&encoder, n_outputs)?;
            let member = |k: usize| {
                let stream = |purpose: Stream| {
                    Generator::stream(config.seed, purpose as u64 + k as u64 * STREAMS_OF_A_MEMBER)
                };
                let mut generator = stream(weights);
                let network = match start {
                    Start::ByRows => {
                        let mut rows = generator.permutation(training.n_rows());
                        rows.truncate(MOST_START_ROWS);
                        let mut x = Matrix::default();
                        x.gather(training.x.view(), &rows);
                        start_by_rows(layers.clone(), x.view(), &mut generator)?
                    }
                    Start::Drawn(start) => Network::initialised(layers.clone(), start, &mut generator)?,
                };
                Ok((network, stream(order)))
            };
            let members = (0..config.ensemble).map(member).collect::<Result<Vec<_>>>()?;
            let train = config.train_config(training.n_rows()).check()?;
            Trainer::ensemble(members, objective, train, Arc::clone(&training), validation.clone())
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
        let table_fingerprint = fingerprint(table);
        Ok(Self {
            schema,
            encoder,
            target,
            objective,
            config,
            table_fingerprint,
            training,
            validation,
            truth,
            trainer,
            linear,
        })
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
        self.training.n_rows()
    }

    /// Rows that validate.
    pub fn n_validation_rows(&self) -> usize {
        self.validation.as_ref().map_or(0, |validation| validation.n_rows())
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
        std::iter::once(self.encoder.n_inputs()).chain(hidden).chain([outputs]).collect()
    }

    /// Ends the training, now or when it has ended by itself: restores the best epoch, trains the linear baseline to its own
    /// end (unless the network was not: then it stops as well), and measures both on the validation rows.
    ///
    /// # Errors
    /// [`Error::NotTrained`] when not even the first epoch stayed finite.
    ///
    /// # Panics
    /// When the baseline's thread did.
    pub fn finish(self) -> Result<Fitted> {
        let trained = self.trainer.finish();
        if let StopReason::NonFinite { epoch } = trained.stop_reason
            && trained.history.is_empty()
        {
            return Err(Error::NotTrained { epoch });
        }
        let linear = self.linear.finish(trained.stop_reason == StopReason::Interrupted);
        let mut model = Model {
            baselines: Baselines {
                constant: constant(&self.target, &self.training.targets, self.objective),
                linear: linear.network().clone(),
            },
            schema: self.schema,
            encoder: self.encoder,
            target: self.target,
            objective: self.objective,
            networks: trained.networks,
            temperature: 1.0,
            story: Story {
                version: env!("CARGO_PKG_VERSION").into(),
                config: self.config,
                table_fingerprint: self.table_fingerprint,
                n_training_rows: self.training.n_rows(),
                n_validation_rows: self.validation.as_ref().map_or(0, |validation| validation.n_rows()),
                history: trained.history,
                best_epoch: trained.best_epoch,
                stop_reason: trained.stop_reason,
                evaluation: None,
            },
        };
        if model.story.config.temperature_scaling
            && let Some(rows) = &self.validation
        {
            model.choose_temperature(rows)?;
        }
        let rows = self.validation.zip(self.truth);
        let held_out = rows.map(|(rows, truth)| model.evaluate_encoded(rows.x.view(), truth));
        model.story.evaluation = held_out.as_ref().map(|held_out| held_out.evaluation.clone());
        Ok(Fitted { model, held_out })
    }
}

/// The one that was asked for, where it can learn the target, or the target's own.
fn objective(target: &TargetEncoder, config: &FitConfig) -> Result<Objective> {
    let own = match (target.class_names().len(), config.recipe) {
        (0, _) => Objective::SquaredError,
        (2, Recipe::Plain) => Objective::BinaryCrossEntropy,
        _ => Objective::CrossEntropy,
    };
    let learns_numbers = |objective: Objective| {
        matches!(objective, Objective::SquaredError | Objective::Quantile(_) | Objective::Poisson)
    };
    match config.objective {
        None => Ok(own),
        Some(choice) if choice == own || learns_numbers(choice) && learns_numbers(own) => Ok(choice),
        Some(choice) => {
            let target = if learns_numbers(own) { "numbers" } else { "classes" };
            Err(Error::Objective { objective: choice.name(), target })
        }
    }
}

/// All epochs, until the stop.
fn run(mut trainer: Trainer<f32>, stop: &AtomicBool) -> Trained<f32> {
    while !stop.load(Ordering::Relaxed) && trainer.epoch().is_some() {}
    trainer.finish()
}

/// The table's rows for training and for validation.
fn split(
    table: &Table,
    schema: &Schema,
    rows: &[usize],
    config: &FitConfig,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let mut generator = Generator::stream(config.seed, Stream::Split as u64);
    let target = TargetEncoder::fit(table, schema, rows)?;
    let split = match target.encode::<f32>(table, rows, &schema.missing)? {
        Targets::Classes { indices, .. } => {
            Split::of_classes(&indices, config.validation_fraction, &mut generator)?
        }
        Targets::Values(_) => Split::of_rows(rows.len(), config.validation_fraction, &mut generator)?,
    };
    let of = |part: &[usize]| part.iter().map(|&i| rows[i]).collect();
    Ok((of(&split.training), of(&split.validation)))
}

/// The classes' shares, the quantiles (with linear interpolation), or the mean.
fn constant(target: &TargetEncoder, targets: &Targets<f32>, objective: Objective) -> Vec<f64> {
    match (targets, objective) {
        (Targets::Values(values), Objective::Quantile(levels)) => {
            let mut sorted: Vec<f64> =
                values.values().iter().map(|&z| target.restore(f64::from(z))).collect();
            sorted.sort_by(f64::total_cmp);
            levels.as_slice().iter().map(|&level| percentile(&sorted, level)).collect()
        }
        (Targets::Values(_), Objective::Poisson) => vec![target.restore(1.0)],
        (Targets::Values(_), _) => vec![target.restore(0.0)],
        (Targets::Classes { indices, n_classes }, _) => {
            let mut shares = vec![0.0; *n_classes];
            for &class in indices {
                shares[class as usize] += 1.0 / indices.len() as f64;
            }
            shares
        }
    }
}

/// Of names and cells, in order.
fn fingerprint(table: &Table) -> String {
    let mut fingerprint = Fingerprint::EMPTY;
    for column in table.columns() {
        fingerprint = fingerprint.with(column.name().as_bytes()).with(&[0]);
        for cell in column.cells() {
            fingerprint = fingerprint.with(cell.as_bytes()).with(&[0]);
        }
    }
    fingerprint.to_string()
}
