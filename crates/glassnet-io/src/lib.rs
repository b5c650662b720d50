//! Bytes to tables and models, and back. Read the modules from top to bottom.

pub mod error; // what can go wrong
#[cfg(feature = "files")]
pub mod encoding; // other text to UTF-8
#[cfg(feature = "files")]
mod format; // what the first bytes say
#[cfg(feature = "files")]
mod input; // opened, decompressed, decoded
#[cfg(feature = "files")]
mod json_lines; // one object a row
#[cfg(feature = "files")]
mod idx; // images and labels, as MNIST has them
#[cfg(feature = "parquet")]
mod guarded; // panics of others as errors
#[cfg(feature = "parquet")]
mod messages; // Arrow's, proven before they are decoded
#[cfg(feature = "parquet")]
mod arrow_text; // the cells of Arrow columns as text
#[cfg(feature = "parquet")]
mod columnar; // Parquet and Arrow files
#[cfg(feature = "files")]
pub mod source; // tables from files and standard input
#[cfg(feature = "files")]
pub mod memory; // how much a training may take
#[cfg(feature = "files")]
pub mod spool; // training rows in a temporary file
#[cfg(feature = "files")]
pub mod stream; // tables larger than memory
#[cfg(feature = "files")]
pub mod atomic; // whole files or none
mod described; // tensors with a description
pub mod model_file; // models as safetensors
#[cfg(feature = "export")]
pub mod export; // files for programs that know nothing of glassnet
#[cfg(feature = "export")]
pub mod onnx; // models as ONNX files
#[cfg(feature = "export")]
pub mod c_header; // models as C
#[cfg(feature = "files")]
pub mod checkpoint_file; // trainings to go on with
