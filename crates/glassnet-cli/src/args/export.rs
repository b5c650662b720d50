//! Of `export`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A model file.
    pub(crate) model: PathBuf,
    /// What it becomes.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: Format,
    /// Where it goes [default: next to the model, under its name].
    #[arg(short, long, alias = "output", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// What the file takes and gives as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An ONNX file: columns in, predictions out, for ONNX Runtime and others.
    Onnx,
    /// A C header: a row in, predictions out, for programs that link nothing.
    C,
}
