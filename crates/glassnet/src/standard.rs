//! Mean and standard deviation, and the numbers measured by them.

use crate::cell::parse_number;
use crate::error::EncodeError;
use crate::table::Table;
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};

/// z = (v − mean)/standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standardization {
    /// Of the training rows.
    pub mean: f64,
    /// Of the training rows, over n (the population's); 1 when they are all the same.
    pub standard_deviation: f64,
}

impl Standardization {
    /// Leaves numbers as they are.
    pub const NONE: Self = Self { mean: 0.0, standard_deviation: 1.0 };

    /// Of finite numbers; mean 0 and standard deviation 1 when there are none.
    ///
    /// Exact for numbers far from zero with a small spread (differences to the first one are summed), and for the
    /// largest and smallest `f64` (a power of two is divided out first).
    pub fn fit(values: &[f64]) -> Self {
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let exponent_bits = largest.to_bits() & f64::INFINITY.to_bits();
        let unit = if exponent_bits == 0 { 1.0 } else { f64::from_bits(exponent_bits) };
        let n = values.len() as f64;
        let first = values.first().map_or(0.0, |value| value / unit);
        let differences = || values.iter().map(|value| value / unit - first);
        if differences().all(|difference| difference == 0.0) {
            return Self { mean: values.first().copied().unwrap_or(0.0), standard_deviation: 1.0 };
        }
        let mean = differences().sum::<f64>() / n;
        let variance =
            differences().map(|difference| (difference - mean) * (difference - mean)).sum::<f64>() / n;
        let standard_deviation = variance.sqrt() * unit;
        // Numbers that differ only by less than the smallest square.
        let standard_deviation = if standard_deviation > 0.0 { standard_deviation } else { 1.0 };
        Self { mean: (first + mean) * unit, standard_deviation }
    }

    /// (v − mean)/standard deviation.
    pub fn standardize(self, value: f64) -> f64 {
        (value - self.mean) / self.standard_deviation
    }

    /// v = mean + standard deviation · z.
    pub fn restore(self, z: f64) -> f64 {
        self.mean + self.standard_deviation * z
    }

    /// The cell of that row and column, standardised.
    ///
    /// # Errors
    /// [`EncodeError::NotANumber`], [`EncodeError::OutOfRange`].
    pub(crate) fn encode<R: Real>(
        self,
        table: &Table,
        row: usize,
        position: usize,
    ) -> Result<R, EncodeError> {
        let cell = table.columns()[position].cell(row);
        let value = parse_number(cell).ok_or_else(|| EncodeError::NotANumber(table.place(row, position)))?;
        let z = R::from_f64(self.standardize(value));
        if z.is_finite() {
            return Ok(z);
        }
        let (place, Self { mean, standard_deviation }) = (table.place(row, position), self);
        Err(EncodeError::OutOfRange { place, mean, standard_deviation })
    }

    /// Refuses constants by which nothing can be standardised.
    ///
    /// # Errors
    /// [`EncodeError::Constant`].
    pub(crate) fn check(self, column: &str) -> Result<(), EncodeError> {
        let broken = |constant, value| Err(EncodeError::Constant { column: column.into(), constant, value });
        if !self.mean.is_finite() {
            return broken("its mean", self.mean);
        }
        if !(self.standard_deviation.is_finite() && self.standard_deviation > 0.0) {
            return broken("its standard deviation", self.standard_deviation);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        mean: f64,
        standard_deviation: f64,
    }

    #[test]
    fn agrees_with_exact_arithmetic() {
        let cases = include_str!("../../../fixtures/standardization.json");
        let cases: HashMap<String, Case> = serde_json::from_str(cases).unwrap();
        assert_eq!(cases.len(), 8);
        for (name, case) in cases {
            let Standardization { mean, standard_deviation } = Standardization::fit(&case.values);
            let mean_error = (mean - case.mean).abs() / case.standard_deviation;
            let deviation_error = (standard_deviation / case.standard_deviation - 1.0).abs();
            // Beyond what any f64 mean can do for "farther from zero": half a unit in its last place.
            let last_place = case.mean.abs() * f64::EPSILON / 2.0 / case.standard_deviation;
            assert!(mean_error <= 1e-13 + last_place, "{name}: mean {mean}, not {}", case.mean);
            assert!(deviation_error < 1e-13, "{name}: {standard_deviation}, not {}", case.standard_deviation);
        }
    }

    #[test]
    fn the_same_number_everywhere_is_zero() {
        for value in [0.0, 0.1, -1e308, 5e-324, 1e15 / 3.0] {
            let standardization = Standardization::fit(&[value; 7]);
            assert_eq!(standardization, Standardization { mean: value, standard_deviation: 1.0 });
            assert_eq!(standardization.standardize(value), 0.0);
        }
        assert_eq!(Standardization::fit(&[]), Standardization { mean: 0.0, standard_deviation: 1.0 });
        Standardization::fit(&[5e-324, 1e-323]).check("c").unwrap();
        Standardization::fit(&[f64::MAX, -f64::MAX]).check("c").unwrap();
    }

    #[test]
    fn restores_what_it_standardised() {
        let standardization = Standardization::fit(&[3.0, 5.0, 10.0]);
        assert!((standardization.restore(standardization.standardize(7.25)) - 7.25).abs() < 1e-14);
        assert_eq!(standardization.standardize(6.0), 0.0);
    }
}
