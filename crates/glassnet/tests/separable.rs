//! Whether a plane separates, beside an exact check by other means: a simplex of fractions written here.

use glassnet::generator::Generator;
use glassnet::matrix::Matrix;
use glassnet::separable::{Separation, separate};
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

fn exact(value: f32) -> BigRational {
    BigRational::from_float(value).unwrap()
}

/// Whether weights λ, μ ≥ 0 with sums 1 exist for which Σλx = Σμx: phase one of the simplex method with Bland's rule, in
/// fractions.
fn hulls_meet(x: &Matrix<f32>, first: &[bool]) -> bool {
    let n = x.n_rows();
    let sign = |row: usize, value: BigRational| if first[row] { value } else { -value };
    let flag = |yes: bool| if yes { BigRational::one() } else { BigRational::zero() };
    let mut tableau: Vec<Vec<BigRational>> = Vec::new();
    for side in [true, false] {
        tableau.push((0..n).map(|row| flag(first[row] == side)).chain([BigRational::one()]).collect());
    }
    for column in 0..x.n_columns() {
        tableau.push(
            (0..n).map(|row| sign(row, exact(x.row(row)[column]))).chain([BigRational::zero()]).collect(),
        );
    }
    // One artificial variable an equation, whose columns need not be kept: they never come back.
    let mut basis: Vec<usize> = (n..n + tableau.len()).collect();
    let m = tableau.len();
    loop {
        // Reduced costs of Σ artificial: −(sum of the equations whose basic variable is artificial).
        let cost = |column: usize| {
            (0..m).filter(|&i| basis[i] >= n).fold(BigRational::zero(), |sum, i| sum + &tableau[i][column])
        };
        let Some(enters) = (0..n).find(|&column| cost(column).is_positive()) else {
            return cost(n).is_zero();
        };
        let ratio = |i: &usize| &tableau[*i][n] / &tableau[*i][enters];
        let leaves = (0..m)
            .filter(|&i| tableau[i][enters].is_positive())
            .min_by(|i, j| ratio(i).cmp(&ratio(j)).then(basis[*i].cmp(&basis[*j])))
            .unwrap();
        let factor = tableau[leaves][enters].recip();
        let pivot: Vec<BigRational> = tableau[leaves].iter().map(|value| value * &factor).collect();
        for (i, equation) in tableau.iter_mut().enumerate() {
            if i == leaves {
                equation.clone_from(&pivot);
            } else {
                let factor = equation[enters].clone();
                for (value, of_pivot) in equation.iter_mut().zip(&pivot) {
                    *value -= &factor * of_pivot;
                }
            }
        }
        basis[leaves] = enters;
    }
}

fn table(rows: &[&[f32]]) -> Matrix<f32> {
    Matrix::from_rows(rows)
}

#[test]
fn a_thousand_small_tables_are_decided_as_exact_arithmetic_does() {
    let (mut n_planes, mut n_witnesses) = (0, 0);
    for seed in 0..1_000 {
        let mut draw = Generator::new(seed);
        let (n_rows, n_inputs) = (2 + draw.up_to(10) as usize, 1 + draw.up_to(3) as usize);
        let mut x = Matrix::zeros(n_rows, n_inputs);
        // Few different values, so that points meet, lie on lines and touch; or any values.
        let is_coarse = draw.up_to(1) == 0;
        for value in x.values_mut() {
            *value = if is_coarse { draw.up_to(3) as f32 } else { draw.normal() as f32 };
        }
        let first: Vec<bool> = (0..n_rows).map(|row| row == 0 || row > 1 && draw.up_to(1) == 0).collect();
        let expected = hulls_meet(&x, &first);
        match separate(x.view(), &first) {
            Separation::Plane { weights, bias, margin } => {
                assert!(!expected, "seed {seed}");
                n_planes += 1;
                assert!(margin > 0.0);
                for (row, is_first) in first.iter().enumerate() {
                    let sum: f64 = x.row(row).iter().zip(&weights).map(|(&x, w)| f64::from(x) * w).sum();
                    assert_eq!(sum + bias > 0.0, *is_first, "seed {seed}");
                }
            }
            Separation::Witness { first: ones, second: others } => {
                assert!(expected, "seed {seed}");
                n_witnesses += 1;
                assert!(ones.iter().all(|(row, share)| first[*row] && *share > 0.0));
                assert!(others.iter().all(|(row, share)| !first[*row] && *share > 0.0));
                for column in 0..n_inputs {
                    let mean = |rows: &[(usize, f64)]| -> f64 {
                        rows.iter().map(|&(row, share)| share * f64::from(x.row(row)[column])).sum()
                    };
                    assert!((mean(&ones) - mean(&others)).abs() < 1e-9, "seed {seed}");
                }
            }
            Separation::Undecided => panic!("seed {seed}"),
        }
    }
    assert!(n_planes > 200 && n_witnesses > 200, "{n_planes} and {n_witnesses}");
}

#[test]
fn xor_has_the_two_diagonals_as_its_witness() {
    let x = table(&[&[0.0, 0.0], &[0.0, 1.0], &[1.0, 0.0], &[1.0, 1.0]]);
    let first = [false, true, true, false];
    let expected = Separation::Witness { first: vec![(1, 0.5), (2, 0.5)], second: vec![(0, 0.5), (3, 0.5)] };
    assert_eq!(separate(x.view(), &first), expected);
}

#[test]
fn the_or_of_two_inputs_is_parted_with_a_margin() {
    let x = table(&[&[0.0, 0.0], &[0.0, 1.0], &[1.0, 0.0], &[1.0, 1.0]]);
    let Separation::Plane { margin, .. } = separate(x.view(), &[false, true, true, true]) else { panic!() };
    assert!((margin - 0.125_f64.sqrt()).abs() < 1e-9, "{margin}");
}

#[test]
fn many_rows_are_decided() {
    let mut draw = Generator::new(0);
    let (n_rows, n_inputs) = (5_000, 10);
    let mut x = Matrix::zeros(n_rows, n_inputs);
    for value in x.values_mut() {
        *value = draw.normal() as f32;
    }
    let mut first: Vec<bool> = (0..n_rows).map(|row| x.row(row).iter().sum::<f32>() > 0.3).collect();
    assert!(matches!(separate(x.view(), &first), Separation::Plane { .. }));
    first[7] = !first[7];
    assert!(!matches!(separate(x.view(), &first), Separation::Plane { .. }));
}
