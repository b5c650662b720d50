//! The target column to classes or standardised numbers, and predictions back.

use crate::cell::MissingMarks;
use crate::dataset::Targets;
use crate::error::{EncodeError, Result, SchemaError, UnknownName};
use crate::inference::check_classes;
use crate::levels::{LevelKind, Levels, count_levels};
use crate::matrix::Matrix;
use crate::schema::{Kind, Schema, Task};
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

impl TargetEncoder {
    /// Takes the classes from all labelled rows (so that a rare one is never unknown), the mean and the standard
    /// deviation of a number from the training rows only.
    ///
    /// # Errors
    /// [`SchemaError::NoTarget`], [`SchemaError::OneClass`], [`SchemaError::TooManyClasses`],
    /// [`SchemaError::NoLabelledRows`], [`EncodeError::MissingColumn`], [`EncodeError::MissingTarget`],
    /// [`EncodeError::NotANumber`].
    pub fn fit(table: &Table, schema: &Schema, training: &[usize]) -> Result<Self> {
        let target = schema.target().ok_or(SchemaError::NoTarget)?;
        let (column, position) = (target.name.clone(), position(&target.name, table)?);
        let text = &table.columns()[position];
        if target.kind == Kind::Number {
            let exact = Standardization::NONE;
            let numbers = training.iter().map(|&row| {
                require_target(table, row, position, &schema.missing)?;
                Ok(exact.encode(table, row, position)?)
            });
            let standardization = Standardization::fit(&numbers.collect::<Result<Vec<f64>>>()?);
            return Ok(Self::Number { column, standardization, range: None });
        }
        let kind = if target.kind == Kind::Boolean { LevelKind::Boolean } else { LevelKind::Category };
        let (comparison, counts) =
            count_levels(text.cells().filter(|cell| !schema.missing.contains(cell)), kind);
        check_classes(table, &column, &counts)?;
        let names = counts.into_iter().map(|level| level.name).collect();
        Ok(Self::Classes { column, levels: Levels::new(comparison, names) })
    }

    /// The same for [`Objective::Poisson`](crate::objective::Objective::Poisson): numbers are divided by the mean m of the
    /// training rows and never shifted. The loss is then the counts' own, over m and shifted: e^(z + ln m) − t·(z + ln m) =
    /// m·(e^z − (t/m)·z) − t·ln m, so that z = 0 is where training should start, whatever the counts' size.
    ///
    /// # Errors
    /// As [`TargetEncoder::fit`], and [`EncodeError::NegativeCount`].
    pub fn fit_counts(table: &Table, schema: &Schema, training: &[usize]) -> Result<Self> {
        let mut target = Self::fit(table, schema, training)?;
        if let Self::Number { column, standardization, .. } = &mut target {
            let position = position(column, table)?;
            for row in schema.missing.present_rows(&table.columns()[position]) {
                if Standardization::NONE.encode::<f64>(table, row, position)? < 0.0 {
                    return Err(EncodeError::NegativeCount(table.place(row, position)).into());
                }
            }
            let mean = if standardization.mean > 0.0 { standardization.mean } else { 1.0 };
            *standardization = Standardization { mean: 0.0, standard_deviation: mean };
        }
        Ok(target)
    }

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

    /// With predictions held within the targets of these rows; classes are left as they are.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::NotANumber`].
    pub(crate) fn held_within(self, table: &Table, rows: &[usize]) -> Result<Self> {
        let Self::Number { column, standardization, .. } = self else { return Ok(self) };
        let position = position(&column, table)?;
        let exact = Standardization { mean: 0.0, standard_deviation: 1.0 };
        let mut range = [f64::INFINITY, f64::NEG_INFINITY];
        for &row in rows {
            let number: f64 = exact.encode(table, row, position)?;
            range = [range[0].min(number), range[1].max(number)];
        }
        Ok(Self::Number { column, standardization, range: Some(range) })
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

fn position(column: &str, table: &Table) -> Result<usize> {
    let missing = |unknown| EncodeError::MissingColumn { table: table.name().into(), unknown }.into();
    table.position(column).map_err(missing)
}

fn require_target(table: &Table, row: usize, position: usize, missing: &MissingMarks) -> Result<()> {
    if missing.contains(table.columns()[position].cell(row)) {
        return Err(EncodeError::MissingTarget(table.place(row, position)).into());
    }
    Ok(())
}
