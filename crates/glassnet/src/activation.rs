//! Activation functions: value and slope side by side.
//!
//! z is what goes into a unit, a is what comes out: a = f(z). The slope is da/dz.

use glassnet_kernels::team::Team;
use glassnet_kernels::{Real, hidden};
use serde::{Deserialize, Serialize};

/// A function that each unit of a layer applies to its weighted sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// f(z) = z.
    Identity,
    /// f(z) = 1/(1 + e^(−z)); slope a·(1 − a).
    #[serde(alias = "logistic")]
    Sigmoid,
    /// f(z) = tanh z; slope 1 − a².
    Tanh,
    /// f(z) = max(z, 0); the slope at 0 is 0.
    Relu,
    /// f(z) = z above 0, 0.01·z below; the slope at 0 is 0.01.
    LeakyRelu,
    /// f(z) = z above 0, e^z − 1 below (Clevert et al., arXiv 1511.07289, α = 1).
    Elu,
    /// f(z) = λ·z above 0, λ·α·(e^z − 1) below (Klambauer et al., arXiv 1706.02515).
    Selu,
    /// f(z) = z·Φ(z), Φ the standard normal distribution (Hendrycks and Gimpel, arXiv 1606.08415), exact by erf.
    Gelu,
    /// f(z) = z·tanh(softplus z) (Misra, arXiv 1908.08681).
    Mish,
    /// f(z) = ln(1 + e^z).
    Softplus,
}

const LEAK: f64 = 0.01;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

impl Activation {
    /// Every activation, in the order in which they are taught.
    pub const ALL: [Self; 10] = [
        Self::Identity,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu,
        Self::Elu,
        Self::Selu,
        Self::Gelu,
        Self::Mish,
        Self::Softplus,
    ];

    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Elu => "elu",
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::Mish => "mish",
            Self::Softplus => "softplus",
        }
    }

    /// The activation of that name; `logistic` is accepted for `sigmoid`, and `-` for `_`.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('-', "_").to_lowercase();
        if name == "logistic" {
            return Some(Self::Sigmoid);
        }
        Self::ALL.into_iter().find(|activation| activation.name() == name)
    }

    /// a = f(z).
    pub fn value<R: Real>(self, z: R) -> R {
        match self {
            Self::Identity => z,
            Self::Sigmoid => sigmoid(z),
            Self::Tanh => z.tanh(),
            Self::Relu => relu(z),
            Self::LeakyRelu => leaky_relu(z),
            Self::Elu => elu(z),
            Self::Selu => selu(z),
            Self::Gelu => gelu(z),
            Self::Mish => mish(z),
            Self::Softplus => softplus(z),
        }
    }

    /// da/dz, from the input z and the output a = f(z) that belongs to it (some slopes are cheaper from a).
    pub fn slope<R: Real>(self, z: R, a: R) -> R {
        match self {
            Self::Identity => R::ONE,
            Self::Sigmoid => sigmoid_slope_from_output(a),
            Self::Tanh => R::ONE - a * a,
            Self::Relu => relu_slope(z),
            Self::LeakyRelu => leaky_relu_slope(z),
            Self::Elu => elu_slope(z),
            Self::Selu => selu_slope(z),
            Self::Gelu => gelu_slope(z),
            Self::Mish => mish_slope(z),
            Self::Softplus => sigmoid(z),
        }
    }

    /// z ← z + b and a = f(z). z, a: (`n_rows`, `n_units`); b: (`n_units`), or empty for none.
    pub(crate) fn forward<R: Real>(self, team: &Team, z: &mut [R], bias: &[R], a: &mut [R]) {
        use glassnet_kernels::elementwise::activate;
        match self {
            Self::Identity => activate(team, z, bias, a, |z| z),
            Self::Sigmoid => activate(team, z, bias, a, sigmoid),
            Self::Tanh => activate(team, z, bias, a, Real::tanh),
            Self::Relu => activate(team, z, bias, a, relu),
            Self::LeakyRelu => activate(team, z, bias, a, leaky_relu),
            Self::Elu => activate(team, z, bias, a, elu),
            Self::Selu => activate(team, z, bias, a, selu),
            Self::Gelu => activate(team, z, bias, a, gelu),
            Self::Mish => activate(team, z, bias, a, mish),
            Self::Softplus => activate(team, z, bias, a, softplus),
        }
    }

    /// Whether a alone tells the slope: where a takes the place of z, [`Activation::backward`] finds the same.
    pub(crate) fn needs_no_z(self) -> bool {
        matches!(self, Self::Identity | Self::Sigmoid | Self::Tanh | Self::Relu)
    }

    /// As [`Activation::forward`], with a in the place of z, where [`Activation::needs_no_z`].
    pub(crate) fn forward_in_place<R: Real>(self, team: &Team, z_to_a: &mut [R], bias: &[R]) {
        use glassnet_kernels::elementwise::activate_in_place;
        match self {
            Self::Sigmoid => activate_in_place(team, z_to_a, bias, sigmoid),
            Self::Tanh => activate_in_place(team, z_to_a, bias, Real::tanh),
            Self::Relu => activate_in_place(team, z_to_a, bias, relu),
            _ => activate_in_place(team, z_to_a, bias, |z| z),
        }
    }

    /// Turns the gradient by a into that by z, d ← d·f′(z), and gives the gradient by b, the sum of d over rows.
    /// z, a, d: (`n_rows`, `n_units`); `d_bias`: (`n_units`), or empty.
    pub(crate) fn backward<R: Real>(self, team: &Team, z: &[R], a: &[R], d: &mut [R], d_bias: &mut [R]) {
        use glassnet_kernels::elementwise::activate_backward;
        match self {
            Self::Identity if d_bias.is_empty() => {}
            Self::Identity => activate_backward(team, z, a, d, d_bias, |_, _| R::ONE),
            Self::Sigmoid => activate_backward(team, z, a, d, d_bias, |_, a| sigmoid_slope_from_output(a)),
            Self::Tanh => activate_backward(team, z, a, d, d_bias, |_, a| R::ONE - a * a),
            Self::Relu => activate_backward(team, z, a, d, d_bias, |z, _| relu_slope(z)),
            Self::LeakyRelu => activate_backward(team, z, a, d, d_bias, |z, _| leaky_relu_slope(z)),
            Self::Elu => activate_backward(team, z, a, d, d_bias, |z, _| elu_slope(z)),
            Self::Selu => activate_backward(team, z, a, d, d_bias, |z, _| selu_slope(z)),
            Self::Gelu => activate_backward(team, z, a, d, d_bias, |z, _| gelu_slope(z)),
            Self::Mish => activate_backward(team, z, a, d, d_bias, |z, _| mish_slope(z)),
            Self::Softplus => activate_backward(team, z, a, d, d_bias, |z, _| sigmoid(z)),
        }
    }

    /// v = f(z) and a = z + α∘(v − z). z, v, a: (`n_rows`, `n_units`); α: (`n_units`).
    pub(crate) fn blend<R: Real>(self, team: &Team, z: &[R], alpha: &[R], v: &mut [R], a: &mut [R]) {
        use glassnet_kernels::columns::blend;
        match self {
            Self::Identity => blend(team, z, alpha, v, a, |z| z),
            Self::Sigmoid => blend(team, z, alpha, v, a, sigmoid),
            Self::Tanh => blend(team, z, alpha, v, a, Real::tanh),
            Self::Relu => blend(team, z, alpha, v, a, relu),
            Self::LeakyRelu => blend(team, z, alpha, v, a, leaky_relu),
            Self::Elu => blend(team, z, alpha, v, a, elu),
            Self::Selu => blend(team, z, alpha, v, a, selu),
            Self::Gelu => blend(team, z, alpha, v, a, gelu),
            Self::Mish => blend(team, z, alpha, v, a, mish),
            Self::Softplus => blend(team, z, alpha, v, a, softplus),
        }
    }

    /// Units between the identity and f in one pass, for a pass backward: [`hidden::forward`].
    pub(crate) fn hidden_forward<R: Real>(
        self,
        team: &Team,
        units: hidden::Units<'_, R>,
        y_to_slope: &mut [R],
        by_alpha: &mut [R],
        a: &mut [R],
    ) {
        use hidden::forward;
        match self {
            Self::Identity => forward(team, units, y_to_slope, by_alpha, a, |z| z, |z, _| (z, R::ONE)),
            Self::Sigmoid => forward(team, units, y_to_slope, by_alpha, a, sigmoid, |_, value| {
                (value, sigmoid_slope_from_output(value))
            }),
            Self::Tanh => forward(team, units, y_to_slope, by_alpha, a, Real::tanh, |_, value: R| {
                (value, R::ONE - value * value)
            }),
            Self::Relu => {
                forward(team, units, y_to_slope, by_alpha, a, relu, |z, value| (value, relu_slope(z)));
            }
            Self::LeakyRelu => forward(team, units, y_to_slope, by_alpha, a, leaky_relu, |z, value| {
                (value, leaky_relu_slope(z))
            }),
            Self::Elu => forward(team, units, y_to_slope, by_alpha, a, elu, |z, value| {
                (value, if z > R::ZERO { R::ONE } else { value + R::ONE })
            }),
            Self::Selu => forward(team, units, y_to_slope, by_alpha, a, selu, |z, value| {
                (value, selu_slope_from_output(z, value))
            }),
            Self::Gelu => {
                forward(team, units, y_to_slope, by_alpha, a, gelu, |z, value| (value, gelu_slope(z)));
            }
            Self::Mish => {
                forward(team, units, y_to_slope, by_alpha, a, exp_of_negative_size, mish_and_slope);
            }
            Self::Softplus => {
                forward(team, units, y_to_slope, by_alpha, a, softplus, |z, value| (value, sigmoid(z)));
            }
        }
    }

    /// Units between the identity and f in one pass, a in place of y: [`hidden::evaluate`].
    pub(crate) fn hidden_evaluate<R: Real>(self, team: &Team, units: hidden::Units<'_, R>, y_to_a: &mut [R]) {
        use hidden::evaluate;
        match self {
            Self::Identity => evaluate(team, units, y_to_a, |z| z),
            Self::Sigmoid => evaluate(team, units, y_to_a, sigmoid),
            Self::Tanh => evaluate(team, units, y_to_a, Real::tanh),
            Self::Relu => evaluate(team, units, y_to_a, relu),
            Self::LeakyRelu => evaluate(team, units, y_to_a, leaky_relu),
            Self::Elu => evaluate(team, units, y_to_a, elu),
            Self::Selu => evaluate(team, units, y_to_a, selu),
            Self::Gelu => evaluate(team, units, y_to_a, gelu),
            Self::Mish => evaluate(team, units, y_to_a, mish),
            Self::Softplus => evaluate(team, units, y_to_a, softplus),
        }
    }

    /// The gradients by α and z from that by a; `matrices` are z, v = f(z) and the gradient by a.
    pub(crate) fn blend_backward<R: Real>(
        self,
        team: &Team,
        matrices: (&[R], &[R], &[R]),
        alpha: &[R],
        d_alpha: &mut [R],
        d_z: &mut [R],
    ) {
        use glassnet_kernels::columns::blend_backward;
        match self {
            Self::Identity => blend_backward(team, matrices, alpha, d_alpha, d_z, |_, _| R::ONE),
            Self::Sigmoid => {
                blend_backward(team, matrices, alpha, d_alpha, d_z, |_, v| sigmoid_slope_from_output(v));
            }
            Self::Tanh => blend_backward(team, matrices, alpha, d_alpha, d_z, |_, v| R::ONE - v * v),
            Self::Relu => blend_backward(team, matrices, alpha, d_alpha, d_z, |z, _| relu_slope(z)),
            Self::LeakyRelu => {
                blend_backward(team, matrices, alpha, d_alpha, d_z, |z, _| leaky_relu_slope(z));
            }
            Self::Elu => blend_backward(team, matrices, alpha, d_alpha, d_z, |z, v| {
                if z > R::ZERO { R::ONE } else { v + R::ONE }
            }),
            Self::Selu => blend_backward(team, matrices, alpha, d_alpha, d_z, selu_slope_from_output),
            Self::Gelu => blend_backward(team, matrices, alpha, d_alpha, d_z, |z, _| gelu_slope(z)),
            Self::Mish => blend_backward(team, matrices, alpha, d_alpha, d_z, |z, _| mish_slope(z)),
            Self::Softplus => blend_backward(team, matrices, alpha, d_alpha, d_z, |z, _| sigmoid(z)),
        }
    }
}

impl std::fmt::Display for Activation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// 1/(1 + e^(−z)): 0 far to the left, ½ at 0, 1 far to the right.
#[inline]
pub fn sigmoid<R: Real>(z: R) -> R {
    R::ONE / (R::ONE + (-z).exp())
}

/// The slope of the sigmoid at the **input** z: σ(z)·(1 − σ(z)); largest, ¼, at 0.
pub fn sigmoid_slope<R: Real>(z: R) -> R {
    sigmoid_slope_from_output(sigmoid(z))
}

/// The slope of the sigmoid where its **output** is a: a·(1 − a).
#[inline]
pub fn sigmoid_slope_from_output<R: Real>(a: R) -> R {
    a * (R::ONE - a)
}

#[inline]
fn relu<R: Real>(z: R) -> R {
    if z <= R::ZERO { R::ZERO } else { z } // NaN stays NaN
}

#[inline]
fn relu_slope<R: Real>(z: R) -> R {
    if z > R::ZERO { R::ONE } else { R::ZERO }
}

#[inline]
fn leaky_relu<R: Real>(z: R) -> R {
    if z > R::ZERO { z } else { R::from_f64(LEAK) * z }
}

#[inline]
fn leaky_relu_slope<R: Real>(z: R) -> R {
    if z > R::ZERO { R::ONE } else { R::from_f64(LEAK) }
}

#[inline]
fn elu<R: Real>(z: R) -> R {
    if z > R::ZERO { z } else { z.exp_m1_of_negative() }
}

#[inline]
fn elu_slope<R: Real>(z: R) -> R {
    if z > R::ZERO { R::ONE } else { z.exp() }
}

#[inline]
fn selu<R: Real>(z: R) -> R {
    let below = R::from_f64(SELU_SCALE * SELU_ALPHA);
    if z > R::ZERO { R::from_f64(SELU_SCALE) * z } else { below * z.exp_m1_of_negative() }
}

#[inline]
fn selu_slope<R: Real>(z: R) -> R {
    let below = R::from_f64(SELU_SCALE * SELU_ALPHA);
    if z > R::ZERO { R::from_f64(SELU_SCALE) } else { below * z.exp() }
}

/// Below 0 it is a + λ·α: no exponential.
#[inline]
fn selu_slope_from_output<R: Real>(z: R, a: R) -> R {
    if z > R::ZERO { R::from_f64(SELU_SCALE) } else { a + R::from_f64(SELU_SCALE * SELU_ALPHA) }
}

/// Φ(z) = ½·(1 + erf(z/√2)), through erfc's side below 0 so that nothing cancels.
fn normal_distribution<R: Real>(z: R) -> R {
    R::from_f64(0.5) * (-z * R::from_f64(std::f64::consts::FRAC_1_SQRT_2)).erfc()
}

fn gelu<R: Real>(z: R) -> R {
    let share = normal_distribution(z);
    // −∞·0 would be NaN.
    if share == R::ZERO { R::ZERO } else { z * share }
}

fn gelu_slope<R: Real>(z: R) -> R {
    let density = (R::from_f64(-0.5) * z * z).exp() * R::from_f64(0.398_942_280_401_432_7); // 1/√(2π)
    if density == R::ZERO { normal_distribution(z) } else { normal_distribution(z) + z * density }
}

/// ln(1 + e^z) without overflow: max(z, 0) + ln(1 + e^(−|z|)).
pub fn softplus<R: Real>(z: R) -> R {
    relu(z) + (-z.abs()).exp().ln_1p()
}

/// e^(−|z|).
#[inline]
fn exp_of_negative_size<R: Real>(z: R) -> R {
    (-z.abs()).exp_of_negative()
}

/// z·f and f + z·(1 − f²)·σ(z), from e = e^(−|z|) and one division. With u = e^z, f = u(u + 2)/(u(u + 2) + 2); 1 − f has its
/// own formula because the difference would cancel where f is near 1. Above 0 both sides of the quotients are multiplied by e².
#[inline]
fn mish_and_slope<R: Real>(z: R, e: R) -> (R, R) {
    let is_right = z > R::ZERO;
    let (twice, square) = (e + e, e * e);
    let top = twice + if is_right { R::ONE } else { square };
    let half_rest = if is_right { square } else { R::ONE };
    let sum = top + (half_rest + half_rest);
    // (1 − f)·σ is 2e²/sum·1/(1 + e) above 0 and 2/sum·e/(1 + e) below.
    let share = if is_right { e } else { R::ONE };
    let other = R::ONE + e;
    // No divisor is above 10.
    let inverse = R::ONE / (sum * other);
    let factor = top * (other * inverse);
    let bend = twice * share * inverse * (R::ONE + factor);
    // ∞·0 would be NaN.
    let value = if factor == R::ZERO { R::ZERO } else { z * factor };
    (value, if bend == R::ZERO { factor } else { factor + z * bend })
}

#[inline]
fn mish<R: Real>(z: R) -> R {
    mish_and_slope(z, exp_of_negative_size(z)).0
}

#[inline]
fn mish_slope<R: Real>(z: R) -> R {
    mish_and_slope(z, exp_of_negative_size(z)).1
}
