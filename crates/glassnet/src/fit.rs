//! From a table to a model: the one call that every face uses.

use crate::diagnose::{self, Probe};
use crate::error::{Error, Result};
use crate::facts::constant_loss;
use crate::finding::{Code, Finding};
use crate::fingerprint::TableFingerprint;
use crate::fit_config::FitConfig;
use crate::generator::Generator;
use crate::model::{Baselines, Evaluated, Model, Story};
use crate::network::Network;
use crate::prepared::{Measured, Prepared, Stream};
use crate::restarts::{Lottery, Run, Runs};
use crate::schema::Schema;
use crate::start;
use crate::table::Table;
use crate::trainer::{EpochReport, StopReason, Trained, Trainer};
use crate::watch::{Snapshot, Watch};
use glassnet_kernels::product::SPLIT_LIMIT;
use glassnet_kernels::team::Team;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// A training under way.
#[derive(Debug)]
pub struct Fit {
    pub(crate) prepared: Prepared,
    pub(crate) config: FitConfig,
    pub(crate) runs: Runs,
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
    fn start(mut trainer: Trainer<f32>, n_threads: usize) -> Self {
        if n_threads == 1 {
            return Self::InStep(Box::new(trainer));
        }
        let stop = Arc::new(AtomicBool::new(false));
        trainer.stop_by(Arc::clone(&stop));
        Self::Running { thread: std::thread::spawn(move || run(trainer)), stop }
    }

    /// To its end; when the network's training was interrupted, at once.
    fn finish(self, is_interrupted: bool) -> Result<Trained<f32>> {
        match self {
            Self::InStep(trainer) if is_interrupted => Ok(trainer.finish()),
            Self::InStep(mut trainer) => {
                trainer.stop_by(Arc::default());
                run(*trainer)
            }
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
    /// How the starts ended, where there were several.
    pub lottery: Option<Lottery>,
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

    /// Starts with rows that are ready: nothing is trained yet. A model that goes on has one start, whatever `config.restarts`.
    ///
    /// # Errors
    /// When a setting is outside its domain, or rows cannot be read.
    pub fn begin(prepared: Prepared, mut config: FitConfig) -> Result<Self> {
        if prepared.origin.is_some() {
            config.restarts = Some(1);
        }
        config.check()?;
        let objective = prepared.objective;
        let rows = (&prepared.training, prepared.validation.as_ref());
        let linear = start::linear(&prepared, rows, &config)?;
        let of_start = |number: usize| start::trainer(&prepared, rows, &config, number);
        let first = of_start(0)?;
        let n_starts = config.n_starts(first.network().params().len());
        let others = (1..n_starts).map(of_start).collect::<Result<Vec<_>>>()?;
        let largest_product = first.largest_product();
        let mut draw = Generator::stream(config.seed, Stream::Watch as u64);
        let watch = Watch::new(first.network(), &*prepared.training.first_block()?, &mut draw)?;
        // Either all threads have work in the network, or the linear baseline trains beside it.
        let is_shared =
            config.threads > 1 && (config.ensemble > 1 || n_starts > 1 || largest_product >= SPLIT_LIMIT);
        let team = if is_shared { Arc::new(Team::new(config.threads)) } else { Arc::default() };
        let linear = if is_shared {
            Linear::InStep(Box::new(linear.with_team(Arc::clone(&team))))
        } else {
            Linear::start(linear, config.threads)
        };
        // Of several starts each has a thread; a single one has them all.
        let first = if is_shared && n_starts == 1 { first.with_team(Arc::clone(&team)) } else { first };
        let run = |trainer| Run::new(trainer, watch.clone(), objective);
        let all = std::iter::once(first).chain(others).map(run).collect::<Result<Vec<_>>>()?;
        Ok(Self { runs: Runs { all, objective, team }, prepared, config, linear })
    }

    /// A training on the table that trained a model, with the first remedy among its findings that settings can make; `None`
    /// where there is none.
    ///
    /// # Errors
    /// [`Error::OtherTable`], and as [`Fit::start`].
    pub fn with_remedy<'a>(model: &'a Model, table: &Table) -> Result<Option<(&'a Finding, Self)>> {
        let table = &*model.schema.with_numbers(table)?;
        let mut seen = TableFingerprint::new();
        seen.see(table);
        if seen.to_string() != model.story.table_fingerprint {
            return Err(Error::OtherTable { table: table.name().into() });
        }
        let Some(finding) = model.story.findings.iter().find(|finding| !finding.remedy.fixes.is_empty())
        else {
            return Ok(None);
        };
        let (config, schema) = diagnose::remedied(finding, &model.story.config, &model.schema);
        Ok(Some((finding, Self::start(table, schema, config, None)?)))
    }

    /// Leaves off once this is true, in a long epoch also in its middle: that epoch then never began, and there is no other.
    pub fn stop_by(&mut self, stop: &Arc<AtomicBool>) {
        if let Linear::InStep(linear) = &mut self.linear {
            linear.stop_by(Arc::clone(stop));
        }
        self.runs.all.iter_mut().for_each(|run| run.trainer.stop_by(Arc::clone(stop)));
    }

    /// Has the training rows counted that are taken from now on, by every network of every start, also in the middle of an
    /// epoch.
    pub fn count_rows_by(&mut self, rows: &Arc<AtomicUsize>) {
        self.runs.all.iter_mut().for_each(|run| run.trainer.count_rows_by(Arc::clone(rows)));
    }

    /// Trains one epoch; `None` when training has ended or is stopped.
    pub fn epoch(&mut self) -> Option<EpochReport> {
        if let Linear::InStep(linear) = &mut self.linear {
            linear.epoch();
        }
        self.runs.epoch()
    }

    /// Why there is no further epoch, where there is none; of several starts the best one's reason.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.runs.best().trainer.stop_reason()
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

    /// Starts that train side by side.
    pub fn n_starts(&self) -> usize {
        self.runs.all.len()
    }

    /// Units of each layer, inputs first.
    pub fn layer_sizes(&self) -> Vec<usize> {
        let outputs = self.runs.best().trainer.network().n_outputs();
        let hidden = self.config.hidden_layer_sizes.iter().copied();
        std::iter::once(self.prepared.encoder.n_inputs()).chain(hidden).chain([outputs]).collect()
    }

    /// As [`Fit::finish_undiagnosed`], and fills [`Story::findings`]. Where a small network did not do well, that trains it a few
    /// more times with one thing changed.
    ///
    /// # Errors
    /// As [`Fit::finish_undiagnosed`].
    pub fn finish(self) -> Result<Fitted> {
        // What is tried beside it has starts of its own.
        let prepared = Prepared { origin: None, ..self.prepared.clone() };
        let mut fitted = self.end()?;
        let training = prepared.training.first_block()?;
        let try_config = |config| probe(&prepared, config);
        let is_whole = fitted.model.story.stop_reason != StopReason::Interrupted;
        let train: Option<diagnose::Train<'_>> = if is_whole { Some(&try_config) } else { None };
        let validation = prepared.validation.as_deref();
        fitted.model.story.findings = diagnose::diagnose(&fitted.model, &training, validation, train)?;
        not_trained(&fitted.model.story).map_or(Ok(fitted), Err)
    }

    /// Ends the training, now or when it has ended by itself: restores the best epoch, trains the linear baseline to its own
    /// end (unless the network was not: then it stops as well), and measures both on the validation rows.
    ///
    /// # Errors
    /// [`Error::NotTrained`] when not even the first epoch stayed finite, [`Error::Blocks`] when rows could not be read.
    ///
    /// # Panics
    /// When the baseline's thread did.
    pub fn finish_undiagnosed(self) -> Result<Fitted> {
        let fitted = self.end()?;
        not_trained(&fitted.model.story).map_or(Ok(fitted), Err)
    }

    fn end(self) -> Result<Fitted> {
        if let Some(error) = self.runs.failure() {
            return Err(error.clone());
        }
        let (trained, snapshots, starts) = self.runs.finish();
        let linear = self.linear.finish(trained.stop_reason == StopReason::Interrupted)?;
        let prepared = self.prepared;
        let lottery = match (starts.len(), &prepared.validation) {
            (0, _) => None,
            (_, validation) => {
                let training = prepared.training.first_block()?;
                let watched = validation.as_ref().unwrap_or(&training);
                let constant_loss = constant_loss(prepared.objective, &training, watched);
                Some(Lottery::new(starts, constant_loss))
            }
        };
        fitted(prepared, self.config, linear.network().clone(), trained, snapshots, lottery)
    }
}

/// What a training of these rows left, measured on those that validate.
pub(crate) fn fitted(
    prepared: Prepared,
    config: FitConfig,
    linear: Network<f32>,
    trained: Trained<f32>,
    snapshots: Vec<Snapshot>,
    lottery: Option<Lottery>,
) -> Result<Fitted> {
    let rows_per_block = prepared.rows_per_block();
    let mut model = Model {
        baselines: Baselines { constant: prepared.constant, linear },
        schema: prepared.schema,
        encoder: prepared.encoder,
        target: prepared.target,
        objective: prepared.objective,
        networks: trained.networks,
        temperature: 1.0,
        story: Story {
            version: env!("CARGO_PKG_VERSION").into(),
            config,
            table_fingerprint: prepared.table_fingerprint,
            earlier_tables: prepared.origin.map_or_else(Vec::new, |origin| origin.tables),
            n_training_rows: prepared.training.n_rows(),
            n_validation_rows: prepared.validation.as_ref().map_or(0, |rows| rows.n_rows()),
            rows_per_block,
            history: trained.history,
            best_epoch: trained.best_epoch,
            stop_reason: trained.stop_reason,
            broken_off: trained.broken_off,
            snapshots,
            findings: Vec::new(),
            evaluation: None,
        },
    };
    if let Some(rows) = &prepared.validation {
        model.choose_temperature(rows)?;
    }
    let rows = prepared.validation.zip(prepared.measured);
    let held_out = rows.map(|(rows, Measured { truth, weights })| {
        model.evaluate_encoded(rows.x.view(), truth, weights.as_deref())
    });
    model.story.evaluation = held_out.as_ref().map(|held_out| held_out.evaluation.clone());
    Ok(Fitted { model, held_out, lottery })
}

/// The error of a training that broke off before anything was learnt.
fn not_trained(story: &Story) -> Option<Error> {
    let StopReason::NonFinite { epoch } = story.stop_reason else { return None };
    let finding = story.findings.first();
    story.history.is_empty().then(|| Error::NotTrained {
        epoch,
        code: finding.map_or(Code::Diverged, |finding| finding.code).name(),
        reason: finding.map_or_else(|| "steps were too large".into(), |finding| finding.message.clone()),
        remedy: finding
            .map_or_else(|| "a smaller learning rate".into(), |finding| finding.remedy.text.clone()),
    })
}

/// How the same training goes with other settings.
fn probe(prepared: &Prepared, config: FitConfig) -> Option<Probe> {
    let mut fit = Fit::begin(prepared.clone(), config).ok()?;
    while fit.epoch().is_some() {}
    let (trained, _, _) = fit.runs.finish();
    let report = trained.history.get(trained.best_epoch.checked_sub(1)?)?;
    let training_loss = report.training_loss;
    let watched_loss = report.validation_loss.unwrap_or(training_loss);
    Some(Probe { watched_loss, training_loss })
}

/// All epochs, until the stop.
fn run(mut trainer: Trainer<f32>) -> Result<Trained<f32>> {
    while trainer.epoch().is_some() {}
    match trainer.failure() {
        Some(error) => Err(error.clone()),
        None => Ok(trainer.finish()),
    }
}
