//! A dense layer, its blend and its dropout computed together, as the strong recipe has them: three passes over the
//! activations fewer each way, for those who do not look between the layers.

use crate::activation::Activation;
use crate::layer::Layer;
use crate::matrix::{Matrix, MatrixRef};
use crate::pass::{LayerCache, Mode, dropping};
use glassnet_kernels::Real;
use glassnet_kernels::hidden::{self, Units};
use glassnet_kernels::product::{self, Compute, Into, Shape};

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
    mode: &mut Mode<'_>,
    compute: Compute<'_>,
    caches: &mut [LayerCache<R>],
) {
    let Together { n_inputs, n_units, activation, rate, weights, bias, slopes } =
        Together::of(layers, params);
    let shape = Shape { n_rows: x.n_rows(), n_inner: n_inputs, n_columns: n_units };
    let dropping = rate.and_then(|rate| dropping(rate, mode));
    let units = Units { bias, slopes, dropping };
    let last = layers.len() - 1;
    caches[last].a.resize(x.n_rows(), n_units);
    if let Mode::Evaluation = mode {
        let a = caches[last].a.values_mut();
        product::multiply(compute, shape, x.values(), weights, Into::Overwrite, a);
        return activation.hidden_evaluate(compute.team, units, a);
    }
    let mut a = std::mem::take(&mut caches[last].a);
    let (dense, behind) = caches.split_at_mut(1);
    let (y_to_slope, by_alpha) = (&mut dense[0].z, &mut behind[0].z);
    y_to_slope.resize(x.n_rows(), n_units);
    by_alpha.resize(x.n_rows(), n_units);
    let (y_to_slope, by_alpha) = (y_to_slope.values_mut(), by_alpha.values_mut());
    product::multiply(compute, shape, x.values(), weights, Into::Overwrite, y_to_slope);
    activation.hidden_forward(compute.team, units, y_to_slope, by_alpha, a.values_mut());
    caches[last].a = a;
}

/// From the gradient by a of the last layer, which becomes that by z, the gradient by the parameters, and by x where it is
/// asked for. `into` as in [`crate::pass::backward`].
pub(crate) fn backward<R: Real>(
    layers: &[Layer],
    params: &[R],
    x: MatrixRef<'_, R>,
    compute: Compute<'_>,
    caches: &mut [LayerCache<R>],
    (into, d_params): (Into, &mut [R]),
    d_x: Option<&mut Matrix<R>>,
) {
    let Together { n_inputs, n_units, weights, bias, .. } = Together::of(layers, params);
    let (d_weights, rest) = d_params.split_at_mut(weights.len());
    let (d_bias, d_slopes) = rest.split_at_mut(bias.len());
    let mut d = std::mem::take(&mut caches[layers.len() - 1].d);
    let (slope, by_alpha) = (caches[0].z.values(), caches[1].z.values());
    hidden::backward(compute.team, slope, by_alpha, d.values_mut(), d_slopes, d_bias);
    let n_rows = x.n_rows();
    let shape = Shape { n_rows: n_inputs, n_inner: n_rows, n_columns: n_units };
    product::multiply_left_transposed(compute, shape, x.values(), d.values(), into, d_weights);
    if let Some(d_x) = d_x {
        d_x.resize(n_rows, n_inputs);
        let shape = Shape { n_rows, n_inner: n_units, n_columns: n_inputs };
        let d_x = d_x.values_mut();
        product::multiply_right_transposed(compute, shape, d.values(), weights, Into::Overwrite, d_x);
    }
    caches[layers.len() - 1].d = d;
}
