//! What training makes small. The map from outputs to predictions, the loss and the gradient are one choice.
//!
//! The loss of a batch is the sum over its rows of wᵢ·lᵢ, where wᵢ is the row's weight (1 where there are none) and lᵢ
//! the row's loss, itself a sum over outputs. Who calls divides by the number of rows where a mean is wanted.

use crate::dataset::Targets;
use crate::error::{Error, Result};
use crate::matrix::{Matrix, MatrixRef};
use crate::quantiles::QuantileLevels;
use glassnet_kernels::{Real, elementwise};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Output map, loss and gradient. z are the outputs of the network's last layer, t the targets, p the predictions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
    /// An output for each level τₖ of one target t: pₖ = zₖ, l = Σₖ max(τₖ·(t − zₖ), (1 − τₖ)·(zₖ − t)), the pinball loss,
    /// whose mean is least at the quantiles (Koenker and Bassett, Econometrica 46, 1978). ∂l/∂zₖ = −τₖ below the target,
    /// 1 − τₖ above it, 0 on it. Predictions are sorted where they cross (Chernozhukov, Fernández-Val and Galichon, 2010,
    /// arXiv:0704.3649), which never makes the loss greater. The last layer may have any activation.
    Quantile(QuantileLevels),
    /// Counts t ≥ 0, also rates: pₖ = e^zₖ, l = Σₖ (pₖ − tₖ·zₖ), ∂l/∂zₖ = pₖ − tₖ. To be −ln of the Poisson distribution it
    /// lacks ln tₖ!, which no output changes, so it may be negative. The last layer's activation is the identity.
    Poisson,
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

    /// The same of one row alone.
    pub(crate) fn of_row(self, row: usize) -> Self {
        match self {
            Self::Classes(indices) => Self::Classes(&indices[row..=row]),
            Self::Values(values) => Self::Values(values.rows(row, row + 1)),
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
            Self::Quantile(_) => "quantile",
            Self::Poisson => "poisson",
        }
    }

    /// Whether the objective applies its own map to the outputs, so that the last layer must be the identity.
    pub fn maps_outputs(self) -> bool {
        !matches!(self, Self::SquaredError | Self::Quantile(_))
    }

    /// Whether these targets can be learnt with `n_outputs` outputs.
    ///
    /// # Errors
    /// [`Error::Targets`] when the numbers of outputs differ, and when a class or value is outside the objective's domain.
    pub fn check_targets<R: Real>(self, targets: &Targets<R>, n_outputs: usize) -> Result<()> {
        let wrong = |reason: String| Err(Error::Targets { objective: self.name(), reason });
        match targets {
            Targets::Classes { .. } if matches!(self, Self::Quantile(_) | Self::Poisson) => {
                wrong("the targets are classes, it needs numbers".into())
            }
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
                let n_columns = values.n_columns();
                let expected = match self {
                    Self::Quantile(levels) if n_columns == 1 => levels.as_slice().len(),
                    Self::Quantile(_) => return wrong(format!("{n_columns} target columns, it learns one")),
                    _ => n_columns,
                };
                if expected != n_outputs {
                    return wrong(format!("{n_columns} target columns, the network has {n_outputs} outputs"));
                }
                let (low, high, domain) = match self {
                    Self::SquaredError | Self::Quantile(_) => (f64::MIN, f64::MAX, "a finite number"),
                    Self::BinaryCrossEntropy | Self::CrossEntropy => (0.0, 1.0, "a number from 0 to 1"),
                    Self::Poisson => (0.0, f64::MAX, "a finite number of at least 0"),
                };
                match values.values().iter().position(|t| !(low..=high).contains(&t.to_f64())) {
                    Some(i) => {
                        wrong(format!("row {}: {} is not {domain}", i / n_columns, values.values()[i]))
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
        self.loss_and_gradient_of(0..outputs.n_rows(), outputs, targets, weights, scale, d_outputs)
    }

    /// As [`Objective::loss_and_gradient`], of some of the rows; `d_outputs` has all of them.
    pub(crate) fn loss_and_gradient_of<R: Real>(
        self,
        rows: Range<usize>,
        outputs: MatrixRef<'_, R>,
        targets: TargetsRef<'_, R>,
        weights: Option<&[R]>,
        scale: R,
        d_outputs: &mut Matrix<R>,
    ) -> f64 {
        let (n_outputs, mut sum) = (outputs.n_columns(), 0.0);
        let here = rows.start * n_outputs..rows.end * n_outputs;
        let d_here = &mut d_outputs.values_mut()[here.clone()];
        d_here.copy_from_slice(&outputs.values()[here]);
        if self == Self::CrossEntropy {
            elementwise::exponentials(d_here, n_outputs);
        }
        for row in rows {
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
            Self::Poisson => {
                for z in outputs.values_mut() {
                    *z = z.exp();
                }
            }
            Self::Quantile(_) => {
                for row in 0..outputs.n_rows() {
                    let order = |a: &R, b: &R| a.to_f64().total_cmp(&b.to_f64());
                    outputs.row_mut(row).sort_by(order);
                }
            }
            Self::CrossEntropy => {
                let n_outputs = outputs.n_columns();
                elementwise::exponentials(outputs.values_mut(), n_outputs);
                for p in outputs.values_mut().chunks_exact_mut(n_outputs.max(1)) {
                    let sum: R = p.iter().copied().sum();
                    for p in p {
                        *p /= sum;
                    }
                }
            }
        }
    }

    fn row_loss<R: Real>(self, z: &[R], target: Target<'_, R>) -> R {
        if let Self::Quantile(levels) = &self {
            let t = target.of_output(0, z.len());
            return z.iter().zip(levels.as_slice()).map(|(&z, &level)| pinball(z, t, level)).sum();
        }
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
            Self::Poisson => z.iter().zip(targets).map(|(&z, t)| z.exp() - t * z).sum(),
            Self::Quantile(_) => unreachable!("above"),
        }
    }

    /// The loss of a row and its gradient by z, times `scale`; what both need is computed once. `d_z` has z, or with
    /// [`Objective::CrossEntropy`] their [`elementwise::exponentials`].
    fn row_loss_and_gradient<R: Real>(self, z: &[R], target: Target<'_, R>, scale: R, d_z: &mut [R]) -> R {
        let (mut loss, mut total) = (R::ZERO, R::ONE);
        match self {
            Self::SquaredError => loss = self.row_loss(z, target),
            Self::BinaryCrossEntropy => {
                loss = self.row_loss(z, target);
                for d_z in d_z.iter_mut() {
                    *d_z = crate::activation::sigmoid(*d_z);
                }
            }
            Self::Poisson => {
                loss = self.row_loss(z, target);
                for d_z in d_z.iter_mut() {
                    *d_z = d_z.exp();
                }
            }
            Self::Quantile(levels) => {
                let t = target.of_output(0, z.len());
                for (d_z, &level) in d_z.iter_mut().zip(levels.as_slice()) {
                    *d_z = scale * R::from_f64(pinball_slope(*d_z, t, level));
                }
                return self.row_loss(z, target);
            }
            Self::CrossEntropy => {
                let sum: R = d_z.iter().copied().sum();
                let (largest, log_sum) = (largest(z), sum.ln());
                for d_z in d_z.iter_mut() {
                    *d_z /= sum;
                }
                if let Target::Class(class) = target
                    && z.len() > 1
                {
                    // What the loops below would find, t being 1 once and else 0.
                    let d_class = scale * (d_z[class] - R::ONE);
                    for d_z in d_z.iter_mut() {
                        *d_z *= scale;
                    }
                    d_z[class] = d_class;
                    return log_sum + (largest - z[class]);
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

fn pinball<R: Real>(z: R, t: R, level: f64) -> R {
    if z < t { R::from_f64(level) * (t - z) } else { R::from_f64(1.0 - level) * (z - t) }
}

/// ∂/∂z of it.
fn pinball_slope<R: Real>(z: R, t: R, level: f64) -> f64 {
    if z < t {
        -level
    } else if z > t {
        1.0 - level
    } else {
        0.0
    }
}

pub(crate) fn softplus<R: Real>(z: R) -> R {
    crate::activation::softplus(z)
}

pub(crate) fn largest<R: Real>(z: &[R]) -> R {
    z.iter().copied().fold(z[0], R::max)
}
