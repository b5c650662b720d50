//! `explain`: what it prints can be recomputed, and wrong rows are named.

mod command;

use command::{glassnet, penguins};
use serde_json::Value;
use std::path::Path;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// A model of the species, `m`.
fn train(folder: &Path, table: &str, more: &[&str]) {
    let always = ["train", table, "--target", "species", "--quiet", "--out", "m"];
    let done = glassnet(folder, &[&always[..], more].concat());
    assert_eq!(done.status, 0, "{}", done.stderr);
}

#[test]
fn every_number_of_a_prediction_can_be_recomputed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = penguins();
    let table = table.to_str().unwrap();
    train(folder, table, &["--recipe", "plain", "--epochs", "20", "--hidden-layer-sizes", "6"]);
    let explain = |more: &[&str]| glassnet(folder, &[&["explain", "m", table], more].concat());

    let done = explain(&[
        "--row",
        "5",
        "--json",
        "--optimizer",
        "sgd",
        "--learning-rate",
        "0.1",
        "--check-gradients",
    ]);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let inputs: Vec<f64> =
        told["inputs"].as_array().unwrap().iter().map(|i| i["encoded"].as_f64().unwrap()).collect();
    let layers = told["trace"]["layers"].as_array().unwrap();
    assert_eq!(numbers(&layers[0]["x"]), inputs);
    // By hand: z = x·W + b, a = max(z, 0), then the outputs and softmax.
    let mut x = inputs;
    for layer in layers {
        let Some(dense) = layer["layer"]["dense"].as_object() else { continue };
        let n_outputs = dense["n_outputs"].as_u64().unwrap() as usize;
        let (w, b) = (numbers(&layer["parameters"][0]["values"]), numbers(&layer["parameters"][1]["values"]));
        let z = |unit: usize| {
            x.iter().enumerate().map(|(k, x)| x * w[k * n_outputs + unit]).sum::<f64>() + b[unit]
        };
        let z: Vec<f64> = (0..n_outputs).map(z).collect();
        for (found, expected) in numbers(&layer["z"]).iter().zip(&z) {
            assert!((found - expected).abs() < 1e-12, "{found} and {expected}");
        }
        let (gradient, delta) = (numbers(&layer["parameters"][0]["gradient"]), numbers(&layer["delta"]));
        let update = numbers(&layer["parameters"][0]["update"]);
        for (k, x) in x.iter().enumerate() {
            for (unit, delta) in delta.iter().enumerate() {
                assert!((gradient[k * n_outputs + unit] - x * delta).abs() < 1e-12);
                // The plain recipe decays weights by 0.3.
                let step = -0.1 * x * delta - 0.1 * 0.3 * w[k * n_outputs + unit];
                assert!((update[k * n_outputs + unit] - step).abs() < 1e-12);
            }
        }
        x = if dense["activation"] == "relu" { z.iter().map(|z| z.max(0.0)).collect() } else { z };
    }
    let sum: f64 = x.iter().map(|z| z.exp()).sum();
    for (found, z) in numbers(&told["predictions"]).iter().zip(&x) {
        assert!((found - z.exp() / sum).abs() < 1e-12);
    }
    let loss = told["trace"]["loss"].as_f64().unwrap();
    assert!((loss + (x[0].exp() / sum).ln()).abs() < 1e-12, "row 5 is an Adelie, the first class");
    let check = &told["gradient_check"];
    let relative = check["largest_relative_difference"].as_f64().unwrap();
    assert!(relative > 0.0 && relative < 1e-6, "{check}");
    let attribution = &told["attributions"][0];
    let shares: f64 =
        attribution["columns"].as_object().unwrap().values().map(|share| share.as_f64().unwrap()).sum();
    let [at_row, at_reference, missing] =
        ["at_row", "at_reference", "missing"].map(|key| attribution[key].as_f64().unwrap());
    assert!((at_row - at_reference - shares - missing).abs() < 1e-12);
    assert!((at_row + loss).abs() < 1e-9, "ln p of the class is what the loss is of");

    let text = explain(&["--row", "5"]).stdout;
    for part in ["bill_length_mm", "δ = error·slope", "z of unit", "prediction", "which column mattered"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("z of unit").count(), 2, "one unit a layer: {text}");
    let all = explain(&["--row", "5", "--all"]).stdout;
    assert_eq!(all.matches("z of unit").count(), 6 + 3, "every unit: {all}");
    let ranking = explain(&["--json"]).stdout;
    let ranking: Value = serde_json::from_str(&ranking).unwrap();
    assert_eq!(ranking["columns"].as_array().unwrap().len(), 6);
    let beyond = explain(&["--row", "345"]);
    assert_eq!(beyond.status, 2);
    assert!(beyond.stderr.contains("has the rows 1 to 344"), "{}", beyond.stderr);
}

#[test]
fn the_strong_recipes_layers_are_told_of_and_a_row_without_target_has_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = penguins();
    let table = table.to_str().unwrap();
    train(folder, table, &["--epochs", "2"]);
    std::fs::write(
        folder.join("new.csv"),
        "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\nDream,40,18,190,3700,\n",
    )
    .unwrap();
    let done = glassnet(folder, &["explain", "m", "new.csv", "--row", "1"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    for part in
        ["noise", "periodic", "scale", "blend selu", "no loss: row 1 lacks a value of `species`", "(empty)"]
    {
        assert!(done.stdout.contains(part), "{part}: {}", done.stdout);
    }
    let refused = glassnet(folder, &["explain", "m", "new.csv", "--row", "1", "--check-gradients"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("row 1 lacks a value of `species`"), "{}", refused.stderr);
}

#[test]
fn the_page_has_the_cells_as_read_and_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = penguins();
    let table = table.to_str().unwrap();
    train(folder, table, &["--recipe", "plain", "--epochs", "5", "--hidden", "4"]);
    let done = glassnet(folder, &["explain", "m", table, "--row", "1", "--json", "--html", "row.html"]);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let inputs = told["inputs"].as_array().unwrap();
    let bill = inputs.iter().find(|input| input["column"] == "bill_length_mm").unwrap();
    assert_eq!(bill["as_read"], "39.1");
    let page = std::fs::read_to_string(folder.join("row.html")).unwrap();
    for part in ["39.1", "δ = error·slope", "Which column mattered", "<svg", "bill_length_mm"] {
        assert!(page.contains(part), "{part}");
    }
}

/// The gradients of a mini-batch are the means of its rows', and every wave of the strong recipe can be recomputed.
#[test]
fn rows_are_explained_together_and_waves_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = penguins();
    let table = table.to_str().unwrap();
    train(folder, table, &["--epochs", "2"]);
    let told = |which: [&str; 2]| -> Value {
        let done = glassnet(folder, &["explain", "m", table, which[0], which[1], "--json"]);
        assert_eq!(done.status, 0, "{}", done.stderr);
        serde_json::from_str(&done.stdout).unwrap()
    };
    let batch = told(["--rows", "5..7"]);
    assert_eq!(batch["rows"].to_string(), "[5,6,7]");
    let rows = ["5", "6", "7"].map(|row| told(["--row", row]));
    let layers = |told: &Value| told["trace"]["layers"].as_array().unwrap().clone();
    let each = rows.each_ref().map(layers);
    for (i, layer) in layers(&batch).iter().enumerate() {
        for (row, own) in each.iter().enumerate() {
            let found = numbers(&layer["a"][row]);
            let expected = numbers(&own[i]["a"]);
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "layer {i}, row {row}");
            }
        }
        for (k, block) in layer["parameters"].as_array().unwrap().iter().enumerate() {
            let own = each.each_ref().map(|own| numbers(&own[i]["parameters"][k]["gradient"]));
            for (place, found) in numbers(&block["gradient"]).iter().enumerate() {
                let mean = own.iter().map(|own| own[place]).sum::<f64>() / 3.0;
                assert!(
                    (found - mean).abs() < 1e-12 + 1e-9 * mean.abs(),
                    "{}: {found} and {mean}",
                    block["name"]
                );
            }
        }
    }
    let losses = rows.iter().map(|told| told["trace"]["loss"].as_f64().unwrap()).sum::<f64>();
    assert!((batch["trace"]["loss"].as_f64().unwrap() - losses / 3.0).abs() < 1e-12);

    let periodic = each[0].iter().find(|layer| layer["waves"].is_array()).expect("waves");
    let [x, a, waves] = ["x", "a", "waves"].map(|name| numbers(&periodic[name]));
    let [w, b, weights, c] = [0, 1, 2, 3].map(|i| numbers(&periodic["parameters"][i]["values"]));
    let n_outputs = 3;
    let n_frequencies = w.len() / (c.len() / n_outputs);
    for number in 0..c.len() / n_outputs {
        let mut sums = c[number * n_outputs..(number + 1) * n_outputs].to_vec();
        for i in number * n_frequencies..(number + 1) * n_frequencies {
            let h = (std::f64::consts::TAU * x[number] * w[i] + b[i]).cos();
            assert!((h - waves[i]).abs() < 1e-12);
            for (k, sum) in sums.iter_mut().enumerate() {
                *sum += h * weights[i * n_outputs + k];
            }
        }
        for (found, sum) in a[number * (n_outputs + 1)..].iter().zip(&sums) {
            assert!((found - sum).abs() < 1e-12);
        }
    }
    let text = glassnet(folder, &["explain", "m", table, "--row", "5"]).stdout;
    assert!(text.contains("wave h = cos(2π·x·w + b)"), "{text}");
    let text = glassnet(folder, &["explain", "m", table, "--rows", "5..7"]).stdout;
    for part in ["rows 5 to 7 of", "unit: δ = error·slope", "gradient = Σ x·δ over the rows", "mean loss"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    for wrong in ["7..5", "0..3", "1..9999", "5"] {
        let refused = glassnet(folder, &["explain", "m", table, "--rows", wrong]);
        assert_eq!(refused.status, 2, "{wrong}");
    }
    let done = glassnet(folder, &["explain", "m", table, "--html", "importance.html"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let page = std::fs::read_to_string(folder.join("importance.html")).unwrap();
    assert!(page.contains("Which columns matter to species") && page.contains("<svg"), "{page}");
}
