//! What it costs to look at the layers while they train, and to diagnose at the end, beside the training itself.

use crate::real::Real;
use glassnet::dataset::Dataset;
use glassnet::fit::Fit;
use glassnet::schema::Schema;
use glassnet::watch::{layer_states, n_rows};
use std::time::Instant;

/// Trainings of which the middle one counts.
const N_ROUNDS: usize = 3;

/// Prints both as shares of the training's time.
pub(crate) fn tell(real: &Real) {
    let schema = Schema::infer(&real.table, &real.options).expect("a schema");
    let mut all: Vec<(f64, f64, f64)> = (0..N_ROUNDS).map(|_| round(real, &schema)).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (training, looking, diagnosing) = all[N_ROUNDS / 2];
    println!(
        "cost, {}: training {training:.2} s, of it looking at layers {:.2} %; the diagnosis after it {:.2} %",
        real.name,
        100.0 * looking / training,
        100.0 * diagnosing / training
    );
}

/// Seconds of a training, of its looks at the layers done once more, and of the diagnosis.
fn round(real: &Real, schema: &Schema) -> (f64, f64, f64) {
    let seconds = |of: &mut dyn FnMut()| {
        let start = Instant::now();
        of();
        start.elapsed().as_secs_f64()
    };
    let trained = || {
        let mut fit = Fit::start(&real.table, schema.clone(), real.config.clone(), None).expect("a training");
        while fit.epoch().is_some() {}
        fit
    };
    let mut fit = None;
    let training = seconds(&mut || fit = Some(trained()));
    let mut fitted = None;
    let with = seconds(&mut || fitted = fit.take().map(|fit| fit.finish().expect("a model")));
    let other = trained();
    let mut other = Some(other);
    let without = seconds(&mut || drop(other.take().map(Fit::finish_undiagnosed)));
    let model = fitted.expect("a model").model;
    let rows: Vec<usize> = (0..n_rows(model.network().params().len()).min(real.table.n_rows())).collect();
    let x = model.encoder.encode::<f32>(&real.table, &rows).expect("inputs").x;
    let targets = model.target.encode::<f32>(&real.table, &rows, &schema.missing).expect("targets");
    let rows = Dataset::new(x, targets).expect("rows");
    let looking = seconds(&mut || {
        for _ in &model.story.snapshots {
            let states =
                layer_states(model.network(), model.objective, &rows, Some(model.network().params()));
            assert!(states.is_ok_and(|states| !states.is_empty()));
        }
    });
    (training, looking, (with - without).max(0.0))
}
