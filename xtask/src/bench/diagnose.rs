//! Whether the first finding on a training that fails for a planted reason names it: runs the gallery `bench/failures/`.

use super::program::outcome;
use crate::tree;
use std::process::Command;

/// Builds the gallery and runs it; with a folder of tables, healthy trainings of them as well.
///
/// # Errors
/// When it cannot be built, or too few findings are right.
pub(crate) fn run(data: Option<&str>) -> Result<(), String> {
    let words = ["build", "--release", "--locked", "--package", "glassnet-failures"];
    outcome(Command::new(env!("CARGO")).args(words).current_dir(tree::root()))?;
    let program = tree::root().join("target/release/glassnet-failures");
    let status = Command::new(program).args(data).status().map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err("findings were right too seldom, or healthy trainings had some".into())
    }
}
