//! What can go wrong, as data: every variant carries the values that made it.

mod dataset;
mod encode;
mod place;
mod schema;
mod table;

pub use dataset::DatasetError;
pub use encode::EncodeError;
pub(crate) use place::unnamed;
pub use place::{Place, UnknownName, counted};
pub use schema::SchemaError;
pub use table::TableError;

/// Any error of the library. Serialized it is its variants' names in snake case around the values, as in
/// `{"table": {"no_rows": {"table": "t.csv"}}}`, for faces that say it in another language.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read as a table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A column that cannot be understood, or a schema that contradicts itself.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A cell that cannot be turned into numbers, or a broken encoder.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Rows, targets and weights that do not belong together.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Targets that the objective cannot learn.
    #[error("{objective}: {reason}")]
    Targets {
        /// The objective's name.
        objective: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// An objective for numbers where the target is classes, or the other way round.
    #[error(
        "{objective} does not learn {target}: leave out --objective to have one that does{}",
        if *target == "classes" { ", or take the target as a number with --task regression" } else { "" }
    )]
    Objective {
        /// Its name.
        objective: &'static str,
        /// `classes` or `numbers`.
        target: &'static str,
    },
    /// Layers that do not fit together.
    #[error("layer {layer}: {reason}")]
    Layers {
        /// The first layer that does not fit, from 0.
        layer: usize,
        /// Why.
        reason: String,
    },
    /// Parameters that do not belong to the layers.
    #[error("the layers have {expected} parameters, {found} were given")]
    Params {
        /// By the layers.
        expected: usize,
        /// Given.
        found: usize,
    },
    /// A setting outside its domain.
    #[error("{name} = {value}: must be {domain}")]
    Setting {
        /// The setting's name, as on every face.
        name: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        domain: &'static str,
    },
    /// The name of no setting.
    #[error("there is no setting {0}")]
    UnknownSetting(
        /// The name, the nearest one, and those that there are.
        UnknownName,
    ),
    /// A setting that cannot be understood.
    #[error("{name} = {value}: {reason}")]
    SettingValue {
        /// The setting's name, as on every face.
        name: String,
        /// What was given.
        value: String,
        /// Why it cannot be.
        reason: String,
    },
    /// A model whose parts do not fit together.
    #[error("not a model that training makes: {reason}")]
    Model {
        /// What does not fit.
        reason: String,
    },
    /// A training that cannot go on from where another was.
    #[error("cannot go on from there: {reason}")]
    Checkpoint {
        /// What does not fit.
        reason: String,
    },
    /// A table that did not train the model.
    #[error("{table} is not the table that trained the model: a remedy is tried with that one")]
    OtherTable {
        /// Its name.
        table: String,
    },
    /// Training rows outside of memory that cannot be read.
    #[error("the rows to train on cannot be had: {reason}")]
    Blocks {
        /// Which file, and what is wrong.
        reason: String,
    },
    /// A training that was not finite from the start.
    #[error(
        "the loss was no longer a finite number in epoch {epoch}, before anything was learnt. {code}: {reason}. Remedy: {remedy}"
    )]
    NotTrained {
        /// The epoch, from 1.
        epoch: usize,
        /// The most important finding's code, [`crate::finding::Code::name`].
        code: &'static str,
        /// What it says.
        reason: String,
        /// What to do about it.
        remedy: String,
    },
}

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;
