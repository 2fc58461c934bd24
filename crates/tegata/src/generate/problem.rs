//! A template that fails, or that says something else than what was resolved: which one, where, and what helps.

use std::borrow::Cow;

use crate::render::TemplateError;
use crate::resolve::Output;
use crate::source::Span;

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
