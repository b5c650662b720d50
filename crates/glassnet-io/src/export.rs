//! A model for programs that know nothing of glassnet: a file, what it takes and what it gives.

use glassnet::cell::{BOOLEAN_PAIRS, MissingMarks, parse_boolean, parse_number};
use glassnet::encoder::{EncodedColumn, Encoding};
use glassnet::levels::{Comparison, Levels};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What it takes, in the order of the training table's columns.
    pub takes: Vec<Taken>,
    /// The names of what it gives.
    pub gives: Vec<String>,
}

/// What an exported model takes of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The column.
    pub column: String,
    /// What it is called in the file.
    pub name: String,
    /// Whether it is a number, else a text.
    pub is_number: bool,
}

/// Whether a column comes as numbers rather than as texts.
pub(crate) fn is_number(column: &EncodedColumn) -> bool {
    match &column.encoding {
        Encoding::Number(_) | Encoding::RobustNumber { .. } => true,
        Encoding::Boolean => false,
        Encoding::Category { levels, .. }
        | Encoding::TwoLevels { levels, .. }
        | Encoding::OneHot { levels, .. }
        | Encoding::Code { levels } => levels.comparison() == Comparison::Number,
    }
}

/// How the level of a cell is told.
pub(crate) enum Told {
    /// It is the one of these numbers.
    Numbers(Vec<f64>),
    /// By these texts, each with its level.
    Texts(Vec<(String, usize)>),
}

/// How a level is told. Truth values are known in their common spellings.
pub(crate) fn told(levels: &Levels) -> Told {
    let names = levels.names();
    match levels.comparison() {
        Comparison::Number => {
            Told::Numbers(names.iter().map(|name| parse_number(name).unwrap_or(f64::NAN)).collect())
        }
        Comparison::Text => {
            Told::Texts(names.iter().enumerate().map(|(level, name)| (name.clone(), level)).collect())
        }
        Comparison::Boolean => {
            let level = |truth| names.iter().position(|name| parse_boolean(name) == Some(truth == 1));
            let words = truths().into_iter();
            Told::Texts(words.filter_map(|(word, truth)| Some((word, level(truth)?))).collect())
        }
    }
}

/// The words for truth values as they are commonly spelt, those for false with 0 and those for true with 1.
pub(crate) fn truths() -> Vec<(String, usize)> {
    let words = BOOLEAN_PAIRS.into_iter().flat_map(|pair| pair.into_iter().zip([0, 1]));
    words.flat_map(|(word, truth)| spellings(word).into_iter().map(move |word| (word, truth))).collect()
}

/// The numbers that stand for a missing cell, such as −999.
pub(crate) fn missing_numbers(marks: &MissingMarks) -> Vec<f64> {
    marks.0.iter().filter_map(|mark| parse_number(mark)).collect()
}

/// The texts of missing cells.
pub(crate) fn missing_texts(marks: &MissingMarks) -> Vec<String> {
    let mut texts: Vec<String> = marks.0.iter().flat_map(|mark| spellings(mark.trim())).collect();
    texts.push(String::new());
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// As it is, in lower case, in upper case, and with a capital.
fn spellings(word: &str) -> Vec<String> {
    let (lower, upper) = (word.to_ascii_lowercase(), word.to_ascii_uppercase());
    let capital = upper.chars().take(1).chain(lower.chars().skip(1)).collect();
    let mut all = vec![word.to_owned(), lower, upper, capital];
    all.sort_unstable();
    all.dedup();
    all
}
