//! Parts of rows, and weights.

use glassnet::dataset::{ClassWeights, Dataset, Targets, balanced_class_weights};
use glassnet::error::{DatasetError, Error, Result};
use glassnet::generator::Generator;
use glassnet::matrix::Matrix;
use glassnet::split::Split;
use proptest::prelude::*;

fn generator() -> Generator {
    Generator::stream(0, 0)
}

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> DatasetError {
    match result {
        Err(Error::Dataset(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn dataset(indices: &[u32], n_classes: usize) -> Result<Dataset<f32>> {
    let targets = Targets::Classes { indices: indices.to_vec(), n_classes };
    Dataset::new(
        Matrix::from_values(indices.len(), 1, (0..indices.len()).map(|i| i as f32).collect()),
        targets,
    )
}

#[test]
fn every_class_is_held_back_in_proportion() {
    let indices: Vec<u32> = (0..200).map(|i| if i % 100 < 3 { 0 } else { 1 + i % 2 }).collect();
    for seed in 0..50 {
        let split = Split::of_classes(&indices, 0.5, &mut Generator::stream(seed, 0)).unwrap();
        let held_back = |class| split.validation.iter().filter(|&&row| indices[row] == class).count();
        assert_eq!((held_back(0), held_back(1), held_back(2)), (3, 48, 49), "seed {seed}");
    }
}

#[test]
fn the_largest_remainder_gets_the_last_row() {
    // Shares 1.4, 1 and 0.6 of 3 rows.
    let indices = [vec![0; 7], vec![1; 5], vec![2; 3]].concat();
    for seed in 0..20 {
        let split = Split::of_classes(&indices, 0.2, &mut Generator::stream(seed, 0)).unwrap();
        assert_eq!(split.validation.iter().map(|&row| indices[row]).collect::<Vec<u32>>(), [0, 1, 2]);
    }
}

#[test]
fn the_seed_decides() {
    let split = |seed| Split::of_rows(100, 0.2, &mut Generator::stream(seed, 0)).unwrap();
    assert_eq!(split(1), split(1));
    assert_ne!(split(1), split(2));
    let indices: Vec<u32> = (0..100).map(|i| i % 3).collect();
    let split = |seed| Split::of_classes(&indices, 0.2, &mut Generator::stream(seed, 0)).unwrap();
    assert_eq!(split(1), split(1));
    assert_ne!(split(1), split(2));
}

#[test]
fn tiny_tables_keep_something_to_train_on() {
    let sizes = |split: Split| (split.training.len(), split.validation.len());
    for (n_rows, expected) in [(0, (0, 0)), (1, (1, 0)), (2, (1, 1)), (3, (2, 1)), (10, (8, 2))] {
        assert_eq!(sizes(Split::of_rows(n_rows, 0.2, &mut generator()).unwrap()), expected, "{n_rows}");
    }
    let classes = |indices: &[u32]| sizes(Split::of_classes(indices, 0.2, &mut generator()).unwrap());
    assert_eq!(classes(&[]), (0, 0));
    assert_eq!(classes(&[0, 1]), (2, 0), "each is the only one of its class");
    assert_eq!(classes(&[0, 1, 0]), (2, 1));
    assert_eq!(classes(&[0, 1, 2, 7]), (4, 0));
    assert_eq!(classes(&[1; 5]), (4, 1));
    for fraction in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
        let error = refusal(Split::of_rows(5, fraction, &mut generator()));
        assert!(matches!(error, DatasetError::ValidationFraction { .. }));
        assert!(Split::of_classes(&[0, 1], fraction, &mut generator()).is_err());
    }
    assert_eq!(sizes(Split::of_rows(5, 0.0, &mut generator()).unwrap()), (5, 0));
}

#[test]
fn datasets_are_whole() {
    let values = |n| Targets::Values(Matrix::<f64>::zeros(n, 1));
    let error = refusal(Dataset::new(Matrix::zeros(3, 2), values(2)));
    assert_eq!(error, DatasetError::RowCount { n_rows: 3, n_other: 2, other: "targets" });
    let error =
        refusal(Dataset::new(Matrix::from_values(2, 2, vec![0.0, 1.0, 2.0, f64::INFINITY]), values(2)));
    assert_eq!(error, DatasetError::NotFinite { row: 2, what: "input", column: 2, value: f64::INFINITY });
    assert_eq!(refusal(dataset(&[0, 2], 2)), DatasetError::ClassIndex { row: 2, class: 2, n_classes: 2 });
    let error = refusal(
        Dataset::new(Matrix::zeros(0, 0), values(0)).unwrap().with_class_weights(&ClassWeights::Balanced),
    );
    assert_eq!(error, DatasetError::NoClasses);
}

#[test]
fn weights_have_mean_one() {
    let rows = || dataset(&[0, 0, 0, 1], 2).unwrap();
    let weights = |dataset: Dataset<f32>| dataset.weights.unwrap();
    assert_eq!(weights(rows().with_sample_weights(&[1.0, 2.0, 3.0, 2.0]).unwrap()), [0.5, 1.0, 1.5, 1.0]);
    assert_eq!(weights(rows().with_sample_weights(&[1e308; 4]).unwrap()), [1.0; 4]);
    assert_eq!(weights(rows().with_sample_weights(&[5e-324; 4]).unwrap()), [1.0; 4]);
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        let error = refusal(rows().with_sample_weights(&[1.0, wrong, 1.0, 1.0]));
        assert!(matches!(error, DatasetError::Weight { position: 2, .. }), "{error}");
    }
    assert_eq!(refusal(rows().with_sample_weights(&[0.0; 4])), DatasetError::ZeroWeights);
    assert!(matches!(refusal(rows().with_sample_weights(&[1.0])), DatasetError::RowCount { .. }));

    // n/(K·count): 4/(2·3) and 4/(2·1), as scikit-learn's "balanced".
    assert_eq!(balanced_class_weights(&[0, 0, 0, 1], 2), [2.0 / 3.0, 2.0]);
    assert_eq!(balanced_class_weights(&[0, 0, 2, 2], 3), [1.0, 0.0, 1.0]);
    let third = 2.0_f32 / 3.0;
    assert_eq!(
        weights(rows().with_class_weights(&ClassWeights::Balanced).unwrap()),
        [third, third, third, 2.0]
    );
    let given = ClassWeights::Given(vec![1.0, 5.0]);
    let both = rows().with_sample_weights(&[1.0, 1.0, 0.0, 1.0]).unwrap().with_class_weights(&given).unwrap();
    let seventh = |n: f32| n * 4.0 / 7.0;
    for (weight, expected) in both.weights.as_ref().unwrap().iter().zip([1.0, 1.0, 0.0, 5.0].map(seventh)) {
        assert!((weight - expected).abs() < 1e-6);
    }
    assert!(rows().with_class_weights(&ClassWeights::Given(vec![1.0])).is_err());
    assert!(rows().with_class_weights(&ClassWeights::Given(vec![1.0, f64::NAN])).is_err());

    let part = both.gather(&[3, 0]).unwrap();
    assert_eq!(part.x.values(), [3.0, 0.0]);
    assert_eq!(part.targets, Targets::Classes { indices: vec![1, 0], n_classes: 2 });
    let weights = part.weights.unwrap();
    assert!((weights[0] - 5.0 / 3.0).abs() < 1e-6 && (weights[1] - 1.0 / 3.0).abs() < 1e-6);
    assert_eq!(refusal(both.gather(&[2])), DatasetError::ZeroWeights);
}

proptest! {
    /// Every row is in one part, in order; each class keeps a training row and is held back within one row of its share.
    #[test]
    fn splits_are_partitions(indices in prop::collection::vec(0_u32..6, 0..80), fraction in 0.0_f64..0.95, seed: u64) {
        let by_class = Split::of_classes(&indices, fraction, &mut Generator::stream(seed, 0)).unwrap();
        let by_row = Split::of_rows(indices.len(), fraction, &mut Generator::stream(seed, 0)).unwrap();
        for split in [&by_class, &by_row] {
            let mut all = [split.training.clone(), split.validation.clone()].concat();
            prop_assert!(split.training.is_sorted() && split.validation.is_sorted());
            all.sort_unstable();
            prop_assert_eq!(all, (0..indices.len()).collect::<Vec<_>>());
        }
        for class in 0..6 {
            let count = |rows: &[usize]| rows.iter().filter(|&&row| indices[row] == class).count();
            let (training, held_back) = (count(&by_class.training), count(&by_class.validation));
            let share = fraction * (training + held_back) as f64;
            prop_assert!(training > 0 || held_back == 0);
            prop_assert!((held_back as f64 - share).abs() < 1.0 + 1e-9 || training == 1, "{} of {}", held_back, share);
        }
    }
}
