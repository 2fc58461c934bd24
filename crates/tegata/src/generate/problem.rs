//! A template that fails, or that says something else than what was resolved: which one, where, and what helps.

use std::borrow::Cow;

use crate::render::{self, TemplateError, Templates};
use crate::resolve::{Output, Resolved, output::OUT};
use crate::source::Span;
use crate::verify::{self, Cause, Difference, Slip, TemplatePlace};

/// What to do about a template that fails, or that says something else.
pub mod help {
    use crate::verify::Cause;

    pub const MEND: &str = "mend the line, or delete the file to use the built-in template";
    const GRANTS: &str = "a template decides how a file looks, not what it grants: declare it in the workspace's \
                          files, or undo the change to the template";
    const METADATA: &str = "undo the change: a template may add comments everywhere, annotations to roles and bindings, \
                            and labels to Roles and bindings, outside of the domains of Kubernetes and tegata";
    const DOCUMENTS: &str = "write each of `objects`, in their order and with a line `---` before it, as the built-in \
                             kubernetes/manifest.yaml.j2 does";
    pub const EMPTIED: &str =
        "delete the file to use the built-in template, or begin with a copy of that one";

    pub fn of(cause: Cause) -> &'static str {
        match cause {
            Cause::Content | Cause::Part(_) | Cause::Unreadable => GRANTS,
            Cause::Metadata => METADATA,
            Cause::Documents | Cause::Missing(_) | Cause::Emptied { .. } => DOCUMENTS,
        }
    }
}

/// A file that could not be rendered, or that says something else than what was resolved.
pub struct TemplateProblem {
    /// The template whose line made the difference.
    pub template: String,
    /// The template that the file begins with.
    pub root: &'static str,
    /// The bytes of that template, where they are known.
    pub range: Option<std::ops::Range<usize>>,
    /// Its line, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The object that it is wrong in, as in "the Role `build`".
    pub within: Option<String>,
    /// What the template wrote, where that explains it.
    pub note: Option<String>,
    /// The input that it was rendered from.
    pub origin: Span,
    /// The id of the finding.
    pub id: &'static str,
    /// What to do.
    pub help: Cow<'static, str>,
    /// Whether the template came to no text at all.
    pub is_failure: bool,
    /// Whether the template came to no end: it takes long to find out, and once is enough.
    pub is_endless: bool,
    /// Whether files were not looked at since enough had failed: it may be in some of them too.
    pub may_be_more: bool,
}

impl TemplateProblem {
    /// Why the template fails, where it comes to no text at all. What is wrong with a text is told by what stands in
    /// that file, so that one mistake has as many messages as there are files.
    pub fn failure(&self) -> Option<&str> {
        self.is_failure.then_some(&self.message)
    }

    /// A template that fails for a file.
    pub fn of(error: TemplateError, output: &Output<'_>) -> TemplateProblem {
        TemplateProblem {
            template: error.template,
            root: render::template_of(output),
            range: error.range,
            line: error.line,
            message: format!("the template fails: {}", error.message),
            within: None,
            note: None,
            origin: output.origin,
            id: "template-error",
            help: error.help.map_or(help::MEND.into(), Cow::Owned),
            is_failure: true,
            is_endless: error.is_endless,
            may_be_more: false,
        }
    }
}

/// The template that made a difference, and what helps.
pub fn blame(
    templates: &Templates,
    resolved: &Resolved<'_>,
    output: &Output<'_>,
    difference: Difference,
) -> TemplateProblem {
    let root = render::template_of(output);
    let problem = TemplateProblem {
        template: root.to_owned(),
        root,
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
    match difference.cause {
        Cause::Emptied { kind, all: false } => TemplateProblem {
            template: render::template_of_kind(kind),
            help: help::EMPTIED.into(),
            ..problem
        },
        Cause::Emptied { .. } | Cause::Documents | Cause::Missing(_) => problem,
        Cause::Content | Cause::Part(_) | Cause::Metadata | Cause::Unreadable => {
            let again = render::render_with_spans(templates, resolved, output);
            let place = again.and_then(|(text, spans)| {
                verify::explain(&difference, &text, &spans, |template| templates.source(template))
            });
            match place {
                Some(place) => at_place(problem, place, output),
                None => problem,
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
