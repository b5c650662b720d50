//! Large products: which kernel, and on which threads.

use super::blocked::{self, WIDE_COLUMNS};
use super::packing::{self, Factor, N_COLUMNS, N_INNER, N_LEFT_ROWS, N_ROWS, Output};
use super::register::Plain;
use super::{Compute, Into, Lies, Precision, SPLIT_LIMIT, Shape};
use crate::elementwise::{FEW_ROWS, MANY_COLUMNS};
use crate::instructions::{Instructions, kernel};
use crate::team::{Chunks, Parts, Team};
use crate::{Real, elementwise, half};
use std::cell::RefCell;
use std::ops::Range;

/// Columns of a part are a multiple of this, which is one of every panel's width.
const WIDTH: usize = 32;
/// Rows of a part from which a gradient by weights is split by rows, as all passes over parameters are: rows of the tallest
/// tile.
const ROWS: usize = 14;
/// Columns up to which a sum of [`MANY_COLUMNS`] terms or more has two blocks or more.
const FEW_COLUMNS: usize = 256;
/// Sums of a dot product that run side by side.
const LANES: usize = 64;

/// Terms of a block of each sum. Where a matrix of weights, as it lies, has many rows and few columns, the sums have two blocks or
/// more, which threads can share: each reads rows of weights, as it does when it computes their gradient and moves them.
fn n_terms(Shape { n_inner, n_columns, .. }: Shape, a_lies: Lies, b_lies: Lies) -> usize {
    let is_tall = n_inner >= MANY_COLUMNS && n_columns <= FEW_COLUMNS;
    if !is_tall || a_lies == Lies::Transposed || b_lies == Lies::Transposed {
        return N_INNER;
    }
    n_inner.div_ceil(n_inner.div_ceil(N_INNER).max(2))
}

/// The product of two factors where they lie. Whole shapes decide which kernel, so that the bits do not depend on the
/// threads.
#[expect(unsafe_code, reason = "kernels take pointers and strides")]
pub(super) fn multiply<R: Real>(
    Compute { team, precision }: Compute<'_>,
    shape: Shape,
    (a, a_lies): (&[R], Lies),
    (b, b_lies): (&[R], Lies),
    into: Into,
    result: &mut [R],
) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    let n_multiplications = n_rows * n_inner * n_columns;
    let n_parts = if n_multiplications < SPLIT_LIMIT { 1 } else { team.n_threads() };
    if precision == Precision::Half
        && n_rows > 1
        && n_columns > 1
        && let (Some(a), Some(b)) = (R::as_f32(a), R::as_f32(b))
        && let Some(result) = R::as_f32_mut(result)
    {
        let a = half_factor(a, a_lies, n_rows, n_inner);
        let b = half_factor(b, b_lies, n_inner, n_columns);
        return multiply_half(team, n_parts, shape, a, b, into, result);
    }
    let result = Parts::new(result);
    let instructions = Instructions::here();
    let n_terms = n_terms(shape, a_lies, b_lies);
    let n_blocks = n_inner.div_ceil(n_terms);
    let (a, b) = (factor(a, a_lies, n_rows, n_inner), factor(b, b_lies, n_inner, n_columns));
    let whole = || Output { start: result.start(), row: n_columns, into };
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
        let (a, b) = (b.transposed(), a.transposed());
        team.ranges(n_parts, n_rows, WIDTH, |columns| {
            let shape = Shape { n_rows: 1, n_inner, n_columns: columns.len() };
            // SAFETY: as above.
            unsafe {
                let (b, output) = (b.from(0, columns.start), whole().from(0, columns.start));
                tiled(instructions, (shape, n_terms), a, None, b, output);
            }
        });
    } else if n_rows <= FEW_ROWS && (2..=n_blocks).contains(&n_parts) {
        // The first block goes to the result, the others are added in their order.
        let n_numbers = n_rows * n_columns;
        let mut others = Vec::with_capacity((n_blocks - 1) * n_numbers);
        let places = Parts::new(others.spare_capacity_mut());
        team.run(n_blocks, &|block| {
            let first = block * n_terms;
            let shape = Shape { n_inner: n_terms.min(n_inner - first), ..shape };
            // SAFETY: as above, and each other block has a place of its own.
            unsafe {
                let (a, b) = (a.from(0, first), b.from(first, 0));
                let output = match block {
                    0 => whole(),
                    _ => Output {
                        start: places.start().add((block - 1) * n_numbers).cast(),
                        row: n_columns,
                        into: Into::Overwrite,
                    },
                };
                tiled(instructions, (shape, n_terms), a, None, b, output);
            }
        });
        // SAFETY: every number of them has been written.
        unsafe { others.set_len((n_blocks - 1) * n_numbers) };
        // SAFETY: the result has so many numbers, and the threads are done with it.
        let result = unsafe { std::slice::from_raw_parts_mut(result.start(), n_numbers) };
        for block in others.chunks_exact(n_numbers) {
            elementwise::add(result, block);
        }
    } else if n_parts > 1 && n_columns >= WIDE_COLUMNS.max(n_parts * WIDTH) {
        // SAFETY: as above.
        unsafe { multiply_wide(team, n_parts, shape, a, b, whole()) };
    } else if n_columns >= n_parts * WIDTH && !(a_lies == Lies::Transposed && n_rows >= n_parts * ROWS) {
        team.ranges(n_parts, n_columns, WIDTH, |columns| {
            let shape = Shape { n_columns: columns.len(), ..shape };
            // SAFETY: as above.
            unsafe {
                let (b, output) = (b.from(0, columns.start), whole().from(0, columns.start));
                tiled(instructions, (shape, n_terms), a, None, b, output);
            }
        });
    } else {
        team.ranges(n_parts, n_rows, 4, |rows| {
            let shape = Shape { n_rows: rows.len(), ..shape };
            // SAFETY: as above.
            unsafe {
                let (a, output) = (a.from(rows.start, 0), whole().from(rows.start, 0));
                tiled(instructions, (shape, n_terms), a, None, b, output);
            }
        });
    }
}

/// By columns, after the left factor has been copied once for all threads, each of which copies some of its rows.
///
/// # Safety
/// As [`blocked::multiply`].
#[expect(unsafe_code, reason = "tiles take pointers and strides")]
unsafe fn multiply_wide<R: Real>(
    team: &Team,
    n_parts: usize,
    shape: Shape,
    a: Factor<R>,
    b: Factor<R>,
    output: Output<R>,
) {
    let instructions = Instructions::here();
    // Where they come out even, more parts than threads: one that is held up leaves some of its own to the others.
    let is_even = shape.n_columns.is_multiple_of(n_parts * N_COLUMNS);
    let n_column_parts = if is_even { shape.n_columns / N_COLUMNS } else { n_parts };
    packing::with_left_copy(shape, |copy| {
        for row in (0..shape.n_rows).step_by(N_LEFT_ROWS) {
            for inner in (0..shape.n_inner).step_by(N_INNER) {
                let n_rows = N_LEFT_ROWS.min(shape.n_rows - row);
                let n_inner = N_INNER.min(shape.n_inner - inner);
                let into = if inner == 0 { output.into } else { Into::Add };
                // SAFETY: here and below: the caller's promise; `with_left_copy` lends enough; ranges lie apart.
                let a = unsafe { a.from(row, inner) };
                team.ranges(n_parts, n_rows, N_ROWS, |rows| {
                    // SAFETY: as above.
                    unsafe { copy_left(instructions, rows, n_inner, a, copy.start()) };
                });
                team.ranges(n_column_parts, shape.n_columns, WIDTH, |columns| {
                    let shape = Shape { n_rows, n_inner, n_columns: columns.len() };
                    // SAFETY: as above.
                    unsafe {
                        let output = Output { into, ..output.from(row, columns.start) };
                        let b = b.from(inner, columns.start);
                        tiled(instructions, (shape, N_INNER), a, Some(copy.start()), b, output);
                    }
                });
            }
        }
    });
}

fn factor<R>(values: &[R], lies: Lies, n_rows: usize, n_columns: usize) -> Factor<R> {
    match lies {
        Lies::InRows => Factor::rows(values, n_columns),
        Lies::Transposed => Factor::rows(values, n_rows).transposed(),
    }
}

fn half_factor(values: &[f32], lies: Lies, n_rows: usize, n_columns: usize) -> half::Factor<'_> {
    match lies {
        Lies::InRows => half::Factor::in_rows(values, n_rows, n_columns),
        Lies::Transposed => half::Factor::transposed(values, n_rows, n_columns),
    }
}

thread_local! {
    /// The right factor in 16 bits, which the threads of a team share.
    static RIGHT: RefCell<half::Packed> = RefCell::default();
    /// What each thread works in.
    static SCRATCH: RefCell<half::Scratch> = RefCell::default();
}

/// By rows, after the right factor has been rounded once for all threads.
fn multiply_half(
    team: &Team,
    n_parts: usize,
    shape: Shape,
    a: half::Factor<'_>,
    b: half::Factor<'_>,
    into: Into,
    result: &mut [f32],
) {
    if n_parts == 1 {
        return SCRATCH.with_borrow_mut(|scratch| half::multiply(a, b, into, result, scratch));
    }
    RIGHT.with_borrow_mut(|right| {
        right.pack_by(team, b);
        let rows: Vec<usize> = (0..shape.n_rows).collect();
        let result = Chunks { n: shape.n_columns, values: result };
        team.split(n_parts, 2, (&rows[..], result), |(rows, result)| {
            let a = a.rows(rows[0]..rows[0] + rows.len());
            SCRATCH.with_borrow_mut(|scratch| half::multiply_packed(a, right, into, result.values, scratch));
        });
    });
}

/// Picks the tiles for the number type and the instructions. The sums are taken in blocks of so many terms.
///
/// # Safety
/// As [`blocked::multiply`], and the machine has the instructions.
#[expect(unsafe_code, reason = "tiles take pointers and strides")]
pub(super) unsafe fn tiled<R: Real>(
    instructions: Instructions,
    sums: (Shape, usize),
    a: Factor<R>,
    left_copy: Option<*mut R>,
    b: Factor<R>,
    output: Output<R>,
) {
    packing::with_scratch(sums.0, left_copy.is_some(), |scratch| {
        // SAFETY of all blocks: the caller's promise; `with_scratch` lends enough.
        match instructions {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx512 => unsafe { x86::avx512(sums, a, left_copy, b, output, scratch) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { x86::avx2(sums, a, left_copy, b, output, scratch) },
            // SAFETY: as above.
            _ => unsafe { blocked::multiply::<Plain<R>, 4>(sums, a, left_copy, b, output, scratch) },
        }
    });
}

/// Copies rows of the left factor for these tiles.
///
/// # Safety
/// As [`blocked::copy_left`], and the machine has the instructions.
#[expect(unsafe_code, reason = "tiles take pointers and strides")]
pub(super) unsafe fn copy_left<R: Real>(
    instructions: Instructions,
    rows: Range<usize>,
    n_inner: usize,
    a: Factor<R>,
    copy: *mut R,
) {
    // SAFETY of all blocks: the caller's promise.
    match instructions {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Instructions::Avx512 => unsafe { x86::copy_for_avx512(rows, n_inner, a, copy) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Instructions::Avx2 => unsafe { x86::copy_for_avx2(rows, n_inner, a, copy) },
        // SAFETY: as above.
        _ => unsafe { blocked::copy_left::<Plain<R>, 4>(rows, n_inner, a, copy) },
    }
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
    fn dot[R: Real][R](a: &[R], b: &[R]) -> R = dot_plain;
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

    use super::super::register::{Avx2Double, Avx2Single, Avx512Double, Avx512Single};
    use super::blocked;
    use super::packing::{Factor, Output};
    use super::{Range, Shape};
    use crate::Real;

    macro_rules! tiles {
        ($name:ident, $copy:ident, $features:literal, $single:ident, $double:ident, $rows:literal) => {
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name<R: Real>(
                sums: (Shape, usize),
                a: Factor<R>,
                left_copy: Option<*mut R>,
                b: Factor<R>,
                output: Output<R>,
                scratch: *mut R,
            ) {
                // SAFETY: the caller's promise. R is f32 or f64, and which of them its size tells.
                unsafe {
                    if size_of::<R>() == size_of::<f32>() {
                        let (a, copy, b) = (a.cast(), left_copy.map(<*mut R>::cast), b.cast());
                        blocked::multiply::<$single, $rows>(sums, a, copy, b, output.cast(), scratch.cast());
                    } else {
                        let (a, copy, b) = (a.cast(), left_copy.map(<*mut R>::cast), b.cast());
                        blocked::multiply::<$double, $rows>(sums, a, copy, b, output.cast(), scratch.cast());
                    }
                }
            }

            #[target_feature(enable = $features)]
            pub(super) unsafe fn $copy<R: Real>(
                rows: Range<usize>,
                n_inner: usize,
                a: Factor<R>,
                copy: *mut R,
            ) {
                // SAFETY: as above.
                unsafe {
                    if size_of::<R>() == size_of::<f32>() {
                        blocked::copy_left::<$single, $rows>(rows, n_inner, a.cast(), copy.cast());
                    } else {
                        blocked::copy_left::<$double, $rows>(rows, n_inner, a.cast(), copy.cast());
                    }
                }
            }
        };
    }

    tiles!(
        avx512,
        copy_for_avx512,
        "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma",
        Avx512Single,
        Avx512Double,
        14
    );
    tiles!(avx2, copy_for_avx2, "avx2,fma", Avx2Single, Avx2Double, 6);
}
