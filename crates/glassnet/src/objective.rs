//! What training makes small. The map from outputs to predictions, the loss and the gradient are one choice.
//!
//! The loss of a batch is the sum over its rows of wᵢ·lᵢ, where wᵢ is the row's weight (1 where there are none) and lᵢ
//! the row's loss, itself a sum over outputs. Who calls divides by the number of rows where a mean is wanted.

use crate::dataset::Targets;
use crate::error::{Error, Result};
use crate::matrix::{Matrix, MatrixRef};
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};

/// Output map, loss and gradient. z are the outputs of the network's last layer, t the targets, p the predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// p = z, l = ½·Σₖ (zₖ − tₖ)², ∂l/∂zₖ = zₖ − tₖ. The last layer may have any activation.
    SquaredError,
    /// pₖ = σ(zₖ), l = −Σₖ (tₖ·ln pₖ + (1 − tₖ)·ln(1 − pₖ)), computed from z so that nothing overflows;
    /// ∂l/∂zₖ = pₖ − tₖ. With class targets of two classes, one output is the logit of class 1. The last layer's
    /// activation is the identity.
    BinaryCrossEntropy,
    /// p = softmax z, l = −Σₖ tₖ·ln pₖ, computed from z so that nothing overflows; ∂l/∂zₖ = pₖ·Σⱼ tⱼ − tₖ. Targets are
    /// classes, or a distribution in each row. The last layer's activation is the identity.
    CrossEntropy,
}

/// The targets of some rows, seen and not owned.
#[derive(Debug, Clone, Copy)]
pub enum TargetsRef<'a, R> {
    /// A class index a row.
    Classes(&'a [u32]),
    /// Shape (`n_rows`, `n_outputs`).
    Values(MatrixRef<'a, R>),
}

impl<'a, R: Real> TargetsRef<'a, R> {
    /// Number of rows.
    pub fn n_rows(self) -> usize {
        match self {
            Self::Classes(indices) => indices.len(),
            Self::Values(values) => values.n_rows(),
        }
    }

    fn row(self, row: usize) -> Target<'a, R> {
        match self {
            Self::Classes(indices) => Target::Class(indices[row] as usize),
            Self::Values(values) => Target::Values(values.row(row)),
        }
    }
}

#[derive(Clone, Copy)]
enum Target<'a, R> {
    Class(usize),
    Values(&'a [R]),
}

impl<R: Real> Target<'_, R> {
    /// tₖ. One output stands for class 1 of two; several stand for a class each.
    fn of_output(self, output: usize, n_outputs: usize) -> R {
        match self {
            Self::Values(values) => values[output],
            Self::Class(class) if class == if n_outputs == 1 { 1 } else { output } => R::ONE,
            Self::Class(_) => R::ZERO,
        }
    }
}

impl Objective {
    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::SquaredError => "squared_error",
            Self::BinaryCrossEntropy => "binary_cross_entropy",
            Self::CrossEntropy => "cross_entropy",
        }
    }

    /// Whether the objective applies its own map to the outputs, so that the last layer must be the identity.
    pub fn maps_outputs(self) -> bool {
        self != Self::SquaredError
    }

    /// Whether these targets can be learnt with `n_outputs` outputs.
    ///
    /// # Errors
    /// [`Error::Targets`] when the numbers of outputs differ, and when a class or value is outside the objective's domain.
    pub fn check_targets<R: Real>(self, targets: &Targets<R>, n_outputs: usize) -> Result<()> {
        let wrong = |reason: String| Err(Error::Targets { objective: self.name(), reason });
        match targets {
            Targets::Classes { indices, n_classes } => {
                let expected =
                    if self == Self::BinaryCrossEntropy && *n_classes == 2 { 1 } else { *n_classes };
                if expected != n_outputs {
                    return wrong(format!(
                        "{n_classes} classes need {expected} outputs, the network has {n_outputs}"
                    ));
                }
                match indices.iter().position(|&class| class as usize >= *n_classes) {
                    Some(row) => wrong(format!("row {row}: class {} of {n_classes}", indices[row])),
                    None => Ok(()),
                }
            }
            Targets::Values(values) => {
                if values.n_columns() != n_outputs {
                    let n_columns = values.n_columns();
                    return wrong(format!("{n_columns} target columns, the network has {n_outputs} outputs"));
                }
                let is_wrong = |t: &R| !t.is_finite() || self.maps_outputs() && (*t < R::ZERO || *t > R::ONE);
                match values.values().iter().position(is_wrong) {
                    Some(i) => {
                        let domain =
                            if self.maps_outputs() { "a number from 0 to 1" } else { "a finite number" };
                        wrong(format!("row {}: {} is not {domain}", i / n_outputs, values.values()[i]))
                    }
                    None => Ok(()),
                }
            }
        }
    }

    /// Σᵢ wᵢ·lᵢ. outputs: (`n_rows`, `n_outputs`); `weights`: one a row.
    ///
    /// # Panics
    /// When the numbers of rows differ.
    pub fn loss<R: Real>(
        self,
        outputs: MatrixRef<'_, R>,
        targets: TargetsRef<'_, R>,
        weights: Option<&[R]>,
    ) -> f64 {
        assert_eq!(outputs.n_rows(), targets.n_rows(), "a target for each row");
        (0..outputs.n_rows())
            .map(|row| {
                let weight = weights.map_or(1.0, |weights| weights[row].to_f64());
                weight * self.row_loss(outputs.row(row), targets.row(row)).to_f64()
            })
            .sum()
    }

    /// The loss as [`Objective::loss`], and its gradient by the outputs times `scale`:
    /// `d_outputs` (`n_rows`, `n_outputs`) = scale·wᵢ·∂lᵢ/∂z.
    ///
    /// # Panics
    /// When the numbers of rows differ.
    pub fn loss_and_gradient<R: Real>(
        self,
        outputs: MatrixRef<'_, R>,
        targets: TargetsRef<'_, R>,
        weights: Option<&[R]>,
        scale: R,
        d_outputs: &mut Matrix<R>,
    ) -> f64 {
        assert_eq!(outputs.n_rows(), targets.n_rows(), "a target for each row");
        d_outputs.resize(outputs.n_rows(), outputs.n_columns());
        let mut sum = 0.0;
        for row in 0..outputs.n_rows() {
            let weight = weights.map_or(R::ONE, |weights| weights[row]);
            let (z, d_z) = (outputs.row(row), d_outputs.row_mut(row));
            let loss = self.row_loss_and_gradient(z, targets.row(row), scale * weight, d_z);
            sum += weight.to_f64() * loss.to_f64();
        }
        sum
    }

    /// Turns outputs z into predictions p, in place.
    pub fn predict<R: Real>(self, outputs: &mut Matrix<R>) {
        match self {
            Self::SquaredError => {}
            Self::BinaryCrossEntropy => {
                for z in outputs.values_mut() {
                    *z = crate::activation::sigmoid(*z);
                }
            }
            Self::CrossEntropy => {
                for row in 0..outputs.n_rows() {
                    softmax(outputs.row_mut(row));
                }
            }
        }
    }

    fn row_loss<R: Real>(self, z: &[R], target: Target<'_, R>) -> R {
        let targets = (0..z.len()).map(|k| target.of_output(k, z.len()));
        match self {
            Self::SquaredError => {
                let squares: R = z.iter().zip(targets).map(|(&z, t)| (z - t) * (z - t)).sum();
                R::from_f64(0.5) * squares
            }
            Self::BinaryCrossEntropy => {
                z.iter().zip(targets).map(|(&z, t)| t * softplus(-z) + (R::ONE - t) * softplus(z)).sum()
            }
            Self::CrossEntropy => {
                let largest = largest(z);
                let log_sum = z.iter().map(|&z| (z - largest).exp()).sum::<R>().ln();
                let each =
                    |(&z, t): (&R, R)| if t == R::ZERO { R::ZERO } else { t * (log_sum + (largest - z)) };
                z.iter().zip(targets).map(each).sum()
            }
        }
    }

    /// The loss of a row and its gradient by z, times `scale`; what both need is computed once.
    fn row_loss_and_gradient<R: Real>(self, z: &[R], target: Target<'_, R>, scale: R, d_z: &mut [R]) -> R {
        d_z.copy_from_slice(z);
        let (mut loss, mut total) = (R::ZERO, R::ONE);
        match self {
            Self::SquaredError => loss = self.row_loss(z, target),
            Self::BinaryCrossEntropy => {
                loss = self.row_loss(z, target);
                for d_z in d_z.iter_mut() {
                    *d_z = crate::activation::sigmoid(*d_z);
                }
            }
            Self::CrossEntropy => {
                let sum = exponentials(d_z);
                let (largest, log_sum) = (largest(z), sum.ln());
                for d_z in d_z.iter_mut() {
                    *d_z /= sum;
                }
                total = R::ZERO;
                for (k, &z_k) in z.iter().enumerate() {
                    let t = target.of_output(k, z.len());
                    total += t;
                    if t != R::ZERO {
                        loss += t * (log_sum + (largest - z_k));
                    }
                }
            }
        }
        for (k, d_z) in d_z.iter_mut().enumerate() {
            *d_z = scale * (*d_z * total - target.of_output(k, z.len()));
        }
        loss
    }
}

fn softplus<R: Real>(z: R) -> R {
    crate::activation::softplus(z)
}

fn largest<R: Real>(z: &[R]) -> R {
    z.iter().copied().fold(z[0], R::max)
}

/// softmax(z)ₖ = e^(zₖ − m)/Σⱼ e^(zⱼ − m) with m = max z, in place.
fn softmax<R: Real>(z: &mut [R]) {
    let sum = exponentials(z);
    for z in z {
        *z /= sum;
    }
}

/// zₖ ← e^(zₖ − m) with m = max z; gives their sum.
fn exponentials<R: Real>(z: &mut [R]) -> R {
    let largest = largest(z);
    for z in z.iter_mut() {
        *z = (*z - largest).exp();
    }
    z.iter().copied().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(objective: Objective, z: &[f64], target: TargetsRef<'_, f64>) -> f64 {
        objective.loss(MatrixRef::new(1, z.len(), z), target, None)
    }

    #[test]
    fn exact_at_extreme_logits() {
        let (zero, one) = (TargetsRef::Classes(&[0]), TargetsRef::Classes(&[1]));
        let binary = Objective::BinaryCrossEntropy;
        assert_eq!(loss(binary, &[1000.0], one), 0.0);
        assert_eq!(loss(binary, &[1000.0], zero), 1000.0);
        assert_eq!(loss(binary, &[-1000.0], one), 1000.0);
        assert!((loss(binary, &[-40.0], zero) / (-40.0_f64).exp() - 1.0).abs() < 1e-15);
        let classes = Objective::CrossEntropy;
        assert_eq!(loss(classes, &[1000.0, 0.0, -1000.0], zero), 0.0);
        assert_eq!(loss(classes, &[1000.0, 0.0, -1000.0], one), 1000.0);
        assert_eq!(loss(classes, &[1e300, 1e300], one), 2.0_f64.ln());
    }

    #[test]
    fn extreme_logits_give_sure_predictions_and_finite_gradients() {
        let rows = [[1000.0, 0.0, -1000.0], [1e300, 1e300, -1e300], [-1000.0, -1000.0, -1e300]];
        let mut outputs = Matrix::from_rows(&rows);
        let targets = TargetsRef::Classes(&[1, 1, 1]);
        let mut d_outputs = Matrix::zeros(0, 0);
        Objective::CrossEntropy.loss_and_gradient(outputs.view(), targets, None, 1.0, &mut d_outputs);
        assert_eq!(d_outputs.values(), [1.0, -1.0, 0.0, 0.5, -0.5, 0.0, 0.5, -0.5, 0.0]);
        Objective::CrossEntropy.predict(&mut outputs);
        assert_eq!(outputs.values(), [1.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.5, 0.5, 0.0]);
        let mut outputs = Matrix::from_values(3, 1, vec![1000.0, -1000.0, 0.0]);
        Objective::BinaryCrossEntropy.loss_and_gradient(outputs.view(), targets, None, 1.0, &mut d_outputs);
        assert_eq!(d_outputs.values(), [0.0, -1.0, -0.5]);
        Objective::BinaryCrossEntropy.predict(&mut outputs);
        assert_eq!(outputs.values(), [1.0, 0.0, 0.5]);
    }

    #[test]
    fn two_classes_either_way_agree() {
        for z in [-3.0, -0.25, 0.0, 1.5] {
            for class in [0, 1] {
                let target = TargetsRef::Classes(std::slice::from_ref(&class));
                let one = loss(Objective::BinaryCrossEntropy, &[z], target);
                let two = loss(Objective::CrossEntropy, &[0.5, 0.5 + z], target);
                assert!((one - two).abs() < 1e-15, "{z} {class}: {one} {two}");
            }
        }
    }

    #[test]
    fn a_rows_weight_scales_loss_and_gradient() {
        let outputs = MatrixRef::new(2, 1, &[0.5, -2.0]);
        let targets = TargetsRef::Values(MatrixRef::new(2, 1, &[1.0, 0.0]));
        let mut d_outputs = Matrix::zeros(0, 0);
        let loss = Objective::SquaredError.loss_and_gradient(
            outputs,
            targets,
            Some(&[0.5, 1.5]),
            0.5,
            &mut d_outputs,
        );
        assert_eq!(loss, 0.5 * 0.125 + 1.5 * 2.0);
        assert_eq!(d_outputs.values(), [0.5 * 0.5 * -0.5, 0.5 * 1.5 * -2.0]);
    }

    #[test]
    fn targets_outside_the_domain_are_named() {
        let targets = Targets::Values(Matrix::from_rows(&[[0.0], [1.5]]));
        let error = Objective::BinaryCrossEntropy.check_targets(&targets, 1).unwrap_err();
        assert_eq!(error.to_string(), "binary_cross_entropy: row 1: 1.5 is not a number from 0 to 1");
        assert!(Objective::SquaredError.check_targets(&targets, 1).is_ok());
        assert!(Objective::SquaredError.check_targets(&targets, 2).is_err());
    }
}
