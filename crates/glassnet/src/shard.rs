//! A batch forward and backward, by all threads together.
//!
//! A batch of many rows is split into shards of neighbouring rows. They go through the network on one thread each, with scratch
//! and a gradient of its own, so that threads share nothing but the parameters; then the gradients are added in the order
//! of the rows. A thread takes several small shards in one pass. Sizes alone decide what is a shard, and each
//! is summed before it is added to others: the bits do not depend on the threads. Of a batch with few rows, or a network with
//! very many parameters, the products are split instead.

use crate::batch::{Batch, slice};
use crate::dataset::{Dataset, Targets};
use crate::generator::Generator;
use crate::matrix::Matrix;
use crate::network::{Cache, Network};
use crate::objective::{Objective, TargetsRef};
use crate::parts::{Draws, Part};
use crate::update::Gradient;
use glassnet_kernels::Real;
use glassnet_kernels::pages::Numbers;
use glassnet_kernels::product::{Into, Precision, SPLIT_LIMIT};
use glassnet_kernels::team::Team;
use std::ops::Range;
use std::sync::Arc;

/// Rows of a shard: as many as the kernels read a right factor for without copying it.
const ROWS: usize = 64;
/// Rows up to which shards go together: every weight is read once for all of them, and their numbers stay in the cache.
const ROWS_TOGETHER: usize = 4 * ROWS;
/// The most shards of a batch; more rows make them larger.
const MOST_SHARDS: usize = 16;
/// Parameters up to which a batch is split into shards: a gradient for each costs more than it saves beyond.
const MOST_PARAMS: usize = 1 << 19;

/// What a step needs beside the rows.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a, R> {
    pub(crate) network: &'a Network<R>,
    pub(crate) objective: Objective,
    pub(crate) training: &'a Dataset<R>,
    /// What gradients are multiplied with.
    pub(crate) scale: R,
    /// The share of each layer's rate.
    pub(crate) dropout: f64,
}

/// Rows of the training part.
#[derive(Debug, Clone)]
pub(crate) enum Rows<'a> {
    /// Neighbours.
    Range(Range<usize>),
    /// In this order.
    Chosen(&'a [usize]),
}

/// Batches on their way, and what is kept between them, so that a run allocates once.
#[derive(Debug)]
pub(crate) struct Batches<R> {
    team: Arc<Team>,
    precision: Precision,
    /// Of batches that are not split.
    whole: Pass<R>,
    /// The gradient of a batch.
    d_params: Numbers<R>,
    /// Of each thread.
    passes: Vec<Pass<R>>,
    shards: Vec<Shard<R>>,
}

#[derive(Debug)]
struct Shard<R> {
    /// Which of the batch.
    number: usize,
    generator: Generator,
    loss: f64,
    /// Empty where it is added to another's.
    d_params: Numbers<R>,
}

/// Rows on their way through the network and back.
#[derive(Debug, Default)]
struct Pass<R> {
    x: Matrix<R>,
    classes: Vec<u32>,
    values: Matrix<R>,
    weights: Vec<R>,
    cache: Cache<R>,
}

impl Rows<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Range(range) => range.len(),
            Self::Chosen(rows) => rows.len(),
        }
    }

    /// Some of them.
    fn part(&self, Range { start, end }: Range<usize>) -> Self {
        match self {
            Self::Range(range) => Self::Range(range.start + start..range.start + end),
            Self::Chosen(rows) => Rows::Chosen(&rows[start..end]),
        }
    }
}

/// How many shards so many rows are.
fn n_shards<R: Real>(network: &Network<R>, n_rows: usize) -> usize {
    let n_weights: usize = network.layers().iter().map(|layer| layer.n_weights()).sum();
    if ROWS * n_weights < SPLIT_LIMIT || network.params().len() > MOST_PARAMS {
        return 1;
    }
    n_rows.div_ceil(ROWS).clamp(1, MOST_SHARDS)
}

impl<R: Real> Batches<R> {
    /// For these parameters, by these threads.
    pub(crate) fn new(params: &[R], team: &Arc<Team>, precision: Precision) -> Self {
        Self {
            team: Arc::clone(team),
            precision,
            whole: Pass::new(Arc::clone(team), precision),
            d_params: Numbers::zeros_like(params),
            passes: Vec::new(),
            shards: Vec::new(),
        }
    }

    /// By these threads from now on.
    pub(crate) fn use_team(&mut self, team: &Arc<Team>) {
        self.team = Arc::clone(team);
        self.whole = Pass::new(Arc::clone(team), self.precision);
    }

    /// The sum of the rows' losses, and the gradient of that sum times the scale.
    pub(crate) fn loss_and_gradient(
        &mut self,
        job: Job<'_, R>,
        rows: &Rows<'_>,
        generator: &mut Generator,
    ) -> (f64, Gradient<'_, R>) {
        let n_shards = n_shards(job.network, rows.len());
        let Self { team, precision, whole, d_params, passes, shards } = self;
        if n_shards == 1 {
            let part = Part { rows: 0..rows.len(), generator };
            let losses =
                whole.loss_and_gradient(job, rows, &mut [part], Into::Overwrite, &mut [&mut *d_params]);
            return (losses[0], Gradient { of_shards: Vec::new(), sum: d_params });
        }
        passes.resize_with(team.n_threads().min(n_shards).max(passes.len()), || {
            Pass::new(Arc::default(), *precision)
        });
        for number in shards.len()..n_shards {
            shards.push(Shard {
                number,
                generator: Generator::new(0),
                loss: 0.0,
                d_params: Numbers::default(),
            });
        }
        let shards = &mut shards[..n_shards];
        for shard in &mut *shards {
            shard.generator = Generator::new(generator.bits());
        }
        // Neighbouring shards in the same scratch, as many together as fit the cache; the first ones add to the same gradient.
        let each = n_shards.div_ceil(team.n_threads());
        let mut sum = Some(&mut d_params[..]);
        let of_threads = shards.chunks_mut(each).zip(passes).map(|(shards, pass)| (shards, pass, sum.take()));
        let mut of_threads: Vec<_> = of_threads.collect();
        let n_together = (ROWS_TOGETHER * n_shards / rows.len()).max(1);
        team.each(&mut of_threads, |(shards, pass, sum)| {
            for shards in shards.chunks_mut(n_together) {
                pass.shards(job, rows, n_shards, shards, sum.as_deref_mut());
            }
        });
        let loss = shards.iter().map(|shard| shard.loss).sum();
        let of_shards = shards[each..].iter().map(|shard| &shard.d_params[..]).collect();
        (loss, Gradient { of_shards, sum: d_params })
    }
}

impl<R: Real> Pass<R> {
    fn new(team: Arc<Team>, precision: Precision) -> Self {
        Self { cache: Cache::with_team(team).with_precision(precision), ..Self::default() }
    }

    /// Neighbouring ones of a batch's shards. Their gradients are added to the sum of those before, or each has its own.
    fn shards(
        &mut self,
        job: Job<'_, R>,
        batch: &Rows<'_>,
        n_shards: usize,
        shards: &mut [Shard<R>],
        sum: Option<&mut [R]>,
    ) {
        let start_of = |shard: usize| shard * batch.len() / n_shards;
        let (first, end) = (shards[0].number, shards[0].number + shards.len());
        let rows = start_of(first)..start_of(end);
        let (mut parts, mut gradients) = (Vec::with_capacity(shards.len()), Vec::with_capacity(shards.len()));
        for Shard { number, generator, d_params, .. } in &mut *shards {
            let rows = start_of(*number) - rows.start..start_of(*number + 1) - rows.start;
            parts.push(Part { rows, generator });
            if sum.is_none() {
                if d_params.is_empty() {
                    *d_params = Numbers::zeros_like(job.network.params());
                }
                gradients.push(&mut d_params[..]);
            }
        }
        let into = if sum.is_some() && first > 0 { Into::Add } else { Into::Overwrite };
        gradients.extend(sum);
        let losses = self.loss_and_gradient(job, &batch.part(rows), &mut parts, into, &mut gradients);
        for (shard, loss) in shards.iter_mut().zip(losses) {
            shard.loss = loss;
        }
    }

    /// The sum of each part's losses; the gradients as [`Network::backward_into`] gives them.
    fn loss_and_gradient(
        &mut self,
        job: Job<'_, R>,
        rows: &Rows<'_>,
        parts: &mut [Part<'_>],
        into: Into,
        gradients: &mut [&mut [R]],
    ) -> Vec<f64> {
        let team = Arc::clone(self.cache.team());
        let Job { network, objective, training, scale, dropout } = job;
        let batch = match rows {
            Rows::Range(range) => slice(training, range.start, range.end),
            Rows::Chosen(rows) => {
                self.x.gather_by(&team, training.x.view(), rows);
                let targets = match &training.targets {
                    Targets::Classes { indices, .. } => {
                        self.classes.clear();
                        self.classes.extend(rows.iter().map(|&row| indices[row]));
                        TargetsRef::Classes(&self.classes)
                    }
                    Targets::Values(targets) => {
                        self.values.gather_by(&team, targets.view(), rows);
                        TargetsRef::Values(self.values.view())
                    }
                };
                self.weights.clear();
                let weights = training.weights.as_ref().map(|all| {
                    self.weights.extend(rows.iter().map(|&row| all[row]));
                    &self.weights[..]
                });
                Batch { x: self.x.view(), targets, weights }
            }
        };
        network.forward_parts(batch.x, Draws { share: dropout, parts: &mut *parts }, &mut self.cache);
        let (outputs, d_outputs) = self.cache.outputs_and_gradient();
        d_outputs.resize(outputs.n_rows(), outputs.n_columns());
        let Batch { targets, weights, .. } = batch;
        let of_rows =
            |rows| objective.loss_and_gradient_of(rows, outputs, targets, weights, scale, d_outputs);
        let losses = parts.iter().map(|part| part.rows.clone()).map(of_rows).collect();
        network.backward_into(batch.x, &mut self.cache, into, gradients);
        losses
    }
}
