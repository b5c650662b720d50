//! The rows of a training: a table in memory, or one that is larger and streams from its files.

use crate::args::TrainArgs;
use crate::failure::{Result, work};
use crate::progress::say;
use glassnet::encoder::EncodeNote;
use glassnet::fit_config::FitConfig;
use glassnet::model::Model;
use glassnet::prepared::Prepared;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::table::Table;
use glassnet_io::memory::Bytes;
use glassnet_io::source;
use glassnet_io::stream::Streamed;
use std::borrow::Cow;
use std::path::Path;

/// The table to train on.
pub(crate) struct Rows {
    source: Source,
    validation: Option<Table>,
    limit: Bytes,
}

enum Source {
    Memory(Table),
    Files(Streamed),
}

/// What is said of a table once it is prepared.
pub(crate) struct Facts {
    pub(crate) name: String,
    pub(crate) n_rows: usize,
    pub(crate) n_columns: usize,
}

impl Rows {
    /// Reads the table, unless it is larger than the memory that it may take.
    pub(crate) fn open(args: &TrainArgs) -> Result<Self> {
        let limit = args.memory_limit.unwrap_or_else(Bytes::half_of_free_memory);
        let source = match source::read_table_within(&args.text.of(&args.tables), limit.of_largest_table())? {
            Some(table) => Source::Memory(table),
            None => Source::Files(Streamed::open(args.text.of(&args.tables))?),
        };
        let rows = Self { source, validation: None, limit };
        rows.announce(args);
        Ok(rows)
    }

    fn announce(&self, args: &TrainArgs) {
        if matches!(self.source, Source::Files(_)) && !args.quiet {
            say(&format!(
                "more than fits into {}: the table is read from its files, several times",
                self.limit
            ));
        }
    }

    /// The table's columns, perhaps with its rows.
    pub(crate) fn header(&self) -> &Table {
        match &self.source {
            Source::Memory(table) => table,
            Source::Files(streamed) => &streamed.header,
        }
    }

    /// The table, unless it streams.
    pub(crate) fn in_memory(&self) -> Option<&Table> {
        match &self.source {
            Source::Memory(table) => Some(table),
            Source::Files(_) => None,
        }
    }

    /// What each column is.
    pub(crate) fn infer(&mut self, options: &SchemaOptions) -> Result<Schema> {
        match &mut self.source {
            Source::Memory(table) => Ok(Schema::infer(table, options)?),
            Source::Files(streamed) => Ok(streamed.infer(options)?),
        }
    }

    /// Reads the rows to validate on, and takes dates as the schema says. A table whose inputs would be too many lets go of
    /// its rows.
    pub(crate) fn complete(&mut self, args: &TrainArgs, schema: &Schema, config: &FitConfig) -> Result<()> {
        let validation = args.validation.as_deref();
        if let Some(path) = validation {
            let most_bytes = self.limit.of_largest_table();
            let Some(table) = source::read_table_within(&args.text.of(&[path.to_path_buf()]), most_bytes)?
            else {
                let (path, limit) = (path.display(), self.limit);
                return work(format!(
                    "{path}: the rows to validate on stay in memory, and these are larger than {limit} hold. Give fewer of \
                     them, or raise --memory-limit"
                ));
            };
            self.validation = Some(with_numbers(table, schema)?);
        }
        if let Source::Memory(table) = &self.source
            && !self.limit.hold(table.n_bytes(), table.n_rows(), config.most_inputs(schema))
        {
            self.source = Source::Files(Streamed::open(args.text.of(&args.tables))?);
            self.announce(args);
        }
        if let Source::Memory(table) = &mut self.source {
            let read = std::mem::replace(table, table.following(0));
            *table = with_numbers(read, schema)?;
        }
        Ok(())
    }

    /// Everything that a model needs to train on.
    pub(crate) fn prepare_for(self, model: &Model, config: &FitConfig) -> Result<(Prepared, Facts)> {
        let Source::Memory(table) = &self.source else {
            return work(format!(
                "--start-from goes on with rows in memory, and these are more than {} hold: raise --memory-limit, or train on fewer",
                self.limit
            ));
        };
        let prepared = Prepared::going_on(model, table, config, self.validation.as_ref())?;
        for note in EncodeNote::told(prepared.notes()) {
            say(&note);
        }
        Ok((prepared, facts(table, table.n_rows())))
    }

    /// Everything that training needs; what streams goes through a temporary file next to the model.
    pub(crate) fn prepare(
        self,
        schema: Schema,
        config: &FitConfig,
        model: &Path,
    ) -> Result<(Prepared, Facts)> {
        let validation = self.validation.as_ref();
        match self.source {
            Source::Memory(table) => {
                let facts = facts(&table, table.n_rows());
                Ok((Prepared::of(&table, schema, config, validation)?, facts))
            }
            Source::Files(mut streamed) => {
                let header = schema.with_numbers(&streamed.header)?.into_owned();
                // The model's folder may not be there yet.
                let folder = model.ancestors().skip(1).find(|folder| folder.is_dir());
                let folder = folder.unwrap_or(Path::new("."));
                let prepared = streamed.prepare(schema, config, validation, self.limit, folder)?;
                Ok((prepared, facts(&header, streamed.n_rows)))
            }
        }
    }
}

fn facts(table: &Table, n_rows: usize) -> Facts {
    Facts { name: table.name().into(), n_rows, n_columns: table.columns().len() }
}

fn with_numbers(table: Table, schema: &Schema) -> Result<Table> {
    let replaced = match schema.with_numbers(&table)? {
        Cow::Owned(replaced) => Some(replaced),
        Cow::Borrowed(_) => None,
    };
    Ok(replaced.unwrap_or(table))
}
