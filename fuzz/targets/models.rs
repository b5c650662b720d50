//! Model files with any description, whose checksum is right: each is refused, or does all that a model can do.
#![no_main]

use glassnet::attribution::LEAST_REPETITIONS;
use glassnet::explain::Explanation;
use glassnet::fingerprint::Fingerprint;
use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::recipe::Recipe;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::table::Table;
use glassnet_io::{c_header, model_file, onnx};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A file in parts.
struct Parts {
    header: Value,
    tensors: Vec<u8>,
    /// Of the tensors in the order in which they are read.
    in_order: Vec<u8>,
}

/// Models of both recipes.
static MODELS: LazyLock<[Parts; 2]> = LazyLock::new(|| [Recipe::Plain, Recipe::Strong].map(parts));
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let rows: String = (0..40)
        .map(|i| {
            format!("{},{},{},{}\n", i % 7, ["red", "green", ""][i % 3], i * i % 11, ["no", "yes"][i % 5 / 3])
        })
        .collect();
    Table::read(format!("size,colour,age,sold\n{rows}").as_bytes(), "table.csv", None).expect("a table")
});

fn parts(recipe: Recipe) -> Parts {
    let options = SchemaOptions { targets: vec!["sold".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&TABLE, &options).expect("a schema");
    let mut config =
        FitConfig { hidden_layer_sizes: vec![3], ..FitConfig::new(recipe, schema.task().expect("a target")) };
    config.train.epochs = 2;
    let mut fit = Fit::start(&TABLE, schema, config, None).expect("a training");
    while fit.epoch().is_some() {}
    let model = fit.finish().expect("a model").model;
    let bytes = model_file::to_bytes(&model);
    let length = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).expect("a header");
    let tensors = bytes[8 + length..].to_vec();
    let networks = [("network", &model.networks[0]), ("linear", &model.baselines.linear)];
    let names = networks.iter().flat_map(|(prefix, network)| {
        network.blocks().into_iter().map(move |block| format!("{prefix}.{}", block.name))
    });
    let offset =
        |name: &str, end: usize| header[name]["data_offsets"][end].as_u64().expect("an offset") as usize;
    let in_order = names.flat_map(|name| tensors[offset(&name, 0)..offset(&name, 1)].to_vec()).collect();
    Parts { header, tensors, in_order }
}

/// The description of a model, to begin with.
fn description(header: &Value) -> Value {
    let text = header["__metadata__"]["glassnet"].as_str().expect("a text");
    serde_json::from_str::<Value>(text).expect("a description")["model"].take()
}

/// The file with another description.
fn file(Parts { header, tensors, in_order }: &Parts, description: &str) -> Option<Vec<u8>> {
    let checksum = Fingerprint::EMPTY.with(description.trim_ascii().as_bytes()).with(in_order).to_string();
    let value: Box<serde_json::value::RawValue> = serde_json::from_str(description).ok()?;
    let mut header = header.clone();
    header["__metadata__"]["glassnet"] =
        json!(format!("{{\"format\": 2, \"checksum\": \"{checksum}\", \"model\": {value}}}"));
    let header = header.to_string();
    Some([&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), tensors].concat())
}

fuzz_target!(init: {
    // With a folder for them, this only writes what to begin with.
    if let Ok(folder) = std::env::var("GLASSNET_FUZZ_SEEDS") {
        for (i, model) in MODELS.iter().enumerate() {
            let mut told = description(&model.header);
            let whole = file(model, &told.to_string()).expect("JSON");
            model_file::from_bytes(&whole).expect("the model as it was written");
            told["story"]["snapshots"] = json!([]);
            told["story"]["findings"] = json!([]);
            let seed = [&[i as u8][..], told.to_string().as_bytes()].concat();
            std::fs::write(format!("{folder}/model-{i}"), seed).expect("a seed");
        }
        std::process::exit(0);
    }
}, |bytes: &[u8]| {
    let _ = model_file::from_bytes(bytes);
    let Some((&which, description)) = bytes.split_first() else { return };
    let Ok(description) = std::str::from_utf8(description) else { return };
    let Some(file) = file(&MODELS[usize::from(which & 1)], description) else { return };
    let Ok(model) = model_file::from_bytes(&file) else { return };
    let _ = model.predict(&TABLE);
    let _ = model.evaluate(&TABLE);
    let _ = model.importance(&TABLE, LEAST_REPETITIONS, 1);
    let _ = glassnet::diagnose::on_table(&model, &TABLE);
    let _ = Explanation::of(&model, &TABLE, vec![1], Explanation::own_step(&model));
    let _ = onnx::export(&model);
    let _ = c_header::export(&model, "model");
    assert_eq!(model_file::from_bytes(&model_file::to_bytes(&model)).as_ref(), Ok(&model));
});
