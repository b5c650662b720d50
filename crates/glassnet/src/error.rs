//! What can go wrong, as data: every variant carries the values that made it.

/// Any error of the library.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Targets that the objective cannot learn.
    #[error("{objective}: {reason}")]
    Targets {
        /// The objective's name.
        objective: &'static str,
        /// What does not fit.
        reason: String,
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
}

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;
