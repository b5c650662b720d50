//! Columns to numbers: fitted on the training rows only, the same for every order of columns, and never NaN.
#![expect(clippy::format_push_string, clippy::format_collect, reason = "small tables as text")]

use glassnet::cell::MissingMarks;
use glassnet::dataset::Targets;
use glassnet::encoder::{EncodeNote, Encoder};
use glassnet::error::{EncodeError, Error};
use glassnet::reader::TableReader;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::target::TargetEncoder;
use proptest::prelude::*;

const TABLE: &str = "n,b,c,y\n1,yes,u,10\n3,no,,20\n,,v,30\n100,yes,w,1e6\n";

fn table(text: &str) -> Table {
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn schema(table: &Table, task: Option<Task>) -> Schema {
    Schema::infer(table, &SchemaOptions { targets: vec!["y".into()], task, ..SchemaOptions::default() })
        .unwrap()
}

fn fitted() -> Encoder {
    let table = table(TABLE);
    Encoder::fit(&table, &schema(&table, None), &[0, 1, 2]).unwrap()
}

fn encode(encoder: &Encoder, text: &str) -> (Vec<Vec<f64>>, Vec<EncodeNote>) {
    let table = table(text);
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    let encoded = encoder.encode::<f64>(&table, &rows).unwrap();
    (encoded.x.to_rows(), encoded.notes)
}

fn refusal<T: std::fmt::Debug>(result: glassnet::error::Result<T>) -> EncodeError {
    match result {
        Err(Error::Encode(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn constants_come_from_the_training_rows_only() {
    let encoder = fitted();
    let names = ["n", "n is missing", "b", "b is missing", "c=u", "c=v", "c is missing"];
    assert_eq!(encoder.input_names(), names);
    assert_eq!(encoder.input_columns(), [0, 0, 1, 1, 2, 2, 2]);
    let (x, notes) = encode(&encoder, TABLE);
    // Mean 2 and standard deviation 1 of 1 and 3: the 100 of the last row has no part in it.
    assert_eq!(
        x,
        [
            [-1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
            [1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0],
            [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0],
            [98.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        ]
    );
    assert_eq!(notes, [EncodeNote::Unseen { column: "c".into(), n_cells: 1, example: "w".into() }]);
}

#[test]
fn columns_are_found_by_name() {
    let encoder = fitted();
    let (expected, _) = encode(&encoder, TABLE);
    let reordered = "more,c,n,b\n0,u,1.0,TRUE\n0,?, 3,f\n0,v,null,NA\n0,w,1e2,Y\n";
    let (x, _) = encode(&encoder, reordered);
    assert_eq!(x, expected);
    assert_eq!(encoder.extra_columns(&table(reordered)), ["more"]);
    let error = refusal(encoder.encode::<f32>(&table("n,B,c\n1,yes,u\n"), &[0]));
    assert_eq!(
        error.to_string(),
        "t.csv lacks a column that the model needs: `b`; did you mean `B`? There is: `n`, `B`, `c`"
    );
}

#[test]
fn odd_cells_are_counted_or_refused() {
    let table_without_missing = table("n,b,c,y\n1,yes,u,10\n3,no,v,20\n");
    let encoder =
        Encoder::fit(&table_without_missing, &schema(&table_without_missing, None), &[0, 1]).unwrap();
    let (x, notes) = encode(&encoder, "n,b,c\n,perhaps,\n2,yes,x\n2,maybe,z\n");
    assert_eq!(x, [[0.0; 4], [0.0, 1.0, 0.0, 0.0], [0.0; 4]]);
    let unseen = |column: &str, n_cells, example: &str| EncodeNote::Unseen {
        column: column.into(),
        n_cells,
        example: example.into(),
    };
    let missing = |column: &str| EncodeNote::UnseenMissing { column: column.into(), n_cells: 1 };
    assert_eq!(notes, [missing("n"), unseen("b", 2, "perhaps"), unseen("c", 2, "x"), missing("c")]);

    for cell in ["abc", "1e999", "-inf"] {
        let text = format!("b,c,n\nyes,u,1\nyes,\"a\nb\",\"{cell}\"\n");
        let message = refusal(encoder.encode::<f32>(&table(&text), &[0, 1])).to_string();
        let place = format!("t.csv, row 2 (line 4), column `n`, value `{cell}`: not a finite number");
        assert!(message.starts_with(&place), "{message}");
    }
    let far = "n,b,c\n1e300,yes,u\n";
    assert!(matches!(refusal(encoder.encode::<f32>(&table(far), &[0])), EncodeError::OutOfRange { .. }));
    assert!(encoder.encode::<f64>(&table(far), &[0]).is_ok());
}

#[test]
fn rare_levels_share_an_input() {
    // Levels 0…104 as numbers; 3 and 50 and those from 10 to 107 are frequent, so five others are rare.
    let mut text = String::from("c,y\n");
    for level in 0..105 {
        let n_rows = if (5..105).contains(&level) { 2 } else { 1 };
        for _ in 0..n_rows {
            text += &format!("{level},{}\n", level % 2);
        }
    }
    let table = table(&text);
    let options =
        SchemaOptions { targets: vec!["y".into()], category: vec!["c".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&table, &options).unwrap();
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    let encoder = Encoder::fit(&table, &schema, &rows).unwrap();
    let names = encoder.input_names();
    assert_eq!(names.len(), 101);
    assert_eq!((&*names[0], &*names[1], &*names[99], &*names[100]), ("c=5", "c=6", "c=104", "c is other"));
    let (x, notes) = encode(&encoder, "c\n5.0\n3\n104\n999\n");
    for (row, input) in [(0, 0), (1, 100), (2, 99), (3, 100)] {
        let expected: Vec<f64> = (0..101).map(|i| if i == input { 1.0 } else { 0.0 }).collect();
        assert_eq!(x[row], expected, "row {row}");
    }
    assert_eq!(notes, [EncodeNote::Unseen { column: "c".into(), n_cells: 1, example: "999".into() }]);
}

#[test]
fn classes_come_from_all_rows() {
    let table = table("x,y\n1,b\n2,a\n3,c\n4,\n5,a\n6,b\n7,c\n");
    let schema = schema(&table, None);
    let target = TargetEncoder::fit(&table, &schema, &[0, 1]).unwrap();
    assert_eq!(target.class_names(), ["a", "b", "c"]);
    let missing = MissingMarks::default();
    let rows = target.labelled_rows(&table, &missing).unwrap();
    let targets = target.encode::<f32>(&table, &rows, &missing).unwrap();
    assert_eq!(targets, Targets::Classes { indices: vec![1, 0, 2, 0, 1, 2], n_classes: 3 });
    assert!(matches!(refusal(target.encode::<f32>(&table, &[3], &missing)), EncodeError::MissingTarget(_)));
    let other = Table::read("y\na\naa\n".as_bytes(), "test.csv", None).unwrap();
    let message = refusal(target.encode::<f32>(&other, &[0, 1], &missing)).to_string();
    let start =
        "test.csv, row 2 (line 3), column `y`, value `aa`: the model has no class `aa`; did you mean `a`?";
    assert!(message.starts_with(start), "{message}");
}

#[test]
fn classes_are_ordered_by_what_they_mean() {
    let classes = |cells: &[&str], task| {
        let text: String = cells.iter().enumerate().map(|(i, cell)| format!("{i},{cell}\n")).collect();
        let table = table(&format!("x,y\n{text}"));
        TargetEncoder::fit(&table, &schema(&table, task), &[0]).unwrap().class_names().to_vec()
    };
    let numbers = ["10", "9", "2", "10", "9.0", "2"];
    assert_eq!(classes(&numbers, Some(Task::Classification)), ["2", "9", "10"]);
    assert_eq!(classes(&["True", "False", "true"], None), ["False", "True"]);
    assert_eq!(classes(&["b", "a", "B", "b", "a", "B"], None), ["B", "a", "b"]);
}

#[test]
fn numbers_are_standardised_by_the_training_rows() {
    let table = table(TABLE);
    let target = TargetEncoder::fit(&table, &schema(&table, None), &[0, 1, 2]).unwrap();
    let targets = target.encode::<f64>(&table, &[0, 1], &MissingMarks::default()).unwrap();
    let Targets::Values(z) = targets else { panic!("{targets:?}") };
    let expected = 1.5_f64.sqrt(); // 10/√(200/3)
    assert!((z.values()[0] + expected).abs() < 1e-15 && z.values()[1] == 0.0, "{z:?}");
}

#[test]
fn broken_encoders_are_refused() {
    let encoder = fitted();
    let json = serde_json::to_string(&encoder).unwrap();
    assert_eq!(serde_json::from_str::<Encoder>(&json).unwrap(), encoder);
    for (from, to) in [
        ("\"standard_deviation\":1.0", "\"standard_deviation\":0.0"),
        ("\"standard_deviation\":1.0", "\"standard_deviation\":-1.0"),
        ("[\"u\",\"v\"]", "[\"v\",\"u\"]"),
        ("[\"u\",\"v\"]", "[\"u\",\"u\"]"),
        ("[\"u\",\"v\"]", "[\"u\",\" v\"]"),
        ("\"names\":[]", "\"names\":[\"u\"]"),
        ("\"comparison\":\"text\"", "\"comparison\":\"number\""),
        ("\"name\":\"b\"", "\"name\":\"n\""),
        ("\"name\":\"b\"", "\"name\":\"\""),
    ] {
        assert!(json.contains(from), "{json}");
        let broken: Encoder = serde_json::from_str(&json.replacen(from, to, 1)).unwrap();
        assert!(broken.check().is_err(), "{from} → {to}");
    }
    assert!(serde_json::from_str::<Encoder>(&json.replacen("\"mean\":2.0", "\"mean\":null", 1)).is_err());
    assert!(serde_json::from_str::<Encoder>(&json.replacen("\"mean\":2.0", "\"mean\":1e999", 1)).is_err());
    let nothing: Encoder = serde_json::from_str(r#"{"missing":[],"columns":[]}"#).unwrap();
    assert_eq!(refusal(nothing.check()), EncodeError::NoInputs);
    for broken in [
        r#"{"classes":{"column":"y","levels":{"comparison":"text","names":["a"]}}}"#,
        r#"{"classes":{"column":"y","levels":{"comparison":"number","names":["1","1.0"]}}}"#,
        r#"{"classes":{"column":"y","levels":{"comparison":"boolean","names":["yes","no"]}}}"#,
        r#"{"classes":{"column":"","levels":{"comparison":"text","names":["a","b"]}}}"#,
        r#"{"number":{"column":"y","standardization":{"mean":0.0,"standard_deviation":0.0}}}"#,
    ] {
        let target: TargetEncoder = serde_json::from_str(broken).unwrap();
        assert!(target.check().is_err(), "{broken}");
    }
}

proptest! {
    /// The encoding of the training rows has mean 0 and variance 1 (or 0, when constant), and survives its JSON.
    #[test]
    fn training_rows_are_standard(numbers in prop::collection::vec(-1e6_f64..1e6, 2..40), offset in -1e9_f64..1e9) {
        let text: String = numbers.iter().map(|n| format!("{},{}\n", n + offset, n)).collect();
        let table = table(&format!("x,y\n{text}"));
        let Ok(schema) = Schema::infer(&table, &SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() })
            else { return Ok(()) };
        let rows: Vec<usize> = (0..numbers.len()).collect();
        let encoder = Encoder::fit(&table, &schema, &rows).unwrap();
        let x = encoder.encode::<f64>(&table, &rows).unwrap().x;
        let n = numbers.len() as f64;
        let mean = x.values().iter().sum::<f64>() / n;
        let variance = x.values().iter().map(|z| z * z).sum::<f64>() / n;
        prop_assert!(mean.abs() < 1e-6, "{}", mean);
        prop_assert!((variance - 1.0).abs() < 1e-6, "{}", variance);
        let copy: Encoder = serde_json::from_str(&serde_json::to_string(&encoder).unwrap()).unwrap();
        prop_assert_eq!(copy.encode::<f64>(&table, &rows).unwrap().x, x);
    }

    /// Any table of odd cells: refused with a message, or encoded into finite numbers, in chunks as in one piece.
    #[test]
    fn tables_are_refused_or_encoded(
        cells in prop::collection::vec(prop::sample::select(vec![
            "", "NA", "1", "1.0", "-2e3", "1e308", "-1e308", "5e-324", "inf", "yes", "No", "a", "A ", "3,5", "2020-01-02", "?",
        ]), 8..60),
        task in prop::sample::select(vec![None, Some(Task::Classification), Some(Task::Regression)]),
        n_training in 1_usize..10, n_chunk in 1_usize..9,
    ) {
        let mut text = String::from("a,b,y\n");
        for row in cells.chunks_exact(3) {
            text += &format!("{},{},{}\n", row[0], row[1].replace(',', ";"), row[2].replace(',', "."));
        }
        let text = text.replace("3,5", "\"3,5\"");
        let table = table(&text);
        let options = SchemaOptions { targets: vec!["y".into()], task, ..SchemaOptions::default() };
        let Ok(schema) = Schema::infer(&table, &options) else { return Ok(()) };
        prop_assert_eq!(&Schema::from_json(&schema.to_json(), "s.json").unwrap(), &schema);
        let labelled = schema.labelled_rows(&table).unwrap();
        let training = &labelled[..n_training.min(labelled.len())];
        let target = TargetEncoder::fit(&table, &schema, training).unwrap();
        target.check().unwrap();
        prop_assert!(target.encode::<f32>(&table, training, &schema.missing).is_ok());
        let encoder = Encoder::fit(&table, &schema, training).unwrap();
        let rows: Vec<usize> = (0..table.n_rows()).collect();
        let Ok(whole) = encoder.encode::<f32>(&table, &rows) else { return Ok(()) };
        prop_assert!(whole.x.values().iter().all(|value| value.is_finite()));

        let mut reader = TableReader::new(text.as_bytes(), "t.csv", None).unwrap();
        let (mut values, mut notes) = (Vec::new(), Vec::new());
        while let Some(chunk) = reader.next_chunk(n_chunk).unwrap() {
            let rows: Vec<usize> = (0..chunk.n_rows()).collect();
            let encoded = encoder.encode::<f32>(&chunk, &rows).unwrap();
            values.extend_from_slice(encoded.x.values());
            EncodeNote::merge(&mut notes, encoded.notes);
        }
        prop_assert_eq!(values, whole.x.values());
        prop_assert_eq!(notes.len(), whole.notes.len());
        for note in &notes {
            prop_assert!(whole.notes.contains(note), "{}", note);
        }
    }

    /// One input of a category is 1 for every seen cell, whatever rows were trained on.
    #[test]
    fn categories_are_one_hot(cells in prop::collection::vec("[abc1-3]{0,2}", 4..40)) {
        let mut table = Table::new("t", ["c", "x", "y"]).unwrap();
        for (i, cell) in cells.iter().enumerate() {
            table.push_row([cell, &*i.to_string(), &*(i % 2).to_string()]);
        }
        let options = SchemaOptions { targets: vec!["y".into()], category: vec!["c".into()], ..SchemaOptions::default() };
        let schema = Schema::infer(&table, &options).unwrap();
        let rows: Vec<usize> = (0..cells.len()).collect();
        let training = &rows[..cells.len() / 2];
        let encoder = Encoder::fit(&table, &schema, training).unwrap();
        let x = encoder.encode::<f64>(&table, &rows).unwrap().x;
        for (row, cell) in cells.iter().enumerate() {
            let inputs = &x.row(row)[..x.n_columns() - 1];
            let sum: f64 = inputs.iter().sum();
            let same = |other: &&String| *other == cell || cell.parse::<f64>().is_ok() && cell.parse::<f64>() == other.parse::<f64>();
            let is_seen = cells[..training.len()].iter().any(|other| same(&other));
            let is_used = schema.columns[0].kind.is_usable();
            prop_assert_eq!(sum, if is_seen && is_used { 1.0 } else { 0.0 }, "{:?}", cell);
        }
    }
}
