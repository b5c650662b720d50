//! Every dependency is used, and explained to the reader.

use super::finding::Finding;
use super::manifest;
use crate::tree::File;

/// Each dependency of the root's `Cargo.toml` is one of some member, and, unless it is a member itself, has a row in
/// a table of ARCHITECTURE.md that says why.
pub(crate) fn all(files: &[File]) -> Vec<Finding> {
    let Some(root) = files.iter().find(|file| file.path == "Cargo.toml") else { return Vec::new() };
    let used: Vec<&str> =
        manifest::members(files).flat_map(manifest::dependencies).map(|(_, dependency)| dependency).collect();
    let architecture = files.iter().find(|file| file.path == "ARCHITECTURE.md").and_then(File::text);
    let explained = |name: &str| {
        let is_member = files.iter().any(|file| file.path == format!("crates/{name}/Cargo.toml"));
        is_member || architecture.is_none_or(|text| has_row(text, name))
    };
    let mut findings = Vec::new();
    for (line, name) in manifest::dependencies(root) {
        if !used.contains(&name) {
            findings.push(Finding::new(&root.path, line, format!("no crate uses {name}; remove it")));
        } else if !explained(name) {
            let message =
                format!("no table of ARCHITECTURE.md names `{name}`; add a row that says why it is needed");
            findings.push(Finding::new(&root.path, line, message));
        }
    }
    findings
}

fn has_row(markdown: &str, name: &str) -> bool {
    markdown.lines().any(|line| line.starts_with('|') && line.contains(&format!("`{name}`")))
}

#[cfg(test)]
mod tests {
    use super::super::finding::places;
    use super::*;

    const ROOT: (&str, &str) =
        ("Cargo.toml", "[workspace.dependencies]\na = { path = \"crates/a\" }\nb = \"1\"\nc = \"2\"\n");
    const MEMBER: (&str, &str) = ("crates/a/Cargo.toml", "[dependencies]\nb.workspace = true\n");
    const OTHER: (&str, &str) =
        ("xtask/Cargo.toml", "[dev-dependencies]\na.workspace = true\nc.workspace = true\n");

    #[test]
    fn dependencies_are_used() {
        assert!(places(all, &[ROOT, MEMBER, OTHER]).is_empty());
        assert_eq!(places(all, &[ROOT, MEMBER]), ["Cargo.toml:2", "Cargo.toml:4"]);
    }

    #[test]
    fn dependencies_are_explained() {
        let architecture =
            ("ARCHITECTURE.md", "`c` is nice\n\n| crate | why |\n|---|---|\n| `b` | reading |\n");
        assert_eq!(places(all, &[ROOT, MEMBER, OTHER, architecture]), ["Cargo.toml:4"]);
    }
}
