//! Of `export` and `serve`.

use clap::{Args, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A model file, or the folder of a training.
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

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// A model file, or the folder of a training.
    pub(crate) model: PathBuf,
    /// Where it is served; 0 is any free port [default: 8123, or a free one where that is taken].
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// The address to listen on; 0.0.0.0 answers every machine that reaches this one, without a password.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
}
