//! Tables that are odd, and work.

use crate::command::{glassnet, penguins};
use crate::folder::{Folder, assert_says, good_table};
use serde_json::Value;
use std::fmt::Write;
use std::process::{Command, Stdio};

const TRAIN: [&str; 7] = ["train", "t.csv", "--target", "species", "--epochs", "3", "--json"];

/// The model's bytes and the result without its clock.
fn trained(table: &[u8]) -> (Vec<u8>, Value) {
    let folder = Folder::new();
    folder.write("t.csv", table);
    let mut result: Value = serde_json::from_str(&folder.works(&TRAIN).stdout).unwrap();
    result["seconds"].take();
    (folder.read("t-model/model.safetensors"), result)
}

#[test]
fn line_ends_separators_and_marks_change_nothing() {
    let plain = std::fs::read_to_string(penguins()).unwrap();
    let expected = trained(plain.as_bytes());
    let quoted = |line: &str| format!("\"{}\"\n", line.replace(',', "\",\""));
    let forms = [
        ("CRLF", plain.replace('\n', "\r\n")),
        ("CR", plain.replace('\n', "\r")),
        ("a byte-order mark", format!("\u{feff}{plain}")),
        ("a byte-order mark and CRLF", format!("\u{feff}{}", plain.replace('\n', "\r\n"))),
        ("semicolons", plain.replace(',', ";")),
        ("tabs", plain.replace(',', "\t")),
        ("quotes", plain.lines().map(quoted).collect()),
        ("blank lines", plain.replace('\n', "\n\n")),
        ("no line feed at the end", plain.trim_end().to_owned()),
    ];
    for (name, text) in forms {
        assert!(trained(text.as_bytes()) == expected, "{name}");
    }
}

#[test]
fn standard_input_is_a_table() {
    let folder = Folder::new();
    let table = good_table();
    folder.write("table.csv", &table);
    let expected = folder.model("table.csv", "kind", &[]);
    let with_input = |arguments: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_glassnet"))
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), table.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        output.stdout
    };
    with_input(&["train", "-", "--target", "kind", "--epochs", "2", "--recipe", "plain", "--quiet"]);
    assert!(folder.read("table-model/model.safetensors") == expected);
    let from_file = folder.works(&["predict", "trained/model", "table.csv"]).stdout;
    assert!(with_input(&["predict", "trained/model", "-"]) == from_file.into_bytes());
}

#[test]
fn quotes_may_span_lines() {
    let folder = Folder::new();
    folder
        .write("t.csv", good_table().replace(",red,", ",\"a \"\"red\"\"\r\nor, rather, rose\",").as_bytes());
    folder.model("t.csv", "kind", &[]);
    let lines = folder.works(&["predict", "trained/model", "t.csv"]).stdout;
    assert_says(&lines, &["0.5,\"a \"\"red\"\"\r\nor, rather, rose\",small,"]);
}

#[test]
fn columns_without_values_are_left_out_with_a_warning() {
    let folder = Folder::new();
    let plain = good_table();
    folder.write("plain.csv", &plain);
    let with_empty =
        |line: &str| format!("{},{line}\n", if line.starts_with("size") { "weight" } else { "NA" });
    folder.write("t.csv", plain.lines().map(with_empty).collect::<String>());
    let tensors = |bytes: Vec<u8>| {
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[8 + header..].to_vec()
    };
    assert!(tensors(folder.model("t.csv", "kind", &[])) == tensors(folder.model("plain.csv", "kind", &[])));
    let done = folder.works(&["train", "t.csv", "--target", "kind", "--epochs", "1", "--quiet"]);
    assert_says(&done.stderr, &["warning: column `weight` has no values and is left out"]);
}

#[test]
fn rows_without_a_target_are_counted_and_left_out() {
    let folder = Folder::new();
    let text = good_table().replace("3.5,red,small", "3.5,red,").replace("20.5,blue,large", "20.5,blue,NA");
    folder.write("t.csv", text);
    let done = folder.works(&["train", "t.csv", "--target", "kind", "--epochs", "1", "--out", "m"]);
    assert_says(
        &done.stderr,
        &["left out: 2 rows without a value of the target `kind`", "on 22 rows, validating on 6"],
    );
    let done = folder.works(&["evaluate", "m", "t.csv"]);
    assert_says(&done.stderr, &["left out: 2 rows without a value of `kind`"]);
    assert_says(&done.stdout, &["on 28 rows"]);
}

#[test]
fn ten_thousand_columns() {
    let folder = Folder::new();
    let mut text = String::new();
    for column in 0..10_000 {
        write!(text, "c{column},").unwrap();
    }
    text += "y\n";
    for row in 0..12 {
        for column in 0..10_000 {
            write!(text, "{},", (row * 7_919 + column * 104_729) % 1_009).unwrap();
        }
        text += ["no\n", "yes\n"][row % 2];
    }
    folder.write("wide.csv", text);
    let arguments = ["--target", "y", "--epochs", "1", "--hidden-layer-sizes", "8", "--out", "m", "--json"];
    let done = folder.works(&[&["train", "wide.csv"][..], &arguments].concat());
    let result: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(result["columns"], 10_001);
    assert_eq!(folder.works(&["predict", "m", "wide.csv"]).stdout.lines().count(), 13);
    let done = glassnet(folder.path(), &["train", "wide.csv", "--target", "c10000"]);
    assert_eq!(done.status, 1);
    assert_says(&done.stderr, &["wide.csv has no column `c10000`; did you mean `c1000`?", "and 9981 more"]);
}
