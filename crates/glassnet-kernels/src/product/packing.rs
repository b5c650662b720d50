//! Factors and results of large products: where they lie, and copies of their parts in the order in which tiles read them.
#![expect(unsafe_code, reason = "parts of a matrix that lie apart are read by pointer")]

use super::register::Register;
use super::{Into, Shape};
use crate::Real;
use crate::pages::Numbers;
use crate::team::Parts;
use std::cell::RefCell;

/// Terms of a block.
pub(super) const N_INNER: usize = 1_024;
/// Rows of the left factor that are used again and again from second-level cache.
pub(super) const N_ROWS: usize = 112;
/// Rows of the left factor that are copied once for all columns. A multiple of [`N_ROWS`].
pub(super) const N_LEFT_ROWS: usize = 10 * N_ROWS;
/// Columns of the right factor that are copied at once. A multiple of every panel's width.
pub(super) const N_COLUMNS: usize = 128;
/// The most rows of a tile.
pub(super) const MOST_ROWS: usize = 14;

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

// SAFETY: who writes to one, by the promise of [`super::blocked::multiply`]'s callers, is alone with its numbers.
unsafe impl<R: Send> Sync for Output<R> {}

/// Where a product goes, and how.
#[derive(Clone, Copy)]
pub(super) struct Output<R> {
    pub(super) start: *mut R,
    /// From row to row.
    pub(super) row: usize,
    pub(super) into: Into,
}

impl<R> Output<R> {
    /// The result without its first rows and columns.
    ///
    /// # Safety
    /// It has so many.
    pub(super) unsafe fn from(self, row: usize, column: usize) -> Self {
        // SAFETY: the caller's promise.
        Self { start: unsafe { self.start.add(row * self.row + column) }, ..self }
    }

    /// The same numbers as another type of the same size.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn cast<S>(self) -> Output<S> {
        Output { start: self.start.cast(), row: self.row, into: self.into }
    }
}

thread_local! {
    /// Copies of a panel of the right and of rows of the left factor.
    static SCRATCH: RefCell<Numbers<f64>> = RefCell::default();
    /// A copy of rows of the left factor, which the threads of a team share.
    static LEFT: RefCell<Numbers<f64>> = RefCell::default();
}

/// So many rows of the left factor, with a tile more for each [`N_ROWS`] of them, of which some tiles are no divisor.
pub(super) fn padded(n_rows: usize) -> usize {
    n_rows + n_rows / N_ROWS * MOST_ROWS
}

/// Lends this thread's scratch, with room for the copies of such a product, of the left factor only where there is none yet. What
/// uses it must be a function: a closure is not compiled for the instructions of the function around it.
pub(super) fn with_scratch<R: Real>(shape: Shape, has_left_copy: bool, work: impl FnOnce(*mut R)) {
    let n_left = if has_left_copy { 0 } else { n_copied(shape) };
    SCRATCH.with_borrow_mut(|scratch| work(room(scratch, N_INNER * N_COLUMNS + n_left).as_mut_ptr()));
}

/// Lends room for a copy of the left factor of such a product, which several threads write.
pub(super) fn with_left_copy<R: Real>(shape: Shape, work: impl FnOnce(Parts<'_, R>)) {
    LEFT.with_borrow_mut(|copy| work(Parts::new(room(copy, n_copied(shape)))));
}

/// The most numbers of the left factor that are copied at once, and what [`pack`] writes too far.
fn n_copied(shape: Shape) -> usize {
    padded(shape.n_rows.min(N_LEFT_ROWS) + N_ROWS) * shape.n_inner.min(N_INNER) + 8
}

/// So many numbers, from the start of a line on.
fn room<R: Real>(memory: &mut Numbers<f64>, n_numbers: usize) -> &mut [R] {
    memory.resize((n_numbers * size_of::<R>()).div_ceil(size_of::<f64>()));
    // SAFETY: the memory has so many bytes, all of them written, and any bytes are an f32 or f64.
    unsafe { std::slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), n_numbers) }
}

/// Rows of the left factor, a tile's beside each other.
#[derive(Clone, Copy)]
pub(super) struct Left<R> {
    pub(super) first: Factor<R>,
    /// From the first row of a tile to that of the next.
    pub(super) tile: usize,
}

impl<R> Left<R> {
    /// What [`pack`] has copied there.
    pub(super) fn packed<const ROWS: usize>(start: *const R, n_inner: usize) -> Self {
        Self { first: Factor { start, row: 1, column: ROWS }, tile: ROWS * n_inner }
    }

    /// Rows from there, of one tile.
    ///
    /// # Safety
    /// There are such rows.
    #[inline(always)]
    pub(super) unsafe fn from<const ROWS: usize>(self, row: usize) -> Factor<R> {
        // SAFETY: the caller's promise.
        unsafe {
            let start = self.first.start.add(row / ROWS * self.tile);
            Factor { start, ..self.first }.from(row % ROWS, 0)
        }
    }
}

/// A part of the left factor, copied as tiles read it: for each term the numbers of `ROWS` rows.
#[inline(always)]
pub(super) unsafe fn pack<V: Register, const ROWS: usize>(
    a: Factor<V::Number>,
    n_rows: usize,
    n_inner: usize,
    to: *mut V::Number,
) {
    let n_tiles = if a.row == 1 { n_rows / ROWS } else { 0 };
    // Line after line, which memory delivers faster than a tile after the other.
    for inner in 0..n_inner {
        for tile in 0..n_tiles {
            // SAFETY: here and below: the caller's sizes; `to` has `n_inner` times `ROWS` numbers for each tile and eight more.
            unsafe {
                let to = to.add((tile * n_inner + inner) * ROWS);
                std::ptr::copy_nonoverlapping(a.from(tile * ROWS, inner).start, to, ROWS);
            };
        }
    }
    for row in (n_tiles * ROWS..n_rows).step_by(ROWS) {
        // SAFETY: as above.
        let (a, to) = unsafe { (a.from(row, 0), to.add(row * n_inner)) };
        let n_left = n_rows - row;
        let n_rows = ROWS.min(n_left);
        let n_blocks = if a.column == 1 && n_left >= 8 { n_inner / 8 } else { 0 };
        for inner in (0..8 * n_blocks).step_by(8) {
            // Rows twice where eight do not divide them; what a tile of fewer writes too far is then written over.
            for first in [0, n_rows.saturating_sub(8)].into_iter().take(n_rows.div_ceil(8)) {
                // SAFETY: as above.
                unsafe {
                    V::transpose_eight(a.from(first, inner).start, a.row, to.add(inner * ROWS + first), ROWS);
                };
            }
        }
        for inner in 8 * n_blocks..n_inner {
            for row in 0..n_rows {
                // SAFETY: as above.
                unsafe { *to.add(inner * ROWS + row) = *a.from(row, inner).start };
            }
        }
    }
}

/// Panels of the right factor, each behind [`N_INNER`] rows of the one before.
#[inline(always)]
pub(super) unsafe fn copy_panels<V: Register>(
    b: Factor<V::Number>,
    n_inner: usize,
    n_columns: usize,
    to: *mut V::Number,
) {
    let width = 2 * V::LEN;
    let n_whole = if b.column == 1 { n_columns / width } else { 0 };
    for inner in 0..n_inner {
        for panel in 0..n_whole {
            // SAFETY: the caller's sizes.
            unsafe {
                let (from, to) =
                    (b.from(inner, panel * width).start, to.add((panel * N_INNER + inner) * width));
                V::load(from).store(to);
                V::load(from.add(V::LEN)).store(to.add(V::LEN));
            }
        }
    }
    for column in (n_whole * width..n_columns).step_by(width) {
        let n_columns = width.min(n_columns - column);
        // SAFETY: the caller's sizes.
        unsafe { copy_panel::<V>(b.from(0, column), n_inner, n_columns, to.add(N_INNER * column)) };
    }
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
