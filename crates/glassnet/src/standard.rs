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
    pub fn fit(values: &[f64]) -> Self {
        let mut moments = Moments::default();
        for &value in values {
            moments.see(value);
        }
        moments.turn();
        for &value in values {
            moments.see_again(value);
        }
        moments.standardization()
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

/// Mean and standard deviation of finite numbers that come twice in the same order: for the mean, then for the deviation.
///
/// Exact for numbers far from zero with a small spread (differences to the first one are summed), and for the
/// largest and smallest `f64` (a power of two is divided out).
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    n: usize,
    first: f64,
    differ: bool,
    largest: f64,
    /// The power of two that is divided out: that of the largest number so far.
    unit: f64,
    /// Of (v − first)/unit.
    sum: f64,
    /// sum/n, once all numbers have come.
    mean: f64,
    /// Of ((v − first)/unit − mean)².
    squares: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Self { n: 0, first: 0.0, differ: false, largest: 0.0, unit: 1.0, sum: 0.0, mean: 0.0, squares: 0.0 }
    }
}

impl Moments {
    /// The next number, the first time.
    pub(crate) fn see(&mut self, value: f64) {
        if value.abs() > self.largest {
            self.largest = value.abs();
            let exponent_bits = self.largest.to_bits() & f64::INFINITY.to_bits();
            let unit = if exponent_bits == 0 { 1.0 } else { f64::from_bits(exponent_bits) };
            // By a power of two, so that every bit stays.
            self.sum *= self.unit / unit;
            self.unit = unit;
        }
        if self.n == 0 {
            self.first = value;
        }
        self.n += 1;
        self.differ |= value != self.first;
        self.sum += self.difference(value);
    }

    /// All numbers have come; they come once more if the standard deviation is wanted.
    pub(crate) fn turn(&mut self) {
        self.mean = if self.n == 0 { 0.0 } else { self.sum / self.n as f64 };
    }

    /// The next number, the second time.
    pub(crate) fn see_again(&mut self, value: f64) {
        let difference = self.difference(value) - self.mean;
        self.squares += difference * difference;
    }

    fn difference(&self, value: f64) -> f64 {
        value / self.unit - self.first / self.unit
    }

    /// The mean, once all numbers have come; 0 where there are none.
    pub(crate) fn mean(&self) -> f64 {
        if self.differ { (self.first / self.unit + self.mean) * self.unit } else { self.first }
    }

    /// Both, once all numbers have come twice.
    pub(crate) fn standardization(&self) -> Standardization {
        let deviation = (self.squares / self.n as f64).sqrt() * self.unit;
        // Numbers that differ only by less than the smallest square.
        let standard_deviation = if self.differ && deviation > 0.0 { deviation } else { 1.0 };
        Standardization { mean: self.mean(), standard_deviation }
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
