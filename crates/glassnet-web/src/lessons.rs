//! The tutorial: the lessons of `lessons/`, run as in the terminal.

use crate::tables::{Answer, missing};
use glassnet_draw::Theme;
use glassnet_lessons::figure::{Shown, figure};
use glassnet_lessons::lesson::{self, Lesson};
use glassnet_lessons::run::{Outcome, Run};
use glassnet_lessons::table::table;
use glassnet_lessons::text::{Piece, Section};
use glassnet_lessons::words::Language;
use serde_json::{Value, json};

/// A lesson that is open.
#[derive(Debug)]
pub(crate) struct Open {
    lesson: &'static Lesson,
    run: Option<Run>,
    outcome: Option<Outcome>,
}

fn language(question: &Value) -> Language {
    let tag = question["language"].as_str().unwrap_or_default();
    Language::ALL.into_iter().find(|language| language.tag() == tag).unwrap_or(Language::En)
}

/// Name, title and summary of each.
pub(crate) fn list(question: &Value) -> Value {
    let language = language(question);
    let one = |lesson: &Lesson| {
        let text = lesson.text(language);
        json!({ "name": lesson.name, "title": text.title, "summary": text.summary })
    };
    lesson::all().iter().map(one).collect()
}

impl Open {
    pub(crate) fn new(question: &Value) -> Result<Self, crate::tables::Refusal> {
        let lesson = question["name"].as_str().and_then(lesson::named);
        let lesson = lesson.ok_or_else(|| missing("no such lesson"))?;
        Ok(Self { lesson, run: Some(Run::start(lesson)), outcome: None })
    }

    /// Trains some epochs of what the lesson trains.
    pub(crate) fn advance(&mut self, question: &Value) -> Value {
        let n_epochs = question["epochs"].as_u64().unwrap_or(1_000) as usize;
        let Some(progress) = self.run.as_mut().and_then(|run| run.advance(n_epochs)) else {
            if let Some(run) = self.run.take() {
                self.outcome = Some(run.finish());
            }
            return json!({ "is_done": true });
        };
        json!({
            "is_done": false, "epoch": progress.epoch, "n_epochs": progress.n_epochs, "training": progress.training,
            "n_trainings": progress.n_trainings, "loss": progress.loss,
        })
    }

    /// Its words as far as they are known: question and what to watch before it has run, and all after.
    pub(crate) fn json(&self, question: &Value) -> Answer {
        let language = language(question);
        let text = self.lesson.text(language);
        let (facts, network) = match (&self.run, &self.outcome) {
            (_, Some(outcome)) => (&outcome.facts, outcome.network.as_ref()),
            (Some(run), None) => (run.facts(), None),
            (None, None) => return Err(missing("a lesson that is open")),
        };
        let piece = |piece: Piece| match piece {
            Piece::Markdown(text) => json!({ "markdown": text }),
            Piece::Table { name, caption } => {
                let table = table(&name, facts, language);
                json!({ "caption": caption, "headers": table.headers, "rows": table.rows })
            }
            Piece::Figure { name, caption } => {
                let drawn = figure(&name, &caption, Shown { facts, network, language });
                json!({ "caption": caption, "svg": drawn.svg(Theme::Reader) })
            }
        };
        let section = |section: Section| {
            let pieces: Vec<Value> = text.pieces(section, facts).into_iter().map(piece).collect();
            json!({ "heading": text.heading(section), "pieces": pieces })
        };
        let mut all = json!({
            "name": self.lesson.name, "title": text.title, "summary": text.summary,
            "question": section(Section::Question), "watch": section(Section::Watch),
        });
        if let Some(outcome) = &self.outcome {
            all["answer"] = section(Section::Answer);
            all["try"] = section(Section::Try);
            all["numbers"] = outcome.numbers.clone();
            let goals = outcome.goals.iter().map(|goal| {
                json!({
                    "name": goal.name, "found": goal.found, "is_met": goal.is_met, "text": text.goal(&goal.name, facts),
                })
            });
            all["goal"] =
                json!({ "heading": text.heading(Section::Goal), "goals": goals.collect::<Vec<_>>() });
        }
        Ok(all)
    }
}
