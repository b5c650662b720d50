//! Passes, layers and findings as JSON.

use crate::reply::Reply;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::trace::{LayerTrace, Trace};
use serde_json::{Map, Value, json};

/// What a layer is.
pub(crate) fn layer(layer: Layer) -> Value {
    let (kind, activation, bias) = match layer {
        Layer::Dense { activation, bias, .. } => ("dense", activation.name(), bias),
        Layer::Blend { activation, .. } => ("blend", activation.name(), false),
        Layer::Dropout { .. } => ("dropout", "identity", false),
        Layer::Noise { .. } => ("noise", "identity", false),
        Layer::Scale { .. } => ("scale", "identity", false),
        Layer::Periodic { .. } => ("periodic", "identity", false),
        Layer::Lookup { .. } => ("lookup", "identity", false),
    };
    json!({
        "kind": kind, "activation": activation, "bias": bias, "n_inputs": layer.n_inputs(),
        "n_outputs": layer.n_outputs(), "n_params": layer.n_params(), "text": layer.to_string(),
    })
}

/// The layers of a network.
pub(crate) fn layers(layers: &[Layer]) -> Vec<Value> {
    layers.iter().copied().map(layer).collect()
}

/// The blocks of parameters, each with its place among all.
pub(crate) fn blocks<R: glassnet::kernels::Real>(network: &Network<R>) -> Vec<Value> {
    let block = |block: glassnet::network::Block| json!({ "name": block.name, "shape": block.shape, "start": block.range.start, "end": block.range.end });
    network.blocks().into_iter().map(block).collect()
}

/// A trace, number for number.
pub(crate) fn trace(trace: &Trace, reply: &mut Reply) -> Value {
    let layers: Vec<Value> = trace.layers.iter().map(|layer| layer_trace(layer, reply)).collect();
    json!({ "layers": layers, "predictions": reply.numbers(trace.predictions.values()), "loss": trace.loss })
}

fn layer_trace(traced: &LayerTrace, reply: &mut Reply) -> Value {
    let Value::Object(mut all) = layer(traced.layer) else { return Value::Null };
    let mut put = |all: &mut Map<String, Value>, name: &str, matrix: Option<&Matrix<f64>>| {
        if let Some(matrix) = matrix {
            all.insert(name.into(), reply.numbers(matrix.values()));
        }
    };
    put(&mut all, "x", Some(&traced.x));
    put(&mut all, "z", traced.z.as_ref());
    put(&mut all, "slope", traced.slope.as_ref());
    put(&mut all, "a", Some(&traced.a));
    put(&mut all, "error", traced.error.as_ref());
    put(&mut all, "delta", traced.delta.as_ref());
    let blocks: Vec<Value> = traced
        .blocks
        .iter()
        .map(|block| {
            json!({
                "name": block.name, "shape": block.shape, "values": reply.numbers(&block.values),
                "gradient": reply.numbers(block.gradient.iter().flatten()),
                "update": reply.numbers(block.update.iter().flatten()),
                "after": reply.numbers(block.after.iter().flatten()),
            })
        })
        .collect();
    all.insert("blocks".into(), blocks.into());
    all.into()
}
