//! `train --tune`: trials side by side, a thread each, until the time is over; the best model is written when it is found.

use crate::args::TrainArgs;
use crate::failure::{Failure, Result, work};
use crate::progress::say;
use crate::server::{Length, Watched};
use crate::training_files::{Files, write};
use glassnet::error::counted;
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::prepared::Prepared;
use glassnet::trainer::StopReason;
use glassnet::tune::{Rungs, candidate};
use glassnet_draw::digits::{brief, short};
use glassnet_io::{atomic, model_file};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where a search writes, and how long it may take.
pub(crate) struct Search<'a> {
    pub(crate) files: &'a Files,
    pub(crate) table: &'a str,
    pub(crate) start: Instant,
    pub(crate) budget: Duration,
}

/// What the trials came to.
pub(crate) struct Tuning {
    /// A line of tune.jsonl each, in the order in which they ended.
    trials: Vec<Value>,
}

/// Without the end of a trial, a line tells how far the search is.
const SILENCE: Duration = Duration::from_secs(10);

/// When trials end before their last epoch.
#[derive(Default)]
struct End {
    /// After the epoch under way: the time is over, or somebody asked to stop.
    soon: AtomicBool,
    /// In its middle: there is a model to keep, or somebody asked to stop.
    now: Arc<AtomicBool>,
    /// Whether there is a model, or will be once a trial ends.
    has_model: AtomicBool,
}

/// What the threads share.
struct State {
    /// Numbers of the trials that have begun.
    begun: BTreeSet<usize>,
    /// Whether this call has begun a trial.
    has_begun: bool,
    rungs: Rungs,
    trials: Vec<Value>,
    best_loss: f64,
    /// The lowest loss of any epoch, also of a trial under way.
    lowest: f64,
    best: Option<Fitted>,
    last_line: Instant,
    failure: Option<Failure>,
    watched: Option<Watched>,
}

impl Search<'_> {
    /// Tries settings until the time is over or somebody asks to stop.
    pub(crate) fn run(
        &self,
        args: &TrainArgs,
        prepared: &Prepared,
        base: &FitConfig,
        interrupted: &AtomicBool,
    ) -> Result<(Fitted, Tuning)> {
        if prepared.n_validation_rows() == 0 {
            return work(
                "--tune compares models by rows to validate on: give --validation or a --validation-fraction",
            );
        }
        let mut state = self.begin(args, prepared, base)?;
        if !args.quiet {
            let seconds = self.budget.as_secs_f64();
            say(&format!("trying settings for {seconds} s; Ctrl-C stops and keeps the best so far"));
        }
        if args.watch {
            let watched = Watched::start(&args.tables[0], Length::Budget(self.budget))?;
            state.trials.iter().for_each(|trial| watched.trial(trial));
            state.watched = Some(watched);
        }
        let end = End { has_model: AtomicBool::new(state.best_loss.is_finite()), ..End::default() };
        let state = Mutex::new(state);
        // Of a table that streams, every trial would have blocks of its own in memory.
        let n_threads = if prepared.rows_per_block().is_some() { 1 } else { base.threads };
        let each = FitConfig { threads: base.threads / n_threads, ..base.clone() };
        std::thread::scope(|scope| {
            let work = || self.trials(args, prepared, &each, &state, &end);
            let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
            while !workers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                let is_interrupted = interrupted.load(Ordering::Relaxed);
                if is_interrupted || self.start.elapsed() >= self.budget {
                    end.soon.store(true, Ordering::Relaxed);
                    end.now.store(is_interrupted || end.has_model.load(Ordering::Relaxed), Ordering::Relaxed);
                } else if !args.quiet
                    && let Ok(mut state) = state.try_lock()
                    && state.last_line.elapsed() >= SILENCE
                {
                    say(&self.line(&state));
                    state.last_line = Instant::now();
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let State { trials, best, failure, watched, .. } =
            state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(watched) = watched {
            watched.end();
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        let fitted = match best {
            Some(fitted) => fitted,
            // Of an earlier call, and no better one was found.
            None if self.files.model.is_file() && !trials.is_empty() => {
                Fitted { model: model_file::read(&self.files.model)?, held_out: None, lottery: None }
            }
            None if interrupted.load(Ordering::Relaxed) => {
                return work("stopped before the first trial had an epoch: there is no model yet");
            }
            None => {
                return work(
                    "no trial had a finite loss in the time given: allow more, or a lower --learning-rate",
                );
            }
        };
        Ok((fitted, Tuning { trials }))
    }

    /// From nothing, or from the trials of an earlier call.
    fn begin(&self, args: &TrainArgs, prepared: &Prepared, base: &FitConfig) -> Result<State> {
        let path = &self.files.trials;
        let new = State {
            begun: BTreeSet::new(),
            has_begun: false,
            rungs: Rungs::default(),
            trials: Vec::new(),
            best_loss: f64::INFINITY,
            lowest: f64::INFINITY,
            best: None,
            last_line: Instant::now(),
            failure: None,
            watched: None,
        };
        if !args.resume {
            return Ok(new);
        }
        if !path.exists() || !self.files.model.is_file() {
            say(&format!("no trials and model at {}: the search starts from the beginning", path.display()));
            return Ok(new);
        }
        let damaged = |line: usize| -> Failure {
            Failure::Work(format!(
                "{}, line {line}: not a trial of this search; without --resume a new one starts",
                path.display()
            ))
        };
        let text = glassnet_io::source::read(path)?;
        let mut state = new;
        for (number, line) in String::from_utf8_lossy(&text).lines().enumerate() {
            let trial: Value = serde_json::from_str(line).map_err(|_| damaged(number + 1))?;
            let is_ours = trial["base"] == identity(args, prepared, base);
            let (Some(index), Some(rungs), true) =
                (trial["trial"].as_u64(), trial["rungs"].as_array(), is_ours)
            else {
                return Err(damaged(number + 1));
            };
            state.begun.insert(index as usize);
            state.best_loss = trial["loss"].as_f64().unwrap_or(f64::INFINITY).min(state.best_loss);
            for (rung, loss) in rungs.iter().take(3).enumerate() {
                state.rungs.goes_on(rung, loss.as_f64().unwrap_or(f64::INFINITY));
            }
            state.trials.push(trial);
        }
        say(&format!("going on after {}", counted(state.trials.len(), "trial")));
        Ok(state)
    }

    /// How far the search is.
    fn line(&self, state: &State) -> String {
        let (passed, budget) = (self.start.elapsed().as_secs_f64(), self.budget.as_secs_f64());
        let ended = counted(state.trials.len(), "trial");
        let lowest = state.best_loss.min(state.lowest);
        let lowest = if lowest.is_finite() { format!(", lowest loss {lowest:.4}") } else { String::new() };
        format!(
            "{passed:.0} of {budget:.0} s  {ended} ended{lowest}  ETA {:.0} s",
            (budget - passed).max(0.0)
        )
    }

    /// One trial after the other.
    fn trials(
        &self,
        args: &TrainArgs,
        prepared: &Prepared,
        base: &FitConfig,
        state: &Mutex<State>,
        end: &End,
    ) {
        let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let number = {
                let mut state = lock();
                // One trial runs even where there is hardly any time.
                if state.failure.is_some() || end.soon.load(Ordering::Relaxed) && state.has_begun {
                    return;
                }
                state.has_begun = true;
                // The first of which nothing is known: a trial that was left in its first epoch comes again.
                let number = (0..state.begun.len()).find(|number| !state.begun.contains(number));
                let number = number.unwrap_or(state.begun.len());
                state.begun.insert(number);
                number
            };
            if let Err(failure) = self.trial(args, prepared, base, number, state, end) {
                lock().failure = Some(failure);
                return;
            }
        }
    }

    fn trial(
        &self,
        args: &TrainArgs,
        prepared: &Prepared,
        base: &FitConfig,
        number: usize,
        state: &Mutex<State>,
        end: &End,
    ) -> Result<()> {
        let start = Instant::now();
        let config = candidate(base, prepared.task(), number);
        let changes: Vec<String> = config.differences(base).iter().map(ToString::to_string).collect();
        let mut fit = Fit::begin(prepared.clone(), config)?;
        fit.stop_by(&end.now);
        let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut lowest, mut rungs, mut ended) = (f64::INFINITY, Vec::new(), "finished");
        let mut n_epochs = 0;
        while let Some(report) = fit.epoch() {
            n_epochs = report.epoch;
            lowest = lowest.min(report.watched_loss());
            end.has_model.fetch_or(lowest.is_finite(), Ordering::Relaxed);
            let mut state = lock();
            state.lowest = state.lowest.min(lowest);
            if let Some(rung) = Rungs::rung(report.epoch, fit.n_epochs()) {
                rungs.push(lowest);
                if !state.rungs.goes_on(rung, lowest) {
                    ended = "discarded";
                    break;
                }
            }
            if end.soon.load(Ordering::Relaxed) {
                break;
            }
        }
        if end.soon.load(Ordering::Relaxed) && fit.has_epochs_left() && ended == "finished" {
            if n_epochs == 0 {
                return Ok(());
            }
            ended = if self.start.elapsed() < self.budget { "interrupted" } else { "out of time" };
        }
        match fit.stop_reason() {
            Some(StopReason::NonFinite { .. }) => ended = "not finite",
            Some(StopReason::Patience) => ended = "stopped early",
            _ => {}
        }
        let mut state = lock();
        state.last_line = Instant::now();
        let is_best = lowest < state.best_loss;
        if is_best {
            state.best_loss = lowest;
            let fitted = fit.finish()?;
            write(self.files, &fitted, None, self.table, self.start.elapsed().as_secs_f64())?;
            state.best = Some(fitted);
        }
        let seconds = start.elapsed().as_secs_f64();
        if !args.quiet {
            let mark = if is_best { ", the best so far" } else { "" };
            say(&format!(
                "trial {number}: loss {lowest:.4}, {ended} after {}, {seconds:.1} s{mark}",
                counted(n_epochs, "epoch")
            ));
        }
        let trial = json!({
            "trial": number,
            "changes": changes,
            "epochs": n_epochs,
            "ended": ended,
            "rungs": rungs,
            "loss": lowest.is_finite().then_some(lowest),
            "is_best": is_best,
            "seconds": seconds,
            "base": identity(args, prepared, base),
        });
        if let Some(watched) = &state.watched {
            watched.trial(&trial);
        }
        state.trials.push(trial);
        let mut lines = String::new();
        for trial in &state.trials {
            lines += &trial.to_string();
            lines.push('\n');
        }
        Ok(atomic::write(&self.files.trials, lines.as_bytes())?)
    }
}

/// What all trials of a search have in common.
fn identity(args: &TrainArgs, prepared: &Prepared, base: &FitConfig) -> Value {
    let config = serde_json::to_string(&FitConfig { threads: 1, ..base.clone() }).expect("plain data");
    json!({ "table": prepared.table_fingerprint(), "target": args.target, "config": config })
}

impl Tuning {
    fn best(&self) -> Option<&Value> {
        self.trials.iter().rev().find(|trial| trial["is_best"] == true)
    }

    /// Which trial it was, and what is different in it, a setting in a line.
    pub(crate) fn text(&self) -> String {
        let Some(best) = self.best() else { return String::new() };
        let changes = best["changes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let lines: Vec<String> = changes.map(rounded).collect();
        let loss = best["loss"].as_f64().map_or_else(String::new, short);
        let trials = counted(self.trials.len(), "trial");
        let what = if lines.is_empty() { "the recipe as it is" } else { "with" };
        let best = format!("best of {trials}: number {}, loss {loss}, {what}", best["trial"]);
        [best].into_iter().chain(lines).collect::<Vec<_>>().join("\n  ") + "\n"
    }

    pub(crate) fn json(&self, log: &Path) -> Value {
        json!({ "trials": self.trials.len(), "best": self.best(), "log": log.display().to_string() })
    }
}

/// A text whose numbers have at most four significant digits. All of them are in the log of trials and in the model.
fn rounded(text: &str) -> String {
    let word = |word: &str| match word.parse::<f64>() {
        Ok(number) if word.contains('.') => brief(number),
        _ => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_drawn_are_rounded_and_nothing_else() {
        let text = rounded("dropout 0.31239455009721423 (not 0.15)");
        assert_eq!(text, "dropout 0.3124 (not 0.15)");
        let text = rounded("hidden_layer_sizes [512,512] (not [256,256,256])");
        assert_eq!(text, "hidden_layer_sizes [512,512] (not [256,256,256])");
        assert_eq!(rounded("dropout 0.5 (not 0.15)"), "dropout 0.5 (not 0.15)");
        assert_eq!(rounded("epochs 512 (not 256)"), "epochs 512 (not 256)");
    }
}
