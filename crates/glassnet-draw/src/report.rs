//! The story of a training as one page.

use crate::digits::{brief, short, significant, thousands};
use crate::page::{Block, Page};
use crate::{findings, model_figures};
use glassnet::fit::Fitted;
use glassnet::history::EpochReport;
use glassnet::layer::Layer;
use glassnet::metrics::{Metric, MetricName, Metrics};
use glassnet::model::{Evaluation, Model};
use glassnet::objective::Objective;
use glassnet::restarts::Lottery;
use glassnet::schema::{Column, Role};
use glassnet::train_config::BatchSize;
use glassnet::trainer::StopReason;

/// The page of a training of that table, which took so many seconds.
pub fn html(fitted: &Fitted, table_name: &str, seconds: f64) -> String {
    let (model, held_out) = (&fitted.model, fitted.held_out.as_ref());
    let mut blocks = vec![facts(model, seconds), Block::Paragraph(story(model))];
    if let StopReason::NonFinite { epoch } = model.story.stop_reason {
        blocks.push(Block::Note(format!(
            "In epoch {epoch} the loss was no longer a finite number. Training stopped there, and the model is that of epoch {}. \
             A smaller learning rate or clipping gradients usually helps.",
            model.story.best_epoch
        )));
    }
    blocks.extend(findings::blocks(&model.story.findings, &model.story));
    blocks.push(Block::Heading("How it learnt".into()));
    blocks.push(Block::Figure { figure: model_figures::loss(&model.story), caption: loss_caption(model) });
    if let Some(lottery) = &fitted.lottery {
        blocks.push(Block::Figure { figure: findings::starts(lottery), caption: starts_caption(lottery) });
    }
    if let Some(held_out) = held_out {
        blocks.push(Block::Heading("How good it is".into()));
        blocks.extend(metrics(model, &held_out.evaluation));
        if held_out.evaluation.is_weighted {
            blocks.push(Block::Trusted("<p>Rows count by their weights.</p>".into()));
        }
        blocks.push(Block::Trusted(
            "<p>Brackets are 95 % intervals. The best epoch was chosen by these same rows, so the network's figures are a \
             little optimistic: a table that it has never seen, with <code>glassnet evaluate</code>, is the fair test.</p>"
                .into(),
        ));
        let caption: String = match model.target.class_names().len() {
            0 if model.quantile_levels().is_some() => {
                "Each point is a validation row; on the dashed line the quantile is the true value.".into()
            }
            0 => "Each point is a validation row; on the dashed line the prediction is exact.".into(),
            _ => "Validation rows by true class (down) and predicted class (across). Blue is right, orange is wrong; \
                  colours are shares of the row."
                .to_owned(),
        };
        for target in 0..model.target.columns().len() {
            let figure = model_figures::errors(model, held_out, target);
            blocks.push(Block::Figure { figure, caption: caption.clone() });
        }
    }
    blocks.push(Block::Heading("The network".into()));
    let caption =
        "Blue and solid: a positive weight. Orange and dashed: a negative one. The broader, the stronger. \
                   Of large layers, the units with the strongest weights are shown."
            .into();
    blocks.push(Block::Figure { figure: model_figures::network(model), caption });
    blocks.push(layers(model));
    blocks.push(Block::Heading("The columns as understood".into()));
    blocks.push(columns(model));
    blocks.push(Block::Heading("To do it again".into()));
    blocks.push(settings(model, table_name));
    Page {
        title: format!("{} from {}", model.target.name(), file_name(table_name)),
        subtitle: format!("trained by glassnet {}", model.story.version),
        language: "en".into(),
        blocks,
    }
    .html()
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn facts(model: &Model, seconds: f64) -> Block {
    let story = &model.story;
    let mut facts = Vec::new();
    if let Some((name, metric)) = story.evaluation.as_ref().and_then(Evaluation::headline) {
        facts.push((format!("{} (validation)", words(name)), metric.value.map_or("undefined".into(), short)));
    }
    facts.push(("best epoch".into(), format!("{} of {}", story.best_epoch, story.history.len())));
    facts.push(("rows trained on".into(), thousands(story.n_training_rows as u64)));
    facts.push(("rows held out".into(), thousands(story.n_validation_rows as u64)));
    let n_params = model.networks.iter().map(|network| network.params().len()).sum::<usize>();
    facts.push(("parameters".into(), thousands(n_params as u64)));
    facts.push(("seconds".into(), format!("{seconds:.2}")));
    Block::Facts(facts)
}

fn story(model: &Model) -> String {
    let story = &model.story;
    let name = model.target.columns().join("”, “");
    let what = match model.target.class_names() {
        [] if model.quantile_levels().is_some() => format!("predicts quantiles of the number “{name}”"),
        [] if model.objective == Objective::Poisson => format!("predicts the mean of the count “{name}”"),
        [] if model.target.numbers().len() > 1 => format!("predicts the numbers “{name}”"),
        [] => format!("predicts the number “{name}”"),
        classes => format!("tells which of the {} classes of “{name}” a row belongs to", classes.len()),
    };
    let end = match story.stop_reason {
        StopReason::Epochs => format!("All {} epochs were trained.", story.history.len()),
        StopReason::Patience => format!(
            "After epoch {} the validation loss did not get better any more, and training stopped at epoch {}.",
            story.best_epoch,
            story.history.len()
        ),
        StopReason::NonFinite { epoch } => format!("Training broke off in epoch {epoch}."),
        StopReason::Interrupted => {
            format!("Training was stopped by hand after {} epochs.", story.history.len())
        }
    };
    let by = story.chosen().map_or_else(String::new, |report| {
        let (name, loss) = (report.watched_name(), short(report.watched_loss()));
        format!(", whose {name} loss on the held-out rows is the lowest, {loss}")
    });
    let (who, mean) = match model.networks.len() {
        1 => ("The network".to_owned(), ""),
        n => (
            format!("An ensemble of {n} networks"),
            " The prediction is the mean of theirs; the figures of units and weights show the first.",
        ),
    };
    let certainty = if model.temperature == 1.0 {
        String::new()
    } else {
        format!(
            " Outputs are divided by the temperature {}, which was chosen on the validation rows.",
            short(model.temperature)
        )
    };
    format!(
        "{who} {what}, from {} columns that become {} inputs. {end} The model is that of epoch {}{by}.{mean}{certainty}",
        model.schema.inputs().count(),
        model.encoder.n_inputs(),
        story.best_epoch
    )
}

fn loss_caption(model: &Model) -> String {
    let what = match model.objective {
        Objective::SquaredError => {
            "Half the mean squared error of the standardised target; of several targets the sum"
        }
        Objective::Quantile(_) => {
            "Pinball loss: the mean, over rows, of the sum over levels τ of τ·(t − q) above the quantile q and \
             (1 − τ)·(q − t) below it, of the standardised target t"
        }
        Objective::Poisson => {
            "Poisson loss: the mean of e^z − t·z, t the count over its mean; it may be negative, since what no prediction \
             changes is left out"
        }
        Objective::BinaryCrossEntropy | Objective::CrossEntropy => {
            "Cross-entropy: the mean of −ln of the probability given to the true class"
        }
    };
    let dropout = match model.story.config.dropout {
        0.0 => "",
        _ => {
            " Training rows are met with some units left out, so their loss may lie above the validation loss."
        }
    };
    let tempered = match model.story.best() {
        Some(EpochReport { tempered_loss: Some(_), .. }) => {
            " The tempered loss is that of the validation rows with all outputs divided by the one temperature that makes it \
             lowest: how sure the network is on the whole counts for nothing in it. With n rows each counts by 1/(n + 1) as \
             of any class, so it may lie above the validation loss. The epoch is chosen by it."
        }
        _ => "",
    };
    format!("{what}, epoch by epoch.{dropout}{tempered}")
}

fn starts_caption(lottery: &Lottery) -> String {
    format!(
        "The lowest validation loss so far, or that of the training rows where none are held out, of {} starts. {} of them solved it: they came \
         within a tenth of the way from the best one to a constant prediction, whose loss is {}.",
        lottery.starts.len(),
        lottery.n_solved,
        short(lottery.constant_loss)
    )
}

/// A table, and of several targets one more for each.
fn metrics(model: &Model, evaluation: &Evaluation) -> Vec<Block> {
    let rows = format!("On the {} validation rows", thousands(evaluation.n_rows as u64));
    let Evaluation { metrics, constant, linear, targets, .. } = evaluation;
    if targets.is_empty() {
        return vec![metrics_table(model, rows, [metrics, linear, constant])];
    }
    // Of errors in different units, a mean says nothing.
    let means = [metrics, linear, constant].map(|metrics| metrics.only(&[MetricName::R2]));
    let mean = format!("{rows}: the mean of {} targets", targets.len());
    let mut tables = vec![metrics_table(model, mean, means.each_ref())];
    tables.extend(targets.iter().map(|one| {
        metrics_table(model, format!("{rows}: {}", one.target), [&one.metrics, &one.linear, &one.constant])
    }));
    tables
}

fn metrics_table(model: &Model, caption: String, [own, linear, constant]: [&Metrics; 3]) -> Block {
    let with_interval = |metric: Option<Metric>| match metric {
        Some(Metric { value: Some(value), low: Some(low), high: Some(high) }) => {
            format!("{} [{}, {}]", significant(value, 3), significant(low, 3), significant(high, 3))
        }
        Some(Metric { value: Some(value), .. }) => short(value),
        _ => "undefined".into(),
    };
    let row = |(name, metric): (MetricName, Metric)| {
        vec![
            words(name),
            with_interval(Some(metric)),
            with_interval(linear.get(name)),
            with_interval(constant.get(name)),
        ]
    };
    let always = format!("always the {}", model.constant_name());
    Block::Table {
        caption,
        headers: ["", "network", "linear model", &always].map(str::to_owned).to_vec(),
        rows: own.iter().map(row).collect(),
    }
}

fn words(name: MetricName) -> String {
    match name {
        MetricName::Rmse => "root mean squared error".into(),
        MetricName::Mae => "mean absolute error".into(),
        MetricName::R2 => "R²".into(),
        MetricName::Mape => "mean |error| / |true|, without rows where that is 0".into(),
        MetricName::PoissonDeviance => "Poisson deviance".into(),
        MetricName::Coverage => "share of rows from the first to the last quantile".into(),
        MetricName::RocAuc => "area under the ROC curve".into(),
        MetricName::BrierScore => "Brier score".into(),
        MetricName::F1 => "F1".into(),
        MetricName::F1Macro => "F1, mean of the classes".into(),
        MetricName::Mcc => "Matthews correlation".into(),
        other => other.name().replace('_', " "),
    }
}

fn layers(model: &Model) -> Block {
    let last = model.network().layers().len() - 1;
    let row = |(i, layer): (usize, &Layer)| {
        let (n_inputs, n_outputs) = (layer.n_inputs(), layer.n_outputs());
        let (name, note) = match layer {
            Layer::Dense { .. } if i == last => ("dense", model_figures::output_map(model).to_owned()),
            Layer::Dense { activation, .. } => ("dense", activation.to_string()),
            Layer::Dropout { rate, .. } => ("dropout", format!("rate {rate}")),
            Layer::Noise { deviation, .. } => ("noise", format!("deviation {}", short(*deviation))),
            Layer::Scale { .. } => ("scale", String::new()),
            Layer::Periodic { n_frequencies, .. } => ("periodic", format!("{n_frequencies} waves a number")),
            Layer::Lookup { n_levels, .. } => ("lookup", format!("{n_levels} levels")),
            Layer::Blend { activation, .. } => ("blend", activation.to_string()),
        };
        let units =
            if n_inputs == n_outputs { n_outputs.to_string() } else { format!("{n_inputs} → {n_outputs}") };
        vec![i.to_string(), name.into(), units, note, thousands(layer.n_params() as u64)]
    };
    Block::Table {
        caption: String::new(),
        headers: ["", "layer", "units", "activation", "parameters"].map(str::to_owned).to_vec(),
        rows: model.network().layers().iter().enumerate().map(row).collect(),
    }
}

fn columns(model: &Model) -> Block {
    const SHOWN: usize = 5;
    let values = |column: &Column| {
        if let Some([low, high]) = column.range {
            return format!("from {} to {}", brief(low), brief(high));
        }
        let names: Vec<&str> = column.levels.iter().take(SHOWN).map(|level| level.name.as_str()).collect();
        match column.levels.len().saturating_sub(SHOWN) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    };
    let role = |column: &Column| match column.role {
        Role::Input => "input",
        Role::Target => "target",
        Role::Weight => "weight",
        Role::Ignored => "left out",
    };
    let row = |column: &Column| {
        vec![
            column.name.clone(),
            column.kind.to_string(),
            role(column).into(),
            thousands(column.n_missing as u64),
            values(column),
        ]
    };
    Block::Table {
        caption: String::new(),
        headers: ["column", "kind", "role", "missing", "values"].map(str::to_owned).to_vec(),
        rows: model.schema.columns.iter().map(row).collect(),
    }
}

fn settings(model: &Model, table_name: &str) -> Block {
    let (story, config) = (&model.story, &model.story.config);
    let train = config.train_config(story.n_training_rows);
    let decay = train.weight_decay.unwrap_or(train.optimizer.default_weight_decay());
    let batch_size = match train.batch_size {
        BatchSize::Full => "all rows".into(),
        BatchSize::Rows(n_rows) => n_rows.to_string(),
    };
    let objective = match model.quantile_levels() {
        Some(levels) => format!("quantile {:?}", levels.as_slice()),
        None => model.objective.name().to_owned(),
    };
    let changes: Vec<String> = config.changes(model.target.task()).iter().map(ToString::to_string).collect();
    let changes = if changes.is_empty() { "nothing".into() } else { changes.join(", ") };
    let rows = [
        ("table", table_name.to_owned()),
        ("fingerprint of its cells", story.table_fingerprint.clone()),
        ("seed", config.seed.to_string()),
        ("recipe", config.recipe.to_string()),
        ("changed from the recipe", changes),
        ("hidden_layer_sizes", format!("{:?}", config.hidden_layer_sizes)),
        ("activation", config.activation.to_string()),
        ("objective", objective),
        ("optimizer", train.optimizer.name().into()),
        ("learning_rate", config.train_config(story.n_training_rows).learning_rate.to_string()),
        ("batch_size", batch_size),
        ("rows shuffled", story.shuffled()),
        ("dropout", config.dropout.to_string()),
        ("weight_decay", decay.to_string()),
        ("epochs, at most", train.epochs.to_string()),
        ("patience", train.patience.map_or("none".into(), |patience| patience.to_string())),
        ("validation_fraction", config.validation_fraction.to_string()),
    ];
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    Block::Table {
        caption: match story.rows_per_block {
            None => "The same table and seed give the same model, bit for bit.".into(),
            Some(_) => "The same table, seed and blocks give the same model, bit for bit; the blocks' size follows from \
                        --memory-limit."
                .into(),
        },
        headers: Vec::new(),
        rows,
    }
}
