//! What columns are taken for, which tables are refused with which advice, and schemas as edited files.
#![expect(clippy::format_push_string, reason = "small tables as text")]

use glassnet::cell::MissingMarks;
use glassnet::dates::Dates;
use glassnet::error::{Error, SchemaError};
use glassnet::notes::Note;
use glassnet::schema::{Kind, Role, Schema, SchemaOptions, Task};
use glassnet::table::Table;
use std::borrow::Cow;

fn table(text: &str) -> Table {
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

/// A table of one column besides an unremarkable input `x`.
fn column(cells: &[&str]) -> Table {
    let mut table = Table::new("t.csv", ["c", "x"]).unwrap();
    for (i, cell) in cells.iter().enumerate() {
        table.push_row([*cell, &i.to_string()]);
    }
    table
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn target(task: Option<Task>) -> SchemaOptions {
    SchemaOptions { targets: vec!["c".into()], task, ..SchemaOptions::default() }
}

fn infer(table: &Table, options: &SchemaOptions) -> Result<Schema, SchemaError> {
    Schema::infer(table, options).map_err(|error| match error {
        Error::Schema(error) => error,
        other => panic!("{other:?}"),
    })
}

fn kind(cells: &[&str]) -> Kind {
    infer(&column(cells), &SchemaOptions::default()).unwrap().columns[0].kind
}

fn refusal(cells: &[&str]) -> String {
    infer(&column(cells), &SchemaOptions::default()).unwrap_err().to_string()
}

#[test]
fn kinds_follow_the_cells() {
    assert_eq!(kind(&["1", " -2.5e3 ", "NA", "", "?", "nan", "NULL", ".5"]), Kind::Number);
    assert_eq!(kind(&["0", "1", "0"]), Kind::Number);
    assert_eq!(kind(&["Yes", "no", "", "YES"]), Kind::Boolean);
    assert_eq!(kind(&["t", "f", "T"]), Kind::Boolean);
    assert_eq!(kind(&["yes", "no", "n"]), Kind::Category, "two pairs mixed");
    assert_eq!(kind(&["red", "blue", "red"]), Kind::Category);
    assert_eq!(kind(&["red", "red ", ""]), Kind::Constant);
    assert_eq!(kind(&["1", "1.0"]), Kind::Constant);
    assert_eq!(kind(&["", "NA", " "]), Kind::Empty);
    assert_eq!(kind(&["inf", "infinity", "1"]), Kind::Category, "the words are no numbers");
    let names: Vec<String> = (0..42).map(|i| format!("n{}", i % 21)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(kind(&names), Kind::Category, "21 of 42 differ: not more than half");
    assert_eq!(kind(&names[..41]), Kind::Text);
    assert_eq!(kind(&names[..20]), Kind::Category, "20 are not more than 20");
}

#[test]
fn one_text_among_many_numbers_is_taken_for_a_mark_and_refused() {
    let numbers: Vec<String> = (0..60).map(|i| format!("{}", i % 30)).collect();
    let with = |others: &[&'static str]| -> Vec<&str> {
        others.iter().copied().chain(numbers.iter().map(String::as_str)).collect()
    };
    for others in [&["None"; 60][..], &["None", " None "]] {
        let message = refusal(&with(others));
        assert!(
            message.starts_with("t.csv, row 1, column `c`, value `None`: not a finite number"),
            "{message}"
        );
        assert!(message.contains("pass `--missing MARK`"), "{message}");
    }
    assert_eq!(kind(&with(&["None"; 61])), Kind::Category, "fewer than half are numbers");
    assert_eq!(kind(&with(&[["None"; 5], ["low"; 5]].concat())), Kind::Category, "two texts");
    let few: Vec<&str> = ["None"; 20].into_iter().chain((0..60).map(|i| ["1", "2", "3"][i % 3])).collect();
    assert_eq!(kind(&few), Kind::Category, "four values are names");
    let mut marked = SchemaOptions::default();
    marked.missing.0.push("None".into());
    let schema = infer(&column(&with(&["None"; 20])), &marked).unwrap();
    assert_eq!((schema.columns[0].kind, schema.columns[0].n_missing), (Kind::Number, 20));
    let dropped = SchemaOptions { drop: names(&["c"]), ..SchemaOptions::default() };
    assert_eq!(infer(&column(&with(&["None"; 20])), &dropped).unwrap().columns[0].kind, Kind::Category);
}

#[test]
fn a_column_of_numbers_tolerates_no_other_text() {
    let nine = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let with = |cell| [&nine[..], &[cell]].concat();
    assert_eq!(
        refusal(&with("abc")),
        "t.csv, row 10, column `c`, value `abc`: not a finite number, while 9 of 10 cells of the column are. Correct \
         the cell, or pass `--missing MARK` if it marks a missing value, or `--category c` if these are names"
    );
    for infinite in ["inf", "-Infinity", "1e999"] {
        assert!(refusal(&with(infinite)).contains("not a finite number"), "{infinite}");
        let message = refusal(&["1", "2", infinite]);
        assert!(message.starts_with(&format!("t.csv, row 3, column `c`, value `{infinite}`")), "{message}");
        refusal(&[&nine[..], &[infinite; 9]].concat());
    }
    assert_eq!(kind(&[&nine[..8], &["abc"]].concat()), Kind::Category, "8 of 9 are fewer than 90 %");
    assert_eq!(kind(&["1", "2", "3", "4", "abc"]), Kind::Category, "4 are fewer than 5");

    let text = "c,x\n\"1\",\"a\nb\"\n2,b\n3,b\n4,b\n5,b\n6,b\n7,b\n8,b\n9,b\nabc,b\n";
    let error = infer(&table(text), &SchemaOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("t.csv, row 10 (line 12), column `c`, value `abc`"), "{error}");

    let forced = SchemaOptions { category: names(&["c"]), ..SchemaOptions::default() };
    assert_eq!(infer(&column(&with("abc")), &forced).unwrap().columns[0].kind, Kind::Category);
    let mut marked = SchemaOptions::default();
    marked.missing.0.push("abc".into());
    let schema = infer(&column(&with(" ABC")), &marked).unwrap();
    assert_eq!((schema.columns[0].kind, schema.columns[0].n_missing), (Kind::Number, 1));
    let forced = SchemaOptions { number: names(&["c"]), ..SchemaOptions::default() };
    assert!(matches!(
        infer(&column(&["a", "1"]), &forced),
        Err(SchemaError::NotANumber { n_numbers: 1, .. })
    ));
}

#[test]
fn decimal_commas_and_dates_are_refused() {
    assert!(
        refusal(&["3,14", "2,5", "1"])
            .starts_with("t.csv, row 1, column `c`, value `3,14`: a number with a comma")
    );
    assert_eq!(kind(&["a,b", "1,2", "a"]), Kind::Category);
    for date in ["2026-11-23", "2026-11-23T10:00:00", "23.11.2026 10:00", "11/23/26", "2026/1/2"] {
        let message = refusal(&[date, "2025-01-02", ""]);
        assert!(
            message.contains(date) && message.contains("`--drop c`") && message.contains("year"),
            "{message}"
        );
    }
    for no_date in ["192.168.0.1", "2026-13-32", "1-2-3", "12-34", "20a6-01-01"] {
        assert_eq!(kind(&[no_date, "x", "y"]), Kind::Category, "{no_date}");
        assert_eq!(kind(&[no_date, "2026", "x"]), Kind::Category, "{no_date}");
    }
    let dates = column(&["2026-11-23", "2025-01-02"]);
    let dropped = SchemaOptions { drop: names(&["c"]), ..SchemaOptions::default() };
    assert_eq!(infer(&dates, &dropped).unwrap().columns[0].role, Role::Ignored);
    let category = SchemaOptions { category: names(&["c"]), ..SchemaOptions::default() };
    assert_eq!(infer(&dates, &category).unwrap().columns[0].role, Role::Input);
}

#[test]
fn decimal_commas_are_points_where_asked_for() {
    let commas = SchemaOptions { decimal_comma: true, ..SchemaOptions::default() };
    let table = column(&["3,14", "-2,5e1", "", "1", "+1.234,5"]);
    let schema = infer(&table, &commas).unwrap();
    assert_eq!((schema.columns[0].kind, schema.columns[0].range), (Kind::Number, Some([-25.0, 1234.5])));
    let cells = |table: &Table| -> Vec<String> { table.columns()[0].cells().map(str::to_owned).collect() };
    let replaced = schema.with_numbers(&table).unwrap();
    assert_eq!(cells(&replaced), ["3.14", "-2.5e1", "", "1", "+1234.5"]);
    assert_eq!(schema.with_numbers(&replaced).unwrap(), replaced);
    assert_eq!(Schema::from_json(&schema.to_json(), "t.json").unwrap(), schema);

    for cells in [["1.234", "2,5", "3"], ["1", "2", "1.5"]] {
        let message = infer(&column(&cells), &commas).unwrap_err().to_string();
        assert!(message.contains("a number with a point") && message.contains("`--category c`"), "{message}");
    }
    for no_number in ["12.34,5", "1234.567,8", "1,234,5", "1.234.567", ".123,4", "a,5"] {
        let unlike = column(&[no_number, "x", "x"]);
        assert_eq!(schema.with_numbers(&unlike).unwrap(), Cow::Borrowed(&unlike), "{no_number}");
    }
    let marked = SchemaOptions { missing: MissingMarks(vec!["-9,5".into()]), ..commas.clone() };
    let schema = infer(&column(&["1,5", "-9,5", "2"]), &marked).unwrap();
    assert_eq!((schema.columns[0].n_missing, schema.columns[0].range), (1, Some([1.5, 2.0])));
    let missing = column(&["-9,5"]);
    assert_eq!(schema.with_numbers(&missing).unwrap(), Cow::Borrowed(&missing));
    // Names may have points and commas, and what is left out may be anything.
    let names = SchemaOptions { category: names(&["c"]), ..commas.clone() };
    assert_eq!(infer(&column(&["1.10", "1.20", "1.10"]), &names).unwrap().columns[0].role, Role::Input);
    let dropped = SchemaOptions { drop: names.category.clone(), ..commas.clone() };
    assert!(infer(&column(&["1.10", "1,20", "3"]), &dropped).is_ok());
    let dates = SchemaOptions { dates: Dates::Numbers, ..commas };
    let schema = infer(&column(&["23.11.2026", "24.11.2026", "25.11.2026"]), &dates).unwrap();
    assert!(schema.columns.iter().any(|column| column.name == "c_days"));
}

#[test]
fn amounts_are_numbers_of_one_unit() {
    let range = |cells: &[&str]| infer(&column(cells), &SchemaOptions::default()).unwrap().columns[0].range;
    assert_eq!(range(&["$1,234.50", "", "12", "-$7", "$1,000"]), Some([-7.0, 1234.5]));
    assert_eq!(range(&["0", "12.5%", "1 %"]), Some([0.0, 12.5]));
    assert_eq!(range(&["1,234,567", "5", "1,234.5"]), Some([5.0, 1_234_567.0]));
    for (cells, row) in [
        (["5%", "0.5", "7%"], "row 2"),
        (["3", "0", "4 %"], "row 3"),
        (["$5", "€6", "$7"], "row 2"),
        (["5", "€6", "$7"], "row 3"),
    ] {
        let message = refusal(&cells);
        assert!(message.contains(row) && message.contains("another unit than that of"), "{message}");
        assert!(message.contains(cells[0]) && message.contains("`--category c`"), "{message}");
    }
    // Without a point or a sign, a comma may be one of decimals.
    assert!(refusal(&["1,500", "2,250,000", "1,000"]).contains("a number with a comma"));
    assert!(refusal(&["3,50 €", "4,00 €"]).contains("a number with a comma"));
    assert!(refusal(&["1.234,50 €", "12.000,00 €"]).contains("a number with a comma"));
    assert_eq!(kind(&["5 kg", "6 kg", "5 kg"]), Kind::Category);
    let commas = SchemaOptions { decimal_comma: true, ..SchemaOptions::default() };
    let table = column(&["3,50 €", "1.234,5 €", "-4 €"]);
    let schema = infer(&table, &commas).unwrap();
    assert_eq!(schema.columns[0].range, Some([-4.0, 1234.5]));
    assert_eq!(schema.with_numbers(&table).unwrap().columns()[0].cell(1), "1234.5 €");
}

#[test]
fn tasks_follow_the_target() {
    let task = |cells: &[&str]| infer(&column(cells), &target(None)).unwrap().task().unwrap();
    assert_eq!(task(&["0", "1", "1", "0"]), Task::Classification);
    assert_eq!(task(&["2.0", "1.0"]), Task::Classification);
    assert_eq!(task(&["1", "2", "3", "1", "2", "3"]), Task::Classification);
    assert_eq!(task(&["1", "2", "3", "1", "2"]), Task::Regression, "fewer than two rows a class");
    assert_eq!(task(&["2", "3", "2", "3"]), Task::Regression, "neither from 0 nor from 1");
    assert_eq!(task(&["0", "1", "3", "0", "1", "3"]), Task::Regression, "2 is not there");
    assert_eq!(task(&["0", "0.5", "1", "0", "0.5", "1"]), Task::Regression);
    assert_eq!(task(&["0", "1", "1e300", "0"]), Task::Regression);
    assert_eq!(task(&["a", "b"]), Task::Classification);
    let many = |k: usize| (0..2 * k).map(|i| (i % k).to_string()).collect::<Vec<_>>();
    assert_eq!(task(&many(20).iter().map(String::as_str).collect::<Vec<_>>()), Task::Classification);
    assert_eq!(task(&many(21).iter().map(String::as_str).collect::<Vec<_>>()), Task::Regression);

    let classes = infer(&column(&["5", "7.0", "7", "5"]), &target(Some(Task::Classification))).unwrap();
    let levels: Vec<_> =
        classes.targets().next().unwrap().levels.iter().map(|l| (l.name.as_str(), l.count)).collect();
    assert_eq!(levels, [("5", 2), ("7.0", 2)], "7 and 7.0 are one class");
    let number = infer(&column(&["0", "1", "1"]), &target(Some(Task::Regression))).unwrap();
    assert_eq!(number.task(), Some(Task::Regression));
    let boolean = infer(&column(&["Yes", "No", "yes"]), &target(Some(Task::Classification))).unwrap();
    assert_eq!(boolean.targets().next().unwrap().kind, Kind::Boolean);
    assert_eq!(boolean.targets().next().unwrap().levels.len(), 2);
}

#[test]
fn targets_without_anything_to_learn_are_refused() {
    let error = |cells: &[&str], task| infer(&column(cells), &target(task)).unwrap_err();
    assert!(matches!(error(&["", "NA"], None), SchemaError::NoLabelledRows { .. }));
    assert!(matches!(error(&["a", "a", ""], None), SchemaError::OneClass { value, .. } if value == "a"));
    assert!(matches!(error(&["3", "3"], Some(Task::Regression)), SchemaError::OneClass { .. }));
    assert!(matches!(
        error(&["a", "b", "c"], None),
        SchemaError::TooManyClasses { n_classes: 3, n_rows: 3, .. }
    ));
    let many: Vec<String> = (0..3003).map(|i| format!("class {}", i % 1001)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(matches!(error(&many, None), SchemaError::TooManyClasses { n_classes: 1001, .. }));
    assert!(matches!(error(&["a", "1"], Some(Task::Regression)), SchemaError::NotANumber { .. }));
    let alone = Table::read("c\n1\n2\n".as_bytes(), "t.csv", None).unwrap();
    assert_eq!(infer(&alone, &target(None)), Err(SchemaError::NoInputs { table: "t.csv".into() }));
}

#[test]
fn unknown_and_contradictory_options_are_refused() {
    let table = table("species,island\na,1\nb,2\n");
    let options = |target: &str, drop: &[&str], category: &[&str], number: &[&str]| SchemaOptions {
        targets: vec![target.into()],
        drop: names(drop),
        category: names(category),
        number: names(number),
        ..SchemaOptions::default()
    };
    for unknown in [
        options("Specis", &[], &[], &[]),
        options("island", &["Specis"], &[], &[]),
        options("island", &[], &["Specis"], &[]),
        options("island", &[], &[], &["Specis"]),
    ] {
        let message = infer(&table, &unknown).unwrap_err().to_string();
        assert_eq!(
            message,
            "t.csv has no column `Specis`; did you mean `species`? There is: `species`, `island`"
        );
    }
    for contradictory in
        [options("species", &["species"], &[], &[]), options("species", &[], &["island"], &["island"])]
    {
        assert!(matches!(infer(&table, &contradictory), Err(SchemaError::Contradiction { .. })));
    }
}

#[test]
fn the_examples_are_understood() {
    let kinds = |text: &str| {
        let target = SchemaOptions { targets: vec!["species".into()], ..SchemaOptions::default() };
        let schema = infer(&table(text), &target).unwrap();
        assert_eq!((schema.task(), schema.notes()), (Some(Task::Classification), Vec::new()));
        schema.columns.into_iter().map(|column| (column.kind, column.n_missing)).collect::<Vec<_>>()
    };
    let (number, category) = (Kind::Number, Kind::Category);
    let iris = kinds(include_str!("../../../examples/iris.csv"));
    assert_eq!(iris, [(number, 0), (number, 0), (number, 0), (number, 0), (category, 0)]);
    let penguins = kinds(include_str!("../../../examples/penguins.csv"));
    let measures = [(number, 2); 4];
    assert_eq!(penguins, [&[(category, 0), (category, 0)], &measures[..], &[(category, 11)]].concat());
}

#[test]
fn columns_with_the_same_fate_share_a_note() {
    let notes = |n_columns: usize| -> Vec<String> {
        let names: Vec<String> = (0..n_columns).map(|i| format!("p{i}")).collect();
        let cells = vec!["0"; n_columns].join(",");
        let rows: Vec<String> = (0..9).map(|i| format!("{cells},{i},{}", ["a", "b"][i % 2])).collect();
        let table = table(&format!("{},x,y\n{}\n", names.join(","), rows.join("\n")));
        let options = SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() };
        infer(&table, &options).unwrap().notes().iter().map(ToString::to_string).collect()
    };
    assert_eq!(notes(1), ["column `p0` is the same in every row and is left out"]);
    assert_eq!(notes(3), ["columns `p0`, `p1` and `p2` are the same in every row and are left out"]);
    let expected =
        "columns `p0`, `p1`, `p2`, `p3`, `p4` and 62 more are the same in every row and are left out";
    assert_eq!(notes(67), [expected]);
}

#[test]
fn what_is_left_out_is_noted() {
    let mut rows = String::from("id,empty,same,x,y\n");
    for i in 0..60 {
        rows += &format!("id{i},,k,{i},{}\n", if i == 7 { String::new() } else { (i % 3).to_string() });
    }
    let table = table(&rows);
    let schema =
        infer(&table, &SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() }).unwrap();
    let column = |name: &str| name.to_owned();
    assert_eq!(
        schema.notes(),
        [
            Note::Text { columns: vec![column("id")] },
            Note::Empty { columns: vec![column("empty")] },
            Note::Constant { columns: vec![column("same")] },
            Note::MissingTarget { column: column("y"), n_rows: 1 },
            Note::NumbersAsClasses { column: column("y"), n_classes: 3 },
        ]
    );
    assert_eq!(schema.inputs().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["x"]);
    let labelled = schema.labelled_rows(&table).unwrap();
    assert_eq!(labelled, (0..60).filter(|&row| row != 7).collect::<Vec<_>>());
}

#[test]
fn schemas_are_files_to_edit() {
    let table = table("a,b,y\n1,u,no\n2.5,v,yes\n,u,no\n");
    let schema =
        infer(&table, &SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() }).unwrap();
    let json = schema.to_json();
    assert_eq!(Schema::from_json(&json, "s.json").unwrap(), schema);
    assert!(json.contains("\"kind\": \"number\""), "{json}");

    let edit = |from: &str, to: &str| {
        assert!(json.contains(from), "{json}");
        Schema::from_json(&json.replacen(from, to, 1), "s.json")
    };
    let minimal = r#"{"columns": [{"name": "a", "kind": "category", "role": "input"}]}"#;
    let minimal = Schema::from_json(minimal, "s.json").unwrap();
    assert_eq!((minimal.columns.len(), &minimal.missing), (1, &schema.missing));
    let refusal = |result: glassnet::error::Result<Schema>| match result {
        Err(Error::Schema(error)) => error,
        other => panic!("{other:?}"),
    };
    let duplicate = refusal(edit("\"name\": \"b\"", "\"name\": \"a\""));
    assert_eq!(duplicate, SchemaError::DuplicateColumn { column: "a".into() });
    let two = refusal(edit("\"role\": \"input\"", "\"role\": \"target\""));
    assert_eq!(two, SchemaError::MixedTargets { column: "y".into(), kind: "boolean" });
    let unusable = refusal(edit("\"kind\": \"number\"", "\"kind\": \"text\""));
    assert_eq!(unusable, SchemaError::Unusable { column: "a".into(), kind: "text" });
    let misspelt = refusal(edit("\"role\": \"input\"", "\"role\": \"inptu\"")).to_string();
    assert!(misspelt.contains("s.json is not a schema: unknown variant `inptu`"), "{misspelt}");
    assert!(matches!(refusal(edit("\"n_missing\"", "\"missing\"")), SchemaError::Json { .. }));

    let renamed = edit("\"name\": \"b\"", "\"name\": \"bb\"").unwrap();
    let error = renamed.check_table(&table).unwrap_err().to_string();
    assert!(error.starts_with("t.csv has no column `bb`; did you mean `b`?"), "{error}");
    schema.check_table(&table).unwrap();
}
