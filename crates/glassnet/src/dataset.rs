//! Placeholder.

use crate::matrix::Matrix;

/// Targets.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets<R> {
    /// One class index a row.
    Classes {
        /// The class of each row.
        indices: Vec<u32>,
        /// Number of classes.
        n_classes: usize,
    },
    /// Numbers.
    Values(Matrix<R>),
}

/// Rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset<R> {
    /// Inputs.
    pub x: Matrix<R>,
    /// Targets.
    pub targets: Targets<R>,
    /// Row weights of mean 1.
    pub weights: Option<Vec<R>>,
}
