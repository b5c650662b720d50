//! Parquet and Arrow files to tables, some rows at a time.

use crate::arrow_text;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::guarded::guarded;
use crate::input::Input;
use crate::messages::{Framing, Messages};
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};
use glassnet::error::TableError;
use glassnet::table::{Table, TextColumn};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::fmt::Display;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};

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
            _ => messages(input, Framing::Stream),
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
    if let Some(path) = &input.file {
        let file = File::open(path).map_err(|error| error.to_string())?;
        return open(Bounded(file));
    }
    let mut bytes = Vec::new();
    input.bytes.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    open(bytes::Bytes::from(bytes))
}

/// A file that makes no room for bytes beyond its end.
struct Bounded(File);

impl Length for Bounded {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Bounded {
    type T = BufReader<File>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<bytes::Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.len()) {
            let message = format!("{length} bytes at {start}, and the file has {}", self.len());
            return Err(ParquetError::EOF(message));
        }
        self.0.get_bytes(start, length)
    }
}

/// A file with a footer is a stream between two marks; the footer only says where its messages are.
fn arrow_file(mut input: Input) -> Opened {
    let mut eight = *b"ARROW1\0\0";
    // The first mark is padded to 8 bytes, or to as many more as the writer aligns its messages to.
    while eight == *b"ARROW1\0\0" || eight == [0; 8] {
        input.bytes.read_exact(&mut eight).map_err(|error| error.to_string())?;
    }
    input.bytes = Box::new(Cursor::new(eight).chain(input.bytes));
    messages(input, Framing::File)
}

fn messages(input: Input, framing: Framing) -> Opened {
    let messages = Messages::new(input.bytes, framing);
    let reader = StreamReader::try_new(messages, None).map_err(|error| error.to_string())?;
    Ok((reader.schema(), Box::new(reader)))
}
