//! Large products: tiles of the result that stay in registers while the sums run.
//!
//! A number of the result is a sum over blocks of [`N_INNER`] terms, one after the other; within a block the terms are
//! added in order, each by one fused operation. Neither depends on the place of the number or on the size of the result,
//! so that any part of it computed alone, on any thread, has the same bits.
//!
//! Method: K. Goto and R. van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34(3), 2008, less its
//! packing of the left factor, whose numbers are read one at a time from where they lie.
#![expect(unsafe_code, reason = "parts of a matrix that lie apart are written by pointer")]
#![expect(
    clippy::needless_range_loop,
    reason = "what adaptors call is not compiled for the widest instructions"
)]

use super::register::Register;
use super::{Into, Shape};
use crate::Real;
use std::cell::RefCell;

/// Terms of a block.
pub(super) const N_INNER: usize = 512;
/// Rows of the left factor that are used again and again from second-level cache.
const N_ROWS: usize = 224;
/// Up to so many rows, the right factor is read where it lies instead of being copied first.
const DIRECT_ROWS: usize = 64;
/// Columns of the right factor that are copied at once. A multiple of every panel's width.
const N_COLUMNS: usize = 1_024;
/// The most numbers of a register.
const MOST_LEN: usize = 16;
/// The most numbers of a tile: 14 rows of two registers of 16.
const MOST_TILE: usize = 448;
/// Bytes from row to row of which a multiple makes rows share too few lines of first-level cache.
const CROWDED: usize = 1_024;

// SAFETY: a factor is only read, like the slice that it was made of.
unsafe impl<R: Sync> Sync for Factor<R> {}

/// A factor: where it lies, and how far its numbers are apart.
#[derive(Clone, Copy)]
pub(super) struct Factor<R> {
    pub(super) start: *const R,
    /// From row to row.
    pub(super) row: usize,
    /// From column to column.
    pub(super) column: usize,
}

impl<R> Factor<R> {
    /// A matrix in row order.
    pub(super) fn rows(values: &[R], n_columns: usize) -> Self {
        Self { start: values.as_ptr(), row: n_columns, column: 1 }
    }

    pub(super) fn transposed(self) -> Self {
        Self { row: self.column, column: self.row, ..self }
    }

    /// The same numbers as another type of the same size.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn cast<S>(self) -> Factor<S> {
        Factor { start: self.start.cast(), row: self.row, column: self.column }
    }

    /// The factor without its first rows and columns.
    ///
    /// # Safety
    /// It has so many.
    pub(super) unsafe fn from(self, row: usize, column: usize) -> Self {
        // SAFETY: the caller's promise.
        Self { start: unsafe { self.start.add(row * self.row + column * self.column) }, ..self }
    }
}

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
        for inner in (0..n_inner).step_by(N_INNER) {
            let n_inner = N_INNER.min(n_inner - inner);
            let is_written = inner == 0 && into == Into::Overwrite;
            // SAFETY: as above.
            let b = unsafe { b.from(inner, first_column) };
            let is_direct = b.column == 1 && n_rows <= DIRECT_ROWS;
            let first_copied = if is_direct { n_columns / width * width } else { 0 };
            for column in (first_copied..n_columns).step_by(width) {
                let n_columns = width.min(n_columns - column);
                // SAFETY: as above.
                unsafe {
                    copy_panel::<V>(b.from(0, column), n_inner, n_columns, scratch.add(N_INNER * column));
                };
            }
            for row in (0..n_rows).step_by(N_ROWS) {
                let n_rows = N_ROWS.min(n_rows - row);
                // SAFETY: as above.
                let mut a = unsafe { a.from(row, inner) };
                let is_crowded = (a.row.max(a.column) * size_of::<V::Number>()).is_multiple_of(CROWDED);
                if is_crowded && n_columns > width {
                    // SAFETY: as above.
                    a = unsafe { copied(a, n_rows, n_inner, left, V::LEN) };
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
                            strip::<V, ROWS, 2>(n_rows, n_inner, a, b, target);
                        } else {
                            strip::<V, ROWS, 1>(n_rows, n_inner, a, b, target);
                        }
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; 64],
}

thread_local! {
    /// Copies of a panel of the right and of rows of the left factor.
    static SCRATCH: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Lends this thread's scratch, with room for the copies of any product. What uses it must be a function: a closure is
/// not compiled for the instructions of the function around it.
pub(super) fn with_scratch<R: Real>(work: impl FnOnce(*mut R)) {
    let bytes = (N_INNER * N_COLUMNS + (N_ROWS + MOST_LEN) * (N_INNER + MOST_LEN)) * size_of::<R>();
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() * size_of::<Line>() < bytes {
            scratch.resize(bytes.div_ceil(size_of::<Line>()), Line { _bytes: [0; 64] });
        }
        work(scratch.as_mut_ptr().cast());
    });
}

/// A part of the left factor, copied to where its rows lie close and not crowded.
#[inline(always)]
unsafe fn copied<R: Real>(a: Factor<R>, n_rows: usize, n_inner: usize, to: *mut R, gap: usize) -> Factor<R> {
    // Runs of neighbours, and how far they lie apart.
    let (n_runs, length, stride) =
        if a.column == 1 { (n_rows, n_inner, a.row) } else { (n_inner, n_rows, a.column) };
    let apart = length + gap;
    for run in 0..n_runs {
        // SAFETY: the caller's sizes; of the two strides one is 1.
        unsafe { std::ptr::copy_nonoverlapping(a.start.add(run * stride), to.add(run * apart), length) };
    }
    let (row, column) = if a.column == 1 { (apart, 1) } else { (1, apart) };
    Factor { start: to, row, column }
}

/// Columns of a factor side by side, at most two registers of them, zeros behind the last.
#[inline(always)]
unsafe fn copy_panel<V: Register>(
    b: Factor<V::Number>,
    n_inner: usize,
    n_columns: usize,
    to: *mut V::Number,
) {
    let width = 2 * V::LEN;
    // SAFETY of all blocks: the caller's sizes; `to` has `width` numbers for each of `n_inner` rows.
    if n_columns < width {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(to, n_inner * width) }.fill(V::Number::ZERO);
    }
    if b.column == 1 && n_columns == width {
        for inner in 0..n_inner {
            // SAFETY: as above.
            unsafe {
                let (from, to) = (b.start.add(inner * b.row), to.add(inner * width));
                V::load(from).store(to);
                V::load(from.add(V::LEN)).store(to.add(V::LEN));
            }
        }
        return;
    }
    // Eight by eight, so that both sides use whole lines of the cache.
    let mut column = 0;
    while column < n_columns {
        let n_columns = 8.min(n_columns - column);
        let mut inner = 0;
        while inner < n_inner {
            let n_inner = 8.min(n_inner - inner);
            // SAFETY: as above.
            unsafe {
                let (from, to) = (b.from(inner, column), to.add(inner * width + column));
                if n_columns == 8 && n_inner == 8 && b.row == 1 {
                    V::transpose_eight(from.start, from.column, to, width);
                } else {
                    for inner in 0..n_inner {
                        for column in 0..n_columns {
                            *to.add(inner * width + column) = *from.from(inner, column).start;
                        }
                    }
                }
            }
            inner += 8;
        }
        column += 8;
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
    a: Factor<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
) {
    let mut row = 0;
    while row < n_rows {
        // SAFETY: within the factor and the result.
        let (a, target) =
            unsafe { (a.from(row, 0), Target { start: target.start.add(row * target.row), ..target }) };
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

/// `M` rows and `N` registers of the result; gives `M`.
#[inline(always)]
unsafe fn tile<V: Register, const M: usize, const N: usize>(
    n_inner: usize,
    a: Factor<V::Number>,
    b: Factor<V::Number>,
    target: Target<V::Number>,
) -> usize {
    let mut sums = [[V::splat(V::Number::ZERO); N]; M];
    let (mut left, mut right) = (a.start, b.start);
    for _ in 0..n_inner {
        // SAFETY: the caller's sizes.
        unsafe {
            let mut b = [V::splat(V::Number::ZERO); N];
            for (j, b) in b.iter_mut().enumerate() {
                *b = V::load(right.add(j * V::LEN));
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                let a = V::splat(*left.add(i * a.row));
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum = sum.plus_product(a, b);
                }
            }
            left = left.add(a.column);
        }
        right = right.wrapping_add(b.row);
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
