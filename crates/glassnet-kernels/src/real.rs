//! The two number types of a network: `f32` for tables, `f64` for lessons and checks.

use crate::{cosine, exponential};
use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

mod sealed {
    /// Closes [`super::Real`] to the types of this crate.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`. The functions below give the same bits on every platform: they use plain multiplications,
/// additions and divisions, never the platform's mathematics library.
pub trait Real:
    sealed::Sealed
    + Copy
    + Debug
    + Display
    + Default
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The name of the type in files and messages: `f32` or `f64`.
    const NAME: &'static str;

    /// The numbers themselves where this type is `f64`, which tiny networks have kernels for.
    fn as_f64(values: &[Self]) -> Option<&[f64]>;
    /// The same, to write.
    fn as_f64_mut(values: &mut [Self]) -> Option<&mut [f64]>;
    /// The numbers themselves where this type is `f32`, whose products may have 16-bit factors.
    fn as_f32(values: &[Self]) -> Option<&[f32]>;
    /// The same, to write.
    fn as_f32_mut(values: &mut [Self]) -> Option<&mut [f32]>;
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
    /// The same number as `f64`, exactly.
    fn to_f64(self) -> f64;
    /// √x, correctly rounded.
    fn sqrt(self) -> Self;
    /// |x|.
    fn abs(self) -> Self;
    /// The larger of the two; the other one where one is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller of the two; the other one where one is NaN.
    fn min(self, other: Self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// eˣ; see [`exponential::exp`] and [`exponential::exp_single`].
    fn exp(self) -> Self;
    /// eˣ for x ≤ 0, for functions that round several times more; see [`exponential::exp_of_negative_single`]. Of `f64` the
    /// same as [`Real::exp`].
    fn exp_of_negative(self) -> Self;
    /// The natural logarithm; see [`exponential::ln`].
    fn ln(self) -> Self;
    /// ln(1 + x), precise near 0.
    fn ln_1p(self) -> Self;
    /// eˣ − 1 for x ≤ 0, precise near 0; 0 for every x above.
    fn exp_m1_of_negative(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// cos 2πu; see [`cosine::cosine_of_turns`].
    fn cosine_of_turns(u: f64) -> Self;
    /// The complementary error function, 2/√π ∫ₓ^∞ e^(−t²) dt.
    fn erfc(self) -> Self;
}

macro_rules! real {
    ($type:ident, $name:literal, $from:expr, $to:expr, $as_f64:expr, $as_f64_mut:expr, $as_f32:expr, $as_f32_mut:expr, $exp:path, $exp_of_negative:path, $exp_m1_of_negative:path, $tanh:path, $cosine:path) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const NAME: &'static str = $name;
            #[inline(always)]
            fn exp(self) -> Self {
                $exp(self)
            }
            #[inline(always)]
            fn exp_of_negative(self) -> Self {
                $exp_of_negative(self)
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                $type::max(self, other)
            }
            fn as_f64(values: &[Self]) -> Option<&[f64]> {
                $as_f64(values)
            }
            fn as_f64_mut(values: &mut [Self]) -> Option<&mut [f64]> {
                $as_f64_mut(values)
            }
            fn as_f32(values: &[Self]) -> Option<&[f32]> {
                $as_f32(values)
            }
            fn as_f32_mut(values: &mut [Self]) -> Option<&mut [f32]> {
                $as_f32_mut(values)
            }
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                $from(value)
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                $to(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $type::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $type::abs(self)
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                $type::min(self, other)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $type::is_finite(self)
            }
            fn ln(self) -> Self {
                $from(exponential::ln($to(self)))
            }
            fn ln_1p(self) -> Self {
                $from(libm::log1p($to(self)))
            }
            #[inline(always)]
            fn exp_m1_of_negative(self) -> Self {
                $exp_m1_of_negative(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            #[inline(always)]
            fn cosine_of_turns(u: f64) -> Self {
                $cosine(u)
            }
            fn erfc(self) -> Self {
                $from(libm::erfc($to(self)))
            }
        }
    };
}

real!(
    f32,
    "f32",
    |value: f64| value as f32,
    f64::from,
    |_| None,
    |_| None,
    Some,
    Some,
    exponential::exp_single,
    exponential::exp_of_negative_single,
    exponential::exp_m1_of_negative_single,
    exponential::tanh_single,
    cosine::cosine_of_turns_single
);
real!(
    f64,
    "f64",
    std::convert::identity,
    std::convert::identity,
    Some,
    Some,
    |_| None,
    |_| None,
    exponential::exp,
    exponential::exp,
    exponential::exp_m1_of_negative,
    exponential::tanh,
    cosine::cosine_of_turns
);
