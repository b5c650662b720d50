//! A folder for each test, where what fails must leave everything as it was.

use crate::command::{Done, glassnet};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A folder of its own, removed at the end.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }

    /// The command must succeed.
    pub(crate) fn works(&self, arguments: &[&str]) -> Done {
        let done = glassnet(self.path(), arguments);
        assert_eq!(done.status, 0, "{arguments:?}: {}", done.stderr);
        done
    }

    /// The command must fail with this status, say all these words on standard error and nothing on standard output, and
    /// leave every file and folder as it was.
    pub(crate) fn fails(&self, arguments: &[&str], status: i32, words: &[&str]) {
        let before = contents(self.path());
        let done = glassnet(self.path(), arguments);
        assert_eq!(done.status, status, "{arguments:?}: {}", done.stderr);
        assert_eq!(done.stdout, "", "{arguments:?}");
        assert_says(&done.stderr, words);
        assert!(done.stderr.contains("error: "), "{}", done.stderr);
        assert!(contents(self.path()) == before, "{arguments:?} changed files");
    }

    /// The bytes of a model trained on a table for two epochs; `more` are more arguments.
    pub(crate) fn model(&self, table: &str, target: &str, more: &[&str]) -> Vec<u8> {
        let arguments = ["train", table, "--target", target, "--epochs", "2", "--out", "trained/model"];
        // Small, because some tests damage it byte by byte.
        self.works(&[&arguments[..], &["--recipe", "plain"], more].concat());
        self.read("trained/model")
    }
}

/// Every file with its bytes, and every folder.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.append(&mut contents(&path));
            all.insert(path, None);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            all.insert(path, Some(bytes));
        }
    }
    all
}

/// All these words stand in the text.
pub(crate) fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "should say {word:?}: {text}");
    }
}

/// 30 rows of a number, a colour and one of two kinds.
pub(crate) fn good_table() -> String {
    let mut text = "size,colour,kind\n".to_owned();
    for row in 0..30 {
        let (colour, kind) = (["red", "green", "blue"][row % 3], ["small", "large"][row / 15]);
        writeln!(text, "{row}.5,{colour},{kind}").unwrap();
    }
    text
}

/// The numbers 1 to 10 as column `a` and x or y as column `b`, and then these lines.
pub(crate) fn numbers_and(lines: &str) -> String {
    let mut text = "a,b\n".to_owned();
    for row in 1..=10 {
        writeln!(text, "{row},{}", ["x", "y"][row % 2]).unwrap();
    }
    text + lines
}
