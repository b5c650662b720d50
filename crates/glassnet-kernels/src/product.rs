//! Matrix products. All matrices are in row order.
//!
//! Products of up to [`PLAIN_LIMIT`] multiplications are plain loops in a fixed order, so that small networks give the
//! same bits on every platform. Larger ones use the widest instructions of the machine, and all threads of a team where
//! they are large enough; the bits do not depend on the threads.

mod register; // several numbers of a tile
mod blocked; // tiles of a large product

use crate::Real;
use crate::instructions::{Instructions, kernel};
use crate::team::{Parts, Team};
use blocked::Factor;
use register::Plain;

/// Multiplications up to which a product is a plain loop. A 3-4-1 network on four rows has 48 in its largest.
pub const PLAIN_LIMIT: usize = 8_192;

/// Multiplications from which a product is split over threads: ten microseconds of work, ten times what a split costs.
pub const SPLIT_LIMIT: usize = 500_000;
/// Columns of a part are a multiple of this, which is one of every panel's width.
const WIDTH: usize = 32;
/// Sums of a dot product that run side by side.
const LANES: usize = 64;

/// What becomes of the numbers already in the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// They are written over.
    Overwrite,
    /// The product is added to them.
    Add,
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
pub fn multiply<R: Real>(team: &Team, shape: Shape, a: &[R], b: &[R], into: Into, result: &mut [R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    check(shape, a, b, result);
    if is_small(shape) {
        begin(into, result);
        for row in 0..n_rows {
            let result = &mut result[row * n_columns..(row + 1) * n_columns];
            for inner in 0..n_inner {
                add_scaled(a[row * n_inner + inner], &b[inner * n_columns..(inner + 1) * n_columns], result);
            }
        }
    } else {
        large(team, shape, Factor::rows(a, n_inner), Factor::rows(b, n_columns), into, result);
    }
}

/// result = aᵀ·b. a: (`n_inner`, `n_rows`), b: (`n_inner`, `n_columns`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply_left_transposed<R: Real>(
    team: &Team,
    shape: Shape,
    a: &[R],
    b: &[R],
    into: Into,
    result: &mut [R],
) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    check(shape, a, b, result);
    if is_small(shape) {
        begin(into, result);
        for inner in 0..n_inner {
            let b = &b[inner * n_columns..(inner + 1) * n_columns];
            for row in 0..n_rows {
                let result = &mut result[row * n_columns..(row + 1) * n_columns];
                add_scaled(a[inner * n_rows + row], b, result);
            }
        }
    } else {
        large(team, shape, Factor::rows(a, n_rows).transposed(), Factor::rows(b, n_columns), into, result);
    }
}

/// result = a·bᵀ. a: (`n_rows`, `n_inner`), b: (`n_columns`, `n_inner`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply_right_transposed<R: Real>(
    team: &Team,
    shape: Shape,
    a: &[R],
    b: &[R],
    into: Into,
    result: &mut [R],
) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    check(shape, a, b, result);
    if is_small(shape) {
        begin(into, result);
        for row in 0..n_rows {
            let a = &a[row * n_inner..(row + 1) * n_inner];
            for column in 0..n_columns {
                let b = &b[column * n_inner..(column + 1) * n_inner];
                let sum = &mut result[row * n_columns + column];
                for (&a, &b) in a.iter().zip(b) {
                    *sum += a * b;
                }
            }
        }
    } else {
        large(team, shape, Factor::rows(a, n_inner), Factor::rows(b, n_inner).transposed(), into, result);
    }
}

fn check<R>(shape: Shape, a: &[R], b: &[R], result: &[R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    assert_eq!(a.len(), n_rows * n_inner, "left factor of {shape:?}");
    assert_eq!(b.len(), n_inner * n_columns, "right factor of {shape:?}");
    assert_eq!(result.len(), n_rows * n_columns, "result of {shape:?}");
}

fn is_small(shape: Shape) -> bool {
    shape.n_rows * shape.n_inner * shape.n_columns <= PLAIN_LIMIT
}

fn begin<R: Real>(into: Into, result: &mut [R]) {
    if into == Into::Overwrite {
        result.fill(R::ZERO);
    }
}

/// result += factor · values.
fn add_scaled<R: Real>(factor: R, values: &[R], result: &mut [R]) {
    for (sum, &value) in result.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

/// The product of two factors where they lie. Whole shapes decide which kernel, so that the bits do not depend on the
/// threads.
#[expect(unsafe_code, reason = "kernels take pointers and strides")]
fn large<R: Real>(team: &Team, shape: Shape, a: Factor<R>, b: Factor<R>, into: Into, result: &mut [R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    let result = Parts::new(result);
    let instructions = Instructions::here();
    let n_multiplications = n_rows * n_inner * n_columns;
    let n_parts = if n_multiplications < SPLIT_LIMIT { 1 } else { team.n_threads() };
    // SAFETY of all blocks: `check` has held each slice's length against the shape, and the strides (one of them 1, the
    // other the length of a row) keep every address within its slice. `result` is borrowed mutably, so that it overlaps
    // neither factor, and ranges lie apart.
    if n_columns == 1 && a.column == 1 {
        team.ranges(n_parts, n_rows, 1, |rows| {
            // SAFETY: as above; b's numbers are neighbours.
            unsafe {
                let a = a.from(rows.start, 0);
                dots(Shape { n_rows: rows.len(), ..shape }, a, b, into, result.start().add(rows.start));
            }
        });
    } else if n_columns == 1 {
        // A row times a matrix: aᵀ lies there in row order.
        let shape = Shape { n_rows: 1, n_inner, n_columns: n_rows };
        let (a, b) = (b.transposed(), a.transposed());
        team.ranges(n_parts, n_rows, WIDTH, |columns| {
            let shape = Shape { n_columns: columns.len(), ..shape };
            // SAFETY: as above.
            unsafe {
                let (b, result) = (b.from(0, columns.start), result.start().add(columns.start));
                tiled(instructions, shape, a, b, into, result, n_rows);
            }
        });
    } else if n_columns >= n_parts * WIDTH {
        team.ranges(n_parts, n_columns, WIDTH, |columns| {
            let shape = Shape { n_columns: columns.len(), ..shape };
            // SAFETY: as above.
            unsafe {
                let (b, result) = (b.from(0, columns.start), result.start().add(columns.start));
                tiled(instructions, shape, a, b, into, result, n_columns);
            }
        });
    } else {
        team.ranges(n_parts, n_rows, 4, |rows| {
            let shape = Shape { n_rows: rows.len(), ..shape };
            // SAFETY: as above.
            unsafe {
                let (a, result) = (a.from(rows.start, 0), result.start().add(rows.start * n_columns));
                tiled(instructions, shape, a, b, into, result, n_columns);
            }
        });
    }
}

/// Picks the tiles for the number type and the instructions.
///
/// # Safety
/// As [`blocked::multiply`], and the machine has the instructions.
#[expect(unsafe_code, reason = "tiles take pointers and strides")]
unsafe fn tiled<R: Real>(
    instructions: Instructions,
    shape: Shape,
    a: Factor<R>,
    b: Factor<R>,
    into: Into,
    result: *mut R,
    result_row: usize,
) {
    blocked::with_scratch(|scratch| {
        // SAFETY of all blocks: the caller's promise; `with_scratch` lends enough.
        match instructions {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx512 => unsafe { x86::avx512(shape, a, b, into, result, result_row, scratch) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { x86::avx2(shape, a, b, into, result, result_row, scratch) },
            // SAFETY: as above.
            _ => unsafe { blocked::multiply::<Plain<R>, 4>(shape, a, b, into, result, result_row, scratch) },
        }
    });
}

/// A dot product for each row: result[i] (+)= Σⱼ a[i][j]·b[j], in [`LANES`] sums side by side.
///
/// # Safety
/// Rows of a and b have `n_inner` numbers each, and the result has `n_rows`.
#[expect(unsafe_code, reason = "kernels take pointers and strides")]
unsafe fn dots<R: Real>(shape: Shape, a: Factor<R>, b: Factor<R>, into: Into, result: *mut R) {
    for row in 0..shape.n_rows {
        // SAFETY: the caller's promise.
        unsafe {
            let a = std::slice::from_raw_parts(a.from(row, 0).start, shape.n_inner);
            let sum = dot(a, std::slice::from_raw_parts(b.start, shape.n_inner));
            let place = result.add(row);
            *place = if into == Into::Add { *place + sum } else { sum };
        }
    }
}

kernel! {
    /// Σ aⱼ·bⱼ.
    pub fn dot[R: Real][R](a: &[R], b: &[R]) -> R = dot_plain;
}

#[inline(always)]
fn dot_plain<R: Real>(a: &[R], b: &[R]) -> R {
    let mut sums = [R::ZERO; LANES];
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let mut sum = R::ZERO;
    for (&a, &b) in a_rest.iter().zip(b_rest) {
        sum += a * b;
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sum + sums[0]
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The tiles, compiled for each set of instructions.
    #![expect(unsafe_code, reason = "tiles take pointers and strides")]

    use super::blocked::{Factor, multiply};
    use super::register::{Avx2Double, Avx2Single, Avx512Double, Avx512Single};
    use super::{Into, Shape};
    use crate::Real;

    macro_rules! tiles {
        ($name:ident, $features:literal, $single:ident, $double:ident, $rows:literal) => {
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name<R: Real>(
                shape: Shape,
                a: Factor<R>,
                b: Factor<R>,
                into: Into,
                result: *mut R,
                result_row: usize,
                scratch: *mut R,
            ) {
                // SAFETY: the caller's promise. R is f32 or f64, and which of them its size tells.
                unsafe {
                    if size_of::<R>() == size_of::<f32>() {
                        multiply::<$single, $rows>(
                            shape,
                            a.cast(),
                            b.cast(),
                            into,
                            result.cast(),
                            result_row,
                            scratch.cast(),
                        );
                    } else {
                        multiply::<$double, $rows>(
                            shape,
                            a.cast(),
                            b.cast(),
                            into,
                            result.cast(),
                            result_row,
                            scratch.cast(),
                        );
                    }
                }
            }
        };
    }

    tiles!(avx512, "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", Avx512Single, Avx512Double, 14);
    tiles!(avx2, "avx2,fma", Avx2Single, Avx2Double, 6);
}

#[cfg(test)]
mod tests;
