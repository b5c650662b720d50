//! Bytes that nobody would write, by libFuzzer, for what reads files: it keeps those that reach new code and changes them further.

use crate::tools::{install, run};
use crate::tree;
use std::path::Path;
use std::process::Command;

const HOST: &str = "x86_64-unknown-linux-gnu";

/// What has the compiler count which code is reached; all of it is known to the stable one.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// What a description of a model is made of.
const WORDS: &str = r#""0"
"-1"
"1e308"
"18446744073709551615"
"null"
"[]"
"{}"
"true"
"\"relu\""
"\"number\""
"#;

/// Runs a target for so many seconds, from what earlier runs found.
///
/// # Errors
/// When an input makes it panic, which stays in `target/fuzz`, or a tool is missing.
pub(crate) fn fuzz(target: &str, seconds: &str) -> Result<(), String> {
    install(&[("c++", "g++")])?;
    let folder = tree::root().join("target/fuzz");
    let corpus = folder.join(target);
    let told = |error: std::io::Error| format!("{}: {error}", corpus.display());
    std::fs::create_dir_all(&corpus).map_err(told)?;
    std::fs::write(folder.join("words"), WORDS).map_err(told)?;
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--locked", "--target", HOST, "--bin", target]);
    build.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &folder).current_dir(tree::root().join("fuzz"));
    run(&mut build)?;
    let program = folder.join(HOST).join("release").join(target);
    if target == "tables" {
        seed_tables(&corpus).map_err(told)?;
    } else {
        run(Command::new(&program).env("GLASSNET_FUZZ_SEEDS", &corpus))?;
    }
    let mut fuzz = Command::new(&program);
    fuzz.arg(&corpus).arg(format!("-max_total_time={seconds}"));
    fuzz.args(["-rss_limit_mb=4000", "-max_len=20000", "-timeout=20", "-print_final_stats=1"]);
    fuzz.arg(format!("-dict={}", folder.join("words").display()));
    fuzz.arg(format!("-artifact_prefix={}/{target}-", folder.display()));
    if Path::new("/dev/shm").is_dir() {
        fuzz.env("TMPDIR", "/dev/shm");
    }
    run(&mut fuzz)
}

/// The examples' first rows, once for each recipe.
fn seed_tables(corpus: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(tree::root().join("examples"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            let text = std::fs::read_to_string(&path)?;
            let rows: String = text.split_inclusive('\n').take(30).collect();
            for how in [0, 8] {
                let name = format!("{how}-{}", path.file_name().unwrap_or_default().display());
                std::fs::write(corpus.join(name), [&[how], rows.as_bytes()].concat())?;
            }
        }
    }
    Ok(())
}
