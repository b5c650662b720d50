//! Tables with a known shape, each from a seed.

use glassnet::generator::Generator;
use glassnet::table::Table;
use std::fmt::Write;

/// Columns of numbers with names, the last of them `y`; classes are texts.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Made {
    fn of(inputs: Vec<Vec<f64>>, targets: Vec<String>) -> Self {
        let n_inputs = inputs[0].len();
        let names = (1..=n_inputs).map(|i| format!("x{i}")).chain(["y".into()]).collect();
        let row = |(x, y): (Vec<f64>, String)| x.iter().map(ToString::to_string).chain([y]).collect();
        Self { names, rows: inputs.into_iter().zip(targets).map(row).collect() }
    }

    /// Adds a column in front, made from each row's number and cells.
    pub(crate) fn with(mut self, name: &str, mut cell: impl FnMut(usize, &[String]) -> String) -> Self {
        for (i, row) in self.rows.iter_mut().enumerate() {
            let cell = cell(i, row);
            row.insert(0, cell);
        }
        self.names.insert(0, name.into());
        self
    }

    /// Changes the inputs and the target of each row.
    pub(crate) fn map(mut self, mut change: impl FnMut(usize, &mut [String])) -> Self {
        for (i, row) in self.rows.iter_mut().enumerate() {
            change(i, row);
        }
        self
    }

    pub(crate) fn table(&self) -> Table {
        let mut text = self.names.join(",") + "\n";
        for row in &self.rows {
            let _ = writeln!(text, "{}", row.join(","));
        }
        Table::read(text.as_bytes(), "planted.csv", None).expect("a table")
    }
}

fn class(is_first: bool) -> String {
    if is_first { "in".into() } else { "out".into() }
}

/// The four rows of exclusive or.
pub(crate) fn xor4() -> Made {
    let inputs = vec![vec![0.0, 0.0], vec![0.0, 1.0], vec![1.0, 0.0], vec![1.0, 1.0]];
    Made::of(inputs, [false, true, true, false].map(class).to_vec())
}

/// Four clouds at the corners of a square, opposite ones of one class.
pub(crate) fn xor(n: usize, seed: u64) -> Made {
    let mut draw = Generator::new(seed);
    let mut targets = Vec::new();
    let inputs = (0..n)
        .map(|row| {
            let (a, b) = (row % 2 == 0, row / 2 % 2 == 0);
            targets.push(class(a != b));
            [a, b].map(|is_high| if is_high { 1.0 } else { -1.0 } + 0.2 * draw.normal()).to_vec()
        })
        .collect();
    Made::of(inputs, targets)
}

/// A disc inside a ring.
pub(crate) fn rings(n: usize, seed: u64) -> Made {
    let mut draw = Generator::new(seed);
    let mut targets = Vec::new();
    let inputs = (0..n)
        .map(|row| {
            let inner = row % 2 == 0;
            targets.push(class(inner));
            let radius = if inner { 0.7 * draw.uniform() } else { 1.3 + 0.5 * draw.uniform() };
            let angle = std::f64::consts::TAU * draw.uniform();
            vec![radius * angle.cos(), radius * angle.sin()]
        })
        .collect();
    Made::of(inputs, targets)
}

/// Two half moons.
pub(crate) fn moons(n: usize, noise: f64, seed: u64) -> Made {
    let mut draw = Generator::new(seed);
    let mut targets = Vec::new();
    let inputs = (0..n)
        .map(|row| {
            let upper = row % 2 == 0;
            targets.push(class(upper));
            let angle = std::f64::consts::PI * draw.uniform();
            let (x, y) =
                if upper { (angle.cos(), angle.sin()) } else { (1.0 - angle.cos(), 0.5 - angle.sin()) };
            vec![x + noise * draw.normal(), y + noise * draw.normal()]
        })
        .collect();
    Made::of(inputs, targets)
}

/// Clouds of so many classes in so many dimensions, `apart` standard deviations from each other.
pub(crate) fn clouds(n: usize, n_inputs: usize, n_classes: usize, apart: f64, seed: u64) -> Made {
    let mut draw = Generator::new(seed);
    let centres: Vec<Vec<f64>> = (0..n_classes)
        .map(|_| {
            let direction: Vec<f64> = (0..n_inputs).map(|_| draw.normal()).collect();
            let length = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
            direction.iter().map(|d| apart * d / length).collect()
        })
        .collect();
    let inputs =
        (0..n).map(|row| centres[row % n_classes].iter().map(|c| c + draw.normal()).collect()).collect();
    Made::of(inputs, (0..n).map(|row| format!("k{}", row % n_classes)).collect())
}

/// Stripes of alternating class along the first input.
pub(crate) fn stripes(n: usize, n_stripes: usize, seed: u64) -> Made {
    let mut draw = Generator::new(seed);
    let mut targets = Vec::new();
    let inputs = (0..n)
        .map(|row| {
            let stripe = row % n_stripes;
            targets.push(class(stripe.is_multiple_of(2)));
            vec![stripe as f64 + 0.7 * draw.uniform(), 3.0 * draw.uniform()]
        })
        .collect();
    Made::of(inputs, targets)
}

/// Numbers: y = f(x) + noise.
pub(crate) fn numbers(n: usize, n_inputs: usize, noise: f64, seed: u64, f: impl Fn(&[f64]) -> f64) -> Made {
    let mut draw = Generator::new(seed);
    let inputs: Vec<Vec<f64>> =
        (0..n).map(|_| (0..n_inputs).map(|_| 2.0 * draw.uniform() - 1.0).collect()).collect();
    let targets = inputs.iter().map(|x| (f(x) + noise * draw.normal()).to_string()).collect();
    Made::of(inputs, targets)
}

/// A sum of the inputs with weights 1, −2, 3, …
pub(crate) fn weighted(x: &[f64]) -> f64 {
    x.iter().enumerate().map(|(i, x)| if i % 2 == 0 { 1.0 } else { -1.0 } * (i + 1) as f64 * x).sum()
}

/// Every input, whatever the table, into 0 to 1 and above 0.
pub(crate) fn shift_up(row: &mut [String]) {
    let n = row.len() - 1;
    for cell in &mut row[..n] {
        let value = cell.parse::<f64>().unwrap_or(0.0);
        *cell = (0.05 + 0.9 / (1.0 + (-value).exp())).to_string();
    }
}

/// Every so-manyth row gets another class.
pub(crate) fn flip(row: &mut [String], i: usize, every: usize) {
    let n = row.len() - 1;
    if i % every == every - 1 {
        row[n] = match row[n].as_str() {
            "in" => "out".into(),
            "out" => "in".into(),
            "k0" => "k1".into(),
            _ => "k0".into(),
        };
    }
}
