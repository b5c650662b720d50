//! A model file that was opened: what is in it, its figures, and what it says of a row.

use crate::numbers;
use crate::reply::Reply;
use crate::tables::{Answer, Refusal, said};
use glassnet::answers;
use glassnet::model::{Model, Prediction};
use glassnet::table::{Table, TextColumn};
use glassnet_draw::{Theme, model_figures};
use glassnet_io::model_file;
use serde_json::{Value, json};

/// A model.
#[derive(Debug)]
pub(crate) struct Opened(Model);

impl Opened {
    /// From the bytes of its file.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, Refusal> {
        model_file::from_bytes(bytes).map(Self).map_err(|message| Refusal::new("model", message))
    }

    /// What is in it.
    pub(crate) fn json(&self, reply: &mut Reply) -> Value {
        let Self(model) = self;
        let network = model.network();
        let params: Vec<f64> = network.params().iter().map(|&param| param.into()).collect();
        let figures = [model_figures::loss(&model.story), model_figures::network(model)];
        let figure = |figure: &glassnet_draw::Figure| json!({ "title": figure.title(), "svg": figure.svg(Theme::Reader) });
        let columns: Vec<Value> = model
            .schema
            .inputs()
            .map(|column| {
                let levels: Vec<&str> = column.levels.iter().map(|level| level.name.as_str()).collect();
                json!({ "name": column.name, "kind": column.kind, "range": column.range, "unit": column.unit, "levels": levels })
            })
            .collect();
        let story = &model.story;
        json!({
            "layers": numbers::layers(network.layers()), "params": reply.numbers(&params), "columns": columns,
            "target": model.target.name(), "targets": model.target.columns(), "classes": model.target.class_names(), "version": story.version,
            "n_training_rows": story.n_training_rows, "n_epochs": story.history.len(), "best_epoch": story.best_epoch,
            "evaluation": story.evaluation, "findings": answers::findings(&story.findings),
            "figures": figures.iter().map(figure).collect::<Vec<_>>(),
        })
    }

    /// What it says of one row of cells.
    pub(crate) fn predict(&self, cells: &[(String, String)], reply: &mut Reply) -> Answer {
        let columns = cells.iter().map(|(name, cell)| {
            let mut column = TextColumn::new(name);
            column.push(cell);
            column
        });
        let predicted = self.0.predict(&Table::from_columns("the row", columns.collect())?)?;
        let numbers: Vec<f64> = match &predicted.prediction {
            Prediction::Probabilities(probabilities) => {
                probabilities.values().iter().map(|&value| value.into()).collect()
            }
            Prediction::Numbers(numbers) | Prediction::Quantiles(numbers) => numbers.values().to_vec(),
        };
        let notes: Vec<Value> = predicted.notes.iter().map(|note| said(note, "encode_note")).collect();
        Ok(json!({ "predictions": reply.numbers(&numbers), "notes": notes }))
    }
}
