//! Cells that cannot be turned into numbers, and encoders that are not whole.

use super::place::{Place, UnknownName, quoted};

/// A cell that cannot be turned into numbers, or a broken encoder.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EncodeError {
    /// A column that the encoder needs and the table lacks.
    #[error("{table} lacks a column that the model needs: {unknown}")]
    MissingColumn {
        /// The table's name.
        table: String,
        /// The column, the nearest name in the table, and the names that it has.
        unknown: UnknownName,
    },
    /// A cell that is no number, in a column of numbers.
    #[error(
        "{0}: not a finite number, and the model takes the column as numbers. \
        Correct the cell, or leave it empty if the value is missing"
    )]
    NotANumber(
        /// The cell.
        Box<Place>,
    ),
    /// A cell that is no weight, in the column that says how much each row counts.
    #[error(
        "{0}: not a weight, which is a number, 0 or above (and at most 1e38). Correct the cell, or leave the row out; a row of weight 0 \
        counts for nothing"
    )]
    NotAWeight(
        /// The cell.
        Box<Place>,
    ),
    /// A cell that is no date, in a column of dates.
    #[error(
        "{place}: not a date or time like {example}, as the model takes the column. \
        Correct the cell, or leave it empty if the value is missing"
    )]
    NotADate {
        /// The cell.
        place: Box<Place>,
        /// How the column's dates are written.
        example: &'static str,
    },
    /// A number so far from all others that it is infinite once standardised.
    #[error(
        "{place}: too far from the training rows (mean {mean}, standard deviation {standard_deviation}) \
        to be represented. Correct the cell"
    )]
    OutOfRange {
        /// The cell.
        place: Box<Place>,
        /// The column's mean on the training rows.
        mean: f64,
        /// The column's standard deviation on the training rows.
        standard_deviation: f64,
    },
    /// A target below 0 where counts are learnt.
    #[error(
        "{0}: poisson learns counts, which are never below 0. Correct the cell, or choose --objective squared-error"
    )]
    NegativeCount(
        /// The cell.
        Box<Place>,
    ),
    /// A target outside 0 to 1 where a sigmoid predicts it.
    #[error(
        "{0}: the recipe seed predicts by a sigmoid, which stays between 0 and 1. Rescale the target, or choose another recipe"
    )]
    OutsideUnit(
        /// The cell.
        Box<Place>,
    ),
    /// A target that is missing in a row that needs one.
    #[error("{0}: the target is missing. Fill it in, or leave the row out")]
    MissingTarget(
        /// The cell.
        Box<Place>,
    ),
    /// A class that the model never saw.
    #[error(
        "{place}: the model has no class {unknown}. Correct the cell, leave the row out, or train again with it"
    )]
    UnknownClass {
        /// The cell.
        place: Box<Place>,
        /// The class, the nearest one, and those that the model knows.
        unknown: UnknownName,
    },
    /// A constant that cannot stand in an encoder.
    #[error("the encoder of column {} is broken: {constant} is {value}", quoted(column))]
    Constant {
        /// The column.
        column: String,
        /// Which constant.
        constant: &'static str,
        /// Its value.
        value: f64,
    },
    /// Levels that are not in strictly increasing order.
    #[error(
        "the encoder of column {} is broken: level {} is repeated or out of order",
        quoted(column),
        quoted(level)
    )]
    Levels {
        /// The column.
        column: String,
        /// The level.
        level: String,
    },
    /// Fewer levels than the column needs.
    #[error("the encoder of column {} is broken: it has {n_levels} levels", quoted(column))]
    TooFewLevels {
        /// The column.
        column: String,
        /// How many.
        n_levels: usize,
    },
    /// A column that the encoder describes twice, or one without a name.
    #[error("the encoder is broken: it describes column {} twice, or without a name", quoted(column))]
    ColumnName {
        /// The column.
        column: String,
    },
    /// An encoder that gives no inputs.
    #[error("the encoder is broken: it has no inputs")]
    NoInputs,
}
