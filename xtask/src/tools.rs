//! Programs that the tests and benches run, and how they get here.

use crate::tree;
use std::path::Path;
use std::process::Command;

/// Installs Debian packages whose program or file is missing.
///
/// # Errors
/// When that is not possible: with the names of those to install by hand.
pub(crate) fn install(needed: &[(&str, &str)]) -> Result<(), String> {
    let is_there = |name: &str| match name.strip_prefix('/') {
        Some(_) => Path::new(name).exists(),
        None => Command::new(name).arg("--version").output().is_ok(),
    };
    let missing: Vec<&str> =
        needed.iter().filter(|(name, _)| !is_there(name)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let is_debian = Path::new("/etc/debian_version").exists();
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"));
    if !(is_debian && is_root) {
        return Err(format!(
            "install {} (the names of the Debian packages) and try again",
            missing.join(", ")
        ));
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(&missing);
    run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// The interpreter of a virtual environment of Python under `target/`, made the first time.
///
/// # Errors
/// When there is no Python.
pub(crate) fn virtual_environment(name: &str) -> Result<String, String> {
    let folder = tree::root().join("target").join(name);
    let interpreter = folder.join("bin/python").display().to_string();
    let is_there =
        Command::new(&interpreter).arg("--version").output().is_ok_and(|told| told.status.success());
    if !is_there {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    Ok(interpreter)
}

/// Runs a program, its output let through.
///
/// # Errors
/// When it does not end well.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program}: {status}")) }
}
