//! A lesson under way: a face pulls it forward and, at the end, takes its numbers and goals.

use crate::lesson::{Experiment, Goal, Grid, Lesson, Starts};
use crate::training::TrainingRun;
use glassnet::activation::{sigmoid, sigmoid_slope_from_output};
use glassnet::layer::Layer;
use serde_json::{Map, Value, json};

/// A lesson under way.
#[derive(Debug)]
pub struct Run {
    lesson: Lesson,
    /// Trainings that are done, and then the one under way.
    trainings: Vec<TrainingRun>,
    n_trainings: usize,
}

/// How far a lesson is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Epochs done, of all trainings together.
    pub epochs: usize,
    /// Epochs in all.
    pub n_epochs: usize,
    /// The mean squared error of the training under way.
    pub loss: f64,
}

/// What a lesson came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The numbers that the lesson shows, as `--json` prints them.
    pub numbers: Value,
    /// Its goals, and whether they were met.
    pub goals: Vec<(Goal, bool)>,
}

impl Run {
    /// Starts a lesson.
    pub fn start(lesson: &Lesson) -> Self {
        let n_trainings = match &lesson.experiment {
            Experiment::Training(plan) => 1 + plan.further_seeds.len(),
            Experiment::Starts(plan) => plan.hidden_neurons.len() * plan.n_starts as usize,
            Experiment::Curve(_) | Experiment::Tangents { .. } => 0,
        };
        Self { lesson: lesson.clone(), trainings: Vec::new(), n_trainings }
    }

    /// Trains up to `n_epochs` epochs; `None` when nothing is left to do.
    pub fn advance(&mut self, n_epochs: usize) -> Option<Progress> {
        let epochs_of_one = match &self.lesson.experiment {
            Experiment::Training(plan) => plan.epochs,
            Experiment::Starts(plan) => plan.training.epochs,
            Experiment::Curve(_) | Experiment::Tangents { .. } => return None,
        };
        let is_done = |training: &TrainingRun| training.losses.len() >= epochs_of_one;
        if self.trainings.last().is_none_or(is_done) {
            if self.trainings.len() == self.n_trainings {
                return None;
            }
            let next = self.begin(self.trainings.len());
            self.trainings.push(next);
        }
        let training = self.trainings.last_mut()?;
        training.advance(n_epochs);
        let (loss, done) = (*training.losses.last()?, training.losses.len());
        let epochs = (self.trainings.len() - 1) * epochs_of_one + done;
        Some(Progress { epochs, n_epochs: self.n_trainings * epochs_of_one, loss })
    }

    /// Does what is left and gives the numbers.
    pub fn finish(mut self) -> Outcome {
        while self.advance(1_000).is_some() {}
        let all = match &self.lesson.experiment {
            Experiment::Training(plan) => {
                let mut numbers = self.trainings[0].numbers();
                if !plan.further_seeds.is_empty() {
                    numbers.insert("seeds".into(), self.seeds(plan.seed, &plan.further_seeds));
                }
                numbers
            }
            Experiment::Curve(grid) => curve(*grid),
            Experiment::Tangents { at, grid } => tangents(at, *grid),
            Experiment::Starts(plan) => self.solved(plan),
        };
        let shown = |key: &String| all.get(key).map(|value| (key.clone(), value.clone()));
        let numbers = self.lesson.numbers.iter().filter_map(shown).collect::<Map<_, _>>().into();
        let all = Value::Object(all);
        let check = |goal: &Goal| {
            let is_met = number_at(&all, &goal.key).is_some_and(|number| goal.is_met(number));
            (goal.clone(), is_met)
        };
        Outcome { numbers, goals: self.lesson.goals.iter().map(check).collect() }
    }

    fn begin(&self, i: usize) -> TrainingRun {
        match &self.lesson.experiment {
            Experiment::Starts(plan) => {
                let (hidden, start) = (i / plan.n_starts as usize, i % plan.n_starts as usize);
                let mut training = plan.training.clone();
                widen(&mut training.layers, plan.hidden_neurons[hidden]);
                TrainingRun::start(&training, plan.first_seed + start as u32)
            }
            Experiment::Training(plan) => {
                let seed = i.checked_sub(1).map_or(plan.seed, |further| plan.further_seeds[further]);
                TrainingRun::start(plan, seed)
            }
            Experiment::Curve(_) | Experiment::Tangents { .. } => unreachable!("nothing to train"),
        }
    }

    /// What each start says about the first question.
    fn seeds(&self, first: u32, further: &[u32]) -> Value {
        let numbers: Vec<Map<String, Value>> = self.trainings.iter().map(TrainingRun::numbers).collect();
        let of = |key: &str| numbers.iter().filter_map(|numbers| numbers[key].as_f64()).collect::<Vec<f64>>();
        let (losses, predictions) = (of("loss"), of("prediction"));
        let greatest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = predictions.iter().copied().fold(f64::INFINITY, f64::min);
        let seeds: Vec<u32> = std::iter::once(first).chain(further.iter().copied()).collect();
        json!({
            "seeds": seeds,
            "losses": losses,
            "predictions": predictions,
            "greatest_loss": greatest(&losses),
            "spread": greatest(&predictions) - least,
        })
    }

    fn solved(&self, plan: &Starts) -> Map<String, Value> {
        let n_starts = plan.n_starts as usize;
        let mut shares = Map::new();
        let mut starts = Map::new();
        for (trainings, n_hidden) in self.trainings.chunks(n_starts).zip(&plan.hidden_neurons) {
            let is_solved = |training: &&TrainingRun| {
                training.losses.last().is_some_and(|&loss| loss < plan.solved_below)
            };
            let n_solved = trainings.iter().filter(is_solved).count();
            shares.insert(n_hidden.to_string(), json!(n_solved as f64 / n_starts as f64));
            starts.insert(n_hidden.to_string(), json!(n_solved));
        }
        let mut numbers = Map::new();
        numbers.insert("solved".into(), Value::Object(shares));
        numbers.insert("solved_starts".into(), Value::Object(starts));
        numbers.insert("n_starts".into(), json!(n_starts));
        numbers
    }
}

/// Gives the first layer so many units.
fn widen(layers: &mut [Layer], n_units: usize) {
    for (i, layer) in layers.iter_mut().enumerate() {
        if let Layer::Dense { n_inputs, n_outputs, .. } = layer {
            *(if i == 0 { n_outputs } else { n_inputs }) = n_units;
        }
    }
}

fn curve(grid: Grid) -> Map<String, Value> {
    let x = grid.points();
    let y: Vec<f64> = x.iter().map(|&x| sigmoid(x)).collect();
    let asymmetry = x.iter().map(|&x| (sigmoid(x) + sigmoid(-x) - 1.0).abs()).fold(0.0, f64::max);
    let mut numbers = Map::new();
    numbers.insert("at_zero".into(), json!(sigmoid(0.0)));
    numbers.insert("lowest".into(), json!(y.iter().copied().fold(f64::INFINITY, f64::min)));
    numbers.insert("highest".into(), json!(y.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
    numbers.insert("largest_asymmetry".into(), json!(asymmetry));
    numbers.insert("x".into(), json!(x));
    numbers.insert("y".into(), json!(y));
    numbers
}

fn tangents(at: &[f64], grid: Grid) -> Map<String, Value> {
    let tangent = |&at: &f64| {
        let y = sigmoid(at);
        let slope = sigmoid_slope_from_output(y);
        let points = grid.points();
        let along = |f: &dyn Fn(f64) -> f64| points.iter().map(|&dx| f(dx)).collect::<Vec<f64>>();
        json!({ "at": at, "slope": slope, "x": along(&|dx| at + dx), "y": along(&|dx| slope * dx + y) })
    };
    // From the input, e^−z/(1 + e^−z)², and from the output, a·(1 − a): the same slope.
    let difference = |&z: &f64| {
        let e = glassnet::kernels::exponential::exp(-z);
        (e / ((1.0 + e) * (1.0 + e)) - sigmoid_slope_from_output(sigmoid(z))).abs()
    };
    let mut numbers = Map::new();
    numbers.insert("largest_difference".into(), json!(at.iter().map(difference).fold(0.0, f64::max)));
    numbers.insert("tangents".into(), Value::Array(at.iter().map(tangent).collect()));
    numbers
}

/// The number at keys and positions joined by points.
fn number_at(value: &Value, key: &str) -> Option<f64> {
    let step = |value: &'_ Value, part: &str| match part.parse::<usize>() {
        Ok(position) if value.is_array() => value.get(position).cloned(),
        _ => value.get(part).cloned(),
    };
    key.split('.').try_fold(value.clone(), |value, part| step(&value, part))?.as_f64()
}
