//! Arguments of `train` about the network and its training.

use super::whole;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use glassnet::activation::Activation;
use glassnet::fit_config::ClassWeight;
use glassnet::optimizer::OptimizerConfig;
use glassnet::quantiles::QuantileLevels;
use glassnet::schedule::Schedule;
use std::collections::BTreeMap;

/// See `glassnet::train_config::Precision`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    F32,
    Bf16,
}

/// See `glassnet::recipe::Recipe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Recipe {
    Strong,
    Plain,
    Seed,
}

/// The network and how it trains.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network and training")]
pub(crate) struct NetworkArgs {
    /// strong: as good as the best default networks for tables; plain: small and quick; seed: the tutorial's, of sigmoids without
    /// biases, from numbers as they are to numbers from 0 to 1.
    #[arg(long, value_enum, default_value_t = Recipe::Strong)]
    pub(crate) recipe: Recipe,
    /// Units of each hidden layer; none for a linear model [default: 256,256,256; plain: 64,64].
    #[arg(long, visible_alias = "hidden", value_name = "N,…", value_parser = sizes)]
    pub(crate) hidden_layer_sizes: Option<Sizes>,
    /// Of the hidden layers [default: by recipe and task: selu, mish; plain: relu].
    #[arg(long, value_parser = activations(), ignore_case = true)]
    pub(crate) activation: Option<Activation>,
    /// sgd, momentum, nesterov, adam, adamw or rmsprop [default: adamw].
    #[arg(long, value_parser = optimizer)]
    pub(crate) optimizer: Option<OptimizerConfig>,
    /// Length of a step [default: by task: 0.04, 0.2, half of it below 2,000 rows; plain: 0.001].
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) learning_rate: Option<f64>,
    /// constant, step, cosine, flat-cosine, one-cycle, reduce-on-plateau or cosine-log4 [default: cosine-log4; plain: constant].
    #[arg(long, value_parser = schedule)]
    pub(crate) schedule: Option<Schedule>,
    /// Decoupled decay of weights [default: 0.02; plain: 0.3 with adamw, else 0].
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    pub(crate) weight_decay: Option<f64>,
    /// Penalty λ·Σ|w| [default: 0].
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    pub(crate) l1: Option<f64>,
    /// Penalty ½·λ·Σw² [default: 0].
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    pub(crate) l2: Option<f64>,
    /// Share of each hidden layer's units left out at random while training [default: 0.15; plain: 0.1].
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) dropout: Option<f64>,
    /// Noise on every number while training, its standard deviation in encoded units [default: by the rows; plain: 0].
    #[arg(long, value_name = "DEVIATION", allow_negative_numbers = true)]
    pub(crate) input_noise: Option<f64>,
    /// Longest gradient; longer ones are shortened [default: no limit].
    #[arg(long, value_name = "NORM", allow_negative_numbers = true)]
    pub(crate) gradient_clip_norm: Option<f64>,
    /// Of the factors of large matrix products: f32, or bf16, faster where the machine has instructions for it [default: f32].
    #[arg(long, value_enum)]
    pub(crate) precision: Option<Precision>,
    /// Rows of one step [default: 256; plain: by the number of rows].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) batch_size: Option<usize>,
    /// Most passes over the rows [default: 256; plain: 500].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) epochs: Option<usize>,
    /// Stop after so many epochs without a better validation loss [default: never; plain: 30].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) patience: Option<usize>,
    /// What training makes small, of a target of numbers; of classes it is always the cross-entropy
    /// [default: squared-error].
    #[arg(long)]
    pub(crate) objective: Option<Objective>,
    /// Levels of the quantiles to learn [default with --objective quantile: 0.1,0.5,0.9].
    #[arg(long, value_name = "LEVEL,…", allow_hyphen_values = true, value_parser = quantiles)]
    pub(crate) quantiles: Option<QuantileLevels>,
    /// Networks that train together, each from a start of its own; their predictions are averaged.
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) ensemble: usize,
    /// Trainings from so many starts, of which the one with the lowest validation loss is kept
    /// [default: 1; 128 for a plain network of at most 64 parameters].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) restarts: Option<usize>,
    /// Let numbers among the inputs go into the network as they are.
    #[arg(long)]
    pub(crate) no_scaling: bool,
    /// Leave out the biases of dense layers.
    #[arg(long)]
    pub(crate) no_bias: bool,
    /// Whether outputs of classes are divided by a number that makes the validation rows more likely [default: soften;
    /// plain, seed: none].
    #[arg(long, value_name = "WHICH")]
    pub(crate) temperature_scaling: Option<TemperatureScaling>,
    /// How much the rows of each class count in the training and validation loss: none (all alike), balanced (rare classes as much
    /// as frequent ones), or weights such as yes=5,no=1 [default: none].
    #[arg(long, value_name = "WEIGHTS", value_parser = class_weight)]
    pub(crate) class_weight: Option<ClassWeight>,
}

/// See `glassnet::temperature::TemperatureScaling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TemperatureScaling {
    /// Outputs stay as they are.
    None,
    /// By more than 1, where validation rows say with 95 % confidence that the network is too sure.
    Soften,
    /// By any positive number.
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Objective {
    /// Predictions are means.
    SquaredError,
    /// Predictions are quantiles, so that the outer ones are an interval.
    Quantile,
    /// Predictions are means of counts, never below 0.
    Poisson,
}

/// Units of each hidden layer. A type of its own, since clap reads a bare list as a repeated flag.
#[derive(Debug, Clone)]
pub(crate) struct Sizes(pub(crate) Vec<usize>);

fn sizes(text: &str) -> Result<Sizes, String> {
    if text.trim().is_empty() || text.trim() == "none" {
        return Ok(Sizes(Vec::new()));
    }
    let size = |part: &str| match part.trim().parse() {
        Ok(0) | Err(_) => Err(format!("{part:?} is not a number of units: give whole numbers of at least 1")),
        Ok(size) => Ok(size),
    };
    text.split(',').map(size).collect::<Result<_, _>>().map(Sizes)
}

fn quantiles(text: &str) -> Result<QuantileLevels, String> {
    let levels: Result<Vec<f64>, _> = text.split(',').map(|level| level.trim().parse()).collect();
    QuantileLevels::new(&levels.unwrap_or_default())
        .map_err(|_| "give up to 9 numbers above 0 and below 1 in rising order, such as 0.1,0.5,0.9".into())
}

fn activations() -> impl TypedValueParser<Value = Activation> {
    let value = |activation: Activation| {
        let value = PossibleValue::new(activation.name());
        match activation {
            Activation::Sigmoid => value.alias("logistic"),
            Activation::LeakyRelu => value.alias("leaky-relu"),
            _ => value,
        }
    };
    PossibleValuesParser::new(Activation::ALL.map(value))
        .try_map(|name| Activation::from_name(&name).ok_or("no such activation"))
}

fn class_weight(text: &str) -> Result<ClassWeight, String> {
    match text {
        "none" => return Ok(ClassWeight::None),
        "balanced" => return Ok(ClassWeight::Balanced),
        _ => {}
    }
    let one = |part: &str| {
        let (name, weight) = part.rsplit_once('=')?;
        Some((name.to_owned(), weight.parse().ok()?))
    };
    let all: Option<BTreeMap<String, f64>> = text.split(',').map(one).collect();
    all.map(ClassWeight::ByClass)
        .ok_or_else(|| "give none, balanced, or a weight for each class, such as yes=5,no=1".into())
}

pub(super) fn optimizer(text: &str) -> Result<OptimizerConfig, String> {
    OptimizerConfig::from_name(text).ok_or_else(|| format!("there is {}", OptimizerConfig::NAMES.join(", ")))
}

pub(super) fn schedule(text: &str) -> Result<Schedule, String> {
    Schedule::from_name(text).ok_or_else(|| format!("there is {}", Schedule::NAMES.join(", ")))
}
