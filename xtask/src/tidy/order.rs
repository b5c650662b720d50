//! What may import what: only what stands above it, so that the whole can be read from top to bottom.

use super::code::{code_without_tests, words};
use super::finding::Finding;
use super::manifest;
use crate::tree::File;

/// The crates in reading order; those on one shelf do not know each other.
const SHELVES: [&[&str]; 6] = [
    &["glassnet-kernels"],
    &["glassnet"],
    &["glassnet-io", "glassnet-draw"],
    &["glassnet-lessons"],
    &["glassnet-web"],
    &["glassnet-cli", "glassnet-bench", "glassnet-python"],
];

/// A module imports only modules that its crate's `lib.rs` or `main.rs` names above it.
pub(crate) fn modules(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for root in
        files.iter().filter(|file| file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs"))
    {
        let folder = &root.path[..root.path.rfind('/').map_or(0, |slash| slash + 1)];
        let code = code_without_tests(root.text().unwrap_or_default());
        let order: Vec<&str> = code.lines().filter_map(declared_module).collect();
        for file in files.iter().filter(|file| file.path.starts_with(folder)) {
            let inside = file.path[folder.len()..].trim_end_matches(".rs");
            let module = inside.split('/').next().unwrap_or_default();
            let Some(place) = order.iter().position(|name| *name == module) else { continue };
            // In a file of a folder, `super` is the folder's own module.
            let roots: &[&str] = if inside.contains('/') { &["crate"] } else { &["crate", "super"] };
            for (line, name) in imports(&code_without_tests(file.text().unwrap_or_default()), roots) {
                if order[place + 1..].contains(&name.as_str()) {
                    let message = format!(
                        "`{module}` imports `{name}`, which {} names below it; move one of them, or what they share up",
                        root.path
                    );
                    findings.push(Finding::new(&file.path, line, message));
                }
            }
        }
    }
    findings
}

/// A crate depends only on crates of earlier shelves.
pub(crate) fn crates(files: &[File]) -> Vec<Finding> {
    let shelf = |name: &str| SHELVES.iter().position(|shelf| shelf.contains(&name));
    let mut findings = Vec::new();
    for manifest in manifest::members(files) {
        let Some(name) =
            manifest.path.strip_prefix("crates/").and_then(|path| path.strip_suffix("/Cargo.toml"))
        else {
            continue;
        };
        let Some(own) = shelf(name) else {
            let message = format!("{name} has no place among the crates; add it to SHELVES in {}", file!());
            findings.push(Finding::new(&manifest.path, 1, message));
            continue;
        };
        for (line, dependency) in manifest::dependencies(manifest) {
            if shelf(dependency).is_some_and(|other| other >= own) {
                let message = format!(
                    "{name} comes before {dependency} or beside it; move what it needs to an earlier crate"
                );
                findings.push(Finding::new(&manifest.path, line, message));
            }
        }
    }
    findings
}

/// `a` of a line `pub(crate) mod a;`.
fn declared_module(line: &str) -> Option<&str> {
    let (before, name) = line.split_once("mod ")?;
    let is_declaration = before.is_empty() || before.starts_with("pub") && before.ends_with(' ');
    name.trim_end().strip_suffix(';').filter(|_| is_declaration)
}

/// The line and first name of every path from one of `roots`, as in `crate::a::b` or `crate::{a::b, c}`.
fn imports(code: &str, roots: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in roots.iter().flat_map(|root| code.match_indices(root)) {
        let line = 1 + code[..at].matches('\n').count();
        let Some((_, path)) = code[at..].split_once("::").filter(|(root, _)| roots.contains(root)) else {
            continue;
        };
        match path.strip_prefix('{') {
            Some(group) => found.extend(first_names(group).into_iter().map(|name| (line, name))),
            None => found.extend(words(path).next().map(|name| (line, name.to_owned()))),
        }
    }
    found
}

/// `a` and `d` of the group `a::{b, c}, d}`: the names that no inner brace holds.
fn first_names(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ if depth == 0 => names.push(c),
            _ => {}
        }
    }
    names.split(',').filter_map(|path| words(path).next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::places;
    use super::*;

    const ROOT: (&str, &str) =
        ("a/src/lib.rs", "//! A.\npub mod first; // 1\nmod second; // 2\npub(crate) mod third;\n");

    #[test]
    fn modules_import_upward() {
        let files = [ROOT, ("a/src/third.rs", "use crate::{first::{A, B}, second};\nuse super::first;\n")];
        assert!(places(modules, &files).is_empty());
    }

    #[test]
    fn modules_do_not_import_downward() {
        let first = (
            "a/src/first.rs",
            "use crate::{\n    B::{C}, D::{E, second}, third,\n};\nfn f() {\n    crate::second::g();\n}\n",
        );
        let second = (
            "a/src/second.rs",
            "use super::third::A;\n#[cfg(test)]\nmod tests {\n    use crate::third;\n}\n",
        );
        let inner = ("a/src/second/inner.rs", "use super::third; // second's own\nuse crate::third::B;\n");
        let found = places(modules, &[ROOT, first, second, inner]);
        assert_eq!(
            found,
            ["a/src/first.rs:1", "a/src/first.rs:5", "a/src/second.rs:1", "a/src/second/inner.rs:2"]
        );
    }

    #[test]
    fn crates_depend_on_earlier_shelves() {
        let files = [
            (
                "crates/glassnet-io/Cargo.toml",
                "[dependencies]\nglassnet.workspace = true\nglassnet-draw.workspace = true\n",
            ),
            (
                "crates/glassnet/Cargo.toml",
                "[dev-dependencies]\ncsv.workspace = true\nglassnet-cli.workspace = true\n",
            ),
            ("crates/glassnet-new/Cargo.toml", ""),
        ];
        let expected = [("-io", 3), ("", 3), ("-new", 1)];
        assert_eq!(
            places(crates, &files),
            expected.map(|(name, line)| format!("crates/glassnet{name}/Cargo.toml:{line}"))
        );
    }
}
