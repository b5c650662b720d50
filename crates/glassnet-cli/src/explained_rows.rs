//! A layer's numbers for the rows of a mini-batch side by side.

use crate::parts::{Part, largest, left_out};
use glassnet::matrix::Matrix;
use glassnet::trace::{BlockTrace, LayerTrace};
use glassnet_draw::digits::short;

/// The numbers of the units, a column a row, and the gradients of the strongest unit's weights, which are sums over the rows.
pub(crate) fn layer(
    layer: &LayerTrace,
    heads: &[String],
    names: &[String],
    most: usize,
    parts: &mut Vec<Part>,
) {
    let strength = sizes(layer.delta.as_ref().or(layer.error.as_ref()).unwrap_or(&layer.a));
    let (places, n_left) = largest(&strength, most);
    let is_dense = layer.z.is_some();
    let all = [
        ("z", layer.z.as_ref()),
        ("a", Some(&layer.a)),
        ("slope", layer.slope.as_ref()),
        ("error = ∂l/∂a", layer.error.as_ref()),
        ("δ = error·slope", layer.delta.as_ref()),
    ];
    for (what, matrix) in all {
        if let Some(matrix) = matrix {
            let label = if is_dense { "unit" } else { "number" };
            parts.push(Part::Table(side_by_side(what, label, matrix, heads, &places)));
        }
    }
    left_out(n_left, if is_dense { "units" } else { "numbers" }, parts);
    let strongest = (0..strength.len()).max_by(|&i, &k| strength[i].total_cmp(&strength[k]));
    if let (true, Some(unit), Some(weight)) = (is_dense, strongest, layer.blocks.first())
        && let (Some(gradient), &[_, n_outputs]) = (&weight.gradient, &weight.shape[..])
    {
        let units = if most == usize::MAX { 0..n_outputs } else { unit..unit + 1 };
        for unit in units {
            weights(layer, (weight, gradient), unit, (names, most), parts);
        }
    }
}

/// Σ over the rows of |value|, for each column.
fn sizes(matrix: &Matrix<f64>) -> Vec<f64> {
    let of = |k: usize| (0..matrix.n_rows()).map(|row| matrix.row(row)[k].abs()).sum();
    (0..matrix.n_columns()).map(of).collect()
}

fn side_by_side(
    what: &str,
    label: &str,
    matrix: &Matrix<f64>,
    heads: &[String],
    places: &[usize],
) -> Vec<Vec<String>> {
    let head = std::iter::once(format!("{label}: {what}")).chain(heads.iter().cloned());
    let line = |&k: &usize| {
        let values = (0..heads.len()).map(|row| short(matrix.row(row)[k]));
        std::iter::once((k + 1).to_string()).chain(values).collect()
    };
    std::iter::once(head.collect()).chain(places.iter().map(line)).collect()
}

fn weights(
    layer: &LayerTrace,
    (weight, gradient): (&BlockTrace, &Vec<f64>),
    unit: usize,
    (names, most): (&[String], usize),
    parts: &mut Vec<Part>,
) {
    let n_outputs = weight.shape[1];
    let own: Vec<f64> = (0..weight.shape[0]).map(|input| gradient[input * n_outputs + unit]).collect();
    let (places, n_left) = largest(&own, most);
    let cells = |block: &BlockTrace, at: usize| -> Vec<String> {
        let all = [Some(&block.values), block.gradient.as_ref(), block.update.as_ref(), block.after.as_ref()];
        all.into_iter().flatten().map(|values| short(values[at])).collect()
    };
    parts.push(Part::Line(format!("weights of unit {}; gradient = Σ x·δ over the rows:", unit + 1)));
    let head = ["input", "w", "gradient", "step", "w after"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    for input in places {
        let name = names.get(input).map_or_else(|| (input + 1).to_string(), Clone::clone);
        rows.push([vec![name], cells(weight, input * n_outputs + unit)].concat());
    }
    if let Some(bias) = layer.blocks.get(1).filter(|block| block.values.len() == n_outputs) {
        rows.push([vec!["bias".to_owned()], cells(bias, unit)].concat());
    }
    parts.push(Part::Table(rows));
    left_out(n_left, "inputs", parts);
}
