//! Trainings that go on from a model.

use glassnet::diagnose::on_table;
use glassnet::error::Error;
use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::model::{Model, Prediction};
use glassnet::objective::Objective;
use glassnet::prepared::Prepared;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;

/// Rows of x from `low` on and y = 2x + noise, or the class of x above 6, with a level that comes first.
fn table(n_rows: usize, low: f64, is_number: bool, seed: u64) -> Table {
    let mut generator = Generator::new(seed);
    let mut text = "x,kind,y\n".to_owned();
    for row in 0..n_rows {
        let x = low + 4.0 * generator.uniform();
        let y = if is_number {
            format!("{}", 2.0 * x + 0.1 * generator.normal())
        } else {
            format!("c{}", u8::from(x > 6.0))
        };
        text += &format!("{x},{},{y}\n", ["a", "b", "c"][row % 3]);
    }
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn schema(table: &Table) -> Schema {
    Schema::infer(table, &SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() }).unwrap()
}

fn end(mut fit: Fit) -> Model {
    while fit.epoch().is_some() {}
    fit.finish().unwrap().model
}

fn configs(task: Task) -> [FitConfig; 3] {
    let strong = FitConfig { hidden_layer_sizes: vec![16, 16], ..FitConfig::strong(task) };
    let mut all = [FitConfig::plain(), strong.clone(), FitConfig { ensemble: 2, ..strong }];
    for config in &mut all {
        config.train.epochs = 12;
    }
    all
}

fn go_on(model: &Model, table: &Table, config: FitConfig) -> Result<Fit, Error> {
    Fit::begin(Prepared::going_on(model, table, &config, None)?, config)
}

#[test]
fn it_starts_where_the_model_ended() {
    for (task, is_number) in [(Task::Regression, true), (Task::Classification, false)] {
        for config in configs(task) {
            let first = table(300, 4.0, is_number, 1);
            let model = end(Fit::start(&first, schema(&first), config.clone(), None).unwrap());
            // Steps of length zero leave what was there.
            let still = FitConfig { learning_rate: Some(1e-30), ..config.clone() };
            let second = table(200, 5.0, is_number, 2);
            let same = end(go_on(&model, &second, still).unwrap());
            for (network, other) in model.networks.iter().zip(&same.networks) {
                assert_eq!(network.params(), other.params());
            }
            assert_eq!(
                (&same.encoder, &same.story.earlier_tables),
                (&model.encoder, &vec![model.story.table_fingerprint.clone()])
            );
            // A later training is told of all tables, and is a training: its loss falls.
            let later = end(go_on(&same, &first, config).unwrap());
            assert_eq!(later.story.earlier_tables.len(), 2);
            assert_ne!(later.networks[0].params(), same.networks[0].params());
            later.check().unwrap();
            on_table(&later, &first).unwrap();
        }
    }
}

#[test]
fn numbers_that_only_the_later_rows_have_are_known_and_predicted() {
    for config in configs(Task::Regression) {
        let first = table(300, 0.0, true, 3);
        let model = end(Fit::start(&first, schema(&first), config.clone(), None).unwrap());
        let second = table(300, 3.0, true, 4);
        assert!(!model.predict(&second).unwrap().notes.is_empty());
        let mut longer = config;
        longer.train.epochs = 200;
        let later = end(go_on(&model, &second, longer).unwrap());
        let predicted = later.predict(&second).unwrap();
        assert!(predicted.notes.is_empty(), "{:?}", predicted.notes);
        let Prediction::Numbers(numbers) = predicted.prediction else { panic!("numbers") };
        let highest = (0..300).map(|row| numbers.row(row)[0]).fold(f64::NEG_INFINITY, f64::max);
        // No target of the first rows is above 8.5; those of the others go to 14.
        assert!(highest > 11.0, "{highest}");
        // The constant of the baselines is the mean of the later rows, and not of those that the target was standardised by.
        assert!((later.baselines.constant[0] - 10.0).abs() < 0.5, "{:?}", later.baselines.constant);
        assert!((model.baselines.constant[0] - 4.0).abs() < 0.5, "{:?}", model.baselines.constant);
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let first = table(200, 4.0, false, 5);
    let config = configs(Task::Classification)[0].clone();
    let model = end(Fit::start(&first, schema(&first), config.clone(), None).unwrap());
    let refusal = |table: &Table, config: FitConfig| go_on(&model, table, config).unwrap_err().to_string();
    let wider = FitConfig { hidden_layer_sizes: vec![5], ..config.clone() };
    let refused = refusal(&first, wider);
    assert!(refused.contains("64-64-1") && refused.contains("5-1"), "{refused}");
    assert!(refusal(&first, FitConfig { ensemble: 3, ..config.clone() }).contains("1 network"));
    for other in [
        FitConfig { scaling: false, ..config.clone() },
        FitConfig { objective: Some(Objective::Poisson), ..config.clone() },
    ] {
        let refused = refusal(&first, other);
        assert!(refused.contains("scaling") || refused.contains("objective"), "{refused}");
    }
    let text = "x,kind,y\n5,a,c0\n7,b,c9\n";
    let refused = refusal(&Table::read(text.as_bytes(), "new.csv", None).unwrap(), config.clone());
    assert!(refused.contains("new.csv, row 2 (line 3)") && refused.contains("`c9`"), "{refused}");
    // Rows of one class alone are rows.
    let text = "x,kind,y\n".to_owned() + &"7.5,a,c1\n8,b,c1\n".repeat(10);
    let one = Table::read(text.as_bytes(), "one.csv", None).unwrap();
    end(go_on(&model, &one, config).unwrap());
}

#[test]
fn an_interrupted_one_goes_on_only_from_the_same_model() {
    let (first, second) = (table(300, 4.0, false, 6), table(300, 4.5, false, 7));
    let config = configs(Task::Classification)[1].clone();
    let model = end(Fit::start(&first, schema(&first), config.clone(), None).unwrap());
    let mut fit = go_on(&model, &second, config.clone()).unwrap();
    for _ in 0..5 {
        fit.epoch().unwrap();
    }
    let checkpoint = fit.checkpoint().unwrap();
    let whole = end(fit);
    let mut resumed = go_on(&model, &second, config.clone()).unwrap();
    resumed.resume(checkpoint.clone()).unwrap();
    assert_eq!(end(resumed), whole);
    let refused = go_on(&whole, &second, config).unwrap().resume(checkpoint).unwrap_err().to_string();
    assert!(refused.contains("another model"), "{refused}");
}
