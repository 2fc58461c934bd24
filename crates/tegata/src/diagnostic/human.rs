//! The report for people: the line in question, what is wrong with it, and what to write instead.

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Place, Severity};
use crate::shape::text::without_tokens;
use crate::source::{Source, Sources, Span};

/// Everything that was found, in the order given, with a blank line after each. What is printed is kept in logs, so
/// no token of GitLab is.
pub fn text(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[report(diagnostic, sources)]));
        out.push_str("\n\n");
    }
    out
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(without_tokens(&diagnostic.message)).id(diagnostic.id.as_ref());
    let mut group = match &diagnostic.place {
        Place::File(path) => Group::with_title(title).element(Origin::path(path.as_str())),
        Place::At(span) => snippets(Group::with_title(title), *span, &diagnostic.related, sources),
    };
    if let Some(note) = diagnostic.seen(sources) {
        group = group.element(Level::NOTE.message(without_tokens(&note).into_owned()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(without_tokens(help)));
    }
    group
}

/// The text that is meant, and the places related to it: one snippet per file.
fn snippets<'a>(
    mut group: Group<'a>,
    primary: Span,
    related: &'a [(Span, String)],
    sources: &'a Sources,
) -> Group<'a> {
    let mut files = vec![primary.file];
    for (span, _) in related {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        let mut snippet = Snippet::source(harmless(without_tokens(&source.text))).path(source.path.as_str());
        if file == primary.file {
            snippet = snippet.annotation(AnnotationKind::Primary.span(visible(source, primary)));
        }
        for (span, why) in related.iter().filter(|(span, _)| span.file == file) {
            snippet = snippet.annotation(AnnotationKind::Context.span(visible(source, *span)).label(why));
        }
        group = group.element(snippet);
    }
    group
}

/// A text without the control characters of two bytes, which some terminals obey, and which the renderer writes as they are.
/// What stands for them has two bytes as well: no place moves.
fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_control = |character: char| matches!(character, '\u{80}'..='\u{9f}');
    if text.contains(is_control) { text.replace(is_control, "\u{bf}").into() } else { text }
}

/// The first line of a span: a snippet of many lines hides the point.
fn visible(source: &Source, span: Span) -> std::ops::Range<usize> {
    let bytes = source.bytes(span);
    let part = source.text.get(bytes.clone()).unwrap_or_default();
    bytes.start..part.find(['\n', '\r']).map_or(bytes.end, |at| bytes.start + at)
}
