//! How sure of its classes a network should be: one number T > 0 that divides the outputs, p = softmax(z/T) or σ(z/T), so
//! that the class stays and only the certainty changes (Guo, Pleiss, Sun and Weinberger, On calibration of modern neural
//! networks, ICML 2017, arXiv 1706.04599).
//!
//! T is that of the least mean cross-entropy on n rows that did not train. Where it may also make a network surer: no n rows prove
//! that an error never happens, so each row counts as if its class were the right one with probability 1 − ε and any of the
//! K at random with ε = 1/(n + 1), as Platt (Probabilistic outputs for support vector machines, 1999) smooths targets. Without
//! that, rows that are all right would ask for T = 0.

use crate::matrix::Matrix;
use crate::objective::{Objective, TargetsRef};
use glassnet_kernels::Real;
use serde::{Deserialize, Deserializer, Serialize};

/// Whether a model's outputs are divided by a temperature that its validation rows choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemperatureScaling {
    /// T = 1.
    #[default]
    None,
    /// T above 1 where validation rows are wrong more often than the network says, so that it becomes less sure and never
    /// surer; T = 1 where they do not contradict it: unless the likelihood-ratio test rejects T = 1 at the level of 5 %.
    Soften,
    /// Any T, with smoothed targets.
    Full,
}

/// Also as model files of the time before there were three had it.
pub(crate) fn named_or_not<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<TemperatureScaling, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        IsFull(bool),
        Named(TemperatureScaling),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::IsFull(true) => TemperatureScaling::Full,
        Either::IsFull(false) => TemperatureScaling::None,
        Either::Named(scaling) => scaling,
    })
}

/// ln T is looked for up to this, T = 20, and down to the negative of it.
const MOST: f64 = 2.995_732_273_553_991;

/// Divides outputs by T.
pub(crate) fn scale<R: Real>(outputs: &mut Matrix<R>, temperature: f64) {
    let factor = R::from_f64(1.0 / temperature);
    outputs.values_mut().iter_mut().for_each(|z| *z *= factor);
}

/// The square of a standard normal number is larger once in twenty times: χ² with one degree of freedom (Wilks, The Annals of
/// Mathematical Statistics 9, 1938).
const SIGNIFICANT: f64 = 3.841_458_820_694_124;

/// How near the logarithm of a temperature that is used comes to the best, and of one that only compares epochs.
const EXACT: f64 = 1e-5;
const ROUGH: f64 = 1e-2;

/// The T that such scaling chooses for these rows, each of one of the objective's classes and with a weight of its own, of mean 1,
/// where they do not count alike.
///
/// # Panics
/// When the numbers of rows differ.
pub fn best_temperature<R: Real>(
    scaling: TemperatureScaling,
    objective: Objective,
    outputs: &Matrix<R>,
    rows: (&[u32], Option<&[R]>),
) -> f64 {
    let (classes, weights) = rows;
    match scaling {
        TemperatureScaling::None => 1.0,
        TemperatureScaling::Soften => {
            let targets = targets(outputs, classes, 0.0);
            let (t, at_t) = search(objective, outputs, (&targets, weights), [0.0, MOST], EXACT);
            let at_1 = mean_loss(objective, outputs, (&targets, weights), 1.0);
            if 2.0 * classes.len() as f64 * (at_1 - at_t) > SIGNIFICANT { t } else { 1.0 }
        }
        TemperatureScaling::Full => {
            search(objective, outputs, (&smoothed(outputs, classes), weights), [-MOST, MOST], EXACT).0
        }
    }
}

/// The mean loss at about the best of all T, with smoothed targets.
pub(crate) fn tempered_loss<R: Real>(
    objective: Objective,
    outputs: &Matrix<R>,
    (classes, weights): (&[u32], Option<&[R]>),
) -> f64 {
    search(objective, outputs, (&smoothed(outputs, classes), weights), [-MOST, MOST], ROUGH).1
}

fn smoothed<R: Real>(outputs: &Matrix<R>, classes: &[u32]) -> Matrix<R> {
    targets(outputs, classes, 1.0 / (classes.len() as f64 + 1.0))
}

/// Of each row: its class with probability 1 − ε, any at random with ε.
fn targets<R: Real>(outputs: &Matrix<R>, classes: &[u32], epsilon: f64) -> Matrix<R> {
    let n_outputs = outputs.n_columns();
    let n_classes = n_outputs.max(2) as f64;
    let target = |class: u32, output: usize| {
        // One output stands for class 1 of two.
        let is_true = class as usize == if n_outputs == 1 { 1 } else { output };
        R::from_f64(if is_true { 1.0 - epsilon } else { 0.0 } + epsilon / n_classes)
    };
    let targets = classes.iter().flat_map(|&class| (0..n_outputs).map(move |k| target(class, k))).collect();
    Matrix::from_values(classes.len(), n_outputs, targets)
}

/// The best T whose logarithm lies between the two, to a factor of about 1 + `nearness`, and the mean loss there. The loss is convex in
/// 1/T, so that the golden section of the logarithm finds the only minimum.
fn search<R: Real>(
    objective: Objective,
    outputs: &Matrix<R>,
    rows: (&Matrix<R>, Option<&[R]>),
    [mut low, mut high]: [f64; 2],
    nearness: f64,
) -> (f64, f64) {
    let loss = |log: f64| mean_loss(objective, outputs, rows, log.exp());
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let inner = |low: f64, high: f64| (high - golden * (high - low), low + golden * (high - low));
    let (mut left, mut right) = inner(low, high);
    let (mut at_left, mut at_right) = (loss(left), loss(right));
    while high - low > nearness {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = inner(low, high).0;
            at_left = loss(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = inner(low, high).1;
            at_right = loss(right);
        }
    }
    ((0.5 * (low + high)).exp(), at_left.min(at_right))
}

fn mean_loss<R: Real>(
    objective: Objective,
    outputs: &Matrix<R>,
    (targets, weights): (&Matrix<R>, Option<&[R]>),
    t: f64,
) -> f64 {
    let mut scaled = outputs.clone();
    scale(&mut scaled, t);
    objective.loss(scaled.view(), TargetsRef::Values(targets.view()), weights) / outputs.n_rows() as f64
}

#[cfg(test)]
mod tests {
    use super::{TemperatureScaling, best_temperature};
    use crate::matrix::Matrix;
    use crate::objective::Objective;

    /// Of n rows with the same output z, a share s of them right: σ(z/T) = s·(1 − ε) + ε/2. To soften, with ε = 0 and T above 1 only,
    /// and only where 2·n·(loss at 1 − loss at T) is more than 3.84: for z = 1.5 and s = 3/4 of 12 rows it is 0.3, of 2,400 rows 68.
    #[test]
    fn the_share_of_right_rows_decides() {
        for (scaling, z, n, n_right) in [
            (TemperatureScaling::Full, 5.0_f64, 12, 9),
            (TemperatureScaling::Full, 5.0, 12, 12),
            (TemperatureScaling::Full, 0.5, 12, 9),
            (TemperatureScaling::Soften, 5.0, 12, 9),
            (TemperatureScaling::Soften, 5.0, 12, 12),
            (TemperatureScaling::Soften, 0.5, 12, 9),
            (TemperatureScaling::Soften, 1.5, 12, 9),
            (TemperatureScaling::Soften, 1.5, 2_400, 1_800),
            (TemperatureScaling::None, 5.0, 12, 9),
        ] {
            let outputs = Matrix::from_values(n, 1, vec![z; n]);
            let two = Matrix::from_values(n, 2, [0.0, z].repeat(n));
            let classes: Vec<u32> = (0..n).map(|row| u32::from(row < n_right)).collect();
            let epsilon = if scaling == TemperatureScaling::Full { 1.0 / (n as f64 + 1.0) } else { 0.0 };
            let share = n_right as f64 / n as f64 * (1.0 - epsilon) + 0.5 * epsilon;
            let best = z / (share / (1.0 - share)).ln();
            let expected = match scaling {
                TemperatureScaling::Full => best,
                TemperatureScaling::Soften if z < 2.0 && n == 12 => 1.0,
                TemperatureScaling::Soften => best.max(1.0),
                TemperatureScaling::None => 1.0,
            };
            for (objective, outputs) in
                [(Objective::BinaryCrossEntropy, &outputs), (Objective::CrossEntropy, &two)]
            {
                let found = best_temperature(scaling, objective, outputs, (&classes, None));
                assert!((found - expected).abs() < 1e-4 * expected, "{found} for {expected}");
                assert!(best > 1.0 || scaling != TemperatureScaling::Soften || found == 1.0, "{found}");
            }
        }
    }

    #[test]
    fn scaling_is_read_as_it_once_was_written() {
        #[derive(serde::Deserialize)]
        struct Choice {
            #[serde(deserialize_with = "super::named_or_not")]
            scaling: TemperatureScaling,
        }
        let read = |value: &str| serde_json::from_str(&format!("{{\"scaling\": {value}}}"));
        let scaling = |value| read(value).map(|choice: Choice| choice.scaling);
        assert_eq!(scaling("true").unwrap(), TemperatureScaling::Full);
        assert_eq!(scaling("false").unwrap(), TemperatureScaling::None);
        assert_eq!(scaling("\"soften\"").unwrap(), TemperatureScaling::Soften);
        assert!(scaling("\"harden\"").is_err());
    }
}
