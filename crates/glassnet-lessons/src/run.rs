//! A lesson under way: epochs that a face pulls, and the outcome.

use crate::experiment::{Experiment, Training};
use crate::facts::Facts;
use crate::goal::GoalResult;
use crate::lesson::LessonData;
use crate::training::Trained;
use crate::{functions, lesson::Lesson, starts, training};
use glassnet::dataset::Dataset;
use glassnet::layer::Layer;
use glassnet::network::Network;
use glassnet::trainer::Trainer;
use std::collections::VecDeque;
use std::sync::Arc;

/// A lesson under way.
#[derive(Debug)]
pub struct Run {
    data: LessonData,
    facts: Facts,
    waiting: VecDeque<(Vec<Layer>, u32)>,
    current: Option<Current>,
    done: Vec<Trained>,
    n_trainings: usize,
}

/// The training that is going on.
#[derive(Debug)]
struct Current {
    trainer: Trainer<f64>,
    start: Network<f64>,
    paths: Vec<Vec<f64>>,
    epoch: usize,
    loss: f64,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Epochs done, of all trainings together; a training that ended early counts in full.
    pub epoch: usize,
    /// Epochs of all trainings together.
    pub n_epochs: usize,
    /// The training that is going on, from 1.
    pub training: usize,
    /// How many trainings there are.
    pub n_trainings: usize,
    /// Mean squared error after the last epoch.
    pub loss: f64,
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Everything that is known.
    pub facts: Facts,
    /// The numbers of `--json`.
    pub numbers: serde_json::Value,
    /// One a goal.
    pub goals: Vec<GoalResult>,
    /// The trained network, where there is one.
    pub network: Option<Network<f64>>,
}

impl Run {
    /// Everything at its start, nothing trained yet.
    pub fn start(lesson: &Lesson) -> Self {
        let data = lesson.data.clone();
        let mut facts = Facts::default();
        let limits = data.goals.iter().map(|goal| (goal.name.clone(), goal.value.into()));
        facts.set("limit", limits.collect::<serde_json::Map<_, _>>());
        let mut waiting = VecDeque::new();
        match &data.experiment {
            Experiment::Curve(curve) => functions::curve_facts(*curve, &mut facts),
            Experiment::Tangents(tangents) => functions::tangent_facts(tangents, &mut facts),
            Experiment::Training(training) => {
                let seeds = [training.seed].into_iter().chain(training.further_seeds.iter().copied());
                waiting.extend(seeds.map(|seed| (training.layers.clone(), seed)));
            }
            Experiment::Starts(starts) => {
                starts::facts_at_start(starts, &mut facts);
                for &n_hidden in &starts.hidden_neurons {
                    let seeds = starts.first_seed..starts.first_seed + starts.n_starts;
                    waiting.extend(seeds.map(|seed| (starts.layers(n_hidden), seed)));
                }
            }
        }
        let mut run =
            Self { n_trainings: waiting.len(), data, facts, waiting, current: None, done: Vec::new() };
        run.begin_next();
        if let (Some(training), Some(current)) = (trained_in(&run.data.experiment), &run.current) {
            training::facts_at_start(training, &current.start, &mut run.facts);
        }
        run
    }

    /// What is known so far.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Trains at most so many epochs; `None` when nothing is left to train.
    pub fn advance(&mut self, n_epochs: usize) -> Option<Progress> {
        let training = trained_in(&self.data.experiment)?;
        let epochs_each = training.epochs;
        let enough = match &self.data.experiment {
            Experiment::Starts(starts) => starts.solved_below,
            _ => f64::NEG_INFINITY,
        };
        self.current.as_ref()?;
        let (mut loss, mut n_left) = (f64::NAN, n_epochs);
        while n_left > 0
            && let Some(current) = &mut self.current
        {
            // One by one where each epoch is looked at.
            let n_steps = if enough > 0.0 || !current.paths.is_empty() { 1 } else { n_left };
            let is_over = !current.epochs(n_steps) || current.loss < enough;
            loss = current.loss;
            n_left -= n_steps;
            if is_over {
                self.end_current();
            }
        }
        let epoch = self.done.len() * epochs_each + self.current.as_ref().map_or(0, |current| current.epoch);
        let n_epochs = self.n_trainings * epochs_each;
        let training = (self.done.len() + 1).min(self.n_trainings);
        Some(Progress { epoch, n_epochs, training, n_trainings: self.n_trainings, loss })
    }

    /// Trains what is left, and looks at what came out.
    pub fn finish(mut self) -> Outcome {
        while self.advance(usize::MAX).is_some() {}
        let facts = &mut self.facts;
        match &self.data.experiment {
            Experiment::Training(training) => {
                training::facts_at_end(training, &self.done[0], facts);
                training::facts_of_seeds(training, &self.done, facts);
            }
            Experiment::Starts(starts) => starts::facts_at_end(starts, &self.done, facts),
            Experiment::Curve(_) | Experiment::Tangents(_) => {}
        }
        let network = self.done.into_iter().next().map(|trained| trained.network);
        let goals = self.data.goals.iter().map(|goal| goal.check(&self.facts)).collect();
        Outcome { numbers: self.facts.chosen(&self.data.numbers), facts: self.facts, goals, network }
    }

    fn begin_next(&mut self) {
        let Some((layers, seed)) = self.waiting.pop_front() else { return };
        let Some(training) = trained_in(&self.data.experiment) else { return };
        let dataset: Arc<Dataset<f64>> = training.dataset();
        let trainer = training.trainer(layers, seed, dataset);
        let start = trainer.network().clone();
        let paths = if start.layers().len() == 1 { vec![start.params().to_vec()] } else { Vec::new() };
        self.current = Some(Current { trainer, start, paths, epoch: 0, loss: f64::NAN });
    }

    fn end_current(&mut self) {
        let Some(Current { trainer, start, paths, .. }) = self.current.take() else { return };
        let trained = trainer.finish();
        // Of all but the first training only the end is looked at.
        let from = if self.done.is_empty() { 0 } else { trained.history.len().saturating_sub(1) };
        let losses = trained.history[from..].iter().map(|report| 2.0 * report.training_loss).collect();
        self.done.push(Trained { start, network: trained.network().clone(), losses, paths });
        self.begin_next();
    }
}

impl Current {
    /// So many epochs; false when there are no more.
    fn epochs(&mut self, n_epochs: usize) -> bool {
        let Some(report) = self.trainer.epochs(n_epochs) else { return false };
        self.epoch = report.epoch;
        self.loss = 2.0 * report.training_loss;
        if !self.paths.is_empty() {
            self.paths.push(self.trainer.network().params().to_vec());
        }
        true
    }
}

fn trained_in(experiment: &Experiment) -> Option<&Training> {
    match experiment {
        Experiment::Training(training) => Some(training),
        Experiment::Starts(starts) => Some(&starts.training),
        Experiment::Curve(_) | Experiment::Tangents(_) => None,
    }
}
