//! Every number of one step on rows of a table, from the cells as they were read to the parameters after it.

use crate::attribution::Attribution;
use crate::dataset::Targets;
use crate::encoder::EncodeNote;
use crate::error::Result;
use crate::matrix::Matrix;
use crate::model::Model;
use crate::objective::TargetsRef;
use crate::table::Table;
use crate::trace::{GradientCheck, LayerTrace, Trace, check_gradient, trace};
use crate::train_config::TrainConfig;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Parameters that the gradient check moves at most.
const MOST_CHECKED: usize = 2_000;

/// What a network, of an ensemble the first, does with a row, or with the rows of a mini-batch together.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// Whose network it is.
    pub model: &'a Model,
    /// The table, with numbers for its dates.
    pub table: Cow<'a, Table>,
    /// From 0.
    pub rows: Vec<usize>,
    /// What becomes of their cells, a line for each.
    pub inputs: Matrix<f64>,
    /// What is odd about them.
    pub notes: Vec<EncodeNote>,
    /// The passes, and where every row has a target the step.
    pub trace: Trace,
    /// Which column mattered; of a single row, one a target.
    pub attributions: Vec<Attribution>,
    /// Whose step it is.
    pub config: TrainConfig,
    /// How the gradient compares with central differences, where that was asked for and every row has a target.
    pub check: Option<GradientCheck>,
    targets: Option<Targets<f64>>,
}

impl<'a> Explanation<'a> {
    /// Of rows of a table, counted from 0, with the step of some configuration; [`Explanation::own_step`] is the model's own.
    ///
    /// # Errors
    /// When a column is missing, a cell cannot be read, or the step's configuration is outside its domain.
    ///
    /// # Panics
    /// When the table has no such row, or there are none.
    pub fn of(model: &'a Model, table: &'a Table, rows: Vec<usize>, config: TrainConfig) -> Result<Self> {
        let with_dates = model.schema.with_numbers(table)?;
        let network = model.network_f64()?;
        let encoded = model.encoder.encode::<f64>(&with_dates, &rows)?;
        // A row without its target, or a table without that column, still has a forward pass.
        let labelled = model.target.labelled_rows(&with_dates, &model.schema.missing).unwrap_or_default();
        let targets = rows
            .iter()
            .all(|row| labelled.binary_search(row).is_ok())
            .then(|| model.target.encode::<f64>(&with_dates, &rows, &model.schema.missing))
            .transpose()?;
        let view = targets.as_ref().map(targets_ref);
        let trace = trace(&network, model.objective, encoded.x.view(), view, &config)?;
        // What mattered is a matter of one row.
        let n_attributions = if let [_] = rows[..] { model.target.columns().len() } else { 0 };
        let attributions = (0..n_attributions).map(|target| model.attribute(table, rows[0], target));
        let attributions = attributions.collect::<Result<_>>()?;
        let (inputs, notes, table) = (encoded.x, encoded.notes, with_dates);
        Ok(Self { model, table, rows, inputs, notes, trace, attributions, config, check: None, targets })
    }

    /// The configuration that a model was trained with.
    pub fn own_step(model: &Model) -> TrainConfig {
        model.story.config.train_config(model.story.n_training_rows)
    }

    /// Fills [`check`](Self::check), and says whether there is a gradient at all.
    ///
    /// # Errors
    /// None of what was traced.
    pub fn check_gradients(&mut self) -> Result<bool> {
        if let Some(targets) = &self.targets {
            let (network, objective) = (self.model.network_f64()?, self.model.objective);
            let (x, targets) = (self.inputs.view(), targets_ref(targets));
            self.check = Some(check_gradient(&network, objective, x, targets, MOST_CHECKED)?);
        }
        Ok(self.check.is_some())
    }

    /// What stands in a column's cell, of the row at a place among [`rows`](Self::rows).
    pub fn cell(&self, place: usize, column: &str) -> &str {
        let columns = self.table.columns();
        columns.iter().find(|own| own.name() == column).map_or("", |own| own.cell(self.rows[place]))
    }

    /// Everything with all digits. Of a single row vectors, of several a list of vectors, one a row.
    pub fn json(&self) -> Value {
        let Self { model, rows, trace, attributions, config, check, .. } = self;
        let columns_of_inputs = model.encoder.input_columns();
        let n_rows = rows.len();
        let input = |(place, name): (usize, String)| {
            let column = &model.encoder.columns()[columns_of_inputs[place]].name;
            let read: Vec<&str> = (0..n_rows).map(|row| self.cell(row, column)).collect();
            let encoded: Vec<f64> = (0..n_rows).map(|row| self.inputs.row(row)[place]).collect();
            match n_rows {
                1 => json!({ "name": name, "column": column, "as_read": read[0], "encoded": encoded[0] }),
                _ => json!({ "name": name, "column": column, "as_read": read, "encoded": encoded }),
            }
        };
        let inputs = model.encoder.input_names().into_iter().enumerate().map(input);
        let mut json = json!({
            "inputs": inputs.collect::<Vec<_>>(),
            "classes": model.target.class_names(),
            "network": 1,
            "networks": model.networks.len(),
            "temperature": model.temperature,
            "trace": trace.json(),
            "predictions": row_or_rows(&model.mapped(&trace.layers[trace.layers.len() - 1].a)),
            "optimizer": config.optimizer,
            "learning_rate": config.learning_rate,
            "gradient_clip_norm": config.gradient_clip_norm,
            "weight_decay": config.weight_decay.unwrap_or(config.optimizer.default_weight_decay()),
            "l1": config.l1,
            "l2": config.l2,
            "rate_factors": config.rate_factors,
            "weight_unit": config.weight_unit,
            "gradient_check": check.map(|check| json!({
                "parameters": check.n_params,
                "largest_difference": check.largest_difference,
                "largest_gradient": check.largest_gradient,
                "largest_relative_difference": check.largest_relative_difference,
            })),
        });
        if let [row] = rows[..] {
            json["row"] = (row + 1).into();
            json["attributions"] = attributions.iter().map(attribution_json).collect();
        } else {
            json["rows"] = rows.iter().map(|row| row + 1).collect();
        }
        json
    }
}

impl Trace {
    /// Every number with all digits: of a single row vectors, of several a list of vectors, one a row.
    pub fn json(&self) -> Value {
        let row = |matrix: &Option<Matrix<f64>>| matrix.as_ref().map(row_or_rows);
        let layer = |layer: &LayerTrace| {
            let blocks = layer.blocks.iter().map(|block| {
                json!({
                    "name": block.name, "shape": block.shape, "values": block.values,
                    "gradient": block.gradient, "update": block.update, "after": block.after,
                })
            });
            json!({
                "layer": layer.layer, "x": row_or_rows(&layer.x), "z": row(&layer.z), "a": row_or_rows(&layer.a),
                "waves": row(&layer.waves), "slope": row(&layer.slope), "error": row(&layer.error),
                "delta": row(&layer.delta), "parameters": blocks.collect::<Vec<_>>(),
            })
        };
        json!({
            "layers": self.layers.iter().map(layer).collect::<Vec<_>>(),
            "loss": self.loss,
        })
    }
}

fn targets_ref(targets: &Targets<f64>) -> TargetsRef<'_, f64> {
    match targets {
        Targets::Classes { indices, .. } => TargetsRef::Classes(indices),
        Targets::Values(values) => TargetsRef::Values(values.view()),
    }
}

fn attribution_json(attribution: &Attribution) -> Value {
    let columns: Map<String, Value> =
        attribution.columns.iter().map(|(name, share)| (name.clone(), json!(share))).collect();
    json!({
        "method": "integrated gradients",
        "quantity": attribution.quantity,
        "at_reference": attribution.at_reference,
        "at_row": attribution.at_row,
        "columns": columns,
        "missing": attribution.missing(),
    })
}

fn row_or_rows(matrix: &Matrix<f64>) -> Value {
    if matrix.n_rows() == 1 { json!(matrix.row(0)) } else { json!(matrix.to_rows()) }
}
