//! Which columns are dates, and how they state them, found a chunk of the table at a time.

use crate::cell::{MissingMarks, is_date};
use crate::date::{DateOrder, Moment, parse_moment, parts};
use crate::dates::{DateColumn, DatePart, Dates};
use crate::error::{Place, Result, SchemaError};
use crate::table::Table;

/// What one column's cells so far are.
#[derive(Debug)]
pub(crate) struct DateSearch {
    name: String,
    n_present: usize,
    n_dates: usize,
    /// The first cell that is not missing.
    first: Option<String>,
    varies: bool,
    first_date: Option<FirstDate>,
    /// Whether a first and a second part of a date is above 12.
    are_above_12: [bool; 2],
    readings: [Reading; 4],
}

/// The first cell that has three parts like a date.
#[derive(Debug)]
struct FirstDate {
    place: Box<Place>,
    n_digits: usize,
    has_points: bool,
}

/// The cells, read in one order.
#[derive(Debug)]
struct Reading {
    order: DateOrder,
    first: Option<Moment>,
    /// Which of [`DatePart::ALL`] vary.
    vary: [bool; DatePart::ALL.len()],
    /// The first cell that cannot be read so.
    failed: Option<Box<Place>>,
}

impl DateSearch {
    /// Nothing so far.
    pub(crate) fn new(name: &str) -> Self {
        let orders = [DateOrder::TimeOnly, DateOrder::YearFirst, DateOrder::DayFirst, DateOrder::MonthFirst];
        Self {
            name: name.to_owned(),
            n_present: 0,
            n_dates: 0,
            first: None,
            varies: false,
            first_date: None,
            are_above_12: [false; 2],
            readings: orders.map(|order| Reading {
                order,
                first: None,
                vary: [false; DatePart::ALL.len()],
                failed: None,
            }),
        }
    }

    /// The next rows.
    pub(crate) fn see(&mut self, table: &Table, position: usize, missing: &MissingMarks) {
        for (row, cell) in table.columns()[position].cells().enumerate() {
            if !missing.contains(cell) {
                self.see_cell(cell, || table.place(row, position));
            }
        }
    }

    fn see_cell(&mut self, cell: &str, place: impl Fn() -> Box<Place>) {
        self.n_present += 1;
        self.n_dates += usize::from(is_date(cell));
        match &self.first {
            Some(first) => self.varies = self.varies || cell.trim() != first,
            None => self.first = Some(cell.trim().to_owned()),
        }
        let date = cell.trim().split(['T', ' ']).next().unwrap_or_default();
        if let Some([(n_digits, first), (_, second), _]) = parts(date) {
            let has_points = cell.contains('.') && !cell.contains(['-', '/']);
            self.first_date.get_or_insert_with(|| FirstDate { place: place(), n_digits, has_points });
            self.are_above_12[0] |= first > 12;
            self.are_above_12[1] |= second > 12;
        }
        for reading in self.readings.iter_mut().filter(|reading| reading.failed.is_none()) {
            match parse_moment(cell, reading.order) {
                None => reading.failed = Some(place()),
                Some(moment) => {
                    let first = *reading.first.get_or_insert(moment);
                    for (varies, part) in reading.vary.iter_mut().zip(DatePart::ALL) {
                        *varies = *varies || part.of(moment) != part.of(first);
                    }
                }
            }
        }
    }

    /// The column, if it is one of dates: at least 90 % of the cells look like dates or times, and not all of them are the
    /// same.
    ///
    /// Of the parts, `days` is there always; year, month, weekday and hour where they vary; of a time, the hour alone.
    ///
    /// # Errors
    /// [`SchemaError::DateOrder`], [`SchemaError::NotADate`].
    pub(crate) fn finish(mut self, dates: Dates) -> Result<Option<DateColumn>> {
        if !self.varies || 10 * self.n_dates < 9 * self.n_present {
            return Ok(None);
        }
        let order = self.order(dates)?;
        let Some(reading) = self.readings.iter_mut().find(|reading| reading.order == order) else {
            return Ok(None);
        };
        if let Some(place) = reading.failed.take() {
            return Err(SchemaError::NotADate { place, example: order.example() }.into());
        }
        let has_part = |&(part, varies): &(DatePart, bool)| match part {
            DatePart::Days => order != DateOrder::TimeOnly,
            DatePart::Hour if order == DateOrder::TimeOnly => true,
            _ => varies,
        };
        let parts = DatePart::ALL.into_iter().zip(reading.vary).filter(has_part).map(|(part, _)| part);
        Ok(Some(DateColumn { name: self.name, order, parts: parts.collect() }))
    }

    /// The order in which the cells state their dates.
    fn order(&self, dates: Dates) -> Result<DateOrder> {
        let Some(first) = &self.first_date else { return Ok(DateOrder::TimeOnly) };
        if first.n_digits > 2 {
            return Ok(DateOrder::YearFirst);
        }
        match dates {
            Dates::DayFirst => Ok(DateOrder::DayFirst),
            Dates::MonthFirst => Ok(DateOrder::MonthFirst),
            _ if first.has_points || self.are_above_12[0] => Ok(DateOrder::DayFirst),
            _ if self.are_above_12[1] => Ok(DateOrder::MonthFirst),
            _ => Err(SchemaError::DateOrder(first.place.clone()).into()),
        }
    }
}
