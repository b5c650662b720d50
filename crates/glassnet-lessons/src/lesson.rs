//! The lessons: data and words, embedded.

use crate::experiment::Experiment;
use crate::goal::Goal;
use crate::text::Text;
use crate::words::Language;
use serde::Deserialize;
use std::sync::LazyLock;

/// A lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// As typed, such as `tug-of-war`.
    pub name: &'static str,
    /// What it does, shows and checks.
    pub data: LessonData,
    /// One a language.
    texts: [Text; 2],
}

/// `lesson.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonData {
    /// What it does.
    pub experiment: Experiment,
    /// The facts of `--json`.
    pub numbers: Vec<String>,
    /// The tables that the words place.
    pub tables: Vec<String>,
    /// The figures that the words place.
    pub figures: Vec<String>,
    /// What is checked.
    pub goals: Vec<Goal>,
}

impl Lesson {
    /// Its words.
    pub fn text(&self, language: Language) -> &Text {
        &self.texts[language as usize]
    }
}

/// All lessons, in the order in which they are taught.
pub fn all() -> &'static [Lesson] {
    &LESSONS[..]
}

/// The lesson of a name.
pub fn named(name: &str) -> Option<&'static Lesson> {
    all().iter().find(|lesson| lesson.name == name)
}

macro_rules! embedded {
    ($name:literal) => {
        read(
            $name,
            include_str!(concat!("../../../lessons/", $name, "/lesson.json")),
            [
                include_str!(concat!("../../../lessons/", $name, "/en.md")),
                include_str!(concat!("../../../lessons/", $name, "/zh-Hant.md")),
            ],
        )
    };
}

static LESSONS: LazyLock<[Lesson; 10]> = LazyLock::new(|| {
    [
        embedded!("neuron"),
        embedded!("sigmoid"),
        embedded!("slope"),
        embedded!("direction"),
        embedded!("stuck"),
        embedded!("tug-of-war"),
        embedded!("hidden"),
        embedded!("two-layers"),
        embedded!("how-many"),
        embedded!("extrapolation"),
    ]
});

fn read(name: &'static str, data: &str, texts: [&str; 2]) -> Lesson {
    let data = serde_json::from_str(data)
        .and_then(serde_json::from_value::<LessonData>)
        .unwrap_or_else(|error| panic!("{name}/lesson.json: {error}"));
    Lesson { name, data, texts: texts.map(Text::parse) }
}
