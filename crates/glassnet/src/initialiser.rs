//! Where the parameters of a network start.

use crate::activation::Activation;
use crate::generator::Generator;
use crate::layer::Layer;
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};

/// Where weights start. Biases start at 0. `n_in` and `n_out` are a layer's inputs and units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initialiser {
    /// All 0.
    Zeros,
    /// Uniform in [low, high), as low + (high − low)·u.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Normal with mean 0.
    Normal {
        /// Standard deviation.
        standard_deviation: f64,
    },
    /// Normal with standard deviation `n_out`^(−½), as some tutorials have it.
    FanOutNormal,
    /// Uniform within ±√(6/(`n_in` + `n_out`)) (Glorot and Bengio, AISTATS 2010).
    GlorotUniform,
    /// Normal with standard deviation √(2/`n_in`) (He et al., arXiv 1502.01852).
    HeNormal,
    /// Normal with standard deviation √(1/`n_in`) (LeCun et al., Efficient BackProp, 1998).
    LecunNormal,
}

impl Initialiser {
    /// The usual start for layers of this activation: He for the relu family, LeCun for selu, else Glorot.
    pub fn for_activation(activation: Activation) -> Self {
        match activation {
            Activation::Relu
            | Activation::LeakyRelu
            | Activation::Elu
            | Activation::Gelu
            | Activation::Mish => Self::HeNormal,
            Activation::Selu => Self::LecunNormal,
            Activation::Identity | Activation::Sigmoid | Activation::Tanh | Activation::Softplus => {
                Self::GlorotUniform
            }
        }
    }

    /// Whether its numbers are finite and in order.
    pub(crate) fn is_valid(self) -> bool {
        match self {
            Self::Uniform { low, high } => low.is_finite() && high.is_finite() && low <= high,
            Self::Normal { standard_deviation } => {
                standard_deviation.is_finite() && standard_deviation >= 0.0
            }
            _ => true,
        }
    }

    /// Fills W (`n_inputs`, `n_outputs`) in row order.
    pub(crate) fn fill<R: Real>(
        self,
        n_inputs: usize,
        n_outputs: usize,
        weights: &mut [R],
        generator: &mut Generator,
    ) {
        let (n_in, n_out) = (n_inputs as f64, n_outputs as f64);
        let mut normal = |standard_deviation: f64| {
            for weight in &mut *weights {
                *weight = R::from_f64(standard_deviation * generator.normal());
            }
        };
        match self {
            Self::Zeros => weights.fill(R::ZERO),
            Self::Normal { standard_deviation } => normal(standard_deviation),
            Self::FanOutNormal => normal(1.0 / n_out.sqrt()),
            Self::HeNormal => normal((2.0 / n_in).sqrt()),
            Self::LecunNormal => normal((1.0 / n_in).sqrt()),
            Self::Uniform { low, high } => uniform(low, high, weights, generator),
            Self::GlorotUniform => {
                let bound = (6.0 / (n_in + n_out)).sqrt();
                uniform(-bound, bound, weights, generator);
            }
        }
    }
}

fn uniform<R: Real>(low: f64, high: f64, weights: &mut [R], generator: &mut Generator) {
    for weight in weights {
        *weight = R::from_f64((high - low) * generator.uniform() + low);
    }
}

/// Where the parameters of a layer start that is not dense: factors and slopes at 1, a lookup's table at N(0, 1); a
/// periodic embedding's w at `deviation`·N(0, 1), b uniform in [−π, π), W and c uniform within ±`n_frequencies`^(−½) (Holzmüller
/// et al., arXiv 2407.04491).
pub(crate) fn fill_other<R: Real>(layer: Layer, params: &mut [R], generator: &mut Generator) {
    match layer {
        Layer::Dense { .. } | Layer::Dropout { .. } | Layer::Noise { .. } => {}
        Layer::Scale { .. } | Layer::Blend { .. } => params.fill(R::ONE),
        Layer::Lookup { .. } => {
            for param in params {
                *param = R::from_f64(generator.normal());
            }
        }
        Layer::Periodic { n_numbers, n_frequencies, deviation, .. } => {
            let (frequencies, rest) = params.split_at_mut(n_numbers * n_frequencies);
            let (phases, rest) = rest.split_at_mut(n_numbers * n_frequencies);
            for frequency in frequencies {
                *frequency = R::from_f64(deviation * generator.normal());
            }
            uniform(-std::f64::consts::PI, std::f64::consts::PI, phases, generator);
            let bound = 1.0 / (n_frequencies as f64).sqrt();
            uniform(-bound, bound, rest, generator);
        }
    }
}
