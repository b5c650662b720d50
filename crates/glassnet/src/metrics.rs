//! How good predictions are, with 95 % intervals. Accuracy has Wilson's, the others come from resampled rows.

use crate::generator::Generator;
use crate::interval::{Estimate, bootstrap, wilson};
use crate::matrix::MatrixRef;
use glassnet_kernels::{Real, exponential};
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
    /// Mean of 2·right / (rows of the class + rows predicted to be of it) over the classes that occur in either.
    F1Macro,
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
    const ALL: [Self; 8] = [
        Self::Accuracy,
        Self::BalancedAccuracy,
        Self::LogLoss,
        Self::F1Macro,
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
            Self::F1Macro => "f1_macro",
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

/// The position of the largest number, the first of equals. A NaN that is not the first number is passed over.
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

/// Accuracy, balanced accuracy, log loss, macro F1, and with two classes the area under the ROC curve.
/// probabilities: (`n_rows`, `n_classes`), `classes`: the true class of each row. Every figure is `None` when there are
/// no rows or a probability is NaN, the area also when only one class occurs.
///
/// # Panics
/// When there is not one class a row, or a class is not a column of `probabilities`.
pub fn classification<R: Real>(
    probabilities: MatrixRef<'_, R>,
    classes: &[u32],
    generator: &mut Generator,
) -> Metrics {
    assert_eq!(probabilities.n_rows(), classes.len(), "a class for each row");
    let (n_rows, n_classes) = (probabilities.n_rows(), probabilities.n_columns());
    let is_defined = n_rows > 0 && !probabilities.values().iter().any(|p| p.to_f64().is_nan());
    let rows = if is_defined { class_rows(probabilities, classes) } else { Vec::new() };
    let mut tallies = vec![Tally::default(); n_classes];
    let [balanced_accuracy, log_loss, f1_macro, roc_auc] =
        bootstrap(rows.len(), generator, |counts| class_figures(&rows, counts, &mut tallies));
    let n_right = rows.iter().filter(|row| row.predicted == row.class).count();
    let accuracy = (n_right as f64 / rows.len() as f64, Some(wilson(n_right, rows.len())));
    let mut metrics = vec![
        (MetricName::Accuracy, accuracy.into()),
        (MetricName::BalancedAccuracy, balanced_accuracy.into()),
        (MetricName::LogLoss, log_loss.into()),
        (MetricName::F1Macro, f1_macro.into()),
    ];
    if n_classes == 2 {
        metrics.push((MetricName::RocAuc, roc_auc.into()));
    }
    Metrics(metrics)
}

/// Root mean squared error, mean absolute error and R². Each is `None` when there are no rows or it is not finite.
///
/// # Panics
/// When there is not one prediction a row.
pub fn regression(predicted: &[f64], truth: &[f64], generator: &mut Generator) -> Metrics {
    assert_eq!(predicted.len(), truth.len(), "a prediction for each row");
    let estimates = bootstrap(truth.len(), generator, |counts| value_figures(predicted, truth, counts));
    let names = [MetricName::Rmse, MetricName::Mae, MetricName::R2];
    Metrics(names.into_iter().zip(estimates.map(Metric::from)).collect())
}

impl From<Estimate> for Metric {
    fn from((value, interval): Estimate) -> Self {
        let (low, high) = interval.filter(|_| value.is_finite()).unzip();
        Self { value: Some(value).filter(|value| value.is_finite()), low, high }
    }
}

/// `[rmse, mae, r2]` of the rows, each counted as often as `counts` says.
fn value_figures(predicted: &[f64], truth: &[f64], counts: &[u32]) -> [f64; 3] {
    let (mut n, mut sum, mut squares, mut absolutes) = (0.0, 0.0, 0.0, 0.0);
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    let rows = || counts.iter().zip(truth).zip(predicted).filter(|&((&count, _), _)| count > 0);
    for ((&count, &truth), &predicted) in rows() {
        let (count, error) = (f64::from(count), predicted - truth);
        n += count;
        sum += count * truth;
        squares += count * error * error;
        absolutes += count * error.abs();
        (least, most) = (least.min(truth), most.max(truth));
    }
    let mean = sum / n;
    let spread: f64 =
        rows().map(|((&count, &truth), _)| f64::from(count) * (truth - mean) * (truth - mean)).sum();
    // The rounded mean of equal numbers may differ from them, and their spread from 0.
    let r2 = if least < most { 1.0 - squares / spread } else { f64::NAN };
    [(squares / n).sqrt(), absolutes / n, r2]
}

/// What a row contributes, computed once for all samples.
struct ClassRow {
    class: u32,
    predicted: u32,
    loss: f64,
    /// Whether the next row has another probability of the second class.
    ends_tie: bool,
}

/// The rows, by rising probability of the second class where there are two.
fn class_rows<R: Real>(probabilities: MatrixRef<'_, R>, classes: &[u32]) -> Vec<ClassRow> {
    let mut order: Vec<usize> = (0..classes.len()).collect();
    let score = |row: usize| probabilities.row(row)[1].to_f64();
    let has_scores = probabilities.n_columns() == 2;
    if has_scores {
        order.sort_by(|&a, &b| score(a).total_cmp(&score(b)));
    }
    let class_row = |(place, &row): (usize, &usize)| {
        let (class, probabilities) = (classes[row], probabilities.row(row));
        ClassRow {
            class,
            predicted: most_probable(probabilities) as u32,
            loss: -exponential::ln(probabilities[class as usize].to_f64().max(f64::EPSILON)),
            ends_tie: has_scores && order.get(place + 1).is_none_or(|&next| score(next) != score(row)),
        }
    };
    order.iter().enumerate().map(class_row).collect()
}

/// Counts of rows of one class.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    occurring: f64,
    predicted: f64,
    right: f64,
}

/// `[balanced accuracy, log loss, macro F1, area under the ROC curve]` of the rows, each counted as often as `counts`
/// says. The area is Mann and Whitney's U over the number of pairs.
fn class_figures(rows: &[ClassRow], counts: &[u32], tallies: &mut [Tally]) -> [f64; 4] {
    tallies.fill(Tally::default());
    let (mut n, mut loss, mut won) = (0.0, 0.0, 0.0);
    let (mut firsts, mut seconds) = (0.0, 0.0);
    let (mut firsts_before, mut seconds_before) = (0.0, 0.0); // the current tie
    for (row, &count) in rows.iter().zip(counts) {
        let count = f64::from(count);
        n += count;
        loss += count * row.loss;
        tallies[row.class as usize].occurring += count;
        tallies[row.predicted as usize].predicted += count;
        if row.class == row.predicted {
            tallies[row.class as usize].right += count;
        }
        if row.class == 0 {
            firsts += count;
        } else {
            seconds += count;
        }
        if row.ends_tie {
            won += (seconds - seconds_before) * 0.5 * (firsts + firsts_before);
            (firsts_before, seconds_before) = (firsts, seconds);
        }
    }
    let recalls = tallies.iter().filter(|t| t.occurring > 0.0).map(|t| t.right / t.occurring);
    let f1s = tallies.iter().map(|t| (2.0 * t.right, t.occurring + t.predicted));
    let f1s = f1s.filter(|&(_, rows)| rows > 0.0).map(|(right, rows)| right / rows);
    [mean(recalls), loss / n, mean(f1s), won / (firsts * seconds)]
}

/// NaN of nothing.
fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = numbers.fold((0.0, 0.0), |(n, sum), number| (n + 1.0, sum + number));
    sum / n
}
