//! Ctrl-C: training stops, and what was best so far is written.

use crate::folder::{Folder, assert_says, good_table};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Ended with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has usually ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a training, interrupts it once it says that it is under way, and waits for its end.
fn interrupted(folder: &Folder, arguments: &str) -> (Option<i32>, Value, String) {
    interrupted_after("\nepoch ", folder, arguments)
}

/// The same, once it says this.
fn interrupted_after(cue: &str, folder: &Folder, arguments: &str) -> (Option<i32>, Value, String) {
    let child = Command::new(env!("CARGO_BIN_EXE_glassnet"))
        .args(arguments.split(' '))
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut stderr = BufReader::new(running.0.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains(cue) {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "it ended by itself: {said}");
    }
    signal("-INT", running.0.id());
    // Should it go on, it must not hold up the tests for ever: the status will tell.
    let (ended, end) = channel::<()>();
    let id = running.0.id();
    let watch = std::thread::spawn(move || {
        if end.recv_timeout(Duration::from_mins(1)) == Err(RecvTimeoutError::Timeout) {
            signal("-KILL", id);
        }
    });
    stderr.read_to_string(&mut said).unwrap();
    let mut stdout = String::new();
    running.0.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    drop(ended);
    watch.join().unwrap();
    let status = running.0.wait().unwrap().code();
    (status, serde_json::from_str(&stdout).unwrap_or_default(), said)
}

fn signal(which: &str, process: u32) {
    assert!(Command::new("kill").args([which, &process.to_string()]).status().unwrap().success());
}

#[test]
fn a_stopped_training_writes_its_best() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    for threads in ["1", "2"] {
        let endless = "train t.csv --target kind --epochs 10000000 --patience 10000000 --json --out m/model";
        let (status, result, said) = interrupted(&folder, &format!("{endless} --threads {threads}"));
        assert_eq!(status, Some(0), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        let (epochs, best) = (result["epochs"].as_u64().unwrap(), &result["best_epoch"]);
        assert!((1..10_000_000).contains(&epochs), "{epochs}");
        assert_says(
            &said,
            &[
                "Ctrl-C stops",
                "stopping; Ctrl-C again",
                "stopped after ",
                &format!("the best so far, epoch {best}"),
            ],
        );
        assert_eq!(result["stop_reason"], "interrupted");
        let history = String::from_utf8(folder.read("m/history.csv")).unwrap();
        assert_eq!(history.lines().count() as u64, epochs + 1);
        assert_says(&String::from_utf8(folder.read("m/report.html")).unwrap(), &["<svg"]);
        assert_eq!(folder.works(&["predict", "m/model", "t.csv"]).stdout.lines().count(), 31);
        std::fs::remove_dir_all(folder.path().join("m")).unwrap();
    }
}

#[test]
fn a_stopped_training_goes_on_to_the_same_model() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    for more in ["", " --ensemble 2 --temperature-scaling full"] {
        let train =
            format!("train t.csv --target kind --recipe plain --epochs 6000 --patience 6000 --json{more}");
        folder.works(&format!("{train} --quiet --out whole/model").split(' ').collect::<Vec<_>>());
        let parts = format!("{train} --out parts/model");
        let (status, result, said) = interrupted(&folder, &parts);
        assert_eq!(status, Some(0), "{said}");
        if result["stop_reason"] == "interrupted" {
            assert_says(&said, &["--resume goes on from here"]);
            assert!(folder.path().join("parts/checkpoint.safetensors").exists());
        }
        let done = folder.works(&format!("{parts} --resume").split(' ').collect::<Vec<_>>());
        assert!(
            done.stderr.contains("going on after") || done.stderr.contains("no checkpoint"),
            "{}",
            done.stderr
        );
        assert!(!folder.path().join("parts/checkpoint.safetensors").exists());
        assert!(folder.read("parts/model") == folder.read("whole/model"), "another model");
        assert!(folder.read("parts/history.csv") == folder.read("whole/history.csv"), "another history");
    }
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let train = "train t.csv --target kind --epochs 10000000 --patience 10000000 --json --out m/model";
    interrupted(&folder, train);
    let other = format!("{train} --resume --seed 1");
    folder.fails(&other.split(' ').collect::<Vec<_>>(), 1, &["checkpoint.safetensors", "seed 0", "--resume"]);
    let whole = folder.read("m/checkpoint.safetensors");
    folder.write("m/checkpoint.safetensors", &whole[..whole.len() / 2]);
    let same = format!("{train} --resume");
    folder.fails(&same.split(' ').collect::<Vec<_>>(), 1, &["checkpoint.safetensors", "cut short"]);
}

#[test]
fn a_training_by_blocks_goes_on_to_the_same_model_by_the_same_blocks_only() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let epochs = "--epochs 1500 --patience 1500 --batch-size 8";
    let train = format!("train t.csv --target kind --recipe plain {epochs} --memory-limit 300B");
    folder.works(&format!("{train} --quiet --out whole/model").split(' ').collect::<Vec<_>>());
    let parts = format!("{train} --out parts/model");
    let (status, _, said) = interrupted(&folder, &parts);
    assert_eq!(status, Some(0), "{said}");
    assert_says(&said, &["--resume goes on from here"]);
    let larger = format!("{} --resume", parts.replace("300B", "1GiB"));
    let words = ["checkpoint.safetensors", "the same --memory-limit"];
    folder.fails(&larger.split(' ').collect::<Vec<_>>(), 1, &words);
    folder.works(&format!("{parts} --resume").split(' ').collect::<Vec<_>>());
    assert!(folder.read("parts/model") == folder.read("whole/model"), "another model");
}

#[test]
fn a_search_is_left_in_the_middle_of_a_long_epoch() {
    let folder = Folder::new();
    // An epoch of the strong recipe takes many seconds.
    let rows = (0..100_000).map(|i| format!("{},{}\n", f64::from(i * 7_919 % 10_007) / 100.0, i % 83));
    folder.write("t.csv", "x,y\n".to_owned() + &rows.collect::<String>());
    let search = "train t.csv --target y --task regression --tune 1h --json --out m/model";
    let (status, _, said) = interrupted_after("trying settings", &folder, search);
    assert_eq!(status, Some(1), "{said}");
    assert_says(&said, &["stopped before the first trial had an epoch"]);
    assert!(!folder.path().join("m/model").exists() && !folder.path().join("m/tune.jsonl").exists());
}

#[test]
fn a_search_keeps_the_trial_that_was_interrupted() {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let search = "train t.csv --target kind --recipe plain --epochs 10000000 --patience 10000000 --tune 1h --json --out m/model";
    let (status, _, said) = interrupted_after("lowest loss", &folder, search);
    assert_eq!(status, Some(0), "{said}");
    assert_says(&said, &["trial 0: loss ", "interrupted after "]);
    assert!(folder.path().join("m/model").exists(), "{said}");
    let trials = String::from_utf8(folder.read("m/tune.jsonl")).unwrap();
    assert!(trials.contains("\"ended\":\"interrupted\""), "{trials}");
}
