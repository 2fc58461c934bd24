//! From a difference in a rendered text to the line of the template that made it.

use std::ops::Range;

use minijinja::OutputSpan;

use super::slips::{Slip, Written};
use super::{Cause, Difference, excerpt};
use crate::diagnostic::{Diagnostic, Place};
use crate::source::Sources;
use crate::yaml::{self, Node};

/// The place in a template that made a difference.
#[derive(Debug)]
pub struct TemplatePlace {
    /// The template's name.
    pub template: String,
    /// The bytes in it.
    pub range: Range<usize>,
    /// Why the text can't be read there.
    pub syntax: Option<Syntax>,
    /// What somebody did who did not know better, where the difference comes from that.
    pub slip: Option<Slip>,
    /// The byte of the text.
    pub offset: usize,
    /// The bytes of the document that it belongs to.
    pub document: Range<usize>,
    /// The lines of the text there, where their form is what is wrong.
    pub excerpt: Option<String>,
}

/// Why a text is no YAML.
#[derive(Debug)]
pub struct Syntax {
    /// What a person did to it who left it so, in words.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Finds the template's line: `text` and `spans` come from rendering the file once more, and `source` knows the
/// templates.
pub fn explain(
    difference: &Difference,
    text: &str,
    spans: &[OutputSpan],
    source: impl Fn(&str) -> Option<String>,
    is_own: impl Fn(&str) -> bool,
) -> Option<TemplatePlace> {
    let found = match difference.offset {
        Some(offset) => Found { offset, document: document_at(text, offset), syntax: None, twice: None },
        None => place_in_text(difference, text)?,
    };
    let Found { offset, document, syntax, twice } = found;
    let unreadable = difference.cause == Cause::Unreadable;
    let syntax = syntax.filter(|_| unreadable);
    let written = Written { text, spans, source };
    let slip = match twice.filter(|_| unreadable) {
        Some((key, first)) => Some(written.twice(&key, first, offset, is_own)),
        None => written.slip(difference, offset),
    };
    let offset = slip.as_ref().map_or(offset, |slip| slip.offset);
    let excerpt = (unreadable || slip.is_some()).then(|| excerpt::around(text, offset));
    // The spans are in the order of the text; an empty one can't have made anything.
    let span = spans.iter().find(|span| span.output_range().end > offset).or_else(|| spans.last())?;
    let source = span.source_range();
    let inside = offset.saturating_sub(span.output_range().start);
    let range = match span.kind() {
        // What stands in a template as it is was copied byte by byte.
        minijinja::OutputSpanKind::Raw if source.start + inside < source.end => {
            source.start + inside..source.end
        }
        _ => source,
    };
    Some(TemplatePlace { template: span.name().to_owned(), range, syntax, slip, offset, document, excerpt })
}

/// What is known of a place in the text.
struct Found {
    /// The byte, as near to the difference as the text can be read.
    offset: usize,
    /// The document that it belongs to.
    document: Range<usize>,
    /// What is wrong with the syntax there.
    syntax: Option<Syntax>,
    /// The key that stands there for the second time, and the byte where it stands first.
    twice: Option<(String, usize)>,
}

/// Where the difference is; `None` where it is the file as a whole.
fn place_in_text(difference: &Difference, text: &str) -> Option<Found> {
    let documents = documents(text);
    let range = documents.get(difference.document)?.clone();
    let document = text.get(range.clone())?;
    let mut sources = Sources::default();
    let file = sources.add("rendered", String::new());
    let mut problems = Vec::new();
    let node: Option<Node> = yaml::parse(file, document, &mut problems);
    let problem = problems.first().and_then(|problem| match problem.place {
        Place::At(span) => Some((problem, span)),
        Place::File(_) => None,
    });
    let twice = problem.filter(|(problem, _)| problem.id == "duplicate-key").and_then(|(problem, span)| {
        let (first, _) = problem.related.first()?;
        Some((document.get(span.range())?.to_owned(), range.start + first.range().start))
    });
    // What no parser reads differs where the parser gave up; the rest where the path leads.
    let span = problem
        .map(|(_, span)| span)
        .or_else(|| node.map(|node| node.at_path(difference.path.iter().map(String::as_str))));
    let syntax = problems.first().filter(|problem| matches!(problem.id.as_ref(), "yaml-syntax" | "yaml-tab"));
    let offset = range.start + span.map_or(0, |span| span.range().start);
    let in_words = |problem: &Diagnostic| Syntax {
        message: problem.message.strip_prefix("not valid YAML: ").unwrap_or(&problem.message).to_owned(),
        help: problem.help.clone(),
    };
    Some(Found { offset, document: range, syntax: syntax.map(in_words), twice })
}

/// The bytes of the document that a byte belongs to.
fn document_at(text: &str, offset: usize) -> Range<usize> {
    let end = |range: &Range<usize>| range.end > offset;
    documents(text).into_iter().find(end).unwrap_or(0..text.len())
}

/// The bytes of each document that says something, separators left out.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            documents.push(start..offset);
            start = offset + line.len();
        }
        offset += line.len();
    }
    documents.push(start..text.len());
    let says_something = |range: &Range<usize>| {
        text.get(range.clone()).is_some_and(|part| {
            part.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        })
    };
    documents.retain(says_something);
    documents
}
