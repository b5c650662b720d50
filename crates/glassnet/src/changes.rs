//! Which choices differ from a recipe's, or from another fit's.

use crate::fit_config::FitConfig;
use crate::schema::Task;
use serde_json::{Map, Value};
use std::fmt;

/// A choice that is not the recipe's, or another fit's.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The setting.
    pub name: String,
    /// What it is.
    pub value: Value,
    /// What it is there.
    pub other: Value,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Value| if value.is_null() { "automatic".to_owned() } else { value.to_string() };
        write!(f, "{} {} (not {})", self.name, text(&self.value), text(&self.other))
    }
}

impl FitConfig {
    /// Every choice about the network that differs from the recipe's; not the seed, the threads and the share of rows held
    /// out, which no recipe decides.
    pub fn changes(&self, task: Task) -> Vec<Change> {
        let (validation_fraction, seed, threads) = (self.validation_fraction, self.seed, self.threads);
        let recipe = Self { validation_fraction, seed, threads, ..Self::new(self.recipe, task) };
        self.differences(&recipe)
    }

    /// Every choice that differs.
    ///
    /// # Panics
    /// Never: every choice can be written.
    pub fn differences(&self, other: &Self) -> Vec<Change> {
        let flat = |config: &Self| {
            let Value::Object(mut all) = serde_json::to_value(config).expect("plain data") else {
                return Map::new();
            };
            let take = |all: &mut Map<String, Value>, part: &str, name: &dyn Fn(String) -> String| {
                if let Some(Value::Object(part)) = all.remove(part) {
                    for (key, value) in part {
                        all.entry(name(key)).or_insert(value);
                    }
                }
            };
            take(&mut all, "train", &|name| name);
            take(&mut all, "embedding", &|name| name);
            take(&mut all, "rate_factors", &|name| format!("{name}_rate_factor"));
            // {"adamw": {"beta1": …}}: its name, and its constants beside it.
            if let Some(Value::Object(optimizer)) = all.remove("optimizer") {
                for (name, constants) in optimizer {
                    all.insert("optimizer".into(), name.into());
                    all.insert("constants".into(), constants);
                }
                take(&mut all, "constants", &|name| name);
            }
            all
        };
        let others = flat(other);
        let differs = |(name, value): (String, Value)| {
            let other = others.get(&name).cloned().unwrap_or(Value::Null);
            (other != value).then_some(Change { name, value, other })
        };
        flat(self).into_iter().filter_map(differs).collect()
    }
}
