//! Training rows in a temporary file, in blocks of rows that lots have thrown together.

use crate::error::{Error, Result};
use glassnet::dataset::{Dataset, Targets};
use glassnet::error::Error as LibraryError;
use glassnet::generator::Generator;
use glassnet::matrix::Matrix;
use glassnet::training_rows::Blocks;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Rows in all.
    pub n_rows: usize,
    /// Rows of every block but the last.
    pub rows_per_block: usize,
    /// Inputs of a row.
    pub n_inputs: usize,
    /// Classes of the target; 0 where there are numbers.
    pub n_classes: usize,
    /// Numbers that are learnt; 1 where a class is.
    pub n_targets: usize,
    /// Whether rows do not count alike.
    pub has_weights: bool,
}

impl Layout {
    /// A row is its inputs, its targets and perhaps its weight, four bytes each.
    fn row_bytes(self) -> usize {
        4 * (self.n_inputs + self.n_targets + usize::from(self.has_weights))
    }

    fn n_blocks(self) -> usize {
        self.n_rows.div_ceil(self.rows_per_block)
    }

    fn size(self, block: usize) -> usize {
        self.rows_per_block.min(self.n_rows - block * self.rows_per_block)
    }

    fn start(self, block: usize) -> u64 {
        (block * self.rows_per_block) as u64 * self.row_bytes() as u64
    }
}

/// All rows, written and read back a block at a time. The file has no name in its folder, so that nothing stays behind
/// however the program ends.
#[derive(Debug)]
pub struct Spool {
    layout: Layout,
    folder: PathBuf,
    file: Mutex<File>,
    checksums: Vec<Checksum>,
    /// Of each class, where they do not count alike.
    class_weights: Option<Vec<f32>>,
}

/// A file that is being filled. Each row goes to one of the blocks by lot, so that every block is a fair sample of all
/// rows, whatever their order was.
#[derive(Debug)]
pub struct SpoolWriter {
    layout: Layout,
    folder: PathBuf,
    file: File,
    generator: Generator,
    blocks: Vec<Filling>,
    buffer_bytes: usize,
    n_left: usize,
}

/// A block that is being filled.
#[derive(Debug, Clone)]
struct Filling {
    n_left: usize,
    /// Bytes that are in the file.
    n_written: u64,
    /// Bytes that will be.
    buffer: Vec<u8>,
    checksum: Checksum,
}

/// FNV-1a over numbers of 32 bits instead of bytes, each fourth one of a row in a sum of its own, so that a processor
/// computes them side by side: any change within one of them shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Checksum([u64; 4]);

impl Checksum {
    const EMPTY: Self = Self([0xcbf2_9ce4_8422_2325; 4]);

    /// With a row behind those before.
    fn with(mut self, row: &[u8]) -> Self {
        for four in row.chunks(16) {
            for (sum, bytes) in self.0.iter_mut().zip(four.chunks_exact(4)) {
                *sum = (*sum ^ u64::from(bits(bytes))).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        self
    }
}

/// A number of four bytes.
fn bits(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

impl SpoolWriter {
    /// Makes the file in that folder, and room in memory for `buffer_bytes` on their way to it.
    ///
    /// # Errors
    /// [`Error::Write`].
    ///
    /// # Panics
    /// Without rows, or with empty blocks.
    pub fn create(folder: &Path, layout: Layout, generator: Generator, buffer_bytes: usize) -> Result<Self> {
        assert!(layout.n_rows > 0 && layout.rows_per_block > 0, "blocks of rows");
        let file = tempfile::tempfile_in(folder);
        let file = file.map_err(|source| Error::Write { path: folder.join("a temporary file"), source })?;
        let filling = |block| Filling {
            n_left: layout.size(block),
            n_written: 0,
            buffer: Vec::new(),
            checksum: Checksum::EMPTY,
        };
        let blocks: Vec<Filling> = (0..layout.n_blocks()).map(filling).collect();
        let buffer_bytes = buffer_bytes / blocks.len();
        let (folder, n_left) = (folder.to_path_buf(), layout.n_rows);
        Ok(Self { layout, folder, file, generator, blocks, buffer_bytes, n_left })
    }

    /// Writes rows.
    ///
    /// # Errors
    /// [`Error::Write`]; when more rows come than were announced, since the table changed meanwhile.
    pub fn push(&mut self, rows: &Dataset<f32>) -> Result<()> {
        for row in 0..rows.n_rows() {
            if self.n_left == 0 {
                return Err(changed());
            }
            let mut lot = self.generator.up_to(self.n_left as u64 - 1) as usize;
            self.n_left -= 1;
            let mut block = 0;
            while lot >= self.blocks[block].n_left {
                lot -= self.blocks[block].n_left;
                block += 1;
            }
            let filling = &mut self.blocks[block];
            filling.n_left -= 1;
            let start = filling.buffer.len();
            let mut write = |bits: u32| filling.buffer.extend_from_slice(&bits.to_le_bytes());
            rows.x.row(row).iter().for_each(|x| write(x.to_bits()));
            match &rows.targets {
                Targets::Classes { indices, .. } => write(indices[row]),
                Targets::Values(values) => values.row(row).iter().for_each(|value| write(value.to_bits())),
            }
            if let Some(weights) = &rows.weights {
                write(weights[row].to_bits());
            }
            filling.checksum = filling.checksum.with(&filling.buffer[start..]);
            if filling.buffer.len() >= self.buffer_bytes {
                self.write(block)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, block: usize) -> Result<()> {
        let filling = &mut self.blocks[block];
        let start = self.layout.start(block) + filling.n_written;
        let file = &mut self.file;
        let written = file.seek(SeekFrom::Start(start)).and_then(|_| file.write_all(&filling.buffer));
        written.map_err(|source| Error::Write { path: self.folder.join("a temporary file"), source })?;
        filling.n_written += filling.buffer.len() as u64;
        filling.buffer.clear();
        Ok(())
    }

    /// All rows are written; `class_weights` say how much those of each class count.
    ///
    /// # Errors
    /// [`Error::Write`]; when fewer rows came than were announced, since the table changed meanwhile.
    pub fn finish(mut self, class_weights: Option<Vec<f32>>) -> Result<Spool> {
        if self.n_left > 0 {
            return Err(changed());
        }
        for block in 0..self.blocks.len() {
            self.write(block)?;
        }
        let checksums = self.blocks.iter().map(|filling| filling.checksum).collect();
        let Self { layout, folder, file, .. } = self;
        Ok(Spool { layout, folder, file: Mutex::new(file), checksums, class_weights })
    }
}

/// What happens to a file that someone writes to while it is read.
pub(crate) fn changed() -> Error {
    let reason =
        "it changed while it was read: its rows are not as many as before. Start again when it is complete";
    Error::Table { table: "the table".into(), reason: reason.into() }
}

impl Spool {
    fn read_bytes(&self, place: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(bytes)
    }

    fn read_rows(&self, block: usize, into: &mut Dataset<f32>) -> io::Result<()> {
        let Layout { n_inputs, n_classes, n_targets, has_weights, .. } = self.layout;
        let n_rows = self.layout.size(block);
        let (mut indices, mut values) =
            match std::mem::replace(&mut into.targets, Targets::Classes { indices: Vec::new(), n_classes }) {
                Targets::Classes { indices, .. } => (indices, Matrix::default()),
                Targets::Values(values) => (Vec::new(), values),
            };
        into.x.resize(n_rows, n_inputs);
        indices.clear();
        let mut weights = into.weights.take().unwrap_or_default();
        weights.clear();
        if n_classes == 0 {
            values.resize(n_rows, n_targets);
        }
        let rows_at_once = (1 << 20) / self.layout.row_bytes() + 1;
        let mut bytes = vec![0; rows_at_once.min(n_rows) * self.layout.row_bytes()];
        let mut checksum = Checksum::EMPTY;
        for start in (0..n_rows).step_by(rows_at_once) {
            let n_bytes = rows_at_once.min(n_rows - start) * self.layout.row_bytes();
            let place = self.layout.start(block) + (start * self.layout.row_bytes()) as u64;
            self.read_bytes(place, &mut bytes[..n_bytes])?;
            let rows = bytes[..n_bytes].chunks_exact(self.layout.row_bytes());
            for (row, bytes) in (start..).zip(rows) {
                checksum = checksum.with(bytes);
                let (inputs, behind) = bytes.split_at(4 * n_inputs);
                let (targets, weight) = behind.split_at(4 * n_targets);
                if has_weights {
                    weights.push(f32::from_bits(bits(weight)));
                }
                for (x, bytes) in into.x.row_mut(row).iter_mut().zip(inputs.chunks_exact(4)) {
                    *x = f32::from_bits(bits(bytes));
                }
                if n_classes > 0 {
                    indices.push(bits(targets));
                    continue;
                }
                for (value, bytes) in values.row_mut(row).iter_mut().zip(targets.chunks_exact(4)) {
                    *value = f32::from_bits(bits(bytes));
                }
            }
        }
        if checksum != self.checksums[block] {
            return Err(io::Error::other("it is no longer what was written"));
        }
        if let Some(of_class) = &self.class_weights {
            weights.resize(n_rows, 1.0);
            for (weight, &class) in weights.iter_mut().zip(&indices) {
                *weight *= of_class[class as usize];
            }
        }
        into.weights = Some(weights).filter(|weights| !weights.is_empty());
        into.targets = match n_classes {
            0 => Targets::Values(values),
            _ => Targets::Classes { indices, n_classes },
        };
        Ok(())
    }
}

impl Blocks<f32> for Spool {
    fn n_rows(&self) -> usize {
        self.layout.n_rows
    }

    fn rows_per_block(&self) -> usize {
        self.layout.rows_per_block
    }

    fn read(&self, block: usize, into: &mut Dataset<f32>) -> glassnet::error::Result<()> {
        self.read_rows(block, into).map_err(|error| {
            let folder = self.folder.display();
            let reason = format!(
                "the temporary file in {folder} cannot be read ({error}). The disk is damaged, or something changed the file; \
                 start again, perhaps with --out on another disk"
            );
            LibraryError::Blocks { reason }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassnet::training_rows::no_rows;

    #[test]
    fn damage_is_an_error_that_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout {
            n_rows: 200,
            rows_per_block: 64,
            n_inputs: 3,
            n_classes: 2,
            n_targets: 1,
            has_weights: false,
        };
        let mut writer = SpoolWriter::create(folder.path(), layout, Generator::new(5), 1 << 16).unwrap();
        let x = Matrix::from_values(200, 3, (0..600).map(|i| i as f32 / 7.0).collect());
        let targets = Targets::Classes { indices: (0..200).map(|row| row % 2).collect(), n_classes: 2 };
        writer.push(&Dataset::new(x, targets).unwrap()).unwrap();
        let spool = writer.finish(None).unwrap();
        let mut block = no_rows();
        spool.read(3, &mut block).unwrap();
        let whole = block.clone();
        let mut refused = |i: usize| {
            let error = spool.read(i, &mut block).unwrap_err().to_string();
            let folder = folder.path().display().to_string();
            assert!(error.contains(&folder) && error.contains("start again"), "{error}");
        };
        let flip = |place: u64| {
            let mut byte = [0];
            spool.read_bytes(place, &mut byte).unwrap();
            let mut file = spool.file.lock().unwrap();
            file.seek(SeekFrom::Start(place)).unwrap();
            file.write_all(&[byte[0] ^ 0x10]).unwrap();
        };
        for place in [0, 5, 17, 900, 64 * 16 - 1] {
            flip(place);
            refused(0);
            flip(place);
        }
        let n_bytes = 200 * 16;
        spool.file.lock().unwrap().set_len(n_bytes - 1).unwrap();
        refused(3);
        spool.file.lock().unwrap().set_len(0).unwrap();
        refused(0);
        assert!(whole.n_rows() == 8 && std::fs::read_dir(folder.path()).unwrap().count() == 0);
    }
}
