//! Preparing a table that is larger than memory: its rows come a chunk at a time, in the same order each time. First
//! [`Constants`] are found, then [`StreamedRows`] are encoded with them.

use crate::constant::{TargetSummary, constant};
use crate::dataset::{Dataset, Targets};
use crate::encoder::{Encoder, EncoderFit};
use crate::error::{DatasetError, Error, Result, SchemaError};
use crate::fingerprint::TableFingerprint;
use crate::fit_config::FitConfig;
use crate::generator::Generator;
use crate::objective::Objective;
use crate::prepared::{
    Prepared, Stream, encoded, fingerprint, is_held, measure, objective, style, to_validate,
};
use crate::row_weights::row_weights;
use crate::sample::{Sample, Sampling};
use crate::schema::Schema;
use crate::table::Table;
use crate::target::{TargetEncoder, Truth};
use crate::target_fit::TargetFit;
use crate::train_config::BatchSize;
use crate::training_rows::{Blocks, TrainingRows};
use std::sync::Arc;

/// Numbers of a column by which quartiles are found, where there are more of them.
pub const SAMPLE_SIZE: usize = 65_536;

/// Which rows are held back to validate on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// About the configured share of the rows, and about so many at most; each row by its own lot.
    AtMost(usize),
    /// None: there is a table to validate on.
    Nothing,
}

/// The lots that decide which rows train; the same each time that the rows come.
#[derive(Debug)]
struct Lots {
    seed: u64,
    share: f64,
    generator: Generator,
}

impl Lots {
    fn new(seed: u64, share: f64) -> Self {
        Self { seed, share, generator: Generator::stream(seed, Stream::Split as u64) }
    }

    fn again(&mut self) {
        self.generator = Generator::stream(self.seed, Stream::Split as u64);
    }

    /// Rows that train, rows that are held back.
    fn deal(&mut self, rows: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
        rows.into_iter().partition(|_| self.generator.uniform() >= self.share)
    }
}

/// What the training rows say about columns and target, in the making.
#[derive(Debug)]
pub struct Constants {
    schema: Schema,
    config: FitConfig,
    lots: Lots,
    encoder: EncoderFit,
    target: TargetFit,
    fingerprint: TableFingerprint,
    n_training_rows: usize,
    /// Of the training rows, where they do not count alike.
    sum_of_weights: f64,
    has_turned: bool,
    held_back: HeldBack,
}

/// A table's rows on their way to numbers.
#[derive(Debug)]
pub struct StreamedRows {
    schema: Schema,
    config: FitConfig,
    lots: Lots,
    encoder: Encoder,
    target: TargetEncoder,
    objective: Objective,
    fingerprint: TableFingerprint,
    n_training_rows: usize,
    /// Of the training rows.
    mean_weight: f64,
    held_back: HeldBack,
    validation: Option<(Dataset<f32>, Truth)>,
    counts: Vec<usize>,
    /// The sum of each class's weights.
    totals: Vec<f64>,
    /// A sample for each target.
    numbers: Vec<Sample>,
}

impl Constants {
    /// Nothing so far of a table with so many rows that have a target.
    ///
    /// # Errors
    /// When the schema has no target, or a setting is outside its domain.
    pub fn new(schema: Schema, config: &FitConfig, n_labelled: usize, held_back: HeldBack) -> Result<Self> {
        config.check()?;
        let share = match held_back {
            HeldBack::AtMost(n_rows) => {
                config.validation_fraction.min(n_rows as f64 / n_labelled.max(1) as f64)
            }
            HeldBack::Nothing => 0.0,
        };
        Ok(Self {
            lots: Lots::new(config.seed, share),
            encoder: EncoderFit::new(style(config), &schema, sampling(config.seed)),
            target: TargetFit::new(&schema, measure(config))?,
            schema,
            config: config.clone(),
            fingerprint: TableFingerprint::new(),
            n_training_rows: 0,
            sum_of_weights: 0.0,
            has_turned: false,
            held_back,
        })
    }

    /// The next rows.
    ///
    /// # Errors
    /// When the schema does not fit the table, or a cell cannot be read.
    pub fn see(&mut self, table: &Table) -> Result<()> {
        let table = &*self.schema.with_numbers(table)?;
        let (training, _) = self.lots.deal(labelled_rows(&self.schema, table)?);
        if !self.has_turned {
            self.fingerprint.see(table);
            self.n_training_rows += training.len();
            let weights = row_weights(&self.schema, table, &training)?;
            self.sum_of_weights += weights.iter().flatten().sum::<f64>();
        }
        self.target.see(table, &training)?;
        self.encoder.see(table, &training)
    }

    /// All rows have come. Whether they must come once more.
    pub fn turn(&mut self) -> bool {
        self.has_turned = true;
        self.lots.again();
        let wants = [self.target.turn(), self.encoder.turn()];
        wants.contains(&true)
    }

    /// What encodes the rows.
    ///
    /// # Errors
    /// When there is nothing to learn from, or no row to train on.
    pub fn finish(self) -> Result<StreamedRows> {
        let target = self.target.finish(is_held(&self.config))?;
        if self.n_training_rows == 0 {
            let (table, column) = ("the table".into(), target.name());
            return Err(SchemaError::NoLabelledRows { table, column }.into());
        }
        if self.schema.row_weight().is_some() && self.sum_of_weights == 0.0 {
            return Err(DatasetError::ZeroWeights.into());
        }
        let objective = objective(&target, &self.config)?;
        Ok(StreamedRows {
            mean_weight: self.sum_of_weights / self.n_training_rows as f64,
            encoder: self.encoder.finish()?,
            counts: vec![0; target.class_names().len()],
            totals: vec![0.0; target.class_names().len()],
            numbers: target
                .numbers()
                .iter()
                .map(|_| Sample::new(sampling(self.config.seed), u64::MAX))
                .collect(),
            target,
            objective,
            schema: self.schema,
            config: self.config,
            lots: self.lots,
            fingerprint: self.fingerprint,
            n_training_rows: self.n_training_rows,
            held_back: self.held_back,
            validation: None,
        })
    }
}

impl StreamedRows {
    /// How many rows will train.
    pub fn n_training_rows(&self) -> usize {
        self.n_training_rows
    }

    /// How many inputs a row becomes.
    pub fn n_inputs(&self) -> usize {
        self.encoder.n_inputs()
    }

    /// How many classes there are; 0 where numbers are learnt.
    pub fn n_classes(&self) -> usize {
        self.target.class_names().len()
    }

    /// How many columns are learnt.
    pub fn n_targets(&self) -> usize {
        self.target.columns().len()
    }

    /// Rows of a step of the network.
    pub fn batch_size(&self) -> usize {
        match self.config.train_config(self.n_training_rows).batch_size {
            BatchSize::Rows(n_rows) => n_rows,
            BatchSize::Full => self.n_training_rows,
        }
    }

    /// The lots by which training rows come into blocks.
    pub fn generator_of_blocks(&self) -> Generator {
        Generator::stream(self.config.seed, Stream::Blocks as u64)
    }

    /// The training rows among the next rows. Those that are held back are kept.
    ///
    /// # Errors
    /// When a cell cannot be read.
    pub fn encode(&mut self, table: &Table) -> Result<Dataset<f32>> {
        let table = &*self.schema.with_numbers(table)?;
        let (training, held_back) = self.lots.deal(labelled_rows(&self.schema, table)?);
        if !held_back.is_empty() {
            self.keep(table, &held_back)?;
        }
        let training = self.encoded(table, &training)?;
        match &training.targets {
            Targets::Classes { indices, .. } => {
                for (row, &class) in indices.iter().enumerate() {
                    self.counts[class as usize] += 1;
                    self.totals[class as usize] +=
                        training.weights.as_ref().map_or(1.0, |all| f64::from(all[row]));
                }
            }
            Targets::Values(values) => {
                for row in 0..values.n_rows() {
                    for (numbers, &z) in self.numbers.iter_mut().zip(values.row(row)) {
                        numbers.see(f64::from(z));
                    }
                }
            }
        }
        Ok(training)
    }

    /// Whether rows do not count alike, by a column of the table.
    pub fn has_weights(&self) -> bool {
        self.schema.row_weight().is_some()
    }

    /// Some rows; their weights are divided by the mean over all training rows.
    fn encoded(&self, table: &Table, rows: &[usize]) -> Result<Dataset<f32>> {
        let mut dataset = encoded(&self.encoder, &self.target, table, rows)?;
        let weights = row_weights(&self.schema, table, rows)?;
        let relative = |weight: f64| (weight / self.mean_weight) as f32;
        dataset.weights = weights.map(|weights| weights.into_iter().map(relative).collect());
        Ok(dataset)
    }

    fn keep(&mut self, table: &Table, rows: &[usize]) -> Result<()> {
        let more = self.encoded(table, rows)?;
        let more_truth = self.target.truth(table, rows, &self.schema.missing)?;
        match &mut self.validation {
            None => self.validation = Some((more, more_truth)),
            Some((dataset, truth)) => {
                dataset.append(more);
                match (truth, more_truth) {
                    (Truth::Classes(all), Truth::Classes(more)) => all.extend(more),
                    (Truth::Numbers(all), Truth::Numbers(more)) => all.append(&more),
                    _ => unreachable!("one kind of target"),
                }
            }
        }
        Ok(())
    }

    /// What each row's weight is multiplied with by its class, once all rows have come, so that their mean stays 1; none where
    /// all classes count alike.
    ///
    /// # Errors
    /// When weights are given for what is no class, or no row counts.
    pub fn class_weights(&self) -> Result<Option<Vec<f32>>> {
        let Some(weights) = self.by_class()? else { return Ok(None) };
        let mean = weights.iter().zip(&self.totals).map(|(weight, total)| weight * total).sum::<f64>()
            / self.n_training_rows as f64;
        if mean == 0.0 {
            return Err(DatasetError::ZeroWeights.into());
        }
        Ok(Some(weights.iter().map(|weight| (weight / mean) as f32).collect()))
    }

    fn by_class(&self) -> Result<Option<Vec<f64>>> {
        if self.counts.is_empty() {
            return Ok(None);
        }
        self.config.class_weight.weights(self.target.class_names(), &self.counts)
    }

    /// Ready to train on the rows that were encoded.
    ///
    /// # Errors
    /// When the validation table does not fit.
    pub fn finish(self, blocks: Arc<dyn Blocks<f32>>, validation_table: Option<&Table>) -> Result<Prepared> {
        let class_weights = self.by_class()?;
        let (validation, truth) = match validation_table.filter(|_| self.held_back == HeldBack::Nothing) {
            Some(table) => {
                let rows = self.schema.labelled_rows(table)?;
                let truth = self.target.truth(table, &rows, &self.schema.missing)?;
                (Some(self.encoded(table, &rows)?), Some(truth))
            }
            None => self.validation.unzip(),
        };
        let by_own_mean = |mut rows: Dataset<f32>| match rows.weights.take() {
            Some(weights) => {
                rows.with_sample_weights(&weights.into_iter().map(f64::from).collect::<Vec<_>>())
            }
            None => Ok(rows),
        };
        let held_out = validation
            .zip(truth)
            .map(|(rows, truth)| to_validate(by_own_mean(rows)?, truth, class_weights))
            .transpose()?;
        let (validation, measured) = held_out.unzip();
        let summary = if self.counts.is_empty() {
            let numbers = |sample: Sample| sample.into_values().into_iter().map(|z| z as f32).collect();
            TargetSummary::Numbers(self.numbers.into_iter().map(numbers).collect())
        } else {
            TargetSummary::Counts(self.counts)
        };
        Ok(Prepared {
            constant: constant(&self.target, summary, self.objective, true),
            schema: self.schema,
            encoder: self.encoder,
            target: self.target,
            objective: self.objective,
            training: TrainingRows::Blocks(blocks),
            validation: validation.map(Arc::new),
            measured,
            rows: None,
            origin: None,
            table_fingerprint: self.fingerprint.to_string(),
            validation_fingerprint: validation_table.map(fingerprint),
        })
    }
}

/// Not one of the table's rows has to have a target: others may.
fn labelled_rows(schema: &Schema, table: &Table) -> Result<Vec<usize>> {
    schema.check_table(table)?;
    match schema.labelled_rows(table) {
        Err(Error::Schema(SchemaError::NoLabelledRows { .. })) => Ok(Vec::new()),
        rows => rows,
    }
}

fn sampling(seed: u64) -> Sampling {
    Sampling { most: SAMPLE_SIZE, seed: Generator::stream(seed, Stream::Samples as u64).bits() }
}
