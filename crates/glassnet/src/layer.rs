//! Layers: what each computes, its sizes and its parameters.

use crate::activation::Activation;
use crate::error::{Error, Result};
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
    /// While training, each of the first `n_numbers` inputs gets its own number from N(0, `deviation`²) on top, another in
    /// every step; otherwise nothing happens. To first order that is a penalty on slopes by the inputs (Bishop, Training
    /// with noise is equivalent to Tikhonov regularization, Neural Computation 7, 1995).
    Noise {
        /// Numbers that go in and out.
        n_units: usize,
        /// How many of them get noise.
        n_numbers: usize,
        /// Its standard deviation, 0 or above.
        deviation: f64,
    },
    /// a = s∘x, with a factor for each number; s starts at 1.
    Scale {
        /// Numbers that go in and out.
        n_units: usize,
    },
    /// Each of the first `n_numbers` inputs x becomes cos(2π·x·w + b)·W + c, and x behind it; the others pass
    /// (`RealMLP`'s PBLD: Holzmüller et al., arXiv 2407.04491; after Gorishniy et al., arXiv 2203.05556). Of each number its
    /// own w, b: (`n_frequencies`), W: (`n_frequencies`, `n_outputs`), c: (`n_outputs`).
    Periodic {
        /// Numbers that go in.
        n_inputs: usize,
        /// How many of them become more.
        n_numbers: usize,
        /// Waves of each number. 16 in the strong recipe.
        n_frequencies: usize,
        /// What each number becomes beside itself. 3 in the strong recipe.
        n_outputs: usize,
        /// w starts at N(0, `deviation`²), in waves a unit of the numbers. 0.1 in the strong recipe.
        #[serde(default = "start_of_frequencies")]
        deviation: f64,
    },
    /// Input `column` holds the number of a level, 0 for none; in its place come the numbers of that level's row of a
    /// trainable table, (`n_levels` + 1, `n_units`). The others pass.
    Lookup {
        /// Numbers that go in.
        n_inputs: usize,
        /// Which of them, from 0.
        column: usize,
        /// Levels; the table has a row more, its first, for none of them.
        n_levels: usize,
        /// Numbers of a level. 8 in the strong recipe.
        n_units: usize,
    },
    /// a = z + α∘(f(z) − z), for each unit between the identity and f; α starts at 1 (Holzmüller et al., arXiv
    /// 2407.04491).
    Blend {
        /// Numbers that go in and out.
        n_units: usize,
        /// f.
        activation: Activation,
    },
}

/// The deviation of layers that know nothing of it.
fn start_of_frequencies() -> f64 {
    0.1
}

/// What a block of parameters is, which decides how it steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// W of a dense layer.
    Weight,
    /// b of a dense layer.
    Bias,
    /// s of a scale.
    Scale,
    /// Any of a periodic embedding.
    Periodic,
    /// The table of a lookup.
    Lookup,
    /// α of a blend.
    Slope,
}

/// One block of a layer's parameters: name, shape and kind.
pub(crate) type LayerBlock = (&'static str, Vec<usize>, BlockKind);

impl Layer {
    /// Numbers that go in.
    pub fn n_inputs(self) -> usize {
        match self {
            Self::Dense { n_inputs, .. }
            | Self::Periodic { n_inputs, .. }
            | Self::Lookup { n_inputs, .. } => n_inputs,
            Self::Dropout { n_units, .. }
            | Self::Noise { n_units, .. }
            | Self::Scale { n_units }
            | Self::Blend { n_units, .. } => n_units,
        }
    }

    /// Numbers that come out.
    pub fn n_outputs(self) -> usize {
        match self {
            Self::Dense { n_outputs, .. } => n_outputs,
            Self::Dropout { n_units, .. }
            | Self::Noise { n_units, .. }
            | Self::Scale { n_units }
            | Self::Blend { n_units, .. } => n_units,
            Self::Periodic { n_inputs, n_numbers, n_outputs, .. } => n_inputs + n_numbers * n_outputs,
            Self::Lookup { n_inputs, n_units, .. } => n_inputs - 1 + n_units,
        }
    }

    /// Its parameters' blocks, in order.
    pub(crate) fn blocks(self) -> Vec<LayerBlock> {
        match self {
            Self::Dense { n_inputs, n_outputs, bias, .. } => {
                let weight = ("weight", vec![n_inputs, n_outputs], BlockKind::Weight);
                let bias = bias.then(|| ("bias", vec![n_outputs], BlockKind::Bias));
                std::iter::once(weight).chain(bias).collect()
            }
            Self::Dropout { .. } | Self::Noise { .. } => Vec::new(),
            Self::Scale { n_units } => vec![("scale", vec![n_units], BlockKind::Scale)],
            Self::Periodic { n_numbers, n_frequencies, n_outputs, .. } => [
                ("frequency", vec![n_numbers, n_frequencies]),
                ("phase", vec![n_numbers, n_frequencies]),
                ("weight", vec![n_numbers, n_frequencies, n_outputs]),
                ("bias", vec![n_numbers, n_outputs]),
            ]
            .map(|(name, shape)| (name, shape, BlockKind::Periodic))
            .to_vec(),
            Self::Lookup { n_levels, n_units, .. } => {
                vec![("table", vec![n_levels + 1, n_units], BlockKind::Lookup)]
            }
            Self::Blend { n_units, .. } => vec![("slope", vec![n_units], BlockKind::Slope)],
        }
    }

    /// Weights of a dense layer, without biases; 0 of any other.
    pub fn n_weights(self) -> usize {
        match self {
            Self::Dense { n_inputs, n_outputs, .. } => n_inputs * n_outputs,
            _ => 0,
        }
    }

    /// Biases of a dense layer; 0 of any other.
    pub fn n_biases(self) -> usize {
        match self {
            Self::Dense { n_outputs, bias: true, .. } => n_outputs,
            _ => 0,
        }
    }

    /// All parameters.
    pub fn n_params(self) -> usize {
        match self {
            Self::Dense { .. } => self.n_weights() + self.n_biases(),
            Self::Dropout { .. } | Self::Noise { .. } => 0,
            Self::Scale { n_units } | Self::Blend { n_units, .. } => n_units,
            Self::Periodic { n_numbers, n_frequencies, n_outputs, .. } => {
                n_numbers * (n_frequencies * (2 + n_outputs) + n_outputs)
            }
            Self::Lookup { n_levels, n_units, .. } => (n_levels + 1) * n_units,
        }
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
            Self::Noise { n_numbers, deviation, .. } => {
                write!(f, "noise of deviation {deviation} on {n_numbers} numbers")
            }
            Self::Scale { n_units } => write!(f, "scale {n_units}"),
            Self::Periodic { n_inputs, n_numbers, n_frequencies, .. } => {
                let n_outputs = self.n_outputs();
                write!(
                    f,
                    "periodic {n_inputs} → {n_outputs}, {n_frequencies} waves for each of {n_numbers} numbers"
                )
            }
            Self::Lookup { n_inputs, column, n_levels, .. } => {
                let n_outputs = self.n_outputs();
                write!(f, "lookup {n_inputs} → {n_outputs}, {n_levels} levels of input {column}")
            }
            Self::Blend { activation, .. } => write!(f, "blend {activation}"),
        }
    }
}

/// Where the parameters of the largest layer begin, which are to lie well. Those of others often do then, too.
pub(crate) fn start_of_largest(layers: &[Layer]) -> usize {
    let largest = (0..layers.len()).rev().max_by_key(|&layer| layers[layer].n_params()).unwrap_or(0);
    layers[..largest].iter().map(|layer| layer.n_params()).sum()
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
        if let Some(reason) = layer.fault() {
            return wrong(i, reason);
        }
        if i > 0 && layers[i - 1].n_outputs() != layer.n_inputs() {
            let (before, here) = (layers[i - 1].n_outputs(), layer.n_inputs());
            return wrong(i, format!("it takes {here} inputs, the layer before it gives {before}"));
        }
        n_params += layer.n_params();
        if n_params > MOST_PARAMS {
            return wrong(i, format!("more than {MOST_PARAMS} weights: choose smaller layers"));
        }
    }
    Ok(())
}

impl Layer {
    /// What is wrong with its own numbers. Sizes that could overflow are looked at one by one before any product.
    fn fault(self) -> Option<String> {
        let sizes = match self {
            Self::Dense { n_inputs, n_outputs, .. } => [n_inputs, n_outputs, 1, 1],
            Self::Dropout { n_units, .. } | Self::Scale { n_units } | Self::Blend { n_units, .. } => {
                [n_units, 1, 1, 1]
            }
            Self::Noise { n_units, n_numbers, .. } => [n_units, n_numbers, 1, 1],
            Self::Periodic { n_inputs, n_numbers, n_frequencies, n_outputs, .. } => {
                [n_inputs, n_numbers, n_frequencies, n_outputs]
            }
            Self::Lookup { n_inputs, n_levels, n_units, .. } => [n_inputs, n_levels, n_units, 1],
        };
        if sizes.contains(&0) {
            return Some("a layer needs at least one input and one unit".into());
        }
        let most = MOST_PARAMS as u128;
        // No size above 2³⁰, and no product of the sizes that are multiplied with each other.
        let [a, b, c, d] = sizes.map(|size| size as u128);
        let n_params = match self {
            Self::Dense { .. } => (a + 1).checked_mul(b),
            Self::Periodic { .. } => (c + 1).checked_mul(d + 2).and_then(|each| each.checked_mul(b)),
            Self::Lookup { .. } => (b + 1).checked_mul(c),
            _ => Some(a),
        };
        if [a, b, c, d].into_iter().chain(n_params).any(|size| size > most) || n_params.is_none() {
            return Some(format!("more than {MOST_PARAMS} weights: choose smaller layers"));
        }
        match self {
            Self::Dropout { rate, .. } if !(0.0..1.0).contains(&rate) => {
                Some(format!("dropout {rate} is not in [0, 1)"))
            }
            Self::Noise { deviation, .. } | Self::Periodic { deviation, .. }
                if !(deviation >= 0.0 && deviation.is_finite()) =>
            {
                Some(format!("a deviation of {deviation} is not 0 or above"))
            }
            Self::Periodic { n_inputs, n_numbers, .. } | Self::Noise { n_units: n_inputs, n_numbers, .. }
                if n_numbers > n_inputs =>
            {
                Some(format!("{n_numbers} numbers of {n_inputs} inputs"))
            }
            Self::Lookup { n_inputs, column, .. } if column >= n_inputs => {
                Some(format!("column {column} of {n_inputs} inputs"))
            }
            _ => None,
        }
    }
}

/// Most weights that a network may have: 2³⁰, 4 GiB of `f32`.
pub const MOST_PARAMS: usize = 1 << 30;
