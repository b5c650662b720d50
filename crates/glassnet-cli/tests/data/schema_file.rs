//! Columns written to a file, edited and read back.

use crate::command::penguins;
use crate::folder::Folder;
use crate::rows::csv;

#[test]
fn a_written_schema_trains_the_same_model() {
    let folder = Folder::new();
    folder.write("t.csv", csv(0, 200).replace("real", "day").replace(".3333333333333333", ""));
    let expected = folder.model("t.csv", "class", &["--threads", "1", "--drop", "flag"]);
    for flag in ["--write-schema", "--out"] {
        folder.works(&["inspect", "t.csv", "--target", "class", "--drop", "flag", flag, "s.json"]);
        assert!(folder.model("t.csv", "class", &["--threads", "1", "--schema", "s.json"]) == expected);
    }
    let text = String::from_utf8(folder.read("s.json")).unwrap();
    folder.write("s.json", text.replacen("\"kind\": \"category\"", "\"kind\": \"cat\"", 1));
    let words = ["s.json is not a schema", "cat", "--write-schema FILE"];
    folder.fails(&["train", "t.csv", "--target", "class", "--schema", "s.json"], 1, &words);
}

#[test]
fn an_empty_cell_is_missing_whatever_the_marks() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(penguins()).unwrap().replace("NA", "-");
    folder.write("t.csv", text.replacen(",-,", ",,", 1));
    folder.works(&["train", "t.csv", "--target", "species", "--missing=-", "--epochs", "1"]);
}

#[test]
fn dates_are_part_of_the_schema() {
    let folder = Folder::new();
    let row = |row: usize| format!("2026-{:02}-{:02},{}\n", row % 12 + 1, row % 28 + 1, ["a", "b"][row % 2]);
    folder.write("t.csv", format!("day,class\n{}", (0..60).map(row).collect::<String>()));
    folder.works(&["inspect", "t.csv", "--target", "class", "--dates", "--write-schema", "s.json"]);
    let schema = ["--threads", "1", "--schema", "s.json"];
    assert!(
        folder.model("t.csv", "class", &schema)
            == folder.model("t.csv", "class", &["--threads", "1", "--dates"])
    );
}
