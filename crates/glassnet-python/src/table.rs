//! Columns from Python, or files, to a table.

use crate::failure::{Result, of_file, of_library, of_value};
use glassnet::cell::MissingMarks;
use glassnet::dates::Dates;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::TextColumn;
use glassnet_io::source::{self, Files};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use serde_json::Value;
use std::path::PathBuf;

/// Named columns of text.
#[pyclass(module = "glassnet._glassnet", frozen)]
#[derive(Debug)]
pub(crate) struct Table(pub(crate) glassnet::table::Table);

#[pymethods]
impl Table {
    /// Files in any format that the command reads; several are one table. Text is in UTF-8, unless an encoding is named.
    #[staticmethod]
    #[pyo3(signature = (paths, encoding = None))]
    fn read(py: Python<'_>, paths: Vec<PathBuf>, encoding: Option<&str>) -> Result<Self> {
        if paths.is_empty() {
            return Err(of_value("no file was given"));
        }
        let encoding = encoding
            .map(|name| name.parse().map_err(|reason| of_value(format!("encoding {name:?}: {reason}"))))
            .transpose()?;
        py.detach(|| source::read_table(&Files { paths, encoding })).map(Self).map_err(of_file)
    }

    /// Columns of numbers (arrays of float64; not a number is missing) or of texts (lists; None is missing).
    #[staticmethod]
    fn from_columns(name: &str, columns: Vec<(String, Bound<'_, PyAny>)>) -> Result<Self> {
        let mut n_rows = None;
        let column = |(name, values): (String, Bound<'_, PyAny>)| {
            let column = text_column(&name, &values)?;
            let (n_cells, expected) = (column.n_cells(), *n_rows.get_or_insert(column.n_cells()));
            if n_cells != expected {
                return Err(of_value(format!(
                    "column `{name}` has {n_cells} cells, and those before it {expected}: give columns of the same length"
                )));
            }
            Ok(column)
        };
        let columns = columns.into_iter().map(column).collect::<Result<_>>()?;
        glassnet::table::Table::from_columns(name, columns).map(Self).map_err(of_library)
    }

    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    #[getter]
    fn n_rows(&self) -> usize {
        self.0.n_rows()
    }

    #[getter]
    fn column_names(&self) -> Vec<&str> {
        self.0.column_names().collect()
    }

    /// The texts of a column's cells, as read.
    fn cells(&self, column: &str) -> Result<Vec<&str>> {
        let position = self.0.position(column).map_err(of_value)?;
        Ok(self.0.columns()[position].cells().collect())
    }

    /// The columns as understood, as JSON.
    fn schema(&self, options: &str) -> Result<String> {
        let options = schema_options(&read_json(options)?)?;
        Ok(Schema::infer(&self.0, &options).map_err(of_library)?.to_json())
    }

    /// What was noticed about columns that a schema's JSON describes.
    #[staticmethod]
    fn notes(schema: &str) -> Result<Vec<String>> {
        let schema = Schema::from_json(schema, "the schema").map_err(of_library)?;
        Ok(schema.notes().iter().map(ToString::to_string).collect())
    }
}

fn text_column(name: &str, values: &Bound<'_, PyAny>) -> Result<TextColumn> {
    let mut column = TextColumn::new(name);
    if let Ok(numbers) = values.extract::<PyReadonlyArray1<'_, f64>>() {
        for number in numbers.as_array() {
            column.push_written(|text| push_number(text, *number));
        }
    } else {
        for cell in values.try_iter()? {
            column.push(cell?.extract::<Option<String>>()?.as_deref().unwrap_or_default());
        }
    }
    Ok(column)
}

/// The shortest text that is read as the same number again.
fn push_number(text: &mut String, number: f64) {
    use std::fmt::Write as _;
    let is_plain = number == 0.0 || (1e-5..1e16).contains(&number.abs()) || number.is_infinite();
    let written = match number {
        _ if number.is_nan() => Ok(()),
        _ if is_plain => write!(text, "{number}"),
        _ => write!(text, "{number:e}"),
    };
    written.expect("memory takes all");
}

/// What the package's Python wrote.
pub(crate) fn read_json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(of_value)
}

/// What the caller knows of the columns: `{targets, task, row_weight, drop, category, number, missing, decimal_comma, dates}`.
pub(crate) fn schema_options(options: &Value) -> Result<SchemaOptions> {
    let names = |key: &str| -> Vec<String> {
        let list = options[key].as_array().into_iter().flatten();
        list.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let one_of = |key: &str, known: &str| of_value(format!("{key} = {}: there is {known}", options[key]));
    Ok(SchemaOptions {
        targets: names("targets"),
        task: match options["task"].as_str() {
            None => None,
            Some("classification") => Some(Task::Classification),
            Some("regression") => Some(Task::Regression),
            Some(_) => return Err(one_of("task", "classification, regression")),
        },
        row_weight: options["row_weight"].as_str().map(str::to_owned),
        drop: names("drop"),
        category: names("category"),
        number: names("number"),
        missing: if options["missing"].is_null() {
            MissingMarks::default()
        } else {
            MissingMarks(names("missing"))
        },
        decimal_comma: options["decimal_comma"].as_bool().unwrap_or(false),
        dates: match options["dates"].as_str() {
            None => Dates::Refused,
            Some("auto") => Dates::Numbers,
            Some("day-first" | "day_first") => Dates::DayFirst,
            Some("month-first" | "month_first") => Dates::MonthFirst,
            Some(_) => return Err(one_of("dates", "auto, day-first, month-first")),
        },
    })
}
