//! Scalars and trees as YAML text that every reader takes for the same: tegata's own, go-yaml (kubectl, Helm)
//! and Psych (GitLab).
//!
//! A text goes without quotes only if no reader of any YAML version could see another type in it; all other
//! texts stand in double quotes, everything outside printable ASCII escaped.

use std::borrow::Cow;
use std::fmt::{Result, Write};

use super::part::Part;
use super::plain::is_plain;

/// The most characters, as they are written, that a key on one line has in YAML.
pub const MAX_KEY: usize = 1024;

/// A text as a YAML scalar on one line.
pub fn text(text: &str) -> Cow<'_, str> {
    if is_plain(text) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

/// A text in double quotes, with the escapes that YAML 1.1, YAML 1.2 and JSON have in common where possible.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    // A `String` takes every write.
    let _ = write_quoted(text, &mut out);
    out
}

/// A value on one line: `[get, list]`, `{a: b}`.
pub fn flow(part: Part<'_>) -> String {
    let mut out = String::new();
    let _ = write_flow(part, &mut out);
    out
}

/// A mapping on lines of its own, from column `indent` on; texts of several lines as literal blocks.
pub fn block(part: Part<'_>, indent: usize) -> String {
    let mut out = String::with_capacity(length(part, indent));
    let _ = write_block(part, indent, &mut out);
    out
}

/// About as long as a block will be, so that its text is not moved while it grows.
fn length(part: Part<'_>, indent: usize) -> usize {
    let line = indent + ": \"\"\n".len();
    match part {
        Part::Map(entries) => {
            entries.iter().map(|(key, value)| line + key.len() + length(value, indent + 2)).sum()
        }
        Part::List(items) => items.iter().map(|item| line + length(item, indent + 2)).sum(),
        Part::Text(text) | Part::Number(text) => text.len(),
        Part::Absent | Part::Null | Part::Boolean(_) => "false".len(),
    }
}

/// Writes what [`text`] gives.
pub fn write_text(text: &str, out: &mut impl Write) -> Result {
    if is_plain(text) { out.write_str(text) } else { write_quoted(text, out) }
}

fn write_quoted(text: &str, out: &mut impl Write) -> Result {
    out.write_char('"')?;
    let mut rest = text;
    while let Some((at, character)) = rest
        .char_indices()
        .find(|(_, character)| !matches!(character, ' '..='~') || matches!(character, '"' | '\\'))
    {
        let (before, behind) = rest.split_at_checked(at).unwrap_or_default();
        out.write_str(before)?;
        write_escaped(character, out)?;
        rest = behind.get(character.len_utf8()..).unwrap_or_default();
    }
    out.write_str(rest)?;
    out.write_char('"')
}

fn write_escaped(character: char, out: &mut impl Write) -> Result {
    match (character, u32::from(character)) {
        ('"', _) => out.write_str("\\\""),
        ('\\', _) => out.write_str("\\\\"),
        ('\n', _) => out.write_str("\\n"),
        ('\r', _) => out.write_str("\\r"),
        ('\t', _) => out.write_str("\\t"),
        (_, code @ ..=0xffff) => write!(out, "\\u{code:04x}"),
        (_, code) => write!(out, "\\U{code:08x}"),
    }
}

/// Writes what [`flow`] gives.
pub fn write_flow(part: Part<'_>, out: &mut impl Write) -> Result {
    match part {
        Part::List(items) => {
            out.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                write_flow(item, out)?;
            }
            out.write_char(']')
        }
        Part::Map(entries) => {
            out.write_char('{')?;
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                write_text(key, out)?;
                out.write_str(": ")?;
                write_flow(value, out)?;
            }
            out.write_char('}')
        }
        Part::Text(value) => write_text(value, out),
        Part::Absent | Part::Null => out.write_str("null"),
        Part::Boolean(value) => out.write_str(if value { "true" } else { "false" }),
        Part::Number(value) => out.write_str(value),
    }
}

fn write_block(part: Part<'_>, indent: usize, out: &mut impl Write) -> Result {
    match part {
        Part::Map(entries) if entries.count() > 0 => {
            for (key, value) in entries.iter() {
                write_blanks(indent, out)?;
                write_text(key, out)?;
                out.write_char(':')?;
                write_nested(value, indent, out)?;
            }
            Ok(())
        }
        Part::List(items) if items.count() > 0 => {
            for item in items.iter() {
                write_blanks(indent, out)?;
                out.write_char('-')?;
                write_nested(item, indent, out)?;
            }
            Ok(())
        }
        leaf => {
            write_blanks(indent, out)?;
            write_flow(leaf, out)?;
            out.write_char('\n')
        }
    }
}

fn write_blanks(count: usize, out: &mut impl Write) -> Result {
    const BLANKS: &str = "                ";
    for _ in 0..count / BLANKS.len() {
        out.write_str(BLANKS)?;
    }
    out.write_str(BLANKS.get(..count % BLANKS.len()).unwrap_or_default())
}

/// What follows a `key:` or a `-`.
fn write_nested(value: Part<'_>, indent: usize, out: &mut impl Write) -> Result {
    let is_nested = match value {
        Part::Map(entries) => entries.count() > 0,
        Part::List(items) => items.count() > 0,
        _ => false,
    };
    match value {
        _ if is_nested => {
            out.write_char('\n')?;
            write_block(value, indent + 2, out)
        }
        Part::Text(text) if is_literal(text) => {
            out.write_str(" |\n")?;
            for line in text.lines() {
                if !line.is_empty() {
                    write_blanks(indent + 2, out)?;
                    out.write_str(line)?;
                }
                out.write_char('\n')?;
            }
            Ok(())
        }
        leaf => {
            out.write_char(' ')?;
            write_flow(leaf, out)?;
            out.write_char('\n')
        }
    }
}

/// Whether a text can stand as a literal block (`|`) and come back the same: printable ASCII, lines that
/// begin with no space and end with none, and exactly one line break at its end.
fn is_literal(text: &str) -> bool {
    text.len() > 1
        && text.ends_with('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n'])
        && text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'))
        && text.lines().all(|line| !line.ends_with(' '))
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;
    use crate::verify::{Expected, Reading, verify};

    #[test]
    fn only_harmless_texts_go_without_quotes() {
        for plain in ["kp-account", "a", "rbac.authorization.k8s.io/v1", "true-ish", "e1"] {
            assert_eq!(text(plain), plain);
        }
        for (input, expected) in [
            ("on", "\"on\""),
            ("1e3", "\"1e3\""),
            ("", "\"\""),
            ("null", "\"null\""),
            ("a:b", "\"a:b\""),
            ("- a", "\"- a\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("\u{85}\u{2028}", "\"\\u0085\\u2028\""),
            ("😀", "\"\\U0001f600\""),
            ("*", "\"*\""),
            ("y", "\"y\""),
        ] {
            assert_eq!(text(input), expected);
        }
    }

    #[test]
    fn blocks() {
        let tree = Tree::Map(vec![
            ("a".into(), Tree::Map(vec![("config".into(), Tree::Text("[x]\n  y = 1\n".into()))])),
            (
                "list".into(),
                Tree::List(vec![Tree::Text("on".into()), Tree::Map(vec![("k".into(), Tree::Null)])]),
            ),
            ("empty".into(), Tree::Map(vec![])),
        ]);
        assert_eq!(
            block(Part::from(&tree), 0),
            "a:\n  config: |\n    [x]\n      y = 1\nlist:\n  - \"on\"\n  -\n    k: null\nempty: {}\n"
        );
    }

    #[test]
    fn the_longest_key_is_one_to_who_reads_it_back() {
        let is_read = |key: String| {
            let tree = Tree::Map(vec![(key.into(), Tree::Text("a".into()))]);
            let text = block(Part::from(&tree), 0);
            verify(&text, &Expected::Values(tree), Reading::Full).is_ok()
        };
        assert!(is_read("k".repeat(MAX_KEY)));
        assert!(!is_read("k".repeat(MAX_KEY + 1)));
        assert!(is_read("😀".repeat(102)));
        assert!(!is_read("😀".repeat(103)));
    }
}
