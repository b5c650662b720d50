//! What the workloads train on, and the sizes of their networks.

pub const DIGITS: [usize; 3] = [784, 128, 10];

#[derive(Clone, Copy, PartialEq)]
pub enum Rule {
    Sgd,
    Adam,
    AdamW,
}

/// One epoch of a network of relu layers.
#[derive(Clone, Copy)]
pub struct Training {
    pub sizes: &'static [usize],
    pub n_rows: usize,
    pub batch_size: usize,
    pub rule: Rule,
    pub rate: f64,
}

impl Training {
    pub fn named(name: &str) -> Option<Self> {
        let (sizes, n_rows, batch_size, rule, rate): (&[usize], _, _, _, _) = match name {
            "W3" => (&DIGITS, 60_000, 64, Rule::Sgd, 0.1),
            "W3a" => (&DIGITS, 60_000, 64, Rule::Adam, 0.001),
            "W4" => (&[20, 256, 256, 256, 1], 100_000, 256, Rule::AdamW, 0.001),
            "W5" => (&[1024, 1024, 1024, 10], 8_192, 1_024, Rule::Sgd, 0.1),
            _ => return None,
        };
        Some(Self { sizes, n_rows, batch_size, rule, rate })
    }

    pub fn n_outputs(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }
}

/// The tutorial's rows, targets and starts: of the neuron, (3, 1); of the hidden layer, (3, 4), and of its output, (4, 1).
pub const NEURON_ROWS: [f64; 12] = [0., 0., 1., 1., 1., 1., 1., 0., 1., 0., 1., 1.];
pub const ROWS: [f64; 12] = [0., 0., 1., 0., 1., 1., 1., 0., 1., 1., 1., 1.];
pub const TARGETS: [f64; 4] = [0., 1., 1., 0.];
pub const NEURON: [f64; 3] = [-0.16595599059485195, 0.44064898688431615, -0.9997712503653102];
pub const HIDDEN: [f64; 12] = [
    0.8121726818316208,
    -0.3058782068250377,
    -0.26408587613172785,
    -0.5364843110780853,
    0.43270381466233926,
    -1.1507693484401413,
    0.87240588210824,
    -0.3806034504475514,
    0.15951954802854929,
    -0.12468518773870504,
    0.731053968522487,
    -1.030070354748827,
];
pub const OUTPUT: [f64; 4] =
    [-0.3224172040135075, -0.38405435466841564, 1.1337694423354374, -1.0998912673140309];

/// splitmix64; its numbers are not glassnet's, their spread is.
pub struct Generator(pub u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From −½ to ½.
    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }

    pub fn numbers(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.uniform() as f32).collect()
    }

    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            order.swap(i, (self.next() % (i as u64 + 1)) as usize);
        }
        order
    }

    /// Weights (n_inputs, n_outputs) of every layer with the spread that relu wants.
    pub fn weights(&mut self, sizes: &[usize]) -> Vec<Vec<f32>> {
        let layer = |pair: &[usize]| {
            let spread = (24.0 / pair[0] as f64).sqrt() as f32;
            self.numbers(pair[0] * pair[1]).into_iter().map(|w| w * spread).collect()
        };
        sizes.windows(2).map(layer).collect()
    }
}

/// Inputs, and for each row the class whose input is greatest; for one output, the sum.
pub fn rows(n_rows: usize, sizes: &[usize]) -> (Vec<f32>, Vec<u32>, Vec<f32>) {
    let n_outputs = sizes[sizes.len() - 1];
    let x = Generator(0).numbers(n_rows * sizes[0]);
    let class = |row: &[f32]| (0..n_outputs).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0) as u32;
    let classes = x.chunks(sizes[0]).map(class).collect();
    let sums = x.chunks(sizes[0]).map(|row| row.iter().sum()).collect();
    (x, classes, sums)
}
