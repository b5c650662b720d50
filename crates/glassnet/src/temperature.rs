//! How sure of its classes a network should be: one number T > 0 that divides the outputs, p = softmax(z/T) or σ(z/T), so
//! that the class stays and only the certainty changes (Guo, Pleiss, Sun and Weinberger, On calibration of modern neural
//! networks, ICML 2017, arXiv 1706.04599).
//!
//! T is that of the least mean cross-entropy on n rows that did not train. Where it may also make a network surer: no n rows prove
//! that an error never happens, so each row counts as if its class were the right one with probability 1 − ε and any of the
//! K at random with ε = 1/(n + 1), as Platt (Probabilistic outputs for support vector machines, 1999) smooths targets. Without
//! that, rows that are all right would ask for T = 0.

use crate::matrix::Matrix;
use crate::objective::Objective;
use glassnet_kernels::Real;
use glassnet_kernels::exponential::{exp, ln};
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

/// T is looked for up to this, and down to a part in it.
const MOST: f64 = 20.0;

/// Divides outputs by T.
pub(crate) fn scale<R: Real>(outputs: &mut Matrix<R>, temperature: f64) {
    let factor = R::from_f64(1.0 / temperature);
    outputs.values_mut().iter_mut().for_each(|z| *z *= factor);
}

/// The square of a standard normal number is larger once in twenty times: χ² with one degree of freedom (Wilks, The Annals of
/// Mathematical Statistics 9, 1938).
const SIGNIFICANT: f64 = 3.841_458_820_694_124;

/// How near a temperature that is used comes to the best, as a share of it, and one that only compares epochs.
const EXACT: f64 = 1e-6;
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
    (classes, weights): (&[u32], Option<&[R]>),
) -> f64 {
    assert_eq!(classes.len(), outputs.n_rows(), "a class for each row");
    let rows = |epsilon| Rows { objective, outputs, classes, weights, epsilon };
    match scaling {
        TemperatureScaling::None => 1.0,
        TemperatureScaling::Soften => {
            let rows = rows(0.0);
            let (t, at_t) = rows.search([1.0, MOST], EXACT);
            let at_1 = rows.at(1.0).loss;
            if 2.0 * classes.len() as f64 * (at_1 - at_t) > SIGNIFICANT { t } else { 1.0 }
        }
        TemperatureScaling::Full => rows(smoothing(classes)).search([1.0 / MOST, MOST], EXACT).0,
    }
}

/// The mean loss at about the best of all T, with smoothed targets.
pub(crate) fn tempered_loss<R: Real>(
    objective: Objective,
    outputs: &Matrix<R>,
    (classes, weights): (&[u32], Option<&[R]>),
) -> f64 {
    let rows = Rows { objective, outputs, classes, weights, epsilon: smoothing(classes) };
    rows.search([1.0 / MOST, MOST], ROUGH).1
}

/// ε of so many rows.
fn smoothing(classes: &[u32]) -> f64 {
    1.0 / (classes.len() as f64 + 1.0)
}

/// Outputs z and classes of n rows; each row is of its class with probability 1 − ε, of any at random with ε.
struct Rows<'a, R> {
    objective: Objective,
    outputs: &'a Matrix<R>,
    classes: &'a [u32],
    weights: Option<&'a [R]>,
    epsilon: f64,
}

/// The mean loss where z is multiplied by β = 1/T, and its derivatives by β.
#[derive(Debug, Clone, Copy, Default)]
struct At {
    loss: f64,
    slope: f64,
    curvature: f64,
}

impl<R: Real> Rows<'_, R> {
    /// The best T between the two, to such a share of it, and the mean loss about there. The loss is convex in β = 1/T, so that
    /// Newton's steps find its only minimum; where one leaves what is known to hold it, the middle is tried.
    fn search(&self, [least, most]: [f64; 2], nearness: f64) -> (f64, f64) {
        let [mut low, mut high] = [1.0 / most, 1.0 / least];
        let mut beta = 1.0;
        let mut at = self.at(beta);
        // An end that is the best is met by halves; 64 of them are more than the digits of a number.
        for _ in 0..64 {
            let is_too_high = at.slope > 0.0;
            *(if is_too_high { &mut high } else { &mut low }) = beta;
            let newton = beta - at.slope / at.curvature;
            let next = if newton > low && newton < high { newton } else { (low * high).sqrt() };
            let is_near = (next - beta).abs() <= nearness * beta;
            beta = next;
            if is_near || !at.loss.is_finite() {
                break;
            }
            at = self.at(beta);
        }
        (1.0 / beta, at.loss)
    }

    fn at(&self, beta: f64) -> At {
        let n_outputs = self.outputs.n_columns();
        let at_random = self.epsilon / n_outputs.max(2) as f64;
        let mut sums = At::default();
        for (row, &class) in self.classes.iter().enumerate() {
            let z = self.outputs.row(row).iter().map(|z| z.to_f64());
            // One output stands for class 1 of two.
            let right = if n_outputs == 1 { class as usize ^ 1 } else { class as usize };
            let target = |k: usize| at_random + if k == right { 1.0 - self.epsilon } else { 0.0 };
            let weight = self.weights.map_or(1.0, |weights| weights[row].to_f64());
            let mut add = |of: At| {
                sums.loss += weight * of.loss;
                sums.slope += weight * of.slope;
                sums.curvature += weight * of.curvature;
            };
            if self.objective == Objective::BinaryCrossEntropy {
                z.enumerate().for_each(|(k, z)| add(of_choice([0.0, z].into_iter(), target(k) * z, beta)));
            } else {
                let expected = z.clone().enumerate().map(|(k, z)| target(k) * z).sum();
                add(of_choice(z, expected, beta));
            }
        }
        let n = self.classes.len() as f64;
        At { loss: sums.loss / n, slope: sums.slope / n, curvature: sums.curvature / n }
    }
}

/// The loss of a choice among some with logits β·z, ln Σ e^(β·z) − β·Σ t·z, where Σ t·z is what is expected of z; its slope by
/// β, Σ p·z − Σ t·z; and its curvature, the variance of z under p.
fn of_choice(z: impl Iterator<Item = f64> + Clone, expected: f64, beta: f64) -> At {
    let largest = z.clone().fold(f64::NEG_INFINITY, f64::max);
    let [mut sum, mut first, mut second] = [0.0; 3];
    for z in z {
        let below = z - largest;
        let e = exp(beta * below);
        if e > 0.0 {
            sum += e;
            first += e * below;
            second += e * below * below;
        }
    }
    let mean = first / sum;
    At {
        loss: ln(sum) + beta * (largest - expected),
        slope: largest + mean - expected,
        curvature: second / sum - mean * mean,
    }
}

#[cfg(test)]
mod tests {
    use super::{EXACT, Rows, TemperatureScaling, best_temperature};
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

    /// Slope and curvature are those of the loss beside it, and the search ends where no T of a fine grid is better.
    #[test]
    fn newton_finds_the_least_loss() {
        let z = [0.3_f64, -1.2, 2.0, 1.1, 0.4, -0.7, -2.5, 3.1, 0.2, 0.9, 1.4, -0.1];
        let (classes, weights) = ([2, 1, 1, 0], [1.5, 0.5, 1.2, 0.8]);
        for objective in [Objective::BinaryCrossEntropy, Objective::CrossEntropy] {
            let outputs = Matrix::from_values(4, 3, z.to_vec());
            let rows = Rows {
                objective,
                outputs: &outputs,
                classes: &classes,
                weights: Some(&weights),
                epsilon: 0.2,
            };
            let [before, at, after] = [0.7 - 1e-4, 0.7, 0.7 + 1e-4].map(|beta| rows.at(beta));
            assert!(((after.loss - before.loss) / 2e-4 - at.slope).abs() < 1e-7, "{objective:?} {at:?}");
            assert!(
                ((after.slope - before.slope) / 2e-4 - at.curvature).abs() < 1e-7,
                "{objective:?} {at:?}"
            );
            let (t, least) = rows.search([0.05, 20.0], EXACT);
            let grid = (-300..=300).map(|k| rows.at((f64::from(k) / 100.0).exp()).loss);
            assert!(grid.fold(f64::INFINITY, f64::min) >= least - 1e-12, "{objective:?} {t} {least}");
            assert!(rows.at(1.0 / t).slope.abs() < 1e-6);
        }
    }

    /// A row that counts twice is two rows, and one that counts for nothing is none.
    #[test]
    fn rows_count_by_their_weights() {
        let z = |rows: &[[f64; 3]]| Matrix::from_values(rows.len(), 3, rows.concat());
        let [a, b, c] = [[0.3, -1.2, 2.0], [1.1, 0.4, -0.7], [-2.5, 3.1, 0.2]];
        let t = |outputs: &Matrix<f64>, rows: (&[u32], Option<&[f64]>)| {
            best_temperature(TemperatureScaling::Full, Objective::CrossEntropy, outputs, rows)
        };
        let weighted = t(&z(&[a, b, c]), (&[2, 1, 1], Some(&[2.0, 1.0, 0.0])));
        let repeated = t(&z(&[a, a, b]), (&[2, 2, 1], None));
        assert!((weighted - repeated).abs() < 1e-5, "{weighted} and {repeated}");
        assert!((t(&z(&[a, b, c]), (&[2, 1, 1], None)) - repeated).abs() > 1e-2);
    }

    /// Where nothing is wrong the best T is the least, where all is the most; numbers that are none end the search.
    #[test]
    fn the_search_ends_at_its_ends() {
        let of = |z: f64, class: u32| {
            let outputs = Matrix::from_values(5, 1, vec![z; 5]);
            let classes = [class; 5];
            let objective = Objective::BinaryCrossEntropy;
            Rows { objective, outputs: &outputs, classes: &classes, weights: None, epsilon: 0.0 }
                .search([0.05, 20.0], EXACT)
        };
        assert!((of(1.0, 1).0 - 0.05).abs() < 1e-4, "{:?}", of(1.0, 1));
        assert!((of(1.0, 0).0 - 20.0).abs() < 1e-2, "{:?}", of(1.0, 0));
        assert!(of(f64::NAN, 1).1.is_nan());
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
