//! How much the rows of each class count.

use crate::dataset::balanced_weights;
use crate::error::{DatasetError, Error, Result, UnknownName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How rows of unlike classes count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// Every row counts once.
    #[default]
    None,
    /// Every class counts alike: a row weighs `n_rows` / (`n_classes` · rows of its class).
    Balanced,
    /// A row weighs what is given for its class, 1 where nothing is, divided by the mean over all rows.
    ByClass(BTreeMap<String, f64>),
}

impl ClassWeight {
    /// The weight of each class, of which there are so many rows; `None` where all count once.
    ///
    /// # Errors
    /// [`DatasetError::UnknownClass`] of a name that is no class's, and of weights that cannot be.
    pub(crate) fn weights(&self, names: &[String], counts: &[usize]) -> Result<Option<Vec<f64>>> {
        let given = match self {
            Self::None => return Ok(None),
            Self::Balanced => return Ok(Some(balanced_weights(counts))),
            Self::ByClass(given) => given,
        };
        if let Some(name) = given.keys().find(|name| !names.contains(name)) {
            let unknown = UnknownName::new(name, names.iter().map(String::as_str));
            return Err(DatasetError::UnknownClass(unknown).into());
        }
        let weights: Vec<f64> = names.iter().map(|name| given.get(name).copied().unwrap_or(1.0)).collect();
        let total: f64 = weights.iter().zip(counts).map(|(weight, &count)| weight * count as f64).sum();
        let mean = total / counts.iter().sum::<usize>() as f64;
        if let Some((name, weight)) =
            given.iter().find(|(_, weight)| !(weight.is_finite() && **weight >= 0.0))
        {
            let value = format!("{name}={weight}");
            let domain = "finite numbers, 0 or above, one of them above 0";
            return Err(Error::Setting { name: "class_weight", value, domain });
        }
        if !(mean > 0.0 && mean.is_finite()) {
            return Err(DatasetError::ZeroWeights.into());
        }
        Ok(Some(weights.iter().map(|weight| weight / mean).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::ClassWeight;
    use crate::error::{DatasetError, Error};

    fn weights(given: &[(&str, f64)]) -> crate::error::Result<Option<Vec<f64>>> {
        let given = given.iter().map(|&(name, weight)| (name.to_owned(), weight)).collect();
        let names = ["a", "b", "c"].map(str::to_owned);
        ClassWeight::ByClass(given).weights(&names, &[6, 3, 1])
    }

    #[test]
    fn weights_have_a_mean_of_one() {
        // Means 6·1 + 3·2 + 1·8 = 20 over 10 rows.
        assert_eq!(weights(&[("b", 2.0), ("c", 8.0)]).unwrap(), Some(vec![0.5, 1.0, 4.0]));
        assert_eq!(weights(&[("a", 0.0), ("b", 0.0), ("c", 3.0)]).unwrap(), Some(vec![0.0, 0.0, 10.0]));
    }

    #[test]
    fn what_cannot_be_is_named() {
        let Err(Error::Dataset(DatasetError::UnknownClass(unknown))) = weights(&[("d", 1.0)]) else {
            panic!()
        };
        assert_eq!(unknown.name, "d");
        let negative = weights(&[("b", -1.0)]).unwrap_err();
        assert_eq!(
            negative.to_string(),
            "class_weight = b=-1: must be finite numbers, 0 or above, one of them above 0"
        );
        let none = weights(&[("a", 0.0), ("b", 0.0), ("c", 0.0)]).unwrap_err();
        assert_eq!(none, DatasetError::ZeroWeights.into());
    }
}
