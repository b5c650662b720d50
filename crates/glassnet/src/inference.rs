//! The rules by which a table's cells decide what each column is.

use crate::date_search::DateSearch;
use crate::dates::{DateColumn, Dates};
use crate::decimals;
use crate::error::{Place, Result, SchemaError, TableError};
use crate::schema::{Column, Kind, Role, Schema, SchemaOptions, Task};
use crate::survey::{Survey, Wish};
use crate::table::Table;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

impl Schema {
    /// Decides what each column of the table is and what it is for.
    ///
    /// A column is a number when at least 90 % (and five, or all) of its cells are, boolean when all cells are words
    /// of one pair (true/false, yes/no, y/n, t/f), text when more than half of its cells and more than 20 differ, else
    /// a category. Where half of the cells or more are numbers, more than 20 cells differ and all others are one text, that text
    /// is taken for a missing value's mark, and refused. Columns that are empty, constant or text are ignored; [`Schema::notes`] says so. A constant one
    /// that is named as a number stays. A target of numbers
    /// makes a regression, unless they are exactly 0…K−1 or 1…K with K from 2 to 20, two rows a class on average.
    ///
    /// # Errors
    /// [`SchemaError`]: unknown or contradictory options, a cell that is no number, or infinite, in a column of numbers,
    /// numbers with a decimal comma, dates, a target without values, with one value or with too many classes, and no inputs.
    pub fn infer(table: &Table, options: &SchemaOptions) -> Result<Self> {
        let mut inference = Inference::new(options, usize::MAX);
        loop {
            inference.see(table)?;
            if let Some(schema) = inference.turn()? {
                return Ok(schema);
            }
        }
    }
}

/// A schema in the making, from a table that comes a chunk at a time: once, and once more for dates that become numbers and
/// for names that looked like numbers.
#[derive(Debug)]
pub struct Inference<'a> {
    options: &'a SchemaOptions,
    most_levels: usize,
    table: String,
    /// None until they are known.
    dates: Option<Vec<DateColumn>>,
    /// The first number with a point of each column that has one, where commas stand before decimals.
    points: HashMap<String, Box<Place>>,
    wishes: Wishes<'a>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The first chunk is to come.
    New,
    /// Which columns are dates; none where a column is left alone.
    Dates(Vec<Option<DateSearch>>),
    /// What each column is.
    Columns(Vec<Survey>),
    /// The names of some once more.
    Names(Vec<(Survey, Asks)>),
}

/// Whether a column's rows must come once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nothing,
    ForNames,
}

impl<'a> Inference<'a> {
    /// Nothing so far. Of a column more than `most_levels` different values are not kept; such names are text.
    pub fn new(options: &'a SchemaOptions, most_levels: usize) -> Self {
        let dates = (options.dates == Dates::Refused).then(Vec::new);
        let wishes = Wishes::default();
        let (table, points) = (String::new(), HashMap::new());
        Self { options, most_levels, table, dates, points, wishes, state: State::New }
    }

    /// The next rows.
    ///
    /// # Errors
    /// Unknown or contradictory options.
    pub fn see(&mut self, table: &Table) -> Result<()> {
        let missing = &self.options.missing;
        let with_points = if self.options.decimal_comma {
            self.note_points(table);
            decimals::with_points(table, missing)
        } else {
            Cow::Borrowed(table)
        };
        let table = &*with_points;
        let replaced = match &self.dates {
            Some(dates) => DateColumn::replace(dates, table, missing)?,
            None => Cow::Borrowed(table),
        };
        if matches!(self.state, State::New) {
            self.begin(&replaced)?;
        }
        match &mut self.state {
            State::New => {}
            State::Dates(searches) => {
                for (position, search) in searches.iter_mut().enumerate() {
                    if let Some(search) = search {
                        search.see(&replaced, position, missing);
                    }
                }
            }
            State::Columns(surveys) => {
                for (position, survey) in surveys.iter_mut().enumerate() {
                    survey.see(&replaced, position, missing);
                }
            }
            State::Names(surveys) => {
                for (position, (survey, asks)) in surveys.iter_mut().enumerate() {
                    if *asks == Asks::ForNames {
                        survey.see_again(&replaced, position, missing);
                    }
                }
            }
        }
        Ok(())
    }

    fn note_points(&mut self, table: &Table) {
        for (position, name) in table.column_names().enumerate() {
            if !self.points.contains_key(name)
                && let Some(place) = decimals::first_point(table, position, &self.options.missing)
            {
                self.points.insert(name.to_owned(), place);
            }
        }
    }

    fn begin(&mut self, table: &Table) -> Result<()> {
        table.name().clone_into(&mut self.table);
        let options = self.options;
        let Some(dates) = &self.dates else {
            let SchemaOptions { targets, row_weight, drop, category, number, .. } = options;
            let named = targets.iter().chain(row_weight).chain(drop).chain(category).chain(number);
            let left_alone: HashSet<&String> = named.collect();
            let search = |name: &str| (!left_alone.contains(&name.to_owned())).then(|| DateSearch::new(name));
            self.state = State::Dates(table.column_names().map(search).collect());
            return Ok(());
        };
        self.wishes = Wishes::new(table, options, dates)?;
        let survey = |name| Survey::new(name, self.wishes.of(name, self.most_levels));
        self.state = State::Columns(table.column_names().map(survey).collect());
        Ok(())
    }

    /// All rows have come: the schema, or none when they must come once more.
    ///
    /// # Errors
    /// Those of [`Schema::infer`].
    pub fn turn(&mut self) -> Result<Option<Schema>> {
        match std::mem::replace(&mut self.state, State::New) {
            State::New => Err(TableError::NoRows { table: self.table.clone() }.into()),
            State::Dates(searches) => {
                let finish = |search: DateSearch| search.finish(self.options.dates).transpose();
                self.dates = Some(searches.into_iter().flatten().filter_map(finish).collect::<Result<_>>()?);
                Ok(None)
            }
            State::Columns(surveys) => {
                let turn = |mut survey: Survey| {
                    let asks = if survey.turn() { Asks::ForNames } else { Asks::Nothing };
                    (survey, asks)
                };
                let surveys: Vec<(Survey, Asks)> = surveys.into_iter().map(turn).collect();
                if surveys.iter().any(|(_, asks)| *asks == Asks::ForNames) {
                    self.state = State::Names(surveys);
                    return Ok(None);
                }
                self.schema(&surveys).map(Some)
            }
            State::Names(surveys) => self.schema(&surveys).map(Some),
        }
    }

    fn schema(&mut self, surveys: &[(Survey, Asks)]) -> Result<Schema> {
        let column = |(survey, _): &(Survey, Asks)| {
            survey.column(&self.table, self.wishes.drop.contains(survey.name()))
        };
        let columns = surveys.iter().map(column).collect::<Result<Vec<_>>>()?;
        for Column { name, kind, role, .. } in &columns {
            if let (Kind::Number, Role::Input | Role::Target | Role::Weight, Some(place)) =
                (kind, role, self.points.get(name))
            {
                return Err(SchemaError::DecimalPoint(place.clone()).into());
            }
        }
        let dates = self.dates.take().unwrap_or_default();
        let SchemaOptions { missing, decimal_comma, .. } = self.options;
        let schema = Schema { missing: missing.clone(), decimal_comma: *decimal_comma, dates, columns };
        schema.check(&self.table)?;
        Ok(schema)
    }
}

/// The options, looked up by column.
#[derive(Debug, Default)]
struct Wishes<'a> {
    targets: &'a [String],
    row_weight: Option<&'a str>,
    drop: HashSet<&'a str>,
    kinds: HashMap<String, Kind>,
}

impl<'a> Wishes<'a> {
    fn new(table: &Table, options: &'a SchemaOptions, dates: &[DateColumn]) -> Result<Self> {
        let SchemaOptions { targets, row_weight, drop, category, number, .. } = options;
        let named = [targets, drop, category, number].into_iter().flatten().chain(row_weight);
        for name in named {
            table
                .position(name)
                .map_err(|unknown| SchemaError::UnknownColumn { table: table.name().into(), unknown })?;
        }
        let contradiction = |column: &str, first, second| {
            Err(SchemaError::Contradiction { column: column.into(), first, second }.into())
        };
        let drop: HashSet<&str> = drop.iter().map(String::as_str).collect();
        let mut kinds: HashMap<String, Kind> =
            category.iter().map(|name| (name.clone(), Kind::Category)).collect();
        for name in number {
            if kinds.insert(name.clone(), Kind::Number) == Some(Kind::Category) {
                return contradiction(name, "a category", "a number");
            }
        }
        if let Some(weight) = row_weight {
            let others = [
                (targets.contains(weight), "the target"),
                (drop.contains(weight.as_str()), "dropped"),
                (kinds.insert(weight.clone(), Kind::Number) == Some(Kind::Category), "a category"),
            ];
            if let Some((_, other)) = others.into_iter().find(|(is_other, _)| *is_other) {
                return contradiction(weight, "the weight of each row", other);
            }
        }
        for target in targets {
            if drop.contains(target.as_str()) {
                return contradiction(target, "the target", "dropped");
            }
            if targets.len() > 1 && options.task == Some(Task::Classification) {
                return contradiction(target, "one of several targets", "a class");
            }
            match (options.task, kinds.get(target)) {
                (Some(Task::Classification), Some(Kind::Number)) => {
                    return contradiction(target, "a class", "a number");
                }
                (Some(Task::Regression), Some(Kind::Category)) => {
                    return contradiction(target, "a category", "the target of a regression");
                }
                (Some(Task::Classification), _) => kinds.insert(target.clone(), Kind::Category),
                (Some(Task::Regression), _) => kinds.insert(target.clone(), Kind::Number),
                (None, _) => None,
            };
        }
        for date in dates {
            for part in date.parts.iter().filter(|part| part.is_category()) {
                kinds.entry(date.part_name(*part)).or_insert(Kind::Category);
            }
        }
        Ok(Self { targets, row_weight: row_weight.as_deref(), drop, kinds })
    }

    fn of(&self, name: &str, most_levels: usize) -> Wish {
        let kind = self.kinds.get(name).copied();
        let is_target = self.targets.iter().any(|target| target == name);
        let is_weight = self.row_weight == Some(name);
        Wish { kind, is_target, is_weight, has_others: self.targets.len() > 1, most_levels }
    }
}
