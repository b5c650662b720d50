//! Which trainings the kernels for tiny networks can do, with the same bits as the ordinary layers.

use crate::activation::Activation;
use crate::dataset::{Dataset, Targets};
use crate::layer::Layer;
use crate::network::Network;
use crate::objective::Objective;
use crate::optimizer::OptimizerConfig;
use crate::schedule::Schedule;
use crate::train_config::{BatchSize, Reduction, RowOrder, TrainConfig, TrainingLoss};
use glassnet_kernels::Real;
use glassnet_kernels::tiny::{Epoch, Outcome, Shape};
use glassnet_kernels::vector::Lanes;

/// A training by the kernels for tiny networks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tiny {
    shape: Shape,
    batch_size: usize,
    is_shuffled: bool,
    is_mean: bool,
    is_evaluated: bool,
}

/// A kernel that trains so many networks side by side: [`Shape::train_few`], [`Shape::train_many`].
pub(crate) type TrainLanes<const L: usize> = fn(Shape, &mut [Lanes<L>], &Epoch<'_>, &mut [Lanes<L>]);

impl Tiny {
    /// None where a choice asks for more than these kernels do.
    pub(crate) fn of<R: Real>(
        network: &Network<R>,
        objective: Objective,
        config: &TrainConfig,
        training: &Dataset<R>,
    ) -> Option<Self> {
        let is_plain = objective == Objective::SquaredError
            && config.optimizer == OptimizerConfig::SGD
            && config.weight_decay.is_none_or(|decay| decay == 0.0)
            && (config.l1, config.l2) == (0.0, 0.0)
            && config.gradient_clip_norm.is_none()
            && matches!(
                config.schedule,
                Schedule::Constant | Schedule::Step { .. } | Schedule::ReduceOnPlateau { .. }
            );
        if !is_plain || training.weights.is_some() || R::as_f64(network.params()).is_none() {
            return None;
        }
        let shape = shape(network.layers()).filter(|shape| shape.is_tiny())?;
        Some(Self {
            shape,
            batch_size: match config.batch_size {
                BatchSize::Full => training.n_rows(),
                BatchSize::Rows(n_rows) => n_rows,
            },
            is_shuffled: config.row_order == RowOrder::Shuffled,
            is_mean: config.reduction == Reduction::Mean,
            is_evaluated: config.training_loss == TrainingLoss::Evaluated,
        })
    }

    /// So many epochs; of each the mean loss and the length of the longest gradient.
    pub(crate) fn epochs<R: Real>(
        self,
        params: &mut [R],
        training: &Dataset<R>,
        order: &[usize],
        learning_rate: f64,
        n_epochs: usize,
    ) -> Option<Vec<(f64, f64)>> {
        let (inputs, targets) = rows(training)?;
        let order = self.is_shuffled.then_some(order);
        let mut outcomes = vec![Outcome { loss: 0.0, largest_square: 0.0 }; n_epochs];
        let epoch = self.rows(inputs, targets, order, learning_rate);
        self.shape.train(R::as_f64_mut(params)?, &epoch, &mut outcomes);
        let n_rows = targets.len() as f64;
        Some(outcomes.iter().map(|outcome| (outcome.loss / n_rows, outcome.largest_square.sqrt())).collect())
    }

    /// See [`Shape::has_many`].
    pub(crate) fn has_many(self) -> bool {
        self.shape.has_many()
    }

    /// So many epochs of several networks side by side, by a kernel for so many; the mean losses of the last one.
    pub(crate) fn train_lanes<const L: usize>(
        self,
        kernel: TrainLanes<L>,
        params: &mut [Lanes<L>],
        training: &Dataset<f64>,
        (learning_rate, n_epochs): (f64, usize),
    ) -> Option<Lanes<L>> {
        let (inputs, targets) = rows(training)?;
        let epoch = self.rows(inputs, targets, None, learning_rate);
        // In blocks, so that memory does not grow with the epochs. Of all but the last, nobody asks for the loss.
        let silent = Epoch { is_evaluated: false, ..epoch };
        let mut losses = [Lanes([0.0; L]); 64];
        let n_silent = n_epochs.saturating_sub(1);
        for start in (0..n_silent).step_by(losses.len()) {
            let n = losses.len().min(n_silent - start);
            kernel(self.shape, params, &silent, &mut losses[..n]);
        }
        let n = n_epochs.min(1);
        kernel(self.shape, params, &epoch, &mut losses[..n]);
        let last = losses[0];
        Some(Lanes(last.0.map(|loss| loss / targets.len() as f64)))
    }

    /// The mean loss over all rows.
    pub(crate) fn mean_loss<R: Real>(self, params: &[R], dataset: &Dataset<R>) -> Option<f64> {
        let (inputs, targets) = rows(dataset).filter(|_| dataset.weights.is_none())?;
        let loss = self.shape.loss(R::as_f64(params)?, &self.rows(inputs, targets, None, 0.0));
        Some(loss / targets.len() as f64)
    }

    /// Whether several epochs may run without a look at them in between.
    pub(crate) fn is_steady(self) -> bool {
        !self.is_shuffled
    }

    fn rows<'a>(
        self,
        inputs: &'a [f64],
        targets: &'a [f64],
        order: Option<&'a [usize]>,
        learning_rate: f64,
    ) -> Epoch<'a> {
        let Self { batch_size, is_mean, is_evaluated, .. } = self;
        Epoch { inputs, targets, order, batch_size, learning_rate, is_mean, is_evaluated }
    }
}

/// Inputs and targets as the kernels take them.
fn rows<R: Real>(dataset: &Dataset<R>) -> Option<(&[f64], &[f64])> {
    match &dataset.targets {
        Targets::Values(targets) => Some((R::as_f64(dataset.x.values())?, R::as_f64(targets.values())?)),
        Targets::Classes { .. } => None,
    }
}

/// A single sigmoid neuron, or one behind a hidden layer of them.
pub(crate) fn shape(layers: &[Layer]) -> Option<Shape> {
    let sigmoids = |layer: &Layer| match *layer {
        Layer::Dense { n_inputs, n_outputs, bias, activation: Activation::Sigmoid } => {
            Some((n_inputs, n_outputs, bias))
        }
        _ => None,
    };
    let sizes: Vec<(usize, usize, bool)> = layers.iter().map_while(sigmoids).take(2).collect();
    match sizes[..] {
        [(n_inputs, 1, output_bias)] if layers.len() == 1 => {
            Some(Shape { n_inputs, n_hidden: None, hidden_bias: false, output_bias })
        }
        [(n_inputs, n_hidden, hidden_bias), (_, 1, output_bias)] if layers.len() == 2 => {
            Some(Shape { n_inputs, n_hidden: Some(n_hidden), hidden_bias, output_bias })
        }
        _ => None,
    }
}
