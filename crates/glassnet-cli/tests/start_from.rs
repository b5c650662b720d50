//! `train --start-from`: a model learns from further rows.

mod command;

use command::{glassnet, penguins};
use std::fs;
use std::path::Path;

/// The odd rows of the penguins in `first.csv`, the even ones in `second.csv`, and a model of the first in `m`.
fn halves(folder: &Path) {
    let text = fs::read_to_string(penguins()).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    for (name, rest) in [("first", 0), ("second", 1)] {
        let half: Vec<&str> =
            rows.lines().enumerate().filter(|(row, _)| row % 2 == rest).map(|(_, line)| line).collect();
        fs::write(folder.join(format!("{name}.csv")), format!("{header}\n{}\n", half.join("\n"))).unwrap();
    }
    let flags = [
        "--recipe",
        "plain",
        "--dropout",
        "0.05",
        "--batch-size",
        "16",
        "--quiet",
        "--out",
        "m/model.safetensors",
    ];
    let done = glassnet(folder, &[&["train", "first.csv", "--target", "species"], &flags[..]].concat());
    assert_eq!(done.status, 0, "{}", done.stderr);
}

#[test]
fn its_settings_are_the_defaults_and_its_story_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    halves(folder);
    let train = [
        "train",
        "second.csv",
        "--start-from",
        "m",
        "--epochs",
        "30",
        "--quiet",
        "--out",
        "later/model.safetensors",
    ];
    let done = glassnet(folder, &train);
    assert_eq!(done.status, 0, "{}", done.stderr);
    // Four penguins lack measures, none of them in the first half.
    assert!(done.stderr.contains("missing cell") && !done.stderr.contains("range"), "{}", done.stderr);
    let about = glassnet(folder, &["inspect", "later"]).stdout;
    for fact in
        ["recipe plain", "dropout 0.05", "batch_size 16", "epochs 30", "went on from a model of fnv1a64:"]
    {
        assert!(about.contains(fact), "{fact}: {about}");
    }
    // It begins with what was learnt: the first epoch's loss is below that of a start of its own.
    let first_loss = |model: &str| -> f64 {
        let history = fs::read_to_string(folder.join(model).join("history.csv")).unwrap();
        let (header, rows) = history.split_once('\n').unwrap();
        let column = header.split(',').position(|name| name == "validation_loss").unwrap();
        rows.split_once('\n').unwrap().0.split(',').nth(column).unwrap().parse().unwrap()
    };
    assert!(
        first_loss("later") < 0.1 && first_loss("m") > 0.2,
        "{} {}",
        first_loss("later"),
        first_loss("m")
    );
    for command in [&["evaluate", "later", "second.csv"][..], &["diagnose", "later", "second.csv"]] {
        let done = glassnet(folder, command);
        assert_eq!(done.status, 0, "{}", done.stderr);
    }
}

#[test]
fn what_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    halves(folder);
    let refused = |table: &str, flags: &[&str]| {
        let done = glassnet(
            folder,
            &[&["train", table, "--start-from", "m", "--out", "x", "--quiet"], flags].concat(),
        );
        assert!(!folder.join("x").exists(), "{}", done.stderr);
        (done.status, done.stderr)
    };
    let (status, message) = refused("second.csv", &["--target", "island"]);
    assert!(
        status == 1 && message.contains("`species`") && message.contains("`island`: leave it out"),
        "{message}"
    );
    let (status, message) = refused("second.csv", &["--hidden", "3"]);
    assert!(status == 2 && message.contains("--hidden-layer-sizes"), "{message}");
    let (status, message) = refused("second.csv", &["--drop", "island"]);
    assert!(status == 2 && message.contains("--drop"), "{message}");
    let text = fs::read_to_string(folder.join("second.csv")).unwrap();
    fs::write(folder.join("other.csv"), text.replacen("Gentoo", "King", 1)).unwrap();
    let (status, message) = refused("other.csv", &[]);
    assert!(status == 1 && message.contains("other.csv, row") && message.contains("`King`"), "{message}");
    fs::write(folder.join("narrow.csv"), "species,island\nGentoo,Biscoe\nAdelie,Biscoe\n").unwrap();
    let (status, message) = refused("narrow.csv", &[]);
    assert!(status == 1 && message.contains("narrow.csv") && message.contains("bill_length_mm"), "{message}");
}
