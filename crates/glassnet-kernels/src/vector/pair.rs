//! Two vectors at once.

use super::{Add, Div, Lanes, Mul, Neg, Sub, Vector};

/// Numbers in memory that are half of others.
pub(crate) trait Half: Copy {
    type Whole: Copy;
    fn join(self, behind: Self) -> Self::Whole;
    fn split(whole: Self::Whole) -> (Self, Self);
}

macro_rules! half {
    ($half:literal, $whole:literal) => {
        impl Half for Lanes<$half> {
            type Whole = Lanes<$whole>;
            #[inline(always)]
            fn join(self, behind: Self) -> Lanes<$whole> {
                let mut whole = Lanes([0.0; $whole]);
                whole.0[..$half].copy_from_slice(&self.0);
                whole.0[$half..].copy_from_slice(&behind.0);
                whole
            }
            #[inline(always)]
            fn split(whole: Lanes<$whole>) -> (Self, Self) {
                let mut halves = (Lanes([0.0; $half]), Lanes([0.0; $half]));
                halves.0.0.copy_from_slice(&whole.0[..$half]);
                halves.1.0.copy_from_slice(&whole.0[$half..]);
                halves
            }
        }
    };
}

half!(4, 8);
half!(8, 16);
half!(16, 32);
half!(32, 64);

/// Two vectors, whose steps alternate, so that neither waits for its own.
#[derive(Clone, Copy)]
pub(crate) struct Pair<V>(pub(crate) V, pub(crate) V);

operators!(
    [V: Vector<Stored: Half>] Pair<V>,
    |a: Self, b: Self| Self(a.0 + b.0, a.1 + b.1),
    |a: Self, b: Self| Self(a.0 - b.0, a.1 - b.1),
    |a: Self, b: Self| Self(a.0 * b.0, a.1 * b.1),
    |a: Self, b: Self| Self(a.0 / b.0, a.1 / b.1)
);

impl<V: Vector<Stored: Half>> Vector for Pair<V> {
    type Stored = <V::Stored as Half>::Whole;
    #[inline(always)]
    fn load(stored: Self::Stored) -> Self {
        let (first, second) = V::Stored::split(stored);
        Self(V::load(first), V::load(second))
    }
    #[inline(always)]
    fn store(self) -> Self::Stored {
        self.0.store().join(self.1.store())
    }
    #[inline(always)]
    fn splat(number: f64) -> Self {
        Self(V::splat(number), V::splat(number))
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
        Self(self.0.negated(), self.1.negated())
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
