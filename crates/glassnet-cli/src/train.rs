//! `glassnet train`: a table becomes a model, its history and its report.

use crate::args::{self, ColumnArgs, NetworkArgs, TrainArgs};
use crate::checkpoints::Checkpoints;
use crate::failure::{Failure, Result, work};
use crate::progress::{Losses, Progress, say};
use crate::rows::Rows;
use crate::server::{Length, Watched};
use crate::summary::Summary;
use crate::training_files::{Files, files, write};
use crate::tune::Search;
use crate::{cross_validation, interrupt, output};
use glassnet::cell::MissingMarks;
use glassnet::dates::Dates;
use glassnet::error::counted;
use glassnet::finding::Severity;
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::model::Model;
use glassnet::objective::Objective;
use glassnet::prepared::Prepared;
use glassnet::recipe::Recipe;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::temperature::TemperatureScaling;
use glassnet::train_config::{Precision, TrainConfig};
use glassnet::trainer::StopReason;
use glassnet_draw::digits::thousands;
use glassnet_io::{model_file, source};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What was asked for, checked.
struct Job {
    rows: Rows,
    schema: Schema,
    config: FitConfig,
    /// A model that trains on.
    from: Option<Model>,
    files: Files,
}

pub(crate) fn run(args: &TrainArgs) -> Result<()> {
    let start = Instant::now();
    let job = check(args)?;
    for note in job.schema.notes() {
        say(&note.to_string());
    }
    let interrupted = interrupt::watch(Some("stopping; Ctrl-C again ends without a model"));
    let cross = args
        .folds
        .map(|n| cross_validation::run(args, n, &job.rows, &job.schema, &job.config, &interrupted))
        .transpose()?;
    let (prepared, facts) = match &job.from {
        None => job.rows.prepare(job.schema, &job.config, &job.files.model)?,
        Some(model) => job.rows.prepare_for(model, &job.config)?,
    };
    let (fitted, tuning) = match args.tune {
        None => (train(args, prepared, job.config, &job.files, &interrupted)?, None),
        Some(budget) => {
            let search = Search { files: &job.files, table: &facts.name, start, budget: budget.0 };
            let (fitted, tuning) = search.run(args, &prepared, &job.config, &interrupted)?;
            (fitted, Some(tuning))
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    if tuning.is_none() {
        write(&job.files, &fitted, cross.as_ref(), &facts.name, seconds)?;
        if fitted.model.story.stop_reason != StopReason::Interrupted {
            Checkpoints::beside(&job.files.model).remove();
        }
        note_end(&fitted);
    }
    let (cross, tuning) = (cross.as_ref(), tuning.as_ref());
    let summary = Summary { fitted: &fitted, tuning, cross, facts: &facts, seconds, files: &job.files };
    if args.json {
        output::json(&summary.json())?;
    } else {
        output::text(&summary.text())?;
    }
    let worst = fitted.model.story.findings.first();
    match worst.filter(|finding| args.strict && finding.severity == Severity::Error) {
        Some(finding) => work(format!("--strict: {}: {}", finding.code.name(), finding.message)),
        None => Ok(()),
    }
}

/// One training, with checkpoints.
fn train(
    args: &TrainArgs,
    prepared: Prepared,
    config: FitConfig,
    files: &Files,
    interrupted: &Arc<AtomicBool>,
) -> Result<Fitted> {
    let mut fit = Fit::begin(prepared, config)?;
    fit.stop_by(interrupted);
    if !args.quiet {
        say(&format!(
            "training {} on {} rows, validating on {}; Ctrl-C stops and keeps the best so far",
            network(&fit),
            thousands(fit.n_training_rows() as u64),
            thousands(fit.n_validation_rows() as u64),
        ));
    }
    let mut checkpoints = Checkpoints::beside(&files.model);
    if args.resume {
        checkpoints.resume(&mut fit)?;
    }
    let (n_rows, n_done, rows) = (fit.n_training_rows(), fit.n_epochs_done(), Arc::default());
    let mut progress = Progress::start(args.quiet, "epoch", fit.n_epochs(), n_done);
    fit.count_rows_by(&rows);
    progress.watch(&rows, n_rows * fit.n_networks() * fit.n_starts());
    let mut losses = Losses::start(n_rows, n_done);
    let watched =
        args.watch.then(|| Watched::start(&args.tables[0], Length::Epochs(fit.n_epochs()))).transpose()?;
    while let Some(report) = fit.epoch() {
        progress.epoch(report.epoch, || losses.message(&report));
        if let Some(watched) = &watched {
            watched.epoch(&report);
        }
        checkpoints.after_epoch(&fit)?;
    }
    progress.finish();
    if let Some(watched) = watched {
        watched.end();
    }
    if interrupted.load(Ordering::Relaxed) && fit.has_epochs_left() {
        if fit.n_epochs_done() == 0 {
            return work("stopped in the first epoch: there is no model yet, and nothing was written");
        }
        checkpoints.keep(&fit)?;
    }
    Ok(fit.finish()?)
}

fn check(args: &TrainArgs) -> Result<Job> {
    let read = |path| Ok::<_, Failure>((path, model_file::read(path)?));
    let from = args.start_from.as_deref().map(read).transpose()?;
    let default = |task| match &from {
        Some((_, model)) => model.story.config.clone(),
        None => FitConfig::new(recipe(args), task),
    };
    // Before the table is read, which may take a while: what is wrong with the flags is wrong for either task.
    config(args, default(Task::Classification))?;
    let mut rows = Rows::open(args)?;
    let schema = match (&args.schema, &from) {
        (None, Some((path, model))) => {
            if !args.target.is_empty() && !is_about(&model.schema, &args.target) {
                return work(format!(
                    "{} predicts `{}`, and --target is `{}`: leave it out, or train anew without --start-from",
                    path.display(),
                    model.target.columns().join("`, `"),
                    args.target.join("`, `")
                ));
            }
            model.schema.clone()
        }
        (None, None) => {
            let mut options = options(&args.columns, &args.target);
            // Every objective that can be asked for is one of numbers; counts would else be taken as classes where they are few.
            if objective(&args.network)?.is_some() {
                options.task.get_or_insert(Task::Regression);
            }
            if args.network.recipe == args::Recipe::Seed {
                options.take_numbers(rows.header());
            }
            rows.infer(&options)?
        }
        (Some(path), _) => read_schema(path, &args.target, rows.header())?,
    };
    let config = config(args, default(schema.task().unwrap_or(Task::Classification)))?;
    rows.complete(args, &schema, &config)?;
    // Last, so that a table that cannot be used leaves no folder behind.
    let files = files(args)?;
    Ok(Job { rows, schema, config, from: from.map(|(_, model)| model), files })
}

/// The options of schema inference.
pub(crate) fn options(columns: &ColumnArgs, targets: &[String]) -> SchemaOptions {
    SchemaOptions {
        targets: targets.to_vec(),
        task: columns.task.map(|task| match task {
            args::Task::Classification => Task::Classification,
            args::Task::Regression => Task::Regression,
        }),
        row_weight: columns.row_weight.clone(),
        drop: columns.drop.clone(),
        category: columns.category.clone(),
        number: columns.number.clone(),
        missing: columns.missing.clone().map_or_else(MissingMarks::default, MissingMarks),
        decimal_comma: columns.decimal_comma,
        dates: match columns.dates {
            None => Dates::Refused,
            Some(args::Dates::Auto) => Dates::Numbers,
            Some(args::Dates::DayFirst) => Dates::DayFirst,
            Some(args::Dates::MonthFirst) => Dates::MonthFirst,
        },
    }
}

fn read_schema(path: &Path, targets: &[String], table: &Table) -> Result<Schema> {
    let bytes = source::read(path)?;
    let name = path.display().to_string();
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return work(format!("{name} is not UTF-8 text"));
    };
    let schema = Schema::from_json(text, &name)?;
    schema.check_table(&*schema.with_numbers(table)?)?;
    if is_about(&schema, targets) {
        return Ok(schema);
    }
    let wanted = targets.join("`, `");
    let own: Vec<&str> = schema.targets().map(|column| column.name.as_str()).collect();
    if own.is_empty() {
        return work(format!("{name} has no target: give column `{wanted}` the role \"target\""));
    }
    work(format!(
        "{name} has the target `{}`, and --target is `{wanted}`: give one of them its other role",
        own.join("`, `")
    ))
}

/// Whether a schema's targets are these, in whatever order.
fn is_about(schema: &Schema, targets: &[String]) -> bool {
    let own: HashSet<&str> = schema.targets().map(|column| column.name.as_str()).collect();
    own == targets.iter().map(String::as_str).collect()
}

fn recipe(args: &TrainArgs) -> Recipe {
    match args.network.recipe {
        args::Recipe::Strong => Recipe::Strong,
        args::Recipe::Plain => Recipe::Plain,
        args::Recipe::Seed => Recipe::Seed,
    }
}

/// What was asked for; what was not is as in `default`.
fn config(args: &TrainArgs, default: FitConfig) -> Result<FitConfig> {
    let network: &NetworkArgs = &args.network;
    let train = TrainConfig {
        optimizer: network.optimizer.unwrap_or(default.train.optimizer),
        schedule: network.schedule.unwrap_or(default.train.schedule),
        weight_decay: network.weight_decay.or(default.train.weight_decay),
        l1: network.l1.unwrap_or(default.train.l1),
        l2: network.l2.unwrap_or(default.train.l2),
        gradient_clip_norm: network.gradient_clip_norm.or(default.train.gradient_clip_norm),
        precision: network.precision.map_or(default.train.precision, |precision| match precision {
            args::Precision::F32 => Precision::Full,
            args::Precision::Bf16 => Precision::Bf16,
        }),
        epochs: network.epochs.unwrap_or(default.train.epochs),
        patience: network.patience.or(default.train.patience),
        ..default.train
    };
    let config = FitConfig {
        hidden_layer_sizes: network.hidden_layer_sizes.clone().map_or(default.hidden_layer_sizes, |s| s.0),
        activation: network.activation.unwrap_or(default.activation),
        dropout: network.dropout.unwrap_or(default.dropout),
        input_noise: network.input_noise.or(default.input_noise),
        learning_rate: network.learning_rate.or(default.learning_rate),
        batch_size: network.batch_size.or(default.batch_size),
        validation_fraction: args.validation_fraction.unwrap_or(default.validation_fraction),
        class_weight: network.class_weight.clone().unwrap_or(default.class_weight),
        objective: objective(network)?.or(default.objective),
        ensemble: if args.start_from.is_some() { default.ensemble } else { network.ensemble },
        restarts: network.restarts.or(default.restarts),
        scaling: default.scaling && !network.no_scaling,
        bias: if network.no_bias { Some(false) } else { default.bias },
        temperature_scaling: network.temperature_scaling.map_or(default.temperature_scaling, |which| {
            match which {
                args::TemperatureScaling::None => TemperatureScaling::None,
                args::TemperatureScaling::Soften => TemperatureScaling::Soften,
                args::TemperatureScaling::Full => TemperatureScaling::Full,
            }
        }),
        seed: args.seed.unwrap_or(default.seed),
        threads: args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        train,
        ..default
    };
    let config = args.constants.apply(config).map_err(Failure::Call)?;
    config.check()?;
    config.train_config(1).check()?;
    Ok(config)
}

/// What was asked for. Levels alone ask for quantiles.
fn objective(network: &NetworkArgs) -> Result<Option<Objective>> {
    match (network.objective, network.quantiles) {
        (None, None) => Ok(None),
        (None | Some(args::Objective::Quantile), levels) => {
            Ok(Some(Objective::Quantile(levels.unwrap_or_default())))
        }
        (Some(args::Objective::SquaredError), None) => Ok(Some(Objective::SquaredError)),
        (Some(args::Objective::Poisson), None) => Ok(Some(Objective::Poisson)),
        (Some(_), Some(_)) => Err(Failure::Call("--quantiles needs --objective quantile".into())),
    }
}

/// What a person should know about how it ended.
fn note_end(fitted: &Fitted) {
    let story = &fitted.model.story;
    match story.stop_reason {
        StopReason::NonFinite { epoch } => say(&format!(
            "warning: in epoch {epoch} the loss was no longer a finite number, so training stopped; the model is that of \
             epoch {}, the best before. A smaller --learning-rate or --gradient-clip-norm 1 usually helps",
            story.best_epoch
        )),
        StopReason::Interrupted => say(&format!(
            "stopped after {}; the model is that of the best so far, epoch {}",
            counted(story.history.len(), "epoch"),
            story.best_epoch
        )),
        StopReason::Epochs | StopReason::Patience => {}
    }
}

/// Such as "a network of 12-64-64-3 units".
fn network(fit: &Fit) -> String {
    let sizes: Vec<String> = fit.layer_sizes().iter().map(usize::to_string).collect();
    let sizes = sizes.join("-");
    let networks = match fit.n_networks() {
        1 => format!("a network of {sizes} units"),
        n => format!("{n} networks of {sizes} units each"),
    };
    match fit.n_starts() {
        1 => networks,
        n => format!("{networks} from {n} starts"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnArgs, FitConfig, Task, TrainArgs, config, recipe};
    use crate::args::{Cli, Command};
    use clap::Parser;
    use glassnet::activation::Activation;
    use glassnet::finding::Fix;

    fn typed(flags: &[&str]) -> (FitConfig, ColumnArgs) {
        let words = ["glassnet", "train", "t.csv", "--target", "y"].iter().chain(flags);
        let Command::Train(args) = Cli::try_parse_from(words).expect("flags").command else {
            panic!("train")
        };
        let args: TrainArgs = *args;
        let default = FitConfig::new(recipe(&args), Task::Classification);
        (config(&args, default).expect("settings"), args.columns)
    }

    /// What a remedy says to type makes the change that was tried.
    #[test]
    fn the_flags_of_every_remedy_do_what_it_does() {
        let fixes = [
            Fix::LearningRate(0.0013),
            Fix::Epochs(123),
            Fix::Patience(17),
            Fix::Hidden(vec![32, 8]),
            Fix::Hidden(Vec::new()),
            Fix::Restarts(20),
            Fix::Activation(Activation::Tanh),
            Fix::GradientClipNorm(1.0),
            Fix::BalancedClasses,
            Fix::Unrestrained,
        ];
        for fix in fixes {
            let mut expected = typed(&[]).0;
            assert_eq!(fix.apply(&mut expected), None);
            let flags = fix.to_string();
            assert_eq!(typed(&flags.split(' ').collect::<Vec<_>>()).0, expected, "{flags}");
        }
        // Those that take a flag away.
        for (fix, flags) in
            [(Fix::DefaultStart, &["--initialiser", "zeros"][..]), (Fix::ScaledInputs, &["--no-scaling"])]
        {
            let mut changed = typed(flags).0;
            assert_ne!(changed, typed(&[]).0);
            fix.apply(&mut changed);
            assert_eq!(changed, typed(&[]).0, "{fix}");
            assert_eq!(fix.to_string(), format!("without {}", flags[0]));
        }
        assert_eq!(Fix::Drop("a".into()).to_string(), "--drop a");
        assert_eq!(typed(&["--drop", "a"]).1.drop, ["a"]);
        assert_eq!(Fix::Drop("it's a".into()).to_string(), r"--drop 'it'\''s a'");
    }
}
