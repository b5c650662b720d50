//! What a lesson does, as it stands in `lesson.json`, and the networks and rows that this means.

use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::optimizer::OptimizerConfig;
use glassnet::train_config::{BatchSize, Reduction, RowOrder, TrainConfig, TrainingLoss};
use glassnet::trainer::Trainer;
use serde::Deserialize;
use std::sync::Arc;

/// Rows of numbers.
pub type Rows = Vec<Vec<f64>>;

/// What a lesson does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Experiment {
    /// Trains a network.
    Training(Training),
    /// Trains networks of several sizes from many starts.
    Starts(Starts),
    /// Computes the sigmoid.
    Curve(Curve),
    /// Computes the sigmoid's slope.
    Tangents(Tangents),
}

/// A network and how it is trained: squared error, no validation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Training {
    /// (`n_rows`, `n_inputs`).
    pub inputs: Rows,
    /// (`n_rows`, 1).
    pub targets: Rows,
    /// The layers that are trained.
    pub layers: Vec<Layer>,
    /// Where their weights start.
    pub initialiser: Initialiser,
    /// Where the random numbers come from.
    pub generator: GeneratorName,
    /// Of the generator.
    pub seed: u32,
    /// How gradients move weights.
    pub optimizer: OptimizerConfig,
    /// η.
    pub learning_rate: f64,
    /// Rows of one step.
    pub batch_size: BatchSize,
    /// Order of the rows.
    pub row_order: RowOrder,
    /// How gradients of rows become one.
    pub reduction: Reduction,
    /// Passes over the rows.
    pub epochs: usize,
    /// Inputs to predict afterwards.
    #[serde(default)]
    pub ask: Rows,
    /// A layer before the trained ones, with weights chosen by hand.
    pub hand_set: Option<HandSet>,
    /// What the tutorial printed.
    pub printed: Option<Printed>,
    /// Seeds from which the same is trained again.
    #[serde(default)]
    pub further_seeds: Vec<u32>,
    /// How far the paths of weights are drawn; by default to the end.
    pub shown_epochs: Option<usize>,
}

/// A source of random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeneratorName {
    /// [`Generator::numpy_legacy`].
    NumpyLegacy,
    /// [`Generator::new`].
    Xoshiro,
}

/// A layer with chosen weights.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandSet {
    /// The layer.
    pub layer: Layer,
    /// (`n_inputs`, `n_outputs`).
    pub weights: Rows,
}

/// Numbers that the tutorial printed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printed {
    /// (`n_rows`, `n_hidden`).
    pub hidden: Rows,
    /// (`n_rows`, 1).
    pub outputs: Rows,
}

/// The same training from many starts and with several numbers of hidden neurons.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Starts {
    /// What is done each time; the hidden layer's size and the seed change.
    #[serde(flatten)]
    pub training: Training,
    /// Sizes of the hidden layer.
    pub hidden_neurons: Vec<usize>,
    /// The seeds are this one and those after it.
    pub first_seed: u32,
    /// Starts of each size.
    pub n_starts: u32,
    /// A start is solved, and ends, when its loss falls below this.
    pub solved_below: f64,
}

/// The sigmoid at `from`, `from` + `step`, … below `to`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// First z.
    pub from: f64,
    /// Below this.
    pub to: f64,
    /// From one z to the next.
    pub step: f64,
}

/// The sigmoid's tangents, each drawn from `from` to below `to` around the place where it touches.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tangents {
    /// Where they touch.
    pub at: Vec<f64>,
    /// First distance.
    pub from: f64,
    /// Below this.
    pub to: f64,
    /// From one distance to the next.
    pub step: f64,
}

impl Curve {
    /// The places, to the bit as `NumPy`'s `arange` has them: its step is the second place minus the first.
    pub fn places(self) -> Vec<f64> {
        let count = ((self.to - self.from) / self.step).ceil() as usize;
        let step = (self.from + self.step) - self.from;
        (0..count).map(|i| self.from + i as f64 * step).collect()
    }
}

impl Training {
    /// What the trained layers see of some inputs: the inputs themselves, or what the layer set by hand makes of them.
    ///
    /// # Panics
    /// When rows and layers do not fit, which is a bug of the lesson.
    pub fn seen(&self, inputs: &[Vec<f64>]) -> Matrix<f64> {
        let inputs = Matrix::from_rows(inputs);
        let Some(HandSet { layer, weights }) = &self.hand_set else { return inputs };
        let network = Network::from_params(vec![*layer], weights.concat()).expect("weights of the layer");
        network.outputs(inputs.view())
    }

    /// The rows to train on.
    pub fn dataset(&self) -> Arc<Dataset<f64>> {
        let targets = Targets::Values(Matrix::from_rows(&self.targets));
        Arc::new(Dataset { x: self.seen(&self.inputs), targets, weights: None })
    }

    /// A trainer at its start.
    ///
    /// # Panics
    /// When the lesson's numbers are outside their domains, which is a bug of the lesson.
    pub fn trainer(&self, layers: Vec<Layer>, seed: u32, dataset: Arc<Dataset<f64>>) -> Trainer<f64> {
        let mut generator = match self.generator {
            GeneratorName::NumpyLegacy => Generator::numpy_legacy(seed),
            GeneratorName::Xoshiro => Generator::new(seed.into()),
        };
        let network =
            Network::initialised(layers, self.initialiser, &mut generator).expect("layers that fit");
        let config = TrainConfig {
            optimizer: self.optimizer,
            learning_rate: self.learning_rate,
            batch_size: self.batch_size,
            row_order: self.row_order,
            reduction: self.reduction,
            training_loss: TrainingLoss::Evaluated,
            epochs: self.epochs,
            patience: None,
            ..TrainConfig::default()
        };
        let config = config.check().expect("numbers in their domains");
        Trainer::new(network, Objective::SquaredError, config, dataset, None, generator)
            .expect("rows that fit the network")
    }
}

impl Starts {
    /// The layers with a hidden layer of this size.
    pub fn layers(&self, n_hidden: usize) -> Vec<Layer> {
        let mut layers = self.training.layers.clone();
        for (i, layer) in layers.iter_mut().enumerate() {
            if let Layer::Dense { n_inputs, n_outputs, .. } = layer {
                *(if i == 0 { n_outputs } else { n_inputs }) = n_hidden;
            }
        }
        layers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_arange() {
        let places = Curve { from: -6.0, to: 6.0, step: 0.2 }.places();
        assert_eq!((places.len(), places[0], places[30]), (60, -6.0, 5.329_070_518_200_751e-15));
        assert_eq!(Curve { from: -0.5, to: 0.5, step: 0.1 }.places().len(), 10);
    }
}
