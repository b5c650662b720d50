//! What is kept of a network while it trains, to say later why it failed: the state of every dense layer at a few epochs.
//!
//! The start and the epochs 1, 4, 16, 64, … are looked at, by a forward and backward pass of a few rows of the training part,
//! without dropout and noise. That is a small part of the training itself; no number of it changes.

use crate::activation::Activation;
use crate::batch::slice;
use crate::dataset::Dataset;
use crate::error::Result;
use crate::generator::Generator;
use crate::layer::Layer;
use crate::matrix::Matrix;
use crate::network::Network;
use crate::objective::Objective;
use crate::trace::{LayerTrace, passes};
use serde::{Deserialize, Serialize};

/// Rows that are looked at, and multiplications that a forward pass of them may take.
const MOST_ROWS: usize = 64;
const FEWEST_ROWS: usize = 16;
const MOST_MULTIPLICATIONS: usize = 1 << 21;

/// A unit is flat for a row where its slope is below this share of the activation's steepest.
const FLAT: f64 = 0.02;

/// The dense layers after some epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// 0 for the start.
    pub epoch: usize,
    /// First to last; the last is the output layer.
    pub layers: Vec<LayerState>,
}

/// One dense layer, with the activation behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerState {
    /// Units.
    pub n_units: usize,
    /// Of the layer or of the blend behind it.
    pub activation: Activation,
    /// Mean of what comes out.
    pub mean: f64,
    /// Standard deviation of what comes out, over rows and units.
    pub deviation: f64,
    /// Share of the units that are 0 for every row.
    pub silent: f64,
    /// Share of (unit, row) where a sigmoid or tanh is flat.
    pub flat: f64,
    /// Root mean square of the gradient of a weight.
    pub gradient: f64,
    /// Root mean square of a weight.
    pub weight: f64,
    /// Length of the last epoch's change of the weights, divided by their length before it. None of the start.
    pub change: Option<f64>,
}

/// The rows that are looked at, and what was seen.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    rows: Dataset<f32>,
    pub(crate) snapshots: Vec<Snapshot>,
}

impl Watch {
    /// Will look at some of these rows, drawn by the generator.
    pub(crate) fn new(
        network: &Network<f32>,
        rows: &Dataset<f32>,
        generator: &mut Generator,
    ) -> Result<Self> {
        let mut chosen = generator.permutation(rows.n_rows());
        chosen.truncate(n_rows(network.params().len()));
        Ok(Self { rows: rows.gather(&chosen)?, snapshots: Vec::new() })
    }

    /// Whether the layers are looked at after so many epochs.
    pub(crate) fn is_due(epoch: usize) -> bool {
        epoch == 0 || epoch.is_power_of_two() && epoch.trailing_zeros().is_multiple_of(2)
    }

    /// Looks at the layers. `before` are the parameters before the last epoch.
    pub(crate) fn look(
        &mut self,
        epoch: usize,
        network: &Network<f32>,
        objective: Objective,
        before: Option<&[f32]>,
    ) -> Result<()> {
        let layers = layer_states(network, objective, &self.rows, before)?;
        self.snapshots.push(Snapshot { epoch, layers });
        Ok(())
    }
}

/// Rows that are looked at, of a network with so many parameters.
pub fn n_rows(n_params: usize) -> usize {
    (MOST_MULTIPLICATIONS / n_params.max(1)).clamp(FEWEST_ROWS, MOST_ROWS)
}

/// The dense layers' states for some rows. `before` are the parameters before the last epoch.
///
/// # Errors
/// [`crate::error::Error::Layers`] of a network that no training makes.
pub fn layer_states(
    network: &Network<f32>,
    objective: Objective,
    rows: &Dataset<f32>,
    before: Option<&[f32]>,
) -> Result<Vec<LayerState>> {
    let rows = wide(rows);
    let params = network.params().iter().map(|&param| f64::from(param)).collect();
    let wide = Network::from_params(network.layers().to_vec(), params)?;
    let batch = slice(&rows, 0, rows.n_rows());
    let traced = passes(&wide, objective, batch.x, Some(batch.targets), None);
    let mut states: Vec<LayerState> = Vec::new();
    let mut start = 0;
    for traced in &traced.layers {
        let n_params = traced.layer.n_params();
        match traced.layer {
            Layer::Dense { activation, .. } => {
                let before = before.map(|before| &before[start..start + traced.layer.n_weights()]);
                states.push(state(traced, activation, before));
            }
            Layer::Blend { activation, .. } => {
                if let Some(last) = states.last_mut() {
                    let LayerState { mean, deviation, silent, flat, .. } = state(traced, activation, None);
                    *last = LayerState { activation, mean, deviation, silent, flat, ..last.clone() };
                }
            }
            _ => {}
        }
        start += n_params;
    }
    Ok(states)
}

/// The same in `f64`.
pub(crate) fn wide(rows: &Dataset<f32>) -> Dataset<f64> {
    use crate::dataset::Targets;
    let matrix = |of: &Matrix<f32>| {
        let values = of.values().iter().map(|&value| f64::from(value)).collect();
        Matrix::from_values(of.n_rows(), of.n_columns(), values)
    };
    let targets = match &rows.targets {
        Targets::Values(values) => Targets::Values(matrix(values)),
        Targets::Classes { indices, n_classes } => {
            Targets::Classes { indices: indices.clone(), n_classes: *n_classes }
        }
    };
    Dataset { x: matrix(&rows.x), targets, weights: None }
}

fn state(traced: &LayerTrace, activation: Activation, before: Option<&[f32]>) -> LayerState {
    let (n_rows, n_units) = (traced.a.n_rows(), traced.a.n_columns());
    let a = traced.a.values();
    let n = a.len().max(1) as f64;
    let mean = a.iter().sum::<f64>() / n;
    let deviation = (a.iter().map(|a| (a - mean) * (a - mean)).sum::<f64>() / n).sqrt();
    let is_silent = |unit: &usize| (0..n_rows).all(|row| traced.a.row(row)[*unit] == 0.0);
    let steepest = match activation {
        Activation::Sigmoid => Some(0.25),
        Activation::Tanh => Some(1.0),
        _ => None,
    };
    let slopes = traced.slope.as_ref().map_or(&[][..], |slope| slope.values());
    let flat = steepest.map_or(0.0, |steepest| {
        slopes.iter().filter(|slope| **slope < FLAT * steepest).count() as f64 / slopes.len().max(1) as f64
    });
    let size =
        |values: &[f64]| (values.iter().map(|v| v * v).sum::<f64>() / values.len().max(1) as f64).sqrt();
    let weights = traced.blocks.first();
    let values = weights.map_or(&[][..], |block| &block.values);
    let change = before.map(|before| {
        let differences: Vec<f64> =
            values.iter().zip(before).map(|(now, &before)| now - f64::from(before)).collect();
        let old: Vec<f64> = before.iter().map(|&weight| f64::from(weight)).collect();
        size(&differences) / size(&old).max(f64::MIN_POSITIVE)
    });
    LayerState {
        n_units,
        activation,
        mean,
        deviation,
        silent: (0..n_units).filter(is_silent).count() as f64 / n_units.max(1) as f64,
        flat,
        gradient: weights.and_then(|block| block.gradient.as_deref()).map_or(0.0, size),
        weight: size(values),
        change: change.filter(|change| change.is_finite()),
    }
}
