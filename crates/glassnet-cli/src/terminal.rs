//! Text for people: aligned tables, small curves, and Markdown as lines.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use textwrap::core::Word;
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, fill, termwidth};

/// A table with its columns aligned: the first to the left, the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n_columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[column] - display_width(cell));
            line += &if column == 0 { format!("  {cell}{padding}") } else { format!("   {padding}{cell}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// The course of a loss in one line of text, on a logarithmic scale when all values are above 0.
pub(crate) fn curve(values: &[f64], (low, high): (f64, f64), width: usize) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let scale = |value: f64| if low > 0.0 { value.ln() } else { value };
    let (bottom, range) = (scale(low), scale(high) - scale(low));
    let width = width.min(values.len());
    let level = |i: usize| {
        let share =
            if range > 0.0 { (scale(values[i * values.len() / width]) - bottom) / range } else { 0.0 };
        LEVELS[((share * 8.0) as usize).min(7)]
    };
    (0..width).map(level).collect()
}

/// A heading over a line as long as it.
pub(crate) fn underlined(heading: &str, line: char) -> String {
    format!("{heading}\n{}\n\n", line.to_string().repeat(display_width(heading)))
}

/// Markdown as plain lines: paragraphs wrapped at the terminal's width, code indented, quotes behind a bar.
pub(crate) fn plain(markdown: &str) -> String {
    plain_within(markdown, termwidth().clamp(40, 88))
}

fn plain_within(markdown: &str, width: usize) -> String {
    let (mut text, mut part) = (String::new(), String::new());
    let (mut indent, mut item) = ("", "");
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::BlockQuote(_)) => indent = "│ ",
            Event::End(TagEnd::BlockQuote(_)) => indent = "",
            Event::Start(Tag::Item) => item = "- ",
            Event::Text(words) => part += &words,
            Event::Code(code) => part += &format!("`{code}`"),
            Event::SoftBreak => part.push(' '),
            Event::HardBreak => part.push('\n'),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_)) if !part.is_empty() => {
                let first = format!("{indent}{item}");
                let rest = format!("{indent}{}", " ".repeat(item.len()));
                let options = Options::new(width).initial_indent(&first).subsequent_indent(&rest);
                text += &fill(&part, options.break_words(false).word_separator(WordSeparator::Custom(words)));
                text += if item.is_empty() { "\n\n" } else { "\n" };
                (part, item) = (String::new(), "");
            }
            Event::End(TagEnd::CodeBlock) => {
                for line in part.lines() {
                    text += &format!("{indent}    {line}\n");
                }
                text.push('\n');
                part.clear();
            }
            _ => {}
        }
    }
    text
}

/// Where lines may break: after spaces, and between wide characters except before closing and after opening marks.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    const CLOSING: &str = "，。、；：？！」』）》…";
    const OPENING: &str = "「『（《";
    let is_wide = |character: char| display_width(character.encode_utf8(&mut [0; 4])) == 2;
    let may_break = move |before: char, after: char| {
        if before == ' ' || after == ' ' {
            return before == ' ' && after != ' ';
        }
        (is_wide(before) || is_wide(after)) && !CLOSING.contains(after) && !OPENING.contains(before)
    };
    let mut start = 0;
    let breaks = line.char_indices().zip(line.chars().skip(1));
    let mut ends: Vec<usize> = breaks
        .filter(|&((_, before), after)| may_break(before, after))
        .map(|((i, before), _)| i + before.len_utf8())
        .collect();
    ends.push(line.len());
    Box::new(ends.into_iter().map(move |end| {
        let word = Word::from(&line[start..end]);
        start = end;
        word
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_that_falls() {
        assert_eq!(curve(&[8.0, 4.0, 2.0, 1.0], (1.0, 8.0), 60), "█▆▃▁");
        assert_eq!(curve(&[1.0, 1.0], (1.0, 1.0), 60), "▁▁");
    }

    #[test]
    fn columns_of_wide_characters_are_aligned() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            aligned(&[row(["權重 1", "a"]), row(["w", "損失"])]),
            "  權重 1      a\n  w        損失\n"
        );
    }

    #[test]
    fn markdown_as_lines() {
        let markdown =
            "One *two* `three`\nfour.\n\n    a = b\n\n> **Quoted** words that are long.\n\n- item\n- next\n";
        let lines =
            "One two `three` four.\n\n    a = b\n\n│ Quoted words that\n│ are long.\n\n- item\n- next\n";
        assert_eq!(plain_within(markdown, 21), lines);
        // Two columns a character, and no line begins with a comma.
        assert_eq!(plain_within("四列資料，三個權重。", 8), "四列資\n料，三個\n權重。\n\n");
    }
}
