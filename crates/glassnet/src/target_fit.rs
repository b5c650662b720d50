//! What the target becomes, found from the rows of a table that comes a chunk at a time.

use crate::cell::MissingMarks;
use crate::error::{EncodeError, Place, Result, SchemaError};
use crate::levels::{LevelCounter, LevelKind, Levels, check_classes};
use crate::schema::{Kind, Schema};
use crate::standard::{Moments, Standardization};
use crate::table::Table;
use crate::target::{NumberTarget, TargetEncoder, position, require_target};

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
    missing: MissingMarks,
    table: String,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Classes { column: String, counter: LevelCounter, kind: LevelKind },
    Numbers(Vec<Numbers>),
}

/// A column of numbers.
#[derive(Debug)]
struct Numbers {
    column: String,
    moments: Moments,
    range: [f64; 2],
    has_turned: bool,
    measure: Measure,
    /// The first number that the measure does not take.
    outside: Option<Box<Place>>,
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
        TargetFit::of(table, schema, training, Measure::Standard, false)
    }

    /// The same for [`Objective::Poisson`](crate::objective::Objective::Poisson): numbers are divided by the mean m of the
    /// training rows and never shifted. The loss is then the counts' own, over m and shifted: e^(z + ln m) − t·(z + ln m) =
    /// m·(e^z − (t/m)·z) − t·ln m, so that z = 0 is where training should start, whatever the counts' size.
    ///
    /// # Errors
    /// As [`TargetEncoder::fit`], and [`EncodeError::NegativeCount`].
    pub fn fit_counts(table: &Table, schema: &Schema, training: &[usize]) -> Result<Self> {
        TargetFit::of(table, schema, training, Measure::Counts, false)
    }
}

impl TargetFit {
    /// Nothing so far of the schema's targets.
    ///
    /// # Errors
    /// [`SchemaError::NoTarget`].
    pub fn new(schema: &Schema, measure: Measure) -> Result<Self> {
        let first = schema.targets().next().ok_or(SchemaError::NoTarget)?;
        let values = match first.kind {
            Kind::Number => {
                Values::Numbers(schema.targets().map(|target| Numbers::new(&target.name, measure)).collect())
            }
            kind => {
                let kind = if kind == Kind::Boolean { LevelKind::Boolean } else { LevelKind::Category };
                Values::Classes { column: first.name.clone(), counter: LevelCounter::default(), kind }
            }
        };
        Ok(Self { missing: schema.missing.clone(), table: String::new(), values })
    }

    /// All at once. Predictions of numbers can be held within the range of the training rows.
    pub(crate) fn of(
        table: &Table,
        schema: &Schema,
        training: &[usize],
        measure: Measure,
        is_held: bool,
    ) -> Result<TargetEncoder> {
        let mut fit = Self::new(schema, measure)?;
        fit.see(table, training)?;
        if fit.turn() {
            fit.see(table, training)?;
        }
        fit.finish(is_held)
    }

    /// The next rows, and which of them are training rows.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::MissingTarget`], [`EncodeError::NotANumber`].
    pub fn see(&mut self, table: &Table, training: &[usize]) -> Result<()> {
        table.name().clone_into(&mut self.table);
        match &mut self.values {
            Values::Classes { column, counter, .. } => {
                let cells = table.columns()[position(column, table)?].cells();
                cells.filter(|cell| !self.missing.contains(cell)).for_each(|cell| counter.see(cell));
                Ok(())
            }
            Values::Numbers(all) => {
                all.iter_mut().try_for_each(|numbers| numbers.see(table, training, &self.missing))
            }
        }
    }

    /// All rows have come. Whether they must come once more, in the same order.
    pub fn turn(&mut self) -> bool {
        let Values::Numbers(all) = &mut self.values else { return false };
        // Each of them turns, whatever the others want.
        let wants: Vec<bool> = all.iter_mut().map(Numbers::turn).collect();
        wants.contains(&true)
    }

    /// The target.
    ///
    /// # Errors
    /// As [`TargetEncoder::fit`] and [`TargetEncoder::fit_counts`]; [`EncodeError::OutsideUnit`].
    pub fn finish(self, is_held: bool) -> Result<TargetEncoder> {
        match self.values {
            Values::Classes { column, counter, kind } => {
                let (comparison, counts) = counter.levels(kind);
                check_classes(&self.table, &column, &counts)?;
                let names = counts.into_iter().map(|level| level.name).collect();
                let levels = Levels::new(comparison, names);
                Ok(TargetEncoder::Classes { column, levels })
            }
            Values::Numbers(all) => {
                let targets = all.into_iter().map(|numbers| numbers.finish(is_held));
                Ok(TargetEncoder::Numbers(targets.collect::<Result<_>>()?))
            }
        }
    }
}

impl Numbers {
    fn new(column: &str, measure: Measure) -> Self {
        Self {
            column: column.to_owned(),
            moments: Moments::default(),
            range: [f64::INFINITY, f64::NEG_INFINITY],
            has_turned: false,
            measure,
            outside: None,
        }
    }

    fn see(&mut self, table: &Table, training: &[usize], missing: &MissingMarks) -> Result<()> {
        let position = position(&self.column, table)?;
        for &row in training {
            require_target(table, row, position, missing)?;
            let number: f64 = Standardization::NONE.encode(table, row, position)?;
            if self.has_turned {
                self.moments.see_again(number);
            } else {
                self.moments.see(number);
                self.range = [self.range[0].min(number), self.range[1].max(number)];
            }
        }
        if self.measure != Measure::Standard && self.outside.is_none() {
            let most = if self.measure == Measure::AsIs { 1.0 } else { f64::INFINITY };
            for row in missing.present_rows(&[&table.columns()[position]]) {
                let number: f64 = Standardization::NONE.encode(table, row, position)?;
                if !(0.0..=most).contains(&number) {
                    self.outside = Some(table.place(row, position));
                    break;
                }
            }
        }
        Ok(())
    }

    fn turn(&mut self) -> bool {
        if self.has_turned {
            return false;
        }
        self.moments.turn();
        self.has_turned = true;
        self.measure == Measure::Standard
    }

    fn finish(self, is_held: bool) -> Result<NumberTarget> {
        let standardization = match (self.outside, self.measure) {
            (Some(place), Measure::AsIs) => return Err(EncodeError::OutsideUnit(place).into()),
            (Some(place), _) => return Err(EncodeError::NegativeCount(place).into()),
            (None, Measure::Standard) => self.moments.standardization(),
            (None, Measure::AsIs) => Standardization::NONE,
            (None, Measure::Counts) => {
                let mean = if self.moments.mean() > 0.0 { self.moments.mean() } else { 1.0 };
                Standardization { mean: 0.0, standard_deviation: mean }
            }
        };
        Ok(NumberTarget { column: self.column, standardization, range: is_held.then_some(self.range) })
    }
}
