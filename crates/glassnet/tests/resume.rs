//! A fit that goes on from a checkpoint ends with the bits of one that was never interrupted.

use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::model::Model;
use glassnet::optimizer::OptimizerConfig;
use glassnet::resume::FitCheckpoint;
use glassnet::schedule::Schedule;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::table::Table;
use glassnet::train_config::TrainConfig;

fn table(n_rows: usize) -> Table {
    let mut generator = Generator::new(5);
    let mut table = Table::new("rows.csv", ["x", "kind", "y"]).unwrap();
    for _ in 0..n_rows {
        let (x, kind) = (generator.normal(), generator.up_to(11));
        let y = x * kind as f64 + 0.1 * generator.normal();
        table.push_row([x.to_string().as_str(), &format!("kind {kind}"), &y.to_string()]);
    }
    table
}

fn start(table: &Table, config: &FitConfig, target: &str) -> Fit {
    let options = SchemaOptions { targets: vec![target.into()], ..SchemaOptions::default() };
    Fit::start(table, Schema::infer(table, &options).unwrap(), config.clone(), None).unwrap()
}

fn end(mut fit: Fit) -> Model {
    while fit.epoch().is_some() {}
    fit.finish().unwrap().model
}

fn after(table: &Table, config: &FitConfig, n_epochs: usize) -> FitCheckpoint {
    let mut fit = start(table, config, "y");
    for _ in 0..n_epochs {
        fit.epoch();
    }
    fit.checkpoint().unwrap()
}

fn configs() -> Vec<FitConfig> {
    let train = |train: TrainConfig| TrainConfig { epochs: 8, patience: None, ..train };
    let strong = FitConfig::strong(glassnet::schema::Task::Regression);
    let strong = FitConfig { hidden_layer_sizes: vec![12, 12], train: train(strong.train.clone()), ..strong };
    let plain = FitConfig::plain();
    let plain = FitConfig { hidden_layer_sizes: vec![9], train: train(plain.train.clone()), ..plain };
    let plateau = Schedule::ReduceOnPlateau { factor: 0.5, patience: 1, least: 0.0 };
    let momentum = TrainConfig {
        optimizer: OptimizerConfig::Sgd { momentum: 0.9, nesterov: false },
        schedule: plateau,
        patience: Some(3),
        learning_rate: 0.05,
        ..plain.train.clone()
    };
    vec![
        FitConfig { ensemble: 3, threads: 2, ..strong.clone() },
        FitConfig { validation_fraction: 0.0, ..strong.clone() },
        strong,
        FitConfig { train: momentum, ..plain.clone() },
        plain,
    ]
}

#[test]
fn whenever_it_is_interrupted() {
    let table = table(90);
    for config in configs() {
        let whole = end(start(&table, &config, "y"));
        for n_epochs in 0..=whole.story.history.len() {
            let mut fit = start(&table, &config, "y");
            fit.resume(after(&table, &config, n_epochs)).unwrap();
            assert_eq!(fit.n_epochs_done(), n_epochs);
            assert!(end(fit) == whole, "after {n_epochs} epochs of {config:?}");
        }
    }
}

#[test]
fn only_of_the_same_fit() {
    let (table, other) = (table(90), self::table(91));
    let config = configs().pop().unwrap();
    let checkpoint = after(&table, &config, 3);
    let error = |table: &Table, config: &FitConfig, checkpoint: FitCheckpoint| {
        start(table, config, "y").resume(checkpoint).unwrap_err().to_string()
    };
    assert!(error(&other, &config, checkpoint.clone()).contains("another table"));
    let longer = FitConfig { train: TrainConfig { epochs: 9, ..config.train.clone() }, ..config.clone() };
    let message = error(&table, &longer, checkpoint.clone());
    assert!(message.contains("epochs 8") && message.contains("has 9"), "{message}");
    let message = start(&table, &config, "x").resume(checkpoint.clone()).unwrap_err().to_string();
    assert!(message.contains("columns"), "{message}");
    assert!(
        start(&table, &FitConfig { threads: 4, ..config.clone() }, "y").resume(checkpoint.clone()).is_ok()
    );

    let damage: [fn(&mut FitCheckpoint); 7] = [
        |c| c.at.members[0].order[0] = c.at.members[0].order[1],
        |c| c.at.members[0].order[0] = 1000,
        |c| c.at.members[0].params[0] = f32::NAN,
        |c| c.at.members[0].best_params.truncate(3),
        |c| c.at.members.clear(),
        |c| c.at.best_epoch = 4,
        |c| c.at.history[0].epoch = 7,
    ];
    for (i, damage) in damage.into_iter().enumerate() {
        let mut damaged = checkpoint.clone();
        damage(&mut damaged);
        assert!(start(&table, &config, "y").resume(damaged).is_err(), "damage {i}");
    }
}
