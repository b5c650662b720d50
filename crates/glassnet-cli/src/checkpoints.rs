//! The checkpoint beside the model: written while training goes on, read by `--resume`, gone when the model is there.

use crate::failure::{Result, work};
use crate::progress::say;
use glassnet::error::counted;
use glassnet::fit::Fit;
use glassnet_io::checkpoint_file;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// At most one a minute; of longer epochs one each.
const BETWEEN: Duration = Duration::from_mins(1);

/// Where checkpoints go, and when the last one did.
pub(crate) struct Checkpoints {
    path: PathBuf,
    last: Instant,
}

impl Checkpoints {
    /// Beside this model; nothing is written yet.
    pub(crate) fn beside(model: &Path) -> Self {
        Self { path: model.with_file_name("checkpoint.safetensors"), last: Instant::now() }
    }

    /// Goes on from the last checkpoint. Without one the training starts anew, and says so.
    pub(crate) fn resume(&self, fit: &mut Fit) -> Result<()> {
        if !self.path.exists() {
            say(&format!("no checkpoint at {}: training starts from the beginning", self.path.display()));
            return Ok(());
        }
        let checkpoint = checkpoint_file::read(&self.path)?;
        if let Err(error) = fit.resume(checkpoint) {
            return work(format!("{}: {error}; without --resume a new training starts", self.path.display()));
        }
        say(&format!("going on after {}", counted(fit.n_epochs_done(), "epoch")));
        Ok(())
    }

    /// After an epoch.
    pub(crate) fn after_epoch(&mut self, fit: &Fit) -> Result<()> {
        if self.last.elapsed() < BETWEEN { Ok(()) } else { self.write(fit) }
    }

    /// Of a training that was asked to stop, with how to go on.
    pub(crate) fn keep(&mut self, fit: &Fit) -> Result<()> {
        self.write(fit)?;
        say("the same command with --resume goes on from here");
        Ok(())
    }

    fn write(&mut self, fit: &Fit) -> Result<()> {
        if let Some(checkpoint) = fit.checkpoint() {
            checkpoint_file::write(&self.path, &checkpoint)?;
        }
        self.last = Instant::now();
        Ok(())
    }

    /// Of a training that has ended.
    pub(crate) fn remove(&self) {
        // One that cannot be removed does no harm: it is of this very training.
        let _ = std::fs::remove_file(&self.path);
    }
}
