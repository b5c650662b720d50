//! What is known of a training and its model as JSON, for machines: the same keys on every face.

use crate::evaluation::TargetMetrics;
use crate::finding::Finding;
use crate::metrics::Metrics;
use crate::model::{Evaluation, Model};
use crate::restarts::Lottery;
use serde_json::{Map, Value, json};

/// A list, in order, of `{code, severity, message, evidence, remedy}`; the remedy is `{text, flags}`.
pub fn findings(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        let evidence: Map<String, Value> =
            finding.evidence.iter().map(|fact| (fact.name.clone(), json!(fact.value))).collect();
        let flags: Vec<String> = finding.remedy.fixes.iter().map(ToString::to_string).collect();
        json!({
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.message,
            "evidence": evidence,
            "remedy": { "text": finding.remedy.text, "flags": flags },
        })
    };
    findings.iter().map(one).collect()
}

/// How the starts ended: `{starts, solved, constant_loss, losses}`, the losses in the order of the starts.
pub fn lottery(lottery: &Lottery) -> Value {
    json!({
        "starts": lottery.starts.len(),
        "solved": lottery.n_solved,
        "constant_loss": lottery.constant_loss,
        "losses": lottery.starts.iter().map(|start| start.loss).collect::<Vec<_>>(),
    })
}

/// `{rows, metrics, baselines}`, where rows count by a column `weighted`, and where there are several targets `targets` with the two of
/// each.
pub fn evaluation(model: &Model, evaluation: &Evaluation) -> Value {
    let baselines =
        |constant: &Metrics, linear: &Metrics| json!({ model.constant_name(): constant, "linear": linear });
    let mut json = json!({
        "rows": evaluation.n_rows,
        "metrics": evaluation.metrics,
        "baselines": baselines(&evaluation.constant, &evaluation.linear),
    });
    if evaluation.is_weighted {
        json["weighted"] = true.into();
    }
    if !evaluation.targets.is_empty() {
        let one = |one: &TargetMetrics| {
            let of_one =
                json!({ "metrics": one.metrics, "baselines": baselines(&one.constant, &one.linear) });
            (one.target.clone(), of_one)
        };
        json["targets"] = evaluation.targets.iter().map(one).collect::<Map<_, _>>().into();
    }
    json
}
