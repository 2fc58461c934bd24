//! Lines that two templates write together, since one of them does not end its last line.
//!
//! What follows is then read as a part of that line, and whatever is wrong shows up in another object.

use std::ops::Range;

use minijinja::OutputSpan;

/// Where a template lets another one go on in its line.
#[derive(Debug)]
pub struct Joint {
    /// The template's name.
    pub template: String,
    /// The bytes in it.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// The first such place that an own template makes.
pub fn find(
    text: &str,
    spans: &[OutputSpan],
    source: impl Fn(&str) -> Option<String>,
    is_own: impl Fn(&str) -> bool,
) -> Option<Joint> {
    let written: Vec<&OutputSpan> = spans.iter().filter(|span| !span.output_range().is_empty()).collect();
    written.iter().zip(written.iter().skip(1)).find_map(|(span, next)| {
        let (before, behind) = text.split_at_checked(span.output_range().end)?;
        if before.ends_with('\n') || behind.starts_with('\n') || !is_own(span.name()) {
            return None;
        }
        let template = source(span.name())?;
        let end = span.source_range().end;
        let (range, message, help) = if span.name() == next.name() {
            taken(&template, end, behind)?
        } else {
            // Who includes a template within a line means it.
            let begins = before.rfind('\n').map_or(0, |newline| newline + 1);
            let first = written.iter().find(|span| span.output_range().end > begins)?;
            let last = last_line(&template, end).filter(|_| first.name() == span.name());
            last.or_else(|| taken(&template, end, behind))?
        };
        Some(Joint {
            template: span.name().to_owned(),
            range,
            message: message.to_owned(),
            help: help.to_owned(),
        })
    })
}

type Told = (Range<usize>, &'static str, &'static str);

/// A last line without its end, where a template writes nothing behind a byte.
fn last_line(template: &str, end: usize) -> Option<Told> {
    let rest = template.get(end..)?.trim_start_matches([' ', '\t', '-', '+']);
    let rest = rest.strip_prefix("}}").unwrap_or(rest);
    let says_nothing = |part: &str| part.trim_start_matches(['{', '%', '-', '+', ' ']).starts_with("end");
    if rest.contains('\n') || !rest.split("%}").all(|part| part.trim().is_empty() || says_nothing(part)) {
        return None;
    }
    let start = template.rfind('\n').map_or(0, |newline| newline + 1);
    let is_blank = template.get(start..)?.trim().is_empty();
    let (message, help) = if is_blank {
        (
            "the template's last line is of blanks alone, and what follows is written behind them",
            "remove the blanks in the last line",
        )
    } else {
        (
            "the template's last line has no end, and what follows is written behind it",
            "end the template with a line end",
        )
    };
    Some((start..template.len(), message, help))
}

/// A line end that a `-` takes away, before a line that says something of its own.
fn taken(template: &str, end: usize, behind: &str) -> Option<Told> {
    let line = behind.lines().next()?.trim_start();
    let is_own_line = line.starts_with("- ") || line.ends_with(':') || line.contains(": ");
    let begins_in_words = line.starts_with(|first: char| first.is_alphanumeric() || "-\"'".contains(first));
    if !is_own_line || !begins_in_words {
        return None;
    }
    let rest = template.get(end..)?;
    let at = template.len() - rest.trim_start().len();
    let tag = template.get(at..at + 3)?;
    let ends_line = template.get(..at)?.trim_end_matches([' ', '\t']).ends_with('\n');
    let goes_on = template.get(at + 3..)?.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
    let (message, help) = match tag {
        "{%-" if ends_line => (BEFORE, "write `{%`, without the `-`"),
        "{{-" if ends_line => (BEFORE, "write `{{`, without the `-`"),
        "-}}" if goes_on => (BEHIND, "write `}}`, without the `-`"),
        _ => return None,
    };
    Some((at..at + 3, message, help))
}

const BEFORE: &str =
    "the `-` takes away the line end before it, and what follows is written behind the line above";
const BEHIND: &str =
    "the `-` takes away the line end behind it, and the next line is written behind this one";
