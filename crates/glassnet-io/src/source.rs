//! Opening what is to be read: files, several files as one table, and standard input as `-`.

use crate::encoding::Encoding;
use crate::error::{Error, Result};
use crate::format::Format;
pub use crate::input::Source;
use crate::input::{self, Input};
use crate::{idx, json_lines};
use glassnet::reader::TableReader;
use glassnet::table::Table;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Where a table is: files, one after the other.
#[derive(Debug, Clone)]
pub struct Files {
    /// At least one; `-` is standard input, and each may be a pattern.
    pub paths: Vec<PathBuf>,
    /// Of text that begins with no byte-order mark; `None` is UTF-8.
    pub encoding: Option<Encoding>,
}

impl From<Vec<PathBuf>> for Files {
    /// Text in UTF-8.
    fn from(paths: Vec<PathBuf>) -> Self {
        Self { paths, encoding: None }
    }
}

/// The whole of a file, as it is.
///
/// # Errors
/// [`Error::Read`].
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input::open(path)?.read_to_end(&mut bytes).map_err(|source| Error::Read { path: path.into(), source })?;
    Ok(bytes)
}

/// Whether the first bytes of a file (at most 16) fulfil `condition`. Standard input and pipes never do: what is read from
/// them is gone.
///
/// # Errors
/// [`Error::Read`].
pub fn begins_with(path: &Path, condition: impl Fn(&[u8]) -> bool) -> Result<bool> {
    let is_pattern = files_of(path)? != [path];
    if is_pattern
        || path == Path::new("-")
        || path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir())
    {
        return Ok(false);
    }
    let mut start = Vec::new();
    let read = input::open(path)?.take(16).read_to_end(&mut start);
    read.map_err(|source| Error::Read { path: path.into(), source })?;
    Ok(condition(&start))
}

/// A table, whole: the rows of all files, one file after the other.
///
/// # Errors
/// [`Error`], except those of models.
pub fn read_table(files: &Files) -> Result<Table> {
    let mut files = TableFiles::open(files)?;
    Ok(files.next_chunk(usize::MAX)?.unwrap_or(files.header))
}

/// A table from JSON: an array of objects, one a row, or a single one. Numbers keep their text; absent keys and null are empty cells.
///
/// # Errors
/// [`Error::Table`] of what is no such JSON, and as [`Table::from_columns`].
pub fn from_json(json: &[u8], name: &str) -> Result<Table> {
    json_lines::read_array(json, name)
}

/// A table as [`read_table`] gives it, if it is not larger than so many bytes of cells.
///
/// # Errors
/// [`Error`], except those of models; [`Error::Table`] for a larger table of a format that is read whole.
pub fn read_table_within(files: &Files, most_bytes: u64) -> Result<Option<Table>> {
    let mut n_bytes = 0;
    for path in &files.paths {
        for file in files_of(path)? {
            // Whatever the format, the cells' texts and where they end are no fewer bytes.
            n_bytes += file.metadata().map_or(0, |about| about.len());
        }
    }
    let mut files = TableFiles::open(files)?;
    if n_bytes > most_bytes && !files.is_whole() {
        return Ok(None);
    }
    let mut table = files.header().clone();
    let rows_at_once = (1 << 18) / files.header().columns().len() + 1;
    while let Some(chunk) = files.next_chunk(rows_at_once)? {
        table.append(chunk)?;
        if table.n_bytes() > most_bytes {
            if files.is_whole() {
                let reason = "it is larger than --memory-limit, and its format is read whole: save it as CSV or Parquet, \
                              or raise the limit";
                return Err(Error::Table { table: table.name().into(), reason: reason.into() });
            }
            return Ok(None);
        }
    }
    Ok(Some(table))
}

/// The files that a path stands for: itself, or those that fit it as a pattern (`*`, `?`, `[…]`), in the order of their
/// names.
///
/// # Errors
/// [`Error::Read`] when it is a pattern that no file fits.
pub fn files_of(path: &Path) -> Result<Vec<PathBuf>> {
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']) && !path.exists());
    let Some(pattern) = pattern else { return Ok(vec![path.to_path_buf()]) };
    let wrong = |message: String| Error::Read { path: path.into(), source: io::Error::other(message) };
    let found = glob::glob(pattern).map_err(|error| wrong(error.to_string()))?;
    let files: Vec<PathBuf> =
        found.filter_map(std::result::Result::ok).filter(|path| path.is_file()).collect();
    if files.is_empty() {
        return Err(wrong("no file fits this pattern".into()));
    }
    Ok(files)
}

/// A table's files, read some rows at a time. The first one says which columns there are and in which order.
pub struct TableFiles {
    /// The files to come, the last one first.
    rest: Vec<PathBuf>,
    encoding: Option<Encoding>,
    header: Table,
    current: Rows,
    /// Rows that are read, and how many of them are given away.
    read: Option<(Table, usize)>,
}

/// An opened file.
enum Rows {
    Text(Box<TableReader<Source>>),
    /// Read whole: only the end says which columns there are.
    Whole(Option<Table>),
    #[cfg(feature = "parquet")]
    Columnar(Box<crate::columnar::Columnar>),
}

impl TableFiles {
    /// Opens the first of the files.
    ///
    /// # Errors
    /// [`Error`], except those of models.
    ///
    /// # Panics
    /// Without paths.
    pub fn open(files: &Files) -> Result<Self> {
        let mut rest: Vec<PathBuf> = Vec::new();
        for path in &files.paths {
            rest.extend(files_of(path)?);
        }
        rest.reverse();
        let current = Rows::open(&rest.pop().expect("at least one path"), files.encoding)?;
        let mut header = current.header();
        if !rest.is_empty() {
            let others = glassnet::error::counted(rest.len(), "file");
            header = header.clone().renamed(format!("{} and {others} more", header.name()));
        }
        Ok(Self { rest, encoding: files.encoding, header, current, read: None })
    }

    /// The columns, without rows.
    pub fn header(&self) -> &Table {
        &self.header
    }

    /// Whether the file of the moment is of a format that is read whole.
    fn is_whole(&self) -> bool {
        matches!(self.current, Rows::Whole(_))
    }

    /// The next `n_rows` rows (at least one), or fewer at the end; none after the last.
    ///
    /// # Errors
    /// [`Error`], except those of models.
    pub fn next_chunk(&mut self, n_rows: usize) -> Result<Option<Table>> {
        let mut chunk = self.header.following(0);
        while chunk.n_rows() < n_rows.max(1) {
            let n_wanted = n_rows.max(1) - chunk.n_rows();
            match self.read.take() {
                Some((table, n_given)) if table.n_rows() - n_given > n_wanted => {
                    chunk.append(table.rows(n_given..n_given + n_wanted))?;
                    self.read = Some((table, n_given + n_wanted));
                }
                Some((table, 0)) => chunk.append(table)?,
                Some((table, n_given)) => chunk.append(table.rows(n_given..table.n_rows()))?,
                None => match self.current.next_chunk(n_wanted)? {
                    Some(table) => self.read = Some((table, 0)),
                    None => match self.rest.pop() {
                        Some(path) => self.current = Rows::open(&path, self.encoding)?,
                        None => break,
                    },
                },
            }
        }
        Ok((chunk.n_rows() > 0).then_some(chunk))
    }
}

impl Rows {
    fn open(path: &Path, encoding: Option<Encoding>) -> Result<Self> {
        let input = Input::open(path, encoding)?;
        let format = match Format::of(&input.start, &input.name) {
            Ok(format) => format,
            Err(reason) => return input.wrong(reason),
        };
        Ok(match format {
            Format::Text => Self::Text(Box::new(TableReader::new(input.bytes, &input.name, None)?)),
            Format::JsonLines => {
                Self::Whole(Some(json_lines::read(BufReader::new(input.bytes), &input.name)?))
            }
            Format::Idx => Self::Whole(Some(idx::read(input, path)?)),
            #[cfg(feature = "parquet")]
            format => Self::Columnar(Box::new(crate::columnar::Columnar::open(input, format)?)),
            #[cfg(not(feature = "parquet"))]
            _ => {
                return input
                    .wrong("this glassnet was built without the feature `parquet`. Save the table as CSV");
            }
        })
    }

    fn header(&self) -> Table {
        match self {
            Self::Text(reader) => reader.header().clone(),
            Self::Whole(table) => table.as_ref().expect("not given away yet").following(0),
            #[cfg(feature = "parquet")]
            Self::Columnar(reader) => reader.header().clone(),
        }
    }

    fn next_chunk(&mut self, n_rows: usize) -> Result<Option<Table>> {
        match self {
            Self::Text(reader) => Ok(reader.next_chunk(n_rows)?),
            Self::Whole(table) => Ok(table.take()),
            #[cfg(feature = "parquet")]
            Self::Columnar(reader) => reader.next_chunk(n_rows),
        }
    }
}
