//! A network: its layers and one flat vector of parameters. Forward and backward.
//!
//! Names: x goes into the network, z = a₋₁·W + b into a layer's activation, a = f(z) comes out; `d_q` is the gradient
//! of the loss by q.

use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::generator::Generator;
use crate::hidden;
use crate::initialiser::{Initialiser, fill_other};
use crate::layer::{BlockKind, Layer, check_layers, start_of_largest};
use crate::matrix::{Matrix, MatrixRef};
use crate::parts::{Draws, Part, Sums};
pub use crate::pass::Mode;
use crate::pass::{self, LayerCache, Seen};
use glassnet_kernels::Real;
use glassnet_kernels::pages::Numbers;
use glassnet_kernels::product::{Compute, Into, Precision};
use glassnet_kernels::team::Team;
use glassnet_kernels::tiny::{self, RowFunction, RowLayer};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows that go through a network at a time when only its outputs are asked for.
const BLOCK: usize = 1_024;

/// Layers and parameters; no gradient, no optimizer, no scratch.
#[derive(Debug, Clone, PartialEq)]
pub struct Network<R> {
    layers: Vec<Layer>,
    /// Layer after layer, the blocks of each in their order; of a dense layer W (`n_inputs`, `n_outputs`) in row order,
    /// then b.
    params: Numbers<R>,
    /// The layers as one row goes through them by a kernel of its own; empty where they are not so small and plain.
    row_layers: Vec<RowLayer>,
}

/// One block of parameters and its place in [`Network::params`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `layers.0.weight`, `layers.0.bias`, …
    pub name: String,
    /// (`n_inputs`, `n_outputs`) of a weight, (`n_outputs`) of a bias.
    pub shape: Vec<usize>,
    /// What it is.
    pub kind: BlockKind,
    /// Where it lies.
    pub range: Range<usize>,
}

/// What a forward pass leaves for the backward pass, and the threads that compute both. Kept between batches, so that a
/// run allocates once.
#[derive(Debug, Clone, Default)]
pub struct Cache<R> {
    layers: Vec<LayerCache<R>>,
    /// The layers that the forward pass computed together, in order; empty where it took one after the other.
    steps: Vec<Range<usize>>,
    /// The rows of each part of the batch.
    parts: Vec<Range<usize>>,
    team: Arc<Team>,
    precision: Precision,
    /// Of [`Network::row_outputs`].
    row: Vec<R>,
    /// Gradients to which others are added.
    before: Vec<R>,
}

impl<R: Real> Network<R> {
    /// All parameters 0.
    ///
    /// # Errors
    /// [`Error::Layers`] when the layers do not fit together.
    pub fn zeros(layers: Vec<Layer>) -> Result<Self> {
        check_layers(&layers)?;
        let n_params = layers.iter().map(|layer| layer.n_params()).sum();
        Ok(Self {
            row_layers: row_layers(&layers),
            params: Numbers::zeros_at(n_params, start_of_largest(&layers)),
            layers,
        })
    }

    /// Parameters drawn in order from the generator: dense weights by `start`, biases 0, the others as [`Layer`] says.
    ///
    /// # Errors
    /// [`Error::Layers`] when the layers do not fit together; [`Error::Setting`] when the initialiser's numbers are not finite.
    pub fn initialised(layers: Vec<Layer>, start: Initialiser, generator: &mut Generator) -> Result<Self> {
        if !start.is_valid() {
            let value = format!("{start:?}");
            return Err(Error::Setting { name: "initialiser", value, domain: "finite and in order" });
        }
        let mut network = Self::zeros(layers)?;
        for i in 0..network.layers.len() {
            let (layer, range) = (network.layers[i], network.range(i));
            if let Layer::Dense { n_inputs, n_outputs, .. } = layer {
                let weights = range.start..range.start + layer.n_weights();
                start.fill(n_inputs, n_outputs, &mut network.params[weights], generator);
            } else {
                fill_other(layer, &mut network.params[range], generator);
            }
        }
        Ok(network)
    }

    /// From parameters in the order of [`Network::params`].
    ///
    /// # Errors
    /// [`Error::Layers`] when the layers do not fit together; [`Error::Params`] when they are not so many parameters.
    pub fn from_params(layers: Vec<Layer>, params: Vec<R>) -> Result<Self> {
        check_layers(&layers)?;
        let expected = layers.iter().map(|layer| layer.n_params()).sum();
        if params.len() != expected {
            return Err(Error::Params { expected, found: params.len() });
        }
        let params = Numbers::placed(params, start_of_largest(&layers));
        Ok(Self { row_layers: row_layers(&layers), layers, params })
    }

    /// The layers.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Numbers that go in.
    pub fn n_inputs(&self) -> usize {
        self.layers[0].n_inputs()
    }

    /// Numbers that come out.
    pub fn n_outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].n_outputs()
    }

    /// All parameters, layer after layer, each its weights in row order and then its biases.
    pub fn params(&self) -> &[R] {
        &self.params
    }

    /// All parameters, to write.
    pub fn params_mut(&mut self) -> &mut [R] {
        &mut self.params
    }

    /// The weights of a dense layer, (`n_inputs`, `n_outputs`); of any other, (0, `n_outputs`).
    pub fn weight(&self, layer: usize) -> MatrixRef<'_, R> {
        let values = &self.params[self.weight_range(layer)];
        let n_outputs = self.layers[layer].n_outputs();
        MatrixRef::new(values.len() / n_outputs, n_outputs, values)
    }

    /// The biases of a dense layer; empty where it has none.
    pub fn bias(&self, layer: usize) -> &[R] {
        let start = self.weight_range(layer).end;
        &self.params[start..start + self.layers[layer].n_biases()]
    }

    /// Every block of parameters, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut start = 0;
        for (i, layer) in self.layers.iter().enumerate() {
            for (name, shape, kind) in layer.blocks() {
                let range = start..start + shape.iter().product::<usize>();
                start = range.end;
                blocks.push(Block { name: format!("layers.{i}.{name}"), shape, kind, range });
            }
        }
        blocks
    }

    /// All parameters of a layer.
    fn range(&self, layer: usize) -> Range<usize> {
        let start = self.layers[..layer].iter().map(|layer| layer.n_params()).sum();
        start..start + self.layers[layer].n_params()
    }

    fn weight_range(&self, layer: usize) -> Range<usize> {
        let start = self.range(layer).start;
        start..start + self.layers[layer].n_weights()
    }

    /// Computes every z and a. x: (`n_rows`, `n_inputs`).
    ///
    /// # Panics
    /// When x has other than `n_inputs` columns.
    pub fn forward(&self, x: MatrixRef<'_, R>, mode: Mode<'_>, cache: &mut Cache<R>) {
        let rows = 0..x.n_rows();
        let (share, generator, seen) = match mode {
            Mode::Evaluation => return self.forward_seen(x, &mut Draws::none(), cache, Seen::Everything),
            Mode::Training(generator) => (1.0, generator, Seen::Everything),
            Mode::Scheduled { dropout, generator } => (dropout, generator, Seen::Outputs),
        };
        let parts = &mut [Part { rows, generator }];
        self.forward_seen(x, &mut Draws { share, parts }, cache, seen);
    }

    /// As [`Network::forward`] with [`Mode::Scheduled`], of rows in parts.
    pub(crate) fn forward_parts(&self, x: MatrixRef<'_, R>, mut draws: Draws<'_, '_>, cache: &mut Cache<R>) {
        self.forward_seen(x, &mut draws, cache, Seen::Outputs);
    }

    /// As [`Network::forward`] with [`Mode::Evaluation`], with the same outputs, for those who want nothing else.
    pub(crate) fn forward_outputs(&self, x: MatrixRef<'_, R>, cache: &mut Cache<R>) {
        self.forward_seen(x, &mut Draws::none(), cache, Seen::Outputs);
    }

    fn forward_seen(&self, x: MatrixRef<'_, R>, draws: &mut Draws<'_, '_>, cache: &mut Cache<R>, seen: Seen) {
        assert_eq!(x.n_columns(), self.n_inputs(), "inputs of the network");
        let Cache { layers: caches, steps, parts, team, precision, .. } = cache;
        let compute = Compute { team, precision: *precision };
        parts.clear();
        parts.extend(draws.rows(x.n_rows()));
        if caches.len() != self.layers.len() {
            caches.resize_with(self.layers.len(), LayerCache::default);
        }
        steps.clear();
        let (mut params, mut layers, mut first) = (&self.params[..], &self.layers[..], 0);
        while let [layer, behind @ ..] = layers {
            let n_layers = if seen == Seen::Everything { 1 } else { hidden::n_together(layers) };
            let (before, here) = caches.split_at_mut(first);
            let inputs = before.last().map_or(x, |before| before.a.view());
            let step_params;
            if n_layers == 1 {
                (step_params, params) = params.split_at(layer.n_params());
                pass::forward(*layer, step_params, inputs, (&mut *draws, seen), compute, &mut here[0]);
                layers = behind;
            } else {
                let step;
                (step, layers) = layers.split_at(n_layers);
                (step_params, params) = params.split_at(step.iter().map(|layer| layer.n_params()).sum());
                hidden::forward(step, step_params, inputs, draws, compute, &mut here[..n_layers]);
            }
            if seen == Seen::Outputs {
                steps.push(first..first + n_layers);
            }
            first += n_layers;
        }
    }

    /// Computes the gradient by the parameters, in their order, from the gradient by the outputs that
    /// [`Cache::outputs_and_gradient`] holds. x and `cache` are those of the forward pass before.
    ///
    /// # Panics
    /// When `d_params` has other than the parameters' length.
    pub fn backward(&self, x: MatrixRef<'_, R>, cache: &mut Cache<R>, d_params: &mut [R]) {
        self.backward_into(x, cache, Into::Overwrite, &mut [d_params]);
    }

    /// As [`Network::backward`]; with [`Into::Add`], each number of the gradient is added to what is there. Of the parts of the
    /// pass forward there is one gradient each, or one to which they are added in their order.
    pub(crate) fn backward_into(
        &self,
        x: MatrixRef<'_, R>,
        cache: &mut Cache<R>,
        into: Into,
        gradients: &mut [&mut [R]],
    ) {
        let is_whole = gradients.iter().all(|d_params| d_params.len() == self.params.len());
        assert!(is_whole, "a gradient for each parameter");
        let Cache { layers: caches, steps, parts, team, precision, before: kept, .. } = cache;
        let compute = Compute { team, precision: *precision };
        let n_steps = if steps.is_empty() { self.layers.len() } else { steps.len() };
        for i in (0..n_steps).rev() {
            let step = steps.get(i).cloned().unwrap_or(i..i + 1);
            let (before, here) = caches.split_at_mut(step.start);
            let layer = self.range(step.start).start..self.range(step.end - 1).end;
            let params = &self.params[layer.clone()];
            let (inputs, d_inputs) = match before.last_mut() {
                Some(LayerCache { a, d, .. }) => (a.view(), Some(d)),
                None => (x, None),
            };
            let (layers, here) = (&self.layers[step.clone()], &mut here[..step.len()]);
            let sums = &mut Sums { parts, gradients, into, layer, kept };
            if let [layer] = *layers {
                pass::backward(layer, params, inputs, compute, &mut here[0], sums, d_inputs);
            } else {
                hidden::backward(layers, params, inputs, compute, here, sums, d_inputs);
            }
        }
    }

    /// The outputs of the last layer for each row. x: (`n_rows`, `n_inputs`), result: (`n_rows`, `n_outputs`). In blocks of
    /// rows, so that the hidden layers' memory does not grow with them.
    ///
    /// # Panics
    /// When x has other than `n_inputs` columns.
    pub fn outputs(&self, x: MatrixRef<'_, R>) -> Matrix<R> {
        self.outputs_by(&Team::default(), x)
    }

    /// The outputs of a single row, for predictions one at a time: nothing is allocated once the cache has been used, and
    /// small layers without activation or of sigmoids cost tens of nanoseconds in `f64`. The cache holds no z and no a
    /// afterwards.
    ///
    /// # Panics
    /// When x has other than `n_inputs` numbers.
    pub fn row_outputs<'a>(&self, x: &[R], cache: &'a mut Cache<R>) -> &'a [R] {
        if !self.row_layers.is_empty()
            && let (Some(params), Some(x)) = (R::as_f64(&self.params), R::as_f64(x))
        {
            cache.row.resize(self.n_outputs(), R::ZERO);
            if let Some(outputs) = R::as_f64_mut(&mut cache.row) {
                tiny::forward_row(&self.row_layers, params, x, outputs);
            }
            return &cache.row;
        }
        self.forward_outputs(MatrixRef::new(1, x.len(), x), cache);
        cache.outputs().row(0)
    }

    /// As [`Network::outputs`], by these threads together, with the same bits.
    ///
    /// # Panics
    /// When x has other than `n_inputs` columns.
    pub fn outputs_by(&self, team: &Team, x: MatrixRef<'_, R>) -> Matrix<R> {
        let (n_rows, n_outputs) = (x.n_rows(), self.n_outputs());
        let mut outputs = Matrix::zeros(n_rows, n_outputs);
        let each = n_rows.div_ceil(team.n_threads()).next_multiple_of(BLOCK).max(BLOCK);
        let parts: Vec<_> = outputs.values_mut().chunks_mut(each * n_outputs).map(Mutex::new).collect();
        team.run(parts.len(), &|part| {
            let mut outputs = parts[part].lock().unwrap_or_else(PoisonError::into_inner);
            let mut cache = Cache::default();
            let (first, last) = (part * each, n_rows.min((part + 1) * each));
            for (start, outputs) in (first..last).step_by(BLOCK).zip(outputs.chunks_mut(BLOCK * n_outputs)) {
                self.forward_outputs(x.rows(start, last.min(start + BLOCK)), &mut cache);
                outputs.copy_from_slice(cache.outputs().values());
            }
        });
        outputs
    }
}

/// Every layer as the kernel of a single row wants it, or none of them.
fn row_layers(layers: &[Layer]) -> Vec<RowLayer> {
    let row_layer = |layer: &Layer| {
        let &Layer::Dense { n_inputs, n_outputs, activation, bias } = layer else { return None };
        let function = match activation {
            Activation::Identity => RowFunction::Identity,
            Activation::Sigmoid => RowFunction::Sigmoid,
            _ => return None,
        };
        let has_bias = bias;
        (n_outputs <= tiny::MOST_ROW_UNITS).then_some(RowLayer { n_inputs, n_outputs, has_bias, function })
    };
    layers.iter().map(row_layer).collect::<Option<_>>().unwrap_or_default()
}

impl<R: Real> Cache<R> {
    /// A cache whose passes are computed by these threads together; [`Cache::default`] is the caller's thread alone. The
    /// numbers are the same to the bit.
    pub fn with_team(team: Arc<Team>) -> Self {
        Self { team, ..Self::default() }
    }

    /// With such factors of large products.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Who computes.
    pub(crate) fn team(&self) -> &Arc<Team> {
        &self.team
    }

    /// z of a layer: what went into its activation. Shape (`n_rows`, `n_outputs`). Unspecified after [`Mode::Scheduled`].
    pub fn z(&self, layer: usize) -> MatrixRef<'_, R> {
        self.layers[layer].z.view()
    }

    /// a of a layer: what came out. Shape (`n_rows`, `n_outputs`).
    pub fn a(&self, layer: usize) -> MatrixRef<'_, R> {
        self.layers[layer].a.view()
    }

    /// After a backward pass, the gradient of the loss by z of a layer. Shape (`n_rows`, `n_outputs`).
    pub fn d_z(&self, layer: usize) -> MatrixRef<'_, R> {
        self.layers[layer].d.view()
    }

    /// a of the last layer.
    ///
    /// # Panics
    /// Before the first forward pass.
    pub fn outputs(&self) -> MatrixRef<'_, R> {
        self.layers.last().expect("a forward pass").a.view()
    }

    /// a of the last layer, and where the objective writes its gradient.
    ///
    /// # Panics
    /// Before the first forward pass.
    pub fn outputs_and_gradient(&mut self) -> (MatrixRef<'_, R>, &mut Matrix<R>) {
        let LayerCache { a, d, .. } = self.layers.last_mut().expect("a forward pass");
        (a.view(), d)
    }
}
