//! candle, on the processor. The tutorial's networks are written as the tutorial does it, without autograd.

use crate::clock::{self, Timed};
use crate::data::{self, DIGITS, Generator, Rule, Training};
use candle_core::{DType, Device, Module, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Optimizer, ParamsAdamW, SGD, loss, ops::sigmoid};

const CPU: Device = Device::Cpu;

pub fn run(workload: &str) -> Result<Option<Timed>> {
    if let Some(training) = Training::named(workload) {
        return train(training).map(Some);
    }
    Ok(Some(match workload {
        "W1" => clock::median(|| neuron().expect("shapes that fit")),
        "W2" => clock::median(|| two_layers().expect("shapes that fit")),
        "W6a" => one_row(&[3, 4, 1], DType::F64, 20_000)?,
        "W6b" => one_row(&DIGITS, DType::F32, 5_000)?,
        "W6c" => many_rows()?,
        _ => return Ok(None),
    }))
}

fn matrix(n_rows: usize, n_columns: usize, values: &[f64]) -> Result<Tensor> {
    Tensor::from_vec(values.to_vec(), (n_rows, n_columns), &CPU)
}

/// d·a(1 − a).
fn through_slope(d: &Tensor, a: &Tensor) -> Result<Tensor> {
    d * (a * a.affine(-1.0, 1.0)?)?
}

fn neuron() -> Result<f64> {
    let (x, t) = (matrix(4, 3, &data::NEURON_ROWS)?, matrix(4, 1, &data::TARGETS)?);
    let columns = x.t()?.contiguous()?;
    let mut w = matrix(3, 1, &data::NEURON)?;
    for _ in 0..10_000 {
        let o = sigmoid(&x.matmul(&w)?)?;
        w = (w + columns.matmul(&through_slope(&(&t - &o)?, &o)?)?)?;
    }
    loss::mse(&sigmoid(&x.matmul(&w)?)?, &t)?.to_scalar()
}

fn two_layers() -> Result<f64> {
    let (x, t) = (matrix(4, 3, &data::ROWS)?, matrix(4, 1, &data::TARGETS)?);
    let (mut a, mut b) = (matrix(3, 4, &data::HIDDEN)?, matrix(4, 1, &data::OUTPUT)?);
    let row = |i| Ok((x.narrow(0, i, 1)?, x.narrow(0, i, 1)?.t()?.contiguous()?, t.narrow(0, i, 1)?));
    let rows: Vec<(Tensor, Tensor, Tensor)> = (0..4).map(row).collect::<Result<_>>()?;
    let mut last = 0.0;
    for _ in 0..20_000 {
        for (row, column, target) in &rows {
            let hidden = sigmoid(&row.matmul(&a)?)?;
            let output = sigmoid(&hidden.matmul(&b)?)?;
            let d_output = through_slope(&(target - &output)?, &output)?;
            let d_hidden = through_slope(&d_output.matmul(&b.t()?)?, &hidden)?;
            b = (b + (hidden.t()?.matmul(&d_output)? * 0.1)?)?;
            a = (a + (column.matmul(&d_hidden)? * 0.1)?)?;
        }
        let y = sigmoid(&sigmoid(&x.matmul(&a)?)?.matmul(&b)?)?;
        last = loss::mse(&y, &t)?.to_scalar()?;
    }
    Ok(last)
}

/// Weights (n_outputs, n_inputs), as candle lays them, and biases.
fn variables(sizes: &[usize]) -> Result<Vec<(Var, Var)>> {
    let starts = Generator(1).weights(sizes);
    let layer = |(pair, start): (&[usize], Vec<f32>)| {
        let w = Var::from_vec(start, (pair[1], pair[0]), &CPU)?;
        Ok((w, Var::zeros(pair[1], DType::F32, &CPU)?))
    };
    sizes.windows(2).zip(starts).map(layer).collect()
}

fn layers(variables: &[(Var, Var)]) -> Vec<Linear> {
    let layer = |(w, b): &(Var, Var)| Linear::new(w.as_tensor().clone(), Some(b.as_tensor().clone()));
    variables.iter().map(layer).collect()
}

fn forward(layers: &[Linear], x: &Tensor) -> Result<Tensor> {
    let (last, hidden) = layers.split_last().expect("a layer");
    let mut a = x.clone();
    for layer in hidden {
        a = layer.forward(&a)?.relu()?;
    }
    last.forward(&a)
}

enum Step {
    Sgd(SGD),
    Adam(AdamW, AdamW),
}

fn train(training: Training) -> Result<Timed> {
    let Training { sizes, n_rows, batch_size, rule, rate } = training;
    let (x, classes, sums) = data::rows(n_rows, sizes);
    let x = Tensor::from_vec(x, (n_rows, sizes[0]), &CPU)?;
    let t = match training.n_outputs() {
        1 => Tensor::from_vec(sums, (n_rows, 1), &CPU)?,
        _ => Tensor::from_vec(classes, n_rows, &CPU)?,
    };
    let variables = variables(sizes)?;
    let layers = layers(&variables);
    let (weights, biases): (Vec<Var>, Vec<Var>) = variables.into_iter().unzip();
    let mut step = match rule {
        Rule::Sgd => Step::Sgd(SGD::new([weights, biases].concat(), rate)?),
        Rule::Adam | Rule::AdamW => {
            let decay = if rule == Rule::AdamW { 0.01 } else { 0.0 };
            let config = |weight_decay| ParamsAdamW { lr: rate, weight_decay, ..ParamsAdamW::default() };
            Step::Adam(AdamW::new(weights, config(decay))?, AdamW::new(biases, config(0.0))?)
        }
    };
    let mut epoch = || -> Result<f64> {
        let order = Tensor::from_vec(Generator(2).permutation(n_rows), n_rows, &CPU)?;
        let mut total = 0.0;
        for first in (0..n_rows).step_by(batch_size) {
            let n = batch_size.min(n_rows - first);
            let chosen = order.narrow(0, first, n)?;
            let (x, t) = (x.index_select(&chosen, 0)?, t.index_select(&chosen, 0)?);
            let y = forward(&layers, &x)?;
            let loss = if t.rank() == 2 { (loss::mse(&y, &t)? * 0.5)? } else { loss::cross_entropy(&y, &t)? };
            match &mut step {
                Step::Sgd(sgd) => sgd.backward_step(&loss)?,
                Step::Adam(weights, biases) => {
                    let gradients = loss.backward()?;
                    weights.step(&gradients)?;
                    biases.step(&gradients)?;
                }
            }
            total += f64::from(loss.to_scalar::<f32>()?) * n as f64;
        }
        Ok(total / n_rows as f64)
    };
    Ok(clock::once(|| epoch().expect("shapes that fit")))
}

fn finished(sizes: &[usize], dtype: DType) -> Result<Vec<Linear>> {
    let layer = |layer: Linear| {
        let bias = layer.bias().expect("a bias").to_dtype(dtype)?.detach();
        Ok(Linear::new(layer.weight().to_dtype(dtype)?.detach(), Some(bias)))
    };
    layers(&variables(sizes)?).into_iter().map(layer).collect()
}

fn one_row(sizes: &[usize], dtype: DType, n: usize) -> Result<Timed> {
    let layers = finished(sizes, dtype)?;
    let x = Tensor::from_vec(Generator(0).numbers(64 * sizes[0]), (64, sizes[0]), &CPU)?.to_dtype(dtype)?;
    let one = |row| -> Result<f64> {
        let z = layers[0].forward(&x.narrow(0, row, 1)?)?;
        let a = if dtype == DType::F64 { sigmoid(&z)? } else { z.relu()? };
        let y = layers[1].forward(&a)?.flatten_all()?;
        if dtype == DType::F64 { Ok(y.to_vec1::<f64>()?[0]) } else { Ok(f64::from(y.to_vec1::<f32>()?[0])) }
    };
    Ok(clock::one_of(n, |row| one(row).expect("shapes that fit")))
}

/// A part after the other, so that what lies between stays in the cache.
fn many_rows() -> Result<Timed> {
    let layers = finished(&DIGITS, DType::F32)?;
    let x = Tensor::from_vec(Generator(0).numbers(100_000 * 784), (100_000, 784), &CPU)?;
    let work = || -> Result<f64> {
        let part = |i: usize| forward(&layers, &x.narrow(0, i * 1_000, 1_000)?);
        let parts: Vec<Tensor> = (0..100).map(part).collect::<Result<_>>()?;
        Ok(f64::from(Tensor::cat(&parts, 0)?.mean_all()?.to_scalar::<f32>()?))
    };
    Ok(clock::once(|| work().expect("shapes that fit")))
}
