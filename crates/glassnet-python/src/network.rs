//! A small network in double precision, epoch by epoch, every number of which can be read.

use crate::arrays::{of_matrix, of_values};
use crate::failure::{Result, of_library, of_value};
use crate::model::Model;
use crate::table::Table;
use crate::training::choices;
use glassnet::answers;
use glassnet::dataset::Targets;
use glassnet::fit_config::FitConfig;
use glassnet::matrix::Matrix;
use glassnet::workbench::Workbench;
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use serde_json::json;

/// A network with the rows that train it.
#[pyclass(module = "glassnet._glassnet")]
#[derive(Debug)]
pub(crate) struct Network(Workbench);

#[pymethods]
impl Network {
    /// As of a training; one start, one network, in double precision.
    #[new]
    fn new(table: &Table, columns: &str, schema: Option<&str>, settings: &str) -> Result<Self> {
        let (schema, config) = choices(&table.0, columns, schema, settings)?;
        let config = FitConfig { restarts: config.restarts.or(Some(1)), ..config };
        Workbench::start(&table.0, schema, config).map(Self).map_err(of_library)
    }

    /// What it is, as JSON.
    fn about(&self) -> String {
        let Self(bench) = self;
        let prepared = bench.prepared();
        json!({
            "inputs": prepared.encoder().input_names(), "targets": prepared.target().columns(),
            "classes": prepared.target().class_names(), "objective": bench.objective(),
            "layers": bench.network().layers(), "settings": bench.config(), "n_epochs": bench.n_epochs(),
            "stop_reason": bench.stop_reason(),
        })
        .to_string()
    }

    /// Trains so many epochs, or to the end; a report an epoch, as JSON.
    fn advance(&mut self, py: Python<'_>, n_epochs: usize) -> String {
        let bench = &mut self.0;
        let reports: Vec<_> = py.detach(|| std::iter::from_fn(|| bench.epoch()).take(n_epochs).collect());
        json!(reports).to_string()
    }

    #[getter]
    fn n_epochs(&self) -> usize {
        self.0.n_epochs()
    }

    #[getter]
    fn loss(&self) -> f64 {
        self.0.loss()
    }

    /// Every block: name, and array.
    fn parameters(&self, py: Python<'_>) -> Result<Vec<(String, Py<PyAny>)>> {
        let network = self.0.network();
        let block = |block: glassnet::network::Block| {
            let values = network.params()[block.range].to_vec();
            Ok((block.name, of_values(py, values, &block.shape)?))
        };
        network.blocks().into_iter().map(block).collect()
    }

    /// Goes on with other parameters: those of all blocks, one after the other, in row order.
    fn set_parameters(&mut self, values: Vec<f64>) -> Result<()> {
        self.0.set_params(values).map_err(of_library)
    }

    /// Encoded rows that train and what they should give: classes as indices, numbers as the network is taught them.
    fn rows(&self, py: Python<'_>) -> Result<(Py<PyAny>, Py<PyAny>)> {
        let rows = self.0.training();
        let targets = match &rows.targets {
            Targets::Classes { indices, .. } => of_values(py, indices.clone(), &[indices.len()]),
            Targets::Values(values) => of_matrix(py, values),
        };
        Ok((of_matrix(py, &rows.x)?, targets?))
    }

    /// What it says of encoded inputs: probabilities, or numbers as it is taught them.
    fn forward(&self, py: Python<'_>, x: PyReadonlyArray2<'_, f64>) -> Result<Py<PyAny>> {
        let x = x.as_array();
        let (n_rows, n_columns) = x.dim();
        let n_inputs = self.0.network().n_inputs();
        if n_columns != n_inputs {
            return Err(of_value(format!("x has {n_columns} columns, and the network {n_inputs} inputs")));
        }
        let x = Matrix::from_values(n_rows, n_columns, x.iter().copied().collect());
        let mut outputs = self.0.network().outputs(x.view());
        self.0.objective().predict(&mut outputs);
        of_matrix(py, &outputs)
    }

    /// Every number of one step on rows that train, from 0, as JSON.
    fn trace(&self, rows: Vec<usize>) -> Result<String> {
        self.check_rows(&rows)?;
        Ok(self.0.trace(&rows).map_err(of_library)?.json().to_string())
    }

    /// One update by one row alone, and its numbers before it, as JSON.
    fn step(&mut self, row: usize) -> Result<String> {
        self.check_rows(&[row])?;
        Ok(self.0.step(row).map_err(of_library)?.json().to_string())
    }

    /// What each row alone asks of each parameter.
    fn pulls(&self, py: Python<'_>) -> Result<Py<PyAny>> {
        of_matrix(py, &self.0.pulls())
    }

    /// Goes back to the last parameters that were kept up to an epoch.
    fn back_to(&mut self, epoch: usize) -> Result<()> {
        self.0.back_to(epoch).map_err(of_library)
    }

    /// What is wrong with it as it is, as JSON.
    fn findings(&mut self, py: Python<'_>, tries: bool) -> Result<String> {
        let bench = &mut self.0;
        let findings = py.detach(|| bench.findings(tries)).map_err(of_library)?;
        Ok(answers::findings(&findings).to_string())
    }

    /// As it is, as a model that predicts.
    fn model(&mut self, py: Python<'_>) -> Result<Model> {
        let bench = &mut self.0;
        py.detach(|| bench.model()).map(Model).map_err(of_library)
    }
}

impl Network {
    fn check_rows(&self, rows: &[usize]) -> Result<()> {
        let n_rows = self.0.training().n_rows();
        if rows.is_empty() || rows.iter().any(|&row| row >= n_rows) {
            return Err(of_value(format!(
                "rows {rows:?}: the rows that train are 0 to {}",
                n_rows.saturating_sub(1)
            )));
        }
        Ok(())
    }
}
