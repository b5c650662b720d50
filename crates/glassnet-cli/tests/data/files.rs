//! Several files as one table.

use crate::folder::Folder;
use crate::rows::{arrow_file, batch, csv, gzip, json_lines};

#[test]
fn files_and_patterns_are_one_table() {
    let folder = Folder::new();
    folder.write("all.csv", csv(0, 200));
    let expected = folder.model("all.csv", "class", &["--threads", "1"]);
    let predictions = folder.works(&["predict", "trained/model", "all.csv"]).stdout;
    folder.write("part-1.csv", csv(0, 70));
    folder.write("part-2.csv.gz", gzip(csv(70, 120).as_bytes()));
    folder.write("part-3.arrow", arrow_file(&[batch(120, 200)]));
    let parts = ["part-1.csv", "part-2.csv.gz", "part-3.arrow"];
    for tables in [&parts[..], &["part-*"], &["part-[12]*", "part-3.arrow"]] {
        let train = [
            "--target",
            "class",
            "--epochs",
            "2",
            "--threads",
            "1",
            "--recipe",
            "plain",
            "--out",
            "trained/model",
        ];
        folder.works(&[&["train"], tables, &train].concat());
        assert!(folder.read("trained/model") == expected, "{tables:?}");
        let predicted = folder.works(&[&["predict", "trained/model"], tables].concat()).stdout;
        assert_eq!(predicted, predictions);
        folder.works(&[&["evaluate", "trained/model"], tables].concat());
    }
    folder.works(&["train", "part-*", "--target", "class", "--epochs", "1"]);
    folder.works(&["inspect", "part-1-model/model.safetensors"]);
}

#[test]
fn columns_are_matched_by_name() {
    let folder = Folder::new();
    folder.write("a.csv", "size,kind\n1,x\n2,y\n");
    folder.write("b.csv", "kind,size\nx,3\ny,oops\n");
    let lines = folder.works(&["inspect", "a.csv", "b.csv", "--category", "size"]).stdout;
    assert!(lines.starts_with("a.csv and 1 file more: 4 rows, 2 columns"), "{lines}");
    let words = ["b.csv, row 2 (line 3), column `size`, value `oops`"];
    folder.fails(&["inspect", "a.csv", "b.csv", "--number", "size"], 1, &words);
    folder.write("more.csv", "kind,size,hue\nx,3,1\n");
    folder.fails(&["inspect", "a.csv", "more.csv"], 1, &["more.csv has a column `hue` that a.csv lacks"]);
    folder.write("less.csv", "kind\nx\n");
    folder.fails(&["inspect", "a.csv", "less.csv"], 1, &["less.csv lacks the column `size` that a.csv has"]);
    folder.fails(&["inspect", "no-*.csv"], 1, &["no-*.csv", "no file fits this pattern"]);
}

#[test]
fn rows_are_those_of_their_file() {
    let folder = Folder::new();
    folder.write("a.jsonl", json_lines(0, 50));
    folder.write("b.jsonl", json_lines(50, 60).replacen("49991", "\"oops\"", 1));
    let words = ["b.jsonl, row 1 (line 1), column `whole`, value `oops`"];
    folder.fails(&["inspect", "?.jsonl"], 1, &words);
}
