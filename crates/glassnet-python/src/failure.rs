//! Errors as Python's exceptions: `OSError` of files that cannot be read or written, `ValueError` of all else.

use glassnet_io::error::Error as IoError;
use pyo3::PyErr;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use std::io::ErrorKind;

/// What became of a call.
pub(crate) type Result<T> = std::result::Result<T, PyErr>;

/// What the library says.
pub(crate) fn of_library(error: glassnet::error::Error) -> PyErr {
    of_value(error)
}

/// Any message about what was given.
pub(crate) fn of_value(message: impl ToString) -> PyErr {
    PyValueError::new_err(message.to_string())
}

/// What reading and writing says.
pub(crate) fn of_file(error: IoError) -> PyErr {
    let message = error.to_string();
    match error {
        IoError::Read { source, .. } if source.kind() == ErrorKind::NotFound => {
            PyFileNotFoundError::new_err(message)
        }
        IoError::Read { .. } | IoError::Write { .. } => PyOSError::new_err(message),
        _ => PyValueError::new_err(message),
    }
}
