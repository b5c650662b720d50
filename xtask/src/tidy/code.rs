//! Rust code without its comments and strings, so that a rule does not trip over words about code.

/// The same text, line by line, with every comment, string and character literal blanked out.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blank = comment_or_literal(rest, code.chars().last());
        let length = if blank > 0 { blank } else { first.len_utf8() };
        let (piece, after) = rest.split_at(length);
        if blank > 0 {
            code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            code.push(first);
        }
        rest = after;
    }
    code
}

/// The code without the items under `#[cfg(test)]`, wherever they stand; the lines keep their numbers.
pub(crate) fn code_without_tests(text: &str) -> String {
    let mut code = code(text);
    while let Some(start) = code.find("#[cfg(test)]") {
        let end = start + item_length(&code[start..]);
        let newlines = "\n".repeat(code[start..end].matches('\n').count());
        code.replace_range(start..end, &newlines);
    }
    code
}

/// The length of the item at the start of blanked code: up to its `;`, or to the brace that closes its first one.
fn item_length(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (c == '}' || c == ';') {
            return at + 1;
        }
    }
    code.len()
}

/// The words of a line of code, as in `std::fs` → `std`, `fs`.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length in bytes of the comment or literal that `rest` begins with, or 0.
fn comment_or_literal(rest: &str, before: Option<char>) -> usize {
    let through =
        |start: usize, end: &str| rest[start..].find(end).map_or(rest.len(), |at| start + at + end.len());
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with('r') && !before.is_some_and(|c| is_word(c) && c != 'b') {
        let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
        if rest[1 + hashes..].starts_with('"') {
            return through(2 + hashes, &format!("\"{}", "#".repeat(hashes)));
        }
    }
    let is_character =
        rest.starts_with('\'') && (rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\''));
    if rest.starts_with('"') || is_character { literal(rest) } else { 0 }
}

/// The length of a block comment, in which others may stand.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        (depth, at) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth - 1, at + 2),
            _ => (depth, at + 1),
        };
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a literal that ends at the quote it begins with, unless a backslash stands before that.
fn literal(rest: &str) -> usize {
    let quote = rest.chars().next();
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if !escaped && Some(c) == quote {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank() {
        let text = "a // \"b\nc /* d\n */ e \"f \\\" // g\" h r#\"i \" j\"# k '\"' l '\\'' m b'n' o";
        let squeezed = code(text).split_whitespace().collect::<String>();
        assert_eq!(squeezed, "acehklmbo");
        assert_eq!(code(text).lines().count(), text.lines().count());
    }

    #[test]
    fn lifetimes_and_names_are_code() {
        let text = "fn for<'a>(r: &'a str, bar: &'static [u8]) -> char";
        assert_eq!(code(text), text);
    }

    #[test]
    fn tests_are_left_out_wherever_they_stand() {
        let text = "a\n#[cfg(test)]\nuse b::c;\nd\n#[cfg(test)]\nmod tests {\n    fn e() { '}' }\n}\nf\n";
        let lines = code_without_tests(text).lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines, ["a", "", "", "d", "", "", "", "", "f"]);
    }

    #[test]
    fn comments_stand_in_comments() {
        assert_eq!(code("a/* b /* c */ d */e").split_whitespace().collect::<String>(), "ae");
    }
}
