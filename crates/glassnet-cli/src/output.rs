//! Results on standard output.

use crate::failure::{Failure, Result};
use crate::terminal::aligned;
use glassnet::metrics::Metrics;
use glassnet::model::{Evaluation, Model};
use glassnet_draw::digits::short;
use serde_json::{Value, json};
use std::io::Write;

/// Writes text as it is.
pub(crate) fn text(text: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(|e| Failure::of_output(&e))
}

/// Writes one object and a line feed.
pub(crate) fn json(value: &Value) -> Result<()> {
    text(&format!("{value:#}\n"))
}

/// `metrics` and `baselines` for machines.
pub(crate) fn metrics_json(model: &Model, evaluation: &Evaluation) -> (Value, Value) {
    let baselines = json!({
        model.constant_name(): evaluation.constant,
        "linear": evaluation.linear,
    });
    (json!(evaluation.metrics), baselines)
}

/// The same for people.
pub(crate) fn metrics_text(model: &Model, evaluation: &Evaluation) -> String {
    let mut rows =
        vec![vec![String::new(), "network".into(), "linear model".into(), model.constant_name().into()]];
    let cell = |metrics: &Metrics, name| match metrics.get(name) {
        Some(metric) => match (metric.value, metric.low, metric.high) {
            (Some(value), Some(low), Some(high)) => {
                format!("{} [{}, {}]", short(value), short(low), short(high))
            }
            (Some(value), ..) => short(value),
            _ => "undefined".into(),
        },
        None => String::new(),
    };
    for (name, _) in evaluation.metrics.iter() {
        let of = [&evaluation.metrics, &evaluation.linear, &evaluation.constant];
        let cells = of.map(|metrics| cell(metrics, name));
        rows.push(std::iter::once(name.to_string()).chain(cells).collect());
    }
    aligned(&rows)
}
