//! What type a scalar without quotes has: for YAML 1.2, which tegata reads, and for YAML 1.1, which kubectl,
//! Helm and GitLab's parser lean on.
//!
//! Sources: YAML 1.2.2, section 10.3.2 (core schema); <https://yaml.org/type/> (YAML 1.1's types).

/// The type of a scalar without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any other number.
    Float,
    /// A text.
    Text,
}

impl Type {
    /// In words, with an article.
    pub fn words(self) -> &'static str {
        match self {
            Type::Null => "nothing (null)",
            Type::Boolean => "a boolean",
            Type::Integer | Type::Float => "a number",
            Type::Text => "text",
        }
    }
}

/// The type by YAML 1.2's core schema.
pub fn core_type(text: &str) -> Type {
    match text {
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Type::Boolean,
        _ if is_null(text) => Type::Null,
        // As most texts do, and no number.
        _ if text.starts_with(|first: char| first.is_ascii_alphabetic()) => Type::Text,
        _ if is_core_integer(text) => Type::Integer,
        _ if is_core_float(text) => Type::Float,
        _ => Type::Text,
    }
}

/// Whether it is `null` by the core schema.
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn is_core_integer(text: &str) -> bool {
    let all = |digits: &str, is: fn(&u8) -> bool| !digits.is_empty() && digits.as_bytes().iter().all(is);
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return all(hexadecimal, u8::is_ascii_hexdigit);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return all(octal, |digit| matches!(digit, b'0'..=b'7'));
    }
    all(text.strip_prefix(['-', '+']).unwrap_or(text), u8::is_ascii_digit)
}

fn is_core_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at).unwrap_or_default(), unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_number = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_is_number
}

/// What a reader of YAML 1.1 takes for something else than text, although YAML 1.2 says text: in words.
pub fn legacy_type(text: &str) -> Option<&'static str> {
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(&["y", "n", "yes", "no", "on", "off", "true", "false"]) {
        return Some("a boolean");
    }
    if is_one_of(&["null", "~"]) {
        return Some("nothing (null)");
    }
    if is_one_of(&["<<", "="]) {
        return Some("a merge key");
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let dated = text.len() >= 8
        && text.bytes().take(4).all(|byte| byte.is_ascii_digit())
        && text.as_bytes().get(4) == Some(&b'-');
    if dated && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TtZz ".contains(&byte)) {
        return Some("a date");
    }
    let number = |byte: u8| byte.is_ascii_hexdigit() || b"_,.:+-xobXOB".contains(&byte);
    let has_digit = unsigned.bytes().any(|byte| byte.is_ascii_digit());
    (has_digit && unsigned.bytes().all(number) && looks_numeric(unsigned)).then_some("a number")
}

/// Digits grouped by `_` or `,`, in base 60 (`12:30`), or in another base (`0b1`, `0777`), or none but those of an exponent
/// (`.e-5`).
fn looks_numeric(text: &str) -> bool {
    let plain = text.replace(['_', ','], "");
    let base60 = plain.contains(':')
        && plain
            .split(':')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    let other_base = ["0b", "0x", "0o"].iter().any(|prefix| plain.to_ascii_lowercase().starts_with(prefix));
    base60 || other_base || is_exponent_alone(&plain) || is_core_integer(&plain) || is_core_float(&plain)
}

/// A dot and an exponent, with no digit around the dot: Psych, which GitLab reads with, takes that for a number and fails
/// (`FLOAT` in its `lib/psych/scalar_scanner.rb`).
pub fn is_exponent_alone(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let exponent = unsigned.strip_prefix('.').and_then(|behind| behind.strip_prefix(['e', 'E']));
    let digits = exponent.and_then(|exponent| exponent.strip_prefix(['-', '+']));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The JSON value of a scalar without quotes, by the core schema; numbers that JSON can't hold stay text.
pub fn to_json(text: &str) -> serde_json::Value {
    use serde_json::Value;
    match core_type(text) {
        Type::Null => Value::Null,
        Type::Boolean => Value::Bool(text.eq_ignore_ascii_case("true")),
        Type::Integer => integer(text).map_or_else(|| Value::String(text.to_owned()), Value::from),
        Type::Float => text
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or_else(|| Value::String(text.to_owned()), Value::Number),
        Type::Text => Value::String(text.to_owned()),
    }
}

/// The value of an integer of the core schema, where 64 bits hold it.
pub fn integer(text: &str) -> Option<i64> {
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok();
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return i64::from_str_radix(digits, 8).ok();
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_types() {
        for (text, expected) in [
            ("", Type::Null),
            ("~", Type::Null),
            ("null", Type::Null),
            ("true", Type::Boolean),
            ("on", Type::Text),
            ("no", Type::Text),
            ("1e3", Type::Float),
            ("0777", Type::Integer),
            ("0x1F", Type::Integer),
            ("1.37", Type::Float),
            (".5", Type::Float),
            (".", Type::Text),
            ("-", Type::Text),
            ("1_000", Type::Text),
            ("12:30", Type::Text),
            ("v1", Type::Text),
            ("e3", Type::Text),
        ] {
            assert_eq!(core_type(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_older_readers_take_for_something_else() {
        for text in [
            "on",
            "No",
            "y",
            "12:30",
            "1_000",
            "2026-11-24",
            "0b11",
            "0o7",
            "1,000",
            "-1_0.5",
            ".e-5",
            "-.E+12",
        ] {
            assert!(legacy_type(text).is_some(), "{text:?}");
        }
        for text in [
            "kp-account",
            "a",
            "yesterday",
            "10.0.0.1",
            "1-2",
            "ubuntu:24.04",
            "beef",
            "e1",
            "2fa",
            ".e-",
            ".e-5a",
            ".e5",
        ] {
            assert!(legacy_type(text).is_none(), "{text:?}");
        }
    }
}
