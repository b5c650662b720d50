//! Random search for a better configuration, with early discarding of weak trials.
//!
//! Trial 0 is the configuration itself; every other one draws what is not fixed. With the strong recipe from the space that
//! `RealMLP`'s authors search (`TabArena`, arXiv 2506.16791, after Holzmüller et al., arXiv 2407.04491); with the others from one
//! of plain networks after Gorishniy et al. (arXiv 2106.11959): 1 to 4 layers of 32 to 512 units, dropout and weight decay none or
//! drawn, and the recipe's learning rate times 0.1 to 10. Trial k draws from stream k of the seed, so that it does not depend on
//! the trials before it. At the ends of the strong recipe's first three cycles, where its loss can be compared, a trial goes on
//! only if it is in the better half of all that came so far (asynchronous successive halving, Li et al., arXiv 1810.05934).

use crate::activation::Activation;
use crate::fit_config::FitConfig;
use crate::generator::Generator;
use crate::optimizer::OptimizerConfig;
use crate::recipe::Recipe;
use crate::schema::Task;

/// The ends of the cycles of [`crate::schedule::Schedule::CosineLog4`] but the last, as shares of a training.
pub const RUNGS: [f64; 3] = [1.0 / 15.0, 3.0 / 15.0, 7.0 / 15.0];

/// Seeds of trials begin here, far from those of other purposes.
const FIRST_STREAM: u64 = 1 << 32;

/// The configuration of a trial. Whatever `base` changes of its recipe stays as it is.
pub fn candidate(base: &FitConfig, task: Task, trial: usize) -> FitConfig {
    let mut config = base.clone();
    if trial == 0 {
        return config;
    }
    let changes = base.changes(task);
    let is_free = |name: &str| changes.iter().all(|change| change.name != name);
    let draw = Draw(Generator::stream(base.seed, FIRST_STREAM + trial as u64));
    match base.recipe {
        Recipe::Strong => draw_strong(draw, &mut config, &is_free),
        Recipe::Plain | Recipe::Seed => draw_plain(draw, &mut config, &is_free),
    }
    bound_decay(&mut config, is_free);
    config
}

// Everything is drawn whether it is free or not, so that a fixed setting does not move the others.

fn draw_strong(mut draw: Draw, config: &mut FitConfig, is_free: &dyn Fn(&str) -> bool) {
    let n_layers = 2 + draw.index(3);
    let width = [256, 384, 512][draw.index(3)];
    let dropout = draw.uniform(0.0, 0.5);
    let deviation = draw.log_uniform(0.01, 50.0);
    let second = 1.0 - draw.log_uniform(0.005, 0.05);
    let learning_rate = draw.log_uniform(0.02, 0.3);
    let weight_decay = draw.log_uniform(0.001, 0.05);
    let scale = draw.log_uniform(2.0, 10.0);
    let periodic = draw.log_uniform(0.05, 0.3);
    let epochs = [256, 512][draw.index(2)];
    set(is_free("dropout"), &mut config.dropout, dropout);
    set(is_free("frequency_deviation"), &mut config.embedding.frequency_deviation, deviation);
    set(is_free("scale_rate_factor"), &mut config.train.rate_factors.scale, scale);
    set(is_free("periodic_rate_factor"), &mut config.train.rate_factors.periodic, periodic);
    set(is_free("hidden_layer_sizes"), &mut config.hidden_layer_sizes, vec![width; n_layers]);
    set(is_free("activation"), &mut config.activation, Activation::Mish);
    set(is_free("learning_rate"), &mut config.learning_rate, Some(learning_rate));
    set(is_free("epochs"), &mut config.train.epochs, epochs);
    if let OptimizerConfig::AdamW { beta2, .. } | OptimizerConfig::Adam { beta2, .. } =
        &mut config.train.optimizer
    {
        set(is_free("beta2"), beta2, second);
    }
    set(is_free("weight_decay"), &mut config.train.weight_decay, Some(weight_decay));
}

fn draw_plain(mut draw: Draw, config: &mut FitConfig, is_free: &dyn Fn(&str) -> bool) {
    let n_layers = 1 + draw.index(4);
    let width = [32, 64, 128, 256, 512][draw.index(5)];
    let factor = draw.log_uniform(0.1, 10.0);
    let dropout = [0.0, draw.uniform(0.0, 0.5)][draw.index(2)];
    let weight_decay = [0.0, draw.log_uniform(0.001, 1.0)][draw.index(2)];
    set(is_free("hidden_layer_sizes"), &mut config.hidden_layer_sizes, vec![width; n_layers]);
    let learning_rate = config.train.learning_rate * factor;
    set(is_free("learning_rate"), &mut config.learning_rate, Some(learning_rate));
    set(is_free("dropout"), &mut config.dropout, dropout);
    // Others than AdamW have their own penalties.
    let decays = matches!(config.train.optimizer, OptimizerConfig::AdamW { .. });
    set(decays && is_free("weight_decay"), &mut config.train.weight_decay, Some(weight_decay));
}

fn set<T>(is_free: bool, place: &mut T, value: T) {
    if is_free {
        *place = value;
    }
}

/// A step must not take more than there is of any parameter: where rate × decay × factor² is above ½, the first of decay, rate
/// and factor that is free becomes smaller.
fn bound_decay(config: &mut FitConfig, is_free: impl Fn(&str) -> bool) {
    let rate = config.learning_rate.unwrap_or(config.train.learning_rate);
    let decay = config.train.weight_decay.unwrap_or(config.train.optimizer.default_weight_decay());
    let factor = config.train.rate_factors.scale.max(1.0);
    let share = 0.5 / (rate * decay * factor * factor);
    if share >= 1.0 {
        return;
    }
    if is_free("weight_decay") {
        config.train.weight_decay = Some(decay * share);
    } else if is_free("learning_rate") {
        config.learning_rate = Some(rate * share);
    } else if is_free("scale_rate_factor") {
        config.train.rate_factors.scale = (factor * share.sqrt()).max(1.0);
    }
}

struct Draw(Generator);

impl Draw {
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.uniform()
    }

    /// Uniform in the logarithm.
    fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        self.uniform(low.ln(), high.ln()).exp()
    }

    fn index(&mut self, n: u64) -> usize {
        self.0.up_to(n - 1) as usize
    }
}

/// The losses of all trials at each rung.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rungs([Vec<f64>; 3]);

impl Rungs {
    /// The rung that a trial of so many epochs reaches after some of them.
    pub fn rung(n_done: usize, n_epochs: usize) -> Option<usize> {
        RUNGS.iter().position(|share| n_done == (share * n_epochs as f64).round() as usize)
    }

    /// Takes in a trial's lowest loss so far. Whether it goes on: no more than half of the losses there are lower.
    pub fn goes_on(&mut self, rung: usize, loss: f64) -> bool {
        let all = &mut self.0[rung];
        all.push(loss);
        let n_better = all.iter().filter(|&&other| other < loss).count();
        2 * n_better < all.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Rungs, candidate};
    use crate::fit_config::FitConfig;
    use crate::schema::Task;

    #[test]
    fn trials_are_drawn_from_the_space_and_what_was_chosen_stays() {
        let base = FitConfig { seed: 5, dropout: 0.25, ..FitConfig::strong(Task::Regression) };
        assert_eq!(candidate(&base, Task::Regression, 0), base);
        let trials: Vec<FitConfig> =
            (1..400).map(|trial| candidate(&base, Task::Regression, trial)).collect();
        for trial in &trials {
            assert_eq!(trial.dropout, 0.25);
            assert!((2..=4).contains(&trial.hidden_layer_sizes.len()));
            assert!((0.02..0.3).contains(&trial.learning_rate.unwrap()));
            assert!((0.01..50.0).contains(&trial.embedding.frequency_deviation));
            trial.train_config(5_000).check().unwrap();
            trial.check().unwrap();
        }
        // Half of the logarithms below the middle, √(0.02·0.3); three standard deviations are 30 of 399.
        let n_low = trials.iter().filter(|trial| trial.learning_rate.unwrap() < 0.006_f64.sqrt()).count();
        assert!(n_low.abs_diff(200) < 30, "{n_low}");
        assert_eq!(candidate(&base, Task::Regression, 7), trials[6], "a trial is its number's alone");
        let free = candidate(&FitConfig { dropout: 0.15, ..base }, Task::Regression, 7);
        assert_eq!(free.learning_rate, trials[6].learning_rate, "a fixed setting moves no other");
        assert_ne!(free.dropout, 0.15);
    }

    #[test]
    fn plain_networks_have_a_space_of_their_own() {
        let base = FitConfig { seed: 5, ..FitConfig::plain() };
        let trials: Vec<FitConfig> =
            (1..400).map(|trial| candidate(&base, Task::Regression, trial)).collect();
        for trial in &trials {
            assert!((1..=4).contains(&trial.hidden_layer_sizes.len()));
            assert!((1e-4..1e-2).contains(&trial.learning_rate.unwrap()));
            assert!((0.0..0.5).contains(&trial.dropout));
            trial.train_config(5_000).check().unwrap();
            trial.check().unwrap();
            let mut others = trial.clone();
            others.hidden_layer_sizes.clone_from(&base.hidden_layer_sizes);
            (others.learning_rate, others.dropout) = (base.learning_rate, base.dropout);
            others.train.weight_decay = base.train.weight_decay;
            assert_eq!(others, base, "nothing that a plain network has not");
        }
        let n_without = trials.iter().filter(|trial| trial.dropout == 0.0).count();
        assert!(n_without.abs_diff(200) < 30, "{n_without}");
    }

    #[test]
    fn a_chosen_decay_never_takes_more_than_there_is() {
        let mut base = FitConfig::strong(Task::Regression);
        base.train.weight_decay = Some(0.05);
        let mut fixed_rate = base.clone();
        fixed_rate.learning_rate = Some(0.3);
        for (base, trial) in [base, fixed_rate].iter().flat_map(|base| (1..400).map(move |k| (base, k))) {
            let config = candidate(base, Task::Regression, trial);
            assert_eq!(config.train.weight_decay, Some(0.05));
            config.train_config(5_000).check().unwrap();
        }
    }

    #[test]
    fn the_better_half_goes_on() {
        let mut rungs = Rungs::default();
        let answers: Vec<bool> = [3.0, 2.0, 2.5, 1.0, 9.0, 1.5].map(|loss| rungs.goes_on(0, loss)).to_vec();
        // 3 is alone; 2 leads; of 2, 2.5, 3 one is better; 1 leads; 9 is last; of six, one is better than 1.5.
        assert_eq!(answers, [true, true, true, true, false, true]);
        assert_eq!(Rungs::rung(17, 256), Some(0));
        assert_eq!(Rungs::rung(51, 256), Some(1));
        assert_eq!(Rungs::rung(119, 256), Some(2));
        assert_eq!(Rungs::rung(118, 256), None);
    }
}
