//! How to train: every choice, its default and its domain.

use crate::error::{Error, Result};
use crate::layer::BlockKind;
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
    /// So many; what becomes of the rest, [`LastBatch`] says.
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

/// What becomes of the rows that are left when an epoch's batches are full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastBatch {
    /// They are a batch of their own.
    #[default]
    Keep,
    /// They are left out, other ones in each epoch; not where there is only one batch.
    Drop,
}

/// Which of several epochs with the same, lowest validation loss is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// The first.
    #[default]
    Earliest,
    /// The last.
    Latest,
}

/// In which unit the optimizer sees the weights of a dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightUnit {
    /// 1: as they are.
    #[default]
    One,
    /// `n_inputs`^(−½), the neural tangent parametrisation; see [`crate::optimizer::Group`].
    FanIn,
}

/// What the learning rate of each kind of parameters is multiplied with; weight decay with its square. All default to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateFactors {
    /// Weights of dense layers.
    pub weight: f64,
    /// Their biases.
    pub bias: f64,
    /// Factors of a scale.
    pub scale: f64,
    /// All of a periodic embedding.
    pub periodic: f64,
    /// The table of a lookup.
    pub lookup: f64,
    /// α of a blend.
    pub slope: f64,
}

impl Default for RateFactors {
    fn default() -> Self {
        Self { weight: 1.0, bias: 1.0, scale: 1.0, periodic: 1.0, lookup: 1.0, slope: 1.0 }
    }
}

impl RateFactors {
    /// The factor of a kind.
    pub fn of(self, kind: BlockKind) -> f64 {
        match kind {
            BlockKind::Weight => self.weight,
            BlockKind::Bias => self.bias,
            BlockKind::Scale => self.scale,
            BlockKind::Periodic => self.periodic,
            BlockKind::Lookup => self.lookup,
            BlockKind::Slope => self.slope,
        }
    }
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

/// Which loss of the validation rows the best epoch is chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// The loss itself.
    #[default]
    Loss,
    /// Of classes, the loss that would be left if outputs were divided by the temperature that suits these rows best
    /// ([`crate::temperature`]): it asks how well the classes are told apart and not how sure the network is, which a temperature
    /// can mend (Berta, Holzmüller, Jordan and Bach, Rethinking early stopping: refine, then calibrate, arXiv
    /// 2501.19195). Of numbers, the loss itself. A model of the time when the number of rows decided says `by_rows`.
    #[serde(alias = "by_rows")]
    TemperedLoss,
}

/// What numbers the factors of large matrix products have. Parameters, gradients, sums and all else are what the
/// network's own type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The network's own type, `f32` or `f64`.
    #[default]
    Full,
    /// bf16, 8 significant binary digits, with sums of 32 bits, for networks of `f32`: large products are about twice as fast
    /// where the machine has instructions for it (AVX-512 BF16), several times where it has tiles (AMX).
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
    /// Of the learning rate. Default constant.
    pub schedule: Schedule,
    /// Default the loss itself.
    #[serde(default)]
    pub watched: Watched,
    /// Of every dropout layer's rate. Default constant.
    #[serde(default)]
    pub dropout_schedule: Schedule,
    /// Of λ. Default constant.
    #[serde(default)]
    pub weight_decay_schedule: Schedule,
    /// Default 1 for all.
    #[serde(default)]
    pub rate_factors: RateFactors,
    /// Default 1.
    #[serde(default)]
    pub weight_unit: WeightUnit,
    /// λ ≥ 0 of the decoupled decay θ ← θ·(1 − η·λ) of all parameters but the biases of dense layers. Default: the optimizer's own.
    pub weight_decay: Option<f64>,
    /// λ₁ ≥ 0: λ₁·Σ|w| is added to what is made small (not to the reported loss). Default 0.
    pub l1: f64,
    /// λ₂ ≥ 0: ½·λ₂·Σw² is added to what is made small (not to the reported loss). Default 0.
    pub l2: f64,
    /// Longest gradient: a longer one is shortened to it. Default none.
    pub gradient_clip_norm: Option<f64>,
    /// Default 32 rows.
    pub batch_size: BatchSize,
    /// Default keep.
    #[serde(default)]
    pub last_batch: LastBatch,
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
    /// Default the earliest.
    #[serde(default)]
    pub ties: Ties,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            optimizer: OptimizerConfig::ADAMW,
            learning_rate: 0.001,
            schedule: Schedule::Constant,
            watched: Watched::Loss,
            dropout_schedule: Schedule::Constant,
            weight_decay_schedule: Schedule::Constant,
            rate_factors: RateFactors::default(),
            weight_unit: WeightUnit::One,
            weight_decay: None,
            l1: 0.0,
            l2: 0.0,
            gradient_clip_norm: None,
            batch_size: BatchSize::Rows(32),
            last_batch: LastBatch::Keep,
            row_order: RowOrder::Shuffled,
            reduction: Reduction::Mean,
            training_loss: TrainingLoss::Running,
            precision: Precision::Full,
            epochs: 200,
            patience: Some(20),
            ties: Ties::Earliest,
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
        let RateFactors { weight, bias, scale, periodic, lookup, slope } = self.rate_factors;
        let factors = [weight, bias, scale, periodic, lookup, slope];
        let largest = factors.into_iter().fold(0.0, f64::max);
        let are_positive = factors.into_iter().all(|factor| factor > 0.0 && factor.is_finite());
        number("rate_factors", largest, are_positive, "finite numbers above 0")?;
        let decays_by_less_than_all = self.learning_rate * weight_decay * largest * largest < 1.0;
        number(
            "weight_decay",
            weight_decay,
            decays_by_less_than_all,
            "below 1 / learning_rate, for every rate factor",
        )?;
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
            let domain = "f32 on this machine, which has no instructions for bf16 (AVX-512 BF16, AMX)";
            return Err(Error::Setting { name: "precision", value: "bf16".into(), domain });
        }
        self.optimizer.check()?;
        self.schedule.check()?;
        for schedule in [self.dropout_schedule, self.weight_decay_schedule] {
            schedule.check()?;
            if let Schedule::ReduceOnPlateau { .. } = schedule {
                let domain = "a schedule that does not watch the loss";
                return Err(Error::Setting { name: "schedule", value: format!("{schedule:?}"), domain });
            }
        }
        Ok(CheckedTrainConfig(self))
    }
}

impl CheckedTrainConfig {
    pub(crate) fn into_config(self) -> TrainConfig {
        self.0
    }
}
