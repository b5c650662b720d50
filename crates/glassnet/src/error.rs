//! What can go wrong, as data: every variant carries the values that made it.

/// Any error of the library.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {}

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;
