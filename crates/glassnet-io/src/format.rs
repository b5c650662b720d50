//! In which format a table is, by its first bytes.

use std::path::Path;

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// CSV or TSV.
    Text,
    /// One JSON object a line.
    JsonLines,
    /// Arrays as MNIST has them.
    Idx,
    /// Parquet.
    Parquet,
    /// Arrow IPC with a footer, also called Feather.
    ArrowFile,
    /// Arrow IPC as a stream.
    ArrowStream,
}

/// Bytes that other formats begin with, and what to do about them.
const OTHERS: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "it is a zip file, as .xlsx, .ods and .npz are. Save the table as CSV, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "it is an old Excel file. Save the table as CSV"),
    (
        b"SQLite format 3\0",
        "it is an SQLite database. Export the table as CSV: `sqlite3 -header -csv FILE \"SELECT …\"`",
    ),
    (b"\x42\x5a\x68\x39\x31\x41\x59\x26", "it is compressed with bzip2. Unpack it, or use gzip or zstd"),
    (b"\xfd7zXZ\0", "it is compressed with xz. Unpack it, or use gzip or zstd"),
    (b"\x89HDF", "it is an HDF5 file. Save the table as Parquet or CSV"),
    (b"Obj\x01", "it is an Avro file. Save the table as Parquet or CSV"),
    (b"FEA1\0", "it is a Feather file of version 1. Save the table as Feather version 2, Parquet or CSV"),
    (b"\x93NUMPY", "it is a NumPy array. Save it as CSV with a line of column names: `numpy.savetxt`"),
];

impl Format {
    /// The format of a file that begins so, or why it cannot be read. The name matters only for JSON Lines.
    pub(crate) fn of(start: &[u8], name: &str) -> Result<Self, &'static str> {
        if let Some((_, reason)) = OTHERS.iter().find(|(magic, _)| start.starts_with(magic)) {
            return Err(reason);
        }
        // A column may be called PAR1, but what follows in a Parquet file is no character of a header.
        let is_parquet = start.starts_with(b"PAR1")
            && start.get(4).is_none_or(|&byte| byte < b' ' && !b"\t\r\n".contains(&byte));
        Ok(match start {
            _ if is_parquet => Self::Parquet,
            [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] => Self::ArrowFile,
            [0xff, 0xff, 0xff, 0xff, ..] => Self::ArrowStream,
            [0, 0, 0x08..=0x0e, 1..=4, ..] => Self::Idx,
            _ => return Self::of_text(start, name),
        })
    }

    fn of_text(start: &[u8], name: &str) -> Result<Self, &'static str> {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let behind =
            |bracket: &[u8]| text.strip_prefix(bracket).map(|rest| rest.trim_ascii_start().first().copied());
        if matches!(behind(b"["), Some(Some(b'{'))) {
            return Err("it is one JSON array. Write one object a line: `jq -c '.[]'`");
        }
        let looks_like_objects = matches!(behind(b"{"), Some(None | Some(b'"' | b'}')));
        let path = Path::new(name);
        let path = match path.extension().and_then(|ending| ending.to_str()) {
            Some("gz" | "zst") => Path::new(path.file_stem().unwrap_or_default()),
            _ => path,
        };
        let is_named =
            matches!(path.extension().and_then(|ending| ending.to_str()), Some("jsonl" | "ndjson"));
        Ok(if looks_like_objects || (is_named && !text.is_empty()) { Self::JsonLines } else { Self::Text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_formats() {
        let of = |start: &[u8]| Format::of(start, "t.csv").unwrap();
        assert_eq!(of(b"PAR1\x15\x04"), Format::Parquet);
        assert_eq!(of(b"ARROW1\0\0\xff"), Format::ArrowFile);
        assert_eq!(of(b"\xff\xff\xff\xff\x10\0\0\0"), Format::ArrowStream);
        assert_eq!(of(b"\0\0\x08\x03\0\0"), Format::Idx);
        for objects in ["{\"a\":1}", "\u{feff} \n{ \"a\"", "{}", "{"] {
            assert_eq!(of(objects.as_bytes()), Format::JsonLines, "{objects}");
        }
        for text in
            [&b"a,b\n"[..], b"PAR1,PAR2\n", b"PAR1\n1\n", b"{a},b\n", b"", b"\xff\xfea\0", b"FEA1,b\n"]
        {
            assert_eq!(of(text), Format::Text, "{text:?}");
        }
        assert_eq!(Format::of(b"1", "a.jsonl.gz"), Ok(Format::JsonLines));
        assert!(Format::of(b"[\n {\"a\": 1}]", "a.json").unwrap_err().contains("jq"));
        assert!(Format::of(b"PK\x03\x04\x14", "a.xlsx").unwrap_err().contains("zip"));
    }
}
