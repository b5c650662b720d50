//! Several columns predicted together, from `train` to `plot`.

mod command;

use command::{glassnet, penguins};
use serde_json::Value;

#[test]
fn every_command_knows_several_targets() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = penguins();
    let table = table.to_str().unwrap();
    let targets = ["--target", "bill_length_mm", "--target", "body_mass_g"];
    let json = |arguments: &[&str]| -> Value {
        let done = glassnet(folder, arguments);
        assert_eq!(done.status, 0, "{}", done.stderr);
        serde_json::from_str(&done.stdout).unwrap()
    };
    let plain = ["--recipe", "plain", "--epochs", "30", "--quiet", "--json"];
    let train = |more: &[&str]| json(&[&["train", table], &targets[..], &plain, more].concat());
    let of = |json: &Value, target: &str, name: &str| {
        json["targets"][target]["metrics"][name]["value"].as_f64().unwrap()
    };
    let r2 = |json: &Value| ["bill_length_mm", "body_mass_g"].map(|target| of(json, target, "r2"));

    let trained = train(&["--out", "m"]);
    assert!(r2(&trained).iter().all(|r2| *r2 > 0.6), "{trained}");
    let streamed = train(&["--out", "streamed", "--memory-limit", "20kB"]);
    assert!(streamed["shuffled"].as_str().unwrap().starts_with("by blocks of"), "{streamed}");
    assert!(r2(&streamed).iter().all(|r2| *r2 > 0.6), "{streamed}");
    let folds = train(&["--out", "f", "--folds", "3"]);
    assert!(r2(&folds["cross_validation"]).iter().all(|r2| *r2 > 0.6), "{folds}");

    let evaluated = json(&["evaluate", "m", table, "--json"]);
    let [bill, mass] = r2(&evaluated);
    let mean = evaluated["metrics"]["r2"]["value"].as_f64().unwrap();
    assert!((mean - f64::midpoint(bill, mass)).abs() < 1e-12, "{evaluated}");

    // Errors recomputed from the predictions, over the 342 rows that have both.
    let predicted = glassnet(folder, &["predict", "m", table]);
    let mut lines = predicted.stdout.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(head[head.len() - 2..], ["prediction_bill_length_mm", "prediction_body_mass_g"]);
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 344);
    for (truth, target) in [(2, "bill_length_mm"), (5, "body_mass_g")] {
        let prediction = head.iter().position(|name| *name == format!("prediction_{target}")).unwrap();
        let errors: Vec<f64> = rows
            .iter()
            .filter_map(|row| Some(row[truth].parse::<f64>().ok()? - row[prediction].parse::<f64>().unwrap()))
            .collect();
        assert_eq!(errors.len(), 342);
        let rmse = (errors.iter().map(|error| error * error).sum::<f64>() / 342.0).sqrt();
        let found = of(&evaluated, target, "rmse");
        assert!((rmse / found - 1.0).abs() < 1e-5, "{target}: {rmse} and {found}");
    }

    let told = json(&["explain", "m", table, "--row", "3", "--json"]);
    let quantities: Vec<&str> = told["attributions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["quantity"].as_str().unwrap())
        .collect();
    assert_eq!(quantities, ["bill_length_mm", "body_mass_g"]);
    let plot = |target: &str| {
        glassnet(folder, &["plot", "confusion", "m", table, "--target", target, "--out", "errors.svg"])
    };
    assert_eq!(plot("body_mass_g").status, 0);
    assert!(std::fs::read_to_string(folder.join("errors.svg")).unwrap().contains("predicted body_mass_g"));
    assert!(plot("island").stderr.contains("`island` is not what the model predicts"));
    let report = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(report.contains("bill_length_mm") && report.contains("true body_mass_g"));

    let mixed = glassnet(folder, &["train", table, "--target", "body_mass_g", "--target", "species"]);
    assert_eq!(mixed.status, 1);
    assert!(mixed.stderr.contains("column `species` is one of several targets"), "{}", mixed.stderr);
}
