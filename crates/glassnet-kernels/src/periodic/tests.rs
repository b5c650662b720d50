//! Periodic embeddings beside their formula, its slopes, and themselves on more threads.

use super::*;

fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|i| ((i * 7_919 + seed * 104_729) % 2_003) as f64 / 1_001.5 - 1.0).collect()
}

/// Sizes of every kind: no number, no other column, one row, and enough work for two threads.
const SIZES: [(Embedding, usize, usize); 5] = [
    (Embedding { n_numbers: 1, n_frequencies: 1, n_outputs: 1 }, 1, 1),
    (Embedding { n_numbers: 3, n_frequencies: 5, n_outputs: 2 }, 4, 17),
    (Embedding { n_numbers: 2, n_frequencies: 16, n_outputs: 3 }, 2, 37),
    (Embedding { n_numbers: 0, n_frequencies: 16, n_outputs: 3 }, 3, 5),
    (Embedding { n_numbers: 11, n_frequencies: 16, n_outputs: 3 }, 13, 256),
];

fn n_params(embedding: Embedding) -> usize {
    let Embedding { n_numbers, n_frequencies, n_outputs } = embedding;
    n_numbers * (n_frequencies * (2 + n_outputs) + n_outputs)
}

/// a by the formula, from the standard library's cosine.
fn by_formula(embedding: Embedding, params: &[f64], x: &[f64]) -> Vec<f64> {
    let Embedding { n_numbers, n_frequencies, n_outputs } = embedding;
    let (w, rest) = params.split_at(n_numbers * n_frequencies);
    let (b, rest) = rest.split_at(n_numbers * n_frequencies);
    let (weights, c) = rest.split_at(n_numbers * n_frequencies * n_outputs);
    let mut a = Vec::new();
    for (number, &x) in x[..n_numbers].iter().enumerate() {
        for output in 0..n_outputs {
            let wave = |i: usize| {
                let i = number * n_frequencies + i;
                (std::f64::consts::TAU * x * w[i] + b[i]).cos() * weights[i * n_outputs + output]
            };
            a.push(c[number * n_outputs + output] + (0..n_frequencies).map(wave).sum::<f64>());
        }
        a.push(x);
    }
    a.extend(&x[n_numbers..]);
    a
}

#[test]
fn forward_is_the_formula_and_backward_its_slope() {
    for (embedding, n_columns, n_rows) in SIZES {
        let (params, x) = (numbers(n_params(embedding), 1), numbers(n_rows * n_columns, 2));
        let width = embedding.width(n_columns);
        let mut waves = vec![0.0; embedding.n_numbers * embedding.n_frequencies * n_rows];
        let (mut a, d) = (vec![0.0; n_rows * width], numbers(n_rows * width, 3));
        let (mut d_params, mut d_x) = (vec![0.0; params.len()], vec![0.0; x.len()]);
        let team = Team::new(1);
        let inputs = Inputs { embedding, params: &params, x: &x, n_columns };
        forward(&team, inputs, &mut waves, &mut a);
        for (x, a) in x.chunks_exact(n_columns).zip(a.chunks_exact(width)) {
            for (found, expected) in a.iter().zip(by_formula(embedding, &params, x)) {
                assert!((found - expected).abs() < 1e-12, "{embedding:?}: {found} {expected}");
            }
        }
        backward(&team, inputs, &waves, &d, &mut d_params, Some(&mut d_x));
        let loss = |params: &[f64], x: &[f64]| -> f64 {
            let a = x.chunks_exact(n_columns).flat_map(|x| by_formula(embedding, params, x));
            a.zip(&d).map(|(a, d)| a * d).sum()
        };
        // Central differences, of a few of each.
        let compare = |found: &[f64], at: &dyn Fn(usize, f64) -> f64| {
            for (i, found) in found.iter().enumerate().step_by(found.len() / 20 + 1) {
                let slope = (at(i, 1e-5) - at(i, -1e-5)) / 2e-5;
                assert!(
                    (found - slope).abs() < 1e-5 * (1.0 + slope.abs()),
                    "{embedding:?} {i}: {found} {slope}"
                );
            }
        };
        let moved = |values: &[f64], i: usize, h: f64| {
            let mut values = values.to_vec();
            values[i] += h;
            values
        };
        compare(&d_params, &|i, h| loss(&moved(&params, i, h), &x));
        compare(&d_x, &|i, h| loss(&params, &moved(&x, i, h)));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (embedding, n_columns, n_rows) = SIZES[4];
    let single = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect::<Vec<_>>();
    let (params, x) = (single(numbers(n_params(embedding), 1)), single(numbers(n_rows * n_columns, 2)));
    let d = single(numbers(n_rows * embedding.width(n_columns), 3));
    let by = |n_threads: usize| {
        let team = Team::new(n_threads);
        let mut waves = vec![0.0; embedding.n_numbers * embedding.n_frequencies * n_rows];
        let (mut a, mut d_params, mut d_x) =
            (vec![0.0; d.len()], vec![0.0; params.len()], vec![0.0; x.len()]);
        let inputs = Inputs { embedding, params: &params, x: &x, n_columns };
        forward(&team, inputs, &mut waves, &mut a);
        backward(&team, inputs, &waves, &d, &mut d_params, Some(&mut d_x));
        [a, d_params, d_x].concat()
    };
    assert!(embedding.n_parts(&Team::new(2), n_rows) == 2, "not split");
    let expected = by(1);
    for n_threads in [2, 3] {
        assert_eq!(by(n_threads), expected, "{n_threads} threads");
    }
}

#[test]
fn no_rows_have_no_gradient() {
    let (embedding, n_columns, _) = SIZES[1];
    let params = numbers(n_params(embedding), 1);
    let mut d_params = vec![1.0; params.len()];
    let inputs = Inputs { embedding, params: &params, x: &[], n_columns };
    forward(&Team::new(1), inputs, &mut [], &mut []);
    backward(&Team::new(1), inputs, &[], &[], &mut d_params, Some(&mut []));
    assert!(d_params.iter().all(|&d| d == 0.0));
}
