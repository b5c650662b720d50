//! The strong recipe against `PyTorch`: outputs, gradients and ten steps with every schedule and factor.

use glassnet::activation::Activation;
use glassnet::data_start::start_by_rows;
use glassnet::dataset::{Dataset, Targets};
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::kernels::Real;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::{Objective, TargetsRef};
use glassnet::schema::Task;
use glassnet::train_config::{BatchSize, RowOrder, TrainConfig};
use glassnet::trainer::Trainer;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Fixture {
    schedules: Vec<[f64; 3]>,
    periodic: Periodic,
    networks: Vec<Case>,
}

#[derive(Deserialize)]
struct Periodic {
    x: Vec<Vec<f64>>,
    params: Vec<f64>,
    outputs: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Case {
    activation: Activation,
    learning_rate: f64,
    x: Vec<Vec<f64>>,
    classes: Vec<u32>,
    numbers: Vec<f64>,
    params: Vec<f64>,
    outputs: Vec<Vec<f64>>,
    d_params: Vec<f64>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    loss: f64,
    params: Vec<f64>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../../../fixtures/recipe.json")).unwrap()
}

fn real<R: Real>(values: &[f64]) -> Vec<R> {
    values.iter().map(|&value| R::from_f64(value)).collect()
}

fn matrix<R: Real>(rows: &[Vec<f64>]) -> Matrix<R> {
    Matrix::from_values(rows.len(), rows[0].len(), real(&rows.concat()))
}

/// Largest difference, as a share of the largest of what is expected.
fn difference<R: Real>(found: &[R], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    assert!(size > 0.0, "nothing to compare with");
    let differences = found.iter().zip(expected).map(|(found, expected)| (found.to_f64() - expected).abs());
    differences.fold(0.0, f64::max) / size
}

fn layers(n_outputs: usize, activation: Activation) -> Vec<Layer> {
    let identity = Activation::Identity;
    let dense = |n_inputs, n_outputs| Layer::Dense { n_inputs, n_outputs, bias: true, activation: identity };
    vec![
        Layer::Periodic { n_inputs: 6, n_numbers: 3, n_frequencies: 16, n_outputs: 3, deviation: 0.1 },
        Layer::Lookup { n_inputs: 15, column: 14, n_levels: 9, n_units: 8 },
        Layer::Scale { n_units: 22 },
        dense(22, 7),
        Layer::Blend { n_units: 7, activation },
        dense(7, 7),
        Layer::Blend { n_units: 7, activation },
        dense(7, n_outputs),
    ]
}

fn check<R: Real>(case: &Case, tolerance: f64) {
    let n_outputs = case.outputs[0].len();
    let is_number = n_outputs == 1;
    let (task, objective) = if is_number {
        (Task::Regression, Objective::SquaredError)
    } else {
        (Task::Classification, Objective::CrossEntropy)
    };
    let config = FitConfig::strong(task);
    assert_eq!((config.activation, config.train.learning_rate), (case.activation, case.learning_rate));
    let layers = layers(n_outputs, case.activation);
    let network = Network::<R>::from_params(layers, real(&case.params)).unwrap();
    let x = matrix::<R>(&case.x);
    let numbers = Matrix::from_values(case.numbers.len(), 1, real::<R>(&case.numbers));
    let near = |found: &[R], expected: &[f64], what: &str| {
        let difference = difference(found, expected);
        assert!(difference <= tolerance, "{} {}: {what} {difference:e}", R::NAME, case.activation);
    };

    let mut cache = Cache::default();
    network.forward(x.view(), Mode::Evaluation, &mut cache);
    near(cache.outputs().values(), &case.outputs.concat(), "outputs");
    let targets =
        if is_number { TargetsRef::Values(numbers.view()) } else { TargetsRef::Classes(&case.classes) };
    let scale = R::ONE / R::from_f64(case.x.len() as f64);
    let (outputs, d_outputs) = cache.outputs_and_gradient();
    objective.loss_and_gradient(outputs, targets, None, scale, d_outputs);
    let mut d_params = vec![R::ZERO; case.params.len()];
    network.backward(x.view(), &mut cache, &mut d_params);
    near(&d_params, &case.d_params, "gradient");

    let targets = if is_number {
        Targets::Values(numbers)
    } else {
        Targets::Classes { indices: case.classes.clone(), n_classes: n_outputs }
    };
    let rows = Arc::new(Dataset::new(x, targets).unwrap());
    let train = TrainConfig {
        batch_size: BatchSize::Full,
        row_order: RowOrder::AsGiven,
        epochs: case.steps.len(),
        ..config.train
    };
    let generator = Generator::new(0);
    let mut trainer =
        Trainer::new(network, objective, train.check().unwrap(), rows, None, generator).unwrap();
    for (number, step) in case.steps.iter().enumerate() {
        let report = trainer.epoch().unwrap();
        let loss = (report.training_loss / step.loss - 1.0).abs();
        assert!(loss <= tolerance, "{} {} step {number}: loss {loss:e}", R::NAME, case.activation);
        if !step.params.is_empty() {
            near(trainer.network().params(), &step.params, &format!("step {number}"));
        }
    }
    let moved = difference(&real::<f64>(&case.params), &case.steps[9].params);
    assert!(moved > 0.01, "{moved}");
}

#[test]
fn ten_steps_as_pytorch() {
    let cases = fixture().networks;
    assert_eq!(cases.len(), 2);
    for case in cases {
        check::<f64>(&case, 1e-10);
        check::<f32>(&case, 1e-5);
    }
}

#[test]
fn the_periodic_embedding_as_pytorch() {
    let Periodic { x, params, outputs } = fixture().periodic;
    let layer =
        Layer::Periodic { n_inputs: 2, n_numbers: 2, n_frequencies: 16, n_outputs: 3, deviation: 0.1 };
    let network = Network::<f64>::from_params(vec![layer], real(&params)).unwrap();
    let found = network.outputs(matrix(&x).view());
    assert!(difference(found.values(), &outputs.concat()) <= 1e-13);
    let network = Network::<f32>::from_params(vec![layer], real(&params)).unwrap();
    let found = network.outputs(matrix(&x).view());
    assert!(difference(found.values(), &outputs.concat()) <= 2e-6);
}

#[test]
fn schedules_as_pytorch() {
    use glassnet::schedule::Schedule;
    for [t, coslog4, flat_cos] in fixture().schedules {
        assert!((Schedule::CosineLog4.factor(t) - coslog4).abs() < 1e-14, "{t}");
        assert!((Schedule::FlatCosine.factor(t) - flat_cos).abs() < 1e-14, "{t}");
    }
}

/// Where the network starts by its rows, beside the same rule in `NumPy` with `NumPy`'s own random numbers.
#[test]
fn the_start_by_the_rows_is_that_of_numpy() {
    #[derive(Deserialize)]
    struct Start {
        seed: u32,
        x: Vec<Vec<f64>>,
        layers: Vec<StartLayer>,
    }
    #[derive(Deserialize)]
    struct StartLayer {
        weight: Vec<Vec<f64>>,
        bias: Vec<f64>,
    }
    let start: Start = serde_json::from_str(include_str!("../../../fixtures/start.json")).unwrap();
    let mut layers = Vec::new();
    for (i, layer) in start.layers.iter().enumerate() {
        if i > 0 {
            layers.push(Layer::Blend { n_units: layer.weight.len(), activation: Activation::Selu });
        }
        let (n_inputs, n_outputs) = (layer.weight.len(), layer.bias.len());
        layers.push(Layer::Dense { n_inputs, n_outputs, bias: true, activation: Activation::Identity });
    }
    let x = matrix::<f64>(&start.x);
    let network = start_by_rows(layers, x.view(), &mut Generator::numpy_legacy(start.seed)).unwrap();
    for (i, expected) in start.layers.iter().enumerate() {
        let (weight, bias) = (network.weight(2 * i), network.bias(2 * i));
        for (row, expected) in expected.weight.iter().enumerate() {
            for (found, expected) in weight.row(row).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-10, "layer {i}: {found} beside {expected}");
            }
        }
        for (found, expected) in bias.iter().zip(&expected.bias) {
            assert!((found - expected).abs() < 1e-10, "layer {i}: bias {found} beside {expected}");
        }
    }
}
