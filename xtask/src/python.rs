//! The Python package: its tests, and its wheel.

use crate::tools::{install, run, virtual_environment};
use crate::tree;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "crates/glassnet-python";

/// What makes an environment, by a file that only that package has.
const NEEDED: [(&str, &str); 2] = [("python3", "python3"), ("/usr/share/doc/python3-venv", "python3-venv")];

/// The tests, on the package as it is imported: its Python beside the compiled part as the workspace's tests need it built, so
/// that nothing is compiled twice.
///
/// # Errors
/// When one fails, or a tool is missing.
pub(crate) fn test() -> Result<(), String> {
    // What the tests of the workspace compile, and so with the same features.
    let kinds = ["build", "--workspace", "--lib", "--bins", "--tests", "--locked"];
    run(Command::new(env!("CARGO")).args(kinds).current_dir(tree::root()))?;
    let package = assemble()?;
    let interpreter = environment("python-venv", &["-r", &format!("{FOLDER}/tests/requirements.txt")])?;
    let mut tests = Command::new(interpreter);
    tests.args(["-m", "pytest", "--doctest-modules", "--doctest-glob=*.md", "-p", "no:cacheprovider", "-c"]);
    tests.arg(format!("{FOLDER}/pyproject.toml"));
    tests.args(["--rootdir=.", &format!("{FOLDER}/tests"), "docs/python.md", "docs/export.md"]);
    tests.arg(package.join("glassnet"));
    tests.env("PYTHONPATH", &package).env("PYTHONDONTWRITEBYTECODE", "1");
    run(tests.env("GLASSNET", tree::root().join("target/debug/glassnet")).current_dir(tree::root()))
}

/// Builds the wheel into `target/wheels`.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn wheel() -> Result<(), String> {
    let interpreter = environment("python-venv", &["-r", &format!("{FOLDER}/tests/requirements.txt")])?;
    let maturin = Path::new(&interpreter).with_file_name("maturin");
    let mut build = Command::new(maturin);
    build.args(["build", "--release", "--locked", "--out", "target/wheels", "--manifest-path"]);
    build.arg(format!("{FOLDER}/Cargo.toml"));
    run(build.env("VIRTUAL_ENV", tree::root().join("target/python-venv")).current_dir(tree::root()))
}

/// An interpreter with packages.
fn environment(name: &str, packages: &[&str]) -> Result<String, String> {
    let can_make = Command::new("python3").args(["-c", "import ensurepip"]).output();
    if !can_make.is_ok_and(|told| told.status.success()) {
        install(&NEEDED)?;
    }
    let interpreter = virtual_environment(name)?;
    let mut pip = Command::new(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    run(pip.current_dir(tree::root()))?;
    Ok(interpreter)
}

/// The package as it is installed.
fn assemble() -> Result<PathBuf, String> {
    let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let package = tree::root().join("target/python");
    let folder = package.join("glassnet");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| told(&folder, error))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| told(&folder, error))?;
    let own = format!("{FOLDER}/python/glassnet/");
    for file in tree::tracked()?.iter().filter(|file| file.path.starts_with(&own)) {
        let path = folder.join(&file.path[own.len()..]);
        std::fs::write(&path, &file.bytes).map_err(|error| told(&path, error))?;
    }
    let built = tree::root().join("target/debug").join(format!(
        "{}_glassnet{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ));
    let ending = if cfg!(windows) { "pyd" } else { "abi3.so" };
    let module = folder.join(format!("_glassnet.{ending}"));
    std::fs::copy(&built, &module).map_err(|error| told(&built, error))?;
    Ok(package)
}
