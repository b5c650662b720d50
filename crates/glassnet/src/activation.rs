//! Activation functions: value and slope side by side.
//!
//! z is what goes into a unit, a is what comes out: a = f(z). The slope is da/dz.

use glassnet_kernels::Real;
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

    /// Applies f to every number: `a[i] = f(z[i])`.
    pub(crate) fn apply<R: Real>(self, z: &[R], a: &mut [R]) {
        fn each<R: Real>(z: &[R], a: &mut [R], f: impl Fn(R) -> R) {
            for (a, &z) in a.iter_mut().zip(z) {
                *a = f(z);
            }
        }
        match self {
            Self::Identity => a.copy_from_slice(z),
            Self::Sigmoid => each(z, a, sigmoid),
            Self::Tanh => each(z, a, Real::tanh),
            Self::Relu => each(z, a, relu),
            Self::LeakyRelu => each(z, a, leaky_relu),
            Self::Elu => each(z, a, elu),
            Self::Selu => each(z, a, selu),
            Self::Gelu => each(z, a, gelu),
            Self::Mish => each(z, a, mish),
            Self::Softplus => each(z, a, softplus),
        }
    }

    /// Turns the gradient by the outputs into the gradient by the inputs: `d[i] = d[i] · f'(z[i])`.
    pub(crate) fn apply_slope<R: Real>(self, z: &[R], a: &[R], d: &mut [R]) {
        if self == Self::Identity {
            return;
        }
        for ((d, &z), &a) in d.iter_mut().zip(z).zip(a) {
            *d *= self.slope(z, a);
        }
    }
}

impl std::fmt::Display for Activation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// 1/(1 + e^(−z)): 0 far to the left, ½ at 0, 1 far to the right.
pub fn sigmoid<R: Real>(z: R) -> R {
    R::ONE / (R::ONE + (-z).exp())
}

/// The slope of the sigmoid at the **input** z: σ(z)·(1 − σ(z)); largest, ¼, at 0.
pub fn sigmoid_slope<R: Real>(z: R) -> R {
    sigmoid_slope_from_output(sigmoid(z))
}

/// The slope of the sigmoid where its **output** is a: a·(1 − a).
pub fn sigmoid_slope_from_output<R: Real>(a: R) -> R {
    a * (R::ONE - a)
}

fn relu<R: Real>(z: R) -> R {
    if z <= R::ZERO { R::ZERO } else { z } // NaN stays NaN
}

fn relu_slope<R: Real>(z: R) -> R {
    if z > R::ZERO { R::ONE } else { R::ZERO }
}

fn leaky_relu<R: Real>(z: R) -> R {
    if z > R::ZERO { z } else { R::from_f64(LEAK) * z }
}

fn leaky_relu_slope<R: Real>(z: R) -> R {
    if z > R::ZERO { R::ONE } else { R::from_f64(LEAK) }
}

fn elu<R: Real>(z: R) -> R {
    if z > R::ZERO { z } else { z.exp_m1() }
}

fn elu_slope<R: Real>(z: R) -> R {
    if z > R::ZERO { R::ONE } else { z.exp() }
}

fn selu<R: Real>(z: R) -> R {
    let below = R::from_f64(SELU_SCALE * SELU_ALPHA);
    if z > R::ZERO { R::from_f64(SELU_SCALE) * z } else { below * z.exp_m1() }
}

fn selu_slope<R: Real>(z: R) -> R {
    let below = R::from_f64(SELU_SCALE * SELU_ALPHA);
    if z > R::ZERO { R::from_f64(SELU_SCALE) } else { below * z.exp() }
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

/// f = tanh(softplus z) and 1 − f. With u = e^z, f = u(u + 2)/(u(u + 2) + 2); 1 − f has its own formula because the
/// difference would cancel where f is near 1.
fn mish_factor<R: Real>(z: R) -> (R, R) {
    let two = R::from_f64(2.0);
    let (top, rest) = if z > R::ZERO {
        let u = (-z).exp();
        (R::ONE + two * u, two * u * u)
    } else {
        let u = z.exp();
        (u * (u + two), two)
    };
    (top / (top + rest), rest / (top + rest))
}

fn mish<R: Real>(z: R) -> R {
    let (factor, _) = mish_factor(z);
    if factor == R::ZERO { R::ZERO } else { z * factor }
}

/// f + z·(1 − f²)·σ(z).
fn mish_slope<R: Real>(z: R) -> R {
    let (factor, rest) = mish_factor(z);
    let bend = rest * (R::ONE + factor) * sigmoid(z);
    if bend == R::ZERO { factor } else { factor + z * bend }
}
