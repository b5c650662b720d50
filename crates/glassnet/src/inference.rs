//! The rules by which a table's cells decide what each column is.

use crate::cell::{
    BOOLEAN_PAIRS, MissingMarks, has_decimal_comma, is_date, is_infinite, parse_boolean_of, parse_number,
};
use crate::dates::DateColumn;
use crate::error::{Result, SchemaError};
use crate::levels::{LevelCount, LevelKind, count_levels};
use crate::schema::{Column, Kind, Role, Schema, SchemaOptions, Task};
use crate::table::{Table, TextColumn};
use std::collections::{HashMap, HashSet};

/// A column is one of numbers when at least this share of its cells is.
const NUMBER_SHARE: f64 = 0.9;
/// … and at least so many, unless all are.
const FEWEST_NUMBERS: usize = 5;
/// Names are taken as text when more than half of the cells, and more than this many, differ.
const MOST_NAMES: usize = 20;
/// Whole numbers from 0 or 1 are taken as classes up to this many.
const MOST_NUMBER_CLASSES: usize = 20;
/// More classes than this are refused.
const MOST_CLASSES: usize = 1000;

impl Schema {
    /// Decides what each column of the table is and what it is for.
    ///
    /// A column is a number when at least 90 % (and five, or all) of its cells are, boolean when all cells are words
    /// of one pair (true/false, yes/no, y/n, t/f), text when more than half of its cells and more than 20 differ, else
    /// a category. Columns that are empty, constant or text are ignored; [`Schema::notes`] says so. A target of numbers
    /// makes a regression, unless they are exactly 0…K−1 or 1…K with K from 2 to 20, two rows a class on average.
    ///
    /// # Errors
    /// [`SchemaError`]: unknown or contradictory options, a cell that is no number, or infinite, in a column of numbers,
    /// numbers with a decimal comma, dates, a target without values, with one value or with too many classes, and no inputs.
    pub fn infer(table: &Table, options: &SchemaOptions) -> Result<Self> {
        let SchemaOptions { target, drop, category, number, .. } = options;
        let left_alone =
            target.iter().chain(drop).chain(category).chain(number).map(String::as_str).collect();
        let dates = DateColumn::find(table, options.dates, &options.missing, &left_alone)?;
        let table = &*DateColumn::replace(&dates, table, &options.missing)?;
        let mut wishes = Wishes::new(table, options)?;
        let parts = || dates.iter().flat_map(|date| date.parts.iter().map(move |&part| (date, part)));
        let categories: Vec<String> =
            parts().filter(|(_, part)| part.is_category()).map(|(date, part)| date.part_name(part)).collect();
        for name in &categories {
            wishes.kinds.entry(name).or_insert(Kind::Category);
        }
        let columns: Result<_> =
            table.columns().iter().enumerate().map(|(position, _)| wishes.column(table, position)).collect();
        let schema = Self { missing: options.missing.clone(), dates, columns: columns? };
        schema.check()?;
        Ok(schema)
    }
}

/// The options, looked up by column.
struct Wishes<'a> {
    missing: &'a MissingMarks,
    target: Option<&'a str>,
    drop: HashSet<&'a str>,
    kinds: HashMap<&'a str, Kind>,
}

impl<'a> Wishes<'a> {
    fn new(table: &Table, options: &'a SchemaOptions) -> Result<Self> {
        let target = options.target.as_deref();
        let SchemaOptions { drop, category, number, .. } = options;
        let named =
            target.into_iter().chain([drop, category, number].into_iter().flatten().map(String::as_str));
        for name in named {
            table
                .position(name)
                .map_err(|unknown| SchemaError::UnknownColumn { table: table.name().into(), unknown })?;
        }
        let contradiction = |column: &str, first, second| {
            Err(SchemaError::Contradiction { column: column.into(), first, second }.into())
        };
        let drop: HashSet<&str> = drop.iter().map(String::as_str).collect();
        let mut kinds: HashMap<&str, Kind> =
            category.iter().map(|name| (name.as_str(), Kind::Category)).collect();
        for name in number {
            if kinds.insert(name, Kind::Number) == Some(Kind::Category) {
                return contradiction(name, "a category", "a number");
            }
        }
        if let Some(target) = target {
            if drop.contains(target) {
                return contradiction(target, "the target", "dropped");
            }
            match (options.task, kinds.get(target)) {
                (Some(Task::Classification), Some(Kind::Number)) => {
                    return contradiction(target, "a class", "a number");
                }
                (Some(Task::Regression), Some(Kind::Category)) => {
                    return contradiction(target, "a category", "the target of a regression");
                }
                (Some(Task::Classification), _) => kinds.insert(target, Kind::Category),
                (Some(Task::Regression), _) => kinds.insert(target, Kind::Number),
                (None, _) => None,
            };
        }
        Ok(Self { missing: &options.missing, target, drop, kinds })
    }

    fn column(&self, table: &Table, position: usize) -> Result<Column> {
        let survey = Survey::new(table, position, self.missing);
        let name = survey.column.name();
        let is_dropped = self.drop.contains(name);
        let kind = match survey.kind(self.kinds.get(name).copied()) {
            Ok(kind) => kind,
            // What is wrong with a column that nobody reads is nobody's concern.
            Err(_) if is_dropped => Kind::Text,
            Err(error) => return Err(error.into()),
        };
        if self.target == Some(name) {
            return survey.target(kind, self.kinds.contains_key(name));
        }
        let role = if is_dropped || !kind.is_usable() { Role::Ignored } else { Role::Input };
        Ok(survey.describe(kind, role))
    }
}

/// What one pass over a column's cells finds.
struct Survey<'a> {
    table: &'a Table,
    position: usize,
    column: &'a TextColumn,
    missing: &'a MissingMarks,
    n_present: usize,
    n_numbers: usize,
    n_infinite: usize,
    n_decimal_commas: usize,
    n_dates: usize,
    /// The smallest and the largest number.
    range: [f64; 2],
    /// The first row with a cell that is no number, is infinite, has a decimal comma, is a date.
    first_other: Option<usize>,
    first_infinite: Option<usize>,
    first_decimal_comma: Option<usize>,
    first_date: Option<usize>,
}

impl<'a> Survey<'a> {
    fn new(table: &'a Table, position: usize, missing: &'a MissingMarks) -> Self {
        let column = &table.columns()[position];
        let mut survey = Self {
            table,
            position,
            column,
            missing,
            n_present: 0,
            n_numbers: 0,
            n_infinite: 0,
            n_decimal_commas: 0,
            n_dates: 0,
            range: [f64::INFINITY, f64::NEG_INFINITY],
            first_other: None,
            first_infinite: None,
            first_decimal_comma: None,
            first_date: None,
        };
        for (row, cell) in column.cells().enumerate() {
            if !missing.contains(cell) {
                survey.see(row, cell);
            }
        }
        survey
    }

    fn see(&mut self, row: usize, cell: &str) {
        self.n_present += 1;
        if let Some(number) = parse_number(cell) {
            self.n_numbers += 1;
            self.range = [self.range[0].min(number), self.range[1].max(number)];
            return;
        }
        self.first_other.get_or_insert(row);
        if is_infinite(cell) {
            self.n_infinite += 1;
            self.first_infinite.get_or_insert(row);
        } else if has_decimal_comma(cell) {
            self.n_decimal_commas += 1;
            self.first_decimal_comma.get_or_insert(row);
        } else if is_date(cell) {
            self.n_dates += 1;
            self.first_date.get_or_insert(row);
        }
    }

    fn is_most(&self, count: usize) -> bool {
        count as f64 >= NUMBER_SHARE * self.n_present as f64
    }

    /// The cells that are not missing.
    fn present(&self) -> impl Iterator<Item = &'a str> {
        let missing = self.missing;
        self.column.cells().filter(move |cell| !missing.contains(cell))
    }

    fn kind(&self, wish: Option<Kind>) -> std::result::Result<Kind, SchemaError> {
        let Some(first) = self.present().next() else { return Ok(Kind::Empty) };
        let all_are_numbers = self.n_numbers == self.n_present;
        let is_constant = if all_are_numbers {
            self.range[0] == self.range[1]
        } else {
            wish != Some(Kind::Number) && self.present().all(|cell| cell.trim() == first.trim())
        };
        if is_constant {
            return Ok(Kind::Constant);
        }
        if wish == Some(Kind::Category) {
            return Ok(Kind::Category);
        }
        if let Some(row) = self.first_decimal_comma
            && self.is_most(self.n_numbers + self.n_decimal_commas)
        {
            return Err(SchemaError::DecimalComma(self.table.place(row, self.position)));
        }
        if let Some(row) = self.first_infinite
            && (self.n_numbers >= FEWEST_NUMBERS || self.n_numbers > self.n_infinite)
            && self.is_most(self.n_numbers + self.n_infinite)
        {
            return Err(self.not_a_number(row));
        }
        let look_like_numbers =
            all_are_numbers || (self.n_numbers >= FEWEST_NUMBERS && self.is_most(self.n_numbers));
        if look_like_numbers || wish == Some(Kind::Number) {
            return match self.first_other {
                None => Ok(Kind::Number),
                Some(row) => Err(self.not_a_number(row)),
            };
        }
        if let Some(row) = self.first_date
            && self.is_most(self.n_dates)
        {
            return Err(SchemaError::Date(self.table.place(row, self.position)));
        }
        if self.is_boolean() {
            return Ok(Kind::Boolean);
        }
        let n_different = self.present().map(str::trim).collect::<HashSet<_>>().len();
        let is_text = n_different > MOST_NAMES && 2 * n_different > self.n_present;
        Ok(if is_text { Kind::Text } else { Kind::Category })
    }

    fn not_a_number(&self, row: usize) -> SchemaError {
        let place = self.table.place(row, self.position);
        SchemaError::NotANumber { place, n_numbers: self.n_numbers, n_present: self.n_present }
    }

    fn is_boolean(&self) -> bool {
        let is_pair = |pair| self.present().all(|cell| parse_boolean_of(pair, cell).is_some());
        BOOLEAN_PAIRS.iter().any(is_pair)
    }

    fn levels(&self, kind: Kind) -> Vec<LevelCount> {
        match kind {
            Kind::Number | Kind::Text | Kind::Empty => Vec::new(),
            Kind::Boolean => count_levels(self.present(), LevelKind::Boolean).1,
            Kind::Category | Kind::Constant => count_levels(self.present(), LevelKind::Category).1,
        }
    }

    fn describe(&self, kind: Kind, role: Role) -> Column {
        Column {
            name: self.column.name().to_owned(),
            kind,
            role,
            n_missing: self.table.n_rows() - self.n_present,
            range: (kind == Kind::Number).then_some(self.range),
            levels: self.levels(kind),
        }
    }

    /// The column as the target; a kind that was not wished for may become another one.
    fn target(&self, kind: Kind, is_wish: bool) -> Result<Column> {
        let kind = match kind {
            Kind::Empty => {
                let (table, column) = (self.table.name().into(), self.column.name().into());
                return Err(SchemaError::NoLabelledRows { table, column }.into());
            }
            Kind::Number if !is_wish && self.are_class_numbers() => Kind::Category,
            // One value, or too many of them: counted as classes below.
            Kind::Constant | Kind::Text => Kind::Category,
            Kind::Category if self.is_boolean() => Kind::Boolean,
            kind => kind,
        };
        let target = self.describe(kind, Role::Target);
        if kind != Kind::Number {
            check_classes(self.table, target.name.as_str(), &target.levels)?;
        }
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
        let numbers: HashSet<u64> =
            self.present().filter_map(parse_number).map(|number| (number + 0.0).to_bits()).collect();
        let all_are_whole = numbers.iter().all(|&bits| f64::from_bits(bits).fract() == 0.0);
        all_are_whole && numbers.len() == n_classes && (n_classes == 2 || 2 * n_classes <= self.n_present)
    }
}

/// Refuses a single class, more than 1,000, and (beyond two) more than half as many as there are rows.
pub(crate) fn check_classes(table: &Table, column: &str, levels: &[LevelCount]) -> Result<()> {
    let (table, column) = (table.name().to_owned(), column.to_owned());
    let n_rows = levels.iter().map(|level| level.count).sum();
    match levels {
        [] => Err(SchemaError::NoLabelledRows { table, column }.into()),
        [only] => Err(SchemaError::OneClass { table, column, value: only.name.clone() }.into()),
        [_, _] => Ok(()),
        _ if levels.len() > MOST_CLASSES || 2 * levels.len() > n_rows => {
            Err(SchemaError::TooManyClasses { table, column, n_classes: levels.len(), n_rows }.into())
        }
        _ => Ok(()),
    }
}
