//! Ways to build and train a network for a table.
//!
//! *Strong* is `RealMLP`-TD (Holzmüller, Grinsztajn and Steinwart, arXiv 2407.04491), with these changes: no label
//! smoothing; on few rows there is [noise on the inputs](input_noise) and half the learning rate; of
//! classes, the epoch is kept that tells them apart best, [`Watched::TemperedLoss`]; and probabilities are
//! [softened](crate::temperature::TemperatureScaling::Soften) where validation rows contradict them. *Plain* is a network as tutorials have it. *Seed* is the one of
//! the tutorial that glassnet grew from.

use crate::activation::Activation;
use crate::optimizer::OptimizerConfig;
use crate::schedule::Schedule;
use crate::schema::Task;
use crate::train_config::{
    LastBatch, RateFactors, RowOrder, Ties, TrainConfig, TrainingLoss, Watched, WeightUnit,
};
use serde::{Deserialize, Serialize};

/// How a network is built for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// Inputs by median and quartiles, each number also as waves; a factor for each input; units between identity and
    /// activation; a start by the training rows; cyclic rates and all epochs. As good as the best default networks for
    /// tables.
    Strong,
    /// Standardised inputs and dense layers, trained until the validation loss no longer falls. Small and quick.
    Plain,
    /// Numbers as they are, one hidden layer of sigmoids and a sigmoid for the prediction, no biases; one row at a time in
    /// the order of the table, from a start that `NumPy`'s old generator draws. Targets are numbers from 0 to 1.
    Seed,
}

impl Recipe {
    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Plain => "plain",
            Self::Seed => "seed",
        }
    }

    /// What a model file of the time before recipes had.
    pub(crate) fn plain() -> Self {
        Self::Plain
    }
}

impl std::fmt::Display for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Rows a step in the strong recipe.
pub const BATCH_SIZE: usize = 256;

/// Standard deviation of the strong recipe's noise on encoded numbers: for classes min(0.7, 10/√n) of n training rows, none
/// where that is below 0.1 and none for numbers. `RealMLP`-TD has none; `docs/quality.md` says what it changes.
pub fn input_noise(task: Task, n_training_rows: usize) -> f64 {
    let deviation = (10.0 / (n_training_rows as f64).sqrt()).min(0.7);
    if task == Task::Classification && deviation >= 0.1 { deviation } else { 0.0 }
}

/// Of the strong recipe's learning rate: a half below 2,000 training rows, which take few steps an epoch.
pub(crate) fn rate_factor(n_training_rows: usize) -> f64 {
    if n_training_rows < 2_000 { 0.5 } else { 1.0 }
}

/// Of the hidden layers in the strong recipe: selu for classes, mish for numbers.
pub(crate) fn strong_activation(task: Task) -> Activation {
    match task {
        Task::Classification => Activation::Selu,
        Task::Regression => Activation::Mish,
    }
}

/// The tutorial's training: every row a step of 0.1 down its squared error.
pub(crate) fn seed_train_config() -> TrainConfig {
    TrainConfig {
        optimizer: OptimizerConfig::SGD,
        learning_rate: 0.1,
        row_order: RowOrder::AsGiven,
        training_loss: TrainingLoss::Evaluated,
        epochs: 20_000,
        patience: None,
        ..TrainConfig::default()
    }
}

/// A power of two near 1/50 of the training rows, from 8 to 256: small tables get many steps an epoch, large ones
/// large products.
pub fn automatic_batch_size(n_training_rows: usize) -> usize {
    (n_training_rows / 50).next_power_of_two().clamp(8, 256)
}

/// The linear baseline's training, from the plain recipe's, whose decay would keep its weights small: a penalty of 10⁻⁴ instead, and
/// a rate of 0.003.
pub(crate) fn linear(plain: &TrainConfig) -> TrainConfig {
    TrainConfig { learning_rate: 0.003, weight_decay: Some(0.0), l2: 1e-4, ..plain.clone() }
}

/// The strong recipe's training.
pub(crate) fn strong_train_config(task: Task) -> TrainConfig {
    TrainConfig {
        optimizer: OptimizerConfig::AdamW { beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
        learning_rate: match task {
            Task::Classification => 0.04,
            Task::Regression => 0.2,
        },
        schedule: Schedule::CosineLog4,
        watched: Watched::TemperedLoss,
        dropout_schedule: Schedule::FlatCosine,
        weight_decay: Some(0.02),
        weight_decay_schedule: Schedule::FlatCosine,
        rate_factors: RateFactors {
            bias: 0.1,
            scale: 6.0,
            periodic: 0.1,
            slope: 0.1,
            ..RateFactors::default()
        },
        weight_unit: WeightUnit::FanIn,
        last_batch: LastBatch::Drop,
        epochs: 256,
        patience: None,
        ties: Ties::Latest,
        ..TrainConfig::default()
    }
}
