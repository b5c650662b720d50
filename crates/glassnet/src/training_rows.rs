//! The rows that a network trains on: all in memory, or a block at a time from elsewhere.

use crate::dataset::{Dataset, Targets};
use crate::error::{Error, Result};
use crate::matrix::Matrix;
use glassnet_kernels::Real;
use std::fmt::Debug;
use std::sync::Arc;

/// Encoded rows that do not fit into memory together. All blocks but the last have the same number of them.
pub trait Blocks<R>: Debug + Send + Sync {
    /// Rows of all blocks.
    fn n_rows(&self) -> usize;

    /// Rows of every block but the last, which has what is left.
    fn rows_per_block(&self) -> usize;

    /// Puts the rows of block number `block` (from 0) in place of a dataset's.
    ///
    /// # Errors
    /// [`Error::Blocks`] when they cannot be read, or are not what was written.
    fn read(&self, block: usize, into: &mut Dataset<R>) -> Result<()>;
}

/// The rows that a network trains on.
#[derive(Debug, Clone)]
pub enum TrainingRows<R> {
    /// All in memory: one block.
    Whole(Arc<Dataset<R>>),
    /// A block at a time. Batches do not reach across blocks.
    Blocks(Arc<dyn Blocks<R>>),
}

impl<R> From<Arc<Dataset<R>>> for TrainingRows<R> {
    fn from(rows: Arc<Dataset<R>>) -> Self {
        Self::Whole(rows)
    }
}

impl<R: Real> TrainingRows<R> {
    /// Rows in all.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Whole(rows) => rows.n_rows(),
            Self::Blocks(blocks) => blocks.n_rows(),
        }
    }

    /// Rows of every block but the last.
    pub fn rows_per_block(&self) -> usize {
        match self {
            Self::Whole(rows) => rows.n_rows(),
            Self::Blocks(blocks) => blocks.rows_per_block().min(blocks.n_rows()),
        }
    }

    /// How many rows each block has.
    pub(crate) fn block_sizes(&self) -> Vec<usize> {
        let (n_rows, most) = (self.n_rows(), self.rows_per_block().max(1));
        (0..n_rows).step_by(most).map(|start| most.min(n_rows - start)).collect()
    }

    /// All rows, where they are in memory.
    pub(crate) fn whole(&self) -> Option<&Arc<Dataset<R>>> {
        match self {
            Self::Whole(rows) => Some(rows),
            Self::Blocks(_) => None,
        }
    }

    /// The rows of the first block.
    ///
    /// # Errors
    /// [`Error::Blocks`].
    pub fn first_block(&self) -> Result<Arc<Dataset<R>>> {
        match self {
            Self::Whole(rows) => Ok(Arc::clone(rows)),
            Self::Blocks(blocks) if blocks.n_rows() == 0 => {
                Err(Error::Blocks { reason: "there is no row to train on".into() })
            }
            Self::Blocks(blocks) => {
                let mut rows = no_rows();
                blocks.read(0, &mut rows)?;
                Ok(Arc::new(rows))
            }
        }
    }
}

/// What a block is read into.
pub fn no_rows<R: Real>() -> Dataset<R> {
    let targets = Targets::Classes { indices: Vec::new(), n_classes: 0 };
    Dataset { x: Matrix::default(), targets, weights: None }
}
