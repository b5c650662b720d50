//! Findings in words.

use crate::terminal::plain;
use glassnet::finding::{Evidence, Finding, Severity};
use glassnet::restarts::Lottery;
use glassnet_draw::digits::short;
use glassnet_draw::findings::shown;

/// All of them, each with its evidence and remedy.
pub(crate) fn text(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "no findings: nothing about this training looks wrong\n".into();
    }
    findings.iter().map(of_one).collect::<Vec<_>>().join("\n")
}

/// Errors and warnings in short, for the end of a training.
pub(crate) fn summary(findings: &[Finding], model: &str) -> String {
    let shown: Vec<&Finding> = findings.iter().filter(|finding| finding.severity != Severity::Info).collect();
    let mut text = String::new();
    for finding in &shown {
        text += &format!("\n{} {}\n", finding.severity.name(), finding.code.name());
        text += &indented(&format!("{}. Remedy: {}", finding.message, finding.remedy));
    }
    if !findings.is_empty() {
        let others = findings.len() - shown.len();
        let what = match (shown.len(), others) {
            (0, 1) => "one note on this training".to_owned(),
            (0, others) => format!("{others} notes on this training"),
            (_, 0) => "the evidence".to_owned(),
            (_, 1) => "the evidence, and one note more".to_owned(),
            (_, others) => format!("the evidence, and {others} notes more"),
        };
        text += &format!("\n{what}: glassnet diagnose {model}\n");
    }
    text
}

fn of_one(finding: &Finding) -> String {
    let mut text = format!("{} {}\n", finding.severity.name(), finding.code.name());
    text += &indented(&format!("{}.", finding.message));
    for Evidence { name, value } in &finding.evidence {
        text += &format!("    {name}: {}\n", shown(value));
    }
    text + &indented(&format!("Remedy: {}.", finding.remedy))
}

fn indented(text: &str) -> String {
    // Column names are the user's, and no markup.
    let escaped: String =
        text.chars().flat_map(|c| if "`*_<>[]\\&#".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
    plain(&escaped)
        .lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("  {line}\n") })
        .collect()
}

/// How the starts ended.
pub(crate) fn lottery_text(lottery: &Lottery) -> String {
    let losses = || lottery.starts.iter().filter_map(|start| start.loss);
    let (low, high) = losses()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| (low.min(loss), high.max(loss)));
    format!(
        "{} of {} starts solved it; their best losses go from {} to {}, a constant prediction has {}\n",
        lottery.n_solved,
        lottery.starts.len(),
        short(low),
        short(high),
        short(lottery.constant_loss)
    )
}
