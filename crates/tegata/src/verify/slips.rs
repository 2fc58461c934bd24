//! The slips of people who write a template: lines in the wrong column, and quotes around values.
//!
//! A reader of YAML notices most of them lines later, or takes them for something else. The text and where each of its
//! bytes comes from tell more.

use minijinja::{OutputSpan, OutputSpanKind};

use super::lines::{self, Line};
use super::{Cause, Difference};

/// What somebody did, and what helps.
#[derive(Debug)]
pub struct Slip {
    /// The byte of the text where it shows.
    pub offset: usize,
    /// What is wrong, where that is known better than by what it leads to.
    pub message: Option<String>,
    /// What to write instead.
    pub help: String,
}

/// A rendered text, and where it comes from.
pub struct Written<'t, F> {
    /// The text.
    pub text: &'t str,
    /// Where its bytes come from, in their order.
    pub spans: &'t [OutputSpan],
    /// The text of a template, by its name.
    pub source: F,
}

impl<F: Fn(&str) -> Option<String>> Written<'_, F> {
    /// The slip that a difference at a byte of the text comes from, where it is one.
    pub fn slip(&self, difference: &Difference, offset: usize) -> Option<Slip> {
        let lines = lines::of(self.text);
        let here = lines.iter().rposition(|line| line.margin() <= offset)?;
        let cannot_be_read = difference.cause == Cause::Unreadable;
        self.mapping(&lines, here, difference)
            .or_else(|| beside(&lines, here, &difference.details.lost))
            .or_else(|| first_line(&lines, here).filter(|_| cannot_be_read))
            .or_else(|| self.above_a_block(&lines, here).filter(|_| cannot_be_read))
            .or_else(|| self.quotes(*lines.get(here)?, cannot_be_read))
    }

    /// A key that stands twice: the one that somebody has added is the one that is meant.
    pub fn twice(&self, key: &str, first: usize, second: usize, is_own: impl Fn(&str) -> bool) -> Slip {
        let wrote = |offset| self.span_at(offset);
        let is_added = |offset| {
            wrote(offset).is_some_and(|span| is_own(span.name()) && span.kind() == OutputSpanKind::Raw)
        };
        let offset = if is_added(first) && !is_added(second) { first } else { second };
        let other = wrote(if offset == first { second } else { first });
        let value = other.filter(|span| span.kind() == OutputSpanKind::Expression).and_then(|span| {
            let source = (self.source)(span.name())?;
            Some(source.get(span.source_range())?.trim().to_owned())
        });
        let help = match value {
            Some(value) => format!("remove this line: `{{{{ {value} }}}}` writes `{key}` already"),
            None => "keep one of the two".to_owned(),
        };
        Slip { offset, message: None, help }
    }

    /// A mapping that is not where it belongs, at the line or above it.
    fn mapping(&self, lines: &[Line<'_>], here: usize, difference: &Difference) -> Option<Slip> {
        let begins = lines.iter().take(here + 1).rposition(|line| line.words == "---").unwrap_or(0);
        // A key that lacks what it holds is noticed one line earlier.
        let pairs = lines.iter().zip(lines.iter().skip(1)).skip(begins).take(here + 1 - begins);
        let mut slips = pairs.filter_map(|(above, line)| self.misplaced(*above, *line, difference));
        slips.next_back()
    }

    /// What is wrong with the mapping that begins in a line, below a key.
    fn misplaced(&self, above: Line<'_>, line: Line<'_>, difference: &Difference) -> Option<Slip> {
        let (column, key) = above.opens()?;
        let cannot_be_read = difference.cause == Cause::Unreadable;
        // Below a key that may hold nothing, another may follow in its column.
        let is_beside =
            line.indent < column || (line.indent == column && !difference.details.lost.is_empty());
        let span = self.expression_in(line)?;
        let (expression, filter) = self.expression(span)?;
        let written = self.text.get(span.output_range())?;
        let block = format!("{{{{ {expression} | block({}) }}}}", column + 2);
        let slip =
            |message: String, help: String| Some(Slip { offset: line.start, message: Some(message), help });
        let at_the_beginning = || format!("write `{block}` at the beginning of the line");
        if filter.starts_with("block") {
            let blanks = span.output_range().start - line.margin();
            if blanks > 0 && cannot_be_read && written.contains('\n') {
                let message =
                    format!("the template writes blanks before `{filter}`, which move its first line alone");
                return slip(message, at_the_beginning());
            }
            if !is_beside {
                return None;
            }
            let message = if filter.contains(|character: char| character.is_ascii_digit()) {
                format!("the template does not indent what belongs to `{key}` far enough")
            } else {
                "the template does not tell `block` how many blanks its lines begin with".to_owned()
            };
            return slip(message, at_the_beginning());
        }
        let is_mapping = written.starts_with('{') && written.ends_with('}') && line.indent <= column;
        // Other filters make a text of it.
        let is_text = written.starts_with("\"{") && written.ends_with("}\"") && filter.starts_with("indent");
        if is_mapping || is_text {
            let message =
                format!("the template writes the mapping of `{key}` on one line, and not behind the key");
            return slip(
                message,
                format!("write `{block}` at the beginning of the line, for lines of its own"),
            );
        }
        None
    }

    /// A line of the template's own above those of a `block`, and in another column.
    fn above_a_block(&self, lines: &[Line<'_>], here: usize) -> Option<Slip> {
        let line = lines.get(here)?;
        let above = lines.get(here.checked_sub(1)?)?;
        let (_, filter) = self.expression(self.expression_in(*line)?)?;
        let is_own = self.span_at(above.start).is_some_and(|span| span.kind() == OutputSpanKind::Raw);
        if !filter.starts_with("block") || !is_own || above.indent == line.indent || above.opens().is_some() {
            return None;
        }
        let message = "the template writes this line in another column than the lines below it";
        Some(Slip {
            offset: above.start,
            message: Some(message.to_owned()),
            help: format!("begin the line with {} blanks, as those below do", line.indent),
        })
    }

    /// Quotes or words of the template's own around a value, which has quotes where it needs them.
    fn quotes(&self, line: Line<'_>, cannot_be_read: bool) -> Option<Slip> {
        let in_line = |span: &&OutputSpan| {
            let range = span.output_range();
            span.kind() == OutputSpanKind::Expression && line.start <= range.start && range.end <= line.end()
        };
        self.spans.iter().filter(in_line).find_map(|span| {
            let range = span.output_range();
            let is_quoted = self.text.get(range.clone())?.starts_with('"');
            let before = self.text.get(line.start..range.start).filter(|_| is_quoted)?;
            let behind = self.text.get(range.end..line.end())?;
            let slip = |help: String| Some(Slip { offset: range.start, message: None, help });
            let around = |quote| before.ends_with(quote) && behind.starts_with(quote);
            if around('"') || around('\'') {
                return slip("`{{ }}` writes the quotes that a value needs: remove yours".to_owned());
            }
            let is_inside = before.matches('"').count() % 2 == 1;
            let goes_on = behind.starts_with(|next: char| !",:]}".contains(next)) && !behind.trim_start().starts_with('#');
            if cannot_be_read && (is_inside || goes_on) {
                let (expression, _) = self.expression(span)?;
                let help = "`{{ }}` writes a whole value, with the quotes that it needs: write all of it inside, as in";
                return slip(format!("{help} `{{{{ {expression} ~ \" and more\" }}}}`"));
            }
            None
        })
    }

    /// The part of a template that wrote a byte.
    fn span_at(&self, offset: usize) -> Option<&OutputSpan> {
        self.spans.iter().find(|span| span.output_range().end > offset)
    }

    /// The expression whose value a line begins with.
    fn expression_in(&self, line: Line<'_>) -> Option<&OutputSpan> {
        let begins = |span: &&OutputSpan| (line.margin()..=line.start).contains(&span.output_range().start);
        self.span_at(line.start).filter(|span| span.kind() == OutputSpanKind::Expression).filter(begins)
    }

    /// What an expression says before its filters, and the last of these.
    fn expression(&self, span: &OutputSpan) -> Option<(String, String)> {
        let source = (self.source)(span.name())?;
        let said = source.get(span.source_range())?;
        let (value, filters) = said.split_once('|').unwrap_or((said, ""));
        let last = filters.rsplit('|').next().unwrap_or_default();
        Some((value.trim().to_owned(), last.trim().to_owned()))
    }
}

/// The first line of a document, indented where the others are not.
fn first_line(lines: &[Line<'_>], here: usize) -> Option<Slip> {
    let begins = lines.iter().take(here).rposition(|line| line.words == "---").map_or(0, |above| above + 1);
    let (first, line) = (lines.get(begins)?, lines.get(here)?);
    (first.indent > 0 && begins < here && line.indent == 0).then(|| Slip {
        offset: first.start,
        message: Some("the template indents the first line of an object, and not the others".to_owned()),
        help: "remove the blanks at the beginning of the line".to_owned(),
    })
}

/// What belongs to a key, in the line below it and not indented.
fn beside(lines: &[Line<'_>], here: usize, lost: &[String]) -> Option<Slip> {
    let (column, key) = lines.get(here)?.opens()?;
    let below = lines.get(here + 1)?;
    (below.indent <= column && lost.iter().any(|key| below.has(key))).then(|| Slip {
        offset: below.start,
        message: Some(format!("the template does not indent what belongs to `{key}`")),
        help: format!("begin the line with {} blanks, so that it stands below `{key}`", column + 2),
    })
}
