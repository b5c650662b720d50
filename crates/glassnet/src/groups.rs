//! How each block of a network's parameters steps: its rate, its decay, its penalties.

use crate::layer::BlockKind;
use crate::network::{Block, Network};
use crate::optimizer::Group;
use crate::train_config::{TrainConfig, WeightUnit};
use glassnet_kernels::team::Team;
use glassnet_kernels::{Real, elementwise};

/// Everything decays but the biases of dense layers; only weights are penalised.
pub(crate) fn groups<R: Real>(network: &Network<R>, config: &TrainConfig, weight_decay: f64) -> Vec<Group> {
    let group = |block: Block| {
        let rate_factor = config.rate_factors.of(block.kind);
        let decays = block.kind != BlockKind::Bias;
        let is_weight = block.kind == BlockKind::Weight;
        let unit = match config.weight_unit {
            WeightUnit::FanIn if is_weight => 1.0 / (block.shape[0] as f64).sqrt(),
            WeightUnit::FanIn | WeightUnit::One => 1.0,
        };
        Group {
            range: block.range,
            is_weight,
            weight_decay: if decays { weight_decay * rate_factor * rate_factor } else { 0.0 },
            rate_factor,
            unit,
        }
    };
    network.blocks().into_iter().map(group).collect()
}

/// What a step makes of a gradient before the optimizer gets it: no longer than allowed, then with penalties. Gives the length
/// that it had.
pub(crate) fn prepare<R: Real>(
    team: &Team,
    config: &TrainConfig,
    groups: &[Group],
    params: &[R],
    d_params: &mut [R],
) -> f64 {
    let norm = elementwise::sum_of_squares(team, d_params).sqrt();
    if let Some(longest) = config.gradient_clip_norm
        && norm > longest
    {
        elementwise::scale(d_params, R::from_f64(longest / norm));
    }
    for Group { range, .. } in groups.iter().filter(|group| group.is_weight) {
        add_penalties(config, &params[range.clone()], &mut d_params[range.clone()]);
    }
    norm
}

/// d += λ₁·sign(w) + λ₂·w.
fn add_penalties<R: Real>(config: &TrainConfig, weights: &[R], d_weights: &mut [R]) {
    if config.l1 == 0.0 && config.l2 == 0.0 {
        return;
    }
    let (l1, l2) = (R::from_f64(config.l1), R::from_f64(config.l2));
    for (d, &weight) in d_weights.iter_mut().zip(weights) {
        let sign = if weight > R::ZERO {
            R::ONE
        } else if weight < R::ZERO {
            -R::ONE
        } else {
            R::ZERO
        };
        *d += l1 * sign + l2 * weight;
    }
}
