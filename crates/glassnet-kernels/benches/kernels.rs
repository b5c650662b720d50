//! Every kernel alone, in the shapes of the workloads that `docs/speed.md` names: `cargo bench -p glassnet-kernels`.
//!
//! The machine's load changes what is measured; compare what one run prints side by side.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use glassnet_kernels::half::{self, Factor, Packed, Scratch};
use glassnet_kernels::product::{self, Compute, Into, Precision, Shape};
use glassnet_kernels::step::{self, Adam, Step};
use glassnet_kernels::team::Team;
use glassnet_kernels::tiny::{self, Epoch, Outcome};
use glassnet_kernels::vector::Lanes;
use glassnet_kernels::{elementwise, exponential};

fn main() {
    divan::main();
}

/// As the factors lie in memory: forward, gradients of weights, gradients of inputs.
#[derive(Debug, Clone, Copy)]
enum Layout {
    Forward,
    Weights,
    Inputs,
}

/// The layout, then rows, terms and columns.
type Product = (Layout, usize, usize, usize);

const PRODUCTS: [Product; 9] = [
    (Layout::Forward, 64, 784, 128),
    (Layout::Weights, 784, 64, 128),
    (Layout::Forward, 256, 256, 256),
    (Layout::Weights, 256, 256, 256),
    (Layout::Inputs, 256, 256, 256),
    (Layout::Forward, 1024, 1024, 1024),
    (Layout::Weights, 1024, 1024, 1024),
    (Layout::Inputs, 1024, 1024, 1024),
    (Layout::Forward, 1024, 1024, 10),
];

/// Weights of 784-128-10, of a layer of 1,024 units on 1,024 inputs.
const PARAMS: [usize; 2] = [101_770, 1_049_600];

fn numbers(count: usize, start: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919 + start * 104_729) % 100_003) as f32 / 50_001.5 - 1.0).collect()
}

#[divan::bench(args = PRODUCTS)]
fn product_f32(bencher: Bencher, (layout, n_rows, n_inner, n_columns): Product) {
    let (a, b) = (numbers(n_rows * n_inner, 1), numbers(n_inner * n_columns, 2));
    let mut result = vec![0.0; n_rows * n_columns];
    let shape = Shape { n_rows, n_inner, n_columns };
    let team = Team::default();
    let compute = Compute { team: &team, precision: Precision::Full };
    let multiply = match layout {
        Layout::Forward => product::multiply,
        Layout::Weights => product::multiply_left_transposed,
        Layout::Inputs => product::multiply_right_transposed,
    };
    let operations = ItemsCount::new(2 * n_rows * n_inner * n_columns);
    bencher
        .counter(operations)
        .bench_local(|| multiply(compute, shape, &a, &b, Into::Overwrite, black_box(&mut result)));
}

/// The same by the `gemm` crate, on one thread.
#[divan::bench(args = PRODUCTS)]
#[expect(unsafe_code, reason = "the gemm crate takes pointers and strides")]
fn product_f32_by_gemm(bencher: Bencher, (layout, n_rows, n_inner, n_columns): Product) {
    let (a, b) = (numbers(n_rows * n_inner, 1), numbers(n_inner * n_columns, 2));
    let mut result = vec![0.0_f32; n_rows * n_columns];
    let (a_row, a_column) = if matches!(layout, Layout::Weights) { (1, n_rows) } else { (n_inner, 1) };
    let (b_row, b_column) = if matches!(layout, Layout::Inputs) { (1, n_inner) } else { (n_columns, 1) };
    let operations = ItemsCount::new(2 * n_rows * n_inner * n_columns);
    bencher.counter(operations).bench_local(|| {
        let (result, a, b) = (black_box(&mut result).as_mut_ptr(), a.as_ptr(), b.as_ptr());
        // SAFETY: slices of the shape's sizes, strides within them.
        unsafe {
            gemm::gemm(
                n_rows,
                n_columns,
                n_inner,
                result,
                1,
                n_columns as isize,
                false,
                a,
                a_column as isize,
                a_row as isize,
                b,
                b_column as isize,
                b_row as isize,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    });
}

fn factors<'a>((layout, n_rows, n_inner, n_columns): Product, a: &'a [f32], b: &'a [f32]) -> [Factor<'a>; 2] {
    let left = Factor::in_rows;
    match layout {
        Layout::Forward => [left(a, n_rows, n_inner), Factor::in_rows(b, n_inner, n_columns)],
        Layout::Weights => [Factor::transposed(a, n_rows, n_inner), Factor::in_rows(b, n_inner, n_columns)],
        Layout::Inputs => [left(a, n_rows, n_inner), Factor::transposed(b, n_inner, n_columns)],
    }
}

#[divan::bench(args = PRODUCTS)]
fn product_bf16(bencher: Bencher, product: Product) {
    let (_, n_rows, n_inner, n_columns) = product;
    let (a, b) = (numbers(n_rows * n_inner, 1), numbers(n_inner * n_columns, 2));
    let mut result = vec![0.0; n_rows * n_columns];
    let mut scratch = Scratch::default();
    let [a, b] = factors(product, &a, &b);
    let operations = ItemsCount::new(2 * n_rows * n_inner * n_columns);
    bencher
        .counter(operations)
        .bench_local(|| half::multiply(a, b, Into::Overwrite, black_box(&mut result), &mut scratch));
}

#[divan::bench(args = PRODUCTS)]
fn product_bf16_right_factor_packed_before(bencher: Bencher, product: Product) {
    let (_, n_rows, n_inner, n_columns) = product;
    let (a, b) = (numbers(n_rows * n_inner, 1), numbers(n_inner * n_columns, 2));
    let mut result = vec![0.0; n_rows * n_columns];
    let (mut scratch, mut packed) = (Scratch::default(), Packed::default());
    let [a, b] = factors(product, &a, &b);
    packed.pack(b);
    let operations = ItemsCount::new(2 * n_rows * n_inner * n_columns);
    bencher.counter(operations).bench_local(|| {
        half::multiply_packed(a, &packed, Into::Overwrite, black_box(&mut result), &mut scratch);
    });
}

#[divan::bench]
fn exp_f64_one_after_the_other(bencher: Bencher) {
    // Each waits for the one before, as in a network of one unit.
    bencher.counter(ItemsCount::new(1_000_usize)).bench_local(|| {
        let mut x = black_box(0.5);
        for _ in 0..1_000 {
            x = exponential::exp(-x);
        }
        x
    });
}

#[divan::bench]
fn sigmoid_f32(bencher: Bencher) {
    let (n_rows, n_columns) = (64, 128);
    let (mut z, mut a) = (numbers(n_rows * n_columns, 1), vec![0.0; n_rows * n_columns]);
    let bias = vec![0.0; n_columns];
    let sigmoid = |z: f32| 1.0 / (1.0 + exponential::exp_single(-z));
    bencher
        .counter(ItemsCount::new(z.len()))
        .bench_local(|| elementwise::activate(&Team::default(), black_box(&mut z), &bias, &mut a, sigmoid));
}

#[divan::bench]
fn sigmoid_backward_f32(bencher: Bencher) {
    let (n_rows, n_columns) = (64, 128);
    let (z, a) = (numbers(n_rows * n_columns, 1), numbers(n_rows * n_columns, 2));
    let (mut d, mut d_bias) = (numbers(n_rows * n_columns, 3), vec![0.0; n_columns]);
    // A slope that neither grows nor shrinks what is multiplied again and again.
    let slope = |_: f32, a: f32| a * (1.0 - a) + 1.0 - a * (1.0 - a);
    bencher.counter(ItemsCount::new(z.len())).bench_local(|| {
        elementwise::activate_backward(&Team::default(), &z, &a, black_box(&mut d), &mut d_bias, slope);
    });
}

#[divan::bench(args = PARAMS)]
fn sgd_f32(bencher: Bencher, n_params: usize) {
    let (mut params, d_params) = (numbers(n_params, 1), numbers(n_params, 2));
    let step = Step { learning_rate: 1e-6, keep: 1.0 };
    bencher
        .counter(BytesCount::of_many::<f32>(3 * n_params))
        .bench_local(|| step::sgd(black_box(&mut params), &d_params, step));
}

#[divan::bench(args = PARAMS)]
fn adam_f32(bencher: Bencher, n_params: usize) {
    let (mut params, d_params) = (numbers(n_params, 1), numbers(n_params, 2));
    let (mut mean, mut mean_square) = (vec![0.0; n_params], vec![0.0; n_params]);
    let step = Step { learning_rate: 1e-6, keep: 1.0 };
    let constants = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.1, correction2: 0.001 };
    bencher.counter(BytesCount::of_many::<f32>(7 * n_params)).bench_local(|| {
        step::adam(black_box(&mut params), &d_params, &mut mean, &mut mean_square, step, constants);
    });
}

/// Epochs of 3-4-1 sigmoid units on four rows, a row a step, with the loss after each; an item is an epoch of a network.
#[divan::bench(args = [1, 8, 32])]
fn tiny_epochs(bencher: Bencher, n_networks: usize) {
    const N_EPOCHS: usize = 1_000;
    let shape = tiny::Shape { n_inputs: 3, n_hidden: Some(4), hidden_bias: false, output_bias: false };
    let inputs = [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0];
    let targets = [0.0, 0.0, 1.0, 1.0];
    let (order, batch_size, learning_rate) = (None, 1, 1.0);
    let (is_mean, is_evaluated) = (false, true);
    let epoch =
        Epoch { inputs: &inputs, targets: &targets, order, batch_size, learning_rate, is_mean, is_evaluated };
    let start: Vec<f64> = numbers(shape.n_params(), 1).into_iter().map(f64::from).collect();
    let bencher = bencher.counter(ItemsCount::new(n_networks * N_EPOCHS));
    match n_networks {
        1 => {
            let mut outcomes = vec![Outcome { loss: 0.0, largest_square: 0.0 }; N_EPOCHS];
            bencher.bench_local(|| shape.train(black_box(&mut start.clone()), &epoch, &mut outcomes));
        }
        8 => {
            let start: Vec<_> = start.iter().map(|&param| Lanes([param; 8])).collect();
            let mut outcomes = vec![Lanes([0.0; 8]); N_EPOCHS];
            bencher.bench_local(|| shape.train_few(black_box(&mut start.clone()), &epoch, &mut outcomes));
        }
        _ => {
            let start: Vec<_> = start.iter().map(|&param| Lanes([param; 32])).collect();
            let mut outcomes = vec![Lanes([0.0; 32]); N_EPOCHS];
            bencher.bench_local(|| shape.train_many(black_box(&mut start.clone()), &epoch, &mut outcomes));
        }
    }
}
