//! One step of each optimizer, in place and in one pass. Every slice has one number a parameter; `d_params` is the
//! gradient of the loss by the parameters. The learning rate is an argument: schedules live elsewhere.

use crate::Real;
use crate::instructions::kernel;

/// How far a step goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<R> {
    /// η.
    pub learning_rate: R,
    /// What parameters are multiplied with before the step: 1 − η·λ with decoupled weight decay λ (Loshchilov and Hutter,
    /// arXiv 1711.05101), else 1.
    pub keep: R,
}

kernel! {
    /// Stochastic gradient descent without memory: θ ← keep·θ − η·g.
    pub fn sgd[R: Real][R](params: &mut [R], d_params: &[R], step: Step<R>) = sgd_plain;
}

#[inline(always)]
fn sgd_plain<R: Real>(params: &mut [R], d_params: &[R], step: Step<R>) {
    for (param, &d_param) in params.iter_mut().zip(d_params) {
        *param = step.keep * *param - step.learning_rate * d_param;
    }
}

/// How a momentum step looks ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookahead {
    /// θ ← keep·θ − η·v (Polyak).
    Classical,
    /// θ ← keep·θ − η·(g + μ·v) (Nesterov, in the form of Sutskever et al., ICML 2013).
    Nesterov,
}

kernel! {
    /// Gradient descent with momentum: v ← μ·v + g, then the step of `lookahead`.
    pub fn momentum[R: Real][R](
        params: &mut [R], d_params: &[R], velocity: &mut [R], step: Step<R>, momentum: R, lookahead: Lookahead
    ) = momentum_plain;
}

#[inline(always)]
fn momentum_plain<R: Real>(
    params: &mut [R],
    d_params: &[R],
    velocity: &mut [R],
    step: Step<R>,
    momentum: R,
    lookahead: Lookahead,
) {
    for ((param, &d_param), velocity) in params.iter_mut().zip(d_params).zip(velocity) {
        *velocity = momentum * *velocity + d_param;
        let direction = match lookahead {
            Lookahead::Classical => *velocity,
            Lookahead::Nesterov => d_param + momentum * *velocity,
        };
        *param = step.keep * *param - step.learning_rate * direction;
    }
}

/// The constants of [`adam`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam<R> {
    /// Decay of the mean of gradients, β₁.
    pub beta1: R,
    /// Decay of the mean of squared gradients, β₂.
    pub beta2: R,
    /// Added to the root, ε.
    pub epsilon: R,
    /// 1 − β₁ᵗ at step t = 1, 2, …
    pub correction1: R,
    /// 1 − β₂ᵗ.
    pub correction2: R,
}

kernel! {
    /// Adam (Kingma and Ba, arXiv 1412.6980):
    /// m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², θ ← keep·θ − η · m/c₁ / (√(v/c₂) + ε).
    pub fn adam[R: Real][R](
        params: &mut [R], d_params: &[R], mean: &mut [R], mean_square: &mut [R], step: Step<R>, constants: Adam<R>
    ) = adam_plain;
}

#[inline(always)]
fn adam_plain<R: Real>(
    params: &mut [R],
    d_params: &[R],
    mean: &mut [R],
    mean_square: &mut [R],
    step: Step<R>,
    constants: Adam<R>,
) {
    let Adam { beta1, beta2, epsilon, correction1, correction2 } = constants;
    let rate = step.learning_rate / correction1;
    let root_correction = R::ONE / correction2.sqrt();
    for (((param, &d_param), mean), mean_square) in params.iter_mut().zip(d_params).zip(mean).zip(mean_square)
    {
        *mean = beta1 * *mean + (R::ONE - beta1) * d_param;
        *mean_square = beta2 * *mean_square + (R::ONE - beta2) * d_param * d_param;
        *param = step.keep * *param - rate * *mean / (mean_square.sqrt() * root_correction + epsilon);
    }
}

/// The constants of [`rms_prop`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsProp<R> {
    /// Decay of the mean of squared gradients, α.
    pub alpha: R,
    /// Added to the root, ε.
    pub epsilon: R,
    /// Momentum μ; 0 for none.
    pub momentum: R,
}

kernel! {
    /// `RMSProp` (Hinton, Neural Networks for Machine Learning, lecture 6e, 2012):
    /// v ← α·v + (1 − α)·g², b ← μ·b + g/(√v + ε), θ ← keep·θ − η·b.
    pub fn rms_prop[R: Real][R](
        params: &mut [R], d_params: &[R], mean_square: &mut [R], velocity: &mut [R], step: Step<R>, constants: RmsProp<R>
    ) = rms_prop_plain;
}

#[inline(always)]
fn rms_prop_plain<R: Real>(
    params: &mut [R],
    d_params: &[R],
    mean_square: &mut [R],
    velocity: &mut [R],
    step: Step<R>,
    constants: RmsProp<R>,
) {
    let RmsProp { alpha, epsilon, momentum } = constants;
    for (((param, &d_param), mean_square), velocity) in
        params.iter_mut().zip(d_params).zip(mean_square).zip(velocity)
    {
        *mean_square = alpha * *mean_square + (R::ONE - alpha) * d_param * d_param;
        *velocity = momentum * *velocity + d_param / (mean_square.sqrt() + epsilon);
        *param = step.keep * *param - step.learning_rate * *velocity;
    }
}
