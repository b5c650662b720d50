//! A table's rows, ready to train on: encoded by constants of the training rows, with rows held back to validate on.

use crate::constant::{TargetSummary, constant};
use crate::dataset::{ClassWeights, Dataset, Targets};
use crate::encoder::{EncodeNote, Encoder, Style};
use crate::error::{DatasetError, Error, Result};
use crate::fingerprint::TableFingerprint;
use crate::fit_config::{ClassWeight, FitConfig};
use crate::generator::Generator;
use crate::model::{Model, Story};
use crate::network::Network;
use crate::objective::Objective;
use crate::recipe::Recipe;
use crate::row_weights::weighted;
use crate::schema::{Schema, Task};
use crate::split::Split;
use crate::table::Table;
use crate::target::{TargetEncoder, Truth};
use crate::target_fit::{Measure, TargetFit};
use crate::training_rows::TrainingRows;
use std::borrow::Cow;
use std::sync::Arc;

/// One stream of random numbers for each purpose, so that none disturbs another.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Split = 0,
    Weights = 1,
    Training = 2,
    LinearWeights = 3,
    LinearTraining = 4,
    Blocks = 5,
    Samples = 6,
    Folds = 7,
    /// Further networks are 8 apart; this would be the split of the second, which has none of its own.
    Watch = 8,
}

/// A model whose training goes on.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) networks: Vec<Network<f32>>,
    /// Fingerprints of the tables that trained it, the first first.
    pub(crate) tables: Vec<String>,
    /// What is odd about the rows beside those that trained it before.
    pub(crate) notes: Vec<EncodeNote>,
}

/// What encodes rows: fitted on those that train, or a model's own.
struct Parts {
    schema: Schema,
    encoder: Encoder,
    target: TargetEncoder,
    objective: Objective,
    /// Whether they were fitted on these rows.
    are_own: bool,
}

/// What predictions for the rows that validate are measured by.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) truth: Truth,
    /// How much each row counts by the column of weights, whatever its class.
    pub(crate) weights: Option<Vec<f64>>,
}

/// Everything of a table that training needs.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(crate) schema: Schema,
    pub(crate) encoder: Encoder,
    pub(crate) target: TargetEncoder,
    pub(crate) objective: Objective,
    pub(crate) training: TrainingRows<f32>,
    pub(crate) validation: Option<Arc<Dataset<f32>>>,
    pub(crate) measured: Option<Measured>,
    /// Which rows of the table train and which validate, where they are all in memory.
    pub(crate) rows: Option<[Vec<usize>; 2]>,
    /// The best prediction that is the same for every row.
    pub(crate) constant: Vec<f64>,
    /// What training goes on from, instead of a start of its own.
    pub(crate) origin: Option<Origin>,
    pub(crate) table_fingerprint: String,
    /// Of the validation table, where one was given.
    pub(crate) validation_fingerprint: Option<String>,
}

impl Prepared {
    /// Of a table in memory. Without a validation table, `config.validation_fraction` of the rows is held out, of each
    /// class in proportion. Encoders see training rows only.
    ///
    /// # Errors
    /// When the schema does not fit the table, a cell cannot be read, or a setting is outside its domain.
    pub fn of(
        table: &Table,
        schema: Schema,
        config: &FitConfig,
        validation_table: Option<&Table>,
    ) -> Result<Self> {
        schema.check_table(table)?;
        let rows = schema.labelled_rows(table)?;
        Self::of_rows(table, rows, schema, config, validation_table)
    }

    /// Of a table in memory, as [`Prepared::of`], by the columns, encoders and classes of a model, whose training goes on.
    ///
    /// # Errors
    /// As [`Prepared::of`], where a row has a class that the model does not know, and [`Error::Checkpoint`] where the settings
    /// encode or learn otherwise.
    pub fn going_on(
        model: &Model,
        table: &Table,
        config: &FitConfig,
        validation_table: Option<&Table>,
    ) -> Result<Self> {
        let Story { earlier_tables, table_fingerprint, config: own, .. } = &model.story;
        let others = [
            ("recipe or scaling", style(config) != style(own)),
            ("objective", config.objective.is_some_and(|objective| objective != model.objective)),
        ];
        if let Some((name, _)) = others.iter().find(|(_, is_other)| *is_other) {
            let reason = format!("the model has another {name}: leave it out");
            return Err(Error::Checkpoint { reason });
        }
        let tables = earlier_tables.iter().chain([table_fingerprint]).cloned().collect();
        let prepared = Self::for_model(model, table, config, validation_table)?;
        // Numbers of either table are no surprise, and may be predicted.
        let mut notes = model.predict(table)?.notes;
        notes.retain(|note| !matches!(note, EncodeNote::OutOfRange { .. }));
        let origin = Origin { networks: model.networks.clone(), tables, notes };
        let schema = model.schema.widened(table);
        let training_rows = prepared.rows.as_ref().map_or(&[][..], |[training, _]| training);
        let target = prepared.target.clone().widened(table, training_rows, &schema.missing)?;
        Ok(Self { origin: Some(origin), schema, target, ..prepared })
    }

    /// Of a table in memory by the columns, encoders and classes of a model.
    pub(crate) fn for_model(
        model: &Model,
        table: &Table,
        config: &FitConfig,
        validation_table: Option<&Table>,
    ) -> Result<Self> {
        let Model { schema, encoder, target, objective, .. } = model;
        config.check()?;
        schema.check_table(table)?;
        let rows = schema.labelled_rows(table)?;
        let rows = dealt(table, (schema, Some(target)), rows, config, validation_table)?;
        let (schema, encoder, target) = (schema.clone(), encoder.clone(), target.clone());
        let parts = Parts { schema, encoder, target, objective: *objective, are_own: false };
        Self::by_parts(table, rows, parts, config, validation_table)
    }

    /// Of some rows of a table that fits the schema, each with a target.
    pub(crate) fn of_rows(
        table: &Table,
        rows: Vec<usize>,
        schema: Schema,
        config: &FitConfig,
        validation_table: Option<&Table>,
    ) -> Result<Self> {
        config.check()?;
        let rows = dealt(table, (&schema, None), rows, config, validation_table)?;
        let [training_rows, _] = &rows;
        let target = TargetFit::of(table, &schema, training_rows, measure(config), is_held(config))?;
        let objective = objective(&target, config)?;
        let encoder = Encoder::fit_in(style(config), table, &schema, training_rows)?;
        let parts = Parts { schema, encoder, target, objective, are_own: true };
        Self::by_parts(table, rows, parts, config, validation_table)
    }

    /// Of rows that train and rows that validate, where these are not a table of their own.
    fn by_parts(
        table: &Table,
        rows: [Vec<usize>; 2],
        parts: Parts,
        config: &FitConfig,
        validation_table: Option<&Table>,
    ) -> Result<Self> {
        let Parts { schema, encoder, target, objective, are_own } = parts;
        let [training_rows, validation_rows] = &rows;
        let encode = |table: &Table, rows: &[usize]| {
            weighted(encoded(&encoder, &target, table, rows)?, &schema, table, rows)
        };
        let mut training = encode(table, training_rows)?;
        let class_weights = if config.class_weight == ClassWeight::None {
            None
        } else {
            let counts = training.targets.class_counts().ok_or(DatasetError::NoClasses)?;
            config.class_weight.weights(target.class_names(), &counts)?
        };
        if let Some(weights) = &class_weights {
            training = training.with_class_weights(&ClassWeights::Given(weights.clone()))?;
        }
        let held_out = match validation_table {
            Some(table) => Some((table, schema.labelled_rows(table)?)),
            None => Some((table, validation_rows.clone())).filter(|(_, rows)| !rows.is_empty()),
        };
        let held_out = held_out.map(|(table, rows)| {
            let truth = target.truth(table, &rows, &schema.missing)?;
            to_validate(encode(table, &rows)?, truth, class_weights)
        });
        let (validation, measured) = held_out.transpose()?.unzip();
        let constant = constant(&target, TargetSummary::of(&training.targets), objective, are_own);
        Ok(Self {
            target,
            schema,
            encoder,
            objective,
            training: Arc::new(training).into(),
            validation: validation.map(Arc::new),
            measured,
            rows: Some(rows),
            constant,
            origin: None,
            table_fingerprint: fingerprint(table),
            validation_fingerprint: validation_table.map(fingerprint),
        })
    }

    /// What is odd about rows that a model goes on with, beside those that trained it before.
    pub fn notes(&self) -> &[EncodeNote] {
        self.origin.as_ref().map_or(&[], |origin| &origin.notes)
    }

    /// Rows of a block, where they do not all stay in memory.
    pub fn rows_per_block(&self) -> Option<usize> {
        match &self.training {
            TrainingRows::Whole(_) => None,
            TrainingRows::Blocks(blocks) => Some(blocks.rows_per_block()),
        }
    }

    /// A fingerprint of the table's cells.
    pub fn table_fingerprint(&self) -> &str {
        &self.table_fingerprint
    }

    /// How columns become inputs.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// How the target becomes classes or numbers, and back.
    pub fn target(&self) -> &TargetEncoder {
        &self.target
    }

    /// The columns as understood.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Rows of the table that train and those that validate, from 0, where they are all in memory.
    pub fn rows(&self) -> Option<&[Vec<usize>; 2]> {
        self.rows.as_ref()
    }

    /// What is learnt.
    pub fn task(&self) -> Task {
        self.target.task()
    }

    /// Rows that validate.
    pub fn n_validation_rows(&self) -> usize {
        self.validation.as_ref().map_or(0, |rows| rows.n_rows())
    }
}

/// Of a table in memory.
pub(crate) fn fingerprint(table: &Table) -> String {
    let mut fingerprint = TableFingerprint::new();
    fingerprint.see(table);
    fingerprint.to_string()
}

/// How the recipe measures inputs.
pub(crate) fn style(config: &FitConfig) -> Style {
    match config.recipe {
        _ if !config.scaling => Style::AsIs,
        Recipe::Strong => Style::Robust,
        Recipe::Plain => Style::Standard,
        Recipe::Seed => Style::AsIs,
    }
}

/// How a target of numbers is measured.
pub(crate) fn measure(config: &FitConfig) -> Measure {
    match (config.recipe, config.objective) {
        (Recipe::Seed, _) => Measure::AsIs,
        (_, Some(Objective::Poisson)) => Measure::Counts,
        _ => Measure::Standard,
    }
}

/// Whether the recipe holds predictions of numbers within the range of the training rows.
pub(crate) fn is_held(config: &FitConfig) -> bool {
    config.recipe == Recipe::Strong
}

/// Some rows of a table as numbers.
pub(crate) fn encoded(
    encoder: &Encoder,
    target: &TargetEncoder,
    table: &Table,
    rows: &[usize],
) -> Result<Dataset<f32>> {
    let x = encoder.encode::<f32>(table, rows)?.x;
    Dataset::new(x, target.encode::<f32>(table, rows, encoder.missing())?)
}

/// Rows that choose the epoch, which count by their class as those that train do, and what predictions for them are measured by.
pub(crate) fn to_validate(
    rows: Dataset<f32>,
    truth: Truth,
    class_weights: Option<Vec<f64>>,
) -> Result<(Dataset<f32>, Measured)> {
    let measured = Measured { truth, weights: rows.wide_weights() };
    let rows = match class_weights {
        Some(weights) => rows.with_class_weights(&ClassWeights::Given(weights))?,
        None => rows,
    };
    Ok((rows, measured))
}

/// The one that was asked for, where it can learn the target, or the target's own.
pub(crate) fn objective(target: &TargetEncoder, config: &FitConfig) -> Result<Objective> {
    let own = match (target.class_names().len(), config.recipe) {
        (0, _) => Objective::SquaredError,
        (_, Recipe::Seed) => return Err(Error::Objective { objective: "squared_error", target: "classes" }),
        (2, Recipe::Plain) => Objective::BinaryCrossEntropy,
        _ => Objective::CrossEntropy,
    };
    let learns_numbers = |objective: Objective| {
        matches!(objective, Objective::SquaredError | Objective::Quantile(_) | Objective::Poisson)
    };
    let is_single = target.numbers().len() < 2;
    match config.objective {
        None => Ok(own),
        Some(choice) if choice != own && !is_single => {
            Err(Error::Objective { objective: choice.name(), target: "several numbers" })
        }
        Some(choice) if choice == own || learns_numbers(choice) && learns_numbers(own) => Ok(choice),
        Some(choice) => {
            let target = if learns_numbers(own) { "numbers" } else { "classes" };
            Err(Error::Objective { objective: choice.name(), target })
        }
    }
}

/// The table's rows for training and for validation, of each class in proportion; all train where others validate.
fn dealt(
    table: &Table,
    (schema, target): (&Schema, Option<&TargetEncoder>),
    rows: Vec<usize>,
    config: &FitConfig,
    validation_table: Option<&Table>,
) -> Result<[Vec<usize>; 2]> {
    if validation_table.is_some() {
        return Ok([rows, Vec::new()]);
    }
    let mut generator = Generator::stream(config.seed, Stream::Split as u64);
    let target = match target {
        Some(target) => Cow::Borrowed(target),
        None => Cow::Owned(TargetEncoder::fit(table, schema, &rows)?),
    };
    let split = match target.encode::<f32>(table, &rows, &schema.missing)? {
        Targets::Classes { indices, .. } => {
            Split::of_classes(&indices, config.validation_fraction, &mut generator)?
        }
        Targets::Values(_) => Split::of_rows(rows.len(), config.validation_fraction, &mut generator)?,
    };
    let of = |part: &[usize]| part.iter().map(|&i| rows[i]).collect();
    Ok([of(&split.training), of(&split.validation)])
}
