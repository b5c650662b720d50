//! The runs against NumPy: `fixtures/seed.json` and `fixtures/how_many.json`, each beside the script that made it.

use glassnet_lessons::experiment::Experiment;
use glassnet_lessons::lesson::{self, Lesson};
use glassnet_lessons::run::{Outcome, Run};
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = format!("{}/../../fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn outcome(name: &str) -> Outcome {
    Run::start(lesson::named(name).unwrap()).finish()
}

fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// Same shape, and every number within `relative` of NumPy's.
fn assert_near(name: &str, found: &Value, expected: &Value, relative: f64) {
    assert_eq!(found.as_array().map(Vec::len), expected.as_array().map(Vec::len), "{name}: shape");
    let (found, expected) = (flat(found), flat(expected));
    assert!(!expected.is_empty() && found.len() == expected.len(), "{name}: shape");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{name}: {found}, NumPy {expected}");
    }
}

/// Same shape, and every number within 10⁻¹² of NumPy's.
fn assert_close(name: &str, found: &Value, expected: &Value) {
    let (found, expected) = (flat(found), flat(expected));
    assert!(!expected.is_empty() && found.len() == expected.len(), "{name}: shape");
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-12, "{name}: {found}, NumPy {expected}");
    }
}

#[test]
fn one_neuron() {
    let (outcome, expected) = (outcome("neuron"), &fixture("seed")["neuron"]);
    assert_close("initial_weights", &outcome.numbers["initial_weights"], &expected["initial_weights"]);
    for key in ["weights", "outputs", "loss", "largest_adjustment", "prediction"] {
        assert_near(key, &outcome.numbers[key], &expected[key], 1e-9);
    }
    for epoch in ["1", "10", "100", "1000"] {
        let path = outcome.facts.get(&format!("weight_paths.{epoch}")).unwrap();
        assert_near(epoch, path, &expected["weights_after_epoch"][epoch], 1e-9);
    }
}

#[test]
fn pulls_and_where_weights_turn_round() {
    let (outcome, expected) = (outcome("direction"), &fixture("seed")["neuron"]);
    for key in ["pulls_at_start", "pull_sums_at_start"] {
        assert_near(key, &outcome.numbers[key], &expected[key], 1e-9);
    }
    for weight in 0..3 {
        let peak = outcome.facts.get(&format!("peaks.{weight}")).unwrap();
        assert_eq!(peak["epoch"], expected["peak_epochs"][weight]);
        assert_near("peak", &peak["weight"], &expected["peak_weights"][weight], 1e-9);
    }
}

#[test]
fn a_stuck_neuron() {
    let (outcome, expected) = (outcome("stuck"), &fixture("seed")["stuck"]);
    assert_close("initial_weights", &outcome.numbers["initial_weights"], &expected["initial_weights"]);
    let (weights, outputs) = (flat(&outcome.numbers["weights"]), flat(&outcome.numbers["outputs"]));
    assert_eq!((weights.len(), outputs.len()), (3, 4));
    assert!(weights.iter().all(|weight| weight.abs() < 1e-12));
    assert!(outputs.iter().all(|output| (output - 0.5).abs() < 1e-12));
    assert!((outcome.numbers["loss"].as_f64().unwrap() - 0.25).abs() < 1e-12);
    assert!(outcome.numbers["largest_adjustment"].as_f64().unwrap() < 1e-12);
    assert!((outcome.numbers["prediction"].as_f64().unwrap() - 0.5).abs() < 1e-12);
}

#[test]
fn two_layers() {
    let (outcome, expected) = (outcome("two-layers"), &fixture("seed")["two-layers"]);
    for key in ["initial_weights_0_1", "initial_weights_1_2"] {
        assert_close(key, &outcome.numbers[key], &expected[key]);
    }
    for key in ["weights_0_1", "weights_1_2", "hidden", "outputs", "loss", "prediction"] {
        assert_near(key, &outcome.numbers[key], &expected[key], 1e-9);
    }
    let history = flat(&outcome.numbers["loss_history"]);
    assert_eq!(history.len(), 20_000);
    for (epoch, loss) in expected["loss_after_epoch"].as_object().unwrap() {
        let found = history[epoch.parse::<usize>().unwrap() - 1];
        assert_near(epoch, &found.into(), loss, 1e-9);
    }
    assert_near("sum", &history.iter().sum::<f64>().into(), &expected["loss_history_sum"], 1e-9);
}

#[test]
fn the_sigmoid_and_its_tangents() {
    let expected = fixture("seed");
    let numbers = outcome("sigmoid").numbers;
    // Exactly NumPy's places: from + i·step.
    assert_eq!(numbers["x"], expected["sigmoid"]["x"]);
    assert_near("y", &numbers["y"], &expected["sigmoid"]["y"], 1e-15);
    let tangents = &outcome("slope").numbers["tangents"];
    for i in 0..3 {
        let (tangent, expected) = (&tangents[i], &expected["slope"]["tangents"][i]);
        for key in ["at", "slope", "y"] {
            assert_near(key, &tangent[key], &expected[key], 1e-12);
        }
        assert_close("x", &tangent["x"], &expected["x"]);
    }
}

/// Each start is solved here if it is solved by NumPy: not only as many, the same ones.
fn assert_same_starts_solved(n_starts: u32) -> Outcome {
    let mut lesson = lesson::named("how-many").unwrap().clone();
    let Experiment::Starts(starts) = &mut lesson.data.experiment else { panic!("many starts") };
    starts.n_starts = n_starts;
    let sizes = starts.hidden_neurons.clone();
    let (outcome, expected) = (Run::start(&lesson).finish(), fixture("how_many"));
    for size in sizes {
        let losses = flat(&expected["runs"][size.to_string()]["loss"]);
        let solved: Vec<bool> = losses.iter().take(n_starts as usize).map(|loss| *loss < 0.01).collect();
        let found = outcome.facts.read::<Vec<bool>>(&format!("solved_by_seed.{size}"));
        assert_eq!(found, solved, "{size} hidden neurons");
    }
    outcome
}

#[test]
fn which_starts_solve_xor() {
    assert_same_starts_solved(25);
}

#[test]
#[ignore = "half a minute: all 800 trainings"]
fn how_many_starts_solve_xor() {
    let outcome = assert_same_starts_solved(200);
    let expected = serde_json::json!({"2": 0.125, "3": 0.8, "4": 0.99, "8": 1.0});
    assert_eq!(outcome.numbers["solved"], expected);
    assert_eq!(fixture("how_many")["solved"], expected);
    assert!(outcome.goals.iter().all(|goal| goal.is_met), "{:?}", outcome.goals);
}

#[test]
fn pulling_one_epoch_at_a_time_changes_nothing() {
    let lesson = lesson::named("stuck").unwrap();
    let mut run = Run::start(lesson);
    let mut progress = None;
    while let Some(next) = run.advance(7) {
        assert!(next.epoch <= next.n_epochs);
        progress = Some(next);
    }
    assert_eq!(progress.map(|p| (p.epoch, p.n_epochs, p.loss)), Some((10_000, 10_000, 0.25)));
    assert_eq!(run.finish().facts, outcome("stuck").facts);
}

#[test]
fn a_wrong_rate_misses_the_goals() {
    let spoilt = |name: &str, learning_rate: f64| {
        let mut lesson: Lesson = lesson::named(name).unwrap().clone();
        if let Experiment::Training(training) = &mut lesson.data.experiment {
            training.learning_rate = learning_rate;
        }
        Run::start(&lesson).finish().goals.iter().filter(|goal| !goal.is_met).count()
    };
    assert_eq!(spoilt("neuron", 1.0), 0);
    assert!(spoilt("neuron", 0.001) > 0);
    assert_eq!(spoilt("two-layers", 0.1), 0);
    assert!(spoilt("two-layers", 0.01) > 0);
    assert!(spoilt("stuck", 1e-4) > 0);
}

#[test]
fn every_goal_is_met() {
    // The goals of `how-many` are checked where all of it runs.
    for lesson in lesson::all().iter().filter(|lesson| lesson.name != "how-many") {
        for goal in Run::start(lesson).finish().goals {
            assert!(goal.is_met, "{}: {goal:?}", lesson.name);
        }
    }
}
