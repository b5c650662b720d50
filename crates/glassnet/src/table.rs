//! A table as it was read: named columns of text, and where each row stood in its file.

use crate::error::{Place, Result, TableError, UnknownName};
use std::collections::HashMap;

/// Named columns of text, all of the same length. Shape (`n_rows`, `n_columns`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    name: String,
    columns: Vec<TextColumn>,
    n_rows: usize,
    /// Rows of the same file that earlier chunks hold.
    n_rows_before: usize,
    /// The line on which each row starts; empty where the source has no lines.
    lines: Vec<u64>,
}

/// One column: its cells' texts, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextColumn {
    name: String,
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<usize>,
}

impl Table {
    /// A table without rows. `name` is what messages call it, usually the file's name; column names are trimmed.
    ///
    /// # Errors
    /// [`TableError::Empty`] without columns, [`TableError::UnnamedColumn`], [`TableError::DuplicateColumn`].
    pub fn new<'a>(name: &str, column_names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut positions = HashMap::new();
        let mut columns = Vec::new();
        for (position, column) in column_names.into_iter().map(str::trim).enumerate() {
            if column.is_empty() {
                return Err(TableError::UnnamedColumn { table: name.into(), position: position + 1 }.into());
            }
            if let Some(first) = positions.insert(column, position) {
                let (first, second) = (first + 1, position + 1);
                let (table, name) = (name.into(), column.into());
                return Err(TableError::DuplicateColumn { table, name, first, second }.into());
            }
            columns.push(TextColumn { name: column.into(), text: String::new(), ends: Vec::new() });
        }
        if columns.is_empty() {
            return Err(TableError::Empty { table: name.into() }.into());
        }
        Ok(Self { name: name.into(), columns, n_rows: 0, n_rows_before: 0, lines: Vec::new() })
    }

    /// The same columns without rows, for the part of a file that starts after `n_rows_before` rows.
    pub(crate) fn following(&self, n_rows_before: usize) -> Self {
        let empty = |column: &TextColumn| TextColumn {
            name: column.name.clone(),
            text: String::new(),
            ends: Vec::new(),
        };
        let columns = self.columns.iter().map(empty).collect();
        Self { name: self.name.clone(), columns, n_rows: 0, n_rows_before, lines: Vec::new() }
    }

    /// Adds a row from a source that has no lines.
    ///
    /// # Panics
    /// When there is not one cell for each column.
    pub fn push_row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let mut n_cells = 0;
        for cell in cells {
            self.columns[n_cells].push(cell);
            n_cells += 1;
        }
        assert_eq!(n_cells, self.columns.len(), "one cell for each column");
        self.n_rows += 1;
    }

    /// Adds a row that starts on `line` of its file.
    pub(crate) fn push_row_of_line<'a>(&mut self, line: u64, cells: impl IntoIterator<Item = &'a str>) {
        self.push_row(cells);
        self.lines.push(line);
    }

    /// What messages call the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The columns, in the order of the file.
    pub fn columns(&self) -> &[TextColumn] {
        &self.columns
    }

    /// The names of the columns, in the order of the file.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(TextColumn::name)
    }

    /// The position of the column of that name, or the name that was probably meant.
    ///
    /// # Errors
    /// [`UnknownName`] when there is no such column.
    pub fn position(&self, name: &str) -> std::result::Result<usize, UnknownName> {
        let found = self.columns.iter().position(|column| column.name == name);
        found.ok_or_else(|| UnknownName::new(name, self.column_names()))
    }

    /// Where the cell of that row (from 0) and column (from 0) stands, for a message.
    ///
    /// # Panics
    /// When there is no such cell.
    pub fn place(&self, row: usize, column: usize) -> Box<Place> {
        let line = self.lines.get(row).map(|start| {
            let before = &self.columns[..column];
            start + before.iter().map(|column| count_line_breaks(column.cell(row).as_bytes())).sum::<u64>()
        });
        Box::new(Place {
            table: self.name.clone(),
            row: self.n_rows_before + row + 1,
            line,
            column: self.columns[column].name.clone(),
            value: self.columns[column].cell(row).to_owned(),
        })
    }
}

impl TextColumn {
    fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// The column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of one cell, as read.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn cell(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start..self.ends[row]]
    }

    /// The texts of all cells, as read.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|row| self.cell(row))
    }
}

/// Line feeds, carriage returns, and pairs of them count as one break each.
pub(crate) fn count_line_breaks(bytes: &[u8]) -> u64 {
    let mut previous = 0;
    let breaks = bytes.iter().filter(|&&byte| {
        let second_of_pair = byte == b'\n' && previous == b'\r';
        previous = byte;
        matches!(byte, b'\r' | b'\n') && !second_of_pair
    });
    breaks.count() as u64
}
