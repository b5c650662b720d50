//! What the target becomes, found from the rows of a table that comes a chunk at a time.

use crate::cell::MissingMarks;
use crate::error::{EncodeError, Place, Result, SchemaError};
use crate::levels::{LevelCounter, LevelKind, Levels};
use crate::schema::{Kind, Schema};
use crate::standard::{Moments, Standardization};
use crate::survey::check_classes;
use crate::table::Table;
use crate::target::{TargetEncoder, position, require_target};

/// How a target of numbers is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// By mean and standard deviation.
    Standard,
    /// By the mean alone, see [`TargetEncoder::fit_counts`].
    Counts,
    /// As it is, from 0 to 1.
    AsIs,
}

/// A target in the making.
#[derive(Debug)]
pub struct TargetFit {
    column: String,
    missing: MissingMarks,
    table: String,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Classes {
        counter: LevelCounter,
        kind: LevelKind,
    },
    Numbers {
        moments: Moments,
        range: [f64; 2],
        has_turned: bool,
        measure: Measure,
        /// The first number that the measure does not take.
        outside: Option<Box<Place>>,
    },
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
        Ok(TargetFit::of(table, schema, training, Measure::Standard)?.0)
    }

    /// The same for [`Objective::Poisson`](crate::objective::Objective::Poisson): numbers are divided by the mean m of the
    /// training rows and never shifted. The loss is then the counts' own, over m and shifted: e^(z + ln m) − t·(z + ln m) =
    /// m·(e^z − (t/m)·z) − t·ln m, so that z = 0 is where training should start, whatever the counts' size.
    ///
    /// # Errors
    /// As [`TargetEncoder::fit`], and [`EncodeError::NegativeCount`].
    pub fn fit_counts(table: &Table, schema: &Schema, training: &[usize]) -> Result<Self> {
        Ok(TargetFit::of(table, schema, training, Measure::Counts)?.0)
    }

    /// With predictions held within this range; classes are left as they are.
    pub(crate) fn held_within(self, range: [f64; 2]) -> Self {
        match self {
            Self::Number { column, standardization, .. } => {
                Self::Number { column, standardization, range: Some(range) }
            }
            Self::Classes { .. } => self,
        }
    }
}

impl TargetFit {
    /// Nothing so far of the schema's target.
    ///
    /// # Errors
    /// [`SchemaError::NoTarget`].
    pub fn new(schema: &Schema, measure: Measure) -> Result<Self> {
        let target = schema.target().ok_or(SchemaError::NoTarget)?;
        let values = match target.kind {
            Kind::Number => Values::Numbers {
                moments: Moments::default(),
                range: [f64::INFINITY, f64::NEG_INFINITY],
                has_turned: false,
                measure,
                outside: None,
            },
            kind => {
                let kind = if kind == Kind::Boolean { LevelKind::Boolean } else { LevelKind::Category };
                Values::Classes { counter: LevelCounter::default(), kind }
            }
        };
        let (column, missing) = (target.name.clone(), schema.missing.clone());
        Ok(Self { column, missing, table: String::new(), values })
    }

    /// All at once: the target, and the range of the training rows' numbers.
    pub(crate) fn of(
        table: &Table,
        schema: &Schema,
        training: &[usize],
        measure: Measure,
    ) -> Result<(TargetEncoder, [f64; 2])> {
        let mut fit = Self::new(schema, measure)?;
        fit.see(table, training)?;
        if fit.turn() {
            fit.see(table, training)?;
        }
        fit.finish()
    }

    /// The next rows, and which of them are training rows.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::MissingTarget`], [`EncodeError::NotANumber`].
    pub fn see(&mut self, table: &Table, training: &[usize]) -> Result<()> {
        let position = position(&self.column, table)?;
        table.name().clone_into(&mut self.table);
        match &mut self.values {
            Values::Classes { counter, .. } => {
                let cells = table.columns()[position].cells();
                cells.filter(|cell| !self.missing.contains(cell)).for_each(|cell| counter.see(cell));
            }
            Values::Numbers { moments, range, has_turned, measure, outside } => {
                for &row in training {
                    require_target(table, row, position, &self.missing)?;
                    let number: f64 = Standardization::NONE.encode(table, row, position)?;
                    if *has_turned {
                        moments.see_again(number);
                    } else {
                        moments.see(number);
                        *range = [range[0].min(number), range[1].max(number)];
                    }
                }
                if *measure != Measure::Standard && outside.is_none() {
                    let most = if *measure == Measure::AsIs { 1.0 } else { f64::INFINITY };
                    for row in self.missing.present_rows(&table.columns()[position]) {
                        let number: f64 = Standardization::NONE.encode(table, row, position)?;
                        if !(0.0..=most).contains(&number) {
                            *outside = Some(table.place(row, position));
                            break;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// All rows have come. Whether they must come once more, in the same order.
    pub fn turn(&mut self) -> bool {
        match &mut self.values {
            Values::Numbers { moments, has_turned, measure, .. } if !*has_turned => {
                moments.turn();
                *has_turned = true;
                *measure == Measure::Standard
            }
            _ => false,
        }
    }

    /// The target, and the range of the training rows' numbers.
    ///
    /// # Errors
    /// As [`TargetEncoder::fit`] and [`TargetEncoder::fit_counts`]; [`EncodeError::OutsideUnit`].
    pub fn finish(self) -> Result<(TargetEncoder, [f64; 2])> {
        let column = self.column;
        match self.values {
            Values::Classes { counter, kind } => {
                let (comparison, counts) = counter.levels(kind);
                check_classes(&self.table, &column, &counts)?;
                let names = counts.into_iter().map(|level| level.name).collect();
                let levels = Levels::new(comparison, names);
                Ok((TargetEncoder::Classes { column, levels }, [0.0; 2]))
            }
            Values::Numbers { outside: Some(place), measure: Measure::AsIs, .. } => {
                Err(EncodeError::OutsideUnit(place).into())
            }
            Values::Numbers { outside: Some(place), .. } => Err(EncodeError::NegativeCount(place).into()),
            Values::Numbers { moments, range, measure, .. } => {
                let standardization = match measure {
                    Measure::Standard => moments.standardization(),
                    Measure::AsIs => Standardization::NONE,
                    Measure::Counts => {
                        let mean = if moments.mean() > 0.0 { moments.mean() } else { 1.0 };
                        Standardization { mean: 0.0, standard_deviation: mean }
                    }
                };
                Ok((TargetEncoder::Number { column, standardization, range: None }, range))
            }
        }
    }
}
