//! How the learning rate, dropout and weight decay change while training.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A number over time, as a factor of what it is without. Progress p runs from 0 at the first step to 1 after the
/// last epoch asked for.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Always 1.
    #[default]
    Constant,
    /// Multiplied by `factor` after every `every` epochs.
    Step {
        /// Epochs between two changes.
        every: usize,
        /// In (0, 1].
        factor: f64,
    },
    /// From 1 to `last` along half a cosine: last + (1 − last)·½(1 + cos πp) (Loshchilov and Hutter, arXiv 1608.03983).
    Cosine {
        /// Factor at the end, in [0, 1].
        last: f64,
    },
    /// From `first` up to 1 within the share `warm_up` of the run, then down to `last`, both along half a cosine
    /// (Smith and Topin, arXiv 1708.07120).
    OneCycle {
        /// Share of the run that goes up, in (0, 1).
        warm_up: f64,
        /// Factor at the start, in [0, 1].
        first: f64,
        /// Factor at the end, in [0, 1].
        last: f64,
    },
    /// Multiplied by `factor` each time the watched loss (validation, or training where there is none) has not
    /// improved for `patience` epochs, never below `least`.
    ReduceOnPlateau {
        /// In (0, 1).
        factor: f64,
        /// Epochs.
        patience: usize,
        /// Smallest factor, in [0, 1].
        least: f64,
    },
    /// ½(1 − cos(2π·log₂(1 + 15p))): four cycles from 0 up to 1 and down to 0, each twice as long as the one before
    /// (Holzmüller et al., arXiv 2407.04491).
    CosineLog4,
    /// 1 in the first half of the run, then down to 0 along half a cosine: ½(1 + cos π(2p − 1)) (the same).
    FlatCosine,
}

/// A schedule under way.
#[derive(Debug, Clone)]
pub(crate) struct ScheduleState {
    schedule: Schedule,
    n_epochs: usize,
    plateau_factor: f64,
    best_loss: f64,
    epochs_without_improvement: usize,
}

impl Schedule {
    /// What [`Schedule::from_name`] knows.
    pub const NAMES: [&str; 7] =
        ["constant", "step", "cosine", "flat-cosine", "one-cycle", "reduce-on-plateau", "cosine-log4"];

    /// With usual constants; `_` is accepted for `-`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().replace('_', "-").as_str() {
            "constant" => Self::Constant,
            "step" => Self::Step { every: 30, factor: 0.1 },
            "cosine" => Self::Cosine { last: 0.0 },
            "one-cycle" => Self::OneCycle { warm_up: 0.3, first: 0.04, last: 0.0 },
            "reduce-on-plateau" => Self::ReduceOnPlateau { factor: 0.1, patience: 10, least: 0.0 },
            "cosine-log4" => Self::CosineLog4,
            "flat-cosine" => Self::FlatCosine,
            _ => return None,
        })
    }

    /// Whether its numbers lie in their domains.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn check(self) -> Result<()> {
        let share = |factor: f64| (0.0..=1.0).contains(&factor);
        let valid = match self {
            Self::Constant | Self::CosineLog4 | Self::FlatCosine => true,
            Self::Step { every, factor } => every > 0 && factor > 0.0 && factor <= 1.0,
            Self::Cosine { last } => share(last),
            Self::OneCycle { warm_up, first, last } => {
                warm_up > 0.0 && warm_up < 1.0 && share(first) && share(last)
            }
            Self::ReduceOnPlateau { factor, patience, least } => {
                factor > 0.0 && factor < 1.0 && patience > 0 && share(least)
            }
        };
        if valid {
            return Ok(());
        }
        let domain = "factors and shares between 0 and 1, epochs of at least 1";
        Err(Error::Setting { name: "schedule", value: format!("{self:?}"), domain })
    }
}

impl Schedule {
    /// Whether the factor depends on how many epochs the whole run has.
    pub fn depends_on_length(self) -> bool {
        !matches!(self, Self::Constant | Self::Step { .. } | Self::ReduceOnPlateau { .. })
    }

    /// The factor at progress p, where it depends on nothing else; 1 for the others.
    pub fn factor(self, p: f64) -> f64 {
        match self {
            Self::Constant | Self::Step { .. } | Self::ReduceOnPlateau { .. } => 1.0,
            Self::Cosine { last } => half_cosine(1.0, last, p),
            Self::OneCycle { warm_up, first, .. } if p < warm_up => half_cosine(first, 1.0, p / warm_up),
            Self::OneCycle { warm_up, last, .. } => half_cosine(1.0, last, (p - warm_up) / (1.0 - warm_up)),
            Self::CosineLog4 => half_cosine(0.0, 1.0, 2.0 * libm::log2(1.0 + 15.0 * p)),
            Self::FlatCosine if p < 0.5 => 1.0,
            Self::FlatCosine => half_cosine(1.0, 0.0, 2.0 * p - 1.0),
        }
    }
}

impl ScheduleState {
    pub(crate) fn new(schedule: Schedule, n_epochs: usize) -> Self {
        Self {
            schedule,
            n_epochs,
            plateau_factor: 1.0,
            best_loss: f64::INFINITY,
            epochs_without_improvement: 0,
        }
    }

    /// The factor of the rate after `epochs` epochs, a fraction within an epoch.
    pub(crate) fn factor(&self, epochs: f64) -> f64 {
        match self.schedule {
            Schedule::Step { every, factor } => {
                (0..(epochs / every as f64) as usize).fold(1.0, |all, _| all * factor)
            }
            Schedule::ReduceOnPlateau { .. } => self.plateau_factor,
            schedule => schedule.factor(epochs / self.n_epochs as f64),
        }
    }

    /// Takes in the watched loss of an epoch.
    pub(crate) fn observe(&mut self, loss: f64) {
        let Schedule::ReduceOnPlateau { factor, patience, least } = self.schedule else {
            return;
        };
        if loss < self.best_loss {
            self.best_loss = loss;
            self.epochs_without_improvement = 0;
            return;
        }
        self.epochs_without_improvement += 1;
        if self.epochs_without_improvement == patience {
            self.plateau_factor = (self.plateau_factor * factor).max(least);
            self.epochs_without_improvement = 0;
        }
    }
}

/// From `from` at p = 0 to `to` at p = 1.
fn half_cosine(from: f64, to: f64, p: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_at_known_points() {
        let at = |schedule, epochs| ScheduleState::new(schedule, 100).factor(epochs);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 4e-15, "{a} {b}");
        near(at(Schedule::Constant, 50.0), 1.0);
        let step = Schedule::Step { every: 30, factor: 0.1 };
        near(at(step, 29.99), 1.0);
        near(at(step, 30.0), 0.1);
        near(at(step, 90.0), 0.001);
        let cosine = Schedule::Cosine { last: 0.2 };
        near(at(cosine, 0.0), 1.0);
        near(at(cosine, 50.0), 0.6);
        near(at(cosine, 100.0), 0.2);
        let cycle = Schedule::OneCycle { warm_up: 0.25, first: 0.04, last: 0.0 };
        near(at(cycle, 0.0), 0.04);
        near(at(cycle, 12.5), 0.52);
        near(at(cycle, 25.0), 1.0);
        near(at(cycle, 62.5), 0.5);
        near(at(cycle, 100.0), 0.0);
        // Four cycles begin and end at 0, 1/15, 3/15, 7/15 and 1.
        for zero in [0.0, 1.0, 3.0, 7.0, 15.0] {
            near(at(Schedule::CosineLog4, 100.0 * zero / 15.0), 0.0);
        }
        near(at(Schedule::CosineLog4, 100.0 * (std::f64::consts::SQRT_2 - 1.0) / 15.0), 1.0);
        for (epochs, factor) in [(0.0, 1.0), (49.9, 1.0), (75.0, 0.5), (100.0, 0.0)] {
            near(at(Schedule::FlatCosine, epochs), factor);
        }
    }

    #[test]
    fn a_plateau_lowers_the_rate() {
        let schedule = Schedule::ReduceOnPlateau { factor: 0.5, patience: 2, least: 0.2 };
        let mut state = ScheduleState::new(schedule, 100);
        let mut factors = Vec::new();
        for loss in [1.0, 1.0, 0.9, 0.9, 0.95, 0.9, 0.9, 0.9, 0.9] {
            state.observe(loss);
            factors.push(state.factor(0.0));
        }
        assert_eq!(factors, [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.2]);
    }

    #[test]
    fn numbers_outside_the_domain() {
        assert!(Schedule::Step { every: 0, factor: 0.5 }.check().is_err());
        assert!(Schedule::Cosine { last: f64::NAN }.check().is_err());
        assert!(Schedule::OneCycle { warm_up: 1.0, first: 0.0, last: 0.0 }.check().is_err());
        assert!(Schedule::OneCycle { warm_up: 0.3, first: 0.04, last: 0.0 }.check().is_ok());
    }
}
