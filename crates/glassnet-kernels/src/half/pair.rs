//! bf16 in plain Rust: how a number is rounded, and how a pair of products is added to a sum, to the bit as
//! `vcvtne2ps2bf16` and `vdpbf16ps` do it.

/// Sums below this round to less than the smallest normal number, were there smaller ones with as many digits, and are
/// flushed: 2⁻¹²⁶ − 2⁻¹⁵¹. It is a tie itself, and the even neighbour is 2⁻¹²⁶.
const FLUSHED_BELOW: f64 = f32::MIN_POSITIVE as f64 * (1.0 - 1.0 / (1_u64 << 25) as f64);

/// The upper half of the nearest `f32` whose lower half is zero; ties to even. Subnormal numbers become zero, NaN
/// becomes quiet.
#[inline(always)]
pub(super) fn rounded(value: f32) -> u16 {
    let bits = value.to_bits();
    if value.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    if value.abs() < f32::MIN_POSITIVE {
        return (bits >> 16) as u16 & 0x8000;
    }
    ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// Two rounded numbers as the instruction reads them: the first in the lower half.
#[inline(always)]
pub(super) fn pair(first: f32, second: f32) -> u32 {
    u32::from(rounded(first)) | u32::from(rounded(second)) << 16
}

/// sums ← flush(flush(sums + a₂·b₂) + a₁·b₁) for a pair (a₁, a₂) and many pairs (b₁, b₂).
#[inline(always)]
pub(super) fn add<const N: usize>(sums: &mut [f32; N], a: u32, b: &[u32; N]) {
    for half in [upper, lower] {
        let before = *sums;
        let mut is_near_zero = false;
        for (sum, &b) in sums.iter_mut().zip(b) {
            *sum = half(a).mul_add(half(b), without_subnormal(*sum));
            is_near_zero |= *sum != 0.0 && sum.abs() <= f32::MIN_POSITIVE;
        }
        if is_near_zero {
            for ((sum, before), &b) in sums.iter_mut().zip(before).zip(b) {
                // Exact in 64 bits wherever it matters: the product has at most 16 digits, and no sum that is rounded
                // crosses the limit.
                let exact = f64::from(half(a)) * f64::from(half(b)) + f64::from(without_subnormal(before));
                if exact.abs() < FLUSHED_BELOW {
                    *sum = 0.0_f32.copysign(*sum);
                }
            }
        }
    }
}

#[inline(always)]
fn lower(pair: u32) -> f32 {
    f32::from_bits(pair << 16)
}

#[inline(always)]
fn upper(pair: u32) -> f32 {
    f32::from_bits(pair & 0xffff_0000)
}

/// Subnormal numbers are taken as zero.
#[inline(always)]
fn without_subnormal(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0_f32.copysign(value) } else { value }
}
