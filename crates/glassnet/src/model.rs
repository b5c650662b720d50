//! What training leaves: encoder, objective, network and baselines in one piece, with the story of how they came about.

use crate::activation::sigmoid;
use crate::dataset::{Dataset, Targets};
use crate::encoder::{EncodeNote, Encoder};
use crate::ensemble::combine;
use crate::error::{Error, Result};
use crate::evaluation::measure;
pub use crate::evaluation::{Evaluation, Prediction, TargetMetrics};
use crate::finding::Finding;
use crate::fit_config::FitConfig;
use crate::matrix::{Matrix, MatrixRef};
use crate::network::Network;
use crate::objective::Objective;
use crate::quantiles::QuantileLevels;
use crate::row_weights::row_weights;
use crate::schema::Schema;
use crate::table::Table;
use crate::target::TargetEncoder;
pub use crate::target::Truth;
use crate::temperature::{TemperatureScaling, best_temperature, scale};
use crate::trainer::{BrokenOff, EpochReport, StopReason};
use crate::watch::Snapshot;
use serde::{Deserialize, Serialize};

/// A trained network with all that a new table needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The columns as understood.
    pub schema: Schema,
    /// Columns to inputs.
    pub encoder: Encoder,
    /// Target to classes or standardised numbers.
    pub target: TargetEncoder,
    /// Output map and loss.
    pub objective: Objective,
    /// The network of the best epoch; several of the same layers where an ensemble was trained.
    pub networks: Vec<Network<f32>>,
    /// T of [`crate::temperature`]: what outputs of classes are divided by. 1 where none was chosen.
    pub temperature: f64,
    /// What any model must beat.
    pub baselines: Baselines,
    /// How it came about.
    pub story: Story,
}

/// Two predictors that need no hidden layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Baselines {
    /// The classes' shares of the training rows (the prediction is the majority class), the quantiles of the target, or its
    /// mean.
    pub constant: Vec<f64>,
    /// The same outputs as the network's, straight from the inputs.
    pub linear: Network<f32>,
}

/// How a model came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// The version of glassnet that trained it.
    pub version: String,
    /// Every setting, the seed among them.
    pub config: FitConfig,
    /// Fingerprint of the training table.
    pub table_fingerprint: String,
    /// Fingerprints of the tables that trained it before, the first first, where this training went on from a model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_tables: Vec<String>,
    /// Rows that trained.
    pub n_training_rows: usize,
    /// Rows that validated.
    pub n_validation_rows: usize,
    /// Rows of a block, where they were shuffled by blocks: those of a table that was larger than the memory it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_block: Option<usize>,
    /// One report an epoch.
    pub history: Vec<EpochReport>,
    /// The epoch whose parameters the network has; 0 for the start.
    pub best_epoch: usize,
    /// Why training ended.
    pub stop_reason: StopReason,
    /// The step with which training broke off, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_off: Option<BrokenOff>,
    /// The layers at the start and after some epochs.
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    /// What is wrong, the most important first.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// On the validation rows. The epoch was chosen by them, so these are a little optimistic.
    pub evaluation: Option<Evaluation>,
}

impl Story {
    /// What happened in the epoch whose parameters the network has; `None` for the start.
    pub fn best(&self) -> Option<&EpochReport> {
        self.history.get(self.best_epoch.checked_sub(1)?)
    }

    /// The same, where validation rows chose it: no other epoch's watched loss is lower.
    pub fn chosen(&self) -> Option<&EpochReport> {
        let best = self.best().filter(|best| best.validation_loss.is_some())?;
        let is_lowest = |other: &EpochReport| best.watched_loss() <= other.watched_loss();
        self.history.iter().all(is_lowest).then_some(best)
    }

    /// How the training rows came into a random order, in words.
    pub fn shuffled(&self) -> String {
        match self.rows_per_block {
            None => "all together".into(),
            Some(n_rows) => format!("by blocks of {n_rows} rows"),
        }
    }
}

/// Predictions, and what a reader should know about the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// One a row.
    pub prediction: Prediction,
    /// What was odd about them.
    pub notes: Vec<EncodeNote>,
    /// Rows whose quantiles crossed before they were sorted.
    pub n_crossed: usize,
}

/// True values beside the predictions for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// What it comes to.
    pub evaluation: Evaluation,
    /// What the network says.
    pub prediction: Prediction,
    /// What is true: class indices, or numbers in the target's own unit.
    pub truth: Truth,
    /// What was odd about them.
    pub notes: Vec<EncodeNote>,
}

impl Model {
    /// Predictions for all rows of a table. The target column is not needed.
    ///
    /// # Errors
    /// When a column is missing or a cell cannot be read.
    pub fn predict(&self, table: &Table) -> Result<Predicted> {
        let table = &*self.schema.with_numbers(table)?;
        let rows: Vec<usize> = (0..table.n_rows()).collect();
        let mut encoded = self.encoder.encode::<f32>(table, &rows)?;
        encoded.notes.extend(self.schema.odd_numbers(table, &rows));
        let outputs = self.outputs(encoded.x.view());
        let is_quantile = matches!(self.objective, Objective::Quantile(_));
        let crosses = |row: &usize| outputs.row(*row).windows(2).any(|pair| pair[0] > pair[1]);
        let n_crossed = if is_quantile { (0..outputs.n_rows()).filter(crosses).count() } else { 0 };
        Ok(Predicted { prediction: self.prediction(outputs), notes: encoded.notes, n_crossed })
    }

    /// Metrics of network and baselines on the rows of a table that have a target, by their weights where the model was trained with
    /// a column of weights and the table has it.
    ///
    /// # Errors
    /// When a column is missing, a cell cannot be read, or no row has a target.
    pub fn evaluate(&self, table: &Table) -> Result<Evaluated> {
        let table = &*self.schema.with_numbers(table)?;
        let rows = self.target.labelled_rows(table, &self.schema.missing)?;
        let mut encoded = self.encoder.encode::<f32>(table, &rows)?;
        encoded.notes.extend(self.schema.odd_numbers(table, &rows));
        let truth = self.target.truth(table, &rows, &self.schema.missing)?;
        let has_weights = self.schema.row_weight().is_some_and(|column| table.position(&column.name).is_ok());
        let weights = if has_weights { row_weights(&self.schema, table, &rows)? } else { None };
        let mut evaluated = self.evaluate_encoded(encoded.x.view(), truth, weights.as_deref());
        evaluated.notes = encoded.notes;
        Ok(evaluated)
    }

    /// The same on encoded rows.
    pub(crate) fn evaluate_encoded(
        &self,
        x: MatrixRef<'_, f32>,
        truth: Truth,
        weights: Option<&[f64]>,
    ) -> Evaluated {
        let [prediction, constant, linear] = self.predictions(x);
        let evaluation = self.evaluation([&prediction, &constant, &linear], &truth, weights);
        Evaluated { evaluation, prediction, truth, notes: Vec::new() }
    }

    /// What the network, the constant and the linear baseline say of encoded rows.
    pub(crate) fn predictions(&self, x: MatrixRef<'_, f32>) -> [Prediction; 3] {
        let n_rows = x.n_rows();
        let constant = match self.objective {
            Objective::Quantile(_) => {
                Prediction::Quantiles(Matrix::from_rows(&vec![self.baselines.constant.clone(); n_rows]))
            }
            Objective::SquaredError | Objective::Poisson => {
                Prediction::Numbers(Matrix::from_rows(&vec![self.baselines.constant.clone(); n_rows]))
            }
            Objective::BinaryCrossEntropy | Objective::CrossEntropy => {
                let shares: Vec<f32> = self.baselines.constant.iter().map(|&share| share as f32).collect();
                Prediction::Probabilities(Matrix::from_rows(&vec![shares; n_rows]))
            }
        };
        [self.prediction(self.outputs(x)), constant, self.prediction(self.baselines.linear.outputs(x))]
    }

    /// What such [predictions](Self::predictions) come to.
    pub(crate) fn evaluation(
        &self,
        predictions: [&Prediction; 3],
        truth: &Truth,
        weights: Option<&[f64]>,
    ) -> Evaluation {
        let measure = |prediction| measure(self.objective, prediction, truth, weights);
        let [metrics, constant, linear] = predictions.map(measure);
        let targets = match truth {
            Truth::Numbers(truth) if truth.n_columns() > 1 => {
                let names = self.target.columns().into_iter().enumerate();
                names.map(|(k, name)| TargetMetrics::of(name, k, predictions, truth, weights)).collect()
            }
            _ => Vec::new(),
        };
        let (n_rows, is_weighted) = (truth.n_rows(), weights.is_some());
        Evaluation { n_rows, is_weighted, metrics, constant, linear, targets }
    }

    /// Chooses the temperature by rows that did not train, where the settings ask for one; of numbers it stays 1.
    ///
    /// # Errors
    /// [`Error::Targets`] when the rows are not the network's.
    pub(crate) fn choose_temperature(&mut self, rows: &Dataset<f32>) -> Result<()> {
        let scaling = self.story.config.temperature_scaling;
        if scaling != TemperatureScaling::None
            && let Targets::Classes { indices, .. } = &rows.targets
        {
            self.temperature = 1.0;
            let (outputs, weights) = (self.outputs(rows.x.view()), rows.weights.as_deref());
            self.objective.check_targets(&rows.targets, outputs.n_columns())?;
            self.temperature = best_temperature(scaling, self.objective, &outputs, (indices, weights));
        }
        Ok(())
    }

    /// The network; of an ensemble the first.
    pub fn network(&self) -> &Network<f32> {
        &self.networks[0]
    }

    /// What goes into the objective's map: the outputs of the network, or of all together, at the model's temperature.
    pub(crate) fn outputs(&self, x: MatrixRef<'_, f32>) -> Matrix<f32> {
        let all: Vec<Matrix<f32>> = self.networks.iter().map(|network| network.outputs(x)).collect();
        let mut outputs = combine(self.objective, &all);
        if self.temperature != 1.0 {
            scale(&mut outputs, self.temperature);
        }
        outputs
    }

    /// The true class of each row of a table, where it has one; `None` when the table has no target, or unknown classes.
    pub fn truth_of(&self, table: &Table) -> Option<Vec<Option<usize>>> {
        let rows = self.target.labelled_rows(table, &self.schema.missing).ok()?;
        let Ok(Targets::Classes { indices, .. }) =
            self.target.encode::<f32>(table, &rows, &self.schema.missing)
        else {
            return None;
        };
        let mut classes = vec![None; table.n_rows()];
        for (row, class) in rows.into_iter().zip(indices) {
            classes[row] = Some(class as usize);
        }
        Some(classes)
    }

    /// `majority` of classes, `mean` of numbers, `quantiles`: what the constant baseline is called.
    pub fn constant_name(&self) -> &'static str {
        match self.objective {
            Objective::SquaredError | Objective::Poisson => "mean",
            Objective::Quantile(_) => "quantiles",
            Objective::BinaryCrossEntropy | Objective::CrossEntropy => "majority",
        }
    }

    /// The level of each quantile that the model predicts; none where it predicts something else.
    pub fn quantile_levels(&self) -> Option<QuantileLevels> {
        match self.objective {
            Objective::Quantile(levels) => Some(levels),
            _ => None,
        }
    }

    /// A number each row: the prediction of that target, or of quantiles the one whose level is nearest to ½. `None` of classes.
    pub fn numbers(&self, prediction: &Prediction, target: usize) -> Option<Vec<f64>> {
        match prediction {
            Prediction::Probabilities(_) => None,
            Prediction::Numbers(numbers) => {
                Some((0..numbers.n_rows()).map(|row| numbers.row(row)[target]).collect())
            }
            Prediction::Quantiles(quantiles) => {
                let middle = self.quantile_levels()?.middle();
                Some((0..quantiles.n_rows()).map(|row| quantiles.row(row)[middle]).collect())
            }
        }
    }

    /// The baseline's constant as one number of that target, of classes as well.
    pub fn constant_number(&self, target: usize) -> f64 {
        self.baselines.constant[self.quantile_levels().map_or(target, |levels| levels.middle())]
    }

    /// Whether the parts fit together and every number is finite.
    ///
    /// # Errors
    /// [`Error::Model`] says what does not fit; the encoders' own errors.
    pub fn check(&self) -> Result<()> {
        self.schema.check("the model")?;
        self.encoder.check()?;
        self.target.check()?;
        let wrong = |reason: String| Err(Error::Model { reason });
        let n_classes = self.target.class_names().len();
        let fits = match self.objective {
            Objective::SquaredError | Objective::Quantile(_) | Objective::Poisson => n_classes == 0,
            Objective::BinaryCrossEntropy => n_classes == 2,
            Objective::CrossEntropy => n_classes >= 2,
        };
        if !fits {
            return wrong(format!("{} with {n_classes} classes", self.objective.name()));
        }
        let n_outputs = n_outputs(self.objective, &self.target);
        let n_inputs = self.encoder.n_inputs();
        if self.networks.is_empty() {
            return wrong("no network".into());
        }
        if self.networks.iter().any(|network| network.layers() != self.network().layers()) {
            return wrong("networks of unlike layers".into());
        }
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            return wrong(format!("a temperature of {}", self.temperature));
        }
        for network in self.networks.iter().chain([&self.baselines.linear]) {
            let found = (network.n_inputs(), network.n_outputs());
            if found != (n_inputs, n_outputs) {
                return wrong(format!(
                    "a network of {found:?} inputs and outputs for {:?}",
                    (n_inputs, n_outputs)
                ));
            }
            if !network.params().iter().all(|param| param.is_finite()) {
                return wrong("a parameter is not finite".into());
            }
        }
        let constant = &self.baselines.constant;
        let n_constants = if n_classes == 0 { n_outputs } else { n_classes };
        if constant.len() != n_constants || !constant.iter().all(|value| value.is_finite()) {
            return wrong(format!("a constant baseline of {constant:?}"));
        }
        Ok(())
    }

    fn prediction(&self, mut outputs: Matrix<f32>) -> Prediction {
        if self.objective == Objective::BinaryCrossEntropy {
            // Both from the logit, so that neither loses digits near 1.
            let both = outputs.values().iter().flat_map(|&z| [sigmoid(-z), sigmoid(z)]).collect();
            return Prediction::Probabilities(Matrix::from_values(outputs.n_rows(), 2, both));
        }
        self.objective.predict(&mut outputs);
        let numbers = || {
            let mut numbers = Matrix::zeros(outputs.n_rows(), outputs.n_columns());
            for row in 0..outputs.n_rows() {
                for (output, (number, &z)) in
                    numbers.row_mut(row).iter_mut().zip(outputs.row(row)).enumerate()
                {
                    let target = self.target.number(output);
                    *number = target.map_or(f64::from(z), |target| target.predicted(f64::from(z)));
                }
            }
            numbers
        };
        match self.objective {
            Objective::SquaredError | Objective::Poisson => Prediction::Numbers(numbers()),
            Objective::Quantile(_) => Prediction::Quantiles(numbers()),
            Objective::CrossEntropy | Objective::BinaryCrossEntropy => Prediction::Probabilities(outputs),
        }
    }
}

/// Outputs that a network needs for a target.
pub(crate) fn n_outputs(objective: Objective, target: &TargetEncoder) -> usize {
    match objective {
        Objective::SquaredError => target.numbers().len(),
        Objective::Poisson | Objective::BinaryCrossEntropy => 1,
        Objective::Quantile(levels) => levels.as_slice().len(),
        Objective::CrossEntropy => target.class_names().len(),
    }
}
