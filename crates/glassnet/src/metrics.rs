//! How good predictions are, with 95 % intervals. Accuracy of rows that count alike has Wilson's, the others come from resampled
//! rows. `weights` say how much each row counts, 0 or above; only their ratios matter, and without them all count alike.

use crate::generator::Generator;
use crate::interval::{bootstrap, wilson};
use crate::matrix::MatrixRef;
pub use crate::metric::{Metric, MetricName, Metrics};
use crate::ranking::Ranking;
use glassnet_kernels::{Real, exponential};

/// Bins of [`MetricName::ExpectedCalibrationError`].
const N_BINS: usize = 15;

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

/// Every metric of classes, in the order of [`MetricName::ALL`]; of two classes [`MetricName::F1`], of more
/// [`MetricName::F1Macro`]. probabilities: (`n_rows`, `n_classes`), `classes`: the true class of each row. Every figure is
/// `None` when there are no rows or a probability is NaN.
///
/// # Panics
/// When there is not one class a row, or a class is not a column of `probabilities`.
pub fn classification<R: Real>(
    probabilities: MatrixRef<'_, R>,
    classes: &[u32],
    weights: Option<&[f64]>,
    generator: &mut Generator,
) -> Metrics {
    assert_eq!(probabilities.n_rows(), classes.len(), "a class for each row");
    let (n_rows, n_classes) = (probabilities.n_rows(), probabilities.n_columns());
    let is_defined = n_rows > 0 && !probabilities.values().iter().any(|p| p.to_f64().is_nan());
    let classes = if is_defined { classes } else { &[] };
    let rows: Vec<ClassRow> = classes
        .iter()
        .enumerate()
        .map(|(row, &class)| ClassRow::new(probabilities.row(row), class))
        .collect();
    let mut figures = ClassFigures {
        rankings: rankings(probabilities, classes),
        tallies: vec![Tally::default(); n_classes],
        bins: [(0.0, 0.0); N_BINS],
        rows: &rows,
    };
    let weights = if is_defined { weights } else { None };
    let estimates = bootstrap(rows.len(), weights, generator, |counts| figures.of(counts));
    let n_right = rows.iter().filter(|row| row.predicted == row.class).count();
    let [mut accuracy, estimates @ ..] = estimates;
    if weights.is_none() {
        accuracy = (n_right as f64 / rows.len() as f64, Some(wilson(n_right, rows.len())));
    }
    let names = [
        MetricName::BalancedAccuracy,
        MetricName::LogLoss,
        MetricName::BrierScore,
        MetricName::RocAuc,
        MetricName::AveragePrecision,
        if n_classes == 2 { MetricName::F1 } else { MetricName::F1Macro },
        MetricName::Mcc,
        MetricName::ExpectedCalibrationError,
    ];
    Metrics::new(std::iter::once((MetricName::Accuracy, accuracy)).chain(names.into_iter().zip(estimates)))
}

/// Root mean squared error, mean absolute error, R² and mean absolute percentage error. Each is `None` when there are no
/// rows or it is not finite.
///
/// # Panics
/// When there is not one prediction a row.
pub fn regression(
    predicted: &[f64],
    truth: &[f64],
    weights: Option<&[f64]>,
    generator: &mut Generator,
) -> Metrics {
    let column = |numbers| MatrixRef::new(truth.len(), 1, numbers);
    regressions(column(predicted), column(truth), weights, generator)
}

/// The same of several targets: the mean of each figure over them. predicted, truth: (`n_rows`, `n_targets`).
///
/// # Panics
/// When the shapes differ.
pub fn regressions(
    predicted: MatrixRef<'_, f64>,
    truth: MatrixRef<'_, f64>,
    weights: Option<&[f64]>,
    generator: &mut Generator,
) -> Metrics {
    let shape = |matrix: MatrixRef<'_, f64>| (matrix.n_rows(), matrix.n_columns());
    assert_eq!(shape(predicted), shape(truth), "a prediction for each number");
    let column = |matrix: MatrixRef<'_, f64>, k: usize| -> Vec<f64> {
        (0..matrix.n_rows()).map(|row| matrix.row(row)[k]).collect()
    };
    let n_targets = truth.n_columns();
    let columns: Vec<_> = (0..n_targets).map(|k| (column(predicted, k), column(truth, k))).collect();
    let estimates = bootstrap(truth.n_rows(), weights, generator, |counts| {
        let mut mean = [0.0; 4];
        for (predicted, truth) in &columns {
            let figures = value_figures(predicted, truth, counts);
            mean = std::array::from_fn(|i| mean[i] + figures[i] / n_targets as f64);
        }
        mean
    });
    let names = [MetricName::Rmse, MetricName::Mae, MetricName::R2, MetricName::Mape];
    Metrics::new(names.into_iter().zip(estimates))
}

/// The Poisson deviance of expected counts, after the metrics of [`regression`].
///
/// # Panics
/// When there is not one prediction a row.
pub fn counts(
    predicted: &[f64],
    truth: &[f64],
    weights: Option<&[f64]>,
    generator: &mut Generator,
) -> Metrics {
    let metrics = regression(predicted, truth, weights, generator);
    let deviance = |(&t, &p): (&f64, &f64)| {
        let logarithm = if t == 0.0 { 0.0 } else { t * exponential::ln(t / p) };
        2.0 * (logarithm - t + p)
    };
    let deviances: Vec<f64> = truth.iter().zip(predicted).map(deviance).collect();
    let estimates = bootstrap(truth.len(), weights, generator, |counts| [weighted_mean(&deviances, counts)]);
    metrics.and(Metrics::new([MetricName::PoissonDeviance].into_iter().zip(estimates)))
}

/// Pinball loss, and with two levels or more coverage. predicted: (`n_rows`, `n_levels`), rising in each row.
///
/// # Panics
/// When there is not a prediction for each row and level.
pub fn quantiles(
    predicted: MatrixRef<'_, f64>,
    levels: &[f64],
    truth: &[f64],
    weights: Option<&[f64]>,
    generator: &mut Generator,
) -> Metrics {
    assert_eq!((predicted.n_rows(), predicted.n_columns()), (truth.len(), levels.len()), "rows and levels");
    let rows = || (0..truth.len()).map(|row| (truth[row], predicted.row(row)));
    let pinball = |(t, quantiles): (f64, &[f64])| {
        let of_level =
            |(&level, &q): (&f64, &f64)| if q < t { level * (t - q) } else { (1.0 - level) * (q - t) };
        levels.iter().zip(quantiles).map(of_level).sum::<f64>() / levels.len() as f64
    };
    let is_inside = |(t, quantiles): (f64, &[f64])| {
        f64::from(u8::from(quantiles[0] <= t && t <= quantiles[quantiles.len() - 1]))
    };
    let losses: Vec<f64> = rows().map(pinball).collect();
    let inside: Vec<f64> = rows().map(is_inside).collect();
    let estimates = bootstrap(truth.len(), weights, generator, |counts| {
        [weighted_mean(&losses, counts), weighted_mean(&inside, counts)]
    });
    let names = [MetricName::PinballLoss, MetricName::Coverage];
    Metrics::new(names.into_iter().zip(estimates).take(levels.len()))
}

/// NaN of nothing.
fn weighted_mean(numbers: &[f64], counts: &[f64]) -> f64 {
    let each = numbers.iter().zip(counts).filter(|&(_, &count)| count > 0.0);
    let of_count = |(sum, n): (f64, f64), (number, &count): (&f64, &f64)| (sum + count * number, n + count);
    let (sum, n) = each.fold((0.0, 0.0), of_count);
    sum / n
}

/// `[rmse, mae, r2, mape]` of the rows, each counted as much as `counts` says.
fn value_figures(predicted: &[f64], truth: &[f64], counts: &[f64]) -> [f64; 4] {
    let (mut n, mut sum, mut squares, mut absolutes) = (0.0, 0.0, 0.0, 0.0);
    let (mut n_not_zero, mut shares) = (0.0, 0.0);
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    let rows = || counts.iter().zip(truth).zip(predicted).filter(|&((&count, _), _)| count > 0.0);
    for ((&count, &truth), &predicted) in rows() {
        let error = predicted - truth;
        n += count;
        sum += count * truth;
        squares += count * error * error;
        absolutes += count * error.abs();
        if truth != 0.0 {
            n_not_zero += count;
            shares += count * (error / truth).abs();
        }
        (least, most) = (least.min(truth), most.max(truth));
    }
    let mean = sum / n;
    let spread: f64 = rows().map(|((&count, &truth), _)| count * (truth - mean) * (truth - mean)).sum();
    // The rounded mean of equal numbers may differ from them, and their spread from 0.
    let r2 = if least < most { 1.0 - squares / spread } else { f64::NAN };
    [(squares / n).sqrt(), absolutes / n, r2, shares / n_not_zero]
}

/// What a row contributes, computed once for all samples.
struct ClassRow {
    class: u32,
    predicted: u32,
    loss: f64,
    squares: f64,
    /// Probability of the predicted class.
    confidence: f64,
    bin: usize,
}

impl ClassRow {
    fn new<R: Real>(probabilities: &[R], class: u32) -> Self {
        let predicted = most_probable(probabilities);
        let probability = |class: usize| probabilities[class].to_f64();
        let square = |k: usize| (probability(k) - f64::from(u8::from(k == class as usize))).powi(2);
        let confidence = probability(predicted);
        // Edges b/15; a number on an edge is below it.
        let is_above = |edge: &usize| confidence > *edge as f64 / N_BINS as f64;
        Self {
            class,
            predicted: predicted as u32,
            loss: -exponential::ln(probability(class as usize).max(f64::EPSILON)),
            squares: if probabilities.len() == 2 {
                square(1)
            } else {
                (0..probabilities.len()).map(square).sum()
            },
            confidence,
            bin: (1..N_BINS).take_while(is_above).count(),
        }
    }
}

/// Of the positive class of two, or of each class that occurs.
fn rankings<R: Real>(probabilities: MatrixRef<'_, R>, classes: &[u32]) -> Vec<Ranking> {
    let first = usize::from(probabilities.n_columns() == 2);
    let occurs = |&class: &usize| classes.iter().any(|&other| other as usize == class);
    let ranking = |class: usize| {
        let probability = |row: usize| probabilities.row(row)[class].to_f64();
        Ranking::new(classes.len(), probability, |row| classes[row] as usize == class)
    };
    (first..probabilities.n_columns()).filter(occurs).map(ranking).collect()
}

/// Counts of rows of one class.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    occurring: f64,
    predicted: f64,
    right: f64,
}

struct ClassFigures<'a> {
    rows: &'a [ClassRow],
    rankings: Vec<Ranking>,
    tallies: Vec<Tally>,
    /// Rows that are right, and the sum of the probabilities of what was predicted.
    bins: [(f64, f64); N_BINS],
}

impl ClassFigures<'_> {
    /// `[accuracy, balanced accuracy, log loss, Brier score, area under the ROC curve, average precision, F1 or macro F1, Matthews'
    /// correlation, expected calibration error]` of the rows, each counted as much as `counts` says.
    fn of(&mut self, counts: &[f64]) -> [f64; 9] {
        self.tallies.fill(Tally::default());
        self.bins.fill((0.0, 0.0));
        let (mut n, mut loss, mut squares) = (0.0, 0.0, 0.0);
        for (row, &count) in self.rows.iter().zip(counts) {
            n += count;
            loss += count * row.loss;
            squares += count * row.squares;
            self.tallies[row.class as usize].occurring += count;
            self.tallies[row.predicted as usize].predicted += count;
            let bin = &mut self.bins[row.bin];
            bin.1 += count * row.confidence;
            if row.class == row.predicted {
                self.tallies[row.class as usize].right += count;
                bin.0 += count;
            }
        }
        let tallies = &self.tallies;
        let recalls = tallies.iter().filter(|t| t.occurring > 0.0).map(|t| t.right / t.occurring);
        let judged = if tallies.len() == 2 { &tallies[1..] } else { &tallies[..] };
        let f1s = judged.iter().map(|t| (2.0 * t.right, t.occurring + t.predicted));
        let f1s = f1s.filter(|&(_, rows)| rows > 0.0).map(|(right, rows)| right / rows);
        let areas: Vec<[f64; 2]> = self.rankings.iter().map(|ranking| ranking.areas(counts)).collect();
        let area = |i: usize| mean(areas.iter().map(|areas| areas[i]).filter(|area| !area.is_nan()));
        let gaps = self.bins.iter().map(|(right, sum)| (right - sum).abs()).sum::<f64>();
        [
            tallies.iter().map(|t| t.right).sum::<f64>() / n,
            mean(recalls),
            loss / n,
            squares / n,
            area(0),
            area(1),
            mean(f1s),
            matthews_correlation(tallies, n),
            gaps / n,
        ]
    }
}

/// See [`MetricName::Mcc`]. Of rows that count alike all sums are whole numbers, so that their differences are exact.
fn matthews_correlation(tallies: &[Tally], n: f64) -> f64 {
    let sum = |term: fn(&Tally) -> f64| tallies.iter().map(term).sum::<f64>();
    let covariance = n * sum(|t| t.right) - sum(|t| t.occurring * t.predicted);
    let of_truth = n * n - sum(|t| t.occurring * t.occurring);
    let of_predictions = n * n - sum(|t| t.predicted * t.predicted);
    match (of_truth > 0.0, of_predictions > 0.0) {
        (true, true) => covariance / (of_truth.sqrt() * of_predictions.sqrt()),
        (true, false) => 0.0,
        (false, _) => f64::NAN,
    }
}

/// NaN of nothing.
fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = numbers.fold((0.0, 0.0), |(n, sum), number| (n + 1.0, sum + number));
    sum / n
}
