//! Arguments as typed. What they mean is checked where the work is done.

mod budget; // for a search
mod columns; // how a table is read
mod deploy; // of export and serve
mod network; // of the network and its training
mod constants; // of a recipe

pub(crate) use budget::Budget;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
pub(crate) use columns::{ColumnArgs, Dates, Task, TextArgs};
pub(crate) use constants::ConstantArgs;
pub(crate) use deploy::{ExportArgs, Format, ServeArgs};
use glassnet::optimizer::OptimizerConfig;
use glassnet_io::memory::Bytes;
use glassnet_lessons::words::Language;
pub(crate) use network::{NetworkArgs, Objective, Precision, Recipe, TemperatureScaling};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// See-through neural networks: train one on your own table, and check every number that led there.
#[derive(Debug, Parser)]
#[command(
    name = "glassnet",
    version,
    max_term_width = 100,
    after_help = "Start with:  glassnet lesson            the ten lessons\n             \
                  glassnet train TABLE --target COLUMN\n\n\
                  Results go to standard output, progress and warnings to standard error.\n\
                  Exit status: 0 success, 1 the work failed, 2 the call was wrong."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Trains a network on a table; writes the model, history.csv and report.html.
    Train(Box<TrainArgs>),
    /// Adds predictions to a table; CSV to standard output or to --out.
    Predict(PredictArgs),
    /// Metrics of a model on a table, with 95 % intervals, beside the baselines.
    Evaluate(EvaluateArgs),
    /// Every number of one prediction and of the step that it would teach; without --row, which columns matter.
    Explain(ExplainArgs),
    /// Why a training failed or could be better, with evidence, and whether a remedy helps.
    Diagnose(DiagnoseArgs),
    /// Shows a table's columns as understood, or a model's story.
    Inspect(InspectArgs),
    /// Draws a figure.
    Plot(PlotArgs),
    /// Writes a model as an ONNX file or a C header, for programs that know nothing of glassnet.
    Export(ExportArgs),
    /// Answers requests for predictions over HTTP.
    Serve(ServeArgs),
    /// The tutorial, live in the terminal; without a name, the list of lessons.
    Lesson(LessonArgs),
    /// The page: see a network learn in the browser, served on this machine, offline.
    Playground(PlaygroundArgs),
    /// Prints the completions of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct TrainArgs {
    /// CSV, TSV, JSON Lines, Parquet, Arrow or IDX, perhaps in gzip or zstd; several files or a pattern such as 'part-*.csv'
    /// are one table; - reads standard input.
    #[arg(required = true, value_name = "TABLE")]
    pub(crate) tables: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) text: TextArgs,
    /// The column to learn; given more than once, several columns of numbers that are predicted together.
    #[arg(long, value_name = "COLUMN", required_unless_present = "start_from")]
    pub(crate) target: Vec<String>,
    /// Go on with a trained model, on these rows: its columns, encoders, classes and layers stay, its weights are the start, and its
    /// settings are the defaults.
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["schema", "row_weight", "drop", "category", "number", "missing", "decimal_comma", "dates", "task", "recipe", "hidden_layer_sizes", "activation", "objective", "quantiles", "ensemble", "restarts", "no_scaling", "no_bias", "initialiser", "folds", "tune"])]
    pub(crate) start_from: Option<PathBuf>,
    /// Rows to validate on, instead of a part of TABLE; a file or a pattern.
    #[arg(long, value_name = "FILE")]
    pub(crate) validation: Option<PathBuf>,
    /// Share of the rows that is kept for validation [default: 0.2; seed: 0].
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) validation_fraction: Option<f64>,
    /// Also cross-validate: K models, each on all rows but a part that it then predicts; these predictions' metrics are
    /// printed, and they go to folds.csv next to the model. The model itself is trained on all rows.
    #[arg(long, value_name = "K", conflicts_with_all = ["validation", "resume"], allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) folds: Option<usize>,
    /// Also try other settings for so long, such as 90s, 10m or 2h, and keep the best model by its validation loss; settings
    /// given here stay as they are. Every trial goes to tune.jsonl next to the model, and --resume goes on with the next.
    #[arg(long, value_name = "TIME", conflicts_with = "folds")]
    pub(crate) tune: Option<Budget>,
    /// Where the model goes; history.csv and report.html go next to it
    /// [default: NAME-model/model.safetensors for a table NAME.csv or NAME.csv.gz].
    #[arg(short, long, alias = "output", value_name = "MODEL")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with a training that was interrupted, from its checkpoint next to the model; the rest of the command is the same.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Opens a page in the browser that shows the losses while it trains, or the trials of --tune, served on this machine only.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Columns as written by `inspect TABLE --write-schema FILE`, and edited.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["row_weight", "drop", "category", "number", "missing", "decimal_comma", "dates", "task"])]
    pub(crate) schema: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) columns: ColumnArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) constants: ConstantArgs,
    /// Seed of every random number [default: 0; seed: 1].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>)]
    pub(crate) seed: Option<u64>,
    /// Threads; the model is the same for every number of them [default: all cores].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) threads: Option<usize>,
    /// Memory that the training may take, such as 2GiB or 500MB; a larger table streams from its CSV or Parquet files, and its
    /// rows are shuffled by blocks [default: half of what is free].
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    pub(crate) memory_limit: Option<Bytes>,
    /// Exit with status 1 on a finding of severity error.
    #[arg(long)]
    pub(crate) strict: bool,
    /// No progress.
    #[arg(long)]
    pub(crate) quiet: bool,
    /// The result as one JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// A model file, or the folder of a training.
    pub(crate) model: PathBuf,
    /// A table, or several files that are one, in any format that `train` reads; - reads standard input.
    #[arg(required = true, value_name = "TABLE")]
    pub(crate) tables: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) text: TextArgs,
    /// Where the CSV goes instead of standard output.
    #[arg(short, long, alias = "output", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// A model file, or the folder of a training.
    pub(crate) model: PathBuf,
    /// A table, or several files that are one, with the model's columns and target; - reads standard input.
    #[arg(required = true, value_name = "TABLE")]
    pub(crate) tables: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) text: TextArgs,
    /// The metrics as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A model file, or the folder of a training.
    pub(crate) model: PathBuf,
    /// A table, or several files that are one, with the model's columns; the backward pass needs the target as well.
    #[arg(required = true, value_name = "TABLE")]
    pub(crate) tables: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) text: TextArgs,
    /// The row to explain, from 1, the header not counted.
    #[arg(long, value_name = "N", value_parser = whole::<usize>, group = "which")]
    pub(crate) row: Option<usize>,
    /// The rows of one step to explain together, as a mini-batch: both ends included.
    #[arg(long, value_name = "A..B", value_parser = rows, group = "which")]
    pub(crate) rows: Option<RangeInclusive<usize>>,
    /// All rows, units and terms of large layers, not only the largest.
    #[arg(long, requires = "which")]
    pub(crate) all: bool,
    /// Compare the gradient with central differences.
    #[arg(long, requires = "which")]
    pub(crate) check_gradients: bool,
    /// Whose step is shown [default: the model's own].
    #[arg(long, value_parser = network::optimizer, requires = "which")]
    pub(crate) optimizer: Option<OptimizerConfig>,
    /// Length of the step [default: the model's own].
    #[arg(long, value_name = "RATE", requires = "which", allow_negative_numbers = true)]
    pub(crate) learning_rate: Option<f64>,
    /// A page of the same, with a figure.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Orders of each column's cells that are tried, without --row.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = whole::<usize>)]
    pub(crate) repetitions: usize,
    /// The same numbers as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiagnoseArgs {
    /// A model file, or the folder of a training.
    #[arg(value_name = "MODEL|RUN")]
    pub(crate) model: PathBuf,
    /// The table that trained it, to look at its rows again; or another one, to see what is different there.
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) text: TextArgs,
    /// Train again with the first remedy, and show before and after; needs the table that trained the model.
    #[arg(long, requires = "tables")]
    pub(crate) try_fix: bool,
    /// Where the model that --try-fix trains goes; else it is not kept.
    #[arg(short, long, alias = "output", value_name = "MODEL", requires = "try_fix")]
    pub(crate) out: Option<PathBuf>,
    /// A page of the findings with the figures that show them.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// The findings as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A table, or several files that are one, in any format that `train` reads (- reads standard input), or a model file.
    #[arg(required = true, value_name = "TABLE|MODEL")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) text: TextArgs,
    /// The column to learn, or several of numbers.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: Vec<String>,
    #[command(flatten)]
    pub(crate) columns: ColumnArgs,
    /// Writes the columns to a file that can be edited and given to `train --schema`.
    #[arg(long, value_name = "FILE", visible_alias = "out")]
    pub(crate) write_schema: Option<PathBuf>,
    /// The same facts as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlotArgs {
    #[command(subcommand)]
    pub(crate) what: Plot,
    /// Where the figure goes; .svg or .png [default: WHAT.svg].
    #[arg(short, long, alias = "output", value_name = "FILE", global = true)]
    pub(crate) out: Option<PathBuf>,
    /// Width of a PNG in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = 1440, global = true)]
    pub(crate) width: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plot {
    /// Both losses over the epochs.
    Loss {
        /// A model file, or the folder of a training.
        model: PathBuf,
    },
    /// Units, connections and weights, with the names of columns.
    Network {
        /// A model file, or the folder of a training.
        model: PathBuf,
    },
    /// The activation functions and their slopes; with a model and a table, what each hidden unit gives for its rows.
    Activations {
        /// A model file, or the folder of a training.
        #[arg(requires = "table")]
        model: Option<PathBuf>,
        /// A table with the model's columns; a file or a pattern.
        table: Option<PathBuf>,
        #[command(flatten)]
        text: TextArgs,
    },
    /// True classes against predicted ones; for numbers, true against predicted values.
    Confusion {
        /// A model file, or the folder of a training.
        model: PathBuf,
        /// A table with the model's columns and target; a file or a pattern.
        table: PathBuf,
        #[command(flatten)]
        text: TextArgs,
        /// Which of several targets [default: the first].
        #[arg(long, value_name = "COLUMN")]
        target: Option<String>,
    },
    /// Predictions over two columns, the others at their median or most frequent value.
    Boundary {
        /// A model file, or the folder of a training.
        model: PathBuf,
        /// A table with the model's columns; a file or a pattern.
        table: PathBuf,
        #[command(flatten)]
        text: TextArgs,
        /// The two columns, both of numbers.
        #[arg(long, value_name = "COLUMN,COLUMN", value_delimiter = ',', required = true)]
        columns: Vec<String>,
        /// Which of several targets [default: the first].
        #[arg(long, value_name = "COLUMN")]
        target: Option<String>,
    },
    /// The sigmoid.
    Sigmoid,
    /// The sigmoid with tangents.
    Slope {
        /// Where the tangents touch.
        #[arg(long, value_name = "Z,…", value_delimiter = ',', allow_hyphen_values = true,
            default_values_t = [2.0, 0.0, -4.0])]
        at: Vec<f64>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LessonArgs {
    /// Which lesson.
    pub(crate) name: Option<String>,
    /// Folder for the page and its figures; with --json they are written only where this is given
    /// [default: glassnet-lessons].
    #[arg(short, long, alias = "output", value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Language of the words.
    #[arg(long, value_parser = languages(), default_value = "en", ignore_case = true)]
    pub(crate) lang: Language,
    /// The numbers only, as one JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlaygroundArgs {
    /// Where it is served on 127.0.0.1; 0 is any free port [default: 8123, or a free one where that is taken].
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Opens it in the browser.
    #[arg(long)]
    pub(crate) open: bool,
    /// Writes the page to a file instead: one HTML file that needs nothing else, for any web host or for a double click.
    #[arg(short, long, alias = "output", value_name = "FILE", conflicts_with_all = ["port", "open"])]
    pub(crate) out: Option<PathBuf>,
}

fn languages() -> impl TypedValueParser<Value = Language> {
    let of =
        |tag: String| Language::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(&tag));
    PossibleValuesParser::new(Language::ALL.map(Language::tag))
        .try_map(move |tag| of(tag).ok_or("no such language"))
}

/// Two row numbers, both included.
fn rows(text: &str) -> Result<RangeInclusive<usize>, String> {
    let ends = text.split_once("..").and_then(|(a, b)| Some(a.trim().parse().ok()?..=b.trim().parse().ok()?));
    ends.filter(|ends| !ends.is_empty())
        .ok_or_else(|| "give two row numbers, the first not above the last, such as 3..6".into())
}

fn whole<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "give a whole number, not negative and not too large".into())
}
