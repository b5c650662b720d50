//! The layers of a network.

use super::columns::whole;
use super::graph::Graph;
use super::messages::AttributeProto;
use glassnet::activation::Activation;
use glassnet::layer::Layer;
use glassnet::network::Network;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// The outputs for these encoded inputs.
pub(super) fn outputs(graph: &mut Graph, network: &Network<f32>, inputs: &str) -> String {
    let mut value = inputs.to_owned();
    let mut blocks = network.blocks().into_iter();
    let mut constant = |graph: &mut Graph, shape: &[usize]| {
        let block = blocks.next().expect("a block of parameters");
        graph.floats(shape, network.params()[block.range].iter().copied())
    };
    for &layer in network.layers() {
        let x = value;
        value = match layer {
            Layer::Dropout { .. } | Layer::Noise { .. } => x,
            Layer::Dense { n_inputs, n_outputs, bias, activation } => {
                let weight = constant(graph, &[n_inputs, n_outputs]);
                let z = if bias {
                    let bias = constant(graph, &[n_outputs]);
                    graph.of("Gemm", &[&x, &weight, &bias])
                } else {
                    graph.of("MatMul", &[&x, &weight])
                };
                activated(graph, activation, z)
            }
            Layer::Scale { n_units } => {
                let scale = constant(graph, &[1, n_units]);
                graph.of("Mul", &[&x, &scale])
            }
            Layer::Blend { n_units, activation } => {
                let slope = constant(graph, &[1, n_units]);
                let bent = activated(graph, activation, x.clone());
                let difference = graph.of("Sub", &[&bent, &x]);
                let step = graph.of("Mul", &[&slope, &difference]);
                graph.of("Add", &[&x, &step])
            }
            Layer::Lookup { n_inputs, column, n_levels, n_units } => {
                let table = constant(graph, &[n_levels + 1, n_units]);
                let axis = graph.longs(&[1]);
                let code = graph.columns(&x, column, column + 1);
                let code = graph.of("Squeeze", &[&code, &axis]);
                let code = whole(graph, &code);
                let found = graph.node("Gather", &[&table, &code], &[AttributeProto::int("axis", 0)]);
                let mut all = Vec::new();
                if column > 0 {
                    all.push(graph.columns(&x, 0, column));
                }
                all.push(found);
                if column + 1 < n_inputs {
                    all.push(graph.columns(&x, column + 1, n_inputs));
                }
                graph.beside(&all)
            }
            Layer::Periodic { n_inputs, n_numbers, n_frequencies, n_outputs, .. } => {
                let frequency = constant(graph, &[1, n_numbers, n_frequencies]);
                let phase = constant(graph, &[1, n_numbers, n_frequencies]);
                let weight = constant(graph, &[n_numbers, n_frequencies, n_outputs]);
                let bias = constant(graph, &[n_numbers, 1, n_outputs]);
                // (rows, numbers, 1), and the waves of each number: (rows, numbers, frequencies).
                let axis = graph.longs(&[2]);
                let numbers = graph.columns(&x, 0, n_numbers);
                let numbers = graph.of("Unsqueeze", &[&numbers, &axis]);
                let turns = graph.of("Mul", &[&numbers, &frequency]);
                let angle = graph.with("Mul", &turns, TAU);
                let angle = graph.of("Add", &[&angle, &phase]);
                let waves = graph.of("Cos", &[&angle]);
                // A product for each number, then its rows in front again.
                let by_number = AttributeProto::ints("perm", [1, 0, 2]);
                let waves = graph.node("Transpose", &[&waves], std::slice::from_ref(&by_number));
                let sums = graph.of("MatMul", &[&waves, &weight]);
                let sums = graph.of("Add", &[&sums, &bias]);
                let sums = graph.node("Transpose", &[&sums], &[by_number]);
                let both = graph.node("Concat", &[&sums, &numbers], &[AttributeProto::int("axis", 2)]);
                let shape = graph.longs(&[-1, (n_numbers * (n_outputs + 1)) as i64]);
                let mut all = vec![graph.of("Reshape", &[&both, &shape])];
                if n_numbers < n_inputs {
                    all.push(graph.columns(&x, n_numbers, n_inputs));
                }
                graph.beside(&all)
            }
        };
    }
    value
}

/// f(z). The constants of the operators that have some are, where nothing is said, those of the activations here.
fn activated(graph: &mut Graph, activation: Activation, z: String) -> String {
    match activation {
        Activation::Identity => z,
        Activation::Sigmoid => graph.of("Sigmoid", &[&z]),
        Activation::Tanh => graph.of("Tanh", &[&z]),
        Activation::Relu => graph.of("Relu", &[&z]),
        Activation::LeakyRelu => graph.of("LeakyRelu", &[&z]),
        Activation::Elu => graph.of("Elu", &[&z]),
        Activation::Selu => graph.of("Selu", &[&z]),
        Activation::Softplus => graph.of("Softplus", &[&z]),
        Activation::Gelu => {
            let scaled = graph.with("Mul", &z, FRAC_1_SQRT_2);
            let erf = graph.of("Erf", &[&scaled]);
            let sum = graph.with("Add", &erf, 1.0);
            let half = graph.with("Mul", &z, 0.5);
            graph.of("Mul", &[&half, &sum])
        }
        Activation::Mish => {
            let softplus = graph.of("Softplus", &[&z]);
            let tanh = graph.of("Tanh", &[&softplus]);
            graph.of("Mul", &[&z, &tanh])
        }
    }
}
