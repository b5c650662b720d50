//! Separated text to tables, a chunk at a time, with the true line of every row.

use crate::error::{Result, TableError, unnamed};
use crate::header::{HeaderScan, guess_separator, looks_like_data};
use crate::table::{Table, count_line_breaks};
use std::collections::VecDeque;
use std::io::{self, Chain, Cursor, Read};

/// Reads separated text (CSV, TSV), a chunk of rows at a time. The first line names the columns; where it looks like data, they
/// are called `column_1`, `column_2` and so on, and it is the first row.
///
/// A byte-order mark is skipped, lines may end in LF, CRLF or CR, quotes may span lines, blank lines are skipped.
pub struct TableReader<Input: Read> {
    reader: csv::Reader<LineStarts<Chain<Cursor<Vec<u8>>, Input>>>,
    record: csv::ByteRecord,
    /// Records that were read to tell names from data, with the lines on which they start.
    ahead: VecDeque<(u64, csv::ByteRecord)>,
    /// The columns, without rows.
    header: Table,
    /// Rows of the chunks so far.
    n_rows: usize,
}

impl Table {
    /// Reads a whole table; `name` is what messages call it, and without a `separator` the header decides between
    /// comma, semicolon, tab and vertical bar.
    ///
    /// # Errors
    /// [`TableError`]: empty, no rows, ragged, not UTF-8, zero byte, duplicate or empty column name, unreadable.
    pub fn read(input: impl Read, name: &str, separator: Option<u8>) -> Result<Self> {
        let mut reader = TableReader::new(input, name, separator)?;
        reader.next_chunk(usize::MAX)?.ok_or_else(|| TableError::NoRows { table: name.into() }.into())
    }
}

impl<Input: Read> TableReader<Input> {
    /// Reads the header; see [`Table::read`] for the arguments.
    ///
    /// # Errors
    /// [`TableError`]: empty, not UTF-8, zero byte, duplicate or empty column name, unreadable.
    pub fn new(mut input: Input, name: &str, separator: Option<u8>) -> Result<Self> {
        if let Some(separator) = separator
            && (!separator.is_ascii() || matches!(separator, b'"' | b'\r' | b'\n' | 0))
        {
            return Err(TableError::Separator { separator }.into());
        }
        let start = read_header(&mut input).map_err(|error| unreadable(name, &error))?;
        let separator = separator.unwrap_or_else(|| guess_separator(&start));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(LineStarts::new(Cursor::new(start).chain(input)));
        let mut record = csv::ByteRecord::new();
        let Some(line) = next_record(&mut reader, &mut record, name)? else {
            return Err(TableError::Empty { table: name.into() }.into());
        };
        let mut second = csv::ByteRecord::new();
        let second = next_record(&mut reader, &mut second, name)?.map(|line| (line, second));
        let is_data = looks_like_data(&record, second.as_ref().map(|(_, record)| record));
        let n_fields = record.len();
        let first = (line, record);
        let header = if is_data {
            let names: Vec<String> = (0..n_fields).map(unnamed).collect();
            Table::new(name, names.iter().map(String::as_str))?
        } else {
            let number = |position: usize| (position + 1).to_string();
            Table::new(name, texts(&first.1, line, name, number)?)?
        };
        let ahead = is_data.then_some(first).into_iter().chain(second).collect();
        Ok(Self { reader, record: csv::ByteRecord::new(), ahead, header, n_rows: 0 })
    }

    /// The columns, without rows.
    pub fn header(&self) -> &Table {
        &self.header
    }

    /// The next `n_rows` rows (at least one), or fewer at the end; none after the last row.
    ///
    /// # Errors
    /// [`TableError`]: no rows at all, ragged, not UTF-8, zero byte, unreadable.
    pub fn next_chunk(&mut self, n_rows: usize) -> Result<Option<Table>> {
        let name = self.header.name().to_owned();
        let n_columns = self.header.columns().len();
        let mut chunk = self.header.following(self.n_rows);
        while chunk.n_rows() < n_rows.max(1)
            && let Some(line) = self.next_line(&name)?
        {
            if self.record.len() != n_columns {
                let (n_fields, n_line_breaks) =
                    (self.record.len(), count_line_breaks(self.record.as_slice()));
                let row = self.n_rows + chunk.n_rows() + 1;
                return Err(TableError::Ragged {
                    table: name,
                    row,
                    line,
                    n_fields,
                    n_columns,
                    n_line_breaks,
                }
                .into());
            }
            let names = |position: usize| self.header.columns()[position].name().to_owned();
            chunk.push_row_of_line(line, texts(&self.record, line, &name, names)?);
        }
        self.n_rows += chunk.n_rows();
        if self.n_rows == 0 {
            return Err(TableError::NoRows { table: name }.into());
        }
        Ok((chunk.n_rows() > 0).then_some(chunk))
    }
}

impl<Input: Read> TableReader<Input> {
    /// Reads a record; gives the line on which it starts.
    fn next_line(&mut self, name: &str) -> Result<Option<u64>> {
        match self.ahead.pop_front() {
            Some((line, record)) => {
                self.record = record;
                Ok(Some(line))
            }
            None => next_record(&mut self.reader, &mut self.record, name),
        }
    }
}

fn unreadable(name: &str, error: &io::Error) -> TableError {
    TableError::Read { table: name.into(), kind: error.kind(), message: error.to_string() }
}

/// Reads up to the end of the header line, and whatever came with it. (The parser skips a byte-order mark that it gets
/// in one piece, which this ensures.)
fn read_header(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    let mut block = [0; 8192];
    let mut header = HeaderScan::default();
    while !header.is_complete {
        match input.read(&mut block) {
            Ok(0) => break,
            Ok(n_bytes) => {
                header.scan(&block[..n_bytes]);
                start.extend_from_slice(&block[..n_bytes]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(start)
}

/// Reads one record; returns the line on which it starts.
fn next_record<Input: Read>(
    reader: &mut csv::Reader<LineStarts<Input>>,
    record: &mut csv::ByteRecord,
    name: &str,
) -> Result<Option<u64>> {
    let read = reader.read_byte_record(record).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(name, &error),
        other => unreadable(name, &io::Error::other(format!("{other:?}"))),
    })?;
    let byte = record.position().map_or(0, csv::Position::byte);
    Ok(read.then(|| reader.get_mut().line_at(byte)))
}

/// The fields as text; `column` names a field for messages.
fn texts<'a>(
    record: &'a csv::ByteRecord,
    line: u64,
    name: &str,
    column: impl Fn(usize) -> String,
) -> Result<Vec<&'a str>> {
    let text = |(position, field): (usize, &'a [u8])| {
        let wrong_at = |offset: usize| {
            let before: u64 = record.iter().take(position).map(count_line_breaks).sum();
            let line = line + before + count_line_breaks(&field[..offset]);
            (name.to_owned(), line, column(position))
        };
        if let Some(offset) = field.iter().position(|&byte| byte == 0) {
            let (table, line, column) = wrong_at(offset);
            return Err(TableError::NulByte { table, line, column }.into());
        }
        std::str::from_utf8(field).map_err(|error| {
            let (table, line, column) = wrong_at(error.valid_up_to());
            TableError::InvalidUtf8 { table, line, column }.into()
        })
    };
    record.iter().enumerate().map(text).collect()
}

/// Notes where lines start while their bytes pass by: the parser's own count stays behind at CRLF and blank lines.
struct LineStarts<Input> {
    input: Input,
    n_bytes: u64,
    line: u64,
    previous: u8,
    /// Byte and number of each line that is not blank and was not asked for yet.
    starts: VecDeque<(u64, u64)>,
}

impl<Input> LineStarts<Input> {
    fn new(input: Input) -> Self {
        Self { input, n_bytes: 0, line: 1, previous: b'\n', starts: VecDeque::new() }
    }

    /// The first line that is not blank and starts at or after a byte; earlier lines are forgotten.
    fn line_at(&mut self, byte: u64) -> u64 {
        while self.starts.front().is_some_and(|&(start, _)| start < byte) {
            self.starts.pop_front();
        }
        self.starts.front().map_or(self.line, |&(_, line)| line)
    }
}

impl<Input: Read> Read for LineStarts<Input> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = loop {
            match self.input.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        for &byte in &buffer[..n_bytes] {
            match (self.previous, byte) {
                (b'\r', b'\n') => {}
                (_, b'\r' | b'\n') => self.line += 1,
                (b'\r' | b'\n', _) => self.starts.push_back((self.n_bytes, self.line)),
                _ => {}
            }
            self.previous = byte;
            self.n_bytes += 1;
        }
        Ok(n_bytes)
    }
}
