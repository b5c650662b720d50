//! A table as it was read: named columns of text, and where each row stood in which file.

use crate::error::{Place, Result, TableError, UnknownName};
use std::collections::HashMap;
use std::ops::Range;

/// Named columns of text, all of the same length. Shape (`n_rows`, `n_columns`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    name: String,
    columns: Vec<TextColumn>,
    n_rows: usize,
    /// The files that the rows come from, in order; at least one.
    parts: Vec<Part>,
}

/// Rows that follow each other in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    /// The table's first row that is this part's.
    start: usize,
    /// Rows of the same file that earlier chunks hold.
    n_rows_before: usize,
    /// The line on which each row starts; empty where the file has no lines.
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
        Self::from_columns(name, column_names.into_iter().map(TextColumn::new).collect())
    }

    /// A table of columns from a source that has no lines; see [`Table::new`].
    ///
    /// # Errors
    /// As [`Table::new`].
    ///
    /// # Panics
    /// When the columns are not of the same length.
    pub fn from_columns(name: &str, mut columns: Vec<TextColumn>) -> Result<Self> {
        let mut positions = HashMap::new();
        for (position, column) in columns.iter_mut().enumerate() {
            column.name = column.name.trim().to_owned();
            if column.name.is_empty() {
                return Err(TableError::UnnamedColumn { table: name.into(), position: position + 1 }.into());
            }
            if let Some(first) = positions.insert(column.name.clone(), position) {
                let (first, second) = (first + 1, position + 1);
                let (table, name) = (name.into(), column.name.clone());
                return Err(TableError::DuplicateColumn { table, name, first, second }.into());
            }
        }
        let Some(first) = columns.first() else {
            return Err(TableError::Empty { table: name.into() }.into());
        };
        let n_rows = first.n_cells();
        assert!(columns.iter().all(|column| column.n_cells() == n_rows), "columns of the same length");
        let part = Part { name: name.into(), start: 0, n_rows_before: 0, lines: Vec::new() };
        Ok(Self { name: name.into(), columns, n_rows, parts: vec![part] })
    }

    /// The same rows, each with the line of the file on which it starts.
    ///
    /// # Panics
    /// When there is not one line for each row.
    pub fn with_lines(mut self, lines: Vec<u64>) -> Self {
        assert_eq!(lines.len(), self.n_rows, "one line for each row");
        self.parts[0].lines = lines;
        self
    }

    /// The same rows, as the part of a file that starts after `n_rows_before` rows.
    pub fn after_rows(mut self, n_rows_before: usize) -> Self {
        self.parts[0].n_rows_before = n_rows_before;
        self
    }

    /// The same table under another name; messages about cells still name their files.
    pub fn renamed(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    /// The same columns without rows, for the part of a file that starts after `n_rows_before` rows.
    pub fn following(&self, n_rows_before: usize) -> Self {
        let columns = self.columns.iter().map(|column| TextColumn::new(&column.name)).collect();
        let part = Part { name: self.parts[0].name.clone(), start: 0, n_rows_before, lines: Vec::new() };
        Self { name: self.name.clone(), columns, n_rows: 0, parts: vec![part] }
    }

    /// Puts another table's rows behind the own ones. Its columns may stand in another order.
    ///
    /// # Errors
    /// [`TableError::ColumnOnlyHere`], [`TableError::ColumnOnlyThere`].
    pub fn append(&mut self, other: Self) -> Result<()> {
        let other = other.in_order_of(self)?;
        if self.n_rows == 0 {
            *self = Self { name: std::mem::take(&mut self.name), ..other };
            return Ok(());
        }
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.append(&more);
        }
        for mut part in other.parts {
            part.start += self.n_rows;
            let Some(last) = self.parts.last_mut() else {
                self.parts.push(part);
                continue;
            };
            let continues = last.name == part.name
                && last.n_rows_before + (part.start - last.start) == part.n_rows_before
                && (last.lines.is_empty() == part.lines.is_empty() || last.start == part.start);
            if continues {
                last.lines.append(&mut part.lines);
            } else {
                self.parts.push(part);
            }
        }
        self.n_rows += other.n_rows;
        Ok(())
    }

    /// The same table with its columns in another table's order.
    ///
    /// # Errors
    /// As [`Table::append`].
    pub fn in_order_of(mut self, first: &Self) -> Result<Self> {
        if self.column_names().eq(first.column_names()) {
            return Ok(self);
        }
        let (table, other) = (self.parts[0].name.clone(), first.parts[0].name.clone());
        if let Some(column) = self.column_names().find(|name| first.position(name).is_err()) {
            return Err(TableError::ColumnOnlyHere { table, other, column: column.into() }.into());
        }
        let mut columns = Vec::new();
        for name in first.column_names() {
            match self.columns.iter().position(|column| column.name == name) {
                Some(position) => columns.push(self.columns.remove(position)),
                None => return Err(TableError::ColumnOnlyThere { table, other, column: name.into() }.into()),
            }
        }
        self.columns = columns;
        Ok(self)
    }

    /// Some of the rows, which keep their places.
    ///
    /// # Panics
    /// When there are no such rows.
    pub fn rows(&self, rows: Range<usize>) -> Self {
        let overlapping = |(i, part): (usize, &Part)| {
            let end_of_part = self.parts.get(i + 1).map_or(self.n_rows, |next| next.start);
            let (start, end) = (rows.start.max(part.start), rows.end.min(end_of_part));
            let lines = part.lines.get(start - part.start..end.max(start) - part.start).unwrap_or_default();
            (start < end).then(|| Part {
                name: part.name.clone(),
                start: start - rows.start,
                n_rows_before: part.n_rows_before + start - part.start,
                lines: lines.to_vec(),
            })
        };
        let parts: Vec<Part> = self.parts.iter().enumerate().filter_map(overlapping).collect();
        let columns = self.columns.iter().map(|column| column.part(rows.clone())).collect();
        let name = self.name.clone();
        if parts.is_empty() {
            return self.following(0);
        }
        Self { name, columns, n_rows: rows.len(), parts }
    }

    /// The same rows with some columns replaced by others, each where the replaced one stood.
    ///
    /// # Errors
    /// [`TableError::DuplicateColumn`].
    ///
    /// # Panics
    /// When a new column does not have one cell for each row.
    pub fn replacing(&self, mut replaced: HashMap<usize, Vec<TextColumn>>) -> Result<Self> {
        let columns = self.columns.iter().enumerate().flat_map(|(position, column)| {
            replaced.remove(&position).unwrap_or_else(|| vec![column.clone()])
        });
        let table = Self::from_columns(&self.name, columns.collect())?;
        assert_eq!(table.n_rows, self.n_rows, "one cell for each row");
        Ok(Self { parts: self.parts.clone(), ..table })
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
        self.parts[0].lines.push(line);
    }

    /// What messages call the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Bytes that the cells and their places take.
    pub fn n_bytes(&self) -> u64 {
        let of_column = |column: &TextColumn| column.text.len() + column.ends.len() * size_of::<usize>();
        let lines = self.parts.iter().map(|part| part.lines.len() * size_of::<u64>());
        self.columns.iter().map(of_column).chain(lines).sum::<usize>() as u64
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
        let part = &self.parts[self.parts.partition_point(|part| part.start <= row) - 1];
        let row_of_part = row - part.start;
        let line = part.lines.get(row_of_part).map(|start| {
            let before = &self.columns[..column];
            start + before.iter().map(|column| count_line_breaks(column.cell(row).as_bytes())).sum::<u64>()
        });
        Box::new(Place {
            table: part.name.clone(),
            row: part.n_rows_before + row_of_part + 1,
            line,
            column: self.columns[column].name.clone(),
            value: self.columns[column].cell(row).to_owned(),
        })
    }
}

impl TextColumn {
    /// A column without cells.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), text: String::new(), ends: Vec::new() }
    }

    /// Adds a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// Adds a cell whose text `write` puts behind that of the cells before, which it must not change.
    pub fn push_written(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// Adds empty cells until there are so many.
    pub fn fill(&mut self, n_cells: usize) {
        self.ends.resize(n_cells.max(self.ends.len()), self.text.len());
    }

    fn part(&self, rows: Range<usize>) -> Self {
        let end = |n_rows: usize| if n_rows == 0 { 0 } else { self.ends[n_rows - 1] };
        let (start, text_end) = (end(rows.start), end(rows.end));
        let ends = self.ends[rows].iter().map(|end| end - start).collect();
        Self { name: self.name.clone(), text: self.text[start..text_end].to_owned(), ends }
    }

    fn append(&mut self, other: &Self) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// Number of cells.
    pub fn n_cells(&self) -> usize {
        self.ends.len()
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
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.text[std::mem::replace(&mut start, end)..end])
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
