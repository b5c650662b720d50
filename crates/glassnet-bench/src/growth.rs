//! One training of any size, its time and its memory; and the figure of many.

use crate::clock::{Timed, median_of};
use glassnet::activation::Activation;
use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::optimizer::OptimizerConfig;
use glassnet::train_config::{BatchSize, TrainConfig};
use glassnet::trainer::Trainer;
use glassnet_draw::Theme;
use glassnet_draw::plot::{Mark, Plot, Stroke};
use glassnet_draw::scale::Scale;
use std::sync::Arc;

const N_INPUTS: usize = 20;
const BATCH_SIZE: usize = 64;
/// Short trainings are repeated for about so many seconds.
const LEAST_SECONDS: f64 = 0.2;

/// A training of relu layers of one width, one output, Adam, `f32`, 64 rows a step.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) width: usize,
    /// Hidden layers.
    pub(crate) depth: usize,
    pub(crate) epochs: usize,
}

/// What a training took.
pub(crate) struct Grown {
    pub(crate) time: Timed,
    pub(crate) n_parameters: usize,
    /// The most memory that the process has had; none where the system does not tell.
    pub(crate) peak_bytes: Option<f64>,
}

impl Size {
    /// Trains; memory is that of the first training.
    pub(crate) fn run(self) -> Grown {
        let mut generator = Generator::new(0);
        let values = (0..self.rows * N_INPUTS).map(|_| (generator.uniform() - 0.5) as f32).collect();
        let x = Matrix::from_values(self.rows, N_INPUTS, values);
        let sums = (0..self.rows).map(|row| x.row(row).iter().sum()).collect();
        let targets = Targets::Values(Matrix::from_values(self.rows, 1, sums));
        let dataset = Arc::new(Dataset::new(x, targets).expect("finite rows"));
        let first = median_of(1, || self.train(&dataset));
        let peak_bytes = peak_bytes();
        let n_runs = (LEAST_SECONDS / first.seconds.max(1e-6)).clamp(1.0, 99.0) as usize;
        let time = if n_runs == 1 { first } else { median_of(n_runs, || self.train(&dataset)) };
        let n_parameters =
            self.layers().iter().map(|&(n_inputs, n_outputs)| n_inputs * n_outputs + n_outputs).sum();
        Grown { time, n_parameters, peak_bytes }
    }

    /// Inputs and outputs of each layer.
    fn layers(self) -> Vec<(usize, usize)> {
        let mut sizes = vec![N_INPUTS];
        sizes.extend(vec![self.width; self.depth]);
        sizes.push(1);
        sizes.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    fn train(self, dataset: &Arc<Dataset<f32>>) -> f64 {
        let layer = |(i, &(n_inputs, n_outputs)): (usize, &(usize, usize))| {
            let activation = if i == self.depth { Activation::Identity } else { Activation::Relu };
            Layer::Dense { n_inputs, n_outputs, bias: true, activation }
        };
        let layers = self.layers().iter().enumerate().map(layer).collect();
        let mut generator = Generator::new(1);
        let network =
            Network::initialised(layers, Initialiser::HeNormal, &mut generator).expect("layers that fit");
        let config = TrainConfig {
            optimizer: OptimizerConfig::ADAM,
            learning_rate: 1e-5,
            batch_size: BatchSize::Rows(BATCH_SIZE),
            epochs: self.epochs,
            patience: None,
            ..TrainConfig::default()
        };
        let config = config.check().expect("numbers in their domains");
        let mut trainer =
            Trainer::new(network, Objective::SquaredError, config, Arc::clone(dataset), None, generator)
                .expect("rows that fit");
        trainer.epochs(usize::MAX).map_or(f64::NAN, |report| report.training_loss)
    }
}

/// Linux calls it `VmHWM`.
fn peak_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

/// The figure of `[{"name": …, "points": [[times the least size, seconds], …]}, …]`.
pub(crate) fn figure(series: &serde_json::Value) -> Option<String> {
    let strokes = [Stroke::Solid, Stroke::Dashed];
    let mut marks = Vec::new();
    for (i, one) in series.as_array()?.iter().enumerate() {
        let point = |pair: &serde_json::Value| Some((pair[0].as_f64()?.log10(), pair[1].as_f64()?));
        let points = one["points"].as_array()?.iter().map(point).collect::<Option<Vec<_>>>()?;
        marks.push(Mark::Line { name: one["name"].as_str()?.into(), points, stroke: strokes[i % 2] });
    }
    let plot = Plot {
        title: "Seconds of training as the work grows".into(),
        x_label: "size ÷ least size, as a power of ten".into(),
        y_label: "seconds".into(),
        y_scale: Scale::Log,
        marks,
        ..Plot::default()
    };
    Some(plot.draw().svg(Theme::Reader) + "\n")
}
