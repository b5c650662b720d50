//! Bytes of files and of standard input, decompressed and decoded, with the first of them to look at.

use crate::encoding::Encoding;
use crate::error::{Error, Result};
use crate::format::Format;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// A table's bytes.
pub type Source = Box<dyn Read>;

/// How many bytes are looked at.
const START: usize = 512;

/// Something opened, from its beginning.
pub(crate) struct Input {
    /// What messages call it.
    pub(crate) name: String,
    /// The first bytes, which come again out of `bytes`.
    pub(crate) start: Vec<u8>,
    /// All bytes, decompressed; of text in another encoding, that in UTF-8.
    pub(crate) bytes: Source,
    /// The file, unless it is compressed, in another encoding or a stream.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "Parquet alone is read out of order"))]
    pub(crate) file: Option<PathBuf>,
}

impl Input {
    /// Opens a file, or standard input as `-`. Text is in this encoding, unless it begins with the mark of another one.
    pub(crate) fn open(path: &Path, encoding: Option<Encoding>) -> Result<Self> {
        let is_file = path != Path::new("-") && path.is_file();
        let file = is_file.then(|| path.to_path_buf());
        let input = Self::decompressed(open(path)?, name(path), file)?;
        let by_mark = Encoding::by_mark(&input.start);
        let is_text = matches!(Format::of(&input.start, &input.name), Ok(Format::Text | Format::JsonLines));
        match by_mark.or(encoding.filter(|_| is_text)) {
            Some(encoding) if !encoding.is_utf8() => {
                let Self { name, bytes, .. } = input;
                let (start, bytes) = Self::look(Box::new(encoding.decoded(bytes, by_mark.is_some())), &name)?;
                Ok(Self { name, start, bytes, file: None })
            }
            _ => Ok(input),
        }
    }

    fn decompressed(bytes: Source, name: String, file: Option<PathBuf>) -> Result<Self> {
        let (start, bytes) = Self::look(bytes, &name)?;
        let (start, bytes, file) = if start.starts_with(&[0x1f, 0x8b]) {
            let decoder = MultiGzDecoder::new(BufReader::new(bytes));
            let (start, bytes) = Self::look(Box::new(Decoded { kind: "gzip", decoder }), &name)?;
            (start, bytes, None)
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let decoder = zstd::Decoder::new(bytes)
                .map_err(|source| Error::Read { path: name.clone().into(), source })?;
            let (start, bytes) = Self::look(Box::new(Decoded { kind: "zstd", decoder }), &name)?;
            (start, bytes, None)
        } else {
            (start, bytes, file)
        };
        Ok(Self { name, start, bytes, file })
    }

    fn look(mut bytes: Source, name: &str) -> Result<(Vec<u8>, Source)> {
        let mut start = Vec::new();
        let read = bytes.by_ref().take(START as u64).read_to_end(&mut start);
        read.map_err(|source| Error::Read { path: name.into(), source })?;
        Ok((start.clone(), Box::new(Cursor::new(start).chain(bytes))))
    }

    /// An error about the whole.
    pub(crate) fn wrong<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(Error::Table { table: self.name.clone(), reason: reason.into() })
    }
}

/// Decompressed bytes; errors say how they were compressed.
struct Decoded<D> {
    kind: &'static str,
    decoder: D,
}

impl<D: Read> Read for Decoded<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => {
                let kind_of_data = self.kind;
                let message = format!(
                    "the {kind_of_data} data are damaged or end too early ({error}). Get or make the file again"
                );
                io::Error::new(kind, message)
            }
        })
    }
}

/// What messages call a path.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".into() } else { path.display().to_string() }
}

/// The bytes as they are.
pub(crate) fn open(path: &Path) -> Result<Source> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let wrong = |source| Error::Read { path: path.into(), source };
    if path.is_dir() {
        return Err(wrong(io::Error::other("it is a folder, not a file")));
    }
    Ok(Box::new(BufReader::new(File::open(path).map_err(wrong)?)))
}
