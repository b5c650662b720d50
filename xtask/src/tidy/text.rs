//! Rules on every text file.

use super::finding::{Finding, on_lines};
use crate::tree::File;

const LARGEST: usize = 300_000;

/// The page with its core, which everyone has without building it.
const PAGE: &str = "crates/glassnet-web/dist/index.html";

/// A text file ends in exactly one newline.
pub(crate) fn last_newline(files: &[File]) -> Vec<Finding> {
    let ends_well = |text: &str| text.is_empty() || (text.ends_with('\n') && !text.ends_with("\n\n"));
    let finding = |file: &File| {
        let text = file.text().filter(|text| !ends_well(text))?;
        Some(Finding::new(&file.path, text.lines().count(), "a file ends in one newline; add or remove some"))
    };
    files.iter().filter_map(finding).collect()
}

/// No line ends in a space or tab, in Markdown either: two invisible spaces are no way to break a line.
pub(crate) fn trailing_spaces(files: &[File]) -> Vec<Finding> {
    let ends_in_space = |line: &str| line.ends_with([' ', '\t', '\r']);
    on_lines(files, |line| ends_in_space(line).then_some("a line ends in white space; remove it"))
}

/// No path of one machine.
pub(crate) fn machine_paths(files: &[File]) -> Vec<Finding> {
    on_lines(other_than_this(files), |line| {
        let path = ["/work/", "/home/", "/root/"].into_iter().find(|path| begins_path(line, path))?;
        Some(format!("{path} is a folder of one machine; name the path from the repository's root"))
    })
}

/// No host of a package registry: where packages come from is each machine's own setting.
pub(crate) fn registry_hosts(files: &[File]) -> Vec<Finding> {
    const HOSTS: [&str; 8] = [
        "index.crates.io",
        "static.crates.io",
        "crates.io/api",
        "pypi.org",
        "pythonhosted.org",
        "registry.npmjs.org",
        "proxy.golang.org",
        "deb.debian.org",
    ];
    // Cargo.lock is cargo's own and names its registry.
    on_lines(other_than_this(files).filter(|file| file.path != "Cargo.lock"), |line| {
        let host = HOSTS.into_iter().find(|host| line.contains(host))?;
        Some(format!("{host} is a registry's host; name the package, or link to its documentation"))
    })
}

/// No file is too large to be cloned by everyone.
pub(crate) fn size(files: &[File]) -> Vec<Finding> {
    let is_large = |file: &&File| file.bytes.len() > LARGEST && file.path != PAGE;
    files
        .iter()
        .filter(is_large)
        .map(|file| {
            let kilobytes = file.bytes.len() / 1000;
            Finding::new(&file.path, 1, format!("{kilobytes} kB; keep tracked files below 300 kB"))
        })
        .collect()
}

/// Every file but this one, which has to spell what it forbids.
fn other_than_this(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.path != file!())
}

/// Whether an absolute path begins with `folder` somewhere in the line, not the middle of a longer path or address.
fn begins_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = &line[..at];
        before.ends_with("file://") || !before.ends_with(|c: char| c.is_alphanumeric() || ".-_/}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::places;
    use super::*;

    #[test]
    fn a_file_ends_in_one_newline() {
        let files = [("good", "a\n"), ("empty", ""), ("none", "a\nb"), ("two", "a\n\n")];
        assert_eq!(places(last_newline, &files), ["none:2", "two:2"]);
    }

    #[test]
    fn lines_do_not_end_in_spaces() {
        let files = [("good", " a\n\nb\n"), ("bad.md", "a\nb  \nc\t\nd\r\n")];
        assert_eq!(places(trailing_spaces, &files), ["bad.md:2", "bad.md:3", "bad.md:4"]);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let files = [
            ("good", "src/work/a ../home/b example.org/root/c\n"),
            ("bad", "a\nin /work/main\n`/root/x`\n/home/me\nfile:///home/me"),
        ];
        assert_eq!(places(machine_paths, &files), ["bad:2", "bad:3", "bad:4", "bad:5"]);
    }

    #[test]
    fn hosts_of_registries_are_found() {
        let lock = ("Cargo.lock", "index.crates.io\n");
        let files =
            [lock, ("good", "https://docs.rs/gemm\n"), ("bad", "a\npip -i https://pypi.org/simple\n")];
        assert_eq!(places(registry_hosts, &files), ["bad:2"]);
    }

    #[test]
    fn large_files_are_found() {
        let text = "x".repeat(LARGEST + 1);
        assert_eq!(places(size, &[("good", &text[1..]), ("bad", &text)]), ["bad:1"]);
    }
}
