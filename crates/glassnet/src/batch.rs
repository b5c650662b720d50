//! Rows of a dataset that go through a network together.

use crate::dataset::{Dataset, Targets};
use crate::matrix::MatrixRef;
use crate::network::{Cache, Network};
use crate::objective::{Objective, TargetsRef};
use glassnet_kernels::Real;

/// Rows of a dataset, seen.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a, R> {
    pub(crate) x: MatrixRef<'a, R>,
    pub(crate) targets: TargetsRef<'a, R>,
    pub(crate) weights: Option<&'a [R]>,
}

/// The mean over rows of wᵢ·lᵢ, without dropout. In blocks, so that memory does not grow with the rows.
pub fn mean_loss<R: Real>(network: &Network<R>, objective: Objective, dataset: &Dataset<R>) -> f64 {
    mean_loss_in(&mut Cache::default(), network, objective, dataset)
}

pub(crate) fn mean_loss_in<R: Real>(
    cache: &mut Cache<R>,
    network: &Network<R>,
    objective: Objective,
    dataset: &Dataset<R>,
) -> f64 {
    const BLOCK: usize = 1_024;
    let n_rows = dataset.x.n_rows();
    let mut sum = 0.0;
    for start in (0..n_rows).step_by(BLOCK) {
        let batch = slice(dataset, start, (start + BLOCK).min(n_rows));
        network.forward_outputs(batch.x, cache);
        sum += objective.loss(cache.outputs(), batch.targets, batch.weights);
    }
    sum / n_rows as f64
}

pub(crate) fn slice<R: Real>(dataset: &Dataset<R>, start: usize, end: usize) -> Batch<'_, R> {
    Batch {
        x: dataset.x.view().rows(start, end),
        targets: match &dataset.targets {
            Targets::Classes { indices, .. } => TargetsRef::Classes(&indices[start..end]),
            Targets::Values(values) => TargetsRef::Values(values.view().rows(start, end)),
        },
        weights: dataset.weights.as_ref().map(|weights| &weights[start..end]),
    }
}
