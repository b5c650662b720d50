//! Networks whose products are large enough for threads and for 16-bit factors.

use glassnet::activation::Activation;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::kernels::half::HalfInstructions;
use glassnet::kernels::team::Team;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::{Objective, TargetsRef};
use glassnet::optimizer::OptimizerConfig;
use glassnet::train_config::{BatchSize, Precision, TrainConfig};
use glassnet::trainer::{Trained, Trainer};
use std::sync::Arc;

const N_ROWS: usize = 600;

/// Three classes: which of the first three inputs is the largest.
fn rows(seed: u64) -> Arc<Dataset<f32>> {
    let mut generator = Generator::new(seed);
    let values = (0..N_ROWS * 40).map(|_| generator.uniform() as f32 - 0.5).collect();
    let x = Matrix::from_values(N_ROWS, 40, values);
    let class = |row: usize| (0..3).max_by(|&a, &b| x.row(row)[a].total_cmp(&x.row(row)[b])).unwrap_or(0);
    let indices = (0..N_ROWS).map(|row| class(row) as u32).collect();
    Arc::new(Dataset::new(x, Targets::Classes { indices, n_classes: 3 }).unwrap())
}

const fn dense(n_inputs: usize, n_outputs: usize, activation: Activation) -> Layer {
    Layer::Dense { n_inputs, n_outputs, bias: true, activation }
}

fn wide() -> Vec<Layer> {
    vec![
        dense(40, 256, Activation::Gelu),
        Layer::Dropout { n_units: 256, rate: 0.1 },
        dense(256, 520, Activation::Relu),
        dense(520, 40, Activation::Relu),
        dense(40, 3, Activation::Identity),
    ]
}

/// Every kind of layer; the products of the last dense one are small for a shard of 60 rows, and not for four of them.
fn of_all_kinds() -> Vec<Layer> {
    vec![
        Layer::Noise { n_units: 40, n_numbers: 30, deviation: 0.1 },
        Layer::Lookup { n_inputs: 40, column: 39, n_levels: 3, n_units: 4 },
        Layer::Periodic { n_inputs: 43, n_numbers: 20, n_frequencies: 4, n_outputs: 3, deviation: 0.1 },
        Layer::Scale { n_units: 103 },
        dense(103, 120, Activation::Identity),
        Layer::Blend { n_units: 120, activation: Activation::Mish },
        Layer::Dropout { n_units: 120, rate: 0.15 },
        dense(120, 12, Activation::Tanh),
        dense(12, 3, Activation::Identity),
    ]
}

fn train(config: TrainConfig, n_threads: usize) -> Trained<f32> {
    train_layers(wide(), config, n_threads)
}

fn train_layers(layers: Vec<Layer>, config: TrainConfig, n_threads: usize) -> Trained<f32> {
    let network = Network::initialised(layers, Initialiser::HeNormal, &mut Generator::new(1)).unwrap();
    let (objective, generator) = (Objective::CrossEntropy, Generator::new(2));
    let trainer =
        Trainer::new(network, objective, config.check().unwrap(), rows(3), Some(rows(4)), generator).unwrap();
    let mut trainer = trainer.with_team(Arc::new(Team::new(n_threads)));
    while trainer.epoch().is_some() {}
    trainer.finish()
}

fn config() -> TrainConfig {
    TrainConfig {
        batch_size: BatchSize::Rows(150),
        gradient_clip_norm: Some(0.5),
        epochs: 12,
        ..TrainConfig::default()
    }
}

#[test]
fn every_number_of_threads_gives_the_same_bits() {
    // In shards, and so few rows that products are split.
    for (n_rows, optimizer) in
        [(150, OptimizerConfig::ADAMW), (60, OptimizerConfig::SGD), (60, OptimizerConfig::RMSPROP)]
    {
        let config = TrainConfig { batch_size: BatchSize::Rows(n_rows), optimizer, epochs: 5, ..config() };
        let alone = train(config.clone(), 1);
        for n_threads in [2, 3] {
            let together = train(config.clone(), n_threads);
            assert_eq!(alone, together, "{n_rows} rows, {n_threads} threads, {}", optimizer.name());
        }
    }
}

#[test]
fn shards_with_every_kind_of_layer_have_the_same_bits_on_all_threads() {
    // Three shards, five, ten.
    for n_rows in [150, 300, N_ROWS] {
        let config = TrainConfig { batch_size: BatchSize::Rows(n_rows), epochs: 3, ..config() };
        let alone = train_layers(of_all_kinds(), config.clone(), 1);
        assert!(alone.history[2].training_loss < alone.history[0].training_loss, "{:?}", alone.history);
        for n_threads in [2, 3, 4] {
            let together = train_layers(of_all_kinds(), config.clone(), n_threads);
            assert_eq!(alone, together, "{n_threads} threads, {n_rows} rows");
        }
    }
}

/// The gradient that a step takes is that of one pass by all rows.
#[test]
fn shards_are_their_batch() {
    let layers = vec![dense(40, 256, Activation::Tanh), dense(256, 3, Activation::Identity)];
    let network = Network::<f32>::initialised(layers, Initialiser::HeNormal, &mut Generator::new(1)).unwrap();
    let (rows, objective) = (rows(3), Objective::CrossEntropy);
    let (mut cache, mut gradient) = (Cache::default(), vec![0.0; network.params().len()]);
    network.forward(rows.x.view(), Mode::Evaluation, &mut cache);
    let (outputs, d_outputs) = cache.outputs_and_gradient();
    let Targets::Classes { indices, .. } = &rows.targets else { unreachable!("classes") };
    let targets = TargetsRef::Classes(indices);
    let loss = objective.loss_and_gradient(outputs, targets, None, 1.0 / N_ROWS as f32, d_outputs);
    network.backward(rows.x.view(), &mut cache, &mut gradient);

    let config = TrainConfig {
        batch_size: BatchSize::Full,
        optimizer: OptimizerConfig::SGD,
        learning_rate: 1.0,
        epochs: 1,
        ..TrainConfig::default()
    };
    let before = network.params().to_vec();
    let mut trainer =
        Trainer::new(network, objective, config.check().unwrap(), Arc::clone(&rows), None, Generator::new(2))
            .unwrap();
    let report = trainer.epoch().unwrap();
    assert!((report.training_loss - loss / N_ROWS as f64).abs() < 1e-6, "{report:?}, {loss}");
    let length = gradient.iter().map(|d| f64::from(d * d)).sum::<f64>().sqrt();
    assert!((report.largest_gradient_norm - length).abs() < 1e-5 * length, "{report:?}, {length}");
    for ((after, before), d) in trainer.network().params().iter().zip(before).zip(gradient) {
        assert!((before - after - d).abs() < 1e-6, "{before} − {after} is not {d}");
    }
}

#[test]
fn predictions_by_threads_have_the_same_bits() {
    let network = train(TrainConfig { epochs: 1, ..config() }, 1).networks.remove(0);
    let values = (0..5_000 * 40).map(|i| (i % 89) as f32 / 89.0).collect();
    let x = Matrix::from_values(5_000, 40, values);
    assert_eq!(network.outputs(x.view()), network.outputs_by(&Team::new(3), x.view()));
}

#[test]
fn sixteen_bits_train_as_well() {
    let half = TrainConfig { precision: Precision::Bf16, ..config() };
    if HalfInstructions::here().is_none() {
        let error = half.check().unwrap_err().to_string();
        assert!(error.contains("no instructions for bf16"), "{error}");
        return;
    }
    let loss = |trained: &Trained<f32>| trained.history.last().unwrap().validation_loss.unwrap();
    let (full, alone) = (train(config(), 1), train(half.clone(), 1));
    assert_ne!(full.networks, alone.networks);
    assert!((loss(&full) - loss(&alone)).abs() < 0.02, "{} and {}", loss(&full), loss(&alone));
    assert!(loss(&alone) < 0.5, "{}", loss(&alone));
    assert_eq!(alone, train(half, 2));
}
