//! The target column to classes or standardised numbers, and predictions back.

use crate::cell::MissingMarks;
use crate::dataset::Targets;
use crate::error::{EncodeError, Result, UnknownName};
use crate::levels::Levels;
use crate::matrix::Matrix;
use crate::schema::Task;
use crate::standard::Standardization;
use crate::table::Table;
use glassnet_kernels::Real;
use serde::{Deserialize, Deserializer, Serialize};

/// How the target becomes what is predicted. Once read from a file, it must pass [`TargetEncoder::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TargetEncoder {
    /// One of several classes.
    Classes {
        /// The target's name.
        column: String,
        /// The classes, in the order of their indices.
        levels: Levels,
    },
    /// One number a column, at least one; each is standardised.
    #[serde(alias = "number", deserialize_with = "one_or_more")]
    Numbers(Vec<NumberTarget>),
}

/// Model files of format 1 have a single target, without a list around it.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Vec<NumberTarget>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(NumberTarget),
        More(Vec<NumberTarget>),
    }
    Ok(match Written::deserialize(from)? {
        Written::One(target) => vec![target],
        Written::More(targets) => targets,
    })
}

/// A column of numbers that is predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberTarget {
    /// Its name.
    pub column: String,
    /// Its mean and standard deviation on the training rows; of counts, 0 and their mean.
    pub standardization: Standardization,
    /// Predictions do not leave this range; none for no limits.
    #[serde(default)]
    pub range: Option<[f64; 2]>,
}

impl NumberTarget {
    /// A standardised prediction in the target's own unit, not outside the range.
    pub fn predicted(&self, z: f64) -> f64 {
        let number = self.standardization.restore(z);
        self.range.map_or(number, |[low, high]| number.clamp(low, high))
    }

    fn check(&self) -> std::result::Result<(), EncodeError> {
        match self.range {
            Some([low, high]) if !(low.is_finite() && high.is_finite() && low <= high) => {
                let column = self.column.clone();
                Err(EncodeError::Constant { column, constant: "the end of its range", value: low })
            }
            _ => self.standardization.check(&self.column),
        }
    }
}

/// True values, as the table has them.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// A class index each row.
    Classes(Vec<u32>),
    /// A number for each target, in its own unit. Shape (`n_rows`, `n_targets`).
    Numbers(Matrix<f64>),
}

impl Truth {
    /// Rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.len(),
            Self::Numbers(numbers) => numbers.n_rows(),
        }
    }
}

impl TargetEncoder {
    /// The targets' names: one, or several of numbers.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Classes { column, .. } => vec![column],
            Self::Numbers(targets) => targets.iter().map(|target| target.column.as_str()).collect(),
        }
    }

    /// The target's name; of several with commas between them.
    pub fn name(&self) -> String {
        self.columns().join(", ")
    }

    /// The names of the classes, in the order of their indices; none of numbers.
    pub fn class_names(&self) -> &[String] {
        match self {
            Self::Classes { levels, .. } => levels.names(),
            Self::Numbers(_) => &[],
        }
    }

    /// The columns of numbers; none of classes.
    pub fn numbers(&self) -> &[NumberTarget] {
        match self {
            Self::Classes { .. } => &[],
            Self::Numbers(targets) => targets,
        }
    }

    /// The column of numbers that an output of the network is about: its own, or the only one. None of classes.
    pub fn number(&self, output: usize) -> Option<&NumberTarget> {
        self.numbers().get(output).or_else(|| self.numbers().first())
    }

    /// Classes or numbers.
    pub fn task(&self) -> Task {
        match self {
            Self::Numbers(_) => Task::Regression,
            Self::Classes { .. } => Task::Classification,
        }
    }

    /// The rows of a table with no target missing, in order.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`].
    pub fn labelled_rows(&self, table: &Table, missing: &MissingMarks) -> Result<Vec<usize>> {
        let columns = self.positions(table)?.into_iter().map(|position| &table.columns()[position]);
        Ok(missing.present_rows(&columns.collect::<Vec<_>>()))
    }

    fn positions(&self, table: &Table) -> Result<Vec<usize>> {
        self.columns().into_iter().map(|column| position(column, table)).collect()
    }

    /// The class index, or the standardised numbers, of each of the given rows.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::MissingTarget`], [`EncodeError::UnknownClass`],
    /// [`EncodeError::NotANumber`], [`EncodeError::OutOfRange`].
    pub fn encode<R: Real>(
        &self,
        table: &Table,
        rows: &[usize],
        missing: &MissingMarks,
    ) -> Result<Targets<R>> {
        let positions = self.positions(table)?;
        for &row in rows {
            for &position in &positions {
                require_target(table, row, position, missing)?;
            }
        }
        match self {
            Self::Classes { levels, .. } => {
                let position = positions[0];
                let index = |&row: &usize| {
                    let cell = table.columns()[position].cell(row);
                    levels.find(cell).map(|index| index as u32).ok_or_else(|| {
                        let place = table.place(row, position);
                        let unknown = UnknownName::new(cell, levels.names().iter().map(String::as_str));
                        EncodeError::UnknownClass { place, unknown }
                    })
                };
                let indices: std::result::Result<_, _> = rows.iter().map(index).collect();
                Ok(Targets::Classes { indices: indices?, n_classes: levels.len() })
            }
            Self::Numbers(targets) => {
                let how: Vec<Standardization> = targets.iter().map(|target| target.standardization).collect();
                Ok(Targets::Values(numbers(table, rows, &positions, &how)?))
            }
        }
    }

    /// The true value of each of the given rows. Numbers are the table's own, not standardised and restored: a 0 stays 0.
    ///
    /// # Errors
    /// As [`TargetEncoder::encode`].
    pub fn truth(&self, table: &Table, rows: &[usize], missing: &MissingMarks) -> Result<Truth> {
        match self.encode::<f32>(table, rows, missing)? {
            Targets::Classes { indices, .. } => Ok(Truth::Classes(indices)),
            Targets::Values(_) => {
                let positions = self.positions(table)?;
                let exact = vec![Standardization::NONE; positions.len()];
                Ok(Truth::Numbers(numbers(table, rows, &positions, &exact)?))
            }
        }
    }

    /// The same target; predictions of numbers may go as far as those of further training rows.
    ///
    /// # Errors
    /// As [`TargetEncoder::truth`].
    pub(crate) fn widened(mut self, table: &Table, rows: &[usize], missing: &MissingMarks) -> Result<Self> {
        let truth = self.truth(table, rows, missing)?;
        if let (Self::Numbers(targets), Truth::Numbers(numbers)) = (&mut self, truth) {
            for row in 0..numbers.n_rows() {
                for (target, &number) in targets.iter_mut().zip(numbers.row(row)) {
                    target.range = target.range.map(|[low, high]| [low.min(number), high.max(number)]);
                }
            }
        }
        Ok(self)
    }

    /// Refuses a target that no training makes: one from a damaged or forged file.
    ///
    /// # Errors
    /// [`EncodeError::ColumnName`], [`EncodeError::Constant`], [`EncodeError::Levels`],
    /// [`EncodeError::TooFewLevels`].
    pub fn check(&self) -> Result<()> {
        let columns = self.columns();
        let is_twice = |i: usize| columns[..i].contains(&columns[i]);
        let wrong = (0..columns.len()).find(|&i| columns[i].is_empty() || is_twice(i));
        if wrong.is_some() || columns.is_empty() {
            let column = wrong.map_or(String::new(), |i| columns[i].to_owned());
            return Err(EncodeError::ColumnName { column }.into());
        }
        match self {
            Self::Numbers(targets) => targets.iter().try_for_each(|target| Ok(target.check()?)),
            Self::Classes { levels, column } if levels.len() < 2 => {
                Err(EncodeError::TooFewLevels { column: column.clone(), n_levels: levels.len() }.into())
            }
            Self::Classes { levels, column } => Ok(levels.check(column)?),
        }
    }
}

/// Columns of numbers, each measured in its way. Shape (`n_rows`, `n_columns`).
fn numbers<R: Real>(
    table: &Table,
    rows: &[usize],
    positions: &[usize],
    how: &[Standardization],
) -> Result<Matrix<R>> {
    let mut all = Vec::with_capacity(rows.len() * positions.len());
    for &row in rows {
        for (&position, standardization) in positions.iter().zip(how) {
            all.push(standardization.encode(table, row, position)?);
        }
    }
    Ok(Matrix::from_values(rows.len(), positions.len(), all))
}

pub(crate) fn position(column: &str, table: &Table) -> Result<usize> {
    let missing = |unknown| EncodeError::MissingColumn { table: table.name().into(), unknown }.into();
    table.position(column).map_err(missing)
}

pub(crate) fn require_target(
    table: &Table,
    row: usize,
    position: usize,
    missing: &MissingMarks,
) -> Result<()> {
    if missing.contains(table.columns()[position].cell(row)) {
        return Err(EncodeError::MissingTarget(table.place(row, position)).into());
    }
    Ok(())
}
