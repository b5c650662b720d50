//! Writing files so that each is either the old one or the whole new one.

use crate::error::{Error, Result};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes bytes to a temporary file in the same folder, waits until they are on the disk, then gives the file its
/// name. Folders on the way are made.
///
/// # Errors
/// [`Error::Write`] names the file and what the system said; nothing is left behind.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_together(&[(path, bytes)])
}

/// Writes several files like [`write()`]; none gets its name before all of them are on the disk.
///
/// # Errors
/// [`Error::Write`] names the first that failed; nothing is left behind.
pub fn write_together(files: &[(&Path, &[u8])]) -> Result<()> {
    let prepare = |&(path, bytes): &(&Path, &[u8])| {
        let mut file = AtomicFile::create(path)?;
        let written = file.write_all(bytes).and_then(|()| file.file.as_file().sync_all());
        written.map_err(|source| Error::Write { path: path.into(), source })?;
        Ok(file)
    };
    let prepared: Vec<AtomicFile> = files.iter().map(prepare).collect::<Result<_>>()?;
    prepared.into_iter().try_for_each(AtomicFile::finish)
}

/// A file being written under a temporary name. Unless it is finished, it goes without a trace, together with the folders
/// that were made for it.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    // Dropped in this order: the folders must be empty.
    file: tempfile::NamedTempFile,
    folders: NewFolders,
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
            let folders = NewFolders::make(folder)?;
            Ok((new_file(folder)?, folders))
        };
        let (file, folders) = begin().map_err(|source| Error::Write { path: path.into(), source })?;
        Ok(Self { path: path.into(), file, folders })
    }

    /// Waits for the disk and gives the file its name.
    ///
    /// # Errors
    /// [`Error::Write`]; the temporary file is removed and what was under the name stays.
    pub fn finish(self) -> Result<()> {
        let Self { path, file, folders } = self;
        let done = file.as_file().sync_all().and_then(|()| file.persist(&path).map_err(|error| error.error));
        done.map(|_| folders.keep()).map_err(|source| Error::Write { path, source })
    }
}

/// Folders that did not exist before, the deepest first; the empty ones among them are removed when this is dropped.
#[derive(Debug)]
struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    fn make(folder: &Path) -> io::Result<Self> {
        let is_new = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let new = Self(folder.ancestors().take_while(is_new).map(Path::to_owned).collect());
        if let Some(file) = folder.ancestors().find(|part| part.exists())
            && !file.is_dir()
        {
            return Err(io::Error::other(format!("{} is a file, not a folder", file.display())));
        }
        std::fs::create_dir_all(folder)?;
        Ok(new)
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            // A folder that is in use by now stays.
            let _ = std::fs::remove_dir(folder);
        }
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
    fn a_failed_write_takes_its_folders_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path().join("old");
        std::fs::create_dir(&parent).unwrap();
        let first = AtomicFile::create(&parent.join("a/b/c")).unwrap();
        let second = AtomicFile::create(&parent.join("a/d")).unwrap();
        drop(first);
        assert!(parent.join("a").exists() && !parent.join("a/b").exists());
        second.finish().unwrap();
        assert!(parent.join("a/d").exists());
        drop(AtomicFile::create(&parent.join("e/f")).unwrap());
        assert_eq!(std::fs::read_dir(&parent).unwrap().count(), 1);
    }

    #[test]
    fn of_several_files_all_are_replaced_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        write_together(&[(&first, b"1"), (&second, b"2")]).unwrap();
        let below_a_file = first.join("third");
        let error = write_together(&[(&first, b"new"), (&below_a_file, b"3")]).unwrap_err().to_string();
        assert!(error.ends_with("first is a file, not a folder"), "{error}");
        assert_eq!(std::fs::read(&first).unwrap(), b"1");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_folder_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path(), b"x").unwrap_err();
        assert!(error.to_string().ends_with("it is a folder"), "{error}");
    }
}
