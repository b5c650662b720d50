//! One row through one layer, for predictions one at a time.

use crate::exponential::sigmoid_of;
use crate::instructions::Instructions;
#[cfg(target_arch = "x86_64")]
use crate::vector::{Avx2x1, Avx2x4, Avx2x8, Avx512x1, Avx512x4, Avx512x8};
use crate::vector::{Lanes, Vector};

/// What the units of a layer apply to their sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFunction {
    /// a = z.
    Identity,
    /// a = 1/(1 + e^(−z)).
    Sigmoid,
}

/// A layer's numbers, and where those of a row go.
#[derive(Debug)]
pub struct Row<'a> {
    /// (`n_inputs`)
    pub inputs: &'a [f64],
    /// (`n_inputs`, `n_outputs`)
    pub weights: &'a [f64],
    /// (`n_outputs`), or empty for none.
    pub bias: &'a [f64],
    /// f.
    pub function: RowFunction,
    /// (`n_outputs`)
    pub z: &'a mut [f64],
    /// (`n_outputs`)
    pub a: &'a mut [f64],
}

/// Several numbers of memory at once.
pub(super) trait Block: Vector {
    /// At most as many as the vector has, and zeros behind them.
    fn read(numbers: &[f64]) -> Self;
    /// The first ones, as many as there is room for.
    fn write(self, numbers: &mut [f64]);
}

impl Row<'_> {
    /// z = x·W + b, summed in the order of the inputs, and a = f(z).
    ///
    /// # Panics
    /// When a slice has not the length that the others say.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "the widest instructions, once they are known to be there")
    )]
    pub fn forward(&mut self) {
        let n_outputs = self.z.len();
        assert_eq!(self.weights.len(), self.inputs.len() * n_outputs, "weights of {n_outputs} units");
        assert_eq!(self.a.len(), n_outputs, "outputs of {n_outputs} units");
        assert!(self.bias.is_empty() || self.bias.len() == n_outputs, "biases of {n_outputs} units");
        match Instructions::here() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has these instructions: `here` has just asked it.
            Instructions::Avx512 => unsafe { avx512(self) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { avx2(self) },
            _ => self.forward_plain(),
        }
    }

    #[inline(never)]
    pub(super) fn forward_plain(&mut self) {
        forward::<f64, Lanes<4>, Lanes<8>>(self);
    }
}

#[cfg(test)]
impl Row<'_> {
    /// By AVX2, where the machine has it; else plain.
    #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "AVX2, once it is known to be there"))]
    pub(super) fn forward_by_avx2(&mut self) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just been asked.
            return unsafe { avx2(self) };
        }
        self.forward_plain();
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn avx512(row: &mut Row<'_>) {
    forward::<Avx512x1, Avx512x4, Avx512x8>(row);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(row: &mut Row<'_>) {
    forward::<Avx2x1, Avx2x4, Avx2x8>(row);
}

#[inline(always)]
fn forward<N: Vector<Stored = f64>, B4: Block, B8: Block>(row: &mut Row<'_>) {
    let n_outputs = row.z.len();
    if n_outputs == 1 {
        let mut z = N::splat(0.0);
        for (&x, &weight) in row.inputs.iter().zip(row.weights) {
            z = z + N::splat(x) * N::splat(weight);
        }
        if let [bias] = row.bias {
            z = z + N::splat(*bias);
        }
        row.z[0] = z.store();
        row.a[0] = function(row.function, z).store();
        return;
    }
    if n_outputs <= 4 {
        return whole::<B4>(row);
    }
    if n_outputs <= 8 {
        return whole::<B8>(row);
    }
    let mut start = 0;
    while start < n_outputs {
        let end = n_outputs.min(start + 8);
        let mut z = B8::splat(0.0);
        for (i, &x) in row.inputs.iter().enumerate() {
            z = z + B8::splat(x) * B8::read(&row.weights[i * n_outputs + start..i * n_outputs + end]);
        }
        finish(row, start, end, z);
        start = end;
    }
}

/// A layer that fits into a block.
#[inline(always)]
fn whole<B: Block>(row: &mut Row<'_>) {
    let n_outputs = row.z.len();
    let (mut z, mut rest) = (B::splat(0.0), row.weights);
    for &x in row.inputs {
        let (weights, behind) = rest.split_at(n_outputs);
        z = z + B::splat(x) * B::read(weights);
        rest = behind;
    }
    finish(row, 0, n_outputs, z);
}

/// Biases and functions of the units from `start` to before `end`.
#[inline(always)]
fn finish<B: Block>(row: &mut Row<'_>, start: usize, end: usize, mut z: B) {
    if !row.bias.is_empty() {
        z = z + B::read(&row.bias[start..end]);
    }
    z.write(&mut row.z[start..end]);
    function(row.function, z).write(&mut row.a[start..end]);
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
