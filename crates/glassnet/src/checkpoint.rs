//! A training between two epochs as data: one that goes on from it gives the same bits as one that was never interrupted.

use crate::error::{Error, Result};
use crate::generator::Xoshiro;
use crate::history::EpochReport;
use crate::optimizer::OptimizerState;
use glassnet_kernels::{Real, elementwise};

/// Where a [`crate::trainer::Trainer`] is. What the schedules have seen and the best loss are in the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint<R> {
    /// One report an epoch.
    pub history: Vec<EpochReport>,
    /// The epoch of [`Progress::best_params`]; 0 for the start.
    pub best_epoch: usize,
    /// Of each network.
    pub members: Vec<Progress<R>>,
}

/// Where one network is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress<R> {
    /// All parameters.
    pub params: Vec<R>,
    /// Those of the best epoch; empty where no validation rows decide, and the last epoch is the best.
    pub best_params: Vec<R>,
    /// The optimizer's.
    pub optimizer: OptimizerState<R>,
    /// The generator's.
    pub generator: Xoshiro,
    /// The rows in the order of the last epoch; empty where they come in several blocks.
    pub order: Vec<u32>,
}

impl<R: Real> Progress<R> {
    /// Whether a training of so many parameters and rows can go on from here.
    pub(crate) fn check(&self, like: &Self) -> Result<()> {
        let wrong = |reason: &str| Err(Error::Checkpoint { reason: reason.to_owned() });
        let lengths = |of: &Self| {
            let OptimizerState { first, second, .. } = &of.optimizer;
            [of.params.len(), of.best_params.len(), first.len(), second.len(), of.order.len()]
        };
        if lengths(self) != lengths(like) {
            return wrong("its network, optimizer or rows are others");
        }
        let mut is_there = vec![false; self.order.len()];
        for &row in &self.order {
            match is_there.get_mut(row as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => return wrong("a row of its order is missing, or there twice"),
            }
        }
        let numbers: [&[R]; 4] =
            [&self.params, &self.best_params, &self.optimizer.first, &self.optimizer.second];
        let (a, b) = self.optimizer.beta_powers;
        if !(numbers.iter().all(|numbers| elementwise::all_finite(numbers)) && a.is_finite() && b.is_finite())
        {
            return wrong("a number is not finite");
        }
        Ok(())
    }
}
