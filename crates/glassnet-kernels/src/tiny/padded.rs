//! A single neuron, and a hidden layer with an output: weights padded to the sizes that loops are compiled for.

#![expect(
    clippy::needless_range_loop,
    reason = "an adaptor that skips the first makes these loops 7 to 30 % slower"
)]

use super::units::{Units, sigmoid};
use super::{MOST_HIDDEN, Shape};
use crate::vector::Vector;

/// A network, or the gradient by its parameters, padded.
pub(super) trait Padded<N: Vector, const I: usize>: Copy {
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

/// A single neuron; `has_bias` is 1 or 0.
#[derive(Clone, Copy)]
pub(super) struct Neuron<N, const I: usize> {
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
        for i in 1..I {
            z = z + x[i] * self.weights[i];
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
        let mut sum = self.bias * self.bias;
        for &d in &self.weights {
            sum = sum + d * d;
        }
        sum
    }
}

/// A hidden layer and an output.
#[derive(Clone, Copy)]
pub(super) struct Hidden<N, U, const I: usize> {
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
        for i in 1..I {
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
        let mut units = self.biases * self.biases + self.output_weights * self.output_weights;
        for &d in &self.weights {
            units = units + d * d;
        }
        units.sum() + self.output_bias * self.output_bias
    }
}
