//! 95 % intervals: how far a figure might be off because there were only so many rows.

use crate::generator::Generator;

/// The 97.5 % point of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's interval for a share of `successes` in `n`: the shares p for which |share − p| ≤ z·√(p(1 − p)/n)
/// (Wilson, JASA 22, 1927). (0, 1) for n = 0.
pub fn wilson(successes: usize, n: usize) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (n as f64, successes as f64 / n as f64);
    let centre = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    let low = if share == 0.0 { 0.0 } else { (centre - half) / scale };
    let high = if share == 1.0 { 1.0 } else { (centre + half) / scale };
    (low, high)
}

/// Samples drawn with replacement, each as many rows as there are: 1,000 of them, fewer for more than 20,000 rows, but
/// never fewer than 200.
pub(crate) fn resamples(n_rows: usize, generator: &mut Generator) -> impl Iterator<Item = Vec<u32>> {
    const MOST_DRAWS: usize = 20_000_000;
    let n_resamples = (MOST_DRAWS / n_rows.max(1)).clamp(200, 1_000);
    (0..n_resamples).map(move |_| {
        let mut counts = vec![0; n_rows];
        for _ in 0..n_rows {
            counts[generator.up_to(n_rows as u64 - 1) as usize] += 1;
        }
        counts
    })
}

/// The 2.5 % and 97.5 % points of a figure over the samples (Efron and Tibshirani, An Introduction to the Bootstrap,
/// 1993, chapter 13), with linear interpolation. Samples for which it is not defined are left out; `None` where they are
/// more than one in ten.
pub(crate) fn percentiles(mut figures: Vec<f64>) -> Option<(f64, f64)> {
    let n_samples = figures.len();
    figures.retain(|figure| figure.is_finite());
    if n_samples == 0 || figures.len() < n_samples.div_ceil(10) * 9 {
        return None;
    }
    figures.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (figures.len() - 1) as f64;
        let (below, above) = (figures[place as usize], figures[place.ceil() as usize]);
        below + (above - below) * place.fract()
    };
    Some((at(0.025), at(0.975)))
}
