//! How a table is read.

use clap::{Args, ValueEnum};
use glassnet_io::encoding::Encoding;
use glassnet_io::source::Files;
use std::path::PathBuf;

/// How a table is to be understood.
#[derive(Debug, Args)]
pub(crate) struct ColumnArgs {
    /// The column that says how much each row counts in the loss: 0 or above; only their ratios matter.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) row_weight: Option<String>,
    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
    /// Columns that are categories although they look like numbers.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) category: Vec<String>,
    /// Columns that are numbers.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) number: Vec<String>,
    /// What stands for a missing value, instead of NA, NaN, ? and null; an empty cell always does.
    #[arg(long, value_name = "MARK,…", value_delimiter = ',')]
    pub(crate) missing: Option<Vec<String>>,
    /// Numbers have a decimal comma, as in 3,14.
    #[arg(long)]
    pub(crate) decimal_comma: bool,
    /// Takes dates and times as numbers: days since 1970-01-01, and year, month, weekday and hour where they vary
    /// [possible values: auto, day-first, month-first].
    #[arg(long, value_name = "ORDER", num_args = 0..=1, require_equals = true, default_missing_value = "auto", hide_possible_values = true)]
    pub(crate) dates: Option<Dates>,
    /// What is learnt; by default classes for categories and numbers for numbers.
    #[arg(long)]
    pub(crate) task: Option<Task>,
}

/// In which order 01/02/2026 states day and month.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Dates {
    /// As each column's cells tell.
    Auto,
    /// The day first.
    DayFirst,
    /// The month first.
    MonthFirst,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Task {
    /// Which class a row belongs to.
    Classification,
    /// A number.
    Regression,
}

/// What the text of tables is in.
#[derive(Debug, Args)]
pub(crate) struct TextArgs {
    /// What the table's text is in, unless that is UTF-8 or begins with the mark of UTF-16: windows-1252 (also called latin1), big5,
    /// gbk, euc-kr, or another label of the Encoding Standard.
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<Encoding>,
}

impl TextArgs {
    pub(crate) fn of(&self, paths: &[PathBuf]) -> Files {
        Files { paths: paths.to_vec(), encoding: self.encoding }
    }
}
