//! What a lesson is: its experiment, the numbers that it shows and the goals that are checked, as `lesson.json` has them.

use glassnet::layer::{Initialiser, Layer};
use glassnet::optimizer::OptimizerConfig;
use glassnet::train_config::{BatchSize, Reduction, RowOrder};
use serde::Deserialize;

/// A lesson.
#[derive(Debug, Clone, Deserialize)]
pub struct Lesson {
    /// The folder's name.
    #[serde(skip)]
    pub name: &'static str,
    /// What is done.
    pub experiment: Experiment,
    /// Which numbers are shown, in order.
    pub numbers: Vec<String>,
    /// What is checked.
    pub goals: Vec<Goal>,
}

/// What a lesson does.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Experiment {
    /// Trains a network.
    Training(Box<Training>),
    /// The sigmoid at `from`, `from` + `step`, … below `to`.
    Curve(Grid),
    /// Tangents of the sigmoid.
    Tangents {
        /// Where they touch.
        at: Vec<f64>,
        /// Their points, relative to where they touch.
        #[serde(flatten)]
        grid: Grid,
    },
    /// One network trained from many starts, with different numbers of hidden neurons.
    Starts(Box<Starts>),
}

/// Evenly spaced numbers from `from` to below `to`, to the last bit as `numpy.arange` has them: from + i·δ with
/// δ = (from + step) − from.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Grid {
    /// The first.
    pub from: f64,
    /// Where they end; not reached.
    pub to: f64,
    /// From one to the next.
    pub step: f64,
}

impl Grid {
    /// All of them.
    pub fn points(self) -> Vec<f64> {
        let count = ((self.to - self.from) / self.step - 1e-9).ceil() as usize;
        let delta = (self.from + self.step) - self.from;
        (0..count).map(|i| self.from + i as f64 * delta).collect()
    }
}

/// One network and how it trains.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Rows of inputs.
    pub inputs: Vec<Vec<f64>>,
    /// Rows of targets.
    pub targets: Vec<Vec<f64>>,
    /// A layer that is set by hand and does not train, before the others.
    pub hand_set: Option<HandSet>,
    /// The layers that train.
    pub layers: Vec<Layer>,
    /// Where weights start.
    pub initialiser: Initialiser,
    /// Whose random numbers.
    pub generator: GeneratorName,
    /// Where those start.
    pub seed: u32,
    /// How gradients become steps.
    pub optimizer: OptimizerConfig,
    /// Length of a step.
    pub learning_rate: f64,
    /// Rows of a step.
    pub batch_size: BatchSize,
    /// Order of the rows.
    pub row_order: RowOrder,
    /// Sum or mean over a step's rows.
    pub reduction: Reduction,
    /// Passes over the rows.
    pub epochs: usize,
    /// Inputs that were never trained on, to be asked afterwards.
    #[serde(default)]
    pub ask: Vec<Vec<f64>>,
    /// Other starts, to be compared.
    #[serde(default)]
    pub further_seeds: Vec<u32>,
    /// Epochs that the figures of losses and weights show; all where there is none.
    pub shown_epochs: Option<usize>,
    /// What the tutorial printed, where it differs.
    pub printed: Option<serde_json::Value>,
}

/// A generator by name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeneratorName {
    /// `NumPy`'s `RandomState`.
    NumpyLegacy,
}

/// A layer whose weights are given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandSet {
    /// Its shape and activation.
    pub layer: Layer,
    /// Its weights, (`n_inputs`, `n_outputs`).
    pub weights: Vec<Vec<f64>>,
}

/// Many starts of one recipe.
#[derive(Debug, Clone, Deserialize)]
pub struct Starts {
    /// The recipe; its first layer's units are varied.
    #[serde(flatten)]
    pub training: Training,
    /// Numbers of hidden neurons.
    pub hidden_neurons: Vec<usize>,
    /// The first start's seed.
    pub first_seed: u32,
    /// How many starts.
    pub n_starts: u32,
    /// A start is solved when its mean squared error ends below this.
    pub solved_below: f64,
}

/// Something that must come out.
#[derive(Debug, Clone, Deserialize)]
pub struct Goal {
    /// Its name.
    pub name: String,
    /// Which number: keys and positions, joined by points.
    pub key: String,
    /// How it is compared.
    pub comparator: Comparator,
    /// With what.
    pub value: f64,
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Comparator {
    /// Below.
    #[serde(rename = "<")]
    Below,
    /// Above.
    #[serde(rename = ">")]
    Above,
    /// Equal, within 10⁻¹².
    #[serde(rename = "=")]
    Equal,
}

impl Goal {
    /// Whether a number fulfils it.
    pub fn is_met(&self, number: f64) -> bool {
        match self.comparator {
            Comparator::Below => number < self.value,
            Comparator::Above => number > self.value,
            Comparator::Equal => (number - self.value).abs() <= 1e-12,
        }
    }
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../lessons/", $name, "/lesson.json")))),*]
    };
}

/// The lessons in the order in which they are taken.
///
/// # Panics
/// Never: the files are part of the program, and a test reads them all.
pub fn all() -> Vec<Lesson> {
    let files = files![
        "neuron",
        "sigmoid",
        "slope",
        "direction",
        "stuck",
        "tug-of-war",
        "hidden",
        "two-layers",
        "how-many",
        "extrapolation",
    ];
    let read = |(name, text): (&'static str, &str)| {
        let lesson: Lesson = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Lesson { name, ..lesson }
    };
    files.into_iter().map(read).collect()
}
