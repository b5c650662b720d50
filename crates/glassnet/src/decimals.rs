//! Numbers with a decimal comma to numbers with a point.

use crate::cell::{MissingMarks, parse_number};
use crate::error::Place;
use crate::number::{Amount, are_thousands};
use crate::table::{Table, TextColumn};
use std::borrow::Cow;
use std::collections::HashMap;

/// The table with `3.14` for each cell that says `3,14`, and `1234.5` for `1.234,5`; what stands for a missing value and columns
/// without such a cell stay as they are.
pub(crate) fn with_points<'a>(table: &'a Table, missing: &MissingMarks) -> Cow<'a, Table> {
    let with_point = |cell: &str| with_point(cell).filter(|_| !missing.contains(cell));
    let of_column = |column: &TextColumn| {
        let mut replaced = TextColumn::new(column.name());
        for cell in column.cells() {
            replaced.push(with_point(cell).as_deref().unwrap_or(cell));
        }
        replaced
    };
    let commas = |(position, column): (usize, &TextColumn)| {
        column.cells().any(|cell| with_point(cell).is_some()).then(|| (position, vec![of_column(column)]))
    };
    let replaced: HashMap<usize, Vec<TextColumn>> =
        table.columns().iter().enumerate().filter_map(commas).collect();
    if replaced.is_empty() {
        return Cow::Borrowed(table);
    }
    Cow::Owned(table.replacing(replaced).expect("columns of the same names"))
}

/// A number with a comma before its decimals and perhaps points between its thousands, as others write it. Its unit stays.
pub(crate) fn with_point(cell: &str) -> Option<String> {
    let (whole, decimals) = Amount::of(cell.trim())?.digits.split_once(',')?;
    if whole.contains('.') && !are_thousands(whole, '.') {
        return None;
    }
    let digits = format!("{}.{decimals}", whole.replace('.', ""));
    let number = cell.replace(&format!("{whole},{decimals}"), &digits);
    parse_number(&number).map(|_| number)
}

/// The first number of a column that has a point: where commas stand before decimals, it may stand between thousands.
pub(crate) fn first_point(table: &Table, position: usize, missing: &MissingMarks) -> Option<Box<Place>> {
    let has_point =
        |cell: &str| cell.contains('.') && parse_number(cell).is_some() && !missing.contains(cell);
    let row = table.columns()[position].cells().position(has_point)?;
    Some(table.place(row, position))
}

#[cfg(test)]
mod tests {
    use super::with_point;

    #[test]
    fn decimal_commas_are_told_from_lists() {
        for (cell, number) in [
            ("3,14", "3.14"),
            ("-0,5", "-0.5"),
            (",5", ".5"),
            ("1,5e3", "1.5e3"),
            ("1.000,5", "1000.5"),
            ("-1.234.567,5 €", "-1234567.5 €"),
            ("12,5%", "12.5%"),
        ] {
            assert_eq!(with_point(cell).as_deref(), Some(number), "{cell}");
        }
        for cell in ["3.14", "1,2,3", "a,b", ",", "1.0000,5", ".123,4", "1,5 kg", "1,234,567"] {
            assert_eq!(with_point(cell), None, "{cell}");
        }
    }
}
