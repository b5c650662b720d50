//! Tables from files: cells as pyarrow wrote them, and damaged files, which are errors and never panics.

use glassnet::table::Table;
use glassnet_io::source::read_table;
use proptest::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// Reads bytes as a file of that name.
fn read(name: &str, bytes: &[u8]) -> Result<Table, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_table(&vec![path].into()).map_err(|error| error.to_string())
}

#[cfg(feature = "parquet")]
#[test]
fn cells_are_those_that_pyarrow_wrote() {
    let text = std::fs::read_to_string(fixture("columns.json")).unwrap();
    let expected: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    for name in ["columns.parquet", "columns.arrow", "columns.arrows"] {
        let table = read_table(&vec![fixture(name)].into()).unwrap();
        assert!(table.column_names().eq(expected.keys()), "{name}");
        for column in table.columns() {
            let cells: Vec<&str> = column.cells().collect();
            assert_eq!(serde_json::json!(cells), expected[column.name()], "{name}, {}", column.name());
        }
    }
}

const JSON_LINES: &str =
    "{\"a\": 1, \"b\": \"x\\n\"}\n{\"a\": null, \"c\": true}\n{\"b\": \"\\u00e9\", \"a\": 1e5}\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A whole file of each format, and whether every part of it is too little.
static WHOLE: LazyLock<Vec<(&str, Vec<u8>, bool)>> = LazyLock::new(|| {
    let rows: Vec<String> = (0..99).map(|row| format!("{row},{}\n", row * row)).collect();
    let csv = format!("a,b\n{}", rows.concat());
    let idx: Vec<u8> = [0, 0, 8, 2, 0, 0, 0, 9, 0, 0, 0, 7].into_iter().chain(0..63).collect();
    let mut files = vec![
        ("t.csv", csv.clone().into_bytes(), false),
        ("t.csv.gz", gzip(csv.as_bytes()), true),
        ("t.csv.zst", zstd::encode_all(csv.as_bytes(), 0).unwrap(), true),
        ("t.jsonl", JSON_LINES.into(), false),
        ("t-idx2-ubyte", idx, true),
    ];
    if cfg!(feature = "parquet") {
        for name in ["columns.parquet", "columns.arrow", "columns.arrows"] {
            files.push((name, std::fs::read(fixture(name)).unwrap(), true));
        }
    }
    files
});

#[test]
fn whole_files_are_read() {
    for (name, bytes, _) in &*WHOLE {
        assert_eq!(read(name, bytes).map(|_| ()), Ok(()), "{name}");
    }
}

#[test]
fn lost_ends_are_errors() {
    for (name, bytes, needs_all) in &*WHOLE {
        let step = bytes.len().div_ceil(150);
        for end in (0..bytes.len()).step_by(step) {
            // The first bytes of a format are text like any other.
            let read = read(name, &bytes[..end]);
            assert!(!needs_all || end < 13 || read.is_err(), "{name} of {end} bytes");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_never_panic(
        which in 0..8_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (name, bytes, _) = &WHOLE[which % WHOLE.len()];
        let mut bytes = bytes.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(name, &bytes);
    }

    #[test]
    fn flipped_bits_never_panic(which in 0..8_usize, place: prop::sample::Index, bit in 0..8_u32) {
        let (name, bytes, _) = &WHOLE[which % WHOLE.len()];
        let mut bytes = bytes.clone();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let _ = read(name, &bytes);
    }

    #[test]
    fn any_json_text_never_panics(text in "[{}\\[\\]\",:a0-9enul\\\\ \n]{0,60}") {
        let _ = read("t.jsonl", text.as_bytes());
    }
}
