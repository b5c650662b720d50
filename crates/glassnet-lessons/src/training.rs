//! One network trained as a lesson asks, and every number that the lessons show of it.

use crate::lesson::{GeneratorName, Training};
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::{Cache, Mode, Network};
use glassnet::objective::Objective;
use glassnet::train_config::{TrainConfig, TrainingLoss};
use glassnet::trainer::Trainer;
use serde_json::{Map, Value, json};

/// A training under way.
#[derive(Debug)]
pub struct TrainingRun {
    plan: Training,
    trainer: Trainer<f64>,
    initial: Network<f64>,
    /// The mean squared error after each epoch.
    pub losses: Vec<f64>,
    /// Where each weight went furthest; the weights of the first layer, epoch by epoch.
    paths: Vec<Vec<f64>>,
}

impl TrainingRun {
    /// Starts from a seed.
    ///
    /// # Panics
    /// When the lesson's file asks for what cannot be; a test runs them all.
    pub fn start(plan: &Training, seed: u32) -> Self {
        let GeneratorName::NumpyLegacy = plan.generator;
        let mut generator = Generator::numpy_legacy(seed);
        let network = Network::initialised(plan.layers.clone(), plan.initialiser, &mut generator)
            .expect("layers that fit together");
        let x = in_between(plan, &plan.inputs);
        let targets = Targets::Values(Matrix::from_rows(&plan.targets));
        let config = TrainConfig {
            optimizer: plan.optimizer,
            learning_rate: plan.learning_rate,
            batch_size: plan.batch_size,
            row_order: plan.row_order,
            reduction: plan.reduction,
            training_loss: TrainingLoss::Evaluated,
            epochs: plan.epochs,
            patience: None,
            ..TrainConfig::default()
        };
        let rows = Dataset { x, targets, weights: None };
        let config = config.check().expect("a training that can be");
        let objective = Objective::SquaredError;
        let trainer = Trainer::new(network.clone(), objective, config, rows.into(), None, generator)
            .expect("rows that fit the network");
        let paths = vec![network.params().to_vec()];
        Self { plan: plan.clone(), trainer, initial: network, losses: Vec::new(), paths }
    }

    /// Trains some epochs; whether there are more.
    pub fn advance(&mut self, n_epochs: usize) -> bool {
        for _ in 0..n_epochs {
            let Some(report) = self.trainer.epoch() else { return false };
            // The library's squared error is half of the mean squared error.
            self.losses.push(2.0 * report.training_loss);
            if self.plan.layers.len() == 1 {
                self.paths.push(self.trainer.network().params().to_vec());
            }
        }
        self.losses.len() < self.plan.epochs
    }

    /// The outputs for some inputs, as the network is now.
    pub fn outputs(&self, inputs: &[Vec<f64>]) -> Matrix<f64> {
        self.trainer.network().outputs(in_between(&self.plan, inputs).view())
    }

    /// The mean squared error, as the network is now.
    pub fn loss(&self) -> f64 {
        let outputs = self.outputs(&self.plan.inputs);
        let errors = outputs.to_rows().concat().into_iter().zip(self.plan.targets.concat());
        let squares: Vec<f64> = errors.map(|(y, t)| (y - t) * (y - t)).collect();
        squares.iter().sum::<f64>() / squares.len() as f64
    }

    /// Every number, by name.
    pub fn numbers(&self) -> Map<String, Value> {
        let network = self.trainer.network();
        let mut numbers = Map::new();
        let mut put = |key: &str, value: Value| numbers.insert(key.to_owned(), value);
        let outputs = self.outputs(&self.plan.inputs).to_rows();
        let is_one = |row: &usize| self.plan.targets[*row][0] > 0.5;
        let (ones, zeros): (Vec<usize>, Vec<usize>) = (0..outputs.len()).partition(is_one);
        put("least_output_of_one", json!(least(ones.iter().map(|&row| outputs[row][0]))));
        put("greatest_output_of_zero", json!(largest(zeros.iter().map(|&row| outputs[row][0]))));
        put("outputs", json!(outputs));
        put("loss", json!(self.loss()));
        put("loss_history", json!(self.losses));
        if !self.plan.ask.is_empty() {
            let predictions = self.outputs(&self.plan.ask).to_rows();
            put("prediction", json!(predictions[0][0]));
            put("predictions", json!(predictions));
        }
        if self.plan.hand_set.is_some() {
            put("in_between", json!(in_between(&self.plan, &self.plan.inputs).to_rows()));
        }
        if self.plan.layers.len() == 1 {
            put("initial_weights", json!(self.initial.weight(0).to_rows()));
            put("weights", json!(network.weight(0).to_rows()));
            self.neuron_numbers(&mut numbers);
        } else {
            for (network, prefix) in [(&self.initial, "initial_weights"), (network, "weights")] {
                for layer in 0..self.plan.layers.len() {
                    let key = format!("{prefix}_{layer}_{}", layer + 1);
                    numbers.insert(key, json!(network.weight(layer).to_rows()));
                }
            }
            let mut cache = Cache::default();
            let x = in_between(&self.plan, &self.plan.inputs);
            network.forward(x.view(), Mode::Evaluation, &mut cache);
            numbers.insert("hidden".into(), json!(cache.a(0).to_rows()));
        }
        numbers
    }

    /// What only a single neuron has: pulls, slopes and the ways of its weights.
    fn neuron_numbers(&self, numbers: &mut Map<String, Value>) {
        let network = self.trainer.network();
        let (slopes, pulls) = pulls_of(&self.plan, network);
        let (_, pulls_at_start) = pulls_of(&self.plan, &self.initial);
        let sums = column_sums(&pulls);
        let params = network.params();
        let change: Vec<f64> = params.iter().zip(self.initial.params()).map(|(a, b)| a - b).collect();
        let peak = |weight: usize| {
            let sizes = self.paths.iter().map(|params| params[weight]);
            sizes.fold(0.0_f64, |peak, value| if value.abs() > peak.abs() { value } else { peak })
        };
        let peaks: Vec<f64> = (0..params.len()).map(peak).collect();
        let row_pull = |row: &Vec<f64>| largest(row.iter().map(|pull| pull.abs()));
        let mut put = |key: &str, value: Value| numbers.insert(key.to_owned(), value);
        put("largest_adjustment", json!(largest(sums.iter().map(|sum| sum.abs()))));
        put("largest_weight", json!(largest(params.iter().map(|weight| weight.abs()))));
        put("least_slope", json!(least(slopes.iter().copied())));
        put("least_row_pull", json!(least(pulls.iter().map(row_pull))));
        put("slopes", json!(slopes));
        put("pulls", json!(pulls));
        put("pull_sums", json!(sums));
        put("pull_sums_at_start", json!(column_sums(&pulls_at_start)));
        put("pulls_at_start", json!(pulls_at_start));
        put("change", json!(change));
        put("peaks", json!(peaks));
    }
}

/// What the layers that train are given: the inputs, or what the layer set by hand makes of them.
fn in_between(plan: &Training, inputs: &[Vec<f64>]) -> Matrix<f64> {
    let x = Matrix::from_rows(inputs);
    let Some(hand_set) = &plan.hand_set else { return x };
    let layer = match hand_set.layer {
        Layer::Dense { n_inputs, n_outputs, activation, .. } => {
            Layer::Dense { n_inputs, n_outputs, bias: false, activation }
        }
        dropout @ Layer::Dropout { .. } => dropout,
    };
    let network = Network::from_params(vec![layer], hand_set.weights.concat()).expect("a layer set by hand");
    network.outputs(x.view())
}

/// Of a single neuron: the slope at each row, and how that row pulls at each weight, x·(t − y)·slope.
fn pulls_of(plan: &Training, network: &Network<f64>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let x = in_between(plan, &plan.inputs);
    let outputs = network.outputs(x.view());
    let slopes: Vec<f64> =
        outputs.values().iter().map(|&y| glassnet::activation::sigmoid_slope_from_output(y)).collect();
    let pull = |row: usize| {
        let delta = (plan.targets[row][0] - outputs.row(row)[0]) * slopes[row];
        x.row(row).iter().map(|x| x * delta).collect()
    };
    let pulls = (0..x.n_rows()).map(pull).collect();
    (slopes, pulls)
}

fn column_sums(rows: &[Vec<f64>]) -> Vec<f64> {
    let n_columns = rows.first().map_or(0, Vec::len);
    (0..n_columns).map(|column| rows.iter().map(|row| row[column]).sum()).collect()
}

fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}
