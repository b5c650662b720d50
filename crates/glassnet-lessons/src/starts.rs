//! Many trainings as facts: how many starts solve the problem.

use crate::experiment::Starts;
use crate::facts::Facts;
use crate::training::Trained;
use glassnet::interval::wilson;
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
    let is_solved = |trained: &Trained| trained.losses.last().is_some_and(|&loss| loss < starts.solved_below);
    let by_size = |value: &dyn Fn(&[bool]) -> Value| {
        let sizes = starts.hidden_neurons.iter().zip(all.chunks(n_starts));
        let value = |all: &[Trained]| value(&all.iter().map(is_solved).collect::<Vec<_>>());
        sizes.map(|(size, all)| (size.to_string(), value(all))).collect::<Map<_, _>>()
    };
    let count = |solved: &[bool]| solved.iter().filter(|&&solved| solved).count();
    facts.set("solved", by_size(&|solved| json!(count(solved) as f64 / n_starts as f64)));
    facts.set("solved_starts", by_size(&|solved| json!(count(solved))));
    facts.set("intervals", by_size(&|solved| json!(wilson(count(solved), n_starts))));
    facts.set("solved_by_seed", by_size(&|solved| json!(solved)));
}
