//! Cross-validation: who predicts which row, and that nobody saw it before.
#![expect(clippy::format_collect, reason = "small tables as text")]

use glassnet::fit_config::FitConfig;
use glassnet::folds::{CrossValidation, Folds};
use glassnet::metrics::MetricName;
use glassnet::model::Prediction;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::train_config::TrainConfig;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const N: usize = 61;

fn y(row: usize) -> f64 {
    ((row * 37) % 61) as f64 / 10.0
}

/// A number to learn; one row's may be another.
fn numbers(changed: Option<usize>) -> Table {
    let line = |row: usize| {
        let y = if changed == Some(row) { 1e4 } else { y(row) };
        format!("{},{},{y}\n", (row * 37) % 61, (row * 11) % 13)
    };
    let text = format!("a,b,y\n{}", (0..N).map(line).collect::<String>());
    Table::read(text.as_bytes(), "numbers.csv", None).unwrap()
}

fn cross(
    table: &Table,
    target: &str,
    n_folds: usize,
    threads: usize,
) -> glassnet::error::Result<CrossValidation> {
    let options = SchemaOptions { targets: vec![target.into()], ..SchemaOptions::default() };
    let schema = Schema::infer(table, &options).unwrap();
    let strong = FitConfig::strong(schema.task().unwrap_or(Task::Regression));
    let train = TrainConfig { epochs: 6, ..strong.train.clone() };
    let config = FitConfig { hidden_layer_sizes: vec![8, 8], threads, train, ..strong };
    let mut folds = Folds::start(table, &schema, &config, n_folds)?;
    let rows = Arc::default();
    folds.count_rows_by(&rows);
    let (mut n_epochs, mut n_rows) = (0, 0);
    loop {
        n_rows += folds.rows_of_epoch();
        let Some(epoch) = folds.epoch() else { break };
        n_epochs += 1;
        assert_eq!((epoch, rows.load(Ordering::Relaxed)), (n_epochs, n_rows));
    }
    assert_eq!((n_epochs, folds.rows_of_epoch()), (6, 0));
    folds.finish()
}

fn predicted(cross: &CrossValidation) -> &[f64] {
    let Prediction::Numbers(numbers) = &cross.prediction else { panic!("numbers") };
    numbers.values()
}

#[test]
fn no_model_saw_the_rows_that_it_predicts() {
    let before = cross(&numbers(None), "y", 4, 1).unwrap();
    let after = cross(&numbers(Some(17)), "y", 4, 1).unwrap();
    assert_eq!(before.fold_of, after.fold_of);
    let own = before.fold_of[17];
    let mut n_changed = 0;
    for row in 0..N {
        let is_same = predicted(&before)[row].to_bits() == predicted(&after)[row].to_bits();
        if before.fold_of[row] == own {
            assert!(is_same, "row {row} is in the fold of the changed one");
        }
        n_changed += usize::from(!is_same);
    }
    assert!(n_changed > N / 2, "the changed row trains the models of the other folds: {n_changed}");
}

#[test]
fn every_row_is_predicted_once_and_metrics_are_of_all() {
    let table = numbers(None);
    let all = cross(&table, "y", 4, 1).unwrap();
    assert_eq!(all.rows, (0..N).collect::<Vec<_>>());
    for fold in 0..4 {
        let n_rows = all.fold_of.iter().filter(|&&other| other == fold).count();
        assert!((15..=16).contains(&n_rows), "{n_rows} of {N} rows in a fold of 4");
        assert_eq!(all.folds[fold].n_rows, n_rows);
    }
    let rmse = |rows: &[usize]| {
        let squares: f64 = rows.iter().map(|&row| (predicted(&all)[row] - y(row)).powi(2)).sum();
        (squares / rows.len() as f64).sqrt()
    };
    let of = |evaluation: &glassnet::model::Evaluation| {
        evaluation.metrics.get(MetricName::Rmse).unwrap().value.unwrap()
    };
    assert!((of(&all.evaluation) - rmse(&all.rows)).abs() < 1e-9);
    for (fold, evaluation) in all.folds.iter().enumerate() {
        let rows: Vec<usize> = (0..N).filter(|&row| all.fold_of[row] == fold).collect();
        assert!((of(evaluation) - rmse(&rows)).abs() < 1e-9);
    }
    assert_eq!(cross(&table, "y", 4, 3).unwrap(), all, "threads change nothing");
}

#[test]
fn each_class_is_spread_over_the_folds() {
    let class = |row: usize| if row.is_multiple_of(6) { "rare" } else { "frequent" };
    let text: String = (0..N).map(|row| format!("{},{}\n", (row * 37) % 61, class(row))).collect();
    let table = Table::read(format!("a,class\n{text}").as_bytes(), "classes.csv", None).unwrap();
    let all = cross(&table, "class", 5, 2).unwrap();
    for fold in 0..5 {
        let n_rare = (0..N).filter(|&row| all.fold_of[row] == fold && class(row) == "rare").count();
        assert!((2..=3).contains(&n_rare), "{n_rare} of 11 rare rows in a fold of 5");
    }
    let Prediction::Probabilities(p) = &all.prediction else { panic!("classes") };
    assert_eq!((p.n_rows(), p.n_columns()), (N, 2));
}

#[test]
fn the_number_of_folds_has_bounds() {
    for n_folds in [0, 1, N + 1] {
        let error = cross(&numbers(None), "y", n_folds, 1).unwrap_err();
        assert!(error.to_string().contains("from 2 to the number of rows with a target"), "{error}");
    }
}
