//! The page's questions, asked natively: against `NumPy`'s numbers, and answers to the bit that the browser must give as well.

use glassnet_web::page::Page;
use glassnet_web::reply::{ask, read};
use serde_json::{Value, json};
use std::path::PathBuf;

fn told(page: &mut Page, question: &Value) -> Value {
    read(&page.answer(&ask(question, &[]))).expect("an answer").0
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        _ => vec![value.as_f64().expect("a number")],
    }
}

fn assert_near(name: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{name}: {found} is not {expected}");
    }
}

fn fixture(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The tutorial's second network on XOR, at its start.
fn tutorial() -> Page {
    let mut page = Page::default();
    let numbers = ["a", "b", "c"];
    let table = json!({ "do": "table", "preset": "xor", "target": "target", "task": "regression", "number": numbers });
    told(&mut page, &table);
    let open = json!({ "do": "open", "recipe": "seed", "config": { "hidden_layer_sizes": [4], "seed": 1 } });
    let opened = told(&mut page, &open);
    assert_eq!(opened["can_step"], json!(true), "{opened}");
    page
}

#[test]
fn the_nine_stops_have_the_numbers_of_numpy() {
    let (mut page, expected) = (tutorial(), fixture("first_step.json"));
    let trace = told(&mut page, &json!({ "do": "trace", "row": 0 }));
    let layer = |i: usize, name: &str| numbers(&trace["layers"][i][name]);
    let near = |name: &str, found: &[f64]| assert_near(name, found, &numbers(&expected[name]), 1e-12);
    let negative = |values: Vec<f64>| values.into_iter().map(|value| -value).collect::<Vec<_>>();
    assert_eq!(layer(0, "x"), [0.0, 0.0, 1.0]);
    near("z1", &layer(0, "z"));
    near("h", &layer(0, "a"));
    near("z2", &layer(1, "z"));
    near("y", &numbers(&trace["predictions"]));
    near("error", &negative(layer(1, "error")));
    near("slope_y", &layer(1, "slope"));
    near("delta2", &negative(layer(1, "delta")));
    near("hidden_error", &negative(layer(0, "error")));
    near("slope_h", &layer(0, "slope"));
    near("delta1", &negative(layer(0, "delta")));
    near("init_w0", &numbers(&trace["layers"][0]["blocks"][0]["values"]));
    near("dw0_times_lr", &numbers(&trace["layers"][0]["blocks"][0]["update"]));
    near("dw1_times_lr", &numbers(&trace["layers"][1]["blocks"][0]["update"]));
}

#[test]
fn four_steps_are_an_epoch_to_the_bit() {
    let (mut stepped, mut trained) = (tutorial(), tutorial());
    for row in 0..4 {
        told(&mut stepped, &json!({ "do": "step", "row": row }));
    }
    told(&mut trained, &json!({ "do": "advance", "epochs": 1 }));
    let params = |page: &mut Page| numbers(&told(page, &json!({ "do": "frame", "from": 0 }))["params"]);
    assert_eq!(params(&mut stepped), params(&mut trained));
}

#[test]
fn the_losses_are_the_tutorials() {
    let (mut page, expected) = (tutorial(), fixture("seed.json")["two-layers"].clone());
    let advanced = told(&mut page, &json!({ "do": "advance", "epochs": 20_000 }));
    let losses = numbers(&advanced["training"]);
    for (epoch, loss) in expected["loss_after_epoch"].as_object().unwrap() {
        let found = losses[epoch.parse::<usize>().unwrap() - 1];
        assert_near(epoch, &[found], &[loss.as_f64().unwrap()], 1e-9);
    }
    let asked = told(&mut page, &json!({ "do": "ask", "cells": [["a", "1"], ["b", "0"], ["c", "0"]] }));
    assert_near("prediction", &numbers(&asked["predictions"]), &numbers(&expected["prediction"]), 1e-9);
}

#[test]
fn a_single_neuron_on_xor_is_stuck_and_told_so() {
    let mut page = tutorial();
    let config = json!({
        "hidden_layer_sizes": [], "learning_rate": 1, "batch_size": 4, "train": { "reduction": "sum" },
        "initialiser": { "uniform": { "low": -1, "high": 1 } },
    });
    told(&mut page, &json!({ "do": "open", "recipe": "seed", "config": config }));
    told(&mut page, &json!({ "do": "advance", "epochs": 1_000 }));
    let findings = told(&mut page, &json!({ "do": "findings" }));
    let codes: Vec<&str> = findings["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .collect();
    assert!(
        codes.contains(&"not_linearly_separable") || codes.contains(&"cancelling_gradients"),
        "{codes:?}"
    );
    let pulls = numbers(&told(&mut page, &json!({ "do": "pulls" }))["pulls"]);
    let sums: Vec<f64> = (0..3).map(|weight| (0..4).map(|row| pulls[row * 3 + weight]).sum()).collect();
    assert!(pulls.iter().any(|pull| pull.abs() > 0.1) && sums.iter().all(|sum| sum.abs() < 1e-9), "{sums:?}");
}

#[test]
fn a_model_goes_out_and_comes_back() {
    let mut page = tutorial();
    told(&mut page, &json!({ "do": "advance", "epochs": 2_000 }));
    let frame = told(&mut page, &json!({ "do": "frame", "from": 0 }));
    let (_, file) = read(&page.answer(&ask(&json!({ "do": "model" }), &[]))).unwrap();
    let model = glassnet_io::model_file::from_bytes(&file).expect("a model file");
    assert_eq!(model.story.history.len(), 2_000);
    let (opened, _) = read(&page.answer(&ask(&json!({ "do": "open_model" }), &file))).unwrap();
    assert_near("params", &numbers(&opened["params"]), &numbers(&frame["params"]), 1e-6);
    let said = told(&mut page, &json!({ "do": "predict", "cells": [["a", "0"], ["b", "1"], ["c", "1"]] }));
    assert_near("said", &numbers(&said["predictions"]), &numbers(&frame["predictions"])[1..2], 1e-6);
    // Any byte that is changed or missing is noticed, and the page goes on.
    for end in [0, 7, 8, 9, 100, file.len() / 2, file.len() - 1] {
        let (refused, _) = read(&page.answer(&ask(&json!({ "do": "open_model" }), &file[..end]))).unwrap();
        assert_eq!(refused["error"]["code"], json!("model"), "{end} bytes");
    }
    for place in (0..file.len()).step_by(file.len() / 97) {
        let mut changed = file.clone();
        changed[place] ^= 0x41;
        let (refused, _) = read(&page.answer(&ask(&json!({ "do": "open_model" }), &changed))).unwrap();
        assert_eq!(refused["error"]["code"], json!("model"), "byte {place}");
    }
}

#[test]
fn what_is_wrong_is_said_as_the_command_says_it() {
    let mut page = Page::default();
    let table = |text: &str| json!({ "do": "table", "name": "t.csv", "text": text });
    let ragged = told(&mut page, &table("a,b\n1,2\n3\n"));
    assert_eq!(ragged["error"]["code"], json!("table"));
    let message = ragged["error"]["message"].as_str().unwrap();
    assert!(message.contains("t.csv") && message.contains('3'), "{message}");
    let large = format!("a,b\n{}", "1,2\n".repeat(5_001));
    assert_eq!(told(&mut page, &table(&large))["error"]["code"], json!("too_large"));
    for question in [json!({}), json!({ "do": "frame" }), json!({ "do": "nothing" }), json!([1])] {
        assert_eq!(told(&mut page, &question)["error"]["code"], json!("question"), "{question}");
    }
    let zero = json!({ "do": "open", "recipe": "plain", "config": { "hidden_layer_sizes": [0] } });
    told(&mut page, &table("a,b\n1,2\n2,3\n4,4\n5,6\n"));
    assert_eq!(told(&mut page, &zero)["error"]["code"], json!("setting"));
    let unknown = json!({ "do": "open", "recipe": "plain", "config": { "hiden": [0] } });
    assert_eq!(told(&mut page, &unknown)["error"]["code"], json!("setting"));
}

#[test]
fn decimal_commas_are_understood_where_commas_cannot_part_cells() {
    let mut page = Page::default();
    let mut table = |text: &str| told(&mut page, &json!({ "do": "table", "name": "t.csv", "text": text }));
    for separator in [";", "\t"] {
        let understood = table(&"a;b\n1,5;1\n-2,25;2,5\n1.000,5;4\n".replace(';', separator));
        assert_eq!(understood["cells"], json!([["1.5", "-2.25", "1000.5"], ["1", "2.5", "4"]]));
        assert_eq!(understood["columns"][0]["kind"], json!("number"));
    }
    let thousands = table("a,b\n\"1,500\",1\n\"2,250\",2\n\"1,000\",4\n");
    assert!(thousands["error"]["message"].as_str().unwrap().contains("a number with a comma"));
    let amounts = table("a,b\n\"$1,500.50\",1\n-$7,5%\n , 2 %\n".replace("1\n", "1 %\n").as_str());
    assert_eq!(amounts["cells"], json!([["1500.5", "-7", " "], ["1", "5", "2"]]));
}

/// FNV-1a of 64 bits: short enough to write again in the browser's tests.
fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The browser's tests ask the same of the same questions. When an answer is meant to change, `BLESS=1` writes them anew.
#[test]
fn answers_have_the_bits_that_the_browser_must_give() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
    let questions: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("questions.json")).unwrap()).unwrap();
    let mut page = Page::default();
    let found: Vec<String> =
        questions.iter().map(|question| fingerprint(&page.answer(&ask(question, &[])))).collect();
    let answers = folder.join("answers.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&answers, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let expected: Vec<String> = serde_json::from_str(&std::fs::read_to_string(answers).unwrap()).unwrap();
    for ((question, found), expected) in questions.iter().zip(&found).zip(&expected) {
        assert_eq!(found, expected, "{question}");
    }
    assert_eq!(found.len(), expected.len());
}
