//! The cosine of an angle in turns, with the same bits on every platform: plain multiplications and additions.
//!
//! In turns an angle is reduced exactly: u minus the nearest whole number. There is no branch, so that a loop becomes
//! vector instructions. The sine of u turns is the cosine of u − ¼ turns.

/// Added and taken away again, it rounds a number below 2^51 to the nearest whole number (ties to even).
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52

/// cos 2πu, within 2·2⁻⁵².
///
/// Method: r = |u − round u| ≤ ½ and cos 2πr = sin y with y = 2π(¼ − r), |y| ≤ π/2, by its Taylor polynomial of degree 21
/// (remainder below 2·10⁻¹⁸). From 2^51 turns on every result is that of a whole number of half turns.
///
/// ```
/// assert_eq!(glassnet_kernels::cosine::cosine_of_turns(2.0), 1.0);
/// ```
#[inline(always)]
pub fn cosine_of_turns(u: f64) -> f64 {
    let y = sine_argument(u);
    let y2 = y * y;
    let y4 = y2 * y2;
    let y8 = y4 * y4;
    let low = (-1.0 / 6.0 + y2 * (1.0 / 120.0)) + y4 * (-1.0 / 5_040.0 + y2 * (1.0 / 362_880.0));
    let middle = (-1.0 / 39_916_800.0 + y2 * (1.0 / 6_227_020_800.0))
        + y4 * (-1.0 / 1_307_674_368_000.0 + y2 * (1.0 / 355_687_428_096_000.0));
    let high = -1.0 / 121_645_100_408_832_000.0 + y2 * (1.0 / 51_090_942_171_709_440_000.0);
    y + y * (y2 * (low + y8 * (middle + y8 * high)))
}

/// cos 2πu as an `f32`, within 1.5 units in the last place, by a polynomial in `f32` once the angle is reduced in `f64`.
///
/// Method: that of [`cosine_of_turns`] with degree 13; its remainder is below 7·10⁻¹⁰, a fiftieth of a unit in the last
/// place.
#[inline(always)]
pub fn cosine_of_turns_single(u: f64) -> f32 {
    let y = sine_argument(u) as f32;
    let y2 = y * y;
    let y4 = y2 * y2;
    let low = (-1.0 / 6.0 + y2 * (1.0 / 120.0)) + y4 * (-1.0 / 5_040.0 + y2 * (1.0 / 362_880.0));
    let high = -1.0 / 39_916_800.0 + y2 * (1.0 / 6_227_020_800.0);
    y + y * (y2 * (low + y4 * y4 * high))
}

/// y with sin y = cos 2πu and |y| ≤ π/2.
#[inline(always)]
fn sine_argument(u: f64) -> f64 {
    let r = (u - ((u + ROUND) - ROUND)).abs().min(0.5);
    // NaN would become ½.
    let r = r + 0.0 * u;
    std::f64::consts::TAU * (0.25 - r)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Angles of every size, from a fixed sequence.
    fn angles() -> impl Iterator<Item = f64> {
        (0..200_000_u32).map(|i| {
            let share = f64::from(i.wrapping_mul(2_654_435_769)) / 4_294_967_296.0 - 0.5;
            share * [1.0, 0.01, 20.0, 3_000.0][i as usize % 4]
        })
    }

    /// The angle reduced exactly, then the independent cosine and sine.
    fn expected(u: f64) -> f64 {
        let r = u - u.round();
        let eighth = (r * 8.0).round() as i32;
        let tau = std::f64::consts::TAU;
        match eighth.abs() {
            0 | 1 => libm::cos(tau * r),
            2 | 3 => libm::sin(tau * (0.25 - r.abs())),
            _ => -libm::cos(tau * (0.5 - r.abs())),
        }
    }

    #[test]
    fn agrees_with_libm() {
        for u in angles() {
            let (found, expected) = (cosine_of_turns(u), expected(u));
            assert!((found - expected).abs() <= 2.0 * f64::EPSILON, "{u}: {found} instead of {expected}");
            let single = cosine_of_turns_single(u);
            let unit = f64::from((expected as f32).abs().max(f32::MIN_POSITIVE)) * f64::from(f32::EPSILON);
            let error = (f64::from(single) - expected).abs();
            assert!(error <= 1.5 * unit + 1e-15, "{u}: {single} instead of {expected}");
        }
    }

    #[test]
    fn quarters_are_exact_and_far_angles_finite() {
        let quarters = [0.0, 0.25, 0.5, 0.75, 1.0, -0.25, -3.5];
        let expected = [1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0];
        for (u, expected) in quarters.into_iter().zip(expected) {
            assert!((cosine_of_turns(u) - expected).abs() <= f64::EPSILON, "{u}: {}", cosine_of_turns(u));
            assert_eq!(cosine_of_turns_single(u), expected as f32, "{u}");
        }
        for u in [1e15, 1e16, -1e300] {
            assert!((-1.0..=1.0).contains(&cosine_of_turns(u)), "{u}: {}", cosine_of_turns(u));
        }
        assert!(cosine_of_turns(f64::NAN).is_nan() && cosine_of_turns(f64::INFINITY).is_nan());
        assert!(cosine_of_turns_single(f64::NAN).is_nan());
    }
}
