//! The model file: safetensors, with everything but the parameters as JSON under the metadata key `glassnet`.
//!
//! That JSON is `{"format": 2, "checksum": …, "model": {…}}`. The checksum covers the text of `model` and the tensors'
//! bytes. Tensors are little-endian `f32`, one a parameter block: `network.layers.0.weight`, …, `linear.layers.0.bias`;
//! those of an ensemble's other networks `network2.layers.0.weight`, ….

use crate::described::{self, Described, Sort, Tensor, begins_like_safetensors};
#[cfg(feature = "files")]
use crate::error::{Error, Result};
#[cfg(feature = "files")]
use crate::{atomic, source};
use glassnet::encoder::Encoder;
use glassnet::layer::{Layer, check_layers};
use glassnet::model::{Baselines, Model, Story};
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::schema::Schema;
use glassnet::target::TargetEncoder;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
#[cfg(feature = "files")]
use std::path::{Path, PathBuf};

/// The format that this version writes. Every earlier one can be read.
pub const FORMAT: u32 = 2;

/// The name of the model in the folder of a training.
#[cfg(feature = "files")]
pub const NAME: &str = "model.safetensors";

const SORT: Sort = Sort { key: "glassnet", name: "model", format: FORMAT };

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
#[cfg(feature = "files")]
pub fn write(path: &Path, model: &Model) -> Result<()> {
    atomic::write(path, &to_bytes(model))
}

/// The file that is meant: where the folder of a training is given, its model.
#[cfg(feature = "files")]
pub fn path_of(path: &Path) -> PathBuf {
    let inside = path.join(NAME);
    if path.is_dir() && inside.is_file() { inside } else { path.to_path_buf() }
}

/// Reads a model from a file, or from the folder of a training.
///
/// # Errors
/// [`Error::Read`], and [`Error::Model`] says what is wrong with the file.
#[cfg(feature = "files")]
pub fn read(path: &Path) -> Result<Model> {
    let path = &*path_of(path);
    let bytes = source::read(path)?;
    from_bytes(&bytes).map_err(|reason| Error::Model { path: path.into(), reason })
}

/// Whether a file begins like a safetensors file, so that it is meant as a model and not as a table.
///
/// # Errors
/// [`Error::Read`].
#[cfg(feature = "files")]
pub fn is_model(path: &Path) -> Result<bool> {
    source::begins_with(&path_of(path), begins_like_safetensors)
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
    let tensors: Vec<Tensor> =
        networks(model).into_iter().flat_map(|(name, network)| tensors(&name, network)).collect();
    described::to_bytes(&SORT, &description, &tensors)
}

/// A model from the bytes of a model file.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub fn from_bytes(bytes: &[u8]) -> std::result::Result<Model, String> {
    if bytes.is_empty() {
        return Err("it is empty".into());
    }
    if !begins_like_safetensors(bytes) {
        return Err(
            "it is no safetensors file, as `glassnet train` writes them; the model comes before the \
                    table"
                .into(),
        );
    }
    let mut file = Described::open(&SORT, bytes)?;
    let description: Description = file.description()?;
    let network = |k| read_network(&mut file, &network_name(k), description.layers.clone());
    let networks = (0..description.n_networks).map(network).collect::<std::result::Result<_, _>>()?;
    let linear = read_network(&mut file, "linear", description.linear_layers)?;
    file.finish()?;
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

/// What the tensors of an ensemble's k-th network begin with, from 0.
fn network_name(k: usize) -> String {
    if k == 0 { "network".into() } else { format!("network{}", k + 1) }
}

fn networks(model: &Model) -> Vec<(String, &Network<f32>)> {
    let named = |(k, network)| (network_name(k), network);
    let linear = ("linear".into(), &model.baselines.linear);
    model.networks.iter().enumerate().map(named).chain([linear]).collect()
}

fn tensors(prefix: &str, network: &Network<f32>) -> Vec<Tensor> {
    let tensor = |block: glassnet::network::Block| {
        let params = &network.params()[block.range];
        let bytes = params.iter().flat_map(|param| param.to_le_bytes()).collect();
        Tensor { name: format!("{prefix}.{}", block.name), shape: block.shape, dtype: Dtype::F32, bytes }
    };
    network.blocks().into_iter().map(tensor).collect()
}

fn read_network(
    file: &mut Described<'_>,
    prefix: &str,
    layers: Vec<Layer>,
) -> std::result::Result<Network<f32>, String> {
    check_layers(&layers).map_err(|error| error.to_string())?;
    // The sizes are held against the file before anything of that size is allocated.
    let n_params: usize = layers.iter().map(|layer| layer.n_params()).sum();
    let n_bytes = file.n_bytes();
    if n_params.saturating_mul(4) > n_bytes {
        return Err(format!("its layers have {n_params} parameters, its tensors only {n_bytes} bytes"));
    }
    let mut network = Network::zeros(layers).map_err(|error| error.to_string())?;
    for block in network.blocks() {
        let params = &mut network.params_mut()[block.range];
        file.numbers(&format!("{prefix}.{}", block.name), &block.shape, params)?;
    }
    Ok(network)
}
