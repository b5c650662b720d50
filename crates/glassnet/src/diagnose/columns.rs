//! What the input columns hold: constants, copies, identifiers, leaks, sizes that no network is made for.

use crate::dataset::Targets;
use crate::diagnose::of_schema;
use crate::encoding::Encoding;
use crate::facts::Facts;
use crate::finding::{Code, Finding, Fix, Severity, Sketch};
use crate::trainer::StopReason;
use std::collections::HashMap;

/// Columns that are compared with each other, and rows that are needed to judge one.
const MOST_COMPARED: usize = 300;
const FEWEST_ROWS: usize = 20;

/// |Correlation| from which two columns are one.
const SAME: f64 = 1.0 - 1e-6;

/// The share of right rows, or of explained variance, from which a column alone is too good.
const LEAK: f64 = 0.9995;

/// Sizes of an input, mean or deviation, from which it is far from what networks are made for.
const LARGE: f64 = 20.0;

/// A column's encoded cells.
struct Cells<'a> {
    name: &'a str,
    /// Of a column of numbers.
    numbers: Option<Vec<f64>>,
    /// The same number for the same content.
    keys: Vec<u32>,
    n_keys: usize,
}

pub(super) fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    let all = cells(facts);
    let mut findings = of_schema(&facts.model.schema);
    findings.extend(unscaled(facts, &all));
    if facts.training.n_rows() >= FEWEST_ROWS {
        findings.extend(all.iter().filter_map(|cells| identifier(facts, cells)));
        findings.extend(all.iter().filter_map(|cells| leaking(facts, cells, all.len())));
    }
    if facts.training.n_rows() > 2 {
        findings.extend(all.iter().filter(|cells| cells.n_keys == 1).map(constant));
        findings.extend(duplicates(&all));
    }
    findings
}

fn cells<'a>(facts: &Facts<'a>) -> Vec<Cells<'a>> {
    let encoder = &facts.model.encoder;
    let x = &facts.training.x;
    let of = |(column, places): (&'a crate::encoder::EncodedColumn, Vec<usize>)| {
        let is_number = matches!(column.encoding, Encoding::Number(_) | Encoding::RobustNumber { .. });
        let numbers =
            is_number.then(|| (0..x.n_rows()).map(|row| f64::from(x.row(row)[places[0]])).collect());
        let mut seen: HashMap<Vec<u32>, u32> = HashMap::new();
        let keys = (0..x.n_rows()).map(|row| {
            let bits: Vec<u32> = places.iter().map(|&place| x.row(row)[place].to_bits()).collect();
            let next = seen.len() as u32;
            *seen.entry(bits).or_insert(next)
        });
        let keys: Vec<u32> = keys.collect();
        Cells { name: &column.name, numbers, keys, n_keys: seen.len() }
    };
    encoder.columns().iter().zip(encoder.places()).map(of).collect()
}

fn constant(cells: &Cells<'_>) -> Finding {
    Finding::new(
        Code::ConstantColumn,
        Severity::Info,
        format!("column `{}` is the same in every training row, so it says nothing", cells.name),
        "nothing, or leave it out",
    )
    .with("column", cells.name)
    .shown_by(over_rows(cells))
    .fix(Fix::Drop(cells.name.to_owned()))
}

/// A column's values, row after row.
fn over_rows(cells: &Cells<'_>) -> Sketch {
    let points = (1..=cells.keys.len()).map(|row| [row as f64, cells.value(row - 1)]).collect();
    Sketch::new("training row", &cells.label(), vec![(String::new(), points)])
}

/// A column's values, and those of something else.
fn over_column(cells: &Cells<'_>, y: &str, values: impl Fn(usize) -> f64) -> Sketch {
    let points = (0..cells.keys.len()).map(|row| [cells.value(row), values(row)]).collect();
    Sketch::new(&cells.label(), y, vec![(String::new(), points)])
}

impl Cells<'_> {
    /// What stands in a row: the number as the network gets it, or which of the different contents, from 1.
    fn value(&self, row: usize) -> f64 {
        self.numbers.as_ref().map_or_else(|| f64::from(self.keys[row] + 1), |numbers| numbers[row])
    }

    /// What its values are.
    fn label(&self) -> String {
        let what = if self.numbers.is_some() { "encoded" } else { "number of the level" };
        format!("{} ({what})", self.name)
    }
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt())
}

fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let ((m, s), (k, t)) = (mean_and_deviation(one), mean_and_deviation(other));
    if s == 0.0 || t == 0.0 {
        return 0.0;
    }
    one.iter().zip(other).map(|(a, b)| (a - m) * (b - k)).sum::<f64>() / (one.len() as f64 * s * t)
}

fn duplicates(all: &[Cells<'_>]) -> Vec<Finding> {
    let all = &all[..all.len().min(MOST_COMPARED)];
    let mut findings = Vec::new();
    for (i, cells) in all.iter().enumerate().filter(|(_, cells)| cells.n_keys > 1) {
        let copy = |other: &&Cells<'_>| match (&other.numbers, &cells.numbers) {
            (Some(one), Some(other)) => correlation(one, other).abs() >= SAME,
            (None, None) => is_renamed(other, cells),
            _ => false,
        };
        if let Some(original) = all[..i].iter().find(copy) {
            let finding = Finding::new(
                Code::DuplicateColumn,
                Severity::Warning,
                format!(
                    "columns `{}` and `{}` say the same, so one of them is not needed, and which of them matters cannot be told",
                    original.name, cells.name
                ),
                "leave one of them out",
            );
            let finding = finding.with("column", cells.name).with("same as", original.name);
            let sketch = over_column(cells, &original.label(), |row| original.value(row));
            findings.push(finding.shown_by(sketch).fix(Fix::Drop(cells.name.to_owned())));
        }
    }
    findings
}

/// Whether the contents of both columns belong to each other one by one.
fn is_renamed(one: &Cells<'_>, other: &Cells<'_>) -> bool {
    let mut there: HashMap<u32, u32> = HashMap::new();
    one.n_keys == other.n_keys
        && one.keys.iter().zip(&other.keys).all(|(key, same)| there.entry(*key).or_insert(*same) == same)
}

fn identifier(facts: &Facts<'_>, cells: &Cells<'_>) -> Option<Finding> {
    let n_rows = cells.keys.len();
    let is_numbered = || {
        let n_all = facts.model.story.n_training_rows + facts.model.story.n_validation_rows;
        let column = facts.model.schema.columns.iter().find(|column| column.name == cells.name)?;
        let [low, high] = column.range?;
        let is_whole = low.fract() == 0.0 && high.fract() == 0.0;
        // Numbers such as 1 to n, each once.
        Some(is_whole && cells.n_keys == n_rows && high - low + 1.0 <= 1.5 * n_all as f64)
    };
    let is_identifier = match cells.numbers {
        Some(_) => is_numbered().unwrap_or(false),
        None => cells.n_keys as f64 > 0.9 * n_rows as f64,
    };
    is_identifier.then(|| {
        Finding::new(
            Code::IdentifierColumn,
            Severity::Warning,
            format!(
                "column `{}` has another value in every row, like a number of the row: a network learns it by heart, and new \
                 rows have other ones",
                cells.name
            ),
            "leave it out",
        )
        .with("column", cells.name)
        .with("different values", cells.n_keys)
        .with("rows", n_rows)
        .shown_by(over_rows(cells))
        .fix(Fix::Drop(cells.name.to_owned()))
    })
}

fn leaking(facts: &Facts<'_>, cells: &Cells<'_>, n_columns: usize) -> Option<Finding> {
    if n_columns < 2 || cells.n_keys < 2 {
        return None;
    }
    let names = facts.model.target.columns();
    // Of several targets the one that it predicts best.
    let (share, k, target) = match &facts.training.targets {
        Targets::Classes { indices, n_classes } => (purity(cells, indices, *n_classes)?, 0, names[0]),
        Targets::Values(values) => {
            let explained = |(k, name)| {
                let target: Vec<f64> =
                    (0..values.n_rows()).map(|row| f64::from(values.row(row)[k])).collect();
                Some((explained(cells, &target)?, k, name))
            };
            names
                .into_iter()
                .enumerate()
                .filter_map(explained)
                .max_by(|one, other| one.0.total_cmp(&other.0))?
        }
    };
    (share >= LEAK).then(|| {
        Finding::new(
            Code::LeakingColumn,
            Severity::Warning,
            format!(
                "column `{}` alone predicts `{target}`: perhaps it was made from the target, and will not be known when the \
                 model is used",
                cells.name
            ),
            "ask where the column comes from; if it is known only afterwards, leave it out",
        )
        .with("column", cells.name)
        .with("share of the target that it predicts alone", share)
        .shown_by(match &facts.training.targets {
            Targets::Classes { indices, .. } => {
                over_column(cells, &format!("{target} (number of the class)"), |row| f64::from(indices[row] + 1))
            }
            Targets::Values(values) => {
                over_column(cells, &format!("{target} (as taught)"), |row| f64::from(values.row(row)[k]))
            }
        })
        .fix(Fix::Drop(cells.name.to_owned()))
    })
}

/// The share of rows whose class follows from this column: of numbers by one interval a class, of others by their content.
fn purity(cells: &Cells<'_>, classes: &[u32], n_classes: usize) -> Option<f64> {
    let n_rows = classes.len();
    if let Some(numbers) = &cells.numbers {
        let mut order: Vec<usize> = (0..n_rows).collect();
        order.sort_by(|&i, &j| numbers[i].total_cmp(&numbers[j]));
        let changes: Vec<usize> =
            (1..n_rows).filter(|&i| classes[order[i]] != classes[order[i - 1]]).collect();
        let mut present: Vec<u32> = classes.to_vec();
        present.sort_unstable();
        present.dedup();
        let parts = changes.iter().all(|&i| numbers[order[i]] > numbers[order[i - 1]]);
        return Some(if parts && changes.len() + 1 == present.len() { 1.0 } else { 0.0 });
    }
    if cells.n_keys * 5 > n_rows {
        return None;
    }
    let mut counts = vec![vec![0_usize; n_classes]; cells.n_keys];
    for (&key, &class) in cells.keys.iter().zip(classes) {
        counts[key as usize][class as usize] += 1;
    }
    let n_right: usize = counts.iter().map(|counts| counts.iter().max().copied().unwrap_or(0)).sum();
    Some(n_right as f64 / n_rows as f64)
}

/// The share of the target's variance that a line through this column, or the mean of each content, explains.
fn explained(cells: &Cells<'_>, target: &[f64]) -> Option<f64> {
    if let Some(numbers) = &cells.numbers {
        return Some(correlation(numbers, target).powi(2));
    }
    if cells.n_keys * 5 > target.len() {
        return None;
    }
    let mut of_key = vec![Vec::new(); cells.n_keys];
    for (&key, &value) in cells.keys.iter().zip(target) {
        of_key[key as usize].push(value);
    }
    let squares = |values: &[f64]| mean_and_deviation(values).1.powi(2) * values.len() as f64;
    let within: f64 = of_key.iter().map(|values| squares(values)).sum();
    let all = squares(target);
    (all > 0.0).then(|| 1.0 - within / all)
}

/// Inputs that are as they are, and large.
fn unscaled(facts: &Facts<'_>, all: &[Cells<'_>]) -> Option<Finding> {
    let size = |cells: &Cells<'_>| {
        let (mean, deviation) = mean_and_deviation(cells.numbers.as_ref()?);
        Some(mean.abs().max(deviation))
    };
    let sizes: Vec<(f64, &str)> =
        all.iter().filter_map(|cells| size(cells).map(|size| (size, cells.name))).collect();
    let (largest, name) = sizes.iter().copied().max_by(|one, other| one.0.total_cmp(&other.0))?;
    let n_large = sizes.iter().filter(|(size, _)| *size > LARGE).count();
    let has_failed =
        facts.gain() < 0.9 || matches!(facts.model.story.stop_reason, StopReason::NonFinite { .. });
    (n_large > 0).then(|| {
        let points = sizes.iter().enumerate().map(|(i, (size, _))| [(i + 1) as f64, *size]).collect();
        let sketch = Sketch::new("column of numbers", "size of its numbers", vec![(String::new(), points)]);
        let severity = if has_failed { Severity::Error } else { Severity::Warning };
        Finding::new(
            Code::UnscaledInput,
            severity,
            format!(
                "column `{name}` goes into the network with numbers around {largest:.0}, and it is made for numbers around 1: \
                 steps that suit one weight are far too large or too small for another"
            ),
            "let inputs be scaled, as is the default",
        )
        .with("column", name)
        .with("size of its numbers", largest)
        .with("columns above 20", n_large)
        .with("columns of numbers", sizes.len())
        .shown_by(sketch)
        .fix(Fix::ScaledInputs)
    })
}
