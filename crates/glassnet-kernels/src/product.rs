//! Matrix products. All matrices are in row order.
//!
//! Products of up to [`PLAIN_LIMIT`] multiplications are plain loops in a fixed order, so that small networks give the
//! same bits on every platform. Larger ones use the widest instructions of the machine, and all threads of a team where
//! they are large enough; the bits do not depend on the threads.

mod register; // several numbers of a tile
mod packing; // factors, and copies in the order of the tiles
mod blocked; // tiles that stay in registers
mod large; // which kernel, which threads

use crate::Real;
pub use crate::half::Into;
use crate::team::Team;

/// Multiplications up to which a product is a plain loop. A 3-4-1 network on four rows has 48 in its largest.
pub const PLAIN_LIMIT: usize = 8_192;

/// Multiplications from which a product is split over threads: ten microseconds of work, ten times what a split costs.
pub const SPLIT_LIMIT: usize = 500_000;
/// What precision the factors of large products have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// That of their number type.
    #[default]
    Full,
    /// 16 bits (bf16), with sums of 32, where the number type is `f32`; see [`crate::half`]. Products with a single row or
    /// column, and small ones, stay as they are.
    Half,
}

/// The page trains in `f64`; its few products of `f32` are plain loops of any size, which makes it smaller.
const PLAIN_SINGLES: bool = cfg!(target_family = "wasm");

/// Who computes a product, and how.
#[derive(Debug, Clone, Copy)]
pub struct Compute<'a> {
    /// Threads. The bits do not depend on them.
    pub team: &'a Team,
    /// Of the factors.
    pub precision: Precision,
}

/// How a factor lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lies {
    /// Row after row.
    InRows,
    /// Column after column: its transpose lies in row order.
    Transposed,
}

/// The three sizes of a product: (`n_rows`, `n_inner`) times (`n_inner`, `n_columns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows of the result.
    pub n_rows: usize,
    /// Terms of each sum.
    pub n_inner: usize,
    /// Columns of the result.
    pub n_columns: usize,
}

/// result = a·b. a: (`n_rows`, `n_inner`), b: (`n_inner`, `n_columns`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply<R: Real>(compute: Compute<'_>, shape: Shape, a: &[R], b: &[R], into: Into, result: &mut [R]) {
    product(compute, shape, (a, Lies::InRows), (b, Lies::InRows), into, result);
}

/// result = aᵀ·b. a: (`n_inner`, `n_rows`), b: (`n_inner`, `n_columns`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply_left_transposed<R: Real>(
    compute: Compute<'_>,
    shape: Shape,
    a: &[R],
    b: &[R],
    into: Into,
    result: &mut [R],
) {
    product(compute, shape, (a, Lies::Transposed), (b, Lies::InRows), into, result);
}

/// result = a·bᵀ. a: (`n_rows`, `n_inner`), b: (`n_columns`, `n_inner`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply_right_transposed<R: Real>(
    compute: Compute<'_>,
    shape: Shape,
    a: &[R],
    b: &[R],
    into: Into,
    result: &mut [R],
) {
    product(compute, shape, (a, Lies::InRows), (b, Lies::Transposed), into, result);
}

/// By a function of the number type, which is compiled with this crate: as fast wherever it is called from, also in the
/// page, whose other code is made small.
fn product<R: Real>(
    compute: Compute<'_>,
    shape: Shape,
    (a, a_lies): (&[R], Lies),
    (b, b_lies): (&[R], Lies),
    into: Into,
    result: &mut [R],
) {
    if let (Some(a), Some(b)) = (R::as_f64(a), R::as_f64(b)) {
        if let Some(result) = R::as_f64_mut(result) {
            of_doubles(compute, shape, (a, a_lies), (b, b_lies), into, result);
        }
    } else if let (Some(a), Some(b), Some(result)) = (R::as_f32(a), R::as_f32(b), R::as_f32_mut(result)) {
        of_singles(compute, shape, (a, a_lies), (b, b_lies), into, result);
    }
}

#[inline(never)]
fn of_doubles(
    compute: Compute<'_>,
    shape: Shape,
    a: (&[f64], Lies),
    b: (&[f64], Lies),
    into: Into,
    result: &mut [f64],
) {
    of_numbers(compute, shape, a, b, into, result);
}

#[inline(never)]
fn of_singles(
    compute: Compute<'_>,
    shape: Shape,
    a: (&[f32], Lies),
    b: (&[f32], Lies),
    into: Into,
    result: &mut [f32],
) {
    of_numbers(compute, shape, a, b, into, result);
}

#[inline(always)]
fn of_numbers<R: Real>(
    compute: Compute<'_>,
    shape: Shape,
    a: (&[R], Lies),
    b: (&[R], Lies),
    into: Into,
    result: &mut [R],
) {
    check(shape, a.0, b.0, result);
    if is_small(shape) || PLAIN_SINGLES && size_of::<R>() == size_of::<f32>() {
        small(shape, a, b, into, result);
    } else {
        large::multiply(compute, shape, a, b, into, result);
    }
}

/// Plain loops. Every sum is taken in the order of its terms.
#[inline(always)]
fn small<R: Real>(
    Shape { n_rows, n_inner, n_columns }: Shape,
    (a, a_lies): (&[R], Lies),
    (b, b_lies): (&[R], Lies),
    into: Into,
    result: &mut [R],
) {
    if into == Into::Overwrite {
        result.fill(R::ZERO);
    }
    if a_lies == Lies::Transposed {
        for inner in 0..n_inner {
            let b = &b[inner * n_columns..(inner + 1) * n_columns];
            for row in 0..n_rows {
                let result = &mut result[row * n_columns..(row + 1) * n_columns];
                add_scaled(a[inner * n_rows + row], b, result);
            }
        }
        return;
    }
    for row in 0..n_rows {
        let a = &a[row * n_inner..(row + 1) * n_inner];
        let result = &mut result[row * n_columns..(row + 1) * n_columns];
        if b_lies == Lies::InRows {
            let mut column = 0;
            while column < n_columns {
                column += match n_columns - column {
                    16.. => add_columns::<R, 16>(a, b, column, result),
                    8.. => add_columns::<R, 8>(a, b, column, result),
                    4.. => add_columns::<R, 4>(a, b, column, result),
                    2.. => add_columns::<R, 2>(a, b, column, result),
                    _ => add_columns::<R, 1>(a, b, column, result),
                };
            }
        } else {
            for (column, sum) in result.iter_mut().enumerate() {
                for (&a, &b) in a.iter().zip(&b[column * n_inner..(column + 1) * n_inner]) {
                    *sum += a * b;
                }
            }
        }
    }
}

/// Whether a product with [`Into::Add`] adds each sum when it is complete, so that the bits are those of the product alone
/// and an addition.
pub fn adds_whole_sums(precision: Precision, shape: Shape) -> bool {
    precision == Precision::Full && !is_small(shape) && shape.n_inner <= packing::N_INNER
}

fn check<R>(shape: Shape, a: &[R], b: &[R], result: &[R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    assert_eq!(a.len(), n_rows * n_inner, "left factor of {shape:?}");
    assert_eq!(b.len(), n_inner * n_columns, "right factor of {shape:?}");
    assert_eq!(result.len(), n_rows * n_columns, "result of {shape:?}");
}

/// Whether plain loops take the product, whose roundings are others than those of the tiles.
pub fn is_small(shape: Shape) -> bool {
    shape.n_rows * shape.n_inner * shape.n_columns <= PLAIN_LIMIT
}

/// `N` columns of a row of the result, whose sums stay in registers; gives `N`.
#[inline(always)]
fn add_columns<R: Real, const N: usize>(a: &[R], b: &[R], column: usize, result: &mut [R]) -> usize {
    let n_columns = result.len();
    let mut sums = [R::ZERO; N];
    sums.copy_from_slice(&result[column..column + N]);
    for (&a, b) in a.iter().zip(b.chunks_exact(n_columns)) {
        for (sum, &b) in sums.iter_mut().zip(&b[column..column + N]) {
            *sum += a * b;
        }
    }
    result[column..column + N].copy_from_slice(&sums);
    N
}

/// result += factor · values.
fn add_scaled<R: Real>(factor: R, values: &[R], result: &mut [R]) {
    for (sum, &value) in result.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests;
