//! Several numbers side by side, one a network, so that vector instructions train many tiny networks at once.

use crate::real::Number;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// `L` numbers, on each of which every operation acts alone: lane i has the bits that it would have by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lanes<const L: usize>(pub [f64; L]);

impl<const L: usize> Lanes<L> {
    #[inline(always)]
    fn each(self, f: impl Fn(f64) -> f64) -> Self {
        Self(self.0.map(f))
    }

    #[inline(always)]
    fn both(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut result = self;
        for (lane, other) in result.0.iter_mut().zip(other.0) {
            *lane = f(*lane, other);
        }
        result
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $operator:tt) => {
        impl<const L: usize> $trait for Lanes<L> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.both(other, |a, b| a $operator b)
            }
        }
    };
}

operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

impl<const L: usize> Neg for Lanes<L> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.each(|lane| -lane)
    }
}

impl<const L: usize> Number for Lanes<L> {
    const ZERO: Self = Self([0.0; L]);
    const ONE: Self = Self([1.0; L]);
    const HALF: Self = Self([0.5; L]);
    #[inline(always)]
    fn exp(self) -> Self {
        self.each(crate::exponential::exp)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.both(other, f64::max)
    }
}
