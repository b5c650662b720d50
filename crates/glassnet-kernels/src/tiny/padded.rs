//! A single neuron, and a hidden layer with an output: weights padded to the sizes that loops are compiled for.

#![expect(
    clippy::needless_range_loop,
    reason = "an adaptor that skips the first makes these loops 7 to 30 % slower"
)]

use super::units::{Outputs, Units};
use super::{MOST_HIDDEN, Shape};

/// What a padded hidden unit's sum is; its output is 0 then, so that no gradient ever reaches its weights.
const NEVER: f64 = -1e9;

/// A network, or the gradient by its parameters, padded.
pub(super) trait Padded<N: Outputs, const I: usize>: Copy {
    /// What the forward pass leaves of a row.
    type Units: Copy;
    fn zero(shape: Shape) -> Self;
    fn zero_units(shape: Shape) -> Self::Units;
    fn read(shape: Shape, params: &[N::Stored]) -> Self;
    fn write(&self, shape: Shape, params: &mut [N::Stored]);
    /// Of each row the units' outputs, and that of the network.
    fn forward<const G: usize>(&self, x: &[[N; I]; G]) -> ([Self::Units; G], [N; G]);
    /// The gradient of a row; `d` is the gradient by the sum that goes into the output.
    fn gradient(&self, x: &[N; I], units: Self::Units, d: N) -> Self;
    fn add(&mut self, other: &Self);
    fn step(&mut self, gradient: &Self, learning_rate: N);
    /// Σ of all numbers' squares.
    fn square(&self) -> N;
}

/// 1 or 0.
#[inline(always)]
fn flag<N: Outputs>(is_set: bool) -> N {
    N::splat(if is_set { 1.0 } else { 0.0 })
}

/// A single neuron. B: whether it has a bias.
#[derive(Clone, Copy)]
pub(super) struct Neuron<N, const I: usize, const B: bool> {
    n_inputs: usize,
    weights: [N; I],
    bias: N,
}

impl<N: Outputs, const I: usize, const B: bool> Padded<N, I> for Neuron<N, I, B> {
    type Units = ();

    #[inline(always)]
    fn zero_units(_: Shape) {}

    #[inline(always)]
    fn zero(shape: Shape) -> Self {
        let zero = N::splat(0.0);
        Self { n_inputs: shape.n_inputs, weights: [zero; I], bias: zero }
    }

    #[inline(always)]
    fn read(shape: Shape, params: &[N::Stored]) -> Self {
        let mut neuron = Self::zero(shape);
        for (i, weight) in neuron.weights.iter_mut().enumerate() {
            if i < shape.n_inputs {
                *weight = N::load(params[i]);
            }
        }
        if B {
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
        if B {
            params[shape.n_inputs] = self.bias.store();
        }
    }

    #[inline(always)]
    fn forward<const G: usize>(&self, x: &[[N; I]; G]) -> ([(); G], [N; G]) {
        let mut sums = [self.bias; G];
        for (sum, x) in sums.iter_mut().zip(x) {
            let mut z = x[0] * self.weights[0];
            for i in 1..self.n_inputs {
                z = z + x[i] * self.weights[i];
            }
            *sum = if B { z + self.bias } else { z };
        }
        ([(); G], N::sigmoids(sums))
    }

    #[inline(always)]
    fn gradient(&self, x: &[N; I], (): (), d: N) -> Self {
        let mut gradient = *self;
        for i in 0..self.n_inputs {
            gradient.weights[i] = x[i] * d;
        }
        gradient.bias = d;
        gradient
    }

    #[inline(always)]
    fn add(&mut self, other: &Self) {
        for i in 0..self.n_inputs {
            self.weights[i] = self.weights[i] + other.weights[i];
        }
        if B {
            self.bias = self.bias + other.bias;
        }
    }

    #[inline(always)]
    fn step(&mut self, gradient: &Self, learning_rate: N) {
        for i in 0..self.n_inputs {
            self.weights[i] = self.weights[i] - learning_rate * gradient.weights[i];
        }
        if B {
            self.bias = self.bias - learning_rate * gradient.bias;
        }
    }

    #[inline(always)]
    fn square(&self) -> N {
        let mut sum = self.weights[0] * self.weights[0];
        for i in 1..self.n_inputs {
            sum = sum + self.weights[i] * self.weights[i];
        }
        if B { sum + self.bias * self.bias } else { sum }
    }
}

/// A hidden layer and an output. B: whether there may be biases; there must be where units are padded.
#[derive(Clone, Copy)]
pub(super) struct Hidden<N, U, const I: usize, const B: bool> {
    n_inputs: usize,
    n_units: usize,
    weights: [U; I],
    biases: U,
    output_weights: U,
    output_bias: N,
    has_hidden_bias: N,
    has_output_bias: N,
}

impl<N: Outputs, U: Units<N>, const I: usize, const B: bool> Padded<N, I> for Hidden<N, U, I, B> {
    type Units = U;

    #[inline(always)]
    fn zero_units(shape: Shape) -> U {
        U::broadcast(shape.n_hidden.unwrap_or(0), N::splat(0.0))
    }

    #[inline(always)]
    fn zero(shape: Shape) -> Self {
        let n_units = shape.n_hidden.unwrap_or(0);
        let zero = U::broadcast(n_units, N::splat(0.0));
        Self {
            n_inputs: shape.n_inputs,
            n_units,
            weights: [zero; I],
            biases: zero,
            output_weights: zero,
            output_bias: N::splat(0.0),
            has_hidden_bias: flag(shape.hidden_bias),
            has_output_bias: flag(shape.output_bias),
        }
    }

    #[inline(always)]
    fn read(shape: Shape, params: &[N::Stored]) -> Self {
        let mut network = Self::zero(shape);
        let n_hidden = shape.n_hidden.unwrap_or(0);
        let (weights, mut rest) = params.split_at(shape.n_inputs * n_hidden);
        let zero = N::splat(0.0).store();
        for i in 0..shape.n_inputs {
            network.weights[i] = U::load_first(&weights[i * n_hidden..(i + 1) * n_hidden], zero);
        }
        let none = [zero; MOST_HIDDEN];
        let mut biases = &none[..n_hidden];
        if shape.hidden_bias {
            (biases, rest) = rest.split_at(n_hidden);
        }
        network.biases = U::load_first(biases, N::splat(NEVER).store());
        network.output_weights = U::load_first(&rest[..n_hidden], zero);
        if shape.output_bias {
            network.output_bias = N::load(rest[n_hidden]);
        }
        network
    }

    #[inline(always)]
    fn write(&self, shape: Shape, params: &mut [N::Stored]) {
        let n_hidden = shape.n_hidden.unwrap_or(0);
        let (weights, mut rest) = params.split_at_mut(shape.n_inputs * n_hidden);
        for i in 0..self.n_inputs {
            self.weights[i].store_first(&mut weights[i * n_hidden..(i + 1) * n_hidden]);
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
    fn forward<const G: usize>(&self, x: &[[N; I]; G]) -> ([U; G], [N; G]) {
        let mut units = [self.biases; G];
        let mut sums = [self.output_bias; G];
        for g in 0..G {
            let mut z = U::broadcast(self.n_units, x[g][0]) * self.weights[0];
            for i in 1..self.n_inputs {
                z = z + U::broadcast(self.n_units, x[g][i]) * self.weights[i];
            }
            units[g] = if B { (z + self.biases).sigmoid() } else { z.sigmoid() };
            let sum = (units[g] * self.output_weights).sum();
            sums[g] = if B { sum + self.output_bias } else { sum };
        }
        (units, N::sigmoids(sums))
    }

    #[inline(always)]
    fn gradient(&self, x: &[N; I], units: U, d: N) -> Self {
        let d_output = U::broadcast(self.n_units, d);
        let d_units =
            d_output * self.output_weights * (units * (U::broadcast(self.n_units, N::splat(1.0)) - units));
        let mut gradient = *self;
        gradient.output_weights = units * d_output;
        for i in 0..self.n_inputs {
            gradient.weights[i] = U::broadcast(self.n_units, x[i]) * d_units;
        }
        if B {
            gradient.output_bias = d * self.has_output_bias;
            gradient.biases = d_units * U::broadcast(self.n_units, self.has_hidden_bias);
        }
        gradient
    }

    #[inline(always)]
    fn add(&mut self, other: &Self) {
        for i in 0..self.n_inputs {
            self.weights[i] = self.weights[i] + other.weights[i];
        }
        self.output_weights = self.output_weights + other.output_weights;
        if B {
            self.biases = self.biases + other.biases;
            self.output_bias = self.output_bias + other.output_bias;
        }
    }

    #[inline(always)]
    fn step(&mut self, gradient: &Self, learning_rate: N) {
        let rate = U::broadcast(self.n_units, learning_rate);
        for i in 0..self.n_inputs {
            self.weights[i] = self.weights[i] - rate * gradient.weights[i];
        }
        self.output_weights = self.output_weights - rate * gradient.output_weights;
        if B {
            self.biases = self.biases - rate * gradient.biases;
            self.output_bias = self.output_bias - learning_rate * gradient.output_bias;
        }
    }

    #[inline(always)]
    fn square(&self) -> N {
        // Unit by unit, so that the sums lie side by side.
        let mut units = self.output_weights * self.output_weights;
        if B {
            units = units + self.biases * self.biases;
        }
        for i in 0..self.n_inputs {
            units = units + self.weights[i] * self.weights[i];
        }
        if B { units.sum() + self.output_bias * self.output_bias } else { units.sum() }
    }
}
