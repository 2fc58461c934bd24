//! Is a rendered text read the same by everybody?
//!
//! kubectl cuts a file into documents before any parser sees it; libyaml takes more characters for line breaks than
//! YAML 1.2 does; readers differ in what a tag, a merge key or a word without quotes means. Nothing that is rendered
//! needs any of it, so a template that writes it is refused, whatever it would mean.

use granit_parser::{Event, Options, Parser, ScalarStyle};

use crate::yaml::scalar;

/// What is out of the ordinary, and the byte where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What it is, after "the template writes".
    pub what: String,
    /// Where it stands.
    pub offset: usize,
    /// What to write instead, where that is clear.
    pub help: Option<String>,
}

/// Looks for whatever readers of YAML disagree about.
pub fn check(text: &str) -> Result<(), Oddity> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        if let Some((at, character)) = content.char_indices().find(|(_, character)| breaks_lines(*character))
        {
            let what = format!(
                "the character U+{:04X}, which some readers take for a line break or not at all",
                u32::from(character)
            );
            let named = if character == '\u{feff}' { ", a byte order mark" } else { "" };
            let help = format!("remove the character U+{:04X}{named}", u32::from(character));
            return Err(Oddity { what, offset: offset + at, help: Some(help) });
        }
        let separator = content.starts_with("---") && content.trim_end() != "---";
        if separator || content.starts_with("...") || content.starts_with('%') {
            let (begins, help) = match content.get(..3) {
                Some("---") => ("---", "write `---` alone, and what stands behind it on a line of its own"),
                Some("...") => ("...", "remove the line: `---` alone parts the objects"),
                _ => ("%", "remove the line: what is rendered needs no directive"),
            };
            return Err(Oddity {
                what: format!("a line that begins with `{begins}`"),
                offset,
                help: Some(help.to_owned()),
            });
        }
        offset += line.len();
    }
    events(text)
}

fn breaks_lines(character: char) -> bool {
    (character.is_control() && character != '\t') || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Tags, anchors, aliases, merge keys, words that YAML's versions read differently, and documents that are no mapping.
/// What is no YAML at all is for the reader to say.
fn events(text: &str) -> Result<(), Oddity> {
    let mut options = Options::default();
    options.emit_unresolved_aliases = true;
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut root = false;
    while let Some(Ok((event, span))) = parser.next_event() {
        let range = span.byte_range().unwrap_or(0..0);
        let offset = range.start;
        let odd = |what: &str, offset: usize, help: &str| {
            Err(Oddity { what: what.to_owned(), offset, help: Some(help.to_owned()) })
        };
        // In quotes, a merge key would be a key as any other, and still one too many.
        let unquoted = |text: &str, what: String| {
            let help = if text == "<<" {
                "write each key out".to_owned()
            } else {
                format!("write `\"{text}\"`, in quotes")
            };
            Err(Oddity { what, offset, help: Some(help) })
        };
        let is_root = std::mem::replace(&mut root, matches!(event, Event::DocumentStart(..)));
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                return odd("an alias (`*name`)", offset, "write out what it stands for");
            }
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(_, anchor, _)
            | Event::MappingStart(_, anchor, _)
                if anchor != 0 =>
            {
                return odd("an anchor (`&name`)", before(text, offset, '&'), "remove it");
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                return odd("a tag (`!name`)", before(text, offset, '!'), "remove it");
            }
            // Between two separators there may be nothing.
            Event::Scalar(..) if is_root && !range.is_empty() => return no_mapping(offset),
            Event::SequenceStart(..) if is_root => return no_mapping(offset),
            Event::Scalar(text, ScalarStyle::Plain, ..) if scalar::core_type(&text) == scalar::Type::Text => {
                if let Some(other) = scalar::legacy_type(&text) {
                    let what = format!("`{text}` without quotes, which some readers take for {other}");
                    return unquoted(&text, what);
                }
            }
            Event::Scalar(text, ScalarStyle::Plain, ..)
                if scalar::core_type(&text) == scalar::Type::Boolean
                    && !matches!(&*text, "true" | "false") =>
            {
                let what = format!("`{text}`, which some readers take for a boolean and others for a text");
                let help = format!("write `{}`, or `\"{text}\"` for a text", text.to_ascii_lowercase());
                return Err(Oddity { what, offset, help: Some(help) });
            }
            Event::Scalar(text, ScalarStyle::Plain, ..) if differs_between_versions(&text) => {
                let what = format!("the number `{text}`, which readers take for different ones");
                return unquoted(&text, what);
            }
            _ => {}
        }
    }
    Ok(())
}

/// A document of another kind; what makes it one is for the template to know.
fn no_mapping(offset: usize) -> Result<(), Oddity> {
    Err(Oddity { what: "a document that is no mapping".to_owned(), offset, help: None })
}

/// Where what belongs to a value begins: an anchor or a tag stands before it, on the same line or on one above.
fn before(text: &str, offset: usize, sign: char) -> usize {
    if text.get(offset..).is_some_and(|rest| rest.starts_with(sign)) {
        return offset;
    }
    let mut end = offset;
    for line in text.get(..offset).unwrap_or_default().split_inclusive('\n').rev() {
        let start = end - line.len();
        let said = line.split_once(" #").map_or(line, |(said, _)| said);
        let mut signs = said.rmatch_indices(sign).map(|(at, _)| at);
        let begins_word =
            |at: &usize| said.get(..*at).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '));
        if let Some(at) = signs.find(begins_word).filter(|_| !said.starts_with('#')) {
            return start + at;
        }
        end = start;
    }
    offset
}

/// Numbers with a leading zero are octal for some readers, and what has a letter is one for few.
fn differs_between_versions(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    match scalar::core_type(text) {
        scalar::Type::Integer => leading_zero || text.starts_with('+'),
        scalar::Type::Float => {
            digits.starts_with('.') || leading_zero || digits.contains(['e', 'E']) || text.starts_with('+')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_disagree_about() {
        for text in [
            "a: !!binary eA==\n",
            "a: !x b\n",
            "a: &x b\n",
            "a: *x\n",
            "<<: {a: b}\n",
            "a: {<<: {b: c}}\n",
            "# \r---\r\na: b\n",
            "a: b\u{85}\n",
            "#\u{2028}---\u{2028}\na: b\n",
            "\u{feff}a: b\n",
            "%YAML 1.1\n---\na: b\n",
            "a: b\n...\n",
            "--- {a: b}\n",
            "~\n---\na: b\n",
            "- a\n",
            "a: 0777\n",
            "a: on\n",
            "y: a\n",
            "a: 12:30\n",
            "a: 2026-11-24\n",
            "a: 1_000\n",
            "a: 1e3\n",
            "a: True\n",
            "a: +1\n",
            "a: .5\n",
        ] {
            assert!(check(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn anchors_and_tags_stand_before_their_values() {
        for (text, at) in [
            ("a: &x b\n", 3),
            ("a: &x\n  b: c\n", 3),
            ("a: &x # & no\n  # & nor this\n  b: c\n", 3),
            ("a&b: c & d\ne: &x\n  - f\n", 14),
            ("ä: !x b\n", 4),
        ] {
            assert_eq!(check(text).map_err(|oddity| oddity.offset), Err(at), "{text:?}");
        }
    }

    #[test]
    fn what_readers_agree_about() {
        for text in [
            "# c\n---\na: b\n---\n- not the first line of a document: x\n"
                .replace("- not the first line of a document", "c")
                .as_str(),
            "a: 'on'\nb: \"0777\"\nc: |\n  text: y\n  ---x\n",
            "a: 0\nb: -1\nc: 1.5\nd: true\ne: null\nf:\n",
            "---\n---\na: [b, {c: d}]\n",
        ] {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
    }
}
