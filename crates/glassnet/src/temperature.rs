//! How sure of its classes a network should be: one number T > 0 that divides the outputs, p = softmax(z/T) or σ(z/T), so
//! that the class stays and only the certainty changes (Guo, Pleiss, Sun and Weinberger, On calibration of modern neural
//! networks, ICML 2017, arXiv 1706.04599).
//!
//! T is that of the least mean cross-entropy on n rows that did not train. No n rows prove that an error never happens: each
//! row counts as if its class were the right one with probability 1 − ε and any of the K at random with ε = 1/(n + 1), as
//! Platt (Probabilistic outputs for support vector machines, 1999) smooths targets. Without that, rows that are all right
//! would ask for T = 0.

use crate::matrix::Matrix;
use crate::objective::{Objective, TargetsRef};
use glassnet_kernels::Real;

/// T is looked for between 1/`WIDEST` and `WIDEST`.
const WIDEST: f64 = 20.0;

/// Divides outputs by T.
pub(crate) fn scale<R: Real>(outputs: &mut Matrix<R>, temperature: f64) {
    let factor = R::from_f64(1.0 / temperature);
    outputs.values_mut().iter_mut().for_each(|z| *z *= factor);
}

/// How near the logarithm of a temperature that is used comes to the best, and of one that only compares epochs.
const EXACT: f64 = 1e-5;
const ROUGH: f64 = 1e-2;

/// The T of the least mean loss on these rows, each of one of the objective's classes. The loss is convex in 1/T, so that the
/// golden section of the logarithm finds the only minimum.
///
/// # Panics
/// When the numbers of rows differ.
pub fn best_temperature<R: Real>(objective: Objective, outputs: &Matrix<R>, classes: &[u32]) -> f64 {
    search(objective, outputs, classes, EXACT).0
}

/// The mean loss at about that T, with the targets smoothed as it is found.
pub(crate) fn tempered_loss<R: Real>(objective: Objective, outputs: &Matrix<R>, classes: &[u32]) -> f64 {
    search(objective, outputs, classes, ROUGH).1
}

/// The best temperature, to a factor of about 1 + `nearness`, and the mean loss there.
fn search<R: Real>(objective: Objective, outputs: &Matrix<R>, classes: &[u32], nearness: f64) -> (f64, f64) {
    let (n_rows, n_outputs) = (outputs.n_rows(), outputs.n_columns());
    let epsilon = 1.0 / (n_rows as f64 + 1.0);
    let n_classes = n_outputs.max(2) as f64;
    let target = |class: u32, output: usize| {
        // One output stands for class 1 of two.
        let is_true = class as usize == if n_outputs == 1 { 1 } else { output };
        R::from_f64(if is_true { 1.0 - epsilon } else { 0.0 } + epsilon / n_classes)
    };
    let targets = classes.iter().flat_map(|&class| (0..n_outputs).map(move |k| target(class, k))).collect();
    let targets = Matrix::from_values(n_rows, n_outputs, targets);
    let loss = |log: f64| {
        let mut scaled = outputs.clone();
        scale(&mut scaled, log.exp());
        objective.loss(scaled.view(), TargetsRef::Values(targets.view()), None)
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (-WIDEST.ln(), WIDEST.ln());
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
    ((0.5 * (low + high)).exp(), at_left.min(at_right) / n_rows as f64)
}

#[cfg(test)]
mod tests {
    use super::best_temperature;
    use crate::matrix::Matrix;
    use crate::objective::Objective;

    /// Of n rows with the same output z, a share s of them right: σ(z/T) = s·(1 − ε) + ε/2.
    #[test]
    fn the_share_of_right_rows_decides() {
        let (z, n) = (5.0_f64, 12);
        for n_right in [9, 12] {
            let outputs = Matrix::from_values(n, 1, vec![z; n]);
            let two = Matrix::from_values(n, 2, [0.0, z].repeat(n));
            let classes: Vec<u32> = (0..n).map(|row| u32::from(row < n_right)).collect();
            let epsilon = 1.0 / (n as f64 + 1.0);
            let share = n_right as f64 / n as f64 * (1.0 - epsilon) + 0.5 * epsilon;
            let expected = z / (share / (1.0 - share)).ln();
            for (objective, outputs) in
                [(Objective::BinaryCrossEntropy, &outputs), (Objective::CrossEntropy, &two)]
            {
                let found = best_temperature(objective, outputs, &classes);
                assert!((found - expected).abs() < 1e-4 * expected, "{found} for {expected}");
            }
        }
    }
}
