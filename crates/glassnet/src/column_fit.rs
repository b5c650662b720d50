//! How an input column becomes numbers, found from the cells of the training rows, a chunk of the table at a time.

use crate::cell::{MissingMarks, parse_number};
use crate::encoding::{EncodedColumn, Encoding, Style, sign};
use crate::error::{EncodeError, Result};
use crate::levels::{LevelCount, LevelCounter, LevelKind, Levels};
use crate::robust::RobustScale;
use crate::sample::{Sample, Sampling};
use crate::schema::{Column, Kind};
use crate::standard::{Moments, Standardization};
use crate::table::Table;
use std::collections::HashSet;

/// Categories get an input for each of so many levels, the most frequent ones; the others share one.
pub(crate) const MOST_LEVELS: usize = 100;

/// Categories of the robust style with more levels than this become the number of their level.
pub(crate) const MOST_ONE_HOT: usize = 8;

/// What is known of a column's cells so far.
#[derive(Debug)]
pub(crate) struct ColumnFit {
    name: String,
    n_missing: usize,
    n_present: usize,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// Needs them twice.
    Standard {
        moments: Moments,
        has_turned: bool,
    },
    AsIs,
    Robust {
        moments: Moments,
        sample: Sample,
    },
    Boolean,
    Levels {
        counter: LevelCounter,
        kind: LevelKind,
        style: Style,
    },
}

impl ColumnFit {
    /// Nothing so far of the schema's column that is input number `position`.
    pub(crate) fn new(style: Style, column: &Column, sampling: Sampling, position: usize) -> Self {
        let values = match (style, column.kind) {
            (Style::Standard, Kind::Number) => {
                Values::Standard { moments: Moments::default(), has_turned: false }
            }
            (Style::Robust, Kind::Number) => {
                let sample = Sample::new(sampling, position as u64);
                Values::Robust { moments: Moments::default(), sample }
            }
            (Style::AsIs, Kind::Number) => Values::AsIs,
            (Style::Standard | Style::AsIs, Kind::Boolean) => Values::Boolean,
            (style, kind) => {
                let is_boolean = style == Style::Robust && kind == Kind::Boolean;
                let kind = if is_boolean { LevelKind::Boolean } else { LevelKind::Category };
                Values::Levels { counter: LevelCounter::default(), kind, style }
            }
        };
        Self { name: column.name.clone(), n_missing: 0, n_present: 0, values }
    }

    /// The next training rows.
    pub(crate) fn see(
        &mut self,
        table: &Table,
        position: usize,
        missing: &MissingMarks,
        rows: &[usize],
    ) -> Result<()> {
        let column = &table.columns()[position];
        for &row in rows {
            let cell = column.cell(row);
            if missing.contains(cell) {
                self.n_missing += 1;
                continue;
            }
            self.n_present += 1;
            let number =
                || parse_number(cell).ok_or_else(|| EncodeError::NotANumber(table.place(row, position)));
            match &mut self.values {
                Values::Standard { moments, has_turned: false } => moments.see(number()?),
                Values::Standard { moments, has_turned: true } => moments.see_again(number()?),
                Values::Robust { moments, sample } => {
                    let number = number()?;
                    moments.see(number);
                    sample.see(number);
                }
                Values::AsIs => {
                    number()?;
                }
                Values::Boolean => {}
                Values::Levels { counter, .. } => counter.see(cell),
            }
        }
        Ok(())
    }

    /// All rows have come. Whether they must come once more.
    pub(crate) fn turn(&mut self) -> bool {
        match &mut self.values {
            Values::Standard { moments, has_turned } if !*has_turned => {
                moments.turn();
                *has_turned = true;
                (self.n_missing, self.n_present) = (0, 0);
                true
            }
            Values::Robust { moments, .. } => {
                moments.turn();
                false
            }
            _ => false,
        }
    }

    /// Whether the second coming of the rows is of use.
    pub(crate) fn has_turned(&self) -> bool {
        matches!(self.values, Values::Standard { .. })
    }

    /// The column's constants.
    pub(crate) fn finish(self) -> EncodedColumn {
        let (n_missing, n_present) = (self.n_missing, self.n_present);
        let has_missing = n_missing > 0;
        let encoding = match self.values {
            Values::Standard { moments, .. } => Encoding::Number(moments.standardization()),
            Values::AsIs => Encoding::Number(Standardization::NONE),
            Values::Boolean => Encoding::Boolean,
            Values::Robust { moments, sample } => Encoding::RobustNumber {
                mean: moments.mean(),
                scale: RobustScale::fit(sample.into_values()),
                missing: has_missing
                    .then(|| RobustScale::of_counts(&[(sign(false), n_missing), (sign(true), n_present)])),
            },
            Values::Levels { counter, style: Style::Standard | Style::AsIs, .. } => category(&counter),
            Values::Levels { counter, kind, style: Style::Robust } => {
                robust_category(&counter, kind, n_missing)
            }
        };
        EncodedColumn { name: self.name, encoding, has_missing }
    }
}

fn robust_category(counter: &LevelCounter, kind: LevelKind, n_missing: usize) -> Encoding {
    let (comparison, counts) = counter.levels(kind);
    let n_present: usize = counts.iter().map(|level| level.count).sum();
    let one_hot = |level: &LevelCount| {
        let n_others = n_missing + n_present - level.count;
        RobustScale::of_counts(&[(0.0, n_others), (1.0, level.count)])
    };
    let two = |first: usize, second: usize| {
        RobustScale::of_counts(&[(sign(false), second), (0.0, n_missing), (sign(true), first)])
    };
    let of_counts: Option<Vec<RobustScale>> = match &counts[..] {
        [first, second] => Some(vec![two(first.count, second.count)]),
        few if few.len() <= MOST_ONE_HOT => Some(few.iter().map(one_hot).collect()),
        _ => None,
    };
    let levels = Levels::new(comparison, counts.into_iter().map(|level| level.name).collect());
    match of_counts {
        Some(scales) if levels.len() == 2 => Encoding::TwoLevels { levels, scale: scales[0] },
        Some(scales) => Encoding::OneHot { levels, scales },
        None => Encoding::Code { levels },
    }
}

/// The most frequent levels, and the rest; of equally frequent ones the first in order.
fn category(counter: &LevelCounter) -> Encoding {
    let (comparison, counts) = counter.levels(LevelKind::Category);
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
