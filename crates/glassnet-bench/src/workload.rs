//! The workloads, through the library as its users call it.

use crate::clock::{Timed, median_of};
use glassnet::activation::Activation;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::kernels::Real;
use glassnet::kernels::team::Team;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Network};
use glassnet::objective::Objective;
use glassnet::optimizer::OptimizerConfig;
use glassnet::train_config::{BatchSize, Precision, Reduction, RowOrder, TrainConfig, TrainingLoss};
use glassnet::trainer::Trainer;
use std::sync::Arc;

/// A workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// One neuron, 4 × 3, full batch, 10,000 iterations, `f64`.
    W1,
    /// 3-4-1 sigmoid, one row at a time, 20,000 epochs with the loss after each, `f64`.
    W2,
    /// A thousand seeds of W2, with the loss after the last epoch only.
    W2x1000,
    /// 784-128-10 relu, batch 64, SGD, `f32`, one epoch of 60,000 rows.
    W3,
    /// W3 with Adam.
    W3a,
    /// 20-256-256-256-1 relu, batch 256, `AdamW`, `f32`, one epoch of 100,000 rows.
    W4,
    /// 1024-1024-1024-10 relu, batch 1,024, SGD, `f32`, one epoch of 8,192 rows.
    W5,
    /// One row through 3-4-1: seconds of one, the mean of 100,000.
    W6a,
    /// One row through 784-128-10: seconds of one, the mean of 10,000.
    W6b,
    /// 100,000 rows through 784-128-10.
    W6c,
}

impl Workload {
    pub(crate) const ALL: [Self; 10] = [
        Self::W1,
        Self::W2,
        Self::W2x1000,
        Self::W3,
        Self::W3a,
        Self::W4,
        Self::W5,
        Self::W6a,
        Self::W6b,
        Self::W6c,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W2x1000 => "W2x1000",
            Self::W3 => "W3",
            Self::W3a => "W3a",
            Self::W4 => "W4",
            Self::W5 => "W5",
            Self::W6a => "W6a",
            Self::W6b => "W6b",
            Self::W6c => "W6c",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.name() == name)
    }

    /// Whether it can use more than one thread.
    pub(crate) fn has_threads(self) -> bool {
        !matches!(self, Self::W1 | Self::W2 | Self::W6a | Self::W6b)
    }

    /// Whether it has large products to compute in 16 bits.
    pub(crate) fn has_precision(self) -> bool {
        matches!(self, Self::W3 | Self::W3a | Self::W4 | Self::W5)
    }

    pub(crate) fn run(self, threads: usize, precision: Precision) -> Timed {
        let digits = [784, 128, 10];
        let team = &Arc::new(Team::new(threads));
        match self {
            Self::W1 => epochs(neuron),
            Self::W2 => epochs(|| hidden(1)),
            Self::W2x1000 => thousand(threads),
            Self::W3 => training(team, precision, &digits, 60_000, 64, OptimizerConfig::SGD, 0.1),
            Self::W3a => training(team, precision, &digits, 60_000, 64, OptimizerConfig::ADAM, 0.001),
            Self::W4 => training(
                team,
                precision,
                &[20, 256, 256, 256, 1],
                100_000,
                256,
                OptimizerConfig::ADAMW,
                0.001,
            ),
            Self::W5 => {
                training(team, precision, &[1024, 1024, 1024, 10], 8_192, 1_024, OptimizerConfig::SGD, 0.1)
            }
            Self::W6a => one_row::<f64>(&[3, 4, 1], Activation::Sigmoid, 100_000),
            Self::W6b => one_row::<f32>(&digits, Activation::Relu, 10_000),
            Self::W6c => many_rows(team, &digits, 100_000),
        }
    }
}

fn layers(sizes: &[usize], hidden: Activation, last: Activation, bias: bool) -> Vec<Layer> {
    let n_layers = sizes.len() - 1;
    let layer = |i: usize| Layer::Dense {
        n_inputs: sizes[i],
        n_outputs: sizes[i + 1],
        bias,
        activation: if i + 1 == n_layers { last } else { hidden },
    };
    (0..n_layers).map(layer).collect()
}

fn dataset(rows: [[f64; 3]; 4]) -> Arc<Dataset<f64>> {
    let targets = Targets::Values(Matrix::from_values(4, 1, vec![0.0, 1.0, 1.0, 0.0]));
    Arc::new(Dataset::new(Matrix::from_rows(&rows), targets).expect("finite rows"))
}

/// The tutorial's training, its start from `NumPy`'s seed.
fn tutorial(
    dataset: Arc<Dataset<f64>>,
    sizes: &[usize],
    start: Initialiser,
    seed: u32,
    config: TrainConfig,
) -> Trainer<f64> {
    let mut generator = Generator::numpy_legacy(seed);
    let layers = layers(sizes, Activation::Sigmoid, Activation::Sigmoid, false);
    let network = Network::initialised(layers, start, &mut generator).expect("layers that fit");
    let config = config.check().expect("numbers in their domains");
    Trainer::new(network, Objective::SquaredError, config, dataset, None, generator).expect("rows that fit")
}

fn neuron() -> Trainer<f64> {
    let config = TrainConfig {
        optimizer: OptimizerConfig::SGD,
        learning_rate: 1.0,
        batch_size: BatchSize::Full,
        row_order: RowOrder::AsGiven,
        reduction: Reduction::Sum,
        epochs: 10_000,
        patience: None,
        ..TrainConfig::default()
    };
    let rows = dataset([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]);
    tutorial(rows, &[3, 1], Initialiser::Uniform { low: -1.0, high: 1.0 }, 1, config)
}

fn xor() -> Arc<Dataset<f64>> {
    dataset([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
}

fn hidden_config() -> TrainConfig {
    TrainConfig {
        optimizer: OptimizerConfig::SGD,
        learning_rate: 0.1,
        batch_size: BatchSize::Rows(1),
        row_order: RowOrder::AsGiven,
        reduction: Reduction::Sum,
        training_loss: TrainingLoss::Evaluated,
        epochs: 20_000,
        patience: None,
        ..TrainConfig::default()
    }
}

fn hidden(seed: u32) -> Trainer<f64> {
    tutorial(xor(), &[3, 4, 1], Initialiser::FanOutNormal, seed, hidden_config())
}

/// All epochs of a tutorial's training; the median of nine.
fn epochs(trainer: impl Fn() -> Trainer<f64>) -> Timed {
    median_of(9, || {
        let mut trainer = trainer();
        trainer.epochs(usize::MAX).map_or(f64::NAN, |report| 2.0 * report.training_loss)
    })
}

/// The mean loss of a thousand seeds.
fn thousand(threads: usize) -> Timed {
    let starts: Vec<Network<f64>> = (0..1_000).map(|seed| hidden(seed).network().clone()).collect();
    let (dataset, config) = (xor(), hidden_config().check().expect("numbers in their domains"));
    median_of(1, || {
        let mut networks = starts.clone();
        let losses =
            glassnet::starts::train(&mut networks, &dataset, config.clone(), threads).expect("tiny networks");
        2.0 * losses.iter().sum::<f64>() / losses.len() as f64
    })
}

fn numbers<R: Real>(n_rows: usize, n_columns: usize, generator: &mut Generator) -> Matrix<R> {
    let mut values = Matrix::zeros(n_rows, n_columns);
    values.values_mut().fill_with(|| R::from_f64(generator.uniform() - 0.5));
    values
}

/// One epoch of a network that was made before.
fn training(
    team: &Arc<Team>,
    precision: Precision,
    sizes: &[usize],
    n_rows: usize,
    batch_size: usize,
    optimizer: OptimizerConfig,
    learning_rate: f64,
) -> Timed {
    let mut generator = Generator::new(0);
    let (n_inputs, n_outputs) = (sizes[0], sizes[sizes.len() - 1]);
    let x = numbers::<f32>(n_rows, n_inputs, &mut generator);
    let (objective, targets) = if n_outputs == 1 {
        let sums = (0..n_rows).map(|row| x.row(row).iter().sum()).collect();
        (Objective::SquaredError, Targets::Values(Matrix::from_values(n_rows, 1, sums)))
    } else {
        let class = |row: usize| (0..n_outputs).max_by(|&a, &b| x.row(row)[a].total_cmp(&x.row(row)[b]));
        let indices = (0..n_rows).map(|row| class(row).unwrap_or(0) as u32).collect();
        (Objective::CrossEntropy, Targets::Classes { indices, n_classes: n_outputs })
    };
    let dataset = Arc::new(Dataset::new(x, targets).expect("finite rows"));
    let layers = layers(sizes, Activation::Relu, Activation::Identity, true);
    let network =
        Network::initialised(layers, Initialiser::HeNormal, &mut generator).expect("layers that fit");
    let config = TrainConfig {
        optimizer,
        learning_rate,
        precision,
        batch_size: BatchSize::Rows(batch_size),
        epochs: 1,
        patience: None,
        ..TrainConfig::default()
    };
    let config = config.check().expect("numbers in their domains");
    let mut trainer = Trainer::new(network, objective, config, dataset, None, Generator::new(1))
        .expect("rows that fit")
        .with_team(Arc::clone(team));
    median_of(1, || trainer.epoch().map_or(f64::NAN, |report| report.training_loss))
}

fn network<R: Real>(sizes: &[usize], hidden: Activation) -> Network<R> {
    let layers = layers(sizes, hidden, Activation::Identity, true);
    Network::initialised(layers, Initialiser::GlorotUniform, &mut Generator::new(0)).expect("layers that fit")
}

/// Seconds of one forward pass of one row, as the mean of many.
fn one_row<R: Real>(sizes: &[usize], hidden: Activation, n: usize) -> Timed {
    let network = network::<R>(sizes, hidden);
    let x = numbers::<R>(64, sizes[0], &mut Generator::new(1));
    let mut cache = Cache::default();
    let mut time = median_of(9, || {
        let mut sum = 0.0;
        for i in 0..n {
            let row = i % 64;
            sum += network.row_outputs(x.row(row), &mut cache)[0].to_f64();
        }
        sum / n as f64
    });
    time.seconds /= n as f64;
    time.cpu_seconds /= n as f64;
    time
}

fn many_rows(team: &Team, sizes: &[usize], n_rows: usize) -> Timed {
    let network = network::<f32>(sizes, Activation::Relu);
    let x = numbers::<f32>(n_rows, sizes[0], &mut Generator::new(1));
    median_of(1, || {
        let outputs = network.outputs_by(team, x.view());
        outputs.values().iter().map(|&value| f64::from(value)).sum::<f64>() / outputs.values().len() as f64
    })
}
