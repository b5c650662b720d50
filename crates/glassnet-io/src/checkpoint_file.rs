//! The checkpoint of a training: safetensors, with all that is not long as JSON under the metadata key
//! `glassnet-checkpoint`. Tensors of the k-th network, from 0: `k.params`, `k.best_params`, `k.first`, `k.second` (`f32`) and
//! `k.order` (`u32`), each flat.

use crate::described::{self, Described, Sort, Tensor, begins_like_safetensors};
use crate::error::{Error, Result};
use crate::{atomic, source};
use glassnet::checkpoint::{Checkpoint, Progress};
use glassnet::generator::Xoshiro;
use glassnet::history::EpochReport;
use glassnet::optimizer::OptimizerState;
use glassnet::resume::{FitCheckpoint, Identity};
use glassnet::watch::Snapshot;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use std::path::Path;

const SORT: Sort = Sort { key: "glassnet-checkpoint", name: "checkpoint", format: 1 };

/// All of a checkpoint but what is long.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    identity: Identity,
    #[serde(default)]
    snapshots: Vec<Snapshot>,
    history: Vec<EpochReport>,
    best_epoch: usize,
    members: Vec<Member>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    generator: Xoshiro,
    beta_powers: (f64, f64),
    /// Numbers in `params`, `best_params`, `first`, `second` and `order`.
    lengths: [usize; 5],
}

const NAMES: [&str; 5] = ["params", "best_params", "first", "second", "order"];

/// Writes a checkpoint to a file, atomically.
///
/// # Errors
/// [`Error::Write`].
pub fn write(path: &Path, checkpoint: &FitCheckpoint) -> Result<()> {
    atomic::write(path, &to_bytes(checkpoint))
}

/// Reads a checkpoint from a file.
///
/// # Errors
/// [`Error::Read`], and [`Error::Checkpoint`] says what is wrong with the file.
pub fn read(path: &Path) -> Result<FitCheckpoint> {
    let bytes = source::read(path)?;
    from_bytes(&bytes).map_err(|reason| Error::Checkpoint { path: path.into(), reason })
}

/// The bytes of a checkpoint.
pub fn to_bytes(checkpoint: &FitCheckpoint) -> Vec<u8> {
    let FitCheckpoint { identity, at, snapshots } = checkpoint;
    let numbers = |of: &Progress<f32>| -> [Vec<u8>; 5] {
        let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let order = of.order.iter().flat_map(|row| row.to_le_bytes()).collect();
        let OptimizerState { first, second, .. } = &of.optimizer;
        [bytes(&of.params), bytes(&of.best_params), bytes(first), bytes(second), order]
    };
    let (mut members, mut tensors) = (Vec::new(), Vec::new());
    for (k, progress) in at.members.iter().enumerate() {
        let all = numbers(progress);
        members.push(Member {
            generator: progress.generator.clone(),
            beta_powers: progress.optimizer.beta_powers,
            lengths: all.each_ref().map(|bytes| bytes.len() / 4),
        });
        for (name, bytes) in NAMES.into_iter().zip(all) {
            let dtype = if name == "order" { Dtype::U32 } else { Dtype::F32 };
            let shape = vec![bytes.len() / 4];
            tensors.push(Tensor { name: format!("{k}.{name}"), shape, dtype, bytes });
        }
    }
    let (identity, history, best_epoch) = (identity.clone(), at.history.clone(), at.best_epoch);
    let snapshots = snapshots.clone();
    described::to_bytes(&SORT, &Description { identity, snapshots, history, best_epoch, members }, &tensors)
}

/// A checkpoint from its bytes.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub fn from_bytes(bytes: &[u8]) -> std::result::Result<FitCheckpoint, String> {
    if !begins_like_safetensors(bytes) {
        return Err("it is no safetensors file, as an interrupted training leaves them".into());
    }
    let mut file = Described::open(&SORT, bytes)?;
    let description: Description = file.description()?;
    let mut members = Vec::new();
    for (k, member) in description.members.into_iter().enumerate() {
        let mut numbers = |place: usize| {
            let (name, length) = (format!("{k}.{}", NAMES[place]), member.lengths[place]);
            if length.saturating_mul(4) > file.n_bytes() {
                return Err(format!("its tensor {name} is to have {length} numbers, more than there are"));
            }
            let mut numbers = vec![0.0; length];
            file.numbers(&name, &[length], &mut numbers)?;
            Ok(numbers)
        };
        let (params, best_params) = (numbers(0)?, numbers(1)?);
        let optimizer = OptimizerState {
            first: numbers(2)?.into(),
            second: numbers(3)?.into(),
            beta_powers: member.beta_powers,
        };
        let order = file.take(format!("{k}.{}", NAMES[4]), Dtype::U32, &[member.lengths[4]])?;
        let order = order.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        members.push(Progress { params, best_params, optimizer, generator: member.generator, order });
    }
    file.finish()?;
    let at = Checkpoint { history: description.history, best_epoch: description.best_epoch, members };
    Ok(FitCheckpoint { identity: description.identity, at, snapshots: description.snapshots })
}
