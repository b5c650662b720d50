//! Encoded rows, their targets and their weights: what a network is trained and measured on.

use crate::error::{DatasetError, Result};
use crate::matrix::Matrix;
use glassnet_kernels::Real;

/// Encoded rows with their targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset<R> {
    /// Shape (`n_rows`, `n_inputs`).
    pub x: Matrix<R>,
    /// One target a row.
    pub targets: Targets<R>,
    /// How much each row counts; their mean is 1. None: every row counts 1.
    pub weights: Option<Vec<R>>,
}

/// What is to be predicted, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets<R> {
    /// The class of each row.
    Classes {
        /// From 0, one a row.
        indices: Vec<u32>,
        /// How many classes there are.
        n_classes: usize,
    },
    /// Numbers. Shape (`n_rows`, `n_outputs`).
    Values(Matrix<R>),
}

/// How much each class counts.
#[derive(Debug, Clone, PartialEq)]
pub enum ClassWeights {
    /// n/(K·count): every one of the K classes that occur counts the same in total.
    Balanced,
    /// One weight a class.
    Given(Vec<f64>),
}

impl<R: Real> Targets<R> {
    /// Rows of each class; `None` of numbers.
    pub fn class_counts(&self) -> Option<Vec<usize>> {
        match self {
            Self::Classes { indices, n_classes } => Some(class_counts(indices, *n_classes)),
            Self::Values(_) => None,
        }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Classes { indices, .. } => indices.len(),
            Self::Values(values) => values.n_rows(),
        }
    }

    /// The chosen rows, in the order of `rows`.
    #[must_use]
    pub fn gather(&self, rows: &[usize]) -> Self {
        match self {
            Self::Classes { indices, n_classes } => Self::Classes {
                indices: rows.iter().map(|&row| indices[row]).collect(),
                n_classes: *n_classes,
            },
            Self::Values(values) => Self::Values(gathered(values, rows)),
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::Values(values) => check_finite(values, "target"),
            Self::Classes { indices, n_classes } => {
                match indices.iter().position(|&class| class as usize >= *n_classes) {
                    Some(row) => {
                        let (class, n_classes) = (indices[row], *n_classes);
                        Err(DatasetError::ClassIndex { row: row + 1, class, n_classes }.into())
                    }
                    None => Ok(()),
                }
            }
        }
    }
}

impl<R: Real> Dataset<R> {
    /// Rows that all count the same.
    ///
    /// # Errors
    /// [`DatasetError::RowCount`], [`DatasetError::NotFinite`], [`DatasetError::ClassIndex`].
    pub fn new(x: Matrix<R>, targets: Targets<R>) -> Result<Self> {
        check_row_count(x.n_rows(), targets.n_rows(), "targets")?;
        check_finite(&x, "input")?;
        targets.check()?;
        Ok(Self { x, targets, weights: None })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.x.n_rows()
    }

    /// Puts another dataset's rows, and their weights as they are, behind the own ones.
    ///
    /// # Panics
    /// When the datasets differ in inputs or in the kind of target, or one of them has weights.
    pub(crate) fn append(&mut self, other: Self) {
        match (&mut self.weights, other.weights) {
            (None, None) => {}
            (Some(weights), Some(more)) => weights.extend(more),
            _ => panic!("weights of all rows or of none"),
        }
        self.x.append(&other.x);
        match (&mut self.targets, other.targets) {
            (Targets::Classes { indices, .. }, Targets::Classes { indices: more, .. }) => {
                indices.extend(more);
            }
            (Targets::Values(values), Targets::Values(more)) => values.append(&more),
            _ => panic!("targets of one kind"),
        }
    }

    /// Lets each row count by its weight, times the weight that it has; the weights are scaled to a mean of 1.
    ///
    /// # Errors
    /// [`DatasetError::RowCount`], [`DatasetError::Weight`] for negative, infinite and NaN, and
    /// [`DatasetError::ZeroWeights`].
    pub fn with_sample_weights(mut self, weights: &[f64]) -> Result<Self> {
        check_row_count(self.n_rows(), weights.len(), "weights")?;
        let weights = match &self.weights {
            None => normalized(weights)?,
            Some(present) => {
                let weights = normalized(weights)?;
                normalized(&weights.iter().zip(present).map(|(w, p)| w * p.to_f64()).collect::<Vec<_>>())?
            }
        };
        self.weights = Some(weights.into_iter().map(R::from_f64).collect());
        Ok(self)
    }

    /// Lets each row count by its class, times the weight that it has; the weights are scaled to a mean of 1.
    ///
    /// # Errors
    /// [`DatasetError::NoClasses`], [`DatasetError::ClassWeightCount`], and those of
    /// [`Dataset::with_sample_weights`].
    pub fn with_class_weights(self, class_weights: &ClassWeights) -> Result<Self> {
        let Targets::Classes { indices, n_classes } = &self.targets else {
            return Err(DatasetError::NoClasses.into());
        };
        let by_class = match class_weights {
            ClassWeights::Balanced => balanced_class_weights(indices, *n_classes),
            ClassWeights::Given(weights) if weights.len() == *n_classes => weights.clone(),
            ClassWeights::Given(weights) => {
                let (n_weights, n_classes) = (weights.len(), *n_classes);
                return Err(DatasetError::ClassWeightCount { n_weights, n_classes }.into());
            }
        };
        check_weights(&by_class)?;
        let weights: Vec<f64> = indices.iter().map(|&class| by_class[class as usize]).collect();
        self.with_sample_weights(&weights)
    }

    /// Each row's weight, where not all count once.
    pub(crate) fn wide_weights(&self) -> Option<Vec<f64>> {
        self.weights.as_ref().map(|weights| weights.iter().map(|weight| weight.to_f64()).collect())
    }

    /// The chosen rows, in the order of `rows`; their weights are scaled to a mean of 1 again.
    ///
    /// # Errors
    /// [`DatasetError::ZeroWeights`] when none of the chosen rows counts.
    pub fn gather(&self, rows: &[usize]) -> Result<Self> {
        let chosen = Self { x: gathered(&self.x, rows), targets: self.targets.gather(rows), weights: None };
        match &self.weights {
            None => Ok(chosen),
            Some(weights) => {
                chosen.with_sample_weights(&rows.iter().map(|&row| weights[row].to_f64()).collect::<Vec<_>>())
            }
        }
    }
}

/// n/(K·count) for each class, K the number of classes that occur; 0 for a class that does not.
pub fn balanced_class_weights(indices: &[u32], n_classes: usize) -> Vec<f64> {
    balanced_weights(&class_counts(indices, n_classes))
}

fn class_counts(indices: &[u32], n_classes: usize) -> Vec<usize> {
    let mut counts = vec![0; n_classes];
    for &class in indices {
        counts[class as usize] += 1;
    }
    counts
}

/// The same, of the classes' counts.
pub(crate) fn balanced_weights(counts: &[usize]) -> Vec<f64> {
    let n_rows: usize = counts.iter().sum();
    let n_present = counts.iter().filter(|&&count| count > 0).count();
    let weight = |&count: &usize| match count {
        0 => 0.0,
        count => n_rows as f64 / (n_present * count) as f64,
    };
    counts.iter().map(weight).collect()
}

fn gathered<R: Real>(source: &Matrix<R>, rows: &[usize]) -> Matrix<R> {
    let mut chosen = Matrix::default();
    chosen.gather(source.view(), rows);
    chosen
}

fn check_row_count(n_rows: usize, n_other: usize, other: &'static str) -> Result<()> {
    if n_rows == n_other { Ok(()) } else { Err(DatasetError::RowCount { n_rows, n_other, other }.into()) }
}

fn check_finite<R: Real>(matrix: &Matrix<R>, what: &'static str) -> Result<()> {
    match matrix.values().iter().position(|value| !value.is_finite()) {
        Some(position) => {
            let (row, column) = (position / matrix.n_columns() + 1, position % matrix.n_columns() + 1);
            let value = matrix.values()[position].to_f64();
            Err(DatasetError::NotFinite { row, what, column, value }.into())
        }
        None => Ok(()),
    }
}

fn check_weights(weights: &[f64]) -> Result<()> {
    match weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        Some(position) => {
            Err(DatasetError::Weight { position: position + 1, value: weights[position] }.into())
        }
        None => Ok(()),
    }
}

/// The weights divided by their mean.
fn normalized(weights: &[f64]) -> Result<Vec<f64>> {
    check_weights(weights)?;
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 && !weights.is_empty() {
        return Err(DatasetError::ZeroWeights.into());
    }
    // By the largest first, so that the sum cannot overflow.
    let mean = weights.iter().map(|weight| weight / largest).sum::<f64>() / weights.len() as f64;
    Ok(weights.iter().map(|weight| weight / largest / mean).collect())
}
