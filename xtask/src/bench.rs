//! How fast glassnet is: beside other programs, beside what the machine can do at most, and as the work grows; and how
//! good its networks are.

mod program; // a program, run and timed
mod peers; // the programs that are measured
mod floor; // the least time that a workload can take
mod speed; // tables of ratios
mod growth; // time and memory as the work grows
mod quality; // errors on tables with fixed splits
mod diagnose; // findings on trainings with planted faults

use crate::tree;
use std::process::Command;

/// The command whose words stand after `bench`; none where there is no such command.
pub(crate) fn run(words: &[&str]) -> Option<Result<(), String>> {
    let count = |word: &str| word.parse::<usize>().ok().filter(|&n| n > 0);
    match *words {
        ["quality", ref rest @ ..] => Some(quality::run(&quality::Options::parse(rest)?)),
        ["diagnose"] => Some(diagnose::run(None)),
        ["diagnose", data] => Some(diagnose::run(Some(data))),
        ["growth"] => Some(growth::run()),
        ["speed"] => Some(speed::run(5, 1)),
        ["speed", "--threads", n] => Some(speed::run(5, count(n)?)),
        ["speed", rounds] => Some(speed::run(count(rounds)?, 1)),
        ["speed", rounds, "--threads", n] => Some(speed::run(count(rounds)?, count(n)?)),
        _ => None,
    }
}

/// Builds our own programs.
fn build() -> Result<(), String> {
    let words =
        ["build", "--release", "--locked", "--package", "glassnet-bench", "--package", "glassnet-cli"];
    program::outcome(Command::new(env!("CARGO")).args(words).current_dir(tree::root())).map(drop)
}

/// The middle number, of an even count the upper of the two.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
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
