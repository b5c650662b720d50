//! Matrices as arrays of NumPy.

use crate::failure::Result;
use glassnet::kernels::Real;
use glassnet::matrix::Matrix;
use numpy::{Element, IntoPyArray, PyArrayMethods};
use pyo3::prelude::*;

/// Shape (`n_rows`, `n_columns`).
pub(crate) fn of_matrix<R: Element + Real>(py: Python<'_>, matrix: &Matrix<R>) -> Result<Py<PyAny>> {
    of_values(py, matrix.values().to_vec(), &[matrix.n_rows(), matrix.n_columns()])
}

/// Of any shape, in row order.
pub(crate) fn of_values<R: Element>(py: Python<'_>, values: Vec<R>, shape: &[usize]) -> Result<Py<PyAny>> {
    Ok(values.into_pyarray(py).reshape(shape.to_vec())?.into_any().unbind())
}
