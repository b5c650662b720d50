//! burn, on its own backend for the processor, `flex`. The tutorial's networks are written as the tutorial does it,
//! without autograd.

use crate::clock::{self, Timed};
use crate::data::{self, DIGITS, Generator, Rule, Training};
use burn::module::{Module, Param};
use burn::nn::{Linear, loss::CrossEntropyLoss};
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, SgdConfig};
use burn::tensor::{DType, Device, Int, Tensor, TensorData, activation::relu, activation::sigmoid};

pub fn run(workload: &str) -> Option<Timed> {
    if let Some(training) = Training::named(workload) {
        return Some(train(training));
    }
    Some(match workload {
        "W1" => clock::median(neuron),
        "W2" => clock::median(two_layers),
        "W6a" => one_row(&[3, 4, 1], true, 20_000),
        "W6b" => one_row(&DIGITS, false, 5_000),
        "W6c" => many_rows(),
        _ => return None,
    })
}

fn matrix(n_rows: usize, n_columns: usize, values: &[f64]) -> Tensor<2> {
    let data = TensorData::new(values.to_vec(), [n_rows, n_columns]);
    Tensor::from_data(data, (&Device::flex(), DType::F64))
}

/// d·a(1 − a).
fn through_slope(d: Tensor<2>, a: Tensor<2>) -> Tensor<2> {
    d * (a.clone() * (1.0 - a))
}

fn mean_square(y: Tensor<2>, t: &Tensor<2>) -> f64 {
    let e = y - t.clone();
    (e.clone() * e).mean().into_scalar()
}

fn neuron() -> f64 {
    let (x, t) = (matrix(4, 3, &data::NEURON_ROWS), matrix(4, 1, &data::TARGETS));
    let mut w = matrix(3, 1, &data::NEURON);
    for _ in 0..10_000 {
        let o = sigmoid(x.clone().matmul(w.clone()));
        w = w + x.clone().transpose().matmul(through_slope(t.clone() - o.clone(), o));
    }
    mean_square(sigmoid(x.matmul(w)), &t)
}

fn two_layers() -> f64 {
    let (x, t) = (matrix(4, 3, &data::ROWS), matrix(4, 1, &data::TARGETS));
    let (mut a, mut b) = (matrix(3, 4, &data::HIDDEN), matrix(4, 1, &data::OUTPUT));
    let row = |i: usize| (x.clone().narrow(0, i, 1), t.clone().narrow(0, i, 1));
    let rows: Vec<(Tensor<2>, Tensor<2>)> = (0..4).map(row).collect();
    let mut last = 0.0;
    for _ in 0..20_000 {
        for (row, target) in &rows {
            let hidden = sigmoid(row.clone().matmul(a.clone()));
            let output = sigmoid(hidden.clone().matmul(b.clone()));
            let d_output = through_slope(target.clone() - output.clone(), output);
            let d_hidden = through_slope(d_output.clone().matmul(b.clone().transpose()), hidden.clone());
            b = b + hidden.transpose().matmul(d_output) * 0.1;
            a = a + row.clone().transpose().matmul(d_hidden) * 0.1;
        }
        last = mean_square(sigmoid(sigmoid(x.clone().matmul(a.clone())).matmul(b.clone())), &t);
    }
    last
}

#[derive(Module, Debug)]
struct Network {
    layers: Vec<Linear>,
}

impl Network {
    fn new(sizes: &[usize], device: &Device) -> Self {
        let starts = Generator(1).weights(sizes);
        let layer = |(pair, start): (&[usize], Vec<f32>)| Linear {
            weight: Param::from_tensor(Tensor::from_data(TensorData::new(start, [pair[0], pair[1]]), device)),
            bias: Some(Param::from_tensor(Tensor::zeros([pair[1]], device))),
        };
        Self { layers: sizes.windows(2).zip(starts).map(layer).collect() }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("a layer");
        let a = hidden.iter().fold(x, |a, layer| relu(layer.forward(a)));
        last.forward(a)
    }
}

/// Adam's decay is of all parameters, biases too: a group for each would cost more.
fn train(training: Training) -> Timed {
    let Training { sizes, n_rows, batch_size, rule, rate } = training;
    let device = Device::flex().autodiff();
    let (x, classes, sums) = data::rows(n_rows, sizes);
    let x: Tensor<2> = Tensor::from_data(TensorData::new(x, [n_rows, sizes[0]]), &device);
    let sums: Tensor<2> = Tensor::from_data(TensorData::new(sums, [n_rows, 1]), &device);
    let classes: Vec<i64> = classes.into_iter().map(i64::from).collect();
    let classes: Tensor<1, Int> = Tensor::from_data(TensorData::new(classes, [n_rows]), &device);
    let mut network = Network::new(sizes, &device);
    let mut step = match rule {
        Rule::Sgd => SgdConfig::new().init(),
        Rule::Adam => AdamConfig::new().with_epsilon(1e-8).init(),
        Rule::AdamW => AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.01).init(),
    };
    let cross_entropy = CrossEntropyLoss::new(None, &device);
    clock::once(|| {
        let order: Vec<i64> = Generator(2).permutation(n_rows).into_iter().map(i64::from).collect();
        let mut total = 0.0;
        for chosen in order.chunks(batch_size) {
            let n = chosen.len();
            let chosen: Tensor<1, Int> = Tensor::from_data(TensorData::new(chosen.to_vec(), [n]), &device);
            let y = network.forward(x.clone().select(0, chosen.clone()));
            let loss = if training.n_outputs() == 1 {
                let e = y - sums.clone().select(0, chosen);
                (e.clone() * e).mean() * 0.5
            } else {
                cross_entropy.forward(y, classes.clone().select(0, chosen))
            };
            total += loss.clone().into_scalar::<f64>() * n as f64;
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = step.step(rate, network, gradients);
        }
        total / n_rows as f64
    })
}

fn one_row(sizes: &[usize], is_double: bool, n: usize) -> Timed {
    let device = Device::flex();
    let dtype = if is_double { DType::F64 } else { DType::F32 };
    let network = Network::new(sizes, &device);
    let of = |layer: &Linear| Linear {
        weight: Param::from_tensor(layer.weight.val().cast(dtype)),
        bias: layer.bias.as_ref().map(|bias| Param::from_tensor(bias.val().cast(dtype))),
    };
    let layers: Vec<Linear> = network.layers.iter().map(of).collect();
    let x = TensorData::new(Generator(0).numbers(64 * sizes[0]), [64, sizes[0]]);
    let x: Tensor<2> = Tensor::<2>::from_data(x, &device).cast(dtype);
    clock::one_of(n, |row| {
        let z = layers[0].forward(x.clone().narrow(0, row, 1));
        let a = if is_double { sigmoid(z) } else { relu(z) };
        layers[1].forward(a).narrow(1, 0, 1).into_scalar()
    })
}

/// A part after the other, so that what lies between stays in the cache.
fn many_rows() -> Timed {
    let device = Device::flex();
    let network = Network::new(&DIGITS, &device);
    let x = TensorData::new(Generator(0).numbers(100_000 * 784), [100_000, 784]);
    let x: Tensor<2> = Tensor::from_data(x, &device);
    clock::once(|| {
        let parts = (0..100).map(|i| network.forward(x.clone().narrow(0, i * 1_000, 1_000))).collect();
        Tensor::cat(parts, 0).mean().into_scalar()
    })
}
