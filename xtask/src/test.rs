//! Every check in order, stopping at the first failure.

use crate::{python, readme, tidy, tree, web};
use std::process::Command;
use std::time::Instant;

type Step = (&'static str, fn() -> Result<(), String>);

const STEPS: [Step; 10] = [
    ("fmt", || cargo(&["fmt", "--all", "--check"], "")),
    ("clippy", || cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], "")),
    ("tidy", tidy::run),
    ("page is fresh", web::fresh),
    ("test", || cargo(&["test", "--workspace", "--locked"], "")),
    ("sanitizer", sanitizer),
    ("doc", || cargo(&["doc", "--workspace", "--no-deps", "--locked"], "-D warnings")),
    ("python", python::test),
    ("page", web::test),
    ("readme", readme::run),
];

/// Runs the steps and closes with one line of their seconds.
///
/// # Errors
/// With the name of the first step that failed.
pub(crate) fn run() -> Result<(), String> {
    let start = Instant::now();
    let mut passed = Vec::new();
    for (name, step) in STEPS {
        println!("\n== {name}");
        let step_start = Instant::now();
        step().map_err(|message| format!("{name} failed: {message}"))?;
        passed.push(format!("{name} {:.0} s", step_start.elapsed().as_secs_f64()));
    }
    println!("\nall passed: {}; together {:.0} s", passed.join(", "), start.elapsed().as_secs_f64());
    Ok(())
}

/// The kernels' tests under the address sanitizer: their pointers stay within their slices. Stable Rust ships it for Linux
/// on x86-64, behind the switch that turns on what is not stable yet.
fn sanitizer() -> Result<(), String> {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    if !cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")) {
        println!("skipped: the address sanitizer comes with Rust for {TARGET} only");
        return Ok(());
    }
    let arguments = ["test", "--package", "glassnet-kernels", "--lib", "--locked", "--target", TARGET];
    // What only the benches use need not be fast here.
    let plain = ["--config", "profile.dev.package.'*'.opt-level=0"];
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .args(plain)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zsanitizer=address")
        .env("CARGO_TARGET_DIR", tree::root().join("target/sanitized"))
        .current_dir(tree::root())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {}: {status}", arguments.join(" "))) }
}

/// Runs cargo in the root, its output let through.
fn cargo(arguments: &[&str], rustdoc_flags: &str) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .env("RUSTDOCFLAGS", rustdoc_flags)
        .current_dir(tree::root())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {}: {status}", arguments.join(" "))) }
}
