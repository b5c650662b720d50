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

proptest! {
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
        shape.train_lanes_plain(&mut plain_lanes, &epoch, &mut plain_outcomes);
        prop_assert_eq!(&lanes, &plain_lanes);
        for (lane, (params, outcome)) in expected.iter().enumerate() {
            let found: Vec<f64> = lanes.iter().map(|param| param.0[lane]).collect();
            prop_assert_eq!(&found, params);
            prop_assert_eq!(outcomes[2].0[lane], outcome.loss);
        }
    }
}
