//! Writing a file so that it is either the old one or the whole new one.

use crate::error::{Error, Result};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes bytes to a temporary file in the same folder, waits until they are on the disk, then gives the file its
/// name. Folders on the way are made.
///
/// # Errors
/// [`Error::Write`] names the file and what the system said; nothing is left behind.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(|source| Error::Write { path: path.into(), source })?;
    file.finish()
}

/// A file being written under a temporary name.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    file: tempfile::NamedTempFile,
}

impl AtomicFile {
    /// Begins to write.
    ///
    /// # Errors
    /// [`Error::Write`] when the folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self> {
        let begin = || {
            let folder = match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            if path.is_dir() {
                return Err(io::Error::other("it is a folder"));
            }
            std::fs::create_dir_all(folder)?;
            new_file(folder)
        };
        let file = begin().map_err(|source| Error::Write { path: path.into(), source })?;
        Ok(Self { path: path.into(), file })
    }

    /// Waits for the disk and gives the file its name.
    ///
    /// # Errors
    /// [`Error::Write`]; the temporary file is removed and what was under the name stays.
    pub fn finish(self) -> Result<()> {
        let Self { path, file } = self;
        let done = file.as_file().sync_all().and_then(|()| file.persist(&path).map_err(|error| error.error));
        done.map(drop).map_err(|source| Error::Write { path, source })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A temporary file with the permissions of an ordinary one.
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".glassnet-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/model.safetensors");
        write(&path, b"old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half of the n").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_folder_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path(), b"x").unwrap_err();
        assert!(error.to_string().ends_with("it is a folder"), "{error}");
    }
}
