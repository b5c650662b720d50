//! The same model from the same table in each format.

use crate::folder::Folder;
use crate::rows::{arrow_file, arrow_stream, batch, csv, gzip, json_lines, parquet, utf16, zstd};
use arrow_array::{ArrayRef, ListArray, RecordBatch, StringArray};
use parquet::basic::Compression;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// The table in each format, under names that say little.
fn every_format() -> Vec<(&'static str, Vec<u8>)> {
    let (text, objects) = (csv(0, 200), json_lines(0, 200));
    let batches = [batch(0, 120), batch(120, 200)];
    vec![
        ("t.csv", text.clone().into_bytes()),
        ("t.csv.gz", gzip(text.as_bytes())),
        ("utf-16.csv", utf16(&text)),
        ("utf-16.csv.gz", gzip(&utf16(&text))),
        ("two-members.csv.gz", [gzip(&text.as_bytes()[..1000]), gzip(&text.as_bytes()[1000..])].concat()),
        ("no-ending", zstd(text.as_bytes())),
        (
            "t.tsv",
            text.replace("green, light", "green; light").replace(',', "\t").replace("; ", ", ").into_bytes(),
        ),
        ("t.jsonl", objects.clone().into_bytes()),
        ("utf-16.jsonl", utf16(&objects)),
        ("t.jsonl.zst", zstd(objects.as_bytes())),
        ("t.json", objects.into_bytes()),
        ("t.parquet", parquet(&batches, Compression::UNCOMPRESSED)),
        ("snappy.parquet", parquet(&batches, Compression::SNAPPY)),
        ("gzip.parquet", parquet(&batches, Compression::GZIP(parquet::basic::GzipLevel::default()))),
        ("zstd.parquet", parquet(&batches, Compression::ZSTD(parquet::basic::ZstdLevel::default()))),
        ("lz4.parquet", parquet(&batches, Compression::LZ4_RAW)),
        ("t.parquet.gz", gzip(&parquet(&batches, Compression::SNAPPY))),
        ("t.arrow", arrow_file(&batches)),
        ("t.arrows", arrow_stream(&batches)),
        ("t.arrow.zst", zstd(&arrow_file(&batches))),
    ]
}

#[test]
fn every_format_gives_the_same_model_and_predictions() {
    let folder = Folder::new();
    let mut expected = None;
    for (name, bytes) in every_format() {
        folder.write(name, bytes);
        let model = folder.model(name, "class", &["--threads", "1"]);
        let predictions = folder.works(&["predict", "trained/model", name]).stdout;
        let metrics = folder.works(&["evaluate", "trained/model", name, "--json"]).stdout;
        let inspected = folder.works(&["inspect", name, "--json"]).stdout;
        let found = (model, predictions, metrics, inspected);
        assert!(*expected.get_or_insert(found.clone()) == found, "{name}");
    }
}

#[test]
fn standard_input_is_of_any_format() {
    let folder = Folder::new();
    folder.write("t.csv", csv(0, 200));
    let expected = folder.works(&["inspect", "t.csv", "--json"]).stdout;
    for (name, bytes) in every_format() {
        let mut child = Command::new(env!("CARGO_BIN_EXE_glassnet"))
            .args(["inspect", "-", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stdout == expected.as_bytes(), "{name}");
    }
}

#[test]
fn damaged_files_say_so() {
    let folder = Folder::new();
    for (name, bytes) in every_format() {
        let binary = !(name.ends_with("csv") || name.ends_with("tsv") || name.contains("json"));
        if binary {
            folder.write(name, &bytes[..bytes.len() * 2 / 3]);
            folder.fails(&["inspect", name], 1, &[name, "make"]);
        }
    }
    folder.write("t.jsonl", json_lines(0, 9).trim_end_matches(['}', '\n']));
    folder.fails(&["inspect", "t.jsonl"], 1, &["t.jsonl, line 9: not one JSON object: EOF", "jq -c ."]);
    let text = json_lines(0, 9).replacen("\"name\": \"blue\"", "\"name\": {\"x\": 1}", 1);
    folder.write("t.jsonl", text);
    folder.fails(&["train", "t.jsonl", "--target", "class"], 1, &["t.jsonl, line 6: key `name`: an object"]);
}

#[test]
fn cells_of_columns_have_rows_and_no_lines() {
    let folder = Folder::new();
    let column: StringArray =
        (0..20).map(|row| Some(if row == 17 { "x".into() } else { row.to_string() })).collect();
    let table = RecordBatch::try_from_iter([("a", Arc::new(column) as ArrayRef)]).unwrap();
    folder.write("t.parquet", parquet(&[table], Compression::SNAPPY));
    folder.fails(
        &["inspect", "t.parquet"],
        1,
        &["t.parquet, row 18, column `a`, value `x`", "Correct the cell"],
    );
}

#[test]
fn nested_columns_and_other_formats_are_refused() {
    let folder = Folder::new();
    let lists = ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>([Some([Some(1)])]);
    let table = RecordBatch::try_from_iter([("many", Arc::new(lists) as ArrayRef)]).unwrap();
    folder.write("t.parquet", parquet(std::slice::from_ref(&table), Compression::SNAPPY));
    folder.write("t.arrow", arrow_file(&[table]));
    for name in ["t.parquet", "t.arrow"] {
        folder.fails(&["inspect", name], 1, &[name, "column `many`", "List", "columns of their own"]);
    }
    folder.write("t.xlsx", b"PK\x03\x04rest");
    folder.fails(&["inspect", "t.xlsx"], 1, &["t.xlsx", "zip file", "Save the table as CSV"]);
    folder.write("t.json", "[\n{\"a\": 1}]");
    folder.fails(&["inspect", "t.json"], 1, &["t.json", "JSON array", "jq -c '.[]'"]);
}
