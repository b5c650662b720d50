//! Periodic embeddings: each of the first columns, a number x, becomes e = cos(2π·x·w + b)·W + c, followed by x itself; the
//! other columns stay as they are. Forward, and the gradients.
//!
//! While a number is worked on, its matrices have a row for each frequency or output and a column for each table row, so that
//! every loop runs over table rows and becomes vector instructions. Threads have numbers of their own; the order of every sum
//! is fixed.

use crate::Real;
use crate::elementwise::n_parts;
use crate::instructions::kernel;
use crate::team::{Parts, Team};
use std::ops::Range;

/// Partial sums side by side, which vector instructions need. A power of 2.
const LANES: usize = 16;

/// The sizes of a layer. Its parameters are w of every number, in turns for each unit of x (`n_numbers`, `n_frequencies`), then b, in
/// radians, of the same shape, then W (`n_numbers`, `n_frequencies`, `n_outputs`), then c (`n_numbers`, `n_outputs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedding {
    /// Columns that are embedded: the first ones.
    pub n_numbers: usize,
    /// Cosines of a number.
    pub n_frequencies: usize,
    /// Outputs of a number beside the number itself.
    pub n_outputs: usize,
}

impl Embedding {
    /// Columns of the result, for so many columns of x.
    fn width(self, n_columns: usize) -> usize {
        n_columns + self.n_numbers * self.n_outputs
    }

    /// Where the result of a number is in its row: e, then x.
    fn outputs(self, number: usize) -> Range<usize> {
        number * (self.n_outputs + 1)..(number + 1) * (self.n_outputs + 1)
    }

    /// Where w, b, W and c of a number are.
    fn params(self, number: usize) -> Params<Range<usize>> {
        let mut first = 0;
        let [frequencies, phases, weights, biases] =
            [self.n_frequencies, self.n_frequencies, self.n_frequencies * self.n_outputs, self.n_outputs]
                .map(|size| {
                    let start = first + number * size;
                    first += self.n_numbers * size;
                    start..start + size
                });
        Params { frequencies, phases, weights, biases }
    }

    /// Where the cosines of a number are.
    fn waves(self, number: usize, n_rows: usize) -> Range<usize> {
        let size = self.n_frequencies * n_rows;
        number * size..(number + 1) * size
    }

    fn n_parts(self, team: &Team, n_rows: usize) -> usize {
        n_parts(team, self.n_numbers * self.n_frequencies * n_rows)
    }
}

/// One number's parameters, or the gradients by them.
struct Params<S> {
    frequencies: S,
    phases: S,
    weights: S,
    biases: S,
}

impl<S> Params<S> {
    fn map<T>(self, mut f: impl FnMut(S) -> T) -> Params<T> {
        let [frequencies, phases, weights, biases] =
            [self.frequencies, self.phases, self.weights, self.biases].map(&mut f);
        Params { frequencies, phases, weights, biases }
    }
}

/// What a pass starts from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a, R> {
    /// The sizes.
    pub embedding: Embedding,
    /// In the order that [`Embedding`] says.
    pub params: &'a [R],
    /// (`n_rows`, `n_columns`)
    pub x: &'a [R],
    /// Columns of x, embedded or not.
    pub n_columns: usize,
}

/// From x (`n_rows`, `n_columns`), the cosines `waves` (`n_numbers`, `n_frequencies`, `n_rows`) and the result a
/// (`n_rows`, `n_columns` + `n_numbers`·`n_outputs`).
///
/// # Panics
/// When the matrices do not fit each other.
#[expect(unsafe_code, reason = "numbers that lie apart")]
pub fn forward<R: Real>(
    team: &Team,
    Inputs { embedding, params, x, n_columns }: Inputs<'_, R>,
    waves: &mut [R],
    a: &mut [R],
) {
    let (n_rows, width) = (x.len() / n_columns, embedding.width(n_columns));
    assert_eq!(a.len(), n_rows * width, "x and a");
    for (x, a) in x.chunks_exact(n_columns).zip(a.chunks_exact_mut(width)) {
        let rest = &x[embedding.n_numbers..];
        a[width - rest.len()..].copy_from_slice(rest);
    }
    if n_rows == 0 {
        return;
    }
    let (waves, a) = (Parts::new(waves), Parts::new(a));
    team.ranges(embedding.n_parts(team, n_rows), embedding.n_numbers, 1, |numbers| {
        let mut values = vec![R::ZERO; n_rows];
        let mut e = vec![R::ZERO; embedding.n_outputs * n_rows];
        for number in numbers {
            gather(x, n_columns, number, &mut values);
            // SAFETY: threads have numbers that lie apart.
            let waves = unsafe { waves.part(embedding.waves(number, n_rows)) };
            let params = embedding.params(number).map(|range| &params[range]);
            forward_number(&params, &values, waves, &mut e);
            let outputs = embedding.outputs(number);
            for (row, &x) in values.iter().enumerate() {
                // SAFETY: as above.
                let a = unsafe { a.part(row * width + outputs.start..row * width + outputs.end) };
                let (last, a) = a.split_last_mut().expect("the number itself");
                *last = x;
                for (k, a) in a.iter_mut().enumerate() {
                    *a = e[k * n_rows + row];
                }
            }
        }
    });
}

/// From the gradient d by a, those by the parameters, and by x where asked for. `waves` are what [`forward`] left.
///
/// # Panics
/// When the matrices do not fit each other.
#[expect(unsafe_code, reason = "numbers that lie apart")]
pub fn backward<R: Real>(
    team: &Team,
    Inputs { embedding, params, x, n_columns }: Inputs<'_, R>,
    waves: &[R],
    d: &[R],
    d_params: &mut [R],
    mut d_x: Option<&mut [R]>,
) {
    let (n_rows, width) = (x.len() / n_columns, embedding.width(n_columns));
    assert!(
        d.len() == n_rows * width && d_x.as_ref().is_none_or(|d_x| d_x.len() == x.len()),
        "x, d and ∂/∂x"
    );
    if let Some(d_x) = &mut d_x {
        for (d, d_x) in d.chunks_exact(width).zip(d_x.chunks_exact_mut(n_columns)) {
            let rest = &mut d_x[embedding.n_numbers..];
            rest.copy_from_slice(&d[width - rest.len()..]);
        }
    }
    if n_rows == 0 {
        d_params.fill(R::ZERO);
        return;
    }
    let (d_params, d_x) = (Parts::new(d_params), d_x.map(Parts::new));
    team.ranges(embedding.n_parts(team, n_rows), embedding.n_numbers, 1, |numbers| {
        let mut values = vec![R::ZERO; n_rows];
        let mut d_e = vec![R::ZERO; embedding.n_outputs * n_rows];
        let (mut d_values, mut scratch) = (values.clone(), values.clone());
        for number in numbers {
            gather(x, n_columns, number, &mut values);
            let outputs = embedding.outputs(number);
            for (output, d_e) in outputs.clone().zip(d_e.chunks_exact_mut(n_rows)) {
                gather(d, width, output, d_e);
            }
            let waves = &waves[embedding.waves(number, n_rows)];
            let of_number = embedding.params(number).map(|range| &params[range]);
            // SAFETY: threads have numbers that lie apart.
            let mut d_params = embedding.params(number).map(|range| unsafe { d_params.part(range) });
            backward_number(&of_number, &values, waves, &d_e, &mut d_params, &mut d_values, &mut scratch);
            let Some(d_x) = &d_x else { continue };
            for (row, &d_value) in d_values.iter().enumerate() {
                let place = row * n_columns + number;
                // SAFETY: as above.
                let d_x = unsafe { d_x.part(place..place + 1) };
                d_x[0] = d_value + d[row * width + outputs.end - 1];
            }
        }
    });
}

/// A column of a matrix.
fn gather<R: Real>(matrix: &[R], n_columns: usize, column: usize, values: &mut [R]) {
    for (value, row) in values.iter_mut().zip(matrix.chunks_exact(n_columns)) {
        *value = row[column];
    }
}

kernel! {
    /// h = cos(2π·x·w + b) and e = h·W + c. x: (`n_rows`), h: (`n_frequencies`, `n_rows`), e: (`n_outputs`, `n_rows`).
    fn forward_number[R: Real][R](params: &Params<&[R]>, x: &[R], h: &mut [R], e: &mut [R]) = forward_plain;
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
    fn backward_number[R: Real][R](
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
    for (sum, &value) in sums.iter_mut().zip(chunks.remainder()) {
        *sum += value;
    }
    total(sums)
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
    for ((sum, &x), &y) in sums.iter_mut().zip(x.remainder()).zip(y.remainder()) {
        *sum += x * y;
    }
    total(sums)
}

/// The sum of the partial ones, by halves.
#[inline(always)]
fn total<R: Real>(mut sums: [R; LANES]) -> R {
    let mut n = LANES / 2;
    while n > 0 {
        let (left, right) = sums.split_at_mut(n);
        for (left, &right) in left.iter_mut().zip(&*right) {
            *left += right;
        }
        n /= 2;
    }
    sums[0]
}

#[cfg(test)]
mod tests;
