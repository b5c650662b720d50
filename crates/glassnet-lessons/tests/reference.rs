//! The lessons' numbers against `fixtures/seed.json` (NumPy) and `fixtures/how_many.json`, and their goals.

use glassnet_lessons::lesson::{Experiment, Lesson, all};
use glassnet_lessons::run::{Outcome, Run};
use serde_json::Value;

fn lesson(name: &str) -> Lesson {
    all().into_iter().find(|lesson| lesson.name == name).unwrap()
}

fn outcome(name: &str) -> Outcome {
    Run::start(&lesson(name)).finish()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => vec![number.as_f64().unwrap()],
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        Value::Object(map) => map.values().flat_map(numbers).collect(),
        other => panic!("{other} is not a number"),
    }
}

fn fixture(name: &str) -> Value {
    let fixtures: Value = serde_json::from_str(include_str!("../../../fixtures/seed.json")).unwrap();
    fixtures[name].clone()
}

/// Every number of `found` that `expected` has as well, within `tolerance` of its size.
fn agree(name: &str, found: &Value, expected: &Value, tolerance: impl Fn(&str) -> f64) {
    let mut n_compared = 0;
    for (key, expected) in expected.as_object().unwrap() {
        let Some(found) = found.get(key) else { continue };
        let (found, expected) = (numbers(found), numbers(expected));
        assert_eq!(found.len(), expected.len(), "{name} {key}");
        for (found, expected) in found.iter().zip(&expected) {
            let error = (found - expected).abs();
            assert!(error <= tolerance(key) * expected.abs(), "{name} {key}: {found} is {expected}");
            n_compared += 1;
        }
    }
    assert!(n_compared > 4, "{name}: only {n_compared} numbers compared");
}

#[test]
fn neuron_and_two_layers_agree_in_every_number() {
    for name in ["neuron", "two-layers"] {
        let (found, expected) = (outcome(name).numbers, fixture(name));
        agree(name, &found, &expected, |key| if key.starts_with("initial") { 1e-12 } else { 1e-9 });
        if let Some(losses) = expected.get("loss_after_epoch") {
            let history = numbers(&found["loss_history"]);
            assert_eq!(history.len(), 20_000);
            for (epoch, loss) in losses.as_object().unwrap() {
                let (found, expected) =
                    (history[epoch.parse::<usize>().unwrap() - 1], loss.as_f64().unwrap());
                assert!((found / expected - 1.0).abs() < 1e-9, "epoch {epoch}: {found} is {expected}");
            }
        }
    }
}

#[test]
fn stuck_is_stuck() {
    let found = outcome("stuck").numbers;
    assert_eq!(numbers(&found["initial_weights"]), numbers(&fixture("stuck")["initial_weights"]));
    assert!(numbers(&found["weights"]).iter().all(|weight| weight.abs() < 1e-12));
    assert!(numbers(&found["outputs"]).iter().all(|output| (output - 0.5).abs() < 1e-12));
    assert_eq!(found["loss"], 0.25);
    assert!(found["largest_adjustment"].as_f64().unwrap().abs() < 1e-12);
}

#[test]
fn curves_agree() {
    agree("sigmoid", &outcome("sigmoid").numbers, &fixture("sigmoid"), |_| 1e-14);
    agree("slope", &outcome("slope").numbers, &fixture("slope"), |_| 1e-14);
}

/// The whole lesson takes a while; its first starts are compared one by one.
#[test]
fn how_many_agrees_start_by_start() {
    let mut lesson = lesson("how-many");
    let Experiment::Starts(plan) = &mut lesson.experiment else { panic!("many starts") };
    (plan.n_starts, plan.hidden_neurons) = (6, vec![2, 4]);
    let solved = Run::start(&lesson).finish().numbers["solved"].clone();
    let fixture: Value = serde_json::from_str(include_str!("../../../fixtures/how_many.json")).unwrap();
    for n_hidden in ["2", "4"] {
        let losses = numbers(&fixture["runs"][n_hidden]["loss"]);
        let n_solved = losses[..6].iter().filter(|&&loss| loss < 0.01).count();
        assert_eq!(solved[n_hidden].as_f64().unwrap(), n_solved as f64 / 6.0, "{n_hidden} hidden neurons");
    }
    assert_eq!(fixture["solved"], serde_json::json!({"2": 0.125, "3": 0.8, "4": 0.99, "8": 1.0}));
}

#[test]
fn goals_are_met_and_numbers_are_there() {
    for lesson in all().into_iter().filter(|lesson| lesson.name != "how-many") {
        let outcome = Run::start(&lesson).finish();
        for (goal, is_met) in &outcome.goals {
            assert!(is_met, "{}: {}", lesson.name, goal.name);
        }
    }
}

#[test]
fn a_spoiled_lesson_misses_its_goal() {
    let mut lesson = lesson("two-layers");
    let Experiment::Training(plan) = &mut lesson.experiment else { panic!("a training") };
    plan.learning_rate = 0.001;
    assert!(Run::start(&lesson).finish().goals.iter().any(|(_, is_met)| !is_met));
}
