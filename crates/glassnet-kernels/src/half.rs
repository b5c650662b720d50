//! Products of 16-bit factors: both factors are rounded to bf16, the sums are taken in 32 bits.
//!
//! A number of the result is one chain over the pairs of its terms, first to last, from 0 or from the number already
//! there: s ← flush(flush(s + `a₂ᵢ₊₁·b₂ᵢ₊₁`) + `a₂ᵢ·b₂ᵢ`), each of the two additions fused with its multiplication and
//! rounded once. The chain does not depend on blocks, on the place of the number or on the size of the result, so that
//! any rows or columns computed alone, on any thread, have the same bits. An odd last term is paired with 0·0.
//!
//! That is what `vdpbf16ps` does (Intel 64 and IA-32 manual, volume 2), subnormal numbers taken as zero and results that
//! would be subnormal flushed to zero. The plain twin does the same in plain Rust, so that machines without the
//! instruction get the same bits, slowly. AMX's tiles are several times as fast and sum in another order; see `amx`.
//!
//! Method: K. Goto and R. van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34(3), 2008. Both
//! factors are packed while they are rounded; see `strip`. `docs/precision.md` says what was measured.

#[cfg(target_arch = "x86_64")]
mod amx; // products by tiles of registers
mod pair; // rounding, and one step of the chain
mod strip; // both factors as the instruction reads them
mod tile; // a part of the result that stays in registers
#[cfg(target_arch = "x86_64")]
mod x86; // strips and tiles by AVX-512
#[cfg(test)]
mod tests;

use crate::team::{Chunks, Team};
use std::ops::Range;
use strip::{LANES, Line};

/// Pairs of a block: as many as let a strip of the left factor stay in first-level cache.
const PAIRS: usize = 256;
/// Pairs of a right factor that are packed at a time.
const PACKED_PAIRS: usize = 32;
/// The most rows of a tile: with two registers of columns 28 sums, which leaves room for factors among 32 registers.
const ROWS: usize = 14;
/// Strips of the left factor that are packed at a time, into second-level cache.
const LEFT_STRIPS: usize = 16;

/// Instructions that multiply 16-bit factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HalfInstructions {
    /// `vdpbf16ps` on registers of 512 bits.
    Avx512Bf16,
    /// `tdpbf16ps` on tiles of 16 such registers, whose sums have an order of their own.
    AmxBf16,
}

impl HalfInstructions {
    /// The fastest that this machine has. Without any, products are right but slower than in `f32`.
    #[inline]
    pub fn here() -> Option<Self> {
        [Self::AmxBf16, Self::Avx512Bf16].into_iter().find(|instructions| instructions.are_here())
    }

    #[cfg(target_arch = "x86_64")]
    fn are_here(self) -> bool {
        use crate::instructions::Instructions;
        let has_bf16 = std::arch::is_x86_feature_detected!("avx512bf16");
        let are_wide = has_bf16 && Instructions::here() == Instructions::Avx512;
        are_wide && (self == Self::Avx512Bf16 || amx::is_here())
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn are_here(self) -> bool {
        false
    }
}

/// What becomes of the numbers already in a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// They are written over.
    Overwrite,
    /// The product is added to them.
    Add,
}

/// A factor of a product, in 32 bits, where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'a> {
    values: &'a [f32],
    n_rows: usize,
    n_columns: usize,
    order: Order,
    /// From row to row of a factor in row order, from column to column of one in column order.
    step: usize,
}

/// Which neighbours are next to each other in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Those of a row.
    Rows,
    /// Those of a column.
    Columns,
}

impl<'a> Factor<'a> {
    /// A matrix row after row. values: (`n_rows`, `n_columns`).
    ///
    /// # Panics
    /// When `values` has another length.
    pub fn in_rows(values: &'a [f32], n_rows: usize, n_columns: usize) -> Self {
        assert_eq!(values.len(), n_rows * n_columns, "{n_rows} rows of {n_columns}");
        Self { values, n_rows, n_columns, order: Order::Rows, step: n_columns }
    }

    /// The transpose of a matrix that lies row after row. values: (`n_columns`, `n_rows`).
    ///
    /// # Panics
    /// When `values` has another length.
    pub fn transposed(values: &'a [f32], n_rows: usize, n_columns: usize) -> Self {
        assert_eq!(values.len(), n_rows * n_columns, "{n_columns} columns of {n_rows}");
        Self { values, n_rows, n_columns, order: Order::Columns, step: n_rows }
    }

    /// Some of its rows.
    ///
    /// # Panics
    /// When it does not have them.
    #[must_use]
    pub fn rows(self, rows: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= self.n_rows, "rows {rows:?} of {}", self.n_rows);
        let step = if self.order == Order::Rows { self.step } else { 1 };
        let values = self.values.get(rows.start * step..).unwrap_or_default();
        Self { values, n_rows: rows.len(), ..self }
    }

    /// Some of its columns.
    ///
    /// # Panics
    /// When it does not have them.
    #[must_use]
    pub fn columns(self, columns: Range<usize>) -> Self {
        self.flipped().rows(columns).flipped()
    }

    /// The transpose.
    fn flipped(self) -> Self {
        let order = if self.order == Order::Rows { Order::Columns } else { Order::Rows };
        Self { n_rows: self.n_columns, n_columns: self.n_rows, order, ..self }
    }
}

/// A right factor, rounded to bf16 and laid out for products. Weights that many products share are packed once; threads
/// that compute parts of one product share it too.
#[derive(Debug, Clone, Default)]
pub struct Packed {
    lines: Vec<Line>,
    n_rows: usize,
    n_columns: usize,
}

impl Packed {
    /// Takes the place of what was packed before, in the same memory where it is large enough.
    pub fn pack(&mut self, factor: Factor) {
        self.pack_with(&Team::default(), HalfInstructions::here(), factor);
    }

    /// As [`Packed::pack`], by these threads together.
    pub(crate) fn pack_by(&mut self, team: &Team, factor: Factor) {
        self.pack_with(team, HalfInstructions::here(), factor);
    }

    fn pack_with(&mut self, team: &Team, instructions: Option<HalfInstructions>, factor: Factor) {
        (self.n_rows, self.n_columns) = (factor.n_rows, factor.n_columns);
        let n_pairs = factor.n_rows.div_ceil(2);
        let n_lines = n_pairs.next_multiple_of(LANES);
        self.lines.resize(n_lines * factor.n_columns.div_ceil(LANES), Line::default());
        if n_pairs > 0 {
            let firsts: Vec<usize> = (0..factor.n_columns).step_by(LANES).collect();
            let strips = Chunks { n: n_lines, values: &mut self.lines };
            team.split(team.n_threads(), 1, (&firsts[..], strips), |(firsts, strips)| {
                // A few rows of all strips after the other, so that few pages of memory are in use at a time.
                for pair in (0..n_pairs).step_by(PACKED_PAIRS) {
                    let end = n_pairs.min(pair + PACKED_PAIRS);
                    let factor = factor.rows(2 * pair..factor.n_rows.min(2 * end));
                    for (&first, strip) in firsts.iter().zip(strips.values.chunks_exact_mut(n_lines)) {
                        let columns = first..factor.n_columns.min(first + LANES);
                        strip::pack(instructions, factor.columns(columns), &mut strip[pair..end]);
                    }
                }
                for strip in strips.values.chunks_exact_mut(n_lines) {
                    strip[n_pairs..].fill(Line::default());
                }
            });
        }
    }

    /// Pairs of one strip, 16 columns. Behind the last there are zeros, up to a multiple of 16.
    fn strip(&self, index: usize, pairs: Range<usize>) -> &[Line] {
        let begin = index * self.n_rows.div_ceil(2).next_multiple_of(LANES);
        &self.lines[begin + pairs.start..begin + pairs.end]
    }
}

/// Memory that products work in, kept from one to the next.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    left: Vec<Line>,
    right: Packed,
    /// The transpose of a result with few columns.
    transposed: Vec<f32>,
}

/// result = a·b, or result += a·b. a: (`n_rows`, `n_inner`), b: (`n_inner`, `n_columns`), result: (`n_rows`, `n_columns`)
/// in row order.
///
/// Both factors are rounded to bf16: to nearest, ties to even; subnormal numbers become zero, NaN stays NaN.
///
/// # Panics
/// When the sizes do not agree.
pub fn multiply(a: Factor, b: Factor, into: Into, result: &mut [f32], scratch: &mut Scratch) {
    multiply_with(HalfInstructions::here(), a, b, into, result, scratch);
}

/// [`multiply`] with a right factor that is already packed, with the same bits. For fewer than 16 columns [`multiply`] is
/// faster. Threads may share `b`, each with its rows of `a` and of the result and a scratch of its own.
///
/// # Panics
/// When the sizes do not agree.
pub fn multiply_packed(a: Factor, b: &Packed, into: Into, result: &mut [f32], scratch: &mut Scratch) {
    blocks(HalfInstructions::here(), a, b, into, result, &mut scratch.left);
}

fn multiply_with(
    instructions: Option<HalfInstructions>,
    a: Factor,
    b: Factor,
    into: Into,
    result: &mut [f32],
    scratch: &mut Scratch,
) {
    let Scratch { left, right, transposed } = scratch;
    let (n_rows, n_columns) = (a.n_rows, b.n_columns);
    if n_columns >= LANES || n_columns >= n_rows {
        right.pack_with(&Team::default(), instructions, b);
        return blocks(instructions, a, right, into, result, left);
    }
    // Few columns fill no register: the transpose, bᵀ·aᵀ, has many. Its numbers are the same chains.
    assert_eq!(result.len(), n_rows * n_columns, "{n_rows} rows of {n_columns}");
    right.pack_with(&Team::default(), instructions, a.flipped());
    transposed.clear();
    transposed.extend((0..result.len()).map(|i| result[(i % n_rows) * n_columns + i / n_rows]));
    blocks(instructions, b.flipped(), right, into, transposed, left);
    for (column, values) in transposed.chunks_exact(n_rows).enumerate() {
        for (row, &value) in values.iter().enumerate() {
            result[row * n_columns + column] = value;
        }
    }
}

/// Blocks of pairs, within them blocks of rows; every pair of strips of the right factor meets all rows of the block.
fn blocks(
    instructions: Option<HalfInstructions>,
    a: Factor,
    b: &Packed,
    into: Into,
    result: &mut [f32],
    left: &mut Vec<Line>,
) {
    let (n_rows, n_inner, n_columns) = (a.n_rows, a.n_columns, b.n_columns);
    assert_eq!(n_inner, b.n_rows, "columns of the left factor, rows of the right one");
    assert_eq!(result.len(), n_rows * n_columns, "{n_rows} rows of {n_columns}");
    if n_inner == 0 && into == Into::Overwrite {
        result.fill(0.0);
    }
    #[cfg(target_arch = "x86_64")]
    if instructions == Some(HalfInstructions::AmxBf16) {
        return amx::blocks(a, b, into, result, left);
    }
    let n_pairs = n_inner.div_ceil(2);
    let n_strips = n_rows.div_ceil(ROWS);
    left.resize(left.len().max(LEFT_STRIPS * PAIRS), Line::default());
    for first_pair in (0..n_pairs).step_by(PAIRS) {
        let pairs = first_pair..n_pairs.min(first_pair + PAIRS);
        let a = a.columns(2 * pairs.start..n_inner.min(2 * pairs.end));
        let into = if first_pair == 0 { into } else { Into::Add };
        for first_strip in (0..n_strips).step_by(LEFT_STRIPS) {
            let strips = first_strip..n_strips.min(first_strip + LEFT_STRIPS);
            let rows = |strip: usize| share(n_rows, n_strips, strip)..share(n_rows, n_strips, strip + 1);
            for (strip, lines) in strips.clone().zip(left.chunks_exact_mut(pairs.len())) {
                strip::pack(instructions, a.rows(rows(strip)).flipped(), lines);
            }
            for first_column in (0..n_columns).step_by(2 * LANES) {
                let width = (n_columns - first_column).min(2 * LANES);
                let index = first_column / LANES;
                let second = if width > LANES { index + 1 } else { index };
                let b = [b.strip(index, pairs.clone()), b.strip(second, pairs.clone())];
                for (strip, a) in strips.clone().zip(left.chunks_exact(pairs.len())) {
                    let rows = rows(strip);
                    let result = &mut result[rows.start * n_columns + first_column..];
                    let target = tile::Target { result, step: n_columns, n_rows: rows.len(), width, into };
                    tile::add(instructions, a, b, target);
                }
            }
        }
    }
}

/// Where the share with this number begins when `count` rows are divided as evenly as they can be.
fn share(count: usize, n_shares: usize, index: usize) -> usize {
    index * (count / n_shares) + index.min(count % n_shares)
}
