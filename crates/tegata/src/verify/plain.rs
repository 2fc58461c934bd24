//! A reader of the small part of YAML that the built-in templates write, and of nothing else.
//!
//! libyaml takes a third of a large render to read everything back. This reader takes a text only if it is made
//! of what all YAML readers agree on, and declines everything else, which libyaml's port then reads: printable
//! ASCII; comments on lines of their own; block mappings and sequences; lists of scalars in brackets; texts in
//! double quotes, and texts without quotes that can be nothing else ([`emit::is_plain`]); `true`, `false` and
//! small whole numbers. It never guesses: to decline is always right.

use std::borrow::Cow;

use crate::yaml::emit;
use crate::yaml::tree::Tree;

/// Deeper than anything that is rendered.
const MAX_DEPTH: usize = 16;
/// YAML ends a key on one line at 1,024 characters.
const MAX_KEY: usize = 1000;
/// Digits that every reader's numbers hold.
const MAX_DIGITS: usize = 15;

/// The documents of a text that say something, or `None` where the text has anything out of the ordinary.
pub fn read(text: &str) -> Option<Vec<Tree<'_>>> {
    let lines = lines(text)?;
    let documents = lines.split(|line| line.content == "---").filter(|document| !document.is_empty());
    documents.map(document).collect()
}

#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    indent: usize,
    /// What follows the indentation: never empty, and without a blank at its end.
    content: &'a str,
}

/// The lines that are neither blank nor comments.
fn lines(text: &str) -> Option<Vec<Line<'_>>> {
    if !is_printable(text) {
        return None;
    }
    let mut lines = Vec::with_capacity(text.len() / 24);
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    let mut start = 0;
    for end in ends {
        let line = text.get(start..end)?;
        start = end + 1;
        let indent = line.bytes().take_while(|byte| *byte == b' ').count();
        let content = line.get(indent..)?;
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let marks = ["---", "..."].iter().any(|mark| content.starts_with(mark));
        if content.ends_with(' ') || (marks && (content != "---" || indent != 0)) {
            return None;
        }
        lines.push(Line { indent, content });
    }
    Some(lines)
}

/// Printable ASCII and line ends. In pieces, each looked at as a whole: so the compiler takes many bytes at a time.
fn is_printable(text: &str) -> bool {
    let all = |piece: &[u8]| piece.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\n'));
    text.as_bytes().chunks(256).all(all)
}

/// Where a byte stands first. The texts are short: a search that prepares itself takes longer.
fn find(text: &str, what: impl Fn(u8) -> bool) -> Option<usize> {
    text.bytes().position(what)
}

fn document<'a>(lines: &[Line<'a>]) -> Option<Tree<'a>> {
    let mut cursor = Cursor { lines, at: 0, begun: None };
    let tree = block(&mut cursor, 0, 0)?;
    (cursor.peek().is_none() && matches!(tree, Tree::Map(_))).then_some(tree)
}

struct Cursor<'a, 'l> {
    lines: &'l [Line<'a>],
    at: usize,
    /// The rest of a line whose beginning has been read: what follows a `- `.
    begun: Option<Line<'a>>,
}

impl<'a> Cursor<'a, '_> {
    fn peek(&self) -> Option<Line<'a>> {
        self.begun.or_else(|| self.lines.get(self.at).copied())
    }

    fn advance(&mut self) {
        if self.begun.take().is_none() {
            self.at += 1;
        }
    }

    /// Goes on with the rest of a line, as if it began a line of that indentation.
    fn begin(&mut self, rest: Line<'a>) {
        self.advance();
        self.begun = Some(rest);
    }
}

/// The mapping or sequence whose lines begin in column `indent`.
fn block<'a>(cursor: &mut Cursor<'a, '_>, indent: usize, depth: usize) -> Option<Tree<'a>> {
    let first = cursor.peek()?;
    if first.indent != indent || depth > MAX_DEPTH {
        return None;
    }
    if is_entry(first) { sequence(cursor, indent, depth) } else { mapping(cursor, indent, depth) }
}

fn is_entry(line: Line<'_>) -> bool {
    line.content == "-" || line.content.starts_with("- ")
}

fn sequence<'a>(cursor: &mut Cursor<'a, '_>, indent: usize, depth: usize) -> Option<Tree<'a>> {
    let mut items = Vec::new();
    while let Some(line) = cursor.peek().filter(|line| line.indent >= indent) {
        if line.indent > indent {
            return None;
        }
        if !is_entry(line) {
            break;
        }
        let rest = line.content.get(1..)?.trim_start_matches(' ');
        if rest.is_empty() {
            cursor.advance();
            items.push(nested(cursor, indent, depth)?);
        } else if let Some(value) = inline(rest) {
            cursor.advance();
            items.push(value);
        } else {
            let inner = indent + line.content.len() - rest.len();
            cursor.begin(Line { indent: inner, content: rest });
            items.push(block(cursor, inner, depth + 1)?);
        }
    }
    Some(Tree::List(items))
}

fn mapping<'a>(cursor: &mut Cursor<'a, '_>, indent: usize, depth: usize) -> Option<Tree<'a>> {
    let mut entries: Vec<(Cow<'a, str>, Tree<'a>)> = Vec::new();
    while let Some(line) = cursor.peek().filter(|line| line.indent >= indent) {
        if line.indent > indent || is_entry(line) {
            return None;
        }
        let (key, rest) = key(line.content)?;
        // A key that stands twice is for the full reader to report.
        if entries.iter().any(|(name, _)| *name == key) {
            return None;
        }
        cursor.advance();
        let value = match rest {
            "" => match cursor.peek() {
                // The entries of a list may begin below the first letter of its key.
                Some(next) if next.indent == indent && is_entry(next) => sequence(cursor, indent, depth + 1)?,
                _ => nested(cursor, indent, depth)?,
            },
            value => inline(value.strip_prefix(' ')?)?,
        };
        entries.push((key, value));
    }
    Some(Tree::Map(entries))
}

/// What stands deeper than column `indent`.
fn nested<'a>(cursor: &mut Cursor<'a, '_>, indent: usize, depth: usize) -> Option<Tree<'a>> {
    let next = cursor.peek().filter(|next| next.indent > indent)?;
    block(cursor, next.indent, depth + 1)
}

/// The key at the beginning of a line, and what follows its colon.
fn key(content: &str) -> Option<(Cow<'_, str>, &str)> {
    let (key, rest) = if content.starts_with('"') {
        quoted(content)?
    } else {
        let end = find(content, |byte| byte == b':')?;
        (Cow::Borrowed(content.get(..end)?), content.get(end..)?)
    };
    let plain = content.starts_with('"') || emit::is_plain(&key);
    // As it is written, not as it is read: an escape takes many characters.
    let written = content.len() - rest.len();
    (plain && written <= MAX_KEY).then_some((key, rest.strip_prefix(':')?))
}

/// A value on one line, all of it.
fn inline(text: &str) -> Option<Tree<'_>> {
    match text {
        "{}" => return Some(Tree::Map(Vec::new())),
        "[]" => return Some(Tree::List(Vec::new())),
        _ => {}
    }
    if let Some(mut rest) = text.strip_prefix('[') {
        let mut items = Vec::new();
        loop {
            let (item, after) = scalar(rest)?;
            items.push(item);
            match after.strip_prefix(", ") {
                Some(more) => rest = more,
                None => return (after == "]").then_some(Tree::List(items)),
            }
        }
    }
    let (value, after) = scalar(text)?;
    after.is_empty().then_some(value)
}

/// A scalar at the beginning of a text, and what follows it.
fn scalar(text: &str) -> Option<(Tree<'_>, &str)> {
    if text.starts_with('"') {
        let (value, rest) = quoted(text)?;
        return Some((Tree::Text(value), rest));
    }
    let end = find(text, |byte| matches!(byte, b',' | b']')).unwrap_or(text.len());
    let (word, rest) = (text.get(..end)?, text.get(end..)?);
    let value = match word {
        "true" => Tree::Boolean(true),
        "false" => Tree::Boolean(false),
        _ if emit::is_plain(word) => Tree::text(word),
        _ if is_small_number(word) => Tree::Number(word.into()),
        _ => return None,
    };
    Some((value, rest))
}

fn is_small_number(word: &str) -> bool {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits && !word.is_empty() && word.len() <= MAX_DIGITS && (word == "0" || !word.starts_with('0'))
}

/// The text in double quotes at the beginning of another, and what follows it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let end = find(inside, |byte| matches!(byte, b'"' | b'\\'))?;
    let before = inside.get(..end)?;
    if inside.get(end..)?.starts_with('"') {
        return Some((Cow::Borrowed(before), inside.get(end + 1..)?));
    }
    let mut out = before.to_owned();
    let mut characters = inside.get(end..)?.chars();
    loop {
        match characters.next()? {
            '"' => return Some((Cow::Owned(out), characters.as_str())),
            '\\' => {
                let character = match characters.next()? {
                    character @ ('"' | '\\') => character,
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => hexadecimal(&mut characters, 4)?,
                    'U' => hexadecimal(&mut characters, 8)?,
                    _ => return None,
                };
                out.push(character);
            }
            character => out.push(character),
        }
    }
}

fn hexadecimal(characters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let code = characters.as_str().get(..digits)?;
    if !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    characters.nth(digits - 1)?;
    char::from_u32(u32::from_str_radix(code, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is read is what libyaml's port reads.
    fn agrees(text: &str) -> bool {
        let Some(quick) = read(text) else { return false };
        let full = super::super::full(text);
        assert_eq!(full.as_ref().ok(), Some(&quick), "{text:?}");
        true
    }

    #[test]
    fn the_ordinary_is_read() {
        for text in [
            "# a comment\n---\na: b\n---\nc: d\n",
            "a:\n  b: [get, \"*\", 1]\n  c: {}\n  # between\n  d: []\nlist:\n- x\n- v: 1\n  w: true\n",
            "a:\n  - b\n  -\n    c: d\n  -   e: f\n      g: h\n",
            "\"k:1\": \"v\\n\\u00e9\\U0001f600\\\"\"\n",
            ".tegata-a:\n  variables: {}\n",
            "",
        ] {
            assert!(agrees(text), "declined: {text:?}");
        }
    }

    #[test]
    fn the_rest_is_declined() {
        for text in [
            "a: on\n",
            "a: 1e3\n",
            "a: 0777\n",
            "a: b c\n",
            "a: b # c\n",
            "a: 'b'\n",
            "a: |\n  b\n",
            "a: &x b\n",
            "a: *x\n",
            "a: !t b\n",
            "<<: {}\n",
            "a: b\na: c\n",
            "a: b\n  c\n",
            "a: \"b\n",
            "a: [b\n",
            "a: [b]]\n",
            "a: {b: c}\n",
            "? a\n",
            "%YAML 1.2\n---\na: b\n",
            "--- a\n",
            "...\n",
            "a: \u{e9}\n",
            "a:\tb\n",
            "a: b \n",
            "a:b\n",
            "a: \"\\x41\"\n",
            "a: \"\\ud800\"\n",
            "a:\n",
            "a: [b,c]\n",
            "- - - a: b\n   - c\n",
            "a: -1\n",
            "yes: b\n",
            " a: b\n",
        ] {
            assert!(read(text).is_none(), "{text:?} was read as {:?}", read(text));
        }
        // A key on one line has 1,024 characters at most, as it is written.
        assert!(agrees(&format!("\"{}\": b\n", "\\U00000064".repeat(90))));
        assert!(read(&format!("\"{}\": b\n", "\\U00000064".repeat(103))).is_none());
    }

    /// Texts that are nearly ordinary.
    fn nearly() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            "[a-c]{1,2}",
            Just("on".to_owned()),
            Just("1".to_owned()),
            Just("\"q: #\"".to_owned()),
            Just("true".to_owned()),
            Just("[a, b]".to_owned()),
            Just("{}".to_owned()),
            Just("---".to_owned()),
            Just("\"\\u0041".to_owned()),
            "[-a:#\\[\\],\" .'&*!|>%?]{1,4}",
        ];
        let line = (
            0usize..4,
            prop_oneof![Just(""), Just("- "), Just("- - "), Just("-"), Just("# ")],
            word.clone(),
            prop_oneof![Just(": "), Just(":"), Just("")],
            proptest::option::of(word),
        )
            .prop_map(|(indent, dash, key, colon, value)| {
                format!("{}{dash}{key}{colon}{}", "  ".repeat(indent), value.unwrap_or_default())
            });
        proptest::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_is_what_libyaml_reads(text in nearly()) {
            agrees(&text);
        }
    }
}
