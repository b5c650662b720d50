//! A table that comes a chunk at a time is understood and encoded as if it came at once.

use glassnet::dates::Dates;
use glassnet::encoder::{Encoder, EncoderFit, Style};
use glassnet::error::Result;
use glassnet::inference::Inference;
use glassnet::sample::Sampling;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::table::Table;
use glassnet::target::TargetEncoder;
use glassnet::target_fit::{Measure, TargetFit};
use proptest::prelude::*;

fn chunks(table: &Table, n_rows: usize) -> impl Iterator<Item = Table> {
    (0..table.n_rows())
        .step_by(n_rows)
        .map(move |start| table.rows(start..(start + n_rows).min(table.n_rows())))
}

fn infer(table: &Table, options: &SchemaOptions, n_rows: usize) -> Result<Schema> {
    let mut inference = Inference::new(options, usize::MAX);
    loop {
        for chunk in chunks(table, n_rows) {
            inference.see(&chunk)?;
        }
        if let Some(schema) = inference.turn()? {
            return Ok(schema);
        }
    }
}

fn encoder(style: Style, table: &Table, schema: &Schema, n_rows: usize) -> Result<Encoder> {
    let mut fit = EncoderFit::new(style, schema, Sampling::ALL);
    for _ in 0..2 {
        for chunk in chunks(table, n_rows) {
            let rows: Vec<usize> = (0..chunk.n_rows()).collect();
            fit.see(&chunk, &rows)?;
        }
        if !fit.turn() {
            break;
        }
    }
    fit.finish()
}

fn target(table: &Table, schema: &Schema, n_rows: usize) -> Result<TargetEncoder> {
    let mut fit = TargetFit::new(schema, Measure::Standard)?;
    for _ in 0..2 {
        for chunk in chunks(table, n_rows) {
            fit.see(&chunk, &schema.missing.present_rows(&[&chunk.columns()[chunk.position("y").unwrap()]]))?;
        }
        if !fit.turn() {
            break;
        }
    }
    fit.finish(false)
}

fn check(table: &Table, options: &SchemaOptions) {
    let at_once = Schema::infer(table, options);
    for n_rows in [1, 3, 7, 64, 1_000] {
        assert_eq!(infer(table, options, n_rows), at_once, "{} in chunks of {n_rows} rows", table.name());
    }
}

#[test]
fn examples_are_understood_in_chunks() {
    for (file, target) in [("iris", "species"), ("penguins", "sex"), ("penguins", "body_mass_g")] {
        let path = format!("{}/../../examples/{file}.csv", env!("CARGO_MANIFEST_DIR"));
        let table = Table::read(std::fs::read(path).unwrap().as_slice(), file, None).unwrap();
        assert!(table.position(target).is_ok(), "{:?}", table.column_names().collect::<Vec<_>>());
        check(&table, &SchemaOptions { targets: vec![target.into()], ..SchemaOptions::default() });
    }
}

/// What a kind of column may hold; the mixtures make errors, text, and names among numbers.
const CELLS: [&[&str]; 8] = [
    &["1", "2.5", "-3e2", "", "0", "7", "8", "9"],
    &["0", "1", "1.0", "2", ""],
    &["yes", "No", "YES", ""],
    &["a", "b", "c", "12", "13", "NA"],
    &["2026-11-23", "2026-12-01", "2027-01-02T08:15", ""],
    &["03.04.2026", "05.06.2026", "13.04.2026 07:30"],
    &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "inf", "3,14", "x"],
    &["same"],
];

fn tables() -> impl Strategy<Value = Table> {
    let column = (0..CELLS.len() + 1, prop::collection::vec(any::<prop::sample::Index>(), 60));
    (1..60_usize, prop::collection::vec(column, 2..5)).prop_map(|(n_rows, columns)| {
        let names = ["y", "a", "b", "c", "d"];
        let mut table = Table::new("t", names.iter().copied().take(columns.len())).unwrap();
        for row in 0..n_rows {
            let cells = columns.iter().map(|(kind, cells)| match CELLS.get(*kind) {
                Some(choice) => (*cells[row].get(choice)).to_owned(),
                None => format!("id-{}", cells[row].index(1_000)),
            });
            let cells: Vec<String> = cells.collect();
            table.push_row(cells.iter().map(String::as_str));
        }
        table
    })
}

proptest! {
    #[test]
    fn random_tables_are_understood_in_chunks(table in tables(), n_rows in 1..30_usize, are_dates: bool) {
        let dates = if are_dates { Dates::Numbers } else { Dates::Refused };
        let options = SchemaOptions { targets: vec!["y".into()], dates, ..SchemaOptions::default() };
        let at_once = Schema::infer(&table, &options);
        prop_assert_eq!(infer(&table, &options, n_rows), at_once.clone());
        let Ok(schema) = at_once else { return Ok(()) };
        let table = schema.with_numbers(&table).unwrap();
        let rows: Vec<usize> = (0..table.n_rows()).collect();
        for style in [Style::Standard, Style::Robust] {
            let at_once = Encoder::fit_in(style, &table, &schema, &rows);
            prop_assert_eq!(encoder(style, &table, &schema, n_rows), at_once);
        }
        let rows = schema.labelled_rows(&table).unwrap();
        prop_assert_eq!(target(&table, &schema, n_rows), TargetEncoder::fit(&table, &schema, &rows));
    }
}
