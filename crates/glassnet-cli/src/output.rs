//! Results on standard output.

use crate::failure::{Failure, Result};
use crate::terminal::aligned;
use glassnet::error::counted;
use glassnet::metrics::{MetricName, Metrics};
use glassnet::model::{Evaluation, Model, Story};
use glassnet_draw::digits::{short, significant};
use serde_json::Value;
use std::io::Write;

/// "60 validation rows", and whether they count by their weights.
pub(crate) fn measured_rows(evaluation: &Evaluation, what: &str) -> String {
    let weights = if evaluation.is_weighted { ", by their weights" } else { "" };
    format!("{}{weights}", counted(evaluation.n_rows, what))
}

/// Writes text as it is.
pub(crate) fn text(text: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(|e| Failure::of_output(&e))
}

/// Writes one object and a line feed.
pub(crate) fn json(value: &Value) -> Result<()> {
    text(&format!("{value:#}\n"))
}

/// How much of it people are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    All,
    Essential,
}

/// The epoch that was kept, and by what.
pub(crate) fn best_epoch(story: &Story) -> String {
    let by = story.chosen().map_or_else(String::new, |report| {
        format!(" by the {} loss {}", report.watched_name(), short(report.watched_loss()))
    });
    format!("best epoch {} of {}{by}", story.best_epoch, story.history.len())
}

/// How sure the validation rows let the model be, where that is not as sure as the network: a line, or nothing.
pub(crate) fn temperature(model: &Model) -> String {
    match model.temperature {
        1.0 => String::new(),
        t => format!("outputs divided by the temperature {}, which the validation rows chose\n", short(t)),
    }
}

/// The same for people; of several targets their mean, then each.
pub(crate) fn metrics_text(model: &Model, evaluation: &Evaluation, shown: Shown) -> String {
    let Evaluation { metrics, constant, linear, targets, .. } = evaluation;
    if targets.is_empty() {
        return metrics_table(model, [metrics, linear, constant], shown);
    }
    // Of errors in different units, a mean says nothing.
    let without_unit = |metrics: &Metrics| metrics.only(&[MetricName::R2]);
    let means = [metrics, linear, constant].map(without_unit);
    let mut text = format!("mean of {} targets:\n", targets.len());
    text += &metrics_table(model, means.each_ref(), shown);
    for one in targets {
        let table = metrics_table(model, [&one.metrics, &one.linear, &one.constant], shown);
        text += &format!("\n{}:\n{table}", one.target);
    }
    text
}

fn metrics_table(model: &Model, [own, linear, constant]: [&Metrics; 3], shown: Shown) -> String {
    let mut rows =
        vec![vec![String::new(), "network".into(), "linear model".into(), model.constant_name().into()]];
    let cell = |metrics: &Metrics, name| match metrics.get(name) {
        Some(metric) => match (metric.value, metric.low, metric.high) {
            (Some(value), Some(low), Some(high)) => {
                format!("{} [{}, {}]", brief(name, value), brief(name, low), brief(name, high))
            }
            (Some(value), ..) => brief(name, value),
            _ => "undefined".into(),
        },
        None => String::new(),
    };
    // The constant needs no interval, and three of them are too wide for a terminal.
    let constant = |name| {
        let value = constant.get(name).map(|metric| metric.value);
        value.map_or(String::new(), |value| value.map_or("undefined".into(), |value| brief(name, value)))
    };
    let is_shown = |&(name, _): &(MetricName, _)| shown == Shown::All || name.is_essential();
    for (name, _) in own.iter().filter(is_shown) {
        let cells = [own, linear].map(|metrics| cell(metrics, name));
        rows.push([name.to_string()].into_iter().chain(cells).chain([constant(name)]).collect());
    }
    aligned(&rows)
}

/// At most three significant digits, and at most four decimals. Errors in the target's unit may be of any size: three digits.
fn brief(name: MetricName, number: f64) -> String {
    match name {
        MetricName::Rmse | MetricName::Mae | MetricName::PinballLoss => match number.abs() {
            0.0 | 1e-3..1e7 => significant(number, 3),
            _ => format!("{number:.2e}"),
        },
        _ if number.abs() < 0.1 => decimal(number),
        _ => significant(number, 3),
    }
}

fn decimal(number: f64) -> String {
    let text = format!("{number:.4}");
    if text == "-0.0000" { "0.0000".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_any_size_keep_their_digits() {
        let rmse = |number| brief(MetricName::Rmse, number);
        let texts = [5.96e-15, 9.9e-4, 0.006_2, 0.0, 12.345, 9.9e6, 5.09e9].map(rmse);
        assert_eq!(texts, ["5.96e-15", "9.90e-4", "0.00620", "0", "12.3", "9900000", "5.09e9"]);
        assert_eq!(
            [5.96e-15, -1e-9, 0.25].map(|r2| brief(MetricName::R2, r2)),
            ["0.0000", "0.0000", "0.250"]
        );
    }
}
