//! `diagnose`, `train --strict` and `--restarts`: findings on every face of the command.

mod command;

use command::{glassnet, penguins};
use serde_json::Value;
use std::path::Path;

const XOR: &str = "a,b,y\n0,0,no\n0,1,yes\n1,0,yes\n1,1,no\n";

/// Trains on exclusive or without validation rows; the model is `m/model`.
fn train(folder: &Path, more: &[&str]) -> (i32, Value, String) {
    std::fs::write(folder.join("xor.csv"), XOR).unwrap();
    let always = ["train", "xor.csv", "--target", "y", "--recipe", "plain", "--validation-fraction", "0"];
    let quiet = ["--quiet", "--json", "-o", "m/model.safetensors"];
    let done = glassnet(folder, &[&always[..], &quiet, more].concat());
    let result = serde_json::from_str(&done.stdout).unwrap_or(Value::Null);
    (done.status, result, done.stderr)
}

#[test]
fn a_failure_is_named_with_evidence_and_its_remedy_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (status, result, stderr) = train(folder, &["--hidden", "none", "--strict"]);
    assert_eq!(status, 1, "{stderr}");
    assert!(stderr.contains("not_linearly_separable"), "{stderr}");
    let first = &result["findings"][0];
    assert_eq!((&first["code"], &first["severity"]), (&"not_linearly_separable".into(), &"error".into()));
    assert!(first["evidence"].as_object().unwrap().values().filter(|value| **value == 0.5).count() >= 4);

    let done = glassnet(folder, &["diagnose", "m", "--json"]);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(told["findings"], result["findings"]);
    let report = std::fs::read_to_string(folder.join("m/report.html")).unwrap();
    assert!(report.contains("What was found") && report.contains("not_linearly_separable"));

    let done = glassnet(folder, &["diagnose", "m", "xor.csv", "--try-fix", "--json", "--output", "fixed"]);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let loss = |when: &str| told["fix"][when]["training_loss"].as_f64().unwrap();
    assert!(loss("after") < 0.3 * loss("before"), "{told}");
    let done = glassnet(folder, &["predict", "fixed", "xor.csv"]);
    let classes: Vec<&str> =
        done.stdout.lines().skip(1).map(|line| line.split(',').nth(3).unwrap()).collect();
    assert_eq!(classes, ["no", "yes", "yes", "no"]);

    // Another table has nothing to be trained again with.
    std::fs::write(folder.join("other.csv"), XOR.replace("1,1,no", "9,1,no")).unwrap();
    let done = glassnet(folder, &["diagnose", "m", "other.csv", "--try-fix"]);
    assert_eq!(done.status, 1);
    assert!(done.stderr.contains("other.csv"), "{}", done.stderr);
    let done = glassnet(folder, &["diagnose", "m", "other.csv", "--html", "page.html"]);
    let page = std::fs::read_to_string(folder.join("page.html")).unwrap();
    assert!(page.contains("range of the table that trained the model"), "the figure of a value outside");
    assert!(done.stdout.contains("out_of_range_input") && done.stdout.contains('9'), "{}", done.stdout);
}

/// What was tried stands beside what was, as bars.
#[test]
fn a_remedy_that_was_tried_is_drawn_beside_the_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut table = String::from("a,b,y\n");
    for row in 0..200_u32 {
        let (a, b) = (f64::from(row * 37 % 101) / 50.0 - 1.0, f64::from(row * 53 % 97) / 48.0 - 1.0);
        table += &format!("{a},{b},{}\n", if a * b > 0.0 { "yes" } else { "no" });
    }
    std::fs::write(folder.join("quarters.csv"), table).unwrap();
    let train = ["train", "quarters.csv", "--target", "y", "--recipe", "plain", "--quiet", "--out", "m"];
    let how =
        ["--hidden", "2", "--dropout", "0", "--learning-rate", "0.01", "--restarts", "1", "--epochs", "300"];
    let done = glassnet(folder, &[&train[..], &how].concat());
    assert!(done.stdout.contains("too_few_hidden_units"), "{}", done.stdout);
    let report = std::fs::read_to_string(folder.join("report.html")).unwrap();
    for part in ["With these units and with more", "loss with 8"] {
        assert!(report.contains(part), "{part}");
    }
}

#[test]
fn restarts_are_counted_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let (status, result, stderr) =
        train(folder.path(), &["--hidden", "2", "--restarts", "16", "--dropout", "0"]);
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(result["lottery"]["losses"].as_array().unwrap().len(), 16);
    let n_solved = result["lottery"]["solved"].as_u64().unwrap();
    assert!((1..16).contains(&n_solved), "{result}");
    let report = std::fs::read_to_string(folder.path().join("m/report.html")).unwrap();
    assert!(report.contains("The lowest loss so far of every start"));
}

#[test]
fn a_healthy_training_has_nothing_to_fix() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = penguins();
    let table = table.to_str().unwrap();
    let train =
        ["train", table, "--target", "species", "--quiet", "--strict", "--recipe", "plain", "--out", "m"];
    let done = glassnet(folder, &train);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let done = glassnet(folder, &["diagnose", "m", table, "--try-fix"]);
    assert_eq!(done.status, 1);
    assert!(done.stderr.contains("no finding"), "{}", done.stderr);
}

#[test]
fn a_rare_class_is_named_and_weights_are_tried() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // One row of 20 is rare; a half of those lies where every sixth of the others does.
    let row = |i: usize| {
        let (x, y) = if i.is_multiple_of(20) { (3 + i / 20 % 4, "rare") } else { (i % 6, "frequent") };
        format!("{x},{},{y}\n", i % 7)
    };
    let text: String = (0..800).map(row).collect();
    std::fs::write(folder.join("t.csv"), format!("x,noise,y\n{text}")).unwrap();
    let train =
        ["train", "t.csv", "--target", "y", "--category", "x", "--quiet", "--recipe", "plain", "--out", "m"];
    let done = glassnet(folder, &train);
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(done.stdout.contains("class_imbalance"), "{}", done.stdout);
    let done = glassnet(folder, &["diagnose", "m", "t.csv", "--try-fix", "--out", "fixed"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let (_, tried) = done.stdout.split_once("tried: --class-weight balanced").expect("the remedy");
    // Losses that count rows otherwise do not stand side by side.
    assert!(tried.contains("balanced_accuracy") && !tried.contains("validation loss"), "{tried}");
    let again = glassnet(folder, &["diagnose", "fixed", "t.csv"]);
    assert!(!again.stdout.contains("class_imbalance"), "{}", again.stdout);
}

#[test]
fn settings_that_do_not_go_together_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (status, _, stderr) = train(folder.path(), &["--restarts", "4", "--ensemble", "2"]);
    assert_eq!(status, 2);
    assert!(stderr.contains("--restarts 4") && stderr.contains("ensemble"), "{stderr}");
    let done = glassnet(folder.path(), &["diagnose", "nothing-there"]);
    assert_eq!(done.status, 1);
    assert!(done.stderr.contains("nothing-there"), "{}", done.stderr);
}
