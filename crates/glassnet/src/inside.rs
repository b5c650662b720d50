//! What a model's network does inside, for figures.

use crate::error::{Result, UnknownName};
use crate::layer::Layer;
use crate::matrix::Matrix;
use crate::model::Model;
use crate::network::{Cache, Mode};
use crate::schema::Kind;
use crate::table::Table;

impl Model {
    /// The place of one of the model's targets.
    ///
    /// # Errors
    /// Where it has none of that name.
    pub fn target_position(&self, name: &str) -> std::result::Result<usize, UnknownName> {
        let targets = self.target.columns();
        let position = targets.iter().position(|target| *target == name);
        position.ok_or_else(|| UnknownName::new(name, targets))
    }

    /// Where a table has a column of numbers that the model reads.
    ///
    /// # Errors
    /// Where the model has none of that name, or the table.
    pub fn number_position(&self, table: &Table, name: &str) -> std::result::Result<usize, UnknownName> {
        let numbers = self.schema.inputs().filter(|column| column.kind == Kind::Number);
        let numbers: Vec<&str> = numbers.map(|column| column.name.as_str()).collect();
        if !numbers.contains(&name) {
            return Err(UnknownName::new(name, numbers));
        }
        table.position(name)
    }

    /// What each hidden layer gives for some rows, without dropout. Shapes (`n_rows`, `n_units`).
    ///
    /// # Errors
    /// When a column is missing or a cell cannot be read.
    pub fn activations(&self, table: &Table, rows: &[usize]) -> Result<Vec<Matrix<f32>>> {
        let encoded = self.encoder.encode::<f32>(&*self.schema.with_numbers(table)?, rows)?;
        let mut cache = Cache::default();
        self.network().forward(encoded.x.view(), Mode::Evaluation, &mut cache);
        let mut hidden = self.activated_layers();
        hidden.pop();
        let matrix = |layer: usize| {
            let a = cache.a(layer);
            Matrix::from_values(a.n_rows(), a.n_columns(), a.values().to_vec())
        };
        Ok(hidden.into_iter().map(matrix).collect())
    }

    /// Of each dense layer the one whose numbers its units give: itself, or the blend behind it.
    fn activated_layers(&self) -> Vec<usize> {
        let layers = self.network().layers();
        let dense = (0..layers.len()).filter(|&layer| matches!(layers[layer], Layer::Dense { .. }));
        let is_blend = |layer: usize| matches!(layers.get(layer), Some(Layer::Blend { .. }));
        dense.map(|layer| if is_blend(layer + 1) { layer + 1 } else { layer }).collect()
    }

    /// What the numbers are called that go into the first dense layer: the encoder's inputs, `age ~1` … for the waves of
    /// one, `city #1` … for the numbers of a level.
    pub fn dense_input_names(&self) -> Vec<String> {
        let mut names = self.encoder.input_names();
        let numbered = |name: &str, mark: char, n: usize| -> Vec<String> {
            (1..=n).map(|k| format!("{name} {mark}{k}")).collect()
        };
        for layer in self.network().layers() {
            match *layer {
                Layer::Periodic { n_numbers, n_outputs, .. } => {
                    let of_number =
                        |name: &String| [numbered(name, '~', n_outputs), vec![name.clone()]].concat();
                    let mut all: Vec<String> = names[..n_numbers].iter().flat_map(of_number).collect();
                    all.extend_from_slice(&names[n_numbers..]);
                    names = all;
                }
                Layer::Lookup { column, n_units, .. } => {
                    let in_place = numbered(&names[column], '#', n_units);
                    names.splice(column..=column, in_place);
                }
                Layer::Scale { .. } | Layer::Noise { .. } => {}
                Layer::Dense { .. } | Layer::Dropout { .. } | Layer::Blend { .. } => break,
            }
        }
        names
    }
}
