//! The model file: safetensors, with everything but the parameters as JSON under the metadata key `glassnet`.
//!
//! That JSON is `{"format": 1, "checksum": …, "model": {…}}`. The checksum covers the text of `model` and the tensors'
//! bytes. Tensors are little-endian `f32`, one a parameter block: `network.layers.0.weight`, …, `linear.layers.0.bias`;
//! those of an ensemble's other networks `network2.layers.0.weight`, ….

use crate::error::{Error, Result};
use crate::{atomic, source};
use glassnet::encoder::Encoder;
use glassnet::fingerprint::Fingerprint;
use glassnet::layer::{Layer, check_layers};
use glassnet::model::{Baselines, Model, Story};
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::schema::Schema;
use glassnet::target::TargetEncoder;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::path::Path;

/// The format that this version writes. Every earlier one can be read.
pub const FORMAT: u32 = 1;

const KEY: &str = "glassnet";

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    checksum: String,
    model: Box<RawValue>,
}

/// All of a model but its parameters.
#[derive(Serialize, Deserialize)]
struct Description {
    schema: Schema,
    encoder: Encoder,
    target: TargetEncoder,
    objective: Objective,
    layers: Vec<Layer>,
    /// Networks of these layers.
    #[serde(default = "one")]
    n_networks: usize,
    #[serde(default = "unscaled")]
    temperature: f64,
    linear_layers: Vec<Layer>,
    constant_baseline: Vec<f64>,
    story: Story,
}

fn one() -> usize {
    1
}

fn unscaled() -> f64 {
    1.0
}

/// Writes a model to a file, atomically.
///
/// # Errors
/// [`Error::Write`].
pub fn write(path: &Path, model: &Model) -> Result<()> {
    atomic::write(path, &to_bytes(model))
}

/// Reads a model from a file.
///
/// # Errors
/// [`Error::Read`], and [`Error::Model`] says what is wrong with the file.
pub fn read(path: &Path) -> Result<Model> {
    let bytes = source::read(path)?;
    from_bytes(&bytes).map_err(|reason| Error::Model { path: path.into(), reason })
}

/// Whether a file begins like a safetensors file, so that it is meant as a model and not as a table.
///
/// # Errors
/// [`Error::Read`].
pub fn is_model(path: &Path) -> Result<bool> {
    source::begins_with(path, begins_like_a_model)
}

/// The length of the description in eight bytes, and its brace.
fn begins_like_a_model(start: &[u8]) -> bool {
    start.get(8) == Some(&b'{') && start[4..8] == [0; 4]
}

/// The bytes of a model file.
///
/// # Panics
/// Never: every part of a model can be written.
pub fn to_bytes(model: &Model) -> Vec<u8> {
    let description = Description {
        schema: model.schema.clone(),
        encoder: model.encoder.clone(),
        target: model.target.clone(),
        objective: model.objective,
        layers: model.network().layers().to_vec(),
        n_networks: model.networks.len(),
        temperature: model.temperature,
        linear_layers: model.baselines.linear.layers().to_vec(),
        constant_baseline: model.baselines.constant.clone(),
        story: model.story.clone(),
    };
    let description = serde_json::value::to_raw_value(&description).expect("plain data");
    let blocks: Vec<(String, Vec<usize>, Vec<u8>)> =
        networks(model).into_iter().flat_map(|(name, network)| blocks(&name, network)).collect();
    let tensors = blocks.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).expect("4 bytes a number"))
    });
    let bytes = blocks.iter().map(|(_, _, bytes)| bytes.as_slice());
    let checksum = checksum(description.get(), bytes);
    let header = Header { format: FORMAT, checksum, model: description };
    let header = serde_json::to_string(&header).expect("plain data");
    serialize(tensors, Some(HashMap::from([(KEY.to_owned(), header)]))).expect("names and sizes are small")
}

/// A model from the bytes of a model file.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub fn from_bytes(bytes: &[u8]) -> std::result::Result<Model, String> {
    if bytes.is_empty() {
        return Err("it is empty".into());
    }
    if !begins_like_a_model(bytes) {
        return Err(
            "it is no safetensors file, as `glassnet train` writes them; the model comes before the \
                    table"
                .into(),
        );
    }
    let (_, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|error| format!("not a whole safetensors file ({error}); was it cut short or changed?"))?;
    let header = metadata
        .metadata()
        .as_ref()
        .and_then(|map| map.get(KEY))
        .ok_or("a safetensors file, but not written by glassnet (it has no metadata key \"glassnet\")")?;
    let format = serde_json::from_str::<FormatOnly>(header).map_err(|error| damaged(&error))?.format;
    if format == 0 || format > FORMAT {
        return Err(format!(
            "its format is {format}, this glassnet {} reads up to {FORMAT}: use a newer glassnet",
            env!("CARGO_PKG_VERSION")
        ));
    }
    let header: Header = serde_json::from_str(header).map_err(|error| damaged(&error))?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(&error))?;
    let description: Description =
        serde_json::from_str(header.model.get()).map_err(|error| damaged(&error))?;
    let mut tensors = Tensors { file: &file, read: Vec::new() };
    let network = |k| tensors.network(&network_name(k), description.layers.clone());
    let networks = (0..description.n_networks).map(network).collect::<std::result::Result<_, _>>()?;
    let linear = tensors.network("linear", description.linear_layers)?;
    if let Some(name) = file.names().iter().find(|name| !tensors.read.contains(&name.to_string())) {
        return Err(format!("it has a tensor {name} that its layers do not"));
    }
    let in_order = tensors.read.iter().map(|name| file.tensor(name).map_or(&[][..], |tensor| tensor.data()));
    if checksum(header.model.get(), in_order) != header.checksum {
        return Err("its checksum does not fit its contents: the file was changed or damaged".into());
    }
    let model = Model {
        schema: description.schema,
        encoder: description.encoder,
        target: description.target,
        objective: description.objective,
        networks,
        temperature: description.temperature,
        baselines: Baselines { constant: description.constant_baseline, linear },
        story: description.story,
    };
    model.check().map_err(|error| error.to_string())?;
    Ok(model)
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

fn damaged(error: &dyn std::fmt::Display) -> String {
    format!("its description cannot be understood ({error}); was it changed?")
}

/// What the tensors of an ensemble's k-th network begin with, from 0.
fn network_name(k: usize) -> String {
    if k == 0 { "network".into() } else { format!("network{}", k + 1) }
}

fn networks(model: &Model) -> Vec<(String, &Network<f32>)> {
    let named = |(k, network)| (network_name(k), network);
    let linear = ("linear".into(), &model.baselines.linear);
    model.networks.iter().enumerate().map(named).chain([linear]).collect()
}

fn blocks(prefix: &str, network: &Network<f32>) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let bytes = |range: std::ops::Range<usize>| {
        network.params()[range].iter().flat_map(|param| param.to_le_bytes()).collect()
    };
    let named = |block: glassnet::network::Block| {
        (format!("{prefix}.{}", block.name), block.shape, bytes(block.range))
    };
    network.blocks().into_iter().map(named).collect()
}

fn checksum<'a>(description: &str, tensors: impl Iterator<Item = &'a [u8]>) -> String {
    tensors.fold(Fingerprint::EMPTY.with(description.as_bytes()), Fingerprint::with).to_string()
}

/// The tensors of a file, and which of them have been read.
struct Tensors<'a> {
    file: &'a SafeTensors<'a>,
    read: Vec<String>,
}

impl Tensors<'_> {
    fn network(&mut self, prefix: &str, layers: Vec<Layer>) -> std::result::Result<Network<f32>, String> {
        check_layers(&layers).map_err(|error| error.to_string())?;
        // The sizes are held against the file before anything of that size is allocated.
        let n_params: usize = layers.iter().map(|layer| layer.n_params()).sum();
        let n_bytes: usize = self.file.iter().map(|(_, tensor)| tensor.data().len()).sum();
        if n_params.saturating_mul(4) > n_bytes {
            return Err(format!("its layers have {n_params} parameters, its tensors only {n_bytes} bytes"));
        }
        let mut network = Network::zeros(layers).map_err(|error| error.to_string())?;
        for block in network.blocks() {
            let name = format!("{prefix}.{}", block.name);
            let tensor = self.file.tensor(&name).map_err(|_| format!("its tensor {name} is missing"))?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != block.shape {
                let (dtype, shape) = (tensor.dtype(), tensor.shape());
                return Err(format!("its tensor {name} is {dtype:?} {shape:?}, not F32 {:?}", block.shape));
            }
            let params = &mut network.params_mut()[block.range];
            for (param, bytes) in params.iter_mut().zip(tensor.data().as_chunks().0) {
                *param = f32::from_le_bytes(*bytes);
                if !param.is_finite() {
                    return Err(format!("its tensor {name} holds {param}"));
                }
            }
            self.read.push(name);
        }
        Ok(network)
    }
}
