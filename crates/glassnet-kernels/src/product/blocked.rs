//! Large products: tiles of the result that stay in registers while the sums run.
//!
//! A number of the result is a sum over blocks of so many terms, one after the other; within a block the terms are
//! added in order, each by one fused operation. Neither depends on the place of the number or on the rows of the result,
//! so that any part of it computed alone, on any thread, has the same bits.
//!
//! Method: K. Goto and R. van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34(3), 2008. Where few
//! columns or rows use a copy, a factor is read where it lies instead.
#![expect(unsafe_code, reason = "parts of a matrix that lie apart are written by pointer")]
#![expect(
    clippy::needless_range_loop,
    reason = "what adaptors call is not compiled for the widest instructions"
)]

use super::packing::{
    Factor, Left, MOST_ROWS, N_COLUMNS, N_INNER, N_LEFT_ROWS, N_ROWS, Output, copy_panels, pack, padded,
};
use super::register::Register;
use super::{Into, Shape};
use crate::Real;
use crate::cache::{self, LINE};
use std::ops::Range;

/// Up to so many rows, the right factor is read where it lies instead of being copied first.
const DIRECT_ROWS: usize = 64;
/// Columns from which copying the left factor costs less than reading it where it lies, and the result is fetched ahead.
pub(super) const WIDE_COLUMNS: usize = 512;
/// The most numbers of a tile: rows of two registers of 16.
const MOST_TILE: usize = MOST_ROWS * 32;
/// Bytes from row to row of which a multiple makes rows share too few lines of first-level cache.
const CROWDED: usize = 1_024;

/// Copies rows of a left factor for [`multiply`], from one that is a multiple of [`N_ROWS`] on, to their place in a copy that
/// starts there.
///
/// # Safety
/// The factor has these rows and so many terms, and the copy has room for [`padded`] rows of them.
#[inline(always)]
pub(super) unsafe fn copy_left<V: Register, const ROWS: usize>(
    rows: Range<usize>,
    n_inner: usize,
    a: Factor<V::Number>,
    copy: *mut V::Number,
) {
    for row in rows.clone().step_by(N_ROWS) {
        // SAFETY: the caller's promise.
        unsafe {
            let to = copy.add(padded(row) * n_inner);
            pack::<V, ROWS>(a.from(row, 0), N_ROWS.min(rows.end - row), n_inner, to);
        }
    }
}

/// result (+)= a·b, in blocks of so many terms, at most [`N_INNER`]. `ROWS` is the number of rows of a tile that fits the
/// registers. Of the left factor there may be a copy already, by [`copy_left`].
///
/// # Safety
/// Factors and result have the shape's sizes, and nobody else writes to them. The left factor lies in row order or its
/// transpose does: one of its distances is 1. With a copy, there are at most [`N_LEFT_ROWS`] rows and as many terms as go into
/// [`N_INNER`] in whole blocks.
#[inline(always)]
pub(super) unsafe fn multiply<V: Register, const ROWS: usize>(
    (shape, n_terms): (Shape, usize),
    a: Factor<V::Number>,
    left_copy: Option<*mut V::Number>,
    b: Factor<V::Number>,
    output: Output<V::Number>,
    scratch: *mut V::Number,
) {
    let n_at_once = N_INNER / n_terms * n_terms;
    let is_crowded = (a.row.max(a.column) * size_of::<V::Number>()).is_multiple_of(CROWDED);
    let is_wide = shape.n_columns >= WIDE_COLUMNS || left_copy.is_some();
    let is_packed = is_wide || is_crowded && shape.n_columns > 2 * V::LEN;
    for row in (0..shape.n_rows).step_by(N_LEFT_ROWS) {
        let n_rows = N_LEFT_ROWS.min(shape.n_rows - row);
        for inner in (0..shape.n_inner).step_by(n_at_once) {
            let n_inner = n_at_once.min(shape.n_inner - inner);
            for column in (0..shape.n_columns).step_by(N_COLUMNS) {
                let n_columns = N_COLUMNS.min(shape.n_columns - column);
                // SAFETY: parts of factors and result within the shape, and of the scratch.
                unsafe {
                    let left = match (left_copy, is_packed, column) {
                        (Some(copy), _, _) => LeftIs::Copied(copy),
                        (None, false, _) => LeftIs::WhereItLies,
                        (None, true, 0) => LeftIs::ToBeCopied(scratch.add(N_INNER * N_COLUMNS)),
                        (None, true, _) => LeftIs::Copied(scratch.add(N_INNER * N_COLUMNS)),
                    };
                    let Output { start, row: result_row, into } = output.from(row, column);
                    let is_written = inner == 0 && into == Into::Overwrite;
                    let target = Target { start, row: result_row, n_columns, is_written, is_wide, n_terms };
                    let (a, b) = (a.from(row, inner), b.from(inner, column));
                    block::<V, ROWS>(n_rows, n_inner, a, left, b, target, scratch);
                }
            }
        }
    }
}

/// Where the left factor is read.
#[derive(Clone, Copy)]
enum LeftIs<R> {
    WhereItLies,
    ToBeCopied(*mut R),
    Copied(*mut R),
}

/// Some blocks of terms of a part of the result, with a copy of all its columns of the right factor.
#[inline(always)]
unsafe fn block<V: Register, const ROWS: usize>(
    n_rows: usize,
    n_inner: usize,
    a: Factor<V::Number>,
    left_is: LeftIs<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
    scratch: *mut V::Number,
) {
    let n_columns = target.n_columns;
    let width = 2 * V::LEN;
    let is_direct = b.column == 1 && n_rows <= DIRECT_ROWS;
    let first_copied = if is_direct { n_columns / width * width } else { 0 };
    // SAFETY: here and below: parts of factors and result; the scratch has room for both copies.
    unsafe {
        let to = scratch.add(N_INNER * first_copied);
        copy_panels::<V>(b.from(0, first_copied), n_inner, n_columns - first_copied, to);
    };
    for row in (0..n_rows).step_by(N_ROWS) {
        let n_later_rows = n_rows.saturating_sub(row + N_ROWS);
        let n_rows = N_ROWS.min(n_rows - row);
        // SAFETY: as above.
        let (a, target) =
            unsafe { (a.from(row, 0), Target { start: target.start.add(row * target.row), ..target }) };
        // SAFETY: as above.
        let place = |copy: *mut V::Number| unsafe { copy.add(padded(row) * n_inner) };
        let tiles = match left_is {
            LeftIs::WhereItLies => Left { first: a, tile: ROWS * a.row },
            LeftIs::ToBeCopied(copy) => {
                // SAFETY: as above.
                unsafe { pack::<V, ROWS>(a, n_rows, n_inner, place(copy)) };
                Left::packed::<ROWS>(place(copy), n_inner)
            }
            LeftIs::Copied(copy) => Left::packed::<ROWS>(place(copy), n_inner),
        };
        if target.is_wide {
            // Row by row, which memory delivers much faster than in the order of the tiles.
            for row in 0..n_rows {
                for column in (0..n_columns).step_by(LINE / size_of::<V::Number>()) {
                    cache::fetch(target.start.wrapping_add(row * target.row + column));
                }
            }
        }
        // Rows that follow each other in memory.
        let n_next = if a.row == n_inner { N_ROWS.min(n_later_rows) } else { 0 };
        let mut ahead = Ahead {
            place: a.start.wrapping_add(n_rows * n_inner),
            n_lines: n_next * n_inner * size_of::<V::Number>() / LINE,
        };
        let mut first = 0;
        if n_rows == 1 && is_direct {
            // One row: as many sums side by side as hide the waiting.
            while first + 8 * V::LEN <= n_columns {
                // SAFETY: as above.
                unsafe {
                    let target = Target { start: target.start.add(first), n_columns: 8 * V::LEN, ..target };
                    tile::<V, 1, 8>(n_inner, a, b.from(0, first), target, &mut ahead);
                }
                first += 8 * V::LEN;
            }
        }
        for column in (first..n_columns).step_by(width) {
            let n_columns = width.min(n_columns - column);
            // SAFETY: as above.
            unsafe {
                let target = Target { start: target.start.add(column), n_columns, ..target };
                let b = if column < first_copied {
                    b.from(0, column)
                } else {
                    Factor { start: scratch.add(N_INNER * column), row: width, column: 1 }
                };
                if n_columns > V::LEN {
                    strip::<V, ROWS, 2>(n_rows, n_inner, tiles, b, target, &mut ahead);
                } else {
                    strip::<V, ROWS, 1>(n_rows, n_inner, tiles, b, target, &mut ahead);
                }
            }
        }
    }
}

/// What is used next, a line of the cache a round of a tile: all at once would wait for memory.
struct Ahead<R> {
    place: *const R,
    /// Still to be asked for.
    n_lines: usize,
}

impl<R> Ahead<R> {
    /// For so many rounds: the first line, and how far the next one is.
    #[inline(always)]
    fn next(&mut self, n_rounds: usize) -> (*const R, usize) {
        let line = self.place;
        let step = if self.n_lines == 0 { 0 } else { LINE / size_of::<R>() };
        self.place = line.wrapping_add(n_rounds * step);
        self.n_lines = self.n_lines.saturating_sub(n_rounds);
        (line, step)
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
    /// Whether the whole result is so wide that its rows lie far apart.
    is_wide: bool,
    /// Terms of a sum before it goes there.
    n_terms: usize,
}

/// Columns of the result, tile after tile.
#[inline(always)]
unsafe fn strip<V: Register, const ROWS: usize, const N: usize>(
    n_rows: usize,
    n_inner: usize,
    a: Left<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
    ahead: &mut Ahead<V::Number>,
) {
    let mut row = 0;
    while row < n_rows {
        // SAFETY: within the factor and the result.
        let (a, target) =
            unsafe { (a.from::<ROWS>(row), Target { start: target.start.add(row * target.row), ..target }) };
        // SAFETY: the caller's sizes; so many rows are left.
        row += unsafe {
            match n_rows - row {
                left if ROWS >= 14 && left >= 14 => tile::<V, 14, N>(n_inner, a, b, target, ahead),
                left if ROWS >= 8 && left >= 8 => tile::<V, 8, N>(n_inner, a, b, target, ahead),
                left if ROWS == 6 && left >= 6 => tile::<V, 6, N>(n_inner, a, b, target, ahead),
                left if left >= 4 => tile::<V, 4, N>(n_inner, a, b, target, ahead),
                left if left >= 2 => tile::<V, 2, N>(n_inner, a, b, target, ahead),
                _ => tile::<V, 1, N>(n_inner, a, b, target, ahead),
            }
        };
    }
}

/// `M` rows and `N` registers of the result; gives `M`.
#[inline(always)]
unsafe fn tile<V: Register, const M: usize, const N: usize>(
    n_inner: usize,
    a: Factor<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
    ahead: &mut Ahead<V::Number>,
) -> usize {
    for inner in (0..n_inner).step_by(target.n_terms) {
        let n_inner = target.n_terms.min(n_inner - inner);
        let target = Target { is_written: target.is_written && inner == 0, ..target };
        // SAFETY: terms of both factors.
        unsafe { tile_block::<V, M, N>(n_inner, a.from(0, inner), b.from(inner, 0), target, ahead) };
    }
    M
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

/// A block of terms for `M` rows and `N` registers of the result.
#[inline(always)]
unsafe fn tile_block<V: Register, const M: usize, const N: usize>(
    n_inner: usize,
    a: Factor<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
    ahead: &mut Ahead<V::Number>,
) {
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
        debug_assert_eq!(a.column, 1, "a left factor in row order");
        // Hidden from the compiler, which would else make each address of the one before, a chain as long as the sums take.
        let mut rows = [a.start; M];
        for i in 0..M {
            rows[i] = std::hint::black_box(a.start.wrapping_add(i * a.row));
        }
        let (mut line, step) = ahead.next(n_inner / 2);
        for inner in (0..n_inner / 2 * 2).step_by(2) {
            // SAFETY: the caller's sizes.
            unsafe {
                cache::fetch_far(line);
                line = line.wrapping_add(step);
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
}
