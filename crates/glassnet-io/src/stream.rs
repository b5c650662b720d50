//! Tables larger than memory: read as often as needed, a chunk at a time, and encoded once into a spool.

use crate::error::{Error, Result};
use crate::memory::Bytes;
use crate::source::{Files, TableFiles};
use crate::spool::{Layout, SpoolWriter, changed};
use glassnet::fit_config::FitConfig;
use glassnet::inference::Inference;
use glassnet::prepared::Prepared;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::streaming::{Constants, HeldBack};
use glassnet::table::Table;
use std::path::Path;
use std::sync::{Arc, mpsc};

/// Cells that are read at a time.
const CHUNK_CELLS: usize = 1 << 18;

/// Different values of a column that are counted; of columns with more, those of names are text.
pub const MOST_LEVELS: usize = 100_000;

/// A table larger than memory, understood.
#[derive(Debug)]
pub struct Streamed {
    files: Files,
    /// Its columns, without rows.
    pub header: Table,
    /// How many rows it has; 0 before they were read.
    pub n_rows: usize,
    /// How many of them have a target, once that is known.
    n_labelled: Option<usize>,
}

impl Streamed {
    /// Looks at the first of the files.
    ///
    /// # Errors
    /// [`Error`], except those of models; [`Error::Table`] for standard input and pipes, which cannot be read twice.
    pub fn open(files: Files) -> Result<Self> {
        for path in &files.paths {
            if path == Path::new("-") || path.metadata().is_ok_and(|about| !about.is_file()) {
                let reason = "it is larger than --memory-limit, and what is larger is read several times: write it to \
                              a file first, or raise the limit";
                let table = crate::input::name(path);
                return Err(Error::Table { table, reason: reason.into() });
            }
        }
        let header = TableFiles::open(&files)?.header().clone();
        Ok(Self { files, header, n_rows: 0, n_labelled: None })
    }

    /// Reads all rows once, on a thread of its own beside the work on those that were read.
    fn sweep(&self, mut see: impl FnMut(&Table) -> Result<()>) -> Result<usize> {
        let (sender, chunks) = mpsc::sync_channel(1);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // Nobody listens any more once there was an error.
                let has_listener = |chunk| sender.send(chunk).is_ok();
                if let Err(error) = self.read(|chunk| has_listener(Ok(chunk))) {
                    has_listener(Err(error));
                }
            });
            let mut n_rows = 0;
            for chunk in chunks {
                let chunk: Table = chunk?;
                n_rows += chunk.n_rows();
                see(&chunk)?;
            }
            Ok(n_rows)
        })
    }

    /// Gives away chunk after chunk as long as they are wanted.
    fn read(&self, is_wanted: impl Fn(Table) -> bool) -> Result<()> {
        let mut files = TableFiles::open(&self.files)?;
        let rows_at_once = (CHUNK_CELLS / files.header().columns().len()).clamp(1, 8_192);
        while let Some(chunk) = files.next_chunk(rows_at_once)? {
            if !is_wanted(chunk) {
                break;
            }
        }
        Ok(())
    }

    /// Decides what each column is, as [`Schema::infer`].
    ///
    /// # Errors
    /// [`Error`], except those of models.
    pub fn infer(&mut self, options: &SchemaOptions) -> Result<Schema> {
        let mut inference = Inference::new(options, MOST_LEVELS);
        loop {
            self.n_rows = self.sweep(|chunk| Ok(inference.see(chunk)?))?;
            if let Some(schema) = inference.turn()? {
                // Of several targets, rows that lack one may lack another as well.
                let missing: Vec<usize> = schema.targets().map(|target| target.n_missing).collect();
                self.n_labelled =
                    if let [n_missing] = missing[..] { Some(self.n_rows - n_missing) } else { None };
                return Ok(schema);
            }
        }
    }

    /// Counts the rows that have a target.
    fn count(&mut self, schema: &Schema) -> Result<usize> {
        let mut n_labelled = 0;
        self.n_rows = self.sweep(|chunk| {
            let positions = schema.targets().filter_map(|target| chunk.position(&target.name).ok());
            let columns: Vec<_> = positions.map(|position| &chunk.columns()[position]).collect();
            n_labelled += schema.missing.present_rows(&columns).len();
            Ok(())
        })?;
        Ok(n_labelled)
    }

    /// Encodes all rows by constants of the training rows. Those to train on go to a temporary file in `folder`.
    ///
    /// # Errors
    /// [`Error`], except those of models.
    pub fn prepare(
        &mut self,
        schema: Schema,
        config: &FitConfig,
        validation: Option<&Table>,
        limit: Bytes,
        folder: &Path,
    ) -> Result<Prepared> {
        let n_labelled = match self.n_labelled {
            Some(n_labelled) => n_labelled,
            None => self.count(&schema)?,
        };
        let held_back = match validation {
            Some(_) => HeldBack::Nothing,
            None => HeldBack::AtMost(limit.most_validation_rows(config.most_inputs(&schema))),
        };
        let mut constants = Constants::new(schema, config, n_labelled, held_back)?;
        loop {
            let n_rows = self.sweep(|chunk| Ok(constants.see(chunk)?))?;
            if n_rows != self.n_rows {
                return Err(changed());
            }
            if !constants.turn() {
                break;
            }
        }
        let mut rows = constants.finish()?;
        let layout = Layout {
            n_rows: rows.n_training_rows(),
            // The networks, and the linear baseline beside them.
            rows_per_block: limit.rows_per_block(rows.n_inputs(), rows.batch_size(), config.ensemble + 1),
            n_inputs: rows.n_inputs(),
            n_classes: rows.n_classes(),
            n_targets: rows.n_targets(),
            has_weights: rows.has_weights(),
        };
        let generator = rows.generator_of_blocks();
        let mut spool = SpoolWriter::create(folder, layout, generator, limit.buffer_bytes())?;
        self.sweep(|chunk| spool.push(&rows.encode(chunk)?))?;
        let spool = spool.finish(rows.class_weights()?)?;
        Ok(rows.finish(Arc::new(spool), validation)?)
    }
}
