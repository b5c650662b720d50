//! Trains the gallery and compares each first finding with the planted reason: `glassnet-failures [DATA] [--code CODE]`.
//!
//! Rules and thresholds were set on the first 80 trainings of each code; the figures are those of 40 others.

mod tables; // with a known shape
mod cases; // planted failures
mod real; // healthy trainings
mod cost; // of looking

use cases::Case;
use glassnet::diagnose::on_table;
use glassnet::error::Error;
use glassnet::finding::{Code, Finding, Severity};
use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::metrics::{MetricName, Metrics};
use glassnet::model::Story;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::table::Table;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

/// What must be reached on the trainings that set no threshold.
const OVERALL: f64 = 0.95;
const EACH: f64 = 0.85;
const WARNINGS: f64 = 0.05;

/// Trainings whose cost of looking is measured.
const COSTS: [&str; 4] = ["penguins plain 0", "titanic strong 0", "titanic plain 0", "concrete strong 0"];

/// Seeds of the start lottery.
const N_SEEDS: u64 = 1_000;

/// Seconds from which a training is told while the others go on.
const SLOW: u64 = 10;

/// The first finding of a training, by its code's name.
struct Found {
    planted: Option<Code>,
    name: String,
    is_test: bool,
    first: String,
    worst: Option<Severity>,
    all: String,
}

fn main() -> ExitCode {
    let mut data: Option<PathBuf> = None;
    let mut only: Option<String> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--code" {
            only = arguments.next();
        } else {
            data = Some(argument.into());
        }
    }
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let planted: Vec<Case> = cases::all().into_iter().filter(|case| is_wanted(case.code.name())).collect();
    let healthy = match &data {
        Some(folder) if is_wanted("healthy") => real::all(folder),
        _ => Vec::new(),
    };
    // First, while nothing else runs.
    for name in COSTS {
        if let Some(real) = healthy.iter().find(|real| real.name == name) {
            cost::tell(real);
        }
    }
    let mut work: Vec<Box<dyn FnOnce() -> Found + Send>> = Vec::new();
    for case in planted {
        work.push(Box::new(move || of_case(case)));
    }
    for case in healthy {
        work.push(Box::new(move || of_real(case)));
    }
    let found = run(work);
    let mut is_good = true;
    for half in [false, true] {
        let part: Vec<&Found> = found.iter().filter(|found| found.is_test == half).collect();
        println!(
            "\n{}",
            if half { "trainings that set no threshold" } else { "trainings that thresholds were set on" }
        );
        is_good &= tell(&part) || !half;
    }
    is_good &= only.is_some() || lottery();
    for found in found.iter().filter(|found| found.planted.is_none_or(|code| code.name() != found.first)) {
        if found.planted.is_some() || found.worst.is_some_and(|worst| worst != Severity::Info) {
            println!("  {}: {}", found.name, found.all);
        }
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Two hidden units on exclusive or, from a thousand seeds: with the restarts that such a network has by itself, and with one start.
fn lottery() -> bool {
    let table = tables::xor4().table();
    let options = SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() };
    let solves = |seed: u64, restarts: Option<usize>| {
        let base = FitConfig {
            hidden_layer_sizes: vec![2],
            dropout: 0.0,
            validation_fraction: 0.0,
            ..FitConfig::plain()
        };
        let (fitted, _) = train(&table, &options, &FitConfig { seed, restarts, ..base }).expect("a model");
        let evaluated = fitted.model.evaluate(&table).expect("the rows that trained");
        evaluated.evaluation.metrics.get(MetricName::Accuracy).and_then(|accuracy| accuracy.value)
            == Some(1.0)
    };
    let count = |restarts: Option<usize>| (0..N_SEEDS).filter(|&seed| solves(seed, restarts)).count();
    let (all, single) = std::thread::scope(|scope| {
        let other = scope.spawn(|| count(Some(1)));
        (count(None), other.join().expect("single starts"))
    });
    println!(
        "\nexclusive or, 2-2-1: solved for {all} of {N_SEEDS} seeds by default, for {single} from a single start"
    );
    all as u64 == N_SEEDS
}

/// All of it on two threads, in order.
fn run(work: Vec<Box<dyn FnOnce() -> Found + Send>>) -> Vec<Found> {
    let n = work.len();
    let queue = Mutex::new(work.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("the queue").next();
                    let Some((number, job)) = next else { break };
                    let start = std::time::Instant::now();
                    let found = job();
                    if start.elapsed().as_secs() >= SLOW {
                        eprintln!("{}: {:.0} s", found.name, start.elapsed().as_secs_f64());
                    }
                    done.lock().expect("the results").push((number, found));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("the results");
    done.sort_by_key(|(number, _)| *number);
    assert_eq!(done.len(), n, "every training");
    done.into_iter().map(|(_, found)| found).collect()
}

fn train(
    table: &Table,
    options: &SchemaOptions,
    config: &FitConfig,
) -> Result<(glassnet::fit::Fitted, Schema), Error> {
    let schema = Schema::infer(table, options)?;
    let mut fit = Fit::start(table, schema.clone(), config.clone(), None)?;
    while fit.epoch().is_some() {}
    Ok((fit.finish()?, schema))
}

fn of_case(mut case: Case) -> Found {
    let options = SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() };
    if case.is_searched {
        search(&mut case, &options);
    }
    let name = format!("{} {}", case.code.name(), case.number);
    let findings = match train(&case.table, &options, &case.config) {
        Ok((fitted, _)) => match &case.new_rows {
            Some(table) => on_table(&fitted.model, table).unwrap_or_default(),
            None => fitted.model.story.findings,
        },
        Err(Error::NotTrained { code, .. }) => {
            let (first, all) = (code.to_owned(), code.to_owned());
            let is_test = case.is_test;
            return Found {
                planted: Some(case.code),
                name,
                is_test,
                first,
                worst: Some(Severity::Error),
                all,
            };
        }
        Err(error) => panic!("{name}: {error}"),
    };
    found(Some(case.code), name, case.is_test, &findings)
}

/// Looks for a seed with which chance makes the training fail, by training alone: the start that ends worst where others do well,
/// the stop that costs most beside more patience, the network that is worst beside the linear model.
fn search(case: &mut Case, options: &SchemaOptions) {
    let train = |config: FitConfig| {
        let schema = Schema::infer(&case.table, options).expect("a schema");
        let mut fit = Fit::start(&case.table, schema, config, None).expect("a training");
        while fit.epoch().is_some() {}
        fit.finish_undiagnosed().expect("a model").model.story
    };
    let cost = |seed: u64| {
        let config = FitConfig { seed, ..case.config.clone() };
        let story = train(config.clone());
        let losses = |story: &Story| {
            let best = &story.history[story.best_epoch - 1];
            (best.training_loss, best.validation_loss.unwrap_or(best.training_loss))
        };
        match case.code {
            Code::StoppedTooEarly => {
                let mut patient = config;
                patient.train.patience = Some(30);
                losses(&story).1 / losses(&train(patient)).1
            }
            Code::WorseThanBaseline => {
                let evaluation = story.evaluation.expect("validation rows");
                let rmse =
                    |metrics: &Metrics| metrics.get(MetricName::Rmse).and_then(|m| m.value).unwrap_or(1.0);
                rmse(&evaluation.metrics) / rmse(&evaluation.linear)
            }
            _ => losses(&story).0,
        }
    };
    let first = 1_000 * case.number;
    let n_seeds = if case.code == Code::WorseThanBaseline { 10 } else { 30 };
    let all: Vec<f64> = (first..first + n_seeds).map(cost).collect();
    let (low, high) = all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
    let has_failed = match case.code {
        Code::UnluckyStart => high > 3.0 * low + 0.05,
        Code::WorseThanBaseline => high > 1.3,
        _ => high > 1.1,
    };
    assert!(has_failed, "{} {}: no seed fails, {low} to {high}", case.code.name(), case.number);
    // The worst, but beside the linear model any that is clearly worse: a start that is worst of all is unlucky as well.
    let least = if case.code == Code::WorseThanBaseline { 1.3 } else { high };
    let fails = all.iter().position(|value| *value >= least).expect("the worst");
    case.config.seed = first + fails as u64;
}

fn of_real(case: real::Real) -> Found {
    match train(&case.table, &case.options, &case.config) {
        Ok((fitted, _)) => found(None, case.name, case.is_test, &fitted.model.story.findings),
        Err(error) => panic!("{}: {error}", case.name),
    }
}

fn found(planted: Option<Code>, name: String, is_test: bool, findings: &[Finding]) -> Found {
    let names: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} ({:?})", finding.code.name(), finding.severity).to_lowercase())
        .collect();
    Found {
        planted,
        name,
        is_test,
        first: findings.first().map_or("none", |finding| finding.code.name()).into(),
        worst: findings.iter().map(|finding| finding.severity).min(),
        all: names.join(", "),
    }
}

/// The confusion table and the shares. Whether they are good enough.
fn tell(part: &[&Found]) -> bool {
    let mut table: BTreeMap<Code, BTreeMap<&str, usize>> = BTreeMap::new();
    for found in part {
        if let Some(planted) = found.planted {
            *table.entry(planted).or_default().entry(&found.first).or_default() += 1;
        }
    }
    let (mut n_right, mut n_all, mut is_good) = (0, 0, true);
    println!("{:<24} right  first findings", "planted");
    for (code, firsts) in &table {
        let n: usize = firsts.values().sum();
        let right = firsts.get(code.name()).copied().unwrap_or(0);
        let listed: Vec<String> = firsts.iter().map(|(first, n)| format!("{first} {n}")).collect();
        println!("{:<24} {right:>2}/{n:<2}  {}", code.name(), listed.join(", "));
        (n_right, n_all) = (n_right + right, n_all + n);
        is_good &= right as f64 >= EACH * n as f64;
    }
    if n_all > 0 {
        println!("right in all: {n_right} of {n_all}, {:.1} %", 100.0 * n_right as f64 / n_all as f64);
        is_good &= n_right as f64 >= OVERALL * n_all as f64;
    }
    let healthy: Vec<_> = part.iter().filter(|found| found.planted.is_none()).collect();
    if !healthy.is_empty() {
        let count = |severity: Severity| healthy.iter().filter(|found| found.worst == Some(severity)).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        println!("healthy: {} trainings, {errors} with an error, {warnings} with a warning", healthy.len());
        is_good &= errors == 0 && warnings as f64 <= WARNINGS * healthy.len() as f64;
    }
    is_good
}
