//! Networks whose weights stay in registers: sigmoid units, at most one hidden layer, one output, squared error, plain
//! gradient descent.
//!
//! No allocation and no call within an epoch. The lessons' sizes have loops of their own, unrolled; for the others loops
//! run over the inputs, and hidden units are padded by some whose output is always 0. Every sum is taken in the order of
//! the ordinary layers, so that both give the same numbers to the bit; only a weight that starts as −0 may become 0. The
//! units of a hidden layer lie side by side in a vector; of eight or 32 networks trained at once, each has a lane, with the bits
//! that it would have alone. 32 are several registers, none of which waits for its own sums.

mod units; // the units of a hidden layer
#[cfg(target_arch = "x86_64")]
mod lanes; // those of several networks
mod padded; // the networks
mod epochs; // the loops
mod row; // one row through small layers

use crate::instructions::Instructions;
use crate::vector::{Lanes, Vector};
use epochs::run;
use padded::{Hidden, Neuron};
pub use row::{MOST_ROW_UNITS, RowFunction, RowLayer, forward_row};
use units::{Outputs, Units};

/// The most inputs that a tiny network may have.
pub const MOST_INPUTS: usize = 8;
/// The most hidden units that a tiny network may have.
pub const MOST_HIDDEN: usize = 8;
/// The page, which should be small, leaves the other sizes to the ordinary layers, which give the same bits.
const UNROLLED_ONLY: bool = cfg!(target_family = "wasm");
const MOST_PARAMS: usize = (MOST_INPUTS + 1) * MOST_HIDDEN + MOST_HIDDEN + 1;
/// So many networks are trained side by side where there are few.
pub const FEW_LANES: usize = 8;
/// So many networks are trained side by side.
pub const MANY_LANES: usize = 32;

/// The sizes of a tiny network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Numbers that go in, from 1 to [`MOST_INPUTS`].
    pub n_inputs: usize,
    /// Units of the hidden layer, at most [`MOST_HIDDEN`]; none for a single neuron.
    pub n_hidden: Option<usize>,
    /// Whether the hidden layer has biases; for a single neuron it says nothing.
    pub hidden_bias: bool,
    /// Whether the output has a bias.
    pub output_bias: bool,
}

/// Rows to train on and how: a step after each `batch_size` rows, the last batch with what is left.
#[derive(Debug, Clone, Copy)]
pub struct Epoch<'a> {
    /// The rows, each `n_inputs` numbers.
    pub inputs: &'a [f64],
    /// One a row.
    pub targets: &'a [f64],
    /// In which order; none for the order of the rows.
    pub order: Option<&'a [usize]>,
    /// Rows of a step.
    pub batch_size: usize,
    /// η.
    pub learning_rate: f64,
    /// Whether the gradients of a batch's rows are averaged; else they are summed.
    pub is_mean: bool,
    /// Whether the loss is computed after the epoch; else it is that of the rows as they were met.
    pub is_evaluated: bool,
}

/// What an epoch leaves beside its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Σ ½(a − t)² over the rows.
    pub loss: f64,
    /// The square of the longest gradient.
    pub largest_square: f64,
}

impl Shape {
    /// Whether there are kernels for these sizes.
    pub fn is_tiny(self) -> bool {
        let has_size = |size: usize, most: usize| (1..=most).contains(&size);
        let are_small =
            has_size(self.n_inputs, MOST_INPUTS) && self.n_hidden.is_none_or(|n| has_size(n, MOST_HIDDEN));
        are_small && (!UNROLLED_ONLY || self.is_unrolled())
    }

    /// Whether it is of the sizes that lessons have.
    fn is_unrolled(self) -> bool {
        match self.n_hidden {
            None => self.n_inputs == 3,
            Some(n) => (2..=3).contains(&self.n_inputs) && n <= 4,
        }
    }

    /// Whether 32 networks side by side are faster than eight after eight: with AVX-512, where the loops are unrolled.
    pub fn has_many(self) -> bool {
        (self.n_hidden.is_none() || self.is_unrolled()) && Instructions::here() == Instructions::Avx512
    }

    /// Parameters, in the order of the layers: each its weights in row order, then its biases.
    pub fn n_params(self) -> usize {
        let output_bias = usize::from(self.output_bias);
        match self.n_hidden {
            None => self.n_inputs + output_bias,
            Some(n) => (self.n_inputs + usize::from(self.hidden_bias)) * n + n + output_bias,
        }
    }

    /// Trains one epoch for each outcome.
    ///
    /// # Panics
    /// When the network is not tiny, or a slice has not the length that the shape says.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "the widest instructions, once they are known to be there")
    )]
    pub fn train(self, params: &mut [f64], epoch: &Epoch<'_>, outcomes: &mut [Outcome]) {
        self.check(params.len(), epoch);
        match Instructions::here() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has these instructions: `here` has just asked it.
            Instructions::Avx512 => unsafe { x86::one_avx512(self, params, epoch, outcomes) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { x86::one_avx2(self, params, epoch, outcomes) },
            _ => self.train_plain(params, epoch, outcomes),
        }
    }

    /// One network after another.
    fn train_lanes_plain<const L: usize>(
        self,
        params: &mut [Lanes<L>],
        epoch: &Epoch<'_>,
        outcomes: &mut [Lanes<L>],
    ) {
        let mut of_lane = [0.0; MOST_PARAMS];
        let of_lane = &mut of_lane[..params.len()];
        for outcome in outcomes {
            for lane in 0..L {
                for (param, lanes) in of_lane.iter_mut().zip(&*params) {
                    *param = lanes.0[lane];
                }
                let mut left = [Outcome { loss: 0.0, largest_square: 0.0 }];
                self.train_plain(of_lane, epoch, &mut left);
                outcome.0[lane] = left[0].loss;
                for (param, lanes) in of_lane.iter().zip(&mut *params) {
                    lanes.0[lane] = *param;
                }
            }
        }
    }

    #[inline(never)]
    fn train_plain(self, params: &mut [f64], epoch: &Epoch<'_>, outcomes: &mut [Outcome]) {
        sized::<f64, Lanes<4>, Lanes<8>, Outcome, 4>(self, params, epoch, outcomes);
    }

    /// Σ ½(a − t)² over all rows.
    ///
    /// # Panics
    /// As [`Shape::train`].
    pub fn loss(self, params: &[f64], rows: &Epoch<'_>) -> f64 {
        let untouched = Epoch { batch_size: usize::MAX, learning_rate: 0.0, is_evaluated: false, ..*rows };
        let mut outcome = [Outcome { loss: 0.0, largest_square: 0.0 }];
        // A step of rate 0, in a copy.
        self.train(&mut params.to_vec(), &untouched, &mut outcome);
        outcome[0].loss
    }

    fn check(self, n_params: usize, epoch: &Epoch<'_>) {
        assert!(self.is_tiny(), "{self:?}");
        assert_eq!(n_params, self.n_params(), "parameters of {self:?}");
        assert_eq!(epoch.inputs.len(), epoch.targets.len() * self.n_inputs, "a target for each row");
        assert!(epoch.order.is_none_or(|order| order.len() == epoch.targets.len()), "a place for each row");
    }
}

macro_rules! side_by_side {
    ($(#[$meta:meta])* $name:ident, $lanes:ident, $avx512:ident $(, $avx2:ident)?) => {
        impl Shape {
            $(#[$meta])*
            ///
            /// # Panics
            /// As [`Shape::train`].
            #[cfg_attr(
                target_arch = "x86_64",
                expect(unsafe_code, reason = "the widest instructions, once they are known to be there")
            )]
            pub fn $name(
                self,
                params: &mut [Lanes<$lanes>],
                epoch: &Epoch<'_>,
                outcomes: &mut [Lanes<$lanes>],
            ) {
                self.check(params.len(), epoch);
                match Instructions::here() {
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: the processor has these instructions: `here` has just asked it.
                    Instructions::Avx512 => unsafe { x86::$avx512(self, params, epoch, outcomes) },
                    $(
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: as above.
                        Instructions::Avx2 => unsafe { x86::$avx2(self, params, epoch, outcomes) },
                    )?
                    _ => self.train_lanes_plain(params, epoch, outcomes),
                }
            }
        }
    };
}

side_by_side!(
    /// Trains one epoch of eight networks for each outcome, their Σ ½(a − t)² over the rows. `params`: of each parameter
    /// those of all networks.
    train_few,
    FEW_LANES,
    few_avx512,
    few_avx2
);
side_by_side!(
    /// As [`Shape::train_few`], of 32 networks. Only where [`Shape::has_many`] it is the faster way.
    train_many,
    MANY_LANES,
    many_avx512
);

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The loops, compiled for each set of instructions. A vector of `vector::x86` lives in no other function.

    use super::lanes::Row;
    use super::{Epoch, FEW_LANES, Lanes, MANY_LANES, Outcome, Shape, sized};
    use crate::vector::{Avx2x1, Avx2x4, Avx2x8, Avx512x1, Avx512x4, Avx512x8, Avx512x32};

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    pub(super) fn one_avx512(shape: Shape, params: &mut [f64], epoch: &Epoch<'_>, outcomes: &mut [Outcome]) {
        sized::<Avx512x1, Avx512x4, Avx512x8, Outcome, 4>(shape, params, epoch, outcomes);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn one_avx2(shape: Shape, params: &mut [f64], epoch: &Epoch<'_>, outcomes: &mut [Outcome]) {
        sized::<Avx2x1, Avx2x4, Avx2x8, Outcome, 4>(shape, params, epoch, outcomes);
    }

    macro_rules! side_by_side {
        ($name:ident, $instructions:literal, $vector:ident, $lanes:ident) => {
            #[target_feature(enable = $instructions)]
            pub(super) fn $name(
                shape: Shape,
                params: &mut [Lanes<$lanes>],
                epoch: &Epoch<'_>,
                outcomes: &mut [Lanes<$lanes>],
            ) {
                sized::<$vector, Row<$vector, 4>, Row<$vector, 8>, Lanes<$lanes>, 1>(
                    shape, params, epoch, outcomes,
                );
            }
        };
    }

    side_by_side!(few_avx512, "avx512f,avx512bw,avx512dq,avx512vl,avx2", Avx512x8, FEW_LANES);
    side_by_side!(many_avx512, "avx512f,avx512bw,avx512dq,avx512vl,avx2", Avx512x32, MANY_LANES);
    side_by_side!(few_avx2, "avx2", Avx2x8, FEW_LANES);
}

/// Picks the loops: of the sizes that lessons have, unrolled and in registers; of the others, with loops over inputs.
/// `U4` and `U8` are at most four and eight units side by side.
#[inline(always)]
fn sized<N: Outputs, U4: Units<N>, U8: Units<N>, O: Leaves<N>, const G: usize>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
    outcomes: &mut [O],
) {
    // Written out, so that they are constants.
    let two = Shape { n_inputs: 2, ..shape };
    let three = Shape { n_inputs: 3, ..shape };
    let without_bias = Shape { n_inputs: 3, n_hidden: Some(4), hidden_bias: false, output_bias: false };
    match (shape.n_inputs, shape.n_hidden) {
        (3, None) => neuron::<N, O, 3, G>(three, params, epoch, outcomes),
        (3, Some(4)) if shape == without_bias => {
            run::<N, Hidden<N, U4, 3, false>, O, 3, G>(without_bias, params, epoch, outcomes);
        }
        (3, Some(..=4)) => run::<N, Hidden<N, U4, 3, true>, O, 3, G>(three, params, epoch, outcomes),
        (2, Some(..=4)) => run::<N, Hidden<N, U4, 2, true>, O, 2, G>(two, params, epoch, outcomes),
        _ if UNROLLED_ONLY => unreachable!("`is_tiny` has said no"),
        (_, None) => neuron::<N, O, MOST_INPUTS, G>(shape, params, epoch, outcomes),
        (_, Some(_)) => {
            run::<N, Hidden<N, U8, MOST_INPUTS, true>, O, MOST_INPUTS, G>(shape, params, epoch, outcomes);
        }
    }
}

#[inline(always)]
fn neuron<N: Outputs, O: Leaves<N>, const I: usize, const G: usize>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
    outcomes: &mut [O],
) {
    if shape.output_bias {
        run::<N, Neuron<N, I, true>, O, I, G>(shape, params, epoch, outcomes);
    } else {
        run::<N, Neuron<N, I, false>, O, I, G>(shape, params, epoch, outcomes);
    }
}

/// What an epoch leaves.
trait Leaves<N: Vector> {
    /// Whether the longest gradient is asked for.
    const HAS_SQUARE: bool;
    fn of(loss: N, largest_square: N) -> Self;
}

impl<N: Vector<Stored = f64>> Leaves<N> for Outcome {
    const HAS_SQUARE: bool = true;
    #[inline(always)]
    fn of(loss: N, largest_square: N) -> Self {
        Self { loss: loss.store(), largest_square: largest_square.store() }
    }
}

impl<N: Vector<Stored = Self>, const L: usize> Leaves<N> for Lanes<L> {
    const HAS_SQUARE: bool = false;
    #[inline(always)]
    fn of(loss: N, _: N) -> Self {
        loss.store()
    }
}

#[cfg(test)]
mod tests;
