//! Rules on one Rust file.

use super::code::{code, code_without_tests, words};
use super::finding::Finding;
use crate::tree::File;
use std::path::Path;

const LONGEST: usize = 400;

/// Files that may be longer than [`LONGEST`] lines, each with its reason.
const LONG: [(&str, &str); 0] = [];

/// Crates that only compute: what they answer depends on their arguments alone.
const PURE: [&str; 4] = ["glassnet-kernels", "glassnet", "glassnet-draw", "glassnet-lessons"];

/// Every file opens with what it is for.
pub(crate) fn purpose(files: &[File]) -> Vec<Finding> {
    let silent = rust(files).filter(|(_, text)| !text.starts_with("//! "));
    silent.map(|(path, _)| Finding::new(path, 1, "open the file with a line `//! what it is for`")).collect()
}

/// No file is longer than one idea.
pub(crate) fn length(files: &[File]) -> Vec<Finding> {
    let finding = |(path, text): (&str, &str)| {
        let lines = text.lines().count();
        let allowed = LONG.iter().any(|(long, _)| *long == path);
        match (lines > LONGEST, allowed) {
            (true, false) => Some(format!(
                "{lines} lines, at most {LONGEST}; split it, or add it with its reason to LONG in {}",
                file!()
            )),
            (false, true) => {
                Some(format!("{lines} lines need no exception; remove it from LONG in {}", file!()))
            }
            _ => None,
        }
        .map(|message| Finding::new(path, lines, message))
    };
    rust(files).filter_map(finding).collect()
}

/// `unsafe` stands only in the kernels; clippy sees to it that each block has its `SAFETY:` comment.
pub(crate) fn unsafe_code(files: &[File]) -> Vec<Finding> {
    let message = "unsafe code belongs in glassnet-kernels; call a safe function from there";
    let elsewhere = rust(files).filter(|(path, _)| !path.starts_with("crates/glassnet-kernels/"));
    let lines = |(path, text)| {
        let code = code(text);
        let lines = (1..).zip(code.lines()).filter(|(_, line)| words(line).any(|word| word == "unsafe"));
        lines.map(|(line, _)| Finding::new(path, line, message)).collect::<Vec<_>>()
    };
    elsewhere.flat_map(lines).collect()
}

/// The pure crates neither reach the system nor print, outside their tests and examples.
///
/// Clippy's `disallowed-methods` would name each function of a module one by one, could not make an exception for
/// tests, and a `clippy.toml` per crate would replace the root's; here a module is one word.
pub(crate) fn purity(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in rust(files).filter(|(path, _)| is_pure(path)) {
        let code = code_without_tests(text);
        let found = standard_modules(&code).into_iter().chain(printing(&code));
        findings.extend(found.map(|(at, name)| {
            let line = 1 + code[..at].matches('\n').count();
            Finding::new(
                path,
                line,
                format!("a pure crate does without {name}; take a value, return a value"),
            )
        }));
    }
    findings
}

fn is_pure(path: &str) -> bool {
    PURE.iter().any(|name| {
        path.strip_prefix("crates/")
            .and_then(|path| path.strip_prefix(name))
            .is_some_and(|path| path.starts_with("/src/"))
    })
}

/// Where the code names a module of `std` that reaches the system: `std::fs` or `std::{…, fs, …}`.
fn standard_modules(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, path) in code.match_indices("std::") {
        let after = &code[at + path.len()..];
        let named: Vec<&str> = match after.strip_prefix('{') {
            Some(group) => words(&group[..group.find(';').unwrap_or(group.len())]).collect(),
            None => words(after).take(1).collect(),
        };
        let forbidden = ["env", "fs", "process", "time"];
        found.extend(
            forbidden.iter().filter(|name| named.contains(name)).map(|name| (at, format!("std::{name}"))),
        );
    }
    found
}

/// Where the code prints.
fn printing(code: &str) -> impl Iterator<Item = (usize, String)> {
    let macros = ["print!", "println!", "eprint!", "eprintln!"];
    macros.into_iter().flat_map(move |name| {
        let whole =
            move |&(at, _): &(usize, &str)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        code.match_indices(name).filter(whole).map(|(at, name)| (at, name.to_owned()))
    })
}

/// The path and text of every Rust file.
fn rust(files: &[File]) -> impl Iterator<Item = (&str, &str)> {
    let named = files.iter().filter(|file| Path::new(&file.path).extension().is_some_and(|end| end == "rs"));
    named.filter_map(|file| Some((file.path.as_str(), file.text()?)))
}

#[cfg(test)]
mod tests {
    use super::super::finding::places;
    use super::*;

    #[test]
    fn files_open_with_their_purpose() {
        let files = [("good.rs", "//! Good.\n"), ("bad.rs", "// Bad.\n"), ("other.py", "")];
        assert_eq!(places(purpose, &files), ["bad.rs:1"]);
    }

    #[test]
    fn long_files_are_found() {
        let text = "\n".repeat(LONGEST + 1);
        assert_eq!(places(length, &[("good.rs", &text[1..]), ("bad.rs", &text)]), ["bad.rs:401"]);
    }

    #[test]
    fn unsafe_stands_only_in_the_kernels() {
        let text = "// unsafe\n#![forbid(unsafe_code)]\nlet a = unsafe { b };\n";
        let files = [("crates/glassnet-kernels/src/lib.rs", text), ("crates/glassnet/src/lib.rs", text)];
        assert_eq!(places(unsafe_code, &files), ["crates/glassnet/src/lib.rs:3"]);
    }

    #[test]
    fn pure_crates_reach_nothing_outside() {
        let text = "// std::fs\nuse std::{\n    fmt,\n    time::Instant,\n};\nuse std::fs::File;\nlet a = env!(\"A\");\n\
                    eprintln!();\n#[cfg(test)]\nmod tests {\n    println!();\n}\n";
        let files = [
            ("crates/glassnet/src/a.rs", text),
            ("crates/glassnet/tests/a.rs", text),
            ("crates/glassnet-io/src/a.rs", text),
        ];
        let expected = [2, 6, 8].map(|line| format!("crates/glassnet/src/a.rs:{line}"));
        assert_eq!(places(purity, &files), expected);
    }
}
