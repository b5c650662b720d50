//! The recipe seed is the tutorial's network: its start to the bit of an `f32`, its outputs to what `f32` allows.

use glassnet::error::Error;
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::model::Prediction;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use serde_json::Value;

const XOR: &str = "a,b,one,xor\n0,0,1,0\n0,1,1,1\n1,0,1,1\n1,1,1,0\n";

/// The tutorial's second network, by NumPy (`fixtures/seed.py`).
fn reference() -> Value {
    let all: Value = serde_json::from_str(include_str!("../../../fixtures/seed.json")).unwrap();
    all["two-layers"].clone()
}

fn flat(value: &Value) -> Vec<f64> {
    let numbers =
        |row: &Value| row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>();
    value.as_array().unwrap().iter().flat_map(numbers).collect()
}

fn start(text: &str, mut config: FitConfig, epochs: usize) -> Result<Fit, Error> {
    let table = Table::read(text.as_bytes(), "xor.csv", None)?;
    let options = SchemaOptions {
        targets: vec!["xor".into()],
        task: Some(Task::Regression),
        number: ["a", "b", "one"].map(String::from).to_vec(),
        ..SchemaOptions::default()
    };
    let schema = Schema::infer(&table, &options)?;
    config.train.epochs = epochs;
    Fit::start(&table, schema, config, None)
}

fn trained(config: FitConfig, epochs: usize) -> Fitted {
    let mut fit = start(XOR, config, epochs).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap()
}

#[test]
fn it_starts_where_the_tutorial_does() {
    let reference = reference();
    // One epoch at a rate of nothing changes nothing.
    let config = FitConfig { learning_rate: Some(1e-30), ..FitConfig::seed() };
    let model = trained(config, 1).model;
    let start: Vec<f32> = [&reference["initial_weights_0_1"], &reference["initial_weights_1_2"]]
        .into_iter()
        .flat_map(flat)
        .map(|weight| weight as f32)
        .collect();
    assert_eq!(model.network().params(), start);
}

#[test]
fn it_ends_where_the_tutorial_does() {
    let (reference, table) = (reference(), Table::read(XOR.as_bytes(), "xor.csv", None).unwrap());
    let model = trained(FitConfig::seed(), 20_000).model;
    let Prediction::Numbers(outputs) = model.predict(&table).unwrap().prediction else { panic!("numbers") };
    for (output, expected) in outputs.values().iter().zip(flat(&reference["outputs"])) {
        // f32 steps, 80,000 of them.
        assert!((output - expected).abs() < 2e-5, "{output} beside {expected}");
    }
    let loss = model.story.history.last().unwrap().training_loss;
    assert!(loss.is_finite() && loss < model.story.history[0].training_loss / 50.0, "{loss}");
}

#[test]
fn a_target_that_no_sigmoid_reaches_is_an_error() {
    let text = XOR.replace("1,1,1,0", "1,1,1,7");
    let error = start(&text, FitConfig::seed(), 1).unwrap_err().to_string();
    for part in ["xor", "7", "0", "1"] {
        assert!(error.contains(part), "{error}");
    }
}
