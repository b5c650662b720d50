//! Tables that are not what the model was trained on.

use crate::folder::{Folder, assert_says, good_table};

/// A folder with `t.csv` and a model `m` of its kinds.
fn with_model() -> Folder {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let plain = ["--recipe", "plain", "--epochs", "2", "--quiet", "--out", "m"];
    folder.works(&[&["train", "t.csv", "--target", "kind"][..], &plain].concat());
    folder
}

#[test]
fn a_missing_or_renamed_column_is_named_with_the_nearest() {
    let folder = with_model();
    let renamed = good_table().replacen("colour", "color", 1);
    let without: String =
        good_table().lines().map(|line| line.split_once(',').unwrap().1.to_owned() + "\n").collect();
    folder.write("renamed.csv", renamed);
    folder.write("without.csv", without);
    folder.write("unlabelled.csv", "size,colour,sort\n1,red,small\n");
    for command in ["predict", "evaluate"] {
        let lacks = "lacks a column that the model needs";
        let words =
            ["renamed.csv", lacks, "`colour`; did you mean `color`?", "There is: `size`, `color`, `kind`"];
        folder.fails(&[command, "m", "renamed.csv"], 1, &words);
        folder.fails(
            &[command, "m", "without.csv"],
            1,
            &["without.csv", lacks, "`size`", "There is: `colour`, `kind`"],
        );
    }
    folder.fails(&["predict", "m", "renamed.csv", "--out", "new/p.csv"], 1, &["`colour`"]);
    folder.fails(&["evaluate", "m", "unlabelled.csv"], 1, &["unlabelled.csv", "lacks", "`kind`"]);
    folder.works(&["predict", "m", "unlabelled.csv"]);
}

/// The last cells of each line, which predict adds.
fn added(stdout: &str, n_columns: usize) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split(',').skip(n_columns).map(str::to_owned).collect();
    stdout.lines().map(cells).collect()
}

#[test]
fn the_order_of_columns_does_not_matter_and_more_are_kept() {
    let folder = with_model();
    let plain = folder.works(&["predict", "m", "t.csv"]);
    assert_eq!(plain.stderr, "");
    let reordered = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{},{},{}\n", cells[2], cells[1], cells[0])
    };
    folder.write("reordered.csv", good_table().lines().map(reordered).collect::<String>());
    let done = folder.works(&["predict", "m", "reordered.csv"]);
    assert_eq!(added(&done.stdout, 3), added(&plain.stdout, 3));
    let extra = |line: &str| format!("{},{line}\n", if line.starts_with("size") { "note" } else { "ü" });
    folder.write("extra.csv", good_table().lines().map(extra).collect::<String>());
    let done = folder.works(&["predict", "m", "extra.csv"]);
    assert_eq!(added(&done.stdout, 4), added(&plain.stdout, 3));
    assert_says(&done.stdout, &["note,size,colour,kind,prediction", "ü,0.5,red,small,"]);
    assert_says(&done.stderr, &["not trained with `note`: kept, and not read"]);
}

#[test]
fn unseen_categories_and_missing_cells_work_with_a_warning() {
    let folder = with_model();
    folder.write("new.csv", "size,colour\n1,mauve\n,red\n2,mauve\n");
    let done = folder.works(&["predict", "m", "new.csv"]);
    assert_eq!(done.stdout.lines().count(), 4);
    let unseen =
        "warning: column `colour` has 2 cells with a value that the training rows lack, such as \"mauve\"";
    assert_says(
        &done.stderr,
        &[unseen, "warning: column `size` has 1 missing cell; in the training rows there was none"],
    );
}

#[test]
fn numbers_in_another_unit_are_warned_of() {
    let folder = Folder::new();
    let row = |i: usize| format!("{i} %,${},{}\n", i + 10, ["no", "yes"][i % 2]);
    folder.write("t.csv", format!("rate,price,sold\n{}", (1..=40).map(row).collect::<String>()));
    assert_says(&folder.works(&["inspect", "t.csv"]).stdout, &["1.000 … 40.00 %", "11.00 … 50.00 $"]);
    folder.works(&["train", "t.csv", "--target", "sold", "--recipe", "plain", "--epochs", "1", "--out", "m"]);
    let same = folder.works(&["predict", "m", "t.csv"]);
    assert!(!same.stderr.contains("warning"), "{}", same.stderr);
    folder.write("other.csv", "rate,price,sold\n5,20,no\n0,€20,yes\n6 %,$21,no\n7,€0,no\n");
    let words = [
        "warning: column `rate` has 2 numbers, such as 5, where the table that trained the model has `%`",
        "warning: column `price` has 1 number, such as €20, where the table that trained the model has `$`",
    ];
    for command in ["predict", "evaluate"] {
        assert_says(&folder.works(&[command, "m", "other.csv"]).stderr, &words);
    }
    // A schema written by hand says nothing of units.
    let column = |name: &str, kind: &str, role: &str| {
        format!("{{\"name\": \"{name}\", \"kind\": \"{kind}\", \"role\": \"{role}\"}}")
    };
    let columns = [column("rate", "number", "input"), column("sold", "boolean", "target")].join(", ");
    folder.write("schema.json", format!("{{\"columns\": [{columns}]}}"));
    let plain = ["--recipe", "plain", "--epochs", "1", "--out", "by-hand"];
    folder.works(&[&["train", "t.csv", "--target", "sold", "--schema", "schema.json"][..], &plain].concat());
    let done = folder.works(&["predict", "by-hand", "t.csv"]);
    assert!(!done.stderr.contains("warning"), "{}", done.stderr);
}

#[test]
fn cells_that_the_model_cannot_read() {
    let folder = with_model();
    folder.write("word.csv", "size,colour\n1,red\n\nfive,red\n");
    let words =
        ["word.csv, row 2 (line 4), column `size`, value `five`", "not a finite number", "leave it empty"];
    folder.fails(&["predict", "m", "word.csv"], 1, &words);
    folder.write("infinite.csv", "size,colour\n1e999,red\n");
    folder.fails(
        &["predict", "m", "infinite.csv"],
        1,
        &["infinite.csv, row 1 (line 2), column `size`, value `1e999`"],
    );
    folder.write("far.csv", "size,colour\n1e300,red\n");
    folder.fails(
        &["predict", "m", "far.csv"],
        1,
        &["value `1e300`: too far from the training rows", "Correct the cell"],
    );
    folder.write("class.csv", "size,colour,kind\n1,red,smal\n");
    let words = [
        "class.csv, row 1 (line 2), column `kind`, value `smal`",
        "did you mean `small`?",
        "leave the row out",
    ];
    folder.fails(&["evaluate", "m", "class.csv"], 1, &words);
    folder.write("twice.csv", "size,colour,prediction\n1,red,small\n");
    folder.fails(
        &["predict", "m", "twice.csv"],
        1,
        &["twice.csv already has a column `prediction`", "rename or drop it"],
    );
}

#[test]
fn an_error_far_down_leaves_the_old_predictions() {
    let folder = with_model();
    let text = "size,colour\n".to_owned() + &"1,red\n".repeat(5_000) + "five,red\n";
    folder.write("long.csv", text);
    folder.write("old.csv", "old");
    for out in ["old.csv", "new.csv", "new/folder/p.csv"] {
        folder.fails(
            &["predict", "m", "long.csv", "--out", out],
            1,
            &["row 5001 (line 5002), column `size`"],
        );
    }
}
