//! One layer forward and backward.
//!
//! Names: x goes into the layer, z into its activation, a comes out; `d_q` is the gradient of the loss by q.

use crate::generator::Generator;
use crate::layer::Layer;
use crate::matrix::{Matrix, MatrixRef};
use crate::parts::{self, Draws, Sums, places};
use glassnet_kernels::dropout;
use glassnet_kernels::periodic::{self, Embedding};
use glassnet_kernels::product::{self, Compute, Shape};
use glassnet_kernels::{Real, columns};
use std::ops::Range;

/// What a forward pass is for.
#[derive(Debug)]
pub enum Mode<'a> {
    /// Dropout and noise do nothing.
    Evaluation,
    /// Dropout and noise draw from the generator.
    Training(&'a mut Generator),
    /// Dropout and noise draw from the generator, each layer with `dropout` times its rate. A dense layer without activation and the
    /// blend and dropout behind it are computed together: of the three, only the last one's outputs and the gradient by
    /// what goes into the blend can be seen, the latter as `d_z` of the last. z of a dense layer whose slope a tells is not kept.
    Scheduled {
        /// From 0 to 1.
        dropout: f64,
        /// Of the draws.
        generator: &'a mut Generator,
    },
}

/// What a layer's forward pass leaves for its backward pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct LayerCache<R> {
    /// z of a dense layer, or no rows where a alone tells the slope; f(z) of a blend; the factors of dropout, 0 or
    /// 1/(1 − rate): (`n_rows`, `n_outputs`). The waves of a periodic embedding: of each part of the rows one after the other,
    /// (`n_numbers` · `n_frequencies`, `n_rows`).
    pub(crate) z: Matrix<R>,
    /// (`n_rows`, `n_outputs`)
    pub(crate) a: Matrix<R>,
    /// The gradient by a; after the backward pass of a dense layer, by z. (`n_rows`, `n_outputs`)
    pub(crate) d: Matrix<R>,
}

/// What is asked for after a forward pass, a backward pass aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Every z and a.
    Everything,
    /// a of the last layer.
    Outputs,
}

/// Computes a, and z where it is asked for or needed on the way back. x: (`n_rows`, `n_inputs`).
pub(crate) fn forward<R: Real>(
    layer: Layer,
    params: &[R],
    x: MatrixRef<'_, R>,
    (draws, seen): (&mut Draws<'_, '_>, Seen),
    compute: Compute<'_>,
    cache: &mut LayerCache<R>,
) {
    let (n_rows, n_outputs, team) = (x.n_rows(), layer.n_outputs(), compute.team);
    let LayerCache { z, a, .. } = cache;
    a.resize(n_rows, n_outputs);
    if let Layer::Dropout { .. } | Layer::Blend { .. } = layer {
        z.resize(n_rows, n_outputs);
    }
    match layer {
        Layer::Dense { n_inputs, n_outputs, activation, .. } => {
            let shape = Shape { n_rows, n_inner: n_inputs, n_columns: n_outputs };
            let (weight, bias) = params.split_at(layer.n_weights());
            let (x, a) = (x.values(), a.values_mut());
            let (parts, product) = (draws.rows(n_rows), (product::multiply as _, shape));
            if seen == Seen::Outputs && activation.needs_no_z() {
                parts::multiply(parts, compute, product, x, weight, a);
                activation.forward_in_place(team, a, bias);
                z.resize(0, n_outputs);
            } else {
                z.resize(n_rows, n_outputs);
                parts::multiply(parts, compute, product, x, weight, z.values_mut());
                activation.forward(team, z.values_mut(), bias, a);
            }
        }
        Layer::Dropout { rate, .. } => {
            let (z, a) = (z.values_mut(), a.values_mut());
            if draws.is_none() {
                z.fill(R::ONE);
                a.copy_from_slice(x.values());
            }
            let rate = draws.share * rate;
            for part in &mut *draws.parts {
                let here = places(&part.rows, n_outputs);
                let (x, z, a) = (&x.values()[here.clone()], &mut z[here.clone()], &mut a[here]);
                dropout::forward(team, part.dropping(rate), n_outputs, x, z, a);
            }
        }
        Layer::Noise { n_numbers, deviation, .. } => {
            a.values_mut().copy_from_slice(x.values());
            let deviation = draws.share * deviation;
            for part in draws.parts.iter_mut().filter(|_| deviation > 0.0) {
                for row in part.rows.clone() {
                    for a in &mut a.row_mut(row)[..n_numbers] {
                        *a += R::from_f64(deviation * part.generator.normal());
                    }
                }
            }
        }
        Layer::Scale { .. } => columns::scale(team, x.values(), params, a.values_mut()),
        Layer::Blend { activation, .. } => {
            activation.blend(team, x.values(), params, z.values_mut(), a.values_mut());
        }
        Layer::Periodic { n_numbers, n_frequencies, n_outputs, .. } => {
            let n_waves = n_numbers * n_frequencies;
            z.resize(n_waves, n_rows);
            let embedding = Embedding { n_numbers, n_frequencies, n_outputs };
            for rows in draws.rows(n_rows) {
                let x = x.rows(rows.start, rows.end);
                let inputs = periodic::Inputs { embedding, params, x: x.values(), n_columns: x.n_columns() };
                let z = &mut z.values_mut()[places(&rows, n_waves)];
                periodic::forward(team, inputs, z, &mut a.values_mut()[places(&rows, layer.n_outputs())]);
            }
        }
        Layer::Lookup { column, n_levels, n_units, .. } => {
            for row in 0..n_rows {
                let (x, a) = (x.row(row), a.row_mut(row));
                let level = level(x[column], n_levels);
                a[..column].copy_from_slice(&x[..column]);
                a[column..column + n_units].copy_from_slice(&params[level * n_units..(level + 1) * n_units]);
                a[column + n_units..].copy_from_slice(&x[column + 1..]);
            }
        }
    }
}

/// From the gradient by a in the cache, the gradient by the parameters, and by x where it is asked for.
pub(crate) fn backward<R: Real>(
    layer: Layer,
    params: &[R],
    x: MatrixRef<'_, R>,
    compute: Compute<'_>,
    cache: &mut LayerCache<R>,
    sums: &mut Sums<'_, '_, R>,
    mut d_x: Option<&mut Matrix<R>>,
) {
    let (n_rows, n_inputs, team) = (x.n_rows(), layer.n_inputs(), compute.team);
    let (n_columns, n_params) = (layer.n_outputs(), layer.n_params());
    let LayerCache { z, a, d } = cache;
    if let Some(d_x) = &mut d_x {
        d_x.resize(n_rows, n_inputs);
    }
    match layer {
        Layer::Dense { n_outputs, activation, .. } => {
            let z = if z.n_rows() == n_rows { &*z } else { &*a };
            sums.take(layer.n_weights()..n_params, |rows, d_bias| {
                let here = places(&rows, n_outputs);
                let (z, a, d) =
                    (&z.values()[here.clone()], &a.values()[here.clone()], &mut d.values_mut()[here]);
                activation.backward(team, z, a, d, d_bias);
            });
            let d = d.values();
            sums.take_products(compute, (n_inputs, n_outputs), x.values(), d);
            if let Some(d_x) = d_x {
                let weight = &params[..layer.n_weights()];
                d_inputs(sums.parts, compute, (d, n_outputs), weight, d_x);
            }
        }
        Layer::Dropout { .. } => {
            if let Some(d_x) = d_x {
                dropout::backward(team, z.values(), d.values(), d_x.values_mut());
            }
        }
        Layer::Noise { .. } => {
            if let Some(d_x) = d_x {
                d_x.values_mut().copy_from_slice(d.values());
            }
        }
        Layer::Scale { .. } => {
            sums.take(0..n_params, |rows, d_params| {
                let here = places(&rows, n_columns);
                columns::scale_gradient(&x.values()[here.clone()], &d.values()[here], d_params);
            });
            if let Some(d_x) = d_x {
                columns::scale(team, d.values(), params, d_x.values_mut());
            }
        }
        Layer::Blend { activation, .. } => {
            let mut none = Matrix::zeros(0, 0);
            let d_x = d_x.unwrap_or(&mut none);
            d_x.resize(n_rows, n_inputs);
            sums.take(0..n_params, |rows, d_params| {
                let here = places(&rows, n_columns);
                let matrices =
                    (&x.values()[here.clone()], &z.values()[here.clone()], &d.values()[here.clone()]);
                activation.blend_backward(team, matrices, params, d_params, &mut d_x.values_mut()[here]);
            });
        }
        Layer::Periodic { n_numbers, n_frequencies, n_outputs, .. } => {
            let embedding = Embedding { n_numbers, n_frequencies, n_outputs };
            sums.take(0..n_params, |rows, d_params| {
                let part = x.rows(rows.start, rows.end);
                let inputs =
                    periodic::Inputs { embedding, params, x: part.values(), n_columns: part.n_columns() };
                let z = &z.values()[places(&rows, n_numbers * n_frequencies)];
                let d_x = d_x.as_mut().map(|d_x| &mut d_x.values_mut()[places(&rows, n_inputs)]);
                periodic::backward(team, inputs, z, &d.values()[places(&rows, n_columns)], d_params, d_x);
            });
        }
        Layer::Lookup { column, n_levels, n_units, .. } => {
            sums.take(0..n_params, |rows, d_params| {
                d_params.fill(R::ZERO);
                for row in rows {
                    let level = level(x.row(row)[column], n_levels);
                    let d_level = &mut d_params[level * n_units..(level + 1) * n_units];
                    for (d_param, &d) in d_level.iter_mut().zip(&d.row(row)[column..]) {
                        *d_param += d;
                    }
                }
            });
            if let Some(d_x) = d_x {
                for row in 0..n_rows {
                    let (d, d_x) = (d.row(row), d_x.row_mut(row));
                    d_x[..column].copy_from_slice(&d[..column]);
                    d_x[column] = R::ZERO;
                    d_x[column + 1..].copy_from_slice(&d[column + n_units..]);
                }
            }
        }
    }
}

/// d·Wᵀ, the gradient by what went into a dense layer. d: (`n_rows`, `n_outputs`).
pub(crate) fn d_inputs<R: Real>(
    parts: &[Range<usize>],
    compute: Compute<'_>,
    (d, n_outputs): (&[R], usize),
    weight: &[R],
    d_x: &mut Matrix<R>,
) {
    let shape = Shape { n_rows: d_x.n_rows(), n_inner: n_outputs, n_columns: d_x.n_columns() };
    let product = (product::multiply_right_transposed as _, shape);
    parts::multiply(parts.iter().cloned(), compute, product, d, weight, d_x.values_mut());
}

/// The row of a lookup's table: the number of the level, 0 for what is none.
fn level<R: Real>(x: R, n_levels: usize) -> usize {
    let number = x.to_f64() as usize;
    if number <= n_levels { number } else { 0 }
}
