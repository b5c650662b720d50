//! What a run knows, by name. One dictionary for the numbers of `--json`, the placeholders of the words, the tables, the
//! figures and the goals, so that they cannot disagree.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Facts by name. A path such as `tangents.0.slope` goes into lists and objects.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts(Map<String, Value>);

impl Facts {
    /// Adds a fact, or replaces it.
    ///
    /// # Panics
    /// When the value cannot be JSON, which is a bug of ours.
    pub fn set(&mut self, name: &str, value: impl Serialize) {
        self.0.insert(name.into(), serde_json::to_value(value).expect("a value that JSON can hold"));
    }

    /// The fact at a path.
    pub fn get(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let first = self.0.get(names.next()?)?;
        names.try_fold(first, |value, name| match value {
            Value::Array(list) => list.get(name.parse::<usize>().ok()?),
            Value::Object(object) => object.get(name),
            _ => None,
        })
    }

    /// The number at a path; NaN where a training left no finite one. `None` where there is no such fact.
    pub fn number(&self, path: &str) -> Option<f64> {
        match self.get(path)? {
            Value::Null => Some(f64::NAN),
            value => value.as_f64(),
        }
    }

    /// The fact at a path as a type of ours.
    ///
    /// # Panics
    /// When there is none, or it is of another type: a lesson that shows what its experiment does not know.
    pub fn read<T: DeserializeOwned>(&self, path: &str) -> T {
        let value = self.get(path).unwrap_or_else(|| panic!("no fact `{path}`")).clone();
        serde_json::from_value(value).unwrap_or_else(|error| panic!("fact `{path}`: {error}"))
    }

    /// The chosen facts as one object, in the order of `names`.
    ///
    /// # Panics
    /// When one is missing.
    pub fn chosen(&self, names: &[String]) -> Value {
        let value = |name: &String| self.0.get(name).unwrap_or_else(|| panic!("no fact `{name}`")).clone();
        Value::Object(names.iter().map(|name| (name.clone(), value(name))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_into_lists_and_objects() {
        let mut facts = Facts::default();
        facts.set("tangents", serde_json::json!([{"slope": 0.25, "x": [1.0, 2.0]}]));
        assert_eq!(facts.number("tangents.0.slope"), Some(0.25));
        assert_eq!(facts.number("tangents.0.x.1"), Some(2.0));
        assert_eq!(facts.number("tangents.1.slope"), None);
        assert_eq!(facts.number("tangents.x"), None);
        facts.set("broken", f64::NAN);
        assert!(facts.number("broken").is_some_and(f64::is_nan));
    }
}
