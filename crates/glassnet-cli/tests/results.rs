//! What `train`, `predict` and `evaluate` give, through the real binary.
#![expect(clippy::format_collect, reason = "a small table as text")]

mod command;

use command::{glassnet, penguins};
use serde_json::Value;

fn train(folder: &std::path::Path, out: &str, more: &[&str]) -> Value {
    let table = penguins();
    let mut arguments = vec!["train", table.to_str().unwrap(), "--target", "species", "--quiet", "--json"];
    arguments.extend(["--out", out]);
    arguments.extend(more);
    let done = glassnet(folder, &arguments);
    assert_eq!(done.status, 0, "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn penguins_are_told_apart_beside_the_baselines() {
    let folder = tempfile::tempdir().unwrap();
    let result = train(folder.path(), "m/model.safetensors", &[]);
    assert!(result["metrics"]["accuracy"]["value"].as_f64().unwrap() >= 0.95, "{result}");
    assert!(result["baselines"]["majority"]["accuracy"]["value"].as_f64().unwrap() < 0.5, "{result}");
    let keys = [
        "task",
        "rows",
        "columns",
        "epochs",
        "best_epoch",
        "training_loss",
        "validation_loss",
        "temperature",
        "tempered_loss",
        "metrics",
        "baselines",
        "seconds",
        "model",
    ];
    assert!(keys.iter().all(|key| !result[key].is_null()), "{result}");
    assert_eq!((&result["rows"], &result["columns"]), (&344.into(), &7.into()));
    let history = std::fs::read_to_string(folder.path().join("m/history.csv")).unwrap();
    assert_eq!(history.lines().count() as u64, result["epochs"].as_u64().unwrap() + 1);
    // What chose the epoch stands in its column: nowhere is it lower.
    let mut lines = history.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let column = lines.next().unwrap().iter().position(|name| *name == "tempered_loss").unwrap();
    let tempered: Vec<f64> = lines.map(|line| line[column].parse().unwrap()).collect();
    let best = result["best_epoch"].as_u64().unwrap() as usize;
    assert_eq!(result["tempered_loss"], tempered[best - 1]);
    assert!(tempered.iter().all(|loss| *loss >= tempered[best - 1]));
    let report = std::fs::read_to_string(folder.path().join("m/report.html")).unwrap();
    assert!(report.contains("flipper_length_mm") && report.contains("<svg"));
}

/// Classes that have nothing to do with the numbers: whoever is sure of them is wrong.
#[test]
fn probabilities_are_softened_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..160_u32).map(|row| row.wrapping_mul(2_654_435_769));
    let table: String =
        rows.map(|bits| format!("{},{},{}\n", bits >> 20, bits >> 8 & 0xfff, bits >> 5 & 1)).collect();
    std::fs::write(folder.path().join("t.csv"), format!("a,b,k\n{table}")).unwrap();
    let train = |more: &str| {
        let words = format!("train t.csv --target k --epochs 40 --quiet --json --out m{more}");
        let done = glassnet(folder.path(), &words.split(' ').collect::<Vec<_>>());
        let result: Value = serde_json::from_str(&done.stdout).expect(&done.stderr);
        let number = |value: &Value| value.as_f64().unwrap();
        (number(&result["temperature"]), number(&result["metrics"]["log_loss"]["value"]))
    };
    let (as_it_is, by_default) = (train(" --temperature-scaling none"), train(""));
    assert_eq!(as_it_is.0, 1.0);
    assert!(by_default.0 > 1.2 && by_default.1 < as_it_is.1, "{by_default:?} and {as_it_is:?}");
    let told = glassnet(folder.path(), &["inspect", "m"]).stdout;
    assert!(told.contains("outputs divided by the temperature"), "{told}");
}

#[test]
fn the_same_seed_gives_the_same_bits_for_every_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str, more: &[&str]| {
        train(folder.path(), name, &[&["--epochs", "5"], more].concat());
        std::fs::read(folder.path().join(name)).unwrap()
    };
    // The number of threads is part of the story, so only the tensors behind the description are compared across it.
    let tensors = |bytes: Vec<u8>| {
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[8 + header..].to_vec()
    };
    assert_eq!(bytes("a", &["--threads", "1"]), bytes("b", &["--threads", "1"]));
    let (one, two) = (bytes("a", &["--threads", "1"]), bytes("c", &["--threads", "2"]));
    assert_eq!(tensors(one.clone()), tensors(two));
    assert_ne!(tensors(one), tensors(bytes("d", &["--threads", "1", "--seed", "1"])));
}

#[test]
fn predictions_keep_the_columns_and_need_no_target() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), "model", &["--epochs", "30"]);
    let without_target: String = std::fs::read_to_string(penguins())
        .unwrap()
        .lines()
        .map(|line| line.split_once(',').unwrap().1.to_owned() + "\n")
        .collect();
    std::fs::write(folder.path().join("rows.csv"), without_target).unwrap();
    let done = glassnet(folder.path(), &["predict", "model", "rows.csv"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let mut lines = done.stdout.lines();
    assert_eq!(
        lines.next().unwrap(),
        "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,prediction,\
         probability_Adelie,probability_Chinstrap,probability_Gentoo"
    );
    assert_eq!(lines.clone().count(), 344);
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(first[6], "Adelie");
    let sum: f32 = first[7..].iter().map(|share| share.parse::<f32>().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{first:?}");
}

#[test]
fn evaluate_gives_value_and_interval() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), "model", &["--epochs", "30"]);
    let done = glassnet(folder.path(), &["evaluate", "model", penguins().to_str().unwrap(), "--json"]);
    let result: Value = serde_json::from_str(&done.stdout).unwrap();
    for metrics in [&result["metrics"], &result["baselines"]["linear"], &result["baselines"]["majority"]] {
        for name in ["accuracy", "log_loss"] {
            let of = |key: &str| metrics[name][key].as_f64().unwrap();
            assert!(of("low") <= of("value") && of("value") <= of("high"), "{name}: {metrics}");
        }
    }
}

#[test]
fn evaluate_shows_every_metric_and_train_a_few() {
    let folder = tempfile::tempdir().unwrap();
    let table = penguins();
    let table = table.to_str().unwrap();
    let call = ["train", table, "--target", "sex", "--quiet", "--epochs", "3", "--out", "model"];
    let short = glassnet(folder.path(), &call).stdout;
    let whole = glassnet(folder.path(), &["evaluate", "model", table]).stdout;
    let rows = |text: &str, name: &str| {
        text.lines().filter(|line| line.split_whitespace().next() == Some(name)).count()
    };
    let essential = ["accuracy", "balanced_accuracy", "log_loss", "roc_auc"];
    let others = ["brier_score", "average_precision", "f1", "mcc", "expected_calibration_error"];
    for name in essential {
        assert_eq!((rows(&short, name), rows(&whole, name)), (1, 1), "{name}\n{short}\n{whole}");
    }
    for name in others {
        assert_eq!((rows(&short, name), rows(&whole, name)), (0, 1), "{name}\n{short}\n{whole}");
    }
    let report = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    for words in ["Brier score", "average precision", "Matthews correlation", "expected calibration error"] {
        assert!(report.contains(words), "{words}");
    }
}

/// 200 rows of x and a count near 3·x.
fn counts(folder: &std::path::Path) {
    let rows: String = (0..200).map(|row| format!("{},{}\n", row % 20, (row % 20) * 3 + row % 7)).collect();
    std::fs::write(folder.join("counts.csv"), format!("x,y\n{rows}")).unwrap();
}

fn train_counts(folder: &std::path::Path, more: &[&str]) -> command::Done {
    let call = ["train", "counts.csv", "--target", "y", "--recipe", "plain", "--epochs", "30"];
    glassnet(folder, &[&call[..], &["--quiet", "--out", "model", "--json"], more].concat())
}

#[test]
fn quantiles_have_a_column_each() {
    let folder = tempfile::tempdir().unwrap();
    counts(folder.path());
    let done = train_counts(folder.path(), &["--quantiles", "0.05,0.5,0.95"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let result: Value = serde_json::from_str(&done.stdout).unwrap();
    for name in ["pinball_loss", "coverage"] {
        assert!(result["metrics"][name]["value"].is_f64(), "{result}");
        assert!(result["baselines"]["quantiles"][name]["value"].is_f64(), "{result}");
    }
    let done = glassnet(folder.path(), &["predict", "model", "counts.csv"]);
    assert_eq!(done.stdout.lines().next().unwrap(), "x,y,q0.05,q0.5,q0.95");
    for line in done.stdout.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        assert!(cells[2] <= cells[3] && cells[3] <= cells[4], "{line}");
    }
    for what in ["loss", "network", "confusion"] {
        let table: &[&str] = if what == "confusion" { &["counts.csv"] } else { &[] };
        let done = glassnet(folder.path(), &[&["plot", what, "model"], table].concat());
        assert_eq!(done.status, 0, "{}", done.stderr);
    }
}

/// y is 2·a, but 9 more in rows of weight 0.
#[test]
fn rows_count_by_a_column_of_weights() {
    let folder = tempfile::tempdir().unwrap();
    let row = |i: usize| {
        let (a, is_spoilt) = (i as f64 * 0.37 % 5.0, i.is_multiple_of(3));
        format!("{a},{},{}\n", if is_spoilt { 0 } else { 3 }, 2.0 * a + if is_spoilt { 9.0 } else { 0.0 })
    };
    let rows: String = (0..240).map(row).collect();
    std::fs::write(folder.path().join("w.csv"), format!("a,n,y\n{rows}")).unwrap();
    let call = ["train", "w.csv", "--target", "y", "--recipe", "plain", "--quiet", "--out"];
    let done = glassnet(folder.path(), &[&call[..], &["model", "--row-weight", "n"]].concat());
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(
        done.stdout.contains("validation rows, by their weights, with 95 % intervals"),
        "{}",
        done.stdout
    );
    let done = glassnet(folder.path(), &["evaluate", "model", "w.csv", "--json"]);
    let result: Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(result["metrics"]["rmse"]["value"].as_f64().unwrap() < 0.5, "{result}");
    assert_eq!(result["weighted"], true, "{result}");
    // The same by a schema file.
    let done = glassnet(
        folder.path(),
        &["inspect", "w.csv", "--target", "y", "--row-weight", "n", "--write-schema", "s.json"],
    );
    assert_eq!(done.status, 0, "{}", done.stderr);
    let done = glassnet(folder.path(), &[&call[..], &["again", "--schema", "s.json"]].concat());
    assert_eq!(done.status, 0, "{}", done.stderr);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("model") == read("again"));
    // Also from blocks of a table that is larger than the memory it may have.
    let done = glassnet(
        folder.path(),
        &[&call[..], &["blocks", "--row-weight", "n", "--memory-limit", "8KB"]].concat(),
    );
    assert_eq!(done.status, 0, "{}", done.stderr);
    let done = glassnet(folder.path(), &["evaluate", "blocks", "w.csv", "--json"]);
    let result: Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(result["metrics"]["rmse"]["value"].as_f64().unwrap() < 1.5, "{result}");
    // Rows to predict need no weights, and are told to count alike where they are measured.
    std::fs::write(folder.path().join("new.csv"), "a,y\n1,2\n2,4\n3,6\n").unwrap();
    let done = glassnet(folder.path(), &["predict", "model", "new.csv"]);
    assert_eq!((done.status, done.stdout.lines().count()), (0, 4), "{}", done.stderr);
    let done = glassnet(folder.path(), &["evaluate", "model", "new.csv"]);
    assert!(done.stdout.starts_with("on 3 rows, with 95 % intervals"), "{}", done.stdout);
}

#[test]
fn counts_are_predicted_above_0() {
    let folder = tempfile::tempdir().unwrap();
    counts(folder.path());
    let done = train_counts(folder.path(), &["--objective", "poisson"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let done = glassnet(folder.path(), &["evaluate", "model", "counts.csv", "--json"]);
    let result: Value = serde_json::from_str(&done.stdout).unwrap();
    let deviance = |of: &Value| of["poisson_deviance"]["value"].as_f64().unwrap();
    assert!(deviance(&result["metrics"]) < deviance(&result["baselines"]["mean"]), "{result}");
    let done = glassnet(folder.path(), &["predict", "model", "counts.csv"]);
    assert_eq!(done.stdout.lines().next().unwrap(), "x,y,prediction");
    assert!(
        done.stdout.lines().skip(1).all(|line| line.split(',').nth(2).unwrap().parse::<f64>().unwrap() > 0.0)
    );
}

/// Of themselves, so few whole numbers are classes.
#[test]
fn an_objective_of_numbers_takes_few_counts_as_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..200).map(|row| format!("{},{}\n", row % 20, row % 20 / 5)).collect();
    std::fs::write(folder.path().join("counts.csv"), format!("x,y\n{rows}")).unwrap();
    for (more, task) in [
        (&[][..], "classification"),
        (&["--objective", "poisson"], "regression"),
        (&["--quantiles", "0.2,0.8"], "regression"),
    ] {
        let done = train_counts(folder.path(), more);
        assert_eq!(done.status, 0, "{}", done.stderr);
        let done = glassnet(folder.path(), &["inspect", "model", "--json"]);
        let told: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(told["task"], task, "{more:?}");
    }
}

#[test]
fn wrong_objectives_name_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    counts(folder.path());
    let cases: [(&[&str], i32, &str); 4] = [
        (&["--objective", "poisson", "--quantiles", "0.5"], 2, "--quantiles needs --objective quantile"),
        (&["--quantiles", "0.9,0.1"], 2, "rising order, such as 0.1,0.5,0.9"),
        (&["--quantiles", "0.5,often"], 2, "rising order, such as 0.1,0.5,0.9"),
        (&["--objective", "quantile", "--task", "classification"], 1, "leave out --objective"),
    ];
    for (more, status, words) in cases {
        let done = train_counts(folder.path(), more);
        assert!(done.status == status && done.stderr.contains(words), "{more:?}: {}", done.stderr);
    }
}

#[test]
fn folds_predict_every_row_and_leave_the_model_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), "plain.safetensors", &["--epochs", "4"]);
    let result = train(folder.path(), "m.safetensors", &["--epochs", "4", "--folds", "3"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("plain.safetensors") == bytes("m.safetensors"), "folds change the model");
    let cross = &result["cross_validation"];
    assert_eq!(cross["rows"], 344);
    let rows: Vec<u64> =
        cross["folds"].as_array().unwrap().iter().map(|fold| fold["rows"].as_u64().unwrap()).collect();
    assert_eq!(rows, [115, 115, 114]);
    let text = std::fs::read_to_string(folder.path().join("folds.csv")).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0][..3], ["row", "fold", "prediction"]);
    assert_eq!(lines.len(), 345);
    // The metric is that of the file's predictions.
    let table = std::fs::read_to_string(penguins()).unwrap();
    let species: Vec<&str> = table.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let n_right = lines[1..].iter().zip(&species).filter(|(line, species)| line[2] == **species).count();
    let accuracy = cross["metrics"]["accuracy"]["value"].as_f64().unwrap();
    assert!((accuracy - n_right as f64 / 344.0).abs() < 1e-12, "{accuracy} and {n_right}");
    let table = penguins();
    let refused = glassnet(
        folder.path(),
        &["train", table.to_str().unwrap(), "--target", "species", "--quiet", "--folds", "1"],
    );
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("--folds 1: must be from 2"), "{}", refused.stderr);
}
