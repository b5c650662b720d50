//! Tests on 64-bit ARM under emulation: its NEON is the baseline that kernels are compiled for where there is no AVX.

use crate::tools::{install, run};
use crate::tree;
use std::process::Command;

const TARGET: &str = "aarch64-unknown-linux-gnu";

/// The library's tests that hold numbers against an oracle or one way against another, and are done in minutes.
const LIBRARY: [&str; 8] =
    ["gradients", "layers", "objectives", "optimizers", "recipe", "seed_recipe", "tiny", "workbench"];

/// The kernels' tests and some of the library's, compiled by Debian's Rust and run by QEMU.
///
/// # Errors
/// When one fails, or a tool is missing.
pub(crate) fn test() -> Result<(), String> {
    install(&[
        ("/usr/lib/rustlib/src/rust/library/std", "rust-web-src"),
        ("/usr/bin/cargo", "cargo-web"),
        ("/usr/bin/rustc", "rustc-web"),
        ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
        ("/usr/aarch64-linux-gnu/lib/libc.so.6", "libc6-dev-arm64-cross"),
        ("qemu-aarch64-static", "qemu-user-static"),
    ])?;
    cargo(&["--package", "glassnet-kernels", "--lib"])?;
    let mut library = vec!["--package", "glassnet"];
    library.extend(LIBRARY.iter().flat_map(|test| ["--test", test]));
    cargo(&library)
}

fn cargo(what: &[&str]) -> Result<(), String> {
    let mut test = Command::new("/usr/bin/cargo");
    test.args(["test", "--locked", "--target", TARGET, "-Zbuild-std=std,panic_unwind,test"])
        .args(what)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", tree::root().join("target/aarch64"))
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", "qemu-aarch64-static -L /usr/aarch64-linux-gnu")
        .current_dir(tree::root());
    run(&mut test)
}
