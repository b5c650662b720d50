//! The loops over epochs, batches and rows.

use super::padded::Padded;
use super::units::Outputs;
use super::{Epoch, Leaves, Shape};

/// Trains one epoch for each outcome. Rows that meet the same weights go forward G at a time.
#[inline(always)]
pub(super) fn run<N: Outputs, P: Padded<N, I>, O: Leaves<N>, const I: usize, const G: usize>(
    shape: Shape,
    params: &mut [N::Stored],
    epoch: &Epoch<'_>,
    outcomes: &mut [O],
) {
    let mut network = P::read(shape, params);
    let (zero, half, one) = (N::splat(0.0), N::splat(0.5), N::splat(1.0));
    let learning_rate = N::splat(epoch.learning_rate);
    let n_rows = epoch.targets.len();
    // The first row of an epoch meets the weights that the loss before it is taken with: then it has gone forward already.
    let (mut units, mut output) = (P::zero_units(shape), zero);
    let mut is_ahead = false;
    for outcome in outcomes {
        let (mut loss, mut largest_square) = (zero, zero);
        let mut start = 0;
        if epoch.batch_size == 1 && n_rows > 0 {
            let (mut x, mut target) = row_of::<N, I>(shape, epoch, 0);
            if !is_ahead {
                ([units], [output]) = network.forward(&[x]);
            }
            is_ahead = false;
            loop {
                let error = output - target;
                loss = loss + half * (error * error);
                let gradient = network.gradient(&x, units, error * (output * (one - output)));
                if O::HAS_SQUARE {
                    largest_square = gradient.square().larger(largest_square);
                }
                network.step(&gradient, learning_rate);
                start += 1;
                if start == n_rows {
                    break;
                }
                (x, target) = row_of(shape, epoch, start);
                ([units], [output]) = network.forward(&[x]);
            }
        }
        while start < n_rows {
            let end = start + epoch.batch_size.max(1).min(n_rows - start);
            let scale = N::splat(if epoch.is_mean { 1.0 / (end - start) as f64 } else { 1.0 });
            let mut gradient = P::zero(shape);
            while start < end {
                let (x, targets) = rows::<N, I, G>(shape, epoch, epoch.order, start, end);
                let (units, outputs) = network.forward(&x);
                for g in 0..G {
                    if start + g < end {
                        let error = outputs[g] - targets[g];
                        loss = loss + half * (error * error);
                        let d = scale * error * (outputs[g] * (one - outputs[g]));
                        gradient.add(&network.gradient(&x[g], units[g], d));
                    }
                }
                start += G;
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
                let (x, targets) = rows::<N, I, G>(shape, epoch, None, start, n_rows);
                let (all_units, outputs) = network.forward(&x);
                for g in 0..G {
                    if start + g < n_rows {
                        let error = outputs[g] - targets[g];
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
    network.write(shape, params);
}

/// The row at a place of the epoch's order, and its target.
#[inline(always)]
fn row_of<N: Outputs, const I: usize>(shape: Shape, epoch: &Epoch<'_>, place: usize) -> ([N; I], N) {
    let row = row_at(epoch.order, place);
    (padded(shape, epoch, row), N::splat(epoch.targets[row]))
}

/// G rows and their targets from a place on; behind the last one, that one again.
#[inline(always)]
fn rows<N: Outputs, const I: usize, const G: usize>(
    shape: Shape,
    epoch: &Epoch<'_>,
    order: Option<&[usize]>,
    start: usize,
    end: usize,
) -> ([[N; I]; G], [N; G]) {
    let mut x = [[N::splat(0.0); I]; G];
    let mut targets = [N::splat(0.0); G];
    for g in 0..G {
        let row = row_at(order, (start + g).min(end - 1));
        x[g] = padded(shape, epoch, row);
        targets[g] = N::splat(epoch.targets[row]);
    }
    (x, targets)
}

#[inline(always)]
fn row_at(order: Option<&[usize]>, place: usize) -> usize {
    match order {
        Some(order) => order[place],
        None => place,
    }
}

/// A row's numbers for every network, and zeros behind them.
#[inline(always)]
fn padded<N: Outputs, const I: usize>(shape: Shape, epoch: &Epoch<'_>, row: usize) -> [N; I] {
    let row = &epoch.inputs[row * shape.n_inputs..(row + 1) * shape.n_inputs];
    let mut x = [N::splat(0.0); I];
    for i in 0..shape.n_inputs {
        x[i] = N::splat(row[i]);
    }
    x
}
