//! C as text: names, constants, comments.

use std::collections::HashSet;
use std::fmt::Write;

/// Keywords of C and of C++, which reads the headers as well, and what compilers and the headers that are included define as macros.
const RESERVED: &str = " alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const \
    consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast \
    else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq \
    nullptr operator or or_eq private protected public register reinterpret_cast requires restrict return short signed sizeof \
    static static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename union \
    unsigned using virtual void volatile wchar_t while xor xor_eq linux unix i386 HUGE HUGE_VAL HUGE_VALF HUGE_VALL INFINITY \
    MAXFLOAT NAN NULL ";
/// What names of macros of `math.h` begin with.
const MACROS: [&str; 3] = ["FP_", "M_", "MATH_"];
/// Numbers on a line.
const ON_A_LINE: usize = 8;

/// The name with what C allows in names alone, and not yet taken.
pub(super) fn identifier(name: &str, taken: &mut HashSet<String>) -> String {
    let allowed = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    let mut found: String = name.chars().map(allowed).collect();
    if !found.starts_with(|first: char| first.is_ascii_alphabetic()) {
        found.insert(0, 'c');
    }
    if RESERVED.contains(&format!(" {found} ")) || MACROS.iter().any(|start| found.starts_with(start)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_allowed_and_apart() {
        let mut taken = HashSet::new();
        let names = ["a b", "a-b", "2nd", "class", "class_", "NAN", "M_PI", "unix", "", "größe", "_x"];
        let found = names.map(|name| identifier(name, &mut taken));
        let expected =
            ["a_b", "a_b_", "c2nd", "class_", "class__", "NAN_", "M_PI_", "unix_", "c", "gr__e", "c_x"];
        assert_eq!(found, expected);
    }

    #[test]
    fn texts_end_neither_strings_nor_comments() {
        assert_eq!(quoted("a\"b\\n??/\u{e9}\n1"), r#""a\"b\\n\?\?/\303\251\0121""#);
        assert_eq!(commented("a */ int x; /* \\\n?"), "a *_ int x; _* ___");
    }
}
