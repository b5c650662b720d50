//! Arguments of `train` about the constants of a recipe that few need.

use super::network::schedule;
use super::whole;
use clap::{Args, ValueEnum};
use glassnet::fit_config::FitConfig;
use glassnet::initialiser::Initialiser;
use glassnet::optimizer::OptimizerConfig;
use glassnet::schedule::Schedule;
use glassnet::train_config;

/// See `glassnet::train_config::LastBatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LastBatch {
    /// It is trained on as well.
    Keep,
    /// It is left out.
    Drop,
}

/// See `glassnet::train_config::Watched`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Watched {
    /// The validation loss.
    Loss,
    /// Of classes, what is left of it at the best temperature.
    TemperedLoss,
}

/// Where weights start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Start {
    Zeros,
    FanOutNormal,
    GlorotUniform,
    HeNormal,
    LecunNormal,
}

/// What else a recipe decides.
#[derive(Debug, Args)]
#[command(next_help_heading = "Constants of the recipe")]
pub(crate) struct ConstantArgs {
    /// β₁ of adam and adamw [default: 0.9].
    #[arg(long, value_name = "BETA", allow_negative_numbers = true)]
    beta1: Option<f64>,
    /// β₂ of adam and adamw [default: 0.95; plain: 0.999].
    #[arg(long, value_name = "BETA", allow_negative_numbers = true)]
    beta2: Option<f64>,
    /// ε of adam and adamw [default: 1e-8].
    #[arg(long, value_name = "EPSILON", allow_negative_numbers = true)]
    epsilon: Option<f64>,
    /// How the dropout changes over the epochs: constant, cosine or flat-cosine [default: flat-cosine; plain: constant].
    #[arg(long, value_parser = schedule)]
    dropout_schedule: Option<Schedule>,
    /// How the weight decay changes [default: flat-cosine; plain: constant].
    #[arg(long, value_parser = schedule)]
    weight_decay_schedule: Option<Schedule>,
    /// What the rate of weights is multiplied with [default: 1].
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    weight_rate_factor: Option<f64>,
    /// Of biases [default: 0.1; plain: 1].
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    bias_rate_factor: Option<f64>,
    /// Of the inputs' factors [default: 6].
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    scale_rate_factor: Option<f64>,
    /// Of the numbers' waves [default: 0.1].
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    periodic_rate_factor: Option<f64>,
    /// Of the numbers of levels [default: 1].
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    lookup_rate_factor: Option<f64>,
    /// Of the units' slopes between identity and activation [default: 0.1].
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    slope_rate_factor: Option<f64>,
    /// Waves of each number [default: 16].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    n_frequencies: Option<usize>,
    /// What each number becomes beside itself [default: 3].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    n_embedded: Option<usize>,
    /// Standard deviation of the waves' frequencies at the start [default: 0.1].
    #[arg(long, value_name = "DEVIATION", allow_negative_numbers = true)]
    frequency_deviation: Option<f64>,
    /// Numbers of each level of a category with many [default: 8].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    n_lookup_units: Option<usize>,
    /// Where weights start [default: by the training rows; plain: by the activation].
    #[arg(long, value_enum)]
    initialiser: Option<Start>,
    /// What becomes of the last batch of an epoch when it is not full [default: drop; plain: keep].
    #[arg(long, value_enum)]
    last_batch: Option<LastBatch>,
    /// What chooses the best epoch [default: tempered-loss; plain: loss].
    #[arg(long, value_enum)]
    watched: Option<Watched>,
}

impl ConstantArgs {
    /// The configuration with what was given.
    ///
    /// # Errors
    /// Names a flag that the optimizer has no use for.
    pub(crate) fn apply(&self, mut config: FitConfig) -> Result<FitConfig, String> {
        let set = |place: &mut f64, value: Option<f64>| *place = value.unwrap_or(*place);
        let count = |place: &mut usize, value: Option<usize>| *place = value.unwrap_or(*place);
        let train = &mut config.train;
        match &mut train.optimizer {
            OptimizerConfig::Adam { beta1, beta2, epsilon }
            | OptimizerConfig::AdamW { beta1, beta2, epsilon } => {
                set(beta1, self.beta1);
                set(beta2, self.beta2);
                set(epsilon, self.epsilon);
            }
            other => {
                let given = [("beta1", self.beta1), ("beta2", self.beta2), ("epsilon", self.epsilon)];
                if let Some((name, _)) = given.iter().find(|(_, value)| value.is_some()) {
                    return Err(format!(
                        "--{name} is of adam and adamw, and the optimizer is {}",
                        other.name()
                    ));
                }
            }
        }
        train.dropout_schedule = self.dropout_schedule.unwrap_or(train.dropout_schedule);
        train.weight_decay_schedule = self.weight_decay_schedule.unwrap_or(train.weight_decay_schedule);
        let factors = &mut train.rate_factors;
        set(&mut factors.weight, self.weight_rate_factor);
        set(&mut factors.bias, self.bias_rate_factor);
        set(&mut factors.scale, self.scale_rate_factor);
        set(&mut factors.periodic, self.periodic_rate_factor);
        set(&mut factors.lookup, self.lookup_rate_factor);
        set(&mut factors.slope, self.slope_rate_factor);
        match self.last_batch {
            Some(LastBatch::Keep) => train.last_batch = train_config::LastBatch::Keep,
            Some(LastBatch::Drop) => train.last_batch = train_config::LastBatch::Drop,
            None => {}
        }
        match self.watched {
            Some(Watched::Loss) => train.watched = train_config::Watched::Loss,
            Some(Watched::TemperedLoss) => train.watched = train_config::Watched::TemperedLoss,
            None => {}
        }
        let embedding = &mut config.embedding;
        count(&mut embedding.n_frequencies, self.n_frequencies);
        count(&mut embedding.n_embedded, self.n_embedded);
        set(&mut embedding.frequency_deviation, self.frequency_deviation);
        count(&mut embedding.n_lookup_units, self.n_lookup_units);
        let initialiser = self.initialiser.map(|start| match start {
            Start::GlorotUniform => Initialiser::GlorotUniform,
            Start::Zeros => Initialiser::Zeros,
            Start::FanOutNormal => Initialiser::FanOutNormal,
            Start::HeNormal => Initialiser::HeNormal,
            Start::LecunNormal => Initialiser::LecunNormal,
        });
        config.initialiser = initialiser.or(config.initialiser);
        Ok(config)
    }
}
