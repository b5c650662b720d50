//! Whether a plane w·x + b = 0 has one class on one side and the other on the other.
//!
//! A linear program decides: min Σ|wⱼ| with tᵢ(w·xᵢ + b) ≥ 1 for the rows i, t being +1 or −1. It starts with few rows and takes in
//! those that its plane gets most wrong (cutting planes; Kelley, 1960), so it stays small. Where there is no plane, a second
//! program finds a witness (Farkas): weights λ ≥ 0 for which two means of opposite classes are the same point. Both answers
//! are checked by exact arithmetic, so a rounding error can only make them [`Separation::Undecided`].

use crate::matrix::MatrixRef;
use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, SolveOutcome, Variable};
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
        match plane(x, first, &rows) {
            Err(Error::Infeasible) => return witness(x, first, &rows),
            Err(_) => return Separation::Undecided,
            Ok(plane) => {
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

/// By some of the rows.
fn plane(x: MatrixRef<'_, f32>, first: &[bool], rows: &[usize]) -> Result<Plane, Error> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let any = (f64::NEG_INFINITY, f64::INFINITY);
    let weights: Vec<[Variable; 2]> =
        (0..x.n_columns()).map(|_| [(); 2].map(|()| problem.add_var(1.0, (0.0, f64::INFINITY)))).collect();
    let bias = problem.add_var(0.0, any);
    for &row in rows {
        let t = if first[row] { 1.0 } else { -1.0 };
        let mut terms = vec![(bias, t)];
        for (&[plus, minus], &x) in weights.iter().zip(x.row(row)).filter(|(_, x)| **x != 0.0) {
            terms.extend([(plus, t * f64::from(x)), (minus, -t * f64::from(x))]);
        }
        problem.add_constraint(terms, ComparisonOp::Ge, 1.0);
    }
    let solved = solution(&problem)?;
    Ok(Plane {
        weights: weights
            .into_iter()
            .map(|[plus, minus]| solved.var_value(plus) - solved.var_value(minus))
            .collect(),
        bias: solved.var_value(bias),
    })
}

fn solution(problem: &Problem) -> Result<microlp::Solution, Error> {
    match problem.solve()? {
        SolveOutcome::Solution(solution) => Ok(solution),
        SolveOutcome::Interrupted(_) => Err(Error::InternalError("no optimum".into())),
    }
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

/// Of some rows that no plane separates.
fn witness(x: MatrixRef<'_, f32>, first: &[bool], rows: &[usize]) -> Separation {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let shares: Vec<Variable> = rows.iter().map(|_| problem.add_var(0.0, (0.0, f64::INFINITY))).collect();
    for side in [true, false] {
        let terms: Vec<_> = rows
            .iter()
            .zip(&shares)
            .filter(|(row, _)| first[**row] == side)
            .map(|(_, &share)| (share, 1.0))
            .collect();
        problem.add_constraint(terms, ComparisonOp::Eq, 1.0);
    }
    for column in 0..x.n_columns() {
        let sign = |row: usize| if first[row] { 1.0 } else { -1.0 };
        let terms: Vec<_> = rows
            .iter()
            .zip(&shares)
            .map(|(&row, &share)| (share, sign(row) * f64::from(x.row(row)[column])))
            .filter(|(_, x)| *x != 0.0)
            .collect();
        problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
    }
    let Ok(solved) = solution(&problem) else { return Separation::Undecided };
    let support: Vec<(usize, f64)> = rows
        .iter()
        .zip(&shares)
        .map(|(&row, &share)| (row, solved.var_value(share)))
        .filter(|(_, share)| *share > 1e-9)
        .collect();
    let Some(shares) = exact_shares(x, first, &support) else { return Separation::Undecided };
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
