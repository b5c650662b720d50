//! Rows that do not count alike: a row of weight 2 is two rows, one of weight 0 is none.

use glassnet::activation::Activation;
use glassnet::dataset::{Dataset, Targets};
use glassnet::finding::{Code, Severity};
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::{ClassWeight, FitConfig};
use glassnet::folds::Folds;
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::metrics::{self, MetricName, Metrics};
use glassnet::model::Prediction;
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::schema::{Role, Schema, SchemaOptions};
use glassnet::table::Table;
use glassnet::target::Truth;
use glassnet::train_config::{BatchSize, RowOrder, TrainConfig};
use glassnet::trainer::Trainer;
use std::sync::Arc;

fn table_of(text: &str) -> Table {
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn schema(table: &Table) -> Schema {
    let options =
        SchemaOptions { targets: vec!["y".into()], row_weight: Some("n".into()), ..SchemaOptions::default() };
    Schema::infer(table, &options).unwrap()
}

fn fit(table: &Table, config: FitConfig) -> Fitted {
    let mut fit = Fit::start(table, schema(table), config, None).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap()
}

/// y = 2·a − b, but in every third row 5 more; those rows have weight 0, the others 2.
fn spoilt() -> Table {
    let mut generator = Generator::new(1);
    let row = |i: usize| {
        let [a, b] = [(); 2].map(|()| generator.uniform() * 4.0 - 2.0);
        let (weight, more) = if i.is_multiple_of(3) { (0, 5.0) } else { (2, 0.0) };
        format!("{a},{b},{weight},{}\n", 2.0 * a - b + more)
    };
    table_of(&format!("a,b,n,y\n{}", (0..300).map(row).collect::<String>()))
}

#[test]
fn rows_of_weight_0_count_for_nothing() {
    let table = spoilt();
    let fitted = fit(&table, FitConfig::plain());
    assert_eq!(schema(&table).row_weight().unwrap().role, Role::Weight);
    assert_eq!(fitted.model.encoder.n_inputs(), 2);
    let rmse = |metrics: &Metrics| metrics.get(MetricName::Rmse).unwrap().value.unwrap();
    let evaluation = fitted.model.story.evaluation.as_ref().unwrap();
    assert!(rmse(&evaluation.metrics) < 0.2, "{evaluation:?}");
    // The rows that do not count are no contradiction, and the mean is no better.
    let findings = &fitted.model.story.findings;
    assert!(findings.iter().all(|finding| finding.severity == Severity::Info), "{findings:?}");
    // Evaluated again: by the weights where the table has them, else all rows count alike; to predict, none are needed.
    assert!(rmse(&fitted.model.evaluate(&table).unwrap().evaluation.metrics) < 0.2);
    let without = table_of("a,b,y\n0,0,0\n1,0,2\n0,1,4\n");
    let found = rmse(&fitted.model.evaluate(&without).unwrap().evaluation.metrics);
    assert!((found - 5.0 / 3.0_f64.sqrt()).abs() < 0.3, "{found}");
    // Cross-validation measures by them too.
    let mut folds = Folds::start(&table, &schema(&table), &FitConfig::plain(), 3).unwrap();
    while folds.epoch().is_some() {}
    let cross = folds.finish().unwrap();
    assert!(rmse(&cross.evaluation.metrics) < 0.2 && rmse(&cross.folds[0].metrics) < 0.2);
}

/// Full batches in the rows' order: a row of weight k pulls like k rows.
#[test]
fn a_row_of_weight_3_trains_like_three_rows() {
    let mut generator = Generator::new(4);
    let values: Vec<f64> = (0..24 * 3).map(|_| generator.uniform() * 2.0 - 1.0).collect();
    let counts: Vec<usize> = (0..24).map(|row| row % 4).collect();
    let repeated: Vec<usize> = (0..24).flat_map(|row| vec![row; counts[row]]).collect();
    let x = Matrix::from_values(24, 3, values);
    let indices = (0..24).map(|row| u32::from(x.row(row)[0] + x.row(row)[1] > 0.0)).collect();
    let all = Dataset::new(x, Targets::Classes { indices, n_classes: 2 }).unwrap();
    let of_rows = all.gather(&repeated).unwrap();
    let weighted = all.with_sample_weights(&counts.iter().map(|&n| n as f64).collect::<Vec<_>>()).unwrap();
    let params = |rows: Dataset<f64>| {
        let dense =
            |n_inputs, n_outputs, activation| Layer::Dense { n_inputs, n_outputs, bias: true, activation };
        let layers = vec![dense(3, 5, Activation::Tanh), dense(5, 2, Activation::Identity)];
        let network = Network::initialised(layers, Initialiser::HeNormal, &mut Generator::new(1)).unwrap();
        let config = TrainConfig {
            batch_size: BatchSize::Full,
            row_order: RowOrder::AsGiven,
            epochs: 30,
            patience: None,
            ..TrainConfig::default()
        };
        let objective = Objective::CrossEntropy;
        let rows = Arc::new(rows);
        let mut trainer =
            Trainer::new(network, objective, config.check().unwrap(), rows, None, Generator::new(2)).unwrap();
        while trainer.epoch().is_some() {}
        trainer.finish().network().params().to_vec()
    };
    for (weighted, repeated) in params(weighted).iter().zip(params(of_rows)) {
        assert!((weighted - repeated).abs() < 1e-9, "{weighted} {repeated}");
    }
}

/// The figures, without their intervals.
fn figures(metrics: &Metrics) -> Vec<f64> {
    metrics.iter().map(|(_, metric)| metric.value.unwrap()).collect()
}

#[test]
fn a_row_of_weight_3_is_measured_like_three_rows() {
    let mut generator = Generator::new(9);
    let counts: Vec<usize> = (0..60).map(|row| row % 4).collect();
    let weights: Vec<f64> = counts.iter().map(|&n| 0.5 * n as f64).collect();
    let repeated: Vec<usize> = (0..60).flat_map(|row| vec![row; counts[row]]).collect();
    for n_classes in [2, 3] {
        let p = |_| {
            let powers: Vec<f64> = (0..n_classes).map(|_| (3.0 * generator.uniform()).exp()).collect();
            powers.iter().map(|power| power / powers.iter().sum::<f64>()).collect()
        };
        let rows: Vec<Vec<f64>> = (0..60).map(p).collect();
        let classes: Vec<u32> = (0..60).map(|row| (row * 7 + row / 5) % n_classes).collect();
        let again: Vec<Vec<f64>> = repeated.iter().map(|&row| rows[row].clone()).collect();
        let again_classes: Vec<u32> = repeated.iter().map(|&row| classes[row]).collect();
        let (rows, again) = (Matrix::from_rows(&rows), Matrix::from_rows(&again));
        let generator = &mut Generator::new(0);
        let weighted = metrics::classification(rows.view(), &classes, Some(&weights), generator);
        let expected = metrics::classification(again.view(), &again_classes, None, generator);
        assert_eq!(figures(&weighted).len(), 9);
        for (found, expected) in figures(&weighted).into_iter().zip(figures(&expected)) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}, {n_classes} classes");
        }
        let accuracy = weighted.get(MetricName::Accuracy).unwrap();
        assert!(accuracy.low < accuracy.value && accuracy.value < accuracy.high, "{accuracy:?}");
    }
    let truth: Vec<f64> = (0..60).map(|row| f64::from(row % 5)).collect();
    let predicted: Vec<f64> = (0..60).map(|_| generator.uniform() * 5.0 + 0.1).collect();
    let again = |numbers: &[f64]| repeated.iter().map(|&row| numbers[row]).collect::<Vec<_>>();
    let generator = &mut Generator::new(0);
    let weighted = metrics::counts(&predicted, &truth, Some(&weights), generator);
    let expected = metrics::counts(&again(&predicted), &again(&truth), None, generator);
    for (found, expected) in figures(&weighted).into_iter().zip(figures(&expected)) {
        assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{found} {expected}");
    }
}

#[test]
fn weights_of_rows_and_of_classes_go_together() {
    let row =
        |i: usize| format!("{},{},{}\n", i % 7, 1 + i % 3, if i.is_multiple_of(5) { "yes" } else { "no" });
    let table = table_of(&format!("a,n,y\n{}", (0..200).map(row).collect::<String>()));
    let config = FitConfig { class_weight: ClassWeight::Balanced, ..FitConfig::plain() };
    let config = FitConfig { train: TrainConfig { epochs: 2, ..config.train.clone() }, ..config };
    fit(&table, config).model.check().unwrap();
}

#[test]
fn classes_that_count_unlike_choose_the_epoch_but_are_measured_alike() {
    let mut generator = Generator::new(3);
    let mut row = |i: usize| {
        let is_rare = i.is_multiple_of(10);
        let x = generator.normal() + if is_rare { 1.0 } else { 0.0 };
        format!("{x},{}\n", if is_rare { "yes" } else { "no" })
    };
    let text: String = (0..1_000).map(&mut row).collect();
    let table = Table::read(format!("x,y\n{text}").as_bytes(), "t.csv", None).unwrap();
    let config = FitConfig { class_weight: ClassWeight::Balanced, ..FitConfig::plain() };
    let options = SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&table, &options).unwrap();
    let mut fit = Fit::start(&table, schema, config, None).unwrap();
    while fit.epoch().is_some() {}
    let Fitted { model, held_out, .. } = fit.finish().unwrap();
    let held_out = held_out.unwrap();
    let (Prediction::Probabilities(found), Truth::Classes(classes)) = (held_out.prediction, held_out.truth)
    else {
        panic!("no classes")
    };
    let classes: Vec<usize> = classes.into_iter().map(|class| class as usize).collect();
    // By hand: what chose the epoch counts both classes alike, the metrics count every row once.
    let loss = |row: usize| -f64::from(found.row(row)[classes[row]]).ln();
    let mean = |class: usize| {
        let rows: Vec<usize> = (0..classes.len()).filter(|&row| classes[row] == class).collect();
        rows.iter().map(|&row| loss(row)).sum::<f64>() / rows.len() as f64
    };
    let best = &model.story.history[model.story.best_epoch - 1];
    assert_eq!(model.temperature, 1.0);
    assert!((best.validation_loss.unwrap() - 0.5 * (mean(0) + mean(1))).abs() < 1e-3);
    let plain = (0..classes.len()).map(loss).sum::<f64>() / classes.len() as f64;
    let measured = held_out.evaluation.metrics.get(MetricName::LogLoss).unwrap().value.unwrap();
    assert!((measured - plain).abs() < 1e-6, "{measured} {plain}");
    // Chance is one half where classes count alike, whatever their shares: nothing that the shares explain is found fault with.
    let codes: Vec<Code> = model.story.findings.iter().map(|finding| finding.code).collect();
    let wrong = [Code::ClassImbalance, Code::WorseThanBaseline, Code::OscillatingLoss, Code::Overfit];
    assert!(!codes.iter().any(|code| wrong.contains(code)), "{codes:?}");
}

#[test]
fn what_is_no_weight_is_named() {
    let refused = |text: &str| {
        let table = table_of(text);
        let options = SchemaOptions {
            targets: vec!["y".into()],
            row_weight: Some("n".into()),
            ..SchemaOptions::default()
        };
        let fit = Schema::infer(&table, &options)
            .and_then(|schema| Fit::start(&table, schema, FitConfig::plain(), None).map(|_| ()));
        fit.unwrap_err().to_string()
    };
    let rows = |weight: &str| format!("a,n,y\n1,1,1\n2,{weight},2.5\n3,1,3\n4,1,4\n5,1,5\n6,1,6\n");
    for weight in ["-1", "", "NA", "1e39"] {
        let error = refused(&rows(weight));
        let named = ["t.csv, row 2 (line 3)", "column `n`", "not a weight", "0 or above"];
        assert!(named.iter().all(|part| error.contains(part)), "{error}");
    }
    assert!(refused(&rows("heavy")).contains("`heavy`"));
    assert!(refused("a,n,y\n1,0,1\n2,0,2.5\n3,0,3\n4,0,4\n").contains("all weights are zero"));
    assert!(refused("a,m,y\n1,0,1\n2,0,2.5\n").contains("no column `n`"));
}

#[test]
fn one_column_of_numbers_can_be_the_weight() {
    let table = spoilt();
    let infer = |change: fn(&mut SchemaOptions)| {
        let mut options = SchemaOptions {
            targets: vec!["y".into()],
            row_weight: Some("n".into()),
            ..SchemaOptions::default()
        };
        change(&mut options);
        Schema::infer(&table, &options).unwrap_err().to_string()
    };
    assert!(infer(|options| options.row_weight = Some("y".into())).contains("the target"));
    assert!(infer(|options| options.drop = vec!["n".into()]).contains("dropped"));
    assert!(infer(|options| options.category = vec!["n".into()]).contains("a category"));
    let text = schema(&table).to_json();
    assert_eq!(Schema::from_json(&text, "s.json").unwrap(), schema(&table));
    let two = text.replacen("\"role\": \"input\"", "\"role\": \"weight\"", 1);
    assert!(Schema::from_json(&two, "s.json").unwrap_err().to_string().contains("one column"));
    // All alike is no constant column.
    let ones = table_of("a,n,y\n1,1,1\n2,1,2.5\n3,1,3\n4,1,4.5\n");
    assert_eq!(schema(&ones).row_weight().unwrap().name, "n");
}
