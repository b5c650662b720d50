//! The periodic embedding of one number: e = cos(2π·x·w + b)·W + c, and its gradients.
//!
//! Matrices here have a row for each frequency or output and a column for each table row, so that every loop runs over
//! table rows and becomes vector instructions. The order of every sum is fixed.

use crate::Real;
use crate::instructions::kernel;

/// Partial sums side by side, which vector instructions need.
const LANES: usize = 16;

/// One number's parameters, or the gradients by them.
#[derive(Debug)]
pub struct Params<S> {
    /// w, in turns for each unit of x. (`n_frequencies`)
    pub frequencies: S,
    /// b, in radians. (`n_frequencies`)
    pub phases: S,
    /// W. (`n_frequencies`, `n_outputs`)
    pub weights: S,
    /// c. (`n_outputs`)
    pub biases: S,
}

kernel! {
    /// h = cos(2π·x·w + b) and e = h·W + c. x: (`n_rows`), h: (`n_frequencies`, `n_rows`), e: (`n_outputs`, `n_rows`).
    pub fn forward[R: Real][R](params: &Params<&[R]>, x: &[R], h: &mut [R], e: &mut [R]) = forward_plain;
}

#[inline(always)]
fn forward_plain<R: Real>(params: &Params<&[R]>, x: &[R], h: &mut [R], e: &mut [R]) {
    let (n_rows, n_outputs) = (x.len(), params.biases.len());
    for (e, &bias) in e.chunks_exact_mut(n_rows).zip(params.biases) {
        e.fill(bias);
    }
    for (i, h) in h.chunks_exact_mut(n_rows).enumerate() {
        let (frequency, turns) = (params.frequencies[i].to_f64(), in_turns(params.phases[i]));
        for (h, &x) in h.iter_mut().zip(x) {
            *h = R::cosine_of_turns(x.to_f64() * frequency + turns);
        }
        let weights = &params.weights[i * n_outputs..(i + 1) * n_outputs];
        for (e, &weight) in e.chunks_exact_mut(n_rows).zip(weights) {
            add_scaled(weight, h, e);
        }
    }
}

kernel! {
    /// From the gradient `d_e` by e, the gradients by the parameters, and by x. x, `d_x`: (`n_rows`);
    /// h: (`n_frequencies`, `n_rows`); `d_e`: (`n_outputs`, `n_rows`); `scratch`: (`n_rows`).
    pub fn backward[R: Real][R](
        params: &Params<&[R]>, x: &[R], h: &[R], d_e: &[R], d_params: &mut Params<&mut [R]>, d_x: &mut [R], scratch: &mut [R]
    ) = backward_plain;
}

#[inline(always)]
fn backward_plain<R: Real>(
    params: &Params<&[R]>,
    x: &[R],
    h: &[R],
    d_e: &[R],
    d_params: &mut Params<&mut [R]>,
    d_x: &mut [R],
    scratch: &mut [R],
) {
    let (n_rows, n_outputs) = (x.len(), params.biases.len());
    for (d_bias, d_e) in d_params.biases.iter_mut().zip(d_e.chunks_exact(n_rows)) {
        *d_bias = sum(d_e);
    }
    d_x.fill(R::ZERO);
    let tau = R::from_f64(std::f64::consts::TAU);
    for (i, h) in h.chunks_exact(n_rows).enumerate() {
        let range = i * n_outputs..(i + 1) * n_outputs;
        scratch.fill(R::ZERO);
        let weights = params.weights[range.clone()].iter().zip(&mut d_params.weights[range]);
        for ((&weight, d_weight), d_e) in weights.zip(d_e.chunks_exact(n_rows)) {
            *d_weight = dot(h, d_e);
            add_scaled(weight, d_e, scratch);
        }
        // The gradient by the angle: −sin(2πu) = −cos(2π(u − ¼)).
        let (frequency, turns) = (params.frequencies[i].to_f64(), in_turns(params.phases[i]) - 0.25);
        for (d, &x) in scratch.iter_mut().zip(x) {
            *d = -*d * R::cosine_of_turns(x.to_f64() * frequency + turns);
        }
        d_params.phases[i] = sum(scratch);
        d_params.frequencies[i] = tau * dot(scratch, x);
        add_scaled(tau * params.frequencies[i], scratch, d_x);
    }
}

/// An angle in radians as one in turns.
#[inline(always)]
fn in_turns<R: Real>(angle: R) -> f64 {
    angle.to_f64() * (1.0 / std::f64::consts::TAU)
}

/// result += factor · values.
#[inline(always)]
fn add_scaled<R: Real>(factor: R, values: &[R], result: &mut [R]) {
    for (result, &value) in result.iter_mut().zip(values) {
        *result += factor * value;
    }
}

/// Σ x.
#[inline(always)]
fn sum<R: Real>(values: &[R]) -> R {
    let mut sums = [R::ZERO; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (sum, &value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    sums.into_iter().chain(chunks.remainder().iter().copied()).sum()
}

/// Σ x·y.
#[inline(always)]
fn dot<R: Real>(x: &[R], y: &[R]) -> R {
    let mut sums = [R::ZERO; LANES];
    let (mut x, mut y) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    for (x, y) in (&mut x).zip(&mut y) {
        for ((sum, &x), &y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    let rest = x.remainder().iter().zip(y.remainder()).map(|(&x, &y)| x * y);
    sums.into_iter().chain(rest).sum()
}
