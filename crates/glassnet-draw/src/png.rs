//! The same figures as pixels.

use crate::svg::{Figure, Theme};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};
use std::collections::BTreeSet;
use std::sync::Arc;

/// DejaVu Sans, cut down to Latin, Greek and mathematical signs: Latin text looks the same everywhere.
const FONT: &[u8] = include_bytes!("../fonts/DejaVuSans-subset.ttf");

/// A picture, and what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Png {
    /// The file.
    pub bytes: Vec<u8>,
    /// Characters for which no font of this system has a shape; the SVG shows them on a system that has one.
    pub without_glyph: BTreeSet<char>,
}

/// What can go wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More pixels than a picture can have.
    #[error("a picture {width} pixels wide: choose a width from 1 to 10000")]
    Width {
        /// What was asked for.
        width: u32,
    },
    /// A figure that the renderer cannot read.
    #[error("the figure cannot be drawn as pixels: {reason}")]
    Figure {
        /// What the renderer said.
        reason: String,
    },
}

/// Draws a figure `width` pixels wide.
///
/// # Errors
/// [`Error::Width`] for 0 and for more than 10,000.
pub fn png(figure: &Figure, width: u32, theme: Theme) -> Result<Png, Error> {
    if width == 0 || width > 10_000 {
        return Err(Error::Width { width });
    }
    // The renderer knows no reader whose system could choose.
    let theme = if theme == Theme::Reader { Theme::Light } else { theme };
    let svg = figure.svg(theme);
    let mut tree = parse(&svg, Fonts::Ours)?;
    if !without_glyph(figure, &tree).is_empty() {
        tree = parse(&svg, Fonts::OursAndTheSystems)?;
    }
    let scale = width as f32 / tree.size().width();
    let height = (tree.size().height() * scale).ceil() as u32;
    let mut pixels = Pixmap::new(width, height.max(1)).ok_or(Error::Width { width })?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let bytes = pixels.encode_png().map_err(|error| Error::Figure { reason: error.to_string() })?;
    Ok(Png { bytes, without_glyph: without_glyph(figure, &tree) })
}

#[derive(Clone, Copy)]
enum Fonts {
    Ours,
    OursAndTheSystems,
}

fn parse(svg: &str, which: Fonts) -> Result<usvg::Tree, Error> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    if let Fonts::OursAndTheSystems = which {
        fonts.load_system_fonts();
    }
    // After the system's fonts, which bring names of their own for these.
    fonts.set_sans_serif_family("DejaVu Sans");
    fonts.set_serif_family("DejaVu Sans");
    let font_resolver = usvg::FontResolver {
        select_font: usvg::FontResolver::default_font_selector(),
        select_fallback: Box::new(fallback),
    };
    let options = usvg::Options {
        fontdb: Arc::new(fonts),
        font_family: "DejaVu Sans".into(),
        font_resolver,
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options).map_err(|error| Error::Figure { reason: error.to_string() })
}

/// The font for a character that the first font lacks. For Chinese characters first one with the shapes used in Taiwan,
/// as the lessons are written; a font that lacks the character is passed over.
fn fallback(character: char, used: &[fontdb::ID], fonts: &mut Arc<fontdb::Database>) -> Option<fontdb::ID> {
    const TAIWAN: [&str; 5] =
        ["Noto Sans CJK TC", "Noto Sans TC", "Source Han Sans TC", "PingFang TC", "Microsoft JhengHei"];
    if character >= '\u{2e80}' {
        for name in TAIWAN {
            let query = fontdb::Query { families: &[fontdb::Family::Name(name)], ..fontdb::Query::default() };
            if let Some(font) = fonts.query(&query).filter(|font| !used.contains(font)) {
                return Some(font);
            }
        }
    }
    usvg::FontResolver::default_fallback_selector()(character, used, fonts)
}

/// The figure's characters that became an empty box or nothing, in order. Text without any shape is not in the tree at all.
fn without_glyph(figure: &Figure, tree: &usvg::Tree) -> BTreeSet<char> {
    let mut shown = BTreeSet::new();
    characters_shown(tree.root(), &mut shown);
    figure.characters().difference(&shown).copied().collect()
}

fn characters_shown(group: &usvg::Group, shown: &mut BTreeSet<char>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => characters_shown(group, shown),
            usvg::Node::Text(text) => {
                let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
                shown.extend(glyphs.filter(|glyph| glyph.id.0 != 0).flat_map(|glyph| glyph.text.chars()));
            }
            usvg::Node::Path(_) | usvg::Node::Image(_) => {}
        }
    }
}

/// The characters of a figure that our own font lacks.
#[cfg(test)]
pub(crate) fn not_in_our_font(figure: &Figure) -> BTreeSet<char> {
    without_glyph(figure, &parse(&figure.svg(Theme::Light), Fonts::Ours).expect("our own SVG"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::{Bar, bars};

    fn figure(name: &str) -> Figure {
        bars("t", &[Bar { name: name.into(), value: 0.7, label: "70 %".into(), interval: None }], 1.0)
    }

    #[test]
    fn size_and_contents() {
        let figure = figure("ünïts → α");
        let png = png(&figure, 360, Theme::Light).unwrap();
        let picture = Pixmap::decode_png(&png.bytes).unwrap();
        let (width, height) = figure.size();
        assert_eq!((picture.width(), picture.height()), (360, (height * 360.0 / width).ceil() as u32));
        let pixels = picture.pixels();
        assert!(pixels.iter().any(|pixel| (pixel.red(), pixel.blue()) == (0, 0xb2)), "no blue bar");
        assert!(pixels.iter().any(|pixel| pixel.red() < 80 && pixel.blue() < 80), "no text");
        assert_eq!(png.without_glyph, BTreeSet::new());
        assert!(matches!(super::png(&figure, 0, Theme::Light), Err(Error::Width { width: 0 })));
    }

    #[test]
    fn characters_that_a_font_lacks_are_named() {
        for name in ["a 中文 α", "中文"] {
            let figure = figure(name);
            let tree = parse(&figure.svg(Theme::Dark), Fonts::Ours).unwrap();
            assert_eq!(without_glyph(&figure, &tree).into_iter().collect::<String>(), "中文");
        }
    }

    #[test]
    fn the_systems_fonts_do_not_hide_ours() {
        let figure = figure("ünïts → α");
        let tree = parse(&figure.svg(Theme::Light), Fonts::OursAndTheSystems).unwrap();
        assert_eq!(without_glyph(&figure, &tree), BTreeSet::new());
    }
}
