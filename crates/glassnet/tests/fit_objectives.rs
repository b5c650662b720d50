//! From a table to a model that predicts quantiles or counts.
#![expect(clippy::format_collect, reason = "small tables as text")]

use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::metrics::{MetricName, Metrics};
use glassnet::model::Prediction;
use glassnet::objective::Objective;
use glassnet::quantiles::QuantileLevels;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::train_config::TrainConfig;

fn table_of(text: &str) -> Table {
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn schema(table: &Table) -> Schema {
    Schema::infer(table, &SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() }).unwrap()
}

fn fit(table: &Table, config: FitConfig) -> Fitted {
    let mut fit = Fit::start(table, schema(table), config, None).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap()
}

fn short() -> FitConfig {
    let train = TrainConfig { epochs: 3, patience: None, ..FitConfig::plain().train };
    FitConfig { hidden_layer_sizes: vec![7, 5], train, ..FitConfig::plain() }
}

fn assert_near(found: f64, expected: f64, relative: f64, name: &str) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{name}: {found} instead of {expected}");
}

/// x from 0 to 1, and y = 5 + 10·x·u with u uniform: the quantile of level τ is 5 + 10·x·τ.
fn fan(n_rows: usize) -> Table {
    let mut generator = Generator::new(11);
    let row = |_| {
        let (x, u) = (generator.uniform(), generator.uniform());
        format!("{x},{}\n", 5.0 + 10.0 * x * u)
    };
    table_of(&format!("x,y\n{}", (0..n_rows).map(row).collect::<String>()))
}

#[test]
fn quantiles_are_those_of_the_table() {
    let levels = QuantileLevels::new(&[0.1, 0.5, 0.9]).unwrap();
    let config = FitConfig { objective: Some(Objective::Quantile(levels)), ..FitConfig::plain() };
    let table = fan(2_000);
    let fitted = fit(&table, config);
    fitted.model.check().unwrap();
    let rows = table_of("x\n0.25\n0.5\n0.75\n");
    let predicted = fitted.model.predict(&rows).unwrap();
    let Prediction::Quantiles(quantiles) = &predicted.prediction else { panic!("no quantiles") };
    for (row, x) in [0.25, 0.5, 0.75].into_iter().enumerate() {
        for (k, level) in levels.as_slice().iter().enumerate() {
            let (found, expected) = (quantiles.row(row)[k], 5.0 + 10.0 * x * level);
            assert!((found - expected).abs() < 0.6, "x = {x}, level {level}: {found} instead of {expected}");
        }
    }
    let held_out = fitted.held_out.unwrap().evaluation;
    let value = |metrics: &Metrics, name| metrics.get(name).unwrap().value.unwrap();
    let coverage = value(&held_out.metrics, MetricName::Coverage);
    assert!((0.74..0.86).contains(&coverage), "{coverage}");
    let loss = |metrics| value(metrics, MetricName::PinballLoss);
    assert!(loss(&held_out.metrics) < 0.9 * loss(&held_out.constant), "{held_out:?}");
}

#[test]
fn quantiles_that_cross_are_sorted_and_counted() {
    // One epoch, outputs still nearly at random.
    let levels = QuantileLevels::new(&[0.4, 0.45, 0.5, 0.55, 0.6]).unwrap();
    let train = TrainConfig { epochs: 1, ..short().train };
    let objective = Some(Objective::Quantile(levels));
    let table = fan(100);
    let model = fit(&table, FitConfig { objective, train, ..short() }).model;
    let predicted = model.predict(&table).unwrap();
    assert!(predicted.n_crossed > 0);
    let Prediction::Quantiles(quantiles) = &predicted.prediction else { panic!("no quantiles") };
    assert!((0..100).all(|row| quantiles.row(row).is_sorted()));
}

#[test]
fn counts_are_learnt_whatever_their_size() {
    // y is a count with mean scale·e^(2x − 1).
    for scale in [0.5, 300.0] {
        let mut generator = Generator::new(12);
        let mut row = || {
            let x = generator.uniform();
            let (mean, mut count, mut time) = (scale * (2.0 * x - 1.0).exp(), 0, 0.0);
            loop {
                time -= (1.0 - generator.uniform()).ln();
                if time > mean {
                    return format!("{x},{count}\n");
                }
                count += 1;
            }
        };
        let text: String = (0..1_500).map(|_| row()).collect();
        let table = table_of(&format!("x,y\n{text}"));
        let options = SchemaOptions {
            targets: vec!["y".into()],
            task: Some(Task::Regression),
            ..SchemaOptions::default()
        };
        let schema = Schema::infer(&table, &options).unwrap();
        let config = FitConfig { objective: Some(Objective::Poisson), ..FitConfig::plain() };
        let mut fit = Fit::start(&table, schema, config, None).unwrap();
        while fit.epoch().is_some() {}
        let fitted = fit.finish().unwrap();
        fitted.model.check().unwrap();
        let standardization = fitted.model.target.numbers()[0].standardization;
        assert_eq!(standardization.mean, 0.0);
        // The mean of e^(2x − 1) is sinh 1.
        let mean = fitted.model.baselines.constant[0];
        assert_eq!(standardization.standard_deviation, mean);
        assert_near(mean, scale * 1.0_f64.sinh(), 0.1, "mean of all counts");
        let rows = table_of("x\n0.1\n0.5\n0.9\n");
        let Prediction::Numbers(found) = fitted.model.predict(&rows).unwrap().prediction else { panic!() };
        for (found, x) in found.values().iter().copied().zip([0.1_f64, 0.5, 0.9]) {
            assert_near(found, scale * (2.0 * x - 1.0).exp(), 0.2, "mean count");
        }
        let evaluation = fitted.held_out.unwrap().evaluation;
        let deviance = |metrics: &Metrics| metrics.get(MetricName::PoissonDeviance).unwrap().value.unwrap();
        assert!(deviance(&evaluation.metrics) < deviance(&evaluation.constant), "{evaluation:?}");
        // The deviance of a right mean is about 1 a row, unless counts are few.
        assert!(deviance(&evaluation.metrics) < 1.5, "{evaluation:?}");
    }
}

#[test]
fn an_objective_that_does_not_fit_the_target_is_refused() {
    let start = |table: &Table, objective| {
        let config = FitConfig { objective: Some(objective), ..short() };
        Fit::start(table, schema(table), config, None).unwrap_err().to_string()
    };
    let rows = |target: &dyn Fn(usize) -> String| {
        table_of(&format!(
            "x,y\n{}",
            (0..40).map(|row| format!("{row},{}\n", target(row))).collect::<String>()
        ))
    };
    let classes = rows(&|row| format!("k{}", row % 3));
    let message = start(&classes, Objective::Poisson);
    assert!(message.contains("poisson does not learn classes") && message.contains("--task regression"));
    let message = start(&rows(&|row| (row as f64 * 0.37).to_string()), Objective::CrossEntropy);
    assert!(message.contains("cross_entropy does not learn numbers"), "{message}");
    let message = start(&rows(&|row| (row as f64 * 1.25 - 1.25).to_string()), Objective::Poisson);
    assert!(message.contains("-1.25") && message.contains("squared-error"), "{message}");
}
