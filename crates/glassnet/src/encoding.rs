//! One input column to numbers, by constants fitted on the training rows only.

use crate::cell::{parse_boolean, parse_number};
use crate::error::{EncodeError, Result};
use crate::levels::Levels;
use crate::robust::RobustScale;
use crate::standard::Standardization;
use crate::table::Table;
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};

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
    /// Of the robust style: x of the number, of `mean` when missing; behind all numbers, where the training rows have
    /// missing cells, x of +1 when present and of −1 when missing.
    RobustNumber {
        /// Of the numbers.
        scale: RobustScale,
        /// Of the training rows.
        mean: f64,
        /// Of the ±1, where the training rows have missing cells.
        missing: Option<RobustScale>,
    },
    /// Of the robust style: x of +1 for the first level, −1 for the second, 0 when missing or neither.
    TwoLevels {
        /// Two.
        levels: Levels,
        /// Of the ±1.
        scale: RobustScale,
    },
    /// Of the robust style: an input for each of up to eight levels, x of 1 where the cell is the level, else of 0.
    OneHot {
        /// Each has an input.
        levels: Levels,
        /// Of each level's 0 and 1.
        scales: Vec<RobustScale>,
    },
    /// Of the robust style, nine levels and more: the number of the level from 1, 0 when missing or none of them; for a
    /// [`crate::layer::Layer::Lookup`].
    Code {
        /// In the order of their numbers.
        levels: Levels,
    },
}

/// How a column's numbers are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Numbers by mean and standard deviation, categories with an input for each level.
    Standard,
    /// Numbers by median and quartiles, clipped smoothly; few levels likewise; many levels by their number.
    Robust,
    /// Numbers as they are, else as [`Style::Standard`].
    AsIs,
}

/// Where an input stands among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In front: numbers of the robust style, which a periodic embedding takes.
    Number,
    /// In the order of the columns.
    Other,
    /// At the end: level numbers, which lookups take.
    Code,
}

impl EncodedColumn {
    /// How many inputs the column becomes.
    pub fn n_inputs(&self) -> usize {
        let has_missing = usize::from(self.has_missing);
        match &self.encoding {
            Encoding::Number(_) | Encoding::Boolean => 1 + has_missing,
            Encoding::Category { levels, rare } => levels.len() + usize::from(!rare.is_empty()) + has_missing,
            Encoding::RobustNumber { missing, .. } => 1 + usize::from(missing.is_some()),
            Encoding::TwoLevels { .. } | Encoding::Code { .. } => 1,
            Encoding::OneHot { levels, .. } => levels.len(),
        }
    }

    /// Where each of its inputs stands among all.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places = vec![Place::Other; self.n_inputs()];
        match &self.encoding {
            Encoding::RobustNumber { .. } => places[0] = Place::Number,
            Encoding::Code { .. } => places[0] = Place::Code,
            _ => {}
        }
        places
    }

    /// Writes a missing cell into the column's inputs, which are all zero.
    pub(crate) fn encode_missing<R: Real>(&self, inputs: &mut [R]) {
        match &self.encoding {
            Encoding::Number(_) | Encoding::Boolean | Encoding::Category { .. } => {
                if self.has_missing {
                    inputs[self.n_inputs() - 1] = R::ONE;
                }
            }
            Encoding::RobustNumber { scale, mean, missing } => {
                inputs[0] = R::from_f64(scale.encode(*mean));
                if let Some(missing) = missing {
                    inputs[1] = R::from_f64(missing.encode(sign(false)));
                }
            }
            Encoding::TwoLevels { .. } | Encoding::OneHot { .. } | Encoding::Code { .. } => {
                self.encode_level(None, inputs);
            }
        }
    }

    /// Writes a cell that is not missing into the column's inputs, which are all zero; false when it is none of the
    /// values of the training rows.
    pub(crate) fn encode_present<R: Real>(
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
            Encoding::RobustNumber { scale, missing, .. } => {
                let number =
                    parse_number(cell).ok_or_else(|| EncodeError::NotANumber(table.place(row, position)))?;
                inputs[0] = R::from_f64(scale.encode(number));
                if let Some(missing) = missing {
                    inputs[1] = R::from_f64(missing.encode(sign(true)));
                }
            }
            Encoding::TwoLevels { levels, .. }
            | Encoding::OneHot { levels, .. }
            | Encoding::Code { levels } => {
                let level = levels.find(cell);
                self.encode_level(level, inputs);
                return Ok(level.is_some());
            }
        }
        Ok(true)
    }

    /// Writes a level, or none, of a category of the robust style.
    fn encode_level<R: Real>(&self, level: Option<usize>, inputs: &mut [R]) {
        match &self.encoding {
            Encoding::TwoLevels { scale, .. } => {
                inputs[0] = R::from_f64(scale.encode(level.map_or(0.0, |level| sign(level == 0))));
            }
            Encoding::OneHot { scales, .. } => {
                for (i, (input, scale)) in inputs.iter_mut().zip(scales).enumerate() {
                    *input = R::from_f64(scale.encode(if level == Some(i) { 1.0 } else { 0.0 }));
                }
            }
            Encoding::Code { .. } => inputs[0] = R::from_f64(level.map_or(0.0, |level| (level + 1) as f64)),
            _ => unreachable!("no category of the robust style"),
        }
    }

    /// The names of the inputs that the column becomes.
    pub fn input_names(&self) -> Vec<String> {
        let Self { name, encoding, has_missing } = self;
        let of_levels =
            |levels: &Levels| levels.names().iter().map(|level| format!("{name}={level}")).collect();
        let mut names: Vec<String> = match encoding {
            Encoding::Number(_)
            | Encoding::Boolean
            | Encoding::RobustNumber { .. }
            | Encoding::Code { .. } => {
                vec![name.clone()]
            }
            Encoding::Category { levels, .. } | Encoding::OneHot { levels, .. } => of_levels(levels),
            Encoding::TwoLevels { levels, .. } => vec![format!("{name}={}", levels.names()[0])],
        };
        match encoding {
            Encoding::Category { rare, .. } if !rare.is_empty() => names.push(format!("{name} is other")),
            Encoding::TwoLevels { .. } | Encoding::OneHot { .. } | Encoding::Code { .. } => return names,
            _ => {}
        }
        names.extend(has_missing.then(|| format!("{name} is missing")));
        names
    }

    /// Refuses constants and levels that no training makes.
    ///
    /// # Errors
    /// [`EncodeError::Constant`], [`EncodeError::Levels`], [`EncodeError::TooFewLevels`].
    pub(crate) fn check(&self) -> Result<()> {
        let (column, wrong_count) = (&self.name, |levels: &Levels| {
            let (column, n_levels) = (self.name.clone(), levels.len());
            Err(EncodeError::TooFewLevels { column, n_levels }.into())
        });
        match &self.encoding {
            Encoding::Number(standardization) => standardization.check(column)?,
            Encoding::Boolean => {}
            Encoding::Category { levels, rare } => {
                levels.check(column)?;
                rare.check(column)?;
                if let Some(level) = rare.names().iter().find(|level| levels.find(level).is_some()) {
                    let (column, level) = (column.clone(), level.clone());
                    return Err(EncodeError::Levels { column, level }.into());
                }
            }
            Encoding::RobustNumber { scale, mean, missing } => {
                scale.check(column)?;
                missing.map_or(Ok(()), |missing| missing.check(column))?;
                if !mean.is_finite() || missing.is_some() != self.has_missing {
                    let constant = "its mean";
                    return Err(
                        EncodeError::Constant { column: column.clone(), constant, value: *mean }.into()
                    );
                }
            }
            Encoding::TwoLevels { levels, scale } => {
                levels.check(column)?;
                scale.check(column)?;
                if levels.len() != 2 {
                    return wrong_count(levels);
                }
            }
            Encoding::OneHot { levels, scales } => {
                levels.check(column)?;
                scales.iter().try_for_each(|scale| scale.check(column))?;
                if levels.len() != scales.len() {
                    return wrong_count(levels);
                }
            }
            Encoding::Code { levels } => {
                levels.check(column)?;
                if levels.is_empty() {
                    return wrong_count(levels);
                }
            }
        }
        Ok(())
    }
}

/// +1 and −1.
pub(crate) fn sign(is_first: bool) -> f64 {
    if is_first { 1.0 } else { -1.0 }
}
