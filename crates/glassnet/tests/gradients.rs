//! Every gradient against central differences in `f64`: activation × objective × outputs × depth, with and without
//! biases and row weights.

use glassnet::activation::Activation;
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::{Objective, TargetsRef};
use glassnet::quantiles::QuantileLevels;

const N_ROWS: usize = 5;
const N_INPUTS: usize = 3;

struct Case {
    network: Network<f64>,
    objective: Objective,
    x: Matrix<f64>,
    targets: Matrix<f64>,
    classes: Option<Vec<u32>>,
    weights: Option<Vec<f64>>,
}

impl Case {
    fn targets(&self) -> TargetsRef<'_, f64> {
        self.classes.as_ref().map_or(TargetsRef::Values(self.targets.view()), |c| TargetsRef::Classes(c))
    }

    fn loss(&self, network: &Network<f64>) -> f64 {
        let outputs = network.outputs(self.x.view());
        self.objective.loss(outputs.view(), self.targets(), self.weights.as_deref()) / N_ROWS as f64
    }

    fn gradient(&self) -> Vec<f64> {
        let mut cache = Cache::default();
        self.network.forward(self.x.view(), Mode::Evaluation, &mut cache);
        let (outputs, d_outputs) = cache.outputs_and_gradient();
        let scale = 1.0 / N_ROWS as f64;
        let weights = self.weights.as_deref();
        self.objective.loss_and_gradient(outputs, self.targets(), weights, scale, d_outputs);
        let mut d_params = vec![f64::NAN; self.network.params().len()];
        self.network.backward(self.x.view(), &mut cache, &mut d_params);
        d_params
    }

    /// Largest difference from central differences, as a share of the largest of the gradient.
    fn check(&self, name: &str) {
        let gradient = self.gradient();
        let mut network = self.network.clone();
        let size = gradient.iter().fold(0.0_f64, |largest, d| largest.max(d.abs()));
        // One output has softmax 1 whatever its logit: the only gradient that is rightly zero.
        let is_always_sure = self.objective == Objective::CrossEntropy && network.n_outputs() == 1;
        assert_eq!(size == 0.0, is_always_sure, "{name}: size of the gradient {size}");
        for (i, &d) in gradient.iter().enumerate() {
            const STEP: f64 = 1e-5;
            let param = self.network.params()[i];
            network.params_mut()[i] = param + STEP;
            let above = self.loss(&network);
            network.params_mut()[i] = param - STEP;
            let below = self.loss(&network);
            network.params_mut()[i] = param;
            let difference = (above - below) / (2.0 * STEP);
            let error = (difference - d).abs();
            assert!(error <= 2e-8 * size.max(0.1), "{name}: parameter {i}: {d} is {difference}");
        }
    }
}

fn layers(depth: usize, n_outputs: usize, bias: bool, hidden: Activation, last: Activation) -> Vec<Layer> {
    let widths = [N_INPUTS, 4, 3, 5];
    let mut layers = Vec::new();
    for i in 0..depth {
        let (n_inputs, n_outputs) = (widths[i], widths[i + 1]);
        layers.push(Layer::Dense { n_inputs, n_outputs, bias, activation: hidden });
    }
    layers.push(Layer::Dense { n_inputs: widths[depth], n_outputs, bias, activation: last });
    layers
}

/// A network whose first output is not 0 for the first row, so that a relu there has a gradient.
fn alive(layers: &[Layer], x: &Matrix<f64>, generator: &mut Generator) -> Network<f64> {
    loop {
        let start = Initialiser::Normal { standard_deviation: 0.7 };
        let mut network = Network::initialised(layers.to_vec(), start, generator).unwrap();
        // Biases away from 0, so that no unit sits on a corner of its activation.
        network.params_mut().iter_mut().for_each(|param| *param += 0.3 * generator.normal());
        if network.outputs(x.view()).row(0)[0] != 0.0 {
            return network;
        }
    }
}

fn cases(objective: Objective, hidden: Activation, last: Activation, n_outputs: usize, depth: usize) {
    let mut generator = Generator::new(depth as u64 * 10 + n_outputs as u64);
    for (bias, weighted) in [(true, false), (true, true), (false, false)] {
        let mut draw = |n_columns: usize, scale: f64| {
            let values = (0..N_ROWS * n_columns).map(|_| scale * generator.uniform()).collect();
            Matrix::from_values(N_ROWS, n_columns, values)
        };
        // Quantiles are of one target.
        let n_targets = if matches!(objective, Objective::Quantile(_)) { 1 } else { n_outputs };
        let (mut x, targets) = (draw(N_INPUTS, 2.0), draw(n_targets, 1.0));
        // Rows of unlike scale and sign.
        for row in 0..N_ROWS {
            let factor = [1.0, -0.5, 3.0, 0.01, -1.0][row];
            x.row_mut(row).iter_mut().for_each(|x| *x *= factor);
        }
        let network = alive(&layers(depth, n_outputs, bias, hidden, last), &x, &mut generator);
        let weights = weighted.then(|| vec![0.5, 2.0, 0.0, 1.5, 1.0]);
        let name = format!("{hidden} {} {last} {n_outputs} outputs, depth {depth}", objective.name());
        let mut case = Case { network, objective, x, targets, classes: None, weights };
        case.check(&name);
        if objective == Objective::CrossEntropy && n_outputs > 1
            || objective == Objective::BinaryCrossEntropy && n_outputs == 1
        {
            let n_classes = n_outputs.max(2) as u32;
            case.classes = Some((0..N_ROWS as u32).map(|row| (row * 2 + 1) % n_classes).collect());
            case.check(&format!("{name}, classes"));
        }
    }
}

#[test]
fn every_activation_objective_number_of_outputs_and_depth() {
    let levels = |n_outputs: usize| &[0.1, 0.25, 0.5, 0.6, 0.95][..n_outputs];
    let objectives: [fn(&[f64]) -> Objective; 5] = [
        |_| Objective::SquaredError,
        |_| Objective::BinaryCrossEntropy,
        |_| Objective::CrossEntropy,
        |_| Objective::Poisson,
        |levels| Objective::Quantile(QuantileLevels::new(levels).unwrap()),
    ];
    for objective in objectives {
        for activation in Activation::ALL {
            for n_outputs in [1, 2, 5] {
                for depth in 0..=3 {
                    let objective = objective(levels(n_outputs));
                    cases(objective, activation, Activation::Identity, n_outputs, depth);
                }
            }
        }
    }
}

#[test]
fn squared_error_behind_every_output_activation() {
    for last in Activation::ALL {
        for n_outputs in [1, 2, 5] {
            for depth in 0..=3 {
                cases(Objective::SquaredError, Activation::Tanh, last, n_outputs, depth);
            }
        }
    }
}

/// With the same draws, the masked network is a fixed function: its gradient is checked like any other.
#[test]
fn dropout_passes_the_gradient_of_what_it_kept() {
    let dense =
        |n_inputs, n_outputs, activation| Layer::Dense { n_inputs, n_outputs, bias: true, activation };
    let layers = vec![
        dense(3, 8, Activation::Tanh),
        Layer::Dropout { n_units: 8, rate: 0.4 },
        dense(8, 2, Activation::Identity),
    ];
    let start = Initialiser::GlorotUniform;
    let mut network = Network::<f64>::initialised(layers, start, &mut Generator::new(5)).unwrap();
    let x = Matrix::from_rows(&[[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]]);
    let targets = Matrix::from_rows(&[[1.0, 0.0], [0.25, 0.5]]);
    let loss = |network: &Network<f64>, cache: &mut Cache<f64>| {
        network.forward(x.view(), Mode::Training(&mut Generator::new(77)), cache);
        let (outputs, d_outputs) = cache.outputs_and_gradient();
        let targets = TargetsRef::Values(targets.view());
        Objective::SquaredError.loss_and_gradient(outputs, targets, None, 1.0, d_outputs)
    };
    let mut cache = Cache::default();
    loss(&network, &mut cache);
    assert!(cache.a(1).values().contains(&0.0), "nothing was dropped");
    let mut d_params = vec![0.0; network.params().len()];
    network.backward(x.view(), &mut cache, &mut d_params);
    for (i, &d) in d_params.iter().enumerate() {
        let param = network.params()[i];
        network.params_mut()[i] = param + 1e-5;
        let above = loss(&network, &mut cache);
        network.params_mut()[i] = param - 1e-5;
        let below = loss(&network, &mut cache);
        network.params_mut()[i] = param;
        let difference = (above - below) / 2e-5;
        assert!((difference - d).abs() < 1e-8, "parameter {i}: {d} is {difference}");
    }
}

#[test]
fn a_pass_that_keeps_no_z_has_the_same_bits() {
    let mut generator = Generator::new(5);
    let values = (0..9 * 3).map(|_| generator.normal()).collect();
    let x = Matrix::from_values(9, 3, values);
    let targets = Matrix::from_values(9, 2, (0..18).map(|_| generator.normal()).collect());
    // One cache, whose z are there or not in turn.
    let mut cache = Cache::default();
    for (hidden, bias) in Activation::ALL.into_iter().flat_map(|hidden| [(hidden, true), (hidden, false)]) {
        let network = alive(&layers(2, 2, bias, hidden, Activation::Identity), &x, &mut generator);
        let mut results = Vec::new();
        for is_kept in [true, false] {
            let unused = &mut Generator::new(0);
            let mode =
                if is_kept { Mode::Evaluation } else { Mode::Scheduled { dropout: 1.0, generator: unused } };
            network.forward(x.view(), mode, &mut cache);
            let (outputs, d) = cache.outputs_and_gradient();
            let target = TargetsRef::Values(targets.view());
            let loss = Objective::SquaredError.loss_and_gradient(outputs, target, None, 1.0, d);
            let mut d_params = vec![0.0; network.params().len()];
            network.backward(x.view(), &mut cache, &mut d_params);
            d_params.push(loss);
            results.push(d_params.into_iter().map(f64::to_bits).collect::<Vec<_>>());
        }
        assert_eq!(results[0], results[1], "{hidden:?}, biases: {bias}");
    }
}
