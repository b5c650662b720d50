//! What a reader should know about encoded rows.

use crate::cell::parse_number;
use crate::error::counted;
use crate::notes::named;
use crate::number::{agree, unit};
use crate::schema::{Column, Kind, Schema};
use crate::table::Table;
use serde::Serialize;
use std::fmt;
use std::mem::discriminant;

/// What a reader should know about encoded rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// Numbers outside the range of the table that trained the model.
    OutOfRange {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// The first one.
        example: String,
        /// The smallest number of that table.
        low: f64,
        /// The largest.
        high: f64,
    },
    /// Numbers with another unit than those of the table that trained the model.
    OtherUnit {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// The first one.
        example: String,
        /// The unit of that table, if it has one.
        unit: Option<String>,
    },
}

/// A number is outside the range when it lies beyond it by more than this share of its width.
const BEYOND: f64 = 0.1;

impl Schema {
    /// What is odd about the numbers of these rows, beside the table that the schema is of.
    pub(crate) fn odd_numbers(&self, table: &Table, rows: &[usize]) -> Vec<EncodeNote> {
        let mut notes = self.out_of_range(table, rows);
        notes.extend(self.other_units(table, rows));
        notes
    }

    /// Which columns of numbers, targets too, have cells with another unit; 0 has none.
    fn other_units(&self, table: &Table, rows: &[usize]) -> Vec<EncodeNote> {
        let of = |column: &Column| {
            // One written by hand need not tell.
            column.range?;
            let cells = &table.columns()[table.position(&column.name).ok()?];
            let is_other = |cell: &&str| {
                let is_number = || parse_number(cell).is_some_and(|number| number != 0.0);
                !agree(column.unit.as_deref(), unit(cell)) && !self.missing.contains(cell) && is_number()
            };
            let mut others = rows.iter().map(|&row| cells.cell(row)).filter(is_other);
            let example = others.next()?.to_owned();
            let n_cells = 1 + others.count();
            let unit = column.unit.clone();
            Some(EncodeNote::OtherUnit { column: column.name.clone(), n_cells, example, unit })
        };
        let are_read = self.inputs().chain(self.targets());
        are_read.filter(|column| column.kind == Kind::Number).filter_map(of).collect()
    }

    /// Which columns of numbers have cells outside the range of the table that the schema is of; a tenth of its width beyond does
    /// not count, and of a column that was constant every other number does.
    pub(crate) fn out_of_range(&self, table: &Table, rows: &[usize]) -> Vec<EncodeNote> {
        let of = |column: &Column| {
            let [low, high] = column.range?;
            let cells = &table.columns()[table.position(&column.name).ok()?];
            let slack = BEYOND * (high - low);
            let is_outside = |cell: &&str| {
                let number = if self.missing.contains(cell) { None } else { parse_number(cell) };
                number.is_some_and(|number| number < low - slack || number > high + slack)
            };
            let mut outside = rows.iter().map(|&row| cells.cell(row)).filter(is_outside);
            let example = outside.next()?.to_owned();
            let n_cells = 1 + outside.count();
            Some(EncodeNote::OutOfRange { column: column.name.clone(), n_cells, example, low, high })
        };
        self.inputs().filter_map(of).collect()
    }

    /// The same schema with ranges that hold the numbers of another table as well.
    pub(crate) fn widened(&self, table: &Table) -> Self {
        let mut wider = self.clone();
        for column in &mut wider.columns {
            let (Some([low, high]), Ok(position)) = (&mut column.range, table.position(&column.name)) else {
                continue;
            };
            let cells = &table.columns()[position];
            let present =
                (0..table.n_rows()).map(|row| cells.cell(row)).filter(|cell| !self.missing.contains(cell));
            for number in present.filter_map(parse_number) {
                (*low, *high) = (low.min(number), high.max(number));
            }
        }
        wider
    }
}

/// Where more than one column more than these have the same kind of note, only the first are told of each in full.
const IN_FULL: usize = 3;

impl EncodeNote {
    /// The notes as lines. Of a kind that many columns have, the first few in full, then the others together.
    pub fn told(notes: &[Self]) -> Vec<String> {
        let mut kinds: Vec<Vec<&Self>> = Vec::new();
        for note in notes {
            match kinds.iter_mut().find(|kind| discriminant(kind[0]) == discriminant(note)) {
                Some(kind) => kind.push(note),
                None => kinds.push(vec![note]),
            }
        }
        let mut lines = Vec::new();
        for kind in kinds {
            let (in_full, others) =
                kind.split_at(if kind.len() > IN_FULL + 1 { IN_FULL } else { kind.len() });
            lines.extend(in_full.iter().map(ToString::to_string));
            if let Some(other) = others.first() {
                let columns: Vec<String> = others.iter().map(|note| note.column().to_owned()).collect();
                lines.push(format!("warning: {} have {}, too", named(&columns), other.in_short()));
            }
        }
        lines
    }

    fn column(&self) -> &str {
        match self {
            Self::Unseen { column, .. }
            | Self::UnseenMissing { column, .. }
            | Self::OutOfRange { column, .. }
            | Self::OtherUnit { column, .. } => column,
        }
    }

    /// What several columns have.
    fn in_short(&self) -> &'static str {
        match self {
            Self::Unseen { .. } => "values that the training rows lack",
            Self::UnseenMissing { .. } => "missing cells where the training rows have none",
            Self::OutOfRange { .. } => "numbers outside the range of that table",
            Self::OtherUnit { .. } => "other units than that table",
        }
    }

    /// Adds the notes on one chunk of a table to those on the chunks before: cells are counted together.
    pub fn merge(notes: &mut Vec<Self>, later: Vec<Self>) {
        for note in later {
            let earlier = notes.iter_mut().find(|earlier| earlier.is_about(&note));
            match (earlier, &note) {
                (
                    Some(
                        Self::Unseen { n_cells, .. }
                        | Self::UnseenMissing { n_cells, .. }
                        | Self::OutOfRange { n_cells, .. }
                        | Self::OtherUnit { n_cells, .. },
                    ),
                    Self::Unseen { n_cells: more, .. }
                    | Self::UnseenMissing { n_cells: more, .. }
                    | Self::OutOfRange { n_cells: more, .. }
                    | Self::OtherUnit { n_cells: more, .. },
                ) => *n_cells += more,
                _ => notes.push(note),
            }
        }
    }

    /// Whether both say the same of the same column.
    fn is_about(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && self.column() == other.column()
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
            Self::OutOfRange { column, n_cells, example, low, high } => write!(
                f,
                "warning: column `{column}` has {} outside {low} to {high}, the range of the table that trained the model, such \
                 as {example}: what it says of such rows is a guess",
                counted(*n_cells, "number")
            ),
            Self::OtherUnit { column, n_cells, example, unit } => write!(
                f,
                "warning: column `{column}` has {}, such as {example}, where the table that trained the model has {}; the numbers are \
                 taken as they are",
                counted(*n_cells, "number"),
                unit.as_ref().map_or("no unit".into(), |unit| format!("`{unit}`"))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EncodeNote;

    #[test]
    fn many_columns_with_the_same_note_share_a_line() {
        let outside = |k: usize| EncodeNote::OutOfRange {
            column: format!("p{k}"),
            n_cells: k,
            example: "9".into(),
            low: 0.0,
            high: 1.0,
        };
        let missing = EncodeNote::UnseenMissing { column: "q".into(), n_cells: 1 };
        let notes = |n: usize| [vec![missing.clone()], (1..=n).map(outside).collect()].concat();
        let in_full = |n: usize| notes(n).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(EncodeNote::told(&notes(4)), in_full(4));
        assert_eq!(EncodeNote::told(&[]), [""; 0]);
        let [told @ .., last] = &EncodeNote::told(&notes(9))[..] else { panic!() };
        assert_eq!(told, in_full(3));
        assert_eq!(
            last,
            "warning: columns `p4`, `p5`, `p6`, `p7`, `p8` and 1 more have numbers outside the range of that table, too"
        );
    }
}
