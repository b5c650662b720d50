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
/// So many rows are padded once.
const FEW: usize = 8;
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
    /// Whether the gradients of a batch's rows are averaged; else they are summed.
    pub is_mean: bool,
    /// Whether the loss is computed after the epoch; else it is that of the rows as they were met.
    pub is_evaluated: bool,
}

/// What an epoch leaves beside its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome<N> {
    /// Σ ½(a − t)² over the rows.
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

    /// Trains one epoch for each outcome.
    ///
    /// # Panics
    /// When the network is not tiny, or a slice has not the length that the shape says.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "the widest instructions, once they are known to be there")
    )]
    pub fn train(self, params: &mut [f64], epoch: &Epoch<'_>, outcomes: &mut [Outcome<f64>]) {
        self.check(params.len(), epoch);
        match Instructions::here() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has these instructions: `here` has just asked it.
            Instructions::Avx512 => unsafe { x86::one_avx512(self, params, epoch, outcomes) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { x86::one_avx2(self, params, epoch, outcomes) },
            _ => sized::<f64, Lanes<4>, Lanes<8>>(self, params, epoch, outcomes),
        }
    }

    /// Trains one epoch of eight networks for each outcome. `params`: of each parameter those of all networks.
    ///
    /// # Panics
    /// As [`Shape::train`].
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "the widest instructions, once they are known to be there")
    )]
    pub fn train_lanes(
        self,
        params: &mut [Lanes<N_LANES>],
        epoch: &Epoch<'_>,
        outcomes: &mut [Outcome<Lanes<N_LANES>>],
    ) {
        self.check(params.len(), epoch);
        match Instructions::here() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has these instructions: `here` has just asked it.
            Instructions::Avx512 => unsafe { x86::eight_avx512(self, params, epoch, outcomes) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { x86::eight_avx2(self, params, epoch, outcomes) },
            _ => self.train_lanes_plain(params, epoch, outcomes),
        }
    }

    fn train_lanes_plain(
        self,
        params: &mut [Lanes<N_LANES>],
        epoch: &Epoch<'_>,
        outcomes: &mut [Outcome<Lanes<N_LANES>>],
    ) {
        sized::<Lanes<8>, Row<Lanes<8>, 4>, Row<Lanes<8>, 8>>(self, params, epoch, outcomes);
    }

    /// Σ ½(a − t)² over all rows.
    ///
    /// # Panics
    /// As [`Shape::train`].
    pub fn loss(self, params: &mut [f64], rows: &Epoch<'_>) -> f64 {
        let untouched = Epoch { batch_size: usize::MAX, learning_rate: 0.0, is_evaluated: false, ..*rows };
        let mut outcome = [Outcome { loss: 0.0, largest_square: 0.0 }];
        // A step of rate 0 that is not written back.
        self.train(&mut params.to_vec(), &untouched, &mut outcome);
        outcome[0].loss
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
    pub(super) fn one_avx512(
        shape: Shape,
        params: &mut [f64],
        epoch: &Epoch<'_>,
        outcomes: &mut [Outcome<f64>],
    ) {
        sized::<f64, Avx2x4, Avx512x8>(shape, params, epoch, outcomes);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn one_avx2(
        shape: Shape,
        params: &mut [f64],
        epoch: &Epoch<'_>,
        outcomes: &mut [Outcome<f64>],
    ) {
        sized::<f64, Avx2x4, Avx2x8>(shape, params, epoch, outcomes);
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(super) fn eight_avx512(
        shape: Shape,
        params: &mut [Lanes<N_LANES>],
        epoch: &Epoch<'_>,
        outcomes: &mut [Outcome<Lanes<N_LANES>>],
    ) {
        sized::<Avx512x8, Row<Avx512x8, 4>, Row<Avx512x8, 8>>(shape, params, epoch, outcomes);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn eight_avx2(
        shape: Shape,
        params: &mut [Lanes<N_LANES>],
        epoch: &Epoch<'_>,
        outcomes: &mut [Outcome<Lanes<N_LANES>>],
    ) {
        sized::<Avx2x8, Row<Avx2x8, 4>, Row<Avx2x8, 8>>(shape, params, epoch, outcomes);
    }
}

/// Picks the loops of the next size; `U4` and `U8` are four and eight units side by side.
#[inline(always)]
fn sized<N: Vector, U4: Units<N>, U8: Units<N>>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
    outcomes: &mut [Outcome<N::Stored>],
) {
    match (shape.n_inputs <= 4, shape.n_hidden.map(|n| n <= 4)) {
        (true, None) => run::<N, Neuron<N, 4>, 4>(shape, params, epoch, outcomes),
        (false, None) => run::<N, Neuron<N, 8>, 8>(shape, params, epoch, outcomes),
        (true, Some(true)) => run::<N, Hidden<N, U4, 4>, 4>(shape, params, epoch, outcomes),
        (true, Some(false)) => run::<N, Hidden<N, U8, 4>, 4>(shape, params, epoch, outcomes),
        (false, Some(true)) => run::<N, Hidden<N, U4, 8>, 8>(shape, params, epoch, outcomes),
        (false, Some(false)) => run::<N, Hidden<N, U8, 8>, 8>(shape, params, epoch, outcomes),
    }
}

#[inline(always)]
fn run<N: Vector, P: Padded<N, I>, const I: usize>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
    outcomes: &mut [Outcome<N::Stored>],
) {
    let mut network = P::read(shape, params);
    let learning_rate = N::splat(epoch.learning_rate);
    let (one, half) = (N::splat(1.0), N::splat(0.5));
    let n_rows = epoch.targets.len();
    // A few rows are padded once for all epochs.
    let mut few = [[0.0; I]; FEW];
    for (row, x) in few.iter_mut().enumerate().take(n_rows) {
        *x = padded(shape, epoch.inputs, row);
    }
    let inputs = |row: usize| {
        let x = if n_rows <= FEW { few[row] } else { padded(shape, epoch.inputs, row) };
        x.map(N::splat)
    };
    for outcome in outcomes {
        let (mut loss, mut largest_square) = (N::splat(0.0), N::splat(0.0));
        let mut start = 0;
        while start < n_rows {
            let end = start + epoch.batch_size.max(1).min(n_rows - start);
            let scale = N::splat(if epoch.is_mean { 1.0 / (end - start) as f64 } else { 1.0 });
            let mut gradient = P::zero(shape);
            for place in start..end {
                let row = epoch.order.map_or(place, |order| order[place]);
                let (x, target) = (inputs(row), N::splat(epoch.targets[row]));
                let (units, output) = network.forward(&x);
                let error = output - target;
                loss = loss + half * (error * error);
                network.backward(&x, units, scale * error * (output * (one - output)), &mut gradient);
            }
            largest_square = gradient.square().larger(largest_square);
            network.step(&gradient, learning_rate);
            start = end;
        }
        if epoch.is_evaluated {
            loss = N::splat(0.0);
            for (row, &target) in epoch.targets.iter().enumerate() {
                let (_, output) = network.forward(&inputs(row));
                let error = output - N::splat(target);
                loss = loss + half * (error * error);
            }
        }
        *outcome = Outcome { loss: loss.store(), largest_square: largest_square.store() };
    }
    network.write(shape, params);
}

/// A row's numbers, and zeros behind them. Element by element: a call that copies a few numbers costs more than they do.
#[inline(always)]
fn padded<const I: usize>(shape: Shape, inputs: &[f64], row: usize) -> [f64; I] {
    let row = &inputs[row * shape.n_inputs..(row + 1) * shape.n_inputs];
    std::array::from_fn(|i| if i < row.len() { row[i] } else { 0.0 })
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
        for (i, weight) in neuron.weights.iter_mut().enumerate() {
            if i < shape.n_inputs {
                *weight = N::load(params[i]);
            }
        }
        if shape.output_bias {
            neuron.bias = N::load(params[shape.n_inputs]);
        }
        neuron
    }

    #[inline(always)]
    fn write(&self, shape: Shape, params: &mut [N::Stored]) {
        for (i, weight) in self.weights.iter().enumerate() {
            if i < shape.n_inputs {
                params[i] = weight.store();
            }
        }
        if shape.output_bias {
            params[shape.n_inputs] = self.bias.store();
        }
    }

    #[inline(always)]
    fn forward(&self, x: &[N; I]) -> ((), N) {
        let mut z = x[0] * self.weights[0];
        for (&x, &weight) in x.iter().zip(&self.weights).skip(1) {
            z = z + x * weight;
        }
        ((), sigmoid(z + self.bias))
    }

    #[inline(always)]
    fn backward(&self, x: &[N; I], (): (), d: N, gradient: &mut Self) {
        for (d_weight, &x) in gradient.weights.iter_mut().zip(x) {
            *d_weight = *d_weight + x * d;
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
    /// u₀ + u₁ + …, in this order.
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
        let mut sum = self.0[0];
        for &unit in &self.0[1..] {
            sum = sum + unit;
        }
        sum
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
                let units = self.store().0;
                let mut sum = units[0];
                for &unit in &units[1..] {
                    sum += unit;
                }
                sum
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
        let mut z = U::broadcast(x[0]) * self.weights[0];
        for (&x, &weights) in x.iter().zip(&self.weights).skip(1) {
            z = z + U::broadcast(x) * weights;
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
        for (d_weights, &x) in gradient.weights.iter_mut().zip(x) {
            *d_weights = *d_weights + U::broadcast(x) * d_units;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(count: usize, start: usize) -> Vec<f64> {
        (0..count).map(|i| ((i * 7919 + start * 104_729) % 1_009) as f64 / 504.5 - 1.0).collect()
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        let n_hidden = prop_oneof![Just(None), (1..=MOST_HIDDEN).prop_map(Some)];
        (1..=MOST_INPUTS, n_hidden, any::<bool>(), any::<bool>()).prop_map(|(n_inputs, n_hidden, a, b)| {
            Shape { n_inputs, n_hidden, hidden_bias: a, output_bias: b }
        })
    }

    proptest! {
        #[test]
        fn every_lane_and_every_set_of_instructions_has_the_bits_of_the_plain_loops(
            shape in shapes(),
            n_rows in 0_usize..11,
            batch_size in 1_usize..5,
            is_mean in any::<bool>(),
            is_evaluated in any::<bool>(),
            is_reversed in any::<bool>(),
        ) {
            let (inputs, targets) = (numbers(n_rows * shape.n_inputs, 1), numbers(n_rows, 2));
            let order: Vec<usize> = (0..n_rows).rev().collect();
            let order = is_reversed.then_some(&order[..]);
            let epoch = Epoch {
                inputs: &inputs, targets: &targets, order, batch_size, learning_rate: 0.7, is_mean, is_evaluated,
            };
            let none = Outcome { loss: f64::NAN, largest_square: f64::NAN };
            let mut lanes: Vec<Lanes<N_LANES>> = vec![Lanes([0.0; N_LANES]); shape.n_params()];
            let mut plain_lanes = lanes.clone();
            let mut expected = Vec::new();
            for lane in 0..N_LANES {
                let start = numbers(shape.n_params(), 3 + lane);
                let (mut params, mut plain) = (start.clone(), start.clone());
                let (mut outcomes, mut plain_outcomes) = ([none; 3], [none; 3]);
                shape.train(&mut params, &epoch, &mut outcomes);
                sized::<f64, Lanes<4>, Lanes<8>>(shape, &mut plain, &epoch, &mut plain_outcomes);
                prop_assert_eq!(&params, &plain);
                prop_assert_eq!(outcomes, plain_outcomes);
                prop_assert!(n_rows == 0 || params != start);
                for (place, &param) in start.iter().enumerate() {
                    lanes[place].0[lane] = param;
                    plain_lanes[place].0[lane] = param;
                }
                expected.push((params, outcomes[2]));
            }
            let empty = Outcome { loss: Lanes([f64::NAN; N_LANES]), largest_square: Lanes([f64::NAN; N_LANES]) };
            let (mut outcomes, mut plain_outcomes) = ([empty; 3], [empty; 3]);
            shape.train_lanes(&mut lanes, &epoch, &mut outcomes);
            shape.train_lanes_plain(&mut plain_lanes, &epoch, &mut plain_outcomes);
            prop_assert_eq!(&lanes, &plain_lanes);
            for (lane, (params, outcome)) in expected.iter().enumerate() {
                let found: Vec<f64> = lanes.iter().map(|param| param.0[lane]).collect();
                prop_assert_eq!(&found, params);
                prop_assert_eq!(outcomes[2].loss.0[lane], outcome.loss);
            }
        }
    }
}
