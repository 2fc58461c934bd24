//! Mistakes that the parser notices lines after they were made. A key without its `:` reads on as a text until the
//! `:` of the next key, and a text whose quote nobody closed ends where the next one opens.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::OUT_OF_LINE;

/// What was written wrong, by its place in the text.
pub struct Fault {
    /// The bytes.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: &'static str,
}

/// The mistake in a line above the one where the parser gave up, where there is one.
pub fn fault(kind: &ErrorKind, text: &str, offset: usize) -> Option<Fault> {
    use ErrorKind as Kind;
    match kind {
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => {
            unclosed_quote(text, offset)
        }
        Kind::MappingValueNotAllowed
        | Kind::ExpectedBlockMappingKey
        | Kind::ExpectedBlockSequenceEntry
        | Kind::BlockSequenceEntryNotAllowed
        | Kind::SimpleKeyExpected
        | Kind::InvalidSimpleKey => {
            let lines = lines_up_to(text, offset);
            left_of_its_key(&lines).or_else(|| line_above(text, offset, &lines))
        }
        Kind::CommentInterceptedScalar => line_of_the_comment(text, offset),
        _ => None,
    }
}

/// A line that says something: without its indentation, its comment and the blanks at its end.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    column: usize,
    words: &'a str,
}

impl<'a> Line<'a> {
    fn new(start: usize, line: &'a str) -> Option<Line<'a>> {
        let words = line.trim_start_matches(' ');
        let column = line.len() - words.len();
        let words = words.split_once(" #").map_or(words, |(words, _)| words).trim_end();
        let says_something = !words.is_empty() && !words.starts_with('#');
        says_something.then_some(Line { start: start + column, column, words })
    }

    /// What stands after the `- ` of an entry.
    fn inner(self) -> Line<'a> {
        let Some(rest) = self.words.strip_prefix("- ") else { return self };
        let words = rest.trim_start();
        let skipped = self.words.len() - words.len();
        Line { start: self.start + skipped, column: self.column + skipped, words }.inner()
    }

    /// What keeps it from being a key and its value.
    fn key_fault(self) -> Option<Fault> {
        let said = self.inner();
        let fault = key_fault(said.words)?;
        Some(Fault { range: said.start + fault.range.start..said.start + fault.range.end, ..fault })
    }

    fn fault(self, message: impl Into<String>, help: &'static str) -> Fault {
        Fault { range: self.start..self.start + self.words.len(), message: message.into(), help }
    }
}

/// Whether a line has a key and the `:` that ends it.
fn has_key(words: &str) -> bool {
    words.contains(": ") || words.ends_with(':')
}

/// The lines that say something, up to the end of the one of `offset`, the last one first.
fn lines_up_to(text: &str, offset: usize) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        if start > offset {
            break;
        }
        lines.extend(Line::new(start, line));
        start += line.len();
    }
    lines.reverse();
    lines
}

/// A list's entry that stands left of the key that it belongs to, and so belongs to another list, or to none.
fn left_of_its_key(lines: &[Line<'_>]) -> Option<Fault> {
    let is_entry = |line: &Line<'_>| line.words.starts_with("- ") && !has_key(line.words);
    let (here, above) = lines.split_first()?;
    let lines = if is_entry(here) { lines } else { above };
    let count = lines.iter().take_while(|line| is_entry(line)).count();
    let key = lines.get(count)?.inner();
    if !key.words.ends_with(':') {
        return None;
    }
    let entry = lines.iter().take(count).rev().find(|entry| entry.column < key.column)?;
    let message = "this entry stands left of the key that it belongs to".to_owned();
    Some(entry.fault(message, "begin all entries of the list in one column, under the key's first letter"))
}

/// The value of the line above, where the list begins that belongs to its key.
fn value_above_a_list(here: Line<'_>, above: Line<'_>) -> Option<Fault> {
    let (_, rest) = above.words.split_once(": ")?;
    let value = rest.trim_start();
    // In one column they may also be neighbours: an entry that was to begin further to the left.
    let below = here.column > above.column
        || here.column == above.column && (above.column == 0 || matches!(value, "[]" | "{}"));
    let is_list = here.words.starts_with("- ") && !above.words.starts_with('-');
    let start = above.start + above.words.len() - value.len();
    (is_list && below).then(|| Fault {
        range: start..start + value.len(),
        message: "the key has this value, and a list below it".to_owned(),
        help: "remove the value, or write the list's own key above its first entry",
    })
}

fn line_above(text: &str, offset: usize, lines: &[Line<'_>]) -> Option<Fault> {
    let (here, above) = lines.split_first()?;
    // A `: ` before the one where the parser stopped is what's wrong, and it stands in this line.
    let before = text.get(here.start..offset).unwrap_or_default();
    if before.contains(": ") {
        return None;
    }
    let nearest = above.first()?;
    if let Some(fault) = dash_without_blank(*here).or_else(|| dash_without_blank(*nearest)) {
        return Some(fault);
    }
    if has_key(nearest.words) {
        return left_of_its_neighbours(*here, above).or_else(|| value_above_a_list(*here, *nearest));
    }
    // The text may have begun more than a line above; it can't begin before its entry, or before another key.
    let mut first = *nearest;
    for line in above.iter().skip(1) {
        if first.words.starts_with('-') || has_key(line.words) {
            break;
        }
        first = *line;
    }
    first.key_fault()
}

/// A text that would go on below, but for the comment at the end of its first line.
fn line_of_the_comment(text: &str, offset: usize) -> Option<Fault> {
    lines_up_to(text, offset).first()?.key_fault()
}

/// `-name: build`, where `-name` is the key.
fn dash_without_blank(line: Line<'_>) -> Option<Fault> {
    let name = line.words.strip_prefix('-')?;
    (name.starts_with(char::is_alphanumeric) && has_key(name)).then(|| {
        line.fault("a blank is missing after the `-`", "write `- key: value`, with a blank after the `-`")
    })
}

/// A key that begins too far to the left: the line after it is in line with what stands above.
fn left_of_its_neighbours(here: Line<'_>, above: &[Line<'_>]) -> Option<Fault> {
    let (nearest, before) = above.split_first()?;
    // An entry is in line with other entries, a key with those inside of one, too.
    let is_entry = here.words.starts_with("- ");
    let neighbour = before
        .iter()
        .map(|line| if is_entry { *line } else { line.inner() })
        .find(|line| line.column <= here.column)?;
    (nearest.column < here.column && neighbour.column == here.column)
        .then(|| nearest.fault(OUT_OF_LINE.0, OUT_OF_LINE.1))
}

/// What keeps some words from being a key and its value; the range counts from the first of them.
pub fn key_fault(words: &str) -> Option<Fault> {
    let help = "write `key: value`";
    if words.starts_with(['-', '[', '{', '"', '\'', '|', '>', '&', '*', '!', '?']) || has_key(words) {
        return None;
    }
    let Some(colon) = words.find(':') else {
        return Some(Fault {
            range: 0..words.len(),
            message: "the `:` after this key is missing".to_owned(),
            help,
        });
    };
    let after = words.get(colon + 1..).and_then(|rest| rest.chars().next())?;
    if is_odd_blank(after) {
        return Some(Fault {
            range: colon + 1..colon + 1 + after.len_utf8(),
            message: format!(
                "the character U+{:04X} stands after the `:`: it looks like a blank, and is none",
                u32::from(after)
            ),
            help: "replace it by an ordinary blank",
        });
    }
    Some(Fault { range: 0..words.len(), message: "a blank is missing after the `:`".to_owned(), help })
}

/// Whether a character looks like a blank, or like nothing, and is text to YAML.
pub fn is_odd_blank(character: char) -> bool {
    !character.is_ascii()
        && (character.is_whitespace()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'))
}

/// The quote that nobody closed, where the text in quotes that ended last took in whole lines of keys or entries, or
/// ended where a line begins.
fn unclosed_quote(text: &str, offset: usize) -> Option<Fault> {
    let quoted = last_quoted(text.get(..offset)?)?;
    let mut swallowed = text.get(quoted.clone())?.lines().skip(1).map(str::trim);
    let foreign = |line: &str| has_key(line) || line.starts_with("- ") || matches!(line, "\"" | "'");
    swallowed.any(foreign).then(|| Fault {
        range: quoted.start..quoted.start + 1,
        message: "the quote that opens here is not closed in its line".to_owned(),
        help: "close it with the same kind of quote",
    })
}

/// The last text in quotes that ends before the end, with its quotes. Comments are passed over.
fn last_quoted(text: &str) -> Option<Range<usize>> {
    let mut last = None;
    let mut open = None;
    let mut comment = false;
    let mut escaped = false;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match (open, character) {
            (None, '\n') => comment = false,
            (None, _) if comment => {}
            (None, '#') if before.is_whitespace() => comment = true,
            (None, '"' | '\'') if before.is_whitespace() || "[{,".contains(before) => {
                open = Some((at, character));
            }
            (Some((_, '"')), '\\') => escaped = !escaped,
            (Some((start, quote)), _) if quote == character && !escaped => {
                last = Some(start..at + 1);
                open = None;
            }
            _ => escaped = false,
        }
        before = character;
    }
    last
}
