//! `cargo xtask …`: what the repository checks about itself.

mod tree; // the tracked files
mod tidy; // the house rules
mod readme; // the README's commands, run
mod test; // every check in order
mod bench; // how fast, beside others

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test  every check in order, stopping at the first failure; what must pass before a merge
  tidy  the house rules that the compiler does not know

  bench speed [ROUNDS]  the workloads of glassnet-bench beside a C loop, NumPy and scikit-learn, one thread each";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => test::run(),
        ["tidy"] => tidy::run(),
        ["bench", "speed"] => bench::speed(5),
        ["bench", "speed", rounds] if rounds.parse::<usize>().is_ok_and(|rounds| rounds > 0) => {
            bench::speed(rounds.parse().unwrap_or(1))
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
