//! A file of any bytes: it is a table, or an error; a table has a schema, or an error; it trains, or there is an error.
#![no_main]

use glassnet::dates::Dates;
use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::recipe::Recipe;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet_io::source::{from_json, read_table_within};
use libfuzzer_sys::fuzz_target;

/// Larger tables take too long to be tried often.
const MOST_CELLS: usize = 2_000;
const MOST_BYTES: u64 = 1 << 24;

fuzz_target!(|bytes: &[u8]| {
    // A byte for what is asked, the others are the file.
    let Some((&how, bytes)) = bytes.split_first() else { return };
    let table = if how & 1 == 1 {
        from_json(bytes, "the bytes").ok()
    } else {
        let path = std::env::temp_dir().join(format!("glassnet-fuzz-{}", std::process::id()));
        std::fs::write(&path, bytes).expect("a file in memory");
        let table = read_table_within(&vec![path.clone()].into(), MOST_BYTES);
        std::fs::remove_file(&path).expect("the file is there");
        table.ok().flatten()
    };
    let Some(table) = table else { return };
    let n_columns = table.columns().len();
    if table.n_rows() * n_columns > MOST_CELLS {
        return;
    }
    let options = SchemaOptions {
        targets: table.column_names().last().map(str::to_owned).into_iter().collect(),
        dates: if how & 2 == 0 { Dates::Numbers } else { Dates::Refused },
        decimal_comma: how & 4 != 0,
        ..SchemaOptions::default()
    };
    let Ok(schema) = Schema::infer(&table, &options) else { return };
    let recipe = if how & 8 == 0 { Recipe::Plain } else { Recipe::Strong };
    let task = schema.task().unwrap_or(Task::Classification);
    let mut config = FitConfig { hidden_layer_sizes: vec![3], ..FitConfig::new(recipe, task) };
    config.train.epochs = 2;
    let Ok(mut fit) = Fit::start(&table, schema, config, None) else { return };
    while fit.epoch().is_some() {}
    let Ok(fitted) = fit.finish() else { return };
    let model = fitted.model;
    let _ = model.predict(&table);
    let _ = glassnet_io::onnx::export(&model);
    let _ = glassnet_io::c_header::export(&model, "model");
    let bytes = glassnet_io::model_file::to_bytes(&model);
    assert_eq!(glassnet_io::model_file::from_bytes(&bytes).as_ref(), Ok(&model));
});
