//! exp, ln and tanh with the same bits on every platform: plain multiplications and additions in a fixed order,
//! no fused operation, no call into the platform's mathematics library.

use crate::vector::{ROUND, Vector};

const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// ln 2 in two parts; the first has 21 trailing zero bits, so that a whole number up to 2^20 times it is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// eˣ, within 1 unit in the last place.
///
/// Method: x = k·ln 2 + r with |r| ≤ ½ ln 2 (Cody and Waite, *Software Manual for the Elementary Functions*, 1980),
/// e^r by its Taylor polynomial of degree 13 (remainder below 4·10⁻¹⁸), then 2^k by setting the exponent.
/// Overflows to infinity above 709.78 and to 0 below −745.13; NaN stays NaN. There is no branch and no conversion to a
/// whole number, so that a loop over it becomes vector instructions with the same bits.
///
/// ```
/// assert_eq!(glassnet_kernels::exponential::exp(0.0), 1.0);
/// ```
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_of(x)
}

/// The same of every number of a vector.
#[inline(always)]
pub(crate) fn exp_of<V: Vector>(x: V) -> V {
    exp_of_signed(x.clamped(-746.0, 710.0), 1.0)
}

/// 1/(1 + e^(−z)), with the bits that [`exp`] of −z gives.
#[inline(always)]
pub(crate) fn sigmoid_of<V: Vector>(z: V) -> V {
    // Beyond that e^(−z) may not be a normal number. Hidden from the compiler, which would else always clamp: nothing is to
    // wait for that.
    let z = if z.is_within(700.0) { z } else { std::hint::black_box(z.clamped(-710.0, 746.0)) };
    V::splat(1.0) / (V::splat(1.0) + exp_of_signed(z, -1.0))
}

/// e^(sign·x); the sign, 1 or −1, goes into the constants rather than into x. Everything is odd or even in it, so that the
/// bits are the same.
#[inline(always)]
fn exp_of_signed<V: Vector>(x: V, sign: f64) -> V {
    let (exp_m1, k) = exp_m1_parts_of(x, sign);
    (V::splat(1.0) + exp_m1).times_power_of_2(k)
}

/// e^r − 1 by its Taylor polynomial of degree 13, and k, for sign·x = k·ln 2 + r.
#[inline(always)]
fn exp_m1_parts_of<V: Vector>(x: V, sign: f64) -> (V, V) {
    let number = V::splat;
    let (r, k) = reduce(x, sign);
    // Pairs of terms side by side rather than one long chain: the same bits everywhere, half the waiting.
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (number(0.5) + r * number(sign / 6.0)) + r2 * (number(1.0 / 24.0) + r * number(sign / 120.0));
    let middle = (number(1.0 / 720.0) + r * number(sign / 5_040.0))
        + r2 * (number(1.0 / 40_320.0) + r * number(sign / 362_880.0));
    let high = (number(1.0 / 3_628_800.0) + r * number(sign / 39_916_800.0))
        + r2 * (number(1.0 / 479_001_600.0) + r * number(sign / 6_227_020_800.0));
    let rest = r2 * ((low + r4 * middle) + (r4 * r4) * high);
    (if sign > 0.0 { rest + r } else { rest - r }, k)
}

/// eˣ − 1 for x ≤ 0, within 2 units in the last place, near 0 as elsewhere; 0 for every x above.
///
/// Method: that of [`exp_m1_of_negative_single`] with the polynomial of [`exp`].
#[inline(always)]
pub fn exp_m1_of_negative(x: f64) -> f64 {
    // At −40 the result rounds to −1.
    let (p, k) = exp_m1_parts_of(x.clamp(-40.0, 0.0), 1.0);
    let power = (k + ROUND).last_bits_as_exponent();
    power * p + (power - 1.0)
}

/// The hyperbolic tangent, within 1.5 units in the last place.
///
/// Method: x + x·z·P(z)/Q(z) with z = x² for |x| < 0.625, with the polynomials of Cephes (Moshier, *Methods and Programs for
/// Mathematical Functions*, 1989), and 1 − 2/(e^(2|x|) + 1) with the sign of x beyond. Both are computed but for the division,
/// so that a loop over it becomes vector instructions.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let size = x.abs();
    let z = x * x;
    let p = (-0.964_399_179_425_052_2 * z - 99.287_723_100_191_86) * z - 1_614.687_684_417_084_5;
    let q = ((z + 112.811_678_491_632_93) * z + 2_235.488_390_601_004_5) * z + 4_844.063_053_251_255;
    let is_small = size < 0.625;
    // At 22 the result rounds to 1.
    let e = exp((2.0 * size).clamp(0.0, 44.0));
    let [above, below] = if is_small { [size * z * p, q] } else { [-2.0, e + 1.0] };
    let first = if is_small { size } else { 1.0 };
    (first + above / below).copysign(x)
}

/// eˣ as an `f32`, within 0.53 units in the last place, from a shorter polynomial in `f64`.
///
/// Method: that of [`exp`] with degree 8; its remainder is below 3·10⁻¹⁰, a hundredth of a unit in the last place.
#[inline(always)]
pub fn exp_single(x: f32) -> f32 {
    let (p, powers) = exp_m1_parts(f64::from(x));
    ((1.0 + p) * powers.0 * powers.1) as f32
}

/// eˣ for x ≤ 0 as an `f32`, within 1 unit in the last place, in `f32` alone: half the work of [`exp_single`], for functions
/// that round several times more; 1 for every x above.
///
/// Method: that of [`exp`] with degree 7, whose remainder is below 6·10⁻⁹; ln 2 in two parts of which the first has 9 bits;
/// 2^k as 2^(k + 24)·2^(−24), so that results that are not normal numbers are rounded once.
#[inline(always)]
pub fn exp_of_negative_single(x: f32) -> f32 {
    let (p, k) = exp_m1_parts_single(x.clamp(-104.0, 0.0));
    let power = power_of_2(k, 24);
    (power * p + power) * (f32::EPSILON / 2.0)
}

/// eˣ − 1 for x ≤ 0 as an `f32`, within 1 unit in the last place, near 0 as elsewhere, in `f32` alone; 0 for every x above.
///
/// Method: that of [`exp_of_negative_single`], as 2^k·(e^r − 1) + (2^k − 1): for k = 0 it is e^r − 1 itself.
#[inline(always)]
pub fn exp_m1_of_negative_single(x: f32) -> f32 {
    // At −20 the result rounds to −1.
    let (p, k) = exp_m1_parts_single(x.clamp(-20.0, 0.0));
    let power = power_of_2(k, 0);
    power * p + (power - 1.0)
}

/// e^r − 1 by its Taylor polynomial of degree 7, and k + [`ROUND_SINGLE`], for x = k·ln 2 + r.
#[inline(always)]
fn exp_m1_parts_single(x: f32) -> (f32, f32) {
    let k_rounding = x * std::f32::consts::LOG2_E + ROUND_SINGLE;
    let k = k_rounding - ROUND_SINGLE;
    let r = (x - k * (355.0 / 512.0)) + k * 2.121_944_4e-4;
    let r2 = r * r;
    let low = 0.5 + r * (1.0 / 6.0);
    let high = ((1.0 / 24.0) + r * (1.0 / 120.0)) + r2 * ((1.0 / 720.0) + r * (1.0 / 5_040.0));
    (r + r2 * (low + r2 * high), k_rounding)
}

/// Added and taken away again, it rounds a number below 2^22 to the nearest whole number (ties to even).
const ROUND_SINGLE: f32 = 12_582_912.0; // 1.5 · 2^23

/// 2^(k + above), a normal number, of a whole number k: the last bits of k + [`ROUND_SINGLE`] are those of k, and what stands
/// before them is shifted out.
#[inline(always)]
fn power_of_2(k_rounding: f32, above: u32) -> f32 {
    f32::from_bits((k_rounding.to_bits() << 23).wrapping_add((127 + above) << 23))
}

/// tanh x as an `f32`: t/(t + 2) with t = e^(2x) − 1.
#[inline(always)]
pub fn tanh_single(x: f32) -> f32 {
    let (p, powers) = exp_m1_parts(f64::from(x).clamp(-20.0, 20.0) * 2.0);
    let power = powers.0 * powers.1;
    let t = power * p + (power - 1.0);
    (t / (t + 2.0)) as f32
}

/// e^r − 1 by its Taylor polynomial of degree 8, and 2^k in two factors, for x = k·ln 2 + r. The clamp is wider than
/// `f32`.
#[inline(always)]
fn exp_m1_parts(x: f64) -> (f64, (f64, f64)) {
    let (r, k) = reduce(x.clamp(-160.0, 160.0), 1.0);
    let r2 = r * r;
    let low = (0.5 + r * (1.0 / 6.0)) + r2 * ((1.0 / 24.0) + r * (1.0 / 120.0));
    let high = ((1.0 / 720.0) + r * (1.0 / 5_040.0)) + r2 * (1.0 / 40_320.0);
    (r + r2 * (low + r2 * r2 * high), k.power_of_2())
}

/// r and k for x = sign·k·ln 2 + r, with k a whole number.
#[inline(always)]
fn reduce<V: Vector>(x: V, sign: f64) -> (V, V) {
    let k = (x * V::splat(sign * LOG2_E)).rounded();
    ((x - k * V::splat(sign * LN_2_HIGH)) - k * V::splat(sign * LN_2_LOW), k)
}

/// The natural logarithm, within 1 unit in the last place (the algorithm of FreeBSD's `e_log.c`, by the `libm` crate).
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// The natural logarithm of a positive, normal number, rounded once from a sum of two doubles that is good to about
/// 100 bits. About twenty times slower than [`ln`]. `NumPy`'s legacy generator needs it: its last bit depends on the
/// logarithm of the C library, which rounds correctly all but about once in 1,000 times.
///
/// Method: x = 2^k·m with ½√2 ≤ m < √2, ln m = 2 artanh s with s = (m − 1)/(m + 1), by its series in s².
pub fn ln_rounded(x: f64) -> f64 {
    let mut k = ((x.to_bits() >> 52) as i64) - 1023;
    let mut m = f64::from_bits((x.to_bits() & 0x000f_ffff_ffff_ffff) | (1023 << 52));
    if m > std::f64::consts::SQRT_2 {
        m *= 0.5;
        k += 1;
    }
    let s = Double::from(m - 1.0).divided_by(Double::sum(m, 1.0));
    let s2 = s.times(s);
    // The last term, s⁴¹/41, is below 10⁻³³ of the sum.
    let series = (0..=20).rev().fold(Double::from(0.0), |series, term| {
        let coefficient = Double::from(1.0).divided_by(Double::from(f64::from(2 * term + 1)));
        series.times(s2).plus(coefficient)
    });
    let artanh = series.times(s);
    let k = Double::from(k as f64);
    let ln_2 = Double { high: std::f64::consts::LN_2, low: LN_2_REST };
    let result = k.times(ln_2).plus(artanh.plus(artanh));
    result.high + result.low
}

/// ln 2 minus its nearest double.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;

/// A number as the unevaluated sum of two doubles (Dekker, Numer. Math. 18, 224, 1971).
#[derive(Clone, Copy)]
struct Double {
    high: f64,
    low: f64,
}

impl From<f64> for Double {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Double {
    /// a + b, exactly.
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let b_part = high - a;
        Self { high, low: (a - (high - b_part)) + (b - b_part) }
    }

    /// a · b, exactly (short of overflow).
    fn product(a: f64, b: f64) -> Self {
        let (a_high, a_low) = split(a);
        let (b_high, b_low) = split(b);
        let high = a * b;
        Self { high, low: ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low }
    }

    fn plus(self, other: Self) -> Self {
        let sum = Self::sum(self.high, other.high);
        Self::sum(sum.high, sum.low + (self.low + other.low))
    }

    fn times(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        Self::sum(product.high, product.low + (self.high * other.low + self.low * other.high))
    }

    fn divided_by(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self.plus(Self::from(-first).times(other));
        let second = rest.high / other.high;
        let rest = rest.plus(Self::from(-second).times(other));
        Self::sum(first, second).plus(Self::from(rest.high / other.high))
    }
}

/// Two halves of 26 bits (Veltkamp).
fn split(a: f64) -> (f64, f64) {
    let shifted = a * 134_217_729.0; // 2^27 + 1
    let high = shifted - (shifted - a);
    (high, a - high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units_apart(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn exp_at_its_ends() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-0.0), 1.0);
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(exp(709.79), f64::INFINITY);
        assert!(exp(709.78).is_finite());
        assert_eq!(exp(-745.2), 0.0);
        assert!(exp(-744.0) > 0.0);
    }

    #[test]
    fn exp_keeps_its_bits() {
        // Recorded from this implementation, which the property below holds to 1 unit in the last place: a change of
        // the summation order, and with it of every lesson's bits, shows here.
        for (x, bits) in [(1.0, 0x4005_bf0a_8b14_576a_u64), (-1.0, 0x3fd7_8b56_362c_ef38)] {
            assert_eq!(exp(x).to_bits(), bits, "exp({x}) = {:016x}", exp(x).to_bits());
        }
    }

    /// Of an `f32`.
    fn units_of_single(found: f32, exact: f64) -> f64 {
        let unit = f64::from(f32::from_bits(found.abs().to_bits() + 1)) - f64::from(found.abs());
        (f64::from(found) - exact).abs() / unit
    }

    #[test]
    fn single_functions_at_their_ends() {
        assert_eq!([exp_single(0.0), exp_single(200.0), exp_single(-200.0)], [1.0, f32::INFINITY, 0.0]);
        let beyond = [0.0, -0.0, 50.0, f32::INFINITY, -200.0, f32::NEG_INFINITY];
        assert_eq!(beyond.map(exp_of_negative_single), [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        assert!(exp_of_negative_single(f32::NAN).is_nan() && exp_of_negative_single(-100.0) > 0.0);
        assert_eq!(beyond.map(exp_m1_of_negative_single), [0.0, 0.0, 0.0, 0.0, -1.0, -1.0]);
        assert_eq!([f32::NEG_INFINITY, -50.0, 0.0, 50.0].map(tanh_single), [-1.0, -1.0, 0.0, 1.0]);
        assert!(
            [exp_single, exp_m1_of_negative_single, tanh_single]
                .map(|f| f(f32::NAN))
                .iter()
                .all(|y| y.is_nan())
        );
        assert_eq!(tanh_single(1e-30), 1e-30);
        assert_eq!(exp_m1_of_negative_single(-1e-40), -1e-40);
    }

    #[test]
    fn doubles_at_their_ends() {
        let ends = [0.0, -0.0, 50.0, f64::INFINITY, f64::NEG_INFINITY, -746.0].map(exp_m1_of_negative);
        assert_eq!(ends, [0.0, 0.0, 0.0, 0.0, -1.0, -1.0]);
        assert!(exp_m1_of_negative(f64::NAN).is_nan() && tanh(f64::NAN).is_nan());
        let ends = [f64::NEG_INFINITY, -20.0, -0.0, 0.0, 22.0, f64::INFINITY].map(tanh);
        assert_eq!(ends.map(f64::to_bits), [-1.0, -1.0, -0.0, 0.0, 1.0, 1.0_f64].map(f64::to_bits));
        for x in [5e-324_f64, -1e-310, 1e-300, 1e-20] {
            assert_eq!([exp_m1_of_negative(-x.abs()), tanh(x)], [-x.abs(), x]);
        }
    }

    proptest! {
        #[test]
        fn doubles_are_near_the_platforms(
            x in prop_oneof![-40.0..709.0_f64, -2.0..2.0_f64, -0.5..0.5_f64, -1e-3..1e-3_f64, -1e-300..1e-300_f64],
        ) {
            // The platform's own error, of tanh up to two units, is among the three.
            let (below, exact) = (exp_m1_of_negative(-x.abs()), (-x.abs()).exp_m1());
            prop_assert!(units_apart(below, exact) <= 3, "{below} {exact}");
            prop_assert!(units_apart(tanh(x), x.tanh()) <= 3, "{} {}", tanh(x), x.tanh());
            prop_assert_eq!(tanh(-x).to_bits(), (-tanh(x)).to_bits());
        }

        #[test]
        fn single_functions_are_near_the_platforms(
            x in prop_oneof![-87.0..88.0_f32, -10.0..10.0_f32, -1e-3..1e-3_f32, -1e-30..1e-30_f32],
        ) {
            let exact = f64::from(x);
            prop_assert!(units_of_single(exp_single(x), exact.exp()) <= 0.53);
            let below = -x.abs().min(87.0);
            prop_assert!(units_of_single(exp_of_negative_single(below), f64::from(below).exp()) <= 1.0);
            prop_assert!(units_of_single(exp_m1_of_negative_single(below), f64::from(below).exp_m1()) <= 1.0);
            prop_assert!(units_of_single(tanh_single(x), exact.tanh()) <= 0.53);
        }

        #[test]
        fn short_exp_of_denormal_results(x in -104.0..-87.0_f32) {
            let error = (f64::from(exp_of_negative_single(x)) - f64::from(x).exp()).abs();
            prop_assert!(error <= f64::from(f32::from_bits(1)), "{} {}", exp_of_negative_single(x), f64::from(x).exp());
        }

        #[test]
        fn exp_is_near_the_platforms(x in -740.0..709.0_f64) {
            prop_assert!(units_apart(exp(x), x.exp()) <= 1 + u64::from(x < -708.0), "{} {}", exp(x), x.exp());
        }

        #[test]
        fn exp_of_small_numbers(x in -1e-3..1e-3_f64) {
            prop_assert!(units_apart(exp(x), x.exp()) <= 1);
        }

        #[test]
        fn the_two_logarithms_agree(x in prop_oneof![1e-300..1e300_f64, 0.9..1.1_f64, 1e-9..1.0_f64]) {
            prop_assert!(units_apart(ln_rounded(x), ln(x)) <= 1, "{} {}", ln_rounded(x), ln(x));
        }
    }
}
