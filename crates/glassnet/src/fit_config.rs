//! How a network is built for a table and trained on it: every choice and its default.

use crate::activation::Activation;
pub use crate::class_weight::ClassWeight;
use crate::column_fit::{MOST_LEVELS, MOST_ONE_HOT};
use crate::encoder::Encoder;
use crate::error::{Error, Result};
use crate::initialiser::Initialiser;
use crate::layer::Layer;
use crate::objective::Objective;
use crate::optimizer::OptimizerConfig;
use crate::recipe::{self, Recipe};
use crate::schema::{Column, Kind, Schema, Task};
use crate::temperature::{TemperatureScaling, named_or_not};
use crate::train_config::{BatchSize, TrainConfig};
use serde::{Deserialize, Serialize};

/// What one input becomes where it becomes more than one number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// Waves of each number in the strong recipe. Default 16.
    pub n_frequencies: usize,
    /// What each number becomes beside itself in the strong recipe. Default 3.
    pub n_embedded: usize,
    /// Standard deviation of the waves' frequencies at the start. Default 0.1.
    pub frequency_deviation: f64,
    /// Numbers of each level of a category that has too many for a column each. Default 8.
    pub n_lookup_units: usize,
}

impl Default for Embedding {
    fn default() -> Self {
        Self { n_frequencies: 16, n_embedded: 3, frequency_deviation: 0.1, n_lookup_units: 8 }
    }
}

/// Everything about a training but the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitConfig {
    /// What becomes of inputs and outputs, and which layers there are.
    #[serde(default = "Recipe::plain")]
    pub recipe: Recipe,
    /// Units of each hidden layer; empty for a linear model. Default 256, 256, 256; plain 64, 64.
    pub hidden_layer_sizes: Vec<usize>,
    /// Of the hidden layers. Default selu for classes, mish for numbers; plain relu.
    pub activation: Activation,
    /// Whether dense layers have biases; `None` is as the recipe has them. Default `None`: yes, none in the recipe seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bias: Option<bool>,
    /// Share of each hidden layer's units left out at random while training, in [0, 1). Default 0.15; plain 0.1.
    pub dropout: f64,
    /// Standard deviation of the noise on every number while training, in units of the encoded numbers, 0 or above;
    /// `None` is by the number of training rows, [`recipe::input_noise`]. Default `None`; plain 0.
    #[serde(default = "no_noise")]
    pub input_noise: Option<f64>,
    /// Waves of numbers, and numbers of levels.
    #[serde(default)]
    pub embedding: Embedding,
    /// Where weights start. Default: by the training rows, [`crate::data_start`]; plain [`Initialiser::for_activation`].
    pub initialiser: Option<Initialiser>,
    /// η. `None` is that of `train`, halved by the strong recipe below 2,000 training rows, tenfold in the plain one below
    /// [`FEW_ROWS`]. Default `None`.
    #[serde(default)]
    pub learning_rate: Option<f64>,
    /// Rows a step. Default [`recipe::BATCH_SIZE`]; plain by the number of training rows, [`recipe::automatic_batch_size`].
    pub batch_size: Option<usize>,
    /// Share of the rows kept for validation, in [0, 1), where no validation table is given. Default 0.2.
    pub validation_fraction: f64,
    /// What training makes small; `None` chooses by the target: squared error of a number, cross-entropy of classes. For
    /// numbers there are also [`Objective::Quantile`] and [`Objective::Poisson`]. Default `None`.
    #[serde(default)]
    pub objective: Option<Objective>,
    /// How much the rows of each class count, where they train and where they choose the epoch and the temperature; metrics leave it
    /// out. Default none.
    pub class_weight: ClassWeight,
    /// Networks that are trained together and whose predictions are averaged. Default 1.
    #[serde(default = "one")]
    pub ensemble: usize,
    /// Whether outputs of classes are divided by a temperature that suits the validation rows. Default
    /// [`TemperatureScaling::Soften`]; plain none.
    #[serde(default, deserialize_with = "named_or_not")]
    pub temperature_scaling: TemperatureScaling,
    /// Trainings from so many starts, of which the best by the watched loss is kept; `None` is [`AUTOMATIC_RESTARTS`] for a
    /// tiny network of the plain recipe and else 1. Default `None`.
    #[serde(default)]
    pub restarts: Option<usize>,
    /// Whether numbers among the inputs are measured as the recipe does; else they are as they are. Default yes.
    #[serde(default = "yes")]
    pub scaling: bool,
    /// Of every random number. Default 0.
    pub seed: u64,
    /// Threads that may be used; the bits do not depend on it. Default 1.
    pub threads: usize,
    /// Optimizer, rate, epochs, patience and the rest.
    pub train: TrainConfig,
}

impl FitConfig {
    /// The strong recipe for the schema's target.
    pub fn for_schema(schema: &Schema) -> Self {
        Self::strong(schema.task().unwrap_or(Task::Classification))
    }

    /// Every choice of a recipe.
    pub fn new(recipe: Recipe, task: Task) -> Self {
        match recipe {
            Recipe::Strong => Self::strong(task),
            Recipe::Plain => Self::plain(),
            Recipe::Seed => Self::seed(),
        }
    }

    /// Every choice of the tutorial's recipe.
    pub fn seed() -> Self {
        Self {
            recipe: Recipe::Seed,
            hidden_layer_sizes: vec![4],
            activation: Activation::Sigmoid,
            dropout: 0.0,
            initialiser: Some(Initialiser::FanOutNormal),
            batch_size: Some(1),
            validation_fraction: 0.0,
            seed: 1,
            train: recipe::seed_train_config(),
            ..Self::plain()
        }
    }

    /// Every choice of the strong recipe.
    pub fn strong(task: Task) -> Self {
        Self {
            recipe: Recipe::Strong,
            hidden_layer_sizes: vec![256; 3],
            activation: recipe::strong_activation(task),
            dropout: 0.15,
            input_noise: None,
            temperature_scaling: TemperatureScaling::Soften,
            train: recipe::strong_train_config(task),
            ..Self::plain()
        }
    }

    /// Every choice of the plain recipe.
    pub fn plain() -> Self {
        Self {
            recipe: Recipe::Plain,
            hidden_layer_sizes: vec![64, 64],
            activation: Activation::Relu,
            bias: None,
            dropout: 0.1,
            input_noise: no_noise(),
            embedding: Embedding::default(),
            initialiser: None,
            learning_rate: None,
            batch_size: None,
            validation_fraction: 0.2,
            objective: None,
            class_weight: ClassWeight::None,
            ensemble: 1,
            temperature_scaling: TemperatureScaling::None,
            restarts: None,
            scaling: true,
            seed: 0,
            threads: 1,
            train: TrainConfig { epochs: 500, patience: Some(30), ..TrainConfig::default() },
        }
    }

    /// The linear baseline beside it, which no recipe holds back: only the number of epochs is the recipe's, of the strong one twice.
    pub(crate) fn linear(&self) -> Self {
        let plain = Self::plain();
        let epochs = match self.recipe {
            Recipe::Strong => 2 * self.train.epochs,
            Recipe::Plain => self.train.epochs,
            Recipe::Seed => plain.train.epochs,
        };
        Self {
            hidden_layer_sizes: Vec::new(),
            restarts: Some(1),
            class_weight: self.class_weight.clone(),
            seed: self.seed,
            threads: self.threads,
            train: TrainConfig { epochs, precision: self.train.precision, ..recipe::linear(&plain.train) },
            ..plain
        }
    }
}

/// The ensemble of models that know nothing of it.
fn one() -> usize {
    1
}

/// The measure of models that know nothing of it.
fn yes() -> bool {
    true
}

/// The noise of models that know nothing of it.
#[expect(clippy::unnecessary_wraps, reason = "the default of a field")]
fn no_noise() -> Option<f64> {
    Some(0.0)
}

/// λ of the plain recipe with [`OptimizerConfig::AdamW`] where none is asked for. Against 0.01 it has the lower log loss on five of six
/// small tables and the lower error on `concrete`, and 1 % more error on `california_housing`; on two tables that were not
/// used to choose it (`telco_churn`, `wine_quality`) it is better on all six splits. 1 is too much for `concrete`.
pub const WEIGHT_DECAY: f64 = 0.3;

/// Training rows below which the plain recipe's learning rate is tenfold, where none is given.
pub const FEW_ROWS: usize = 50;

/// Starts of a network of the plain recipe with at most [`MOST_TINY_PARAMS`] parameters and a hidden layer, where none are asked
/// for: such networks get stuck often, and cost next to nothing.
pub const AUTOMATIC_RESTARTS: usize = 128;

/// What counts as tiny.
pub const MOST_TINY_PARAMS: usize = 64;

impl FitConfig {
    /// Starts of a network with so many parameters.
    pub fn n_starts(&self, n_params: usize) -> usize {
        let is_tiny = n_params <= MOST_TINY_PARAMS && !self.hidden_layer_sizes.is_empty();
        let automatic = self.recipe == Recipe::Plain && is_tiny && self.ensemble == 1;
        self.restarts.unwrap_or(if automatic { AUTOMATIC_RESTARTS } else { 1 })
    }

    /// The deviation of the noise on inputs for a task and so many training rows.
    pub fn noise(&self, task: Task, n_training_rows: usize) -> f64 {
        self.input_noise.unwrap_or_else(|| recipe::input_noise(task, n_training_rows))
    }

    /// The layers from the encoder's inputs to `n_outputs`, with such [noise](Self::noise). In front of a hidden layer of the
    /// strong recipe, the numbers become waves and every input gets a factor; numbers of levels are looked up in any case.
    ///
    /// # Errors
    /// [`Error::Setting`] when a size is 0 or a share outside its domain.
    pub fn layers(&self, encoder: &Encoder, n_outputs: usize, noise: f64) -> Result<Vec<Layer>> {
        self.check()?;
        let is_strong = self.recipe == Recipe::Strong && !self.hidden_layer_sizes.is_empty();
        let (bias, output) = match self.recipe {
            Recipe::Seed => (false, Activation::Sigmoid),
            Recipe::Strong | Recipe::Plain => (true, Activation::Identity),
        };
        let bias = self.bias.unwrap_or(bias);
        let mut layers: Vec<Layer> = Vec::new();
        let mut width = encoder.n_inputs();
        let mut push = |layer: Layer, width: &mut usize| {
            *width = layer.n_outputs();
            layers.push(layer);
        };
        let n_numbers = encoder.n_numbers();
        if noise > 0.0 && n_numbers > 0 {
            push(Layer::Noise { n_units: width, n_numbers, deviation: noise }, &mut width);
        }
        if is_strong && n_numbers > 0 {
            let Embedding { n_frequencies, n_embedded: n_outputs, frequency_deviation: deviation, .. } =
                self.embedding;
            push(
                Layer::Periodic { n_inputs: width, n_numbers, n_frequencies, n_outputs, deviation },
                &mut width,
            );
        }
        // From the last one, so that the places of the others stay.
        for (n_behind, n_levels) in encoder.level_counts().into_iter().rev().enumerate() {
            let n_units = self.embedding.n_lookup_units;
            let column = width - n_behind * n_units - 1;
            push(Layer::Lookup { n_inputs: width, column, n_levels, n_units }, &mut width);
        }
        if is_strong {
            push(Layer::Scale { n_units: width }, &mut width);
        }
        for &n_units in &self.hidden_layer_sizes {
            let activation = if is_strong { Activation::Identity } else { self.activation };
            push(Layer::Dense { n_inputs: width, n_outputs: n_units, bias, activation }, &mut width);
            if is_strong {
                push(Layer::Blend { n_units, activation: self.activation }, &mut width);
            }
            if self.dropout > 0.0 {
                push(Layer::Dropout { n_units, rate: self.dropout }, &mut width);
            }
        }
        push(Layer::Dense { n_inputs: width, n_outputs, bias, activation: output }, &mut width);
        Ok(layers)
    }

    /// The most inputs that the schema's columns become.
    pub fn most_inputs(&self, schema: &Schema) -> usize {
        let most_of_levels = match self.recipe {
            Recipe::Strong => MOST_ONE_HOT,
            Recipe::Plain | Recipe::Seed => MOST_LEVELS + 2,
        };
        let most = |column: &Column| match column.kind {
            Kind::Category => (column.levels.len() + 1).min(most_of_levels),
            _ => 2,
        };
        schema.inputs().map(most).sum()
    }

    /// Where the weights start.
    pub fn initialiser(&self) -> Initialiser {
        self.initialiser.unwrap_or(Initialiser::for_activation(self.activation))
    }

    /// The training's configuration for so many rows; with `AdamW` and no weight decay given, [`WEIGHT_DECAY`].
    pub fn train_config(&self, n_training_rows: usize) -> TrainConfig {
        let batch_size = self.batch_size.unwrap_or(match self.recipe {
            Recipe::Strong => recipe::BATCH_SIZE,
            Recipe::Plain | Recipe::Seed => recipe::automatic_batch_size(n_training_rows),
        });
        let learning_rate = self.learning_rate.unwrap_or(match self.recipe {
            Recipe::Strong => self.train.learning_rate * recipe::rate_factor(n_training_rows),
            // So few rows make few steps.
            Recipe::Plain if n_training_rows < FEW_ROWS => 10.0 * self.train.learning_rate,
            Recipe::Plain | Recipe::Seed => self.train.learning_rate,
        });
        let is_adamw = matches!(self.train.optimizer, OptimizerConfig::AdamW { .. });
        let weight_decay = self.train.weight_decay.or(is_adamw.then_some(WEIGHT_DECAY));
        let batch_size = BatchSize::Rows(batch_size);
        TrainConfig { learning_rate, weight_decay, batch_size, ..self.train.clone() }
    }

    /// Checks the choices that [`TrainConfig::check`] does not.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first outside its domain.
    pub fn check(&self) -> Result<()> {
        let wrong = |name, value: String, domain| Err(Error::Setting { name, value, domain });
        if self.hidden_layer_sizes.contains(&0) {
            let value = format!("{:?}", self.hidden_layer_sizes);
            return wrong("hidden_layer_sizes", value, "units of at least 1 each");
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return wrong("dropout", self.dropout.to_string(), "from 0 to below 1");
        }
        if let Some(noise) = self.input_noise
            && !(noise >= 0.0 && noise.is_finite())
        {
            return wrong("input_noise", noise.to_string(), "a finite number, 0 or above");
        }
        if !(0.0..1.0).contains(&self.validation_fraction) {
            let value = self.validation_fraction.to_string();
            return wrong("validation_fraction", value, "from 0 to below 1");
        }
        if self.recipe == Recipe::Seed {
            if let Some(objective) = self.objective.filter(|&objective| objective != Objective::SquaredError)
            {
                return wrong("objective", objective.name().into(), "squared_error in the recipe seed");
            }
            if u32::try_from(self.seed).is_err() {
                return wrong("seed", self.seed.to_string(), "from 0 to 4294967295 in the recipe seed");
            }
        }
        let deviation = self.embedding.frequency_deviation;
        if !(deviation >= 0.0 && deviation.is_finite()) {
            return wrong("frequency_deviation", deviation.to_string(), "a finite number, 0 or above");
        }
        let counts = [
            ("n_frequencies", self.embedding.n_frequencies),
            ("n_embedded", self.embedding.n_embedded),
            ("n_lookup_units", self.embedding.n_lookup_units),
            ("threads", self.threads),
            ("batch_size", self.batch_size.unwrap_or(1)),
            ("ensemble", self.ensemble),
            ("restarts", self.restarts.unwrap_or(1)),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return wrong(name, "0".into(), "1 or above");
        }
        if let Some(restarts) = self.restarts.filter(|&restarts| restarts > 1)
            && self.ensemble > 1
        {
            return wrong(
                "restarts",
                restarts.to_string(),
                "1 where there is an ensemble, which starts several networks itself",
            );
        }
        Ok(())
    }
}
