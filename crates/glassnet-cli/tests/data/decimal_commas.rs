//! Numbers with a decimal comma, from the first look to predictions.

use crate::folder::Folder;

/// Rows of a table, whose numbers are written by `decimal` and whose cells stand apart by `separator`.
fn table(separator: char, point: &str) -> String {
    let number = |number: f64| number.to_string().replace('.', point);
    let row = |row: usize| {
        let (a, b) = ((row as f64 * 0.7).sin() * 40.0, (row % 9) as f64 / 4.0);
        let colour = ["red", "blue"][row % 2];
        [number(a), number(b), colour.into(), number(a * 0.5 - b)].join(&separator.to_string()) + "\n"
    };
    let header = ["a", "b", "colour", "y"].join(&separator.to_string());
    format!("{header}\n{}", (0..80).map(row).collect::<String>())
}

#[test]
fn a_table_with_decimal_commas_trains_the_model_of_one_with_points() {
    let folder = Folder::new();
    folder.write("commas.csv", table(';', ","));
    folder.write("points.csv", table(',', "."));
    let words = ["commas.csv, row 2 (line 3), column `a`", "`--decimal-comma`"];
    folder.fails(&["train", "commas.csv", "--target", "y"], 1, &words);
    let points = ["points.csv, row 2 (line 3), column `a`", "a number with a point"];
    folder.fails(&["train", "points.csv", "--target", "y", "--decimal-comma"], 1, &points);

    let settings = "--epochs 3 --threads 1 --target y --json --out";
    let train = |rest: &str| folder.works(&format!("train {rest}").split(' ').collect::<Vec<_>>());
    train(&format!("points.csv {settings} points/model"));
    train(&format!("commas.csv --decimal-comma {settings} commas/model"));
    train(&format!("commas.csv --decimal-comma --memory-limit 100MiB {settings} again/model"));
    let predictions = |model: &str, table: &str| {
        let predicted = folder.works(&["predict", model, table]).stdout;
        let last = |line: &str| line.rsplit([',', ';']).next().unwrap().to_owned();
        predicted.lines().map(last).collect::<Vec<_>>()
    };
    let expected = predictions("points/model", "points.csv");
    assert_eq!(expected.len(), 81);
    assert_eq!(predictions("commas/model", "commas.csv"), expected);
    assert_eq!(predictions("again/model", "commas.csv"), expected);

    for rest in [
        "evaluate commas/model commas.csv",
        "explain commas/model commas.csv",
        "explain commas/model commas.csv --row 3",
        "diagnose commas/model commas.csv",
        "plot boundary commas/model commas.csv --columns a,b",
        "inspect commas.csv --target y --decimal-comma",
        "train commas.csv --decimal-comma --target y --epochs 2 --folds 3 --out folds/model",
    ] {
        folder.works(&rest.split(' ').collect::<Vec<_>>());
    }
    folder.works(&["inspect", "commas.csv", "--target", "y", "--decimal-comma", "--write-schema", "s.json"]);
    train(&format!("commas.csv --schema s.json {settings} schema/model"));
    assert!(folder.read("schema/model") == folder.read("commas/model"));
}
