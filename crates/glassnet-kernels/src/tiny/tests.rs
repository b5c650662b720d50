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
by_avx2!(few_by_avx2, few_avx2, Lanes<FEW_LANES>, Lanes<FEW_LANES>);

proptest! {
    #[test]
    fn a_row_through_layers_has_the_bits_of_the_plain_loops(
        n_inputs in 1_usize..10,
        sizes in proptest::collection::vec((1_usize..MOST_ROW_UNITS + 1, any::<bool>(), any::<bool>()), 1..4),
    ) {
        let mut layers = Vec::new();
        let (mut a, mut params) = (numbers(n_inputs, 1), Vec::new());
        let x = a.clone();
        for &(n_outputs, has_bias, is_sigmoid) in &sizes {
            let function = if is_sigmoid { RowFunction::Sigmoid } else { RowFunction::Identity };
            let layer = RowLayer { n_inputs: a.len(), n_outputs, has_bias, function };
            let own = numbers((a.len() + usize::from(has_bias)) * n_outputs, 2 + params.len());
            a = (0..n_outputs).map(|j| {
                let mut z = 0.0;
                for (i, x) in a.iter().enumerate() {
                    z += x * own[i * n_outputs + j];
                }
                z += if has_bias { own[a.len() * n_outputs + j] } else { 0.0 };
                if is_sigmoid { 1.0 / (1.0 + crate::exponential::exp(-z)) } else { z }
            }).collect();
            params.extend(own);
            layers.push(layer);
        }
        for forward in [forward_row, row::forward_row_plain, row::forward_row_by_avx2] {
            let mut outputs = vec![f64::NAN; a.len()];
            forward(&layers, &params, &x, &mut outputs);
            prop_assert_eq!(&outputs, &a);
        }
    }

    #[test]
    fn the_sigmoid_has_the_bits_of_its_formula(
        z in prop_oneof![-800.0..800.0_f64, -40.0..40.0_f64, -1.0..1.0_f64, Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
    ) {
        let formula = |z: f64| 1.0 / (1.0 + crate::exponential::exp(-z));
        prop_assert_eq!(crate::exponential::sigmoid_of(z).to_bits(), formula(z).to_bits());
        // Beside numbers that are nowhere near the ends, in vectors of every set of instructions.
        for n_outputs in [1, 3, 7] {
            let sums: Vec<f64> = [z, 0.5, -z, -3.0, 30.0, z, 1.5].into_iter().take(n_outputs).collect();
            let layer = RowLayer { n_inputs: 1, n_outputs, has_bias: false, function: RowFunction::Sigmoid };
            for forward in [forward_row, row::forward_row_plain, row::forward_row_by_avx2] {
                let mut outputs = vec![0.0; n_outputs];
                forward(&[layer], &sums, &[1.0], &mut outputs);
                prop_assert!(outputs.iter().zip(&sums).all(|(a, &z)| a.to_bits() == formula(z).to_bits()));
            }
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
        large in 0_usize..3 * MANY_LANES,
    ) {
        let (inputs, targets) = (numbers(n_rows * shape.n_inputs, 1), numbers(n_rows, 2));
        let order: Vec<usize> = (0..n_rows).rev().collect();
        let order = is_reversed.then_some(&order[..]);
        let epoch = Epoch {
            inputs: &inputs, targets: &targets, order, batch_size, learning_rate: 0.7, is_mean, is_evaluated,
        };
        let none = Outcome { loss: f64::NAN, largest_square: f64::NAN };
        let mut expected = Vec::new();
        for lane in 0..MANY_LANES {
            // In one lane, or in none, sums of which e^(−z) is no normal number, or that are no multiple of ln 2 and a rest.
            let size = if lane == large { [3e3, 1e200][lane % 2] } else { 1.0 };
            let start: Vec<f64> = numbers(shape.n_params(), 3 + lane).iter().map(|&w| size * w).collect();
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
            prop_assert!(n_rows == 0 || lane == large || params != start);
            expected.push((start, params, outcomes[2].loss));
        }
        of_lanes(shape, &epoch, &expected, Shape::train_few, few_by_avx2)?;
        of_lanes(shape, &epoch, &expected, Shape::train_many, |_, _, _, _| None)?;
    }
}

type TrainLanes<const L: usize> = fn(Shape, &mut [Lanes<L>], &Epoch<'_>, &mut [Lanes<L>]);
type ByAvx2<const L: usize> =
    fn(Shape, &[Lanes<L>], &Epoch<'_>, &[Lanes<L>; 3]) -> Option<(Vec<Lanes<L>>, [Lanes<L>; 3])>;

/// The first networks side by side, of which each lane should end like one alone: its start, its end, and its loss.
fn of_lanes<const L: usize>(
    shape: Shape,
    epoch: &Epoch<'_>,
    alone: &[(Vec<f64>, Vec<f64>, f64)],
    train: TrainLanes<L>,
    by_avx2: ByAvx2<L>,
) -> Result<(), TestCaseError> {
    let start: Vec<Lanes<L>> =
        (0..shape.n_params()).map(|place| Lanes(std::array::from_fn(|lane| alone[lane].0[place]))).collect();
    let empty = [Lanes([f64::NAN; L]); 3];
    let (mut lanes, mut outcomes) = (start.clone(), empty);
    train(shape, &mut lanes, epoch, &mut outcomes);
    let (mut plain, mut plain_outcomes) = (start.clone(), empty);
    shape.train_lanes_plain(&mut plain, epoch, &mut plain_outcomes);
    prop_assert_eq!((&lanes, outcomes), (&plain, plain_outcomes));
    if let Some(found) = by_avx2(shape, &start, epoch, &empty) {
        prop_assert_eq!(found, (plain, plain_outcomes));
    }
    for (lane, (_, params, loss)) in alone.iter().take(L).enumerate() {
        let found: Vec<f64> = lanes.iter().map(|param| param.0[lane]).collect();
        prop_assert_eq!(&found, params);
        prop_assert_eq!(outcomes[2].0[lane], *loss);
    }
    Ok(())
}
