//! `train --tune`: a search inside a time budget, that goes on where it stopped.

mod command;

use command::{glassnet, penguins};
use serde_json::Value;
use std::path::Path;

fn search(folder: &Path, more: &[&str]) -> Value {
    let table = penguins();
    let common = ["train", table.to_str().unwrap(), "--target", "species", "--quiet", "--json", "--out", "m"];
    let done = glassnet(folder, &[&common[..], more].concat());
    assert_eq!(done.status, 0, "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

fn log(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("tune.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_best_trial_is_the_model_and_the_search_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Small, so that there are several trials; what is given stays as it is in all of them.
    let small = ["--epochs", "15", "--hidden-layer-sizes", "16", "--tune", "2s"];
    let first = search(folder, &small);
    let trials = log(folder);
    assert_eq!(first["tuning"]["trials"].as_u64().unwrap() as usize, trials.len());
    let loss = |trial: &Value| trial["loss"].as_f64().unwrap_or(f64::INFINITY);
    let lowest = |trials: &[Value]| trials.iter().map(loss).fold(f64::INFINITY, f64::min);
    let best = &first["tuning"]["best"];
    assert_eq!(loss(best), lowest(&trials));
    for trial in &trials {
        let changes = trial["changes"].to_string();
        assert!(!changes.contains("epochs") && !changes.contains("hidden_layer_sizes"), "{changes}");
        assert_eq!(changes == "[]", trial["trial"] == 0, "only the first is the recipe itself: {changes}");
    }
    let told = glassnet(folder, &["inspect", "m", "--json"]);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let epoch = told["story"]["best_epoch"].as_u64().unwrap() as usize;
    assert_eq!(told["story"]["history"][epoch - 1]["tempered_loss"], best["loss"]);

    let second = search(folder, &[&small[..], &["--resume"]].concat());
    let all = log(folder);
    assert_eq!(all[..trials.len()], trials[..], "what was tried stays");
    assert!(all.len() > trials.len());
    let mut numbers: Vec<u64> = all.iter().map(|trial| trial["trial"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..all.len() as u64).collect::<Vec<_>>(), "each number once");
    assert_eq!(loss(&second["tuning"]["best"]), lowest(&all));

    let table = penguins();
    let other = ["train", table.to_str().unwrap(), "--target", "island", "--quiet", "--out", "m"];
    let refused = glassnet(folder, &[&other[..], &small, &["--resume"]].concat());
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("tune.jsonl, line 1: not a trial of this search"), "{}", refused.stderr);
    let wrong = glassnet(folder, &[&other[..], &["--tune", "soon"]].concat());
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("give a time above 0 such as 90s, 10m or 2h"), "{}", wrong.stderr);
}

#[test]
fn a_trial_says_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let small =
        ["--recipe", "plain", "--hidden-layer-sizes", "4", "--epochs", "9", "--tune", "2s", "--threads", "1"];
    let patience = [&small[..], &["--patience", "1", "--learning-rate", "1"]].concat();
    search(folder.path(), &patience);
    let (first, n_epochs) = (&log(folder.path())[0], 9);
    assert_eq!(first["ended"], "stopped early");
    assert!(first["epochs"].as_u64().unwrap() < n_epochs, "{first}");
    search(folder.path(), &[&small[..], &["--patience", "9"]].concat());
    let first = &log(folder.path())[0];
    assert_eq!((&first["ended"], first["epochs"].as_u64()), (&Value::from("finished"), Some(n_epochs)));
}
