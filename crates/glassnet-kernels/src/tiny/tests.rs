//! Every lane and every set of instructions against the plain loops.

use super::*;
use proptest::prelude::*;

fn numbers(count: usize, start: usize) -> Vec<f64> {
    (0..count).map(|i| ((i * 7919 + start * 104_729) % 1_009) as f64 / 504.5 - 1.0).collect()
}

fn shapes() -> impl Strategy<Value = Shape> {
    let n_hidden = prop_oneof![Just(None), (1..=MOST_HIDDEN).prop_map(Some)];
    (1..=MOST_INPUTS, n_hidden, any::<bool>(), any::<bool>()).prop_map(|(n_inputs, n_hidden, a, b)| Shape {
        n_inputs,
        n_hidden,
        hidden_bias: a,
        output_bias: b,
    })
}

/// What the loops for AVX2 give, on a machine that has it but would choose AVX-512.
macro_rules! by_avx2 {
    ($name:ident, $loops:ident, $param:ty, $outcome:ty) => {
        #[cfg_attr(
            target_arch = "x86_64",
            expect(unsafe_code, reason = "AVX2, once it is known to be there")
        )]
        fn $name(
            shape: Shape,
            params: &[$param],
            epoch: &Epoch<'_>,
            outcomes: &[$outcome; 3],
        ) -> Option<(Vec<$param>, [$outcome; 3])> {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                let (mut params, mut outcomes) = (params.to_vec(), *outcomes);
                // SAFETY: the processor has just been asked.
                unsafe { x86::$loops(shape, &mut params, epoch, &mut outcomes) };
                return Some((params, outcomes));
            }
            let _ = (shape, params, epoch, outcomes);
            None
        }
    };
}

by_avx2!(by_avx2, one_avx2, f64, Outcome);
by_avx2!(lanes_by_avx2, eight_avx2, Lanes<N_LANES>, Lanes<N_LANES>);

proptest! {
    #[test]
    fn a_row_through_a_layer_has_the_bits_of_the_plain_loops(
        n_inputs in 0_usize..10,
        n_outputs in 1_usize..20,
        has_bias in any::<bool>(),
        is_sigmoid in any::<bool>(),
    ) {
        let (inputs, weights, bias) = (numbers(n_inputs, 1), numbers(n_inputs * n_outputs, 2), numbers(n_outputs, 3));
        let function = if is_sigmoid { RowFunction::Sigmoid } else { RowFunction::Identity };
        let mut all = Vec::new();
        for set in 0..3 {
            let (mut z, mut a) = (vec![f64::NAN; n_outputs], vec![f64::NAN; n_outputs]);
            let bias = if has_bias { &bias[..] } else { &[] };
            let mut row = Row { inputs: &inputs, weights: &weights, bias, function, z: &mut z, a: &mut a };
            match set {
                0 => row.forward_plain(),
                1 => row.forward(),
                _ => row.forward_by_avx2(),
            }
            all.push((z, a));
        }
        for j in 0..n_outputs {
            let mut z = 0.0;
            for (i, x) in inputs.iter().enumerate() {
                z += x * weights[i * n_outputs + j];
            }
            z += if has_bias { bias[j] } else { 0.0 };
            prop_assert_eq!(all[0].0[j], z);
            prop_assert_eq!(all[0].1[j], if is_sigmoid { 1.0 / (1.0 + crate::exponential::exp(-z)) } else { z });
        }
        prop_assert_eq!(&all[0], &all[1]);
        prop_assert_eq!(&all[0], &all[2]);
    }

    #[test]
    fn the_sigmoid_has_the_bits_of_its_formula(
        z in prop_oneof![-800.0..800.0_f64, -40.0..40.0_f64, -1.0..1.0_f64, Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
    ) {
        let formula = 1.0 / (1.0 + crate::exponential::exp(-z));
        prop_assert_eq!(crate::exponential::sigmoid_of(z).to_bits(), formula.to_bits());
        for n_outputs in [1, 3, 7] {
            let (mut sums, mut outputs) = (vec![0.0; n_outputs], vec![0.0; n_outputs]);
            let weights = vec![z; n_outputs];
            let function = RowFunction::Sigmoid;
            Row { inputs: &[1.0], weights: &weights, bias: &[], function, z: &mut sums, a: &mut outputs }.forward();
            prop_assert!(outputs.iter().all(|a| a.to_bits() == formula.to_bits()));
        }
    }

    #[test]
    fn every_lane_and_every_set_of_instructions_has_the_bits_of_the_plain_loops(
        shape in shapes(),
        n_rows in 0_usize..11,
        batch_size in 1_usize..5,
        is_mean in any::<bool>(),
        is_evaluated in any::<bool>(),
        is_reversed in any::<bool>(),
    ) {
        let (inputs, targets) = (numbers(n_rows * shape.n_inputs, 1), numbers(n_rows, 2));
        let order: Vec<usize> = (0..n_rows).rev().collect();
        let order = is_reversed.then_some(&order[..]);
        let epoch = Epoch {
            inputs: &inputs, targets: &targets, order, batch_size, learning_rate: 0.7, is_mean, is_evaluated,
        };
        let none = Outcome { loss: f64::NAN, largest_square: f64::NAN };
        let mut lanes: Vec<Lanes<N_LANES>> = vec![Lanes([0.0; N_LANES]); shape.n_params()];
        let mut plain_lanes = lanes.clone();
        let mut expected = Vec::new();
        for lane in 0..N_LANES {
            let start = numbers(shape.n_params(), 3 + lane);
            let (mut params, mut plain) = (start.clone(), start.clone());
            let (mut outcomes, mut plain_outcomes) = ([none; 3], [none; 3]);
            shape.train(&mut params, &epoch, &mut outcomes);
            shape.train_plain(&mut plain, &epoch, &mut plain_outcomes);
            prop_assert_eq!(&params, &plain);
            prop_assert_eq!(outcomes, plain_outcomes);
            if let Some((params, outcomes)) = by_avx2(shape, &start, &epoch, &[none; 3]) {
                prop_assert_eq!(&params, &plain);
                prop_assert_eq!(outcomes, plain_outcomes);
            }
            prop_assert!(n_rows == 0 || params != start);
            for (place, &param) in start.iter().enumerate() {
                lanes[place].0[lane] = param;
                plain_lanes[place].0[lane] = param;
            }
            expected.push((params, outcomes[2]));
        }
        let empty = Lanes([f64::NAN; N_LANES]);
        let (mut outcomes, mut plain_outcomes) = ([empty; 3], [empty; 3]);
        shape.train_lanes(&mut lanes, &epoch, &mut outcomes);
        if let Some((lanes, outcomes)) = lanes_by_avx2(shape, &plain_lanes, &epoch, &[empty; 3]) {
            shape.train_lanes_plain(&mut plain_lanes, &epoch, &mut plain_outcomes);
            prop_assert_eq!(&lanes, &plain_lanes);
            prop_assert_eq!(outcomes, plain_outcomes);
        } else {
            shape.train_lanes_plain(&mut plain_lanes, &epoch, &mut plain_outcomes);
        }
        prop_assert_eq!(&lanes, &plain_lanes);
        prop_assert_eq!(outcomes, plain_outcomes);
        for (lane, (params, outcome)) in expected.iter().enumerate() {
            let found: Vec<f64> = lanes.iter().map(|param| param.0[lane]).collect();
            prop_assert_eq!(&found, params);
            prop_assert_eq!(outcomes[2].0[lane], outcome.loss);
        }
    }
}
