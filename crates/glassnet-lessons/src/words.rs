//! The languages, and the words of the runner itself: headings, axes, progress.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language of the lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    En,
    /// Traditional Chinese as in Taiwan.
    ZhHant,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhHant];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhHant => "zh-Hant",
        }
    }

    /// The word for `key`, of those in `lessons/words.en.json`.
    ///
    /// # Panics
    /// When there is none, which is a bug of ours.
    pub fn word(self, key: &str) -> &'static str {
        let words = &WORDS[self as usize];
        words.get(key).unwrap_or_else(|| panic!("no word `{key}` in {}", self.tag()))
    }

    /// The word for `key` with `{}` replaced, one value after the other.
    ///
    /// # Panics
    /// When there is no such word.
    pub fn word_with(self, key: &str, values: &[&str]) -> String {
        values.iter().fold(self.word(key).to_owned(), |text, value| text.replacen("{}", value, 1))
    }
}

static WORDS: LazyLock<[BTreeMap<String, String>; 2]> = LazyLock::new(|| {
    [include_str!("../../../lessons/words.en.json"), include_str!("../../../lessons/words.zh-Hant.json")]
        .map(|json| serde_json::from_str(json).expect("words"))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_words() {
        let [en, zh_hant] = &*WORDS;
        assert!(en.keys().eq(zh_hant.keys()), "{:?}", en.keys().zip(zh_hant.keys()).find(|(a, b)| a != b));
        for (key, word) in en {
            let places = |text: &str| text.matches("{}").count();
            assert_eq!(places(word), places(&zh_hant[key]), "{key}");
        }
    }
}
