//! Several `f64` side by side, each with the bits that it would have alone: one a unit of a layer, or one a network.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `L` numbers in memory.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lanes<const L: usize>(pub [f64; L]);

/// Added and taken away again, it rounds a number below 2^51 to the nearest whole number (ties to even).
pub(crate) const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52

/// What a tiny network computes with: one `f64`, or several side by side. Every operation acts on each number alone, by
/// plain IEEE arithmetic without fused operations.
pub(crate) trait Vector:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The numbers in memory.
    type Stored: Copy;
    fn load(stored: Self::Stored) -> Self;
    fn store(self) -> Self::Stored;
    /// The same number everywhere.
    fn splat(number: f64) -> Self;
    /// Not below `low` and not above `high`; NaN stays NaN.
    fn clamped(self, low: f64, high: f64) -> Self;
    /// Whether every number is smaller than `limit`, its sign aside.
    fn is_within(self, limit: f64) -> bool;
    /// The same of two vectors' numbers. Of two in the same place of which one is NaN, the other may decide alone.
    #[inline(always)]
    fn are_within(self, other: Self, limit: f64) -> bool {
        self.is_within(limit) & other.is_within(limit)
    }
    /// The larger of the two.
    fn larger(self, other: Self) -> Self;
    /// −x, by its sign alone.
    fn negated(self) -> Self;
    /// 2^k from a sum whose last bits are the whole number k, −1022 ≤ k ≤ 1023.
    fn last_bits_as_exponent(self) -> Self;

    /// The nearest whole number (ties to even) of one below 2^51; the sign of 0 is unspecified.
    #[inline(always)]
    fn rounded(self) -> Self {
        (self + Self::splat(ROUND)) - Self::splat(ROUND)
    }

    /// 2^k of a whole number k, −2044 ≤ k ≤ 2046, in two factors, because 2^k alone leaves the range of normal numbers
    /// for results near its ends. Adding [`ROUND`] leaves a whole number in the last bits of the sum; shifted up, they
    /// are an exponent.
    #[inline(always)]
    fn power_of_2(self) -> (Self, Self) {
        let half = self * Self::splat(0.5) + Self::splat(ROUND);
        let rest = (self - (half - Self::splat(ROUND))) + Self::splat(ROUND);
        (half.last_bits_as_exponent(), rest.last_bits_as_exponent())
    }

    /// The number times 2^k, rounded once.
    #[inline(always)]
    fn times_power_of_2(self, k: Self) -> Self {
        let (first, second) = k.power_of_2();
        self * first * second
    }
}

impl Vector for f64 {
    type Stored = f64;
    #[inline(always)]
    fn load(stored: f64) -> Self {
        stored
    }
    #[inline(always)]
    fn store(self) -> f64 {
        self
    }
    #[inline(always)]
    fn splat(number: f64) -> Self {
        number
    }
    #[inline(always)]
    fn clamped(self, low: f64, high: f64) -> Self {
        self.clamp(low, high)
    }
    #[inline(always)]
    fn is_within(self, limit: f64) -> bool {
        self.abs() < limit
    }
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        self.max(other)
    }
    #[inline(always)]
    fn negated(self) -> Self {
        -self
    }
    #[inline(always)]
    fn last_bits_as_exponent(self) -> Self {
        f64::from_bits(self.to_bits().wrapping_add(1023) << 52)
    }
}

/// Implements the operators by a function of both sides.
macro_rules! operators {
    ([$($generics:tt)*] $type:ty, $add:expr, $sub:expr, $mul:expr, $div:expr) => {
        operators!(@one [$($generics)*] $type, Add, add, $add);
        operators!(@one [$($generics)*] $type, Sub, sub, $sub);
        operators!(@one [$($generics)*] $type, Mul, mul, $mul);
        operators!(@one [$($generics)*] $type, Div, div, $div);
        impl<$($generics)*> Neg for $type {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                self.negated()
            }
        }
    };
    (@one [$($generics:tt)*] $type:ty, $trait:ident, $method:ident, $function:expr) => {
        impl<$($generics)*> $trait for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                $function(self, other)
            }
        }
    };
}

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

operators!(
    [const L: usize] Lanes<L>,
    |a: Self, b| a.both(b, |a, b| a + b),
    |a: Self, b| a.both(b, |a, b| a - b),
    |a: Self, b| a.both(b, |a, b| a * b),
    |a: Self, b| a.both(b, |a, b| a / b)
);

impl<const L: usize> Vector for Lanes<L> {
    type Stored = Self;
    #[inline(always)]
    fn load(stored: Self) -> Self {
        stored
    }
    #[inline(always)]
    fn store(self) -> Self {
        self
    }
    #[inline(always)]
    fn splat(number: f64) -> Self {
        Self([number; L])
    }
    #[inline(always)]
    fn clamped(self, low: f64, high: f64) -> Self {
        self.each(|lane| lane.clamp(low, high))
    }
    #[inline(always)]
    fn is_within(self, limit: f64) -> bool {
        self.0.iter().all(|lane| lane.abs() < limit)
    }
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        self.both(other, f64::max)
    }
    #[inline(always)]
    fn negated(self) -> Self {
        self.each(|lane| -lane)
    }
    #[inline(always)]
    fn last_bits_as_exponent(self) -> Self {
        self.each(f64::last_bits_as_exponent)
    }
}

#[cfg(target_arch = "x86_64")]
mod pair; // two vectors
#[cfg(target_arch = "x86_64")]
mod x86; // vectors in registers
#[cfg(target_arch = "x86_64")]
pub(crate) use pair::{Half, Pair};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2x1, Avx2x4, Avx2x8, Avx512x1, Avx512x4, Avx512x8, Avx512x32};
