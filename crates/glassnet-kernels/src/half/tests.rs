//! Packed tiles against one chain after the other, by the instruction and by its plain twin.

use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// Every way that this machine can compute: plain Rust and its instructions.
fn ways() -> Vec<Option<HalfInstructions>> {
    let all = [HalfInstructions::Avx512Bf16, HalfInstructions::AmxBf16];
    let here = all.into_iter().filter(|instructions| instructions.are_here());
    std::iter::once(None).chain(here.map(Some)).collect()
}

/// Numbers of all signs and sizes that ordinary layers meet, unlike each other.
fn numbers(count: usize, start: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919 + start * 104_729) % 100_003) as f32 / 50_001.5 - 1.0).collect()
}

/// Some of the numbers become ones that arithmetic treats in a way of their own.
fn with_odd_ones(mut values: Vec<f32>, every: usize) -> Vec<f32> {
    let tiny = f32::MIN_POSITIVE;
    let odd = [
        0.0,
        -0.0,
        tiny,
        -tiny,
        tiny / 3.0,
        -tiny / 5.0,
        1e-30,
        -1e-19,
        3e-20,
        f32::MAX,
        -f32::MAX,
        1e25,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        -f32::NAN,
    ];
    for (i, value) in values.iter_mut().step_by(every).enumerate() {
        *value = odd[(i * 7 + i / 16) % odd.len()];
    }
    values
}

fn transposed(n_rows: usize, n_columns: usize, values: &[f32]) -> Vec<f32> {
    (0..n_columns * n_rows).map(|i| values[(i % n_rows) * n_columns + i / n_rows]).collect()
}

/// Rounded to bf16 by arithmetic in 64 bits: to a multiple of the power of two that leaves 8 digits.
fn rounded(value: f32) -> f32 {
    if !value.is_finite() || value == 0.0 {
        return value;
    }
    if value.abs() < f32::MIN_POSITIVE {
        return 0.0_f32.copysign(value);
    }
    let unit = 2.0_f64.powi(f64::from(value.abs()).log2().floor() as i32 - 7);
    ((f64::from(value) / unit).round_ties_even() * unit) as f32
}

/// One addition of the chain, from its definition: exact, then rounded once, as if the exponent had no lower end.
fn step(sum: f32, a: f32, b: f32) -> f32 {
    let flat = |x: f32| if x.abs() < f32::MIN_POSITIVE { 0.0_f32.copysign(x) } else { x };
    // Scaled, so that nothing near the smallest normal number is subnormal.
    let scale = 2.0_f32.powi(30);
    let (small, large) = if a.abs() < b.abs() { (a, b) } else { (b, a) };
    let exact = (small * scale).mul_add(large, flat(sum) * scale);
    if exact.abs() < f32::MIN_POSITIVE * scale {
        return 0.0_f32.copysign(exact);
    }
    a.mul_add(b, flat(sum))
}

/// What tiles sum: of 32 terms, zeros at the end, the first and the second ones of all pairs apart.
fn of_tiles(sum: &mut f32, terms: &[(f32, f32)]) {
    for terms in terms.chunks(32) {
        let mut halves = [0.0, 0.0];
        for place in 0..32 {
            let (a, b) = terms.get(place).copied().unwrap_or_default();
            halves[place % 2] = step(halves[place % 2], a, b);
        }
        let both = step(halves[0], halves[1], 1.0);
        *sum = step(*sum, both, 1.0);
    }
}

/// The chains of the module's first lines, one after the other, or those of tiles.
fn oracle(
    way: Option<HalfInstructions>,
    sizes: [usize; 3],
    a: &[f32],
    b: &[f32],
    before: &[f32],
) -> Vec<f32> {
    let [n_rows, n_inner, n_columns] = sizes;
    let (a, b): (Vec<f32>, Vec<f32>) =
        (a.iter().map(|&x| rounded(x)).collect(), b.iter().map(|&x| rounded(x)).collect());
    let mut result = before.to_vec();
    for row in 0..n_rows {
        for column in 0..n_columns {
            let sum = &mut result[row * n_columns + column];
            if way == Some(HalfInstructions::AmxBf16) {
                let terms = (0..n_inner).map(|i| (a[row * n_inner + i], b[i * n_columns + column]));
                of_tiles(sum, &terms.collect::<Vec<_>>());
                continue;
            }
            for first in (0..n_inner).step_by(2) {
                let second = first + 1;
                let is_there = second < n_inner;
                let (a2, b2) = if is_there {
                    (a[row * n_inner + second], b[second * n_columns + column])
                } else {
                    (0.0, 0.0)
                };
                *sum = step(*sum, a2, b2);
                *sum = step(*sum, a[row * n_inner + first], b[first * n_columns + column]);
            }
        }
    }
    result
}

fn same_bits(result: &[f32], expected: &[f32]) -> bool {
    result.len() == expected.len()
        && result.iter().zip(expected).all(|(r, e)| r.to_bits() == e.to_bits() || (r.is_nan() && e.is_nan()))
}

/// The product in every layout and every way, each with the bits of the oracle.
fn check(sizes: [usize; 3], a: &[f32], b: &[f32], before: &[f32]) {
    let [n_rows, n_inner, n_columns] = sizes;
    let (a_t, b_t) = (transposed(n_rows, n_inner, a), transposed(n_inner, n_columns, b));
    let plain = (Factor::in_rows(a, n_rows, n_inner), Factor::in_rows(b, n_inner, n_columns));
    let left = (Factor::transposed(&a_t, n_rows, n_inner), plain.1);
    let right = (plain.0, Factor::transposed(&b_t, n_inner, n_columns));
    for into in [Into::Overwrite, Into::Add] {
        let zeros = vec![0.0; before.len()];
        for way in ways() {
            let expected = oracle(way, sizes, a, b, if into == Into::Overwrite { &zeros } else { before });
            let mut scratch = Scratch::default();
            for (name, (a, b)) in [("a·b", plain), ("aᵀ·b", left), ("a·bᵀ", right)] {
                let mut result = before.to_vec();
                multiply_with(way, a, b, into, &mut result, &mut scratch);
                assert!(same_bits(&result, &expected), "{name} {sizes:?} {into:?} {way:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_layout_and_every_way_has_the_bits_of_the_chains(
        n_rows in select(vec![0_usize, 1, 2, 5, 13, 14, 15, 29, 43]),
        n_inner in select(vec![0_usize, 1, 2, 3, 29, 31, 32, 33, 61, 127, 511, 512, 513]),
        n_columns in select(vec![0_usize, 1, 2, 7, 16, 17, 32, 33, 53]),
        odd_every in select(vec![usize::MAX, 1, 3, 97, 499]),
        seed in 0_usize..1_000,
    ) {
        let a = with_odd_ones(numbers(n_rows * n_inner, seed), odd_every);
        let b = with_odd_ones(numbers(n_inner * n_columns, seed + 1), odd_every);
        let before = with_odd_ones(numbers(n_rows * n_columns, seed + 2), odd_every);
        check([n_rows, n_inner, n_columns], &a, &b, &before);
    }

    #[test]
    fn numbers_near_the_smallest_and_the_largest(
        a in prop::collection::vec(any::<u32>(), 14 * 6),
        b in prop::collection::vec(any::<u32>(), 6 * 16),
        before in prop::collection::vec(any::<u32>(), 14 * 16),
        exponent in select(vec![0_u32, 40, 62, 63, 64, 120, 188, 190]),
    ) {
        // Bits with exponents of a few neighbours, so that products cancel and fall on both sides of the limits.
        let near = |bits: u32, low: u32| f32::from_bits((bits & 0x807f_ffff) | ((low + (bits >> 23) % 4) << 23));
        let a: Vec<f32> = a.into_iter().map(|bits| near(bits, exponent)).collect();
        let b: Vec<f32> = b.into_iter().map(|bits| near(bits, exponent)).collect();
        let before: Vec<f32> =
            before.into_iter().map(|bits| near(bits, (2 * exponent).saturating_sub(127).min(251))).collect();
        check([14, 6, 16], &a, &b, &before);
    }

    #[test]
    fn rounding_is_to_nearest_even(bits in any::<u32>()) {
        // Every upper half with lower halves at and around the tie.
        for lower in [bits & 0xffff, 0, 1, 0x7fff, 0x8000, 0x8001, 0xffff] {
            let value = f32::from_bits((bits & 0xffff_0000) | lower);
            let expected = rounded(value);
            for way in ways() {
                let mut line = [strip::Line::default()];
                strip::pack(way, Factor::in_rows(&[value, 1.0], 2, 1), &mut line);
                let packed = f32::from_bits(line[0].0[0] << 16);
                prop_assert_eq!(line[0].0[0] >> 16, 0x3f80);
                prop_assert!(same_bits(&[packed], &[expected]), "{value:e} {way:?}: {packed:e}, not {expected:e}");
            }
        }
    }

    #[test]
    fn parts_have_the_bits_of_the_whole(
        rows in (0_usize..60, 0_usize..60),
        columns in (0_usize..70, 0_usize..70),
        n_inner in select(vec![1_usize, 7, 512, 600]),
        is_packed in any::<bool>(),
    ) {
        let (n_rows, n_columns) = (60, 70);
        let (rows, columns) = (rows.0.min(rows.1)..rows.0.max(rows.1), columns.0.min(columns.1)..columns.0.max(columns.1));
        let (a, b) = (numbers(n_rows * n_inner, 1), numbers(n_inner * n_columns, 2));
        for way in ways() {
            let mut scratch = Scratch::default();
            for (a, b) in [
                (Factor::in_rows(&a, n_rows, n_inner), Factor::in_rows(&b, n_inner, n_columns)),
                (Factor::transposed(&a, n_rows, n_inner), Factor::transposed(&b, n_inner, n_columns)),
            ] {
                let mut whole = vec![0.0; n_rows * n_columns];
                multiply_with(way, a, b, Into::Overwrite, &mut whole, &mut scratch);
                let (a, b) = (a.rows(rows.clone()), b.columns(columns.clone()));
                let mut part = vec![f32::NAN; rows.len() * columns.len()];
                if is_packed {
                    let mut packed = Packed::default();
                    packed.pack_with(&Team::default(), way, b);
                    blocks(way, a, &packed, Into::Overwrite, &mut part, &mut scratch.left);
                } else {
                    multiply_with(way, a, b, Into::Overwrite, &mut part, &mut scratch);
                }
                let expected: Vec<f32> =
                    rows.clone().flat_map(|row| &whole[row * n_columns..][columns.clone()]).copied().collect();
                prop_assert!(same_bits(&part, &expected));
            }
        }
    }
}

#[test]
fn close_to_the_exact_product_of_the_rounded_factors() {
    for sizes in [[14, 32, 32], [65, 129, 37], [15, 1024, 33]] {
        let [n_rows, n_inner, n_columns] = sizes;
        let (a, b) = (numbers(n_rows * n_inner, 1), numbers(n_inner * n_columns, 2));
        let mut result = vec![0.0; n_rows * n_columns];
        let factors = (Factor::in_rows(&a, n_rows, n_inner), Factor::in_rows(&b, n_inner, n_columns));
        multiply(factors.0, factors.1, Into::Overwrite, &mut result, &mut Scratch::default());
        for (i, &result) in result.iter().enumerate() {
            let (row, column) = (i / n_columns, i % n_columns);
            let terms = (0..n_inner).map(|inner| {
                let (a, b) = (a[row * n_inner + inner], b[inner * n_columns + column]);
                f64::from(rounded(a)) * f64::from(rounded(b))
            });
            let (exact, size) = terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()));
            // Each of the n additions rounds a sum no larger than Σ|terms| by at most ε/2.
            let bound = n_inner as f64 * f64::from(f32::EPSILON) / 2.0 * size * 1.001;
            assert!((f64::from(result) - exact).abs() <= bound, "{sizes:?}: {result} for {exact}");
        }
    }
}

#[test]
fn sums_that_are_not_quite_normal_are_flushed() {
    // 2⁻¹²⁶ − 2⁻¹⁵⁰ has 24 digits below 2⁻¹²⁶: flushed, though with fewer digits it would be rounded up to 2⁻¹²⁶.
    let tiny = f32::MIN_POSITIVE;
    for (exponent, expected) in [(-75, 0.0), (-76, tiny)] {
        for sign in [1.0, -1.0] {
            let (a, b) = ([2.0_f32.powi(-75) * sign], [-2.0_f32.powi(exponent)]);
            check([1, 1, 1], &a, &b, &[tiny * sign]);
            let mut result = [tiny * sign];
            let factors = (Factor::in_rows(&a, 1, 1), Factor::in_rows(&b, 1, 1));
            multiply_with(None, factors.0, factors.1, Into::Add, &mut result, &mut Scratch::default());
            assert_eq!(result[0], expected * sign, "2^{exponent}");
        }
    }
}
