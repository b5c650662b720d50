//! Tables that are refused: the message names file, row, line, column and value, and the remedy.

use crate::folder::{Folder, good_table, numbers_and};

/// Bytes of a table, and what must be said of it when it is `t.csv` and its column `b` is the target.
type Case<'a> = (&'a [u8], &'a [&'a str]);

fn refused(cases: &[Case]) {
    let folder = Folder::new();
    for (bytes, words) in cases {
        folder.write("t.csv", bytes);
        folder.fails(
            &["train", "t.csv", "--target", "b", "--epochs", "1"],
            1,
            &[&["t.csv"], *words].concat(),
        );
    }
}

#[test]
fn no_table() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    folder.model("t.csv", "kind", &[]);
    let commands: [(&[&str], &[&str]); 4] = [
        (&["train"], &["--target", "kind"]),
        (&["inspect"], &[]),
        (&["predict", "trained/model"], &[]),
        (&["evaluate", "trained/model"], &[]),
    ];
    folder.write("empty.csv", "");
    folder.write("header.csv", "size,colour,kind\n");
    for (before, after) in commands {
        let fails = |table, words: &[&str]| folder.fails(&[before, &[table], after].concat(), 1, words);
        fails("none.csv", &["cannot read none.csv"]);
        fails(".", &["cannot read .", "it is a folder"]);
        fails("empty.csv", &["empty.csv is empty", "the first line must name the columns"]);
        fails("header.csv", &["header.csv has a header and no rows", "at least one row"]);
        fails("-", &["standard input is empty"]);
    }
}

#[test]
fn headers() {
    refused(&[
        (b"a,b,a\n1,2,3\n", &["columns 1 and 3 are both named `a`", "rename one of them"]),
        (b"a, b,b \n1,2,3\n", &["columns 2 and 3 are both named `b`"]),
        (b"a,,b\n1,2,3\n", &["column 2 has no name", "name it in the header", "index=False"]),
        (b",b\n1,2\n", &["column 1 has no name"]),
        (b"a,b\xe9\n1,2\n", &["line 1, column `2`: not text in UTF-8", "Save the file as UTF-8"]),
        (b"a,b\0\n1,2\n", &["line 1, column `2`: a zero byte"]),
        (b"a\0,\0b\0\n\0x\0,\0y\0\n\0", &["line 1", "UTF-16 must be saved as UTF-8"]),
        (
            b"\xff\xfea\0,\0b\0\n\0\0\xdc",
            &["line 2: not text in UTF-16LE, which the mark", "Save the file as UTF-8\n"],
        ),
    ]);
}

#[test]
fn rows() {
    refused(&[
        (
            b"a,b\n1,2\n3\n4,5\n",
            &["row 2 (line 3) has 1 field", "first line has 2", "add the missing fields"],
        ),
        (b"a,b\r\n1,2\r\n\r\n3\r\n", &["row 2 (line 4) has 1 field"]),
        (b"a,b\n1,2\n3,4,5\n", &["row 2 (line 3) has 3 fields", "put quotes around"]),
        (b"a,b\n\"1\n\n1\",2\n3\n", &["row 2 (line 5) has 1 field"]),
        (
            b"a,b\n1,2\n\"3,4\n5,6\n",
            &["row 2 (line 3) has 1 field", "lines 3 to 5", "closing quote missing?"],
        ),
        (b"a,b\n1,2\n3,caf\xe9\n", &["line 3, column `b`: not text in UTF-8", "Save the file as UTF-8"]),
        (b"a,b\n\"1\n1\",2\n3,\"4\n\xe9\"\n", &["line 5, column `b`: not text in UTF-8"]),
        (b"a,b\n1,2\n3\0,4\n", &["line 3, column `a`: a zero byte", "Is this a text file?"]),
    ]);
}

#[test]
fn targets() {
    refused(&[
        (b"a,b\n1,x\n2,x\n3,x\n", &["target `b` is `x` in every row", "choose another target"]),
        (b"a,b\n1,x\n2,\n3,x\n", &["target `b` is `x` in every row"]),
        (b"a,b\n1,\n2,NA\n3,?\n", &["every cell of the target `b` is missing", "choose another target"]),
        (b"a,b\n1,x\n2,y\n3,z\n4,v\n", &["target `b` has 4 different values in 4 rows", "merge rare values"]),
        (b"a,b\n1,2026-01-02\n2,2026-01-03\n", &["row 1 (line 2), column `b`, value `2026-01-02`", "a date"]),
    ]);
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    for (target, nearest) in [("knd", "`kind`"), ("Kind", "`kind`"), ("colour ", "`colour`")] {
        let words =
            ["t.csv has no column", target, "did you mean", nearest, "There is: `size`, `colour`, `kind`"];
        folder.fails(&["train", "t.csv", "--target", target], 1, &words);
    }
    folder.fails(
        &["train", "t.csv", "--target", "elephant"],
        1,
        &["no column `elephant`.", "There is: `size`"],
    );
}

#[test]
fn cells_that_are_no_numbers() {
    let place = ["row 11 (line 12), column `a`", "Correct the cell", "--missing", "--category a"];
    let refuses = |text: String, value: &str| {
        refused(&[(text.as_bytes(), &[&place[..], &[&format!("value `{value}`")]].concat())]);
    };
    for value in ["12q", "inf", "-Infinity", "1e999", "-1e999", "1_000"] {
        refuses(numbers_and(&format!("{value},x\n")), value);
    }
    // However many cells are infinite.
    for value in ["inf", "1e999"] {
        refuses(numbers_and(&format!("{value},x\n").repeat(8)), value);
    }
    let target = numbers_and("1e999,x\n").replacen("a,b", "b,a", 1);
    refused(&[(target.as_bytes(), &["row 11 (line 12), column `b`, value `1e999`", "not a finite number"])]);
    // After quotes that span lines, the line is still the right one, and so is the row.
    let quotes = numbers_and("\"11\n\",\"x\ny\"\noops,x\n");
    refused(&[(quotes.as_bytes(), &["row 12 (line 15), column `a`, value `oops`"])]);
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let words = ["t.csv, row 1 (line 2), column `colour`, value `red`", "Correct the cell"];
    folder.fails(&["train", "t.csv", "--target", "kind", "--number", "colour"], 1, &words);
}

#[test]
fn dates_and_decimal_commas_come_with_advice() {
    let advice = ["--drop a", "year, month"];
    let dates = |cell: &str, value: &str| {
        let text = format!("a,b\n{cell},x\n{cell},y\n{value},x\n");
        let at = format!("row 1 (line 2), column `a`, value `{cell}`: a date or a time");
        refused(&[(text.as_bytes(), &[&advice[..], &[&at]].concat())]);
    };
    dates("2026-11-23", "2026-11-24");
    dates("23.11.2026", "24.11.2026");
    dates("11/23/26 08:15", "11/24/26 08:15");
    dates("08:15", "9:15:30");
    let commas: [Case; 2] = [
        (
            b"a;b\n1,5;x\n2,5;y\n3;x\n",
            &["row 1 (line 2), column `a`, value `1,5`", "`--decimal-comma` or write a point"],
        ),
        (b"a,b\n1,x\n\"2,5\",y\n3,x\n", &["row 2 (line 3), column `a`, value `2,5`", "--category a"]),
    ];
    refused(&commas);
}

#[test]
fn nothing_to_learn_from() {
    let folder = Folder::new();
    folder.write("t.csv", "a,b\n1,x\n1,y\n,x\n");
    folder.fails(
        &["train", "t.csv", "--target", "b"],
        1,
        &["t.csv: no column is left as an input: keep at least one"],
    );
}
