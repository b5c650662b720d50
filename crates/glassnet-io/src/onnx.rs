//! Models as ONNX files, for programs that run networks without training them.
//!
//! Such a file takes the columns as the table has them, a matrix of one column each by the column's name: numbers as 32-bit
//! numbers, NaN where they are missing, everything else as text, empty where it is missing. It encodes them, computes the network or
//! the mean of an ensemble, and gives for classes `label` and `probabilities`, for numbers `prediction` or `quantiles`. There may be
//! any number of rows, but not none where a column is of text. All operators are those of the `ai.onnx` domain, version 17.
//!
//! What differs from predictions by glassnet: arithmetic of 32 bits also before the network; texts must be spelt as in the training
//! table, without white space around them (truth values and marks of missing values in lower or upper case or with a capital); numbers
//! must be numbers, and dates those numbers that glassnet makes of them.

mod columns;
mod graph;
mod layers;
mod messages;
mod outcome;

use crate::error::{Error, Result};
use crate::export::{Exported, Taken, is_number};
use glassnet::encoder::EncodedColumn;
use glassnet::model::Model;
use graph::Graph;
use messages::{ModelProto, OperatorSetIdProto, StringStringEntryProto};
use prost::Message;

/// Of the operators.
const OPSET: i64 = 17;
/// Of the file.
const IR_VERSION: i64 = 8;

/// The file.
///
/// # Errors
/// [`Error::Export`] where a column's levels are not told apart in 32 bits.
pub fn export(model: &Model) -> Result<Exported> {
    let mut graph = Graph::default();
    let inputs = columns::inputs(&mut graph, &model.encoder)
        .map_err(|reason| Error::Export { format: "ONNX", reason })?;
    let outputs: Vec<String> =
        model.networks.iter().map(|network| layers::outputs(&mut graph, network, &inputs)).collect();
    let gives = outcome::outcome(&mut graph, model, &outputs);
    let entry = |key: &str, value: String| StringStringEntryProto { key: key.into(), value };
    let target = model.target.name();
    let file = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "glassnet".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        doc_string: format!("predicts `{target}`"),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        metadata_props: vec![
            entry("target", target),
            entry("objective", model.objective.name().into()),
            entry("table_fingerprint", model.story.table_fingerprint.clone()),
        ],
        graph: Some(graph.finish("glassnet")),
    };
    let taken = |column: &EncodedColumn| Taken {
        column: column.name.clone(),
        name: column.name.clone(),
        is_number: is_number(column),
    };
    let takes = model.encoder.columns().iter().map(taken).collect();
    Ok(Exported { bytes: file.encode_to_vec(), takes, gives })
}
