//! How fast glassnet is, beside other programs: every round runs each of them once, so that a machine whose speed drifts
//! slows all alike. What counts is the ratio of medians of processor seconds.

use crate::tree;
use std::path::Path;
use std::process::{Command, Stdio};

const WORKLOADS: [&str; 10] = ["W1", "W2", "W2x1000", "W3", "W3a", "W4", "W5", "W6a", "W6b", "W6c"];

/// A program that runs a workload and prints its seconds.
struct Peer {
    name: &'static str,
    program: String,
    arguments: Vec<&'static str>,
}

/// Runs every workload so many times with each program that is there, and prints a table.
///
/// # Errors
/// When our own workloads cannot be built or run.
pub(crate) fn speed(rounds: usize) -> Result<(), String> {
    let root = tree::root();
    let build = ["build", "--release", "--locked", "--package", "glassnet-bench"];
    if !run(Command::new(env!("CARGO")).args(build).current_dir(&root)) {
        return Err("the workloads could not be built".into());
    }
    let ours = root.join("target/release/glassnet-bench").display().to_string();
    let mut peers = vec![Peer { name: "glassnet", program: ours, arguments: Vec::new() }];
    match c_loops(&root) {
        Some(program) => peers.push(Peer { name: "C loop", program, arguments: Vec::new() }),
        None => println!("skipped: the C loop, for want of a C compiler"),
    }
    match python(&root) {
        Some(program) => {
            for (name, word) in [("NumPy", "numpy"), ("scikit-learn", "sklearn")] {
                let arguments = vec!["-W", "ignore", "bench/peers.py", word];
                peers.push(Peer { name, program: program.clone(), arguments });
            }
        }
        None => println!("skipped: NumPy and scikit-learn, for want of Python 3 with venv and its packages"),
    }
    println!(
        "processor seconds on one thread, median of {rounds}; in brackets how many times as long as glassnet\n"
    );
    println!("| workload | {} |", peers.iter().map(|peer| peer.name).collect::<Vec<_>>().join(" | "));
    println!("|---|{}", "---|".repeat(peers.len()));
    for workload in WORKLOADS {
        let mut seconds = vec![Vec::new(); peers.len()];
        for _ in 0..rounds {
            for (peer, seconds) in peers.iter().zip(&mut seconds) {
                seconds.extend(measure(peer, workload, &root));
            }
        }
        let medians: Vec<Option<f64>> = seconds.into_iter().map(median).collect();
        let ours = medians[0].ok_or_else(|| format!("{workload} did not run"))?;
        let cell = |median: &Option<f64>| match median {
            Some(seconds) => format!("{} ({:.2})", readable(*seconds), seconds / ours),
            None => "–".into(),
        };
        println!("| {workload} | {} |", medians.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
    Ok(())
}

/// Processor seconds; none where the program does not know the workload.
fn measure(peer: &Peer, workload: &str, root: &Path) -> Option<f64> {
    let output = Command::new(&peer.program)
        .args(&peer.arguments)
        .arg(workload)
        .current_dir(root)
        .env("OMP_NUM_THREADS", "1")
        .env("OPENBLAS_NUM_THREADS", "1")
        .env_remove("OPENBLAS_CORETYPE")
        .env_remove("OPENBLAS_L2_SIZE")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    line["cpu_seconds"].as_f64().filter(|_| output.status.success())
}

fn c_loops(root: &Path) -> Option<String> {
    let program = root.join("target/tiny-reference").display().to_string();
    let options = ["-O3", "-march=native", "bench/reference/tiny.c", "-lm", "-o", &program];
    run(Command::new("cc").args(options).current_dir(root)).then_some(program)
}

/// Python with the packages, in a virtual environment that is made the first time.
fn python(root: &Path) -> Option<String> {
    let folder = root.join("target/bench-venv");
    let python = folder.join("bin/python").display().to_string();
    let has_packages = |python: &str| run(Command::new(python).args(["-c", "import numpy, sklearn"]));
    if !has_packages(&python) {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "numpy", "scikit-learn"]));
    }
    has_packages(&python).then_some(python)
}

/// Whether a command ran and succeeded.
fn run(command: &mut Command) -> bool {
    command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn median(mut seconds: Vec<f64>) -> Option<f64> {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

fn readable(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.0} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{median, readable};

    #[test]
    fn medians_and_units() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
        let texts = [5e-8, 0.000_35, 0.0076, 2.4].map(readable);
        assert_eq!(texts, ["50 ns", "350.0 µs", "7.60 ms", "2.40 s"]);
    }
}
