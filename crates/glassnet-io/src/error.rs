//! What can go wrong between bytes and tables or models.

use std::io;
use std::path::PathBuf;

/// Any error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that could not be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that could not be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is not a table.
    #[error("{table} cannot be read as a table: {reason}")]
    Table {
        /// The table's name.
        table: String,
        /// What is wrong with it, and the remedy.
        reason: String,
    },
    /// A column that cannot be one of a table.
    #[error("{table}, column `{column}`: {reason}")]
    Column {
        /// The table's name.
        table: String,
        /// The column.
        column: String,
        /// What is wrong with it, and the remedy.
        reason: String,
    },
    /// A line that is no row.
    #[error("{table}, line {line}: {reason}")]
    Line {
        /// The table's name.
        table: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it, and the remedy.
        reason: String,
    },
    /// A model that another format cannot hold.
    #[error("it cannot be written as {format}: {reason}")]
    Export {
        /// The format's name.
        format: &'static str,
        /// What stands against it, and the remedy.
        reason: String,
    },
    /// A file that is not a model.
    #[error("{path} is not a usable model: {reason}", path = path.display())]
    Model {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that is no checkpoint.
    #[error("{path} is not a usable checkpoint: {reason}", path = path.display())]
    Checkpoint {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An error of the library.
    #[error(transparent)]
    Glassnet(#[from] glassnet::error::Error),
}

/// This crate's result.
pub type Result<T> = std::result::Result<T, Error>;
