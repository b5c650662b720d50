//! What a trained model does with the rows that trained it and those that did not, as far as a diagnosis needs it.

use crate::batch::slice;
use crate::dataset::{Dataset, Targets};
use crate::error::Result;
use crate::generator::Generator;
use crate::matrix::{Matrix, MatrixRef};
use crate::metrics::most_probable;
use crate::model::Model;
use crate::network::Network;
use crate::objective::Objective;
use std::collections::HashMap;

/// Training rows that are looked at; of larger tables a fair sample.
const MOST_ROWS: usize = 2_048;

/// A model beside its rows.
pub(crate) struct Facts<'a> {
    pub(crate) model: &'a Model,
    /// Of all training rows at most [`MOST_ROWS`].
    pub(crate) training: Dataset<f32>,
    /// The model's outputs for `training`.
    pub(crate) outputs: Matrix<f32>,
    /// Mean losses on `training`: the model's, the best constant's, and the least that any function of the inputs can have.
    pub(crate) loss: f64,
    pub(crate) constant_loss: f64,
    pub(crate) floor: f64,
    /// Mean losses on the validation rows: the model's, the constant's, the linear model's.
    pub(crate) held_out: Option<HeldOut>,
    /// Groups of `training` rows with the same inputs, of two and more.
    pub(crate) groups: Vec<Vec<usize>>,
}

/// Mean losses of rows that did not train.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeldOut {
    pub(crate) n_rows: usize,
    pub(crate) loss: f64,
    pub(crate) constant_loss: f64,
    /// The linear model's loss is higher by so much, and the standard error of that.
    pub(crate) linear_loss: f64,
    pub(crate) standard_error: f64,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(
        model: &'a Model,
        training: &Dataset<f32>,
        validation: Option<&'a Dataset<f32>>,
    ) -> Result<Self> {
        // Rows that count.
        let mut rows = Generator::new(0).permutation(training.n_rows());
        rows.retain(|&row| training.weights.as_ref().is_none_or(|weights| weights[row] > 0.0));
        rows.truncate(MOST_ROWS);
        rows.sort_unstable();
        let training = training.gather(&rows)?;
        let objective = model.objective;
        let outputs = model.outputs(training.x.view());
        let mean = |outputs: &Matrix<f32>, rows: &Dataset<f32>| {
            let all = slice(rows, 0, rows.n_rows());
            objective.loss(outputs.view(), all.targets, all.weights) / rows.n_rows() as f64
        };
        let groups = groups(training.x.view());
        let held_out = validation.map(|rows| {
            let own = row_losses(objective, &model.outputs(rows.x.view()), rows);
            let linear = row_losses(objective, &linear_outputs(&model.baselines.linear, rows), rows);
            let n = own.len() as f64;
            let average = |losses: &[f64]| losses.iter().sum::<f64>() / n;
            let difference = average(&own) - average(&linear);
            let squares = own.iter().zip(&linear).map(|(own, linear)| (own - linear - difference).powi(2));
            HeldOut {
                n_rows: own.len(),
                loss: average(&own),
                constant_loss: constant_loss(objective, &training, rows),
                linear_loss: average(&linear),
                standard_error: (squares.sum::<f64>() / n).sqrt() / n.sqrt(),
            }
        });
        Ok(Self {
            loss: mean(&outputs, &training),
            constant_loss: constant_loss(objective, &training, &training),
            floor: floor(objective, &training, &groups),
            model,
            outputs,
            held_out,
            groups,
            training,
        })
    }

    /// The share of the way from the constant's loss to the least possible one that training has gone.
    pub(crate) fn gain(&self) -> f64 {
        share(self.constant_loss, self.loss, self.floor)
    }

    /// The same on rows that did not train, towards 0.
    pub(crate) fn held_out_gain(&self) -> Option<f64> {
        self.held_out.map(|held_out| share(held_out.constant_loss, held_out.loss, 0.0))
    }

    /// Whether hardly anything was learnt.
    pub(crate) fn fails(&self) -> bool {
        self.gain() < 0.1
    }

    /// The class of each training row, where the target is one.
    pub(crate) fn classes(&self) -> Option<&[u32]> {
        match &self.training.targets {
            Targets::Classes { indices, .. } => Some(indices),
            Targets::Values(_) => None,
        }
    }

    /// The share of training rows whose class is the most probable one.
    pub(crate) fn right(&self) -> Option<f64> {
        let predicted = predicted_classes(self.model.objective, &self.outputs);
        let classes = self.classes()?;
        let n_right = predicted.iter().zip(classes).filter(|(one, other)| one == other).count();
        Some(n_right as f64 / classes.len() as f64)
    }

    /// Whether there is a hidden layer.
    pub(crate) fn has_hidden(&self) -> bool {
        !self.model.story.config.hidden_layer_sizes.is_empty()
    }
}

/// How far `at` is on the way from `from` to `to`.
fn share(from: f64, at: f64, to: f64) -> f64 {
    if from - to > 1e-12 { (from - at) / (from - to) } else { 1.0 }
}

fn linear_outputs(linear: &Network<f32>, rows: &Dataset<f32>) -> Matrix<f32> {
    linear.outputs(rows.x.view())
}

/// Each row's loss, times its weight.
fn row_losses(objective: Objective, outputs: &Matrix<f32>, rows: &Dataset<f32>) -> Vec<f64> {
    let of = |row: usize| {
        let one = slice(rows, row, row + 1);
        objective.loss(outputs.view().rows(row, row + 1), one.targets, one.weights)
    };
    (0..rows.n_rows()).map(of).collect()
}

/// The most probable class of each row, by outputs before the objective's map.
pub(crate) fn predicted_classes(objective: Objective, outputs: &Matrix<f32>) -> Vec<u32> {
    let class = |row: usize| match objective {
        Objective::BinaryCrossEntropy => u32::from(outputs.row(row)[0] > 0.0),
        _ => most_probable(outputs.row(row)) as u32,
    };
    (0..outputs.n_rows()).map(class).collect()
}

/// The mean loss on some rows of the constant that is best for the training rows.
pub(crate) fn constant_loss(objective: Objective, training: &Dataset<f32>, rows: &Dataset<f32>) -> f64 {
    let outputs = Matrix::from_rows(&vec![best_constant(objective, training); rows.n_rows()]);
    let all = slice(rows, 0, rows.n_rows());
    objective.loss(outputs.view(), all.targets, all.weights) / rows.n_rows() as f64
}

/// How much a row counts.
fn weight(rows: &Dataset<f32>, row: usize) -> f64 {
    rows.weights.as_ref().map_or(1.0, |weights| f64::from(weights[row]))
}

/// Outputs, the same for every row, with the least mean loss.
fn best_constant(objective: Objective, training: &Dataset<f32>) -> Vec<f32> {
    match &training.targets {
        Targets::Classes { indices, n_classes } => {
            let mut counts = vec![0.0_f64; *n_classes];
            for (row, &class) in indices.iter().enumerate() {
                counts[class as usize] += weight(training, row);
            }
            // Rows that did not train may have a class that these lack.
            let logs: Vec<f32> =
                counts.iter().map(|count| (count.max(0.5) / indices.len() as f64).ln() as f32).collect();
            if objective == Objective::BinaryCrossEntropy { vec![logs[1] - logs[0]] } else { logs }
        }
        Targets::Values(values) => {
            let of = |column: usize| {
                // Numbers and how much they count.
                let mut all: Vec<(f64, f64)> = (0..values.n_rows())
                    .map(|row| (f64::from(values.row(row)[column]), weight(training, row)))
                    .collect();
                let total: f64 = all.iter().map(|(_, weight)| weight).sum();
                let mean = all.iter().map(|(value, weight)| value * weight).sum::<f64>() / total;
                match objective {
                    Objective::Quantile(levels) => {
                        all.sort_by(|one, other| one.0.total_cmp(&other.0));
                        let below = |&level: &f64| {
                            let mut sum = 0.0;
                            let reaches = |(_, weight): &&(f64, f64)| {
                                sum += weight;
                                sum >= level * total
                            };
                            all.iter().find(reaches).or(all.last()).map_or(0.0, |(value, _)| *value as f32)
                        };
                        levels.as_slice().iter().map(below).collect()
                    }
                    Objective::Poisson => vec![mean.max(1e-9).ln() as f32],
                    _ => vec![mean as f32],
                }
            };
            (0..values.n_columns()).flat_map(of).collect()
        }
    }
}

/// Rows with the same inputs, to the bit.
fn groups(x: MatrixRef<'_, f32>) -> Vec<Vec<usize>> {
    let mut by_bits: HashMap<Vec<u32>, Vec<usize>> = HashMap::new();
    for row in 0..x.n_rows() {
        by_bits.entry(x.row(row).iter().map(|value| value.to_bits()).collect()).or_default().push(row);
    }
    let mut groups: Vec<Vec<usize>> = by_bits.into_values().filter(|rows| rows.len() > 1).collect();
    groups.sort_unstable();
    groups
}

/// The least mean loss of a function of the inputs: of rows with the same inputs, that of their best constant.
fn floor(objective: Objective, training: &Dataset<f32>, groups: &[Vec<usize>]) -> f64 {
    let of_group = |rows: &Vec<usize>| match (objective, &training.targets) {
        (
            Objective::BinaryCrossEntropy | Objective::CrossEntropy,
            Targets::Classes { indices, n_classes },
        ) => {
            let mut counts = vec![0.0; *n_classes];
            for &row in rows {
                counts[indices[row] as usize] += weight(training, row);
            }
            let n: f64 = counts.iter().sum();
            counts.iter().filter(|count| **count > 0.0).map(|count| -count * (count / n).ln()).sum::<f64>()
        }
        (Objective::SquaredError, Targets::Values(values)) => {
            let of_column = |column: usize| {
                let all =
                    || rows.iter().map(|&row| (f64::from(values.row(row)[column]), weight(training, row)));
                let total: f64 = all().map(|(_, weight)| weight).sum();
                let mean = all().map(|(value, weight)| value * weight).sum::<f64>() / total;
                all().map(|(value, weight)| 0.5 * weight * (value - mean).powi(2)).sum::<f64>()
            };
            (0..values.n_columns()).map(of_column).sum()
        }
        _ => 0.0,
    };
    groups.iter().map(of_group).sum::<f64>() / training.n_rows() as f64
}

#[cfg(test)]
mod tests {
    use super::{best_constant, constant_loss, floor, groups};
    use crate::dataset::{Dataset, Targets};
    use crate::matrix::Matrix;
    use crate::objective::Objective;
    use crate::quantiles::QuantileLevels;

    /// Rows that count 0 to 3 times, and the same rows as often as they count.
    fn pair(of_row: impl Fn(usize) -> f32, n_classes: Option<usize>) -> [Dataset<f32>; 2] {
        let times = [3, 1, 0, 2, 1, 1, 3, 2];
        let repeated: Vec<usize> = (0..8).flat_map(|row| std::iter::repeat_n(row, times[row])).collect();
        let dataset = |rows: &[usize]| {
            let x = Matrix::from_rows(&rows.iter().map(|&row| vec![(row / 2) as f32]).collect::<Vec<_>>());
            let targets = match n_classes {
                Some(n_classes) => {
                    let indices = rows.iter().map(|&row| of_row(row) as u32).collect();
                    Targets::Classes { indices, n_classes }
                }
                None => Targets::Values(Matrix::from_rows(
                    &rows.iter().map(|&row| vec![of_row(row)]).collect::<Vec<_>>(),
                )),
            };
            Dataset::new(x, targets).unwrap()
        };
        let all: Vec<usize> = (0..8).collect();
        [dataset(&all).with_sample_weights(&times.map(|n| n as f64)).unwrap(), dataset(&repeated)]
    }

    #[test]
    fn rows_that_count_more_are_as_rows_that_come_more_often() {
        let number = |row: usize| [0.5, 2.0, 9.0, 1.0, 4.0, 3.0, 0.0, 6.0][row];
        let cases = [
            (Objective::BinaryCrossEntropy, pair(|row| (row % 2) as f32, Some(2))),
            (Objective::CrossEntropy, pair(|row| (row % 3) as f32, Some(3))),
            (Objective::SquaredError, pair(number, None)),
            (Objective::Poisson, pair(number, None)),
            (Objective::Quantile(QuantileLevels::new(&[0.25, 0.5]).unwrap()), pair(number, None)),
        ];
        for (objective, [weighted, repeated]) in cases {
            let figures = |rows: &Dataset<f32>| {
                let floor = floor(objective, rows, &groups(rows.x.view()));
                (best_constant(objective, rows), constant_loss(objective, rows, rows), floor)
            };
            let (found, expected) = (figures(&weighted), figures(&repeated));
            for (found, expected) in found.0.iter().zip(&expected.0) {
                assert!((found - expected).abs() < 1e-6, "{}: {found} {expected}", objective.name());
            }
            assert!((found.1 - expected.1).abs() < 1e-6 && (found.2 - expected.2).abs() < 1e-6);
        }
    }
}
