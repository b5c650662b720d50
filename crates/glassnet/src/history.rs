//! What happened in each epoch, why there is no further one, and what is left at the end.

use crate::network::Network;
use serde::{Deserialize, Serialize};

/// What happened in one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// From 1.
    pub epoch: usize,
    /// Mean over rows; see [`crate::train_config::TrainingLoss`]. Of several networks the mean of theirs.
    pub training_loss: f64,
    /// Mean over the validation rows after the epoch; of several networks, that of their averaged predictions.
    pub validation_loss: Option<f64>,
    /// The validation loss that [`crate::train_config::Watched::TemperedLoss`] watches, where it is watched.
    #[serde(default)]
    pub tempered_loss: Option<f64>,
    /// η of the epoch's last step.
    pub learning_rate: f64,
    /// Length of the longest gradient of the epoch, before clipping.
    pub largest_gradient_norm: f64,
}

impl EpochReport {
    /// The loss by which the epoch is chosen: of validation rows, where there are any.
    pub fn watched_loss(&self) -> f64 {
        self.tempered_loss.or(self.validation_loss).unwrap_or(self.training_loss)
    }

    /// Which of the losses that is, in a word.
    pub fn watched_name(&self) -> &'static str {
        match (self.tempered_loss, self.validation_loss) {
            (Some(_), _) => "tempered",
            (None, Some(_)) => "validation",
            (None, None) => "training",
        }
    }
}

/// The step after which a number was no longer finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BrokenOff {
    /// From 1, within its epoch; the epoch's last where only the parameters after it were not finite.
    pub step: usize,
    /// η of that step.
    pub learning_rate: f64,
    /// The loss of the step before, a row; the epoch's first step has none before it.
    pub loss_before: Option<f64>,
    /// The length of the gradient of the step before.
    pub gradient_norm_before: Option<f64>,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every epoch asked for was done.
    Epochs,
    /// The validation loss had not improved for `patience` epochs.
    Patience,
    /// A loss or parameter was no longer finite in this epoch; its beginning was restored.
    NonFinite {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// The caller pulled no further epoch.
    Interrupted,
}

/// A finished training.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained<R> {
    /// The networks of the best epoch, in the order they were given; one, where one was.
    pub networks: Vec<Network<R>>,
    /// One report an epoch.
    pub history: Vec<EpochReport>,
    /// The epoch whose parameters these are: of the lowest validation loss, the last one where there is no
    /// validation part; 0 for the start.
    pub best_epoch: usize,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// The step with which it broke off, where it did.
    pub broken_off: Option<BrokenOff>,
}

impl<R> Trained<R> {
    /// The network, where one was trained; of several the first.
    pub fn network(&self) -> &Network<R> {
        &self.networks[0]
    }
}
