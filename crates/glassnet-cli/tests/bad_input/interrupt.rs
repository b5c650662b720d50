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

/// Starts a training that would take very long, interrupts it once it says that it is under way, and waits for its end.
fn interrupted(folder: &Folder, threads: &str) -> (Option<i32>, Value, String) {
    let arguments =
        "train t.csv --target kind --epochs 10000000 --patience 10000000 --json --out m/model --threads";
    let child = Command::new(env!("CARGO_BIN_EXE_glassnet"))
        .args(arguments.split(' ').chain([threads]))
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut stderr = BufReader::new(running.0.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("\nepoch ") {
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
        let (status, result, said) = interrupted(&folder, threads);
        assert_eq!(status, Some(0), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        let (epochs, best) = (result["epochs"].as_u64().unwrap(), &result["best_epoch"]);
        assert!((1..10_000_000).contains(&epochs), "{epochs}");
        assert_says(&said, &["Ctrl-C stops", "stopped after ", &format!("the best so far, epoch {best}")]);
        assert_eq!(result["stop_reason"], "interrupted");
        let history = String::from_utf8(folder.read("m/history.csv")).unwrap();
        assert_eq!(history.lines().count() as u64, epochs + 1);
        assert_says(&String::from_utf8(folder.read("m/report.html")).unwrap(), &["<svg"]);
        assert_eq!(folder.works(&["predict", "m/model", "t.csv"]).stdout.lines().count(), 31);
        std::fs::remove_dir_all(folder.path().join("m")).unwrap();
    }
}
