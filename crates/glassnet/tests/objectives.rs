//! Objectives: exact values where formulas overflow, domains, and scikit-learn's and SciPy's numbers.

use glassnet::dataset::Targets;
use glassnet::generator::Generator;
use glassnet::matrix::{Matrix, MatrixRef};
use glassnet::metrics::{self, MetricName, Metrics};
use glassnet::objective::{Objective, TargetsRef};
use glassnet::quantiles::QuantileLevels;
use serde_json::Value;

fn loss(objective: Objective, z: &[f64], target: TargetsRef<'_, f64>) -> f64 {
    objective.loss(MatrixRef::new(1, z.len(), z), target, None)
}

#[test]
fn exact_at_extreme_logits() {
    let (zero, one) = (TargetsRef::Classes(&[0]), TargetsRef::Classes(&[1]));
    let binary = Objective::BinaryCrossEntropy;
    assert_eq!(loss(binary, &[1000.0], one), 0.0);
    assert_eq!(loss(binary, &[1000.0], zero), 1000.0);
    assert_eq!(loss(binary, &[-1000.0], one), 1000.0);
    assert!((loss(binary, &[-40.0], zero) / (-40.0_f64).exp() - 1.0).abs() < 1e-15);
    let classes = Objective::CrossEntropy;
    assert_eq!(loss(classes, &[1000.0, 0.0, -1000.0], zero), 0.0);
    assert_eq!(loss(classes, &[1000.0, 0.0, -1000.0], one), 1000.0);
    assert_eq!(loss(classes, &[1e300, 1e300], one), 2.0_f64.ln());
}

#[test]
fn extreme_logits_give_sure_predictions_and_finite_gradients() {
    let rows = [[1000.0, 0.0, -1000.0], [1e300, 1e300, -1e300], [-1000.0, -1000.0, -1e300]];
    let mut outputs = Matrix::from_rows(&rows);
    let targets = TargetsRef::Classes(&[1, 1, 1]);
    let mut d_outputs = Matrix::zeros(0, 0);
    Objective::CrossEntropy.loss_and_gradient(outputs.view(), targets, None, 1.0, &mut d_outputs);
    assert_eq!(d_outputs.values(), [1.0, -1.0, 0.0, 0.5, -0.5, 0.0, 0.5, -0.5, 0.0]);
    Objective::CrossEntropy.predict(&mut outputs);
    assert_eq!(outputs.values(), [1.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.5, 0.5, 0.0]);
    let mut outputs = Matrix::from_values(3, 1, vec![1000.0, -1000.0, 0.0]);
    Objective::BinaryCrossEntropy.loss_and_gradient(outputs.view(), targets, None, 1.0, &mut d_outputs);
    assert_eq!(d_outputs.values(), [0.0, -1.0, -0.5]);
    Objective::BinaryCrossEntropy.predict(&mut outputs);
    assert_eq!(outputs.values(), [1.0, 0.0, 0.5]);
}

#[test]
fn rows_of_softmax_have_the_same_bits_alone_and_among_others() {
    let mut generator = Generator::new(7);
    for n_classes in [2, 3, 10, 17] {
        let values: Vec<f32> =
            (0..37 * n_classes).map(|_| generator.uniform() as f32 * 20.0 - 10.0).collect();
        let outputs = Matrix::from_values(37, n_classes, values);
        let classes: Vec<u32> = (0..37).map(|row| row % n_classes as u32).collect();
        let objective = Objective::CrossEntropy;
        let (mut all, mut alone, mut p) = (Matrix::zeros(0, 0), Matrix::zeros(0, 0), outputs.clone());
        objective.loss_and_gradient(outputs.view(), TargetsRef::Classes(&classes), None, 1.0, &mut all);
        objective.predict(&mut p);
        for row in 0..37 {
            let (z, class) = (outputs.view().rows(row, row + 1), &classes[row..=row]);
            objective.loss_and_gradient(z, TargetsRef::Classes(class), None, 1.0, &mut alone);
            assert_eq!(alone.values(), all.row(row), "{n_classes} classes, row {row}");
            let powers: Vec<f64> = z.values().iter().map(|&z| f64::from(z).exp()).collect();
            for (k, power) in powers.iter().enumerate() {
                let expected = power / powers.iter().sum::<f64>();
                assert!((f64::from(p.row(row)[k]) - expected).abs() < 1e-6, "{expected}, row {row}");
                let expected = expected - f64::from(u8::from(k == class[0] as usize));
                assert!((f64::from(all.row(row)[k]) - expected).abs() < 1e-6, "{expected}, row {row}");
            }
        }
    }
}

#[test]
fn classes_have_the_bits_of_their_indicators() {
    let mut generator = Generator::new(5);
    let mut outputs = Matrix::zeros(40, 7);
    outputs.values_mut().fill_with(|| 9.0 * generator.normal());
    let classes: Vec<u32> = (0..40).map(|row| row * 3 % 7).collect();
    let mut indicators = Matrix::zeros(40, 7);
    for (row, &class) in classes.iter().enumerate() {
        indicators.row_mut(row)[class as usize] = 1.0;
    }
    let weights: Vec<f64> = (0..40).map(|row| f64::from(row) / 7.0).collect();
    let found = [TargetsRef::Classes(&classes), TargetsRef::Values(indicators.view())].map(|targets| {
        let mut d = Matrix::zeros(0, 0);
        let loss =
            Objective::CrossEntropy.loss_and_gradient(outputs.view(), targets, Some(&weights), 0.3, &mut d);
        (loss.to_bits(), d.values().iter().map(|d| d.to_bits()).collect::<Vec<_>>())
    });
    assert!(found[0] == found[1]);
}

#[test]
fn two_classes_either_way_agree() {
    for z in [-3.0, -0.25, 0.0, 1.5] {
        for class in [0, 1] {
            let target = TargetsRef::Classes(std::slice::from_ref(&class));
            let one = loss(Objective::BinaryCrossEntropy, &[z], target);
            let two = loss(Objective::CrossEntropy, &[0.5, 0.5 + z], target);
            assert!((one - two).abs() < 1e-15, "{z} {class}: {one} {two}");
        }
    }
}

#[test]
fn a_rows_weight_scales_loss_and_gradient() {
    let outputs = MatrixRef::new(2, 1, &[0.5, -2.0]);
    let targets = TargetsRef::Values(MatrixRef::new(2, 1, &[1.0, 0.0]));
    let mut d_outputs = Matrix::zeros(0, 0);
    let loss =
        Objective::SquaredError.loss_and_gradient(outputs, targets, Some(&[0.5, 1.5]), 0.5, &mut d_outputs);
    assert_eq!(loss, 0.5 * 0.125 + 1.5 * 2.0);
    assert_eq!(d_outputs.values(), [0.5 * 0.5 * -0.5, 0.5 * 1.5 * -2.0]);
}

#[test]
fn targets_outside_the_domain_are_named() {
    let targets = Targets::Values(Matrix::from_rows(&[[0.0], [1.5]]));
    let error = Objective::BinaryCrossEntropy.check_targets(&targets, 1).unwrap_err();
    assert_eq!(error.to_string(), "binary_cross_entropy: row 1: 1.5 is not a number from 0 to 1");
    assert!(Objective::SquaredError.check_targets(&targets, 1).is_ok());
    assert!(Objective::SquaredError.check_targets(&targets, 2).is_err());
}

fn fixture(name: &str) -> Value {
    let fixture: Value = serde_json::from_str(include_str!("../../../fixtures/objectives.json")).unwrap();
    fixture[name].clone()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

/// Loss and gradient of the fixture's outputs, against it.
fn check(objective: Objective, outputs: &Matrix<f64>, gradient: &[f64], case: &Value) {
    let t: Vec<f64> = read(&case["targets"]);
    let targets = TargetsRef::Values(MatrixRef::new(t.len(), 1, &t));
    let mut d_outputs = Matrix::zeros(0, 0);
    let together = objective.loss_and_gradient(outputs.view(), targets, None, 1.0, &mut d_outputs);
    let alone = objective.loss(outputs.view(), targets, None);
    let expected = case["loss"].as_f64().unwrap();
    for loss in [together, alone] {
        assert!((loss - expected).abs() <= 1e-12 * expected.abs(), "{loss} instead of {expected}");
    }
    assert_eq!(d_outputs.values().len(), gradient.len());
    for (d, expected) in d_outputs.values().iter().zip(gradient) {
        assert!((d - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{d} instead of {expected}");
    }
}

fn assert_metric(metrics: &Metrics, name: MetricName, case: &Value) {
    let (metric, expected) = (metrics.get(name).unwrap(), case[name.name()].as_f64().unwrap());
    let value = metric.value.unwrap();
    assert!((value - expected).abs() <= 1e-12, "{name}: {value} instead of {expected}");
    assert!(metric.low.unwrap() < value && value < metric.high.unwrap(), "{metric:?}");
}

#[test]
fn quantiles_as_scikit_learn() {
    let case = fixture("quantile");
    let levels = QuantileLevels::new(&read::<Vec<f64>>(&case["levels"])).unwrap();
    let mut outputs = Matrix::from_rows(&read::<Vec<Vec<f64>>>(&case["outputs"]));
    let gradient = read::<Vec<Vec<f64>>>(&case["gradient"]).concat();
    let objective = Objective::Quantile(levels);
    check(objective, &outputs, &gradient, &case);
    objective.predict(&mut outputs);
    let truth: Vec<f64> = read(&case["targets"]);
    let metrics = metrics::quantiles(outputs.view(), levels.as_slice(), &truth, None, &mut Generator::new(0));
    assert_metric(&metrics, MetricName::PinballLoss, &case);
    assert_metric(&metrics, MetricName::Coverage, &case);
}

#[test]
fn counts_as_scikit_learn() {
    let case = fixture("poisson");
    let z: Vec<f64> = read(&case["outputs"]);
    let mut outputs = Matrix::from_values(z.len(), 1, z);
    check(Objective::Poisson, &outputs, &read::<Vec<f64>>(&case["gradient"]), &case);
    Objective::Poisson.predict(&mut outputs);
    let truth: Vec<f64> = read(&case["targets"]);
    assert!(truth.contains(&0.0));
    let metrics = metrics::counts(outputs.values(), &truth, None, &mut Generator::new(0));
    assert_metric(&metrics, MetricName::PoissonDeviance, &case);
}

#[test]
fn on_the_quantile_nothing_pulls() {
    let objective = Objective::Quantile(QuantileLevels::new(&[0.2, 0.5, 0.8]).unwrap());
    let outputs = MatrixRef::new(1, 3, &[1.0, 2.0, 4.0]);
    let targets = TargetsRef::Values(MatrixRef::new(1, 1, &[2.0]));
    let mut d_outputs = Matrix::zeros(0, 0);
    let loss = objective.loss_and_gradient(outputs, targets, None, 1.0, &mut d_outputs);
    assert!((loss - (0.2 + 0.4)).abs() < 1e-15, "{loss}");
    assert_eq!(d_outputs.values()[..2], [-0.2, 0.0]);
}

#[test]
fn objectives_of_numbers_name_what_they_cannot_learn() {
    let quantile = Objective::Quantile(QuantileLevels::default());
    let counts = Targets::Values(Matrix::from_rows(&[[0.0], [-1.0]]));
    let message = |objective: Objective, targets: &Targets<f64>, n_outputs| {
        objective.check_targets(targets, n_outputs).unwrap_err().to_string()
    };
    assert_eq!(
        message(Objective::Poisson, &counts, 1),
        "poisson: row 1: -1 is not a finite number of at least 0"
    );
    assert!(quantile.check_targets(&counts, 3).is_ok());
    assert_eq!(message(quantile, &counts, 2), "quantile: 1 target columns, the network has 2 outputs");
    let classes = Targets::Classes { indices: vec![0, 1], n_classes: 2 };
    for objective in [Objective::Poisson, quantile] {
        assert!(message(objective, &classes, 1).contains("the targets are classes"));
    }
}
