//! The page in the browser: building its one file, whether the committed one is of these sources, and its tests.

use crate::tools::{install, run};
use crate::tree::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "crates/glassnet-web";
const TARGET: &str = "wasm32-unknown-unknown";
/// Addresses as short as they are, which the linker otherwise pads to five bytes.
const SHORT_NUMBERS: &str = "-C link-arg=--compress-relocations";

/// What the page is built from.
const SOURCES: [&str; 9] = [
    "Cargo.toml",
    "lessons/",
    "crates/glassnet-kernels/src/",
    "crates/glassnet/src/",
    "crates/glassnet-io/src/",
    "crates/glassnet-draw/src/",
    "crates/glassnet-lessons/src/",
    "crates/glassnet-web/src/",
    "crates/glassnet-web/page/",
];

/// What stands in these folders and is no part of it.
const OTHERS: [&str; 2] = ["crates/glassnet-web/page/tests/", "crates/glassnet-web/page/tsconfig.json"];

/// Builds `dist/index.html` anew, and notes what it was built from.
///
/// # Errors
/// When a tool is missing or does not do it.
pub(crate) fn build() -> Result<(), String> {
    let core = packed(&core()?)?;
    let page = page();
    npm(&["ci", "--no-audit", "--no-fund"])?;
    npm(&["run", "check"])?;
    let dist = tree::root().join(FOLDER).join("dist");
    std::fs::create_dir_all(&dist).map_err(|error| format!("{}: {error}", dist.display()))?;
    let mut bundle = Command::new("node");
    bundle.arg("bundle.mjs").args([&core, &dist.join("index.html")]).current_dir(&page);
    run(&mut bundle)?;
    let sources = dist.join("sources.txt");
    std::fs::write(&sources, format!("{}\n", fingerprint(&tree::tracked()?)))
        .map_err(|error| format!("{}: {error}", sources.display()))
}

/// Whether the committed page is of the sources as they are.
///
/// # Errors
/// When it is not.
pub(crate) fn fresh() -> Result<(), String> {
    let noted = std::fs::read_to_string(tree::root().join(FOLDER).join("dist/sources.txt"));
    let found = fingerprint(&tree::tracked()?);
    if noted.is_ok_and(|noted| noted.trim() == found) {
        return Ok(());
    }
    Err("the page in crates/glassnet-web/dist was built from other sources: `cargo xtask web`, and commit it"
        .into())
}

/// The page's tests in Chromium.
///
/// # Errors
/// When one fails, or a tool is missing.
pub(crate) fn test() -> Result<(), String> {
    fresh()?;
    install(&[("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")])?;
    npm(&["ci", "--no-audit", "--no-fund"])?;
    npm(&["run", "check"])?;
    // The command that serves the page, as the workspace's tests have built it.
    let command = tree::root().join("target/debug/glassnet");
    run(Command::new("npm").arg("test").env("GLASSNET", command).current_dir(page()))
}

/// Frames, sizes and times of the page, beside their budgets.
///
/// # Errors
/// When it cannot be measured.
pub(crate) fn bench() -> Result<(), String> {
    install(&[("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")])?;
    npm(&["ci", "--no-audit", "--no-fund"])?;
    run(Command::new("node").arg("tests/bench.mjs").current_dir(page()))
}

fn page() -> PathBuf {
    tree::root().join(FOLDER).join("page")
}

/// The core as WebAssembly: by the target of this toolchain where it is installed, else by Debian's Rust for browsers, which
/// builds the standard library along.
fn core() -> Result<PathBuf, String> {
    let target = tree::root().join("target/web");
    let common =
        ["build", "--package", "glassnet-web", "--lib", "--profile", "web", "--locked", "--target", TARGET];
    let mut build = if has_target() {
        let mut build = Command::new(env!("CARGO"));
        build.env("RUSTFLAGS", format!("-C target-feature=+simd128 {SHORT_NUMBERS}"));
        build
    } else {
        install(&[
            ("/usr/lib/rustlib/src/rust/library/std", "rust-web-src"),
            ("/usr/bin/wasm-ld-19", "lld-19"),
            ("/usr/bin/cargo", "cargo-web"),
            ("/usr/bin/rustc", "rustc-web"),
        ])?;
        let mut build = Command::new("/usr/bin/cargo");
        build
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env(
                "RUSTFLAGS",
                // The words of a panic reach nobody in a browser.
                format!(
                    "-C target-feature=+simd128 {SHORT_NUMBERS} -C linker=/usr/bin/wasm-ld-19 -C linker-flavor=wasm-ld \
                     -Z unstable-options -C panic=immediate-abort"
                ),
            )
            .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
        build
    };
    run(build.args(common).env("CARGO_TARGET_DIR", &target).current_dir(tree::root()))?;
    Ok(target.join(TARGET).join("web/glassnet_web.wasm"))
}

/// The same file in the format of deflate, beside it: some seconds of trying make it 4 % smaller than zlib does.
fn packed(core: &Path) -> Result<PathBuf, String> {
    let to = core.with_extension("deflate");
    let pack = || {
        let mut bytes = Vec::new();
        let options = zopfli::Options::default();
        zopfli::compress(options, zopfli::Format::Deflate, &*std::fs::read(core)?, &mut bytes)?;
        std::fs::write(&to, bytes)
    };
    pack().map_err(|error| format!("{}: {error}", to.display()))?;
    Ok(to)
}

/// Whether this toolchain has a standard library for browsers.
fn has_target() -> bool {
    let found = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    found.is_ok_and(|found| Path::new(String::from_utf8_lossy(&found.stdout).trim()).is_dir())
}

fn npm(arguments: &[&str]) -> Result<(), String> {
    run(Command::new("npm").args(arguments).current_dir(page()))
}

/// FNV-1a over paths and bytes of the sources.
fn fingerprint(files: &[File]) -> String {
    let of = |file: &&File| {
        let starts = |folders: &[&str]| folders.iter().any(|folder| file.path.starts_with(folder));
        starts(&SOURCES) && !starts(&OTHERS)
    };
    let bytes = files.iter().filter(of).flat_map(|file| {
        file.path.bytes().chain([0]).chain(file.bytes.iter().copied()).chain([0]).collect::<Vec<_>>()
    });
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
