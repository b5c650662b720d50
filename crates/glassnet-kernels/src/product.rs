//! Matrix products. All matrices are in row order.
//!
//! Products of up to [`PLAIN_LIMIT`] multiplications are plain loops in a fixed order, so that small networks give the
//! same bits on every platform; larger ones go to the `gemm` crate, which uses the widest instructions of the machine.

use crate::Real;

/// Multiplications up to which a product is a plain loop. A 3-4-1 network on four rows has 48 in its largest.
pub const PLAIN_LIMIT: usize = 8_192;

/// What becomes of the numbers already in the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// They are written over.
    Overwrite,
    /// The product is added to them.
    Add,
}

/// The three sizes of a product: (`n_rows`, `n_inner`) times (`n_inner`, `n_columns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows of the result.
    pub n_rows: usize,
    /// Terms of each sum.
    pub n_inner: usize,
    /// Columns of the result.
    pub n_columns: usize,
}

/// result = a·b. a: (`n_rows`, `n_inner`), b: (`n_inner`, `n_columns`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply<R: Real>(shape: Shape, a: &[R], b: &[R], into: Into, result: &mut [R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    check(shape, a, b, result);
    if is_small(shape) {
        begin(into, result);
        for row in 0..n_rows {
            let result = &mut result[row * n_columns..(row + 1) * n_columns];
            for inner in 0..n_inner {
                add_scaled(a[row * n_inner + inner], &b[inner * n_columns..(inner + 1) * n_columns], result);
            }
        }
    } else {
        large(shape, a, (n_inner, 1), b, (n_columns, 1), into, result);
    }
}

/// result = aᵀ·b. a: (`n_inner`, `n_rows`), b: (`n_inner`, `n_columns`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply_left_transposed<R: Real>(shape: Shape, a: &[R], b: &[R], into: Into, result: &mut [R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    check(shape, a, b, result);
    if is_small(shape) {
        begin(into, result);
        for inner in 0..n_inner {
            let b = &b[inner * n_columns..(inner + 1) * n_columns];
            for row in 0..n_rows {
                let result = &mut result[row * n_columns..(row + 1) * n_columns];
                add_scaled(a[inner * n_rows + row], b, result);
            }
        }
    } else {
        large(shape, a, (1, n_rows), b, (n_columns, 1), into, result);
    }
}

/// result = a·bᵀ. a: (`n_rows`, `n_inner`), b: (`n_columns`, `n_inner`).
///
/// # Panics
/// When a slice does not have the length its shape says.
pub fn multiply_right_transposed<R: Real>(shape: Shape, a: &[R], b: &[R], into: Into, result: &mut [R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    check(shape, a, b, result);
    if is_small(shape) {
        begin(into, result);
        for row in 0..n_rows {
            let a = &a[row * n_inner..(row + 1) * n_inner];
            for column in 0..n_columns {
                let b = &b[column * n_inner..(column + 1) * n_inner];
                let sum = &mut result[row * n_columns + column];
                for (&a, &b) in a.iter().zip(b) {
                    *sum += a * b;
                }
            }
        }
    } else {
        large(shape, a, (n_inner, 1), b, (1, n_inner), into, result);
    }
}

fn check<R>(shape: Shape, a: &[R], b: &[R], result: &[R]) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    assert_eq!(a.len(), n_rows * n_inner, "left factor of {shape:?}");
    assert_eq!(b.len(), n_inner * n_columns, "right factor of {shape:?}");
    assert_eq!(result.len(), n_rows * n_columns, "result of {shape:?}");
}

fn is_small(shape: Shape) -> bool {
    shape.n_rows * shape.n_inner * shape.n_columns <= PLAIN_LIMIT
}

fn begin<R: Real>(into: Into, result: &mut [R]) {
    if into == Into::Overwrite {
        result.fill(R::ZERO);
    }
}

/// result += factor · values.
fn add_scaled<R: Real>(factor: R, values: &[R], result: &mut [R]) {
    for (sum, &value) in result.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

/// The product by the `gemm` crate; strides are (from row to row, from column to column).
#[expect(unsafe_code, reason = "the gemm crate takes pointers and strides")]
fn large<R: Real>(
    shape: Shape,
    a: &[R],
    (a_row, a_column): (usize, usize),
    b: &[R],
    (b_row, b_column): (usize, usize),
    into: Into,
    result: &mut [R],
) {
    let Shape { n_rows, n_inner, n_columns } = shape;
    // SAFETY: `check` has held each slice's length against the shape, and the callers' strides (one of them 1, the
    // other the length of a row) keep every address within its slice. `result` is borrowed mutably, so that it
    // overlaps neither factor. R is f32 or f64, which are the types that gemm takes.
    unsafe {
        gemm::gemm(
            n_rows,
            n_columns,
            n_inner,
            result.as_mut_ptr(),
            1,
            n_columns as isize,
            into == Into::Add,
            a.as_ptr(),
            a_column as isize,
            a_row as isize,
            b.as_ptr(),
            b_column as isize,
            b_row as isize,
            R::ONE,
            R::ONE,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Unlike numbers, so that a transposed factor cannot pass.
    fn numbers(count: usize, start: u32) -> Vec<f64> {
        (0..count as u32).map(|i| f64::from((i * 7919 + start * 104_729) % 1_009) / 504.5 - 1.0).collect()
    }

    fn transposed(n_rows: usize, n_columns: usize, values: &[f64]) -> Vec<f64> {
        (0..n_columns * n_rows).map(|i| values[(i % n_rows) * n_columns + i / n_rows]).collect()
    }

    fn oracle(shape: Shape, a: &[f64], b: &[f64], start: &[f64]) -> Vec<f64> {
        let Shape { n_rows, n_inner, n_columns } = shape;
        let mut result = start.to_vec();
        for row in 0..n_rows {
            for column in 0..n_columns {
                result[row * n_columns + column] +=
                    (0..n_inner).map(|i| a[row * n_inner + i] * b[i * n_columns + column]).sum::<f64>();
            }
        }
        result
    }

    proptest! {
        #[test]
        fn the_three_products(
            n_rows in prop::sample::select(vec![0_usize, 1, 2, 5, 17, 31, 64, 65]),
            n_inner in prop::sample::select(vec![0_usize, 1, 3, 13, 33, 64, 129]),
            n_columns in prop::sample::select(vec![0_usize, 1, 2, 7, 16, 37]),
            add in any::<bool>(),
        ) {
            let shape = Shape { n_rows, n_inner, n_columns };
            let (a, b) = (numbers(n_rows * n_inner, 1), numbers(n_inner * n_columns, 2));
            let start = numbers(n_rows * n_columns, 3);
            let into = if add { Into::Add } else { Into::Overwrite };
            let zeros = vec![0.0; start.len()];
            let expected = oracle(shape, &a, &b, if add { &start } else { &zeros });
            let close = |result: &[f64]| {
                result.iter().zip(&expected).all(|(r, e)| (r - e).abs() <= 1e-13 * (n_inner as f64 + 1.0))
            };
            let mut result = start.clone();
            multiply(shape, &a, &b, into, &mut result);
            prop_assert!(close(&result), "a·b {shape:?}");
            let mut result = start.clone();
            multiply_left_transposed(shape, &transposed(n_rows, n_inner, &a), &b, into, &mut result);
            prop_assert!(close(&result), "aᵀ·b {shape:?}");
            let mut result = start.clone();
            multiply_right_transposed(shape, &a, &transposed(n_inner, n_columns, &b), into, &mut result);
            prop_assert!(close(&result), "a·bᵀ {shape:?}");
        }
    }

    #[test]
    fn square_factors_are_transposed_too() {
        // Where every shape is the same, only the numbers tell a factor from its transpose: one product in plain loops,
        // one by `gemm`.
        for n in [6, 40] {
            let shape = Shape { n_rows: n, n_inner: n, n_columns: n };
            let (a, b) = (numbers(n * n, 1), numbers(n * n, 2));
            let expected = oracle(shape, &a, &b, &vec![0.0; n * n]);
            let close = |result: &[f64]| result.iter().zip(&expected).all(|(r, e)| (r - e).abs() < 1e-11);
            let mut result = vec![0.0; n * n];
            multiply(shape, &a, &b, Into::Overwrite, &mut result);
            assert!(close(&result), "a·b, {n}");
            multiply_left_transposed(shape, &transposed(n, n, &a), &b, Into::Overwrite, &mut result);
            assert!(close(&result), "aᵀ·b, {n}");
            multiply_right_transposed(shape, &a, &transposed(n, n, &b), Into::Overwrite, &mut result);
            assert!(close(&result), "a·bᵀ, {n}");
        }
    }
}
