//! Files that belong together.

use super::finding::Finding;
use crate::tree::File;
use std::collections::BTreeSet;

/// The languages of every lesson; the first is the one that the others follow.
const LANGUAGES: [&str; 2] = ["en.md", "zh-Hant.md"];

/// Each folder under `lessons/` holds `lesson.json` and the same sections, by `{#id}`, in every language.
pub(crate) fn lessons(files: &[File]) -> Vec<Finding> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let name = |file: &'_ File| Some(file.path.strip_prefix("lessons/")?.split_once('/')?.0.to_owned());
    let mut findings = Vec::new();
    for lesson in files.iter().filter_map(name).collect::<BTreeSet<_>>() {
        let path = |file: &str| format!("lessons/{lesson}/{file}");
        for file in [["lesson.json"].as_slice(), &LANGUAGES].concat() {
            if find(&path(file)).is_none() {
                findings.push(Finding::new(
                    &path(file),
                    1,
                    "the lesson lacks this file; write it and `git add` it",
                ));
            }
        }
        let [first, other] = LANGUAGES.map(|language| find(&path(language)));
        if let (Some(first), Some(other)) = (first, other) {
            findings.extend(different_section(first, other));
        }
    }
    findings
}

/// Each JSON file under `fixtures/` stands beside the Python script that made it.
pub(crate) fn fixtures(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("fixtures/")) {
        let Some(stem) = file.path.strip_suffix(".json") else { continue };
        let script = format!("{stem}.py");
        if !files.iter().any(|file| file.path == script) {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("add {script}, the script that made these numbers"),
            ));
        }
    }
    findings
}

/// The first section of `other` that is not the one of `first` in its place.
fn different_section(first: &File, other: &File) -> Option<Finding> {
    let (expected, found) = (sections(first), sections(other));
    let place = (0..expected.len().max(found.len()))
        .find(|&at| expected.get(at).map(|(_, id)| id) != found.get(at).map(|(_, id)| id))?;
    let describe = |sections: &[(usize, &str)]| {
        sections.get(place).map_or("no section".into(), |(_, id)| format!("{{#{id}}}"))
    };
    let line = found.get(place).or(found.last()).map_or(1, |(line, _)| *line);
    let message =
        format!("{} where {} has {}; give both the same", describe(&found), first.path, describe(&expected));
    Some(Finding::new(&other.path, line, message))
}

/// The line and id of each heading that ends in `{#id}`.
fn sections(file: &File) -> Vec<(usize, &str)> {
    let lines = (1..).zip(file.text().unwrap_or_default().lines());
    let headings = lines.filter(|(_, text)| text.starts_with('#'));
    headings.filter_map(|(line, text)| Some((line, text.split_once("{#")?.1.split_once('}')?.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::places;
    use super::*;

    const ENGLISH: (&str, &str) = ("lessons/xor/en.md", "# XOR {#title}\n\n## Why {#why}\n");

    #[test]
    fn lessons_are_complete() {
        let chinese = ("lessons/xor/zh-Hant.md", "# 異或 {#title}\n\n## 為何 {#why}\n");
        let setting = ("lessons/xor/lesson.json", "{}\n");
        assert!(places(lessons, &[ENGLISH, chinese, setting, ("lessons/README.md", "")]).is_empty());
        assert_eq!(places(lessons, &[ENGLISH]), ["lessons/xor/lesson.json:1", "lessons/xor/zh-Hant.md:1"]);
    }

    #[test]
    fn languages_have_the_same_sections() {
        let setting = ("lessons/xor/lesson.json", "{}\n");
        for (chinese, line) in [("# 異或 {#title}\n\n## 為何 {#how}\n", 3), ("# 異或 {#title}\n", 1)] {
            let found = places(lessons, &[ENGLISH, ("lessons/xor/zh-Hant.md", chinese), setting]);
            assert_eq!(found, [format!("lessons/xor/zh-Hant.md:{line}")]);
        }
    }

    #[test]
    fn fixtures_stand_beside_their_scripts() {
        let files =
            [("fixtures/a.json", ""), ("fixtures/a.py", ""), ("fixtures/b.json", ""), ("other/c.json", "")];
        assert_eq!(places(fixtures, &files), ["fixtures/b.json:1"]);
    }
}
