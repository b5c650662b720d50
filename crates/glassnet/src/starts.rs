//! Many starts of one tiny network, trained side by side: 32 at a time in the lanes of several vectors, or eight in one, on as
//! many threads as are given. Each has the bits that it would have alone.

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::objective::Objective;
use crate::schedule::Schedule;
use crate::tiny::{Tiny, TrainLanes};
use crate::train_config::CheckedTrainConfig;
use glassnet_kernels::tiny::{FEW_LANES, MANY_LANES, Shape};
use glassnet_kernels::vector::Lanes;

/// Trains every network for all epochs of the configuration, at its constant rate and in the order of the rows, and gives
/// the mean loss after each one's last epoch (see [`crate::train_config::TrainingLoss`]).
///
/// # Errors
/// [`Error::Setting`] when the networks are not all of the same layers, or are no training for tiny networks: sigmoid
/// units, at most 8 inputs and 8 hidden ones in at most one layer, one output, squared error, plain gradient descent
/// at a constant rate, without penalties, clipping and shuffling.
///
/// # Panics
/// When a thread does.
pub fn train(
    networks: &mut [Network<f64>],
    dataset: &Dataset<f64>,
    config: CheckedTrainConfig,
    n_threads: usize,
) -> Result<Vec<f64>> {
    let config = config.into_config();
    let Some(first) = networks.first() else { return Ok(Vec::new()) };
    let unfit = |value: String| Error::Setting {
        name: "networks",
        value,
        domain: "tiny, of the same layers, trained by plain gradient descent at a constant rate in the order of the rows",
    };
    Objective::SquaredError.check_targets(&dataset.targets, first.n_outputs())?;
    if let Some(other) = networks.iter().find(|network| network.layers() != first.layers()) {
        return Err(unfit(format!("{:?} beside {:?}", other.layers(), first.layers())));
    }
    let tiny = Tiny::of(first, Objective::SquaredError, &config, dataset)
        .filter(|tiny| tiny.is_steady() && config.schedule == Schedule::Constant)
        .ok_or_else(|| unfit(format!("{:?}", first.layers())))?;
    let mut losses = vec![0.0; networks.len()];
    let n_groups = networks.len().div_ceil(MANY_LANES);
    let n_each = n_groups.div_ceil(n_threads.clamp(1, n_groups)) * MANY_LANES;
    std::thread::scope(|scope| {
        for (networks, losses) in networks.chunks_mut(n_each).zip(losses.chunks_mut(n_each)) {
            let rate = (config.learning_rate, config.epochs);
            let mut work = move || {
                for (networks, losses) in networks.chunks_mut(MANY_LANES).zip(losses.chunks_mut(MANY_LANES)) {
                    // As long as three times eight take.
                    if tiny.has_many() && networks.len() > 3 * FEW_LANES {
                        train_lanes(tiny, Shape::train_many, networks, losses, dataset, rate);
                        continue;
                    }
                    for (networks, losses) in networks.chunks_mut(FEW_LANES).zip(losses.chunks_mut(FEW_LANES))
                    {
                        train_lanes(tiny, Shape::train_few, networks, losses, dataset, rate);
                    }
                }
            };
            // One thread needs none of its own.
            if n_threads > 1 {
                scope.spawn(work);
            } else {
                work();
            }
        }
    });
    Ok(losses)
}

/// At most so many networks; lanes without one repeat the last.
fn train_lanes<const L: usize>(
    tiny: Tiny,
    kernel: TrainLanes<L>,
    networks: &mut [Network<f64>],
    losses: &mut [f64],
    dataset: &Dataset<f64>,
    rate: (f64, usize),
) {
    let of_lane = |lane: usize, place: usize| networks[lane.min(networks.len() - 1)].params()[place];
    let lanes = |place: usize| Lanes(std::array::from_fn(|lane| of_lane(lane, place)));
    let mut params: Vec<Lanes<L>> = (0..networks[0].params().len()).map(lanes).collect();
    let trained = tiny.train_lanes(kernel, &mut params, dataset, rate);
    let trained = trained.expect("rows that fit a tiny network");
    for (lane, (network, loss)) in networks.iter_mut().zip(losses).enumerate() {
        for (param, lanes) in network.params_mut().iter_mut().zip(&params) {
            *param = lanes.0[lane];
        }
        *loss = trained.0[lane];
    }
}
