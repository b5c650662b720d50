//! A lesson that has run, as a page of HTML.

use crate::figure::{Shown, figure};
use crate::lesson::Lesson;
use crate::run::Outcome;
use crate::table::table;
use crate::text::{Piece, Section};
use crate::words::Language;
use glassnet_draw::page::{Block, Page};
use pulldown_cmark::{Parser, html::push_html};

/// The page: question and what to watch, then answer and goals, which open on demand, then what to try.
pub fn page(lesson: &Lesson, outcome: &Outcome, language: Language) -> Page {
    let text = lesson.text(language);
    let section = |section| {
        let pieces = text.pieces(section, &outcome.facts).into_iter();
        let blocks = pieces.map(|piece| block(piece, outcome, language));
        [Block::Heading(text.heading(section).to_owned())].into_iter().chain(blocks)
    };
    let goals = outcome.goals.iter();
    let goals =
        goals.map(|goal| Block::Goal { is_met: goal.is_met, text: text.goal(&goal.name, &outcome.facts) });
    let goals = [Block::Heading(text.heading(Section::Goal).to_owned())].into_iter().chain(goals);
    let revealed = section(Section::Answer).chain(goals).collect();
    let reveal = Block::Reveal { summary: language.word("show_answer").to_owned(), blocks: revealed };
    Page {
        title: text.title.clone(),
        subtitle: text.summary.clone(),
        language: language.tag().to_owned(),
        blocks: section(Section::Question)
            .chain(section(Section::Watch))
            .chain([reveal])
            .chain(section(Section::Try))
            .collect(),
    }
}

fn block(piece: Piece, outcome: &Outcome, language: Language) -> Block {
    match piece {
        Piece::Markdown(markdown) => {
            let mut html = String::new();
            push_html(&mut html, Parser::new(&markdown));
            Block::Trusted(html)
        }
        Piece::Table { name, caption } => {
            let table = table(&name, &outcome.facts, language);
            Block::Table { caption, headers: table.headers, rows: table.rows }
        }
        Piece::Figure { name, caption } => {
            let shown = Shown { facts: &outcome.facts, network: outcome.network.as_ref(), language };
            Block::Figure { figure: figure(&name, &caption, shown), caption }
        }
    }
}
