//! The numbers of one step: against NumPy, against central differences, and against training itself.

use glassnet::activation::Activation;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::objective::{Objective, TargetsRef};
use glassnet::optimizer::OptimizerConfig;
use glassnet::quantiles::QuantileLevels;
use glassnet::trace::{Tracer, check_gradient, trace};
use glassnet::train_config::{BatchSize, Reduction, RowOrder, TrainConfig};
use glassnet::trainer::Trainer;
use serde_json::Value;

fn dense(n_inputs: usize, n_outputs: usize, activation: Activation) -> Layer {
    Layer::Dense { n_inputs, n_outputs, bias: true, activation }
}

fn drawn(n_rows: usize, n_columns: usize, generator: &mut Generator) -> Matrix<f64> {
    Matrix::from_values(n_rows, n_columns, (0..n_rows * n_columns).map(|_| generator.normal()).collect())
}

fn network(layers: Vec<Layer>, generator: &mut Generator) -> Network<f64> {
    let n_params = layers.iter().map(|layer| layer.n_params()).sum();
    Network::from_params(layers, (0..n_params).map(|_| 0.6 * generator.normal()).collect()).unwrap()
}

fn sgd(learning_rate: f64) -> TrainConfig {
    TrainConfig {
        optimizer: OptimizerConfig::SGD,
        learning_rate,
        batch_size: BatchSize::Rows(1),
        row_order: RowOrder::AsGiven,
        epochs: 1,
        patience: None,
        ..TrainConfig::default()
    }
}

#[test]
fn the_tutorials_first_step_is_numpys() {
    let fixture: Value = serde_json::from_str(include_str!("../../../fixtures/first_step.json")).unwrap();
    let numbers = |name: &str| -> Vec<f64> {
        fixture[name].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    };
    let layer = |n_inputs, n_outputs| Layer::Dense {
        n_inputs,
        n_outputs,
        bias: false,
        activation: Activation::Sigmoid,
    };
    let params = [numbers("init_w0"), numbers("init_w1")].concat();
    let network = Network::from_params(vec![layer(3, 4), layer(4, 1)], params).unwrap();
    let x = Matrix::from_values(1, 3, vec![0.0, 0.0, 1.0]);
    let target = Matrix::from_values(1, 1, vec![0.0]);
    let targets = TargetsRef::Values(target.view());
    let traced = trace(&network, Objective::SquaredError, x.view(), Some(targets), &sgd(0.1)).unwrap();
    let [hidden, output] = &traced.layers[..] else { panic!("two layers") };
    let near = |name: &str, found: &[f64], sign: f64| {
        let expected = numbers(name);
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!((sign * found - expected).abs() < 1e-12, "{name}: {found} and {expected}");
        }
    };
    let values = |matrix: &Option<Matrix<f64>>| matrix.as_ref().unwrap().values().to_vec();
    near("z1", &values(&hidden.z), 1.0);
    near("h", hidden.a.values(), 1.0);
    near("z2", &values(&output.z), 1.0);
    near("y", output.a.values(), 1.0);
    // There, errors are target − output.
    near("error", &values(&output.error), -1.0);
    near("slope_y", &values(&output.slope), 1.0);
    near("delta2", &values(&output.delta), -1.0);
    near("hidden_error", &values(&hidden.error), -1.0);
    near("slope_h", &values(&hidden.slope), 1.0);
    near("delta1", &values(&hidden.delta), -1.0);
    near("dw1_times_lr", output.blocks[0].update.as_ref().unwrap(), 1.0);
    near("dw0_times_lr", hidden.blocks[0].update.as_ref().unwrap(), 1.0);
}

#[test]
fn gradients_are_central_differences_for_every_activation_and_objective() {
    let generator = &mut Generator::new(1);
    let x = drawn(5, 3, generator);
    let counts = Matrix::from_values(5, 2, vec![0.0, 2.0, 1.0, 4.0, 3.0, 0.0, 1.0, 1.0, 2.0, 5.0]);
    let zero_or_one = Matrix::from_values(5, 2, counts.values().iter().map(|t| t % 2.0).collect());
    let one = Matrix::from_values(5, 1, vec![0.3, -1.0, 2.0, 0.7, -0.2]);
    let numbers = drawn(5, 2, generator);
    let cases = [
        (Objective::SquaredError, 2, TargetsRef::Values(numbers.view())),
        (Objective::BinaryCrossEntropy, 2, TargetsRef::Values(zero_or_one.view())),
        (Objective::CrossEntropy, 3, TargetsRef::Classes(&[0, 2, 1, 1, 2])),
        (Objective::Poisson, 2, TargetsRef::Values(counts.view())),
        (Objective::Quantile(QuantileLevels::default()), 3, TargetsRef::Values(one.view())),
    ];
    for activation in Activation::ALL {
        for (objective, n_outputs, targets) in cases {
            let layers = vec![
                dense(3, 4, activation),
                dense(4, 4, activation),
                dense(4, n_outputs, Activation::Identity),
            ];
            let network = network(layers, generator);
            let check = check_gradient(&network, objective, x.view(), targets, usize::MAX).unwrap();
            assert_eq!(check.n_params, network.params().len());
            assert!(
                check.largest_gradient > 1e-3 && check.largest_relative_difference < 1e-6,
                "{activation} {}: {check:?}",
                objective.name()
            );
        }
    }
}

/// Every kind of layer, as the strong recipe has them, and by hand from the numbers that are shown.
#[test]
fn every_layer_can_be_recomputed_from_what_is_shown() {
    let generator = &mut Generator::new(3);
    let mut x = drawn(4, 3, generator);
    for (row, level) in [0.0, 2.0, 1.0, 3.0].into_iter().enumerate() {
        x.row_mut(row)[2] = level;
    }
    let layers = vec![
        Layer::Noise { n_units: 3, n_numbers: 2, deviation: 0.4 },
        Layer::Periodic { n_inputs: 3, n_numbers: 2, n_frequencies: 4, n_outputs: 3, deviation: 0.1 },
        Layer::Lookup { n_inputs: 9, column: 8, n_levels: 3, n_units: 2 },
        Layer::Scale { n_units: 10 },
        dense(10, 5, Activation::Identity),
        Layer::Blend { n_units: 5, activation: Activation::Selu },
        Layer::Dropout { n_units: 5, rate: 0.3 },
        dense(5, 4, Activation::Tanh),
        dense(4, 3, Activation::Identity),
    ];
    let network = network(layers, generator);
    let targets = TargetsRef::Classes(&[0, 2, 1, 1]);
    let objective = Objective::CrossEntropy;
    let check = check_gradient(&network, objective, x.view(), targets, usize::MAX).unwrap();
    assert!(check.largest_relative_difference < 1e-6, "{check:?}");
    let traced = trace(&network, objective, x.view(), Some(targets), &sgd(0.5)).unwrap();
    let near =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} and {expected}");
    for (i, layer) in traced.layers.iter().enumerate() {
        let Layer::Dense { n_inputs, n_outputs, activation, .. } = layer.layer else { continue };
        let (z, slope) = (layer.z.as_ref().unwrap(), layer.slope.as_ref().unwrap());
        let (error, delta) = (layer.error.as_ref().unwrap(), layer.delta.as_ref().unwrap());
        let [weight, bias] = &layer.blocks[..] else { panic!("weights and biases") };
        for row in 0..4 {
            for unit in 0..n_outputs {
                let terms = (0..n_inputs).map(|k| layer.x.row(row)[k] * weight.values[k * n_outputs + unit]);
                near(z.row(row)[unit], terms.sum::<f64>() + bias.values[unit]);
                near(layer.a.row(row)[unit], activation.value(z.row(row)[unit]));
                near(delta.row(row)[unit], error.row(row)[unit] * slope.row(row)[unit]);
            }
            for k in 0..n_inputs {
                let back: f64 = (0..n_outputs)
                    .map(|unit| delta.row(row)[unit] * weight.values[k * n_outputs + unit])
                    .sum();
                near(traced.layers[i - 1].error.as_ref().unwrap().row(row)[k], back);
            }
        }
        let gradient = weight.gradient.as_ref().unwrap();
        for k in 0..n_inputs {
            for unit in 0..n_outputs {
                let sum: f64 = (0..4).map(|row| layer.x.row(row)[k] * delta.row(row)[unit]).sum();
                near(gradient[k * n_outputs + unit], sum);
                near(weight.update.as_ref().unwrap()[k * n_outputs + unit], -0.5 * sum);
            }
        }
    }
    // A blend's own: a = z + α(f(z) − z), and its slope by a difference.
    let blend = &traced.layers[5];
    let (z, slopes) = (blend.z.as_ref().unwrap(), &blend.blocks[0].values);
    for (i, &z) in z.values().iter().enumerate() {
        let a = |z: f64| z + slopes[i % 5] * (Activation::Selu.value(z) - z);
        near(blend.a.values()[i], a(z));
        let slope = (a(z + 1e-6) - a(z - 1e-6)) / 2e-6;
        assert!((blend.slope.as_ref().unwrap().values()[i] - slope).abs() < 1e-8);
    }
}

#[test]
fn replaying_the_updates_gives_the_trained_weights_to_the_bit() {
    let generator = &mut Generator::new(5);
    let layers = vec![dense(3, 4, Activation::Sigmoid), dense(4, 2, Activation::Identity)];
    let start = network(layers.clone(), generator);
    let (x, y) = (drawn(7, 3, generator), drawn(7, 2, generator));
    let objective = Objective::SquaredError;
    let optimizers = [
        OptimizerConfig::SGD,
        OptimizerConfig::Sgd { momentum: 0.9, nesterov: true },
        OptimizerConfig::ADAM,
        OptimizerConfig::ADAMW,
        OptimizerConfig::RMSPROP,
    ];
    for optimizer in optimizers {
        for (l2, clip, reduction, batch) in [
            (0.0, None, Reduction::Mean, 1),
            (0.01, Some(0.05), Reduction::Mean, 3),
            (0.0, None, Reduction::Sum, 2),
        ] {
            let config = TrainConfig {
                optimizer,
                l2,
                gradient_clip_norm: clip,
                reduction,
                epochs: 3,
                batch_size: BatchSize::Rows(batch),
                ..sgd(0.3)
            };
            let rows = Dataset::new(x.clone(), Targets::Values(y.clone())).unwrap();
            let checked = config.clone().check().unwrap();
            let mut trainer =
                Trainer::new(start.clone(), objective, checked, rows.into(), None, Generator::new(1))
                    .unwrap();
            let mut tracer = Tracer::new(start.clone(), objective, &config).unwrap();
            let mut params = Vec::new();
            for _ in 0..3 {
                trainer.epoch().unwrap();
                for first in (0..7).step_by(batch) {
                    let end = (first + batch).min(7);
                    let targets = TargetsRef::Values(y.view().rows(first, end));
                    let traced = tracer.step(x.view().rows(first, end), targets);
                    let blocks = traced.layers.iter().flat_map(|layer| &layer.blocks);
                    params = blocks.flat_map(|block| block.after.clone().unwrap()).collect();
                }
            }
            let trained = trainer.finish();
            let bits = |params: &[f64]| params.iter().map(|param| param.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(trained.network().params()), bits(&params), "{config:?}");
            assert_eq!(bits(tracer.network().params()), bits(&params));
            assert_ne!(bits(start.params()), bits(&params));
        }
    }
}
