//! What a rule reports: a place, the rule that it breaks and the remedy.

use crate::tree::File;
use std::fmt;

/// One broken rule; findings sort by place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    /// A finding on a line, 1-based; what is wrong with a whole file is on line 1.
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Asks `message` about every line of every file and gathers its answers.
pub(crate) fn on_lines<'a, M: Into<String>>(
    files: impl IntoIterator<Item = &'a File>,
    message: impl Fn(&str) -> Option<M>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (line, text) in (1..).zip(file.text().unwrap_or_default().split('\n')) {
            findings.extend(message(text).map(|message| Finding::new(&file.path, line, message)));
        }
    }
    findings
}

/// The places that a rule names in a tree of these paths and texts, as `path:line`.
#[cfg(test)]
pub(crate) fn places(rule: super::Rule, files: &[(&str, &str)]) -> Vec<String> {
    let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
    let findings = rule(&files.iter().map(file).collect::<Vec<_>>());
    findings.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
}
