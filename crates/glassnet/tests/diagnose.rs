//! Findings on trainings whose fault is known, and none of weight on healthy ones.

use glassnet::activation::Activation;
use glassnet::diagnose::{on_table, remedied};
use glassnet::error::Error;
use glassnet::finding::{Code, Finding, Severity, Value};
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::metrics::MetricName;
use glassnet::model::{Model, Prediction};
use glassnet::schema::{Role, Schema, SchemaOptions, Task};
use glassnet::table::Table;

const XOR: &str = "a,b,y\n0,0,no\n0,1,yes\n1,0,yes\n1,1,no\n";

fn table(text: &str) -> Table {
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn schema(table: &Table) -> Schema {
    Schema::infer(table, &SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() }).unwrap()
}

fn try_fit(table: &Table, config: FitConfig) -> Result<Fitted, Error> {
    let mut fit = Fit::start(table, schema(table), config, None)?;
    while fit.epoch().is_some() {}
    fit.finish()
}

fn fit(table: &Table, config: FitConfig) -> Fitted {
    try_fit(table, config).unwrap()
}

/// One start of the plain recipe, on all rows, without dropout and decay.
fn plain(hidden: &[usize], activation: Activation, epochs: usize, seed: u64) -> FitConfig {
    let mut config = FitConfig {
        hidden_layer_sizes: hidden.to_vec(),
        activation,
        dropout: 0.0,
        validation_fraction: 0.0,
        restarts: Some(1),
        seed,
        ..FitConfig::plain()
    };
    config.train.epochs = epochs;
    config.train.patience = None;
    config.train.weight_decay = Some(0.0);
    config
}

/// The share of the table's rows that the model gets right.
fn right(model: &Model, table: &Table) -> f64 {
    let Prediction::Probabilities(probabilities) = model.predict(table).unwrap().prediction else { panic!() };
    let truth = model.truth_of(table).unwrap();
    let is_right = |row: &usize| {
        let row_of = probabilities.row(*row);
        let best = (0..row_of.len()).max_by(|i, j| row_of[*i].total_cmp(&row_of[*j]));
        best == truth[*row]
    };
    (0..truth.len()).filter(is_right).count() as f64 / truth.len() as f64
}

fn number(finding: &Finding, name: &str) -> f64 {
    match finding.evidence.iter().find(|fact| fact.name.contains(name)).map(|fact| &fact.value) {
        Some(Value::Number(number)) => *number,
        other => panic!("{name}: {other:?} in {finding:?}"),
    }
}

#[test]
fn xor_without_a_hidden_layer_has_a_witness_and_the_remedy_helps() {
    let table = table(XOR);
    let fitted = fit(&table, plain(&[], Activation::Relu, 300, 0));
    let first = &fitted.model.story.findings[0];
    assert_eq!((first.code, first.severity), (Code::NotLinearlySeparable, Severity::Error));
    let shares: Vec<f64> = first
        .evidence
        .iter()
        .filter(|fact| fact.name.starts_with("share in the mean"))
        .map(|fact| if let Value::Number(share) = fact.value { share } else { panic!() })
        .collect();
    assert_eq!(shares, [0.5; 4]);
    // What is drawn: the rows of either class around a point that is the mean of both.
    let sketch = first.sketch.as_ref().unwrap();
    let mean = |points: &[[f64; 2]]| {
        [0, 1].map(|i| points.iter().map(|point| point[i]).sum::<f64>() / points.len() as f64)
    };
    let names: Vec<&str> = sketch.series.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        (sketch.x.as_str(), sketch.y.as_str(), &names[..]),
        ("a", "b", &["no", "yes", "both means"][..])
    );
    let means: Vec<[f64; 2]> = sketch.series.iter().map(|(_, points)| mean(points)).collect();
    assert_eq!(means, [means[2]; 3]);
    assert_eq!(sketch.series.iter().map(|(_, points)| points.len()).collect::<Vec<_>>(), [2, 2, 1]);
    let (config, schema) = remedied(first, &fitted.model.story.config, &fitted.model.schema);
    let mut again = Fit::start(&table, schema, config, None).unwrap();
    while again.epoch().is_some() {}
    let model = again.finish().unwrap().model;
    assert_eq!(right(&model, &table), 1.0);
    assert!(model.story.findings.iter().all(|finding| finding.severity != Severity::Error));
}

#[test]
fn every_failure_of_two_hidden_units_on_xor_has_a_name() {
    let table = table(XOR);
    for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
        let (mut n_failed, mut n_solved) = (0, 0);
        for seed in 0..50 {
            let mut config = plain(&[2], activation, 1_500, seed);
            config.learning_rate = Some(0.02);
            let model = fit(&table, config).model;
            let findings = &model.story.findings;
            if right(&model, &table) < 1.0 {
                n_failed += 1;
                let is_named = findings.first().is_some_and(|first| first.severity == Severity::Error);
                assert!(is_named, "{activation:?} {seed}: {findings:?}");
            } else {
                n_solved += 1;
            }
        }
        // Else the test shows nothing.
        assert!(n_failed >= 3 && n_solved >= 3, "{activation:?}: {n_failed} failed, {n_solved} solved");
    }
}

/// Three columns between 15,000 and 20,000, and a sum of them.
fn unscaled() -> Table {
    let mut draw = Generator::new(4);
    let mut row = || {
        let x: Vec<f64> = (0..3).map(|_| 15_000.0 + 5_000.0 * draw.uniform()).collect();
        format!("{},{},{},{}\n", x[0], x[1], x[2], 2.0 * x[0] - x[1] + 0.5 * x[2])
    };
    table(&(String::from("a,b,c,y\n") + &(0..200).map(|_| row()).collect::<String>()))
}

#[test]
fn columns_that_say_too_much_are_shown_row_by_row() {
    let mut draw = Generator::new(5);
    let mut text = String::from("id,x,copy,leak,y\n");
    for id in 1..=250 {
        let (x, y) = (draw.normal(), draw.normal());
        text += &format!("{id},{x},{},{},{y}\n", 3.0 - 2.0 * x, 7.0 * y);
    }
    let findings = fit(&table(&text), plain(&[4], Activation::Tanh, 5, 0)).model.story.findings;
    let points = |code: Code, column: &str| {
        let is_meant = |finding: &&Finding| {
            finding.code == code && finding.evidence.iter().any(|fact| fact.value == column.into())
        };
        let sketch = findings.iter().find(is_meant).unwrap().sketch.as_ref().unwrap();
        let [(_, points)] = &sketch.series[..] else { panic!("one series") };
        // Of 250 rows every third.
        assert_eq!(points.len(), 84, "{code:?}");
        (sketch.x.clone(), sketch.y.clone(), points.clone())
    };
    let slopes = |points: &[[f64; 2]]| -> Vec<f64> {
        points.windows(2).map(|p| (p[1][1] - p[0][1]) / (p[1][0] - p[0][0])).collect()
    };
    let (x, _, identifier) = points(Code::IdentifierColumn, "id");
    assert_eq!((x.as_str(), identifier[1][0]), ("training row", 4.0));
    for (code, column, seen) in [
        (Code::DuplicateColumn, "copy", ["copy (encoded)", "x (encoded)"]),
        (Code::LeakingColumn, "leak", ["leak (encoded)", "y (as taught)"]),
    ] {
        let (x, y, points) = points(code, column);
        assert_eq!([x.as_str(), y.as_str()], seen);
        let slopes = slopes(&points);
        let is_line = slopes.iter().all(|slope| (slope / slopes[0] - 1.0).abs() < 1e-2);
        assert!(is_line, "{code:?}: {slopes:?}");
    }
}

#[test]
fn large_columns_work_by_default_and_without_scaling_they_are_named() {
    let table = unscaled();
    let r2 = |fitted: &Fitted| {
        fitted.held_out.as_ref().unwrap().evaluation.metrics.get(MetricName::R2).unwrap().value.unwrap()
    };
    for config in [FitConfig::strong(Task::Regression), FitConfig::plain()] {
        let fitted = fit(&table, config);
        assert!(r2(&fitted) > 0.99, "{}", r2(&fitted));
        assert!(fitted.model.story.findings.iter().all(|finding| finding.severity != Severity::Error));
    }
    let mut config = FitConfig { scaling: false, ..FitConfig::plain() };
    config.train.epochs = 100;
    let named = match try_fit(&table, config) {
        Ok(fitted) => fitted.model.story.findings[0].code.name(),
        Err(Error::NotTrained { code, .. }) => code,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(named, "unscaled_input");
}

#[test]
fn iris_with_early_stopping_never_fails() {
    let iris = Table::read(&include_bytes!("../../../examples/iris.csv")[..], "iris.csv", None).unwrap();
    let options = SchemaOptions { targets: vec!["species".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&iris, &options).unwrap();
    for seed in 0..20 {
        let config = FitConfig { seed, ..FitConfig::plain() };
        let mut fit = Fit::start(&iris, schema.clone(), config, None).unwrap();
        while fit.epoch().is_some() {}
        let fitted = fit.finish().unwrap();
        let accuracy = right(&fitted.model, &iris);
        assert!(accuracy >= 0.9, "seed {seed}: {accuracy}");
        let findings = &fitted.model.story.findings;
        assert!(
            findings.iter().all(|finding| finding.severity != Severity::Error),
            "seed {seed}: {findings:?}"
        );
    }
}

#[test]
fn a_step_that_breaks_off_is_told_with_its_place() {
    let table = unscaled();
    let mut config = plain(&[], Activation::Relu, 50, 0);
    config.train.optimizer = glassnet::optimizer::OptimizerConfig::Sgd { momentum: 0.0, nesterov: false };
    config.learning_rate = Some(3.0);
    match try_fit(&table, config) {
        Ok(fitted) => {
            let first = &fitted.model.story.findings[0];
            assert_eq!(first.code, Code::Diverged);
            assert!(number(first, "learning rate") == 3.0 && number(first, "epoch") >= 1.0);
        }
        Err(Error::NotTrained { epoch, code, .. }) => assert_eq!((epoch, code), (1, "diverged")),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn rows_that_contradict_each_other_are_counted_with_the_loss_they_leave() {
    // Of each input 30 rows say yes and 10 no: −(¾·ln ¾ + ¼·ln ¼) is left for any network.
    let row = |i: usize| {
        format!("{},{},{}\n", i % 4, i % 4 * i % 4, if (i / 4).is_multiple_of(4) { "no" } else { "yes" })
    };
    let table = table(&(String::from("a,b,y\n") + &(0..160).map(row).collect::<String>()));
    let model = fit(&table, plain(&[8], Activation::Tanh, 100, 0)).model;
    let finding = model.story.findings.iter().find(|f| f.code == Code::ContradictoryRows).unwrap();
    assert_eq!(number(finding, "training rows that contradict"), 160.0);
    assert!((number(finding, "wrong at best") - 0.25).abs() < 1e-12);
    let floor = -(0.75 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln());
    assert!((number(finding, "lowest reachable") - floor).abs() < 1e-9);
}

#[test]
fn numbers_that_training_never_saw_are_named_with_their_range() {
    let iris = Table::read(&include_bytes!("../../../examples/iris.csv")[..], "iris.csv", None).unwrap();
    let options = SchemaOptions { targets: vec!["species".into()], ..SchemaOptions::default() };
    let mut config = FitConfig::plain();
    config.train.epochs = 30;
    let mut fit = Fit::start(&iris, Schema::infer(&iris, &options).unwrap(), config, None).unwrap();
    while fit.epoch().is_some() {}
    let model = fit.finish().unwrap().model;
    let names: Vec<&str> = model.schema.inputs().map(|column| column.name.as_str()).collect();
    let far = table(&format!("{}\n5,3,1,0.2\n5,300,1,0.2\n", names.join(",")));
    let findings = on_table(&model, &far).unwrap();
    let found = findings.iter().find(|finding| finding.code == Code::OutOfRangeInput).unwrap();
    assert!(found.message.contains(names[1]), "{}", found.message);
    assert_eq!(number(found, "cells"), 1.0);
    assert!(model.predict(&far).unwrap().notes.iter().any(|note| note.to_string().contains("300")));
    assert!(model.predict(&iris).unwrap().notes.is_empty());
}

#[test]
fn restarts_keep_the_best_start_and_the_same_bits_for_any_number_of_threads() {
    let table = table(XOR);
    let with = |restarts: usize, threads: usize, seed: u64| {
        let mut config = plain(&[2], Activation::Tanh, 800, seed);
        config.learning_rate = Some(0.02);
        (config.restarts, config.threads) = (Some(restarts), threads);
        fit(&table, config)
    };
    let (one, two) = (with(12, 1, 3), with(12, 2, 3));
    assert_eq!(one.model.network().params(), two.model.network().params());
    let lottery = one.lottery.unwrap();
    let losses: Vec<f64> = lottery.starts.iter().map(|start| start.loss.unwrap()).collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let kept = one.model.story.history[one.model.story.best_epoch - 1].training_loss;
    assert_eq!(kept, best);
    assert!((1..12).contains(&lottery.n_solved), "{losses:?}");
    // The first start is the training without restarts.
    let alone = with(1, 1, 3);
    assert!(alone.lottery.is_none());
    assert_eq!(alone.model.story.history.last().unwrap().training_loss, losses[0]);
}

#[test]
fn a_tiny_network_on_xor_is_restarted_by_itself_and_always_solves_it() {
    let table = table(XOR);
    let mut n_alone = 0;
    for seed in 0..40 {
        let config = FitConfig {
            hidden_layer_sizes: vec![2],
            dropout: 0.0,
            validation_fraction: 0.0,
            seed,
            ..FitConfig::plain()
        };
        let fitted = fit(&table, config.clone());
        assert_eq!(right(&fitted.model, &table), 1.0, "seed {seed}");
        n_alone +=
            usize::from(right(&fit(&table, FitConfig { restarts: Some(1), ..config }).model, &table) == 1.0);
    }
    assert!(n_alone < 40, "a single start always solves it, so this shows nothing");
}

#[test]
fn a_second_look_at_the_table_says_what_the_first_said() {
    let table = table(XOR);
    // A start that fails, whose finding rests on trials.
    let model = (0..30)
        .map(|seed| {
            let mut config = plain(&[2], Activation::Tanh, 800, seed);
            config.learning_rate = Some(0.02);
            fit(&table, config).model
        })
        .find(|model| model.story.findings.iter().any(|finding| finding.code == Code::UnluckyStart))
        .expect("one of thirty starts is unlucky");
    assert_eq!(on_table(&model, &table).unwrap(), model.story.findings);
}

#[test]
fn a_second_look_knows_rows_that_validated_from_another_table() {
    let row = |i: usize| format!("{},{}\n", i, if i < 20 { "low" } else { "high" });
    let text = String::from("x,y\n") + &(0..40).map(row).collect::<String>();
    let (table, validation) = (table(&text), table(&text.replace("39,high", "41,high")));
    let mut config = FitConfig { hidden_layer_sizes: vec![8], ..FitConfig::plain() };
    config.train.epochs = 40;
    let mut fit = Fit::start(&table, schema(&table), config, Some(&validation)).unwrap();
    while fit.epoch().is_some() {}
    let model = fit.finish().unwrap().model;
    assert_eq!(model.story.n_training_rows, 40);
    let findings = on_table(&model, &table).unwrap();
    let numbered = findings.iter().find(|finding| finding.code == Code::IdentifierColumn).unwrap();
    // All rows trained: none of them is taken for validation now.
    assert_eq!(number(numbered, "rows"), 40.0);
}

#[test]
fn a_model_whose_parts_do_not_go_together_is_still_looked_at() {
    let rows = (0..40).map(|i| format!("{},{},{}\n", i % 7, i % 5, ["no", "yes"][i % 2]));
    let table = table(&("a,b,y\n".to_owned() + &rows.collect::<String>()));
    let mut model = fit(&table, plain(&[2], Activation::Tanh, 5, 0)).model;
    // As in a file that was edited: the schema lacks an input of the network.
    model.schema.columns[0].role = Role::Ignored;
    assert!(on_table(&model, &table).is_ok());
}
