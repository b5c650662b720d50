//! How to train: every choice, its default and its domain.

use crate::error::{Error, Result};
use crate::optimizer::OptimizerConfig;
use crate::schedule::Schedule;
use glassnet_kernels::half::HalfInstructions;
use glassnet_kernels::product;
use serde::{Deserialize, Serialize};

/// How many rows make one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchSize {
    /// All rows.
    Full,
    /// So many; the last batch of an epoch has what is left.
    Rows(usize),
}

/// In which order an epoch visits the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// A new random order each epoch.
    Shuffled,
    /// The order of the dataset.
    AsGiven,
}

/// How the gradients of a batch's rows become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
}

/// What an epoch's training loss is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingLoss {
    /// The mean over the epoch's batches as they were met, dropout included: free.
    Running,
    /// The loss after the epoch, without dropout: one more forward pass.
    Evaluated,
}

/// What numbers the factors of large matrix products have. Parameters, gradients, sums and all else are what the
/// network's own type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The network's own type, `f32` or `f64`.
    #[default]
    Full,
    /// bf16, 8 significant binary digits, with sums of 32 bits, for networks of `f32`: about twice as fast where the
    /// machine has instructions for it (AVX-512 BF16).
    Bf16,
}

impl Precision {
    pub(crate) fn of_products(self) -> product::Precision {
        match self {
            Self::Full => product::Precision::Full,
            Self::Bf16 => product::Precision::Half,
        }
    }
}

/// How to train. Made into a [`CheckedTrainConfig`] by [`TrainConfig::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// Default `AdamW`.
    pub optimizer: OptimizerConfig,
    /// η above 0. Default 0.001.
    pub learning_rate: f64,
    /// Default constant.
    pub schedule: Schedule,
    /// λ ≥ 0 of the decoupled decay θ ← θ·(1 − η·λ) of weights, not of biases. Default: the optimizer's own.
    pub weight_decay: Option<f64>,
    /// λ₁ ≥ 0: λ₁·Σ|w| is added to what is made small (not to the reported loss). Default 0.
    pub l1: f64,
    /// λ₂ ≥ 0: ½·λ₂·Σw² is added to what is made small (not to the reported loss). Default 0.
    pub l2: f64,
    /// Longest gradient: a longer one is shortened to it. Default none.
    pub gradient_clip_norm: Option<f64>,
    /// Default 32 rows.
    pub batch_size: BatchSize,
    /// Default shuffled.
    pub row_order: RowOrder,
    /// Default mean.
    pub reduction: Reduction,
    /// Default running.
    pub training_loss: TrainingLoss,
    /// Default full.
    #[serde(default)]
    pub precision: Precision,
    /// Most passes over the rows. Default 200.
    pub epochs: usize,
    /// Stop after so many epochs in which the validation loss was not below its best; none to go on. Default 20.
    pub patience: Option<usize>,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            optimizer: OptimizerConfig::ADAMW,
            learning_rate: 0.001,
            schedule: Schedule::Constant,
            weight_decay: None,
            l1: 0.0,
            l2: 0.0,
            gradient_clip_norm: None,
            batch_size: BatchSize::Rows(32),
            row_order: RowOrder::Shuffled,
            reduction: Reduction::Mean,
            training_loss: TrainingLoss::Running,
            precision: Precision::Full,
            epochs: 200,
            patience: Some(20),
        }
    }
}

/// A [`TrainConfig`] whose every number lies in its domain.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedTrainConfig(TrainConfig);

impl TrainConfig {
    /// Checks that every number lies in its domain.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first that does not, and a precision that this machine has no instructions for.
    pub fn check(self) -> Result<CheckedTrainConfig> {
        let number = |name, value: f64, valid: bool, domain| {
            if valid && value.is_finite() {
                return Ok(());
            }
            Err(Error::Setting { name, value: value.to_string(), domain })
        };
        let not_negative = "a finite number, 0 or above";
        number("learning_rate", self.learning_rate, self.learning_rate > 0.0, "a finite number above 0")?;
        number("l1", self.l1, self.l1 >= 0.0, not_negative)?;
        number("l2", self.l2, self.l2 >= 0.0, not_negative)?;
        let weight_decay = self.weight_decay.unwrap_or(0.0);
        number("weight_decay", weight_decay, weight_decay >= 0.0, not_negative)?;
        let decays_by_less_than_all = self.learning_rate * weight_decay < 1.0;
        number("weight_decay", weight_decay, decays_by_less_than_all, "below 1 / learning_rate")?;
        let norm = self.gradient_clip_norm.unwrap_or(1.0);
        number("gradient_clip_norm", norm, norm > 0.0, "a finite number above 0")?;
        let counts = [
            ("epochs", self.epochs),
            ("patience", self.patience.unwrap_or(1)),
            ("batch_size", if let BatchSize::Rows(n_rows) = self.batch_size { n_rows } else { 1 }),
        ];
        for (name, count) in counts {
            if count == 0 {
                return Err(Error::Setting { name, value: "0".into(), domain: "1 or above" });
            }
        }
        if self.precision == Precision::Bf16 && HalfInstructions::here().is_none() {
            let domain = "f32 on this machine, which has no instructions for bf16 (AVX-512 BF16)";
            return Err(Error::Setting { name: "precision", value: "bf16".into(), domain });
        }
        self.optimizer.check()?;
        self.schedule.check()?;
        Ok(CheckedTrainConfig(self))
    }
}

impl CheckedTrainConfig {
    pub(crate) fn into_config(self) -> TrainConfig {
        self.0
    }
}
