//! Which column mattered: for one prediction by integrated gradients, for a model by permutation.
//!
//! Integrated gradients (Sundararajan, Taly and Yan, arXiv 1703.01365): with a function g of the numbers u that go into the network,
//! and a reference r, column j gets Σ over its numbers i of (uᵢ − rᵢ)·∫₀¹ ∂g/∂uᵢ(r + t·(u − r)) dt. All columns together get
//! g(u) − g(r): how much is missing is said. Of a network without hidden layers ∂g/∂uᵢ does not change, and each is exact: wᵢ·(uᵢ −
//! rᵢ). u is what stands behind waves and lookups, so that levels, which have no way between them, are walked through the numbers
//! they become.

use crate::dataset::Targets;
use crate::error::Result;
use crate::generator::Generator;
use crate::layer::Layer;
use crate::matrix::Matrix;
use crate::model::Model;
use crate::network::{Cache, Mode, Network};
use crate::objective::{Objective, TargetsRef};
use crate::standard::Standardization;
use crate::table::Table;
use crate::temperature::scale;

/// Points of the integral's midpoint rule.
pub const N_POINTS: usize = 512;

/// Repetitions below which there is no interval to speak of.
pub const LEAST_REPETITIONS: usize = 5;

/// Why one row is predicted as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// What is explained: `ln p` of a class, or the prediction in the target's own unit.
    pub quantity: String,
    /// g at the reference: all numbers at the middle of the training rows, no level of any category.
    pub at_reference: f64,
    /// g of the row.
    pub at_row: f64,
    /// For each input column its name and its share of the difference.
    pub columns: Vec<(String, f64)>,
}

impl Attribution {
    /// g(u) − g(r) − Σ shares: 0 but for the steps of the integral.
    pub fn missing(&self) -> f64 {
        self.at_row - self.at_reference - self.columns.iter().map(|(_, share)| share).sum::<f64>()
    }
}

/// How much worse a model becomes without one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Importance {
    /// The column.
    pub column: String,
    /// Mean rise of the mean loss when the column's cells are put into a random order.
    pub rise: f64,
    /// Half the width of its 95 % interval over the repetitions.
    pub margin: f64,
}

impl Model {
    /// The prediction from outputs z of the network: of classes at the model's temperature, of z/T. Numbers stay as trained.
    pub fn mapped(&self, z: &Matrix<f64>) -> Matrix<f64> {
        let mut predictions = z.clone();
        if self.temperature != 1.0 {
            scale(&mut predictions, self.temperature);
        }
        self.objective.predict(&mut predictions);
        predictions
    }

    /// The network in `f64`; of an ensemble the first.
    ///
    /// # Errors
    /// Never of a checked model.
    pub fn network_f64(&self) -> Result<Network<f64>> {
        let network = self.network();
        let params = network.params().iter().map(|&param| f64::from(param)).collect();
        Network::from_params(network.layers().to_vec(), params)
    }

    /// Attributes the prediction of one row of a table: of classes ln p of the most probable one, of numbers the
    /// prediction of that target (of quantiles the middle one, of counts ln). Of an ensemble the first network's.
    ///
    /// # Errors
    /// When a column is missing or a cell cannot be read.
    pub fn attribute(&self, table: &Table, row: usize, target: usize) -> Result<Attribution> {
        let table = &*self.schema.with_numbers(table)?;
        let x = self.encoder.encode::<f64>(table, &[row])?.x;
        let network = self.network_f64()?;
        let n_front = network.layers().iter().take_while(|layer| is_front(**layer)).count();
        let mut cache = Cache::default();
        let mut behind_front = |x: &Matrix<f64>| {
            network.forward(x.view(), Mode::Evaluation, &mut cache);
            match n_front {
                0 => x.values().to_vec(),
                n => cache.a(n - 1).values().to_vec(),
            }
        };
        let u = behind_front(&x);
        let r = behind_front(&Matrix::zeros(1, x.n_columns()));
        let n_front_params = network.layers()[..n_front].iter().map(|layer| layer.n_params()).sum::<usize>();
        let layers = network.layers()[n_front..].to_vec();
        let mut rest = Network::from_params(layers, network.params()[n_front_params..].to_vec())?;
        // The last layer gives z; the model's classes are those of z/T.
        let n_last = rest.layers().last().map_or(0, |layer| layer.n_params());
        let first = rest.params().len() - n_last;
        rest.params_mut()[first..].iter_mut().for_each(|param| *param /= self.temperature);
        let quantity = Quantity::of(self, target, &rest, &u);
        let gradient = mean_gradient(&rest, self.objective, quantity, &u, &r);
        let columns = self.encoder.columns();
        let mut shares = vec![0.0; columns.len()];
        for (i, column) in self.owners(n_front).into_iter().enumerate() {
            shares[column] += quantity.unit * (u[i] - r[i]) * gradient[i];
        }
        let value = |u: &[f64]| quantity.value(self.objective, &rest, u);
        let names = columns.iter().map(|column| column.name.clone());
        Ok(Attribution {
            quantity: self.quantity_name(quantity),
            at_reference: value(&r),
            at_row: value(&u),
            columns: names.zip(shares).collect(),
        })
    }

    fn quantity_name(&self, quantity: Quantity) -> String {
        match self.objective {
            Objective::CrossEntropy | Objective::BinaryCrossEntropy => {
                format!("ln p({})", self.target.class_names()[quantity.class[0] as usize])
            }
            Objective::Poisson => format!("ln {}", self.target.name()),
            Objective::SquaredError => self.target.columns()[quantity.output].to_owned(),
            Objective::Quantile(levels) => {
                format!("{} of {}", levels.names()[quantity.output], self.target.name())
            }
        }
    }

    /// For each number behind the first layers the position of the column that it comes from.
    fn owners(&self, n_front: usize) -> Vec<usize> {
        let mut owners = self.encoder.input_columns();
        for layer in &self.network().layers()[..n_front] {
            match *layer {
                Layer::Periodic { n_numbers, n_outputs, .. } => {
                    let of_numbers = owners[..n_numbers].iter();
                    let mut all: Vec<usize> =
                        of_numbers.flat_map(|&owner| std::iter::repeat_n(owner, n_outputs + 1)).collect();
                    all.extend_from_slice(&owners[n_numbers..]);
                    owners = all;
                }
                Layer::Lookup { column, n_units, .. } => {
                    let owner = owners[column];
                    owners.splice(column..=column, std::iter::repeat_n(owner, n_units));
                }
                _ => {}
            }
        }
        owners
    }

    /// Permutation importance of every input column on the rows of a table that have a target, the greatest first (Breiman,
    /// Machine Learning 45, 2001; Fisher, Rudin and Dominici, arXiv 1801.01489). The loss is that of training, without
    /// weights; the order is drawn anew in each repetition, at least [`LEAST_REPETITIONS`] times.
    ///
    /// # Errors
    /// When a column is missing, a cell cannot be read, or no row has a target.
    ///
    /// # Panics
    /// Of fewer repetitions.
    pub fn importance(&self, table: &Table, n_repetitions: usize, seed: u64) -> Result<Vec<Importance>> {
        assert!(n_repetitions >= LEAST_REPETITIONS, "repetitions");
        let table = &*self.schema.with_numbers(table)?;
        let rows = self.target.labelled_rows(table, &self.schema.missing)?;
        let x = self.encoder.encode::<f32>(table, &rows)?.x;
        let targets = self.target.encode::<f32>(table, &rows, &self.schema.missing)?;
        let targets = match &targets {
            Targets::Classes { indices, .. } => TargetsRef::Classes(indices),
            Targets::Values(values) => TargetsRef::Values(values.view()),
        };
        let loss = |x: &Matrix<f32>| {
            self.objective.loss(self.outputs(x.view()).view(), targets, None) / rows.len().max(1) as f64
        };
        let before = loss(&x);
        let places = self.encoder.input_columns();
        let mut all = Vec::new();
        for (position, column) in self.encoder.columns().iter().enumerate() {
            let mut generator = Generator::stream(seed, position as u64);
            let rises: Vec<f64> = (0..n_repetitions)
                .map(|_| {
                    let order = generator.permutation(rows.len());
                    let mut permuted = x.clone();
                    for (row, &other) in order.iter().enumerate() {
                        for (i, _) in places.iter().enumerate().filter(|(_, place)| **place == position) {
                            permuted.row_mut(row)[i] = x.row(other)[i];
                        }
                    }
                    loss(&permuted) - before
                })
                .collect();
            let n = rises.len() as f64;
            let rise = rises.iter().sum::<f64>() / n;
            let squares: f64 = rises.iter().map(|value| (value - rise).powi(2)).sum();
            let margin = student_95(n - 1.0) * (squares / (n - 1.0) / n).sqrt();
            all.push(Importance { column: column.name.clone(), rise, margin });
        }
        all.sort_by(|one, other| other.rise.total_cmp(&one.rise));
        Ok(all)
    }
}

/// The 0.975 quantile of Student's distribution by the first terms of its expansion around the normal one (Abramowitz and
/// Stegun 26.7.5): within 1 % for 4 degrees of freedom, nearer above.
fn student_95(degrees: f64) -> f64 {
    let z = 1.959_963_985_f64;
    let (z3, z5, z7) = (z.powi(3), z.powi(5), z.powi(7));
    z + (z3 + z) / (4.0 * degrees)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * degrees.powi(2))
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * degrees.powi(3))
}

/// Whether a layer only turns inputs into more numbers.
fn is_front(layer: Layer) -> bool {
    matches!(layer, Layer::Noise { .. } | Layer::Periodic { .. } | Layer::Lookup { .. })
}

/// g: unit·(z of an output) + offset, or ln p of a class.
#[derive(Debug, Clone, Copy)]
struct Quantity {
    output: usize,
    class: [u32; 1],
    unit: f64,
    offset: f64,
}

impl Quantity {
    fn of(model: &Model, target: usize, rest: &Network<f64>, u: &[f64]) -> Self {
        let z = rest.outputs(Matrix::from_values(1, u.len(), u.to_vec()).view());
        let z = z.row(0);
        let largest = (0..z.len()).max_by(|&i, &k| z[i].total_cmp(&z[k])).unwrap_or(0);
        let scale =
            model.target.number(target).map_or(Standardization::NONE, |target| target.standardization);
        let (offset, unit) = (scale.mean, scale.standard_deviation);
        match model.objective {
            Objective::CrossEntropy => {
                Self { output: largest, class: [largest as u32], unit: 1.0, offset: 0.0 }
            }
            Objective::BinaryCrossEntropy => {
                Self { output: 0, class: [u32::from(z[0] > 0.0)], unit: 1.0, offset: 0.0 }
            }
            Objective::SquaredError => Self { output: target, class: [0], unit, offset },
            Objective::Quantile(levels) => Self { output: levels.middle(), class: [0], unit, offset },
            // The scale of counts has no shift: ln of it is one.
            Objective::Poisson => Self { output: 0, class: [0], unit: 1.0, offset: unit.ln() },
        }
    }

    /// ln p, or the number.
    fn value(self, objective: Objective, rest: &Network<f64>, u: &[f64]) -> f64 {
        let z = rest.outputs(Matrix::from_values(1, u.len(), u.to_vec()).view());
        match objective {
            Objective::CrossEntropy | Objective::BinaryCrossEntropy => {
                -objective.loss(z.view(), TargetsRef::Classes(&self.class), None)
            }
            _ => self.unit * z.row(0)[self.output] + self.offset,
        }
    }
}

/// The mean over the way from r to u of ∂g/∂u (of numbers, of ∂z/∂u).
fn mean_gradient(
    rest: &Network<f64>,
    objective: Objective,
    quantity: Quantity,
    u: &[f64],
    r: &[f64],
) -> Vec<f64> {
    // A pass backward ends at the first layer's outputs: a scale by 1 in front makes them u.
    let scale = Layer::Scale { n_units: u.len() };
    let layers = [&[scale], rest.layers()].concat();
    let params = [&vec![1.0; u.len()], rest.params()].concat();
    let network = Network::from_params(layers, params).expect("a network with a scale in front");
    let mut sum = vec![0.0; u.len()];
    let mut cache = Cache::default();
    let mut d_params = vec![0.0; network.params().len()];
    for point in 0..N_POINTS {
        let t = (point as f64 + 0.5) / N_POINTS as f64;
        let at: Vec<f64> = u.iter().zip(r).map(|(u, r)| r + t * (u - r)).collect();
        let x = Matrix::from_values(1, u.len(), at);
        network.forward(x.view(), Mode::Evaluation, &mut cache);
        let (z, d) = cache.outputs_and_gradient();
        match objective {
            Objective::CrossEntropy | Objective::BinaryCrossEntropy => {
                let target = TargetsRef::Classes(&quantity.class);
                objective.loss_and_gradient(z, target, None, -1.0, d);
            }
            _ => {
                d.resize(1, z.n_columns());
                d.values_mut().fill(0.0);
                d.row_mut(0)[quantity.output] = 1.0;
            }
        }
        network.backward(x.view(), &mut cache, &mut d_params);
        for (sum, d) in sum.iter_mut().zip(cache.d_z(0).values()) {
            *sum += d / N_POINTS as f64;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::student_95;

    /// From the tables of Student's distribution.
    #[test]
    fn quantiles_are_students() {
        for (degrees, expected) in [(4.0, 2.776), (9.0, 2.262), (19.0, 2.093), (99.0, 1.984)] {
            assert!(
                (student_95(degrees) / expected - 1.0).abs() < 0.01,
                "{degrees}: {}",
                student_95(degrees)
            );
        }
    }
}
