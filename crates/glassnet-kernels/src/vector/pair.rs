//! Two vectors at once.

use super::{Add, Div, Mul, Neg, Sub, Vector};

/// Two vectors, whose steps alternate, so that neither waits for its own.
#[derive(Clone, Copy)]
pub(crate) struct Pair<V>(pub(crate) V, pub(crate) V);

operators!(
    [V: Vector] Pair<V>,
    |a: Self, b: Self| Self(a.0 + b.0, a.1 + b.1),
    |a: Self, b: Self| Self(a.0 - b.0, a.1 - b.1),
    |a: Self, b: Self| Self(a.0 * b.0, a.1 * b.1),
    |a: Self, b: Self| Self(a.0 / b.0, a.1 / b.1)
);

impl<V: Vector> Vector for Pair<V> {
    type Stored = (V::Stored, V::Stored);
    #[inline(always)]
    fn load(stored: Self::Stored) -> Self {
        Self(V::load(stored.0), V::load(stored.1))
    }
    #[inline(always)]
    fn store(self) -> Self::Stored {
        (self.0.store(), self.1.store())
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
