//! Hidden units of the strong recipe in one pass each way: bias, blend and dropout. With z = y + b of the product y,
//! a = m∘(z + α∘(f(z) − z)), where m is 0 or 1/(1 − rate), or 1 without dropout.
//!
//! The pass forward computes the two derivatives that the pass backward multiplies with, while f(z) and what it shares with
//! its slope are at hand. Matrices are (`n_rows`, `n_units`) in row order. The order of every sum is fixed: over the rows of
//! a unit.

use crate::Real;
use crate::dropout::{Dropping, GROUP};
use crate::elementwise::n_parts;
use crate::instructions::kernel;
use crate::team::{Chunks, Parts, Team};
use std::ops::Range;

/// Columns of a part are a multiple of this, or two threads would write the same line of their caches.
const COLUMNS: usize = 16;

/// What units have, and which of their numbers drop out.
#[derive(Debug, Clone, Copy)]
pub struct Units<'a, R> {
    /// b. (`n_units`)
    pub bias: &'a [R],
    /// α. (`n_units`)
    pub slopes: &'a [R],
    /// None for m = 1.
    pub dropping: Option<Dropping>,
}

/// From y, a and the derivatives ∂a/∂z = m∘(1 + α∘(f′(z) − 1)), which takes the place of y, and ∂a/∂α = m∘(f(z) − z).
/// `shared` of z is what value and slope of f share, for most functions the value itself; `f` makes both of z and that.
/// What is shared is computed for a group of numbers ahead: one number's chain of operations is longer than the processor
/// looks, and two short ones are not.
///
/// # Panics
/// When the matrices differ in length.
#[expect(unsafe_code, reason = "rows that lie apart")]
pub fn forward<R: Real, S: Fn(R) -> R + Sync, F: Fn(R, R) -> (R, R) + Sync>(
    team: &Team,
    units: Units<'_, R>,
    y_to_slope: &mut [R],
    by_alpha: &mut [R],
    a: &mut [R],
    shared: S,
    f: F,
) {
    let (len, n_units) = (a.len(), units.slopes.len());
    assert!(y_to_slope.len() == len && by_alpha.len() == len, "y, ∂a/∂α and a");
    assert_eq!(units.bias.len(), n_units, "biases");
    let matrices = [y_to_slope, by_alpha, a].map(Parts::new);
    team.ranges(n_parts(team, len), len / n_units, 1, |rows| {
        let range = rows.start * n_units..rows.end * n_units;
        let [y_to_slope, by_alpha, a] = &matrices;
        // SAFETY: threads have rows that lie apart.
        let (y_to_slope, by_alpha, a) =
            unsafe { (y_to_slope.part(range.clone()), by_alpha.part(range.clone()), a.part(range)) };
        forward_rows(units, rows.start, y_to_slope, by_alpha, a, (&shared, &f));
    });
}

kernel! {
    /// As [`forward`], of some rows.
    fn forward_rows[R: Real, S: Fn(R) -> R, F: Fn(R, R) -> (R, R)][R, S, F](
        units: Units<'_, R>, first_row: usize, y_to_slope: &mut [R], by_alpha: &mut [R], a: &mut [R], functions: (&S, &F)
    ) = forward_plain;
}

#[inline(always)]
fn forward_plain<R: Real, S: Fn(R) -> R, F: Fn(R, R) -> (R, R)>(
    Units { bias, slopes, dropping }: Units<'_, R>,
    first_row: usize,
    y_to_slope: &mut [R],
    by_alpha: &mut [R],
    a: &mut [R],
    (shared, f): (&S, &F),
) {
    let n_units = slopes.len();
    let (mut factors, mut ahead) = ([R::ONE; GROUP], [R::ZERO; GROUP]);
    let mut group = first_row * n_units.div_ceil(GROUP);
    let mut start_of_row = 0;
    while start_of_row < a.len() {
        let mut unit = 0;
        while unit < n_units {
            let end = n_units.min(unit + GROUP);
            if let Some(dropping) = dropping {
                dropping.factors(group, &mut factors);
            }
            let range = start_of_row + unit..start_of_row + end;
            let y_to_slope = &mut y_to_slope[range.clone()];
            for ((y_to_z, ahead), &bias) in y_to_slope.iter_mut().zip(&mut ahead).zip(&bias[unit..end]) {
                *y_to_z += bias;
                *ahead = shared(*y_to_z);
            }
            let units = slopes[unit..end].iter().zip(&factors).zip(&ahead);
            let numbers = y_to_slope.iter_mut().zip(&mut by_alpha[range.clone()]).zip(&mut a[range]);
            for (((z_to_slope, by_alpha), a), ((&alpha, &factor), &ahead)) in numbers.zip(units) {
                let z = *z_to_slope;
                let (value, slope) = f(z, ahead);
                *a = (z + alpha * (value - z)) * factor;
                *by_alpha = (value - z) * factor;
                *z_to_slope = (R::ONE + alpha * (slope - R::ONE)) * factor;
            }
            (unit, group) = (end, group + 1);
        }
        start_of_row += n_units;
    }
}

/// a without dropout, in place of y, and nothing for a pass backward.
pub fn evaluate<R: Real, F: Fn(R) -> R + Sync>(team: &Team, units: Units<'_, R>, y_to_a: &mut [R], f: F) {
    let n_parts = n_parts(team, y_to_a.len());
    let rows = Chunks { n: units.slopes.len(), values: y_to_a };
    team.split(n_parts, 1, rows, |rows| evaluate_rows(units, rows.values, &f));
}

kernel! {
    /// As [`evaluate`], of some rows.
    fn evaluate_rows[R: Real, F: Fn(R) -> R][R, F](units: Units<'_, R>, y_to_a: &mut [R], f: &F) = evaluate_plain;
}

#[inline(always)]
fn evaluate_plain<R: Real, F: Fn(R) -> R>(units: Units<'_, R>, y_to_a: &mut [R], f: &F) {
    for row in y_to_a.chunks_exact_mut(units.slopes.len()) {
        for ((y_to_a, &bias), &alpha) in row.iter_mut().zip(units.bias).zip(units.slopes) {
            let z = *y_to_a + bias;
            *y_to_a = z + alpha * (f(z) - z);
        }
    }
}

/// Turns the gradient d by a into that by z, and gives those by α and b: sums over rows. `slope` and `by_alpha` are what
/// [`forward`] left, ∂a/∂z and ∂a/∂α.
///
/// # Panics
/// When matrices or gradients differ in length.
pub fn backward<R: Real>(
    team: &Team,
    slope: &[R],
    by_alpha: &[R],
    d: &mut [R],
    d_slopes: &mut [R],
    d_bias: &mut [R],
) {
    let n_units = d_bias.len();
    assert!(slope.len() == d.len() && by_alpha.len() == d.len(), "∂a/∂z, ∂a/∂α and d");
    assert_eq!(d_slopes.len(), n_units, "gradients by α and b");
    let n_parts = n_parts(team, d.len());
    let gradients = [d, d_slopes, d_bias].map(Parts::new);
    team.ranges(n_parts, n_units, COLUMNS, |units| {
        backward_units(slope, by_alpha, &gradients, n_units, units);
    });
}

kernel! {
    /// As [`backward`], of some units.
    fn backward_units[R: Real][R](
        slope: &[R], by_alpha: &[R], gradients: &[Parts<'_, R>; 3], n_units: usize, units: Range<usize>
    ) = backward_plain;
}

#[inline(always)]
#[expect(unsafe_code, reason = "columns that lie apart")]
fn backward_plain<R: Real>(
    slope: &[R],
    by_alpha: &[R],
    [d, d_slopes, d_bias]: &[Parts<'_, R>; 3],
    n_units: usize,
    units: Range<usize>,
) {
    // SAFETY: threads have units that lie apart.
    let (d_slopes, d_bias) = unsafe { (d_slopes.part(units.clone()), d_bias.part(units.clone())) };
    d_slopes.fill(R::ZERO);
    d_bias.fill(R::ZERO);
    for row in 0..slope.len() / n_units {
        let range = row * n_units + units.start..row * n_units + units.end;
        // SAFETY: as above.
        let d = unsafe { d.part(range.clone()) };
        let sums = d_slopes.iter_mut().zip(&mut *d_bias);
        let factors = slope[range.clone()].iter().zip(&by_alpha[range]);
        for ((d, (&slope, &by_alpha)), (d_slope, d_bias)) in d.iter_mut().zip(factors).zip(sums) {
            *d_slope += *d * by_alpha;
            *d *= slope;
            *d_bias += *d;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropout;
    use proptest::prelude::*;

    /// Numbers that may be anything, and what is not finite among them where asked for.
    fn numbers(count: usize, start: u32, odd: bool) -> Vec<f32> {
        let odd_numbers = [f32::INFINITY, f32::NAN, 1e-40, -0.0, f32::MAX, f32::NEG_INFINITY];
        let number = |i: usize| {
            let bits = (i as u32).wrapping_add(start).wrapping_mul(2_654_435_769);
            if odd && bits.is_multiple_of(5) {
                odd_numbers[i % 6]
            } else {
                bits as f32 / (1_u32 << 30) as f32 - 2.0
            }
        };
        (0..count).map(number).collect()
    }

    fn f(z: f32) -> (f32, f32) {
        if z > 0.0 { (z * z, 2.0 * z) } else { (0.25 * z, 0.25) }
    }

    /// The same, for twice z as what value and slope share.
    fn from_shared(z: f32, twice: f32) -> (f32, f32) {
        if z > 0.0 { (z * z, twice) } else { (0.25 * z, 0.25) }
    }

    fn same(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
    }

    proptest! {
        #[test]
        fn passes_are_their_formulas(
            n_rows in prop_oneof![0..4_usize, Just(301)],
            n_units in prop_oneof![1..70_usize, Just(127), Just(128), Just(131)],
            rate in proptest::option::of(0.0..0.9),
            odd: bool,
            n_threads in 1..4_usize,
        ) {
            let len = n_rows * n_units;
            let (y, d, team) = (numbers(len, 1, odd), numbers(len, 9, odd), Team::new(n_threads));
            let (bias, slopes) = (numbers(n_units, 5, false), numbers(n_units, 7, false));
            let dropping = rate.map(|rate| Dropping::new(rate, 42));
            let units = Units { bias: &bias, slopes: &slopes, dropping };
            let (mut m, mut scratch) = (vec![1.0; len], vec![0.0; len]);
            if let Some(dropping) = dropping {
                dropout::forward(&Team::default(), dropping, n_units, &y, &mut m, &mut scratch);
            }
            let (mut slope, mut by_alpha, mut a) = (y.clone(), vec![9.0; len], vec![9.0; len]);
            forward(&team, units, &mut slope, &mut by_alpha, &mut a, |z| 2.0 * z, from_shared);
            let (mut expected_a, mut expected_slope, mut expected_by_alpha) = (m.clone(), m.clone(), m.clone());
            let mut evaluated = m.clone();
            for i in 0..len {
                let (z, alpha) = (y[i] + bias[i % n_units], slopes[i % n_units]);
                let (value, slope) = f(z);
                evaluated[i] = z + alpha * (value - z);
                expected_a[i] = evaluated[i] * m[i];
                expected_by_alpha[i] = (value - z) * m[i];
                expected_slope[i] = (1.0 + alpha * (slope - 1.0)) * m[i];
            }
            prop_assert!(same(&a, &expected_a) && same(&slope, &expected_slope) && same(&by_alpha, &expected_by_alpha));
            let mut out = y.clone();
            evaluate(&team, units, &mut out, |z| f(z).0);
            prop_assert!(same(&out, &evaluated));
            out.copy_from_slice(&y);
            forward_plain(units, 0, &mut out, &mut by_alpha, &mut scratch, (&|z| 2.0 * z, &from_shared));
            prop_assert!(same(&out, &slope) && same(&scratch, &a));

            let (mut d_z, mut d_slopes, mut d_bias) = (d.clone(), vec![9.0; n_units], vec![9.0; n_units]);
            backward(&team, &slope, &by_alpha, &mut d_z, &mut d_slopes, &mut d_bias);
            let (mut expected_d_slopes, mut expected_d_bias) = (vec![0.0; n_units], vec![0.0; n_units]);
            for i in 0..len {
                expected_d_slopes[i % n_units] += d[i] * by_alpha[i];
                expected_d_bias[i % n_units] += d[i] * slope[i];
                scratch[i] = d[i] * slope[i];
            }
            prop_assert!(same(&d_z, &scratch));
            prop_assert!(same(&d_slopes, &expected_d_slopes) && same(&d_bias, &expected_d_bias));
        }
    }
}
