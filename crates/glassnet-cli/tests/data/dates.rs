//! Dates as numbers.

use crate::folder::Folder;
use std::fmt::Write;

/// 60 rows in two years; the class is the half of the week.
fn table(date: impl Fn(usize) -> String) -> String {
    let mut text = "when,size,class\n".to_owned();
    for row in 0..60 {
        writeln!(text, "{},{},{}", date(row), row * 7 % 11, ["a", "b"][row / 2 % 2]).unwrap();
    }
    text
}

fn iso(row: usize) -> String {
    format!("20{}-{:02}-{:02}T{:02}:30:00Z", 25 + row / 30, row % 12 + 1, row % 28 + 1, row % 24)
}

#[test]
fn dates_become_numbers_and_the_model_remembers_how() {
    let folder = Folder::new();
    folder.write("t.csv", table(iso));
    folder.fails(
        &["train", "t.csv", "--target", "class"],
        1,
        &["value `2025-01-01T00:30:00Z`", "Pass `--dates`"],
    );
    folder.model("t.csv", "class", &["--dates"]);
    let columns = folder.works(&["inspect", "trained/model"]).stdout;
    for word in ["when_days ", "when_year ", "when_month ", "when_weekday ", "when_hour ", "2025 … 2026"] {
        assert!(columns.contains(word), "{word}: {columns}");
    }
    let done = folder.works(&["predict", "trained/model", "t.csv"]);
    assert!(done.stdout.starts_with("when,size,class,prediction,"), "{}", done.stdout);
    assert!(done.stdout.contains("\n2025-01-01T00:30:00Z,0,a,"), "{}", done.stdout);
    assert!(!done.stderr.contains("when"), "{}", done.stderr);
    folder.works(&["evaluate", "trained/model", "t.csv"]);
    folder.works(&["plot", "boundary", "trained/model", "t.csv", "--columns", "size,when_days"]);
    folder.write("bad.csv", table(|row| if row == 9 { "soon".into() } else { iso(row) }));
    let words =
        ["bad.csv, row 10 (line 11), column `when`, value `soon`", "not a date or time like 2026-11-23"];
    folder.fails(&["predict", "trained/model", "bad.csv"], 1, &words);
    folder.fails(&["train", "bad.csv", "--target", "class", "--dates"], 1, &words);
    folder.write("no.csv", "size,class\n1,a\n");
    folder.fails(
        &["predict", "trained/model", "no.csv"],
        1,
        &["lacks a column that the model needs: `when`"],
    );
    // A cell that is empty is a missing value.
    folder.write("gap.csv", table(|row| if row == 9 { String::new() } else { iso(row) }));
    assert!(folder.works(&["predict", "trained/model", "gap.csv"]).stderr.contains("when_days"));
}

/// Writes year, month and day.
type Form = fn((usize, usize, usize)) -> String;

#[test]
fn the_same_days_in_any_order_are_the_same_model() {
    let folder = Folder::new();
    let day = |row: usize| (2025 + row / 30, row % 12 + 1, row % 28 + 1);
    let expected = {
        folder.write("t.csv", table(|row| format!("{}-{}-{}", day(row).0, day(row).1, day(row).2)));
        folder.works(&["inspect", "t.csv", "--dates", "--json"]).stdout
    };
    let forms: [(&str, Form); 3] = [
        ("--dates", |(year, month, day)| format!("{day:02}.{month:02}.{year}")),
        ("--dates", |(year, month, day)| format!("{month}/{day}/{}", year % 100)),
        ("--dates=day-first", |(year, month, day)| format!("{day}-{month}-{year}")),
    ];
    for (flag, form) in forms {
        folder.write("t.csv", table(|row| form(day(row))));
        let found = folder.works(&["inspect", "t.csv", flag, "--json"]).stdout;
        let without_order = |text: &str| {
            ["year_first", "day_first", "month_first"]
                .iter()
                .fold(text.to_owned(), |text, order| text.replace(order, "order"))
        };
        assert_eq!(without_order(&found), without_order(&expected), "{flag}");
    }
    folder.write("t.csv", table(|row| format!("{}/{}/2026", row % 12 + 1, row % 11 + 1)));
    folder.fails(&["inspect", "t.csv", "--dates"], 1, &["value `1/1/2026`", "`--dates=day-first`"]);
    folder.write("t.csv", table(|row| format!("{}:{:02}", row % 24, row)));
    let columns = folder.works(&["inspect", "t.csv", "--dates"]).stdout;
    assert!(columns.contains("when_hour ") && !columns.contains("when_days"), "{columns}");
    folder.works(&["inspect", "t.csv", "--dates", "--drop", "when"]);
}
