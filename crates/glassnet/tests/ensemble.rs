//! Several networks that train together.

use glassnet::ensemble::combine;
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::metrics::MetricName;
use glassnet::model::{Model, Prediction};
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::train_config::TrainConfig;

/// Two classes that overlap.
fn table() -> Table {
    let cell = |i: usize| ((i * 7919) % 101) as f64 / 101.0;
    let row = |i: usize| {
        let (x, y, noise) = (cell(i), cell(i + 37), cell(3 * i + 11));
        format!("{x},{y},{}\n", if x + y + noise > 1.5 { "yes" } else { "no" })
    };
    let text = format!("x,y,class\n{}", (0..160).map(row).collect::<String>());
    Table::read(text.as_bytes(), "overlap.csv", None).unwrap()
}

fn fit(config: FitConfig) -> Fitted {
    let table = table();
    let options = SchemaOptions { target: Some("class".into()), ..SchemaOptions::default() };
    let schema = Schema::infer(&table, &options).unwrap();
    let mut fit = Fit::start(&table, schema, config, None).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap()
}

fn config(ensemble: usize) -> FitConfig {
    let train = TrainConfig { epochs: 12, patience: None, ..FitConfig::strong(Task::Classification).train };
    FitConfig { hidden_layer_sizes: vec![16, 16], ensemble, train, ..FitConfig::strong(Task::Classification) }
}

fn probabilities(model: &Model) -> Vec<f32> {
    let Prediction::Probabilities(p) = model.predict(&table()).unwrap().prediction else { panic!("classes") };
    p.values().to_vec()
}

#[test]
fn each_network_takes_the_steps_that_it_takes_alone() {
    // Without rows to validate on, the last epoch is kept by all.
    let all = |ensemble: usize| FitConfig { validation_fraction: 0.0, ..config(ensemble) };
    let (one, three) = (fit(all(1)).model, fit(all(3)).model);
    assert_eq!(three.networks.len(), 3);
    assert_eq!(one.networks[0], three.networks[0]);
    assert_ne!(three.networks[1].params(), three.networks[2].params());
    let threads = FitConfig { threads: 3, ..all(3) };
    assert_eq!(fit(threads).model.networks, three.networks);
}

#[test]
fn predictions_are_means_and_the_epoch_is_chosen_by_them() {
    let three = fit(config(3));
    let mut mean = vec![0.0; 320];
    for network in &three.model.networks {
        let alone = Model { networks: vec![network.clone()], ..three.model.clone() };
        mean.iter_mut().zip(probabilities(&alone)).for_each(|(mean, p)| *mean += f64::from(p) / 3.0);
    }
    for (found, expected) in probabilities(&three.model).iter().zip(&mean) {
        assert!((f64::from(*found) - expected).abs() < 1e-6);
    }
    let story = &three.model.story;
    let best = story.history[story.best_epoch - 1].validation_loss.unwrap();
    assert!(story.history.iter().all(|report| report.validation_loss.unwrap() >= best));
    let log_loss =
        story.evaluation.as_ref().unwrap().metrics.get(MetricName::LogLoss).unwrap().value.unwrap();
    assert!((log_loss - best).abs() < 1e-6, "{log_loss} and {best}");
}

#[test]
fn the_temperature_never_makes_the_validation_rows_much_less_likely() {
    let loss = |temperature_scaling: bool| {
        let fitted = fit(FitConfig { temperature_scaling, ..config(2) });
        let metrics = &fitted.model.story.evaluation.as_ref().unwrap().metrics;
        let value = |name| metrics.get(name).unwrap().value.unwrap();
        (fitted.model.temperature, value(MetricName::LogLoss), value(MetricName::Accuracy))
    };
    let (plain, scaled) = (loss(false), loss(true));
    assert_eq!(plain.0, 1.0);
    assert!(scaled.0 > 0.0 && scaled.0 != 1.0);
    assert!(scaled.1 < plain.1 + 0.01, "{scaled:?} and {plain:?}");
    assert_eq!(scaled.2, plain.2);
}

#[test]
fn no_ensemble_of_none() {
    let error = config(0).check().unwrap_err().to_string();
    assert!(error.contains("ensemble"), "{error}");
    let single = fit(config(1)).model;
    let empty = Model { networks: Vec::new(), ..single.clone() };
    assert!(empty.check().is_err());
    let x = glassnet::matrix::Matrix::from_rows(&[vec![0.3_f32, 0.1]]);
    assert_eq!(combine(single.objective, std::slice::from_ref(&x)), x);
}
