//! The different values of a column of names, in order, and how to find a cell among them.

use crate::cell::{parse_boolean, parse_number};
use crate::error::{EncodeError, SchemaError};
use crate::number::trimmed;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::HashMap;

/// More classes than this are refused.
const MOST_CLASSES: usize = 1000;

/// The different values of a column, in strictly increasing order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    comparison: Comparison,
    names: Vec<String>,
}

/// How two cells are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// As text, trimmed.
    Text,
    /// As numbers: `3` and `3.0` are the same.
    Number,
    /// As truth values: `yes`, `Yes` and `true` are the same; false comes first.
    Boolean,
}

impl Comparison {
    fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            // + 0.0 makes −0 and 0 the same.
            Self::Number => match (parse_number(a), parse_number(b)) {
                (Some(a), Some(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
            Self::Boolean => parse_boolean(a).cmp(&parse_boolean(b)),
            Self::Text => a.trim().cmp(b.trim()),
        }
    }
}

/// A level and in how many cells it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelCount {
    /// The level, as first spelt.
    pub name: String,
    /// In how many cells.
    pub count: usize,
}

/// Counts cells that are not missing by their text.
#[derive(Debug, Clone, Default)]
pub(crate) struct LevelCounter {
    /// When each text came first, and how often it came.
    counts: HashMap<String, (usize, usize)>,
    n_cells: usize,
}

impl LevelCounter {
    /// The next cell.
    pub(crate) fn see(&mut self, cell: &str) {
        let (cell, order) = (trimmed(cell), self.n_cells);
        self.n_cells += 1;
        match self.counts.get_mut(cell) {
            Some((_, count)) => *count += 1,
            None => drop(self.counts.insert(cell.to_owned(), (order, 1))),
        }
    }

    /// How many different texts came.
    pub(crate) fn n_different(&self) -> usize {
        self.counts.len()
    }

    /// The different texts, in no order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.counts.keys().map(String::as_str)
    }

    /// The levels in increasing order: as truth values when all are (and `kind` asks for it), as numbers when all are, else
    /// as text.
    pub(crate) fn levels(&self, kind: LevelKind) -> (Comparison, Vec<LevelCount>) {
        let all = |parses: fn(&str) -> bool| self.counts.keys().all(|name| parses(name));
        let comparison = match kind {
            LevelKind::Boolean if all(|name| parse_boolean(name).is_some()) => Comparison::Boolean,
            _ if all(|name| parse_number(name).is_some()) => Comparison::Number,
            _ => Comparison::Text,
        };
        let mut levels: Vec<_> = self.counts.iter().collect();
        levels.sort_unstable_by(|(a, (first_a, _)), (b, (first_b, _))| {
            comparison.compare(a, b).then(first_a.cmp(first_b))
        });
        let mut merged: Vec<LevelCount> = Vec::with_capacity(levels.len());
        for (name, &(_, count)) in levels {
            match merged.last_mut() {
                Some(last) if comparison.compare(&last.name, name).is_eq() => last.count += count,
                _ => merged.push(LevelCount { name: name.clone(), count }),
            }
        }
        (comparison, merged)
    }
}

/// Whether words like yes and no are truth values or names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LevelKind {
    Boolean,
    Category,
}

impl Levels {
    /// From names in strictly increasing order.
    pub(crate) fn new(comparison: Comparison, names: Vec<String>) -> Self {
        Self { comparison, names }
    }

    /// The names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How a cell is compared with them.
    pub fn comparison(&self) -> Comparison {
        self.comparison
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The position of the level that the cell is; none when it is no level.
    pub fn find(&self, cell: &str) -> Option<usize> {
        let cell = match self.comparison {
            Comparison::Number => parse_number(cell).map(|_| cell),
            Comparison::Boolean => parse_boolean(cell).map(|_| cell),
            Comparison::Text => Some(cell),
        }?;
        self.names.binary_search_by(|name| self.comparison.compare(name, cell)).ok()
    }

    /// Refuses levels of `column` that are repeated, out of order, or not what they are compared as.
    ///
    /// # Errors
    /// [`EncodeError::Levels`].
    pub(crate) fn check(&self, column: &str) -> Result<(), EncodeError> {
        let increases = |pair: &[String]| self.comparison.compare(&pair[0], &pair[1]).is_lt();
        let unordered = self.names.windows(2).find(|pair| !increases(pair)).map(|pair| &pair[1]);
        let unreadable = self.names.iter().find(|name| match self.comparison {
            Comparison::Number => parse_number(name).is_none(),
            Comparison::Boolean => parse_boolean(name).is_none(),
            Comparison::Text => name.trim() != **name,
        });
        match unordered.or(unreadable) {
            Some(level) => Err(EncodeError::Levels { column: column.into(), level: level.clone() }),
            None => Ok(()),
        }
    }
}

/// Refuses a single class, more than 1,000, and (beyond two) more than half as many as there are rows.
pub(crate) fn check_classes(table: &str, column: &str, levels: &[LevelCount]) -> Result<(), SchemaError> {
    let (table, column) = (table.to_owned(), column.to_owned());
    let n_rows = levels.iter().map(|level| level.count).sum();
    match levels {
        [] => Err(SchemaError::NoLabelledRows { table, column }),
        [only] => Err(SchemaError::OneClass { table, column, value: only.name.clone() }),
        [_, _] => Ok(()),
        _ if levels.len() > MOST_CLASSES || 2 * levels.len() > n_rows => {
            Err(SchemaError::TooManyClasses { table, column, n_classes: levels.len(), n_rows })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(cells: &[&str], kind: LevelKind) -> (Vec<String>, Vec<usize>, Levels) {
        let mut counter = LevelCounter::default();
        for cell in cells {
            counter.see(cell);
        }
        let (comparison, counts) = counter.levels(kind);
        let names: Vec<String> = counts.iter().map(|level| level.name.clone()).collect();
        (names.clone(), counts.iter().map(|level| level.count).collect(), Levels::new(comparison, names))
    }

    #[test]
    fn numbers_are_ordered_and_found_as_numbers() {
        let (names, counts, levels) = levels(&["10", "9", "1e1", "-0", "0.0", " 9 "], LevelKind::Category);
        assert_eq!(names, ["-0", "9", "10"]);
        assert_eq!(counts, [2, 2, 2]);
        assert_eq!(
            ["0", "9.00", "10.0", "8", "x"].map(|cell| levels.find(cell)),
            [Some(0), Some(1), Some(2), None, None]
        );
        levels.check("c").unwrap();
    }

    #[test]
    fn one_word_makes_them_all_text() {
        let (names, _, levels) = levels(&["10", "9", "x", "9.0"], LevelKind::Category);
        assert_eq!(names, ["10", "9", "9.0", "x"]);
        assert_eq!(levels.find(" 9.0 "), Some(2));
        assert_eq!(levels.find("9.00"), None);
    }

    #[test]
    fn truth_values_only_on_demand() {
        let cells = ["yes", "No", "YES"];
        assert_eq!(levels(&cells, LevelKind::Category).0, ["No", "YES", "yes"]);
        let (names, counts, levels) = levels(&cells, LevelKind::Boolean);
        assert_eq!((names, counts), (vec!["No".to_owned(), "yes".to_owned()], vec![1, 2]));
        assert_eq!(["TRUE", "n", "0"].map(|cell| levels.find(cell)), [Some(1), Some(0), None]);
    }
}
