//! `glassnet inspect`: a table's columns as understood, or a model's story.

use crate::args::InspectArgs;
use crate::failure::Result;
use crate::output::{self, Shown};
use crate::progress::say;
use crate::terminal::aligned;
use crate::train;
use glassnet::model::Model;
use glassnet::schema::{Column, Role, Schema};
use glassnet_draw::digits::{short, thousands};
use glassnet_io::{atomic, model_file, source};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(args: &InspectArgs) -> Result<()> {
    match &args.paths[..] {
        [path] if model_file::is_model(path)? => model(args, path),
        _ => table(args),
    }
}

fn table(args: &InspectArgs) -> Result<()> {
    let table = source::read_table(&args.text.of(&args.paths))?;
    let schema = Schema::infer(&table, &train::options(&args.columns, &args.target))?;
    for note in schema.notes() {
        say(&note.to_string());
    }
    if let Some(path) = &args.write_schema {
        atomic::write(path, format!("{}\n", schema.to_json()).as_bytes())?;
        say(&format!("columns written to {}: edit them and train with --schema", path.display()));
    }
    if args.json {
        return output::json(&json!({
            "rows": table.n_rows(),
            "columns": table.columns().len(),
            "task": schema.task(),
            "schema": schema,
        }));
    }
    let n_rows = thousands(table.n_rows() as u64);
    let columns = columns_text(&schema);
    output::text(&format!("{}: {n_rows} rows, {} columns\n{columns}", table.name(), table.columns().len()))
}

fn model(args: &InspectArgs, path: &Path) -> Result<()> {
    let model = model_file::read(path)?;
    if args.json {
        return output::json(&json!({
            "task": model.target.task(),
            "target": model.target.name(),
            "targets": model.target.columns(),
            "inputs": model.encoder.input_names(),
            "layers": model.network().layers(),
            "networks": model.networks.len(),
            "parameters": n_params(&model),
            "temperature": model.temperature,
            "objective": model.objective,
            "schema": model.schema,
            "story": model.story,
        }));
    }
    output::text(&story(&model))
}

fn story(model: &Model) -> String {
    let story = &model.story;
    let who = match model.networks.len() {
        1 => "a network".to_owned(),
        n => format!("the mean of {n} networks, together"),
    };
    let mut text = format!(
        "predicts {} `{}` with {who} of {} parameters\n",
        match model.target.numbers().len() {
            0 => "the class",
            1 => "the number",
            _ => "the numbers",
        },
        model.target.columns().join("`, `"),
        thousands(n_params(model) as u64)
    );
    text += &format!(
        "trained by glassnet {} on {} rows, validated on {}, seed {}\n",
        story.version,
        thousands(story.n_training_rows as u64),
        thousands(story.n_validation_rows as u64),
        story.config.seed
    );
    text += &format!("recipe {}{}\n", story.config.recipe, changes(model));
    text += &format!("{}\n", output::best_epoch(story));
    text += &output::temperature(model);
    if story.rows_per_block.is_some() {
        text += &format!("rows were shuffled {}\n", story.shuffled());
    }
    text += &format!("table fingerprint {}\n", story.table_fingerprint);
    if !story.earlier_tables.is_empty() {
        text += &format!("went on from a model of {}\n", story.earlier_tables.join(", then "));
    }
    text += "\nlayers:\n";
    for layer in model.network().layers() {
        text += &format!("  {layer}\n");
    }
    if let Some(evaluation) = &story.evaluation {
        text += &format!(
            "\non the {}, with 95 % intervals:\n",
            output::measured_rows(evaluation, "validation row")
        );
        text += &output::metrics_text(model, evaluation, Shown::Essential);
    }
    text += "\ncolumns:\n";
    text + &columns_text(&model.schema)
}

fn n_params(model: &Model) -> usize {
    model.networks.iter().map(|network| network.params().len()).sum()
}

/// What was chosen against the recipe.
fn changes(model: &Model) -> String {
    let changes = model.story.config.changes(model.target.task());
    let texts: Vec<String> = changes.iter().map(ToString::to_string).collect();
    if texts.is_empty() { String::new() } else { format!(", with {}", texts.join(", ")) }
}

fn columns_text(schema: &Schema) -> String {
    let head = ["column", "kind", "role", "missing", "values"].map(str::to_owned).to_vec();
    let rows = schema.columns.iter().map(|column| {
        let role = match column.role {
            Role::Input => "input",
            Role::Target => "target",
            Role::Weight => "weight",
            Role::Ignored => "left out",
        };
        vec![
            column.name.clone(),
            column.kind.to_string(),
            role.into(),
            column.n_missing.to_string(),
            values(column),
        ]
    });
    aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

/// A column's range, or its most frequent levels.
fn values(column: &Column) -> String {
    const SHOWN: usize = 4;
    if let Some([low, high]) = column.range {
        let unit = column.unit.as_ref().map_or(String::new(), |unit| format!(" {unit}"));
        return format!("{} … {}{unit}", short(low), short(high));
    }
    let mut levels: Vec<_> = column.levels.iter().collect();
    levels.sort_by_key(|level| std::cmp::Reverse(level.count));
    let mut text: Vec<String> =
        levels.iter().take(SHOWN).map(|level| format!("{} {}", level.name, level.count)).collect();
    if levels.len() > SHOWN {
        text.push(format!("{} more", levels.len() - SHOWN));
    }
    text.join(", ")
}
