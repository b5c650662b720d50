//! What a reader of a schema should know before training.

use crate::cell::parse_number;
use crate::error::{counted, unnamed};
use crate::schema::{Column, Kind, Role, Schema};
use serde::Serialize;
use std::fmt;

/// What a reader should know about a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// No line names the columns.
    Unnamed {
        /// How many there are.
        n_columns: usize,
    },
    /// Every cell is missing, so the columns are left out.
    Empty {
        /// The columns.
        columns: Vec<String>,
    },
    /// Every cell is the same, so the columns are left out.
    Constant {
        /// The columns.
        columns: Vec<String>,
    },
    /// Nearly every cell differs, so the columns are left out.
    Text {
        /// The columns.
        columns: Vec<String>,
    },
    /// Rows without a target are left out.
    MissingTarget {
        /// The target.
        column: String,
        /// How many rows.
        n_rows: usize,
    },
    /// The target's numbers are taken as classes.
    NumbersAsClasses {
        /// The target.
        column: String,
        /// How many classes.
        n_classes: usize,
    },
}

impl Note {
    /// Takes the columns of another note of the same kind, if it can.
    fn takes(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Empty { columns }, Self::Empty { columns: more })
            | (Self::Constant { columns }, Self::Constant { columns: more })
            | (Self::Text { columns }, Self::Text { columns: more }) => {
                columns.extend_from_slice(more);
                true
            }
            _ => false,
        }
    }
}

/// Up to five columns by name, the rest by number.
pub(crate) fn named(columns: &[String]) -> String {
    const LIMIT: usize = 5;
    let names: Vec<String> = columns.iter().take(LIMIT).map(|column| format!("`{column}`")).collect();
    let more = columns.len().saturating_sub(LIMIT);
    match columns.len() {
        1 => format!("column {}", names[0]),
        _ if more > 0 => format!("columns {} and {more} more", names.join(", ")),
        n => format!("columns {} and {}", names[..n - 1].join(", "), names[n - 1]),
    }
}

fn left_out(columns: &[String]) -> &'static str {
    if columns.len() == 1 { "is left out" } else { "are left out" }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed { n_columns } => write!(
                f,
                "the first line looks like data, so the columns are called `{}` to `{}`: put a line of names above it for others",
                unnamed(0),
                unnamed(n_columns - 1)
            ),
            Self::Empty { columns } => {
                let have = if columns.len() == 1 { "has" } else { "have" };
                write!(f, "warning: {} {have} no values and {}", named(columns), left_out(columns))
            }
            Self::Constant { columns } => {
                let are = if columns.len() == 1 { "is" } else { "are" };
                write!(f, "{} {are} the same in every row and {}", named(columns), left_out(columns))
            }
            Self::Text { columns } => {
                let (differ, identifiers, keep, kept) = match &columns[..] {
                    [column] => ("differs", "an identifier", "keeps it", column.as_str()),
                    _ => ("differ", "identifiers", "keeps one", "COLUMN"),
                };
                let (columns, left_out) = (named(columns), left_out(columns));
                write!(
                    f,
                    "{columns} {differ} in most rows, like {identifiers}, and {left_out}; `--category {kept}` {keep}"
                )
            }
            Self::MissingTarget { column, n_rows } => {
                let rows = counted(*n_rows, "row");
                write!(f, "left out: {rows} without a value of the target `{column}`")
            }
            Self::NumbersAsClasses { column, n_classes } => write!(
                f,
                "the target `{column}` is taken as {n_classes} classes; `--task regression` takes it as a number"
            ),
        }
    }
}

impl Schema {
    /// What a reader should know before training.
    pub fn notes(&self) -> Vec<Note> {
        let n_columns = self.columns.len();
        let are_unnamed = self.columns.iter().enumerate().all(|(i, column)| column.name == unnamed(i));
        let mut notes = Vec::new();
        notes.extend((are_unnamed && n_columns > 0).then_some(Note::Unnamed { n_columns }));
        for note in self.columns.iter().flat_map(Column::notes) {
            if !notes.iter_mut().any(|earlier| earlier.takes(&note)) {
                notes.push(note);
            }
        }
        notes
    }
}

impl Column {
    fn notes(&self) -> Vec<Note> {
        let column = || self.name.clone();
        let (n_rows, n_classes) = (self.n_missing, self.levels.len());
        let are_numbers = self.levels.iter().all(|level| parse_number(&level.name).is_some());
        match (self.role, self.kind) {
            (Role::Ignored, Kind::Empty) => vec![Note::Empty { columns: vec![column()] }],
            (Role::Ignored, Kind::Constant) => vec![Note::Constant { columns: vec![column()] }],
            (Role::Ignored, Kind::Text) => vec![Note::Text { columns: vec![column()] }],
            (Role::Target, kind) => {
                let missing = (n_rows > 0).then(|| Note::MissingTarget { column: column(), n_rows });
                // Nobody takes 0 and 1 for quantities.
                let is_surprising = kind == Kind::Category && are_numbers && n_classes > 2;
                let classes = is_surprising.then(|| Note::NumbersAsClasses { column: column(), n_classes });
                missing.into_iter().chain(classes).collect()
            }
            _ => Vec::new(),
        }
    }
}
