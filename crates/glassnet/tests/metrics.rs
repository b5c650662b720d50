//! Metrics against scikit-learn and SciPy, their intervals against normal theory and by coverage.

use glassnet::generator::Generator;
use glassnet::interval::wilson;
use glassnet::matrix::{Matrix, MatrixRef};
use glassnet::metrics::{Metric, MetricName, Metrics, classification, confusion_matrix, regression};
use serde_json::Value;

fn fixture() -> Value {
    let fixture: Value = serde_json::from_str(include_str!("../../../fixtures/metrics.json")).unwrap();
    let n_cases = |name: &str| fixture[name].as_object().unwrap().len();
    assert_eq!((n_cases("classification"), n_cases("regression")), (11, 5));
    assert_eq!(fixture["wilson"].as_array().unwrap().len(), 8);
    fixture
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn classes(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn assert_near(a: f64, b: f64, tolerance: f64, name: &str) {
    assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{name}: {a} instead of {b}");
}

fn check(metrics: &Metrics, expected: &Value, name: &str) {
    let expected = expected.as_object().unwrap();
    let names: Vec<&str> = metrics.iter().map(|(name, _)| name.name()).collect();
    assert_eq!(names, expected.keys().collect::<Vec<_>>(), "{name}");
    for (metric, Metric { value, low, high }) in metrics.iter() {
        let name = format!("{name}: {metric}");
        let expected = expected[metric.name()].as_f64();
        assert_eq!(value.is_some(), expected.is_some(), "{name}: {value:?} instead of {expected:?}");
        assert_near(value.unwrap_or(0.0), expected.unwrap_or(0.0), 1e-13, &name);
        assert_eq!(low.is_some(), high.is_some());
        assert!(
            low.is_none_or(|low| Some(low) <= value && value <= high),
            "{name}: {low:?} {value:?} {high:?}"
        );
    }
}

#[test]
fn classification_as_scikit_learn() {
    for (name, case) in fixture()["classification"].as_object().unwrap() {
        let rows: Vec<Vec<f64>> = serde_json::from_value(case["probabilities"].clone()).unwrap();
        let probabilities = Matrix::from_rows(&rows);
        let classes_of = classes(&case["classes"]);
        let metrics = classification(probabilities.view(), &classes_of, None, &mut Generator::new(0));
        check(&metrics, &case["metrics"], name);
        let counts = confusion_matrix(&classes_of, &classes(&case["predicted"]), probabilities.n_columns());
        assert_eq!(serde_json::to_value(counts).unwrap(), case["confusion_matrix"], "{name}");
    }
}

#[test]
fn regression_as_scikit_learn() {
    for (name, case) in fixture()["regression"].as_object().unwrap() {
        let metrics =
            regression(&numbers(&case["predicted"]), &numbers(&case["true"]), None, &mut Generator::new(0));
        check(&metrics, &case["metrics"], name);
    }
}

#[test]
fn wilson_as_scipy() {
    for case in fixture()["wilson"].as_array().unwrap() {
        let count = |name: &str| case[name].as_u64().unwrap() as usize;
        let (low, high) = wilson(count("successes"), count("n"));
        assert_near(low, case["low"].as_f64().unwrap(), 1e-14, "low");
        assert_near(high, case["high"].as_f64().unwrap(), 1e-14, "high");
    }
    assert_eq!(wilson(0, 0), (0.0, 1.0));
}

fn undefined(metrics: &Metrics) -> Vec<&'static str> {
    metrics.iter().filter(|(_, metric)| metric.value.is_none()).map(|(name, _)| name.name()).collect()
}

#[test]
fn nothing_is_made_up() {
    let generator = &mut Generator::new(0);
    let all = [
        "accuracy",
        "balanced_accuracy",
        "log_loss",
        "brier_score",
        "roc_auc",
        "average_precision",
        "f1",
        "mcc",
        "expected_calibration_error",
    ];
    let none = classification(MatrixRef::<f64>::new(0, 2, &[]), &[], None, generator);
    assert_eq!(undefined(&none), all);
    let nan = classification(MatrixRef::new(2, 2, &[0.4_f32, 0.6, 0.3, f32::NAN]), &[1, 0], None, generator);
    assert_eq!(undefined(&nan), all);
    assert!(nan.iter().all(|(_, metric)| metric == Metric::default()), "{nan:?}");
    let one = classification(MatrixRef::new(1, 2, &[0.4, 0.6]), &[1], None, generator);
    assert_eq!(undefined(&one), ["roc_auc", "mcc"]);
    assert_eq!(one.get(MetricName::LogLoss).unwrap().low, None);

    assert_eq!(undefined(&regression(&[], &[], None, generator)), ["rmse", "mae", "r2", "mape"]);
    assert_eq!(
        undefined(&regression(&[1.0, f64::NAN], &[1.0, 2.0], None, generator)),
        ["rmse", "mae", "r2", "mape"]
    );
    assert_eq!(undefined(&regression(&[1.0], &[2.0], None, generator)), ["r2"]);
    // Ten times 0.1 over 10 is not 0.1.
    assert_eq!(undefined(&regression(&[0.2; 10], &[0.1; 10], None, generator)), ["r2"]);
}

#[test]
fn sure_and_wrong_costs_36() {
    let metrics = classification(MatrixRef::new(1, 2, &[1.0, 0.0]), &[1], None, &mut Generator::new(0));
    let loss = metrics.get(MetricName::LogLoss).unwrap().value.unwrap();
    assert_near(loss, 52.0 * std::f64::consts::LN_2, 1e-15, "log loss");
}

#[test]
fn json_and_back() {
    let metrics = regression(&[0.1, 0.2, 0.5], &[0.3, 0.3, 0.3], None, &mut Generator::new(3));
    let text = serde_json::to_string(&metrics).unwrap();
    assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), metrics);
    assert!(text.starts_with(r#"{"rmse":{"value":0."#), "{text}");
    assert!(text.contains(r#","r2":{"value":null,"low":null,"high":null},"mape":{"value":0."#), "{text}");
    assert!(serde_json::from_str::<Metrics>(r#"{"speed":{"value":1,"low":1,"high":1}}"#).is_err());
}

/// `n` absolute errors from the exponential distribution: mean 1, standard deviation 1.
fn exponential_errors(n: usize, generator: &mut Generator) -> Vec<f64> {
    (0..n).map(|_| -(1.0 - generator.uniform()).ln()).collect()
}

#[test]
fn bootstrap_of_a_mean_is_near_normal_theory() {
    const N: usize = 2_000;
    let errors = exponential_errors(N, &mut Generator::new(1));
    let mean = errors.iter().sum::<f64>() / N as f64;
    let variance = errors.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / N as f64;
    let half = 1.96 * (variance / N as f64).sqrt();
    let metric = regression(&errors, &[0.0; N], None, &mut Generator::new(2)).get(MetricName::Mae).unwrap();
    // A percentile of 1,000 samples has a standard error of about 4 % of the half width.
    assert!((metric.low.unwrap() - (mean - half)).abs() < 0.12 * half, "{metric:?}, {mean} ± {half}");
    assert!((metric.high.unwrap() - (mean + half)).abs() < 0.12 * half, "{metric:?}, {mean} ± {half}");
}

#[test]
fn intervals_cover_the_truth() {
    const N: usize = 100;
    const REPEATS: usize = 400;
    // Score of the first class N(0, 1), of the second N(1, 1): area Φ(1/√2); accuracy, cut at ½, Φ(½).
    let truths =
        [(MetricName::RocAuc, 0.760_249_938_906_523), (MetricName::BalancedAccuracy, 0.691_462_461_274_013)];
    let generator = &mut Generator::new(4);
    let mut covered = [0; 3];
    for _ in 0..REPEATS {
        let classes: Vec<u32> = (0..N).map(|row| (row % 2) as u32).collect();
        let mut probabilities = Matrix::zeros(N, 2);
        for (row, &class) in classes.iter().enumerate() {
            let odds: f64 = (generator.normal() + f64::from(class) - 0.5).exp();
            probabilities.row_mut(row).copy_from_slice(&[1.0 / (1.0 + odds), odds / (1.0 + odds)]);
        }
        let metrics = classification(probabilities.view(), &classes, None, generator);
        let errors = exponential_errors(N, generator);
        let mae = regression(&errors, &[0.0; N], None, generator).get(MetricName::Mae).unwrap();
        let metric = |name| metrics.get(name).unwrap();
        let cases = truths.map(|(name, truth)| (metric(name), truth)).into_iter().chain([(mae, 1.0)]);
        for (covered, (metric, truth)) in covered.iter_mut().zip(cases) {
            *covered += usize::from(metric.low.unwrap() <= truth && truth <= metric.high.unwrap());
        }
    }
    // 95 % less what the percentile bootstrap loses at 100 rows, give or take three standard errors of 1.1 %.
    for (covered, name) in covered.into_iter().zip(["roc_auc", "balanced_accuracy", "mae"]) {
        let share = covered as f64 / REPEATS as f64;
        assert!((0.91..0.985).contains(&share), "{name}: {share}");
    }
}

#[test]
fn one_seed_one_interval() {
    let errors = exponential_errors(50, &mut Generator::new(0));
    let seeded = |seed| regression(&errors, &[0.0; 50], None, &mut Generator::new(seed));
    assert_eq!(seeded(1), seeded(1));
    assert_ne!(seeded(1), seeded(2));
}
