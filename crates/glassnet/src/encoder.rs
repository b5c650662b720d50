//! A table's input columns to numbers, by constants fitted on the training rows only.

use crate::cell::{MissingMarks, parse_boolean, parse_number};
use crate::error::{EncodeError, Result, UnknownName, counted};
use crate::levels::{LevelCount, LevelKind, Levels, count_levels};
use crate::matrix::Matrix;
use crate::schema::{Column, Kind, Schema};
use crate::standard::Standardization;
use crate::table::Table;
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// Categories get an input for each of so many levels, the most frequent ones; the others share one.
const MOST_LEVELS: usize = 100;

/// The input columns and how each becomes numbers. Once read from a file, it must pass [`Encoder::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoder {
    missing: MissingMarks,
    columns: Vec<EncodedColumn>,
}

/// One input column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncodedColumn {
    /// Its name in the header.
    pub name: String,
    /// How it becomes numbers.
    pub encoding: Encoding,
    /// Whether the training rows have missing cells, which then have an input of their own.
    pub has_missing: bool,
}

/// How the cells of a column become numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Encoding {
    /// z = (v − mean)/standard deviation; 0 when missing.
    Number(Standardization),
    /// −1 for false, +1 for true; 0 when missing or neither.
    Boolean,
    /// An input for each level: 1 where the cell is the level, else 0.
    Category {
        /// Each has an input.
        levels: Levels,
        /// They share one input, behind the levels; there is none when this is empty.
        rare: Levels,
    },
}

/// Encoded rows, and what was odd about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded<R> {
    /// Shape (`n_rows`, `n_inputs`).
    pub x: Matrix<R>,
    /// What a reader should know about the rows.
    pub notes: Vec<EncodeNote>,
}

/// What a reader should know about encoded rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodeNote {
    /// Values that the training rows do not have; they became zeros, or the input of the rare levels.
    Unseen {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// The first one.
        example: String,
    },
    /// Missing cells, where the training rows have none; they became zeros, for numbers the mean.
    UnseenMissing {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
    },
}

impl EncodeNote {
    /// Adds the notes on one chunk of a table to those on the chunks before: cells are counted together.
    pub fn merge(notes: &mut Vec<Self>, later: Vec<Self>) {
        for note in later {
            let earlier = notes.iter_mut().find(|earlier| earlier.is_about(&note));
            match (earlier, &note) {
                (
                    Some(Self::Unseen { n_cells, .. } | Self::UnseenMissing { n_cells, .. }),
                    Self::Unseen { n_cells: more, .. } | Self::UnseenMissing { n_cells: more, .. },
                ) => *n_cells += more,
                _ => notes.push(note),
            }
        }
    }

    /// Whether both say the same of the same column.
    fn is_about(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unseen { column, .. }, Self::Unseen { column: same, .. })
            | (Self::UnseenMissing { column, .. }, Self::UnseenMissing { column: same, .. }) => {
                column == same
            }
            _ => false,
        }
    }
}

impl fmt::Display for EncodeNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unseen { column, n_cells, example } => write!(
                f,
                "warning: column `{column}` has {} with a value that the training rows lack, such as {example:?}",
                counted(*n_cells, "cell")
            ),
            Self::UnseenMissing { column, n_cells } => write!(
                f,
                "warning: column `{column}` has {}; in the training rows there was none",
                counted(*n_cells, "missing cell")
            ),
        }
    }
}

impl EncodedColumn {
    fn fit(
        table: &Table,
        position: usize,
        kind: Kind,
        missing: &MissingMarks,
        rows: &[usize],
    ) -> Result<Self> {
        let column = &table.columns()[position];
        let present = |row: &&usize| !missing.contains(column.cell(**row));
        let cells = || rows.iter().filter(present).map(|&row| column.cell(row));
        let encoding = match kind {
            Kind::Number => {
                let number = |&row: &usize| {
                    let not_a_number = || EncodeError::NotANumber(table.place(row, position));
                    parse_number(column.cell(row)).ok_or_else(not_a_number)
                };
                let numbers: std::result::Result<Vec<f64>, _> =
                    rows.iter().filter(present).map(number).collect();
                Encoding::Number(Standardization::fit(&numbers?))
            }
            Kind::Boolean => Encoding::Boolean,
            _ => category(cells()),
        };
        let has_missing = rows.iter().any(|row| !present(&row));
        Ok(Self { name: column.name().to_owned(), encoding, has_missing })
    }

    /// Inputs apart from the one for missing cells.
    fn n_value_inputs(&self) -> usize {
        match &self.encoding {
            Encoding::Number(_) | Encoding::Boolean => 1,
            Encoding::Category { levels, rare } => levels.len() + usize::from(!rare.is_empty()),
        }
    }

    /// How many inputs the column becomes.
    pub fn n_inputs(&self) -> usize {
        self.n_value_inputs() + usize::from(self.has_missing)
    }

    /// Writes a cell that is not missing into the column's inputs, which are all zero; false when it is none of the
    /// values of the training rows.
    fn encode_present<R: Real>(
        &self,
        table: &Table,
        row: usize,
        position: usize,
        inputs: &mut [R],
    ) -> Result<bool> {
        let cell = table.columns()[position].cell(row);
        match &self.encoding {
            Encoding::Number(standardization) => inputs[0] = standardization.encode(table, row, position)?,
            Encoding::Boolean => match parse_boolean(cell) {
                Some(value) => inputs[0] = if value { R::ONE } else { -R::ONE },
                None => return Ok(false),
            },
            Encoding::Category { levels, rare } => match levels.find(cell) {
                Some(level) => inputs[level] = R::ONE,
                None if rare.is_empty() => return Ok(false),
                None => {
                    inputs[levels.len()] = R::ONE;
                    return Ok(rare.find(cell).is_some());
                }
            },
        }
        Ok(true)
    }

    /// The names of the inputs that the column becomes.
    pub fn input_names(&self) -> Vec<String> {
        let Self { name, encoding, has_missing } = self;
        let mut names = match encoding {
            Encoding::Number(_) | Encoding::Boolean => vec![name.clone()],
            Encoding::Category { levels, rare } => {
                let levels = levels.names().iter().map(|level| format!("{name}={level}"));
                levels.chain((!rare.is_empty()).then(|| format!("{name} is other"))).collect()
            }
        };
        names.extend(has_missing.then(|| format!("{name} is missing")));
        names
    }
}

/// The most frequent levels, and the rest; of equally frequent ones the first in order.
fn category<'a>(cells: impl Iterator<Item = &'a str>) -> Encoding {
    let (comparison, counts) = count_levels(cells, LevelKind::Category);
    let mut by_frequency: Vec<usize> = (0..counts.len()).collect();
    by_frequency.sort_by_key(|&level| std::cmp::Reverse(counts[level].count));
    let frequent: HashSet<usize> = by_frequency.into_iter().take(MOST_LEVELS).collect();
    let (levels, rare): (Vec<_>, Vec<_>) =
        counts.into_iter().enumerate().partition(|(level, _)| frequent.contains(level));
    let levels_of = |part: Vec<(usize, LevelCount)>| {
        Levels::new(comparison, part.into_iter().map(|(_, level)| level.name).collect())
    };
    Encoding::Category { levels: levels_of(levels), rare: levels_of(rare) }
}

impl Encoder {
    /// Fits the constants of the schema's input columns on the given (training) rows of the table.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::NotANumber`], [`EncodeError::NoInputs`].
    pub fn fit(table: &Table, schema: &Schema, rows: &[usize]) -> Result<Self> {
        let names: Vec<&str> = schema.inputs().map(|column| column.name.as_str()).collect();
        let positions = positions(&names, table)?;
        let fit = |(column, position): (&Column, usize)| {
            EncodedColumn::fit(table, position, column.kind, &schema.missing, rows)
        };
        let columns: Result<_> = schema.inputs().zip(positions).map(fit).collect();
        let encoder = Self { missing: schema.missing.clone(), columns: columns? };
        encoder.check()?;
        Ok(encoder)
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
        self.columns.iter().flat_map(EncodedColumn::input_names).collect()
    }

    /// For each input the position in [`Encoder::columns`] of the column that it comes from.
    pub fn input_columns(&self) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns.flat_map(|(position, column)| std::iter::repeat_n(position, column.n_inputs())).collect()
    }

    /// Turns the given rows of a table into inputs; columns are found by name, in any order.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::NotANumber`], [`EncodeError::OutOfRange`].
    pub fn encode<R: Real>(&self, table: &Table, rows: &[usize]) -> Result<Encoded<R>> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let positions = positions(&names, table)?;
        let mut x = Matrix::zeros(rows.len(), self.n_inputs());
        let mut notes = Vec::new();
        let mut first_input = 0;
        for (column, &position) in self.columns.iter().zip(&positions) {
            let inputs = first_input..first_input + column.n_inputs();
            first_input = inputs.end;
            let (mut n_missing, mut n_unseen, mut example) = (0, 0, "");
            for (target, &row) in rows.iter().enumerate() {
                let inputs = &mut x.row_mut(target)[inputs.clone()];
                let cell = table.columns()[position].cell(row);
                if self.missing.contains(cell) {
                    n_missing += 1;
                    if column.has_missing {
                        inputs[column.n_value_inputs()] = R::ONE;
                    }
                } else if !column.encode_present(table, row, position, inputs)? {
                    n_unseen += 1;
                    example = if n_unseen == 1 { cell } else { example };
                }
            }
            let name = || column.name.clone();
            if n_unseen > 0 {
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
            match &column.encoding {
                Encoding::Number(standardization) => standardization.check(&column.name)?,
                Encoding::Boolean => {}
                Encoding::Category { levels, rare } => {
                    levels.check(&column.name)?;
                    rare.check(&column.name)?;
                    if let Some(level) = rare.names().iter().find(|level| levels.find(level).is_some()) {
                        let column = column.name.clone();
                        return Err(EncodeError::Levels { column, level: level.clone() }.into());
                    }
                }
            }
        }
        if self.n_inputs() == 0 { Err(EncodeError::NoInputs.into()) } else { Ok(()) }
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
