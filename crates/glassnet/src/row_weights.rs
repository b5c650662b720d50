//! How much each row of a table counts in the loss: the numbers of one of its columns.

use crate::cell::parse_number;
use crate::dataset::Dataset;
use crate::error::{EncodeError, Result, SchemaError};
use crate::schema::Schema;
use crate::table::Table;

/// The largest weight: sums of them stay finite.
const MOST: f64 = 1e38;

/// The weight of each of these rows as the table has it; none where all count alike.
///
/// # Errors
/// [`SchemaError::UnknownColumn`] where the table lacks the column, [`EncodeError::NotAWeight`].
pub(crate) fn row_weights(schema: &Schema, table: &Table, rows: &[usize]) -> Result<Option<Vec<f64>>> {
    let Some(column) = schema.row_weight() else { return Ok(None) };
    let position = table
        .position(&column.name)
        .map_err(|unknown| SchemaError::UnknownColumn { table: table.name().into(), unknown })?;
    let cells = &table.columns()[position];
    let weight = |&row: &usize| {
        let weight = parse_number(cells.cell(row)).filter(|weight| (0.0..=MOST).contains(weight));
        weight.ok_or_else(|| EncodeError::NotAWeight(table.place(row, position)).into())
    };
    rows.iter().map(weight).collect::<Result<_>>().map(Some)
}

/// Lets the rows count by their weights, where there are any, scaled to a mean of 1.
///
/// # Errors
/// As [`row_weights`], and where no row counts.
pub(crate) fn weighted(
    dataset: Dataset<f32>,
    schema: &Schema,
    table: &Table,
    rows: &[usize],
) -> Result<Dataset<f32>> {
    match row_weights(schema, table, rows)? {
        Some(weights) => dataset.with_sample_weights(&weights),
        None => Ok(dataset),
    }
}
