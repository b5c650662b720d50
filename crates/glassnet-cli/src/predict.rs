//! `glassnet predict`: a table with predictions added, row by row as it is read.

use crate::args::PredictArgs;
use crate::failure::{Failure, Result, work};
use crate::prediction_columns::{add_cells, added_columns};
use crate::progress::say;
use glassnet::encoder::EncodeNote;
use glassnet::error::counted;
use glassnet::model::{Model, Prediction};
use glassnet::table::Table;
use glassnet_io::atomic::AtomicFile;
use glassnet_io::model_file;
use glassnet_io::source::TableFiles;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows in memory at a time.
const CHUNK: usize = 4_096;

pub(crate) fn run(args: &PredictArgs) -> Result<()> {
    let model = model_file::read(&args.model)?;
    let mut files = TableFiles::open(&args.text.of(&args.tables))?;
    let columns = files.header().clone();
    let added = added_columns(&model);
    if let Some(name) = columns.column_names().find(|name| added.iter().any(|added| added == name)) {
        return work(format!(
            "{} already has a column `{name}`, and predict adds one of that name: rename or drop it first",
            columns.name()
        ));
    }
    let unknown: Vec<String> = columns
        .column_names()
        .filter(|name| !model.schema.knows(name))
        .map(|name| format!("`{name}`"))
        .collect();
    let header: Vec<String> = columns.column_names().map(str::to_owned).chain(added).collect();
    let mut notes = Vec::new();
    let mut output = Output::open(args.out.as_deref())?;
    let (mut is_first, mut n_crossed) = (true, 0);
    while let Some(chunk) = files.next_chunk(CHUNK)? {
        let predicted = model.predict(&chunk)?;
        // Not before, so that nothing is written of a table that the model cannot read.
        if std::mem::take(&mut is_first) {
            output.record(header.iter().map(String::as_str))?;
        }
        EncodeNote::merge(&mut notes, predicted.notes);
        n_crossed += predicted.n_crossed;
        write_rows(&mut output, &model, &chunk, &predicted.prediction)?;
    }
    output.finish()?;
    if !unknown.is_empty() {
        say(&format!("the model was not trained with {}: kept, and not read", unknown.join(", ")));
    }
    for note in EncodeNote::told(&notes) {
        say(&note);
    }
    if n_crossed > 0 {
        say(&format!("in {} the quantiles crossed, and were sorted", counted(n_crossed, "row")));
    }
    Ok(())
}

fn write_rows(output: &mut Output, model: &Model, table: &Table, prediction: &Prediction) -> Result<()> {
    let mut added: Vec<String> = Vec::new();
    for row in 0..table.n_rows() {
        added.clear();
        add_cells(model, prediction, row, &mut added);
        let cells = table.columns().iter().map(|column| column.cell(row));
        output.record(cells.chain(added.iter().map(String::as_str)))?;
    }
    Ok(())
}

/// CSV to standard output, or to a file that gets its name when it is whole.
enum Output {
    Standard(csv::Writer<std::io::StdoutLock<'static>>),
    File(csv::Writer<BufWriter<AtomicFile>>, std::path::PathBuf),
}

impl Output {
    fn open(path: Option<&Path>) -> Result<Self> {
        Ok(match path {
            None => Self::Standard(csv::Writer::from_writer(std::io::stdout().lock())),
            Some(path) => {
                let file = BufWriter::new(AtomicFile::create(path)?);
                Self::File(csv::Writer::from_writer(file), path.into())
            }
        })
    }

    fn record<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> Result<()> {
        match self {
            Self::Standard(writer) => writer.write_record(cells),
            Self::File(writer, _) => writer.write_record(cells),
        }
        .map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => self.failure(&error),
            kind => Failure::Work(format!("{kind:?}")),
        })
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Standard(mut writer) => writer.flush().map_err(|error| Failure::of_output(&error)),
            Self::File(writer, path) => {
                let wrong = |error: std::io::Error| {
                    Failure::Work(format!("cannot write {}: {error}", path.display()))
                };
                let mut buffer = writer.into_inner().map_err(|error| wrong(error.into_error()))?;
                buffer.flush().map_err(&wrong)?;
                let file = buffer.into_inner().map_err(|error| wrong(error.into_error()))?;
                Ok(file.finish()?)
            }
        }
    }

    fn failure(&self, error: &std::io::Error) -> Failure {
        match self {
            Self::Standard(_) => Failure::of_output(error),
            Self::File(_, path) => Failure::Work(format!("cannot write {}: {error}", path.display())),
        }
    }
}
