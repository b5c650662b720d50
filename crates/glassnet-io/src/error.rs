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
    /// A file that is not a model.
    #[error("{path} is not a usable model: {reason}", path = path.display())]
    Model {
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
