//! `export`: where files go, what is told of them, and what is refused. Their numbers are held against ONNX Runtime and a C compiler by
//! the tests of the Python package.

mod command;

use command::{glassnet, penguins};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

fn train(folder: &Path, table: &str, target: &str, more: &[&str]) {
    let always =
        ["train", table, "--target", target, "--epochs", "2", "--quiet", "--out", "m/model.safetensors"];
    let done = glassnet(folder, &[&always[..], more].concat());
    assert_eq!(done.status, 0, "{}", done.stderr);
}

#[test]
fn files_go_next_to_the_model_and_say_what_they_take_and_give() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    train(folder, penguins().to_str().unwrap(), "species", &[]);
    let done = glassnet(folder, &["export", "m", "--to", "onnx"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let expected = "file   m/model.onnx\n\
                    takes  island (text)\n       bill_length_mm (number)\n       bill_depth_mm (number)\n       \
                    flipper_length_mm (number)\n       body_mass_g (number)\n       sex (text)\n\
                    gives  label, probabilities\n";
    assert_eq!(done.stdout, expected);
    assert!(folder.join("m/model.onnx").is_file());

    let done = glassnet(folder, &["export", "m/model.safetensors", "--to", "c", "-o", "2 birds.h", "--json"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(told["takes"][0], json!({ "column": "island", "name": "island", "type": "text" }));
    assert_eq!(told["gives"], json!(["c2_birds_predict", "c2_birds_classes"]));
    let header = std::fs::read_to_string(folder.join("2 birds.h")).unwrap();
    assert_eq!(told["bytes"], header.len());
    assert!(header.contains("#ifndef C2_BIRDS_H\n"), "{header}");
}

#[test]
fn levels_that_32_bits_do_not_tell_apart_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut table = "code,y\n".to_owned();
    for i in 0..60 {
        writeln!(table, "{},{}", 16_777_216 + i % 2, if i % 2 == 0 { "a" } else { "b" }).unwrap();
    }
    std::fs::write(folder.join("codes.csv"), table).unwrap();
    train(folder, "codes.csv", "y", &["--category", "code"]);
    let done = glassnet(folder, &["export", "m/model.safetensors", "--to", "onnx"]);
    assert_eq!(done.status, 1);
    for part in ["cannot be written as ONNX", "`code`", "16777216 and 16777217", "32 bits"] {
        assert!(done.stderr.contains(part), "{}", done.stderr);
    }
    assert!(!folder.join("m/model.onnx").exists());
    // C takes 64 bits.
    let done = glassnet(folder, &["export", "m/model.safetensors", "--to", "c"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
}

#[test]
fn dates_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut table = "when,y\n".to_owned();
    for day in 0..60 {
        writeln!(table, "2026-{:02}-{:02},{}", 1 + day / 28, 1 + day % 28, day % 7 + day).unwrap();
    }
    std::fs::write(folder.join("days.csv"), table).unwrap();
    train(folder, "days.csv", "y", &["--dates"]);
    let done = glassnet(folder, &["export", "m/model.safetensors", "--to", "onnx"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(done.stderr.contains("dates are taken as the numbers"), "{}", done.stderr);
    assert!(done.stdout.contains("when"), "{}", done.stdout);
}
