//! The units of a hidden layer side by side.

use crate::exponential::sigmoid_of;
#[cfg(target_arch = "x86_64")]
use crate::vector::{Avx2x1, Avx2x4, Avx2x8, Avx512x1, Avx512x4, Avx512x8, Avx512x32};
use crate::vector::{Lanes, Vector};
use std::ops::{Add, Mul, Sub};

/// The units of a hidden layer side by side: of one network a vector of numbers, of several a row of vectors.
pub(super) trait Units<N: Outputs>:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self>
{
    /// The same number in each of n units.
    fn broadcast(n: usize, number: N) -> Self;
    /// The first units' numbers from memory, `other` in the others.
    fn load_first(stored: &[N::Stored], other: N::Stored) -> Self;
    /// The first units' numbers to memory.
    fn store_first(self, stored: &mut [N::Stored]);
    /// u₀ + u₁ + …, in this order.
    fn sum(self) -> N;
    fn sigmoid(self) -> Self;
}

/// Vectors whose numbers are the units of one network.
macro_rules! units_of_one {
    ($one:ty, $type:ty, $lanes:literal) => {
        impl Units<$one> for $type {
            #[inline(always)]
            fn broadcast(_: usize, number: $one) -> Self {
                Self::splat(number.store())
            }
            #[inline(always)]
            fn load_first(stored: &[f64], other: f64) -> Self {
                let mut lanes = Lanes([other; $lanes]);
                for (lane, &stored) in lanes.0.iter_mut().zip(stored) {
                    *lane = stored;
                }
                Self::load(lanes)
            }
            #[inline(always)]
            fn store_first(self, stored: &mut [f64]) {
                for (stored, unit) in stored.iter_mut().zip(self.store().0) {
                    *stored = unit;
                }
            }
            #[inline(always)]
            fn sum(self) -> $one {
                let units = self.store().0;
                let mut sum = units[0];
                for &unit in &units[1..] {
                    sum += unit;
                }
                <$one>::splat(sum)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                sigmoid_of(self)
            }
        }
    };
}

units_of_one!(f64, Lanes<4>, 4);
units_of_one!(f64, Lanes<8>, 8);
#[cfg(target_arch = "x86_64")]
units_of_one!(Avx2x1, Avx2x4, 4);
#[cfg(target_arch = "x86_64")]
units_of_one!(Avx2x1, Avx2x8, 8);
#[cfg(target_arch = "x86_64")]
units_of_one!(Avx512x1, Avx512x4, 4);
#[cfg(target_arch = "x86_64")]
units_of_one!(Avx512x1, Avx512x8, 8);

/// The outputs of several rows.
pub(super) trait Outputs: Vector {
    /// The sigmoids of all of them.
    #[inline(always)]
    fn sigmoids<const G: usize>(mut z: [Self; G]) -> [Self; G] {
        for z in &mut z {
            *z = sigmoid_of(*z);
        }
        z
    }
}

impl Outputs for f64 {}
#[cfg(target_arch = "x86_64")]
impl Outputs for Avx2x8 {}
#[cfg(target_arch = "x86_64")]
impl Outputs for Avx512x8 {}
#[cfg(target_arch = "x86_64")]
impl Outputs for Avx512x32 {}

/// Where an output is one number, those of four rows fill a register.
#[cfg(target_arch = "x86_64")]
macro_rules! side_by_side {
    ($one:ident, $four:ident) => {
        impl Outputs for $one {
            #[inline(always)]
            fn sigmoids<const G: usize>(mut z: [Self; G]) -> [Self; G] {
                if G != 4 {
                    for z in &mut z {
                        *z = sigmoid_of(*z);
                    }
                    return z;
                }
                let four = $four::load(Lanes([z[0].0, z[1].0, z[2].0, z[3].0]));
                let Lanes(four) = sigmoid_of(four).store();
                for (z, four) in z.iter_mut().zip(four) {
                    *z = $one(four);
                }
                z
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
side_by_side!(Avx2x1, Avx2x4);
#[cfg(target_arch = "x86_64")]
side_by_side!(Avx512x1, Avx512x4);
