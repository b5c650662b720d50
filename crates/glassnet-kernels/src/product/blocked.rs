//! Large products: tiles of the result that stay in registers while the sums run.
//!
//! A number of the result is a sum over blocks of [`N_INNER`] terms, one after the other; within a block the terms are
//! added in order, each by one fused operation. Neither depends on the place of the number or on the size of the result,
//! so that any part of it computed alone, on any thread, has the same bits.
//!
//! Method: K. Goto and R. van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34(3), 2008. Where few
//! columns or rows use a copy, a factor is read where it lies instead.
#![expect(unsafe_code, reason = "parts of a matrix that lie apart are written by pointer")]
#![expect(
    clippy::needless_range_loop,
    reason = "what adaptors call is not compiled for the widest instructions"
)]

use super::packing::{Factor, Left, MOST_ROWS, N_COLUMNS, N_INNER, N_ROWS, PANELS, copy_panels, packed};
use super::register::Register;
use super::{Into, Shape};
use crate::Real;

/// Up to so many rows, the right factor is read where it lies instead of being copied first.
const DIRECT_ROWS: usize = 64;
/// Columns from which copying the left factor costs less than reading it where it lies, and the result is fetched ahead.
const WIDE_COLUMNS: usize = 512;
/// The most numbers of a tile: rows of two registers of 16.
const MOST_TILE: usize = MOST_ROWS * 32;
/// Bytes of a line of the cache.
const LINE: usize = 64;
/// Bytes from row to row of which a multiple makes rows share too few lines of first-level cache.
const CROWDED: usize = 1_024;

/// result (+)= a·b. `ROWS` is the number of rows of a tile that fits the registers.
///
/// # Safety
/// Factors and result have the shape's sizes, the result with `result_row` numbers from row to row, and nobody else
/// writes to them.
#[inline(always)]
pub(super) unsafe fn multiply<V: Register, const ROWS: usize>(
    shape: Shape,
    a: Factor<V::Number>,
    b: Factor<V::Number>,
    into: Into,
    result: *mut V::Number,
    result_row: usize,
    scratch: *mut V::Number,
) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    let width = 2 * V::LEN;
    // SAFETY: here and below: parts of factors and result within the shape; the scratch has room for both copies.
    let left = unsafe { scratch.add(N_INNER * N_COLUMNS) };
    for first_column in (0..n_columns).step_by(N_COLUMNS) {
        let n_columns = N_COLUMNS.min(n_columns - first_column);
        let is_wide = n_columns >= WIDE_COLUMNS;
        for inner in (0..n_inner).step_by(N_INNER) {
            let n_inner = N_INNER.min(n_inner - inner);
            let is_written = inner == 0 && into == Into::Overwrite;
            // SAFETY: as above.
            let b = unsafe { b.from(inner, first_column) };
            let is_direct = b.column == 1 && n_rows <= DIRECT_ROWS;
            let first_copied = if is_direct { n_columns / width * width } else { 0 };
            for column in (first_copied..n_columns).step_by(PANELS * width) {
                let n_columns = (PANELS * width).min(n_columns - column);
                // SAFETY: as above.
                unsafe {
                    copy_panels::<V>(b.from(0, column), n_inner, n_columns, scratch.add(N_INNER * column));
                };
            }
            for row in (0..n_rows).step_by(N_ROWS) {
                let n_rows = N_ROWS.min(n_rows - row);
                // SAFETY: as above.
                let a = unsafe { a.from(row, inner) };
                let is_crowded = (a.row.max(a.column) * size_of::<V::Number>()).is_multiple_of(CROWDED);
                let tiles = if is_wide || is_crowded && n_columns > width {
                    // SAFETY: as above.
                    unsafe { packed::<V, ROWS>(a, n_rows, n_inner, left) }
                } else {
                    Left { first: a, tile: ROWS * a.row }
                };
                if is_wide {
                    // Row by row, which memory delivers much faster than in the order of the tiles.
                    for row in row..row + n_rows {
                        for column in (0..n_columns).step_by(LINE / size_of::<V::Number>()) {
                            V::fetch(result.wrapping_add(row * result_row + first_column + column));
                        }
                    }
                }
                let mut first = 0;
                if n_rows == 1 && is_direct {
                    // One row: as many sums side by side as hide the waiting.
                    while first + 8 * V::LEN <= n_columns {
                        // SAFETY: as above.
                        unsafe {
                            let start = result.add(row * result_row + first_column + first);
                            let target = Target { start, row: result_row, n_columns: 8 * V::LEN, is_written };
                            tile::<V, 1, 8>(n_inner, a, b.from(0, first), target);
                        }
                        first += 8 * V::LEN;
                    }
                }
                for column in (first..n_columns).step_by(width) {
                    let n_columns = width.min(n_columns - column);
                    // SAFETY: as above.
                    unsafe {
                        let start = result.add(row * result_row + first_column + column);
                        let target = Target { start, row: result_row, n_columns, is_written };
                        let b = if column < first_copied {
                            b.from(0, column)
                        } else {
                            Factor { start: scratch.add(N_INNER * column), row: width, column: 1 }
                        };
                        if n_columns > V::LEN {
                            strip::<V, ROWS, 2>(n_rows, n_inner, tiles, b, target);
                        } else {
                            strip::<V, ROWS, 1>(n_rows, n_inner, tiles, b, target);
                        }
                    }
                }
            }
        }
    }
}

/// Where sums go.
#[derive(Clone, Copy)]
struct Target<R> {
    start: *mut R,
    /// From row to row.
    row: usize,
    n_columns: usize,
    /// Whether they are written rather than added.
    is_written: bool,
}

/// Columns of the result, tile after tile.
#[inline(always)]
unsafe fn strip<V: Register, const ROWS: usize, const N: usize>(
    n_rows: usize,
    n_inner: usize,
    a: Left<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
) {
    let mut row = 0;
    while row < n_rows {
        // SAFETY: within the factor and the result.
        let (a, target) =
            unsafe { (a.from::<ROWS>(row), Target { start: target.start.add(row * target.row), ..target }) };
        // SAFETY: the caller's sizes; so many rows are left.
        row += unsafe {
            match n_rows - row {
                left if ROWS >= 14 && left >= 14 => tile::<V, 14, N>(n_inner, a, b, target),
                left if ROWS >= 8 && left >= 8 => tile::<V, 8, N>(n_inner, a, b, target),
                left if ROWS == 6 && left >= 6 => tile::<V, 6, N>(n_inner, a, b, target),
                left if left >= 4 => tile::<V, 4, N>(n_inner, a, b, target),
                left if left >= 2 => tile::<V, 2, N>(n_inner, a, b, target),
                _ => tile::<V, 1, N>(n_inner, a, b, target),
            }
        };
    }
}

/// sums[i][j] += a(i)·b[j].
#[inline(always)]
unsafe fn add_products<V: Register, const M: usize, const N: usize>(
    sums: &mut [[V; N]; M],
    right: *const V::Number,
    a: impl Fn(usize) -> V,
) {
    let mut b = [V::splat(V::Number::ZERO); N];
    for (j, b) in b.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *b = unsafe { V::load(right.add(j * V::LEN)) };
    }
    for (i, sums) in sums.iter_mut().enumerate() {
        let a = a(i);
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum = sum.plus_product(a, b);
        }
    }
}

/// `M` rows and `N` registers of the result; gives `M`.
#[inline(always)]
unsafe fn tile<V: Register, const M: usize, const N: usize>(
    n_inner: usize,
    a: Factor<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
) -> usize {
    let mut sums = [[V::splat(V::Number::ZERO); N]; M];
    let mut right = b.start;
    if a.row == 1 {
        let mut left = a.start;
        for _ in 0..n_inner / 2 {
            // SAFETY: the caller's sizes.
            unsafe {
                add_products(&mut sums, right, |i| V::splat(*left.add(i)));
                add_products(&mut sums, right.add(b.row), |i| V::splat(*left.add(a.column + i)));
            }
            left = left.wrapping_add(2 * a.column);
            right = right.wrapping_add(2 * b.row);
        }
        if n_inner % 2 == 1 {
            // SAFETY: the caller's sizes.
            unsafe { add_products(&mut sums, right, |i| V::splat(*left.add(i))) };
        }
    } else {
        // Hidden from the compiler, which would else make each address of the one before, a chain as long as the sums take.
        let mut rows = [a.start; M];
        for i in 0..M {
            rows[i] = std::hint::black_box(a.start.wrapping_add(i * a.row));
        }
        for inner in (0..n_inner / 2 * 2).step_by(2) {
            // SAFETY: the caller's sizes.
            unsafe {
                add_products(&mut sums, right, |i| V::splat(*rows[i].add(inner)));
                add_products(&mut sums, right.add(b.row), |i| V::splat(*rows[i].add(inner + 1)));
            }
            right = right.wrapping_add(2 * b.row);
        }
        if n_inner % 2 == 1 {
            // SAFETY: the caller's sizes.
            unsafe { add_products(&mut sums, right, |i| V::splat(*rows[i].add(n_inner - 1))) };
        }
    }
    // SAFETY of all blocks: the caller's sizes. Loops without choices inside, or the sums would leave their registers.
    if target.n_columns < N * V::LEN {
        let mut numbers = [V::Number::ZERO; MOST_TILE];
        for i in 0..M {
            for j in 0..N {
                // SAFETY: a tile is at most MOST_TILE numbers.
                unsafe { sums[i][j].store(numbers.as_mut_ptr().add((i * N + j) * V::LEN)) };
            }
        }
        for (i, numbers) in numbers.chunks_exact(N * V::LEN).take(M).enumerate() {
            for (j, &number) in numbers.iter().take(target.n_columns).enumerate() {
                // SAFETY: as above.
                unsafe {
                    let place = target.start.add(i * target.row + j);
                    *place = if target.is_written { number } else { *place + number };
                }
            }
        }
    } else if target.is_written {
        for i in 0..M {
            for j in 0..N {
                // SAFETY: as above.
                unsafe { sums[i][j].store(target.start.add(i * target.row + j * V::LEN)) };
            }
        }
    } else {
        for i in 0..M {
            for j in 0..N {
                // SAFETY: as above.
                unsafe {
                    let place = target.start.add(i * target.row + j * V::LEN);
                    V::load(place).plus(sums[i][j]).store(place);
                }
            }
        }
    }
    M
}
