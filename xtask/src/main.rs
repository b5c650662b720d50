//! `cargo xtask …`: what the repository checks about itself.

mod tree; // the tracked files
mod tidy; // the house rules
mod readme; // the README's commands, run
mod test; // every check in order

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test  every check in order, stopping at the first failure; what must pass before a merge
  tidy  the house rules that the compiler does not know";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => test::run(),
        ["tidy"] => tidy::run(),
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
