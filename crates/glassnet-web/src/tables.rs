//! A table as understood, and what may be said about its columns beforehand.

use crate::presets::{self, Cloud};
use glassnet::cell::parse_number;
use glassnet::error::{Error, SchemaError};
use glassnet::schema::{Kind, Schema, SchemaOptions, Task};
use glassnet::table::{Table, TextColumn};
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Display;

/// The most that the page takes.
pub(crate) const MOST_ROWS: usize = 5_000;
/// The most that the page takes.
pub(crate) const MOST_COLUMNS: usize = 32;

/// A table and what its columns are.
#[derive(Debug)]
pub(crate) struct Understood {
    pub(crate) table: Table,
    pub(crate) schema: Schema,
}

/// What went wrong, by a name that a page can translate, and in words.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The error as data, where the page may have words of its own for it; null where not.
    pub(crate) details: Value,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: String) -> Self {
        Self { code, message, details: Value::Null }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Table(_) => "table",
            Error::Schema(_) => "schema",
            Error::Encode(_) => "encode",
            Error::Setting { .. } => "setting",
            Error::Params { .. } => "params",
            Error::Model { .. } => "model",
            _ => "training",
        };
        Self { code, message: error.to_string(), details: serde_json::to_value(&error).unwrap_or_default() }
    }
}

/// The page asked for something that there is not.
pub(crate) fn missing(message: &str) -> Refusal {
    Refusal::new("question", message.into())
}

/// What was noticed, in words, and as data for words of the page's own.
pub(crate) fn said(note: &(impl Display + Serialize), kind: &str) -> Value {
    json!({ "message": note.to_string(), "details": { kind: note } })
}

pub(crate) type Answer = Result<Value, Refusal>;

/// The table that a question brings or names.
pub(crate) fn understood(question: &Value) -> Result<Understood, Refusal> {
    let table = match question["text"].as_str() {
        Some(text) => Table::read(text.as_bytes(), question["name"].as_str().unwrap_or("table"), None)?,
        None => preset(question)?,
    };
    if table.n_rows() > MOST_ROWS || table.columns().len() > MOST_COLUMNS {
        let (n_rows, n_columns) = (table.n_rows(), table.columns().len());
        let message = format!(
            "{} has {n_rows} rows and {n_columns} columns; this page takes {MOST_ROWS} rows and {MOST_COLUMNS} columns. The \
             command takes any size: glassnet train {}",
            table.name(),
            table.name()
        );
        let details = json!({ "too_large": {
            "table": table.name(), "n_rows": n_rows, "n_columns": n_columns,
            "most_rows": MOST_ROWS, "most_columns": MOST_COLUMNS,
        } });
        return Err(Refusal { code: "too_large", message, details });
    }
    let names = |key: &str| -> Vec<String> {
        let list = question[key].as_array().into_iter().flatten();
        list.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let last = table.columns().last().map(|column| column.name().to_owned());
    let options = SchemaOptions {
        targets: question["target"].as_str().map(str::to_owned).or(last).into_iter().collect(),
        task: match question["task"].as_str() {
            Some("regression") => Some(Task::Regression),
            Some("classification") => Some(Task::Classification),
            _ => None,
        },
        drop: names("drop"),
        number: names("number"),
        category: names("category"),
        ..SchemaOptions::default()
    };
    let infer = |decimal_comma| Schema::infer(&table, &SchemaOptions { decimal_comma, ..options.clone() });
    let schema = match infer(false) {
        Err(Error::Schema(SchemaError::DecimalComma(_))) if !has_comma_in_header(question) => infer(true)?,
        other => other?,
    };
    let table = schema.with_numbers(&table)?.into_owned();
    Ok(Understood { table, schema })
}

/// Where there is none, commas do not part the cells, and those in numbers stand before decimals.
fn has_comma_in_header(question: &Value) -> bool {
    question["text"].as_str().and_then(|text| text.lines().next()).is_some_and(|header| header.contains(','))
}

fn preset(question: &Value) -> Result<Table, Refusal> {
    let name = question["preset"].as_str().ok_or_else(|| missing("a table, or the name of one"))?;
    let count = |key: &str, otherwise: u64| question[key].as_u64().unwrap_or(otherwise);
    let columns = question["columns"].as_array().map_or_else(
        || vec!["x1".to_owned(), "x2".to_owned()],
        |list| list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
    );
    let cloud = Cloud {
        n_rows: (count("n_rows", 200) as usize).clamp(4, MOST_ROWS),
        noise: question["noise"].as_f64().unwrap_or(0.0).clamp(0.0, 1.0),
        seed: count("seed", 0),
        columns,
    };
    let text = presets::table(name, &cloud).ok_or_else(|| missing("no such table"))?;
    Ok(Table::read(text.as_bytes(), name, None)?)
}

/// The cells, amounts as the numbers that they are: `$1,234.50` as `1234.5`.
fn plain<'a>(column: &'a TextColumn, schema: &Schema) -> Vec<Cow<'a, str>> {
    let mut known = schema.columns.iter().filter(|known| known.name == column.name());
    if known.all(|known| known.kind != Kind::Number) {
        return column.cells().map(Cow::from).collect();
    }
    let amount = |cell: &str| parse_number(cell).filter(|_| cell.parse::<f64>().is_err());
    column.cells().map(|cell| amount(cell).map_or(cell.into(), |number| number.to_string().into())).collect()
}

impl Understood {
    /// Columns with kind and role, the cells, and what was noticed.
    pub(crate) fn json(&self) -> Value {
        let columns: Vec<Value> = self
            .schema
            .columns
            .iter()
            .map(|column| {
                json!({
                    "name": column.name, "kind": column.kind, "role": column.role, "levels": column.levels.len(),
                })
            })
            .collect();
        let cells: Vec<Vec<Cow<'_, str>>> =
            self.table.columns().iter().map(|column| plain(column, &self.schema)).collect();
        let notes: Vec<Value> = self.schema.notes().iter().map(|note| said(note, "note")).collect();
        json!({
            "name": self.table.name(), "n_rows": self.table.n_rows(), "columns": columns, "cells": cells,
            "notes": notes, "task": self.schema.task(), "target": self.schema.targets().next().map(|column| &column.name),
        })
    }
}
