//! Networks whose products are large enough for threads and for 16-bit factors.

use glassnet::activation::Activation;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::kernels::half::HalfInstructions;
use glassnet::kernels::team::Team;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::objective::Objective;
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

fn train(config: TrainConfig, n_threads: usize) -> Trained<f32> {
    let dense =
        |n_inputs, n_outputs, activation| Layer::Dense { n_inputs, n_outputs, bias: true, activation };
    let layers = vec![
        dense(40, 256, Activation::Gelu),
        Layer::Dropout { n_units: 256, rate: 0.1 },
        dense(256, 200, Activation::Relu),
        dense(200, 3, Activation::Identity),
    ];
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
    for optimizer in [OptimizerConfig::ADAMW, OptimizerConfig::SGD, OptimizerConfig::RMSPROP] {
        let config = TrainConfig { optimizer, ..config() };
        let alone = train(config.clone(), 1);
        for n_threads in [2, 3] {
            assert_eq!(alone, train(config.clone(), n_threads), "{n_threads} threads, {}", optimizer.name());
        }
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
