//! Functions of every number of a layer, and sums of them. Plain loops that become vector instructions; the order of
//! every sum is fixed, so that the bits do not depend on the machine.

use crate::Real;
use crate::cache;
use crate::instructions::kernel;
use crate::team::{Parts, Team};
use std::ops::Range;

/// Partial sums side by side, which vector instructions need.
const LANES: usize = 16;

/// Numbers from which a pass is split over threads: some ten microseconds of work.
const SPLIT_LIMIT: usize = 32_768;
/// Columns of a part are a multiple of this, or two threads would write the same line of their caches.
const COLUMNS: usize = 16;

/// Rows up to which, and columns from which, threads split the columns: so does the product that follows, so that each finds what it
/// copied in its own cache.
pub(crate) const FEW_ROWS: usize = 64;
pub(crate) const MANY_COLUMNS: usize = 512;

/// Bytes of rows that are asked for before they are copied; at least one row.
const GATHERED_AHEAD: usize = 4_096;

/// How many parts a pass over so many numbers is split into.
pub fn n_parts(team: &Team, len: usize) -> usize {
    if len < SPLIT_LIMIT { 1 } else { team.n_threads() }
}

/// z ← z + b, then a = f(z), in one pass. z, a: (`n_rows`, `n_columns`); b: (`n_columns`), or empty for none.
pub fn activate<R: Real, F: Fn(R) -> R + Sync>(team: &Team, z: &mut [R], bias: &[R], a: &mut [R], f: F) {
    team.split(n_parts(team, z.len()), bias.len().max(COLUMNS), (z, a), |(z, a)| {
        activate_rows(z, bias, a, &f);
    });
}

kernel! {
    /// As [`activate`], of whole rows.
    fn activate_rows[R: Real, F: Fn(R) -> R][R, F](z: &mut [R], bias: &[R], a: &mut [R], f: &F) = activate_plain;
}

#[inline(always)]
fn activate_plain<R: Real, F: Fn(R) -> R>(z: &mut [R], bias: &[R], a: &mut [R], f: &F) {
    if bias.is_empty() {
        for (a, &z) in a.iter_mut().zip(&*z) {
            *a = f(z);
        }
        return;
    }
    for (z, a) in z.chunks_exact_mut(bias.len()).zip(a.chunks_exact_mut(bias.len())) {
        for ((z, a), &bias) in z.iter_mut().zip(a).zip(bias) {
            *z += bias;
            *a = f(*z);
        }
    }
}

/// a = f(z + b), in the place of z.
pub fn activate_in_place<R: Real, F: Fn(R) -> R + Sync>(team: &Team, z_to_a: &mut [R], bias: &[R], f: F) {
    team.split(n_parts(team, z_to_a.len()), bias.len().max(COLUMNS), z_to_a, |z_to_a| {
        activate_rows_in_place(z_to_a, bias, &f);
    });
}

kernel! {
    /// As [`activate_in_place`], of whole rows.
    fn activate_rows_in_place[R: Real, F: Fn(R) -> R][R, F](z_to_a: &mut [R], bias: &[R], f: &F) = activate_in_place_plain;
}

#[inline(always)]
fn activate_in_place_plain<R: Real, F: Fn(R) -> R>(z_to_a: &mut [R], bias: &[R], f: &F) {
    if bias.is_empty() {
        for number in z_to_a {
            *number = f(*number);
        }
        return;
    }
    for row in z_to_a.chunks_exact_mut(bias.len()) {
        for (number, &bias) in row.iter_mut().zip(bias) {
            *number = f(*number + bias);
        }
    }
}

/// From the gradient by a to that by z, d ← d·f′, and the gradient by b, the sum of d over rows, in one pass.
/// `slope` takes z and a. z, a, d: (`n_rows`, `n_columns`); `d_bias`: (`n_columns`), or empty.
///
/// # Panics
/// When z, a and d differ in length.
pub fn activate_backward<R: Real, F: Fn(R, R) -> R + Sync>(
    team: &Team,
    z: &[R],
    a: &[R],
    d: &mut [R],
    d_bias: &mut [R],
    slope: F,
) {
    assert!(z.len() == d.len() && a.len() == d.len(), "z, a and d");
    let n_parts = n_parts(team, d.len());
    if d_bias.is_empty() {
        return team.split(n_parts, COLUMNS, ((z, a), d), |((z, a), d)| backward_numbers(z, a, d, &slope));
    }
    // By columns, so that each bias's sum runs over the rows in order.
    let n_columns = d_bias.len();
    let (d, d_bias) = (Parts::new(d), Parts::new(d_bias));
    team.ranges(n_parts, n_columns, COLUMNS, |columns| {
        backward_columns(z, a, &d, &d_bias, n_columns, columns, &slope);
    });
}

kernel! {
    /// As [`activate_backward`], without biases.
    fn backward_numbers[R: Real, F: Fn(R, R) -> R][R, F](z: &[R], a: &[R], d: &mut [R], slope: &F) = backward_numbers_plain;
}

#[inline(always)]
fn backward_numbers_plain<R: Real, F: Fn(R, R) -> R>(z: &[R], a: &[R], d: &mut [R], slope: &F) {
    for ((d, &z), &a) in d.iter_mut().zip(z).zip(a) {
        *d *= slope(z, a);
    }
}

kernel! {
    /// As [`activate_backward`], of some columns.
    fn backward_columns[R: Real, F: Fn(R, R) -> R][R, F](
        z: &[R], a: &[R], d: &Parts<'_, R>, d_bias: &Parts<'_, R>, n_columns: usize, columns: Range<usize>, slope: &F
    ) = backward_columns_plain;
}

#[inline(always)]
#[expect(unsafe_code, reason = "columns that lie apart")]
fn backward_columns_plain<R: Real, F: Fn(R, R) -> R>(
    z: &[R],
    a: &[R],
    d: &Parts<'_, R>,
    d_bias: &Parts<'_, R>,
    n_columns: usize,
    columns: Range<usize>,
    slope: &F,
) {
    // SAFETY: threads have columns that lie apart.
    let d_bias = unsafe { d_bias.part(columns.clone()) };
    d_bias.fill(R::ZERO);
    for row in 0..z.len() / n_columns {
        let range = row * n_columns + columns.start..row * n_columns + columns.end;
        // SAFETY: as above.
        let d = unsafe { d.part(range.clone()) };
        for (((d, &z), &a), d_bias) in d.iter_mut().zip(&z[range.clone()]).zip(&a[range]).zip(&mut *d_bias) {
            *d *= slope(z, a);
            *d_bias += *d;
        }
    }
}

kernel! {
    /// Σ x², in `f64`.
    pub fn sum_of_squares[R: Real][R](values: &[R]) -> f64 = sum_of_squares_plain;
}

#[inline(always)]
fn sum_of_squares_plain<R: Real>(values: &[R]) -> f64 {
    let mut sums = [0.0; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value.to_f64() * value.to_f64();
        }
    }
    let rest = chunks.remainder().iter().map(|value| value.to_f64() * value.to_f64());
    sums.into_iter().chain(rest).sum()
}

kernel! {
    /// x ← e^(x − m) with m the largest of its row: what softmax divides by its sum. values: (any, `n_columns`).
    pub fn exponentials[R: Real][R](values: &mut [R], n_columns: usize) = exponentials_plain;
}

#[inline(always)]
fn exponentials_plain<R: Real>(values: &mut [R], n_columns: usize) {
    for row in values.chunks_exact_mut(n_columns.max(1)) {
        let largest = row.iter().copied().fold(row[0], R::max);
        for x in row {
            *x -= largest;
        }
    }
    // Rows of a few numbers would fill no vector.
    for x in values {
        *x = x.exp();
    }
}

kernel! {
    /// sum ← sum + values.
    pub fn add[R: Real][R](sum: &mut [R], values: &[R]) = add_plain;
}

#[inline(always)]
fn add_plain<R: Real>(sum: &mut [R], values: &[R]) {
    for (sum, &value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

/// Copies the chosen rows of a matrix. source: (any, `n_columns`), result: (`rows.len()`, `n_columns`).
///
/// # Panics
/// When a row is not there, or the result has not that length.
#[expect(unsafe_code, reason = "columns of a matrix are written by pointer")]
pub fn gather<R: Real>(team: &Team, source: &[R], n_columns: usize, rows: &[usize], result: &mut [R]) {
    assert_eq!(result.len(), rows.len() * n_columns, "the chosen rows");
    let n_parts = n_parts(team, result.len());
    let is_by_columns = rows.len() <= FEW_ROWS && n_columns >= MANY_COLUMNS;
    let result = Parts::new(result);
    let copy = |rows_here: Range<usize>, columns: Range<usize>| {
        let n_ahead = (GATHERED_AHEAD / (columns.len() * size_of::<R>()).max(1)).max(1);
        let of_row = |row: usize| &source[row * n_columns..(row + 1) * n_columns][columns.clone()];
        for i in rows_here.clone() {
            if i + n_ahead < rows_here.end {
                cache::fetch_all(of_row(rows[i + n_ahead]));
            }
            let place = i * n_columns;
            // SAFETY: rows and columns of different calls lie apart.
            unsafe { result.part(place + columns.start..place + columns.end) }
                .copy_from_slice(of_row(rows[i]));
        }
    };
    if is_by_columns {
        team.ranges(n_parts, n_columns, COLUMNS, |columns| copy(0..rows.len(), columns));
    } else {
        team.ranges(n_parts, rows.len(), 1, |rows| copy(rows, 0..n_columns));
    }
}

kernel! {
    /// x ← factor·x.
    pub fn scale[R: Real][R](values: &mut [R], factor: R) = scale_plain;
}

#[inline(always)]
fn scale_plain<R: Real>(values: &mut [R], factor: R) {
    for value in values {
        *value *= factor;
    }
}

kernel! {
    /// Whether every number is finite.
    pub fn all_finite[R: Real][R](values: &[R]) -> bool = all_finite_plain;
}

#[inline(always)]
fn all_finite_plain<R: Real>(values: &[R]) -> bool {
    // 0·x is 0 for every finite x, else NaN; sums of zeros side by side.
    let mut sums = [R::ZERO; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (sum, &value) in sums.iter_mut().zip(chunk) {
            *sum += R::ZERO * value;
        }
    }
    let rest = chunks.remainder().iter().map(|&value| R::ZERO * value);
    sums.into_iter().chain(rest).all(|zero| zero == R::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_rows_are_copied_by_any_number_of_threads() {
        // Few rows that are split by columns, many by rows, and neither.
        for (n_rows, n_columns) in
            [(64, 784), (64, 513), (65, 1_031), (3, 20_000), (4_099, 9), (5, 7), (0, 600), (4, 0)]
        {
            let source: Vec<f64> = (0..70 * n_columns).map(|i| i as f64).collect();
            let rows: Vec<usize> = (0..n_rows).map(|i| i * 31 % 70).collect();
            let expected: Vec<f64> = rows
                .iter()
                .flat_map(|row| &source[row * n_columns..(row + 1) * n_columns])
                .copied()
                .collect();
            for n_threads in 1..=3 {
                let mut result = vec![-1.0; n_rows * n_columns];
                gather(&Team::new(n_threads), &source, n_columns, &rows, &mut result);
                assert_eq!(result, expected, "{n_rows} rows of {n_columns} by {n_threads} threads");
            }
        }
    }
}
