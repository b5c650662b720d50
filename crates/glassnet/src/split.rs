//! Rows put at random into a part to train on and a part to validate on.

use crate::error::{DatasetError, Result};
use crate::generator::Generator;

/// Which rows are trained on and which are held back; each part in increasing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Never empty when there are rows.
    pub training: Vec<usize>,
    /// Empty when `validation_fraction` is 0 or nothing can be held back.
    pub validation: Vec<usize>,
}

impl Split {
    /// Holds back `validation_fraction` of the rows, rounded; at least one and not all, where there are two rows.
    ///
    /// # Errors
    /// [`DatasetError::ValidationFraction`] outside [0, 1).
    pub fn of_rows(n_rows: usize, validation_fraction: f64, generator: &mut Generator) -> Result<Self> {
        let n_validation = n_validation(n_rows, validation_fraction)?;
        let mut order = generator.permutation(n_rows);
        let training = order.split_off(n_validation);
        Ok(Self { training, validation: order }.sorted())
    }

    /// Holds back `validation_fraction` of the rows, and of each class in proportion (by largest remainder, ties at
    /// random); every class keeps at least one training row.
    ///
    /// # Errors
    /// [`DatasetError::ValidationFraction`] outside [0, 1).
    pub fn of_classes(indices: &[u32], validation_fraction: f64, generator: &mut Generator) -> Result<Self> {
        let n_validation = n_validation(indices.len(), validation_fraction)?;
        let n_classes = indices.iter().max().map_or(0, |&largest| largest as usize + 1);
        let mut classes: Vec<Vec<usize>> = vec![Vec::new(); n_classes];
        for (row, &class) in indices.iter().enumerate() {
            classes[class as usize].push(row);
        }
        for rows in &mut classes {
            generator.shuffle(rows);
        }
        generator.shuffle(&mut classes);
        let quota = |rows: &[usize]| validation_fraction * rows.len() as f64;
        let remainder = |rows: &[usize]| quota(rows).fract();
        classes.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)));

        let whole = |rows: &[usize]| (quota(rows) as usize).min(rows.len().saturating_sub(1));
        let mut n_left = n_validation.saturating_sub(classes.iter().map(|rows| whole(rows)).sum());
        let mut split = Self { training: Vec::new(), validation: Vec::new() };
        for rows in &classes {
            let n_whole = whole(rows);
            let n_extra = usize::from(n_left > 0 && n_whole + 1 < rows.len());
            n_left -= n_extra;
            let (validation, training) = rows.split_at(n_whole + n_extra);
            split.validation.extend(validation);
            split.training.extend(training);
        }
        Ok(split.sorted())
    }

    fn sorted(mut self) -> Self {
        self.training.sort_unstable();
        self.validation.sort_unstable();
        self
    }
}

fn n_validation(n_rows: usize, validation_fraction: f64) -> Result<usize> {
    if !(0.0..1.0).contains(&validation_fraction) {
        return Err(DatasetError::ValidationFraction { value: validation_fraction }.into());
    }
    if validation_fraction == 0.0 || n_rows < 2 {
        return Ok(0);
    }
    Ok(((validation_fraction * n_rows as f64).round() as usize).clamp(1, n_rows - 1))
}
