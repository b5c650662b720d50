//! Tiles: up to 14 rows and 32 columns of the result, whose sums stay in registers while the pairs of a block run by.

use super::strip::{LANES, Line};
use super::{HalfInstructions, ROWS, Start, pair};

/// Where a tile's sums come from and go to.
pub(super) struct Target<'a> {
    /// The result from the tile's first number on.
    pub(super) result: &'a mut [f32],
    /// From row to row.
    pub(super) step: usize,
    /// At most [`ROWS`], at least 1.
    pub(super) n_rows: usize,
    /// Columns: at most those of two strips, at least 1.
    pub(super) width: usize,
    pub(super) start: Start,
}

/// Adds the products of a strip of the left and two strips of the right factor. For at most 16 columns the second of
/// them is not looked at.
#[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "instructions of the machine"))]
pub(super) fn add(instructions: Option<HalfInstructions>, a: &[Line], b: [&[Line]; 2], target: Target) {
    assert!((1..=ROWS).contains(&target.n_rows) && (1..=2 * LANES).contains(&target.width), "one tile");
    assert!(b.iter().all(|b| b.len() == a.len()), "strips of the same block");
    assert!(target.result.len() >= (target.n_rows - 1) * target.step + target.width, "a tile of the result");
    match instructions {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has these instructions: `HalfInstructions::here` has asked it. The assertions above hold.
        Some(HalfInstructions::Avx512Bf16) => unsafe { super::x86::add(a, b, target) },
        _ => plain::add(a, b, target),
    }
}

mod plain {
    //! The plain twin, one row and one strip at a time.

    use super::{LANES, Line, Start, Target, pair};
    use crate::instructions::kernel;

    pub(super) fn add(a: &[Line], b: [&[Line]; 2], target: Target) {
        let Target { result, step, n_rows, width, start } = target;
        for row in 0..n_rows {
            for (b, sums) in b.into_iter().zip(result[row * step..][..width].chunks_mut(LANES)) {
                let mut lanes = [0.0; LANES];
                if start == Start::Result {
                    lanes[..sums.len()].copy_from_slice(sums);
                }
                chain(a, row, b, &mut lanes);
                sums.copy_from_slice(&lanes[..sums.len()]);
            }
        }
    }

    kernel! {
        /// One row of a strip of the left factor with a strip of the right one.
        #[expect(unreachable_pub, reason = "the macro writes `pub`")]
        pub fn chain[][](a: &[Line], row: usize, b: &[Line], sums: &mut [f32; LANES]) = chain_plain;
    }

    #[inline(always)]
    fn chain_plain(a: &[Line], row: usize, b: &[Line], sums: &mut [f32; LANES]) {
        for (a, b) in a.iter().zip(b) {
            pair::add(sums, a.0[row], &b.0);
        }
    }
}
