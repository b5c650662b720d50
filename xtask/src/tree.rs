//! The tracked files of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A tracked file: its path from the root, with `/`, and its bytes.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    /// The text, unless the file is binary.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok().filter(|text| !text.contains('\0'))
    }
}

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the root").to_path_buf()
}

/// Every file that `git ls-files` names and that is still there, in its order.
///
/// # Errors
/// When git does not run or a file cannot be read.
pub(crate) fn tracked() -> Result<Vec<File>, String> {
    let root = root();
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(&root)
        .output()
        .map_err(|error| format!("git ls-files: {error}"))?;
    if !listed.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim()));
    }
    let paths = String::from_utf8(listed.stdout).map_err(|error| format!("git ls-files: {error}"))?;
    let present = paths.split_terminator('\0').filter(|path| root.join(path).is_file());
    present
        .map(|path| {
            let bytes = std::fs::read(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
            Ok(File { path: path.to_owned(), bytes })
        })
        .collect()
}
