//! Arguments as typed. What they mean is checked where the work is done.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use glassnet::activation::Activation;
use glassnet::optimizer::OptimizerConfig;
use glassnet::quantiles::QuantileLevels;
use glassnet::schedule::Schedule;
use glassnet_lessons::words::Language;
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
    /// Shows a table's columns as understood, or a model's story.
    Inspect(InspectArgs),
    /// Draws a figure.
    Plot(PlotArgs),
    /// The tutorial, live in the terminal; without a name, the list of lessons.
    Lesson(LessonArgs),
    /// Prints the completions of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// How a table is to be understood.
#[derive(Debug, Args)]
pub(crate) struct ColumnArgs {
    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
    /// Columns that are categories although they look like numbers.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) category: Vec<String>,
    /// Columns that are numbers.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) number: Vec<String>,
    /// What stands for a missing value, instead of NA, NaN, ? and null; an empty cell always does.
    #[arg(long, value_name = "MARK,…", value_delimiter = ',')]
    pub(crate) missing: Option<Vec<String>>,
    /// What is learnt; by default classes for categories and numbers for numbers.
    #[arg(long)]
    pub(crate) task: Option<Task>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Task {
    /// Which class a row belongs to.
    Classification,
    /// A number.
    Regression,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// CSV file with a header line; - reads standard input.
    pub(crate) table: PathBuf,
    /// The column to learn.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: String,
    /// Rows to validate on, instead of a part of TABLE.
    #[arg(long, value_name = "FILE")]
    pub(crate) validation: Option<PathBuf>,
    /// Share of the rows that is kept for validation.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, allow_negative_numbers = true)]
    pub(crate) validation_fraction: f64,
    /// Where the model goes; history.csv and report.html go next to it
    /// [default: NAME-model/model.safetensors for a table NAME.csv].
    #[arg(long, value_name = "MODEL")]
    pub(crate) out: Option<PathBuf>,
    /// Columns as written by `inspect TABLE --out FILE`, and edited.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["drop", "category", "number", "missing", "task"])]
    pub(crate) schema: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) columns: ColumnArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Seed of every random number.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, value_parser = whole::<u64>)]
    pub(crate) seed: u64,
    /// Threads; the model is the same for every number of them [default: all cores].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) threads: Option<usize>,
    /// No progress.
    #[arg(long)]
    pub(crate) quiet: bool,
    /// The result as one JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// See `glassnet::train_config::Precision`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    F32,
    Bf16,
}

/// The network and how it trains.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network and training")]
pub(crate) struct NetworkArgs {
    /// Units of each hidden layer; none for a linear model [default: 64,64].
    #[arg(long, value_name = "N,…", value_parser = sizes)]
    pub(crate) hidden_layer_sizes: Option<Sizes>,
    /// Of the hidden layers [default: relu].
    #[arg(long, value_parser = activations(), ignore_case = true)]
    pub(crate) activation: Option<Activation>,
    /// sgd, momentum, nesterov, adam, adamw or rmsprop [default: adamw].
    #[arg(long, value_parser = optimizer)]
    pub(crate) optimizer: Option<OptimizerConfig>,
    /// Length of a step [default: 0.001].
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) learning_rate: Option<f64>,
    /// constant, step, cosine, one-cycle or reduce-on-plateau [default: constant].
    #[arg(long, value_parser = schedule)]
    pub(crate) schedule: Option<Schedule>,
    /// Decoupled decay of weights [default: 0.3 with adamw, else 0].
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    pub(crate) weight_decay: Option<f64>,
    /// Penalty λ·Σ|w| [default: 0].
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    pub(crate) l1: Option<f64>,
    /// Penalty ½·λ·Σw² [default: 0].
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    pub(crate) l2: Option<f64>,
    /// Share of each hidden layer's units left out at random while training [default: 0.1].
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) dropout: Option<f64>,
    /// Longest gradient; longer ones are shortened [default: no limit].
    #[arg(long, value_name = "NORM", allow_negative_numbers = true)]
    pub(crate) gradient_clip_norm: Option<f64>,
    /// Of the factors of large matrix products: f32, or bf16, faster where the machine has instructions for it.
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    pub(crate) precision: Precision,
    /// Rows of one step [default: chosen by the number of rows].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) batch_size: Option<usize>,
    /// Most passes over the rows [default: 500].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) epochs: Option<usize>,
    /// Stop after so many epochs without a better validation loss [default: 30].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>)]
    pub(crate) patience: Option<usize>,
    /// What training makes small, of a target of numbers; of classes it is always the cross-entropy
    /// [default: squared-error].
    #[arg(long)]
    pub(crate) objective: Option<Objective>,
    /// Levels of the quantiles to learn [default with --objective quantile: 0.1,0.5,0.9].
    #[arg(long, value_name = "LEVEL,…", allow_hyphen_values = true, value_parser = quantiles)]
    pub(crate) quantiles: Option<QuantileLevels>,
    /// Whether rare classes count as much as frequent ones.
    #[arg(long)]
    pub(crate) class_weight: Option<ClassWeight>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Objective {
    /// Predictions are means.
    SquaredError,
    /// Predictions are quantiles, so that the outer ones are an interval.
    Quantile,
    /// Predictions are means of counts, never below 0.
    Poisson,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ClassWeight {
    /// Every row counts once.
    None,
    /// Every class counts alike.
    Balanced,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// A model file.
    pub(crate) model: PathBuf,
    /// CSV file with a header line; - reads standard input.
    pub(crate) table: PathBuf,
    /// Where the CSV goes instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// A model file.
    pub(crate) model: PathBuf,
    /// CSV file with the model's columns and target; - reads standard input.
    pub(crate) table: PathBuf,
    /// The metrics as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A CSV file (- reads standard input) or a model file.
    pub(crate) path: PathBuf,
    /// The column to learn.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) columns: ColumnArgs,
    /// Writes the columns to a file that can be edited and given to `train --schema`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The same facts as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlotArgs {
    #[command(subcommand)]
    pub(crate) what: Plot,
    /// Where the figure goes; .svg or .png [default: WHAT.svg].
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) out: Option<PathBuf>,
    /// Width of a PNG in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = 1440, global = true)]
    pub(crate) width: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plot {
    /// Both losses over the epochs.
    Loss {
        /// A model file.
        model: PathBuf,
    },
    /// Units, connections and weights, with the names of columns.
    Network {
        /// A model file.
        model: PathBuf,
    },
    /// The activation functions and their slopes; with a model and a table, what each hidden unit gives for its rows.
    Activations {
        /// A model file.
        #[arg(requires = "table")]
        model: Option<PathBuf>,
        /// CSV file with the model's columns.
        table: Option<PathBuf>,
    },
    /// True classes against predicted ones; for numbers, true against predicted values.
    Confusion {
        /// A model file.
        model: PathBuf,
        /// CSV file with the model's columns and target.
        table: PathBuf,
    },
    /// Predictions over two columns, the others at their median or most frequent value.
    Boundary {
        /// A model file.
        model: PathBuf,
        /// CSV file with the model's columns.
        table: PathBuf,
        /// The two columns, both of numbers.
        #[arg(long, value_name = "COLUMN,COLUMN", value_delimiter = ',', required = true)]
        columns: Vec<String>,
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
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Language of the words.
    #[arg(long, value_parser = languages(), default_value = "en", ignore_case = true)]
    pub(crate) lang: Language,
    /// The numbers only, as one JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

fn languages() -> impl TypedValueParser<Value = Language> {
    let of =
        |tag: String| Language::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(&tag));
    PossibleValuesParser::new(Language::ALL.map(Language::tag))
        .try_map(move |tag| of(tag).ok_or("no such language"))
}

/// Units of each hidden layer. A type of its own, since clap reads a bare list as a repeated flag.
#[derive(Debug, Clone)]
pub(crate) struct Sizes(pub(crate) Vec<usize>);

fn sizes(text: &str) -> Result<Sizes, String> {
    if text.trim().is_empty() || text.trim() == "none" {
        return Ok(Sizes(Vec::new()));
    }
    let size = |part: &str| match part.trim().parse() {
        Ok(0) | Err(_) => Err(format!("{part:?} is not a number of units: give whole numbers of at least 1")),
        Ok(size) => Ok(size),
    };
    text.split(',').map(size).collect::<Result<_, _>>().map(Sizes)
}

fn quantiles(text: &str) -> Result<QuantileLevels, String> {
    let levels: Result<Vec<f64>, _> = text.split(',').map(|level| level.trim().parse()).collect();
    QuantileLevels::new(&levels.unwrap_or_default())
        .map_err(|_| "give up to 9 numbers above 0 and below 1 in rising order, such as 0.1,0.5,0.9".into())
}

fn whole<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "give a whole number, not negative and not too large".into())
}

fn activations() -> impl TypedValueParser<Value = Activation> {
    let value = |activation: Activation| {
        let value = PossibleValue::new(activation.name());
        match activation {
            Activation::Sigmoid => value.alias("logistic"),
            Activation::LeakyRelu => value.alias("leaky-relu"),
            _ => value,
        }
    };
    PossibleValuesParser::new(Activation::ALL.map(value))
        .try_map(|name| Activation::from_name(&name).ok_or("no such activation"))
}

fn optimizer(text: &str) -> Result<OptimizerConfig, String> {
    Ok(match text.to_lowercase().as_str() {
        "sgd" => OptimizerConfig::SGD,
        "momentum" => OptimizerConfig::Sgd { momentum: 0.9, nesterov: false },
        "nesterov" => OptimizerConfig::Sgd { momentum: 0.9, nesterov: true },
        "adam" => OptimizerConfig::ADAM,
        "adamw" => OptimizerConfig::ADAMW,
        "rmsprop" => OptimizerConfig::RMSPROP,
        _ => return Err("there are sgd, momentum, nesterov, adam, adamw and rmsprop".into()),
    })
}

fn schedule(text: &str) -> Result<Schedule, String> {
    Ok(match text.to_lowercase().replace('_', "-").as_str() {
        "constant" => Schedule::Constant,
        "step" => Schedule::Step { every: 30, factor: 0.1 },
        "cosine" => Schedule::Cosine { last: 0.0 },
        "one-cycle" => Schedule::OneCycle { warm_up: 0.3, first: 0.04, last: 0.0 },
        "reduce-on-plateau" => Schedule::ReduceOnPlateau { factor: 0.1, patience: 10, least: 0.0 },
        _ => return Err("there are constant, step, cosine, one-cycle and reduce-on-plateau".into()),
    })
}
