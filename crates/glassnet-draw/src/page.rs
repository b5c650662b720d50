//! A page of HTML in one file: no script, nothing loaded, light and dark, from phone to desktop.

use crate::svg::{Figure, page_style};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// In the window's bar and on top.
    pub title: String,
    /// Under the title.
    pub subtitle: String,
    /// Its language, such as `en` or `zh-Hant`.
    pub language: String,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a page. All text is shown as it is, except of [`Block::Trusted`].
#[derive(Debug, Clone)]
pub enum Block {
    /// A heading of a section.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// HTML that is ours, such as rendered text of a lesson.
    Trusted(String),
    /// A figure with a caption.
    Figure {
        /// The drawing.
        figure: Figure,
        /// Below it.
        caption: String,
    },
    /// A table; columns of numbers are aligned to the right.
    Table {
        /// Above it; empty for none.
        caption: String,
        /// One a column.
        headers: Vec<String>,
        /// Row after row.
        rows: Vec<Vec<String>>,
    },
    /// Names and values side by side.
    Facts(Vec<(String, String)>),
    /// A sentence that should not be missed.
    Note(String),
    /// Parts that open on demand, such as the answer to a question.
    Reveal {
        /// What opens them.
        summary: String,
        /// What opens.
        blocks: Vec<Block>,
    },
    /// A goal that was checked.
    Goal {
        /// Whether it was met.
        is_met: bool,
        /// What it is.
        text: String,
    },
}

const STYLE: &str = include_str!("page.css");

impl Page {
    /// The whole file.
    pub fn html(&self) -> String {
        html! {
            (DOCTYPE)
            html lang=(self.language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta http-equiv="Content-Security-Policy"
                        content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) (PreEscaped(page_style())) }
                }
                body {
                    main {
                        header {
                            h1 { (self.title) }
                            @if !self.subtitle.is_empty() { p.subtitle { (self.subtitle) } }
                        }
                        @for block in &self.blocks { (block.html()) }
                    }
                }
            }
        }
        .into_string()
    }
}

impl Block {
    fn html(&self) -> Markup {
        html! {
            @match self {
                Self::Heading(text) => h2 { (text) },
                Self::Paragraph(text) => p { (text) },
                Self::Trusted(text) => (PreEscaped(text)),
                Self::Figure { figure, caption } => figure {
                    div.scroll { (PreEscaped(figure.inline())) }
                    @if !caption.is_empty() { figcaption { (caption) } }
                },
                Self::Table { caption, headers, rows } => (table(caption, headers, rows)),
                Self::Facts(facts) => dl.facts {
                    @for (name, value) in facts { div { dt { (name) } dd { (value) } } }
                },
                Self::Note(text) => p.note role="note" { (text) },
                Self::Reveal { summary, blocks } => details {
                    summary { (summary) }
                    @for block in blocks { (block.html()) }
                },
                Self::Goal { is_met, text } => p.goal.met[*is_met].missed[!*is_met] {
                    span.mark aria-hidden="true" { @if *is_met { "✓" } @else { "✗" } } (text)
                },
            }
        }
    }
}

fn table(caption: &str, headers: &[String], rows: &[Vec<String>]) -> Markup {
    let is_number =
        |cell: &str| cell.is_empty() || cell.starts_with(|c: char| c.is_ascii_digit() || "-−+".contains(c));
    let is_numeric =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).all(|cell| is_number(cell));
    let numeric: Vec<bool> = (0..rows.iter().map(Vec::len).max().unwrap_or(0)).map(is_numeric).collect();
    html! {
        figure.table {
            @if !caption.is_empty() { figcaption { (caption) } }
            div.scroll { table.pairs[headers.is_empty()] {
                @if !headers.is_empty() {
                    thead { tr {
                        @for (i, header) in headers.iter().enumerate() {
                            th.number[numeric.get(i) == Some(&true)] scope="col" { (header) }
                        }
                    } }
                }
                tbody {
                    @for row in rows {
                        tr { @for (i, &is_numeric) in numeric.iter().enumerate() {
                            @let text = row.get(i).map_or("", String::as_str);
                            td.number[is_numeric].words[text.chars().count() > WORDS].long[text.chars().count() > LONG] { (cell(text)) }
                        } }
                    }
                }
            } }
        }
    }
}

/// A cell of more characters may break into lines.
const LONG: usize = 28;

/// On a narrow page, of more than these.
const WORDS: usize = 12;

/// `value [low, high]` with the interval apart, so that it can stand on a line of its own.
fn cell(text: &str) -> Markup {
    let parts = text.split_once(" [").filter(|(value, rest)| !value.is_empty() && rest.ends_with(']'));
    html! {
        @if let Some((value, interval)) = parts { (value) " " span.interval { "[" (interval) } }
        @else { (text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = r#"<script>alert("x")</script>&amp;"#.to_owned();
        let page = Page {
            title: hostile.clone(),
            subtitle: hostile.clone(),
            language: "en".into(),
            blocks: vec![
                Block::Heading(hostile.clone()),
                Block::Paragraph(hostile.clone()),
                Block::Facts(vec![(hostile.clone(), hostile.clone())]),
                Block::Note(hostile.clone()),
                Block::Goal { is_met: false, text: hostile.clone() },
                Block::Table {
                    caption: hostile.clone(),
                    headers: vec![hostile.clone()],
                    rows: vec![vec![hostile]],
                },
            ],
        };
        let html = page.html();
        assert!(!html.contains("<script"));
        assert_eq!(html.matches("&lt;script&gt;").count(), 12);
        assert!(!html.contains("http://") && !html.contains("https://"), "nothing is loaded");
    }
    #[test]
    fn a_short_row_has_as_many_cells_as_the_others() {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        let html =
            table("", &row(&["a", "b", "c"]), &[row(&["1", "2", "3 [2, 4]"]), row(&["4"])]).into_string();
        assert_eq!(
            (html.matches("<td").count(), html.matches("class=\"interval\"").count()),
            (6, 1),
            "{html}"
        );
    }
}
