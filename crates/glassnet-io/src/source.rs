//! Opening what is to be read: files, and standard input as `-`.

use crate::error::{Error, Result};
use glassnet::reader::TableReader;
use glassnet::table::Table;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// A table's bytes.
pub type Source = Box<dyn Read>;

/// The whole of a file.
///
/// # Errors
/// [`Error::Read`].
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes).map_err(|source| Error::Read { path: path.into(), source })?;
    Ok(bytes)
}

/// Whether the first bytes of a file (at most 16) fulfil `condition`. Standard input and pipes never do: what is read from
/// them is gone.
///
/// # Errors
/// [`Error::Read`].
pub fn begins_with(path: &Path, condition: impl Fn(&[u8]) -> bool) -> Result<bool> {
    if path == Path::new("-") || path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        return Ok(false);
    }
    let mut start = Vec::new();
    let read = open(path)?.take(16).read_to_end(&mut start);
    read.map_err(|source| Error::Read { path: path.into(), source })?;
    Ok(condition(&start))
}

/// A table, whole; `-` reads standard input.
///
/// # Errors
/// [`Error::Read`], and the table's own errors.
pub fn read_table(path: &Path) -> Result<Table> {
    Ok(Table::read(open(path)?, &name(path), None)?)
}

/// A table, chunk by chunk; `-` reads standard input.
///
/// # Errors
/// [`Error::Read`], and the table's own errors.
pub fn table_reader(path: &Path) -> Result<TableReader<Source>> {
    Ok(TableReader::new(open(path)?, &name(path), None)?)
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".into() } else { path.display().to_string() }
}

fn open(path: &Path) -> Result<Source> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let wrong = |source| Error::Read { path: path.into(), source };
    if path.is_dir() {
        return Err(wrong(io::Error::other("it is a folder, not a file")));
    }
    Ok(Box::new(BufReader::new(File::open(path).map_err(wrong)?)))
}
