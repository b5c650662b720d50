//! What a reader should know about encoded rows.

use crate::error::counted;
use std::fmt;

/// What a reader should know about encoded rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodeNote {
    /// Values that the training rows do not have; they became zeros, or the input of the rare levels.
    Unseen {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// The first one.
        example: String,
    },
    /// Missing cells, where the training rows have none; they became zeros, for numbers the mean.
    UnseenMissing {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
    },
}

impl EncodeNote {
    /// Adds the notes on one chunk of a table to those on the chunks before: cells are counted together.
    pub fn merge(notes: &mut Vec<Self>, later: Vec<Self>) {
        for note in later {
            let earlier = notes.iter_mut().find(|earlier| earlier.is_about(&note));
            match (earlier, &note) {
                (
                    Some(Self::Unseen { n_cells, .. } | Self::UnseenMissing { n_cells, .. }),
                    Self::Unseen { n_cells: more, .. } | Self::UnseenMissing { n_cells: more, .. },
                ) => *n_cells += more,
                _ => notes.push(note),
            }
        }
    }

    /// Whether both say the same of the same column.
    fn is_about(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unseen { column, .. }, Self::Unseen { column: same, .. })
            | (Self::UnseenMissing { column, .. }, Self::UnseenMissing { column: same, .. }) => {
                column == same
            }
            _ => false,
        }
    }
}

impl fmt::Display for EncodeNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unseen { column, n_cells, example } => write!(
                f,
                "warning: column `{column}` has {} with a value that the training rows lack, such as {example:?}",
                counted(*n_cells, "cell")
            ),
            Self::UnseenMissing { column, n_cells } => write!(
                f,
                "warning: column `{column}` has {}; in the training rows there was none",
                counted(*n_cells, "missing cell")
            ),
        }
    }
}
