//! `glassnet explain`: every number of one row's step, or which columns matter to a model.

use crate::args::ExplainArgs;
use crate::explained::{html, row_numbers, text};
use crate::failure::{Failure, Result, work};
use crate::progress::say;
use crate::{importance, output};
use glassnet::encoder::EncodeNote;
use glassnet::explain::Explanation;
use glassnet::model::Model;
use glassnet::table::Table;
use glassnet::train_config::TrainConfig;
use glassnet_io::{atomic, model_file, source};
use std::ops::RangeInclusive;

pub(crate) fn run(args: &ExplainArgs) -> Result<()> {
    let model = model_file::read(&args.model)?;
    let table = source::read_table(&args.text.of(&args.tables))?;
    match (args.row, &args.rows) {
        (Some(row), _) => explain_rows(args, &model, &table, row..=row),
        (None, Some(rows)) => explain_rows(args, &model, &table, rows.clone()),
        (None, None) => importance::run(args, &model, &table),
    }
}

fn explain_rows(
    args: &ExplainArgs,
    model: &Model,
    table: &Table,
    numbers: RangeInclusive<usize>,
) -> Result<()> {
    let n_rows = table.n_rows();
    if *numbers.start() == 0 || *numbers.end() > n_rows {
        let typed = match args.row {
            Some(row) => format!("--row {row}"),
            None => format!("--rows {}..{}", numbers.start(), numbers.end()),
        };
        return Err(Failure::Call(format!(
            "{typed}: {} has the rows 1 to {n_rows}; its header is not counted",
            table.name()
        )));
    }
    let rows: Vec<usize> = numbers.map(|number| number - 1).collect();
    if model.networks.len() > 1 {
        let n = model.networks.len();
        say(&format!("the first of {n} networks; predict gives the mean of all"));
    }
    let own = Explanation::own_step(model);
    let config = TrainConfig {
        optimizer: args.optimizer.unwrap_or(own.optimizer),
        learning_rate: args.learning_rate.unwrap_or(own.learning_rate),
        ..own
    };
    let mut explained = Explanation::of(model, table, rows, config)?;
    for note in EncodeNote::told(&explained.notes) {
        say(&note);
    }
    if args.check_gradients && !explained.check_gradients()? {
        return work(format!(
            "{} lacks a value of `{}`: there is no gradient",
            row_numbers(&explained.rows),
            model.target.name()
        ));
    }
    if let Some(path) = &args.html {
        atomic::write_together(&[(path.as_path(), html(&explained, args.all).as_bytes())])?;
        say(&format!("page  {}", path.display()));
    }
    if !args.json {
        return output::text(&text(&explained, args.all));
    }
    output::json(&explained.json())
}
