//! What the machine can do at most, to hold a network's speed against.

use crate::instructions::kernel;

/// Numbers side by side whose sums do not wait for each other: enough to keep two units of 512 bits busy.
const N_SUMS: usize = 256;
/// Operations of one pass of [`fused_passes`]: a multiplication and an addition of every sum.
pub const OPERATIONS_A_PASS: usize = 2 * N_SUMS;

kernel! {
    /// So many passes of s ← s·a + b over sums that stay in registers; gives their total. Without fused instructions a
    /// pass calls the C library for every number.
    pub fn fused_passes[][](n_passes: usize, a: f32, b: f32) -> f32 = fused_passes_plain;
}

#[inline(always)]
fn fused_passes_plain(n_passes: usize, a: f32, b: f32) -> f32 {
    let mut sums = [1.0_f32; N_SUMS];
    for _ in 0..n_passes {
        for sum in &mut sums {
            *sum = sum.mul_add(a, b);
        }
    }
    sums.iter().sum()
}

kernel! {
    /// The sum of so many numbers, read once, by as many sums side by side as the machine can hold.
    pub fn read[][](values: &[f32]) -> f32 = read_plain;
}

#[inline(always)]
fn read_plain(values: &[f32]) -> f32 {
    let mut sums = [0.0_f32; N_SUMS];
    let mut chunks = values.chunks_exact(N_SUMS);
    for chunk in &mut chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    sums.iter().chain(chunks.remainder()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_are_counted_and_numbers_read() {
        assert_eq!(fused_passes(3, 2.0, 1.0), 15.0 * N_SUMS as f32);
        let values: Vec<f32> = (0..N_SUMS * 3 + 7).map(|i| i as f32).collect();
        assert_eq!(read(&values), (0..N_SUMS * 3 + 7).sum::<usize>() as f32);
    }
}
