//! Products against sums in the simplest order, and against themselves on other threads and instructions.

use super::large::tiled;
use super::packing::{Factor, N_INNER, Output};
use super::*;
use crate::instructions::Instructions;
use proptest::prelude::*;

/// Unlike numbers, so that a transposed factor cannot pass.
fn numbers<R: Real>(count: usize, start: u32) -> Vec<R> {
    let number = |i: u32| ((u64::from(i) * 7919 + u64::from(start) * 104_729) % 1_009) as f64 / 504.5 - 1.0;
    (0..count as u32).map(|i| R::from_f64(number(i))).collect()
}

fn transposed<R: Real>(n_rows: usize, n_columns: usize, values: &[R]) -> Vec<R> {
    (0..n_columns).flat_map(|j| (0..n_rows).map(move |i| values[i * n_columns + j])).collect()
}

/// The sums in the simplest order, in `f64`, beside the sums of absolute values, which bound the rounding.
fn oracle<R: Real>(shape: Shape, a: &[R], b: &[R], start: &[R]) -> Vec<(f64, f64)> {
    let Shape { n_rows, n_inner, n_columns } = shape;
    let mut result = Vec::new();
    for row in 0..n_rows {
        for column in 0..n_columns {
            let mut sum = start[row * n_columns + column].to_f64();
            let mut size = sum.abs();
            for inner in 0..n_inner {
                let term = a[row * n_inner + inner].to_f64() * b[inner * n_columns + column].to_f64();
                sum += term;
                size += term.abs();
            }
            result.push((sum, size));
        }
    }
    result
}

fn check_against_oracle<R: Real>(shape: Shape, into: Into, epsilon: f64) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    let (a, b) = (numbers::<R>(n_rows * n_inner, 1), numbers::<R>(n_inner * n_columns, 2));
    let start = numbers::<R>(n_rows * n_columns, 3);
    let zeros = vec![R::ZERO; start.len()];
    let expected = oracle(shape, &a, &b, if into == Into::Add { &start } else { &zeros });
    let bound = (n_inner as f64 + 2.0) * epsilon;
    let check = |result: &[R], name: &str| {
        for (i, (found, (sum, size))) in result.iter().zip(&expected).enumerate() {
            let found = found.to_f64();
            assert!((found - sum).abs() <= bound * size, "{name} {shape:?} at {i}: {found}, not {sum}");
        }
    };
    let (a_transposed, b_transposed) = (transposed(n_rows, n_inner, &a), transposed(n_inner, n_columns, &b));
    let mut bits: Vec<Vec<R>> = Vec::new();
    for n_threads in [1, 2, 3] {
        let team = Team::new(n_threads);
        let compute = Compute { team: &team, precision: Precision::Full };
        let mut results = [start.clone(), start.clone(), start.clone()];
        multiply(compute, shape, &a, &b, into, &mut results[0]);
        multiply_left_transposed(compute, shape, &a_transposed, &b, into, &mut results[1]);
        multiply_right_transposed(compute, shape, &a, &b_transposed, into, &mut results[2]);
        for (result, name) in results.iter().zip(["a·b", "aᵀ·b", "a·bᵀ"]) {
            check(result, name);
        }
        if n_threads == 1 {
            bits = results.to_vec();
        }
        assert!(bits.iter().flatten().eq(results.iter().flatten()), "{n_threads} threads, {shape:?}");
    }
}

/// Sizes at which something changes: nothing, one, primes, one more or less than a tile, a register or a block.
fn size() -> impl Strategy<Value = usize> {
    prop_oneof![
        3 => prop::sample::select(vec![0, 1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 97]),
        1 => prop::sample::select(vec![111, 112, 113, 127, 128, 129, 224, 225, 255, 256, 257, 513]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_the_oracle(n_rows in size(), n_inner in size(), n_columns in size(), add: bool) {
        let shape = Shape { n_rows, n_inner, n_columns };
        let into = if add { Into::Add } else { Into::Overwrite };
        check_against_oracle::<f64>(shape, into, f64::EPSILON);
        check_against_oracle::<f32>(shape, into, f64::from(f32::EPSILON));
    }
}

#[test]
fn more_columns_than_are_copied_at_once_and_products_that_threads_share() {
    for (n_rows, n_inner, n_columns) in [
        (70, 30, 1_027),
        (130, 1_100, 640),
        (1_130, 24, 520),
        (300, 520, 64),
        (65, 1_024, 40),
        (1, 2_000, 600),
        (3_000, 400, 1),
        (64, 784, 128),
        (33, 701, 40),
        (40, 2_301, 17),
    ] {
        let shape = Shape { n_rows, n_inner, n_columns };
        check_against_oracle::<f32>(shape, Into::Add, f64::from(f32::EPSILON));
        check_against_oracle::<f64>(shape, Into::Overwrite, f64::EPSILON);
    }
}

#[test]
fn rows_have_the_same_bits_alone_and_among_others() {
    for (n_inner, n_columns) in [(784, 128), (511, 256), (513, 256), (600, 257), (2_301, 17)] {
        let (a, b) = (numbers::<f32>(150 * n_inner, 1), numbers::<f32>(n_inner * n_columns, 2));
        let of_rows = |n_rows: usize, n_threads: usize| {
            let compute = Compute { team: &Team::new(n_threads), precision: Precision::Full };
            let mut result = vec![0.0; n_rows * n_columns];
            let shape = Shape { n_rows, n_inner, n_columns };
            multiply(compute, shape, &a[..n_rows * n_inner], &b, Into::Overwrite, &mut result);
            result
        };
        let all = of_rows(150, 1);
        for (n_rows, n_threads) in [(1, 1), (64, 1), (64, 2), (60, 3), (149, 2)] {
            let found = of_rows(n_rows, n_threads);
            assert!(found == all[..n_rows * n_columns], "{n_rows} rows of {n_inner}, {n_threads} threads");
        }
    }
}

/// By the tiles of some instructions, which this machine must have.
fn by<R: Real>(instructions: Instructions, shape: Shape, a: &[R], b: &[R]) -> Vec<R> {
    let (a, b) = (Factor::rows(a, shape.n_inner), Factor::rows(b, shape.n_columns));
    by_factors(instructions, (shape, N_INNER), a, b)
}

#[expect(unsafe_code, reason = "tiles take pointers and strides")]
fn by_factors<R: Real>(
    instructions: Instructions,
    (shape, n_terms): (Shape, usize),
    a: Factor<R>,
    b: Factor<R>,
) -> Vec<R> {
    let Shape { n_rows, n_columns, .. } = shape;
    let mut result = vec![R::ZERO; n_rows * n_columns];
    // SAFETY: slices of the shape's sizes.
    unsafe {
        let output = Output { start: result.as_mut_ptr(), row: n_columns, into: Into::Overwrite };
        tiled(instructions, (shape, n_terms), a, None, b, output);
    };
    result
}

/// All that this machine has.
fn instructions() -> Vec<Instructions> {
    let mut all = vec![Instructions::Baseline];
    if Instructions::here() != Instructions::Baseline {
        all.push(Instructions::Avx2);
    }
    if Instructions::here() == Instructions::Avx512 {
        all.push(Instructions::Avx512);
    }
    all
}

fn check_every_set_of_instructions<R: Real>(shape: Shape, epsilon: f64) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    let (a, b) = (numbers::<R>(n_rows * n_inner, 1), numbers::<R>(n_inner * n_columns, 2));
    let (a_transposed, b_transposed) = (transposed(n_rows, n_inner, &a), transposed(n_inner, n_columns, &b));
    let expected = oracle(shape, &a, &b, &vec![R::ZERO; n_rows * n_columns]);
    for instructions in instructions() {
        for a in [Factor::rows(&a, n_inner), Factor::rows(&a_transposed, n_rows).transposed()] {
            for b in [Factor::rows(&b, n_columns), Factor::rows(&b_transposed, n_inner).transposed()] {
                let whole = by_factors(instructions, (shape, N_INNER), a, b);
                let in_blocks = by_factors(instructions, (shape, (n_inner / 2).clamp(1, N_INNER)), a, b);
                for (i, found) in whole.iter().chain(&in_blocks).enumerate() {
                    let (sum, size) = expected[i % expected.len()];
                    let bound = (n_inner as f64 + 2.0) * epsilon * size;
                    let found = found.to_f64();
                    assert!(
                        (found - sum).abs() <= bound,
                        "{instructions:?} {shape:?} at {i}: {found}, not {sum}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_set_of_instructions_agrees_with_the_oracle_whether_factors_are_copied_or_not() {
    for (n_rows, n_inner, n_columns) in [
        (1, 1, 1),
        (14, 40, 32),
        (29, 515, 71),
        (6, 7, 300),
        (65, 64, 10),
        (61, 256, 71),
        (64, 256, 71),
        (67, 256, 40),
        (29, 263, 530),
        (227, 21, 1_030),
        (1_130, 9, 520),
        (30, 1_033, 515),
        (1_122, 30, 257),
    ] {
        let shape = Shape { n_rows, n_inner, n_columns };
        check_every_set_of_instructions::<f32>(shape, f64::from(f32::EPSILON));
        check_every_set_of_instructions::<f64>(shape, f64::EPSILON);
    }
}

#[test]
fn what_is_not_finite_stays_in_its_row_and_column() {
    let (n_rows, n_inner, n_columns) = (31, 33, 35);
    let shape = Shape { n_rows, n_inner, n_columns };
    for (number, is_there) in [
        (f32::NAN, (|x| x.is_nan()) as fn(f32) -> bool),
        (f32::INFINITY, |x| x.is_infinite() || x.is_nan()),
        (f32::NEG_INFINITY, |x| x.is_infinite() || x.is_nan()),
    ] {
        for instructions in instructions() {
            let (mut a, b) = (numbers::<f32>(n_rows * n_inner, 1), numbers::<f32>(n_inner * n_columns, 2));
            a[5 * n_inner + 7] = number;
            for (i, &found) in by(instructions, shape, &a, &b).iter().enumerate() {
                assert_eq!(is_there(found), i / n_columns == 5, "{instructions:?}, {number} at {i}: {found}");
            }
        }
    }
}

#[test]
fn denormal_numbers_are_not_lost() {
    let shape = Shape { n_rows: 15, n_inner: 40, n_columns: 33 };
    let tiny = f32::from_bits(3);
    let (a, b) = (vec![tiny; 15 * 40], vec![1.0; 40 * 33]);
    for instructions in instructions() {
        assert!(
            by(instructions, shape, &a, &b).iter().all(|&sum| sum == f32::from_bits(120)),
            "{instructions:?}"
        );
    }
}

#[test]
fn factors_need_not_be_aligned() {
    let shape = Shape { n_rows: 17, n_inner: 40, n_columns: 33 };
    let (a, b) = (numbers::<f32>(17 * 40 + 1, 1), numbers::<f32>(40 * 33 + 1, 2));
    let expected = by(Instructions::Baseline, shape, &a[1..], &b[1..]);
    let mut result = vec![0.0; 17 * 33 + 1];
    multiply(
        Compute { team: &Team::default(), precision: Precision::Full },
        shape,
        &a[1..],
        &b[1..],
        Into::Overwrite,
        &mut result[1..],
    );
    for (found, expected) in result[1..].iter().zip(expected) {
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }
}

#[test]
fn square_factors_are_transposed_too() {
    // Where every shape is the same, only the numbers tell a factor from its transpose: one product in plain loops, one
    // in tiles.
    for n in [6, 40] {
        check_against_oracle::<f64>(
            Shape { n_rows: n, n_inner: n, n_columns: n },
            Into::Overwrite,
            f64::EPSILON,
        );
    }
}

#[test]
fn halves_are_the_product_of_rounded_factors_on_any_number_of_threads() {
    let rounded = |values: &[f32]| -> Vec<f32> {
        // To nearest, ties to even, in the upper half.
        let round = |x: f32| f32::from_bits((x.to_bits() + 0x7fff + (x.to_bits() >> 16 & 1)) & 0xffff_0000);
        values.iter().copied().map(round).collect()
    };
    for (n_rows, n_inner, n_columns) in [(70, 90, 110), (200, 128, 10), (200, 1, 300)] {
        let shape = Shape { n_rows, n_inner, n_columns };
        let (a, b) = (numbers::<f32>(n_rows * n_inner, 1), numbers::<f32>(n_inner * n_columns, 2));
        let expected = oracle(shape, &rounded(&a), &rounded(&b), &vec![0.0; n_rows * n_columns]);
        let mut first = Vec::new();
        for n_threads in [1, 2, 3] {
            let team = Team::new(n_threads);
            let compute = Compute { team: &team, precision: Precision::Half };
            let mut result = vec![1.0; n_rows * n_columns];
            multiply(compute, shape, &a, &b, Into::Overwrite, &mut result);
            for (found, (sum, size)) in result.iter().zip(&expected) {
                let bound = (n_inner as f64 + 2.0) * f64::from(f32::EPSILON) * size;
                assert!((f64::from(*found) - sum).abs() <= bound, "{shape:?}: {found}, not {sum}");
            }
            if first.is_empty() {
                first.clone_from(&result);
            }
            assert_eq!(result, first, "{n_threads} threads, {shape:?}");
        }
    }
}
