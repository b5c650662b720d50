//! One row through small dense layers, for predictions one at a time.

use crate::exponential::sigmoid_of;
use crate::instructions::Instructions;
#[cfg(target_arch = "x86_64")]
use crate::vector::{Avx2x1, Avx2x4, Avx2x8, Avx512x1, Avx512x4, Avx512x8};
use crate::vector::{Lanes, Vector};
use std::ops::Range;

/// The most units of a layer that a row goes through here.
pub const MOST_ROW_UNITS: usize = 32;

/// What the units of a layer apply to their sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFunction {
    /// a = z.
    Identity,
    /// a = 1/(1 + e^(−z)).
    Sigmoid,
}

/// A layer's sizes; its parameters are W (`n_inputs`, `n_outputs`), then b.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowLayer {
    /// Numbers that go in.
    pub n_inputs: usize,
    /// Units, at most [`MOST_ROW_UNITS`].
    pub n_outputs: usize,
    /// Whether there is b.
    pub has_bias: bool,
    /// f.
    pub function: RowFunction,
}

/// a = f(x·W + b) of each layer, each sum in the order of the inputs, and the last a into `outputs`.
///
/// # Panics
/// When a slice has not the length that the layers say, or a layer has too many units.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "the widest instructions, once they are known to be there")
)]
pub fn forward_row(layers: &[RowLayer], params: &[f64], x: &[f64], outputs: &mut [f64]) {
    match Instructions::here() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has these instructions: `here` has just asked it.
        Instructions::Avx512 => unsafe { avx512(layers, params, x, outputs) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Instructions::Avx2 => unsafe { avx2(layers, params, x, outputs) },
        _ => forward_row_plain(layers, params, x, outputs),
    }
}

#[inline(never)]
pub(super) fn forward_row_plain(layers: &[RowLayer], params: &[f64], x: &[f64], outputs: &mut [f64]) {
    forward::<f64, Lanes<4>, Lanes<8>>(layers, params, x, outputs);
}

/// By AVX2, where the machine has it; else plain.
#[cfg(test)]
#[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "AVX2, once it is known to be there"))]
pub(super) fn forward_row_by_avx2(layers: &[RowLayer], params: &[f64], x: &[f64], outputs: &mut [f64]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been asked.
        return unsafe { avx2(layers, params, x, outputs) };
    }
    forward_row_plain(layers, params, x, outputs);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn avx512(layers: &[RowLayer], params: &[f64], x: &[f64], outputs: &mut [f64]) {
    forward::<Avx512x1, Avx512x4, Avx512x8>(layers, params, x, outputs);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(layers: &[RowLayer], params: &[f64], x: &[f64], outputs: &mut [f64]) {
    forward::<Avx2x1, Avx2x4, Avx2x8>(layers, params, x, outputs);
}

/// Several numbers of memory at once.
pub(super) trait Block: Vector {
    /// At most as many as the vector has, and zeros behind them.
    fn read(numbers: &[f64]) -> Self;
    /// The first ones, as many as there is room for.
    fn write(self, numbers: &mut [f64]);
}

/// Room for the outputs of a layer, and for those that a whole vector writes behind them.
type Units = [f64; MOST_ROW_UNITS];

#[inline(always)]
fn forward<N: Vector<Stored = f64>, B4: Block, B8: Block>(
    layers: &[RowLayer],
    mut params: &[f64],
    x: &[f64],
    outputs: &mut [f64],
) {
    // One layer reads the one, the next the other.
    let mut both: [Units; 2] = [[0.0; MOST_ROW_UNITS]; 2];
    let [mut a, mut other] = both.each_mut();
    let mut n_units = x.len();
    for (i, layer) in layers.iter().enumerate() {
        assert_eq!(layer.n_inputs, n_units, "inputs of {layer:?}");
        let (own, behind) = params.split_at((layer.n_inputs + usize::from(layer.has_bias)) * layer.n_outputs);
        params = behind;
        if i == 0 {
            through::<N, B4, B8>(layer, own, x, a);
        } else {
            through::<N, B4, B8>(layer, own, &a[..n_units], other);
            std::mem::swap(&mut a, &mut other);
        }
        n_units = layer.n_outputs;
    }
    outputs.copy_from_slice(&a[..n_units]);
}

#[inline(always)]
fn through<N: Vector<Stored = f64>, B4: Block, B8: Block>(
    layer: &RowLayer,
    params: &[f64],
    x: &[f64],
    a: &mut Units,
) {
    let n_outputs = layer.n_outputs;
    if n_outputs == 1 {
        let (weights, bias) = params.split_at(x.len());
        let mut z = N::splat(0.0);
        for (&x, &weight) in x.iter().zip(weights) {
            z = z + N::splat(x) * N::splat(weight);
        }
        if let [bias] = bias {
            z = z + N::splat(*bias);
        }
        a[0] = function(layer.function, z).store();
    } else if n_outputs <= 4 {
        block::<B4>(layer, params, x, 0..n_outputs, &mut a[..4]);
    } else {
        for (i, a) in a.chunks_exact_mut(8).enumerate() {
            let start = 8 * i;
            if start < n_outputs {
                block::<B8>(layer, params, x, start..n_outputs.min(start + 8), a);
            }
        }
    }
}

/// The units of a vector.
#[inline(always)]
fn block<B: Block>(layer: &RowLayer, params: &[f64], x: &[f64], units: Range<usize>, a: &mut [f64]) {
    let mut rows = params.chunks_exact(layer.n_outputs);
    let mut z = B::splat(0.0);
    for (&x, weights) in x.iter().zip(&mut rows) {
        z = z + B::splat(x) * B::read(&weights[units.clone()]);
    }
    if let Some(bias) = rows.next() {
        z = z + B::read(&bias[units]);
    }
    function(layer.function, z).write(a);
}

#[inline(always)]
fn function<V: Vector>(function: RowFunction, z: V) -> V {
    match function {
        RowFunction::Identity => z,
        RowFunction::Sigmoid => sigmoid_of(z),
    }
}

impl<const L: usize> Block for Lanes<L> {
    #[inline(always)]
    fn read(numbers: &[f64]) -> Self {
        let mut lanes = [0.0; L];
        for (lane, &number) in lanes.iter_mut().zip(numbers) {
            *lane = number;
        }
        Self(lanes)
    }
    #[inline(always)]
    fn write(self, numbers: &mut [f64]) {
        for (number, lane) in numbers.iter_mut().zip(self.0) {
            *number = lane;
        }
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! block {
    ($type:ident) => {
        impl Block for $type {
            #[inline(always)]
            fn read(numbers: &[f64]) -> Self {
                Self::load_first(numbers)
            }
            #[inline(always)]
            fn write(self, numbers: &mut [f64]) {
                self.store_first(numbers);
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
block!(Avx2x4);
#[cfg(target_arch = "x86_64")]
block!(Avx2x8);
#[cfg(target_arch = "x86_64")]
block!(Avx512x4);
#[cfg(target_arch = "x86_64")]
block!(Avx512x8);
