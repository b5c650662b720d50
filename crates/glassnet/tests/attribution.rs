//! Which column mattered: against closed forms.

use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::model::{Model, Prediction};
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::temperature::TemperatureScaling;
use glassnet::train_config::TrainConfig;

/// y = 3·a − 2·b, whatever the noise column and the city say; the class is whether that is above 0.
fn table(target: &str) -> Table {
    let row = |i: usize| {
        let (a, b) = (((i * 37) % 101) as f64 / 50.0 - 1.0, ((i * 53) % 101) as f64 / 50.0 - 1.0);
        let y = 3.0 * a - 2.0 * b;
        let target =
            if target == "y" { y.to_string() } else { if y > 0.0 { "high" } else { "low" }.to_owned() };
        format!("{a},{b},{},{},{target}", (i * 71) % 97, ["Rome", "Oslo", "Lima"][i % 3])
    };
    let rows: Vec<String> = (0..300).map(row).collect();
    let text = format!("a,b,noise,city,{target}\n{}\n", rows.join("\n"));
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn model(table: &Table, target: &str, config: FitConfig) -> Model {
    let options = SchemaOptions { targets: vec![target.into()], ..SchemaOptions::default() };
    let schema = Schema::infer(table, &options).unwrap();
    let mut fit = Fit::start(table, schema, config, None).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap().model
}

fn short(config: FitConfig, epochs: usize) -> FitConfig {
    FitConfig { train: TrainConfig { epochs, ..config.train.clone() }, ..config }
}

#[test]
fn a_linear_models_shares_are_exact() {
    let table = table("y");
    let linear = FitConfig { hidden_layer_sizes: Vec::new(), ..short(FitConfig::plain(), 60) };
    let model = model(&table, "y", linear);
    let found = model.attribute(&table, 7, 0).unwrap();
    assert_eq!(found.quantity, "y");
    assert!(found.missing().abs() < 1e-9, "{}", found.missing());
    let Prediction::Numbers(numbers) = model.predict(&table).unwrap().prediction else { panic!("numbers") };
    assert!((found.at_row - numbers.row(7)[0]).abs() < 1e-4, "{} and {numbers:?}", found.at_row);
    // What is left of the prediction when a column is put at its reference, its mean: of a linear model, exactly the share.
    let mean = (0..300_usize).map(|i| ((i * 37) % 101) as f64 / 50.0 - 1.0).sum::<f64>() / 300.0;
    let at = |a: f64| {
        let text = format!("a,b,noise,city\n{a},0.3,5,Rome\n");
        let row = Table::read(text.as_bytes(), "row.csv", None).unwrap();
        let Prediction::Numbers(numbers) = model.predict(&row).unwrap().prediction else { panic!("numbers") };
        (numbers.row(0)[0], model.attribute(&row, 0, 0).unwrap().columns)
    };
    let ((one, shares), (reference, at_mean)) = (at(0.9), at(mean));
    let share = |columns: &[(String, f64)]| columns.iter().find(|(name, _)| name == "a").unwrap().1;
    assert!((share(&shares) - share(&at_mean) - (one - reference)).abs() < 1e-4);
}

#[test]
fn shares_are_complete_for_deep_networks() {
    for target in ["y", "class"] {
        let table = table(target);
        let task = if target == "y" { Task::Regression } else { Task::Classification };
        for config in [FitConfig::plain(), FitConfig::strong(task)] {
            let small = FitConfig { hidden_layer_sizes: vec![16, 16], ..short(config, 40) };
            let model = model(&table, target, small);
            for row in [0, 5, 100] {
                let found = model.attribute(&table, row, 0).unwrap();
                let scale = 1.0 + (found.at_row - found.at_reference).abs();
                assert!(found.missing().abs() < 2e-3 * scale, "{target}: {} of {scale}", found.missing());
                let names: Vec<&str> = found.columns.iter().map(|(name, _)| name.as_str()).collect();
                assert_eq!(names, ["a", "b", "noise", "city"]);
            }
        }
    }
}

#[test]
fn a_temperature_is_part_of_what_is_explained() {
    let table = table("class");
    let config = FitConfig { temperature_scaling: TemperatureScaling::Full, ..FitConfig::plain() };
    let model = model(&table, "class", FitConfig { hidden_layer_sizes: vec![6], ..short(config, 8) });
    assert!((model.temperature - 1.0).abs() > 0.1, "{}", model.temperature);
    let Prediction::Probabilities(p) = model.predict(&table).unwrap().prediction else { panic!("classes") };
    for row in [3, 40] {
        let found = model.attribute(&table, row, 0).unwrap();
        let most = p.row(row).iter().copied().fold(0.0, f32::max);
        assert!((found.at_row - f64::from(most).ln()).abs() < 1e-5, "{} and {most}", found.at_row);
        assert!(found.missing().abs() < 1e-2, "{}", found.missing());
    }
}

#[test]
fn permuting_finds_the_columns_that_the_target_is_made_of() {
    let table = table("y");
    let model =
        model(&table, "y", FitConfig { hidden_layer_sizes: vec![16], ..short(FitConfig::plain(), 150) });
    let found = model.importance(&table, 10, 3).unwrap();
    let order: Vec<&str> = found.iter().map(|importance| importance.column.as_str()).collect();
    assert_eq!(order[..2], ["a", "b"]);
    // Of a model that is right, a permuted column adds ½·E(w·(a − a'))² = w²·Var(a) to half the squared error, here in units of
    // the target's own deviation.
    let variance = |k: usize| {
        let values: Vec<f64> = (0..300).map(|i| ((i * k) % 101) as f64 / 50.0 - 1.0).collect();
        let mean = values.iter().sum::<f64>() / 300.0;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 300.0
    };
    let ratio = 9.0 * variance(37) / (4.0 * variance(53));
    let measured = found[0].rise / found[1].rise;
    assert!((measured / ratio - 1.0).abs() < 0.2, "{measured} and {ratio}");
    assert!(found[2].rise.abs() < 0.1 * found[1].rise, "{found:?}");
    assert_eq!(model.importance(&table, 10, 3).unwrap(), found, "the seed decides");
}
