//! Where a network starts by what its training rows are: every sum of a dense layer begins with standard deviation 1, and
//! every unit bends among the rows (Holzmüller et al., arXiv 2407.04491).

use crate::error::Result;
use crate::generator::Generator;
use crate::initialiser::Initialiser;
use crate::layer::Layer;
use crate::matrix::{Matrix, MatrixRef};
use crate::network::Network;
use glassnet_kernels::Real;

/// Rows of the mix that a bias is the negative of.
const MIXED_ROWS: usize = 5;

/// A network that starts by the rows x, layer after layer, without dropout: the weights of a dense layer are N(0, 1) and
/// each unit's are divided by the standard deviation of its sums over the rows (over n; by 1 where that is 0). Its bias is
/// −Σₖ wₖ·(sum of row k), over five rows drawn with weights w ~ Exp(1) that are scaled to Σ w = 1. Other layers as
/// [`Network::initialised`].
///
/// # Errors
/// [`crate::error::Error::Layers`] when the layers do not fit together.
///
/// # Panics
/// When x has no rows, or other than the first layer's inputs.
pub fn start_by_rows<R: Real>(
    layers: Vec<Layer>,
    x: MatrixRef<'_, R>,
    generator: &mut Generator,
) -> Result<Network<R>> {
    let mut params = Vec::new();
    let mut inputs = Matrix::from_values(x.n_rows(), x.n_columns(), x.values().to_vec());
    for &layer in &layers {
        let start = Initialiser::Normal { standard_deviation: 1.0 };
        let mut one = Network::initialised(vec![layer], start, generator)?;
        if let Layer::Dense { n_inputs, n_outputs, bias, .. } = layer {
            let sums = Layer::Dense {
                n_inputs,
                n_outputs,
                bias: false,
                activation: crate::activation::Activation::Identity,
            };
            let weights = one.params()[..layer.n_weights()].to_vec();
            let mut sums = Network::from_params(vec![sums], weights)?.outputs(inputs.view());
            let (weights, biases) = one.params_mut().split_at_mut(layer.n_weights());
            divide_by_deviations(&mut sums, weights);
            if bias {
                draw_biases(&sums, biases, generator);
            }
        }
        inputs = one.outputs(inputs.view());
        params.extend_from_slice(one.params());
    }
    Network::from_params(layers, params)
}

/// Divides each unit's sums and weights by the standard deviation of its sums. sums: (`n_rows`, `n_units`), weights:
/// (`n_inputs`, `n_units`).
fn divide_by_deviations<R: Real>(sums: &mut Matrix<R>, weights: &mut [R]) {
    let (n_rows, n_units) = (sums.n_rows() as f64, sums.n_columns());
    for unit in 0..n_units {
        let of_unit = || sums.values().iter().skip(unit).step_by(n_units).map(|sum| sum.to_f64());
        let mean = of_unit().sum::<f64>() / n_rows;
        let deviation = (of_unit().map(|sum| (sum - mean) * (sum - mean)).sum::<f64>() / n_rows).sqrt();
        let deviation = R::from_f64(if deviation > 0.0 { deviation } else { 1.0 });
        sums.values_mut().iter_mut().skip(unit).step_by(n_units).for_each(|sum| *sum /= deviation);
        weights.iter_mut().skip(unit).step_by(n_units).for_each(|weight| *weight /= deviation);
    }
}

fn draw_biases<R: Real>(sums: &Matrix<R>, biases: &mut [R], generator: &mut Generator) {
    for (unit, bias) in biases.iter_mut().enumerate() {
        let (mut mixed, mut total) = (0.0, 0.0);
        for _ in 0..MIXED_ROWS {
            let row = generator.up_to(sums.n_rows() as u64 - 1) as usize;
            let weight = -glassnet_kernels::exponential::ln(1.0 - generator.uniform());
            mixed += weight * sums.row(row)[unit].to_f64();
            total += weight;
        }
        *bias = R::from_f64(if total > 0.0 { -mixed / total } else { 0.0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation;

    #[test]
    fn sums_have_deviation_one_and_zero_lies_among_them() {
        let mut generator = Generator::new(4);
        let x = (0..300).map(|i| if i % 3 == 2 { 7.0 } else { 5.0 * generator.normal() }).collect();
        let x = Matrix::<f64>::from_values(100, 3, x);
        let dense = |n_inputs, n_outputs| {
            let activation = Activation::Identity;
            Layer::Dense { n_inputs, n_outputs, bias: true, activation }
        };
        let layers =
            vec![dense(3, 6), Layer::Blend { n_units: 6, activation: Activation::Mish }, dense(6, 2)];
        let network = start_by_rows(layers.clone(), x.view(), &mut generator).unwrap();
        for n_layers in [1, 3] {
            let n_params = layers[..n_layers].iter().map(|layer| layer.n_params()).sum::<usize>();
            let params = network.params()[..n_params].to_vec();
            let sums = Network::from_params(layers[..n_layers].to_vec(), params).unwrap().outputs(x.view());
            for unit in 0..sums.n_columns() {
                let of_unit: Vec<f64> = (0..100).map(|row| sums.row(row)[unit]).collect();
                let mean = of_unit.iter().sum::<f64>() / 100.0;
                let variance = of_unit.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / 100.0;
                assert!((variance - 1.0).abs() < 1e-12, "{variance}");
                let (low, high) = (of_unit.iter().any(|&z| z < 0.0), of_unit.iter().any(|&z| z > 0.0));
                assert!(low && high, "{of_unit:?}");
            }
        }
    }
}
