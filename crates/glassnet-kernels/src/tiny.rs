//! Networks whose weights stay in registers: sigmoid units, at most one hidden layer, one output, squared error, plain
//! gradient descent.
//!
//! No allocation, no call and no choice within an epoch: widths are padded to the next size that the loops are compiled
//! for. A padded input is 0 and a padded hidden unit is given no weight, so that sums stay the same to the bit. Every sum
//! is taken in the order of the ordinary layers, so that both give the same bits. The units of a hidden layer lie side
//! by side in a vector; of eight networks trained at once, each has a lane, with the bits that it would have alone.

use crate::instructions::Instructions;
use crate::vector::{Lanes, Vector};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The most inputs that a tiny network may have.
pub const MOST_INPUTS: usize = 8;
/// The most hidden units that a tiny network may have.
pub const MOST_HIDDEN: usize = 8;
/// So many networks are trained side by side.
pub const N_LANES: usize = 8;

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
pub struct Epoch<'a> {
    /// The rows, each `n_inputs` numbers.
    pub inputs: &'a [f64],
    /// One a row.
    pub targets: &'a [f64],
    /// In which order; none for the order of the rows.
    pub order: Option<&'a [usize]>,
    /// Rows of a step.
    pub batch_size: usize,
    /// η.
    pub learning_rate: f64,
    /// What the gradient of a row is multiplied with in a batch of so many rows: 1, or 1/rows.
    pub scale: fn(usize) -> f64,
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
    pub fn train(self, params: &mut [f64], epoch: &Epoch<'_>) -> Outcome<f64> {
        self.one::<true>(params, epoch)
    }

    /// Trains one epoch of eight networks. `params`: of each parameter those of all networks.
    ///
    /// # Panics
    /// As [`Shape::train`].
    pub fn train_lanes(self, params: &mut [Lanes<N_LANES>], epoch: &Epoch<'_>) -> Outcome<Lanes<N_LANES>> {
        self.eight::<true>(params, epoch)
    }

    /// Σ ½(a − t)² over all rows; the parameters stay as they are.
    ///
    /// # Panics
    /// As [`Shape::train`].
    pub fn loss(self, params: &mut [f64], rows: &Epoch<'_>) -> f64 {
        self.one::<false>(params, rows).loss
    }

    /// The same of eight networks.
    ///
    /// # Panics
    /// As [`Shape::train`].
    pub fn loss_of_lanes(self, params: &mut [Lanes<N_LANES>], rows: &Epoch<'_>) -> Lanes<N_LANES> {
        self.eight::<false>(params, rows).loss
    }

    #[allow(unsafe_code, reason = "the widest instructions, once they are known to be there")]
    fn one<const TRAIN: bool>(self, params: &mut [f64], epoch: &Epoch<'_>) -> Outcome<f64> {
        self.check(params.len(), epoch);
        match Instructions::here() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has these instructions: `here` has just asked it.
            Instructions::Avx512 => unsafe { x86::one_avx512::<TRAIN>(self, params, epoch) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { x86::one_avx2::<TRAIN>(self, params, epoch) },
            _ => sized::<f64, Lanes<4>, Lanes<8>, TRAIN>(self, params, epoch),
        }
    }

    #[allow(unsafe_code, reason = "the widest instructions, once they are known to be there")]
    fn eight<const TRAIN: bool>(
        self,
        params: &mut [Lanes<N_LANES>],
        epoch: &Epoch<'_>,
    ) -> Outcome<Lanes<N_LANES>> {
        self.check(params.len(), epoch);
        match Instructions::here() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has these instructions: `here` has just asked it.
            Instructions::Avx512 => unsafe { x86::eight_avx512::<TRAIN>(self, params, epoch) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { x86::eight_avx2::<TRAIN>(self, params, epoch) },
            _ => sized::<Lanes<8>, Row<Lanes<8>, 4>, Row<Lanes<8>, 8>, TRAIN>(self, params, epoch),
        }
    }

    fn check(self, n_params: usize, epoch: &Epoch<'_>) {
        assert!(self.is_tiny(), "{self:?}");
        assert_eq!(n_params, self.n_params(), "parameters of {self:?}");
        assert_eq!(epoch.inputs.len(), epoch.targets.len() * self.n_inputs, "a target for each row");
        assert!(epoch.order.is_none_or(|order| order.len() == epoch.targets.len()), "a place for each row");
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The loops, compiled for each set of instructions. A vector of `vector::x86` lives in no other function.

    use super::{Epoch, Lanes, N_LANES, Outcome, Row, Shape, sized};
    use crate::vector::{Avx2x4, Avx2x8, Avx512x8};

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(super) fn one_avx512<const TRAIN: bool>(
        shape: Shape,
        params: &mut [f64],
        epoch: &Epoch<'_>,
    ) -> Outcome<f64> {
        sized::<f64, Avx2x4, Avx512x8, TRAIN>(shape, params, epoch)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn one_avx2<const TRAIN: bool>(
        shape: Shape,
        params: &mut [f64],
        epoch: &Epoch<'_>,
    ) -> Outcome<f64> {
        sized::<f64, Avx2x4, Avx2x8, TRAIN>(shape, params, epoch)
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(super) fn eight_avx512<const TRAIN: bool>(
        shape: Shape,
        params: &mut [Lanes<N_LANES>],
        epoch: &Epoch<'_>,
    ) -> Outcome<Lanes<N_LANES>> {
        sized::<Avx512x8, Row<Avx512x8, 4>, Row<Avx512x8, 8>, TRAIN>(shape, params, epoch)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn eight_avx2<const TRAIN: bool>(
        shape: Shape,
        params: &mut [Lanes<N_LANES>],
        epoch: &Epoch<'_>,
    ) -> Outcome<Lanes<N_LANES>> {
        sized::<Avx2x8, Row<Avx2x8, 4>, Row<Avx2x8, 8>, TRAIN>(shape, params, epoch)
    }
}

/// Picks the loops of the next size; `U4` and `U8` are four and eight units side by side.
#[inline(always)]
fn sized<N: Vector, U4: Units<N>, U8: Units<N>, const TRAIN: bool>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
) -> Outcome<N::Stored> {
    match (shape.n_inputs <= 4, shape.n_hidden.map(|n| n <= 4)) {
        (true, None) => run::<N, Neuron<N, 4>, 4, TRAIN>(shape, params, epoch),
        (false, None) => run::<N, Neuron<N, 8>, 8, TRAIN>(shape, params, epoch),
        (true, Some(true)) => run::<N, Hidden<N, U4, 4>, 4, TRAIN>(shape, params, epoch),
        (true, Some(false)) => run::<N, Hidden<N, U8, 4>, 4, TRAIN>(shape, params, epoch),
        (false, Some(true)) => run::<N, Hidden<N, U4, 8>, 8, TRAIN>(shape, params, epoch),
        (false, Some(false)) => run::<N, Hidden<N, U8, 8>, 8, TRAIN>(shape, params, epoch),
    }
}

#[inline(always)]
fn run<N: Vector, P: Padded<N, I>, const I: usize, const TRAIN: bool>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
) -> Outcome<N::Stored> {
    let mut network = P::read(shape, params);
    let learning_rate = N::splat(epoch.learning_rate);
    let (one, half) = (N::splat(1.0), N::splat(0.5));
    let (mut loss, mut largest_square) = (N::splat(0.0), N::splat(0.0));
    let n_rows = epoch.targets.len();
    let mut start = 0;
    while start < n_rows {
        let end = n_rows.min(start + epoch.batch_size.max(1));
        let scale = N::splat((epoch.scale)(end - start));
        let mut gradient = P::zero(shape);
        for place in start..end {
            let row = epoch.order.map_or(place, |order| order[place]);
            let (x, target) = (padded(shape, epoch.inputs, row), N::splat(epoch.targets[row]));
            let (units, output) = network.forward(&x);
            let error = output - target;
            loss = loss + half * (error * error);
            if TRAIN {
                network.backward(&x, units, scale * error * (output * (one - output)), &mut gradient);
            }
        }
        if TRAIN {
            largest_square = gradient.square().larger(largest_square);
            network.step(&gradient, learning_rate);
        }
        start = end;
    }
    if TRAIN {
        network.write(shape, params);
    }
    Outcome { loss: loss.store(), largest_square: largest_square.store() }
}

/// A row's numbers, and zeros behind them. Element by element: a call that copies a few numbers costs more than they do.
#[inline(always)]
fn padded<N: Vector, const I: usize>(shape: Shape, inputs: &[f64], row: usize) -> [N; I] {
    let row = &inputs[row * shape.n_inputs..(row + 1) * shape.n_inputs];
    std::array::from_fn(|i| N::splat(if i < row.len() { row[i] } else { 0.0 }))
}

/// A network, or the gradient by its parameters, padded.
trait Padded<N: Vector, const I: usize>: Copy {
    /// What the forward pass leaves.
    type Units: Copy;
    fn zero(shape: Shape) -> Self;
    fn read(shape: Shape, params: &[N::Stored]) -> Self;
    fn write(&self, shape: Shape, params: &mut [N::Stored]);
    /// The units' outputs, and that of the network.
    fn forward(&self, x: &[N; I]) -> (Self::Units, N);
    /// Adds the gradient of a row; `d` is the gradient by the sum that goes into the output.
    fn backward(&self, x: &[N; I], units: Self::Units, d: N, gradient: &mut Self);
    fn step(&mut self, gradient: &Self, learning_rate: N);
    /// Σ of all numbers' squares.
    fn square(&self) -> N;
}

#[inline(always)]
fn sigmoid<V: Vector>(z: V) -> V {
    V::splat(1.0) / (V::splat(1.0) + crate::exponential::exp_of(-z))
}

/// A single neuron; `has_bias` is 1 or 0.
#[derive(Clone, Copy)]
struct Neuron<N, const I: usize> {
    weights: [N; I],
    bias: N,
    has_bias: N,
}

impl<N: Vector, const I: usize> Padded<N, I> for Neuron<N, I> {
    type Units = ();

    #[inline(always)]
    fn zero(shape: Shape) -> Self {
        let zero = N::splat(0.0);
        Self { weights: [zero; I], bias: zero, has_bias: N::splat(if shape.output_bias { 1.0 } else { 0.0 }) }
    }

    #[inline(always)]
    fn read(shape: Shape, params: &[N::Stored]) -> Self {
        let mut neuron = Self::zero(shape);
        for i in 0..I {
            if i < shape.n_inputs {
                neuron.weights[i] = N::load(params[i]);
            }
        }
        if shape.output_bias {
            neuron.bias = N::load(params[shape.n_inputs]);
        }
        neuron
    }

    #[inline(always)]
    fn write(&self, shape: Shape, params: &mut [N::Stored]) {
        for i in 0..I {
            if i < shape.n_inputs {
                params[i] = self.weights[i].store();
            }
        }
        if shape.output_bias {
            params[shape.n_inputs] = self.bias.store();
        }
    }

    #[inline(always)]
    fn forward(&self, x: &[N; I]) -> ((), N) {
        let mut z = N::splat(0.0);
        for i in 0..I {
            z = z + x[i] * self.weights[i];
        }
        ((), sigmoid(z + self.bias))
    }

    #[inline(always)]
    fn backward(&self, x: &[N; I], (): (), d: N, gradient: &mut Self) {
        for i in 0..I {
            gradient.weights[i] = gradient.weights[i] + x[i] * d;
        }
        gradient.bias = gradient.bias + d * self.has_bias;
    }

    #[inline(always)]
    fn step(&mut self, gradient: &Self, learning_rate: N) {
        for i in 0..I {
            self.weights[i] = self.weights[i] - learning_rate * gradient.weights[i];
        }
        self.bias = self.bias - learning_rate * gradient.bias;
    }

    #[inline(always)]
    fn square(&self) -> N {
        self.weights.iter().fold(self.bias * self.bias, |sum, &d| sum + d * d)
    }
}

/// The units of a hidden layer side by side: of one network a vector of numbers, of several a row of vectors.
trait Units<N: Vector>:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// How many.
    const LEN: usize;
    /// The same number in every unit.
    fn broadcast(number: N) -> Self;
    /// The first units' numbers from memory, 0 in the others.
    fn load_first(stored: &[N::Stored]) -> Self;
    /// The first units' numbers to memory.
    fn store_first(self, stored: &mut [N::Stored]);
    /// 0 + u₀ + u₁ + …, in this order.
    fn sum(self) -> N;
    fn sigmoid(self) -> Self;
}

/// `H` units of several networks.
#[derive(Clone, Copy)]
struct Row<N, const H: usize>([N; H]);

macro_rules! row_operator {
    ($trait:ident, $method:ident, $operator:tt) => {
        impl<N: Vector, const H: usize> $trait for Row<N, H> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(std::array::from_fn(|j| self.0[j] $operator other.0[j]))
            }
        }
    };
}

row_operator!(Add, add, +);
row_operator!(Sub, sub, -);
row_operator!(Mul, mul, *);
row_operator!(Div, div, /);

impl<N: Vector, const H: usize> Neg for Row<N, H> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|number| -number))
    }
}

impl<N: Vector, const H: usize> Units<N> for Row<N, H> {
    const LEN: usize = H;
    #[inline(always)]
    fn broadcast(number: N) -> Self {
        Self([number; H])
    }
    #[inline(always)]
    fn load_first(stored: &[N::Stored]) -> Self {
        Self(std::array::from_fn(|j| if j < stored.len() { N::load(stored[j]) } else { N::splat(0.0) }))
    }
    #[inline(always)]
    fn store_first(self, stored: &mut [N::Stored]) {
        for (stored, unit) in stored.iter_mut().zip(self.0) {
            *stored = unit.store();
        }
    }
    #[inline(always)]
    fn sum(self) -> N {
        self.0.into_iter().fold(N::splat(0.0), |sum, unit| sum + unit)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        Self(self.0.map(sigmoid))
    }
}

/// Vectors whose numbers are the units of one network.
macro_rules! units_of_one {
    ($type:ty, $lanes:literal) => {
        impl Units<f64> for $type {
            const LEN: usize = $lanes;
            #[inline(always)]
            fn broadcast(number: f64) -> Self {
                Self::splat(number)
            }
            #[inline(always)]
            fn load_first(stored: &[f64]) -> Self {
                Self::load(Lanes(std::array::from_fn(|j| if j < stored.len() { stored[j] } else { 0.0 })))
            }
            #[inline(always)]
            fn store_first(self, stored: &mut [f64]) {
                for (stored, unit) in stored.iter_mut().zip(self.store().0) {
                    *stored = unit;
                }
            }
            #[inline(always)]
            fn sum(self) -> f64 {
                self.store().0.into_iter().fold(0.0, |sum, unit| sum + unit)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                sigmoid(self)
            }
        }
    };
}

units_of_one!(Lanes<4>, 4);
units_of_one!(Lanes<8>, 8);
#[cfg(target_arch = "x86_64")]
units_of_one!(crate::vector::Avx2x4, 4);
#[cfg(target_arch = "x86_64")]
units_of_one!(crate::vector::Avx2x8, 8);
#[cfg(target_arch = "x86_64")]
units_of_one!(crate::vector::Avx512x8, 8);

/// A hidden layer and an output.
#[derive(Clone, Copy)]
struct Hidden<N, U, const I: usize> {
    weights: [U; I],
    biases: U,
    output_weights: U,
    output_bias: N,
    /// 1 for units that are there, 0 for padded ones.
    is_unit: U,
    has_hidden_bias: U,
    has_output_bias: N,
}

impl<N: Vector, U: Units<N>, const I: usize> Padded<N, I> for Hidden<N, U, I> {
    type Units = U;

    #[inline(always)]
    fn zero(shape: Shape) -> Self {
        let flag = |is_set: bool| N::splat(if is_set { 1.0 } else { 0.0 });
        let ones = [N::splat(1.0).store(); MOST_HIDDEN];
        let is_unit = U::load_first(&ones[..shape.n_hidden.unwrap_or(0).min(U::LEN)]);
        let zero = U::broadcast(N::splat(0.0));
        Self {
            weights: [zero; I],
            biases: zero,
            output_weights: zero,
            output_bias: N::splat(0.0),
            is_unit,
            has_hidden_bias: U::broadcast(flag(shape.hidden_bias)) * is_unit,
            has_output_bias: flag(shape.output_bias),
        }
    }

    #[inline(always)]
    fn read(shape: Shape, params: &[N::Stored]) -> Self {
        let mut network = Self::zero(shape);
        let n_hidden = shape.n_hidden.unwrap_or(0);
        let (weights, mut rest) = params.split_at(shape.n_inputs * n_hidden);
        for i in 0..I {
            if i < shape.n_inputs {
                network.weights[i] = U::load_first(&weights[i * n_hidden..(i + 1) * n_hidden]);
            }
        }
        if shape.hidden_bias {
            network.biases = U::load_first(&rest[..n_hidden]);
            rest = &rest[n_hidden..];
        }
        network.output_weights = U::load_first(&rest[..n_hidden]);
        if shape.output_bias {
            network.output_bias = N::load(rest[n_hidden]);
        }
        network
    }

    #[inline(always)]
    fn write(&self, shape: Shape, params: &mut [N::Stored]) {
        let n_hidden = shape.n_hidden.unwrap_or(0);
        let (weights, mut rest) = params.split_at_mut(shape.n_inputs * n_hidden);
        for i in 0..I {
            if i < shape.n_inputs {
                self.weights[i].store_first(&mut weights[i * n_hidden..(i + 1) * n_hidden]);
            }
        }
        if shape.hidden_bias {
            self.biases.store_first(&mut rest[..n_hidden]);
            rest = &mut rest[n_hidden..];
        }
        self.output_weights.store_first(&mut rest[..n_hidden]);
        if shape.output_bias {
            rest[n_hidden] = self.output_bias.store();
        }
    }

    #[inline(always)]
    fn forward(&self, x: &[N; I]) -> (U, N) {
        let mut z = U::broadcast(N::splat(0.0));
        for i in 0..I {
            z = z + U::broadcast(x[i]) * self.weights[i];
        }
        let units = (z + self.biases).sigmoid();
        (units, sigmoid((units * self.output_weights).sum() + self.output_bias))
    }

    #[inline(always)]
    fn backward(&self, x: &[N; I], units: U, d: N, gradient: &mut Self) {
        let d_output = U::broadcast(d);
        let d_units = d_output * self.output_weights * (units * (U::broadcast(N::splat(1.0)) - units));
        gradient.output_weights = gradient.output_weights + units * self.is_unit * d_output;
        gradient.output_bias = gradient.output_bias + d * self.has_output_bias;
        for i in 0..I {
            gradient.weights[i] = gradient.weights[i] + U::broadcast(x[i]) * d_units;
        }
        gradient.biases = gradient.biases + d_units * self.has_hidden_bias;
    }

    #[inline(always)]
    fn step(&mut self, gradient: &Self, learning_rate: N) {
        let rate = U::broadcast(learning_rate);
        for i in 0..I {
            self.weights[i] = self.weights[i] - rate * gradient.weights[i];
        }
        self.biases = self.biases - rate * gradient.biases;
        self.output_weights = self.output_weights - rate * gradient.output_weights;
        self.output_bias = self.output_bias - learning_rate * gradient.output_bias;
    }

    #[inline(always)]
    fn square(&self) -> N {
        // Unit by unit, so that the sums lie side by side.
        let units = self.biases * self.biases + self.output_weights * self.output_weights;
        let units = self.weights.iter().fold(units, |sum, &d| sum + d * d);
        units.sum() + self.output_bias * self.output_bias
    }
}
