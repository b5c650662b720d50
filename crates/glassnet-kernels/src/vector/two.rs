//! Vectors of two halves, whose steps alternate, so that neither waits for its own.

use super::{Add, Avx2x4, Avx512x8, Div, Lanes, Mul, Neg, Sub, Vector};

macro_rules! two_halves {
    ($(#[$meta:meta])* $type:ident, $half:ident, $lanes:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub(crate) struct $type($half, $half);

        operators!(
            [] $type,
            |a: Self, b: Self| Self(a.0 + b.0, a.1 + b.1),
            |a: Self, b: Self| Self(a.0 - b.0, a.1 - b.1),
            |a: Self, b: Self| Self(a.0 * b.0, a.1 * b.1),
            |a: Self, b: Self| Self(a.0 / b.0, a.1 / b.1)
        );

        impl Vector for $type {
            type Stored = Lanes<$lanes>;
            #[inline(always)]
            fn load(stored: Lanes<$lanes>) -> Self {
                let (mut low, mut high) = (Lanes([0.0; $lanes / 2]), Lanes([0.0; $lanes / 2]));
                low.0.copy_from_slice(&stored.0[..$lanes / 2]);
                high.0.copy_from_slice(&stored.0[$lanes / 2..]);
                Self($half::load(low), $half::load(high))
            }
            #[inline(always)]
            fn store(self) -> Lanes<$lanes> {
                let mut stored = Lanes([0.0; $lanes]);
                stored.0[..$lanes / 2].copy_from_slice(&self.0.store().0);
                stored.0[$lanes / 2..].copy_from_slice(&self.1.store().0);
                stored
            }
            #[inline(always)]
            fn splat(number: f64) -> Self {
                Self($half::splat(number), $half::splat(number))
            }
            #[inline(always)]
            fn clamped(self, low: f64, high: f64) -> Self {
                Self(self.0.clamped(low, high), self.1.clamped(low, high))
            }
            #[inline(always)]
            fn is_within(self, limit: f64) -> bool {
                self.0.are_within(self.1, limit)
            }
            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                Self(self.0.larger(other.0), self.1.larger(other.1))
            }
            #[inline(always)]
            fn negated(self) -> Self {
                Self(-self.0, -self.1)
            }
            #[inline(always)]
            fn last_bits_as_exponent(self) -> Self {
                Self(self.0.last_bits_as_exponent(), self.1.last_bits_as_exponent())
            }
            #[inline(always)]
            fn rounded(self) -> Self {
                Self(self.0.rounded(), self.1.rounded())
            }
            #[inline(always)]
            fn times_power_of_2(self, k: Self) -> Self {
                Self(self.0.times_power_of_2(k.0), self.1.times_power_of_2(k.1))
            }
        }
    };
}

two_halves!(
    /// Eight `f64` in two registers of AVX2.
    Avx2x8,
    Avx2x4,
    8
);
two_halves!(
    /// Sixteen `f64` in two registers of AVX-512.
    Avx512x16,
    Avx512x8,
    16
);
two_halves!(
    /// 32 `f64` in four registers of AVX-512.
    Avx512x32,
    Avx512x16,
    32
);

// Reading and writing of the first numbers. `numbers` may be longer than the vector.
impl Avx2x8 {
    #[inline(always)]
    pub(crate) fn load_first(numbers: &[f64]) -> Self {
        let (low, high) = numbers.split_at(numbers.len().min(4));
        Self(Avx2x4::load_first(low), Avx2x4::load_first(high))
    }

    #[inline(always)]
    pub(crate) fn store_first(self, numbers: &mut [f64]) {
        let (low, high) = numbers.split_at_mut(numbers.len().min(4));
        self.0.store_first(low);
        self.1.store_first(high);
    }
}
