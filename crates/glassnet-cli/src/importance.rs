//! `glassnet explain` without a row: which columns matter to a model.

use crate::args::ExplainArgs;
use crate::failure::{Failure, Result};
use crate::output;
use crate::progress::say;
use crate::terminal::aligned;
use glassnet::attribution::{Importance, LEAST_REPETITIONS};
use glassnet::error::counted;
use glassnet::model::Model;
use glassnet::table::Table;
use glassnet_draw::digits::short;
use glassnet_draw::model_figures;
use glassnet_draw::page::{Block, Page};
use glassnet_io::atomic;
use serde_json::json;

/// Prints them, and a page where one is asked for.
pub(crate) fn run(args: &ExplainArgs, model: &Model, table: &Table) -> Result<()> {
    if args.repetitions < LEAST_REPETITIONS {
        return Err(Failure::Call(format!("--repetitions: an interval needs {LEAST_REPETITIONS} or more")));
    }
    let all = model.importance(table, args.repetitions, model.story.config.seed)?;
    if let Some(path) = &args.html {
        let page = page(args, model, table, &all);
        atomic::write_together(&[(path.as_path(), page.as_bytes())])?;
        say(&format!("page  {}", path.display()));
    }
    if args.json {
        let one = |one: &Importance| json!({ "column": one.column, "rise": one.rise, "margin": one.margin });
        return output::json(&json!({
            "method": "permutation importance",
            "repetitions": args.repetitions,
            "columns": all.iter().map(one).collect::<Vec<_>>(),
        }));
    }
    let largest = all.first().map_or(0.0, |one| one.rise).max(f64::MIN_POSITIVE);
    let bar = |rise: f64| {
        let length = (30.0 * (rise / largest).clamp(0.0, 1.0)).round() as usize;
        format!("{}{}", "█".repeat(length), " ".repeat(30 - length))
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|one| {
            let interval = format!("[{}, {}]", short(one.rise - one.margin), short(one.rise + one.margin));
            vec![one.column.clone(), short(one.rise), interval, bar(one.rise)]
        })
        .collect();
    output::text(&format!(
        "how much the mean loss ({}) rises when the cells of one column are put into a random order,\n\
         mean of {} with its 95 % interval:\n{}",
        model.objective.name(),
        counted(args.repetitions, "order"),
        aligned(&rows)
    ))
}

fn page(args: &ExplainArgs, model: &Model, table: &Table, all: &[Importance]) -> String {
    let name = model.target.name();
    let caption = format!(
        "How much the mean loss ({}) rises when the cells of one column are put into a random order, mean of {}; whiskers are 95 % \
         intervals. Rows that did not train say more.",
        model.objective.name(),
        counted(args.repetitions, "order")
    );
    let line = |one: &Importance| {
        vec![one.column.clone(), short(one.rise), short(one.rise - one.margin), short(one.rise + one.margin)]
    };
    let blocks = vec![
        Block::Figure { figure: model_figures::importance(all), caption },
        Block::Table {
            caption: String::new(),
            headers: ["column", "rise", "low", "high"].map(str::to_owned).to_vec(),
            rows: all.iter().map(line).collect(),
        },
    ];
    Page {
        title: format!("Which columns matter to {name}"),
        subtitle: format!("on {}, by glassnet {}", table.name(), env!("CARGO_PKG_VERSION")),
        language: "en".into(),
        blocks,
    }
    .html()
}
