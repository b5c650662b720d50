//! See-through neural networks. Read the modules from top to bottom: each imports only from those above it.
#![forbid(unsafe_code)]

pub mod error;
pub mod matrix;
pub mod table;
pub mod schema;
