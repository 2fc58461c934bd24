//! Keys and values at the beginning of a text. What is behind them is returned.

use std::borrow::Cow;

use crate::yaml::part::{Items, Part};
use crate::yaml::plain::is_plain;

/// YAML ends a key on one line at 1,024 characters.
pub const MAX_KEY: usize = 1000;
/// Digits that every reader's numbers hold.
const MAX_DIGITS: usize = 15;

/// A key, and what follows its colon.
pub fn key(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let (key, rest) = if text.starts_with('"') { quoted(text)? } else { word(text, |byte| byte == b':')? };
    // As it is written, not as it is read: an escape takes many characters.
    let written = text.len() - rest.len();
    (written <= MAX_KEY).then_some((key, rest.strip_prefix(':')?))
}

/// Whether the text begins with this value.
pub fn value<'t>(text: &'t str, expected: Part<'_>) -> Option<&'t str> {
    match expected {
        Part::Map(entries) if entries.count() == 0 => text.strip_prefix("{}"),
        Part::List(items) => list(text, items),
        scalar => self::scalar(text, scalar),
    }
}

/// A list of these scalars, in brackets.
fn list<'t>(text: &'t str, items: Items<'_>) -> Option<&'t str> {
    let mut rest = text.strip_prefix('[')?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(", ")?;
        }
        rest = scalar(rest, item)?;
    }
    rest.strip_prefix(']')
}

/// A scalar. What follows it begins with no byte that would belong to it: that is for who goes on to see.
fn scalar<'t>(text: &'t str, expected: Part<'_>) -> Option<&'t str> {
    let (word, is_meant) = match expected {
        Part::Text(meant) if text.starts_with('"') => return quoted_text(text, meant),
        Part::Text(word) => (word, is_plain(word)),
        Part::Number(word) => (word, is_small_number(word)),
        Part::Boolean(true) => ("true", true),
        Part::Boolean(false) => ("false", true),
        Part::Absent | Part::Null | Part::List(_) | Part::Map(_) => return None,
    };
    text.strip_prefix(word).filter(|_| is_meant)
}

fn is_small_number(word: &str) -> bool {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits && !word.is_empty() && word.len() <= MAX_DIGITS && (word == "0" || !word.starts_with('0'))
}

/// Any text.
pub fn text(text: &str) -> Option<(Cow<'_, str>, &str)> {
    if text.starts_with('"') { quoted(text) } else { word(text, |byte| byte == b'\n') }
}

/// A text without quotes that goes on up to such a byte, on one line.
fn word(text: &str, ends: impl Fn(u8) -> bool) -> Option<(Cow<'_, str>, &str)> {
    let end = text.bytes().position(|byte| ends(byte) || byte == b'\n').unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    is_plain(word).then_some((Cow::Borrowed(word), rest))
}

/// This text, in double quotes.
fn quoted_text<'t>(text: &'t str, meant: &str) -> Option<&'t str> {
    let (value, rest) = quoted(text)?;
    (value == meant).then_some(rest)
}

/// A text in double quotes, on one line.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let special = inside.bytes().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
    let (before, rest) = inside.split_at_checked(special)?;
    if let Some(rest) = rest.strip_prefix('"') {
        return Some((Cow::Borrowed(before), rest));
    }
    let mut out = before.to_owned();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return Some((Cow::Owned(out), characters.as_str())),
            '\\' => out.push(escaped(&mut characters)?),
            '\n' => return None,
            character => out.push(character),
        }
    }
}

/// What an escape means, behind its backslash.
fn escaped(characters: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match characters.next()? {
        character @ ('"' | '\\') => character,
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => hexadecimal(characters, 4)?,
        'U' => hexadecimal(characters, 8)?,
        _ => return None,
    })
}

fn hexadecimal(characters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let code = characters.as_str().get(..digits)?;
    if !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    characters.nth(digits - 1)?;
    char::from_u32(u32::from_str_radix(code, 16).ok()?)
}
