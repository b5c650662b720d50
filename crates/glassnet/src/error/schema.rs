//! Columns that cannot be understood.

use super::place::{Place, UnknownName, quoted};

/// A column that cannot be understood, or a schema that contradicts itself.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaError {
    /// A column that the table does not have.
    #[error("{table} has no column {unknown}")]
    UnknownColumn {
        /// The table's name.
        table: String,
        /// The name, the nearest one, and those that exist.
        unknown: UnknownName,
    },
    /// A cell that is no number, in a column of numbers.
    #[error("{place}: not a finite number, while {n_numbers} of {n_present} cells of the column are. Correct the cell, \
        or pass `--missing MARK` if it marks a missing value, or `--category {}` if these are names", place.column)]
    NotANumber {
        /// The first such cell.
        place: Box<Place>,
        /// How many cells are numbers.
        n_numbers: usize,
        /// How many cells are not missing.
        n_present: usize,
    },
    /// Numbers with a decimal comma.
    #[error("{0}: a number with a comma. If it stands before the decimals, pass `--decimal-comma` or write a point; between \
        thousands there must be nothing; if it is a name and no number, pass `--category {column}`", column = .0.column)]
    DecimalComma(
        /// The first such cell.
        Box<Place>,
    ),
    /// Numbers with a point in a table of numbers with decimal commas.
    #[error("{0}: a number with a point in a table with decimal commas (`--decimal-comma`). Before the decimals write a comma, \
        between thousands nothing; if it is a name and no number, pass `--category {column}`", column = .0.column)]
    DecimalPoint(
        /// The first such cell.
        Box<Place>,
    ),
    /// Numbers in more than one unit.
    #[error("{place}: another unit than that of {}, with which the column begins. Write all numbers of the column in one unit, or, \
        if they are names, pass `--category {}`", quoted(example), place.column)]
    MixedUnits {
        /// The first number in another unit.
        place: Box<Place>,
        /// The column's first number.
        example: String,
    },
    /// Dates, which are neither numbers nor categories.
    #[error("{0}: a date or a time. Pass `--dates` to take dates as numbers (days since 1970, and year, month, weekday and \
        hour where they vary), or drop the column (`--drop {column}`)", column = .0.column)]
    Date(
        /// The first such cell.
        Box<Place>,
    ),
    /// Dates whose day and month cannot be told apart.
    #[error(
        "{0}: day and month cannot be told apart, in no row of the column. Pass `--dates=day-first` or \
        `--dates=month-first`"
    )]
    DateOrder(
        /// The first such cell.
        Box<Place>,
    ),
    /// A cell that is no date, in a column of dates.
    #[error(
        "{place}: not a date or time like {}, as the column has. Correct the cell, leave it empty if the value is \
        missing, or drop the column (`--drop {}`)",
        example,
        place.column
    )]
    NotADate {
        /// The first such cell.
        place: Box<Place>,
        /// How the column's dates are written.
        example: &'static str,
    },
    /// Two options that cannot both hold.
    #[error("column {} cannot be both {first} and {second}: choose one", quoted(column))]
    Contradiction {
        /// The column.
        column: String,
        /// What it is said to be.
        first: &'static str,
        /// What else it is said to be.
        second: &'static str,
    },
    /// No row has a target.
    #[error("{table}: every cell of the target {} is missing: choose another target", quoted(column))]
    NoLabelledRows {
        /// The table's name.
        table: String,
        /// The target.
        column: String,
    },
    /// A target that is the same everywhere.
    #[error(
        "{table}: the target {} is {} in every row: there is nothing to learn. \
        Add rows with another value, or choose another target",
        quoted(column),
        quoted(value)
    )]
    OneClass {
        /// The table's name.
        table: String,
        /// The target.
        column: String,
        /// Its only value.
        value: String,
    },
    /// A target with too many different values to be classes.
    #[error(
        "{table}: the target {} has {n_classes} different values in {n_rows} rows, too many for classes. \
        Choose another target, merge rare values, or, if they are numbers, pass `--task regression`",
        quoted(column)
    )]
    TooManyClasses {
        /// The table's name.
        table: String,
        /// The target.
        column: String,
        /// How many different values.
        n_classes: usize,
        /// In how many rows.
        n_rows: usize,
    },
    /// A category with more different values than there is room to count.
    #[error(
        "{table}: column {} has more than {most} different values, too many to count in a table that is larger than the \
        memory. Leave it out (`--drop {column}`), merge rare values, take them as numbers (`--number {column}`), or \
        raise `--memory-limit`",
        quoted(column)
    )]
    TooManyLevels {
        /// The table's name.
        table: String,
        /// The column.
        column: String,
        /// How many are counted.
        most: usize,
    },
    /// Nothing to learn from.
    #[error(
        "{table}: no column is left as an input: keep at least one that is neither constant, empty, text nor dropped"
    )]
    NoInputs {
        /// Of which table or schema.
        table: String,
    },
    /// Several columns to predict, and not all of them numbers.
    #[error(
        "column {} is one of several targets, but of kind {kind}: only numbers can be predicted together; \
        leave one target, or give the others the role input or ignored",
        quoted(column)
    )]
    MixedTargets {
        /// The one that is not a number.
        column: String,
        /// What it is.
        kind: &'static str,
    },
    /// A column of row weights that holds no numbers, or is not the only one.
    #[error(
        "column {} of kind {kind} has the role weight: give that role to one column, of kind number",
        quoted(column)
    )]
    RowWeights {
        /// The column.
        column: String,
        /// Its kind.
        kind: &'static str,
    },
    /// A schema without a target where one is needed.
    #[error("no column is the target: name one with `--target COLUMN`")]
    NoTarget,
    /// A kind that cannot be an input or a target.
    #[error(
        "column {} is of kind {kind} and can be neither input nor target: \
        give it the kind number, category or boolean, or the role ignored",
        quoted(column)
    )]
    Unusable {
        /// The column.
        column: String,
        /// Its kind.
        kind: &'static str,
    },
    /// A column that a schema names twice.
    #[error("the schema describes column {} twice: remove one of them", quoted(column))]
    DuplicateColumn {
        /// The column.
        column: String,
    },
    /// A schema file that is not one.
    #[error(
        "{file} is not a schema: {message}. `glassnet inspect TABLE --write-schema FILE` writes one to start from"
    )]
    Json {
        /// The file's name.
        file: String,
        /// What is wrong, and where.
        message: String,
    },
}
