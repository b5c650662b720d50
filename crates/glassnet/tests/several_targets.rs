//! Several columns of numbers predicted together.

use glassnet::error::{EncodeError, Error, SchemaError};
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::folds::Folds;
use glassnet::metrics::{MetricName, Metrics};
use glassnet::model::Prediction;
use glassnet::objective::Objective;
use glassnet::quantiles::QuantileLevels;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::target::TargetEncoder;
use glassnet::train_config::TrainConfig;

/// u = 2a − b + 100, v = ab in hundredths, and n, whole numbers from 0 to 3.
fn table(n_rows: usize) -> Table {
    let mut text = String::from("a,u,b,v,n\n");
    for row in 0..n_rows {
        let a = (row * 37 % 101) as f64 / 50.0 - 1.0;
        let b = (row * 53 % 97) as f64 / 48.0 - 1.0;
        let u = if row == 5 { String::from("NA") } else { (2.0 * a - b + 100.0).to_string() };
        text += &format!("{a},{u},{b},{},{}\n", a * b / 100.0, row % 4);
    }
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn options(targets: &[&str]) -> SchemaOptions {
    SchemaOptions { targets: targets.iter().map(|&name| name.into()).collect(), ..SchemaOptions::default() }
}

fn fitted(mut config: FitConfig) -> Fitted {
    config.train.epochs = config.train.epochs.min(80);
    let table = table(300);
    let schema = Schema::infer(&table, &options(&["u", "v", "n"])).unwrap();
    let mut fit = Fit::start(&table, schema, config, None).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap()
}

fn value(metrics: &Metrics, name: MetricName) -> f64 {
    metrics.get(name).unwrap().value.unwrap()
}

#[test]
fn each_target_has_its_own_unit_and_metrics() {
    for config in [FitConfig::plain(), FitConfig::new(glassnet::recipe::Recipe::Strong, Task::Regression)] {
        let is_held = config.recipe == glassnet::recipe::Recipe::Strong;
        let fitted = fitted(config);
        let model = &fitted.model;
        model.check().unwrap();
        assert_eq!(model.target.columns(), ["u", "v", "n"]);
        assert_eq!((model.network().n_outputs(), model.baselines.constant.len()), (3, 3));
        // The row without u trains neither.
        assert_eq!(model.story.n_training_rows + model.story.n_validation_rows, 299);
        assert_eq!(model.encoder.columns().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let evaluated = model.evaluate(&table(200)).unwrap();
        let evaluation = &evaluated.evaluation;
        let names: Vec<&str> = evaluation.targets.iter().map(|one| one.target.as_str()).collect();
        assert_eq!(names, ["u", "v", "n"]);
        let [u, v, n] = [0, 1, 2].map(|k| value(&evaluation.targets[k].metrics, MetricName::R2));
        assert!(u > 0.98 && v > 0.8, "{u} {v}");
        assert!(n < 0.9, "it follows from nothing: {n}");
        for name in [MetricName::Rmse, MetricName::Mae, MetricName::R2] {
            let mean = evaluation.targets.iter().map(|one| value(&one.metrics, name)).sum::<f64>() / 3.0;
            assert!((value(&evaluation.metrics, name) - mean).abs() < 1e-12, "{name}");
        }
        // The mean of u is about 100, that of v about 0: each baseline is a target's own.
        let constant = &model.baselines.constant;
        assert!((constant[0] - 100.0).abs() < 0.5 && constant[1].abs() < 0.01, "{constant:?}");
        assert!((constant[2] - 1.5).abs() < 0.2, "{constant:?}");
        let Prediction::Numbers(numbers) = &evaluated.prediction else { panic!("numbers") };
        for row in 0..numbers.n_rows() {
            assert!((90.0..110.0).contains(&numbers.row(row)[0]) && numbers.row(row)[1].abs() < 0.1);
            assert!(!is_held || (0.0..=3.0).contains(&numbers.row(row)[2]));
        }
        for (target, name) in names.iter().enumerate() {
            let found = model.attribute(&table(20), 7, target).unwrap();
            assert_eq!(found.quantity, *name);
            let Prediction::Numbers(numbers) = model.predict(&table(20)).unwrap().prediction else {
                panic!()
            };
            assert!((found.at_row - numbers.row(7)[target]).abs() < 0.01 || is_held, "{found:?} {numbers:?}");
        }
    }
}

#[test]
fn the_target_of_older_model_files_can_be_read() {
    let old = r#"{"number": {"column": "y", "standardization": {"mean": 1.5, "standard_deviation": 2.0}}}"#;
    let old: TargetEncoder = serde_json::from_str(old).unwrap();
    old.check().unwrap();
    assert_eq!((old.columns(), old.numbers()[0].predicted(0.5)), (vec!["y"], 2.5));
    let new = serde_json::to_string(&old).unwrap();
    assert!(new.starts_with(r#"{"numbers":[{"column":"y""#), "{new}");
    assert_eq!(serde_json::from_str::<TargetEncoder>(&new).unwrap(), old);
    let refused =
        |text: &str| serde_json::from_str::<TargetEncoder>(text).map(|target| target.check().is_err());
    assert!(refused(r#"{"numbers": []}"#).unwrap());
    let one = &new[r#"{"numbers":["#.len()..new.len() - 2];
    assert!(refused(&format!(r#"{{"numbers": [{one}, {one}]}}"#)).unwrap(), "one name twice");
}

/// Targets of the same numbers are learnt alike, and a second target does not disturb the encoding of the first.
#[test]
fn out_of_fold_predictions_keep_their_targets() {
    let table = table(120);
    let schema = Schema::infer(&table, &options(&["u", "v"])).unwrap();
    let config =
        FitConfig { train: TrainConfig { epochs: 60, ..FitConfig::plain().train }, ..FitConfig::plain() };
    let mut folds = Folds::start(&table, &schema, &config, 3).unwrap();
    while folds.epoch().is_some() {}
    let cross = folds.finish().unwrap();
    let Prediction::Numbers(numbers) = &cross.prediction else { panic!("numbers") };
    assert_eq!((numbers.n_rows(), numbers.n_columns()), (119, 2));
    for row in 0..119 {
        assert!((numbers.row(row)[0] - 100.0).abs() < 10.0 && numbers.row(row)[1].abs() < 1.0, "row {row}");
    }
}

#[test]
fn several_targets_are_numbers_and_learn_the_squared_error() {
    let table = table(60);
    let mixed = Table::read(b"a,u,c\n1,2,x\n2,3,y\n3,4,x\n".as_slice(), "m.csv", None).unwrap();
    let text = |error: Error| error.to_string();
    let error = text(Schema::infer(&mixed, &options(&["u", "c"])).unwrap_err());
    assert!(error.contains("`c` is one of several targets, but of kind category"), "{error}");
    let classes = SchemaOptions { task: Some(Task::Classification), ..options(&["u", "v"]) };
    assert!(matches!(
        Schema::infer(&table, &classes),
        Err(Error::Schema(SchemaError::Contradiction { first: "one of several targets", .. }))
    ));
    let schema = Schema::infer(&table, &options(&["u", "n"])).unwrap();
    for objective in [Objective::Poisson, Objective::Quantile(QuantileLevels::default())] {
        let config = FitConfig { objective: Some(objective), ..FitConfig::plain() };
        let error = text(Fit::start(&table, schema.clone(), config, None).unwrap_err());
        assert!(error.contains("several numbers"), "{error}");
    }
    let lacking = Table::read(b"a,b,u\n1,2,3\n".as_slice(), "l.csv", None).unwrap();
    let model = fitted(FitConfig {
        train: TrainConfig { epochs: 1, ..FitConfig::plain().train },
        ..FitConfig::plain()
    })
    .model;
    assert!(matches!(model.evaluate(&lacking), Err(Error::Encode(EncodeError::MissingColumn { .. }))));
    model.predict(&lacking).unwrap();
}
