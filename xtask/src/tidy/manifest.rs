//! The dependencies that a `Cargo.toml` names, in the one form that this workspace writes: a line each.

use crate::tree::File;

/// The line and name of each dependency, from every section whose name ends in `dependencies`.
pub(crate) fn dependencies(manifest: &File) -> Vec<(usize, &str)> {
    let mut in_section = false;
    let mut found = Vec::new();
    for (line, text) in (1..).zip(manifest.text().unwrap_or_default().lines()) {
        if let Some(section) = text.strip_prefix('[') {
            in_section = section.trim_end().ends_with("dependencies]");
        } else if in_section && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let end =
                text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).unwrap_or(text.len());
            found.push((line, &text[..end]));
        }
    }
    found
}

/// The manifests of the workspace's members.
pub(crate) fn members(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.path.ends_with("/Cargo.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_from_their_sections() {
        let text = "[package]\nname = \"a\"\n[dependencies]\n# why\ncsv.workspace = true\n\n[dev-dependencies]\n\
                    rand_core = { version = \"1\" }\n[[bin]]\npath = \"b\"\n";
        let manifest = File { path: "Cargo.toml".to_owned(), bytes: text.into() };
        assert_eq!(dependencies(&manifest), [(5, "csv"), (8, "rand_core")]);
    }
}
