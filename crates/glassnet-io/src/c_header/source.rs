//! C as text: names, constants, comments.

use std::collections::HashSet;
use std::fmt::Write;

/// C11's keywords, and what the headers that are included define in lower case.
const RESERVED: &str = " auto break case char const continue default do double else enum extern float for goto if inline int \
    long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while ";
/// Numbers on a line.
const ON_A_LINE: usize = 8;

/// The name with what C allows in names alone, and not yet taken.
pub(super) fn identifier(name: &str, taken: &mut HashSet<String>) -> String {
    let allowed = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    let mut found: String = name.chars().map(allowed).collect();
    if !found.starts_with(|first: char| first.is_ascii_alphabetic()) {
        found.insert(0, 'c');
    }
    if RESERVED.contains(&format!(" {found} ")) {
        found.push('_');
    }
    while !taken.insert(found.clone()) {
        found.push('_');
    }
    found
}

/// A text as C spells it; bytes that are not printable ASCII by their octal number.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | b'?' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => write!(quoted, "\\{byte:03o}").expect("a String takes everything"),
        }
    }
    quoted + "\""
}

/// A text within a comment: nothing ends it, continues its line, or begins another.
pub(super) fn commented(text: &str) -> String {
    let harmless = |character: char| !character.is_control() && !matches!(character, '\\' | '?');
    let text: String = text.chars().map(|c| if harmless(c) { c } else { '_' }).collect();
    text.replace("*/", "*_").replace("/*", "_*")
}

/// A number of 32 bits.
pub(super) fn single(value: f32) -> String {
    format!("{value:?}f")
}

/// A number of 64 bits.
pub(super) fn double(value: f64) -> String {
    format!("{value:?}")
}

/// A constant array; the name of it.
pub(super) fn array<T>(
    text: &mut String,
    kind: &str,
    name: String,
    values: &[T],
    spelt: impl Fn(&T) -> String,
) -> String {
    let spelt: Vec<String> = values.iter().map(spelt).collect();
    let lines: Vec<String> = spelt.chunks(ON_A_LINE).map(|line| format!("    {}", line.join(", "))).collect();
    write!(text, "static const {kind}{name}[{}] = {{\n{}\n}};\n", values.len(), lines.join(",\n"))
        .expect("a String takes everything");
    name
}
