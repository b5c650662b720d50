//! `glassnet-bench WORKLOAD [--threads N] [--precision f32|bf16]`: one workload, timed; one line of JSON.
//! `glassnet-bench machine`: what one core
//! can do at most. `glassnet-bench growth ROWS WIDTH DEPTH EPOCHS`: one training of that size; `glassnet-bench
//! growth-figure`: the figure of many, from JSON on standard input. `glassnet-bench memory`: takes memory and gives it back, so that the
//! next program finds it at hand.
//!
//! Data come from a fixed seed and are made before the clock starts. `checksum` is the final loss, of predictions their
//! mean, so that other programs can be held against the same numbers.

mod clock; // seconds of the wall and of the processor
mod workload; // what is timed
mod machine; // what one core can do at most
mod growth; // a training of any size

use glassnet::kernels::half::HalfInstructions;
use glassnet::kernels::pages::Numbers;
use glassnet::train_config::Precision;
use std::process::ExitCode;
use workload::Workload;

const USAGE: &str = "usage: glassnet-bench WORKLOAD [--threads N] [--precision f32|bf16]
       glassnet-bench machine
       glassnet-bench memory
       glassnet-bench growth ROWS WIDTH DEPTH EPOCHS
       glassnet-bench growth-figure < JSON";

/// What `memory` takes: more than any workload does once its clock runs.
const MEMORY: usize = 512 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let other = match words[..] {
        ["machine"] => Some(machine().to_string()),
        ["memory"] => Some(take_memory().to_string()),
        ["growth-figure"] => {
            serde_json::from_reader(std::io::stdin()).ok().and_then(|it| growth::figure(&it))
        }
        ["growth", ref sizes @ ..] => grown(sizes).map(|line| line.to_string()),
        _ => None,
    };
    if let Some(text) = other {
        println!("{}", text.trim_end());
        return ExitCode::SUCCESS;
    }
    let Some((workload, threads, precision)) = call(&words) else {
        let names: Vec<&str> = Workload::ALL.into_iter().map(Workload::name).collect();
        eprintln!("{USAGE}\n\nworkloads: {}", names.join(" "));
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

/// The rates of one core.
fn machine() -> serde_json::Value {
    let machine = machine::Machine::here();
    serde_json::json!({
        "product_gflops": machine.product_gflops,
        "fma_gflops": machine.fma_gflops,
        "memory_gbytes": machine.memory_gbytes,
        "third_gbytes": machine.third_gbytes,
        "cache_gbytes": machine.cache_gbytes,
        "crossing_nanoseconds": machine.crossing_nanoseconds,
    })
}

/// Writes to memory, in large pages where the system has them, which is free again when the process ends. Answers its bytes.
fn take_memory() -> usize {
    let mut numbers = Numbers::<f32>::zeros(MEMORY / size_of::<f32>());
    numbers.fill(1.0);
    std::hint::black_box(&numbers).len() * size_of::<f32>()
}

/// What a training of four sizes took; none unless there are four, each at least 1.
fn grown(sizes: &[&str]) -> Option<serde_json::Value> {
    let sizes = sizes.iter().map(|size| size.parse().ok().filter(|&size| size > 0));
    let &[rows, width, depth, epochs] = &sizes.collect::<Option<Vec<usize>>>()?[..] else { return None };
    let grown = growth::Size { rows, width, depth, epochs }.run();
    Some(serde_json::json!({
        "seconds": grown.time.seconds,
        "cpu_seconds": grown.time.cpu_seconds,
        "n_parameters": grown.n_parameters,
        "peak_bytes": grown.peak_bytes,
        "checksum": grown.time.result,
    }))
}
