//! Where in a table something stands, and which name was probably meant.

use std::fmt;

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The table's name, usually its file.
    pub table: String,
    /// The data row in the whole file; the first one below the header is 1.
    pub row: usize,
    /// The line of the file on which the cell starts; none where the source has no lines.
    pub line: Option<u64>,
    /// The column's name.
    pub column: String,
    /// The cell's text.
    pub value: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row {}", self.table, self.row)?;
        if let Some(line) = self.line {
            write!(f, " (line {line})")?;
        }
        write!(f, ", column {}, value {}", quoted(&self.column), quoted(&self.value))
    }
}

/// A number of things in words: `1 row`, `2 rows`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The longest text of a cell that is repeated or compared, in characters.
const LONGEST: usize = 60;

/// The text in back quotes, shortened, and without control characters that a terminal would obey.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).flat_map(shown_character).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn shown_character(character: char) -> impl Iterator<Item = char> {
    let escape = character.is_control().then(|| character.escape_debug());
    let plain = (!character.is_control()).then_some(character);
    escape.into_iter().flatten().chain(plain)
}

/// A name that is not among those that exist.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UnknownName {
    /// The name that was asked for.
    pub name: String,
    /// The name that was probably meant.
    pub nearest: Option<String>,
    /// Every name that exists.
    pub known: Vec<String>,
}

/// What a column is called that has no name, from 0.
pub(crate) fn unnamed(position: usize) -> String {
    format!("column_{}", position + 1)
}

/// How many names a message lists.
const LISTED: usize = 20;

impl UnknownName {
    /// Looks for the name that was probably meant: the fewest edits away, and not more than a third of its length.
    pub fn new<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
        let wanted: Vec<char> = name.trim().to_lowercase().chars().take(LONGEST).collect();
        let nearest = known
            .iter()
            .map(|candidate| (edit_distance(&wanted, &candidate.to_lowercase()), candidate))
            .min_by_key(|&(distance, _)| distance)
            .filter(|&(distance, candidate)| {
                distance <= wanted.len().max(candidate.chars().count()).div_ceil(3)
            })
            .map(|(_, candidate)| candidate.clone());
        Self { name: name.to_owned(), nearest, known }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.name))?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {}?", quoted(nearest))?,
            None => f.write_str(".")?,
        }
        let listed: Vec<String> = self.known.iter().take(LISTED).map(|name| quoted(name)).collect();
        write!(f, " There is: {}", listed.join(", "))?;
        match self.known.len().saturating_sub(LISTED) {
            0 => {}
            rest => write!(f, " and {rest} more")?,
        }
        let are_unnamed = self.known.iter().enumerate().all(|(i, name)| *name == unnamed(i));
        if are_unnamed && !self.known.is_empty() {
            f.write_str(". The first line looks like data: put a line of names above it")?;
        }
        Ok(())
    }
}

/// Insertions, deletions and replacements that turn one word into the other (Levenshtein 1966).
fn edit_distance(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (i, letter) in to.chars().take(LONGEST).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for j in 0..from.len() {
            let replaced = diagonal + usize::from(from[j] != letter);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[from.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        let distance = |from: &str, to| edit_distance(&from.chars().collect::<Vec<_>>(), to);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("flaw", "lawn"), 2);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn suggests_only_what_is_near() {
        let nearest = |name| UnknownName::new(name, ["species", "island", "sex"]).nearest;
        assert_eq!(nearest("Specie"), Some("species".into()));
        assert_eq!(nearest("iland"), Some("island".into()));
        assert_eq!(nearest("body_mass"), None);
    }

    #[test]
    fn lists_a_limited_number_of_names() {
        let names: Vec<String> = (0..10_000).map(|i| format!("pixel{i}")).collect();
        let message = UnknownName::new("target", names.iter().map(String::as_str)).to_string();
        assert!(message.ends_with("`pixel19` and 9980 more"), "{message}");
    }

    #[test]
    fn repeats_no_control_characters_and_no_novels() {
        let place = Place {
            table: "t.csv".into(),
            row: 2,
            line: Some(3),
            column: "note".into(),
            value: format!("\u{1b}[31m{}", "é".repeat(100)),
        };
        let message = place.to_string();
        assert!(
            message.starts_with("t.csv, row 2 (line 3), column `note`, value `\\u{1b}[31mé"),
            "{message}"
        );
        assert!(message.chars().count() < 120);
    }
}
