//! Files that are not tables.

use super::place::{counted, quoted};

/// A file that cannot be read as a table. Rows count from 1 below the header, lines from 1 at the header.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TableError {
    /// Nothing in the file.
    #[error("{table} is empty: the first line must name the columns, and a row must follow")]
    Empty {
        /// The table's name.
        table: String,
    },
    /// A header and nothing below it.
    #[error("{table} has a header and no rows: give it at least one row of data")]
    NoRows {
        /// The table's name.
        table: String,
    },
    /// A row with more or fewer fields than the first line.
    #[error("{table}, row {row} (line {line}) has {} where the first line has {}: {}",
        counted(*n_fields, "field"), n_columns,
        ragged_advice(*n_fields, *n_columns, *line, *n_line_breaks))]
    Ragged {
        /// The table's name.
        table: String,
        /// The data row.
        row: usize,
        /// The line on which the row starts.
        line: u64,
        /// How many fields the row has.
        n_fields: usize,
        /// How many the first line has.
        n_columns: usize,
        /// How many line breaks stand inside the row's quotes.
        n_line_breaks: u64,
    },
    /// Bytes that are no text in UTF-8.
    #[error(
        "{table}, line {line}, column {}: not text in UTF-8. Save the file as UTF-8, or say what it is in, \
        such as --encoding windows-1252 or big5",
        quoted(column)
    )]
    InvalidUtf8 {
        /// The table's name.
        table: String,
        /// The line of the first wrong byte.
        line: u64,
        /// The column, by name; in the header, by number.
        column: String,
    },
    /// A zero byte, which no text has.
    #[error(
        "{table}, line {line}, column {}: a zero byte. Is this a text file? \
        A file in UTF-16 must be saved as UTF-8, or read with --encoding utf-16le",
        quoted(column)
    )]
    NulByte {
        /// The table's name.
        table: String,
        /// The line of the zero byte.
        line: u64,
        /// The column, by name; in the header, by number.
        column: String,
    },
    /// Two columns of one name.
    #[error(
        "{table}: columns {first} and {second} are both named {}: rename one of them, \
        or, if the first line is data, put a line of column names above it",
        quoted(name)
    )]
    DuplicateColumn {
        /// The table's name.
        table: String,
        /// The name.
        name: String,
        /// The first column of that name, from 1.
        first: usize,
        /// The second one, from 1.
        second: usize,
    },
    /// A column without a name.
    #[error(
        "{table}: column {position} has no name: name it in the header, or remove it \
        (pandas writes such a column for its index unless told index=False)"
    )]
    UnnamedColumn {
        /// The table's name.
        table: String,
        /// The column, from 1.
        position: usize,
    },
    /// A file that has a column which another one, read as the same table, lacks.
    #[error(
        "{table} has a column {} that {other} lacks: files that are read as one table have the same columns, \
        in any order. Read it by itself, or remove the column",
        quoted(column)
    )]
    ColumnOnlyHere {
        /// The file.
        table: String,
        /// The first file.
        other: String,
        /// The column.
        column: String,
    },
    /// A file that lacks a column which another one, read as the same table, has.
    #[error(
        "{table} lacks the column {} that {other} has: files that are read as one table have the same columns, \
        in any order. Read it by itself, or add the column",
        quoted(column)
    )]
    ColumnOnlyThere {
        /// The file.
        table: String,
        /// The first file.
        other: String,
        /// The column.
        column: String,
    },
    /// A separator that cannot separate.
    #[error("{:?} cannot separate fields: use a comma, a semicolon, a tab or another ASCII character", char::from(*separator))]
    Separator {
        /// The byte.
        separator: u8,
    },
    /// The source failed.
    #[error("{table} cannot be read: {message}")]
    Read {
        /// The table's name.
        table: String,
        /// What kind of failure.
        #[serde(skip)]
        kind: std::io::ErrorKind,
        /// The system's words.
        message: String,
    },
}

fn ragged_advice(n_fields: usize, n_columns: usize, line: u64, n_line_breaks: u64) -> String {
    if n_line_breaks > 0 {
        format!("its quotes span lines {line} to {}; is a closing quote missing?", line + n_line_breaks)
    } else if n_fields > n_columns {
        "put quotes around a cell that contains the separator, or remove the surplus".into()
    } else {
        "add the missing fields (an empty field is a missing value), or remove the row".into()
    }
}
