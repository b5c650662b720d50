//! What each column of a table is and what it is for; as JSON, a file that people edit.

use crate::cell::MissingMarks;
use crate::dates::{DateColumn, Dates};
use crate::decimals;
use crate::error::{Result, SchemaError, UnknownName};
use crate::levels::LevelCount;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// What each column of a table is and what it is for.
///
/// Kind and role decide; counts, ranges, units and levels are there for the reader and change no number when edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The texts that stand for a missing value.
    #[serde(default)]
    pub missing: MissingMarks,
    /// Whether numbers have a decimal comma, `3,14`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decimal_comma: bool,
    /// Columns of dates; the columns of numbers that take their place are among `columns`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateColumn>,
    /// One entry a column; a column of the table without an entry is ignored.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// How many cells are missing.
    #[serde(default)]
    pub n_missing: usize,
    /// The smallest and the largest number, for a column of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// The sign of per cent or of a currency that its numbers have, `%` or `$`. Other signs in later tables are warned of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Its different values in order, for categories, truth values and constants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<LevelCount>,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers, to be standardised.
    Number,
    /// Names of a limited number of things.
    Category,
    /// true/false, yes/no, y/n or t/f.
    Boolean,
    /// Text that differs from row to row, like an identifier.
    Text,
    /// The same value in every cell that is not missing.
    Constant,
    /// No cell that is not missing.
    Empty,
}

impl Kind {
    /// The name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Category => "category",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Constant => "constant",
            Self::Empty => "empty",
        }
    }

    /// Whether a network can read or predict it.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Number | Self::Category | Self::Boolean)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The network reads it.
    Input,
    /// The network predicts it.
    Target,
    /// How much each row counts in the loss: numbers, 0 or above. The network does not read it.
    Weight,
    /// Left out: because of its kind if that is text, constant or empty, else on demand.
    Ignored,
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of several classes.
    Classification,
    /// A number.
    Regression,
}

/// What the caller knows better than the rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SchemaOptions {
    /// The column to predict, or several columns of numbers. Default: none.
    pub targets: Vec<String>,
    /// What is predicted. Default: as the target looks.
    pub task: Option<Task>,
    /// The column that says how much each row counts in the loss. Default: all count alike.
    pub row_weight: Option<String>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Columns that are categories whatever they look like.
    pub category: Vec<String>,
    /// Columns that are numbers whatever they look like.
    pub number: Vec<String>,
    /// The texts that stand for a missing value. Default: the empty cell, NA, NaN, ?, null.
    pub missing: MissingMarks,
    /// Whether numbers have a decimal comma, `3,14`. Default: they have a point, and a comma is refused.
    pub decimal_comma: bool,
    /// What becomes of columns of dates. Default: they are refused.
    pub dates: Dates,
}

impl SchemaOptions {
    /// For the recipe seed: every column that nothing else was said of is a number, a constant one too, and the targets as well.
    pub fn take_numbers(&mut self, table: &Table) {
        self.task = self.task.or(Some(Task::Regression));
        let is_free = |name: &str| {
            let said = self.targets.iter().chain(&self.drop).chain(&self.category).chain(&self.number);
            said.chain(&self.row_weight).all(|said| said != name)
        };
        let names: Vec<String> =
            table.column_names().filter(|name| is_free(name)).map(str::to_owned).collect();
        self.number.extend(names);
    }
}

impl Schema {
    /// The columns to predict: one, or several of numbers.
    pub fn targets(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.role == Role::Target)
    }

    /// The columns that the network reads.
    pub fn inputs(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.role == Role::Input)
    }

    /// The column that says how much each row counts.
    pub fn row_weight(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.role == Role::Weight)
    }

    /// Regression when the targets are numbers, classification when the target is anything else.
    pub fn task(&self) -> Option<Task> {
        let task = |target: &Column| match target.kind {
            Kind::Number => Task::Regression,
            _ => Task::Classification,
        };
        self.targets().next().map(task)
    }

    /// Reads a schema from JSON and checks it; `file` is what messages call it.
    ///
    /// # Errors
    /// [`SchemaError::Json`], and those of [`Schema::check`].
    pub fn from_json(text: &str, file: &str) -> Result<Self> {
        let schema: Self = serde_json::from_str(text)
            .map_err(|error| SchemaError::Json { file: file.into(), message: error.to_string() })?;
        schema.check(file)?;
        Ok(schema)
    }

    /// The schema as JSON, to edit and read back.
    ///
    /// # Panics
    /// Never: names, counts and finite numbers always have a JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data")
    }

    /// Refuses a schema that contradicts itself; `name` is what messages call it or its table.
    ///
    /// # Errors
    /// [`SchemaError::DuplicateColumn`], [`SchemaError::MixedTargets`], [`SchemaError::Unusable`],
    /// [`SchemaError::RowWeights`], [`SchemaError::NoInputs`].
    pub fn check(&self, name: &str) -> Result<()> {
        let mut names = HashSet::new();
        let weight = self.row_weight();
        for column in &self.columns {
            let Column { name, kind, role, .. } = column;
            if *role == Role::Weight && (*kind != Kind::Number || weight != Some(column)) {
                return Err(SchemaError::RowWeights { column: name.clone(), kind: kind.name() }.into());
            }
            if !names.insert(name) {
                return Err(SchemaError::DuplicateColumn { column: name.clone() }.into());
            }
            if *role != Role::Ignored && !kind.is_usable() {
                return Err(SchemaError::Unusable { column: name.clone(), kind: kind.name() }.into());
            }
        }
        let other = self.targets().find(|column| column.kind != Kind::Number);
        if let (Some(column), 2..) = (other, self.targets().count()) {
            return Err(
                SchemaError::MixedTargets { column: column.name.clone(), kind: column.kind.name() }.into()
            );
        }
        if self.inputs().next().is_none() {
            return Err(SchemaError::NoInputs { table: name.into() }.into());
        }
        Ok(())
    }

    /// The table with points for decimal commas and with numbers for columns of dates, which is what encoders read; most tables
    /// stay as they are.
    ///
    /// # Errors
    /// When a column of dates is missing, or a cell is no date.
    pub fn with_numbers<'a>(&self, table: &'a Table) -> Result<Cow<'a, Table>> {
        if !self.decimal_comma {
            return DateColumn::replace(&self.dates, table, &self.missing);
        }
        let table = decimals::with_points(table, &self.missing);
        Ok(match DateColumn::replace(&self.dates, &table, &self.missing)? {
            Cow::Owned(replaced) => Cow::Owned(replaced),
            Cow::Borrowed(_) => table,
        })
    }

    /// Whether the schema says what becomes of a column of that name.
    pub fn knows(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
            || self.dates.iter().any(|date| date.name == name)
    }

    /// Refuses a schema with an input or a target that the table does not have.
    ///
    /// # Errors
    /// [`SchemaError::UnknownColumn`].
    pub fn check_table(&self, table: &Table) -> Result<()> {
        let present: HashSet<&str> = table.column_names().collect();
        let used = |column: &&Column| column.role != Role::Ignored;
        match self.columns.iter().filter(used).find(|column| !present.contains(column.name.as_str())) {
            Some(column) => {
                let unknown = UnknownName::new(&column.name, table.column_names());
                Err(SchemaError::UnknownColumn { table: table.name().into(), unknown }.into())
            }
            None => Ok(()),
        }
    }

    /// The rows with no target missing, in order.
    ///
    /// # Errors
    /// [`SchemaError::NoTarget`], [`SchemaError::UnknownColumn`], and [`SchemaError::NoLabelledRows`] when there are none.
    pub fn labelled_rows(&self, table: &Table) -> Result<Vec<usize>> {
        let mut columns = Vec::new();
        for target in self.targets() {
            let position = table
                .position(&target.name)
                .map_err(|unknown| SchemaError::UnknownColumn { table: table.name().into(), unknown })?;
            columns.push(&table.columns()[position]);
        }
        let last = columns.last().ok_or(SchemaError::NoTarget)?;
        let rows = self.missing.present_rows(&columns);
        if rows.is_empty() {
            let (table, column) = (table.name().into(), last.name().into());
            return Err(SchemaError::NoLabelledRows { table, column }.into());
        }
        Ok(rows)
    }
}
