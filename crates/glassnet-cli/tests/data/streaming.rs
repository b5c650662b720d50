//! Tables larger than the memory that they may take.

use crate::folder::Folder;
use crate::rows::{batch, csv, json_lines, parquet};
use parquet::basic::Compression;
use std::process::{Command, Stdio};

/// Trains so that the table streams.
const STREAM: [&str; 8] = ["--memory-limit", "9kB", "--quiet", "--json", "--epochs", "3", "--out", "m/model"];

fn train(folder: &Folder, more: &[&str]) -> (serde_json::Value, Vec<u8>, String) {
    let done = folder.works(&[&["train"], more, &["--target", "class"], &STREAM[..]].concat());
    let result = serde_json::from_str(&done.stdout).unwrap();
    let predictions = folder.works(&["predict", "m/model", more[0]]).stdout;
    (result, folder.read("m/history.csv"), predictions)
}

#[test]
fn a_larger_table_trains_by_blocks_and_says_so() {
    for recipe in ["plain", "strong"] {
        let folder = Folder::new();
        folder.write("t.csv", csv(0, 1_500));
        folder.write("t.parquet", parquet(&[batch(0, 1_100), batch(1_100, 1_500)], Compression::SNAPPY));
        let arguments = ["t.csv", "--batch-size", "16", "--recipe", recipe];
        let (result, history, predictions) = train(&folder, &[&arguments[..], &["--threads", "1"]].concat());
        let shuffled = result["shuffled"].as_str().unwrap();
        assert!(shuffled.starts_with("by blocks of ") && shuffled.ends_with(" rows"), "{shuffled}");
        assert_eq!((&result["rows"], &result["columns"]), (&1_500.into(), &5.into()));
        let report = String::from_utf8(folder.read("m/report.html")).unwrap();
        assert!(report.contains(shuffled));
        assert!(folder.works(&["inspect", "m/model"]).stdout.contains(shuffled));
        let model = folder.read("m/model");
        // Whatever the threads and the format.
        let two = train(&folder, &[&arguments[..], &["--threads", "2"]].concat());
        assert!((&two.1, &two.2) == (&history, &predictions), "{recipe}: threads");
        let mut arguments = arguments;
        arguments[0] = "t.parquet";
        let (.., from_parquet) = train(&folder, &[&arguments[..], &["--threads", "1"]].concat());
        assert!(folder.read("m/model") == model && from_parquet == predictions, "{recipe}: format");
        // Nothing else is left behind.
        let names = std::fs::read_dir(folder.path().join("m")).unwrap().count();
        assert_eq!(names, 3);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}

#[test]
fn what_fits_is_shuffled_all_together() {
    let folder = Folder::new();
    folder.write("t.csv", csv(0, 200));
    let arguments = ["train", "t.csv", "--target", "class", "--recipe", "plain", "--epochs", "1", "--json"];
    let with = |more: &[&str]| {
        let done = folder.works(&[&arguments[..], more].concat()).stdout;
        serde_json::from_str::<serde_json::Value>(&done).unwrap()["shuffled"].clone()
    };
    assert_eq!(with(&[]), "all together");
    assert_eq!(with(&["--memory-limit", "1.5 GiB"]), "all together");
    assert_eq!(with(&["--memory-limit", "1B", "--ensemble", "2"]), "by blocks of 8 rows");
}

#[test]
fn everything_that_trains_in_memory_trains_by_blocks() {
    let folder = Folder::new();
    folder.write("a.csv", csv(0, 700));
    folder.write("b.csv", csv(700, 1_000));
    folder.write("v.csv", csv(0, 100));
    let (files, validation) = (["a.csv", "b.csv"], ["--validation", "v.csv"]);
    for more in [
        &["--class-weight", "balanced"][..],
        &["--ensemble", "2", "--temperature-scaling", "full"],
        &["--drop", "class", "--target", "real", "--objective", "quantile"],
        &["--validation-fraction", "0"],
    ] {
        let target: &[&str] = if more.contains(&"real") { &[] } else { &["--target", "class"] };
        // A quarter of the limit holds the rows to validate on.
        let limit = ["--memory-limit", "60kB"];
        let arguments = [&["train"], &files[..], target, more, &STREAM[2..], &limit[..]].concat();
        let result = folder.works(&arguments).stdout;
        let result: serde_json::Value = serde_json::from_str(&result).unwrap();
        assert!(result["shuffled"].as_str().unwrap().starts_with("by blocks"), "{more:?}");
        if !more.contains(&"0") {
            assert!(result["metrics"].as_object().is_some_and(|all| !all.is_empty()), "{more:?}");
            folder.works(&[&arguments[..], &validation].concat());
        }
    }
}

#[test]
fn what_cannot_stream_says_why() {
    let folder = Folder::new();
    folder.write("t.csv", csv(0, 1_500));
    folder.write("t.jsonl", json_lines(0, 1_500));
    let train = |table, more: &[&'static str]| {
        [&["train", table, "--target", "class", "--memory-limit", "9kB"][..], more].concat()
    };
    folder.fails(&train("t.jsonl", &[]), 1, &["t.jsonl", "--memory-limit", "CSV or Parquet"]);
    folder.fails(&train("t.csv", &["--validation", "t.csv"]), 1, &["validate", "raise --memory-limit"]);
    for wrong in ["much", "2 PB", "0"] {
        let arguments = ["train", "t.csv", "--target", "class", "--memory-limit", wrong];
        folder.fails(&arguments, 2, &["--memory-limit", "2GiB or 500MB"]);
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_glassnet"))
        .args(train("-", &[]))
        .current_dir(folder.path())
        .stdin(std::fs::File::open(folder.path().join("t.csv")).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(said.contains("standard input") && said.contains("to a file first"), "{said}");
}

#[test]
fn a_wrong_cell_is_named_by_its_place_in_the_file() {
    let folder = Folder::new();
    let text = csv(0, 1_500);
    let lines: Vec<&str> = text.lines().collect();
    let wrong = lines[1_401].replacen(|c: char| c.is_ascii_digit(), "x", 1);
    let text = [&lines[..1_401], &[wrong.as_str()], &lines[1_402..]].concat().join("\n");
    folder.write("t.csv", text);
    let arguments = ["train", "t.csv", "--target", "class", "--memory-limit", "9kB"];
    folder.fails(&arguments, 1, &["t.csv, row 1401 (line 1402), column `whole`"]);
}
