//! `cargo xtask …`: what the repository checks about itself.

mod tree; // the tracked files
mod tidy; // the house rules
mod readme; // the README's commands, run
mod tools; // programs, and how they get here
mod python; // the Python package
mod web; // the page in the browser
mod aarch64; // 64-bit ARM, emulated
mod fuzz; // bytes that nobody would write
mod test; // every check in order
mod bench; // how fast, beside others

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test  every check in order, stopping at the first failure; what must pass before a merge
  tidy  the house rules that the compiler does not know

  web     builds the page of `glassnet playground` anew
  python  tests the Python package
  wheel   builds it into target/wheels
  fuzz tables|models SECONDS  looks for bytes that make a reader panic; Linux on x86-64
  aarch64 tests kernels and library on 64-bit ARM under emulation, with Debian's compiler; five minutes

  bench web             the page's size, start and frames beside their budgets
  bench speed [ROUNDS] [--threads N]  the workloads of glassnet-bench beside other programs and beside their floors;
                                      5 rounds and one thread unless told
  bench growth                        time and memory as rows, width, depth and epochs grow; writes docs/growth.svg

  bench quality DATA [TABLE …] [--seeds N] [--splits N] [--ensemble N] [--threads N]
                        errors on the tables of a folder with fixed splits, beside those of its baselines.csv; 3 seeds
                        on split 0, 3 splits and one thread unless told
  bench quality DATA [TABLE …] --time [--rounds N] [--threads N]
                        fit seconds beside pytabkit's RealMLP-TD, on one thread and two unless told
  bench quality DATA --mnist [--threads N]
                        accuracy on MNIST after training on all its training rows
  bench diagnose [DATA]
                        the first findings on 3,240 trainings with planted faults, and on healthy ones of the tables of a folder";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => test::run(),
        ["tidy"] => tidy::run(),
        ["web"] => web::build(),
        ["python"] => python::test(),
        ["wheel"] => python::wheel(),
        ["fuzz", target @ ("tables" | "models"), seconds] => fuzz::fuzz(target, seconds),
        ["aarch64"] => aarch64::test(),
        ["bench", "web"] => web::bench(),
        ["bench", ref words @ ..] => match bench::run(words) {
            Some(result) => result,
            None => return usage(),
        },
        _ => return usage(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}
