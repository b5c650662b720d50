//! Many trainings as facts: how many starts solve the problem.

use crate::experiment::Starts;
use crate::facts::Facts;
use crate::training::Trained;
use glassnet::interval::wilson;
use glassnet::restarts::{Lottery, StartReport};
use serde_json::{Map, Value, json};

/// What is known before the first start.
pub(crate) fn facts_at_start(starts: &Starts, facts: &mut Facts) {
    facts.set("n_starts", starts.n_starts);
    facts.set("first_seed", starts.first_seed);
    facts.set("solved_below", starts.solved_below);
    facts.set("hidden_neurons", &starts.hidden_neurons);
}

/// The share of starts solved by each number of hidden neurons. `all`: size after size, seed after seed.
pub(crate) fn facts_at_end(starts: &Starts, all: &[Trained], facts: &mut Facts) {
    let n_starts = starts.n_starts as usize;
    let lotteries: Vec<Lottery> = all.chunks(n_starts).map(|all| lottery(starts, all)).collect();
    let by_size = |value: &dyn Fn(&Lottery) -> Value| {
        let sizes = starts.hidden_neurons.iter().zip(&lotteries);
        sizes.map(|(size, lottery)| (size.to_string(), value(lottery))).collect::<Map<_, _>>()
    };
    facts.set("solved", by_size(&|lottery| json!(lottery.n_solved as f64 / n_starts as f64)));
    facts.set("solved_starts", by_size(&|lottery| json!(lottery.n_solved)));
    facts.set("intervals", by_size(&|lottery| json!(wilson(lottery.n_solved, n_starts))));
    let by_seed = |lottery: &Lottery| -> Vec<bool> {
        lottery.starts.iter().map(|start| lottery.is_solved(start)).collect()
    };
    facts.set("solved_by_seed", by_size(&|lottery| json!(by_seed(lottery))));
}

/// The trainings of one size. A training ends when its loss falls below the lesson's limit.
fn lottery(starts: &Starts, all: &[Trained]) -> Lottery {
    let report = |trained: &Trained| StartReport {
        loss: trained.losses.last().copied(),
        best_epoch: trained.losses.len(),
        losses: trained.losses.clone(),
    };
    Lottery::with_limit(all.iter().map(report).collect(), constant_loss(starts), starts.solved_below)
}

/// The mean squared error of the targets' mean.
fn constant_loss(starts: &Starts) -> f64 {
    let targets: Vec<f64> = starts.training.targets.iter().flatten().copied().collect();
    let n = targets.len() as f64;
    let mean = targets.iter().sum::<f64>() / n;
    targets.iter().map(|target| (target - mean).powi(2)).sum::<f64>() / n
}
