//! What a model says, and how good it is.

use crate::generator::Generator;
use crate::matrix::Matrix;
use crate::metrics::{self, Metric, MetricName, Metrics};
use crate::objective::Objective;
use crate::target::Truth;
use serde::{Deserialize, Serialize};

/// Metrics beside the baselines' on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows.
    pub n_rows: usize,
    /// Whether they count by a column of weights.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_weighted: bool,
    /// The network's.
    pub metrics: Metrics,
    /// Of the constant prediction: `majority` of classes, `mean` of numbers.
    pub constant: Metrics,
    /// Of the linear model.
    pub linear: Metrics,
    /// Of each target alone, where several are predicted together: the metrics above are then their means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetMetrics>,
}

impl Evaluation {
    /// The metric to show where there is room for one: the first, and of several targets R², which has no unit.
    pub fn headline(&self) -> Option<(MetricName, Metric)> {
        let is_shown = |&(name, _): &(MetricName, _)| self.targets.is_empty() || name == MetricName::R2;
        self.metrics.iter().find(is_shown)
    }
}

/// Metrics of one of several targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetMetrics {
    /// Its name.
    pub target: String,
    /// The network's.
    pub metrics: Metrics,
    /// Of the constant prediction.
    pub constant: Metrics,
    /// Of the linear model.
    pub linear: Metrics,
}

/// Predictions for some rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction {
    /// Probability of each class. Shape (`n_rows`, `n_classes`).
    Probabilities(Matrix<f32>),
    /// A number for each target, in its own unit. Shape (`n_rows`, `n_targets`).
    Numbers(Matrix<f64>),
    /// A quantile for each level, rising, in the target's own unit. Shape (`n_rows`, `n_levels`).
    Quantiles(Matrix<f64>),
}

impl TargetMetrics {
    pub(crate) fn of(
        name: &str,
        k: usize,
        predictions: [&Prediction; 3],
        truth: &Matrix<f64>,
        weights: Option<&[f64]>,
    ) -> Self {
        let column = |matrix: &Matrix<f64>| (0..matrix.n_rows()).map(|row| matrix.row(row)[k]).collect();
        let truth: Vec<f64> = column(truth);
        let [metrics, constant, linear] = predictions.map(|prediction| match prediction {
            Prediction::Numbers(numbers) => {
                metrics::regression(&column(numbers), &truth, weights, &mut Generator::new(0))
            }
            _ => unreachable!("several targets are numbers"),
        });
        Self { target: name.to_owned(), metrics, constant, linear }
    }
}

/// Every metric of such predictions. The same rows are drawn for every predictor, so that their intervals can be compared.
pub(crate) fn measure(
    objective: Objective,
    prediction: &Prediction,
    truth: &Truth,
    weights: Option<&[f64]>,
) -> Metrics {
    let generator = &mut Generator::new(0);
    match (prediction, truth, objective) {
        (Prediction::Probabilities(probabilities), Truth::Classes(classes), _) => {
            metrics::classification(probabilities.view(), classes, weights, generator)
        }
        (Prediction::Numbers(predicted), Truth::Numbers(truth), Objective::Poisson) => {
            metrics::counts(predicted.values(), truth.values(), weights, generator)
        }
        (Prediction::Numbers(predicted), Truth::Numbers(truth), _) => {
            metrics::regressions(predicted.view(), truth.view(), weights, generator)
        }
        (Prediction::Quantiles(predicted), Truth::Numbers(truth), Objective::Quantile(levels)) => {
            metrics::quantiles(predicted.view(), levels.as_slice(), truth.values(), weights, generator)
        }
        _ => unreachable!("target and objective give all"),
    }
}
