//! Why a training failed or could be better: findings with a cause, evidence and a remedy.
//!
//! Every finding rests on numbers of this training: what the layers were like ([`crate::watch`]), how the losses went, what the
//! model does with its rows, what the columns hold. Where a training of the same kind with one thing changed tells more than a
//! rule does, and is cheap, it is done: then the remedy was tried.

mod columns;
mod course;
mod generality;
mod learning;
mod probes;
mod rows;
mod units;

use crate::dataset::{ClassWeights, Dataset};
use crate::encode_note::EncodeNote;
use crate::error::Result;
use crate::facts::Facts;
use crate::finding::{Code, Finding, Severity, sort};
use crate::fit_config::FitConfig;
use crate::model::Model;
use crate::prepared::{Prepared, encoded, fingerprint};
use crate::schema::{Column, Kind, Role, Schema};
use crate::table::Table;

/// How the same training went with other settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// The lowest watched loss.
    pub watched_loss: f64,
    /// The training loss of that epoch.
    pub training_loss: f64,
}

/// Trains on the same rows with other settings; `None` where that did not work.
pub(crate) type Train<'a> = &'a dyn Fn(FitConfig) -> Option<Probe>;

/// All findings on a model and the rows that it was trained with, the most important first.
pub(crate) fn diagnose(
    model: &Model,
    training: &Dataset<f32>,
    validation: Option<&Dataset<f32>>,
    train: Option<Train<'_>>,
) -> Result<Vec<Finding>> {
    let facts = Facts::new(model, training, validation)?;
    let mut findings = columns::findings(&facts);
    findings.extend(rows::findings(&facts));
    let course = course::findings(&facts);
    // Steps that are too large also silence units and drive them far out.
    let is_jumping = course.iter().any(|finding| finding.code == Code::OscillatingLoss);
    findings.extend(course);
    findings.extend(units::findings(&facts, is_jumping)?);
    findings.extend(learning::findings(&facts)?);
    findings.extend(generality::findings(&facts));
    // What is known to be broken needs no trial.
    if let Some(train) = train {
        let causes: Vec<Code> =
            findings.iter().filter(|finding| is_cause(finding)).map(|finding| finding.code).collect();
        if causes.is_empty() {
            findings.extend(probes::findings(&facts, train));
        } else if causes.iter().all(|code| *code == Code::StillImproving)
            && let Some(underfit) = probes::underfit(&facts, train)
        {
            // In as many epochs: it is not they that were too few.
            findings.retain(|finding| finding.code != Code::StillImproving);
            findings.push(underfit);
        }
    }
    settle(&mut findings);
    Ok(findings)
}

/// Findings on a model with a table: with the one that trained it all that can be seen in its rows; with another one what was found
/// in training, what its cells are like beside those, and how the model does on its rows.
///
/// # Errors
/// When a column is missing or a cell cannot be read.
pub fn on_table(model: &Model, table: &Table) -> Result<Vec<Finding>> {
    let table = &*model.schema.with_numbers(table)?;
    if let Some(prepared) = prepared_again(model, table)? {
        let validation = prepared.validation.as_deref();
        let mut findings = diagnose(model, &*prepared.training.first_block()?, validation, None)?;
        // What was tried once need not be tried again.
        findings.extend(model.story.findings.iter().filter(|finding| is_tried(finding.code)).cloned());
        settle(&mut findings);
        return Ok(findings);
    }
    let mut findings = model.story.findings.clone();
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    findings.extend(out_of_range(&model.schema.out_of_range(table, &rows)));
    if let Ok(rows) = model.target.labelled_rows(table, &model.schema.missing) {
        let rows = by_class(model, encoded(&model.encoder, &model.target, table, &rows)?)?;
        let facts = Facts::new(model, &rows, Some(&rows))?;
        findings.retain(|finding| finding.code != Code::WorseThanBaseline);
        findings.extend(generality::worse(&facts));
    }
    settle(&mut findings);
    Ok(findings)
}

/// Lets rows count by their class as those that trained the model did.
fn by_class(model: &Model, rows: Dataset<f32>) -> Result<Dataset<f32>> {
    let class_weight = &model.story.config.class_weight;
    let names = model.target.class_names();
    // Where none of them would count, all do.
    let weights = rows.targets.class_counts().and_then(|counts| class_weight.weights(names, &counts).ok()?);
    match weights {
        Some(weights) => rows.with_class_weights(&ClassWeights::Given(weights)),
        None => Ok(rows),
    }
}

/// The rows as they were when they trained the model; none where the table is another one.
fn prepared_again(model: &Model, table: &Table) -> Result<Option<Prepared>> {
    if fingerprint(table) != model.story.table_fingerprint {
        return Ok(None);
    }
    let mut config = model.story.config.clone();
    if model.schema.labelled_rows(table)?.len() == model.story.n_training_rows {
        // The rows that validated were another table.
        config.validation_fraction = 0.0;
    }
    Prepared::for_model(model, table, &config, None).map(Some)
}

/// The settings and the columns that a finding's remedy asks for.
pub fn remedied(finding: &Finding, config: &FitConfig, schema: &Schema) -> (FitConfig, Schema) {
    let (mut config, mut schema) = (config.clone(), schema.clone());
    for fix in &finding.remedy.fixes {
        if let Some(dropped) = fix.apply(&mut config) {
            for column in schema.columns.iter_mut().filter(|column| column.name == dropped) {
                column.role = Role::Ignored;
            }
        }
    }
    (config, schema)
}

/// Whether it says why a training is not good, so that nothing needs to be tried out.
fn is_cause(finding: &Finding) -> bool {
    let is_of_course = matches!(
        finding.code,
        Code::OscillatingLoss | Code::StillImproving | Code::LearningRateTooLow | Code::TooFewRows
    );
    is_of_course || finding.severity == Severity::Error && !is_effect(finding.code)
}

/// Whether it rests on further trainings.
fn is_tried(code: Code) -> bool {
    matches!(code, Code::UnluckyStart | Code::TooFewHiddenUnits | Code::Underfit | Code::StoppedTooEarly)
}

/// Whether it says how a training failed rather than why.
fn is_effect(code: Code) -> bool {
    matches!(code, Code::ConstantPrediction | Code::WorseThanBaseline | Code::Overfit)
}

/// Puts them in order; what is only an effect is no more than a warning beside its cause.
fn settle(findings: &mut [Finding]) {
    let is_above_info = |finding: &&Finding| finding.severity != Severity::Info;
    let has_cause = findings.iter().filter(is_above_info).any(|finding| !is_effect(finding.code));
    for finding in findings.iter_mut().filter(|finding| is_effect(finding.code)) {
        if has_cause {
            finding.severity = finding.severity.max(Severity::Warning);
        }
    }
    sort(findings);
}

/// What notes on encoded rows say of cells outside the range of the training rows.
fn out_of_range(notes: &[EncodeNote]) -> Vec<Finding> {
    let of = |note: &EncodeNote| {
        let EncodeNote::OutOfRange { column, n_cells, example, low, high } = note else { return None };
        let message = format!(
            "column `{column}` has values outside {low} to {high}, the range of the table that trained the model: what it says \
             of such rows is a guess"
        );
        let remedy = "check the cells; to trust such rows, train with some of them";
        let finding = Finding::new(Code::OutOfRangeInput, Severity::Warning, message, remedy);
        let finding = finding.with("cells", *n_cells).with("first such value", example.as_str());
        Some(finding.with("lowest in training", *low).with("highest in training", *high))
    };
    notes.iter().filter_map(of).collect()
}

/// Columns that were set aside by the schema, which no encoder knows.
fn of_schema(schema: &Schema) -> Vec<Finding> {
    let of = |column: &Column| {
        let name = &column.name;
        let (code, message, remedy) = match column.kind {
            _ if column.role != Role::Ignored => return None,
            Kind::Text => (
                Code::IdentifierColumn,
                format!(
                    "column `{name}` has another value in nearly every row, like a name: it is left out, because a network would \
                     learn it by heart"
                ),
                "nothing; if it does carry meaning, say --category or --number for it",
            ),
            Kind::Constant | Kind::Empty => (
                Code::ConstantColumn,
                format!("column `{name}` is the same in every row, so it says nothing and is left out"),
                "nothing, or remove it from the table",
            ),
            Kind::Number | Kind::Category | Kind::Boolean => return None,
        };
        Some(Finding::new(code, Severity::Info, message, remedy).with("column", name.as_str()))
    };
    schema.columns.iter().filter_map(of).collect()
}
