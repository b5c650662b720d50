//! Figures as SVG text: shapes with classes, and the colours that the classes have in light and dark.

use std::collections::BTreeSet;
use std::fmt::Write;

/// A finished drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    title: String,
    width: f64,
    height: f64,
    body: String,
    characters: BTreeSet<char>,
}

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// As the reader's system has it.
    Reader,
}

/// Width of most figures in their own units: a figure as wide as a phone still has text of 11 pixels.
pub(crate) const WIDTH: f64 = 480.0;

/// Most width of figures that need more; on a phone they scroll in a box of their own.
pub(crate) const MOST_WIDTH: f64 = 720.0;

/// Height of all text.
pub(crate) const TEXT: f64 = 16.0;

/// Pixels a unit: on a page at rest, and at least.
#[cfg(feature = "pages")]
const PIXELS: f64 = 1.1;
#[cfg(feature = "pages")]
const FEWEST_PIXELS: f64 = 0.69;

/// Colours by class. Series follow Okabe and Ito (jfly.uni-koeln.de/color); blue is positive, vermilion negative. On `h0` and
/// `h1`, the same two for cells, ink can be read.
const LIGHT: [(&str, &str); 12] = [
    ("ink", "#1b1f24"),
    ("soft", "#57606a"),
    ("rule", "#d0d7de"),
    ("paper", "#ffffff"),
    ("c0", "#0072b2"),
    ("c1", "#d55e00"),
    ("c2", "#007a59"),
    ("c3", "#a86e00"),
    ("c4", "#a0527c"),
    ("c5", "#57606a"),
    ("h0", "#4f9fd6"),
    ("h1", "#ea8a4c"),
];
const DARK: [(&str, &str); 12] = [
    ("ink", "#e6edf3"),
    ("soft", "#9da7b3"),
    ("rule", "#373e47"),
    ("paper", "#14181d"),
    ("c0", "#56b4e9"),
    ("c1", "#ff8f4a"),
    ("c2", "#2fc79a"),
    ("c3", "#f0b429"),
    ("c4", "#e39ac4"),
    ("c5", "#9da7b3"),
    ("h0", "#1670aa"),
    ("h1", "#a44a10"),
];

/// How many colours of series there are.
pub(crate) const N_COLOURS: usize = 6;

impl Figure {
    /// What it shows, in one line.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Width and height in the figure's own units.
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// The characters of all its text, blanks apart.
    pub fn characters(&self) -> &BTreeSet<char> {
        &self.characters
    }

    /// A file of its own.
    pub fn svg(&self, theme: Theme) -> String {
        let paper = format!(r#"<rect class="paper" width="{}" height="{}"/>"#, self.width, self.height);
        self.element("", &format!("<style>{}</style>{paper}", style(theme, "")))
    }

    /// A part of a page that has [`page_style`].
    #[cfg(feature = "pages")]
    pub(crate) fn inline(&self) -> String {
        let [width, least] = [PIXELS, FEWEST_PIXELS].map(|pixels| number(self.width * pixels));
        self.element(&format!(r#" style="width:{width}px;min-width:{least}px""#), "")
    }

    fn element(&self, attributes: &str, head: &str) -> String {
        let (title, width, height) = (escape(&self.title), number(self.width), number(self.height));
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}" font-family="system-ui, sans-serif" font-size="{TEXT}"{attributes}><title>{title}</title>{head}{}</svg>"#,
            self.body
        )
    }
}

/// The classes of all figures, for a page.
#[cfg(feature = "pages")]
pub(crate) fn page_style() -> String {
    style(Theme::Reader, ".figure ")
}

fn style(theme: Theme, within: &str) -> String {
    let classes = |colours: &[(&str, &str)]| {
        let rule = |(class, colour): &(&str, &str)| {
            format!("{within}.{class}{{fill:{colour}}}{within}.{class}-line{{stroke:{colour};fill:none}}")
        };
        let paper = colours.iter().find(|colour| colour.0 == "paper").map_or("", |colour| colour.1);
        let edge = format!("{within}.edge{{stroke:{paper};stroke-width:.8}}");
        colours.iter().map(rule).collect::<String>() + &edge
    };
    match theme {
        Theme::Light => classes(&LIGHT),
        Theme::Dark => classes(&DARK),
        Theme::Reader => {
            format!("{}@media(prefers-color-scheme:dark){{{}}}", classes(&LIGHT), classes(&DARK))
        }
    }
}

/// Where text is held.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing under way. Coordinates go right and down from the upper left corner.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    body: String,
    characters: BTreeSet<char>,
}

impl Canvas {
    pub(crate) fn finish(self, title: &str, height: f64) -> Figure {
        self.finish_at(title, WIDTH, height)
    }

    pub(crate) fn finish_at(self, title: &str, width: f64, height: f64) -> Figure {
        let Self { body, characters } = self;
        Figure { title: title.to_owned(), width: width.ceil(), height: height.ceil(), body, characters }
    }

    /// Text on one line; `size` is its height.
    pub(crate) fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
        self.text_with(x, y, anchor, &format!(r#"class="{class}""#), text);
    }

    /// Text with further attributes.
    pub(crate) fn text_with(&mut self, x: f64, y: f64, anchor: Anchor, attributes: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.characters.extend(text.chars().filter(|character| !character.is_whitespace()));
        let (x, y, text) = (number(x), number(y), escape(text));
        self.add(&format!(r#"<text x="{x}" y="{y}" text-anchor="{anchor}" {attributes}>{text}</text>"#));
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), attributes: &str) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
        self.add(&format!(r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {attributes}/>"#));
    }

    /// A rectangle; where `tip` is not empty, a pointer over it shows it.
    pub(crate) fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), attributes: &str, tip: &str) {
        let [x, y, width, height] = [corner.0, corner.1, size.0.max(0.0), size.1.max(0.0)].map(number);
        let shape = format!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" {attributes}"#);
        self.closed("rect", &shape, tip);
    }

    pub(crate) fn circle(&mut self, centre: (f64, f64), radius: f64, attributes: &str, tip: &str) {
        let [x, y, radius] = [centre.0, centre.1, radius].map(number);
        self.closed("circle", &format!(r#"<circle cx="{x}" cy="{y}" r="{radius}" {attributes}"#), tip);
    }

    /// A path through points; pieces are not joined.
    pub(crate) fn path(&mut self, pieces: &[Vec<(f64, f64)>], attributes: &str) {
        let mut path = String::new();
        for piece in pieces {
            for (i, &(x, y)) in piece.iter().enumerate() {
                let _ = write!(path, "{}{} {}", if i == 0 { 'M' } else { 'L' }, number(x), number(y));
            }
        }
        self.add(&format!(r#"<path d="{path}" {attributes}/>"#));
    }

    /// Text of SVG as it is.
    pub(crate) fn add(&mut self, text: &str) {
        self.body += text;
    }

    fn closed(&mut self, element: &str, shape: &str, tip: &str) {
        if tip.is_empty() {
            self.add(&format!("{shape}/>"));
        } else {
            self.add(&format!("{shape}><title>{}</title></{element}>", escape(tip)));
        }
    }
}

/// Text that means itself in XML. Characters that XML forbids become a replacement character.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A coordinate with at most two decimals.
pub(crate) fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded == 0.0 { "0".into() } else { rounded.to_string() }
}

/// How wide a text is, roughly, in units.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let em = |character: char| match character {
        '−' | '+' => 0.84,
        '\u{1100}'.. => 1.0,
        'i' | 'l' | 'j' | '.' | ',' | ':' | '\'' | '|' | ' ' => 0.35,
        'm' | 'w' | 'M' | 'W' => 0.95,
        'A'..='Z' => 0.72,
        '0'..='9' => 0.64,
        _ => 0.62,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// A text that fits, cut with … in its middle where it must be: names often differ at their ends.
pub(crate) fn fitted(text: &str, width: f64, size: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let cut = |n: usize| {
        let (start, end) = (n.div_ceil(2), characters.len() - n / 2);
        characters[..start].iter().chain(&['…']).chain(&characters[end..]).collect::<String>()
    };
    (0..characters.len()).rev().map(cut).find(|cut| text_width(cut, size) <= width).unwrap_or_else(|| cut(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(fitted("body_mass_g", 200.0, TEXT), "body_mass_g");
        let cut = fitted("flipper_length_mm is missing", 160.0, TEXT);
        assert!(cut.starts_with("flipper") && cut.ends_with("missing") && cut.contains('…'), "{cut}");
        assert!(text_width(&cut, TEXT) <= 160.0);
        assert_eq!(fitted("abc", 1.0, TEXT), "…");
    }
}
