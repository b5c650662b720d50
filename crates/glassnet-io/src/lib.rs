//! Bytes to tables and models, and back. Read the modules from top to bottom.

pub mod error; // what can go wrong
mod input; // opened and decompressed
mod format; // what the first bytes say
mod json_lines; // one object a row
mod idx; // images and labels, as MNIST has them
#[cfg(feature = "parquet")]
mod guarded; // panics of others as errors
#[cfg(feature = "parquet")]
mod messages; // Arrow's, proven before they are decoded
#[cfg(feature = "parquet")]
mod arrow_text; // the cells of Arrow columns as text
#[cfg(feature = "parquet")]
mod columnar; // Parquet and Arrow files
pub mod source; // tables from files and standard input
pub mod memory; // how much a training may take
pub mod spool; // training rows in a temporary file
pub mod stream; // tables larger than memory
pub mod atomic; // whole files or none
mod described; // tensors with a description
pub mod model_file; // models as safetensors
pub mod checkpoint_file; // trainings to go on with
