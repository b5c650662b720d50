//! The `glassnet` command: arguments as typed, a checked job, its run. Glue only.

mod args; // as typed
mod failure; // exit statuses
mod terminal; // aligned text
mod progress; // on standard error
mod output; // on standard output
mod findings; // in words
mod interrupt; // Ctrl-C
mod server; // the page, on this machine
mod rows; // of a training
mod checkpoints; // to go on with later
mod prediction_columns; // of predict, and of folds
mod cross_validation; // of train --folds
mod training_files; // of train
mod tune; // of train --tune
mod summary; // of train
mod train;
mod predict;
mod evaluate;
mod parts; // of what is explained
mod explained_rows; // several rows' numbers side by side
mod explained; // a trace in words and numbers
mod importance; // of columns
mod explain;
mod diagnose;
mod inspect;
mod plot;
mod export;
mod serve;
mod lesson;
mod playground;

use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Train(args) => train::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Diagnose(args) => diagnose::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Lesson(args) => lesson::run(&args),
        Command::Playground(args) => playground::run(&args),
        Command::Completions { shell } => completions(shell),
    };
    result.map_or_else(failure::Failure::report, |()| ExitCode::SUCCESS)
}

fn completions(shell: clap_complete::Shell) -> failure::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "glassnet", &mut script);
    output::text(&String::from_utf8_lossy(&script))
}
