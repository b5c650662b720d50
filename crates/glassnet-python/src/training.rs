//! A training, pulled a while at a time.

use crate::failure::{Result, of_library, of_value};
use crate::figure::Figure;
use crate::model::Model;
use crate::table::{Table, read_json, schema_options};
use glassnet::answers;
use glassnet::encoder::EncodeNote;
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::FitConfig;
use glassnet::prepared::Prepared;
use glassnet::recipe::Recipe;
use glassnet::schema::{Schema, Task};
use glassnet::trainer::EpochReport;
use pyo3::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// How often is asked for signals.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(50);

/// A training under way.
#[pyclass(module = "glassnet._glassnet")]
#[derive(Debug)]
pub(crate) struct Training {
    fit: Option<Fit>,
    notes: Vec<String>,
    started: Instant,
    table: String,
}

/// How it ended.
type Finished = (Model, String, Option<Figure>, Option<String>);

#[pymethods]
impl Training {
    /// `columns`: options, or a schema where that is given; `settings`: a recipe and choices by name. All of it JSON. A model to
    /// start from has columns and a recipe of its own.
    #[new]
    fn new(
        py: Python<'_>,
        table: &Table,
        columns: &str,
        schema: Option<&str>,
        settings: &str,
        validation: Option<&Table>,
        start_from: Option<&Model>,
    ) -> Result<Self> {
        let started = Instant::now();
        let (schema, config) = match start_from {
            None => choices(&table.0, columns, schema, settings)?,
            Some(Model(model)) => {
                let Value::Object(mut settings) = read_json(settings)? else { return Err(no_settings()) };
                let config = match recipe(settings.remove("recipe"))? {
                    None => model.story.config.clone(),
                    Some(recipe) => FitConfig::new(recipe, model.target.task()),
                };
                (model.schema.clone(), with_settings(config, settings)?)
            }
        };
        let (fit, notes) = py
            .detach(|| {
                let table = schema.with_numbers(&table.0)?;
                let validation = validation.map(|table| schema.with_numbers(&table.0)).transpose()?;
                match start_from {
                    None => Fit::start(&table, schema.clone(), config, validation.as_deref())
                        .map(|fit| (fit, Vec::new())),
                    Some(Model(model)) => {
                        let rows = Prepared::going_on(model, &table, &config, validation.as_deref())?;
                        let notes = EncodeNote::told(rows.notes());
                        Fit::begin(rows, config).map(|fit| (fit, notes))
                    }
                }
            })
            .map_err(of_library)?;
        Ok(Self { fit: Some(fit), notes, started, table: table.0.name().into() })
    }

    /// What is odd about the rows beside those that trained the model that it starts from.
    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// What will be trained, as JSON.
    fn about(&self) -> Result<String> {
        let fit = self.fit.as_ref().ok_or_else(ended)?;
        Ok(json!({
            "n_training_rows": fit.n_training_rows(), "n_validation_rows": fit.n_validation_rows(),
            "layer_sizes": fit.layer_sizes(), "n_epochs": fit.n_epochs(), "n_networks": fit.n_networks(),
            "n_starts": fit.n_starts(), "n_epochs_done": fit.n_epochs_done(),
        })
        .to_string())
    }

    /// Trains for so many seconds and at least one epoch; a report an epoch, as JSON, none when training has ended. What Python
    /// raises on a signal, such as `KeyboardInterrupt`, leaves an epoch in the middle, which then never began.
    fn advance(&mut self, py: Python<'_>, seconds: f64) -> Result<String> {
        let fit = self.fit.as_mut().ok_or_else(ended)?;
        let stop = Arc::new(AtomicBool::new(false));
        fit.stop_by(&stop);
        let limit = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let (done, mut reports) = sync_channel(1);
        std::thread::scope(|scope| {
            // On a thread of its own, because only Python's main thread hears of signals.
            scope.spawn(move || done.send(epochs(fit, limit)));
            loop {
                let waiting = &mut reports;
                match py.detach(move || waiting.recv_timeout(BETWEEN_SIGNALS)) {
                    Ok(reports) => return Ok(json!(reports).to_string()),
                    // It has panicked, and so does the scope.
                    Err(RecvTimeoutError::Disconnected) => return Err(ended()),
                    Err(RecvTimeoutError::Timeout) => {
                        py.check_signals().inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
                    }
                }
            }
        })
    }

    /// The model, its report as HTML, the figure of its starts and how they ended, where there were several.
    fn finish(&mut self, py: Python<'_>) -> Result<Finished> {
        let fit = self.fit.take().ok_or_else(ended)?;
        let fitted = py.detach(|| fit.finish()).map_err(of_library)?;
        let seconds = self.started.elapsed().as_secs_f64();
        let report = py.detach(|| glassnet_draw::report::html(&fitted, &self.table, seconds));
        let Fitted { model, lottery, .. } = fitted;
        let figure = lottery.as_ref().map(|lottery| Figure(glassnet_draw::findings::starts(lottery)));
        let lottery = lottery.as_ref().map(|lottery| answers::lottery(lottery).to_string());
        Ok((Model(model), report, figure, lottery))
    }
}

fn ended() -> PyErr {
    of_value("this training has been finished; start another one")
}

/// What the columns are, and how to train.
pub(crate) fn choices(
    table: &glassnet::table::Table,
    columns: &str,
    schema: Option<&str>,
    settings: &str,
) -> Result<(Schema, FitConfig)> {
    let Value::Object(mut settings) = read_json(settings)? else {
        return Err(no_settings());
    };
    let recipe = recipe(settings.remove("recipe"))?.unwrap_or(Recipe::Strong);
    let schema = if let Some(schema) = schema {
        Schema::from_json(schema, "the schema")
    } else {
        let mut options = schema_options(&read_json(columns)?)?;
        if recipe == Recipe::Seed {
            options.take_numbers(table);
        }
        Schema::infer(table, &options)
    };
    let schema = schema.map_err(of_library)?;
    let config = FitConfig::new(recipe, schema.task().unwrap_or(Task::Classification));
    Ok((schema, with_settings(config, settings)?))
}

fn recipe(name: Option<Value>) -> Result<Option<Recipe>> {
    match name.as_ref().and_then(Value::as_str) {
        None => Ok(None),
        Some("strong") => Ok(Some(Recipe::Strong)),
        Some("plain") => Ok(Some(Recipe::Plain)),
        Some("seed") => Ok(Some(Recipe::Seed)),
        Some(other) => Err(of_value(format!("recipe = {other:?}: there is strong, plain, seed"))),
    }
}

fn no_settings() -> PyErr {
    of_value("settings are names with values")
}

/// With choices by their names, and all threads unless there is a choice.
fn with_settings(config: FitConfig, mut settings: Map<String, Value>) -> Result<FitConfig> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // None of these is the machine's own.
    settings.retain(|name, value| name != "threads" || !value.is_null());
    let settings = settings.iter().map(|(name, value)| (name.as_str(), value.clone()));
    FitConfig { threads, ..config }.with_settings(settings).map_err(of_library)
}

/// At least one epoch, and more while there is time.
fn epochs(fit: &mut Fit, limit: Duration) -> Vec<EpochReport> {
    let begin = Instant::now();
    let mut reports = Vec::new();
    while let Some(report) = fit.epoch() {
        reports.push(report);
        if begin.elapsed() >= limit {
            break;
        }
    }
    reports
}
