//! Tiny networks trained in registers have the bits of the ordinary layers, forward and backward, and of plain steps.

use glassnet::activation::Activation;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::{Objective, TargetsRef};
use glassnet::optimizer::OptimizerConfig;
use glassnet::schedule::Schedule;
use glassnet::train_config::{BatchSize, Reduction, RowOrder, TrainConfig, TrainingLoss};
use glassnet::trainer::{StopReason, Trainer};
use std::sync::Arc;

const N_ROWS: usize = 7;

fn network(sizes: &[usize], bias: bool, seed: u64) -> Network<f64> {
    let layer = |pair: &[usize]| Layer::Dense {
        n_inputs: pair[0],
        n_outputs: pair[1],
        bias,
        activation: Activation::Sigmoid,
    };
    let start = Initialiser::Normal { standard_deviation: 1.0 };
    let mut generator = Generator::new(seed);
    let layers = sizes.windows(2).map(layer).collect();
    let mut network = Network::initialised(layers, start, &mut generator).unwrap();
    network.params_mut().iter_mut().for_each(|param| *param += 0.1 * generator.normal());
    network
}

fn rows(n_inputs: usize) -> (Matrix<f64>, Matrix<f64>) {
    let mut generator = Generator::new(9);
    let x = (0..N_ROWS * n_inputs).map(|_| generator.normal()).collect();
    let t = (0..N_ROWS).map(|_| generator.uniform()).collect();
    (Matrix::from_values(N_ROWS, n_inputs, x), Matrix::from_values(N_ROWS, 1, t))
}

fn config(batch_size: usize, reduction: Reduction) -> TrainConfig {
    TrainConfig {
        optimizer: OptimizerConfig::SGD,
        learning_rate: 0.5,
        batch_size: BatchSize::Rows(batch_size),
        row_order: RowOrder::AsGiven,
        reduction,
        training_loss: TrainingLoss::Evaluated,
        epochs: 12,
        patience: None,
        ..TrainConfig::default()
    }
}

fn trainer(network: &Network<f64>, config: TrainConfig) -> Trainer<f64> {
    let (x, t) = rows(network.n_inputs());
    let dataset = Arc::new(Dataset::new(x, Targets::Values(t)).unwrap());
    let config = config.check().unwrap();
    Trainer::new(network.clone(), Objective::SquaredError, config, dataset, None, Generator::new(5)).unwrap()
}

/// The same by the network's own passes: the parameters, and the loss after each epoch.
fn by_layers(mut network: Network<f64>, batch_size: usize, reduction: Reduction) -> (Vec<f64>, Vec<f64>) {
    let (x, t) = rows(network.n_inputs());
    let (mut cache, mut gradient) = (Cache::default(), vec![0.0; network.params().len()]);
    let mut losses = Vec::new();
    for _ in 0..12 {
        for start in (0..N_ROWS).step_by(batch_size) {
            let end = N_ROWS.min(start + batch_size);
            let scale = if reduction == Reduction::Mean { 1.0 / (end - start) as f64 } else { 1.0 };
            let x = x.view().rows(start, end);
            network.forward(x, Mode::Evaluation, &mut cache);
            let (outputs, d_outputs) = cache.outputs_and_gradient();
            let targets = TargetsRef::Values(t.view().rows(start, end));
            Objective::SquaredError.loss_and_gradient(outputs, targets, None, scale, d_outputs);
            network.backward(x, &mut cache, &mut gradient);
            for (param, d) in network.params_mut().iter_mut().zip(&gradient) {
                *param -= 0.5 * d;
            }
        }
        let outputs = network.outputs(x.view());
        losses.push(
            Objective::SquaredError.loss(outputs.view(), TargetsRef::Values(t.view()), None) / N_ROWS as f64,
        );
    }
    (network.params().to_vec(), losses)
}

#[test]
fn the_bits_of_the_ordinary_layers() {
    let neurons = [&[1, 1][..], &[3, 1], &[7, 1]];
    let hidden =
        [&[1, 1, 1][..], &[2, 2, 1], &[2, 4, 1], &[2, 7, 1], &[3, 2, 1], &[3, 4, 1], &[3, 5, 1], &[5, 2, 1]];
    for sizes in neurons.into_iter().chain(hidden).chain([&[8, 8, 1][..]]) {
        for bias in [false, true] {
            for (batch_size, reduction) in
                [(1, Reduction::Sum), (3, Reduction::Mean), (N_ROWS, Reduction::Sum)]
            {
                let network = network(sizes, bias, 3);
                let (params, losses) = by_layers(network.clone(), batch_size, reduction);
                let mut one_by_one = trainer(&network, config(batch_size, reduction));
                while one_by_one.epoch().is_some() {}
                let mut at_once = trainer(&network, config(batch_size, reduction));
                assert_eq!(at_once.epochs(5).unwrap().epoch, 5);
                at_once.epochs(100).unwrap();
                assert_eq!(at_once.best(), one_by_one.best());
                for trained in [one_by_one.finish(), at_once.finish()] {
                    assert_eq!(
                        trained.networks[0].params(),
                        params,
                        "{sizes:?}, bias {bias}, batch {batch_size}"
                    );
                    let found: Vec<f64> = trained.history.iter().map(|report| report.training_loss).collect();
                    assert_eq!(found, losses, "{sizes:?}, bias {bias}, batch {batch_size}");
                    assert_eq!((trained.best_epoch, trained.stop_reason), (12, StopReason::Epochs));
                }
            }
        }
    }
}

#[test]
fn shuffled_rows_follow_the_generator() {
    let network = network(&[3, 4, 1], false, 1);
    let shuffled = TrainConfig { row_order: RowOrder::Shuffled, ..config(1, Reduction::Sum) };
    let mut tiny = trainer(&network, shuffled.clone());
    // A penalty too small to matter takes the ordinary way.
    let mut ordinary = trainer(&network, TrainConfig { l2: 1e-300, ..shuffled });
    while tiny.epoch().is_some() && ordinary.epoch().is_some() {}
    assert_eq!(tiny.network().params(), ordinary.network().params());
    assert_ne!(tiny.network().params(), network.params());
}

#[test]
fn what_is_no_longer_finite_ends_at_the_epoch_before() {
    let network = network(&[3, 4, 1], false, 1);
    let wild = TrainConfig { learning_rate: f64::MAX, ..config(1, Reduction::Sum) };
    let mut one_by_one = trainer(&network, wild.clone());
    while one_by_one.epoch().is_some() {}
    let mut at_once = trainer(&network, wild);
    at_once.epochs(12);
    let (one_by_one, at_once) = (one_by_one.finish(), at_once.finish());
    assert_eq!(one_by_one, at_once);
    assert!(at_once.networks[0].params().iter().all(|param| param.is_finite()));
}

#[test]
fn many_starts_side_by_side_have_the_bits_of_each_alone() {
    let starts: Vec<Network<f64>> = (0..60).map(|seed| network(&[3, 4, 1], true, seed)).collect();
    let (x, t) = rows(3);
    let dataset = Dataset::new(x, Targets::Values(t)).unwrap();
    let config = TrainConfig { epochs: 70, ..config(2, Reduction::Mean) };
    // 32 and 28 side by side, 32 and what eight after eight take, eights alone.
    for (n_starts, n_threads) in [(60, 1), (60, 2), (45, 1), (45, 5), (19, 2)] {
        let mut networks = starts[..n_starts].to_vec();
        let checked = config.clone().check().unwrap();
        let losses = glassnet::starts::train(&mut networks, &dataset, checked, n_threads).unwrap();
        for ((start, network), loss) in starts.iter().zip(&networks).zip(losses) {
            let mut alone = trainer(start, config.clone());
            assert_eq!(alone.epochs(70).unwrap().training_loss, loss);
            assert_eq!(alone.network(), network);
            assert_ne!(network, start);
        }
    }
}

#[test]
fn starts_that_are_not_tiny_or_not_alike_are_refused() {
    let (x, t) = rows(3);
    let dataset = Dataset::new(x, Targets::Values(t)).unwrap();
    let train = |mut networks: Vec<Network<f64>>, config: TrainConfig| {
        glassnet::starts::train(&mut networks, &dataset, config.check().unwrap(), 1)
    };
    let plain = config(1, Reduction::Sum);
    assert_eq!(train(Vec::new(), plain.clone()), Ok(Vec::new()));
    assert!(train(vec![network(&[3, 9, 1], true, 0)], plain.clone()).is_err());
    assert!(train(vec![network(&[3, 4, 1], true, 0), network(&[3, 5, 1], true, 0)], plain.clone()).is_err());
    let schedule = Schedule::Step { every: 2, factor: 0.5 };
    let choices = [
        TrainConfig { optimizer: OptimizerConfig::ADAM, ..plain.clone() },
        TrainConfig { row_order: RowOrder::Shuffled, ..plain.clone() },
        TrainConfig { schedule, ..plain },
    ];
    assert!(choices.into_iter().all(|config| train(vec![network(&[3, 4, 1], true, 0)], config).is_err()));
}

#[test]
fn a_row_alone_has_the_bits_that_it_has_among_others() {
    let mut generator = Generator::new(4);
    for n_inputs in [1, 3, 9] {
        for n_outputs in 1..=19 {
            for (bias, activation) in [
                (true, Activation::Sigmoid),
                (false, Activation::Sigmoid),
                (true, Activation::Identity),
                (false, Activation::Identity),
                (true, Activation::Tanh),
            ] {
                let layers = vec![
                    Layer::Dense { n_inputs, n_outputs, bias, activation },
                    Layer::Dense { n_inputs: n_outputs, n_outputs: 2, bias, activation },
                ];
                let start = Initialiser::Normal { standard_deviation: 3.0 };
                let mut network = Network::<f64>::initialised(layers, start, &mut generator).unwrap();
                network.params_mut().iter_mut().for_each(|param| *param += generator.normal());
                let mut numbers: Vec<f64> = (0..4 * n_inputs).map(|_| generator.normal()).collect();
                numbers[0] = -0.0;
                numbers[n_inputs] = 1e3;
                numbers[2 * n_inputs] = f64::INFINITY;
                let x = Matrix::from_values(4, n_inputs, numbers);
                let (mut together, mut alone) = (Cache::default(), Cache::default());
                network.forward(x.view(), Mode::Evaluation, &mut together);
                for row in 0..4 {
                    network.forward(x.view().rows(row, row + 1), Mode::Evaluation, &mut alone);
                    for layer in 0..2 {
                        let bits = |values: &[f64]| -> Vec<u64> {
                            values
                                .iter()
                                .map(|value| if value.is_nan() { 1 } else { value.to_bits() })
                                .collect()
                        };
                        let place = format!("{n_inputs}-{n_outputs}-2, {activation}, bias {bias}, row {row}");
                        assert_eq!(
                            bits(alone.z(layer).values()),
                            bits(together.z(layer).row(row)),
                            "z, {place}"
                        );
                        assert_eq!(
                            bits(alone.a(layer).values()),
                            bits(together.a(layer).row(row)),
                            "a, {place}"
                        );
                    }
                }
            }
        }
    }
}
