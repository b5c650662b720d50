//! A table's input columns to numbers, by constants fitted on the training rows only.

use crate::cell::MissingMarks;
use crate::column_fit::ColumnFit;
pub use crate::encode_note::EncodeNote;
use crate::encoding::Place;
pub use crate::encoding::{EncodedColumn, Encoding, Style};
use crate::error::{EncodeError, Result, UnknownName};
use crate::matrix::Matrix;
use crate::sample::Sampling;
use crate::schema::Schema;
use crate::table::Table;
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The input columns and how each becomes numbers. Once read from a file, it must pass [`Encoder::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoder {
    missing: MissingMarks,
    columns: Vec<EncodedColumn>,
}

/// Rows whose inputs are written column by column: they fit second-level cache however many columns there are.
const ROWS_TOGETHER: usize = 256;

/// Cells of a column that training did not have.
#[derive(Debug, Clone, Copy, Default)]
struct Unusual<'a> {
    n_missing: usize,
    n_unseen: usize,
    /// The first of these.
    example: Option<&'a str>,
}

/// Encoded rows, and what was odd about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded<R> {
    /// Shape (`n_rows`, `n_inputs`).
    pub x: Matrix<R>,
    /// What a reader should know about the rows.
    pub notes: Vec<EncodeNote>,
}

impl Encoder {
    /// Fits the constants of the schema's input columns on the given (training) rows of the table, in the standard style.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::NotANumber`], [`EncodeError::NoInputs`].
    pub fn fit(table: &Table, schema: &Schema, rows: &[usize]) -> Result<Self> {
        Self::fit_in(Style::Standard, table, schema, rows)
    }

    /// The same in any style.
    ///
    /// # Errors
    /// Those of [`Encoder::fit`].
    pub fn fit_in(style: Style, table: &Table, schema: &Schema, rows: &[usize]) -> Result<Self> {
        let mut fit = EncoderFit::new(style, schema, Sampling::ALL);
        fit.see(table, rows)?;
        if fit.turn() {
            fit.see(table, rows)?;
        }
        fit.finish()
    }

    /// The texts that stand for a missing value.
    pub fn missing(&self) -> &MissingMarks {
        &self.missing
    }

    /// The input columns, in the order of the inputs.
    pub fn columns(&self) -> &[EncodedColumn] {
        &self.columns
    }

    /// How many inputs a row becomes.
    pub fn n_inputs(&self) -> usize {
        self.columns.iter().map(EncodedColumn::n_inputs).sum()
    }

    /// The names of the inputs: `bill_length_mm`, `bill_length_mm is missing`, `island=Biscoe`, `island is other`.
    pub fn input_names(&self) -> Vec<String> {
        let names = self.columns.iter().flat_map(EncodedColumn::input_names);
        let mut by_place: Vec<_> = self.places().into_iter().flatten().zip(names).collect();
        by_place.sort_unstable();
        by_place.into_iter().map(|(_, name)| name).collect()
    }

    /// For each input the position in [`Encoder::columns`] of the column that it comes from.
    pub fn input_columns(&self) -> Vec<usize> {
        let mut columns = vec![0; self.n_inputs()];
        for (column, places) in self.places().into_iter().enumerate() {
            for place in places {
                columns[place] = column;
            }
        }
        columns
    }

    /// How many inputs, the first ones, are numbers of the robust style.
    pub fn n_numbers(&self) -> usize {
        let is_number = |column: &&EncodedColumn| matches!(column.encoding, Encoding::RobustNumber { .. });
        self.columns.iter().filter(is_number).count()
    }

    /// How many levels each of the last inputs has that are numbers of levels.
    pub fn level_counts(&self) -> Vec<usize> {
        let count = |column: &EncodedColumn| match &column.encoding {
            Encoding::Code { levels } => Some(levels.len()),
            _ => None,
        };
        self.columns.iter().filter_map(count).collect()
    }

    /// For each column the places of its inputs among all: numbers of the robust style first, numbers of levels last.
    pub fn places(&self) -> Vec<Vec<usize>> {
        let mut all: Vec<(Place, usize)> = Vec::new();
        for (column, encoded) in self.columns.iter().enumerate() {
            all.extend(encoded.places().into_iter().map(|place| (place, column)));
        }
        all.sort_by_key(|&(place, _)| place);
        let mut places = vec![Vec::new(); self.columns.len()];
        for (place, (_, column)) in all.into_iter().enumerate() {
            places[column].push(place);
        }
        places
    }

    /// Turns the given rows of a table into inputs; columns are found by name, in any order.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::NotANumber`], [`EncodeError::OutOfRange`].
    pub fn encode<R: Real>(&self, table: &Table, rows: &[usize]) -> Result<Encoded<R>> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let positions = positions(&names, table)?;
        let places = self.places();
        let mut x = Matrix::zeros(rows.len(), self.n_inputs());
        let mut counts = vec![Unusual::default(); self.columns.len()];
        for first in (0..rows.len()).step_by(ROWS_TOGETHER) {
            let rows = &rows[first..rows.len().min(first + ROWS_TOGETHER)];
            for (i, column) in self.columns.iter().enumerate() {
                let mut inputs = vec![R::ZERO; places[i].len()];
                for (target, &row) in (first..).zip(rows) {
                    inputs.fill(R::ZERO);
                    let cell = table.columns()[positions[i]].cell(row);
                    if self.missing.contains(cell) {
                        counts[i].n_missing += 1;
                        column.encode_missing(&mut inputs);
                    } else if !column.encode_present(table, row, positions[i], &mut inputs)? {
                        counts[i].n_unseen += 1;
                        counts[i].example.get_or_insert(cell);
                    }
                    for (&place, &input) in places[i].iter().zip(&inputs) {
                        x.row_mut(target)[place] = input;
                    }
                }
            }
        }
        let mut notes = Vec::new();
        for (column, Unusual { n_missing, n_unseen, example }) in self.columns.iter().zip(counts) {
            let name = || column.name.clone();
            if let Some(example) = example {
                notes.push(EncodeNote::Unseen { column: name(), n_cells: n_unseen, example: example.into() });
            }
            if n_missing > 0 && !column.has_missing {
                notes.push(EncodeNote::UnseenMissing { column: name(), n_cells: n_missing });
            }
        }
        Ok(Encoded { x, notes })
    }

    /// The columns that the table has and the encoder does not read.
    pub fn extra_columns<'a>(&self, table: &'a Table) -> Vec<&'a str> {
        let used: HashSet<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        table.column_names().filter(|name| !used.contains(name)).collect()
    }

    /// Refuses an encoder that no training makes: one from a damaged or forged file.
    ///
    /// # Errors
    /// [`EncodeError::NoInputs`], [`EncodeError::ColumnName`], [`EncodeError::Constant`], [`EncodeError::Levels`].
    pub fn check(&self) -> Result<()> {
        let mut names = HashSet::new();
        for column in &self.columns {
            if column.name.is_empty() || !names.insert(&column.name) {
                return Err(EncodeError::ColumnName { column: column.name.clone() }.into());
            }
            column.check()?;
        }
        if self.n_inputs() == 0 { Err(EncodeError::NoInputs.into()) } else { Ok(()) }
    }
}

/// An encoder in the making, from the training rows of a table that comes a chunk at a time.
#[derive(Debug)]
pub struct EncoderFit {
    missing: MissingMarks,
    columns: Vec<ColumnFit>,
    names: Vec<String>,
    has_turned: bool,
}

impl EncoderFit {
    /// Nothing so far. The quartiles of the robust style are those of a sample of each column's numbers.
    pub fn new(style: Style, schema: &Schema, sampling: Sampling) -> Self {
        let fit = |(position, column)| ColumnFit::new(style, column, sampling, position);
        Self {
            missing: schema.missing.clone(),
            columns: schema.inputs().enumerate().map(fit).collect(),
            names: schema.inputs().map(|column| column.name.clone()).collect(),
            has_turned: false,
        }
    }

    /// The next training rows.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::NotANumber`].
    pub fn see(&mut self, table: &Table, rows: &[usize]) -> Result<()> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let positions = positions(&names, table)?;
        for (column, position) in self.columns.iter_mut().zip(positions) {
            if !self.has_turned || column.has_turned() {
                column.see(table, position, &self.missing, rows)?;
            }
        }
        Ok(())
    }

    /// All rows have come. Whether they must come once more, in the same order: standard deviations need the mean first.
    pub fn turn(&mut self) -> bool {
        if self.has_turned {
            return false;
        }
        self.has_turned = true;
        self.columns.iter_mut().fold(false, |wants, column| column.turn() | wants)
    }

    /// The encoder.
    ///
    /// # Errors
    /// [`EncodeError::NoInputs`], and what else [`Encoder::check`] refuses.
    pub fn finish(self) -> Result<Encoder> {
        let columns = self.columns.into_iter().map(ColumnFit::finish).collect();
        let encoder = Encoder { missing: self.missing, columns };
        encoder.check()?;
        Ok(encoder)
    }
}

/// Where the table has the columns of those names.
fn positions(names: &[&str], table: &Table) -> Result<Vec<usize>> {
    let by_name: HashMap<&str, usize> = table.column_names().zip(0..).collect();
    let position = |&name: &&str| {
        by_name.get(name).copied().ok_or_else(|| {
            let unknown = UnknownName::new(name, table.column_names());
            EncodeError::MissingColumn { table: table.name().into(), unknown }.into()
        })
    };
    names.iter().map(position).collect()
}
