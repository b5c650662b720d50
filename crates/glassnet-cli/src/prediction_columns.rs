//! Predictions as columns of a table.

use glassnet::metrics::most_probable;
use glassnet::model::{Model, Prediction};

/// `q<level>` for each quantile; `prediction_<target>` for each of several targets; or `prediction`, and
/// `probability_<class>` for each class.
pub(crate) fn added_columns(model: &Model) -> Vec<String> {
    if let Some(levels) = model.quantile_levels() {
        return levels.names();
    }
    if let targets @ [_, _, ..] = model.target.numbers() {
        return targets.iter().map(|target| format!("prediction_{}", target.column)).collect();
    }
    let probabilities = model.target.class_names().iter().map(|class| format!("probability_{class}"));
    std::iter::once("prediction".to_owned()).chain(probabilities).collect()
}

/// The cells of a row under them.
pub(crate) fn add_cells(model: &Model, prediction: &Prediction, row: usize, cells: &mut Vec<String>) {
    match prediction {
        Prediction::Numbers(numbers) | Prediction::Quantiles(numbers) => {
            cells.extend(numbers.row(row).iter().map(|&number| (number as f32).to_string()));
        }
        Prediction::Probabilities(probabilities) => {
            let probabilities = probabilities.row(row);
            cells.push(model.target.class_names()[most_probable(probabilities)].clone());
            cells.extend(probabilities.iter().map(f32::to_string));
        }
    }
}
