//! From gradients to moved parameters, in one pass over both.

use crate::optimizer::{Group, Optimizer, Part};
use crate::train_config::TrainConfig;
use glassnet_kernels::team::{self, Split, Team};
use glassnet_kernels::{Real, elementwise};

/// Numbers that are looked at together: they stay in first-level cache from the sum of their gradients to the step. Threads
/// have neighbouring blocks, the same in every step.
const BLOCK: usize = 4_096;
/// Parameters from which they are split over threads: each then has the rows of weights that it reads and whose gradient it
/// computes where products are split by them.
const SPLIT_LIMIT: usize = 16 * BLOCK;

/// The gradient of a batch by all parameters.
pub(crate) struct Gradient<'a, R> {
    /// That of the first rows; afterwards the sum of all, clipped and with penalties.
    pub(crate) sum: &'a mut [R],
    /// Those of the shards behind them, in order.
    pub(crate) of_shards: Vec<&'a [R]>,
}

/// How parameters move in one step.
#[derive(Clone, Copy)]
pub(crate) struct Update<'a> {
    pub(crate) config: &'a TrainConfig,
    pub(crate) groups: &'a [Group],
    pub(crate) learning_rate: f64,
    /// What each weight decay is multiplied with.
    pub(crate) decay: f64,
}

impl Update<'_> {
    /// Adds the gradients, shortens the sum where it is longer than allowed, adds the penalties, moves the parameters. Gives
    /// the length that the sum had at first.
    pub(crate) fn apply<R: Real>(
        self,
        team: &Team,
        gradient: Gradient<'_, R>,
        optimizer: &mut Optimizer<R>,
        params: &mut [R],
    ) -> f64 {
        let Gradient { of_shards, sum } = gradient;
        let n_parts = if sum.len() < SPLIT_LIMIT { 1 } else { team.n_threads() };
        let longest = self.config.gradient_clip_norm;
        let mut squares = vec![0.0; sum.len().div_ceil(BLOCK)];
        let (step, mut all) = optimizer.begin(params, self.groups, self.learning_rate, self.decay);
        let of_blocks = OfBlocks { len: sum.len(), values: &mut squares };
        team.split(n_parts, BLOCK, ((all.reborrow(), &mut *sum), of_blocks), |part| {
            team::blocks(part, BLOCK, |((mut part, sum), squares)| {
                for of_shard in &of_shards {
                    elementwise::add(sum, &of_shard[part.places.clone()]);
                }
                squares.values[0] = elementwise::sum_of_squares(sum);
                if longest.is_none() {
                    self.add_penalties(&part, sum);
                    step.take(&mut part, sum);
                }
            });
        });
        let norm = squares.iter().sum::<f64>().sqrt();
        if let Some(longest) = longest {
            team.split(n_parts, BLOCK, (all, sum), |part| {
                team::blocks(part, BLOCK, |(mut part, sum)| {
                    if norm > longest {
                        elementwise::scale(sum, R::from_f64(longest / norm));
                    }
                    self.add_penalties(&part, sum);
                    step.take(&mut part, sum);
                });
            });
        }
        norm
    }

    /// d += λ₁·sign(w) + λ₂·w, of weights.
    fn add_penalties<R: Real>(self, part: &Part<'_, R>, d_params: &mut [R]) {
        if self.config.l1 == 0.0 && self.config.l2 == 0.0 {
            return;
        }
        let (l1, l2) = (R::from_f64(self.config.l1), R::from_f64(self.config.l2));
        for range in
            self.groups.iter().filter(|group| group.is_weight).map(|group| group.within(&part.places))
        {
            for (d, &weight) in d_params[range.clone()].iter_mut().zip(&part.params[range]) {
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
    }
}

/// A number for each block of parameters.
struct OfBlocks<'a> {
    /// Parameters.
    len: usize,
    values: &'a mut [f64],
}

impl Split for OfBlocks<'_> {
    fn len(&self) -> usize {
        self.len
    }
    fn split_at(self, at: usize) -> (Self, Self) {
        let (first, second) = self.values.split_at_mut(at.div_ceil(BLOCK));
        (OfBlocks { len: at, values: first }, OfBlocks { len: self.len - at, values: second })
    }
}
