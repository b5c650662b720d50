//! Every number of one step: a forward and a backward pass through a network, and what an optimizer makes of it.
//!
//! The passes are those of training, layer by layer, in `f64`, without dropout and noise; only their numbers are kept. For a
//! dense layer a = f(z), z = x·W + b: error = ∂l/∂a, δ = error∘f′(z) = ∂l/∂z, ∂l/∂W = xᵀ·δ, ∂l/∂b = Σ δ, and the error of the
//! layer before is δ·Wᵀ.

use crate::activation::Activation;
use crate::error::Result;
use crate::generator::Generator;
use crate::groups::groups;
use crate::layer::Layer;
use crate::matrix::{Matrix, MatrixRef};
use crate::network::{Cache, Mode, Network};
use crate::objective::{Objective, TargetsRef};
use crate::optimizer::{Group, Optimizer};
use crate::parts::{Draws, Sums};
use crate::pass::{self, LayerCache, Seen};
use crate::train_config::{Reduction, TrainConfig};
use crate::update::{Gradient, Update};
use glassnet_kernels::product::{Compute, Into, Precision};
use glassnet_kernels::team::Team;

/// One forward pass of some rows, and the backward pass of their mean loss where there are targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// First to last.
    pub layers: Vec<LayerTrace>,
    /// The objective's prediction from the last a. Shape (`n_rows`, `n_outputs`).
    pub predictions: Matrix<f64>,
    /// The mean loss over the rows, where there are targets.
    pub loss: Option<f64>,
}

/// One layer's numbers. Matrices have a row for each of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerTrace {
    /// What it is.
    pub layer: Layer,
    /// What goes in.
    pub x: Matrix<f64>,
    /// What goes into the activation of a dense layer or blend; of other layers nothing.
    pub z: Option<Matrix<f64>>,
    /// cos(2π·x·w + b) of a periodic embedding, number after number. Shape (`n_rows`, `n_numbers` · `n_frequencies`).
    pub waves: Option<Matrix<f64>>,
    /// ∂a/∂z of each unit of a dense layer or blend; of other layers nothing.
    pub slope: Option<Matrix<f64>>,
    /// What comes out.
    pub a: Matrix<f64>,
    /// ∂l/∂a of the mean loss l; of the sum of the losses where the configuration sums.
    pub error: Option<Matrix<f64>>,
    /// ∂l/∂z = error∘slope, of a dense layer or blend.
    pub delta: Option<Matrix<f64>>,
    /// Its parameters.
    pub blocks: Vec<BlockTrace>,
}

/// One block of parameters, such as the weights of a layer, row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockTrace {
    /// Such as `layers.0.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The parameters.
    pub values: Vec<f64>,
    /// ∂l/∂ of each.
    pub gradient: Option<Vec<f64>>,
    /// What the optimizer's step adds to each.
    pub update: Option<Vec<f64>>,
    /// What each is after it, to the bit.
    pub after: Option<Vec<f64>>,
}

/// Traces rows x, (`n_rows`, `n_inputs`). With targets also backward, and one step from rest of the configuration's
/// optimizer at its learning rate; schedules are at 1.
///
/// # Errors
/// [`crate::error::Error::Setting`] of a configuration outside its domain.
///
/// # Panics
/// When x has other than `n_inputs` columns, or targets are not the objective's.
pub fn trace(
    network: &Network<f64>,
    objective: Objective,
    x: MatrixRef<'_, f64>,
    targets: Option<TargetsRef<'_, f64>>,
    config: &TrainConfig,
) -> Result<Trace> {
    let mut steps = Steps::new(network, config)?;
    Ok(passes(network, objective, x, targets, Some(&mut steps)))
}

/// A training whose every step is traced, the optimizer's state included: its updates are those of [`crate::trainer::Trainer`] on
/// the same batches, to the bit, at a constant rate and without dropout and noise.
#[derive(Debug)]
pub struct Tracer {
    network: Network<f64>,
    objective: Objective,
    steps: Steps,
}

impl Tracer {
    /// From a network, the optimizer at rest.
    ///
    /// # Errors
    /// As [`trace`].
    pub fn new(network: Network<f64>, objective: Objective, config: &TrainConfig) -> Result<Self> {
        let steps = Steps::new(&network, config)?;
        Ok(Self { network, objective, steps })
    }

    /// One step by a batch, and every number of it.
    ///
    /// # Panics
    /// As [`trace`].
    pub fn step(&mut self, x: MatrixRef<'_, f64>, targets: TargetsRef<'_, f64>) -> Trace {
        let traced = passes(&self.network, self.objective, x, Some(targets), Some(&mut self.steps));
        let blocks = traced.layers.iter().flat_map(|layer| &layer.blocks);
        let after = blocks.filter_map(|block| block.after.as_ref()).flatten();
        for (param, &after) in self.network.params_mut().iter_mut().zip(after) {
            *param = after;
        }
        traced
    }

    /// The network after the steps so far.
    pub fn network(&self) -> &Network<f64> {
        &self.network
    }
}

/// What turns a gradient into an update.
#[derive(Debug)]
pub(crate) struct Steps {
    config: TrainConfig,
    groups: Vec<Group>,
    optimizer: Optimizer<f64>,
}

impl Steps {
    fn new(network: &Network<f64>, config: &TrainConfig) -> Result<Self> {
        let config = config.clone();
        let decay = config.weight_decay.unwrap_or(config.optimizer.default_weight_decay());
        let groups = groups(network, &config, decay);
        let optimizer = Optimizer::new(config.optimizer, network.params());
        config.clone().check()?;
        Ok(Self { config, groups, optimizer })
    }

    /// The parameters after a step.
    fn step(&mut self, params: &[f64], d_params: &[f64]) -> Vec<f64> {
        let (mut params, mut gradient) = (params.to_vec(), d_params.to_vec());
        let Self { config, groups, optimizer } = self;
        let update = Update { config, groups, learning_rate: config.learning_rate, decay: 1.0 };
        let gradient = Gradient { of_shards: Vec::new(), sum: &mut gradient };
        update.apply(&Team::default(), gradient, optimizer, &mut params);
        params
    }
}

/// The passes, with a step only where there is what makes one.
pub(crate) fn passes(
    network: &Network<f64>,
    objective: Objective,
    x: MatrixRef<'_, f64>,
    targets: Option<TargetsRef<'_, f64>>,
    steps: Option<&mut Steps>,
) -> Trace {
    let team = Team::default();
    let compute = Compute { team: &team, precision: Precision::default() };
    let blocks = network.blocks();
    let mut caches: Vec<LayerCache<f64>> = Vec::new();
    let mut ranges = Vec::new();
    let mut start = 0;
    for &layer in network.layers() {
        let range = start..start + layer.n_params();
        start = range.end;
        let mut cache = LayerCache::default();
        let inputs = caches.last().map_or(x, |before| before.a.view());
        let params = &network.params()[range.clone()];
        pass::forward(layer, params, inputs, (&mut Draws::none(), Seen::Everything), compute, &mut cache);
        caches.push(cache);
        ranges.push(range);
    }
    let last = caches.len() - 1;
    let mut predictions = caches[last].a.clone();
    objective.predict(&mut predictions);
    let mut errors = vec![None; caches.len()];
    let mut d_params = vec![0.0; network.params().len()];
    let loss = targets.map(|targets| {
        let is_sum = steps.as_ref().is_some_and(|steps| steps.config.reduction == Reduction::Sum);
        let mean = 1.0 / x.n_rows() as f64;
        let scale = if is_sum { 1.0 } else { mean };
        let LayerCache { a, d, .. } = &mut caches[last];
        let sum = objective.loss_and_gradient(a.view(), targets, None, scale, d);
        for i in (0..=last).rev() {
            let (before, here) = caches.split_at_mut(i);
            errors[i] = Some(here[0].d.clone());
            let (inputs, d_inputs) = match before.last_mut() {
                Some(LayerCache { a, d, .. }) => (a.view(), Some(d)),
                None => (x, None),
            };
            let (layer, range) = (network.layers()[i], ranges[i].clone());
            let params = &network.params()[range.clone()];
            let all = 0..x.n_rows();
            let sums = &mut Sums {
                parts: std::slice::from_ref(&all),
                gradients: &mut [&mut d_params],
                into: Into::Overwrite,
                layer: range,
                kept: &mut Vec::new(),
            };
            pass::backward(layer, params, inputs, compute, &mut here[0], sums, d_inputs);
        }
        sum * mean
    });
    let after = loss.and(steps).map(|steps| steps.step(network.params(), &d_params));
    let update = after.as_ref().map(|after| difference(after, network.params()));
    let gradient = loss.map(|_| d_params);
    let mut layers = Vec::new();
    let mut inputs = owned(x);
    for (i, (cache, error)) in caches.into_iter().zip(errors).enumerate() {
        let layer = network.layers()[i];
        let waves = waves(layer, &cache.z);
        let (z, slope) =
            match activation(layer, &inputs, cache.z, &cache.a, &network.params()[ranges[i].clone()]) {
                Some((z, slope)) => (Some(z), Some(slope)),
                None => (None, None),
            };
        let delta = error.as_ref().zip(slope.as_ref()).map(|(error, slope)| product(error, slope));
        let of_layer = blocks.iter().filter(|block| {
            block.range.start >= ranges[i].start
                && block.range.end <= ranges[i].end
                && !block.range.is_empty()
        });
        let part = |all: &Option<Vec<f64>>, range: &std::ops::Range<usize>| {
            all.as_ref().map(|all| all[range.clone()].to_vec())
        };
        let blocks = of_layer.map(|block| BlockTrace {
            name: block.name.clone(),
            shape: block.shape.clone(),
            values: network.params()[block.range.clone()].to_vec(),
            gradient: part(&gradient, &block.range),
            update: part(&update, &block.range),
            after: part(&after, &block.range),
        });
        let blocks = blocks.collect();
        let a = cache.a;
        let x = std::mem::replace(&mut inputs, a.clone());
        layers.push(LayerTrace { layer, x, z, waves, slope, a, error, delta, blocks });
    }
    Trace { layers, predictions, loss }
}

/// What a periodic embedding keeps, with a row for each row.
fn waves(layer: Layer, kept: &Matrix<f64>) -> Option<Matrix<f64>> {
    let Layer::Periodic { .. } = layer else { return None };
    let (n_waves, n_rows) = (kept.n_rows(), kept.n_columns());
    let values = (0..n_rows).flat_map(|row| (0..n_waves).map(move |wave| kept.row(wave)[row])).collect();
    Some(Matrix::from_values(n_rows, n_waves, values))
}

fn owned(x: MatrixRef<'_, f64>) -> Matrix<f64> {
    Matrix::from_values(x.n_rows(), x.n_columns(), x.values().to_vec())
}

fn product(one: &Matrix<f64>, other: &Matrix<f64>) -> Matrix<f64> {
    let values = one.values().iter().zip(other.values()).map(|(one, other)| one * other).collect();
    Matrix::from_values(one.n_rows(), one.n_columns(), values)
}

/// z and ∂a/∂z, where there is an activation. A blend's slope is 1 + α·(f′(z) − 1).
fn activation(
    layer: Layer,
    x: &Matrix<f64>,
    kept: Matrix<f64>,
    a: &Matrix<f64>,
    params: &[f64],
) -> Option<(Matrix<f64>, Matrix<f64>)> {
    let slopes = |activation: Activation, z: &Matrix<f64>, a: &Matrix<f64>| -> Vec<f64> {
        z.values().iter().zip(a.values()).map(|(&z, &a)| activation.slope(z, a)).collect()
    };
    let shaped = |values| Matrix::from_values(a.n_rows(), a.n_columns(), values);
    match layer {
        Layer::Dense { activation, .. } => {
            let slope = slopes(activation, &kept, a);
            Some((kept, shaped(slope)))
        }
        Layer::Blend { activation, .. } => {
            let own = slopes(activation, x, &kept);
            let blended =
                own.iter().enumerate().map(|(i, slope)| 1.0 + params[i % params.len()] * (slope - 1.0));
            Some((x.clone(), shaped(blended.collect())))
        }
        _ => None,
    }
}

fn difference(after: &[f64], before: &[f64]) -> Vec<f64> {
    after.iter().zip(before).map(|(after, before)| after - before).collect()
}

/// The gradient beside central differences, (l(w + h) − l(w − h)) / 2h.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientCheck {
    /// Parameters that were moved.
    pub n_params: usize,
    /// Largest |difference|.
    pub largest_difference: f64,
    /// Largest |gradient|, which says how large that is.
    pub largest_gradient: f64,
    /// Largest |difference| ÷ the parameter's own |gradient|, or ÷ a thousandth of the largest one where it is smaller.
    pub largest_relative_difference: f64,
}

/// Checks the gradient of the mean loss by at most so many parameters, drawn at random where there are more.
///
/// # Errors
/// As [`trace`].
pub fn check_gradient(
    network: &Network<f64>,
    objective: Objective,
    x: MatrixRef<'_, f64>,
    targets: TargetsRef<'_, f64>,
    most: usize,
) -> Result<GradientCheck> {
    const H: f64 = 1e-5;
    let traced = trace(network, objective, x, Some(targets), &TrainConfig::default())?;
    let gradient: Vec<f64> = traced
        .layers
        .iter()
        .flat_map(|layer| &layer.blocks)
        .filter_map(|block| block.gradient.as_deref())
        .flatten()
        .copied()
        .collect();
    let mut network = network.clone();
    let mut loss = |param: usize, by: f64| {
        let before = network.params()[param];
        network.params_mut()[param] = before + by;
        let loss = objective.loss(network.outputs(x).view(), targets, None) / x.n_rows() as f64;
        network.params_mut()[param] = before;
        loss
    };
    let mut drawn = Generator::new(0).permutation(gradient.len());
    drawn.truncate(most);
    let largest_gradient = drawn.iter().map(|&param| gradient[param].abs()).fold(0.0, f64::max);
    let mut check = GradientCheck {
        n_params: drawn.len(),
        largest_difference: 0.0,
        largest_gradient,
        largest_relative_difference: 0.0,
    };
    for param in drawn {
        let numeric = (loss(param, H) - loss(param, -H)) / (2.0 * H);
        let difference = (numeric - gradient[param]).abs();
        check.largest_difference = check.largest_difference.max(difference);
        if difference > 0.0 {
            let relative = difference / gradient[param].abs().max(largest_gradient / 1e3);
            check.largest_relative_difference = check.largest_relative_difference.max(relative);
        }
    }
    Ok(check)
}

/// The gradient of each row's own loss by every parameter, in the network's order: what each row alone asks for, but for the sign.
/// Shape (`n_rows`, `n_params`).
///
/// # Panics
/// When targets are not the objective's, or not one a row.
pub fn row_gradients(
    network: &Network<f64>,
    objective: Objective,
    x: MatrixRef<'_, f64>,
    targets: TargetsRef<'_, f64>,
) -> Matrix<f64> {
    let mut cache = Cache::default();
    let mut gradients = Matrix::zeros(x.n_rows(), network.params().len());
    for row in 0..x.n_rows() {
        let x = x.rows(row, row + 1);
        network.forward(x, Mode::Evaluation, &mut cache);
        let (outputs, d_outputs) = cache.outputs_and_gradient();
        objective.loss_and_gradient(outputs, targets.of_row(row), None, 1.0, d_outputs);
        network.backward(x, &mut cache, gradients.row_mut(row));
    }
    gradients
}
