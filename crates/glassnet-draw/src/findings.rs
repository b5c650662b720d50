//! What a diagnosis found, as parts of a page, with the figure that shows it.

use crate::bars::{Bar, bars};
use crate::digits::short;
use crate::model_figures::{self, losses};
use crate::page::{Block, Page};
use crate::plot::{Mark, Plot, Stroke};
use crate::scale::Scale;
use crate::svg::Figure;
use glassnet::finding::{Code, Finding, Severity, Value};
use glassnet::model::{Model, Story};
use glassnet::restarts::Lottery;
use glassnet::watch::LayerState;

/// Every finding with its evidence, remedy and figure; nothing where there is none.
pub(crate) fn blocks(findings: &[Finding], story: &Story) -> Vec<Block> {
    if findings.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading("What was found".into())];
    for finding in findings {
        let line = format!("{} ({}): {}.", finding.severity.name(), finding.code.name(), finding.message);
        blocks.push(match finding.severity {
            Severity::Info => Block::Paragraph(line),
            Severity::Error | Severity::Warning => Block::Note(line),
        });
        if !finding.evidence.is_empty() {
            let rows =
                finding.evidence.iter().map(|fact| vec![fact.name.clone(), shown(&fact.value)]).collect();
            blocks.push(Block::Table {
                caption: format!("Evidence of {}", finding.code.name()),
                headers: vec![String::new(), "value".into()],
                rows,
            });
        }
        if let Some((figure, caption)) = figure(finding, story)
            .or_else(|| sketched(finding))
            .or_else(|| outside(finding))
            .or_else(|| compared(finding))
        {
            blocks.push(Block::Figure { figure, caption: caption.into() });
        }
        blocks.push(Block::Paragraph(format!("Remedy: {}.", finding.remedy)));
    }
    blocks
}

/// A page of findings about a model, and of its losses.
pub fn page(model: &Model, findings: &[Finding]) -> String {
    let mut blocks = blocks(findings, &model.story);
    if blocks.is_empty() {
        blocks.push(Block::Paragraph("Nothing about this training looks wrong.".into()));
    }
    blocks.push(Block::Heading("How it learnt".into()));
    let caption = "Both losses, epoch by epoch; the dotted line marks the epoch that was kept.".into();
    blocks.push(Block::Figure { figure: model_figures::loss(&model.story), caption });
    let title = format!("Diagnosis of a model of {}", model.target.name());
    let subtitle = format!("diagnosed by glassnet {}", env!("CARGO_PKG_VERSION"));
    Page { title, subtitle, language: "en".into(), blocks }.html()
}

/// A fact's value as people read it.
pub fn shown(value: &Value) -> String {
    match value {
        // Counts have no decimals.
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e6 => format!("{number}"),
        Value::Number(number) => short(*number),
        Value::Text(text) => text.clone(),
    }
}

/// What is seen of a finding in the layers. How losses went is seen in their curves, which every page has.
fn figure(finding: &Finding, story: &Story) -> Option<(Figure, &'static str)> {
    let snapshot = match finding.code {
        Code::DeadRelu => story.snapshots.last()?,
        _ => story.snapshots.first()?,
    };
    let layers = &snapshot.layers;
    let hidden = &layers[..layers.len().saturating_sub(1)];
    let shares = |title: &str, share: fn(&LayerState) -> f64| {
        let bar = |(i, state): (usize, &LayerState)| Bar {
            name: format!("hidden layer {}", i + 1),
            value: share(state),
            label: format!("{:.0} %", 100.0 * share(state)),
            interval: None,
        };
        bars(title, &hidden.iter().enumerate().map(bar).collect::<Vec<_>>(), 1.0)
    };
    match finding.code {
        Code::DeadRelu => Some((
            shares("Units that are 0 for every row", |state| state.silent),
            "Share of each hidden layer's units, when they were last looked at while training.",
        )),
        Code::SaturatedActivation => Some((
            shares("Units on the flat ends of their curve", |state| state.flat),
            "Share of units and rows, before the first step.",
        )),
        Code::VanishingGradient | Code::ExplodingGradient => Some((
            gradients(layers),
            "Root mean square of the gradient of a weight, layer by layer, before the first step.",
        )),
        _ => None,
    }
}

/// The rows that show a finding.
fn sketched(finding: &Finding) -> Option<(Figure, &'static str)> {
    let sketch = finding.sketch.as_ref()?;
    let (title, caption) = match finding.code {
        Code::NotLinearlySeparable => (
            "No straight line parts these rows",
            "Training rows over the two inputs that differ most, and the point that is a mean of rows of either class.",
        ),
        Code::DuplicateColumn => ("Each column follows from the other", "A point a training row."),
        Code::LeakingColumn => ("The target follows from the column", "A point a training row."),
        Code::IdentifierColumn => ("Another value in every row", "A point a training row."),
        Code::ConstantColumn => ("The same value in every row", "A point a training row."),
        Code::UnscaledInput => (
            "How large the numbers of each column are",
            "The mean or the standard deviation, whichever is larger; networks are made for numbers around 1.",
        ),
        _ => ("The rows that show it", "A point a training row."),
    };
    let marks = sketch.series.iter().map(|(name, points)| Mark::Points {
        name: name.clone(),
        points: points.iter().map(|[x, y]| (*x, *y)).collect(),
    });
    let plot = Plot {
        title: title.into(),
        x_label: sketch.x.clone(),
        y_label: sketch.y.clone(),
        marks: marks.collect(),
        ..Plot::default()
    };
    Some((plot.draw(), caption))
}

/// A value beside the range of training.
fn outside(finding: &Finding) -> Option<(Figure, &'static str)> {
    let fact = |name: &str| {
        let fact = finding.evidence.iter().find(|fact| fact.name == name)?;
        match &fact.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        }
    };
    let (low, high) = (fact("lowest in training")?, fact("highest in training")?);
    let value = fact("first such value")?;
    let plot = Plot {
        title: "A value outside the range of training".into(),
        x_label: "value".into(),
        y_label: String::new(),
        marks: vec![
            Mark::Line {
                name: "range of the table that trained the model".into(),
                points: vec![(low, 0.0), (high, 0.0)],
                stroke: Stroke::Solid,
            },
            Mark::Points { name: "first value outside".into(), points: vec![(value, 0.0)] },
        ],
        ..Plot::default()
    };
    Some((plot.draw(), "Inside the range the model has seen examples; outside it guesses."))
}

/// Facts of the evidence that are to be compared, side by side as bars.
fn compared(finding: &Finding) -> Option<(Figure, &'static str)> {
    let is_loss = |name: &str| name.contains("loss");
    let is_share = |name: &str| name.starts_with("share");
    let (title, caption, which): (_, _, &dyn Fn(&str) -> bool) = match finding.code {
        Code::UnluckyStart => ("This start and the best of the others", "Losses: lower is better.", &is_loss),
        Code::TooFewHiddenUnits => ("With these units and with more", "Losses: lower is better.", &is_loss),
        Code::Underfit => ("With and without what holds it back", "Losses: lower is better.", &is_loss),
        Code::StoppedTooEarly => ("With this patience and with more", "Losses: lower is better.", &is_loss),
        Code::WorseThanBaseline => (
            "The network and what it must beat",
            "Losses of rows that did not train: lower is better.",
            &|name| is_loss(name) || name.ends_with("'s"),
        ),
        Code::CancellingGradients => (
            "What the rows pull, and what is left of it",
            "Where every row pulls its own way, hardly anything is left of their mean.",
            &|name| name.contains("length"),
        ),
        Code::ConstantPrediction => (
            "How much predictions and targets vary",
            "Standard deviations over the training rows.",
            &|name| name.starts_with("standard deviation"),
        ),
        Code::ClassImbalance => ("The rarest class", "Shares, from 0 to 1.", &is_share),
        Code::ContradictoryRows => {
            ("What rows that contradict each other leave", "Losses: lower is better.", &is_loss)
        }
        Code::TooFewRows => ("On rows that trained and on others", "Losses: lower is better.", &is_loss),
        Code::TwinUnits => ("Units with a twin", "Of the hidden layer.", &|name| name.starts_with("units")),
        _ => return None,
    };
    let bar = |(name, value): (&String, f64)| Bar {
        name: name.clone(),
        value: value.max(0.0),
        label: short(value).replace('-', "−"),
        interval: None,
    };
    let numbers =
        finding.evidence.iter().filter(|fact| which(&fact.name)).filter_map(|fact| match fact.value {
            Value::Number(number) if number.is_finite() => Some((&fact.name, number)),
            _ => None,
        });
    let all: Vec<Bar> = numbers.map(bar).collect();
    let largest = all.iter().map(|bar| bar.value).fold(0.0, f64::max);
    (all.len() > 1 && largest > 0.0).then(|| (bars(title, &all, largest), caption))
}

fn gradients(layers: &[LayerState]) -> Figure {
    let points = layers.iter().enumerate().map(|(i, state)| ((i + 1) as f64, state.gradient)).collect();
    Plot {
        title: "Gradients through the layers".into(),
        x_label: "dense layer".into(),
        y_label: "gradient (logarithmic)".into(),
        y_scale: Scale::Log,
        marks: vec![Mark::Line { name: String::new(), points, stroke: Stroke::Solid }],
        ..Plot::default()
    }
    .draw()
}

fn lowest_so_far(losses: &[f64]) -> impl Iterator<Item = f64> + '_ {
    losses.iter().scan(f64::INFINITY, |lowest, &loss| {
        *lowest = lowest.min(loss);
        Some(*lowest)
    })
}

/// The lowest loss so far of every start, epoch by epoch.
pub fn starts(lottery: &Lottery) -> Figure {
    let loss = |start: &&glassnet::restarts::StartReport| start.loss.unwrap_or(f64::INFINITY);
    let best = lottery.starts.iter().min_by(|one, other| loss(one).total_cmp(&loss(other)));
    let line = |start: &glassnet::restarts::StartReport, name: &str, stroke: Stroke| Mark::Line {
        name: name.into(),
        points: (1..).map(f64::from).zip(lowest_so_far(&start.losses)).collect(),
        stroke,
    };
    let mut marks: Vec<Mark> = lottery.starts.iter().map(|start| line(start, "", Stroke::Thin)).collect();
    marks.extend(best.map(|best| line(best, "the start that was kept", Stroke::Solid)));
    losses("The lowest loss so far of every start", marks)
}
