//! How each block of a network's parameters steps: its rate, its decay, its penalties.

use crate::layer::BlockKind;
use crate::network::{Block, Network};
use crate::optimizer::Group;
use crate::train_config::{TrainConfig, WeightUnit};
use glassnet_kernels::Real;

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
