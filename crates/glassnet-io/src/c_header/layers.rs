//! The layers of a network.

use super::source::{array, single};
use super::{Header, Needed};
use glassnet::activation::Activation;
use glassnet::layer::Layer;
use glassnet::network::Network;

/// The function that computes the outputs of a network, with its parameters before it.
pub(super) fn network(header: &mut Header, number: usize, network: &Network<f32>) {
    let prefix = header.prefix.clone();
    let mut blocks = network.blocks().into_iter();
    let mut block = |header: &mut Header| {
        let block = blocks.next().expect("a block of parameters");
        let name = format!("{prefix}_{number}_{}", block.name.replace('.', "_"));
        array(&mut header.text, "float ", name, &network.params()[block.range], |&param| single(param))
    };
    let mut body = String::new();
    for &layer in network.layers() {
        let n = layer.n_outputs();
        // Each layer reads a and writes z, which then are each other.
        body += &match layer {
            Layer::Dropout { .. } | Layer::Noise { .. } => continue,
            Layer::Dense { n_inputs, bias, activation, .. } => {
                header.needs.insert(Needed::Dense);
                let weight = block(header);
                let bias = if bias { block(header) } else { "NULL".into() };
                let activate = match function(header, activation) {
                    None => String::new(),
                    Some(function) => format!("    for (i = 0; i < {n}; i++) z[i] = {function}(z[i]);\n"),
                };
                format!("    {prefix}_dense(a, {n_inputs}, {weight}, {bias}, z, {n});\n{activate}")
            }
            Layer::Scale { .. } => {
                let scale = block(header);
                format!("    for (i = 0; i < {n}; i++) z[i] = a[i] * {scale}[i];\n")
            }
            Layer::Blend { activation, .. } => {
                let slope = block(header);
                match function(header, activation) {
                    None => continue,
                    Some(function) => format!(
                        "    for (i = 0; i < {n}; i++) z[i] = a[i] + {slope}[i] * ({function}(a[i]) - a[i]);\n"
                    ),
                }
            }
            Layer::Lookup { n_inputs, column, n_levels, n_units } => {
                let (table, rest) = (block(header), column + 1);
                format!(
                    "    level = a[{column}] >= 0.0f && a[{column}] < {} ? (int)a[{column}] : 0;\n    \
                     for (i = 0; i < {column}; i++) z[i] = a[i];\n    \
                     for (i = 0; i < {n_units}; i++) z[{column} + i] = {table}[level * {n_units} + i];\n    \
                     for (i = {rest}; i < {n_inputs}; i++) z[i + {n_units} - 1] = a[i];\n",
                    single((n_levels + 1) as f32)
                )
            }
            Layer::Periodic { n_inputs, n_numbers, n_frequencies, n_outputs, .. } => {
                header.needs.insert(Needed::Periodic);
                let params = [0; 4].map(|_| block(header)).join(", ");
                format!(
                    "    {prefix}_periodic(a, {n_inputs}, {n_numbers}, {n_frequencies}, {n_outputs}, {params}, z);\n"
                )
            }
        };
        body += "    t = a, a = z, z = t;\n";
    }
    let sizes = network.layers().iter().map(|layer| layer.n_outputs().max(layer.n_inputs()));
    let (widest, n_inputs, n_outputs) = (sizes.max().unwrap_or(1), network.n_inputs(), network.n_outputs());
    let level = if body.contains("level = ") { "    int level;\n" } else { "" };
    header.functions += &format!(
        "/* The outputs of a network. */\n\
         static void {prefix}_network_{number}(const float x[{n_inputs}], float outputs[{n_outputs}])\n{{\n    \
         float one[{widest}], other[{widest}], *a = one, *z = other, *t;\n    int i;\n{level}    \
         for (i = 0; i < {n_inputs}; i++) a[i] = x[i];\n{body}    \
         for (i = 0; i < {n_outputs}; i++) outputs[i] = a[i];\n}}\n\n"
    );
}

/// The name of the function; none of the identity.
fn function(header: &mut Header, activation: Activation) -> Option<String> {
    if activation == Activation::Identity {
        return None;
    }
    if activation == Activation::Mish {
        header.needs.insert(Needed::Activation(Activation::Softplus));
    }
    header.needs.insert(Needed::Activation(activation));
    Some(format!("{}_{}", header.prefix, activation.name()))
}
