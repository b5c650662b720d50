//! The levels of quantiles that an objective asks for.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Up to [`QuantileLevels::MOST`] levels in (0, 1), strictly rising. As JSON a list: `[0.1, 0.5, 0.9]`.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct QuantileLevels {
    levels: [f64; Self::MOST],
    n: usize,
}

impl QuantileLevels {
    /// So many fit: an objective is copied often.
    pub const MOST: usize = 9;

    /// Checks the levels.
    ///
    /// # Errors
    /// [`Error::Setting`] when there are none or too many, one is not between 0 and 1, or they do not rise.
    pub fn new(levels: &[f64]) -> Result<Self> {
        let is_inside = levels.iter().all(|level| *level > 0.0 && *level < 1.0);
        let is_rising = levels.windows(2).all(|pair| pair[0] < pair[1]);
        if levels.is_empty() || levels.len() > Self::MOST || !is_inside || !is_rising {
            let value = levels.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
            let domain = "1 to 9 different numbers above 0 and below 1, in rising order";
            return Err(Error::Setting { name: "quantiles", value, domain });
        }
        let mut all = [0.0; Self::MOST];
        all[..levels.len()].copy_from_slice(levels);
        Ok(Self { levels: all, n: levels.len() })
    }

    /// The levels.
    pub fn as_slice(&self) -> &[f64] {
        &self.levels[..self.n]
    }

    /// The position of the level nearest to ½, the first of equals: what stands for a prediction where only one can.
    pub fn middle(&self) -> usize {
        let distance = |&i: &usize| (self.levels[i] - 0.5).abs();
        (0..self.n).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    }

    /// What each quantile is called: `q0.1`, `q0.5`, …
    pub fn names(&self) -> Vec<String> {
        self.as_slice().iter().map(|level| format!("q{level}")).collect()
    }
}

impl Default for QuantileLevels {
    /// 0.1, 0.5, 0.9: a median inside an interval that holds four of five rows.
    fn default() -> Self {
        Self::new(&[0.1, 0.5, 0.9]).expect("rising levels")
    }
}

impl fmt::Debug for QuantileLevels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl TryFrom<Vec<f64>> for QuantileLevels {
    type Error = Error;

    fn try_from(levels: Vec<f64>) -> Result<Self> {
        Self::new(&levels)
    }
}

impl From<QuantileLevels> for Vec<f64> {
    fn from(levels: QuantileLevels) -> Self {
        levels.as_slice().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rising_levels_inside_0_and_1() {
        for wrong in [&[][..], &[0.0], &[1.0], &[f64::NAN], &[0.5, 0.5], &[0.9, 0.1], &[0.05; 10]] {
            assert!(QuantileLevels::new(wrong).is_err(), "{wrong:?}");
        }
        let levels: QuantileLevels = serde_json::from_str("[0.05,0.25,0.5]").unwrap();
        assert_eq!(serde_json::to_string(&levels).unwrap(), "[0.05,0.25,0.5]");
        assert_eq!(
            (levels.middle(), levels.names()),
            (2, vec!["q0.05".into(), "q0.25".into(), "q0.5".into()])
        );
        assert!(serde_json::from_str::<QuantileLevels>("[0.5,0.1]").is_err());
        assert_eq!(QuantileLevels::new(&[0.4, 0.6]).unwrap().middle(), 0);
    }
}
