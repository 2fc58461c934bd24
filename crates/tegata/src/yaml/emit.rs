//! Scalars and trees as YAML text that every reader takes for the same: tegata's own, go-yaml (kubectl, Helm)
//! and Psych (GitLab).
//!
//! A text goes without quotes only if no reader of any YAML version could see another type in it; all other
//! texts stand in double quotes, everything outside printable ASCII escaped.

use std::borrow::Cow;
use std::fmt::Write;

use super::tree::Tree;

/// The most characters, as they are written, that a key on one line has in YAML.
pub const MAX_KEY: usize = 1024;

/// A text as a YAML scalar on one line.
pub fn text(text: &str) -> Cow<'_, str> {
    if is_plain(text) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

/// Whether a text means itself without quotes: it begins with a letter (or with a dot and a letter, as a hidden
/// job does), has letters, digits and `_ . / -` only, and is no word that YAML 1.1 or 1.2 gives another type.
pub fn is_plain(text: &str) -> bool {
    let word = text.strip_prefix('.').unwrap_or(text);
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| PLAIN.get(usize::from(byte)) == Some(&true))
        && (word.len() > LONGEST_TYPED_WORD
            || !TYPED_WORDS.iter().any(|typed| typed.eq_ignore_ascii_case(word)))
}

/// Which bytes a text may have that goes without quotes. A table, since most of what is rendered is looked at for that.
#[expect(clippy::indexing_slicing, reason = "it is made when this is compiled")]
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut rest: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";
    while let [byte, behind @ ..] = rest {
        plain[*byte as usize] = true;
        rest = behind;
    }
    plain
};

/// What begins with a letter, and some reader takes for a boolean, for nothing or for a number. All other types
/// of YAML 1.1 and 1.2 begin with a digit or a sign, or with a dot and a digit.
const TYPED_WORDS: [&str; 12] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];
const LONGEST_TYPED_WORD: usize = "infinity".len();

/// A text in double quotes, with the escapes that YAML 1.1, YAML 1.2 and JSON have in common where possible.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            // A `String` takes every write.
            _ if u32::from(character) <= 0xffff => drop(write!(out, "\\u{:04x}", u32::from(character))),
            _ => drop(write!(out, "\\U{:08x}", u32::from(character))),
        }
    }
    out.push('"');
    out
}

/// A tree on one line: `[get, list]`, `{a: b}`.
pub fn flow(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    write_flow(tree, &mut out);
    out
}

fn write_flow(tree: &Tree<'_>, out: &mut String) {
    match tree {
        Tree::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_flow(item, out);
            }
            out.push(']');
        }
        Tree::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&text(key));
                out.push_str(": ");
                write_flow(value, out);
            }
            out.push('}');
        }
        Tree::Text(value) => out.push_str(&text(value)),
        Tree::Null => out.push_str("null"),
        Tree::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Tree::Number(value) => out.push_str(value),
    }
}

/// A mapping on lines of its own, from column `indent` on; texts of several lines as literal blocks.
pub fn block(tree: &Tree<'_>, indent: usize) -> String {
    let mut out = String::new();
    write_block(tree, indent, &mut out);
    out
}

fn write_block(tree: &Tree<'_>, indent: usize, out: &mut String) {
    match tree {
        Tree::Map(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                out.extend(std::iter::repeat_n(' ', indent));
                out.push_str(&text(key));
                out.push(':');
                write_nested(value, indent, out);
            }
        }
        Tree::List(items) if !items.is_empty() => {
            for item in items {
                out.extend(std::iter::repeat_n(' ', indent));
                out.push('-');
                write_nested(item, indent, out);
            }
        }
        leaf => {
            out.extend(std::iter::repeat_n(' ', indent));
            write_flow(leaf, out);
            out.push('\n');
        }
    }
}

/// What follows a `key:` or a `-`.
fn write_nested(value: &Tree<'_>, indent: usize, out: &mut String) {
    match value {
        Tree::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            write_block(value, indent + 2, out);
        }
        Tree::List(items) if !items.is_empty() => {
            out.push('\n');
            write_block(value, indent + 2, out);
        }
        Tree::Text(text) if is_literal(text) => {
            out.push_str(" |\n");
            for line in text.lines() {
                if !line.is_empty() {
                    out.extend(std::iter::repeat_n(' ', indent + 2));
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        leaf => {
            out.push(' ');
            write_flow(leaf, out);
            out.push('\n');
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
    use super::super::scalar;
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
    fn what_goes_without_quotes_is_text_in_every_version() {
        let words = [
            "a",
            "kp-account",
            ".tegata-a",
            "E1",
            "x0",
            "Off",
            "NaN",
            ".inf",
            "TRUE",
            "n",
            "b-1.2/c_d",
            "Null",
            ".Infinity",
        ];
        for word in words {
            let is_text =
                scalar::core_type(word) == scalar::Type::Text && scalar::legacy_type(word).is_none();
            assert!(!is_plain(word) || is_text, "{word}");
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
            block(&tree, 0),
            "a:\n  config: |\n    [x]\n      y = 1\nlist:\n  - \"on\"\n  -\n    k: null\nempty: {}\n"
        );
    }

    #[test]
    fn the_longest_key_is_one_to_who_reads_it_back() {
        let is_read = |key: String| {
            let tree = Tree::Map(vec![(key.into(), Tree::Text("a".into()))]);
            let text = block(&tree, 0);
            verify(&text, &Expected::Values(tree), Reading::Full).is_ok()
        };
        assert!(is_read("k".repeat(MAX_KEY)));
        assert!(!is_read("k".repeat(MAX_KEY + 1)));
        assert!(is_read("😀".repeat(102)));
        assert!(!is_read("😀".repeat(103)));
    }
}
