//! Which template a problem is the work of: what a built-in one seems to do wrong is done by an own one around it.

use std::borrow::Cow;

use minijinja::OutputSpan;

use super::problem::{TemplateProblem, help};
use crate::render::{self, TemplateError, Templates};
use crate::resolve::{Output, Resolved, output::OUT};
use crate::shape::text::listed;
use crate::verify::{self, Cause, Difference, Slip, TemplatePlace};

/// A template that fails for a file.
pub fn failure(templates: &Templates, output: &Output<'_>, error: TemplateError) -> TemplateProblem {
    let mut led = error.through.iter().rev();
    let own = led.find(|(name, _)| templates.is_own(name)).cloned();
    let problem = TemplateProblem::of(error, output);
    if templates.is_own(&problem.template) {
        return problem;
    }
    match own {
        Some((template, line)) => {
            let range = templates.include_in(&template, &problem.template);
            TemplateProblem { note: Some(fails_in(&problem)), template, range, line: Some(line), ..problem }
        }
        None => {
            let note = Some(fails_in(&problem));
            among_own(templates, output, None, TemplateProblem { note, ..problem })
        }
    }
}

fn fails_in(problem: &TemplateProblem) -> String {
    let line = problem.line.map(|line| format!(" in line {line}")).unwrap_or_default();
    format!("the built-in template {} fails{line}", problem.template)
}

/// The template that made a difference, and what helps.
pub fn difference(
    templates: &Templates,
    resolved: &Resolved<'_>,
    output: &Output<'_>,
    difference: Difference,
) -> TemplateProblem {
    let root = render::template_of(output);
    let problem = TemplateProblem {
        template: root.to_owned(),
        range: None,
        line: None,
        message: difference.message.clone(),
        within: difference.details.within.clone(),
        note: None,
        origin: output.origin,
        id: "template-grants",
        help: difference.details.help.clone().map_or(help::of(difference.cause).into(), Cow::Owned),
        is_failure: false,
        is_endless: false,
        may_be_more: false,
    };
    if let Some(template) = emptied(templates, difference.cause, root) {
        let source = templates.source(&template).unwrap_or_default();
        let what = if source.trim().is_empty() { "is empty" } else { "holds nothing but comments" };
        let message = format!("templates/{template} {what}");
        return TemplateProblem { template, message, within: None, help: help::EMPTIED.into(), ..problem };
    }
    let (text, spans) = render::render_with_spans(templates, resolved, output).unwrap_or_default();
    let source = |template: &str| templates.source(template);
    let is_own = |template: &str| templates.is_own(template);
    if let Some(joint) = verify::joint(&text, &spans, source, is_own) {
        return TemplateProblem {
            template: joint.template,
            range: Some(joint.range),
            id: "template-error",
            message: joint.message,
            within: None,
            help: joint.help.into(),
            ..problem
        };
    }
    match difference.cause {
        Cause::Emptied { kind, all: false } => TemplateProblem {
            template: render::template_of_kind(kind),
            help: help::EMPTIED.into(),
            ..problem
        },
        Cause::Emptied { .. } | Cause::Documents | Cause::Missing(_) => {
            among_own(templates, output, difference.details.kind, problem)
        }
        Cause::Content | Cause::Part(_) | Cause::Metadata | Cause::Unreadable => {
            match verify::explain(&difference, &text, &spans, source, is_own) {
                Some(place) if is_own(&place.template) => at_place(problem, place, output),
                Some(place) => {
                    let (part, offset) = (place.document.clone(), place.offset);
                    let problem = at_place(problem, place, output);
                    match nearest(templates, &spans, part, offset) {
                        Some(span) => around(templates, span, problem),
                        None => among_own(templates, output, difference.details.kind, problem),
                    }
                }
                None => among_own(templates, output, difference.details.kind, problem),
            }
        }
    }
}

/// The template that has to write what is missing, where it writes nothing at all.
fn emptied(templates: &Templates, cause: Cause, root: &str) -> Option<String> {
    let template = match cause {
        Cause::Emptied { kind, .. } => render::template_of_kind(kind),
        Cause::Part(part) => format!("kubernetes/{part}.yaml.j2"),
        _ => root.to_owned(),
    };
    templates.is_blank(&template).then_some(template)
}

/// What an own template wrote of a document: the last before a byte, or else the first behind it.
fn nearest<'s>(
    templates: &Templates,
    spans: &'s [OutputSpan],
    document: std::ops::Range<usize>,
    offset: usize,
) -> Option<&'s OutputSpan> {
    let mut own = spans
        .iter()
        .filter(|span| document.contains(&span.output_range().start) && templates.is_own(span.name()));
    let mut behind = own.clone();
    own.rfind(|span| span.output_range().start <= offset).or_else(|| behind.next())
}

/// The problem of a built-in template, in the own one that includes it.
fn around(templates: &Templates, span: &OutputSpan, problem: TemplateProblem) -> TemplateProblem {
    let include = templates.include_in(span.name(), &problem.template);
    let range = include.unwrap_or_else(|| span.source_range());
    TemplateProblem { template: span.name().to_owned(), range: Some(range), line: None, ..problem }
}

/// The problem of a built-in template that no own one wrote anything around: an own one has kept it from that, or has
/// changed what it sees. It is in the template of the object's kind, in one that names the built-in one, or in the one
/// that the file begins with, and otherwise in one of those that may take part, which are named then.
fn among_own(
    templates: &Templates,
    output: &Output<'_>,
    kind: Option<&str>,
    problem: TemplateProblem,
) -> TemplateProblem {
    if templates.is_own(&problem.template) {
        return problem;
    }
    let root = render::template_of(output);
    let folder = |name: &str| name.split_once('/').map(|(folder, _)| folder.to_owned());
    let takes_part = |name: &&String| folder(name) == folder(root) || folder(name).is_none();
    let candidates: Vec<&String> = templates.own().iter().filter(takes_part).collect();
    let of_kind = kind.map(render::template_of_kind);
    let is_of_kind = |name: &&&String| of_kind.as_ref() == Some(**name);
    let names = |name: &&&String| templates.include_in(name, &problem.template).is_some();
    let surely = candidates.iter().find(is_of_kind).or_else(|| candidates.iter().find(names));
    let is_root = |name: &&&String| **name == root;
    let perhaps = || candidates.iter().find(is_root).or_else(|| candidates.first());
    let Some(template) = surely.or_else(perhaps) else { return problem };
    let others = (surely.is_none() && candidates.len() > 1)
        .then(|| format!("the workspace's templates that may be the reason are {}", listed(&candidates)));
    let note = match (problem.note.clone(), others) {
        (Some(note), Some(others)) => Some(format!("{note}\n{others}")),
        (note, others) => note.or(others),
    };
    let range = templates.include_in(template, &problem.template);
    TemplateProblem { template: (*template).clone(), range, line: None, note, ..problem }
}

/// A problem with the place that made it, and what stands there.
fn at_place(problem: TemplateProblem, place: TemplatePlace, output: &Output<'_>) -> TemplateProblem {
    let note = place.excerpt.map(|lines| format!("it writes, in {OUT}/{}:\n{lines}", output.path));
    let problem = TemplateProblem { template: place.template, range: Some(place.range), note, ..problem };
    let problem = match place.syntax {
        Some(syntax) => TemplateProblem {
            id: "template-error",
            message: format!("the template writes what is not valid YAML: {}", syntax.message),
            help: syntax.help.map_or(help::MEND.into(), Cow::Owned),
            ..problem
        },
        None => problem,
    };
    match place.slip {
        Some(Slip { message: Some(message), help, .. }) => {
            TemplateProblem { id: "template-error", message, within: None, help: help.into(), ..problem }
        }
        Some(slip) => TemplateProblem { help: slip.help.into(), ..problem },
        None => problem,
    }
}
