//! A batch's rows in parts: shards that go through the network together on one thread. Each has draws of its own, and its
//! rows are summed before they are added to others, so that the bits do not depend on which shards go together.

use crate::generator::Generator;
use glassnet_kernels::dropout::Dropping;
use glassnet_kernels::product::{self, Compute, Into, Shape};
use glassnet_kernels::{Real, elementwise};
use std::ops::Range;

/// Neighbouring rows, and what draws for them.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) rows: Range<usize>,
    pub(crate) generator: &'a mut Generator,
}

impl Part<'_> {
    /// What drops out of it at this rate: a draw of 64 bits.
    pub(crate) fn dropping(&mut self, rate: f64) -> Dropping {
        Dropping::new(rate, self.generator.bits())
    }
}

/// What a pass forward draws for dropout and noise.
#[derive(Debug)]
pub(crate) struct Draws<'a, 'b> {
    /// Of each layer's rate or deviation.
    pub(crate) share: f64,
    /// None where dropout and noise do nothing.
    pub(crate) parts: &'a mut [Part<'b>],
}

impl Draws<'_, '_> {
    pub(crate) fn none() -> Self {
        Self { share: 0.0, parts: &mut [] }
    }

    pub(crate) fn is_none(&self) -> bool {
        self.parts.is_empty()
    }

    /// The rows of each part; all of them where nothing is drawn.
    pub(crate) fn rows(&self, n_rows: usize) -> impl Iterator<Item = Range<usize>> + Clone {
        let whole = self.is_none().then_some(0..n_rows);
        whole.into_iter().chain(self.parts.iter().map(|part| part.rows.clone()))
    }
}

/// Where the numbers of some rows lie in a matrix of so many columns.
pub(crate) fn places(rows: &Range<usize>, n_columns: usize) -> Range<usize> {
    rows.start * n_columns..rows.end * n_columns
}

/// A product of the kernels.
type Product<R> = fn(Compute<'_>, Shape, &[R], &[R], Into, &mut [R]);

/// A product whose left factor and result have the batch's rows: of all parts at once, unless one of them alone is so small
/// that the kernels take it otherwise, with other roundings.
pub(crate) fn multiply<R: Real>(
    parts: impl Iterator<Item = Range<usize>> + Clone,
    compute: Compute<'_>,
    (multiply, shape): (Product<R>, Shape),
    x: &[R],
    weights: &[R],
    result: &mut [R],
) {
    let of_part = |rows: &Range<usize>| Shape { n_rows: rows.len(), ..shape };
    if parts.clone().all(|rows| !product::is_small(of_part(&rows))) {
        return multiply(compute, shape, x, weights, Into::Overwrite, result);
    }
    for rows in parts {
        let (x, result) = (&x[places(&rows, shape.n_inner)], &mut result[places(&rows, shape.n_columns)]);
        multiply(compute, of_part(&rows), x, weights, Into::Overwrite, result);
    }
}

/// The sums over rows of a pass backward.
#[derive(Debug)]
pub(crate) struct Sums<'a, 'b, R> {
    /// The rows of each part.
    pub(crate) parts: &'a [Range<usize>],
    /// Gradients by all parameters: one to which the parts are added in their order, or one for each part.
    pub(crate) gradients: &'a mut [&'b mut [R]],
    /// Whether the first part, too, is added to what is there.
    pub(crate) into: Into,
    /// The place of the layer's parameters.
    pub(crate) layer: Range<usize>,
    /// What the next sums are added to.
    pub(crate) kept: &'a mut Vec<R>,
}

impl<R: Real> Sums<'_, '_, R> {
    /// Calls `sum` with the rows of each part and the place of their sums, which it overwrites: `within` the layer.
    pub(crate) fn take(&mut self, within: Range<usize>, mut sum: impl FnMut(Range<usize>, &mut [R])) {
        let mut kept = std::mem::take(self.kept);
        for part in 0..self.parts.len() {
            let (is_added, rows, sums) = self.of_part(part, within.clone());
            kept.clear();
            kept.extend_from_slice(if is_added { sums } else { &[] });
            sum(rows, sums);
            if is_added {
                elementwise::add(sums, &kept);
            }
        }
        *self.kept = kept;
    }

    /// xᵀ·d of each part, the gradient by the layer's first parameters. x: (`n_rows`, `n_inputs`), d: (`n_rows`, `n_outputs`).
    pub(crate) fn take_products(
        &mut self,
        compute: Compute<'_>,
        (n_inputs, n_outputs): (usize, usize),
        x: &[R],
        d: &[R],
    ) {
        let within = 0..n_inputs * n_outputs;
        let shape =
            |rows: &Range<usize>| Shape { n_rows: n_inputs, n_inner: rows.len(), n_columns: n_outputs };
        let multiply = |rows: Range<usize>, into: Into, sums: &mut [R]| {
            let (x, d) = (&x[places(&rows, n_inputs)], &d[places(&rows, n_outputs)]);
            product::multiply_left_transposed(compute, shape(&rows), x, d, into, sums);
        };
        if !self.parts.iter().all(|rows| product::adds_whole_sums(compute.precision, shape(rows))) {
            return self.take(within, |rows, sums| multiply(rows, Into::Overwrite, sums));
        }
        for part in 0..self.parts.len() {
            let (is_added, rows, sums) = self.of_part(part, within.clone());
            multiply(rows, if is_added { Into::Add } else { Into::Overwrite }, sums);
        }
    }

    /// Whether a part is added to what is there, its rows, and where its sums belong.
    fn of_part(&mut self, part: usize, within: Range<usize>) -> (bool, Range<usize>, &mut [R]) {
        let is_apart = self.gradients.len() > 1;
        let is_added = self.into == Into::Add || part > 0 && !is_apart;
        let gradient = &mut self.gradients[if is_apart { part } else { 0 }];
        let place = self.layer.start + within.start..self.layer.start + within.end;
        (is_added, self.parts[part].clone(), &mut gradient[place])
    }
}
