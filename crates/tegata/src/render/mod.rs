//! Phase 4, *render*: from what was resolved to text, by the templates.
//!
//! A template decides how a file looks. What it grants is decided elsewhere, and [`crate::verify`] holds the
//! text against that.

mod asked;
mod blocks;
mod builtins;
mod context;
mod error;
mod filters;
mod hints;
mod scope;
mod syntax;
mod tags;
pub mod templates;
mod views;

use minijinja::value::Value;

use crate::resolve::{Output, Resolved};
use crate::verify::Expected;

pub use error::TemplateError;
pub use templates::Templates;

/// A file's text, and what it has to mean.
#[derive(Debug)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// What it has to mean.
    pub expected: Expected,
}

/// Renders one file.
pub fn render(
    templates: &Templates,
    resolved: &Resolved<'_>,
    output: &Output<'_>,
) -> Result<Rendered, Box<TemplateError>> {
    let (context, expected) = context::of(resolved, output);
    match templates.render(template_of(output), context) {
        Ok(text) => Ok(Rendered { text, expected }),
        Err(error) => Err(Box::new(explained(&error, templates, resolved, output))),
    }
}

/// An error with what to write instead, where that can be said.
fn explained(
    error: &minijinja::Error,
    templates: &Templates,
    resolved: &Resolved<'_>,
    output: &Output<'_>,
) -> TemplateError {
    let (context, _) = context::of(resolved, output);
    let help = hints::help(error, templates, template_of(output), &context);
    TemplateError { help, ..TemplateError::from(error) }
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
