//! A dense layer, its blend and its dropout computed together, as the strong recipe has them: three passes over the
//! activations fewer each way, for those who do not look between the layers.

use crate::activation::Activation;
use crate::layer::Layer;
use crate::matrix::{Matrix, MatrixRef};
use crate::parts::{self, Draws, Sums, places};
use crate::pass::{LayerCache, d_inputs};
use glassnet_kernels::Real;
use glassnet_kernels::hidden::{self, Units};
use glassnet_kernels::product::{self, Compute, Shape};

/// How many of the layers, from the first on, are computed together; 1 where none is.
pub(crate) fn n_together(layers: &[Layer]) -> usize {
    match layers {
        [
            Layer::Dense { bias: true, activation: Activation::Identity, .. },
            Layer::Blend { .. },
            behind @ ..,
        ] => 2 + usize::from(matches!(behind, [Layer::Dropout { .. }, ..])),
        _ => 1,
    }
}

/// The numbers of such layers.
struct Together<'a, R> {
    n_inputs: usize,
    n_units: usize,
    activation: Activation,
    rate: Option<f64>,
    weights: &'a [R],
    bias: &'a [R],
    slopes: &'a [R],
}

impl<'a, R: Real> Together<'a, R> {
    fn of(layers: &[Layer], params: &'a [R]) -> Self {
        let (dense, Layer::Blend { n_units, activation }) = (layers[0], layers[1]) else {
            unreachable!("a blend behind a dense layer")
        };
        let (weights, rest) = params.split_at(dense.n_weights());
        let (bias, slopes) = rest.split_at(dense.n_biases());
        let rate =
            layers.get(2).map(|layer| if let Layer::Dropout { rate, .. } = layer { *rate } else { 0.0 });
        Self { n_inputs: dense.n_inputs(), n_units, activation, rate, weights, bias, slopes }
    }
}

/// Computes a of the last layer, and in training the derivatives that [`backward`] needs, as z of the first two layers. x:
/// (`n_rows`, `n_inputs`).
pub(crate) fn forward<R: Real>(
    layers: &[Layer],
    params: &[R],
    x: MatrixRef<'_, R>,
    draws: &mut Draws<'_, '_>,
    compute: Compute<'_>,
    caches: &mut [LayerCache<R>],
) {
    let Together { n_inputs, n_units, activation, rate, weights, bias, slopes } =
        Together::of(layers, params);
    let n_rows = x.n_rows();
    let shape = Shape { n_rows, n_inner: n_inputs, n_columns: n_units };
    let (parts, product) = (draws.rows(n_rows), (product::multiply as _, shape));
    let units = Units { bias, slopes, dropping: None };
    let last = layers.len() - 1;
    caches[last].a.resize(n_rows, n_units);
    if draws.is_none() {
        let a = caches[last].a.values_mut();
        parts::multiply(parts, compute, product, x.values(), weights, a);
        return activation.hidden_evaluate(compute.team, units, a);
    }
    let mut a = std::mem::take(&mut caches[last].a);
    let (dense, behind) = caches.split_at_mut(1);
    let (y_to_slope, by_alpha) = (&mut dense[0].z, &mut behind[0].z);
    y_to_slope.resize(n_rows, n_units);
    by_alpha.resize(n_rows, n_units);
    let (y_to_slope, by_alpha) = (y_to_slope.values_mut(), by_alpha.values_mut());
    parts::multiply(parts, compute, product, x.values(), weights, y_to_slope);
    let share = draws.share;
    for part in &mut *draws.parts {
        let here = places(&part.rows, n_units);
        let (y_to_slope, by_alpha) = (&mut y_to_slope[here.clone()], &mut by_alpha[here.clone()]);
        let units = Units { dropping: rate.map(|rate| part.dropping(rate * share)), ..units };
        activation.hidden_forward(compute.team, units, y_to_slope, by_alpha, &mut a.values_mut()[here]);
    }
    caches[last].a = a;
}

/// From the gradient by a of the last layer, which becomes that by z, the gradient by the parameters, and by x where it is
/// asked for.
pub(crate) fn backward<R: Real>(
    layers: &[Layer],
    params: &[R],
    x: MatrixRef<'_, R>,
    compute: Compute<'_>,
    caches: &mut [LayerCache<R>],
    sums: &mut Sums<'_, '_, R>,
    d_x: Option<&mut Matrix<R>>,
) {
    let Together { n_inputs, n_units, weights, bias, .. } = Together::of(layers, params);
    let mut d = std::mem::take(&mut caches[layers.len() - 1].d);
    let (slope, by_alpha) = (caches[0].z.values(), caches[1].z.values());
    sums.take(weights.len()..params.len(), |rows, gradients| {
        let here = places(&rows, n_units);
        let (d_bias, d_slopes) = gradients.split_at_mut(bias.len());
        let (slope, by_alpha, d) = (&slope[here.clone()], &by_alpha[here.clone()], &mut d.values_mut()[here]);
        hidden::backward(compute.team, slope, by_alpha, d, d_slopes, d_bias);
    });
    sums.take_products(compute, (n_inputs, n_units), x.values(), d.values());
    if let Some(d_x) = d_x {
        d_x.resize(x.n_rows(), n_inputs);
        d_inputs(sums.parts, compute, (d.values(), n_units), weights, d_x);
    }
    caches[layers.len() - 1].d = d;
}
