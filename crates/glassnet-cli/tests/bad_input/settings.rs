//! Settings outside their domain, and trainings that fail because of them.

use crate::folder::{Folder, assert_says, good_table};
use serde_json::Value;

#[test]
fn values_outside_their_domain_are_wrong_calls() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let positive = "must be a finite number above 0";
    let not_negative = "must be a finite number, 0 or above";
    let share = "must be from 0 to below 1";
    let whole = "give a whole number";
    let units = "is not a number of units: give whole numbers of at least 1";
    let cases = [
        ("--hidden-layer-sizes", "0", units),
        ("--hidden-layer-sizes", "8,-1", units),
        ("--hidden-layer-sizes", "8,,8", units),
        ("--learning-rate", "0", positive),
        ("--learning-rate", "-0.1", positive),
        ("--learning-rate", "NaN", positive),
        ("--learning-rate", "inf", positive),
        ("--learning-rate", "fast", "invalid float literal"),
        ("--weight-decay", "-1", not_negative),
        ("--weight-decay", "NaN", not_negative),
        ("--weight-decay", "1000", "must be below 1 / learning_rate"),
        ("--l1", "-1", not_negative),
        ("--l2", "inf", not_negative),
        ("--gradient-clip-norm", "0", positive),
        ("--dropout", "1", share),
        ("--dropout", "-0.5", share),
        ("--dropout", "NaN", share),
        ("--validation-fraction", "1.5", share),
        ("--validation-fraction", "1", share),
        ("--validation-fraction", "-0.2", share),
        ("--validation-fraction", "NaN", share),
        ("--epochs", "0", "must be 1 or above"),
        ("--epochs", "-1", whole),
        ("--epochs", "1.5", whole),
        ("--epochs", "99999999999999999999", whole),
        ("--patience", "0", "must be 1 or above"),
        ("--batch-size", "0", "must be 1 or above"),
        ("--batch-size", "-8", whole),
        ("--threads", "0", "must be 1 or above"),
        ("--seed", "-1", whole),
        ("--recipe", "secret", "[possible values: strong, plain, seed]"),
        ("--activation", "logit", "[possible values: identity, sigmoid"),
        ("--optimizer", "adagrad", "there is sgd, momentum, nesterov, adam, adamw, rmsprop"),
        (
            "--schedule",
            "linear",
            "there is constant, step, cosine, flat-cosine, one-cycle, reduce-on-plateau, cosine-log4",
        ),
        ("--class-weight", "heavy", "such as yes=5,no=1"),
        ("--task", "clustering", "[possible values: classification, regression]"),
        ("--out", "folder/", "give a file name, not a folder"),
        ("--out", "..", "give a file name, not a folder"),
    ];
    for (flag, value, remedy) in cases {
        let arguments = ["train", "t.csv", "--target", "kind", "--epochs", "1", flag, value];
        // A flag may stand only once.
        let arguments =
            if flag == "--epochs" { [&arguments[..4], &arguments[6..]].concat() } else { arguments.to_vec() };
        folder.fails(&arguments, 2, &[flag, value, remedy, "--help"]);
    }
}

#[test]
fn wishes_about_columns_that_contradict_each_other_or_name_none() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let cases: [(&[&str], &[&str]); 5] = [
        (&["--drop", "kind"], &["column `kind` cannot be both the target and dropped: choose one"]),
        (&["--drop", "colr"], &["t.csv has no column `colr`; did you mean `colour`?"]),
        (&["--category", "sise"], &["t.csv has no column `sise`; did you mean `size`?"]),
        (&["--number", "size", "--category", "size"], &["`size` cannot be both a category and a number"]),
        (
            &["--task", "regression"],
            &["t.csv, row 1 (line 2), column `kind`, value `small`: not a finite number"],
        ),
    ];
    for (wishes, words) in cases {
        folder.fails(&[&["train", "t.csv", "--target", "kind"], wishes].concat(), 1, words);
    }
    folder.fails(&["train", "t.csv"], 2, &["required arguments", "--target <COLUMN>"]);
    folder.fails(
        &["train", "t.csv", "--target", "kind", "--hidden-layer-sizes", "99999999999"],
        1,
        &["smaller layers"],
    );
}

/// Grows by a factor of more than a hundred a step, since the slope of the loss does.
const TOO_FAST: [&str; 9] = [
    "--recipe",
    "plain",
    "--optimizer",
    "sgd",
    "--hidden-layer-sizes",
    "none",
    "--dropout",
    "0",
    "--learning-rate",
];

#[test]
fn training_that_leaves_the_finite_numbers_keeps_the_best_epoch() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let arguments =
        [&["train", "t.csv", "--target", "size", "--out", "m", "--json"], &TOO_FAST[..], &["1000"]].concat();
    let done = folder.works(&arguments);
    let result: Value = serde_json::from_str(&done.stdout).unwrap();
    let epoch = result["stop_reason"]["non_finite"]["epoch"].as_u64().unwrap();
    assert_eq!(result["epochs"], epoch - 1);
    assert!(epoch > 1 && result["best_epoch"].as_u64().unwrap() < epoch, "{result}");
    let warning =
        format!("warning: in epoch {epoch} the loss was no longer a finite number, so training stopped");
    assert_says(
        &done.stderr,
        &[&warning, "the model is that of epoch 1, the best before", "smaller --learning-rate"],
    );
    let predicted = folder.works(&["predict", "m", "t.csv"]).stdout;
    let numbers: Vec<f32> =
        predicted.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
    assert!(numbers.len() == 30 && numbers.iter().all(|number| number.is_finite()), "{numbers:?}");
}

#[test]
fn training_that_was_never_finite_writes_nothing() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    folder.write("old", "old model");
    let train = ["train", "t.csv", "--target", "size"];
    for out in ["new/folder/model", "old"] {
        let arguments = [&train[..], &["--out", out], &TOO_FAST[..], &["1e30"]].concat();
        let words = [
            "no longer a finite number in epoch 1, before anything was learnt",
            "diverged",
            "a smaller learning rate",
        ];
        folder.fails(&arguments, 1, &words);
    }
}
