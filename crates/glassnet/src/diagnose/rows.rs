//! What the rows are like together: contradictions, rare classes, too few of them.

use crate::dataset::Targets;
use crate::facts::{Facts, predicted_classes};
use crate::finding::{Code, Finding, Fix, Severity};
use crate::fit_config::ClassWeight;

/// The share of rows that cannot be right from which contradictions are more than a detail.
const MANY_CONTRADICTIONS: f64 = 0.1;

/// The share of rows under which a class is rare, and the share of its rows found under which it is lost.
const RARE: f64 = 0.1;
const LOST: f64 = 0.5;

/// Rows for each input column under which there are few.
const FEW_A_COLUMN: usize = 5;
const FEW: usize = 60;

/// How much more of the way a network goes on its own rows than on others, if what it learns is chance.
const DOES_NOT_CARRY: f64 = 0.25;

pub(super) fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    [contradictory(facts), imbalance(facts), too_few(facts)].into_iter().flatten().collect()
}

fn contradictory(facts: &Facts<'_>) -> Option<Finding> {
    let n_rows = facts.training.n_rows();
    // Rows in groups that disagree, those of them that no function of the inputs gets right, and the first two.
    let (mut n_rows_in, mut lost, mut example) = (0, 0.0, None);
    for group in &facts.groups {
        let disagree = match &facts.training.targets {
            Targets::Classes { indices, n_classes } => {
                let mut counts = vec![0_usize; *n_classes];
                for &row in group {
                    counts[indices[row] as usize] += 1;
                }
                let n_wrong = group.len() - counts.iter().max().copied().unwrap_or(0);
                lost += n_wrong as f64;
                n_wrong > 0
            }
            Targets::Values(values) => group.iter().any(|&row| values.row(row) != values.row(group[0])),
        };
        if disagree {
            n_rows_in += group.len();
            example = example.or(Some(group));
        }
    }
    let example = example?;
    let is_number = facts.classes().is_none();
    let share = if is_number { facts.floor / facts.constant_loss.max(1e-300) } else { lost / n_rows as f64 };
    let is_many = share >= MANY_CONTRADICTIONS;
    let severity = match (is_many, facts.gain()) {
        (true, _) => Severity::Warning,
        _ => Severity::Info,
    };
    let finding = Finding::new(
        Code::ContradictoryRows,
        severity,
        format!(
            "{n_rows_in} of {n_rows} training rows have the inputs of another row and a different target: no network can get \
             all of them right"
        ),
        "look at these rows: an input that tells them apart may be missing, or a target is wrong",
    );
    let finding = finding.with("training rows that contradict another", n_rows_in);
    let what = if is_number {
        "share of the target's variance between them"
    } else {
        "share of rows that are wrong at best"
    };
    let finding = finding.with(what, share);
    let finding =
        finding.with("lowest reachable training loss", facts.floor).with("training loss", facts.loss);
    let values = |row: usize| {
        let columns = facts.model.encoder.input_names();
        let shown = columns.iter().zip(facts.training.x.row(row)).take(4);
        shown.map(|(name, value)| format!("{name} {value:.3}")).collect::<Vec<_>>().join(", ")
    };
    Some(finding.with("encoded inputs of two of them", values(example[0])))
}

fn imbalance(facts: &Facts<'_>) -> Option<Finding> {
    let Targets::Classes { indices, n_classes } = &facts.training.targets else { return None };
    // Whoever weighs classes knows.
    if facts.model.story.config.class_weight != ClassWeight::None {
        return None;
    }
    let n_rows = indices.len();
    let mut counts = vec![0_usize; *n_classes];
    for &class in indices {
        counts[class as usize] += 1;
    }
    let (rare, &count) =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).min_by_key(|(_, count)| **count)?;
    let share = count as f64 / n_rows as f64;
    if share >= RARE || share >= 0.5 / *n_classes as f64 || n_rows < 50 {
        return None;
    }
    let predicted = predicted_classes(facts.model.objective, &facts.outputs);
    let found = predicted.iter().zip(indices).filter(|(one, other)| one == other && **other == rare as u32);
    let recall = found.count() as f64 / count as f64;
    let severity = if recall < LOST { Severity::Warning } else { Severity::Info };
    let name = &facts.model.target.class_names()[rare];
    Some(
        Finding::new(
            Code::ClassImbalance,
            severity,
            format!(
                "class `{name}` is {count} of {n_rows} training rows, and {:.0} % of them are found: always saying another \
                 class is nearly as good for the loss, so accuracy says little here",
                100.0 * recall
            ),
            "let every class count alike, and look at balanced accuracy rather than accuracy",
        )
        .with("class", name.as_str())
        .with("share of the training rows", share)
        .with("share of its training rows that are found", recall)
        .fix(Fix::BalancedClasses),
    )
}

fn too_few(facts: &Facts<'_>) -> Option<Finding> {
    let n_rows = facts.model.story.n_training_rows;
    let n_columns = facts.model.encoder.columns().len();
    let held_out = facts.held_out?;
    let is_few = n_rows < FEW && n_rows < FEW_A_COLUMN * n_columns;
    // What it knows of its own rows does not hold for others.
    let gain = facts.held_out_gain()?;
    // With about as many columns as rows, a good figure for the others is chance as well.
    let is_fewest = n_rows < 2 * n_columns;
    (is_few && (is_fewest || facts.gain() - gain > DOES_NOT_CARRY || gain < 0.3)).then(|| {
        Finding::new(
            Code::TooFewRows,
            Severity::Warning,
            format!(
                "{n_rows} training rows of {n_columns} columns are too few to tell what holds in general from what holds for \
                 these rows by chance"
            ),
            "more rows, or fewer columns; a linear model asks for the fewest",
        )
        .with("training rows", n_rows)
        .with("input columns", n_columns)
        .with("training loss", facts.loss)
        .with("validation loss", held_out.loss)
        .fix(Fix::Hidden(Vec::new()))
    })
}
