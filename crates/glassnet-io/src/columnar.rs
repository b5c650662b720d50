//! Parquet and Arrow files to tables, some rows at a time.

use crate::arrow_text;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::guarded::guarded;
use crate::input::Input;
use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};
use glassnet::error::TableError;
use glassnet::table::{Table, TextColumn};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};

/// Rows that a Parquet file is read in.
const BATCH: usize = 8_192;

type Batches = Box<dyn Iterator<Item = std::result::Result<RecordBatch, ArrowError>>>;

/// An opened file.
pub(crate) struct Columnar {
    /// The columns, without rows.
    header: Table,
    batches: Batches,
    n_rows: usize,
}

impl Columnar {
    /// Reads what the file says of its columns.
    pub(crate) fn open(input: Input, format: Format) -> Result<Self> {
        let name = input.name.clone();
        let opened = guarded(|| match format {
            Format::Parquet => parquet(input),
            Format::ArrowFile => arrow_file(input),
            _ => arrow_stream(input),
        });
        let Some(opened) = opened else { return damaged(&name, "its description makes no sense") };
        let (schema, batches) = opened.or_else(|reason| damaged(&name, reason))?;
        for field in schema.fields() {
            if !arrow_text::is_plain(field.data_type()) {
                let column = field.name().clone();
                let reason = format!(
                    "a column of {} has no plain cells. Write its parts as columns of their own, or leave it out",
                    field.data_type()
                );
                return Err(Error::Column { table: name, column, reason });
            }
        }
        let header = Table::new(&name, schema.fields().iter().map(|field| field.name().as_str()))?;
        Ok(Self { header, batches, n_rows: 0 })
    }

    /// The columns, without rows.
    pub(crate) fn header(&self) -> &Table {
        &self.header
    }

    /// About `n_rows` rows more; none after the last.
    pub(crate) fn next_chunk(&mut self, n_rows: usize) -> Result<Option<Table>> {
        let name = self.header.name();
        let mut columns: Vec<TextColumn> = self.header.column_names().map(TextColumn::new).collect();
        while columns[0].n_cells() < n_rows {
            let batches = &mut self.batches;
            let Some(next) = guarded(|| batches.next()) else {
                return damaged(name, "its values do not fit its description");
            };
            let Some(batch) = next else { break };
            let batch = batch.or_else(|error| damaged(name, error))?;
            let row = self.n_rows + columns[0].n_cells() + 1;
            push(&mut columns, &batch, name, row)?;
        }
        let n_new = columns[0].n_cells();
        if n_new == 0 {
            return match self.n_rows {
                0 => Err(Error::Glassnet(TableError::NoRows { table: name.into() }.into())),
                _ => Ok(None),
            };
        }
        let table = Table::from_columns(name, columns)?.after_rows(self.n_rows);
        self.n_rows += n_new;
        Ok(Some(table))
    }
}

/// Adds a batch whose first row is that row of the file, from 1.
fn push(columns: &mut [TextColumn], batch: &RecordBatch, name: &str, row: usize) -> Result<()> {
    if batch.num_columns() != columns.len() {
        return damaged(name, "its columns differ from part to part");
    }
    for (column, array) in columns.iter_mut().zip(batch.columns()) {
        let Some(pushed) = guarded(|| arrow_text::push(column, array)) else {
            return damaged(
                name,
                format!("the values of column `{}` do not fit its description", column.name()),
            );
        };
        if let Err(offset) = pushed {
            let reason =
                format!("row {}: bytes that are no text in UTF-8. Leave the column out", row + offset);
            return Err(Error::Column { table: name.into(), column: column.name().into(), reason });
        }
    }
    Ok(())
}

fn damaged<T>(name: &str, reason: impl Display) -> Result<T> {
    let reason = format!(
        "it is damaged, cut short, or of a kind that is not supported ({reason}). Get or make it again"
    );
    Err(Error::Table { table: name.into(), reason })
}

type Opened = std::result::Result<(SchemaRef, Batches), String>;

fn parquet(mut input: Input) -> Opened {
    fn open(file: impl ChunkReader + 'static) -> Opened {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
        let schema = builder.schema().clone();
        let batches = builder.with_batch_size(BATCH).build().map_err(|error| error.to_string())?;
        Ok((schema, Box::new(batches)))
    }
    match &input.file {
        Some(path) => open(File::open(path).map_err(|error| error.to_string())?),
        None => open(bytes::Bytes::from(all(&mut input)?)),
    }
}

fn arrow_file(mut input: Input) -> Opened {
    fn open(file: impl Read + Seek + 'static) -> Opened {
        let reader = FileReader::try_new(file, None).map_err(|error| error.to_string())?;
        Ok((reader.schema(), Box::new(reader)))
    }
    match &input.file {
        Some(path) => open(BufReader::new(File::open(path).map_err(|error| error.to_string())?)),
        None => open(Cursor::new(all(&mut input)?)),
    }
}

fn arrow_stream(input: Input) -> Opened {
    let reader = StreamReader::try_new(Tail { bytes: input.bytes, last: [0; 8] }, None);
    let reader = reader.map_err(|error| error.to_string())?;
    Ok((reader.schema(), Box::new(WholeStream { reader, is_over: false })))
}

fn all(input: &mut Input) -> std::result::Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    input.bytes.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The mark that closes a stream.
const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Bytes, and the last eight that went by.
struct Tail<Bytes> {
    bytes: Bytes,
    last: [u8; 8],
}

impl<Bytes: Read> Read for Tail<Bytes> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.bytes.read(buffer)?;
        for &byte in &buffer[n_bytes.saturating_sub(8)..n_bytes] {
            self.last.rotate_left(1);
            self.last[7] = byte;
        }
        Ok(n_bytes)
    }
}

/// The batches of a stream, and an error when it ends without the mark of its end.
struct WholeStream<Bytes: Read> {
    reader: StreamReader<Tail<Bytes>>,
    is_over: bool,
}

impl<Bytes: Read> Iterator for WholeStream<Bytes> {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.reader.next();
        if next.is_none() && !self.is_over {
            self.is_over = true;
            if self.reader.get_ref().last != END_OF_STREAM {
                return Some(Err(ArrowError::IpcError("it ends without the mark of its end".into())));
            }
        }
        next
    }
}
