//! How good predictions are, with 95 % intervals. Accuracy has Wilson's, the others come from resampled rows.

use crate::generator::Generator;
use crate::interval::{percentiles, resamples, wilson};
use crate::matrix::MatrixRef;
use glassnet_kernels::Real;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use std::fmt;

/// A figure and its 95 % interval; `None` where it is not defined.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// On all rows.
    pub value: Option<f64>,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricName {
    /// Share of rows whose most probable class is the true one.
    Accuracy,
    /// Mean over the classes that occur of the share of their rows that is right.
    BalancedAccuracy,
    /// Mean of −ln p, p the probability of the true class, at least 2⁻⁵².
    LogLoss,
    /// Two classes: the probability that a row of the second class is given a higher probability of it than a row of
    /// the first; ties count half.
    RocAuc,
    /// √ of the mean squared error, in the target's unit.
    Rmse,
    /// Mean of |error|, in the target's unit.
    Mae,
    /// 1 − Σ error² / Σ (true − mean)²; not defined when all true values are the same.
    R2,
}

impl MetricName {
    const ALL: [Self; 7] = [
        Self::Accuracy,
        Self::BalancedAccuracy,
        Self::LogLoss,
        Self::RocAuc,
        Self::Rmse,
        Self::Mae,
        Self::R2,
    ];

    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::LogLoss => "log_loss",
            Self::RocAuc => "roc_auc",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::R2 => "r2",
        }
    }

    /// Whether more is better.
    pub fn more_is_better(self) -> bool {
        !matches!(self, Self::LogLoss | Self::Rmse | Self::Mae)
    }
}

impl fmt::Display for MetricName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Metrics in the order in which they are shown. As JSON an object: `{"accuracy": {"value": …, "low": …, "high": …}, …}`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics(Vec<(MetricName, Metric)>);

impl Metrics {
    /// The metric of that name.
    pub fn get(&self, name: MetricName) -> Option<Metric> {
        self.iter().find(|&(other, _)| other == name).map(|(_, metric)| metric)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (MetricName, Metric)> {
        self.0.iter().copied()
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, metric)| (name, metric)))
    }
}

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut metrics = BTreeMap::<String, Metric>::deserialize(deserializer)?;
        let known = MetricName::ALL.into_iter();
        let metrics_in_order =
            known.filter_map(|name| metrics.remove(name.name()).map(|metric| (name, metric))).collect();
        match metrics.into_keys().next() {
            Some(unknown) => Err(de::Error::custom(format!("unknown metric {unknown}"))),
            None => Ok(Self(metrics_in_order)),
        }
    }
}

/// The position of the largest number, the first of equals; 0 where one is NaN.
pub fn most_probable<R: Real>(probabilities: &[R]) -> usize {
    let mut best = 0;
    for (class, &probability) in probabilities.iter().enumerate() {
        if probability > probabilities[best] {
            best = class;
        }
    }
    best
}

/// Counts of rows, true class by predicted class. Shape (`n_classes`, `n_classes`).
///
/// # Panics
/// When a class is not below `n_classes`.
pub fn confusion_matrix(classes: &[u32], predicted: &[u32], n_classes: usize) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; n_classes]; n_classes];
    for (&class, &predicted) in classes.iter().zip(predicted) {
        counts[class as usize][predicted as usize] += 1;
    }
    counts
}

/// Accuracy, balanced accuracy, log loss, and with two classes the area under the ROC curve.
/// probabilities: (`n_rows`, `n_classes`), `classes`: the true class of each row.
///
/// # Panics
/// When there is not one class a row.
pub fn classification<R: Real>(
    probabilities: MatrixRef<'_, R>,
    classes: &[u32],
    generator: &mut Generator,
) -> Metrics {
    assert_eq!(probabilities.n_rows(), classes.len(), "a class for each row");
    let n_classes = probabilities.n_columns();
    let rows = ClassRows::new(probabilities, classes);
    let (mut balanced, mut losses, mut areas) = (Vec::new(), Vec::new(), Vec::new());
    for counts in resamples(classes.len(), generator).take_while(|_| !classes.is_empty()) {
        balanced.push(rows.balanced_accuracy(&counts));
        losses.push(rows.log_loss(&counts));
        areas.push(rows.roc_auc(&counts));
    }
    let once = vec![1; classes.len()];
    let n_right = rows.is_right.iter().filter(|&&right| right).count();
    let (low, high) = wilson(n_right, classes.len());
    let accuracy =
        Metric { value: finite(n_right as f64 / classes.len() as f64), low: finite(low), high: finite(high) };
    let mut metrics = vec![
        (MetricName::Accuracy, accuracy),
        (MetricName::BalancedAccuracy, metric(rows.balanced_accuracy(&once), balanced)),
        (MetricName::LogLoss, metric(rows.log_loss(&once), losses)),
    ];
    if n_classes == 2 {
        metrics.push((MetricName::RocAuc, metric(rows.roc_auc(&once), areas)));
    }
    Metrics(metrics)
}

/// Root mean squared error, mean absolute error and R².
///
/// # Panics
/// When there is not one prediction a row.
pub fn regression(predicted: &[f64], truth: &[f64], generator: &mut Generator) -> Metrics {
    assert_eq!(predicted.len(), truth.len(), "a prediction for each row");
    let figures = |counts: &[u32]| {
        let (mut n, mut sum, mut squares, mut absolutes) = (0.0, 0.0, 0.0, 0.0);
        for ((&count, &truth), &predicted) in counts.iter().zip(truth).zip(predicted) {
            let (count, error) = (f64::from(count), predicted - truth);
            n += count;
            sum += count * truth;
            squares += count * error * error;
            absolutes += count * error.abs();
        }
        let mean = sum / n;
        let spread: f64 =
            counts.iter().zip(truth).map(|(&c, &t)| f64::from(c) * (t - mean) * (t - mean)).sum();
        [(squares / n).sqrt(), absolutes / n, 1.0 - squares / spread]
    };
    let mut resampled = [Vec::new(), Vec::new(), Vec::new()];
    for counts in resamples(truth.len(), generator).take_while(|_| !truth.is_empty()) {
        for (figure, all) in figures(&counts).into_iter().zip(&mut resampled) {
            all.push(figure);
        }
    }
    let values = figures(&vec![1; truth.len()]);
    let names = [MetricName::Rmse, MetricName::Mae, MetricName::R2];
    let each = names.into_iter().zip(values).zip(resampled);
    Metrics(each.map(|((name, value), resampled)| (name, metric(value, resampled))).collect())
}

fn metric(value: f64, resampled: Vec<f64>) -> Metric {
    let (low, high) = percentiles(resampled).unzip();
    let value = finite(value);
    Metric { value, low: low.filter(|_| value.is_some()), high: high.filter(|_| value.is_some()) }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// What each row contributes, computed once for all samples.
struct ClassRows<'a> {
    classes: &'a [u32],
    n_classes: usize,
    is_right: Vec<bool>,
    losses: Vec<f64>,
    /// Rows by their probability of class 1, in runs of equal ones; two classes only.
    runs: Vec<Vec<usize>>,
}

impl<'a> ClassRows<'a> {
    fn new<R: Real>(probabilities: MatrixRef<'_, R>, classes: &'a [u32]) -> Self {
        let n_classes = probabilities.n_columns();
        let row = |row: usize| probabilities.row(row);
        let is_right = classes.iter().enumerate().map(|(i, &class)| most_probable(row(i)) == class as usize);
        let loss = |(i, &class): (usize, &u32)| {
            let probability = row(i)[class as usize].to_f64();
            if probability.is_nan() {
                f64::NAN
            } else {
                -glassnet_kernels::exponential::ln(probability.max(f64::EPSILON))
            }
        };
        let mut runs: Vec<Vec<usize>> = Vec::new();
        if n_classes == 2 {
            let mut order: Vec<usize> = (0..classes.len()).collect();
            order.sort_by(|&a, &b| row(a)[1].to_f64().total_cmp(&row(b)[1].to_f64()));
            for i in order {
                match runs.last_mut() {
                    Some(run) if row(run[0])[1] == row(i)[1] => run.push(i),
                    _ => runs.push(vec![i]),
                }
            }
        }
        let is_right = is_right.collect();
        let losses = classes.iter().enumerate().map(loss).collect();
        Self { classes, n_classes, is_right, losses, runs }
    }

    fn balanced_accuracy(&self, counts: &[u32]) -> f64 {
        let mut rows = vec![(0_u64, 0_u64); self.n_classes];
        for ((&class, &right), &count) in self.classes.iter().zip(&self.is_right).zip(counts) {
            let (n_right, n) = &mut rows[class as usize];
            *n += u64::from(count);
            *n_right += if right { u64::from(count) } else { 0 };
        }
        let shares = rows.iter().filter(|(_, n)| *n > 0).map(|&(n_right, n)| n_right as f64 / n as f64);
        let n_occurring = rows.iter().filter(|(_, n)| *n > 0).count();
        shares.sum::<f64>() / n_occurring as f64
    }

    fn log_loss(&self, counts: &[u32]) -> f64 {
        let (mut n, mut sum) = (0.0, 0.0);
        for (&loss, &count) in self.losses.iter().zip(counts) {
            n += f64::from(count);
            sum += f64::from(count) * loss;
        }
        sum / n
    }

    /// Mann and Whitney's U over the number of pairs; NaN where one class does not occur.
    fn roc_auc(&self, counts: &[u32]) -> f64 {
        let (mut first, mut second, mut won) = (0.0, 0.0, 0.0);
        for run in &self.runs {
            let (mut first_here, mut second_here) = (0.0, 0.0);
            for &row in run {
                let count = f64::from(counts[row]);
                if self.classes[row] == 1 { second_here += count } else { first_here += count }
            }
            won += second_here * (first + 0.5 * first_here);
            first += first_here;
            second += second_here;
        }
        won / (first * second)
    }
}
