//! What the network says on a plane of two columns, the others as in one row of cells.

use crate::tables::{Refusal, missing};
use glassnet::dataset::{Dataset, Targets};
use glassnet::encoder::Encoder;
use glassnet::error::Error;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::table::{Table, TextColumn};

/// Encoded points of a plane, row after row from the lowest y.
#[derive(Debug)]
pub(crate) struct Plane {
    pub(crate) n: usize,
    pub(crate) x: Matrix<f64>,
}

impl Plane {
    /// n · n points over two numeric columns; `cells` hold one text a column of the encoder.
    pub(crate) fn new(
        encoder: &Encoder,
        cells: &[(String, String)],
        axes: [(&str, [f64; 2]); 2],
        n: usize,
    ) -> Result<Self, Refusal> {
        let n = n.clamp(2, 200);
        let place = |[low, high]: [f64; 2], i: usize| low + (high - low) * i as f64 / (n - 1) as f64;
        // An axis is encoded once; the plane is made of both.
        let axis = |k: usize| -> Result<Matrix<f64>, Refusal> {
            let columns: Vec<TextColumn> = cells
                .iter()
                .map(|(name, cell)| {
                    let mut column = TextColumn::new(name);
                    for i in 0..n {
                        if *name == axes[k].0 {
                            column.push(&place(axes[k].1, i).to_string());
                        } else {
                            column.push(cell);
                        }
                    }
                    column
                })
                .collect();
            let table = Table::from_columns("map", columns)?;
            Ok(encoder.encode::<f64>(&table, &(0..n).collect::<Vec<_>>())?.x)
        };
        let (across, up) = (axis(0)?, axis(1)?);
        let columns = encoder.columns();
        let own = encoder.input_columns();
        let of_axis = |k: usize| columns.iter().position(|column| column.name == axes[k].0);
        let (Some(first), Some(second)) = (of_axis(0), of_axis(1)) else {
            return Err(missing("a column of the map is no input"));
        };
        let mut x = Matrix::zeros(n * n, encoder.n_inputs());
        for i in 0..n {
            for j in 0..n {
                for (input, value) in x.row_mut(i * n + j).iter_mut().enumerate() {
                    let from =
                        if own[input] == second && first != second { up.row(i) } else { across.row(j) };
                    *value = from[input];
                }
            }
        }
        Ok(Self { n, x })
    }

    /// What the objective makes of the network's outputs, one row a point.
    pub(crate) fn predictions(&self, network: &Network<f64>, objective: Objective) -> Matrix<f64> {
        let mut outputs = network.outputs(self.x.view());
        objective.predict(&mut outputs);
        outputs
    }
}

/// One row of cells, encoded, without a target.
pub(crate) fn one_row(encoder: &Encoder, cells: &[(String, String)]) -> Result<Matrix<f64>, Error> {
    let columns = cells.iter().map(|(name, cell)| {
        let mut column = TextColumn::new(name);
        column.push(cell);
        column
    });
    let table = Table::from_columns("the row", columns.collect())?;
    Ok(encoder.encode::<f64>(&table, &[0])?.x)
}

/// Some of a dataset's rows; all of them where there are not more.
pub(crate) fn sample(rows: &Dataset<f64>, most: usize) -> Dataset<f64> {
    let n = rows.n_rows().min(most);
    let first: Vec<usize> = (0..n).collect();
    let mut x = Matrix::default();
    x.gather(rows.x.view(), &first);
    let targets: Targets<f64> = rows.targets.gather(&first);
    Dataset { x, targets, weights: None }
}
