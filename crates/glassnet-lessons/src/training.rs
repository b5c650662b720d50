//! A training as facts: weights, outputs, pulls, losses.
//!
//! The loss is the mean over rows of the squared error; the library's squared error is half of that.

use crate::experiment::{HandSet, Printed, Rows, Training};
use crate::facts::Facts;
use glassnet::activation::sigmoid_slope_from_output;
use glassnet::matrix::{Matrix, MatrixRef};
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::{Objective, TargetsRef};
use glassnet::trace::row_gradients;
use serde_json::json;

/// What was kept of a training.
#[derive(Debug)]
pub(crate) struct Trained {
    /// Before the first epoch.
    pub(crate) start: Network<f64>,
    /// After the last one.
    pub(crate) network: Network<f64>,
    /// After each epoch.
    pub(crate) losses: Vec<f64>,
    /// The weights before the first epoch and after each, of a network of one layer.
    pub(crate) paths: Rows,
}

/// What is known before the first epoch.
pub(crate) fn facts_at_start(training: &Training, network: &Network<f64>, facts: &mut Facts) {
    facts.set("inputs", &training.inputs);
    facts.set("targets", &training.targets);
    facts.set("epochs", training.epochs);
    facts.set("seed", training.seed);
    facts.set("learning_rate", training.learning_rate);
    facts.set("ask", &training.ask);
    facts.set("n_further_seeds", training.further_seeds.len());
    facts.set("shown_epochs", training.shown_epochs.unwrap_or(training.epochs).min(training.epochs));
    let seen = training.seen(&training.inputs);
    if let Some(HandSet { weights, .. }) = &training.hand_set {
        facts.set("in_between_weights", weights);
        facts.set("in_between", seen.to_rows());
    }
    set_weights(facts, "initial_", network);
    facts.set("initial_loss", mean_squared_error(&network.outputs(seen.view()), &training.targets));
    if network.layers().len() == 1 {
        let pulls = pulls(network, &seen, &training.targets);
        facts.set("pull_sums_at_start", sums(&pulls));
        facts.set("pulls_at_start", pulls);
    }
}

/// What is known after the last epoch.
pub(crate) fn facts_at_end(training: &Training, trained: &Trained, facts: &mut Facts) {
    let network = &trained.network;
    let seen = training.seen(&training.inputs);
    let outputs = network.outputs(seen.view());
    let of_target = |target: f64| {
        let rows = training.targets.iter().zip(outputs.values());
        rows.filter(move |(row, _)| row[0] == target).map(|(_, &output)| output)
    };
    let slopes: Vec<f64> = outputs.values().iter().map(|&output| sigmoid_slope_from_output(output)).collect();
    set_weights(facts, "", network);
    facts.set("outputs", outputs.to_rows());
    facts.set("loss", mean_squared_error(&outputs, &training.targets));
    facts.set("loss_history", &trained.losses);
    facts.set("least_output_of_one", of_target(1.0).fold(f64::INFINITY, f64::min));
    facts.set("greatest_output_of_zero", of_target(0.0).fold(f64::NEG_INFINITY, f64::max));
    facts.set("least_slope", slopes.iter().copied().fold(f64::INFINITY, f64::min));
    facts.set("slopes", slopes);
    facts.set("largest_weight", largest(network.params()));
    let answers: Vec<f64> = network.outputs(training.seen(&training.ask).view()).values().to_vec();
    facts.set("prediction", answers[0]);
    facts.set("predictions", answers);
    if let [layer] = network.layers() {
        let pulls = pulls(network, &seen, &training.targets);
        let of_rows = pulls.iter().map(|row| largest(row));
        facts.set("least_row_pull", of_rows.fold(f64::INFINITY, f64::min));
        facts.set("largest_adjustment", training.learning_rate * largest(&sums(&pulls)));
        facts.set("pull_sums", sums(&pulls));
        facts.set("pulls", pulls);
        facts.set("weight_paths", &trained.paths);
        facts.set(
            "peaks",
            (0..layer.n_weights()).map(|weight| peak(&trained.paths, weight)).collect::<Vec<_>>(),
        );
        let moved = network.params().iter().zip(trained.start.params()).map(|(end, start)| end - start);
        facts.set("change", moved.collect::<Vec<_>>());
    } else {
        facts.set("hidden", hidden(network, seen.view()));
    }
    if let Some(Printed { hidden, outputs }) = &training.printed {
        let loss = mean_squared_error(&Matrix::from_rows(outputs), &training.targets);
        let output_layer = network.layers().len() - 1;
        let layers = vec![network.layers()[output_layer]];
        let weights = network.weight(output_layer).values().to_vec();
        let output_layer = Network::from_params(layers, weights).expect("the last layer's weights");
        let again = output_layer.outputs(Matrix::from_rows(hidden).view()).to_rows();
        let printed = json!({"hidden": hidden, "outputs": outputs, "loss": loss, "outputs_again": again});
        facts.set("printed", printed);
    }
}

/// The same training from several seeds, the lesson's own first.
pub(crate) fn facts_of_seeds(training: &Training, all: &[Trained], facts: &mut Facts) {
    let asked = training.seen(&training.ask);
    let answers: Vec<f64> =
        all.iter().map(|trained| trained.network.outputs(asked.view()).values()[0]).collect();
    let losses: Vec<f64> = all.iter().filter_map(|trained| trained.losses.last().copied()).collect();
    let seeds: Vec<u32> = [training.seed].iter().chain(&training.further_seeds).copied().collect();
    let least = answers.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = answers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let greatest_loss = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    facts.set(
        "seeds",
        json!({
            "seed": seeds,
            "loss": losses,
            "prediction": answers,
            "greatest_loss": greatest_loss,
            "least": least,
            "greatest": greatest,
            "spread": greatest - least,
        }),
    );
}

/// The mean over rows of the squared error.
pub(crate) fn mean_squared_error(outputs: &Matrix<f64>, targets: &[Vec<f64>]) -> f64 {
    let errors = outputs.values().iter().zip(targets.iter().flatten());
    errors.map(|(output, target)| (output - target) * (output - target)).sum::<f64>() / targets.len() as f64
}

/// `weights` of a single layer; of more, `weights_0_1` from the inputs to the first, and so on.
fn set_weights(facts: &mut Facts, prefix: &str, network: &Network<f64>) {
    let n_layers = network.layers().len();
    for layer in 0..n_layers {
        let name = if n_layers == 1 {
            format!("{prefix}weights")
        } else {
            format!("{prefix}weights_{layer}_{}", layer + 1)
        };
        facts.set(&name, network.weight(layer).to_rows());
    }
}

/// For each row the step that it alone asks of each weight of a single layer: −∂(½·error²)/∂w = input · error · slope.
fn pulls(network: &Network<f64>, inputs: &Matrix<f64>, targets: &[Vec<f64>]) -> Rows {
    let targets = Matrix::from_rows(targets);
    let targets = TargetsRef::Values(targets.view());
    let gradients = row_gradients(network, Objective::SquaredError, inputs.view(), targets);
    // 0 − d and not −d: an input of 0 pulls with 0, not with −0.
    gradients.to_rows().into_iter().map(|row| row.iter().map(|d| 0.0 - d).collect()).collect()
}

fn hidden(network: &Network<f64>, inputs: MatrixRef<'_, f64>) -> Rows {
    let mut cache = Cache::default();
    network.forward(inputs, Mode::Evaluation, &mut cache);
    cache.a(0).to_rows()
}

fn sums(rows: &[Vec<f64>]) -> Vec<f64> {
    let n_columns = rows.first().map_or(0, Vec::len);
    (0..n_columns).map(|column| rows.iter().map(|row| row[column]).sum()).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// Where a weight was highest.
fn peak(paths: &[Vec<f64>], weight: usize) -> serde_json::Value {
    let heights = paths.iter().map(|weights| weights[weight]).enumerate();
    let (epoch, height) = heights.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, f64::NAN));
    json!({"epoch": epoch, "weight": height})
}
