//! What the units are like: silent, flat, alike; and how gradients pass through the layers.

use crate::activation::Activation;
use crate::error::Result;
use crate::facts::Facts;
use crate::finding::{Code, Finding, Fix, Severity};
use crate::layer::Layer;
use crate::watch::{LayerState, layer_states, n_rows};

/// Rows that the units are looked at with.
const MOST_ROWS: usize = 256;

/// The share of a layer's units that are silent from which it is a finding.
const SILENT: f64 = 0.5;

/// Weights that are smaller than this share of those at the start have vanished.
const SHRUNK: f64 = 0.02;

/// The share of (unit, row) that are flat from which it is a finding.
const FLAT: f64 = 0.6;

/// The same at the end of a training that began well.
const ALL_FLAT: f64 = 0.9;

/// Gradients of the first layer beside those of the last.
const VANISHED: f64 = 1e-3;
const EXPLODED: f64 = 50.0;

/// Relative difference of two units' weights below which they are the same unit.
const SAME: f64 = 1e-5;

pub(super) fn findings(facts: &Facts<'_>, is_jumping: bool) -> Result<Vec<Finding>> {
    if !facts.has_hidden() {
        return Ok(Vec::new());
    }
    let network = facts.model.network();
    let most = MOST_ROWS.min(4 * n_rows(network.params().len()));
    let rows: Vec<usize> = (0..facts.training.n_rows().min(most)).collect();
    let rows = facts.training.gather(&rows)?;
    let end = layer_states(network, facts.model.objective, &rows, None)?;
    let start = facts.model.story.snapshots.first().map_or(&[][..], |snapshot| &snapshot.layers);
    let all = [
        dead(facts, start, &end).filter(|_| !is_jumping),
        saturated(facts, start, &end, is_jumping),
        vanishing(facts, start),
        exploding(facts, start),
        twins(facts, start, &end),
    ];
    Ok(all.into_iter().flatten().collect())
}

fn hidden(states: &[LayerState]) -> &[LayerState] {
    &states[..states.len().saturating_sub(1)]
}

fn dead(facts: &Facts<'_>, start: &[LayerState], end: &[LayerState]) -> Option<Finding> {
    let relu = hidden(end).iter().enumerate().filter(|(_, state)| state.activation == Activation::Relu);
    let (layer, worst) = relu.max_by(|one, other| one.1.silent.total_cmp(&other.1.silent))?;
    // Weights that decay made small are silent as well, but that is not why.
    let has_weights = start.get(layer).is_none_or(|start| worst.weight > SHRUNK * start.weight);
    let n_dead = (worst.silent * worst.n_units as f64).round() as usize;
    // Dead from the start, or killed on the way: what counts is that little is left.
    (has_weights && worst.silent >= SILENT && (facts.gain() < 0.9 || worst.silent >= 0.9)).then(|| {
        let severity = if facts.gain() < 0.5 || worst.silent == 1.0 { Severity::Error } else { Severity::Warning };
        let rate = facts.model.story.config.train_config(facts.model.story.n_training_rows).learning_rate;
        Finding::new(
            Code::DeadRelu,
            severity,
            format!(
                "{n_dead} of {} units of hidden layer {} are 0 for every training row: their slope is 0 as well, so they \
                 get no gradient and never come back",
                worst.n_units,
                layer + 1
            ),
            "leaky_relu, whose slope is never 0, with a smaller learning rate and the usual start",
        )
        .with("hidden layer", layer + 1)
        .with("units", worst.n_units)
        .with("share that is 0 for every row", worst.silent)
        .with("learning rate", rate)
        .fix(Fix::Activation(Activation::LeakyRelu))
        .fix(Fix::DefaultStart)
    })
}

fn saturated(
    facts: &Facts<'_>,
    start: &[LayerState],
    end: &[LayerState],
    is_jumping: bool,
) -> Option<Finding> {
    let flattest = |states: &[LayerState]| {
        let all = hidden(states).iter().enumerate().map(|(layer, state)| (state.flat, layer));
        all.max_by(|one, other| one.0.total_cmp(&other.0))
    };
    let (at_end, layer) = flattest(end)?;
    let at_start = flattest(start).map_or(0.0, |(flat, _)| flat);
    // Units that are flat because all is said are right to be.
    let has_failed = facts.gain() < 0.6;
    ((at_start >= FLAT && facts.gain() < 0.9) || (at_end >= ALL_FLAT && facts.fails() && !is_jumping)).then(|| {
        let severity = if has_failed { Severity::Error } else { Severity::Warning };
        Finding::new(
            Code::SaturatedActivation,
            severity,
            format!(
                "units of hidden layer {} are far out on the flat ends of their curve, on the wrong answer as well as on the \
                 right one: there the slope is nearly 0, so errors hardly move the weights",
                layer + 1
            ),
            "smaller weights at the start, and inputs around 1",
        )
        .with("hidden layer", layer + 1)
        .with("share of units and rows that are flat at the start", at_start)
        .with("the same at the end", at_end)
        .with("training loss", facts.loss)
        .fix(Fix::DefaultStart)
        .fix(Fix::ScaledInputs)
    })
}

/// Gradient of the first dense layer's weights beside that of the last, at the start.
fn ratio(start: &[LayerState]) -> Option<f64> {
    let (first, last) = (start.first()?, start.last()?);
    (start.len() >= 4 && last.gradient > 0.0).then(|| first.gradient / last.gradient)
}

fn vanishing(facts: &Facts<'_>, start: &[LayerState]) -> Option<Finding> {
    let ratio = ratio(start).filter(|ratio| *ratio < VANISHED)?;
    // Of units that are all the same, or silent, the cause is another.
    let flat = hidden(start).iter().map(|state| state.flat).fold(0.0, f64::max);
    (facts.gain() < 0.3 && flat < FLAT && hidden(start).iter().all(|state| state.silent < 1.0)).then(|| {
        Finding::new(
            Code::VanishingGradient,
            Severity::Error,
            format!(
                "through {} layers the gradient becomes {:.0} times smaller: the first layers learn nothing",
                start.len(),
                1.0 / ratio.max(1e-30)
            ),
            "fewer hidden layers, and an activation whose slope is 1 where it is open, such as relu",
        )
        .with("dense layers", start.len())
        .with("gradient of the first layer's weights, root mean square", start[0].gradient)
        .with("gradient of the last layer's weights, root mean square", start[start.len() - 1].gradient)
        .with("ratio", ratio)
        .fix(Fix::Activation(Activation::Relu))
        .fix(Fix::Hidden(facts.model.story.config.hidden_layer_sizes.iter().copied().take(2).collect()))
        .fix(Fix::DefaultStart)
    })
}

fn exploding(facts: &Facts<'_>, start: &[LayerState]) -> Option<Finding> {
    let (first, last) = (start.first()?, start.last()?);
    // What comes out of the layers, beside what a usual start gives: around 1.
    let growth = hidden(start).iter().map(|state| state.deviation).fold(0.0, f64::max);
    let is_large = start.len() >= 4 && growth > EXPLODED;
    let has_failed = facts.gain() < 0.9
        || facts.model.story.broken_off.is_some()
        || facts.held_out_gain().is_some_and(|g| g < 0.0);
    is_large.then(|| {
        Finding::new(
            Code::ExplodingGradient,
            if has_failed { Severity::Error } else { Severity::Warning },
            format!(
                "from layer to layer the numbers grow, to around {growth:.0} before the output, and the gradients with them: \
                 a step that suits one layer throws another far away"
            ),
            "the usual start, whose weights keep the numbers' size, and a limit on the gradient's length",
        )
        .with("dense layers", start.len())
        .with("largest standard deviation of a hidden layer's outputs at the start", growth)
        .with("gradient of the first layer's weights, root mean square", first.gradient)
        .with("gradient of the last layer's weights, root mean square", last.gradient)
        .fix(Fix::DefaultStart)
        .fix(Fix::GradientClipNorm(1.0))
    })
}

/// Units of a hidden layer with the same weights in and out.
fn twins(facts: &Facts<'_>, start: &[LayerState], end: &[LayerState]) -> Option<Finding> {
    let network = facts.model.network();
    let layers = network.layers();
    let dense: Vec<usize> = (0..layers.len()).filter(|&i| matches!(layers[i], Layer::Dense { .. })).collect();
    let mut worst: Option<(usize, usize, usize)> = None;
    for (place, pair) in dense.windows(2).enumerate() {
        let (into, out) = (network.weight(pair[0]), network.weight(pair[1]));
        let bias = network.bias(pair[0]);
        let n_units = into.n_columns();
        let has_shrunk = || Some(end.get(place)?.weight < SHRUNK * start.get(place)?.weight);
        if out.n_rows() != n_units || n_units < 2 || has_shrunk() == Some(true) {
            continue;
        }
        let weights = |unit: usize| -> Vec<f64> {
            let into = (0..into.n_rows()).map(|row| into.row(row)[unit]);
            let all = into.chain(bias.get(unit).copied()).chain(out.row(unit).iter().copied());
            all.map(f64::from).collect()
        };
        let all: Vec<Vec<f64>> = (0..n_units.min(512)).map(weights).collect();
        let length = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>().sqrt();
        let lengths: Vec<f64> = all.iter().map(|weights| length(weights)).collect();
        let is_twin = |i: usize, j: usize| {
            // Most pairs differ in length already.
            let limit = SAME * lengths[i];
            let apart = || all[i].iter().zip(&all[j]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
            (lengths[i] - lengths[j]).abs() <= limit && apart() <= limit
        };
        let n_twins = (0..all.len()).filter(|&i| (0..all.len()).any(|j| i != j && is_twin(i, j))).count();
        if n_twins >= 2 && worst.is_none_or(|(_, most, _)| n_twins > most) {
            worst = Some((place + 1, n_twins, n_units));
        }
    }
    let (layer, n_twins, n_units) = worst?;
    let is_all = n_twins == n_units.min(512);
    (is_all || facts.gain() < 0.9).then(|| {
        Finding::new(
            Code::TwinUnits,
            if facts.gain() < 0.9 { Severity::Error } else { Severity::Warning },
            format!(
                "{n_twins} of {n_units} units of hidden layer {layer} have the same weights as another: they get the same \
                 gradient in every step, so together they are no more than one"
            ),
            "weights that start at random, each another number",
        )
        .with("hidden layer", layer)
        .with("units with a twin", n_twins)
        .with("units", n_units)
        .fix(Fix::DefaultStart)
    })
}
