//! Keys and values on one line.

use std::borrow::Cow;

use crate::yaml::plain::is_plain;
use crate::yaml::tree::Tree;

/// YAML ends a key on one line at 1,024 characters.
const MAX_KEY: usize = 1000;
/// Digits that every reader's numbers hold.
const MAX_DIGITS: usize = 15;

/// The key at the beginning of a line, and what follows its colon.
pub fn key(content: &str) -> Option<(Cow<'_, str>, &str)> {
    let (key, rest) = if content.starts_with('"') {
        quoted(content)?
    } else {
        let colon = content.bytes().position(|byte| byte == b':')?;
        let (key, rest) = content.split_at_checked(colon)?;
        if !is_plain(key) {
            return None;
        }
        (Cow::Borrowed(key), rest)
    };
    // As it is written, not as it is read: an escape takes many characters.
    let written = content.len() - rest.len();
    (written <= MAX_KEY).then_some((key, rest.strip_prefix(':')?))
}

/// Whether a text on one line, all of it, is this value.
pub fn is_inline(text: &str, expected: &Tree<'_>) -> bool {
    match expected {
        Tree::Map(entries) => entries.is_empty() && text == "{}",
        Tree::List(items) => is_list(text, items).unwrap_or(false),
        scalar => {
            let end = if text.starts_with('"') { None } else { Some(text.len()) };
            is_scalar(text, end, scalar).is_some_and(str::is_empty)
        }
    }
}

/// Whether it is a list of these scalars, in brackets.
fn is_list(text: &str, items: &[Tree<'_>]) -> Option<bool> {
    let mut rest = text.strip_prefix('[')?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(", ")?;
        }
        let end = rest.bytes().position(|byte| matches!(byte, b',' | b']'));
        rest = is_scalar(rest, end, item)?;
    }
    Some(rest == "]")
}

/// What follows this scalar at the beginning of a text; one without quotes goes on to `end`.
fn is_scalar<'t>(text: &'t str, end: Option<usize>, expected: &Tree<'_>) -> Option<&'t str> {
    if text.starts_with('"') {
        let (value, rest) = quoted(text)?;
        return (expected.as_str()? == value).then_some(rest);
    }
    let (word, rest) = text.split_at_checked(end?)?;
    let is_meant = match expected {
        Tree::Text(text) => word == text && is_plain(word),
        Tree::Number(number) => word == number && is_small_number(word),
        Tree::Boolean(true) => word == "true",
        Tree::Boolean(false) => word == "false",
        Tree::Null | Tree::List(_) | Tree::Map(_) => false,
    };
    is_meant.then_some(rest)
}

/// A text on one line, all of it.
pub fn whole_text(text: &str) -> Option<Cow<'_, str>> {
    if text.starts_with('"') {
        return quoted(text).and_then(|(value, rest)| rest.is_empty().then_some(value));
    }
    is_plain(text).then_some(Cow::Borrowed(text))
}

fn is_small_number(word: &str) -> bool {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits && !word.is_empty() && word.len() <= MAX_DIGITS && (word == "0" || !word.starts_with('0'))
}

/// The text in double quotes at the beginning of another, and what follows it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let (before, rest) =
        inside.split_at_checked(inside.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?)?;
    if let Some(rest) = rest.strip_prefix('"') {
        return Some((Cow::Borrowed(before), rest));
    }
    let mut out = before.to_owned();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return Some((Cow::Owned(out), characters.as_str())),
            '\\' => out.push(escaped(&mut characters)?),
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
