//! The best prediction that is the same for every row.

use crate::dataset::Targets;
use crate::interval::percentile;
use crate::objective::Objective;
use crate::standard::Standardization;
use crate::target::{NumberTarget, TargetEncoder};

/// The targets of the training rows, as far as a constant prediction needs them.
#[derive(Debug)]
pub(crate) enum TargetSummary {
    /// How many rows each class has.
    Counts(Vec<usize>),
    /// Of each target numbers as they are trained on; all of them or a sample.
    Numbers(Vec<Vec<f32>>),
}

impl TargetSummary {
    pub(crate) fn of(targets: &Targets<f32>) -> Self {
        match targets {
            Targets::Values(values) => {
                let column = |k: usize| (0..values.n_rows()).map(|row| values.row(row)[k]).collect();
                Self::Numbers((0..values.n_columns()).map(column).collect())
            }
            Targets::Classes { indices, n_classes } => {
                let mut counts = vec![0; *n_classes];
                for &class in indices {
                    counts[class as usize] += 1;
                }
                Self::Counts(counts)
            }
        }
    }
}

/// The classes' shares, the quantiles (with linear interpolation), or the mean; `is_own` where the target's mean is that of these
/// rows.
pub(crate) fn constant(
    target: &TargetEncoder,
    summary: TargetSummary,
    objective: Objective,
    is_own: bool,
) -> Vec<f64> {
    match summary {
        TargetSummary::Numbers(all) => {
            let each = target.numbers().iter().zip(all);
            each.flat_map(|(target, values)| constant_numbers(target, &values, objective, is_own)).collect()
        }
        TargetSummary::Counts(counts) => {
            let n_rows: usize = counts.iter().sum();
            let share = |&count: &usize| (0..count).fold(0.0, |share, _| share + 1.0 / n_rows as f64);
            counts.iter().map(share).collect()
        }
    }
}

/// Of one column of numbers, as they are trained on.
fn constant_numbers(target: &NumberTarget, values: &[f32], objective: Objective, is_own: bool) -> Vec<f64> {
    let mean = || values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64;
    let restore = |z: f64| target.standardization.restore(z);
    match objective {
        Objective::Quantile(levels) => {
            let mut sorted: Vec<f64> = values.iter().map(|&z| restore(f64::from(z))).collect();
            sorted.sort_by(f64::total_cmp);
            levels.as_slice().iter().map(|&level| percentile(&sorted, level)).collect()
        }
        _ if !is_own => vec![restore(mean())],
        Objective::Poisson => vec![restore(1.0)],
        _ if target.standardization == Standardization::NONE => vec![mean()],
        _ => vec![restore(0.0)],
    }
}
