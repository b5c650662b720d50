//! A trained model.

use crate::arrays::{of_matrix, of_values};
use crate::failure::{Result, of_file, of_library, of_value};
use crate::figure::Figure;
use crate::table::{Table, read_json};
use glassnet::attribution::LEAST_REPETITIONS;
use glassnet::encoder::EncodeNote;
use glassnet::explain::Explanation;
use glassnet::fit::Fit;
use glassnet::model::Prediction;
use glassnet::optimizer::OptimizerConfig;
use glassnet::{answers, diagnose};
use glassnet_draw::model_figures;
use glassnet_io::{atomic, c_header, model_file, onnx};
use pyo3::prelude::*;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::path::PathBuf;

/// What training leaves.
#[pyclass(module = "glassnet._glassnet", frozen)]
#[derive(Debug)]
pub(crate) struct Model(pub(crate) glassnet::model::Model);

/// An array, and what a reader should know about the rows.
type Predicted = (Py<PyAny>, Vec<String>);

#[pymethods]
impl Model {
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self> {
        model_file::read(&path).map(Self).map_err(of_file)
    }

    fn write(&self, path: PathBuf) -> Result<()> {
        model_file::write(&path, &self.0).map_err(of_file)
    }

    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        model_file::from_bytes(bytes).map(Self).map_err(|reason| of_value(format!("not a model: {reason}")))
    }

    fn to_bytes(&self) -> Cow<'static, [u8]> {
        model_file::to_bytes(&self.0).into()
    }

    /// Writes it as `onnx` or `c`.
    fn export(&self, path: PathBuf, to: &str) -> Result<()> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let exported = match to {
            "onnx" => onnx::export(&self.0).map_err(of_file)?,
            _ => c_header::export(&self.0, &name),
        };
        atomic::write(&path, &exported.bytes).map_err(of_file)
    }

    /// Everything about it but predictions and parameters, as JSON.
    fn about(&self) -> String {
        let Self(model) = self;
        let story = &model.story;
        let evaluation = story.evaluation.as_ref().map(|told| answers::evaluation(model, told));
        let layers: Vec<Value> = model.network().layers().iter().map(|layer| json!(layer)).collect();
        json!({
            "version": story.version, "task": model.target.task(), "targets": model.target.columns(),
            "classes": model.target.class_names(), "quantiles": model.quantile_levels(),
            "inputs": model.schema.inputs().map(|column| &column.name).collect::<Vec<_>>(),
            "encoded_inputs": model.encoder.input_names(), "schema": model.schema,
            "objective": model.objective, "settings": story.config, "layers": layers,
            "changes": story.config.changes(model.target.task()).iter().map(ToString::to_string).collect::<Vec<_>>(),
            "n_networks": model.networks.len(), "n_parameters": model.network().params().len(),
            "n_training_rows": story.n_training_rows, "n_validation_rows": story.n_validation_rows,
            "history": story.history, "best_epoch": story.best_epoch, "stop_reason": story.stop_reason,
            "evaluation": evaluation, "findings": answers::findings(&story.findings),
        })
        .to_string()
    }

    /// Probabilities of classes as float32, numbers as float64; a row each.
    fn predict(&self, py: Python<'_>, table: &Table) -> Result<Predicted> {
        let predicted = py.detach(|| self.0.predict(&table.0)).map_err(of_library)?;
        let array = match &predicted.prediction {
            Prediction::Probabilities(probabilities) => of_matrix(py, probabilities),
            Prediction::Numbers(numbers) | Prediction::Quantiles(numbers) => of_matrix(py, numbers),
        };
        let mut notes: Vec<String> = EncodeNote::told(&predicted.notes);
        if predicted.n_crossed > 0 {
            notes.push(format!("in {} rows the quantiles crossed, and were sorted", predicted.n_crossed));
        }
        Ok((array?, notes))
    }

    /// Metrics of network and baselines, as JSON, and notes.
    fn evaluate(&self, py: Python<'_>, table: &Table) -> Result<(String, Vec<String>)> {
        let evaluated = py.detach(|| self.0.evaluate(&table.0)).map_err(of_library)?;
        let notes = EncodeNote::told(&evaluated.notes);
        Ok((answers::evaluation(&self.0, &evaluated.evaluation).to_string(), notes))
    }

    /// Every number of one step on rows, from 0, as JSON, and notes. `step`: `{optimizer, learning_rate}`, each null for the
    /// model's own.
    fn explain(
        &self,
        py: Python<'_>,
        table: &Table,
        rows: Vec<usize>,
        step: &str,
        check_gradients: bool,
    ) -> Result<(String, Vec<String>)> {
        let step = read_json(step)?;
        let own = Explanation::own_step(&self.0);
        let optimizer = match step["optimizer"].as_str() {
            None => own.optimizer,
            Some(name) => OptimizerConfig::from_name(name).ok_or_else(|| {
                of_value(format!("optimizer = {name}: there is {}", OptimizerConfig::NAMES.join(", ")))
            })?,
        };
        let learning_rate = step["learning_rate"].as_f64().unwrap_or(own.learning_rate);
        let config = glassnet::train_config::TrainConfig { optimizer, learning_rate, ..own };
        let n_rows = table.0.n_rows();
        if rows.is_empty() || rows.iter().any(|&row| row >= n_rows) {
            return Err(of_value(format!(
                "rows {rows:?}: {} has the rows 0 to {}",
                table.0.name(),
                n_rows.saturating_sub(1)
            )));
        }
        let explained = py.detach(|| {
            let mut explained = Explanation::of(&self.0, &table.0, rows, config)?;
            let is_checked = !check_gradients || explained.check_gradients()?;
            Ok((explained.json(), EncodeNote::told(&explained.notes), is_checked))
        });
        let (json, notes, is_checked) = explained.map_err(of_library)?;
        if !is_checked {
            let target = self.0.target.name();
            return Err(of_value(format!(
                "a row lacks a value of `{target}`: there is no gradient to check"
            )));
        }
        Ok((json.to_string(), notes))
    }

    /// `[(column, rise, margin)]`, the largest rise of the loss first.
    fn importance(
        &self,
        py: Python<'_>,
        table: &Table,
        repetitions: usize,
        seed: u64,
    ) -> Result<Vec<(String, f64, f64)>> {
        if repetitions < LEAST_REPETITIONS {
            return Err(of_value(format!(
                "repetitions = {repetitions}: must be {LEAST_REPETITIONS} or above"
            )));
        }
        let all = py.detach(|| self.0.importance(&table.0, repetitions, seed)).map_err(of_library)?;
        Ok(all.into_iter().map(|one| (one.column, one.rise, one.margin)).collect())
    }

    /// Findings on a table, as JSON.
    fn diagnose(&self, py: Python<'_>, table: &Table) -> Result<String> {
        let findings = py.detach(|| diagnose::on_table(&self.0, &table.0)).map_err(of_library)?;
        Ok(answers::findings(&findings).to_string())
    }

    /// The code of the first finding with a remedy that settings can make, and the model after it; none where there is none.
    fn try_fix(&self, py: Python<'_>, table: &Table) -> Result<Option<(&'static str, Self)>> {
        py.detach(|| {
            let Some((finding, mut fit)) = Fit::with_remedy(&self.0, &table.0)? else { return Ok(None) };
            while fit.epoch().is_some() {}
            Ok(Some((finding.code.name(), Self(fit.finish()?.model))))
        })
        .map_err(of_library)
    }

    /// Every block of parameters of one of the networks: name, and array as float32.
    fn parameters(&self, py: Python<'_>, network: usize) -> Result<Vec<(String, Py<PyAny>)>> {
        let n = self.0.networks.len();
        let Some(network) = self.0.networks.get(network) else {
            return Err(of_value(format!("network = {network}: there are {n}, counted from 0")));
        };
        let block = |block: glassnet::network::Block| {
            let values = network.params()[block.range].to_vec();
            Ok((block.name, of_values(py, values, &block.shape)?))
        };
        network.blocks().into_iter().map(block).collect()
    }

    /// `loss`, `network`; with a table also `activations`, `errors`, and with two columns `boundary`.
    fn figure(
        &self,
        py: Python<'_>,
        what: &str,
        table: Option<&Table>,
        columns: Option<(String, String)>,
        target: Option<&str>,
    ) -> Result<Figure> {
        let Self(model) = self;
        let table = table.map(|table| model.schema.with_numbers(&table.0)).transpose();
        let table = table.map_err(of_library)?;
        let table = table.as_deref().ok_or_else(|| of_value(format!("a figure of {what} needs a table")));
        let target = target.map_or(Ok(0), |name| model.target_position(name)).map_err(of_value)?;
        let figure = match what {
            "loss" => model_figures::loss(&model.story),
            "network" => model_figures::network(model),
            "activations" if model.story.config.hidden_layer_sizes.is_empty() => {
                return Err(of_value("this model has no hidden layer, so there are no activations to draw"));
            }
            "activations" => model_figures::activations(model, table?).map_err(of_library)?,
            "errors" => {
                let table = table?;
                let evaluated = py.detach(|| model.evaluate(table)).map_err(of_library)?;
                model_figures::errors(model, &evaluated, target)
            }
            "boundary" => {
                let table = table?;
                let (x, y) = columns.ok_or_else(|| of_value("a figure of boundary needs two columns"))?;
                let place = |name: &str| model.number_position(table, name).map_err(of_value);
                let places = [place(&x)?, place(&y)?];
                py.detach(|| model_figures::boundary(model, table, places, target)).map_err(of_library)?
            }
            _ => {
                return Err(of_value(format!(
                    "figure {what:?}: there is loss, network, activations, errors, boundary"
                )));
            }
        };
        Ok(Figure(figure))
    }
}
