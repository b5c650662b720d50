//! Networks whose weights stay in registers: sigmoid units, at most one hidden layer, one output, squared error, plain
//! gradient descent.
//!
//! No allocation, no call and no choice within an epoch: widths are padded to the next size that the loops are compiled
//! for. A padded input is 0 and a padded hidden unit gives 0, so that sums stay the same to the bit. Every sum is taken
//! in the order of the ordinary layers, so that both give the same bits. With [`crate::lanes::Lanes`] for a number, as
//! many networks are trained side by side, each with the bits that it would have alone.

use crate::instructions::kernel;
use crate::lanes::Lanes;
use crate::real::Number;

/// The most inputs that a tiny network may have.
pub const MOST_INPUTS: usize = 8;
/// The most hidden units that a tiny network may have.
pub const MOST_HIDDEN: usize = 8;

/// The sizes of a tiny network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Numbers that go in, from 1 to [`MOST_INPUTS`].
    pub n_inputs: usize,
    /// Units of the hidden layer, at most [`MOST_HIDDEN`]; none for a single neuron.
    pub n_hidden: Option<usize>,
    /// Whether the hidden layer has biases; for a single neuron it says nothing.
    pub hidden_bias: bool,
    /// Whether the output has a bias.
    pub output_bias: bool,
}

/// Rows to train on and how: a step after each `batch_size` rows, the last batch with what is left.
#[derive(Debug, Clone, Copy)]
pub struct Epoch<'a, N> {
    /// The rows, each `n_inputs` numbers.
    pub inputs: &'a [N],
    /// One a row.
    pub targets: &'a [N],
    /// In which order; none for the order of the rows.
    pub order: Option<&'a [usize]>,
    /// Rows of a step.
    pub batch_size: usize,
    /// η.
    pub learning_rate: N,
    /// What the gradient of a row is multiplied with in a batch of so many rows: 1, or 1/rows.
    pub scale: fn(usize) -> N,
}

/// What an epoch leaves beside its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome<N> {
    /// Σ ½(a − t)² over the rows as they were met.
    pub loss: N,
    /// The square of the longest gradient.
    pub largest_square: N,
}

impl Shape {
    /// Whether there are kernels for these sizes.
    pub fn is_tiny(self) -> bool {
        let has_size = |size: usize, most: usize| (1..=most).contains(&size);
        has_size(self.n_inputs, MOST_INPUTS) && self.n_hidden.is_none_or(|n| has_size(n, MOST_HIDDEN))
    }

    /// Parameters, in the order of the layers: each its weights in row order, then its biases.
    pub fn n_params(self) -> usize {
        let output_bias = usize::from(self.output_bias);
        match self.n_hidden {
            None => self.n_inputs + output_bias,
            Some(n) => (self.n_inputs + usize::from(self.hidden_bias)) * n + n + output_bias,
        }
    }

    /// Trains one epoch.
    ///
    /// # Panics
    /// When the network is not tiny, or a slice has not the length that the shape says.
    pub fn epoch<N: Tiny>(self, params: &mut [N], epoch: &Epoch<'_, N>) -> Outcome<N> {
        self.check(params, epoch.inputs, epoch.targets);
        assert!(epoch.order.is_none_or(|order| order.len() == epoch.targets.len()), "a place for each row");
        match (self.n_inputs <= 4, self.n_hidden.map(|n| n <= 4)) {
            (true, None) => neuron_epoch::<N, 4>(self, params, epoch),
            (false, None) => neuron_epoch::<N, 8>(self, params, epoch),
            (true, Some(true)) => hidden_epoch::<N, 4, 4>(self, params, epoch),
            (true, Some(false)) => hidden_epoch::<N, 4, 8>(self, params, epoch),
            (false, Some(true)) => hidden_epoch::<N, 8, 4>(self, params, epoch),
            (false, Some(false)) => hidden_epoch::<N, 8, 8>(self, params, epoch),
        }
    }

    /// Σ ½(a − t)² over all rows.
    ///
    /// # Panics
    /// As [`Shape::epoch`].
    pub fn loss<N: Tiny>(self, params: &[N], inputs: &[N], targets: &[N]) -> N {
        self.check(params, inputs, targets);
        match (self.n_inputs <= 4, self.n_hidden.map(|n| n <= 4)) {
            (true, None) => neuron_loss::<N, 4>(self, params, inputs, targets),
            (false, None) => neuron_loss::<N, 8>(self, params, inputs, targets),
            (true, Some(true)) => hidden_loss::<N, 4, 4>(self, params, inputs, targets),
            (true, Some(false)) => hidden_loss::<N, 4, 8>(self, params, inputs, targets),
            (false, Some(true)) => hidden_loss::<N, 8, 4>(self, params, inputs, targets),
            (false, Some(false)) => hidden_loss::<N, 8, 8>(self, params, inputs, targets),
        }
    }

    fn check<N>(self, params: &[N], inputs: &[N], targets: &[N]) {
        assert!(self.is_tiny(), "{self:?}");
        assert_eq!(params.len(), self.n_params(), "parameters of {self:?}");
        assert_eq!(inputs.len(), targets.len() * self.n_inputs, "a target for each row");
    }
}

/// The number types that there are kernels for.
pub trait Tiny: Number {}
impl Tiny for f64 {}
impl Tiny for Lanes<8> {}

kernel! {
    /// An epoch of a single neuron of at most `I` inputs.
    pub fn neuron_epoch[N: Tiny, const I: usize][N, I](shape: Shape, params: &mut [N], epoch: &Epoch<'_, N>) -> Outcome<N>
        = run_epoch::<N, Neuron<N, I>, I>;
}
kernel! {
    /// An epoch of a network of at most `I` inputs and `H` hidden units.
    pub fn hidden_epoch[N: Tiny, const I: usize, const H: usize][N, I, H](
        shape: Shape, params: &mut [N], epoch: &Epoch<'_, N>
    ) -> Outcome<N> = run_epoch::<N, Hidden<N, I, H>, I>;
}
kernel! {
    /// The loss of a single neuron of at most `I` inputs.
    pub fn neuron_loss[N: Tiny, const I: usize][N, I](shape: Shape, params: &[N], inputs: &[N], targets: &[N]) -> N
        = run_loss::<N, Neuron<N, I>, I>;
}
kernel! {
    /// The loss of a network of at most `I` inputs and `H` hidden units.
    pub fn hidden_loss[N: Tiny, const I: usize, const H: usize][N, I, H](
        shape: Shape, params: &[N], inputs: &[N], targets: &[N]
    ) -> N = run_loss::<N, Hidden<N, I, H>, I>;
}

/// A network, or the gradient by its parameters, padded.
trait Padded<N, const I: usize>: Copy {
    /// What the forward pass leaves.
    type Units: Copy;
    const ZERO: Self;
    fn read(shape: Shape, params: &[N]) -> Self;
    fn write(&self, shape: Shape, params: &mut [N]);
    /// The units' outputs, and that of the network.
    fn forward(&self, shape: Shape, x: &[N; I]) -> (Self::Units, N);
    /// Adds the gradient of a row; `d` is the gradient by the sum that goes into the output.
    fn backward(&self, shape: Shape, x: &[N; I], units: &Self::Units, d: N, gradient: &mut Self);
    fn step(&mut self, gradient: &Self, learning_rate: N);
    fn square(&self) -> N;
}

#[inline(always)]
fn sigmoid<N: Number>(z: N) -> N {
    N::ONE / (N::ONE + (-z).exp())
}

#[inline(always)]
fn padded<N: Number, const I: usize>(shape: Shape, inputs: &[N], row: usize) -> [N; I] {
    let mut x = [N::ZERO; I];
    x[..shape.n_inputs].copy_from_slice(&inputs[row * shape.n_inputs..(row + 1) * shape.n_inputs]);
    x
}

#[inline(always)]
fn run_epoch<N: Number, P: Padded<N, I>, const I: usize>(
    shape: Shape,
    params: &mut [N],
    epoch: &Epoch<'_, N>,
) -> Outcome<N> {
    let mut network = P::read(shape, params);
    let n_rows = epoch.targets.len();
    let mut outcome = Outcome { loss: N::ZERO, largest_square: N::ZERO };
    let mut start = 0;
    while start < n_rows {
        let end = n_rows.min(start + epoch.batch_size.max(1));
        let scale = (epoch.scale)(end - start);
        let mut gradient = P::ZERO;
        for place in start..end {
            let row = epoch.order.map_or(place, |order| order[place]);
            let (x, target) = (padded(shape, epoch.inputs, row), epoch.targets[row]);
            let (units, output) = network.forward(shape, &x);
            let error = output - target;
            outcome.loss = outcome.loss + N::HALF * (error * error);
            let d = scale * error * (output * (N::ONE - output));
            network.backward(shape, &x, &units, d, &mut gradient);
        }
        outcome.largest_square = outcome.largest_square.max(gradient.square());
        network.step(&gradient, epoch.learning_rate);
        start = end;
    }
    network.write(shape, params);
    outcome
}

#[inline(always)]
fn run_loss<N: Number, P: Padded<N, I>, const I: usize>(
    shape: Shape,
    params: &[N],
    inputs: &[N],
    targets: &[N],
) -> N {
    let network = P::read(shape, params);
    let mut loss = N::ZERO;
    for (row, &target) in targets.iter().enumerate() {
        let (_, output) = network.forward(shape, &padded(shape, inputs, row));
        let error = output - target;
        loss = loss + N::HALF * (error * error);
    }
    loss
}

/// A single neuron.
#[derive(Clone, Copy)]
struct Neuron<N, const I: usize> {
    weights: [N; I],
    bias: N,
}

impl<N: Number, const I: usize> Padded<N, I> for Neuron<N, I> {
    type Units = ();
    const ZERO: Self = Self { weights: [N::ZERO; I], bias: N::ZERO };

    #[inline(always)]
    fn read(shape: Shape, params: &[N]) -> Self {
        let mut neuron = Self::ZERO;
        neuron.weights[..shape.n_inputs].copy_from_slice(&params[..shape.n_inputs]);
        neuron.bias = if shape.output_bias { params[shape.n_inputs] } else { N::ZERO };
        neuron
    }

    #[inline(always)]
    fn write(&self, shape: Shape, params: &mut [N]) {
        params[..shape.n_inputs].copy_from_slice(&self.weights[..shape.n_inputs]);
        if shape.output_bias {
            params[shape.n_inputs] = self.bias;
        }
    }

    #[inline(always)]
    fn forward(&self, _: Shape, x: &[N; I]) -> ((), N) {
        let mut z = N::ZERO;
        for (&x, &weight) in x.iter().zip(&self.weights) {
            z = z + x * weight;
        }
        ((), sigmoid(z + self.bias))
    }

    #[inline(always)]
    fn backward(&self, shape: Shape, x: &[N; I], (): &(), d: N, gradient: &mut Self) {
        for (d_weight, &x) in gradient.weights.iter_mut().zip(x) {
            *d_weight = *d_weight + x * d;
        }
        if shape.output_bias {
            gradient.bias = gradient.bias + d;
        }
    }

    #[inline(always)]
    fn step(&mut self, gradient: &Self, learning_rate: N) {
        for (weight, &d) in self.weights.iter_mut().zip(&gradient.weights) {
            *weight = *weight - learning_rate * d;
        }
        self.bias = self.bias - learning_rate * gradient.bias;
    }

    #[inline(always)]
    fn square(&self) -> N {
        self.weights.iter().fold(self.bias * self.bias, |sum, &d| sum + d * d)
    }
}

/// A hidden layer of `H` units and an output.
#[derive(Clone, Copy)]
struct Hidden<N, const I: usize, const H: usize> {
    weights: [[N; H]; I],
    biases: [N; H],
    output: Neuron<N, H>,
}

impl<N: Number, const I: usize, const H: usize> Padded<N, I> for Hidden<N, I, H> {
    type Units = [N; H];
    const ZERO: Self = Self {
        weights: [[N::ZERO; H]; I],
        biases: [N::ZERO; H],
        output: Neuron { weights: [N::ZERO; H], bias: N::ZERO },
    };

    #[inline(always)]
    fn read(shape: Shape, params: &[N]) -> Self {
        let mut network = Self::ZERO;
        let n_hidden = shape.n_hidden.unwrap_or(0);
        let mut rest = params;
        let mut next = |count: usize| {
            let (taken, after) = rest.split_at(count);
            rest = after;
            taken
        };
        for row in &mut network.weights[..shape.n_inputs] {
            row[..n_hidden].copy_from_slice(next(n_hidden));
        }
        if shape.hidden_bias {
            network.biases[..n_hidden].copy_from_slice(next(n_hidden));
        }
        network.output.weights[..n_hidden].copy_from_slice(next(n_hidden));
        if shape.output_bias {
            network.output.bias = next(1)[0];
        }
        network
    }

    #[inline(always)]
    fn write(&self, shape: Shape, params: &mut [N]) {
        let n_hidden = shape.n_hidden.unwrap_or(0);
        let mut rest = params;
        let mut put = |values: &[N]| {
            let (place, after) = std::mem::take(&mut rest).split_at_mut(values.len());
            place.copy_from_slice(values);
            rest = after;
        };
        for row in &self.weights[..shape.n_inputs] {
            put(&row[..n_hidden]);
        }
        if shape.hidden_bias {
            put(&self.biases[..n_hidden]);
        }
        put(&self.output.weights[..n_hidden]);
        if shape.output_bias {
            put(&[self.output.bias]);
        }
    }

    #[inline(always)]
    fn forward(&self, shape: Shape, x: &[N; I]) -> ([N; H], N) {
        let mut units = [N::ZERO; H];
        for (&x, weights) in x.iter().zip(&self.weights) {
            for (z, &weight) in units.iter_mut().zip(weights) {
                *z = *z + x * weight;
            }
        }
        for (unit, &bias) in units.iter_mut().zip(&self.biases) {
            *unit = sigmoid(*unit + bias);
        }
        let n_hidden = shape.n_hidden.unwrap_or(0);
        for (j, unit) in units.iter_mut().enumerate() {
            *unit = if j < n_hidden { *unit } else { N::ZERO };
        }
        let ((), output) = self.output.forward(shape, &units);
        (units, output)
    }

    #[inline(always)]
    fn backward(&self, shape: Shape, x: &[N; I], units: &[N; H], d: N, gradient: &mut Self) {
        let mut d_units = [N::ZERO; H];
        for j in 0..H {
            d_units[j] = d * self.output.weights[j] * (units[j] * (N::ONE - units[j]));
        }
        self.output.backward(shape, units, &(), d, &mut gradient.output);
        for (d_weights, &x) in gradient.weights.iter_mut().zip(x) {
            for (d_weight, &d_unit) in d_weights.iter_mut().zip(&d_units) {
                *d_weight = *d_weight + x * d_unit;
            }
        }
        if shape.hidden_bias {
            for (d_bias, &d_unit) in gradient.biases.iter_mut().zip(&d_units) {
                *d_bias = *d_bias + d_unit;
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, gradient: &Self, learning_rate: N) {
        for (weights, d_weights) in self.weights.iter_mut().zip(&gradient.weights) {
            for (weight, &d) in weights.iter_mut().zip(d_weights) {
                *weight = *weight - learning_rate * d;
            }
        }
        for (bias, &d) in self.biases.iter_mut().zip(&gradient.biases) {
            *bias = *bias - learning_rate * d;
        }
        self.output.step(&gradient.output, learning_rate);
    }

    #[inline(always)]
    fn square(&self) -> N {
        // Unit by unit, so that the sums lie side by side.
        let mut sums = [N::ZERO; H];
        for weights in self.weights.iter().chain([&self.biases]) {
            for (sum, &d) in sums.iter_mut().zip(weights) {
                *sum = *sum + d * d;
            }
        }
        sums.into_iter().fold(self.output.square(), |sum, square| sum + square)
    }
}
