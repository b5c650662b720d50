//! Whether a plane w·x + b = 0 has one class on one side and the other on the other.
//!
//! A linear program decides: weights λ ≥ 0 that sum to 1 in each class and make both means the same point, found by phase one of the
//! simplex method (Dantzig, 1951). Where there are such weights, they are a witness that no plane parts the classes; where there
//! are none, the program's multipliers are a plane (Farkas, 1902). It starts with few rows and takes in those that its plane
//! gets most wrong (cutting planes; Kelley, 1960), so it stays small. Both answers are checked by exact arithmetic, so a
//! rounding error can only make them [`Separation::Undecided`].

use crate::matrix::MatrixRef;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// What was decided, and how it can be checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Separation {
    /// Every row of the first class has w·x + b > 0, every one of the second < 0.
    Plane {
        /// w.
        weights: Vec<f64>,
        /// b.
        bias: f64,
        /// Distance of the nearest row to the plane, min |w·x + b| / |w|.
        margin: f64,
    },
    /// No plane does: both means are the same point.
    Witness {
        /// Rows of the first class and their weights, which sum to 1.
        first: Vec<(usize, f64)>,
        /// Rows of the second class and their weights, which sum to 1.
        second: Vec<(usize, f64)>,
    },
    /// Too close for the arithmetic of the program, or too much work.
    Undecided,
}

/// Programs that are solved at most.
const MOST_ROUNDS: usize = 100;

/// Separates the rows that are `first` from the others. x: (`n_rows`, `n_inputs`), finite.
///
/// # Panics
/// When there is not a flag for each row.
pub fn separate(x: MatrixRef<'_, f32>, first: &[bool]) -> Separation {
    assert_eq!(x.n_rows(), first.len(), "a flag for each row");
    let of = |side: bool| (0..x.n_rows()).find(|&row| first[row] == side);
    let (Some(one), Some(other)) = (of(true), of(false)) else {
        // One class alone: everything is on one side.
        let bias = if first.first() == Some(&false) { -1.0 } else { 1.0 };
        return Separation::Plane { weights: vec![0.0; x.n_columns()], bias, margin: f64::INFINITY };
    };
    let mut rows = vec![one, other];
    for _ in 0..MOST_ROUNDS {
        match solution(x, first, &rows) {
            Solution::Shares(shares) => return witness(x, first, &shares),
            Solution::None => return Separation::Undecided,
            Solution::Plane(plane) => {
                let mut wrong = plane.most_wrong(x, first);
                wrong.retain(|row| !rows.contains(row));
                if wrong.is_empty() {
                    return plane.checked(x, first);
                }
                wrong.truncate(2 * (x.n_columns() + 2));
                rows.extend(wrong);
            }
        }
    }
    Separation::Undecided
}

struct Plane {
    weights: Vec<f64>,
    bias: f64,
}

enum Solution {
    Plane(Plane),
    /// Rows and their weights.
    Shares(Vec<(usize, f64)>),
    /// Too many steps.
    None,
}

/// What is as good as 0 in a program whose numbers are at most 1.
const TINY: f64 = 1e-9;

/// Steps of one program at most, as a multiple of its equations and unknowns.
const MOST_STEPS: usize = 8;

/// Of some of the rows. Unknowns are their weights; equations say that those of each class sum to 1 and that in every column both
/// means are the same. Columns are divided by their largest number.
fn solution(x: MatrixRef<'_, f32>, first: &[bool], rows: &[usize]) -> Solution {
    let (n, m) = (rows.len(), x.n_columns() + 2);
    let width = n + m + 1;
    let sizes: Vec<f64> = (0..x.n_columns())
        .map(|column| rows.iter().map(|&row| f64::from(x.row(row)[column]).abs()).fold(0.0, f64::max))
        .map(|size| if size > 0.0 { size } else { 1.0 })
        .collect();
    // Of each equation: a coefficient for each weight, one for each equation's slack, and the right side. The last line is what is
    // made small, the sum of the slacks.
    let mut lines = vec![vec![0.0; width]; m + 1];
    for (k, &row) in rows.iter().enumerate() {
        let sign = if first[row] { 1.0 } else { -1.0 };
        lines[usize::from(!first[row])][k] = 1.0;
        for (column, size) in sizes.iter().enumerate() {
            lines[2 + column][k] = sign * f64::from(x.row(row)[column]) / size;
        }
    }
    (lines[0][width - 1], lines[1][width - 1]) = (1.0, 1.0);
    for i in 0..m {
        for k in (0..n).chain([width - 1]) {
            lines[m][k] -= lines[i][k];
        }
        lines[i][n + i] = 1.0;
    }
    let mut basis: Vec<usize> = (n..n + m).collect();
    for step in 0..MOST_STEPS * (n + m) {
        // The steepest way down; after many steps the first one, which never goes in circles (Bland, 1977).
        let is_late = step > (MOST_STEPS / 2) * (n + m);
        let down = (0..n).filter(|&k| lines[m][k] < -TINY);
        let enters = if is_late {
            { down }.next()
        } else {
            down.min_by(|&one, &other| lines[m][one].total_cmp(&lines[m][other]))
        };
        let Some(enters) = enters else { return ended(&lines, &basis, rows, &sizes) };
        let ratio = |i: usize| lines[i][width - 1] / lines[i][enters];
        let leaves = (0..m)
            .filter(|&i| lines[i][enters] > TINY)
            .min_by(|&i, &j| ratio(i).total_cmp(&ratio(j)).then(basis[i].cmp(&basis[j])));
        let Some(leaves) = leaves else { return Solution::None };
        pivot(&mut lines, leaves, enters);
        basis[leaves] = enters;
    }
    Solution::None
}

/// Makes a column 1 in one line and 0 in the others.
fn pivot(lines: &mut [Vec<f64>], leaves: usize, enters: usize) {
    let factor = lines[leaves][enters];
    lines[leaves].iter_mut().for_each(|value| *value /= factor);
    let of_pivot = lines[leaves].clone();
    for (_, line) in lines.iter_mut().enumerate().filter(|(i, _)| *i != leaves) {
        let factor = line[enters];
        if factor != 0.0 {
            for (value, of_pivot) in line.iter_mut().zip(&of_pivot) {
                *value -= factor * of_pivot;
            }
        }
    }
}

/// What the program says at its end.
fn ended(lines: &[Vec<f64>], basis: &[usize], rows: &[usize], sizes: &[f64]) -> Solution {
    let (n, m) = (rows.len(), basis.len());
    let right_side = lines[m].len() - 1;
    let slack = -lines[m][right_side];
    if slack < TINY {
        let shares = basis.iter().enumerate().filter(|(_, unknown)| **unknown < n);
        let shares = shares.map(|(i, &unknown)| (rows[unknown], lines[i][right_side]));
        let mut shares: Vec<_> = shares.filter(|(_, share)| *share > TINY).collect();
        shares.sort_unstable_by_key(|(row, _)| *row);
        return Solution::Shares(shares);
    }
    // The multiplier of each equation. Rows of the first class have y₀ + y·x ≤ 0, those of the second y₁ − y·x ≤ 0.
    let multiplier = |i: usize| 1.0 - lines[m][n + i];
    let half = f64::midpoint(multiplier(0), multiplier(1));
    let weights = sizes.iter().enumerate().map(|(column, size)| -multiplier(2 + column) / size / half);
    let bias = (multiplier(1) - multiplier(0)) / 2.0 / half;
    Solution::Plane(Plane { weights: weights.collect(), bias })
}

impl Plane {
    /// t·(w·x + b) of a row.
    fn side(&self, x: &[f32], is_first: bool) -> f64 {
        let sum = self.weights.iter().zip(x).map(|(w, &x)| w * f64::from(x)).sum::<f64>() + self.bias;
        if is_first { sum } else { -sum }
    }

    /// Rows on the wrong side or too near, the worst first.
    fn most_wrong(&self, x: MatrixRef<'_, f32>, first: &[bool]) -> Vec<usize> {
        let side = |row: usize| (self.side(x.row(row), first[row]), row);
        let mut wrong: Vec<_> = (0..x.n_rows()).map(side).filter(|(side, _)| *side < 1.0 - 1e-6).collect();
        wrong.sort_by(|one, other| one.0.total_cmp(&other.0));
        wrong.into_iter().map(|(_, row)| row).collect()
    }

    /// The plane, if exact arithmetic finds every row on its side.
    fn checked(self, x: MatrixRef<'_, f32>, first: &[bool]) -> Separation {
        let is_right = |row: usize| {
            let terms = self.weights.iter().zip(x.row(row)).map(|(&w, &x)| exact(w) * exact(f64::from(x)));
            let sum = terms.fold(exact(self.bias), |sum, term| sum + term);
            if first[row] { sum.is_positive() } else { sum.is_negative() }
        };
        if !(0..x.n_rows()).all(is_right) {
            return Separation::Undecided;
        }
        let length = self.weights.iter().map(|w| w * w).sum::<f64>().sqrt();
        let sides = (0..x.n_rows()).map(|row| self.side(x.row(row), first[row]));
        let margin = sides.fold(f64::INFINITY, f64::min) / length;
        Separation::Plane { weights: self.weights, bias: self.bias, margin }
    }
}

/// Of rows that no plane separates, with such weights.
fn witness(x: MatrixRef<'_, f32>, first: &[bool], support: &[(usize, f64)]) -> Separation {
    let Some(shares) = exact_shares(x, first, support) else { return Separation::Undecided };
    let of = |side: bool| {
        let pairs =
            support.iter().zip(&shares).filter(|((row, _), share)| first[*row] == side && !share.is_zero());
        pairs.map(|(&(row, _), share)| (row, share.to_f64().unwrap_or(f64::NAN))).collect()
    };
    Separation::Witness { first: of(true), second: of(false) }
}

/// The shares as fractions that solve the equations of a witness exactly, if none of them is negative.
fn exact_shares(x: MatrixRef<'_, f32>, first: &[bool], support: &[(usize, f64)]) -> Option<Vec<BigRational>> {
    let (zero, one) = (BigRational::zero(), exact(1.0));
    // Each equation: a coefficient for each share, and the right side.
    let mut equations: Vec<Vec<BigRational>> = Vec::new();
    for side in [true, false] {
        let of = |&(row, _): &(usize, f64)| if first[row] == side { one.clone() } else { zero.clone() };
        equations.push(support.iter().map(of).chain([one.clone()]).collect());
    }
    for column in 0..x.n_columns() {
        let of = |&(row, _): &(usize, f64)| {
            let x = exact(f64::from(x.row(row)[column]));
            if first[row] { x } else { -x }
        };
        equations.push(support.iter().map(of).chain([zero.clone()]).collect());
    }
    let n = support.len();
    let mut pivots: Vec<(usize, usize)> = Vec::new();
    for column in 0..n {
        let done = pivots.len();
        let Some(pivot) = (done..equations.len()).find(|&row| !equations[row][column].is_zero()) else {
            continue;
        };
        equations.swap(done, pivot);
        let factor = equations[done][column].recip();
        for value in &mut equations[done] {
            *value *= &factor;
        }
        let pivot = equations[done].clone();
        for (_, equation) in equations.iter_mut().enumerate().filter(|(row, _)| *row != done) {
            let factor = equation[column].clone();
            if !factor.is_zero() {
                for (value, of_pivot) in equation.iter_mut().zip(&pivot) {
                    *value -= &factor * of_pivot;
                }
            }
        }
        pivots.push((done, column));
    }
    if equations[pivots.len()..].iter().any(|equation| !equation[n].is_zero()) {
        return None;
    }
    // What the equations leave free stays as the program has it.
    let mut shares: Vec<BigRational> = support.iter().map(|&(_, share)| exact(share)).collect();
    let free: Vec<usize> = (0..n).filter(|column| pivots.iter().all(|(_, pivot)| pivot != column)).collect();
    for &(row, column) in &pivots {
        let others = free.iter().fold(zero.clone(), |sum, &free| sum + &equations[row][free] * &shares[free]);
        shares[column] = &equations[row][n] - others;
    }
    shares.iter().all(|share| !share.is_negative()).then_some(shares)
}

/// A finite number as a fraction.
fn exact(value: f64) -> BigRational {
    BigRational::from_float(value).unwrap_or_else(BigRational::zero)
}
