//! What the text of one cell means: a number, a truth value, a date, or nothing.

pub use crate::number::parse_number;
use crate::number::trimmed;
use crate::table::TextColumn;
use serde::{Deserialize, Serialize};

/// The texts that stand for a missing value; trimmed, in upper or lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MissingMarks(pub Vec<String>);

impl Default for MissingMarks {
    /// The empty cell, NA, NaN, ? and null.
    fn default() -> Self {
        Self(["", "NA", "NaN", "?", "null"].map(str::to_owned).into())
    }
}

impl MissingMarks {
    /// Whether the cell is empty or one of the marks.
    pub fn contains(&self, cell: &str) -> bool {
        let cell = trimmed(cell);
        // Most cells differ from every mark in length already.
        let is_mark = |mark: &String| mark.len() >= cell.len() && trimmed(mark).eq_ignore_ascii_case(cell);
        cell.is_empty() || self.0.iter().any(is_mark)
    }

    /// The rows in whose cells of these columns there is none of the marks, in order; none of no columns.
    pub fn present_rows(&self, columns: &[&TextColumn]) -> Vec<usize> {
        let Some((first, others)) = columns.split_first() else { return Vec::new() };
        let is_present = |row: usize| others.iter().all(|column| !self.contains(column.cell(row)));
        let rows = first.cells().enumerate().filter(|(_, cell)| !self.contains(cell)).map(|(row, _)| row);
        rows.filter(|&row| is_present(row)).collect()
    }
}

/// The pairs of words that make a column of truth values, false first.
pub const BOOLEAN_PAIRS: [[&str; 2]; 4] = [["false", "true"], ["no", "yes"], ["n", "y"], ["f", "t"]];

/// The truth value that the cell states by a word of any known pair: true/false, yes/no, y/n, t/f.
pub fn parse_boolean(cell: &str) -> Option<bool> {
    BOOLEAN_PAIRS.iter().find_map(|pair| parse_boolean_of(pair, cell))
}

pub(crate) fn parse_boolean_of(pair: &[&str; 2], cell: &str) -> Option<bool> {
    let cell = cell.trim();
    pair.iter().position(|word| word.eq_ignore_ascii_case(cell)).map(|position| position == 1)
}

/// Whether the cell is a date such as 2026-11-23, 23.11.2026 or 11/23/26, perhaps with a time behind it, or a time such as
/// 08:15 or 23:59:30.
pub(crate) fn is_date(cell: &str) -> bool {
    let cell = cell.trim();
    let date = cell.split(['T', ' ']).next().unwrap_or(cell);
    is_day(date) || is_time(cell)
}

fn is_time(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(':').collect();
    let is_below = |part: &str, end: u32| {
        (1..=2).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|number: u32| number < end)
    };
    matches!(parts.len(), 2 | 3)
        && is_below(parts[0], 24)
        && parts[1..].iter().all(|part| part.len() == 2 && is_below(part, 60))
}

fn is_day(date: &str) -> bool {
    ['-', '/', '.'].into_iter().any(|separator| {
        let parts: Option<Vec<(usize, u32)>> = date
            .split(separator)
            .map(|part| {
                let digits = part.bytes().all(|byte| byte.is_ascii_digit());
                Some((part.len(), part.parse().ok().filter(|_| digits)?))
            })
            .collect();
        match parts.as_deref() {
            Some(&[(4, _), (1 | 2, a), (1 | 2, b)] | &[(1 | 2, a), (1 | 2, b), (2 | 4, _)]) => {
                (1..=31).contains(&a.max(b)) && (1..=12).contains(&a.min(b))
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_trimmed_and_of_any_case() {
        let marks = MissingMarks::default();
        for cell in ["", "  ", "na", " NaN ", "?", "NULL"] {
            assert!(marks.contains(cell), "{cell:?}");
        }
        for cell in ["0", "none", "n/a", "??", "-"] {
            assert!(!marks.contains(cell), "{cell:?}");
        }
        let own = MissingMarks(vec!["-".into()]);
        assert!(own.contains("-") && own.contains(" ") && !own.contains("NA"));
    }

    #[test]
    fn words_of_any_pair_are_truth_values() {
        assert_eq!(["TRUE", "y", " Yes", "T"].map(parse_boolean), [Some(true); 4]);
        assert_eq!(["False", "N", "no ", "f"].map(parse_boolean), [Some(false); 4]);
        assert_eq!(["1", "0", "on", ""].map(parse_boolean), [None; 4]);
    }

    #[test]
    fn dates_and_times_are_told_from_names() {
        let dates = ["2026-11-23", "23.11.2026", " 11/23/26", "2026-1-2T08:15:00", "2026-01-02 8:15"];
        assert!(dates.into_iter().chain(["08:15", "8:15", "23:59:30"]).all(is_date));
        let names = ["1-2-3", "2026-13-40", "1.5", "24:00", "8:5", "a:15", "16:9:4:3", "12:34:99", "", ":"];
        assert!(!names.into_iter().any(is_date));
    }
}
