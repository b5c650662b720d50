//! `glassnet-bench WORKLOAD [--threads N] [--precision f32|bf16]`: one workload, timed; one line of JSON.
//!
//! Data come from a fixed seed and are made before the clock starts. `checksum` is the final loss, of predictions their
//! mean, so that other programs can be held against the same numbers.

mod clock; // seconds of the wall and of the processor
mod workload; // what is timed

use glassnet::kernels::half::HalfInstructions;
use glassnet::train_config::Precision;
use std::process::ExitCode;
use workload::Workload;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some((workload, threads, precision)) = call(&words) else {
        let names: Vec<&str> = Workload::ALL.into_iter().map(Workload::name).collect();
        let usage = "glassnet-bench WORKLOAD [--threads N] [--precision f32|bf16]";
        eprintln!("usage: {usage}\n\nworkloads: {}", names.join(" "));
        return ExitCode::from(2);
    };
    if precision == Precision::Bf16 && (!workload.has_precision() || HalfInstructions::here().is_none()) {
        eprintln!("{} does not run in bf16 here", workload.name());
        return ExitCode::from(2);
    }
    if threads > 1 && !workload.has_threads() {
        eprintln!("{} runs on one thread only", workload.name());
        return ExitCode::from(2);
    }
    let timed = workload.run(threads, precision);
    let line = serde_json::json!({
        "workload": workload.name(),
        "seconds": timed.seconds,
        "cpu_seconds": timed.cpu_seconds,
        "checksum": timed.result,
    });
    println!("{line}");
    ExitCode::SUCCESS
}

/// The workload and its options; none for what cannot be read.
fn call(words: &[&str]) -> Option<(Workload, usize, Precision)> {
    let (name, options) = words.split_first()?;
    let (mut threads, mut precision) = (1, Precision::Full);
    for option in options.chunks(2) {
        match *option {
            ["--threads", n] => threads = n.parse().ok().filter(|&n| n > 0)?,
            ["--precision", "f32"] => precision = Precision::Full,
            ["--precision", "bf16"] => precision = Precision::Bf16,
            _ => return None,
        }
    }
    Some((Workload::named(name)?, threads, precision))
}
