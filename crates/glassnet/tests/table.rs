//! Reading separated text: what is accepted, and that every error names the true place.
#![expect(clippy::format_push_string, reason = "small tables as text")]

use glassnet::error::{Error, TableError};
use glassnet::reader::TableReader;
use glassnet::table::Table;
use proptest::prelude::*;
use std::io::Read;

fn read(text: &str) -> Table {
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn refusal(bytes: &[u8]) -> TableError {
    match Table::read(bytes, "t.csv", None) {
        Err(Error::Table(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    (0..table.n_rows()).map(|row| table.columns().iter().map(|column| column.cell(row)).collect()).collect()
}

fn lines(table: &Table) -> Vec<u64> {
    (0..table.n_rows()).map(|row| table.place(row, 0).line.unwrap()).collect()
}

/// Hands out one byte at a time, and is interrupted before each.
struct Dripping<'a> {
    bytes: &'a [u8],
    is_interrupted: bool,
}

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let n_bytes = buffer.len().min(1);
        self.bytes.read(&mut buffer[..n_bytes])
    }
}

#[test]
fn separators_are_guessed_outside_quotes() {
    for text in
        ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "a|b\n1|2\n", "\u{feff}a,b\r\n1,2", "\n\n a , b \r1,2\r"]
    {
        let table = read(text);
        assert_eq!(table.column_names().collect::<Vec<_>>(), ["a", "b"], "{text:?}");
        assert_eq!(rows(&table), [["1", "2"]], "{text:?}");
    }
    let marked = "\u{feff}\"a\"\r\n\r\n1\r\n2\r\n";
    let dripping =
        Table::read(Dripping { bytes: marked.as_bytes(), is_interrupted: false }, "t.csv", None).unwrap();
    assert_eq!((dripping.column_names().collect::<Vec<_>>(), lines(&dripping)), (vec!["a"], vec![3, 4]));
    let table = read("\"a,b,c\";d\n1;2\n");
    assert_eq!(table.column_names().collect::<Vec<_>>(), ["a,b,c", "d"]);
    let table = Table::read("a:b\n1:2\n".as_bytes(), "t.csv", Some(b':')).unwrap();
    assert_eq!(table.columns().len(), 2);
    assert!(TableReader::new(&b"a\n1"[..], "t.csv", Some(b'"')).is_err());
}

#[test]
fn lines_are_those_of_the_file() {
    for (end, name) in [("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")] {
        let text = ["a,b", "1,2", "", "", "\"x", "y\",3", "4,5", "", "6,\"\"", ""].join(end);
        let table = read(&text);
        assert_eq!(lines(&table), [2, 5, 7, 9], "{name}");
        assert_eq!(table.place(1, 1).line, Some(6), "{name}: a cell behind a quote that spans lines");
        let dripping = Dripping { bytes: text.as_bytes(), is_interrupted: false };
        assert_eq!(Table::read(dripping, "t.csv", None).unwrap(), table, "{name}");
    }
}

#[test]
fn chunks_go_on_counting() {
    let text: String = std::iter::once("a\n".into()).chain((0..25).map(|i| format!("{i}\n"))).collect();
    let mut reader = TableReader::new(text.as_bytes(), "t.csv", None).unwrap();
    let mut seen = Vec::new();
    while let Some(chunk) = reader.next_chunk(10).unwrap() {
        seen.extend((0..chunk.n_rows()).map(|row| chunk.place(row, 0)));
    }
    assert_eq!(seen.len(), 25);
    for (i, place) in seen.iter().enumerate() {
        assert_eq!(
            (place.row, place.line, place.value.as_str()),
            (i + 1, Some(i as u64 + 2), &*i.to_string())
        );
    }
    assert!(reader.next_chunk(10).unwrap().is_none());
}

#[test]
fn refuses_what_is_no_table() {
    let table = || "t.csv".to_owned();
    for nothing in [&b""[..], b"\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"] {
        assert_eq!(refusal(nothing), TableError::Empty { table: table() });
    }
    assert_eq!(refusal(b"a,b\n\n"), TableError::NoRows { table: table() });
    assert_eq!(refusal(b"a,b,\n1,2,\n"), TableError::UnnamedColumn { table: table(), position: 3 });
    let (name, first, second) = ("b".to_owned(), 2, 4);
    assert_eq!(
        refusal(b"a,b,c, b\n1,2,3,4\n"),
        TableError::DuplicateColumn { table: table(), name, first, second }
    );
    let (row, line) = (3, 5);
    assert_eq!(
        refusal(b"a,b\n1,2\r\n\n3,4\n5\n"),
        TableError::Ragged { table: table(), row, line, n_fields: 1, n_columns: 2, n_line_breaks: 0 }
    );
    let column = || "b".to_owned();
    let (line, quoted) = (4, b"a,b\n\"x\ny\",1\nz,caf\xe9\n");
    assert_eq!(refusal(quoted), TableError::InvalidUtf8 { table: table(), line, column: column() });
    // The second byte of é is in the next cell: each is wrong, though both together are right.
    assert_eq!(
        refusal(b"a,b\n1,\xc3,\xa9\n"),
        TableError::Ragged { table: table(), row: 1, line: 2, n_fields: 3, n_columns: 2, n_line_breaks: 0 }
    );
    assert_eq!(
        refusal(b"b,c\n\xc3,\xa9\n"),
        TableError::InvalidUtf8 { table: table(), line: 2, column: column() }
    );
    assert_eq!(
        refusal(b"a,b\n\"1\n\",\"\n\0\"\n"),
        TableError::NulByte { table: table(), line: 4, column: column() }
    );
    let column = "2".to_owned();
    assert_eq!(refusal(b"a,\xff\n1,2\n"), TableError::InvalidUtf8 { table: table(), line: 1, column });
}

#[test]
fn messages_say_what_to_do() {
    let message = refusal(b"a,b\n1,2\n\"3,4\n5,6\n7,8\n").to_string();
    assert_eq!(
        message,
        "t.csv, row 2 (line 3) has 1 field where the first line has 2: its quotes span lines 3 to 6; \
         is a closing quote missing?"
    );
    let message = refusal(b"a,b\n1,2,3\n").to_string();
    assert!(message.ends_with("3 fields where the first line has 2: put quotes around a cell that contains the separator, or remove the surplus"), "{message}");
    assert!(
        refusal(b"x,x,a\ny,x,b\n")
            .to_string()
            .contains("if the first line is data, put a line of column names above")
    );
    assert!(refusal(b"a\0b\0\n\x001\0").to_string().contains("UTF-16"));
}

#[test]
fn reads_ten_thousand_columns() {
    let header: Vec<String> = (0..10_000).map(|i| format!("column {i}")).collect();
    let row: Vec<String> = (0..10_000).map(|i| i.to_string()).collect();
    let text = format!("{}\n{}\n{}\n", header.join(";"), row.join(";"), row.join(";"));
    let table = read(&text);
    assert_eq!((table.columns().len(), table.n_rows()), (10_000, 2));
    assert_eq!(table.columns()[9_999].cell(1), "9999");
}

proptest! {
    /// Any text survives the way through a file, and every row is found on the line on which it was written.
    #[test]
    fn round_trips(cells in prop::collection::vec(("[a-z,;\"\\n\\r\t é]{0,6}", "[a-z,;\"\\n\\r\t é]{0,6}"), 1..20),
                   end in prop::sample::select(vec!["\n", "\r\n", "\r"]), n_rows in 1_usize..7) {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = format!("a,b{end}");
        let mut expected_lines = Vec::new();
        for (a, b) in &cells {
            let breaks = text.replace("\r\n", "\n").matches(['\n', '\r']).count();
            expected_lines.push(breaks as u64 + 1);
            text += &format!("{},{}{end}", quoted(a), quoted(b));
        }
        let table = read(&text);
        let expected: Vec<Vec<&str>> = cells.iter().map(|(a, b)| vec![a.as_str(), b.as_str()]).collect();
        prop_assert_eq!(rows(&table), expected);
        prop_assert_eq!(lines(&table), expected_lines);

        let mut reader = TableReader::new(text.as_bytes(), "t.csv", None).unwrap();
        let mut n_seen = 0;
        while let Some(chunk) = reader.next_chunk(n_rows).unwrap() {
            for row in 0..chunk.n_rows() {
                prop_assert_eq!(chunk.place(row, 1), table.place(n_seen + row, 1));
            }
            n_seen += chunk.n_rows();
        }
        prop_assert_eq!(n_seen, table.n_rows());
    }

    /// Whatever the bytes: a table or an error, never a panic.
    #[test]
    fn never_panics(bytes in prop::collection::vec(prop::sample::select(b"a,;\"\n\r\t1\xc3\xa9\0 ".to_vec()), 0..60)) {
        let _ = Table::read(&bytes[..], "t.csv", None);
    }
}

#[test]
fn appended_rows_keep_their_place() {
    let mut table = Table::read("a,b\n1,2\n3,4\n".as_bytes(), "one.csv", None).unwrap();
    let mut reader = TableReader::new("b,a\n\n5,6\n7,8\n9,10\n".as_bytes(), "two.csv", None).unwrap();
    while let Some(chunk) = reader.next_chunk(2).unwrap() {
        table.append(chunk).unwrap();
    }
    table.append(Table::from_columns("three", table.columns().to_vec()).unwrap()).unwrap();
    let a: Vec<&str> = table.columns()[0].cells().collect();
    assert_eq!(a, ["1", "3", "6", "8", "10", "1", "3", "6", "8", "10"]);
    let part = table.rows(3..8);
    assert!(part.columns()[1].cells().eq(table.columns()[1].cells().skip(3).take(5)));
    for row in 0..5 {
        assert_eq!(part.place(row, 1), table.place(row + 3, 1));
    }
    let places = [
        (1, "one.csv", 2, Some(3)),
        (2, "two.csv", 1, Some(3)),
        (4, "two.csv", 3, Some(5)),
        (6, "three", 2, None),
    ];
    for (row, file, row_of_file, line) in places {
        let place = table.place(row, 0);
        assert_eq!((place.table.as_str(), place.row, place.line), (file, row_of_file, line));
    }
    assert_eq!(table.name(), "one.csv");
    for (header, message) in [("a,c", "a column `c` that one.csv lacks"), ("a", "lacks the column `b`")] {
        let other = Table::new("other.csv", header.split(',')).unwrap();
        assert!(table.append(other).unwrap_err().to_string().contains(message));
    }
}

#[test]
fn a_first_line_of_data_is_the_first_row() {
    let text = "5.1,a\r\n\r\n4.9,b\n5.0,c\n";
    let table = Table::read(text.as_bytes(), "t.csv", None).unwrap();
    assert_eq!(table.column_names().collect::<Vec<_>>(), ["column_1", "column_2"]);
    assert_eq!(table.columns()[1].cells().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(table.place(1, 0).to_string().starts_with("t.csv, row 2 (line 3)"), "{}", table.place(1, 0));
    let unknown = table.position("species").unwrap_err().to_string();
    assert!(unknown.ends_with("The first line looks like data: put a line of names above it"), "{unknown}");
    let mut reader = TableReader::new(text.as_bytes(), "t.csv", None).unwrap();
    let rows: Vec<usize> =
        std::iter::from_fn(|| reader.next_chunk(1).unwrap()).map(|chunk| chunk.n_rows()).collect();
    assert_eq!(rows, [1, 1, 1]);
    let error = Table::read("5.1,a\n4.9,b\n5\n".as_bytes(), "t.csv", None).unwrap_err().to_string();
    assert!(error.contains("row 3 (line 3) has 1 field"), "{error}");
    let error = Table::read(&b"5.1,\xff\n4.9,b\n"[..], "t.csv", None).unwrap_err().to_string();
    assert!(error.contains("line 1, column `column_2`"), "{error}");
    assert_eq!(Table::read("1.5,2.5".as_bytes(), "t.csv", None).unwrap().n_rows(), 1);
}
