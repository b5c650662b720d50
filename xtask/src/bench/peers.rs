//! The programs that are measured, each made ready; one that cannot be had is skipped, and that is said.

use super::program::{Program, outcome};
use crate::tools::virtual_environment;
use crate::tree;
use std::path::Path;
use std::process::Command;

/// A library of Python: its name in the table, its module, and the packages that have it.
const PYTHON: [(&str, &str, &[&str]); 5] = [
    ("NumPy", "numpy", &["numpy"]),
    ("scikit-learn", "sklearn", &["scikit-learn"]),
    ("PyTorch", "torch", &["torch", "numpy"]),
    ("JAX", "jax", &["jax", "numpy"]),
    ("ONNX Runtime", "onnxruntime", &["onnxruntime", "onnx", "numpy"]),
];

/// glassnet first, then the C loop where there is one, then the others.
pub(crate) fn all() -> Vec<Program> {
    let root = tree::root();
    let ours = |name: &str| root.join("target/release").join(name).display().to_string();
    let lesson = [&ours("glassnet"), "lesson", "two-layers", "--json"].map(str::to_owned);
    let mut programs = vec![Program {
        name: "glassnet",
        commands: vec![vec![ours("glassnet-bench")]],
        whole: Some(lesson.to_vec()),
        has_threads_flag: true,
    }];
    let mut add = |name: &'static str, ready: Result<Ready, String>| match ready {
        Ok((commands, whole)) => programs.push(Program { name, commands, whole, has_threads_flag: false }),
        Err(reason) => println!("skipped: {name}: {reason}"),
    };
    add("C loop", c_loop(&root));
    match virtual_environment("bench-venv") {
        Ok(interpreter) => {
            for (name, module, packages) in PYTHON {
                add(name, library(&interpreter, module, packages));
            }
        }
        Err(reason) => println!("skipped: every library of Python: {reason}"),
    }
    add("FANN", fann(&root));
    let rust = rust_libraries(&root);
    for (name, word) in [("burn", "burn"), ("candle", "candle")] {
        add(name, rust.clone().map(|program| (vec![vec![program, word.to_owned()]], None)));
    }
    programs
}

/// The commands of a program, and that of W7 if it has it.
type Ready = (Vec<Vec<String>>, Option<Vec<String>>);

/// Compiles a program of C into `target/`.
fn compile(root: &Path, source: &str, options: &[&str], name: &str) -> Result<String, String> {
    let program = root.join("target").join(name).display().to_string();
    let mut command = Command::new("cc");
    command.args(["-O3", source]).args(options).args(["-lm", "-o", &program]).current_dir(root);
    outcome(&mut command).map(|_| program)
}

fn c_loop(root: &Path) -> Result<Ready, String> {
    let program = compile(root, "bench/reference/tiny.c", &["-march=native"], "tiny-reference")?;
    Ok((vec![vec![program.clone()]], Some(vec![program, "W7".into()])))
}

/// FANN chooses its type of number when it is compiled: `f64` for the tutorial's networks, `f32` for the others.
fn fann(root: &Path) -> Result<Ready, String> {
    let build = |options: &[&str], name| {
        compile(root, "bench/reference/fann.c", options, name)
            .map_err(|reason| format!("{reason} (Debian has it as libfann-dev)"))
    };
    let double = build(&["-DDOUBLE", "-ldoublefann"], "fann-double")?;
    let float = build(&["-lfloatfann"], "fann-float")?;
    Ok((vec![vec![double], vec![float]], None))
}

/// An interpreter that has pytabkit, installed the first time.
///
/// # Errors
/// When it cannot be had.
pub(crate) fn pytabkit() -> Result<String, String> {
    let interpreter = virtual_environment("pytabkit-venv")?;
    install(&interpreter, "pytabkit", &["pytabkit"])?;
    Ok(interpreter)
}

/// Installs packages, unless their module is there.
fn install(interpreter: &str, module: &str, packages: &[&str]) -> Result<(), String> {
    let import = || outcome(Command::new(interpreter).args(["-c", &format!("import {module}")]));
    if import().is_err() {
        println!("installing {} into target/", packages.join(", "));
        outcome(Command::new(interpreter).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
        import()?;
    }
    Ok(())
}

/// A library of Python.
fn library(interpreter: &str, module: &str, packages: &[&str]) -> Result<Ready, String> {
    install(interpreter, module, packages)?;
    let words =
        |words: &[&str]| [interpreter, "-W", "ignore"].iter().chain(words).map(|&w| w.into()).collect();
    let whole = (module == "numpy").then(|| words(&["bench/peers/tutorial.py"]));
    Ok((vec![words(&["bench/peers", module])], whole))
}

/// The program that has burn and candle; a workspace of its own, so that ours never sees them.
fn rust_libraries(root: &Path) -> Result<String, String> {
    let folder = root.join("target/peers-rust");
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release", "--locked", "--manifest-path", "bench/peers-rust/Cargo.toml"]);
    outcome(command.arg("--target-dir").arg(&folder).current_dir(root))?;
    Ok(folder.join("release/peers").display().to_string())
}
