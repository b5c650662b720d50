//! How far a program is from the truth on test rows, and how two are compared.

/// What is measured; less is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Metric {
    /// Mean of −ln p of the true class.
    LogLoss,
    /// Share of the rows whose class is wrong.
    Misclassified,
    /// √ of the mean squared error, in the target's unit.
    Rmse,
}

/// Metrics of one training, or means over some, and its seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Score {
    pub(crate) log_loss: Option<f64>,
    pub(crate) misclassified: Option<f64>,
    pub(crate) rmse: Option<f64>,
    pub(crate) seconds: f64,
}

impl Metric {
    pub(crate) const ALL: [Self; 3] = [Self::LogLoss, Self::Misclassified, Self::Rmse];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LogLoss => "log-loss",
            Self::Misclassified => "misclassified share",
            Self::Rmse => "RMSE",
        }
    }

    /// Ours over theirs, after half a test row was added to both: half a row that is wrong, or whose −ln p is 1. A share
    /// of 0 then has a ratio too, and no table counts for more than its rows can tell: on 53 rows a log-loss of 0.0001 and
    /// one of 0.001 both say that nothing was in doubt.
    pub(crate) fn ratio(self, ours: f64, theirs: f64, n_test: usize) -> f64 {
        let half = if self == Self::Rmse { 0.0 } else { 0.5 / n_test as f64 };
        (ours + half) / (theirs + half)
    }
}

impl Score {
    pub(crate) fn get(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::LogLoss => self.log_loss,
            Metric::Misclassified => self.misclassified,
            Metric::Rmse => self.rmse,
        }
    }

    /// Means of metrics and seconds.
    pub(crate) fn mean(scores: &[Self]) -> Self {
        let over = |metric| mean(scores.iter().filter_map(|score| score.get(metric)));
        Self {
            log_loss: over(Metric::LogLoss),
            misclassified: over(Metric::Misclassified),
            rmse: over(Metric::Rmse),
            seconds: mean(scores.iter().map(|score| score.seconds)).unwrap_or(f64::NAN),
        }
    }
}

/// None of nothing.
pub(crate) fn mean(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = numbers.into_iter().fold((0.0, 0), |(sum, n), number| (sum + number, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_add_half_a_row() {
        // 2 and 0 of 50 rows: 2.5 ÷ 0.5.
        assert!((Metric::Misclassified.ratio(0.04, 0.0, 50) - 5.0).abs() < 1e-12);
        assert_eq!(Metric::Misclassified.ratio(0.0, 0.0, 50), 1.0);
        assert!((Metric::LogLoss.ratio(0.02, 0.01, 50) - 1.5).abs() < 1e-12);
        assert_eq!(Metric::Rmse.ratio(3.0, 2.0, 50), 1.5);
    }

    #[test]
    fn means_leave_out_what_is_not_there() {
        let score = |log_loss, seconds| Score { log_loss, seconds, ..Score::default() };
        let both = Score::mean(&[score(Some(0.5), 1.0), score(Some(1.0), 2.0)]);
        assert_eq!(both, score(Some(0.75), 1.5));
        assert_eq!(mean([]), None);
    }
}
