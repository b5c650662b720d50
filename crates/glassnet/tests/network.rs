//! Where weights start, and what dropout does in and out of training, by their formulas.

use glassnet::activation::Activation;
use glassnet::batch::mean_loss;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::Objective;
use glassnet::optimizer::OptimizerConfig;
use glassnet::train_config::{BatchSize, RowOrder, TrainConfig};
use glassnet::trainer::Trainer;

const N_INPUTS: usize = 300;
const N_OUTPUTS: usize = 75;

fn dense(n_inputs: usize, n_outputs: usize, activation: Activation) -> Layer {
    Layer::Dense { n_inputs, n_outputs, bias: true, activation }
}

/// The start of a layer that is four times as wide at the bottom as at the top.
fn weights(start: Initialiser) -> Vec<f64> {
    let layers = vec![dense(N_INPUTS, N_OUTPUTS, Activation::Relu)];
    let network = Network::initialised(layers, start, &mut Generator::new(1)).unwrap();
    assert_eq!(network.bias(0), [0.0; N_OUTPUTS]);
    network.weight(0).values().to_vec()
}

fn moment(values: &[f64], power: i32) -> f64 {
    values.iter().map(|value| value.powi(power)).sum::<f64>() / values.len() as f64
}

#[test]
fn normal_starts_have_the_deviation_of_their_paper() {
    let cases = [
        (Initialiser::HeNormal, (2.0_f64 / 300.0).sqrt()),
        (Initialiser::LecunNormal, (1.0_f64 / 300.0).sqrt()),
        (Initialiser::FanOutNormal, (1.0_f64 / 75.0).sqrt()),
        (Initialiser::Normal { standard_deviation: 0.3 }, 0.3),
    ];
    for (start, deviation) in cases {
        let standard: Vec<f64> = weights(start).iter().map(|weight| weight / deviation).collect();
        // Four standard errors of 22,500 draws.
        for (power, expected, spread) in [(1, 0.0, 1.0), (2, 1.0, 1.42), (4, 3.0, 9.8)] {
            let found = moment(&standard, power);
            assert!((found - expected).abs() < 4.0 * spread / 150.0, "{start:?}: moment {power} is {found}");
        }
    }
}

#[test]
fn uniform_starts_fill_their_bounds() {
    let glorot = (6.0_f64 / 375.0).sqrt();
    for (start, low, high) in [
        (Initialiser::GlorotUniform, -glorot, glorot),
        (Initialiser::Uniform { low: -1.0, high: 1.0 }, -1.0, 1.0),
        (Initialiser::Uniform { low: 2.0, high: 2.5 }, 2.0, 2.5),
    ] {
        let shares: Vec<f64> = weights(start).iter().map(|weight| (weight - low) / (high - low)).collect();
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{start:?}");
        // Four standard errors of 22,500 draws.
        assert!((moment(&shares, 1) - 0.5).abs() < 4.0 * 0.29 / 150.0, "{start:?}");
        assert!((moment(&shares, 2) - 1.0 / 3.0).abs() < 4.0 * 0.3 / 150.0, "{start:?}");
    }
    assert!(weights(Initialiser::Zeros).iter().all(|&weight| weight == 0.0));
}

#[test]
fn each_activation_starts_as_its_paper_says() {
    use Activation::{Elu, Gelu, Identity, LeakyRelu, Mish, Relu, Selu, Sigmoid, Softplus, Tanh};
    let expected = |activation| match activation {
        Relu | LeakyRelu | Elu | Gelu | Mish => Initialiser::HeNormal,
        Selu => Initialiser::LecunNormal,
        Identity | Sigmoid | Tanh | Softplus => Initialiser::GlorotUniform,
    };
    for activation in Activation::ALL {
        assert_eq!(Initialiser::for_activation(activation), expected(activation), "{activation}");
    }
}

#[test]
fn dropout_keeps_the_expectation() {
    const RATE: f64 = 0.3;
    const N: usize = 20_000;
    let network = Network::<f64>::zeros(vec![Layer::Dropout { n_units: N, rate: RATE }]).unwrap();
    let x: Vec<f64> = (0..N).map(|i| 1.0 + i as f64).collect();
    let x = Matrix::from_values(1, N, x);
    let mut cache = Cache::default();
    network.forward(x.view(), Mode::Training(&mut Generator::new(3)), &mut cache);
    let outputs = cache.outputs().values();
    let n_dropped = outputs.iter().filter(|&&output| output == 0.0).count();
    // Four standard deviations of a count.
    let tolerance = 4.0 * (N as f64 * RATE * (1.0 - RATE)).sqrt();
    assert!((n_dropped as f64 - N as f64 * RATE).abs() < tolerance, "{n_dropped} of {N}");
    for (output, x) in outputs.iter().zip(x.values()).filter(|(output, _)| **output != 0.0) {
        assert!((output / x - 1.0 / 0.7).abs() < 1e-12, "{output} for {x}");
    }
    assert_eq!(network.outputs(x.view()), x);
}

#[test]
fn noise_has_its_deviation_and_leaves_the_other_inputs() {
    const N: usize = 20_000;
    const DEVIATION: f64 = 0.3;
    let layer = Layer::Noise { n_units: 3, n_numbers: 2, deviation: DEVIATION };
    let network = Network::<f64>::zeros(vec![layer]).unwrap();
    let x = Matrix::from_values(N, 3, (0..3 * N).map(|i| (i % 7) as f64).collect());
    let mut cache = Cache::default();
    for share in [1.0, 0.5] {
        let mode = Mode::Scheduled { dropout: share, generator: &mut Generator::new(3) };
        network.forward(x.view(), mode, &mut cache);
        let noise = |column: usize| (0..N).map(move |row| (row, column));
        for column in [0, 1] {
            let all =
                noise(column).map(|(row, column)| cache.outputs().row(row)[column] - x.row(row)[column]);
            let (sum, squares) = all.fold((0.0, 0.0), |(sum, squares), e| (sum + e, squares + e * e));
            let (deviation, n) = (share * DEVIATION, N as f64);
            // Four standard deviations of a mean and of a variance.
            assert!((sum / n).abs() < 4.0 * deviation / n.sqrt(), "{}", sum / n);
            let variance = deviation * deviation;
            assert!((squares / n - variance).abs() < 4.0 * variance * (2.0 / n).sqrt(), "{}", squares / n);
        }
        assert!(noise(2).all(|(row, column)| cache.outputs().row(row)[column] == x.row(row)[column]));
    }
    assert_eq!(network.outputs(x.view()), x);
    // Its gradient passes.
    let d = Matrix::from_values(N, 3, (0..3 * N).map(|i| (i % 5) as f64 - 2.0).collect());
    let ahead = vec![Layer::Scale { n_units: 3 }, layer];
    let network = Network::<f64>::from_params(ahead, vec![1.0; 3]).unwrap();
    network.forward(x.view(), Mode::Training(&mut Generator::new(4)), &mut cache);
    *cache.outputs_and_gradient().1 = d.clone();
    let mut d_params = vec![0.0; 3];
    network.backward(x.view(), &mut cache, &mut d_params);
    for (k, d_scale) in d_params.iter().enumerate() {
        let expected: f64 = (0..N).map(|row| x.row(row)[k] * d.row(row)[k]).sum();
        assert!((d_scale - expected).abs() < 1e-6 * expected.abs().max(1.0));
    }
}

#[test]
fn dropout_is_for_training_only() {
    let start = Initialiser::GlorotUniform;
    let plain_layers = vec![dense(4, 50, Activation::Tanh), dense(50, 2, Activation::Identity)];
    let plain = Network::<f64>::initialised(plain_layers.clone(), start, &mut Generator::new(4)).unwrap();
    let layers = vec![plain_layers[0], Layer::Dropout { n_units: 50, rate: 0.5 }, plain_layers[1]];
    let dropping = Network::from_params(layers, plain.params().to_vec()).unwrap();
    let mut generator = Generator::new(5);
    let mut draw =
        |columns| Matrix::from_values(30, columns, (0..30 * columns).map(|_| generator.normal()).collect());
    let (x, y) = (draw(4), draw(2));
    assert_eq!(dropping.outputs(x.view()), plain.outputs(x.view()));
    let rows = Dataset { x, targets: Targets::Values(y), weights: None };
    let loss = |network| mean_loss(network, Objective::SquaredError, &rows);
    assert_eq!(loss(&dropping), loss(&plain));
    let mut cache = Cache::default();
    dropping.forward(rows.x.view(), Mode::Training(&mut Generator::new(6)), &mut cache);
    assert_ne!(cache.outputs(), plain.outputs(rows.x.view()).view());
}

#[test]
fn a_step_under_dropout_moves_the_kept_weights_further() {
    // From weights of 0, one row x = 1, t = 1: the gradient of weight j is −1/(1 − rate) where input j is kept, else 0.
    const N: usize = 400;
    let layers = vec![Layer::Dropout { n_units: N, rate: 0.2 }, dense(N, 1, Activation::Identity)];
    let network = Network::<f64>::zeros(layers).unwrap();
    let rows = Dataset {
        x: Matrix::from_values(1, N, vec![1.0; N]),
        targets: Targets::Values(Matrix::from_rows(&[[1.0]])),
        weights: None,
    };
    let config = TrainConfig {
        optimizer: OptimizerConfig::SGD,
        learning_rate: 0.1,
        batch_size: BatchSize::Full,
        row_order: RowOrder::AsGiven,
        epochs: 1,
        ..TrainConfig::default()
    };
    let config = config.check().unwrap();
    let mut trainer =
        Trainer::new(network, Objective::SquaredError, config, rows.into(), None, Generator::new(7)).unwrap();
    trainer.epoch();
    let weights = trainer.network().weight(1).values();
    let n_kept = weights.iter().filter(|&&weight| (weight - 0.125).abs() < 1e-15).count();
    let n_dropped = weights.iter().filter(|&&weight| weight == 0.0).count();
    assert_eq!(n_kept + n_dropped, N);
    // 80 expected, four standard deviations of 8.
    assert!((48..=112).contains(&n_dropped), "{n_dropped} of {N} were dropped");
    assert!((trainer.network().bias(1)[0] - 0.1).abs() < 1e-15);
}

#[test]
fn a_single_row_has_the_bits_of_that_row_among_others() {
    let networks: [&[(usize, Activation)]; 4] = [
        &[(4, Activation::Sigmoid), (1, Activation::Sigmoid)],
        &[(32, Activation::Sigmoid), (7, Activation::Identity), (3, Activation::Sigmoid)],
        &[(33, Activation::Sigmoid), (2, Activation::Identity)], // wider than the kernel takes
        &[(5, Activation::Relu), (2, Activation::Identity)],     // a function that it has not
    ];
    for sizes in networks {
        let (mut layers, mut n_inputs) = (Vec::new(), 3);
        for &(n_outputs, activation) in sizes {
            layers.push(dense(n_inputs, n_outputs, activation));
            n_inputs = n_outputs;
        }
        let network = Network::initialised(
            layers,
            Initialiser::Normal { standard_deviation: 1.0 },
            &mut Generator::new(5),
        );
        let network = network.unwrap();
        let x = Matrix::from_rows(&[[0.3, -1.2, 2.0], [1.0, 0.0, -0.0], [-4.0, 0.5, 0.25]]);
        let mut cache = Cache::default();
        for row in 0..x.n_rows() {
            let found: &[f64] = network.row_outputs(x.row(row), &mut cache);
            assert_eq!(found, network.outputs(x.view()).row(row), "row {row} through {sizes:?}");
        }
    }
}
