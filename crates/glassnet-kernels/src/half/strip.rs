//! Strips: up to 16 columns of a factor side by side, its rows in pairs, rounded to bf16.
//!
//! A line holds one pair of rows: for each column the number of the first row and, in the upper half, that of the
//! second. A strip is all lines, or those of a block, one after the other. Of a left factor the transpose is packed, so
//! that its columns are rows of the result. An odd last row is paired with
//! zeros; what stands in place of missing columns is never looked at.

use super::{Factor, HalfInstructions, Order, pair};

/// Columns of a strip.
pub(super) const LANES: usize = 16;

/// A pair of rows: 32 numbers of 16 bits, as wide as a register and as a line of the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [u32; LANES]);

/// Packs at most 16 columns and all rows of a factor.
#[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "instructions of the machine"))]
pub(super) fn pack(instructions: Option<HalfInstructions>, factor: Factor, strip: &mut [Line]) {
    assert!(factor.n_columns <= LANES && strip.len() == factor.n_rows.div_ceil(2), "one strip");
    if factor.n_columns == 0 || factor.n_rows == 0 {
        return strip.fill(Line::default());
    }
    match instructions {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has these instructions: `HalfInstructions::here` has asked it.
        Some(HalfInstructions::Avx512Bf16 | HalfInstructions::AmxBf16) => unsafe {
            super::x86::pack(factor, strip);
        },
        _ => pack_plain(factor, strip),
    }
}

/// The plain twin.
fn pack_plain(factor: Factor, strip: &mut [Line]) {
    let (row_step, column_step) = match factor.order {
        Order::Rows => (factor.step, 1),
        Order::Columns => (1, factor.step),
    };
    let at = |row: usize, column: usize| {
        let is_there = row < factor.n_rows && column < factor.n_columns;
        if is_there { factor.values[row * row_step + column * column_step] } else { 0.0 }
    };
    for (i, line) in strip.iter_mut().enumerate() {
        for (column, both) in line.0.iter_mut().enumerate() {
            *both = pair::pair(at(2 * i, column), at(2 * i + 1, column));
        }
    }
}
