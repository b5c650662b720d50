//! What is wrong with a training, or could be better: a code, how severe, one sentence, the evidence and a remedy.

use crate::fit_config::{ClassWeight, FitConfig};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// What was found. Its name on every face is in `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No plane parts the classes, and there is no hidden layer.
    NotLinearlySeparable,
    /// The rows' gradients are long and sum to nearly nothing.
    CancellingGradients,
    /// Every row gets nearly the same prediction.
    ConstantPrediction,
    /// Other starts of the same network do far better.
    UnluckyStart,
    /// More units do far better where other starts do not.
    TooFewHiddenUnits,
    /// Units of a relu layer are 0 for every row.
    DeadRelu,
    /// Units are where their activation is flat.
    SaturatedActivation,
    /// Gradients of the first layer are far smaller than those of the last.
    VanishingGradient,
    /// Gradients of the first layer are far larger than those of the last, or grow without end.
    ExplodingGradient,
    /// A loss or parameter was no longer a finite number, or the loss left for good.
    Diverged,
    /// The loss jumps up and down.
    OscillatingLoss,
    /// The weights have hardly moved, and the loss falls steadily.
    LearningRateTooLow,
    /// Early stopping ended a training whose loss was falling.
    StoppedTooEarly,
    /// The epochs ended while the loss was falling.
    StillImproving,
    /// The loss of validation rows rises while that of training rows falls.
    Overfit,
    /// A network with fewer restraints does far better on rows that it never saw.
    Underfit,
    /// A class is so rare that it is hardly ever predicted.
    ClassImbalance,
    /// Rows with the same inputs have different targets.
    ContradictoryRows,
    /// Inputs are far from the size that networks are made for.
    UnscaledInput,
    /// A column has the same value in every row.
    ConstantColumn,
    /// Two columns say the same.
    DuplicateColumn,
    /// A column has another value in every row.
    IdentifierColumn,
    /// A column predicts the target alone.
    LeakingColumn,
    /// Fewer rows than the columns need.
    TooFewRows,
    /// Hidden units that compute the same.
    TwinUnits,
    /// A value outside the range of the training rows.
    OutOfRangeInput,
    /// A constant or a linear model does better on rows that did not train.
    WorseThanBaseline,
}

impl Code {
    /// Every code, the cause before what it causes.
    pub const ALL: [Self; 27] = [
        Self::OutOfRangeInput,
        Self::UnscaledInput,
        Self::TwinUnits,
        Self::DeadRelu,
        Self::ExplodingGradient,
        Self::VanishingGradient,
        Self::SaturatedActivation,
        Self::Diverged,
        Self::OscillatingLoss,
        Self::NotLinearlySeparable,
        Self::LearningRateTooLow,
        Self::StoppedTooEarly,
        Self::StillImproving,
        Self::LeakingColumn,
        Self::ContradictoryRows,
        Self::UnluckyStart,
        Self::TooFewHiddenUnits,
        Self::Underfit,
        Self::CancellingGradients,
        Self::TooFewRows,
        Self::ClassImbalance,
        Self::ConstantPrediction,
        Self::Overfit,
        Self::WorseThanBaseline,
        Self::IdentifierColumn,
        Self::DuplicateColumn,
        Self::ConstantColumn,
    ];

    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotLinearlySeparable => "not_linearly_separable",
            Self::CancellingGradients => "cancelling_gradients",
            Self::ConstantPrediction => "constant_prediction",
            Self::UnluckyStart => "unlucky_start",
            Self::TooFewHiddenUnits => "too_few_hidden_units",
            Self::DeadRelu => "dead_relu",
            Self::SaturatedActivation => "saturated_activation",
            Self::VanishingGradient => "vanishing_gradient",
            Self::ExplodingGradient => "exploding_gradient",
            Self::Diverged => "diverged",
            Self::OscillatingLoss => "oscillating_loss",
            Self::LearningRateTooLow => "learning_rate_too_low",
            Self::StoppedTooEarly => "stopped_too_early",
            Self::StillImproving => "still_improving",
            Self::Overfit => "overfit",
            Self::Underfit => "underfit",
            Self::ClassImbalance => "class_imbalance",
            Self::ContradictoryRows => "contradictory_rows",
            Self::UnscaledInput => "unscaled_input",
            Self::ConstantColumn => "constant_column",
            Self::DuplicateColumn => "duplicate_column",
            Self::IdentifierColumn => "identifier_column",
            Self::LeakingColumn => "leaking_column",
            Self::TooFewRows => "too_few_rows",
            Self::TwinUnits => "twin_units",
            Self::OutOfRangeInput => "out_of_range_input",
            Self::WorseThanBaseline => "worse_than_baseline",
        }
    }

    /// The place among [`Code::ALL`].
    fn rank(self) -> usize {
        Self::ALL.iter().position(|code| *code == self).unwrap_or(Self::ALL.len())
    }
}

/// How bad it is. The first is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The training failed: what the model says is of no use.
    Error,
    /// The model could be clearly better, or should not be trusted in some respect.
    Warning,
    /// Good to know.
    Info,
}

/// A number or a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number; always finite.
    Number(f64),
    /// A name, or a number that is not finite.
    Text(String),
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Text(number.to_string()) }
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(number as f64)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// One fact that a finding rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is, with its unit.
    pub name: String,
    /// How much.
    pub value: Value,
}

/// A setting that a remedy changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// η of the first step.
    LearningRate(f64),
    /// Most epochs.
    Epochs(usize),
    /// Epochs without improvement before it stops.
    Patience(usize),
    /// Units of each hidden layer.
    Hidden(Vec<usize>),
    /// Trainings from so many starts, of which the best is kept.
    Restarts(usize),
    /// The recipe's start, whatever was asked for.
    DefaultStart,
    /// The recipe's activation and measure of inputs.
    ScaledInputs,
    /// An activation of hidden units.
    Activation(crate::activation::Activation),
    /// Longest gradient.
    GradientClipNorm(f64),
    /// Every class counts alike.
    BalancedClasses,
    /// No dropout, no weight decay, no penalties.
    Unrestrained,
    /// A column that is left out.
    Drop(String),
}

impl Fix {
    /// Makes the change, or says that it is one of the columns.
    pub fn apply(&self, config: &mut FitConfig) -> Option<&str> {
        match self {
            Self::LearningRate(rate) => config.learning_rate = Some(*rate),
            Self::Epochs(epochs) => config.train.epochs = *epochs,
            Self::Patience(patience) => config.train.patience = Some(*patience),
            Self::Hidden(sizes) => config.hidden_layer_sizes.clone_from(sizes),
            Self::Restarts(restarts) => config.restarts = Some(*restarts),
            Self::DefaultStart => config.initialiser = None,
            Self::ScaledInputs => config.scaling = true,
            Self::Activation(activation) => config.activation = *activation,
            Self::GradientClipNorm(norm) => config.train.gradient_clip_norm = Some(*norm),
            Self::BalancedClasses => config.class_weight = ClassWeight::Balanced,
            Self::Unrestrained => {
                config.dropout = 0.0;
                config.train.weight_decay = Some(0.0);
                (config.train.l1, config.train.l2) = (0.0, 0.0);
            }
            Self::Drop(column) => return Some(column),
        }
        None
    }
}

/// The flags of the command.
impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LearningRate(rate) => write!(f, "--learning-rate {rate}"),
            Self::Epochs(epochs) => write!(f, "--epochs {epochs}"),
            Self::Patience(patience) => write!(f, "--patience {patience}"),
            Self::Hidden(sizes) if sizes.is_empty() => f.write_str("--hidden none"),
            Self::Hidden(sizes) => {
                let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
                write!(f, "--hidden {}", sizes.join(","))
            }
            Self::Restarts(restarts) => write!(f, "--restarts {restarts}"),
            Self::DefaultStart => f.write_str("without --initialiser"),
            Self::ScaledInputs => f.write_str("without --no-scaling"),
            Self::Activation(activation) => write!(f, "--activation {}", activation.name()),
            Self::GradientClipNorm(norm) => write!(f, "--gradient-clip-norm {norm}"),
            Self::BalancedClasses => f.write_str("--class-weight balanced"),
            Self::Unrestrained => f.write_str("--dropout 0 --weight-decay 0 --l1 0 --l2 0"),
            Self::Drop(column) => write!(f, "--drop {}", shell_word(column)),
        }
    }
}

/// As a shell takes it for one word.
fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''")).into()
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    /// In words.
    pub text: String,
    /// Settings that do it, where settings can.
    pub fixes: Vec<Fix>,
}

/// The words, and the flags of the command that do it.
impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        let flags: Vec<String> = self.fixes.iter().map(ToString::to_string).collect();
        if flags.is_empty() { Ok(()) } else { write!(f, " ({})", flags.join(", ")) }
    }
}

impl Severity {
    /// The name on every face.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Rows that show a finding, as points of a plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// What x is.
    pub x: String,
    /// What y is.
    pub y: String,
    /// Kinds of points, each with its name; of each at most [`Sketch::MOST`].
    pub series: Vec<(String, Vec<[f64; 2]>)>,
}

impl Sketch {
    /// Points of a series that are kept; of more, evenly many.
    pub const MOST: usize = 100;

    /// Of points that are all finite.
    pub(crate) fn new(x: &str, y: &str, series: Vec<(String, Vec<[f64; 2]>)>) -> Self {
        let thin = |points: Vec<[f64; 2]>| {
            let every = points.len().div_ceil(Self::MOST).max(1);
            points.into_iter().step_by(every).collect()
        };
        let series = series.into_iter().map(|(name, points)| (name, thin(points))).collect();
        Self { x: x.to_owned(), y: y.to_owned(), series }
    }
}

/// One thing that is wrong, or could be better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One sentence for a beginner.
    pub message: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub remedy: Remedy,
    /// The rows that show it, where rows can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sketch: Option<Sketch>,
}

impl Finding {
    /// Without evidence and settings so far.
    pub(crate) fn new(code: Code, severity: Severity, message: impl Into<String>, remedy: &str) -> Self {
        let remedy = Remedy { text: remedy.to_owned(), fixes: Vec::new() };
        Self { code, severity, message: message.into(), evidence: Vec::new(), remedy, sketch: None }
    }

    /// Adds a fact.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.evidence.push(Evidence { name: name.to_owned(), value: value.into() });
        self
    }

    /// Adds the rows that show it.
    pub(crate) fn shown_by(mut self, sketch: Sketch) -> Self {
        self.sketch = Some(sketch);
        self
    }

    /// Adds a setting that is the remedy, or part of it.
    pub(crate) fn fix(mut self, fix: Fix) -> Self {
        self.remedy.fixes.push(fix);
        self
    }
}

/// The most important first: by severity, then causes before what they cause.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.severity, finding.code.rank()));
}
