//! Rows, targets and weights that do not belong together.

use super::place::UnknownName;

/// Rows, targets and weights that do not belong together. Rows count from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetError {
    /// Inputs and targets, or rows and weights, of unlike number.
    #[error("{n_rows} rows of inputs and {n_other} {other}: there must be one for each row")]
    RowCount {
        /// Rows of x.
        n_rows: usize,
        /// Of the others.
        n_other: usize,
        /// What the others are.
        other: &'static str,
    },
    /// An input or a target that is infinite or NaN.
    #[error(
        "row {row}, {what} {column} is {value}: inputs and targets must be finite. \
        Correct it, or fill in what is missing"
    )]
    NotFinite {
        /// The row.
        row: usize,
        /// `input` or `target`.
        what: &'static str,
        /// Which of them, from 1.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// A class beyond the number of classes.
    #[error("row {row} has class {class}, but there are {n_classes} classes, counted from 0")]
    ClassIndex {
        /// The row.
        row: usize,
        /// Its class.
        class: u32,
        /// How many there are.
        n_classes: usize,
    },
    /// A weight that is negative, infinite or NaN.
    #[error("weight {position} is {value}: weights must be finite and not negative")]
    Weight {
        /// Which weight, from 1.
        position: usize,
        /// Its value.
        value: f64,
    },
    /// Weights that are all zero, so that nothing counts.
    #[error("all weights are zero: give at least one row a positive weight")]
    ZeroWeights,
    /// Class weights for targets that are no classes.
    #[error(
        "class weights need classes, and the target is a number: let a column of weights say how much each row counts"
    )]
    NoClasses,
    /// A class weight for what is no class.
    #[error("class_weight: there is no class {0}")]
    UnknownClass(
        /// The name, the nearest one, and those that there are.
        UnknownName,
    ),
    /// Class weights of the wrong number.
    #[error("{n_weights} class weights for {n_classes} classes: give one for each class")]
    ClassWeightCount {
        /// How many weights.
        n_weights: usize,
        /// How many classes.
        n_classes: usize,
    },
    /// A share of rows outside [0, 1).
    #[error("validation_fraction is {value}: it must be at least 0 and below 1")]
    ValidationFraction {
        /// The share.
        value: f64,
    },
}
