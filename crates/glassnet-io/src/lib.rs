//! Bytes to tables and models, and back. Read the modules from top to bottom.

pub mod error; // what can go wrong
pub mod source; // files and standard input
pub mod atomic; // whole files or none
pub mod model_file; // models as safetensors
