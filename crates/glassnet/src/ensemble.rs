//! What several networks say together: the mean of their predictions.

use crate::matrix::Matrix;
use crate::objective::{Objective, largest, softplus};
use glassnet_kernels::Real;

/// Outputs whose prediction is the mean of the predictions of all. Probabilities and counts are averaged by their
/// logarithms, ln mₖ = ln(1/n·Σᵢ e^(ln pᵢₖ)), which softmax and exponential take back; of two classes the output is
/// ln m − ln(1 − m). Where the prediction is the output itself, the outputs are averaged.
///
/// # Panics
/// Of none, and of unlike shapes.
pub fn combine<R: Real>(objective: Objective, all: &[Matrix<R>]) -> Matrix<R> {
    let first = all.first().expect("outputs to combine");
    let shape = (first.n_rows(), first.n_columns());
    assert!(
        all.iter().all(|outputs| (outputs.n_rows(), outputs.n_columns()) == shape),
        "outputs of one shape"
    );
    if all.len() == 1 {
        return first.clone();
    }
    let mut combined = Matrix::zeros(shape.0, shape.1);
    let mut logs = vec![R::ZERO; all.len()];
    let mut against = logs.clone();
    let mut log_sums = logs.clone();
    for row in 0..shape.0 {
        if objective == Objective::CrossEntropy {
            for (log_sum, outputs) in log_sums.iter_mut().zip(all) {
                *log_sum = log_sum_of_exponentials(outputs.row(row));
            }
        }
        for k in 0..shape.1 {
            for (log, outputs) in logs.iter_mut().zip(all) {
                *log = outputs.row(row)[k];
            }
            combined.row_mut(row)[k] = match objective {
                Objective::SquaredError | Objective::Quantile(_) => {
                    logs.iter().copied().sum::<R>() / R::from_f64(all.len() as f64)
                }
                Objective::Poisson => log_mean(&logs),
                Objective::CrossEntropy => {
                    for (log, &log_sum) in logs.iter_mut().zip(&log_sums) {
                        *log -= log_sum;
                    }
                    log_mean(&logs)
                }
                Objective::BinaryCrossEntropy => {
                    for (against, log) in against.iter_mut().zip(&mut logs) {
                        (*against, *log) = (-softplus(*log), -softplus(-*log));
                    }
                    log_mean(&logs) - log_mean(&against)
                }
            };
        }
    }
    combined
}

/// ln Σₖ e^zₖ.
fn log_sum_of_exponentials<R: Real>(z: &[R]) -> R {
    let largest = largest(z);
    largest + z.iter().map(|&z| (z - largest).exp()).sum::<R>().ln()
}

/// ln(1/n·Σₖ e^zₖ).
fn log_mean<R: Real>(z: &[R]) -> R {
    log_sum_of_exponentials(z) - R::from_f64(z.len() as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::combine;
    use crate::matrix::Matrix;
    use crate::objective::Objective;
    use crate::quantiles::QuantileLevels;

    fn outputs(shift: f64) -> Matrix<f64> {
        Matrix::from_rows(&[vec![0.3 + shift, -1.2, 0.7 * shift], vec![-40.0 * shift, 2.0, 900.0 * shift]])
    }

    #[test]
    fn the_prediction_is_the_mean_of_predictions() {
        let all = [outputs(0.0), outputs(1.0), outputs(-0.5)];
        let objectives = [
            Objective::SquaredError,
            Objective::BinaryCrossEntropy,
            Objective::CrossEntropy,
            Objective::Quantile(QuantileLevels::default()),
        ];
        for objective in objectives {
            let mut combined = combine(objective, &all);
            let mut mean = vec![0.0; 6];
            let is_output = matches!(objective, Objective::Quantile(_));
            for mut outputs in all.clone() {
                if !is_output {
                    objective.predict(&mut outputs);
                }
                mean.iter_mut().zip(outputs.values()).for_each(|(mean, p)| *mean += p / 3.0);
            }
            if !is_output {
                objective.predict(&mut combined);
            }
            for (found, expected) in combined.values().iter().zip(&mean) {
                assert!((found - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{}", objective.name());
            }
        }
        let small = [Matrix::from_rows(&[vec![1.0_f64]]), Matrix::from_rows(&[vec![3.0]])];
        let rate = combine(Objective::Poisson, &small).values()[0].exp();
        assert!((rate - 0.5 * (1.0_f64.exp() + 3.0_f64.exp())).abs() < 1e-12);
    }

    /// A network that is certain and wrong costs the others' share, not everything.
    #[test]
    fn certainty_stays_finite() {
        let all = [Matrix::from_rows(&[vec![2000.0_f32, 0.0]]), Matrix::from_rows(&[vec![0.0, 2000.0]])];
        let combined = combine(Objective::CrossEntropy, &all);
        assert!(combined.values().iter().all(|z| (z - 0.5_f32.ln()).abs() < 1e-6));
        let both = [Matrix::from_rows(&[vec![2000.0_f32]]), Matrix::from_rows(&[vec![-2000.0]])];
        assert_eq!(combine(Objective::BinaryCrossEntropy, &both).values(), [0.0]);
    }
}
