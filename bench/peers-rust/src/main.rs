//! A workload of `glassnet-bench` by another library of Rust: `peers burn|candle WORKLOAD` prints the same line of JSON.
//!
//! Data come from a fixed seed and are made before the clock starts. A pair that does not exist prints nothing and exits
//! with 3.

mod data; // what the workloads train on
mod clock; // seconds of the wall and of the processor
mod by_burn; // burn
mod by_candle; // candle

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let timed = match words[..] {
        ["burn", workload] => by_burn::run(workload),
        ["candle", workload] => by_candle::run(workload).expect("candle's own shapes fit"),
        _ => None,
    };
    let Some(timed) = timed else { return ExitCode::from(3) };
    let line = serde_json::json!({
        "workload": words[1],
        "seconds": timed.seconds,
        "cpu_seconds": timed.cpu_seconds,
        "checksum": timed.result,
    });
    println!("{line}");
    ExitCode::SUCCESS
}
