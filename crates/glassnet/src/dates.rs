//! Columns of dates to columns of numbers, by rules that travel with the model.

use crate::cell::MissingMarks;
use crate::date::{DateOrder, Moment, date_of, parse_moment, weekday_of};
use crate::error::{EncodeError, Result, UnknownName};
use crate::table::{Table, TextColumn};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

/// What becomes of columns of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dates {
    /// An error says where the first one is.
    #[default]
    Refused,
    /// Numbers; each column's cells decide the order of day and month.
    Numbers,
    /// Numbers; the day stands before the month, unless the year comes first.
    DayFirst,
    /// Numbers; the month stands before the day, unless the year comes first.
    MonthFirst,
}

/// A column of dates or times, and the columns of numbers that take its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateColumn {
    /// Its name in the header.
    pub name: String,
    /// How its dates are written.
    pub order: DateOrder,
    /// What takes its place: `NAME_PART` for each.
    pub parts: Vec<DatePart>,
}

/// A number that a date or time gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// Days since 1970-01-01, the time as their fraction.
    Days,
    /// The year.
    Year,
    /// The month, 1 to 12; a category.
    Month,
    /// The day of the week, 1 for Monday to 7 for Sunday; a category.
    Weekday,
    /// Hours since midnight, minutes and seconds as their fraction.
    Hour,
}

impl DatePart {
    pub(crate) const ALL: [Self; 5] = [Self::Days, Self::Year, Self::Month, Self::Weekday, Self::Hour];

    fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Year => "year",
            Self::Month => "month",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
        }
    }

    /// Whether its numbers are names rather than quantities.
    pub(crate) fn is_category(self) -> bool {
        matches!(self, Self::Month | Self::Weekday)
    }

    pub(crate) fn of(self, moment: Moment) -> f64 {
        let (year, month, _) = date_of(moment.day);
        match self {
            Self::Days => moment.day as f64 + moment.seconds / 86_400.0,
            Self::Year => year as f64,
            Self::Month => f64::from(month),
            Self::Weekday => f64::from(weekday_of(moment.day)),
            Self::Hour => moment.seconds / 3600.0,
        }
    }
}

impl DateColumn {
    /// The name of the column that takes its place with this part.
    pub fn part_name(&self, part: DatePart) -> String {
        format!("{}_{}", self.name, part.name())
    }

    /// The table with each of these columns replaced by its parts. A table that has all the parts already stays as it is.
    ///
    /// # Errors
    /// [`EncodeError::MissingColumn`], [`EncodeError::NotADate`], and when a part has the name of another column.
    pub(crate) fn replace<'a>(
        columns: &[Self],
        table: &'a Table,
        missing: &MissingMarks,
    ) -> Result<Cow<'a, Table>> {
        let has_parts =
            |column: &Self| column.parts.iter().all(|&part| table.position(&column.part_name(part)).is_ok());
        let mut replaced = HashMap::new();
        for column in columns.iter().filter(|column| !has_parts(column)) {
            let lacks =
                |unknown: UnknownName| EncodeError::MissingColumn { table: table.name().into(), unknown };
            let position = table.position(&column.name).map_err(lacks)?;
            replaced.insert(position, column.numbers(table, position, missing)?);
        }
        if replaced.is_empty() {
            return Ok(Cow::Borrowed(table));
        }
        Ok(Cow::Owned(table.replacing(replaced)?))
    }

    fn numbers(&self, table: &Table, position: usize, missing: &MissingMarks) -> Result<Vec<TextColumn>> {
        let mut columns: Vec<TextColumn> =
            self.parts.iter().map(|&part| TextColumn::new(&self.part_name(part))).collect();
        for (row, cell) in table.columns()[position].cells().enumerate() {
            if missing.contains(cell) {
                for column in &mut columns {
                    column.push("");
                }
                continue;
            }
            let Some(moment) = parse_moment(cell, self.order) else {
                let place = table.place(row, position);
                return Err(EncodeError::NotADate { place, example: self.order.example() }.into());
            };
            for (column, part) in columns.iter_mut().zip(&self.parts) {
                column.push_written(|text| {
                    write!(text, "{}", part.of(moment)).expect("a String takes everything");
                });
            }
        }
        Ok(columns)
    }
}
