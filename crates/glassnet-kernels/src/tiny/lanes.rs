//! The units of several networks: a row of vectors, a network in each lane.

use super::units::{Outputs, Units};
use crate::exponential::sigmoid_of;
use crate::vector::{Half, Pair, Vector};
use std::ops::{Add, Mul, Sub};

/// The first `n` of at most `H` units of several networks. Loops rather than the adaptors of arrays: what these call is
/// not compiled for the widest instructions.
#[derive(Clone, Copy)]
pub(super) struct Row<N, const H: usize> {
    n: usize,
    units: [N; H],
}

macro_rules! row_operator {
    ($trait:ident, $method:ident, $operator:tt) => {
        impl<N: Vector, const H: usize> $trait for Row<N, H> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let mut result = self;
                for j in 0..self.n {
                    result.units[j] = self.units[j] $operator other.units[j];
                }
                result
            }
        }
    };
}

row_operator!(Add, add, +);
row_operator!(Sub, sub, -);
row_operator!(Mul, mul, *);

impl<N: Outputs<Stored: Half>, const H: usize> Units<N> for Row<N, H> {
    #[inline(always)]
    fn broadcast(n: usize, number: N) -> Self {
        Self { n, units: [number; H] }
    }
    #[inline(always)]
    fn load_first(stored: &[N::Stored], other: N::Stored) -> Self {
        let mut row = Self::broadcast(stored.len(), N::load(other));
        for (unit, &stored) in row.units.iter_mut().zip(stored) {
            *unit = N::load(stored);
        }
        row
    }
    #[inline(always)]
    fn store_first(self, stored: &mut [N::Stored]) {
        for (stored, unit) in stored.iter_mut().zip(self.units) {
            *stored = unit.store();
        }
    }
    #[inline(always)]
    fn sum(self) -> N {
        let mut sum = self.units[0];
        for j in 1..self.n {
            sum = sum + self.units[j];
        }
        sum
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let mut result = self;
        let mut j = 0;
        while j + 1 < self.n {
            let Pair(first, second) = sigmoid_of(Pair(self.units[j], self.units[j + 1]));
            (result.units[j], result.units[j + 1]) = (first, second);
            j += 2;
        }
        if j < self.n {
            result.units[j] = sigmoid_of(self.units[j]);
        }
        result
    }
}
