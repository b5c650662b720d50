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

/// A figure on all rows, and its 95 % interval where there is one.
pub(crate) type Estimate = (f64, Option<(f64, f64)>);

/// Figures of `n_rows` rows with percentile bootstrap intervals (Efron and Tibshirani, An Introduction to the Bootstrap,
/// 1993, chapter 13). `figures` is given how much each row counts: by its weight (1 where there are none) for the figures
/// themselves, then as often as it is drawn with replacement, as many rows as there are: 1,000 samples, fewer for more than
/// 20,000 rows, but never fewer than 200. No interval for fewer than two rows, which say nothing about how much rows differ.
pub(crate) fn bootstrap<const N: usize>(
    n_rows: usize,
    weights: Option<&[f64]>,
    generator: &mut Generator,
    mut figures: impl FnMut(&[f64]) -> [f64; N],
) -> [Estimate; N] {
    const MOST_DRAWS: usize = 20_000_000;
    let mut counts = weights.map_or_else(|| vec![1.0; n_rows], <[f64]>::to_vec);
    let values = figures(&counts);
    if n_rows < 2 {
        return values.map(|value| (value, None));
    }
    let n_samples = (MOST_DRAWS / n_rows).clamp(200, 1_000);
    let samples: Vec<[f64; N]> = (0..n_samples)
        .map(|_| {
            counts.fill(0.0);
            for _ in 0..n_rows {
                let row = generator.up_to(n_rows as u64 - 1) as usize;
                counts[row] += weights.map_or(1.0, |weights| weights[row]);
            }
            figures(&counts)
        })
        .collect();
    std::array::from_fn(|i| (values[i], percentiles(samples.iter().map(|sample| sample[i]).collect())))
}

/// The 2.5 % and 97.5 % points of a figure over the samples, with linear interpolation. Samples for which it is not
/// defined are left out; `None` where they are more than one in ten.
fn percentiles(mut figures: Vec<f64>) -> Option<(f64, f64)> {
    let n_samples = figures.len();
    figures.retain(|figure| figure.is_finite());
    if 10 * figures.len() < 9 * n_samples {
        return None;
    }
    figures.sort_by(f64::total_cmp);
    Some((percentile(&figures, 0.025), percentile(&figures, 0.975)))
}

/// The number below which that share of the sorted numbers lies, with linear interpolation.
///
/// # Panics
/// When there are none.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}
