//! A figure with its interval, what it is called, and several of them.

use crate::interval::Estimate;
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

impl From<Estimate> for Metric {
    fn from((value, interval): Estimate) -> Self {
        let (low, high) = interval.filter(|_| value.is_finite()).unzip();
        Self { value: Some(value).filter(|value| value.is_finite()), low, high }
    }
}

/// What is measured. Of two classes, the second is the positive one. The predicted class is the most probable one, the
/// first of equals. A mean over classes is over those that occur in the true values, unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricName {
    /// Share of rows whose predicted class is the true one.
    Accuracy,
    /// Mean over the classes of the share of their rows that is right.
    BalancedAccuracy,
    /// Mean of −ln p, p the probability of the true class, at least 2⁻⁵².
    LogLoss,
    /// Two classes: mean of (p − t)², p the probability of the positive class, t whether it is true; from 0 to 1. More:
    /// mean of Σₖ (pₖ − tₖ)²; from 0 to 2 (Brier, Monthly Weather Review 78, 1950).
    BrierScore,
    /// Two classes: the probability that a positive row is given a higher probability of being positive than a negative
    /// one; ties count half. More: the mean over the classes of the same, each against the rest. Not defined when only one
    /// class occurs.
    RocAuc,
    /// Σᵢ (recallᵢ − recallᵢ₋₁)·precisionᵢ over the different probabilities of the positive class, falling; rows of equal
    /// probability count together. Two classes: of the positive class, and not defined when it does not occur. More: the
    /// mean over the classes, each against the rest.
    AveragePrecision,
    /// Two classes: 2·right / (rows of the positive class + rows predicted to be of it); not defined when it is neither
    /// true nor predicted.
    F1,
    /// More classes: the mean of the same over the classes that are true or predicted.
    F1Macro,
    /// Matthews' correlation of true and predicted classes, from −1 to 1, for any number of classes:
    /// (n·right − Σₖ trueₖ·predictedₖ) / √((n² − Σₖ trueₖ²)·(n² − Σₖ predictedₖ²)) (Gorodkin, Computational Biology and
    /// Chemistry 28, 2004). 0 when all predictions are one class, not defined when all true values are.
    Mcc,
    /// Σ over 15 bins of equal width, (b/15, (b + 1)/15], of the probability of the predicted class:
    /// |rows that are right − sum of their probabilities| / n (Guo et al., 2017, arXiv:1706.04599).
    ExpectedCalibrationError,
    /// √ of the mean squared error, in the target's unit.
    Rmse,
    /// Mean of |error|, in the target's unit.
    Mae,
    /// 1 − Σ error² / Σ (true − mean)²; not defined when all true values are the same.
    R2,
    /// Mean of |error| / |true|, as a share, over the rows whose true value is not 0: the others are left out. Not defined
    /// when all are 0.
    Mape,
    /// Of counts: mean of 2·(t·ln(t/p) − t + p), 2·p for t = 0. Not finite, and so not defined, when a prediction is 0 and
    /// the true value is not.
    PoissonDeviance,
    /// Of quantiles: mean over rows and levels τ of max(τ·(t − q), (1 − τ)·(q − t)), in the target's unit; for the level ½
    /// alone it is half the mean absolute error.
    PinballLoss,
    /// Of two or more quantiles: share of rows from the first to the last of them, ends included. Of levels 0.1 to 0.9, it
    /// ought to be 0.8.
    Coverage,
}

impl MetricName {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 17] = [
        Self::Accuracy,
        Self::BalancedAccuracy,
        Self::LogLoss,
        Self::BrierScore,
        Self::RocAuc,
        Self::AveragePrecision,
        Self::F1,
        Self::F1Macro,
        Self::Mcc,
        Self::ExpectedCalibrationError,
        Self::Rmse,
        Self::Mae,
        Self::R2,
        Self::Mape,
        Self::PoissonDeviance,
        Self::PinballLoss,
        Self::Coverage,
    ];

    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::LogLoss => "log_loss",
            Self::BrierScore => "brier_score",
            Self::RocAuc => "roc_auc",
            Self::AveragePrecision => "average_precision",
            Self::F1 => "f1",
            Self::F1Macro => "f1_macro",
            Self::Mcc => "mcc",
            Self::ExpectedCalibrationError => "expected_calibration_error",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::R2 => "r2",
            Self::Mape => "mape",
            Self::PoissonDeviance => "poisson_deviance",
            Self::PinballLoss => "pinball_loss",
            Self::Coverage => "coverage",
        }
    }

    /// Whether more is better. Of [`MetricName::Coverage`], neither.
    pub fn more_is_better(self) -> bool {
        use MetricName::{
            Accuracy, AveragePrecision, BalancedAccuracy, Coverage, F1, F1Macro, Mcc, R2, RocAuc,
        };
        matches!(
            self,
            Accuracy | BalancedAccuracy | RocAuc | AveragePrecision | F1 | F1Macro | Mcc | R2 | Coverage
        )
    }

    /// Whether it belongs in a short table.
    pub fn is_essential(self) -> bool {
        use MetricName::{
            Accuracy, BalancedAccuracy, Coverage, LogLoss, Mae, PinballLoss, PoissonDeviance, R2, Rmse,
            RocAuc,
        };
        let of_classes = matches!(self, Accuracy | BalancedAccuracy | LogLoss | RocAuc);
        of_classes || matches!(self, Rmse | Mae | R2 | PoissonDeviance | PinballLoss | Coverage)
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
    pub(crate) fn new(metrics: impl IntoIterator<Item = (MetricName, Estimate)>) -> Self {
        Self(metrics.into_iter().map(|(name, estimate)| (name, estimate.into())).collect())
    }

    /// These and then those.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Those of these names.
    pub fn only(&self, names: &[MetricName]) -> Self {
        Self(self.0.iter().copied().filter(|(name, _)| names.contains(name)).collect())
    }

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
