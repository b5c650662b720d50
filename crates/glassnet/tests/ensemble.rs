//! Several networks that train together.

use glassnet::ensemble::combine;
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::metrics::MetricName;
use glassnet::model::{Model, Prediction, Story, Truth};
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::temperature::TemperatureScaling;
use glassnet::train_config::{TrainConfig, Watched};
use std::sync::Arc;
use std::sync::atomic::Ordering;

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

fn start(config: FitConfig) -> Fit {
    let table = table();
    let options = SchemaOptions { targets: vec!["class".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&table, &options).unwrap();
    Fit::start(&table, schema, config, None).unwrap()
}

fn fit(config: FitConfig) -> Fitted {
    let mut fit = start(config);
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
fn every_network_of_every_start_counts_the_rows_that_it_takes() {
    for (ensemble, restarts) in [(3, None), (1, Some(2))] {
        let rows = Arc::default();
        let mut fit = start(FitConfig { restarts, ..config(ensemble) });
        fit.count_rows_by(&rows);
        let one_epoch = fit.n_training_rows() * fit.n_networks() * fit.n_starts();
        assert_eq!(one_epoch, 128 * ensemble * restarts.unwrap_or(1));
        for n_epochs in 1..=2 {
            fit.epoch().unwrap();
            assert_eq!(rows.load(Ordering::Relaxed), n_epochs * one_epoch);
        }
    }
}

#[test]
fn predictions_are_means_and_the_epoch_is_chosen_by_them() {
    let config = config(3);
    let three = fit(FitConfig { train: TrainConfig { epochs: 60, ..config.train.clone() }, ..config });
    let mut mean = vec![0.0; 320];
    for network in &three.model.networks {
        let alone = Model { networks: vec![network.clone()], ..three.model.clone() };
        mean.iter_mut().zip(probabilities(&alone)).for_each(|(mean, p)| *mean += f64::from(p) / 3.0);
    }
    for (found, expected) in probabilities(&three.model).iter().zip(&mean) {
        assert!((f64::from(*found) - expected).abs() < 1e-6);
    }
    let story = &three.model.story;
    let best = story.history[story.best_epoch - 1];
    assert!(story.history.iter().all(|report| report.tempered_loss >= best.tempered_loss));
    assert_eq!(story.chosen(), Some(&best));
    // Of another epoch nothing says that it was chosen.
    assert_eq!(Story { best_epoch: 1, ..story.clone() }.chosen(), None);
    assert_eq!(Story { best_epoch: 0, ..story.clone() }.chosen(), None);
    let held_out = three.held_out.as_ref().unwrap();
    let loss = held_out.evaluation.metrics.get(MetricName::LogLoss).unwrap().value.unwrap();
    assert!((loss - best.validation_loss.unwrap()).abs() < 1e-6, "{loss} and {best:?}");
    // Independently: of the probabilities p, the least loss of p^(1/T) over T, with targets that are 1/(n + 1) smoothed.
    let Prediction::Probabilities(p) = &held_out.prediction else { panic!("classes") };
    let Truth::Classes(truth) = &held_out.truth else { panic!("classes") };
    let n = truth.len() as f64;
    let at = |t: f64| {
        let row = |(row, &class): (usize, &u32)| {
            let z: Vec<f64> = p.row(row).iter().map(|&p| f64::from(p).ln() / t).collect();
            let norm = z.iter().map(|z| z.exp()).sum::<f64>().ln();
            let mean = 0.5 * (z[0] + z[1]) - norm;
            -(1.0 - 1.0 / (n + 1.0)) * (z[class as usize] - norm) - mean / (n + 1.0)
        };
        truth.iter().enumerate().map(row).sum::<f64>() / n
    };
    let least = (-300..=300).map(|k| at((f64::from(k) / 100.0).exp())).fold(f64::INFINITY, f64::min);
    assert!((least - best.tempered_loss.unwrap()).abs() < 1e-4, "{least} and {best:?}");
    let lowest =
        story.history.iter().map(|report| report.validation_loss.unwrap()).fold(f64::INFINITY, f64::min);
    assert!(best.validation_loss.unwrap() > lowest, "the two choices are one here and nothing is tested");
}

#[test]
fn the_temperature_never_makes_the_validation_rows_much_less_likely() {
    let loss = |temperature_scaling: TemperatureScaling| {
        let fitted = fit(FitConfig { temperature_scaling, ..config(2) });
        let metrics = &fitted.model.story.evaluation.as_ref().unwrap().metrics;
        let value = |name| metrics.get(name).unwrap().value.unwrap();
        (fitted.model.temperature, value(MetricName::LogLoss), value(MetricName::Accuracy))
    };
    let plain = loss(TemperatureScaling::None);
    assert_eq!(plain.0, 1.0);
    let scaled = loss(TemperatureScaling::Full);
    assert!(scaled.0 > 0.0 && scaled.0 != 1.0);
    assert!(scaled.1 < plain.1 + 0.01, "{scaled:?} and {plain:?}");
    let softened = loss(TemperatureScaling::Soften);
    assert!(softened.0 >= 1.0 && softened.1 <= plain.1, "{softened:?} and {plain:?}");
    assert_eq!((scaled.2, softened.2), (plain.2, plain.2));
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

#[test]
fn what_is_watched_chooses_the_epoch() {
    for ensemble in [1, 2] {
        for watched in [Watched::Loss, Watched::TemperedLoss] {
            let config = config(ensemble);
            let story = fit(FitConfig { train: TrainConfig { watched, ..config.train.clone() }, ..config })
                .model
                .story;
            let is_tempered = watched == Watched::TemperedLoss;
            assert!(story.history.iter().all(|report| report.tempered_loss.is_some() == is_tempered));
            let best = story.history[story.best_epoch - 1].watched_loss();
            assert!(story.history.iter().all(|report| report.watched_loss() >= best));
        }
    }
    assert_eq!(FitConfig::strong(Task::Classification).train.watched, Watched::TemperedLoss);
}
