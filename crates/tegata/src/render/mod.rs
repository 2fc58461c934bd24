//! Phase 4, *render*: from what was resolved to text, by the templates.
//!
//! A template decides how a file looks. What it grants is decided elsewhere, and [`crate::verify`] holds the
//! text against that.

mod context;
pub mod templates;
mod views;

use minijinja::value::Value;

use crate::resolve::{Output, Resolved};
use crate::verify::Expected;

pub use templates::Templates;

/// A file's text, and what it has to mean.
#[derive(Debug)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// What it has to mean.
    pub expected: Expected,
}

/// What is wrong with a template.
#[derive(Debug)]
pub struct TemplateError {
    /// The template's name.
    pub template: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The bytes of the template's text, where they are known.
    pub range: Option<std::ops::Range<usize>>,
    /// What is wrong.
    pub message: String,
}

impl From<minijinja::Error> for TemplateError {
    fn from(error: minijinja::Error) -> TemplateError {
        // An error in an included template is the source of the error that the including one reports.
        let mut cause = &error;
        while let Some(deeper) =
            std::error::Error::source(cause).and_then(|source| source.downcast_ref::<minijinja::Error>())
        {
            cause = deeper;
        }
        let detail = cause.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
        let message = match cause.kind() {
            minijinja::ErrorKind::OutOfFuel => {
                "it takes more steps than any file needs: a loop without an end?".to_owned()
            }
            kind => format!("{kind}{detail}"),
        };
        TemplateError {
            template: cause.name().unwrap_or_default().to_owned(),
            line: cause.line(),
            range: cause.range(),
            message,
        }
    }
}

/// Renders one file.
pub fn render(
    templates: &Templates,
    resolved: &Resolved<'_>,
    output: &Output<'_>,
) -> Result<Rendered, TemplateError> {
    let (context, expected) = context::of(resolved, output);
    let text = templates.render(template_of(output), context)?;
    Ok(Rendered { text, expected })
}

/// Renders one file again, with the place in the templates of every byte: slower, for errors only.
pub fn render_with_spans(
    templates: &Templates,
    resolved: &Resolved<'_>,
    output: &Output<'_>,
) -> Option<(String, Vec<minijinja::OutputSpan>)> {
    let (context, _): (Value, _) = context::of(resolved, output);
    templates.render_with_spans(template_of(output), context)
}

/// The template of the objects of a kind, which the one of a manifest includes.
pub fn template_of_kind(kind: &str) -> String {
    format!("kubernetes/{kind}.yaml.j2")
}

/// The template that a file begins with.
pub fn template_of(output: &Output<'_>) -> &'static str {
    use crate::resolve::Content;
    match output.content {
        Content::Role(_)
        | Content::Project(..)
        | Content::Runner(_)
        | Content::Admission(_)
        | Content::Quarantine { .. }
        | Content::Apply(_) => templates::MANIFEST,
        Content::Values(_) => templates::VALUES,
        Content::Include(_) => templates::INCLUDE,
    }
}
