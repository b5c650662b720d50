//! The loops over epochs, batches and rows.

use super::padded::Padded;
use super::units::Outputs;
use super::{Epoch, Leaves, Shape};

/// Trains one epoch for each outcome, or takes the loss alone. Rows that meet the same weights go forward G at a time.
#[inline(always)]
pub(super) fn run<N: Outputs, P: Padded<N, I>, O: Leaves<N>, const I: usize, const G: usize>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
    outcomes: &mut [O],
) {
    let mut network = P::read(shape, params);
    if epoch.batch_size == 1 {
        row_by_row::<N, P, O, I, G>(shape, &mut network, epoch, outcomes);
    } else {
        in_batches::<N, P, O, I, G>(shape, &mut network, epoch, outcomes);
    }
    network.write(shape, params);
}

#[inline(always)]
fn row_by_row<N: Outputs, P: Padded<N, I>, O: Leaves<N>, const I: usize, const G: usize>(
    shape: Shape,
    network: &mut P,
    epoch: &Epoch<'_>,
    outcomes: &mut [O],
) {
    let learning_rate = N::splat(epoch.learning_rate);
    let (zero, half, one) = (N::splat(0.0), N::splat(0.5), N::splat(1.0));
    let n_rows = epoch.targets.len();
    // The first row of an epoch meets the weights that the loss before it is taken with.
    let mut is_ahead = false;
    let (mut units, mut output) = (P::zero_units(), zero);
    for outcome in outcomes {
        let (mut loss, mut largest_square) = (zero, zero);
        for place in 0..n_rows {
            let row = row_at(epoch, place);
            let x = padded::<N, I>(shape, epoch, row);
            if !is_ahead {
                ([units], [output]) = network.forward(&[x]);
            }
            is_ahead = false;
            let error = output - N::splat(epoch.targets[row]);
            loss = loss + half * (error * error);
            let gradient = network.gradient(&x, units, error * (output * (one - output)));
            if O::HAS_SQUARE {
                largest_square = gradient.square().larger(largest_square);
            }
            network.step(&gradient, learning_rate);
        }
        if epoch.is_evaluated {
            loss = zero;
            // The first rows last, so that what they leave is at hand.
            let mut start = 0;
            while start < n_rows {
                let (all_units, outputs) = network.forward(&rows::<N, I, G>(shape, epoch, start));
                for g in 0..G {
                    if start + g < n_rows {
                        let error = outputs[g] - N::splat(epoch.targets[start + g]);
                        loss = loss + half * (error * error);
                    }
                }
                if start == 0 && epoch.order.is_none() {
                    (units, output) = (all_units[0], outputs[0]);
                    is_ahead = true;
                }
                start += G;
            }
        }
        *outcome = O::of(loss, largest_square);
    }
}

#[inline(always)]
fn in_batches<N: Outputs, P: Padded<N, I>, O: Leaves<N>, const I: usize, const G: usize>(
    shape: Shape,
    network: &mut P,
    epoch: &Epoch<'_>,
    outcomes: &mut [O],
) {
    let learning_rate = N::splat(epoch.learning_rate);
    let (zero, half, one) = (N::splat(0.0), N::splat(0.5), N::splat(1.0));
    let n_rows = epoch.targets.len();
    for outcome in outcomes {
        let (mut loss, mut largest_square) = (zero, zero);
        let mut start = 0;
        while start < n_rows {
            let end = start + epoch.batch_size.max(1).min(n_rows - start);
            let scale = N::splat(if epoch.is_mean { 1.0 / (end - start) as f64 } else { 1.0 });
            let mut gradient = P::zero(shape);
            let mut place = start;
            while place < end {
                let mut x = [[zero; I]; G];
                let mut targets = [zero; G];
                for g in 0..G {
                    let row = row_at(epoch, (place + g).min(end - 1));
                    x[g] = padded(shape, epoch, row);
                    targets[g] = N::splat(epoch.targets[row]);
                }
                let (units, outputs) = network.forward(&x);
                for g in 0..G {
                    if place + g < end {
                        let error = outputs[g] - targets[g];
                        loss = loss + half * (error * error);
                        let d = scale * error * (outputs[g] * (one - outputs[g]));
                        gradient.add(&network.gradient(&x[g], units[g], d));
                    }
                }
                place += G;
            }
            if O::HAS_SQUARE {
                largest_square = gradient.square().larger(largest_square);
            }
            network.step(&gradient, learning_rate);
            start = end;
        }
        if epoch.is_evaluated {
            loss = zero;
            let mut start = 0;
            while start < n_rows {
                let (_, outputs) = network.forward(&rows::<N, I, G>(shape, epoch, start));
                for g in 0..G {
                    if start + g < n_rows {
                        let error = outputs[g] - N::splat(epoch.targets[start + g]);
                        loss = loss + half * (error * error);
                    }
                }
                start += G;
            }
        }
        *outcome = O::of(loss, largest_square);
    }
}

/// G rows from `start` on, in their own order; behind the last one, that one again.
#[inline(always)]
fn rows<N: Outputs, const I: usize, const G: usize>(shape: Shape, epoch: &Epoch<'_>, start: usize) -> [[N; I]; G] {
    let mut x = [[N::splat(0.0); I]; G];
    for g in 0..G {
        x[g] = padded(shape, epoch, (start + g).min(epoch.targets.len() - 1));
    }
    x
}

#[inline(always)]
fn row_at(epoch: &Epoch<'_>, place: usize) -> usize {
    match epoch.order {
        Some(order) => order[place],
        None => place,
    }
}

/// A row's numbers for every network, and zeros behind them.
#[inline(always)]
fn padded<N: Outputs, const I: usize>(shape: Shape, epoch: &Epoch<'_>, row: usize) -> [N; I] {
    let row = &epoch.inputs[row * shape.n_inputs..(row + 1) * shape.n_inputs];
    let mut x = [N::splat(0.0); I];
    for (i, x) in x.iter_mut().enumerate() {
        if i < row.len() {
            *x = N::splat(row[i]);
        }
    }
    x
}
