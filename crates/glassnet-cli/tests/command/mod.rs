//! Runs the real binary in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The table of penguins.
pub(crate) fn penguins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/penguins.csv")
}

/// What a run left.
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `glassnet` with these arguments in `folder`. It must end by itself, without a panic.
pub(crate) fn glassnet(folder: &Path, arguments: &[&str]) -> Done {
    let output: Output =
        Command::new(env!("CARGO_BIN_EXE_glassnet")).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let done = Done {
        status: output.status.code().expect("an exit status"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    };
    assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
    done
}
