//! Layers with a factor for each column: s∘x, and the blend z + α∘(f(z) − z). Matrices are (`n_rows`, `n_columns`) in row
//! order. The order of every sum is fixed: over the rows of a column.

use crate::Real;
use crate::elementwise::n_parts;
use crate::instructions::kernel;
use crate::team::{Chunks, Parts, Team};
use std::ops::Range;

/// Columns of a part are a multiple of this, or two threads would write the same line of their caches.
const COLUMNS: usize = 16;

/// a = s∘x: every row times s. x, a: (`n_rows`, `n_columns`); s: (`n_columns`).
pub fn scale<R: Real>(team: &Team, x: &[R], s: &[R], a: &mut [R]) {
    split_rows(team, s.len(), a, |first, a| scale_rows(&x[first..first + a.len()], s, a));
}

kernel! {
    /// As [`scale`], of some rows.
    fn scale_rows[R: Real][R](x: &[R], s: &[R], a: &mut [R]) = scale_plain;
}

#[inline(always)]
fn scale_plain<R: Real>(x: &[R], s: &[R], a: &mut [R]) {
    for (x, a) in x.chunks_exact(s.len()).zip(a.chunks_exact_mut(s.len())) {
        for ((&x, &s), a) in x.iter().zip(s).zip(a) {
            *a = s * x;
        }
    }
}

kernel! {
    /// The gradient by s, Σ d∘x over rows, from the gradient d by a. x, d: (`n_rows`, `n_columns`); `d_s`: (`n_columns`).
    pub fn scale_gradient[R: Real][R](x: &[R], d: &[R], d_s: &mut [R]) = scale_gradient_plain;
}

#[inline(always)]
fn scale_gradient_plain<R: Real>(x: &[R], d: &[R], d_s: &mut [R]) {
    d_s.fill(R::ZERO);
    for (x, d) in x.chunks_exact(d_s.len()).zip(d.chunks_exact(d_s.len())) {
        for ((&x, &d), d_s) in x.iter().zip(d).zip(&mut *d_s) {
            *d_s += d * x;
        }
    }
}

/// v = f(z) and a = z + α∘(v − z). z, v, a: (`n_rows`, `n_columns`); α: (`n_columns`).
pub fn blend<R: Real, F: Fn(R) -> R + Sync>(
    team: &Team,
    z: &[R],
    slopes: &[R],
    v: &mut [R],
    a: &mut [R],
    f: F,
) {
    let n_columns = slopes.len();
    let (v, a) = (Chunks { n: n_columns, values: v }, Chunks { n: n_columns, values: a });
    let rows: Vec<usize> = (0..z.len() / n_columns).collect();
    let n_parts = n_parts(team, z.len());
    team.split(n_parts, 1, (&rows[..], (v, a)), |(rows, (v, a))| {
        let Some(&first) = rows.first() else { return };
        let z = &z[first * n_columns..(first + rows.len()) * n_columns];
        blend_rows(z, slopes, v.values, a.values, &f);
    });
}

kernel! {
    /// As [`blend`], of some rows.
    fn blend_rows[R: Real, F: Fn(R) -> R][R, F](z: &[R], slopes: &[R], v: &mut [R], a: &mut [R], f: &F) = blend_plain;
}

#[inline(always)]
fn blend_plain<R: Real, F: Fn(R) -> R>(z: &[R], slopes: &[R], v: &mut [R], a: &mut [R], f: &F) {
    let n = slopes.len();
    for ((z, v), a) in z.chunks_exact(n).zip(v.chunks_exact_mut(n)).zip(a.chunks_exact_mut(n)) {
        for (((&z, &slope), v), a) in z.iter().zip(slopes).zip(v).zip(a) {
            *v = f(z);
            *a = z + slope * (*v - z);
        }
    }
}

/// From the gradient d by a: `d_slopes` = Σ d∘(v − z) over rows, and `d_z` = d∘(1 + α∘(f′(z) − 1)). `slope` takes z and v.
///
/// # Panics
/// When the matrices differ in length.
pub fn blend_backward<R: Real, F: Fn(R, R) -> R + Sync>(
    team: &Team,
    matrices: (&[R], &[R], &[R]),
    slopes: &[R],
    d_slopes: &mut [R],
    d_z: &mut [R],
    slope: F,
) {
    let (z, v, d) = matrices;
    assert!(z.len() == d.len() && v.len() == d.len() && d_z.len() == d.len(), "z, v, d and d_z");
    let n_parts = n_parts(team, d.len());
    let (d_slopes, d_z) = (Parts::new(d_slopes), Parts::new(d_z));
    team.ranges(n_parts, slopes.len(), COLUMNS, |columns| {
        blend_columns(matrices, slopes, &d_slopes, &d_z, columns, &slope);
    });
}

kernel! {
    /// As [`blend_backward`], of some columns.
    fn blend_columns[R: Real, F: Fn(R, R) -> R][R, F](
        matrices: (&[R], &[R], &[R]), slopes: &[R], d_slopes: &Parts<'_, R>, d_z: &Parts<'_, R>, columns: Range<usize>, slope: &F
    ) = blend_columns_plain;
}

#[inline(always)]
#[expect(unsafe_code, reason = "columns that lie apart")]
fn blend_columns_plain<R: Real, F: Fn(R, R) -> R>(
    (z, v, d): (&[R], &[R], &[R]),
    slopes: &[R],
    d_slopes: &Parts<'_, R>,
    d_z: &Parts<'_, R>,
    columns: Range<usize>,
    slope: &F,
) {
    let n_columns = slopes.len();
    // SAFETY: threads have columns that lie apart.
    let d_slopes = unsafe { d_slopes.part(columns.clone()) };
    d_slopes.fill(R::ZERO);
    let slopes = &slopes[columns.clone()];
    for row in 0..z.len() / n_columns {
        let range = row * n_columns + columns.start..row * n_columns + columns.end;
        // SAFETY: as above.
        let d_z = unsafe { d_z.part(range.clone()) };
        let numbers = z[range.clone()].iter().zip(&v[range.clone()]).zip(&d[range]);
        for ((((&z, &v), &d), &alpha), (d_slope, d_z)) in
            numbers.zip(slopes).zip(d_slopes.iter_mut().zip(d_z))
        {
            *d_slope += d * (v - z);
            *d_z = d * (R::ONE + alpha * (slope(z, v) - R::ONE));
        }
    }
}

/// Calls `work` with parts of whole rows and the place of the first number of each.
fn split_rows<R: Real>(
    team: &Team,
    n_columns: usize,
    values: &mut [R],
    work: impl Fn(usize, &mut [R]) + Sync,
) {
    let n_parts = n_parts(team, values.len());
    let rows: Vec<usize> = (0..values.len() / n_columns).collect();
    team.split(n_parts, 1, (&rows[..], Chunks { n: n_columns, values }), |(rows, chunk)| {
        let first = rows.first().map_or(0, |row| row * n_columns);
        work(first, chunk.values);
    });
}
