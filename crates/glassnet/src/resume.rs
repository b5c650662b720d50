//! A fit between two epochs, to go on with it later.

use crate::changes::Change;
use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::fit::Fit;
use crate::fit_config::FitConfig;
use crate::network::Network;
use crate::schema::Schema;
use crate::watch::Snapshot;
use serde::{Deserialize, Serialize};

/// A fit under way as data: which one it is, and where it is. The linear baseline is not in it, but trained again, which takes
/// a small part of the time.
#[derive(Debug, Clone, PartialEq)]
pub struct FitCheckpoint {
    /// Which fit.
    pub identity: Identity,
    /// Where it is.
    pub at: Checkpoint<f32>,
    /// What was seen of the layers so far.
    pub snapshots: Vec<Snapshot>,
}

/// What must be the same for the model to be the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The version of glassnet.
    pub version: String,
    /// Fingerprint of the table.
    pub table: String,
    /// Fingerprint of the validation table, where one was given.
    pub validation: Option<String>,
    /// Fingerprint of the parameters that it goes on from, where these are a model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The columns as understood.
    pub schema: Schema,
    /// Rows that train.
    pub n_training_rows: usize,
    /// Rows of a block, where the table is larger than the memory it was given.
    pub rows_per_block: Option<usize>,
    /// Every setting; not the threads, on which no bit depends.
    pub config: FitConfig,
}

impl Fit {
    /// Where the fit is; `None` when it ended because a number was not finite, and of several starts.
    pub fn checkpoint(&self) -> Option<FitCheckpoint> {
        let [run] = &self.runs.all[..] else { return None };
        let (at, snapshots) = (run.trainer.checkpoint()?, run.snapshots().to_vec());
        Some(FitCheckpoint { identity: self.identity(), at, snapshots })
    }

    /// Goes on from there, to the same bits as without the interruption.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] names what differs from that fit.
    pub fn resume(&mut self, from: FitCheckpoint) -> Result<()> {
        let own = self.identity();
        if let Some(reason) = difference(&own, &from.identity) {
            return Err(Error::Checkpoint { reason });
        }
        match &mut self.runs.all[..] {
            [run] => run.resume(from.at, from.snapshots),
            _ => Err(Error::Checkpoint { reason: "it is of one start, this training has several".into() }),
        }
    }

    /// Epochs that are done.
    pub fn n_epochs_done(&self) -> usize {
        self.runs.all.iter().map(|run| run.trainer.n_epochs_done()).max().unwrap_or(0)
    }

    /// Whether there is an epoch to come.
    pub fn has_epochs_left(&self) -> bool {
        self.runs.all.iter().any(|run| !run.trainer.has_ended())
    }

    fn identity(&self) -> Identity {
        Identity {
            version: env!("CARGO_PKG_VERSION").into(),
            table: self.prepared.table_fingerprint.clone(),
            validation: self.prepared.validation_fingerprint.clone(),
            origin: self.prepared.origin.as_ref().map(|origin| {
                let params = origin.networks.iter().flat_map(Network::params);
                let with = |all: Fingerprint, param: &f32| all.with(&param.to_le_bytes());
                params.fold(Fingerprint::EMPTY, with).to_string()
            }),
            schema: self.prepared.schema.clone(),
            n_training_rows: self.n_training_rows(),
            rows_per_block: self.prepared.rows_per_block(),
            config: FitConfig { threads: 1, ..self.config.clone() },
        }
    }
}

/// The first difference, as a reason.
fn difference(own: &Identity, other: &Identity) -> Option<String> {
    if own.version != other.version {
        return Some(format!("it was written by glassnet {}, this is {}", other.version, own.version));
    }
    if own.table != other.table || own.validation != other.validation {
        let which = if own.table == other.table { "validation table" } else { "table" };
        return Some(format!("it is of another {which}, or of one that has changed since"));
    }
    if own.origin != other.origin {
        return Some("it goes on from another model: give the same one".into());
    }
    if own.schema != other.schema {
        return Some("the columns were understood in another way: give the same flags about columns".into());
    }
    if let Some(Change { name, value, other }) = own.config.differences(&other.config).into_iter().next() {
        return Some(format!(
            "it was trained with {name} {other}, this training has {value}: give the same settings"
        ));
    }
    // By the limit, rows come into blocks, and not too many are held back.
    let blocks = |identity: &Identity| (identity.rows_per_block, identity.n_training_rows);
    (blocks(own) != blocks(other))
        .then(|| "its rows came by blocks of another size: give the same --memory-limit".into())
}
