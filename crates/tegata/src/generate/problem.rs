//! A template that fails, or that says something else than what was resolved: which one, where, and what helps.

use std::borrow::Cow;

use crate::render::{self, TemplateError, Templates};
use crate::resolve::{Output, Resolved, output::OUT};
use crate::source::Span;
use crate::verify::{self, Cause, Difference, TemplatePlace};

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
    pub const EMPTIED: &str = "write the object, or delete the file to use the built-in template";

    pub fn of(cause: Cause) -> &'static str {
        match cause {
            Cause::Content | Cause::Unreadable => GRANTS,
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
    /// What the template wrote, where that explains it.
    pub note: Option<String>,
    /// The input that it was rendered from.
    pub origin: Span,
    /// The id of the finding.
    pub id: &'static str,
    /// What to do.
    pub help: Cow<'static, str>,
    /// Whether the template came to no end: it takes long to find out, and once is enough.
    pub is_endless: bool,
}

impl TemplateProblem {
    /// A template that fails for a file.
    pub fn of(error: TemplateError, output: &Output<'_>) -> TemplateProblem {
        TemplateProblem {
            template: error.template,
            root: render::template_of(output),
            range: error.range,
            line: error.line,
            message: format!("the template fails: {}", error.message),
            note: None,
            origin: output.origin,
            id: "template-error",
            help: error.help.map_or(help::MEND.into(), Cow::Owned),
            is_endless: error.is_endless,
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
        note: None,
        origin: output.origin,
        id: "template-grants",
        help: help::of(difference.cause).into(),
        is_endless: false,
    };
    match difference.cause {
        Cause::Emptied { kind, all } => {
            let template = render::template_of_kind(kind);
            if !all || templates.is_blank(&template) {
                TemplateProblem { template, help: help::EMPTIED.into(), ..problem }
            } else {
                problem
            }
        }
        Cause::Documents | Cause::Missing(_) => problem,
        Cause::Content | Cause::Metadata | Cause::Unreadable => {
            let again = render::render_with_spans(templates, resolved, output);
            match again.and_then(|(text, spans)| verify::explain(&difference, &text, &spans)) {
                Some(place) => at_place(problem, place, output),
                None => problem,
            }
        }
    }
}

/// A problem with the place that made it, and what stands there.
fn at_place(problem: TemplateProblem, place: TemplatePlace, output: &Output<'_>) -> TemplateProblem {
    let note = place.excerpt.map(|lines| format!("it writes, in {OUT}/{}:\n{lines}", output.path));
    let problem = TemplateProblem { template: place.template, range: Some(place.range), note, ..problem };
    match place.syntax {
        Some(syntax) => TemplateProblem {
            id: "template-error",
            message: format!("the template writes what is not valid YAML: {}", syntax.message),
            help: syntax.help.map_or(help::MEND.into(), Cow::Owned),
            ..problem
        },
        None => problem,
    }
}
