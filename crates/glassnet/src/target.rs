//! The target column to classes or standardised numbers, and predictions back.

use crate::cell::MissingMarks;
use crate::dataset::Targets;
use crate::error::{EncodeError, Result, UnknownName};
use crate::levels::Levels;
use crate::matrix::Matrix;
use crate::schema::Task;
use crate::standard::Standardization;
use crate::table::{Table, TextColumn};
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};

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
    /// A number, standardised.
    Number {
        /// The target's name.
        column: String,
        /// Its mean and standard deviation on the training rows; of counts, 0 and their mean.
        standardization: Standardization,
        /// Predictions do not leave this range; none for no limits.
        #[serde(default)]
        range: Option<[f64; 2]>,
    },
}

/// True values, as the table has them.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// A class index each row.
    Classes(Vec<u32>),
    /// A number each row, in the target's own unit.
    Numbers(Vec<f64>),
}

impl Truth {
    /// Rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }
}

impl TargetEncoder {
    /// The target's name.
    pub fn column(&self) -> &str {
        match self {
            Self::Classes { column, .. } | Self::Number { column, .. } => column,
        }
    }

    /// The names of the classes, in the order of their indices; none for a number.
    pub fn class_names(&self) -> &[String] {
        match self {
            Self::Classes { levels, .. } => levels.names(),
            Self::Number { .. } => &[],
        }
    }

    /// A standardised number in the target's own unit; classes are left as they are.
    pub fn restore(&self, z: f64) -> f64 {
        match self {
            Self::Number { standardization, .. } => standardization.restore(z),
            Self::Classes { .. } => z,
        }
    }

    /// As [`TargetEncoder::restore`], for a prediction: not outside the range.
    pub fn predicted(&self, z: f64) -> f64 {
        match self {
            Self::Number { range: Some([low, high]), .. } => self.restore(z).clamp(*low, *high),
            _ => self.restore(z),
        }
    }

    /// Whether it is a number that stays as the table has it.
    pub(crate) fn is_as_it_is(&self) -> bool {
        matches!(self, Self::Number { standardization, .. } if *standardization == Standardization::NONE)
    }

    /// Classes or a number.
    pub fn task(&self) -> Task {
        match self {
            Self::Number { .. } => Task::Regression,
            Self::Classes { .. } => Task::Classification,
        }
    }

    /// The rows of a table whose target is not missing, in order.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`].
    pub fn labelled_rows(&self, table: &Table, missing: &MissingMarks) -> Result<Vec<usize>> {
        Ok(missing.present_rows(self.text(table)?))
    }

    fn text<'a>(&self, table: &'a Table) -> Result<&'a TextColumn> {
        Ok(&table.columns()[position(self.column(), table)?])
    }

    /// The class index, or the standardised number, of each of the given rows.
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
        let position = position(self.column(), table)?;
        for &row in rows {
            require_target(table, row, position, missing)?;
        }
        match self {
            Self::Classes { levels, .. } => {
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
            Self::Number { standardization, .. } => {
                let z = rows.iter().map(|&row| standardization.encode(table, row, position));
                let z: std::result::Result<_, _> = z.collect();
                Ok(Targets::Values(Matrix::from_values(rows.len(), 1, z?)))
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
                let (exact, position) = (Standardization::NONE, position(self.column(), table)?);
                let numbers = rows.iter().map(|&row| exact.encode(table, row, position));
                Ok(Truth::Numbers(numbers.collect::<std::result::Result<_, _>>()?))
            }
        }
    }

    /// Refuses a target that no training makes: one from a damaged or forged file.
    ///
    /// # Errors
    /// [`EncodeError::ColumnName`], [`EncodeError::Constant`], [`EncodeError::Levels`],
    /// [`EncodeError::TooFewLevels`].
    pub fn check(&self) -> Result<()> {
        let column = self.column().to_owned();
        if column.is_empty() {
            return Err(EncodeError::ColumnName { column }.into());
        }
        match self {
            Self::Number { range: Some([low, high]), .. }
                if !(low.is_finite() && high.is_finite() && low <= high) =>
            {
                Err(EncodeError::Constant { column, constant: "the end of its range", value: *low }.into())
            }
            Self::Number { standardization, .. } => Ok(standardization.check(&column)?),
            Self::Classes { levels, .. } if levels.len() < 2 => {
                Err(EncodeError::TooFewLevels { column, n_levels: levels.len() }.into())
            }
            Self::Classes { levels, .. } => Ok(levels.check(&column)?),
        }
    }
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
