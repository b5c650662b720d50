//! `glassnet lesson`: a lesson in the terminal, run live, and as a page with its figures.

use crate::args::LessonArgs;
use crate::failure::{Failure, Result, work};
use crate::progress::Progress;
use crate::terminal::{aligned, curve, plain, underlined};
use crate::{output, plot};
use glassnet_draw::digits::short;
use glassnet_io::atomic;
use glassnet_lessons::facts::Facts;
use glassnet_lessons::figure::{Shown, figure};
use glassnet_lessons::lesson::{Lesson, all, named};
use glassnet_lessons::number::decimals;
use glassnet_lessons::page::page;
use glassnet_lessons::run::{Outcome, Run};
use glassnet_lessons::table::table;
use glassnet_lessons::text::{Piece, Section};
use glassnet_lessons::words::Language;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Epochs between two looks at the progress.
const EPOCHS: usize = 1_000;

/// Where pages and figures go when nothing else is said.
const FOLDER: &str = "glassnet-lessons";

/// Width of the figures as PNG.
const PIXELS: u32 = 1440;

pub(crate) fn run(args: &LessonArgs) -> Result<()> {
    let language = args.lang;
    let Some(name) = &args.name else {
        return output::text(&list(language));
    };
    let Some(lesson) = named(name) else {
        let names: Vec<&str> = all().iter().map(|lesson| lesson.name).collect();
        return Err(Failure::Call(format!("no lesson `{name}`; there are {}", names.join(", "))));
    };
    let run = Run::start(lesson);
    if !args.json {
        let text = lesson.text(language);
        output::text(&format!("{}{}", underlined(&text.title, '═'), plain(&text.summary)))?;
        for section in [Section::Question, Section::Watch] {
            show(lesson, section, run.facts(), language)?;
        }
    }
    let outcome = train(run, language, args.json);
    if args.json {
        output::json(&outcome.numbers)?;
    } else {
        output::text(&loss_curve(&outcome, language))?;
        show(lesson, Section::Answer, &outcome.facts, language)?;
        output::text(&goals(lesson, &outcome, language))?;
        show(lesson, Section::Try, &outcome.facts, language)?;
    }
    let folder = args.out.clone().or_else(|| (!args.json).then(|| PathBuf::from(FOLDER)));
    if let Some(folder) = folder {
        let path = write(&folder, lesson, &outcome, language)?;
        if !args.json {
            output::text(&format!("{}\n", language.word_with("written", &[&path.display().to_string()])))?;
        }
    }
    match outcome.goals.iter().find(|goal| !goal.is_met) {
        None => Ok(()),
        Some(missed) => work(format!("the goal `{}` was missed: it came to {}", missed.name, missed.found)),
    }
}

fn list(language: Language) -> String {
    let longest = all().iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
    let mut text = format!("{}\n\n", language.word("list"));
    for lesson in all() {
        let words = lesson.text(language);
        text += &format!("  {:longest$}  {} · {}\n", lesson.name, words.title, words.summary);
    }
    text + &format!("\n{}\n", language.word("list_hint"))
}

/// Pulls the epochs, with progress on standard error.
fn train(mut run: Run, language: Language, quiet: bool) -> Outcome {
    let mut bar: Option<Progress> = None;
    while let Some(progress) = run.advance(EPOCHS) {
        let loss = short(progress.loss);
        let message = if progress.n_trainings > 1 {
            let [training, n_trainings] = [progress.training, progress.n_trainings].map(|n| n.to_string());
            language.word_with("progress_training", &[&training, &n_trainings, &loss])
        } else {
            language.word_with("progress_loss", &[&loss])
        };
        let bar =
            bar.get_or_insert_with(|| Progress::start(quiet, language.word("epoch"), progress.n_epochs, 0));
        bar.epoch(progress.epoch, || message);
    }
    if let Some(bar) = bar {
        bar.finish();
    }
    run.finish()
}

/// One section with its tables; figures are in the files.
fn show(lesson: &Lesson, section: Section, facts: &Facts, language: Language) -> Result<()> {
    let text = lesson.text(language);
    let mut shown = underlined(text.heading(section), '─');
    for piece in text.pieces(section, facts) {
        match piece {
            Piece::Markdown(markdown) => shown += &plain(&markdown),
            Piece::Table { name, caption } => {
                let table = table(&name, facts, language);
                let rows: Vec<Vec<String>> = [table.headers].into_iter().chain(table.rows).collect();
                shown += &format!("{caption}\n\n{}\n", aligned(&rows));
            }
            Piece::Figure { name, caption } => {
                shown += &plain(&format!("▸ {caption} ({name}.svg)"));
            }
        }
    }
    output::text(&shown)
}

/// The course of the loss in one line, where something was trained.
fn loss_curve(outcome: &Outcome, language: Language) -> String {
    let Some(history) = outcome.facts.get("loss_history").and_then(serde_json::Value::as_array) else {
        return String::new();
    };
    let losses: Vec<f64> = history.iter().map(|loss| loss.as_f64().unwrap_or(f64::NAN)).collect();
    let (Some(first), Some(last)) = (losses.first(), losses.last()) else { return String::new() };
    let (low, high) =
        losses.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &loss| (l.min(loss), h.max(loss)));
    let drawn = curve(&losses, (low, high), 60);
    format!("{}  {} {drawn} {}\n\n", language.word("loss"), short(*first), short(*last))
}

/// What was checked, and what came out.
fn goals(lesson: &Lesson, outcome: &Outcome, language: Language) -> String {
    let text = lesson.text(language);
    let mut shown = underlined(text.heading(Section::Goal), '─');
    for goal in &outcome.goals {
        let mark = if goal.is_met { "✓" } else { "✗" };
        let found = if goal.found.abs() < 1e-4 { short(goal.found) } else { decimals(goal.found, 8) };
        shown += &format!("{mark} {} [{found}]\n", text.goal(&goal.name, &outcome.facts));
    }
    shown + "\n"
}

/// Writes the figures and the page, and gives the page's path.
fn write(folder: &Path, lesson: &Lesson, outcome: &Outcome, language: Language) -> Result<PathBuf> {
    let text = lesson.text(language);
    let shown = Shown { facts: &outcome.facts, network: outcome.network.as_ref(), language };
    let mut without_glyph = BTreeSet::new();
    for section in Section::ALL {
        for piece in text.pieces(section, &outcome.facts) {
            let Piece::Figure { name, caption } = piece else { continue };
            let figure = figure(&name, &caption, shown);
            let path = folder.join(lesson.name).join(&name);
            plot::write(&path.with_extension("svg"), &figure, PIXELS)?;
            without_glyph.extend(plot::write(&path.with_extension("png"), &figure, PIXELS)?);
        }
    }
    plot::warn_without_glyph(&without_glyph, folder);
    let path = folder.join(format!("{}.html", lesson.name));
    atomic::write(&path, page(lesson, outcome, language).html().as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_every_lesson_in_both_languages() {
        for language in Language::ALL {
            let list = list(language);
            assert!(all().iter().all(|lesson| list.contains(lesson.name)), "{list}");
        }
    }
}
