//! A model for programs that know nothing of glassnet: a file, what it takes and what it gives.

use glassnet::encoder::{EncodedColumn, Encoding};
use glassnet::levels::Comparison;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What it takes, in the order of the training table's columns.
    pub takes: Vec<Taken>,
    /// The names of what it gives.
    pub gives: Vec<String>,
}

/// What an exported model takes of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The column.
    pub column: String,
    /// What it is called in the file.
    pub name: String,
    /// Whether it is a number, else a text.
    pub is_number: bool,
}

/// Whether a column comes as numbers rather than as texts.
pub(crate) fn is_number(column: &EncodedColumn) -> bool {
    match &column.encoding {
        Encoding::Number(_) | Encoding::RobustNumber { .. } => true,
        Encoding::Boolean => false,
        Encoding::Category { levels, .. }
        | Encoding::TwoLevels { levels, .. }
        | Encoding::OneHot { levels, .. }
        | Encoding::Code { levels } => levels.comparison() == Comparison::Number,
    }
}
