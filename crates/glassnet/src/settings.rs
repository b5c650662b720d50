//! Choices by their names, as faces pass them on: a [`FitConfig`] with some of them changed.
//!
//! The names are those of [`FitConfig`] and of what is in it, without the parts in between: `dropout`, `epochs` of its `train`,
//! `n_frequencies` of its `embedding`, `bias_rate_factor` for the bias of its `train.rate_factors`, and the optimizer's own constants.

use crate::activation::Activation;
use crate::class_weight::ClassWeight;
use crate::error::{Error, Result, UnknownName};
use crate::fit_config::FitConfig;
use crate::objective::Objective;
use crate::optimizer::OptimizerConfig;
use crate::quantiles::QuantileLevels;
use crate::schedule::Schedule;
use crate::train_config::Precision;
use serde_json::{Value, json};

/// The parts of a configuration that hold choices of their own, and what is added to such a choice's name.
const PARTS: [(&str, &str); 4] =
    [("", ""), ("/train", ""), ("/embedding", ""), ("/train/rate_factors", "_rate_factor")];

/// What is no choice by itself, or is decided before all others.
const NO_CHOICES: [&str; 4] = ["recipe", "train", "embedding", "rate_factors"];

impl FitConfig {
    /// With choices by name. `null` is what the field's `None` is; `quantiles` is short for the objective of that name.
    ///
    /// # Errors
    /// [`Error::UnknownSetting`] of a name that there is not, [`Error::SettingValue`] of a value that it cannot have. Domains are
    /// checked where training starts.
    ///
    /// # Panics
    /// Never: every configuration can be written.
    ///
    /// # Examples
    /// ```
    /// use glassnet::fit_config::FitConfig;
    /// use serde_json::json;
    ///
    /// let settings = [("momentum", json!(0.9)), ("optimizer", json!("sgd")), ("epochs", json!(50))];
    /// let config = FitConfig::plain().with_settings(settings)?;
    /// assert_eq!(config.train.epochs, 50);
    /// # Ok::<(), glassnet::error::Error>(())
    /// ```
    pub fn with_settings<'a>(self, settings: impl IntoIterator<Item = (&'a str, Value)>) -> Result<Self> {
        let mut settings: Vec<(&str, Value)> = settings.into_iter().collect();
        // The optimizer comes before its constants.
        settings.sort_by_key(|(name, _)| *name != "optimizer");
        settings.into_iter().try_fold(self, |config, (name, value)| config.with_setting(name, &value))
    }

    fn with_setting(self, name: &str, value: &Value) -> Result<Self> {
        let mut all = serde_json::to_value(&self).expect("plain data");
        // Left out where it is the recipe's.
        all.as_object_mut().expect("a struct").entry("bias").or_insert(Value::Null);
        let choices = choices(&all);
        let Some((_, place)) = choices.iter().find(|(known, _)| known == name) else {
            let known = choices.iter().map(|(known, _)| known.as_str());
            return Err(Error::UnknownSetting(UnknownName::new(name, known)));
        };
        let wrong = |reason: String| {
            let (name, value) = (name.to_owned(), value.to_string());
            Error::SettingValue { name, value, reason }
        };
        *all.pointer_mut(place).expect("found there") = as_stored(name, value).map_err(wrong)?;
        serde_json::from_value(all).map_err(|error| wrong(error.to_string()))
    }
}

/// The name of every choice, and where it stands in a configuration's JSON. The first of a name counts.
fn choices(all: &Value) -> Vec<(String, String)> {
    let keys = |path: &str| {
        let part = all.pointer(path).and_then(Value::as_object);
        part.map(|part| part.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let optimizer = keys("/train/optimizer").pop().map(|name| (format!("/train/optimizer/{name}"), ""));
    let parts = PARTS.iter().map(|&(path, behind)| (path.to_owned(), behind)).chain(optimizer);
    let mut choices: Vec<(String, String)> = Vec::new();
    for (path, behind) in parts {
        for key in keys(&path) {
            let name = format!("{key}{behind}");
            if !NO_CHOICES.contains(&key.as_str()) && choices.iter().all(|(known, _)| *known != name) {
                choices.push((name, format!("{path}/{key}")));
            }
        }
    }
    choices.push(("quantiles".into(), "/objective".into()));
    choices
}

/// A value as the configuration's JSON has it: short names stand for what they mean, and `-` for `_`.
fn as_stored(name: &str, value: &Value) -> std::result::Result<Value, String> {
    let Some(text) = value.as_str() else {
        return Ok(match name {
            "quantiles" if !value.is_null() => json!({ "quantile": value }),
            "class_weight" if value.is_object() => json!({ "by_class": value }),
            "class_weight" if value.is_null() => json!(ClassWeight::None),
            _ => value.clone(),
        });
    };
    let plain = text.to_lowercase().replace('-', "_");
    let named = match name {
        "activation" => Activation::from_name(text).map(|activation| json!(activation)),
        "optimizer" => OptimizerConfig::from_name(text).map(|optimizer| json!(optimizer)),
        "schedule" | "dropout_schedule" | "weight_decay_schedule" => {
            Schedule::from_name(text).map(|schedule| json!(schedule))
        }
        "objective" if plain == "quantile" => Some(json!(Objective::Quantile(QuantileLevels::default()))),
        "precision" if plain == "f32" => Some(json!(Precision::Full)),
        _ => Some(json!(plain)),
    };
    named.ok_or_else(|| {
        let known = match name {
            "activation" => Activation::ALL.map(Activation::name).join(", "),
            "optimizer" => OptimizerConfig::NAMES.join(", "),
            _ => Schedule::NAMES.join(", "),
        };
        format!("there is {known}")
    })
}

#[cfg(test)]
mod tests {
    use super::{FitConfig, choices};
    use crate::error::Error;
    use crate::optimizer::OptimizerConfig;
    use crate::recipe::Recipe;
    use crate::schema::Task;
    use serde_json::{Value, json};

    fn with(settings: &[(&str, Value)]) -> crate::error::Result<FitConfig> {
        FitConfig::plain().with_settings(settings.iter().cloned())
    }

    #[test]
    fn every_choice_can_be_made() {
        for recipe in [Recipe::Strong, Recipe::Plain, Recipe::Seed] {
            let config = FitConfig::new(recipe, Task::Regression);
            let all = serde_json::to_value(&config).unwrap();
            let choices = choices(&all);
            assert!(choices.len() > 40, "{}", choices.len());
            for (name, place) in choices {
                let same = all.pointer(&place).cloned().unwrap_or_default();
                if name != "quantiles" {
                    let settings = [(name.as_str(), same)];
                    assert_eq!(config.clone().with_settings(settings).as_ref(), Ok(&config), "{name}");
                }
            }
        }
    }

    #[test]
    fn names_stand_for_what_they_mean() {
        let config = with(&[
            ("momentum", json!(0.5)),
            ("optimizer", json!("SGD")),
            ("activation", json!("logistic")),
            ("bias_rate_factor", json!(0.25)),
            ("n_embedded", json!(5)),
            ("hidden_layer_sizes", json!([3])),
            ("learning_rate", json!(0.5)),
            ("patience", json!(null)),
            ("bias", json!(false)),
            ("quantiles", json!([0.1, 0.9])),
        ])
        .unwrap();
        let mut expected = FitConfig::plain();
        expected.train.optimizer = OptimizerConfig::Sgd { momentum: 0.5, nesterov: false };
        expected.activation = crate::activation::Activation::Sigmoid;
        expected.train.rate_factors.bias = 0.25;
        expected.embedding.n_embedded = 5;
        expected.hidden_layer_sizes = vec![3];
        expected.learning_rate = Some(0.5);
        expected.train.patience = None;
        expected.bias = Some(false);
        let levels = crate::quantiles::QuantileLevels::new(&[0.1, 0.9]).unwrap();
        expected.objective = Some(crate::objective::Objective::Quantile(levels));
        assert_eq!(config, expected);
    }

    #[test]
    fn a_wrong_name_or_value_is_named() {
        let Err(Error::UnknownSetting(unknown)) = with(&[("learnin_rate", json!(1))]) else { panic!() };
        assert_eq!(unknown.nearest.as_deref(), Some("learning_rate"));
        for (name, value) in [
            ("epochs", json!("many")),
            ("epochs", json!(-1)),
            ("activation", json!("relux")),
            ("optimizer", json!("adagrad")),
            ("class_weight", json!("heavy")),
            ("quantiles", json!([2.0])),
        ] {
            let Err(Error::SettingValue { name: told, .. }) = with(&[(name, value.clone())]) else {
                panic!("{name} = {value}")
            };
            assert_eq!(told, name);
        }
        let message = with(&[("schedule", json!("linear"))]).unwrap_err().to_string();
        assert!(message.contains("schedule = \"linear\": there is constant"), "{message}");
    }
}
