//! The words of a lesson: sections of Markdown whose numbers are filled from the run.

use crate::facts::Facts;
use crate::number;
use glassnet_draw::digits::thousands;
use serde_json::Value;

/// A section of a lesson, in the order in which it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// What is asked, before anything is trained.
    Question,
    /// What to look at while it runs.
    Watch,
    /// What came out, and why.
    Answer,
    /// What the machine checks.
    Goal,
    /// What to do next.
    Try,
}

impl Section {
    /// In order.
    pub const ALL: [Self; 5] = [Self::Question, Self::Watch, Self::Answer, Self::Goal, Self::Try];

    /// As it is marked in the words.
    pub fn id(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Watch => "watch",
            Self::Answer => "answer",
            Self::Goal => "goal",
            Self::Try => "try",
        }
    }
}

/// The words of a lesson in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The lesson's title.
    pub title: String,
    /// What it is about, in one line.
    pub summary: String,
    /// Heading and body, one a [`Section`].
    sections: Vec<(String, String)>,
}

/// A part of a section's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Markdown with its numbers filled in.
    Markdown(String),
    /// A table's place.
    Table {
        /// Which.
        name: String,
        /// Its caption.
        caption: String,
    },
    /// A figure's place.
    Figure {
        /// Which.
        name: String,
        /// Its caption.
        caption: String,
    },
}

impl Text {
    /// Reads `# Title`, the line below it, and the sections.
    ///
    /// # Panics
    /// When a part is missing or the sections are out of order: the words are part of the program.
    pub fn parse(markdown: &str) -> Self {
        let (head, body) = markdown.split_once("\n## ").expect("a first section");
        let (title, summary) = head.trim().split_once('\n').expect("a title and a line below it");
        let title = title.strip_prefix("# ").expect("a title").trim().to_owned();
        let parts: Vec<&str> = body.split("\n## ").collect();
        assert_eq!(parts.len(), Section::ALL.len(), "sections of {title}");
        let section = |(part, section): (&&str, Section)| {
            let (heading, body) = part.split_once('\n').expect("a body");
            let mark = format!("{{#{}}}", section.id());
            let heading = heading.trim_end().strip_suffix(&mark);
            let heading = heading.unwrap_or_else(|| panic!("{title}: no {mark}")).trim();
            (heading.to_owned(), body.trim().to_owned())
        };
        let sections = parts.iter().zip(Section::ALL).map(section).collect();
        Self { title, summary: summary.trim().to_owned(), sections }
    }

    /// The heading of a section.
    pub fn heading(&self, section: Section) -> &str {
        &self.sections[section as usize].0
    }

    /// The body of a section as it was written.
    pub fn body(&self, section: Section) -> &str {
        &self.sections[section as usize].1
    }

    /// The parts of a section, numbers filled in.
    ///
    /// # Panics
    /// When a placeholder names no fact, which is a bug of the lesson.
    pub fn pieces(&self, section: Section, facts: &Facts) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut markdown = String::new();
        for line in self.body(section).lines() {
            let line = filled(line, facts);
            let Some(piece) = place(&line) else {
                markdown += &line;
                markdown.push('\n');
                continue;
            };
            if !markdown.trim().is_empty() {
                pieces.push(Piece::Markdown(std::mem::take(&mut markdown)));
            }
            markdown.clear();
            pieces.push(piece);
        }
        if !markdown.trim().is_empty() {
            pieces.push(Piece::Markdown(markdown));
        }
        pieces
    }

    /// What a goal means, by its name.
    ///
    /// # Panics
    /// When the words do not have it, which is a bug of the lesson.
    pub fn goal(&self, name: &str, facts: &Facts) -> String {
        let line =
            self.body(Section::Goal).lines().find_map(|line| line.strip_prefix(&format!("- {name}: ")));
        filled(line.unwrap_or_else(|| panic!("{}: no words for goal {name}", self.title)), facts)
    }
}

/// `![Caption](table:name)` or `![Caption](figure:name)`.
fn place(line: &str) -> Option<Piece> {
    let (caption, target) = line.strip_prefix("![")?.strip_suffix(')')?.split_once("](")?;
    let (kind, name) = target.split_once(':')?;
    let (name, caption) = (name.to_owned(), caption.to_owned());
    match kind {
        "table" => Some(Piece::Table { name, caption }),
        "figure" => Some(Piece::Figure { name, caption }),
        _ => None,
    }
}

/// What stands between `{{` and `}}`.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).map(|rest| rest.split_once("}}").expect("a placeholder's end").0)
}

/// The text with every `{{path:format}}` replaced.
fn filled(text: &str, facts: &Facts) -> String {
    let mut filled = text.to_owned();
    for placeholder in placeholders(text) {
        let (path, format) = placeholder.split_once(':').unwrap_or((placeholder, ""));
        let value = facts.get(path).unwrap_or_else(|| panic!("no fact for {{{{{placeholder}}}}}"));
        filled = filled.replacen(&format!("{{{{{placeholder}}}}}"), &written(value, format), 1);
    }
    filled
}

/// With the sign that the sentences around it have; tables, whose numbers are copied, have the keyboard's.
fn written(value: &Value, format: &str) -> String {
    let number = value.as_f64().unwrap_or(f64::NAN);
    let text = match format {
        "" => number.to_string(),
        "e" => number::power_of_ten(number),
        "%" => number::percent(number),
        "," => thousands(number as u64),
        decimals => number::decimals(number, decimals.parse().expect("a number of decimals")),
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "# T\n\nS.\n\n## Q {#question}\n\nx {{n:,}}\n\n![C {{a.0:2}}](table:data)\n\n## W {#watch}\nw\n\
                         ## A {#answer}\n{{a.0:%}} {{a.0}}\n## G {#goal}\n- one: is {{a.0:e}}\n## Y {#try}\ny\n";

    #[test]
    fn sections_places_and_numbers() {
        let text = Text::parse(WORDS);
        let mut facts = Facts::default();
        facts.set("n", 20_000);
        facts.set("a", [0.125]);
        assert_eq!((text.title.as_str(), text.summary.as_str()), ("T", "S."));
        assert_eq!(text.heading(Section::Watch), "W");
        let question = text.pieces(Section::Question, &facts);
        let place = Piece::Table { name: "data".into(), caption: "C 0.12".into() };
        assert_eq!(question, [Piece::Markdown("x 20,000\n\n".into()), place]);
        assert_eq!(text.pieces(Section::Answer, &facts), [Piece::Markdown("12.5\u{a0}% 0.125\n".into())]);
        assert_eq!(text.goal("one", &facts), "is 1.2\u{a0}×\u{a0}10⁻¹");
    }
}
