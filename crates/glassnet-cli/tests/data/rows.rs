//! One table in every format.

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

/// Rows from `start` to `end` as Arrow has them: whole numbers, real ones, truth values, names, classes, with nulls.
pub(crate) fn batch(start: usize, end: usize) -> RecordBatch {
    let rows = || start..end;
    let whole: Int64Array = rows().map(|row| (row % 7 != 3).then_some(row as i64 * 1000 - 9)).collect();
    let real: Float64Array = rows().map(|row| (row % 5 != 1).then_some(row as f64 / 3.0)).collect();
    let flag: BooleanArray =
        rows().map(|row| (!row.is_multiple_of(11)).then_some(row.is_multiple_of(2))).collect();
    let name: DictionaryArray<Int32Type> =
        rows().map(|row| (row % 9 != 2).then_some(["red", "green, light", "blue"][row % 3])).collect();
    let class: StringArray = rows().map(|row| Some(if row % 40 < 20 { "low" } else { "high" })).collect();
    let columns: [(&str, ArrayRef); 5] = [
        ("whole", Arc::new(whole)),
        ("real", Arc::new(real)),
        ("flag", Arc::new(flag)),
        ("name", Arc::new(name)),
        ("class", Arc::new(class)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
}

/// The cells of a row as texts that JSON and CSV share, and whether JSON puts quotes around each.
fn cells(row: usize) -> [(Option<String>, bool); 5] {
    [
        ((row % 7 != 3).then(|| (row as i64 * 1000 - 9).to_string()), false),
        ((row % 5 != 1).then(|| (row as f64 / 3.0).to_string()), false),
        ((!row.is_multiple_of(11)).then(|| (row.is_multiple_of(2)).to_string()), false),
        ((row % 9 != 2).then(|| ["red", "green, light", "blue"][row % 3].to_owned()), true),
        (Some(if row % 40 < 20 { "low" } else { "high" }.to_owned()), true),
    ]
}

pub(crate) fn csv(start: usize, end: usize) -> String {
    let mut text = "whole,real,flag,name,class\n".to_owned();
    for row in start..end {
        let cells = cells(row).map(|(cell, _)| match cell {
            Some(cell) if cell.contains(',') => format!("\"{cell}\""),
            cell => cell.unwrap_or_default(),
        });
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    text
}

/// Missing values are absent or null, but every key stands in the first object.
pub(crate) fn json_lines(start: usize, end: usize) -> String {
    let mut text = String::new();
    for row in start..end {
        let keys = ["whole", "real", "flag", "name", "class"];
        let pairs = keys.iter().zip(cells(row)).filter_map(|(key, cell)| match cell {
            (None, _) if row != start && row.is_multiple_of(2) => None,
            (None, _) => Some(format!("\"{key}\": null")),
            (Some(cell), true) => Some(format!("\"{key}\": \"{cell}\"")),
            (Some(cell), false) => Some(format!("\"{key}\": {cell}")),
        });
        writeln!(text, "{{{}}}", pairs.collect::<Vec<_>>().join(", ")).unwrap();
    }
    text
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// With its mark.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 0).unwrap()
}

pub(crate) fn parquet(batches: &[RecordBatch], compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batches[0].schema(), Some(properties)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

pub(crate) fn arrow_file(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = arrow_ipc::writer::FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

pub(crate) fn arrow_stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}
