//! Layers, and how their weights start.

use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::generator::Generator;
use glassnet_kernels::Real;
use serde::{Deserialize, Serialize};

/// One step of a network's forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// a = f(x·W + b). x: (`n_rows`, `n_inputs`), W: (`n_inputs`, `n_outputs`), b: (`n_outputs`) or absent.
    Dense {
        /// Numbers that go in.
        n_inputs: usize,
        /// Units.
        n_outputs: usize,
        /// Whether there is a b.
        bias: bool,
        /// f.
        activation: Activation,
    },
    /// While training, each number becomes 0 with probability `rate` and is divided by 1 − `rate` otherwise, so that
    /// its expectation stays; otherwise nothing happens (Srivastava et al., JMLR 15, 2014).
    Dropout {
        /// Numbers that go in and out.
        n_units: usize,
        /// Probability of becoming 0, in [0, 1).
        rate: f64,
    },
}

impl Layer {
    /// Numbers that go in.
    pub fn n_inputs(self) -> usize {
        match self {
            Self::Dense { n_inputs, .. } => n_inputs,
            Self::Dropout { n_units, .. } => n_units,
        }
    }

    /// Numbers that come out.
    pub fn n_outputs(self) -> usize {
        match self {
            Self::Dense { n_outputs, .. } => n_outputs,
            Self::Dropout { n_units, .. } => n_units,
        }
    }

    /// Weights, without biases.
    pub fn n_weights(self) -> usize {
        match self {
            Self::Dense { n_inputs, n_outputs, .. } => n_inputs * n_outputs,
            Self::Dropout { .. } => 0,
        }
    }

    /// Biases.
    pub fn n_biases(self) -> usize {
        match self {
            Self::Dense { n_outputs, bias: true, .. } => n_outputs,
            Self::Dense { bias: false, .. } | Self::Dropout { .. } => 0,
        }
    }

    /// Weights and biases.
    pub fn n_params(self) -> usize {
        self.n_weights() + self.n_biases()
    }
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dense { n_inputs, n_outputs, bias, activation } => {
                let bias = if *bias { "" } else { ", no bias" };
                write!(f, "dense {n_inputs} → {n_outputs}, {activation}{bias}")
            }
            Self::Dropout { rate, .. } => write!(f, "dropout {rate}"),
        }
    }
}

/// Whether the layers fit together and their sizes can be meant.
///
/// # Errors
/// [`Error::Layers`] names the first layer that does not fit.
pub fn check_layers(layers: &[Layer]) -> Result<()> {
    let wrong = |layer: usize, reason: String| Err(Error::Layers { layer, reason });
    if layers.is_empty() {
        return wrong(0, "a network needs at least one layer".into());
    }
    let mut n_params = 0_usize;
    for (i, &layer) in layers.iter().enumerate() {
        if layer.n_inputs() == 0 || layer.n_outputs() == 0 {
            return wrong(i, "a layer needs at least one input and one unit".into());
        }
        if i > 0 && layers[i - 1].n_outputs() != layer.n_inputs() {
            let (before, here) = (layers[i - 1].n_outputs(), layer.n_inputs());
            return wrong(i, format!("it takes {here} inputs, the layer before it gives {before}"));
        }
        if let Layer::Dropout { rate, .. } = layer
            && !(0.0..1.0).contains(&rate)
        {
            return wrong(i, format!("dropout {rate} is not in [0, 1)"));
        }
        let size = layer.n_inputs().checked_add(1).and_then(|n| n.checked_mul(layer.n_outputs()));
        n_params = match size.and_then(|size| size.checked_add(n_params)) {
            Some(sum) if sum <= MOST_PARAMS => sum,
            _ => return wrong(i, format!("more than {MOST_PARAMS} weights: choose smaller layers")),
        };
    }
    Ok(())
}

/// Most weights that a network may have: 2³⁰, 4 GiB of `f32`.
pub const MOST_PARAMS: usize = 1 << 30;

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
