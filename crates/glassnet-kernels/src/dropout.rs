//! Which numbers drop out: random bits that depend on a key and a number's place alone, so that any part of a matrix can
//! be drawn by itself, by any thread, and a vector at a time.

use crate::Real;
use crate::elementwise::n_parts;
use crate::instructions::kernel;
use crate::team::{Parts, Team};

/// Numbers that are drawn together: four of each word of 64 bits.
pub(crate) const GROUP: usize = 64;
/// Words of a group.
const N_WORDS: usize = 16;
/// Numbers of a part are a multiple of this, or two threads would write the same line of their caches.
const LINE: usize = 16;

/// What drops out of a matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropping {
    key: u64,
    /// Of 65,536.
    limit: u64,
    kept: f64,
}

impl Dropping {
    /// Each number becomes 0 with probability `rate`, in [0, 1), and is multiplied with 1/(1 − rate) otherwise. 16 bits
    /// decide, so that a rate is met to 1/131,072. Another key, other numbers.
    pub fn new(rate: f64, key: u64) -> Self {
        Self { key, limit: (rate * 65_536.0).round() as u64, kept: 1.0 / (1.0 - rate) }
    }

    /// The factors of a group of columns of a row, 0 or 1/(1 − rate). In a matrix of n columns, row r's group g is number
    /// r·⌈n/64⌉ + g. Its number 16·q + l has bits 16·q to 16·q + 15 of word l; word w of the matrix, from 1, is
    /// the output of `SplitMix64` after w steps from the key (Steele, Lea and Flood, OOPSLA 2014), whose state is nothing
    /// but key + w·γ.
    #[inline(always)]
    pub(crate) fn factors<R: Real>(self, group: usize, factors: &mut [R; GROUP]) {
        let first = self.key.wrapping_add((group as u64 * N_WORDS as u64).wrapping_mul(GAMMA));
        let mut words = [0_u64; N_WORDS];
        for (l, word) in words.iter_mut().enumerate() {
            *word = mixed(first.wrapping_add((l as u64 + 1).wrapping_mul(GAMMA)));
        }
        let kept = R::from_f64(self.kept);
        for (quarter, factors) in factors.chunks_exact_mut(N_WORDS).enumerate() {
            for (factor, word) in factors.iter_mut().zip(&words) {
                *factor = if (word >> (16 * quarter)) & 0xffff < self.limit { R::ZERO } else { kept };
            }
        }
    }
}

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output of `SplitMix64` for a state.
#[inline(always)]
fn mixed(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// a = m∘x with the factors m. x, m, a: (`n_rows`, `n_columns`).
///
/// # Panics
/// When the matrices differ in length.
#[expect(unsafe_code, reason = "rows that lie apart")]
pub fn forward<R: Real>(
    team: &Team,
    dropping: Dropping,
    n_columns: usize,
    x: &[R],
    m: &mut [R],
    a: &mut [R],
) {
    assert!(x.len() == m.len() && x.len() == a.len(), "x, m and a");
    if x.is_empty() {
        return;
    }
    let n_parts = n_parts(team, x.len());
    let (m, a) = (Parts::new(m), Parts::new(a));
    team.ranges(n_parts, x.len() / n_columns, 1, |rows| {
        let first = rows.start;
        let range = rows.start * n_columns..rows.end * n_columns;
        // SAFETY: threads have rows that lie apart.
        let (m, a) = unsafe { (m.part(range.clone()), a.part(range.clone())) };
        forward_rows(dropping, n_columns, first, &x[range], m, a);
    });
}

kernel! {
    /// As [`forward`], of some rows.
    fn forward_rows[R: Real][R](
        dropping: Dropping, n_columns: usize, first_row: usize, x: &[R], m: &mut [R], a: &mut [R]
    ) = forward_plain;
}

#[inline(always)]
fn forward_plain<R: Real>(
    dropping: Dropping,
    n_columns: usize,
    first_row: usize,
    x: &[R],
    m: &mut [R],
    a: &mut [R],
) {
    let mut factors = [R::ZERO; GROUP];
    let mut group = first_row * n_columns.div_ceil(GROUP);
    for m in m.chunks_exact_mut(n_columns) {
        for m in m.chunks_mut(GROUP) {
            dropping.factors(group, &mut factors);
            m.copy_from_slice(&factors[..m.len()]);
            group += 1;
        }
    }
    for ((a, &x), &m) in a.iter_mut().zip(x).zip(&*m) {
        *a = x * m;
    }
}

/// The gradient by x, `d_x` = m∘d, from the gradient d by a.
///
/// # Panics
/// When the matrices differ in length.
pub fn backward<R: Real>(team: &Team, m: &[R], d: &[R], d_x: &mut [R]) {
    assert!(m.len() == d.len() && m.len() == d_x.len(), "m, d and d_x");
    team.split(n_parts(team, d.len()), LINE, ((m, d), d_x), |((m, d), d_x)| backward_part(m, d, d_x));
}

kernel! {
    /// As [`backward`], on one thread.
    fn backward_part[R: Real][R](m: &[R], d: &[R], d_x: &mut [R]) = backward_plain;
}

#[inline(always)]
fn backward_plain<R: Real>(m: &[R], d: &[R], d_x: &mut [R]) {
    for ((d_x, &d), &m) in d_x.iter_mut().zip(d).zip(m) {
        *d_x = d * m;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `SplitMix64` as its authors write it: a state that moves.
    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_add(GAMMA);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Number after number, row after row.
    fn one_by_one(rate: f64, key: u64, n_rows: usize, n_columns: usize) -> Vec<f32> {
        let (limit, kept) = ((rate * 65_536.0).round() as u64, (1.0 / (1.0 - rate)) as f32);
        let (mut state, mut factors) = (key, Vec::new());
        for _ in 0..n_rows {
            let mut row = Vec::new();
            while row.len() < n_columns {
                let words: Vec<u64> = (0..16).map(|_| next(&mut state)).collect();
                let bits = (0..64).map(|i| words[i % 16] >> (16 * (i / 16)) & 0xffff);
                row.extend(bits.map(|bits| if bits < limit { 0.0 } else { kept }));
            }
            factors.extend_from_slice(&row[..n_columns]);
        }
        factors
    }

    proptest! {
        #[test]
        fn factors_are_those_of_the_generator(
            rate in prop_oneof![Just(0.0), 0.0..1.0],
            key: u64,
            n_rows in prop_oneof![0..4_usize, Just(301)],
            n_columns in prop_oneof![1..70_usize, Just(127), Just(128), Just(131)],
            n_threads in 1..4_usize,
        ) {
            let specials = [1.5, -0.0, f32::INFINITY, f32::NAN, 1e-40, f32::MAX];
            let x: Vec<f32> = (0..n_rows * n_columns).map(|i| specials[i % 6]).collect();
            let (mut m, mut a, mut d_x) = (x.clone(), x.clone(), x.clone());
            let team = Team::new(n_threads);
            forward(&team, Dropping::new(rate, key), n_columns, &x, &mut m, &mut a);
            let expected = one_by_one(rate, key, n_rows, n_columns);
            prop_assert_eq!(&m, &expected);
            backward(&team, &m, &x, &mut d_x);
            for (((&a, &d_x), &x), &m) in a.iter().zip(&d_x).zip(&x).zip(&expected) {
                prop_assert_eq!(a.to_bits(), (x * m).to_bits());
                prop_assert_eq!(d_x.to_bits(), (x * m).to_bits());
            }
            let (mut plain_m, mut plain_a) = (x.clone(), x.clone());
            forward_plain(Dropping::new(rate, key), n_columns, 0, &x, &mut plain_m, &mut plain_a);
            prop_assert_eq!(&plain_m, &expected);
        }
    }

    #[test]
    fn neighbouring_keys_and_rows_share_nothing() {
        // Of n numbers with rate ½, n/2 agree by chance; four standard deviations are 2·√n.
        let draw = |key| {
            let mut m = vec![0.0_f64; 100 * 192];
            forward(
                &Team::default(),
                Dropping::new(0.5, key),
                192,
                &vec![1.0; m.len()],
                &mut m.clone(),
                &mut m,
            );
            m
        };
        let agree = |a: &[f64], b: &[f64]| a.iter().zip(b).filter(|(a, b)| a == b).count() as f64;
        let (first, second) = (draw(7), draw(8));
        let n = first.len() as f64;
        assert!((agree(&first, &second) - n / 2.0).abs() < 2.0 * n.sqrt());
        let n = n - 192.0;
        assert!((agree(&first[192..], &first[..first.len() - 192]) - n / 2.0).abs() < 2.0 * n.sqrt());
        assert!((agree(&first[1..], &first) - n / 2.0).abs() < 2.0 * n.sqrt() + 192.0);
    }
}
