//! The trainer: what a step, an epoch, a batch, a weight and a stop mean.

use glassnet::activation::Activation;
use glassnet::batch::mean_loss;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::optimizer::OptimizerConfig;
use glassnet::schedule::Schedule;
use glassnet::train_config::{BatchSize, Reduction, RowOrder, TrainConfig, TrainingLoss};
use glassnet::trainer::{StopReason, Trained, Trainer};
use std::sync::Arc;

fn dense(n_inputs: usize, n_outputs: usize, activation: Activation) -> Layer {
    Layer::Dense { n_inputs, n_outputs, bias: true, activation }
}

/// y = noise around a plane, as numbers.
fn rows(n_rows: usize, seed: u64) -> Dataset<f64> {
    let mut generator = Generator::new(seed);
    let x = Matrix::from_values(n_rows, 3, (0..n_rows * 3).map(|_| generator.normal()).collect());
    let y = (0..n_rows).map(|row| x.row(row)[0] - 0.5 * x.row(row)[2] + 0.1 * generator.normal()).collect();
    Dataset { x, targets: Targets::Values(Matrix::from_values(n_rows, 1, y)), weights: None }
}

fn network(seed: u64) -> Network<f64> {
    let layers = vec![dense(3, 6, Activation::Tanh), dense(6, 1, Activation::Identity)];
    let mut generator = Generator::new(seed);
    let mut network = Network::initialised(layers, Initialiser::GlorotUniform, &mut generator).unwrap();
    // Biases away from 0, so that what must leave them alone is seen when it does not.
    network.params_mut().iter_mut().for_each(|param| *param += 0.1 * generator.normal());
    network
}

fn plain(epochs: usize) -> TrainConfig {
    TrainConfig {
        optimizer: OptimizerConfig::SGD,
        learning_rate: 0.05,
        batch_size: BatchSize::Rows(4),
        row_order: RowOrder::AsGiven,
        epochs,
        patience: None,
        ..TrainConfig::default()
    }
}

fn train(config: TrainConfig, training: Dataset<f64>, validation: Option<Dataset<f64>>) -> Trained<f64> {
    let config = config.check().unwrap();
    let objective = Objective::SquaredError;
    let mut trainer = Trainer::new(
        network(1),
        objective,
        config,
        training.into(),
        validation.map(Arc::new),
        Generator::new(2),
    )
    .unwrap();
    while trainer.epoch().is_some() {}
    trainer.finish()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn same_seed_same_bits_other_seed_other_bits() {
    let config = TrainConfig { row_order: RowOrder::Shuffled, ..plain(3) };
    let run = |seed| {
        let (config, data) = (config.clone().check().unwrap(), rows(30, 3));
        let generator = Generator::new(seed);
        let mut trainer =
            Trainer::new(network(1), Objective::SquaredError, config, data.into(), None, generator).unwrap();
        while trainer.epoch().is_some() {}
        trainer.finish().networks.remove(0)
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn the_last_short_batch_takes_part() {
    // Six rows in batches of four: the last two rows make a step of their own.
    let six = train(plain(1), rows(6, 4), None);
    let mut changed = rows(6, 4);
    changed.x.row_mut(5)[0] += 1.0;
    assert_ne!(six.networks[0], train(plain(1), changed, None).networks[0]);
    // And its gradient is the mean over its own two rows, as full batches of four and of two would have it.
    let part = |range: std::ops::Range<usize>| {
        let all = rows(6, 4);
        let Targets::Values(targets) = &all.targets else { unreachable!() };
        let (mut x, mut y) = (Matrix::default(), Matrix::default());
        let rows: Vec<usize> = range.collect();
        x.gather(all.x.view(), &rows);
        y.gather(targets.view(), &rows);
        Dataset { x, targets: Targets::Values(y), weights: None }
    };
    let full = TrainConfig { batch_size: BatchSize::Full, ..plain(1) };
    let first = train(full.clone(), part(0..4), None).networks.remove(0);
    let config = full.check().unwrap();
    let objective = Objective::SquaredError;
    let mut trainer =
        Trainer::new(first, objective, config, part(4..6).into(), None, Generator::new(2)).unwrap();
    trainer.epoch();
    assert_eq!(trainer.network(), &six.networks[0]);
}

#[test]
fn sum_is_mean_times_rows() {
    let full = TrainConfig { batch_size: BatchSize::Full, ..plain(5) };
    let sum = TrainConfig { reduction: Reduction::Sum, learning_rate: 0.05 / 8.0, ..full.clone() };
    let (mean, sum) = (train(full, rows(8, 5), None), train(sum, rows(8, 5), None));
    assert!(largest_difference(mean.networks[0].params(), sum.networks[0].params()) < 1e-14);
}

#[test]
fn the_running_loss_of_a_full_batch_is_the_loss_before_its_step() {
    let running = TrainConfig { batch_size: BatchSize::Full, ..plain(3) };
    let evaluated = TrainConfig { training_loss: TrainingLoss::Evaluated, ..running.clone() };
    let (running, evaluated) = (train(running, rows(8, 5), None), train(evaluated, rows(8, 5), None));
    let start = mean_loss(&network(1), Objective::SquaredError, &rows(8, 5));
    assert!((running.history[0].training_loss - start).abs() < 1e-15);
    for epoch in 0..2 {
        let (now, next) = (evaluated.history[epoch].training_loss, running.history[epoch + 1].training_loss);
        assert!((now - next).abs() < 1e-15);
    }
    let end = mean_loss(&evaluated.networks[0], Objective::SquaredError, &rows(8, 5));
    assert!((evaluated.history[2].training_loss - end).abs() < 1e-15);
}

#[test]
fn the_running_loss_is_a_mean_over_rows() {
    // Six rows in batches of four and two, and steps too short to be seen.
    let config = TrainConfig { learning_rate: 1e-15, ..plain(1) };
    let found = train(config, rows(6, 5), None).history[0].training_loss;
    let expected = mean_loss(&network(1), Objective::SquaredError, &rows(6, 5));
    assert!((found - expected).abs() < 1e-13, "{found} instead of {expected}");
}

#[test]
fn a_loss_is_a_mean_over_all_rows_and_their_weights() {
    // More rows than go through the network at a time, and not a multiple of them. y = 0, so that the loss is ½·w·x².
    let x = Matrix::from_values(2_500, 1, (0..2_500).map(f64::from).collect());
    let targets = Targets::Values(Matrix::zeros(2_500, 1));
    let weights: Vec<f64> = (0..2_500).map(|row| f64::from(row % 3)).collect();
    let squares = |weight: &dyn Fn(usize) -> f64| (0..2_500).map(|i| weight(i) * (i * i) as f64).sum::<f64>();
    for (weights, sum) in [(None, squares(&|_| 1.0)), (Some(weights), squares(&|i| (i % 3) as f64))] {
        let rows = Dataset { x: x.clone(), targets: targets.clone(), weights };
        let found = mean_loss(&single_weight(), Objective::SquaredError, &rows);
        assert!((found / (0.5 * sum / 2_500.0) - 1.0).abs() < 1e-12, "{found}, {sum}");
    }
}

#[test]
fn a_weight_of_two_is_a_row_met_twice() {
    let single = rows(3, 6);
    let Targets::Values(targets) = &single.targets else { unreachable!() };
    let (mut x, mut y) = (Matrix::default(), Matrix::default());
    x.gather(single.x.view(), &[0, 1, 1, 2]);
    y.gather(targets.view(), &[0, 1, 1, 2]);
    let twice = Dataset { x, targets: Targets::Values(y), weights: None };
    let weighted = Dataset { weights: Some(vec![0.75, 1.5, 0.75]), ..rows(3, 6) };
    let config = TrainConfig { batch_size: BatchSize::Full, ..plain(10) };
    let (weighted, twice) = (train(config.clone(), weighted, None), train(config, twice, None));
    assert!(largest_difference(weighted.networks[0].params(), twice.networks[0].params()) < 1e-14);
}

#[test]
fn validation_rows_do_not_train() {
    let config = TrainConfig { row_order: RowOrder::Shuffled, ..plain(4) };
    let reference = train(config.clone(), rows(20, 7), None);
    // Targets of the validation part that would pull hard, and lower its loss in every epoch all the same.
    let one = train(config.clone(), rows(20, 7), Some(rows(10, 7)));
    let mut moved = rows(10, 7);
    moved.x.values_mut().iter_mut().for_each(|x| *x *= 1.5);
    let other = train(config, rows(20, 7), Some(moved));
    assert_eq!(one.history.len(), 4);
    let losses = |trained: &Trained<f64>| trained.history.iter().map(|r| r.training_loss).collect::<Vec<_>>();
    assert_eq!(losses(&one), losses(&reference));
    assert_eq!(losses(&other), losses(&reference));
    let validation = |trained: &Trained<f64>| trained.history[3].validation_loss;
    assert_ne!(validation(&one), validation(&other));
}

#[test]
fn early_stopping_restores_the_best_epoch() {
    // Few noisy training rows and a large network: the validation loss falls, then rises.
    let mut training = rows(8, 8);
    let Targets::Values(targets) = &mut training.targets else { unreachable!() };
    let mut generator = Generator::new(9);
    targets.values_mut().iter_mut().for_each(|y| *y += generator.normal());
    let validation = rows(50, 10);
    let config = TrainConfig {
        optimizer: OptimizerConfig::ADAM,
        learning_rate: 0.02,
        patience: Some(15),
        epochs: 5_000,
        ..plain(0)
    };
    let trained = train(config, training, Some(validation.clone()));
    assert_eq!(trained.stop_reason, StopReason::Patience);
    assert_eq!(trained.history.len(), trained.best_epoch + 15);
    let validation_loss = |epoch: usize| trained.history[epoch - 1].validation_loss.unwrap();
    let lowest = (1..=trained.history.len()).map(validation_loss).fold(f64::INFINITY, f64::min);
    assert_eq!(validation_loss(trained.best_epoch), lowest);
    assert_eq!(mean_loss(&trained.networks[0], Objective::SquaredError, &validation), lowest);
    assert!(trained.history.last().unwrap().validation_loss.unwrap() > lowest);
}

#[test]
fn a_training_that_explodes_keeps_the_last_good_state() {
    let trained = train(TrainConfig { learning_rate: 1e6, ..plain(500) }, rows(20, 11), None);
    let StopReason::NonFinite { epoch } = trained.stop_reason else { panic!("{:?}", trained.stop_reason) };
    assert_eq!(trained.history.len(), epoch - 1);
    assert!(trained.networks[0].params().iter().all(|param| param.is_finite()));
    assert!(trained.history.iter().all(|report| report.training_loss.is_finite()));
}

#[test]
fn an_interrupted_training_keeps_what_it_has() {
    let config = plain(100).check().unwrap();
    let objective = Objective::SquaredError;
    let mut trainer = Trainer::new(
        network(1),
        objective,
        config,
        rows(20, 3).into(),
        Some(rows(20, 4).into()),
        Generator::new(2),
    )
    .unwrap();
    trainer.epoch();
    trainer.epoch();
    let trained = trainer.finish();
    assert_eq!((trained.stop_reason, trained.history.len()), (StopReason::Interrupted, 2));
    assert!(trained.best_epoch > 0);
}

#[test]
fn penalties_and_clipping() {
    let base = TrainConfig { batch_size: BatchSize::Full, ..plain(1) };
    let step = |config: TrainConfig| {
        let after = train(config, rows(8, 5), None).networks.remove(0);
        let start = network(1);
        after.params().iter().zip(start.params()).map(|(a, b)| (a - b) / -0.05).collect::<Vec<_>>()
    };
    let gradient = step(base.clone());
    let start = network(1);
    let is_weight: Vec<bool> =
        start.blocks().iter().flat_map(|block| vec![block.shape.len() == 2; block.range.len()]).collect();
    let check = |config: TrainConfig, expected: &dyn Fn(f64) -> f64| {
        for (i, pull) in step(config).into_iter().enumerate() {
            let extra = if is_weight[i] { expected(start.params()[i]) } else { 0.0 };
            assert!((pull - gradient[i] - extra).abs() < 1e-12, "parameter {i}");
        }
    };
    check(TrainConfig { l1: 0.3, ..base.clone() }, &|w| 0.3 * w.signum());
    check(TrainConfig { l2: 0.3, ..base.clone() }, &|w| 0.3 * w);
    check(TrainConfig { weight_decay: Some(0.3), l1: 0.0, ..base.clone() }, &|w| 0.3 * w);
    // Decoupled: Adam's first step does not depend on the size of the gradient, and the decay comes on top of it.
    let adam = |weight_decay| {
        let optimizer = OptimizerConfig::ADAM;
        step(TrainConfig { optimizer, weight_decay: Some(weight_decay), ..base.clone() })
    };
    for (i, (with, without)) in adam(0.3).into_iter().zip(adam(0.0)).enumerate() {
        let extra = if is_weight[i] { 0.3 * start.params()[i] } else { 0.0 };
        assert!((with - without - extra).abs() < 1e-12, "parameter {i}");
    }
    let length = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>().sqrt();
    let longest = 0.5 * length(&gradient);
    let clipped = step(TrainConfig { gradient_clip_norm: Some(longest), ..base.clone() });
    assert!((length(&clipped) - longest).abs() < 1e-12);
    let cosine = clipped.iter().zip(&gradient).map(|(a, b)| a * b).sum::<f64>() / longest / length(&gradient);
    assert!((cosine - 1.0).abs() < 1e-12);
    // A gradient that is not too long stays as it is.
    assert_eq!(step(TrainConfig { gradient_clip_norm: Some(3.0 * longest), ..base }), gradient);
}

#[test]
fn the_schedule_sets_the_rate_of_each_step() {
    let config = TrainConfig { schedule: Schedule::Step { every: 2, factor: 0.5 }, ..plain(5) };
    let rates: Vec<f64> = train(config, rows(8, 5), None).history.iter().map(|r| r.learning_rate).collect();
    assert_eq!(rates, [0.05, 0.05, 0.025, 0.025, 0.0125]);
}

/// One weight, no bias.
fn single_weight() -> Network<f64> {
    let layer = Layer::Dense { n_inputs: 1, n_outputs: 1, bias: false, activation: Activation::Identity };
    Network::from_params(vec![layer], vec![1.0]).unwrap()
}

#[test]
fn every_epoch_has_an_order_of_its_own() {
    // A step on one row is w ← w − η·(w·x − y)·x. Steps do not commute, so the weight tells in which order they came.
    const ROWS: [(f64, f64); 3] = [(1.0, 2.0), (-2.0, 1.0), (0.5, -3.0)];
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let rows = Dataset {
        x: Matrix::from_values(3, 1, ROWS.map(|(x, _)| x).to_vec()),
        targets: Targets::Values(Matrix::from_values(3, 1, ROWS.map(|(_, y)| y).to_vec())),
        weights: None,
    };
    let met = |row_order| {
        let config = TrainConfig { batch_size: BatchSize::Rows(1), row_order, ..plain(60) }.check().unwrap();
        let (data, objective) = (rows.clone().into(), Objective::SquaredError);
        let mut trainer =
            Trainer::new(single_weight(), objective, config, data, None, Generator::new(2)).unwrap();
        let mut counts = [0; 6];
        let mut before = 1.0;
        while trainer.epoch().is_some() {
            let after = trainer.network().params()[0];
            let walk = |w: f64, row: &usize| w - 0.05 * (w * ROWS[*row].0 - ROWS[*row].1) * ROWS[*row].0;
            let explains = |order: &[usize; 3]| (order.iter().fold(before, walk) - after).abs() < 1e-12;
            counts[ORDERS.iter().position(explains).expect("each row once")] += 1;
            before = after;
        }
        counts
    };
    assert_eq!(met(RowOrder::AsGiven), [60, 0, 0, 0, 0, 0]);
    // 10 of each expected, four standard deviations of 2.9.
    let counts = met(RowOrder::Shuffled);
    assert!(counts.iter().all(|count| (1..=21).contains(count)), "{counts:?}");
}

/// y = w·x from w = 1, with x = 1 and y = 0 in every row: a step of rate η multiplies w by 1 − η.
fn shrinking(config: TrainConfig, validation: Option<Dataset<f64>>) -> Trained<f64> {
    let ones = |n_rows| Matrix::from_values(n_rows, 1, vec![1.0; n_rows]);
    let rows = Dataset { x: ones(8), targets: Targets::Values(Matrix::zeros(8, 1)), weights: None };
    let (config, generator) = (config.check().unwrap(), Generator::new(2));
    let (validation, objective) = (validation.map(Arc::new), Objective::SquaredError);
    let mut trainer =
        Trainer::new(single_weight(), objective, config, rows.into(), validation, generator).unwrap();
    while trainer.epoch().is_some() {}
    trainer.finish()
}

#[test]
fn a_schedule_moves_within_an_epoch() {
    // Two steps an epoch, five epochs: progress 0, 0.1, …, 0.9. Half a cosine falls from 1 to 0.
    let cosine = TrainConfig { schedule: Schedule::Cosine { last: 0.0 }, ..plain(5) };
    let trained = shrinking(cosine, None);
    let rates: Vec<f64> =
        (0..10).map(|step| 0.025 * (1.0 + (std::f64::consts::PI * f64::from(step) / 10.0).cos())).collect();
    for (report, rates) in trained.history.iter().zip(rates.chunks(2)) {
        assert!((report.learning_rate - rates[1]).abs() < 1e-15, "{report:?}");
    }
    let expected: f64 = rates.iter().map(|rate| 1.0 - rate).product();
    let weight = trained.networks[0].params()[0];
    assert!((weight - expected).abs() < 1e-14, "{weight} instead of {expected}");
}

#[test]
fn a_plateau_is_one_of_the_validation_loss() {
    // The validation row wants w = 1, where training begins: its loss only rises, while the training loss falls.
    let one = || Matrix::from_rows(&[[1.0]]);
    let validation = Dataset { x: one(), targets: Targets::Values(one()), weights: None };
    let schedule = Schedule::ReduceOnPlateau { factor: 0.5, patience: 2, least: 0.0 };
    let rates = |validation| {
        let config = TrainConfig { schedule, ..plain(6) };
        shrinking(config, validation).history.iter().map(|report| report.learning_rate).collect::<Vec<f64>>()
    };
    assert_eq!(rates(Some(validation)), [0.05, 0.05, 0.05, 0.025, 0.025, 0.0125]);
    assert_eq!(rates(None), [0.05; 6]);
}

#[test]
fn settings_outside_their_domains_are_named() {
    let message = |config: TrainConfig| config.check().unwrap_err().to_string();
    let base = TrainConfig::default;
    let nan = TrainConfig { learning_rate: f64::NAN, ..base() };
    assert_eq!(message(nan), "learning_rate = NaN: must be a finite number above 0");
    assert!(message(TrainConfig { learning_rate: -0.1, ..base() }).starts_with("learning_rate = -0.1"));
    assert!(message(TrainConfig { l2: f64::INFINITY, ..base() }).starts_with("l2 = inf"));
    assert!(message(TrainConfig { epochs: 0, ..base() }).starts_with("epochs = 0"));
    assert!(message(TrainConfig { batch_size: BatchSize::Rows(0), ..base() }).starts_with("batch_size = 0"));
    let optimizer = OptimizerConfig::Adam { beta1: 1.0, beta2: 0.999, epsilon: 1e-8 };
    assert!(message(TrainConfig { optimizer, ..base() }).starts_with("optimizer = Adam"));
}
