//! Functions of every number of a layer, and sums of them. Plain loops that become vector instructions; the order of
//! every sum is fixed, so that the bits do not depend on the machine.

use crate::Real;
use crate::instructions::kernel;

/// Partial sums side by side, which vector instructions need.
const LANES: usize = 16;

kernel! {
    /// z ← z + b, then a = f(z), in one pass. z, a: (`n_rows`, `n_columns`); b: (`n_columns`), or empty for none.
    pub fn activate[R: Real, F: Fn(R) -> R][R, F](z: &mut [R], bias: &[R], a: &mut [R], f: F) = activate_plain;
}

#[inline(always)]
fn activate_plain<R: Real, F: Fn(R) -> R>(z: &mut [R], bias: &[R], a: &mut [R], f: F) {
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

kernel! {
    /// From the gradient by a to that by z, d ← d·f′, and the gradient by b, the sum of d over rows, in one pass.
    /// `slope` takes z and a. z, a, d: (`n_rows`, `n_columns`); `d_bias`: (`n_columns`), or empty.
    pub fn activate_backward[R: Real, F: Fn(R, R) -> R][R, F](z: &[R], a: &[R], d: &mut [R], d_bias: &mut [R], slope: F)
        = activate_backward_plain;
}

#[inline(always)]
fn activate_backward_plain<R: Real, F: Fn(R, R) -> R>(
    z: &[R],
    a: &[R],
    d: &mut [R],
    d_bias: &mut [R],
    slope: F,
) {
    if d_bias.is_empty() {
        for ((d, &z), &a) in d.iter_mut().zip(z).zip(a) {
            *d *= slope(z, a);
        }
        return;
    }
    let n_columns = d_bias.len();
    d_bias.fill(R::ZERO);
    let rows = d.chunks_exact_mut(n_columns).zip(z.chunks_exact(n_columns)).zip(a.chunks_exact(n_columns));
    for ((d, z), a) in rows {
        for (((d, &z), &a), d_bias) in d.iter_mut().zip(z).zip(a).zip(&mut *d_bias) {
            *d *= slope(z, a);
            *d_bias += *d;
        }
    }
}

kernel! {
    /// Σ x², in `f64`: the square of a gradient's length.
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
