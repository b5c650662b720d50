//! Median and quartiles, and numbers measured by them that stay within ±3.

use crate::error::EncodeError;
use serde::{Deserialize, Serialize};

/// z = (v − median)·scale, smoothly clipped: x = z/√(1 + (z/3)²) (Holzmüller et al., arXiv 2407.04491).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobustScale {
    /// Of the training rows.
    pub median: f64,
    /// 1/(Q₇₅ − Q₂₅) of the training rows, quantiles by linear interpolation; 2/(max − min) where both quartiles are the
    /// same; 0 where all numbers are.
    pub scale: f64,
}

/// Where x ends.
const LIMIT: f64 = 3.0;

impl RobustScale {
    /// Of finite numbers, in any order; median and scale 0 where there are none.
    pub fn fit(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self::of_sorted(values.len(), |place| values[place])
    }

    /// Of these numbers, smaller ones first, each so many times.
    pub(crate) fn of_counts(counts: &[(f64, usize)]) -> Self {
        let n = counts.iter().map(|(_, count)| count).sum();
        Self::of_sorted(n, |place| {
            let mut end = 0;
            let holds = |(_, count): &&(f64, usize)| {
                end += count;
                place < end
            };
            counts.iter().find(holds).map_or(0.0, |(value, _)| *value)
        })
    }

    fn of_sorted(n: usize, at: impl Fn(usize) -> f64) -> Self {
        if n == 0 {
            return Self { median: 0.0, scale: 0.0 };
        }
        let quantile = |share| quantile(n, &at, share);
        let quartiles = quantile(0.75) - quantile(0.25);
        let width = if quartiles == 0.0 { 0.5 * at(n - 1) - 0.5 * at(0) } else { quartiles };
        // A width below the smallest normal number, or beyond the largest one, has no inverse.
        let scale = if width == 0.0 { 0.0 } else { (1.0 / width).min(f64::MAX) };
        Self { median: quantile(0.5), scale }
    }

    /// x, from −3 to 3.
    pub fn encode(self, value: f64) -> f64 {
        if self.scale == 0.0 {
            return 0.0;
        }
        // Beyond this clamp x is ±3 anyway.
        let z = ((value - self.median) * self.scale).clamp(-1e100, 1e100);
        z / (1.0 + (z / LIMIT) * (z / LIMIT)).sqrt()
    }

    /// v again: z = x/√(1 − (x/3)²); the median where the scale is 0.
    pub fn restore(self, x: f64) -> f64 {
        if self.scale == 0.0 {
            return self.median;
        }
        self.median + x / (1.0 - (x / LIMIT) * (x / LIMIT)).sqrt() / self.scale
    }

    /// Refuses constants that no training makes.
    ///
    /// # Errors
    /// [`EncodeError::Constant`].
    pub(crate) fn check(self, column: &str) -> Result<(), EncodeError> {
        let broken = |constant, value| Err(EncodeError::Constant { column: column.into(), constant, value });
        if !self.median.is_finite() {
            return broken("its median", self.median);
        }
        if !(self.scale.is_finite() && self.scale >= 0.0) {
            return broken("its scale", self.scale);
        }
        Ok(())
    }
}

/// Between the two of n sorted numbers around `share`·(n − 1).
fn quantile(n: usize, at: impl Fn(usize) -> f64, share: f64) -> f64 {
    let place = share * (n - 1) as f64;
    let below = place as usize;
    let above = (below + 1).min(n - 1);
    let between = place - below as f64;
    at(below) * (1.0 - between) + at(above) * between
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Quartiles 1.75 and 3.25 of 1, 2, 3, 4; half the range where they are the same; nothing where all is.
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
        let robust = RobustScale::fit(vec![4.0, 1.0, 3.0, 2.0]);
        near(robust.median, 2.5);
        near(robust.scale, 1.0 / 1.5);
        near(robust.encode(5.5), 2.0 / (1.0 + 4.0 / 9.0_f64).sqrt());
        near(robust.restore(robust.encode(3.75)), 3.75);
        let rare = RobustScale::fit(vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(rare, RobustScale { median: 0.0, scale: 2.0 });
        near(rare.encode(1.0), 2.0 / (1.0 + 4.0 / 9.0_f64).sqrt());
        assert_eq!(RobustScale::of_counts(&[(-3.0, 0), (0.0, 5), (1.0, 1), (2.0, 0)]), rare);
        assert_eq!(RobustScale::fit(vec![7.0; 3]).encode(9.0), 0.0);
        assert_eq!(RobustScale::fit(Vec::new()).encode(9.0), 0.0);
    }

    #[test]
    fn extreme_numbers_stay_within_the_limit() {
        for values in [vec![f64::MAX, -f64::MAX], vec![0.0, 5e-324, 1e-323], vec![0.0, 1.0, 1e300]] {
            let robust = RobustScale::fit(values.clone());
            robust.check("c").unwrap();
            for value in values.into_iter().chain([f64::MAX, -f64::MAX, 0.0]) {
                let x = robust.encode(value);
                assert!((-LIMIT..=LIMIT).contains(&x), "{robust:?}: {value} becomes {x}");
            }
        }
    }
}
