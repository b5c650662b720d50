//! What the page can ask. A question is an object whose `do` says what; what else is in it stands at its function.

use crate::code::{self, Tongue};
use crate::contest::Contest;
use crate::lessons;
use crate::map::{Plane, one_row, sample};
use crate::model::Opened;
use crate::numbers;
use crate::reply::{self, Reply};
use crate::tables::{Answer, Refusal, Understood, missing, understood};
use glassnet::activation::Activation;
use glassnet::answers;
use glassnet::fit_config::FitConfig;
use glassnet::matrix::Matrix;
use glassnet::objective::Objective;
use glassnet::recipe::Recipe;
use glassnet::relation::relation;
use glassnet::schema::Task;
use glassnet::workbench::Workbench;
use glassnet_io::model_file;
use serde_json::{Value, json};

/// Training rows whose numbers a frame shows.
const MOST_SHOWN: usize = 500;

/// Everything that one page has open.
#[derive(Debug, Default)]
pub struct Page {
    table: Option<Understood>,
    bench: Option<Workbench>,
    plane: Option<Plane>,
    contest: Option<Contest>,
    model: Option<Opened>,
    lesson: Option<lessons::Open>,
}

impl Page {
    /// Answers a question; what is wrong comes back as `{"error": {"code", "message", "details"}}`.
    pub fn answer(&mut self, question: &[u8]) -> Vec<u8> {
        let mut reply = Reply::default();
        let answer = match reply::question(question) {
            Some((question, bytes)) => self.of(&question, bytes, &mut reply),
            None => Err(missing("a question")),
        };
        let json = answer.unwrap_or_else(|Refusal { code, message, details }| {
            reply.bytes.clear();
            json!({ "error": { "code": code, "message": message, "details": details } })
        });
        reply.finish(&json)
    }

    fn of(&mut self, question: &Value, bytes: &[u8], reply: &mut Reply) -> Answer {
        match question["do"].as_str().unwrap_or_default() {
            "curve" => curve(question, reply),
            "table" => {
                let table = understood(question)?;
                let json = table.json();
                self.table = Some(table);
                Ok(json)
            }
            "preview" => Ok(understood(question)?.json()),
            "open" => self.open(question, reply),
            "advance" => self.advance(question, reply),
            "frame" => self.frame(question, reply),
            "trace" => {
                let trace = self.bench()?.trace(&self.rows(question)?)?;
                Ok(numbers::trace(&trace, reply))
            }
            "step" => {
                let row = self.rows(question)?[0];
                let trace = self.bench_mut()?.step(row)?;
                Ok(numbers::trace(&trace, reply))
            }
            "set" => self.set(question),
            "back" => {
                let epoch = question["epoch"].as_u64().unwrap_or(0) as usize;
                let bench = self.bench_mut()?;
                bench.back_to(epoch)?;
                Ok(json!({ "epoch": bench.n_epochs() }))
            }
            "pulls" => {
                let pulls = self.bench()?.pulls();
                Ok(json!({ "n_rows": pulls.n_rows(), "pulls": reply.numbers(pulls.values()) }))
            }
            "relations" => self.relations(question),
            "findings" => {
                let tries = question["tries"].as_bool().unwrap_or(false);
                let findings = self.bench_mut()?.findings(tries)?;
                Ok(json!({ "findings": answers::findings(&findings) }))
            }
            "plane" => self.new_plane(question),
            "map" => self.map(reply),
            "ask" => self.ask(question, reply),
            "contest" => self.new_contest(question),
            "contest_advance" => self.contest_advance(question, reply),
            "model" => {
                let mut model = self.bench_mut()?.model()?;
                model.story.findings = self.bench_mut()?.findings(false)?;
                reply.bytes = model_file::to_bytes(&model);
                Ok(json!({}))
            }
            "code" => self.code(question),
            "open_model" => {
                let model = Opened::new(bytes)?;
                let json = model.json(reply);
                self.model = Some(model);
                Ok(json)
            }
            "predict" => {
                let model = self.model.as_ref().ok_or_else(|| missing("a model that is open"))?;
                model.predict(&cells(question), reply)
            }
            "lessons" => Ok(lessons::list(question)),
            "lesson" => {
                self.lesson = Some(lessons::Open::new(question)?);
                self.lesson()?.json(question)
            }
            "lesson_advance" => {
                let lesson = self.lesson.as_mut().ok_or_else(|| missing("a lesson that is open"))?;
                Ok(lesson.advance(question))
            }
            "lesson_words" => self.lesson()?.json(question),
            _ => Err(missing("something that can be asked")),
        }
    }

    fn bench(&self) -> Result<&Workbench, Refusal> {
        self.bench.as_ref().ok_or_else(|| missing("a training that is open"))
    }

    fn bench_mut(&mut self) -> Result<&mut Workbench, Refusal> {
        self.bench.as_mut().ok_or_else(|| missing("a training that is open"))
    }

    fn lesson(&self) -> Result<&lessons::Open, Refusal> {
        self.lesson.as_ref().ok_or_else(|| missing("a lesson that is open"))
    }

    /// `row` or `rows`, training rows from 0.
    fn rows(&self, question: &Value) -> Result<Vec<usize>, Refusal> {
        let n_rows = self.bench()?.training().n_rows();
        let list = match &question["rows"] {
            Value::Array(list) => list.iter().filter_map(Value::as_u64).collect(),
            _ => vec![question["row"].as_u64().unwrap_or(0)],
        };
        let rows: Vec<usize> = list.into_iter().map(|row| row as usize).filter(|row| *row < n_rows).collect();
        if rows.is_empty() { Err(missing("a training row")) } else { Ok(rows) }
    }

    /// `recipe`: `seed` or `plain`. `config`: what is not as in the recipe, see [`FitConfig`]. `params`: what to start from instead of the seed's parameters.
    fn open(&mut self, question: &Value, reply: &mut Reply) -> Answer {
        let config = config(&question["recipe"], &question["config"])?;
        let Understood { table, schema } =
            self.table.as_ref().ok_or_else(|| missing("a table that is open"))?;
        let mut bench = Workbench::start(table, schema.clone(), config)?;
        if let Some(params) = question["params"].as_array() {
            bench.set_params(params.iter().filter_map(Value::as_f64).collect())?;
        }
        (self.plane, self.contest) = (None, None);
        let prepared = bench.prepared();
        let network = bench.network();
        let rows = prepared.rows().cloned().unwrap_or_default();
        let encoder = prepared.encoder();
        let training = bench.training();
        let shown = sample(training, MOST_SHOWN);
        let json = json!({
            "layers": numbers::layers(network.layers()), "blocks": numbers::blocks(network),
            "input_names": encoder.input_names(),
            "input_columns": encoder.input_columns(),
            "columns": encoder.columns(),
            "classes": prepared.target().class_names(), "target": prepared.target().name(),
            "target_encoder": prepared.target(),
            "objective": bench.objective(), "config": bench.config(), "train": bench.config().train_config(training.n_rows()),
            "can_step": bench.can_step(), "batch_size": bench.batch_size(),
            "n_training_rows": training.n_rows(), "n_validation_rows": prepared.n_validation_rows(),
            "training_rows": rows[0].iter().take(MOST_SHOWN).collect::<Vec<_>>(),
            "validation_rows": rows[1].iter().take(MOST_SHOWN).collect::<Vec<_>>(),
            "n_shown": shown.n_rows(), "x": reply.numbers(shown.x.values()),
            "row_classes": bench.classes().map(|classes| classes[..shown.n_rows()].to_vec()),
        });
        self.bench = Some(bench);
        Ok(json)
    }

    /// `epochs`: how many to train. Brings the losses of these.
    fn advance(&mut self, question: &Value, reply: &mut Reply) -> Answer {
        let n_epochs = question["epochs"].as_u64().unwrap_or(1);
        let bench = self.bench_mut()?;
        let from = bench.n_epochs();
        let mut n_done = 0;
        while n_done < n_epochs && bench.epoch().is_some() {
            n_done += 1;
        }
        Ok(history(bench, from, reply))
    }

    /// The network as it is: parameters, and of the rows shown every z, a and prediction. `from`: the first epoch whose losses
    /// are asked for.
    fn frame(&self, question: &Value, reply: &mut Reply) -> Answer {
        let bench = self.bench()?;
        let shown = sample(bench.training(), MOST_SHOWN);
        let trace = bench.passes(&shown);
        let layers: Vec<Value> = trace
            .layers
            .iter()
            .map(|layer| {
                json!({
                    "z": layer.z.as_ref().map(|z| reply.numbers(z.values())), "a": reply.numbers(layer.a.values()),
                })
            })
            .collect();
        // What each row asks of the output's sum, −∂l/∂z of its own loss; the trace is of the mean loss.
        let n_rows = shown.n_rows() as f64;
        let pulls = trace
            .layers
            .last()
            .and_then(|layer| layer.delta.as_ref())
            .map(|delta| delta.values().iter().map(|delta| -delta * n_rows).collect::<Vec<f64>>());
        let from = question["from"].as_u64().unwrap_or(0) as usize;
        let mut json = history(bench, from, reply);
        json["pulls"] = pulls.map(|pulls| reply.numbers(&pulls)).into();
        json["layers"] = layers.into();
        json["params"] = reply.numbers(bench.network().params());
        json["predictions"] = reply.numbers(restored(bench, trace.predictions).values());
        json["loss"] = shown_loss(bench.objective(), bench.loss()).into();
        Ok(json)
    }

    /// `params`: all of them.
    fn set(&mut self, question: &Value) -> Answer {
        let params = question["params"].as_array().ok_or_else(|| missing("parameters"))?;
        let params = params.iter().map(|param| param.as_f64().unwrap_or(f64::NAN)).collect();
        self.bench_mut()?.set_params(params)?;
        Ok(json!({}))
    }

    /// The question that each unit of the layers answers about the classes, see [`relation`]; of up to 64 rows also which are on.
    fn relations(&self, question: &Value) -> Answer {
        let bench = self.bench()?;
        let Some(classes) = bench.classes() else { return Ok(json!({ "relations": [] })) };
        let layer = question["layer"].as_u64().unwrap_or(0) as usize;
        let trace = bench.passes(bench.training());
        let layer = trace.layers.get(layer).ok_or_else(|| missing("a layer"))?;
        let unit = |unit: usize| {
            let outputs: Vec<f64> = (0..layer.a.n_rows()).map(|row| layer.a.row(row)[unit]).collect();
            let found = relation(&outputs, &classes)?;
            let is_on = |row: &usize| outputs[*row] > found.threshold;
            let rows: Vec<usize> = (0..outputs.len()).filter(is_on).take(64).collect();
            Some(json!({
                "class": found.class, "threshold": found.threshold, "is_above": found.is_above, "n_right": found.n_right,
                "n_rows": outputs.len(), "on": rows,
            }))
        };
        Ok(json!({ "relations": (0..layer.a.n_columns()).map(unit).collect::<Vec<_>>() }))
    }

    /// `cells`: pairs of column and text. `axes`: two of `[column, low, high]`. `n`: points along each.
    fn new_plane(&mut self, question: &Value) -> Answer {
        let encoder = self.bench()?.prepared().encoder();
        let axis = |k: usize| -> Result<(&str, [f64; 2]), Refusal> {
            let axis = &question["axes"][k];
            match (axis[0].as_str(), axis[1].as_f64(), axis[2].as_f64()) {
                (Some(name), Some(low), Some(high)) => Ok((name, [low, high])),
                _ => Err(missing("an axis")),
            }
        };
        let n = question["n"].as_u64().unwrap_or(60) as usize;
        self.plane = Some(Plane::new(encoder, &cells(question), [axis(0)?, axis(1)?], n)?);
        Ok(json!({}))
    }

    /// What the network says on the plane.
    fn map(&self, reply: &mut Reply) -> Answer {
        let (bench, plane) = (self.bench()?, self.plane.as_ref().ok_or_else(|| missing("a plane"))?);
        let predictions = restored(bench, plane.predictions(bench.network(), bench.objective()));
        let n_outputs = predictions.n_columns();
        Ok(json!({ "n": plane.n, "n_outputs": n_outputs, "values": reply.numbers(predictions.values()) }))
    }

    /// `cells` of one row: its encoded inputs, what it makes of them layer by layer, and the prediction.
    fn ask(&self, question: &Value, reply: &mut Reply) -> Answer {
        let bench = self.bench()?;
        let x = one_row(bench.prepared().encoder(), &cells(question))?;
        let mut predictions = bench.network().outputs(x.view());
        bench.objective().predict(&mut predictions);
        let predictions = restored(bench, predictions);
        Ok(json!({ "x": reply.numbers(x.values()), "predictions": reply.numbers(predictions.values()) }))
    }

    /// `recipe`. `configs`: what is not as in the recipe, for each. `epochs`: of each.
    fn new_contest(&mut self, question: &Value) -> Answer {
        let configs = question["configs"].as_array().ok_or_else(|| missing("settings"))?;
        let of = |changes| config(&question["recipe"], changes);
        let configs = configs.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let epochs = question["epochs"].as_u64().unwrap_or(1_000).clamp(1, 100_000) as usize;
        self.contest = Some(Contest::new(self.bench()?, &configs, epochs)?);
        Ok(json!({ "n": configs.len() }))
    }

    /// `count`: how many to train to their end.
    fn contest_advance(&mut self, question: &Value, reply: &mut Reply) -> Answer {
        let bench = self.bench.as_ref().ok_or_else(|| missing("a training that is open"))?;
        let contest = self.contest.as_mut().ok_or_else(|| missing("a contest"))?;
        contest.advance(question["count"].as_u64().unwrap_or(1) as usize);
        contest.json(bench, reply)
    }

    /// `to`: `rust`, `numpy` or `c`.
    fn code(&self, question: &Value) -> Answer {
        let bench = self.bench()?;
        let tongue = question["to"].as_str().and_then(Tongue::from_name);
        let tongue = tongue.ok_or_else(|| missing("a language of programs"))?;
        let inputs = bench.prepared().encoder().input_names();
        let text = code::program(tongue, bench.network(), bench.objective(), &inputs);
        let text = text.ok_or_else(|| missing("a network of dense layers"))?;
        Ok(json!({ "text": text }))
    }
}

fn cells(question: &Value) -> Vec<(String, String)> {
    let pairs = question["cells"].as_array().into_iter().flatten();
    let pair = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
    pairs.filter_map(pair).collect()
}

/// Predictions of numbers in the target's own unit.
fn restored(bench: &Workbench, mut predictions: Matrix<f64>) -> Matrix<f64> {
    let target = bench.prepared().target();
    for row in 0..predictions.n_rows() {
        for (output, value) in predictions.row_mut(row).iter_mut().enumerate() {
            *value = target.number(output).map_or(*value, |target| target.predicted(*value));
        }
    }
    predictions
}

/// The squared error is shown as its mean, which is twice the loss that training makes small.
fn shown_loss(objective: Objective, loss: f64) -> f64 {
    if objective == Objective::SquaredError { 2.0 * loss } else { loss }
}

/// Losses from an epoch on, and where the training is.
fn history(bench: &Workbench, from: usize, reply: &mut Reply) -> Value {
    let reports: Vec<_> = bench.history_from(from).collect();
    let shown = |loss: f64| shown_loss(bench.objective(), loss);
    let training: Vec<f64> = reports.iter().map(|report| shown(report.training_loss)).collect();
    let validation: Vec<f64> =
        reports.iter().filter_map(|report| report.validation_loss.map(shown)).collect();
    json!({
        "epoch": bench.n_epochs(), "from": from, "training": reply.numbers(&training),
        "validation": reply.numbers(&validation), "stop_reason": bench.stop_reason(),
        "broken_off": bench.broken_off(), "learning_rate": bench.learning_rate(), "kept": bench.kept_epochs().collect::<Vec<_>>(),
    })
}

/// A recipe's settings with some changes, under the names that they have everywhere; those of `train` one by one.
fn config(recipe: &Value, changes: &Value) -> Result<FitConfig, Refusal> {
    let recipe = match recipe.as_str() {
        Some("seed") => Recipe::Seed,
        _ => Recipe::Plain,
    };
    let unreadable = |error| Refusal::new("setting", format!("the settings cannot be read: {error}"));
    let mut all = serde_json::to_value(FitConfig::new(recipe, Task::Classification)).map_err(unreadable)?;
    for (name, value) in changes.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("train", Value::Object(train)) => {
                train.iter().for_each(|(name, value)| all["train"][name] = value.clone());
            }
            _ => all[name] = value.clone(),
        }
    }
    serde_json::from_value(all).map_err(unreadable)
}

/// `activation` from `low` to `high` at `n` places: z, a and the slopes.
fn curve(question: &Value, reply: &mut Reply) -> Answer {
    let activation = question["activation"].as_str().and_then(Activation::from_name);
    let activation = activation.ok_or_else(|| missing("an activation"))?;
    let (low, high) = (question["low"].as_f64().unwrap_or(-6.0), question["high"].as_f64().unwrap_or(6.0));
    let n = question["n"].as_u64().unwrap_or(49).clamp(2, 10_000) as usize;
    let z: Vec<f64> = (0..n).map(|i| low + (high - low) * i as f64 / (n - 1) as f64).collect();
    let a: Vec<f64> = z.iter().map(|&z| activation.value(z)).collect();
    let slopes: Vec<f64> = z.iter().zip(&a).map(|(&z, &a)| activation.slope(z, a)).collect();
    Ok(json!({ "z": reply.numbers(&z), "a": reply.numbers(&a), "slope": reply.numbers(&slopes) }))
}
