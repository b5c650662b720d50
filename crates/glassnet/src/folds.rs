//! Cross-validation: every row is predicted by a model that never saw it.
//!
//! The rows are put at random into K folds of nearly the same size, each class spread over them alike. For each fold a model is
//! trained on the others, of which it holds back rows of its own to choose the epoch by; then it predicts the fold. Metrics of
//! all these predictions together are what a model of this kind is worth on new rows (Stone, Journal of the Royal Statistical
//! Society B 36, 1974).

use crate::dataset::Targets;
use crate::error::{Error, Result};
use crate::fit::Fit;
use crate::fit_config::FitConfig;
use crate::generator::Generator;
use crate::matrix::Matrix;
use crate::model::{Evaluation, Prediction};
use crate::prepared::{Prepared, Stream};
use crate::row_weights::row_weights;
use crate::schema::Schema;
use crate::table::Table;
use crate::target::{TargetEncoder, Truth};
use glassnet_kernels::Real;
use glassnet_kernels::team::Team;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

/// Trainings under way, one a fold, a part of the threads each.
#[derive(Debug)]
pub struct Folds<'a> {
    table: &'a Table,
    /// Rows that have a target.
    rows: Vec<usize>,
    fold_of: Vec<usize>,
    fits: Vec<Fit>,
    team: Team,
    n_epochs: usize,
}

/// What K models say of rows that they never saw.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossValidation {
    /// Of all rows together.
    pub evaluation: Evaluation,
    /// Of each fold alone.
    pub folds: Vec<Evaluation>,
    /// The table's rows that have a target, in order.
    pub rows: Vec<usize>,
    /// The fold of each of them, from 0.
    pub fold_of: Vec<usize>,
    /// What is said of each of them.
    pub prediction: Prediction,
}

impl<'a> Folds<'a> {
    /// Prepares a training for each fold: nothing is trained yet. Memory for K trainings is taken at once.
    ///
    /// # Errors
    /// As [`Fit::start`]; [`Error::Setting`] of fewer than 2 folds, or of more than rows with a target.
    pub fn start(table: &'a Table, schema: &Schema, config: &FitConfig, n_folds: usize) -> Result<Self> {
        schema.check_table(table)?;
        let rows = schema.labelled_rows(table)?;
        let target = TargetEncoder::fit(table, schema, &rows)?;
        let targets = target.encode::<f32>(table, &rows, &schema.missing)?;
        let fold_of = assign(&targets, n_folds, &mut Generator::stream(config.seed, Stream::Folds as u64))?;
        let each = FitConfig { threads: 1, ..config.clone() };
        let fit = |fold: usize| {
            let others = rows.iter().zip(&fold_of).filter(|&(_, &other)| other != fold);
            let others = others.map(|(&row, _)| row).collect();
            Fit::begin(Prepared::of_rows(table, others, schema.clone(), &each, None)?, each.clone())
        };
        let fits = (0..n_folds).map(fit).collect::<Result<_>>()?;
        Ok(Self { table, fits, rows, fold_of, team: Team::new(config.threads), n_epochs: 0 })
    }

    /// As [`Fit::stop_by`], of every fold.
    pub fn stop_by(&mut self, stop: &Arc<AtomicBool>) {
        self.fits.iter_mut().for_each(|fit| fit.stop_by(stop));
    }

    /// As [`Fit::count_rows_by`], of every fold.
    pub fn count_rows_by(&mut self, rows: &Arc<AtomicUsize>) {
        self.fits.iter_mut().for_each(|fit| fit.count_rows_by(rows));
    }

    /// Rows that the next epoch takes, of the folds that have not ended.
    pub fn rows_of_epoch(&self) -> usize {
        let going = self.fits.iter().filter(|fit| fit.has_epochs_left());
        going.map(|fit| fit.n_training_rows() * fit.n_networks() * fit.n_starts()).sum()
    }

    /// Trains an epoch of every fold that has not ended, and says how many there were; `None` when all have ended.
    pub fn epoch(&mut self) -> Option<usize> {
        let mut going: Vec<(&mut Fit, bool)> = self.fits.iter_mut().map(|fit| (fit, false)).collect();
        self.team.each(&mut going, |(fit, has_trained)| *has_trained = fit.epoch().is_some());
        if !going.iter().any(|(_, has_trained)| *has_trained) {
            return None;
        }
        self.n_epochs += 1;
        Some(self.n_epochs)
    }

    /// The most epochs that there will be.
    pub fn n_epochs(&self) -> usize {
        self.fits[0].n_epochs()
    }

    /// Ends the trainings and has each predict its fold.
    ///
    /// # Errors
    /// As [`Fit::finish`].
    pub fn finish(self) -> Result<CrossValidation> {
        let Self { table, rows, fold_of, fits, .. } = self;
        let mut places = Vec::new();
        let mut folds = Vec::new();
        let mut predictions: [Vec<Prediction>; 3] = Default::default();
        let mut truths = Vec::new();
        let mut models = Vec::new();
        for (fold, fit) in fits.into_iter().enumerate() {
            let model = fit.finish_undiagnosed()?.model;
            let first = places.len();
            places.extend((0..rows.len()).filter(|&place| fold_of[place] == fold));
            let fold_rows: Vec<usize> = places[first..].iter().map(|&place| rows[place]).collect();
            let x = model.encoder.encode::<f32>(table, &fold_rows)?.x;
            let truth = model.target.truth(table, &fold_rows, &model.schema.missing)?;
            let all = model.predictions(x.view());
            let weights = row_weights(&model.schema, table, &fold_rows)?;
            folds.push(model.evaluation([&all[0], &all[1], &all[2]], &truth, weights.as_deref()));
            predictions.iter_mut().zip(all).for_each(|(joined, prediction)| joined.push(prediction));
            truths.push(truth);
            models.push(model);
        }
        // From the order of folds to that of rows.
        let mut order = vec![0; places.len()];
        places.iter().enumerate().for_each(|(i, &place)| order[place] = i);
        let [network, constant, linear] = predictions.map(|parts| join(&parts, &order));
        let truth = join_truths(&truths, &order);
        let weights = row_weights(&models[0].schema, table, &rows)?;
        let predictions = [&network, &constant, &linear];
        let evaluation = models[0].evaluation(predictions, &truth, weights.as_deref());
        Ok(CrossValidation { evaluation, folds, rows, fold_of, prediction: network })
    }
}

/// The fold, from 0, of each row: folds differ by at most one row, and each class is spread over them alike.
fn assign(targets: &Targets<f32>, n_folds: usize, generator: &mut Generator) -> Result<Vec<usize>> {
    let n_rows = targets.n_rows();
    if n_folds < 2 || n_folds > n_rows {
        let domain = "from 2 to the number of rows with a target";
        return Err(Error::Setting { name: "folds", value: n_folds.to_string(), domain });
    }
    let mut order = generator.permutation(n_rows);
    if let Targets::Classes { indices, .. } = targets {
        order.sort_by_key(|&row| indices[row]);
    }
    let mut fold_of = vec![0; n_rows];
    for (place, row) in order.into_iter().enumerate() {
        fold_of[row] = place % n_folds;
    }
    Ok(fold_of)
}

/// All parts behind each other, and of that the rows of this order.
fn join(parts: &[Prediction], order: &[usize]) -> Prediction {
    match &parts[0] {
        Prediction::Probabilities(_) => Prediction::Probabilities(stack(parts, order, |part| match part {
            Prediction::Probabilities(matrix) => matrix,
            _ => unreachable!("one objective"),
        })),
        Prediction::Quantiles(_) => Prediction::Quantiles(stack(parts, order, |part| match part {
            Prediction::Quantiles(matrix) => matrix,
            _ => unreachable!("one objective"),
        })),
        Prediction::Numbers(_) => Prediction::Numbers(stack(parts, order, |part| match part {
            Prediction::Numbers(matrix) => matrix,
            _ => unreachable!("one objective"),
        })),
    }
}

fn stack<P, R: Real>(parts: &[P], order: &[usize], matrix: impl Fn(&P) -> &Matrix<R>) -> Matrix<R> {
    let rows: Vec<&[R]> =
        parts.iter().map(matrix).flat_map(|part| (0..part.n_rows()).map(|row| part.row(row))).collect();
    let values = order.iter().flat_map(|&i| rows[i].iter().copied()).collect();
    Matrix::from_values(order.len(), rows[0].len(), values)
}

fn join_truths(parts: &[Truth], order: &[usize]) -> Truth {
    if let Truth::Numbers(_) = parts[0] {
        return Truth::Numbers(stack(parts, order, |part| match part {
            Truth::Numbers(matrix) => matrix,
            Truth::Classes(_) => unreachable!("one target"),
        }));
    }
    let classes =
        parts.iter().filter_map(|part| if let Truth::Classes(all) = part { Some(all) } else { None });
    let all: Vec<u32> = classes.flatten().copied().collect();
    Truth::Classes(order.iter().map(|&i| all[i]).collect())
}
