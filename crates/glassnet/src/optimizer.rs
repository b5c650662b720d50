//! How gradients move parameters.

use crate::error::{Error, Result};
use glassnet_kernels::Real;
use glassnet_kernels::pages::Numbers;
use glassnet_kernels::step::{self, Adam, Lookahead, RmsProp, Step};
use glassnet_kernels::team::Split;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The choice of optimizer and its constants. Formulas: [`glassnet_kernels::step`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Gradient descent.
    Sgd {
        /// μ in [0, 1); 0 for none.
        #[serde(default)]
        momentum: f64,
        /// Whether the momentum is Nesterov's.
        #[serde(default)]
        nesterov: bool,
    },
    /// Adam (arXiv 1412.6980).
    Adam {
        /// β₁ in [0, 1).
        beta1: f64,
        /// β₂ in [0, 1).
        beta2: f64,
        /// ε above 0.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay (arXiv 1711.05101).
    #[serde(rename = "adamw")]
    AdamW {
        /// β₁ in [0, 1).
        beta1: f64,
        /// β₂ in [0, 1).
        beta2: f64,
        /// ε above 0.
        epsilon: f64,
    },
    /// `RMSProp` (Hinton, lecture 6e, 2012).
    #[serde(rename = "rmsprop")]
    RmsProp {
        /// α in [0, 1).
        alpha: f64,
        /// ε above 0.
        epsilon: f64,
        /// μ in [0, 1); 0 for none.
        momentum: f64,
    },
}

impl OptimizerConfig {
    /// Gradient descent without momentum.
    pub const SGD: Self = Self::Sgd { momentum: 0.0, nesterov: false };
    /// Adam with β₁ 0.9, β₂ 0.999, ε 10⁻⁸.
    pub const ADAM: Self = Self::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    /// `AdamW` with Adam's constants.
    pub const ADAMW: Self = Self::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    /// `RMSProp` with α 0.99, ε 10⁻⁸, no momentum.
    pub const RMSPROP: Self = Self::RmsProp { alpha: 0.99, epsilon: 1e-8, momentum: 0.0 };

    /// What [`OptimizerConfig::from_name`] knows.
    pub const NAMES: [&str; 6] = ["sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop"];

    /// With its usual constants; `momentum` and `nesterov` are gradient descent with μ 0.9.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "sgd" => Self::SGD,
            "momentum" => Self::Sgd { momentum: 0.9, nesterov: false },
            "nesterov" => Self::Sgd { momentum: 0.9, nesterov: true },
            "adam" => Self::ADAM,
            "adamw" => Self::ADAMW,
            "rmsprop" => Self::RMSPROP,
            _ => return None,
        })
    }

    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd { .. } => "sgd",
            Self::Adam { .. } => "adam",
            Self::AdamW { .. } => "adamw",
            Self::RmsProp { .. } => "rmsprop",
        }
    }

    /// Weight decay where none is asked for: 0.01 with [`OptimizerConfig::AdamW`], else 0.
    pub fn default_weight_decay(self) -> f64 {
        if matches!(self, Self::AdamW { .. }) { 0.01 } else { 0.0 }
    }

    /// Whether its numbers lie in their domains.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn check(self) -> Result<()> {
        let share = |value: f64| (0.0..1.0).contains(&value);
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let valid = match self {
            Self::Sgd { momentum, nesterov } => share(momentum) && (!nesterov || momentum > 0.0),
            Self::Adam { beta1, beta2, epsilon } | Self::AdamW { beta1, beta2, epsilon } => {
                share(beta1) && share(beta2) && positive(epsilon)
            }
            Self::RmsProp { alpha, epsilon, momentum } => {
                share(alpha) && share(momentum) && positive(epsilon)
            }
        };
        if valid {
            return Ok(());
        }
        let domain = "momentum, alpha and betas in [0, 1), epsilon above 0, nesterov only with momentum";
        Err(Error::Setting { name: "optimizer", value: format!("{self:?}"), domain })
    }
}

/// Parameters that step alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Their place among all parameters.
    pub range: Range<usize>,
    /// Whether they are weights, which are penalised, and not biases.
    pub is_weight: bool,
    /// λ of the decoupled decay θ ← θ·(1 − η·λ) before the step, η without `rate_factor`.
    pub weight_decay: f64,
    /// What η is multiplied with. Usually 1.
    pub rate_factor: f64,
    /// u: the optimizer moves θ/u, whose gradient is u·g. Usually 1; n^(−½) for weights of n inputs is what the neural
    /// tangent parametrisation θ = W·n^(−½) (Jacot et al., arXiv 1806.07572) does to the step of W.
    pub unit: f64,
}

impl Group {
    /// Those of its parameters that have these places among all, counted from the first of the places.
    pub(crate) fn within(&self, places: &Range<usize>) -> Range<usize> {
        let [start, end] = [self.range.start, self.range.end].map(|at| at.clamp(places.start, places.end));
        start - places.start..end - places.start
    }

    /// Weights that step like any, with such a decay.
    pub fn weights(range: Range<usize>, weight_decay: f64) -> Self {
        Self { range, is_weight: true, weight_decay, rate_factor: 1.0, unit: 1.0 }
    }
}

/// An optimizer with its state.
#[derive(Debug, Clone)]
pub struct Optimizer<R> {
    config: OptimizerConfig,
    pub(crate) state: OptimizerState<R>,
}

/// What an optimizer remembers of earlier steps.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerState<R> {
    /// Velocity, or Adam's mean of gradients; empty where there is none.
    pub first: Numbers<R>,
    /// Mean of squared gradients; empty where there is none.
    pub second: Numbers<R>,
    /// β₁ᵗ and β₂ᵗ after t steps.
    pub beta_powers: (f64, f64),
}

impl<R: Real> Optimizer<R> {
    /// For these parameters.
    pub fn new(config: OptimizerConfig, params: &[R]) -> Self {
        let (first, second) = match config {
            OptimizerConfig::Sgd { momentum: 0.0, .. } => (&[][..], &[][..]),
            OptimizerConfig::Sgd { .. } => (params, &[][..]),
            _ => (params, params),
        };
        let (first, second) = (Numbers::zeros_like(first), Numbers::zeros_like(second));
        Self { config, state: OptimizerState { first, second, beta_powers: (1.0, 1.0) } }
    }

    /// Moves the parameters of every group once. `d_params` in the parameters' order.
    ///
    /// # Panics
    /// When `d_params` has other than the parameters' length.
    pub fn step(&mut self, params: &mut [R], d_params: &[R], groups: &[Group], learning_rate: f64) {
        assert_eq!(params.len(), d_params.len(), "a gradient for each parameter");
        let (step, mut part) = self.begin(params, groups, learning_rate, 1.0);
        step.take(&mut part, d_params);
    }

    /// The next step, and all parameters to take it. Every weight decay is multiplied with `decay`.
    pub(crate) fn begin<'a>(
        &'a mut self,
        params: &'a mut [R],
        groups: &'a [Group],
        learning_rate: f64,
        decay: f64,
    ) -> (OptimizerStep<'a>, Part<'a, R>) {
        if let OptimizerConfig::Adam { beta1, beta2, .. } | OptimizerConfig::AdamW { beta1, beta2, .. } =
            self.config
        {
            self.state.beta_powers.0 *= beta1;
            self.state.beta_powers.1 *= beta2;
        }
        let OptimizerState { first, second, beta_powers } = &mut self.state;
        let step =
            OptimizerStep { config: self.config, beta_powers: *beta_powers, groups, learning_rate, decay };
        (step, Part { places: 0..params.len(), params, first, second })
    }
}

/// Neighbouring parameters, and what an optimizer remembers of each.
#[derive(Debug)]
pub(crate) struct Part<'a, R> {
    /// Their places among all parameters.
    pub(crate) places: Range<usize>,
    pub(crate) params: &'a mut [R],
    /// As [`OptimizerState`].
    first: &'a mut [R],
    second: &'a mut [R],
}

impl<R> Part<'_, R> {
    /// The same for a while.
    pub(crate) fn reborrow(&mut self) -> Part<'_, R> {
        let Part { places, params, first, second } = self;
        Part { places: places.clone(), params, first, second }
    }
}

impl<R: Real> Split for Part<'_, R> {
    fn len(&self) -> usize {
        self.params.len()
    }
    fn split_at(self, at: usize) -> (Self, Self) {
        let params = self.params.split_at_mut(at);
        // What is not remembered has no places.
        let [first, second] = [self.first, self.second].map(|all| all.split_at_mut(at.min(all.len())));
        let middle = self.places.start + at;
        (
            Self { places: self.places.start..middle, params: params.0, first: first.0, second: second.0 },
            Self { places: middle..self.places.end, params: params.1, first: first.1, second: second.1 },
        )
    }
}

/// One step of an optimizer, for any of the parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptimizerStep<'a> {
    config: OptimizerConfig,
    /// As [`OptimizerState`].
    beta_powers: (f64, f64),
    groups: &'a [Group],
    learning_rate: f64,
    decay: f64,
}

impl OptimizerStep<'_> {
    /// Moves these parameters. `d_params` has a number for each.
    pub(crate) fn take<R: Real>(self, part: &mut Part<'_, R>, d_params: &[R]) {
        // Adam and RMSProp divide the gradient by its own size: of u only the size of the step is left, and of ε.
        let is_scale_free = !matches!(self.config, OptimizerConfig::Sgd { .. });
        for group in self.groups {
            let &Group { weight_decay, rate_factor, unit, .. } = group;
            let of_unit = if is_scale_free { unit } else { unit * unit };
            let step = Step {
                learning_rate: R::from_f64(self.learning_rate * rate_factor * of_unit),
                keep: R::from_f64(1.0 - self.learning_rate * self.decay * weight_decay),
            };
            let range = group.within(&part.places);
            // What is not remembered has no places.
            let first = part.first.get_mut(range.clone()).unwrap_or_default();
            let second = part.second.get_mut(range.clone()).unwrap_or_default();
            let (params, d_params) = (&mut part.params[range.clone()], &d_params[range]);
            self.take_alike(params, d_params, first, second, step, unit);
        }
    }

    /// Of parameters of one group.
    fn take_alike<R: Real>(
        self,
        params: &mut [R],
        d_params: &[R],
        first: &mut [R],
        second: &mut [R],
        step: Step<R>,
        unit: f64,
    ) {
        match self.config {
            OptimizerConfig::Sgd { momentum: 0.0, .. } => step::sgd(params, d_params, step),
            OptimizerConfig::Sgd { momentum, nesterov } => {
                let lookahead = if nesterov { Lookahead::Nesterov } else { Lookahead::Classical };
                step::momentum(params, d_params, first, step, R::from_f64(momentum), lookahead);
            }
            OptimizerConfig::Adam { beta1, beta2, epsilon }
            | OptimizerConfig::AdamW { beta1, beta2, epsilon } => {
                let constants = Adam {
                    beta1: R::from_f64(beta1),
                    beta2: R::from_f64(beta2),
                    epsilon: R::from_f64(epsilon / unit),
                    correction1: R::from_f64(1.0 - self.beta_powers.0),
                    correction2: R::from_f64(1.0 - self.beta_powers.1),
                };
                step::adam(params, d_params, first, second, step, constants);
            }
            OptimizerConfig::RmsProp { alpha, epsilon, momentum } => {
                let constants = RmsProp {
                    alpha: R::from_f64(alpha),
                    epsilon: R::from_f64(epsilon / unit),
                    momentum: R::from_f64(momentum),
                };
                step::rms_prop(params, d_params, second, first, step, constants);
            }
        }
    }
}
