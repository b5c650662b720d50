//! The layers of the strong recipe: their gradients against central differences in `f64`, and what they give by their
//! formulas.

use glassnet::activation::Activation;
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::{Layer, check_layers};
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::{Objective, TargetsRef};

const N_ROWS: usize = 37;

fn dense(n_inputs: usize, n_outputs: usize) -> Layer {
    Layer::Dense { n_inputs, n_outputs, bias: true, activation: Activation::Identity }
}

/// Two numbers, one other input, and the number of a level from 0 to 3.
fn rows() -> Matrix<f64> {
    let mut generator = Generator::new(8);
    let mut x = Matrix::zeros(N_ROWS, 4);
    for row in 0..N_ROWS {
        for column in 0..3 {
            x.row_mut(row)[column] = generator.normal();
        }
        x.row_mut(row)[3] = generator.up_to(3) as f64;
    }
    x
}

/// Parameters drawn as they start, then all moved, so that none is 0 or 1.
fn network(layers: &[Layer]) -> Network<f64> {
    let mut generator = Generator::new(3);
    let start = Initialiser::Normal { standard_deviation: 0.6 };
    let mut network = Network::initialised(layers.to_vec(), start, &mut generator).unwrap();
    network.params_mut().iter_mut().for_each(|param| *param += 0.2 * generator.normal());
    network
}

fn loss(network: &Network<f64>, x: &Matrix<f64>, cache: &mut Cache<f64>) -> f64 {
    let targets = Matrix::from_values(N_ROWS, 2, (0..2 * N_ROWS).map(|i| (i % 7) as f64 / 7.0).collect());
    let mut generator = Generator::new(77);
    network.forward(x.view(), Mode::Scheduled { dropout: 0.5, generator: &mut generator }, cache);
    let (outputs, d_outputs) = cache.outputs_and_gradient();
    let targets = TargetsRef::Values(targets.view());
    Objective::SquaredError.loss_and_gradient(outputs, targets, None, 1.0, d_outputs)
}

fn check(name: &str, layers: &[Layer]) {
    let (x, mut network, mut cache) = (rows(), network(layers), Cache::default());
    loss(&network, &x, &mut cache);
    let mut d_params = vec![f64::NAN; network.params().len()];
    network.backward(x.view(), &mut cache, &mut d_params);
    let size = d_params.iter().fold(0.0_f64, |largest, d| largest.max(d.abs()));
    assert!(size > 0.1, "{name}: size of the gradient {size}");
    for block in network.blocks() {
        assert!(d_params[block.range.clone()].iter().any(|&d| d != 0.0), "{name}: {}", block.name);
    }
    for (i, &d) in d_params.iter().enumerate() {
        let param = network.params()[i];
        network.params_mut()[i] = param + 1e-5;
        let above = loss(&network, &x, &mut cache);
        network.params_mut()[i] = param - 1e-5;
        let below = loss(&network, &x, &mut cache);
        network.params_mut()[i] = param;
        let difference = (above - below) / 2e-5;
        assert!((difference - d).abs() <= 2e-8 * size, "{name}: parameter {i}: {d} is {difference}");
    }
}

#[test]
fn gradients_of_the_whole_recipe() {
    // Between the identity and itself there is nothing to choose.
    for activation in Activation::ALL.into_iter().filter(|&f| f != Activation::Identity) {
        let layers = [
            Layer::Periodic { n_inputs: 4, n_numbers: 2, n_frequencies: 5, n_outputs: 3, deviation: 0.1 },
            Layer::Lookup { n_inputs: 10, column: 9, n_levels: 3, n_units: 2 },
            Layer::Scale { n_units: 11 },
            dense(11, 6),
            Layer::Blend { n_units: 6, activation },
            Layer::Dropout { n_units: 6, rate: 0.4 },
            dense(6, 2),
        ];
        check(activation.name(), &layers);
    }
}

#[test]
fn gradients_reach_what_lies_before() {
    let after = |layer: Layer| [dense(4, 4), layer, dense(layer.n_outputs(), 2)];
    check("scale", &after(Layer::Scale { n_units: 4 }));
    check("blend", &after(Layer::Blend { n_units: 4, activation: Activation::Selu }));
    let periodic = |n_numbers| Layer::Periodic {
        n_inputs: 4,
        n_numbers,
        n_frequencies: 3,
        n_outputs: 2,
        deviation: 0.1,
    };
    check("periodic", &after(periodic(3)));
    check("periodic of all", &after(periodic(4)));
    let lookup = Layer::Lookup { n_inputs: 4, column: 3, n_levels: 3, n_units: 2 };
    check("scale before a lookup", &[periodic(2), Layer::Scale { n_units: 8 }, dense(8, 2)]);
    check(
        "lookup before a periodic",
        &[
            lookup,
            Layer::Periodic { n_inputs: 5, n_numbers: 5, n_frequencies: 3, n_outputs: 2, deviation: 0.1 },
            dense(15, 2),
        ],
    );
}

#[test]
fn outputs_by_their_formulas() {
    let x = Matrix::from_rows(&[[0.5, -2.0, 2.0], [1.5, 3.0, 9.0]]);
    let outputs = |layer: Layer, params: Vec<f64>| {
        Network::from_params(vec![layer], params).unwrap().outputs(x.view()).to_rows()
    };
    assert_eq!(
        outputs(Layer::Scale { n_units: 3 }, vec![2.0, 3.0, -1.0]),
        [[1.0, -6.0, -2.0], [3.0, 9.0, -9.0]]
    );
    let blend = Layer::Blend { n_units: 3, activation: Activation::Relu };
    assert_eq!(outputs(blend, vec![1.0, 0.25, 3.0]), [[0.5, -1.5, 2.0], [1.5, 3.0, 9.0]]);
    // Level 2 is the third row of the table; 9 is no level.
    let lookup = Layer::Lookup { n_inputs: 3, column: 2, n_levels: 2, n_units: 2 };
    let table = vec![7.0, 8.0, 1.0, 2.0, 3.0, 4.0];
    assert_eq!(outputs(lookup, table), [[0.5, -2.0, 3.0, 4.0], [1.5, 3.0, 7.0, 8.0]]);
    let periodic =
        Layer::Periodic { n_inputs: 3, n_numbers: 1, n_frequencies: 2, n_outputs: 1, deviation: 0.1 };
    let (w, b, weights, c) = ([0.3, -1.2], [0.4, 2.5], [0.7, -0.2], 0.1);
    let params = [&w[..], &b, &weights, &[c]].concat();
    for (row, found) in outputs(periodic, params).iter().enumerate() {
        let x = x.row(row);
        let wave = |i: usize| (std::f64::consts::TAU * x[0] * w[i] + b[i]).cos() * weights[i];
        let expected = [wave(0) + wave(1) + c, x[0], x[1], x[2]];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{found} instead of {expected}");
        }
    }
}

#[test]
fn sizes_that_cannot_be_meant() {
    let refused = |layer: Layer, part: &str| {
        let error = check_layers(&[layer]).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    let most = usize::MAX;
    refused(
        Layer::Periodic { n_inputs: 2, n_numbers: 3, n_frequencies: 1, n_outputs: 1, deviation: 0.1 },
        "3 numbers of 2",
    );
    refused(
        Layer::Periodic { n_inputs: 3, n_numbers: 3, n_frequencies: most, n_outputs: most, deviation: 0.1 },
        "more than",
    );
    refused(
        Layer::Periodic { n_inputs: most, n_numbers: 3, n_frequencies: 0, n_outputs: 1, deviation: 0.1 },
        "at least one",
    );
    refused(Layer::Lookup { n_inputs: 3, column: 3, n_levels: 1, n_units: 1 }, "column 3 of 3");
    refused(Layer::Lookup { n_inputs: 3, column: 0, n_levels: most, n_units: most }, "more than");
    refused(Layer::Scale { n_units: most }, "more than");
}
