//! JSON to tables: one object a row, each on a line of its own or in an array.

use crate::error::{Error, Result};
use glassnet::table::{Table, TextColumn};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::BufRead;

/// Reads a whole table. Columns come in the order in which their keys appear; absent keys and null are empty cells.
///
/// Numbers keep their text.
pub(crate) fn read(mut input: impl BufRead, name: &str) -> Result<Table> {
    let mut rows = Growing::default();
    let mut lines = Vec::new();
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        let n_bytes = input
            .read_until(b'\n', &mut bytes)
            .map_err(|source| Error::Read { path: name.into(), source })?;
        if n_bytes == 0 {
            break;
        }
        line += 1;
        let text = if line == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes) } else { &bytes };
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        rows.push(text).map_err(|reason| Error::Line { table: name.into(), line, reason })?;
        lines.push(line);
    }
    if rows.columns.is_empty() {
        let table = name.into();
        return Err(Error::Table { table, reason: "its objects have no keys: each key is a column".into() });
    }
    Ok(Table::from_columns(name, rows.columns)?.with_lines(lines))
}

/// Reads an array of objects, or a single object, as a table.
pub(crate) fn read_array(json: &[u8], name: &str) -> Result<Table> {
    let wrong = |reason: String| Error::Table { table: name.into(), reason };
    let of_json = |error: serde_json::Error| {
        wrong(format!(
            "it is not JSON: {error}. Write an object, or an array of objects, with a key for each column"
        ))
    };
    let is_array = json.trim_ascii_start().first() == Some(&b'[');
    let objects: Vec<&RawValue> = if is_array {
        serde_json::from_slice(json).map_err(of_json)?
    } else {
        vec![serde_json::from_slice(json).map_err(of_json)?]
    };
    let mut rows = Growing::default();
    for (row, object) in objects.into_iter().enumerate() {
        rows.push(object.get().as_bytes()).map_err(|reason| wrong(format!("row {}: {reason}", row + 1)))?;
    }
    if rows.columns.is_empty() {
        return Err(wrong("it has no rows, or none with keys: each key is a column".into()));
    }
    Ok(Table::from_columns(name, rows.columns)?)
}

/// The rows so far.
#[derive(Default)]
struct Growing {
    columns: Vec<TextColumn>,
    positions: HashMap<String, usize>,
    n_rows: usize,
    /// What is wrong with the current row, if its JSON is right.
    problem: Option<String>,
}

/// A key or a text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Growing {
    fn push(&mut self, line: &[u8]) -> std::result::Result<(), String> {
        let text = std::str::from_utf8(line).map_err(|_| "not text in UTF-8. Save the file as UTF-8")?;
        let mut json = serde_json::Deserializer::from_str(text);
        let read = self.deserialize(&mut json).and_then(|()| json.end());
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        read.map_err(|error| {
            format!(
                "not one JSON object: {error}. Write each row as an object with a key for each column, in a file on a line of its \
                 own: `jq -c .`"
            )
        })?;
        self.n_rows += 1;
        for column in &mut self.columns {
            column.fill(self.n_rows);
        }
        Ok(())
    }

    /// The position of the column of that key, which is likely to be the one expected.
    fn position(&mut self, key: &str, expected: usize) -> usize {
        if self.columns.get(expected).is_some_and(|column| column.name() == key) {
            return expected;
        }
        if let Some(&position) = self.positions.get(key) {
            return position;
        }
        let mut column = TextColumn::new(key);
        column.fill(self.n_rows);
        self.columns.push(column);
        self.positions.insert(key.to_owned(), self.columns.len() - 1);
        self.columns.len() - 1
    }

    fn cell(&mut self, position: usize, value: &RawValue) -> std::result::Result<(), String> {
        let column = &mut self.columns[position];
        let wrong = |reason: &str| Err(format!("key `{}`: {reason}", column.name()));
        if column.n_cells() > self.n_rows {
            return wrong("it stands twice in the object. Remove one of them");
        }
        let json = value.get();
        match json.as_bytes().first() {
            Some(b'{') => {
                wrong("an object. Write each of its values under a key of its own: `jq -c '. + .KEY'`")
            }
            Some(b'[') => wrong("an array. Write each of its values under a key of its own"),
            Some(b'n') => {
                column.push("");
                Ok(())
            }
            Some(b'"') => match serde_json::from_str(json) {
                Ok(Text(text)) => {
                    column.push(&text);
                    Ok(())
                }
                Err(error) => wrong(&error.to_string()),
            },
            _ => {
                column.push(json);
                Ok(())
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Growing {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Growing {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut object: M) -> std::result::Result<(), M::Error> {
        let mut expected = 0;
        while let Some(Text(key)) = object.next_key()? {
            let position = self.position(&key, expected);
            expected = position + 1;
            if let Err(problem) = self.cell(position, object.next_value()?) {
                self.problem = Some(problem);
                return Err(serde::de::Error::custom("no cell"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<String> {
        let table = read(text.as_bytes(), "t.jsonl").unwrap();
        let column = |column: &TextColumn| {
            std::iter::once(column.name()).chain(column.cells()).collect::<Vec<_>>().join("|")
        };
        table.columns().iter().map(column).collect()
    }

    #[test]
    fn keys_are_columns() {
        let text =
            "\u{feff}{\"a\": 1.50, \"b\": \"x\\u00e9\"}\r\n\n{\"c\": true, \"a\": null}\n{\"b\": -1e5}";
        assert_eq!(cells(text), ["a|1.50||", "b|xé||-1e5", "c||true|"]);
        assert_eq!(cells("{}\n{\"a\": 9007199254740993}\n"), ["a||9007199254740993"]);
    }

    #[test]
    fn lines_are_true() {
        let table = read("\n{\"a\": 1}\n\n{\"a\": 2}\n".as_bytes(), "t").unwrap();
        assert_eq!(table.place(1, 0).line, Some(4));
    }

    #[test]
    fn other_values_are_refused() {
        let wrong = |text: &str| read(text.as_bytes(), "t").unwrap_err().to_string();
        assert!(wrong("{\"a\": 1}\n{\"a\": {\"b\": 1}}").starts_with("t, line 2: key `a`: an object."));
        assert!(wrong("{\"a\": [1]}").contains("key `a`: an array."));
        assert!(wrong("{\"a\": 1, \"a\": 2}").contains("twice"));
        assert!(wrong("{\"a\": 1} {\"a\": 1}").contains("trailing characters"));
        assert!(wrong("{\"a\": 1").contains("t, line 1: not one JSON object: EOF"));
        assert!(wrong("[1]").contains("expected an object"));
        assert!(wrong("{}\n{}").contains("no keys"));
    }
}
