//! What the cells of one column are, found a chunk at a time.

use crate::cell::{BOOLEAN_PAIRS, MissingMarks, is_date, parse_boolean_of, parse_number};
use crate::decimals::with_point;
use crate::error::{Place, Result, SchemaError};
use crate::levels::{LevelCount, LevelCounter, LevelKind, check_classes};
use crate::number::{agree, is_infinite, trimmed, unit};
use crate::schema::{Column, Kind, Role};
use crate::table::Table;
use std::collections::HashSet;

/// A column is one of numbers when at least this share of its cells is.
const NUMBER_SHARE: f64 = 0.9;
/// … and at least so many, unless all are.
const FEWEST_NUMBERS: usize = 5;
/// Names are taken as text when more than half of the cells, and more than this many, differ.
const MOST_NAMES: usize = 20;
/// Whole numbers from 0 or 1 are taken as classes up to this many.
const MOST_NUMBER_CLASSES: usize = 20;
/// A target of so many different numbers is not one of class numbers.
const MOST_COUNTED_NUMBERS: usize = 10_000;

/// What the caller knows of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Its kind, whatever it looks like.
    pub(crate) kind: Option<Kind>,
    /// Whether it is the target.
    pub(crate) is_target: bool,
    /// Whether it says how much each row counts.
    pub(crate) is_weight: bool,
    /// Whether there are other targets.
    pub(crate) has_others: bool,
    /// More different names than this are text.
    pub(crate) most_levels: usize,
}

/// What the cells so far are.
#[derive(Debug)]
pub(crate) struct Survey {
    name: String,
    wish: Wish,
    n_rows: usize,
    n_present: usize,
    n_numbers: usize,
    n_infinite: usize,
    n_decimal_commas: usize,
    n_dates: usize,
    /// The smallest and the largest number.
    range: [f64; 2],
    /// The unit of the first number beside 0, where it has one, and that number as it is written.
    unit: Option<(Option<String>, String)>,
    /// The first cell that is not missing, and whether all others are the same.
    first: Option<String>,
    are_same: bool,
    /// Which pairs of words all cells belong to.
    are_of_pair: [bool; BOOLEAN_PAIRS.len()],
    /// The first cell that is no number, is infinite, has a decimal comma, is a date.
    first_other: Option<Box<Place>>,
    /// Whether all cells that are no numbers are the same.
    others_are_same: bool,
    first_infinite: Option<Box<Place>>,
    first_decimal_comma: Option<Box<Place>>,
    first_date: Option<Box<Place>>,
    /// The first number whose unit cannot be that of the first one.
    first_other_unit: Option<Box<Place>>,
    names: Names,
}

/// How often each text came.
#[derive(Debug)]
enum Names {
    /// Not counted: numbers, it seems.
    Uncounted,
    Counted(LevelCounter),
    /// So many that it does not matter which.
    TooMany,
}

impl Survey {
    /// Nothing so far.
    pub(crate) fn new(name: &str, wish: Wish) -> Self {
        let is_counted = wish.is_target || wish.kind == Some(Kind::Category);
        Self {
            name: name.to_owned(),
            wish,
            n_rows: 0,
            n_present: 0,
            n_numbers: 0,
            n_infinite: 0,
            n_decimal_commas: 0,
            n_dates: 0,
            range: [f64::INFINITY, f64::NEG_INFINITY],
            unit: None,
            first: None,
            are_same: true,
            are_of_pair: [true; BOOLEAN_PAIRS.len()],
            first_other: None,
            others_are_same: true,
            first_infinite: None,
            first_decimal_comma: None,
            first_date: None,
            first_other_unit: None,
            names: if is_counted { Names::Counted(LevelCounter::default()) } else { Names::Uncounted },
        }
    }

    /// The column's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The next rows.
    pub(crate) fn see(&mut self, table: &Table, position: usize, missing: &MissingMarks) {
        let column = &table.columns()[position];
        self.n_rows += column.n_cells();
        for (row, cell) in column.cells().enumerate() {
            if !missing.contains(cell) {
                self.see_cell(cell, || table.place(row, position));
            }
        }
    }

    fn see_cell(&mut self, cell: &str, place: impl Fn() -> Box<Place>) {
        let number = parse_number(cell);
        self.n_present += 1;
        if let Some(first) = &self.first {
            self.are_same = self.are_same && trimmed(cell) == first;
        } else {
            self.first = Some(trimmed(cell).to_owned());
            if number.is_none() && matches!(self.names, Names::Uncounted) {
                self.names = Names::Counted(LevelCounter::default());
            }
        }
        self.n_numbers += usize::from(number.is_some());
        self.count(cell);
        if let Some(number) = number {
            self.range = [self.range[0].min(number), self.range[1].max(number)];
            self.are_of_pair = [false; BOOLEAN_PAIRS.len()];
            if number != 0.0 && !self.see_unit(cell) {
                self.first_other_unit.get_or_insert_with(&place);
            }
            return;
        }
        for (is_pair, pair) in self.are_of_pair.iter_mut().zip(&BOOLEAN_PAIRS) {
            *is_pair = *is_pair && parse_boolean_of(pair, cell).is_some();
        }
        let first_other = self.first_other.get_or_insert_with(&place);
        self.others_are_same = self.others_are_same && trimmed(&first_other.value) == trimmed(cell);
        if is_infinite(cell) {
            self.n_infinite += 1;
            self.first_infinite.get_or_insert_with(&place);
        } else if with_point(cell).is_some() {
            self.n_decimal_commas += 1;
            self.first_decimal_comma.get_or_insert_with(&place);
        } else if is_date(cell) {
            self.n_dates += 1;
            self.first_date.get_or_insert_with(&place);
        }
    }

    /// Whether a number's unit may be that of the column's others.
    fn see_unit(&mut self, cell: &str) -> bool {
        let unit = unit(cell);
        let Some((first, _)) = &mut self.unit else {
            self.unit = Some((unit.map(str::to_owned), trimmed(cell).to_owned()));
            return true;
        };
        let may_be = agree(first.as_deref(), unit);
        if may_be && first.is_none() {
            *first = unit.map(str::to_owned);
        }
        may_be
    }

    /// The same rows once more, for a survey that [`Survey::wants_again`].
    pub(crate) fn see_again(&mut self, table: &Table, position: usize, missing: &MissingMarks) {
        if matches!(self.names, Names::Counted(_)) {
            table.columns()[position]
                .cells()
                .filter(|cell| !missing.contains(cell))
                .for_each(|cell| self.count(cell));
        }
    }

    fn count(&mut self, cell: &str) {
        if let Names::Counted(counter) = &mut self.names {
            counter.see(cell);
            let n_different = counter.n_different();
            let are_numbers = self.n_numbers == self.n_present && self.wish.kind != Some(Kind::Category);
            if are_numbers && n_different > MOST_COUNTED_NUMBERS {
                self.names = Names::Uncounted;
            } else if n_different > self.wish.most_levels {
                self.names = Names::TooMany;
            }
        }
    }

    /// All rows have come. Whether they must come once more, for their names to be counted.
    pub(crate) fn turn(&mut self) -> bool {
        let is_uncounted = matches!(self.names, Names::Uncounted) && self.n_present > 0;
        let wants = is_uncounted && matches!(self.kind(), Ok(None));
        if wants {
            self.names = Names::Counted(LevelCounter::default());
        }
        wants
    }

    fn is_most(&self, count: usize) -> bool {
        count as f64 >= NUMBER_SHARE * self.n_present as f64
    }

    fn is_constant(&self) -> bool {
        if self.n_numbers == self.n_present {
            return self.range[0] == self.range[1];
        }
        self.wish.kind != Some(Kind::Number) && self.are_same
    }

    fn counter(&self) -> Option<&LevelCounter> {
        match &self.names {
            Names::Counted(counter) => Some(counter),
            _ => None,
        }
    }

    /// None where only the names that are counted tell, a category from text.
    fn kind(&self) -> std::result::Result<Option<Kind>, SchemaError> {
        let wish = self.wish.kind;
        if self.n_present == 0 {
            return Ok(Some(Kind::Empty));
        }
        let all_are_numbers = self.n_numbers == self.n_present;
        if self.is_constant() {
            // Asked for as a number it stays, such as the column of ones of a network without biases.
            let stays = wish == Some(Kind::Number) && all_are_numbers && !self.wish.is_target;
            return Ok(Some(if stays { Kind::Number } else { Kind::Constant }));
        }
        if wish == Some(Kind::Category) {
            return Ok(Some(Kind::Category));
        }
        if let Some(place) = &self.first_decimal_comma
            && self.is_most(self.n_numbers + self.n_decimal_commas)
        {
            return Err(SchemaError::DecimalComma(place.clone()));
        }
        if let Some(place) = &self.first_infinite
            && (self.n_numbers >= FEWEST_NUMBERS || self.n_numbers > self.n_infinite)
            && self.is_most(self.n_numbers + self.n_infinite)
        {
            return Err(self.not_a_number(place));
        }
        let look_like_numbers =
            all_are_numbers || (self.n_numbers >= FEWEST_NUMBERS && self.is_most(self.n_numbers));
        if look_like_numbers || wish == Some(Kind::Number) {
            return match (&self.first_other, &self.first_other_unit, &self.unit) {
                (Some(place), ..) => Err(self.not_a_number(place)),
                (None, Some(place), Some((_, example))) => {
                    Err(SchemaError::MixedUnits { place: place.clone(), example: example.clone() })
                }
                _ => Ok(Some(Kind::Number)),
            };
        }
        if let Some(place) = &self.first_date
            && self.is_most(self.n_dates)
        {
            return Err(SchemaError::Date(place.clone()));
        }
        Ok(self.is_boolean().then_some(Kind::Boolean))
    }

    fn not_a_number(&self, place: &Place) -> SchemaError {
        let place = Box::new(place.clone());
        SchemaError::NotANumber { place, n_numbers: self.n_numbers, n_present: self.n_present }
    }

    fn is_boolean(&self) -> bool {
        self.are_of_pair.contains(&true)
    }

    fn is_text(&self) -> bool {
        self.has_many_names()
            && self.counter().is_none_or(|counter| 2 * counter.n_different() > self.n_present)
    }

    fn has_many_names(&self) -> bool {
        self.counter().is_none_or(|counter| counter.n_different() > MOST_NAMES)
    }

    /// The first cell of one text that stands among many different numbers, for a missing one it seems.
    fn mark(&self) -> Option<&Place> {
        let are_numbers = self.n_numbers >= FEWEST_NUMBERS && 2 * self.n_numbers >= self.n_present;
        let is_mark = are_numbers && self.others_are_same && self.has_many_names();
        self.first_other.as_deref().filter(|_| is_mark)
    }

    fn levels(&self, kind: Kind) -> Vec<LevelCount> {
        let of = |kind| self.counter().map(|counter| counter.levels(kind).1).unwrap_or_default();
        match kind {
            Kind::Number | Kind::Text | Kind::Empty => Vec::new(),
            Kind::Boolean => of(LevelKind::Boolean),
            Kind::Category if !self.is_constant() => of(LevelKind::Category),
            Kind::Category | Kind::Constant => {
                let name = self.first.clone().unwrap_or_default();
                vec![LevelCount { name, count: self.n_present }]
            }
        }
    }

    /// The column as understood, once its rows have come as often as wanted. What is wrong with one that is left out is
    /// nobody's concern.
    pub(crate) fn column(&self, table: &str, is_dropped: bool) -> Result<Column> {
        let kind = match (self.kind(), self.mark()) {
            (Ok(Some(kind)), _) => kind,
            (Ok(None), Some(place)) if !is_dropped => return Err(self.not_a_number(place).into()),
            (Ok(None), _) if self.is_text() => Kind::Text,
            (Ok(None), _) => Kind::Category,
            (Err(_), _) if is_dropped => Kind::Text,
            (Err(error), _) => return Err(error.into()),
        };
        if self.wish.is_target {
            return self.target(kind, table);
        }
        let role = match kind {
            _ if self.wish.is_weight => Role::Weight,
            kind if is_dropped || !kind.is_usable() => Role::Ignored,
            _ => Role::Input,
        };
        if kind == Kind::Category && role == Role::Input && self.counter().is_none() {
            return Err(self.too_many_levels(table).into());
        }
        Ok(self.describe(kind, role))
    }

    fn too_many_levels(&self, table: &str) -> SchemaError {
        let (table, column) = (table.to_owned(), self.name.clone());
        SchemaError::TooManyLevels { table, column, most: self.wish.most_levels }
    }

    fn describe(&self, kind: Kind, role: Role) -> Column {
        Column {
            name: self.name.clone(),
            kind,
            role,
            n_missing: self.n_rows - self.n_present,
            range: (kind == Kind::Number).then_some(self.range),
            unit: self.unit.as_ref().and_then(|(unit, _)| unit.clone()).filter(|_| kind == Kind::Number),
            levels: self.levels(kind),
        }
    }

    /// The column as the target; a kind that was not wished for may become another one.
    fn target(&self, kind: Kind, table: &str) -> Result<Column> {
        let kind = match kind {
            Kind::Empty => {
                let (table, column) = (table.to_owned(), self.name.clone());
                return Err(SchemaError::NoLabelledRows { table, column }.into());
            }
            Kind::Number if self.wish.has_others => Kind::Number,
            kind if self.wish.has_others => {
                let column = self.name.clone();
                return Err(SchemaError::MixedTargets { column, kind: kind.name() }.into());
            }
            Kind::Number if self.wish.kind.is_none() && self.are_class_numbers() => Kind::Category,
            // One value, or too many of them: counted as classes below.
            Kind::Constant | Kind::Text => Kind::Category,
            Kind::Category if self.is_boolean() => Kind::Boolean,
            kind => kind,
        };
        let target = self.describe(kind, Role::Target);
        if kind == Kind::Number {
            return Ok(target);
        }
        if target.levels.is_empty() {
            return Err(self.too_many_levels(table).into());
        }
        check_classes(table, &target.name, &target.levels)?;
        Ok(target)
    }

    /// Whether the numbers are exactly 0…K−1 or 1…K, K from 2 to 20, with two rows a class on average.
    fn are_class_numbers(&self) -> bool {
        let [minimum, maximum] = self.range;
        let n_classes = ((maximum - minimum) as usize).saturating_add(1);
        let starts = minimum == 0.0 || minimum == 1.0;
        if !starts || !(2..=MOST_NUMBER_CLASSES).contains(&n_classes) {
            return false;
        }
        let Some(counter) = self.counter() else { return false };
        let numbers: HashSet<u64> =
            counter.texts().filter_map(parse_number).map(|number| (number + 0.0).to_bits()).collect();
        let all_are_whole = numbers.iter().all(|&bits| f64::from_bits(bits).fract() == 0.0);
        all_are_whole && numbers.len() == n_classes && (n_classes == 2 || 2 * n_classes <= self.n_present)
    }
}
