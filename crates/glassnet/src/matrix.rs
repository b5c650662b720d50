//! Matrices in row order: a row is a data row, a column is an input, a unit or an output.

use glassnet_kernels::pages::Numbers;
use glassnet_kernels::team::Team;
use glassnet_kernels::{Real, elementwise};

/// A matrix that owns its numbers. Shape (`n_rows`, `n_columns`), row after row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix<R> {
    n_rows: usize,
    n_columns: usize,
    values: Numbers<R>,
}

/// A matrix seen, not owned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatrixRef<'a, R> {
    n_rows: usize,
    n_columns: usize,
    values: &'a [R],
}

impl<R: Real> Matrix<R> {
    /// All zero.
    pub fn zeros(n_rows: usize, n_columns: usize) -> Self {
        Self { n_rows, n_columns, values: Numbers::zeros(n_rows * n_columns) }
    }

    /// From numbers in row order.
    ///
    /// # Panics
    /// When there are not `n_rows` · `n_columns` of them.
    pub fn from_values(n_rows: usize, n_columns: usize, values: Vec<R>) -> Self {
        assert_eq!(values.len(), n_rows * n_columns, "a {n_rows} × {n_columns} matrix");
        Self { n_rows, n_columns, values: values.into() }
    }

    /// From rows of equal length.
    ///
    /// # Panics
    /// When the rows differ in length.
    pub fn from_rows<Row: AsRef<[R]>>(rows: &[Row]) -> Self {
        let n_columns = rows.first().map_or(0, |row| row.as_ref().len());
        assert!(rows.iter().all(|row| row.as_ref().len() == n_columns), "rows of equal length");
        let values: Vec<R> = rows.iter().flat_map(|row| row.as_ref().iter().copied()).collect();
        Self { n_rows: rows.len(), n_columns, values: values.into() }
    }

    /// The matrix as a view.
    pub fn view(&self) -> MatrixRef<'_, R> {
        MatrixRef { n_rows: self.n_rows, n_columns: self.n_columns, values: &self.values }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// One row, to read.
    pub fn row(&self, row: usize) -> &[R] {
        &self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }

    /// One row, to write.
    pub fn row_mut(&mut self, row: usize) -> &mut [R] {
        &mut self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }

    /// All numbers in row order.
    pub fn values(&self) -> &[R] {
        &self.values
    }

    /// All numbers in row order, to write.
    pub fn values_mut(&mut self) -> &mut [R] {
        &mut self.values
    }

    /// Becomes `n_rows` × `n_columns` and keeps its memory; the numbers are then unspecified.
    pub fn resize(&mut self, n_rows: usize, n_columns: usize) {
        self.n_rows = n_rows;
        self.n_columns = n_columns;
        self.values.resize(n_rows * n_columns);
    }

    /// Puts another matrix's rows behind the own ones.
    ///
    /// # Panics
    /// When the columns are not as many.
    pub fn append(&mut self, other: &Self) {
        assert_eq!(self.n_columns, other.n_columns, "rows of one length");
        self.n_rows += other.n_rows;
        self.values.append(&other.values);
    }

    /// Becomes the chosen rows of `source`, in the order of `rows`.
    pub fn gather(&mut self, source: MatrixRef<'_, R>, rows: &[usize]) {
        self.gather_by(&Team::default(), source, rows);
    }

    /// As [`Matrix::gather`], by these threads together.
    pub(crate) fn gather_by(&mut self, team: &Team, source: MatrixRef<'_, R>, rows: &[usize]) {
        self.resize(rows.len(), source.n_columns);
        elementwise::gather(team, source.values, source.n_columns, rows, &mut self.values);
    }

    /// The rows as lists, for printing and files.
    pub fn to_rows(&self) -> Vec<Vec<f64>> {
        self.view().to_rows()
    }
}

impl<'a, R: Real> MatrixRef<'a, R> {
    /// From numbers in row order.
    ///
    /// # Panics
    /// When there are not `n_rows` · `n_columns` of them.
    pub fn new(n_rows: usize, n_columns: usize, values: &'a [R]) -> Self {
        assert_eq!(values.len(), n_rows * n_columns, "a {n_rows} × {n_columns} matrix");
        Self { n_rows, n_columns, values }
    }

    /// Number of rows.
    pub fn n_rows(self) -> usize {
        self.n_rows
    }

    /// Number of columns.
    pub fn n_columns(self) -> usize {
        self.n_columns
    }

    /// One row.
    pub fn row(self, row: usize) -> &'a [R] {
        &self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }

    /// All numbers in row order.
    pub fn values(self) -> &'a [R] {
        self.values
    }

    /// The rows from `start` to before `end`.
    pub fn rows(self, start: usize, end: usize) -> Self {
        Self {
            n_rows: end - start,
            n_columns: self.n_columns,
            values: &self.values[start * self.n_columns..end * self.n_columns],
        }
    }

    /// The rows as lists, for printing and files.
    pub fn to_rows(self) -> Vec<Vec<f64>> {
        (0..self.n_rows).map(|row| self.row(row).iter().map(|value| value.to_f64()).collect()).collect()
    }
}
