//! The units of a hidden layer side by side.

use crate::vector::{Lanes, Vector};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The units of a hidden layer side by side: of one network a vector of numbers, of several a row of vectors.
pub(super) trait Units<N: Vector>:
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

/// `H` units of several networks. Loops rather than the adaptors of arrays: what these call is not compiled for the
/// widest instructions.
#[derive(Clone, Copy)]
pub(super) struct Row<N, const H: usize>([N; H]);

macro_rules! row_operator {
    ($trait:ident, $method:ident, $operator:tt) => {
        impl<N: Vector, const H: usize> $trait for Row<N, H> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let mut result = self;
                for (unit, other) in result.0.iter_mut().zip(other.0) {
                    *unit = *unit $operator other;
                }
                result
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
        let mut result = self;
        for unit in &mut result.0 {
            *unit = -*unit;
        }
        result
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
        let mut units = Self::broadcast(N::splat(0.0));
        for (unit, &stored) in units.0.iter_mut().zip(stored) {
            *unit = N::load(stored);
        }
        units
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
        let mut result = self;
        for unit in &mut result.0 {
            *unit = sigmoid(*unit);
        }
        result
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

/// 1/(1 + e^(−z)).
#[inline(always)]
pub(super) fn sigmoid<V: Vector>(z: V) -> V {
    V::splat(1.0) / (V::splat(1.0) + crate::exponential::exp_of(-z))
}
