//! What the machine checks after a run.

use crate::facts::Facts;
use serde::Deserialize;

/// How a fact is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Comparator {
    /// Below it.
    #[serde(rename = "<")]
    Less,
    /// Exactly it.
    #[serde(rename = "=")]
    Equal,
    /// Above it.
    #[serde(rename = ">")]
    Greater,
}

/// A goal: `key` `comparator` `value`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What the words call it.
    pub name: String,
    /// Path of a fact.
    pub key: String,
    /// How to compare.
    pub comparator: Comparator,
    /// With what.
    pub value: f64,
}

/// What became of a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct GoalResult {
    /// What the words call it.
    pub name: String,
    /// The fact.
    pub found: f64,
    /// Whether it is as it should be.
    pub is_met: bool,
}

impl Goal {
    /// Compares.
    ///
    /// # Panics
    /// When the run knows no such fact, which is a bug of the lesson.
    pub fn check(&self, facts: &Facts) -> GoalResult {
        let found = facts.number(&self.key).unwrap_or_else(|| panic!("no fact `{}`", self.key));
        let is_met = match self.comparator {
            Comparator::Less => found < self.value,
            Comparator::Equal => found == self.value,
            Comparator::Greater => found > self.value,
        };
        GoalResult { name: self.name.clone(), found, is_met }
    }
}
