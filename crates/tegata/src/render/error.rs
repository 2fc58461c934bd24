//! What is wrong with a template, in the words of people who don't know its engine.

use minijinja::{Error, ErrorKind};

use super::syntax;

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
    /// What to write instead, where that is known.
    pub help: Option<String>,
    /// The templates that led to it, each with its line: the first is the one that the file begins with.
    pub through: Vec<(String, usize)>,
    /// Whether it was stopped, since it came to no end.
    pub is_endless: bool,
}

impl TemplateError {
    /// What is wrong with a template that can't be read: its text tells more than the engine does.
    pub fn in_text(error: &Error, text: &str) -> TemplateError {
        let found = TemplateError::from(error);
        match syntax::explain(error, text) {
            Some(told) => TemplateError {
                range: Some(told.range),
                message: told.message,
                help: Some(told.help),
                ..found
            },
            None => found,
        }
    }
}

impl From<&Error> for TemplateError {
    fn from(error: &Error) -> TemplateError {
        let cause = chain(error).last().unwrap_or(error);
        TemplateError {
            template: cause.name().unwrap_or_default().to_owned(),
            line: cause.line(),
            range: cause.range(),
            message: message(cause),
            help: None,
            through: chain(error)
                .filter_map(|error| Some((error.name()?.to_owned(), error.line()?)))
                .collect(),
            is_endless: cause.kind() == ErrorKind::OutOfFuel,
        }
    }
}

/// An error and what led to it: one in an included template is the source of the one that the including template
/// reports.
pub fn chain(error: &Error) -> impl Iterator<Item = &Error> {
    std::iter::successors(Some(error), |error| {
        std::error::Error::source(*error).and_then(|source| source.downcast_ref::<Error>())
    })
}

/// The filter, test, function or template that does not exist, where an error is about one.
pub fn unknown(cause: &Error) -> Option<&str> {
    let detail = cause.detail()?;
    match cause.kind() {
        ErrorKind::UnknownFilter => detail.strip_prefix("filter ")?.strip_suffix(" is unknown"),
        ErrorKind::UnknownTest => detail.strip_prefix("test ")?.strip_suffix(" is unknown"),
        ErrorKind::UnknownFunction => detail.strip_suffix(" is unknown"),
        ErrorKind::TemplateNotFound => detail.split(['"', '\'']).nth(1),
        _ => None,
    }
}

fn message(cause: &Error) -> String {
    match (cause.kind(), unknown(cause), cause.detail()) {
        (ErrorKind::OutOfFuel, ..) => {
            "it takes more steps than any file needs, or makes longer values".to_owned()
        }
        (ErrorKind::UnknownFilter, Some(name), _) => format!("there is no filter `{name}`"),
        (ErrorKind::UnknownTest, Some(name), _) => format!("there is no test `{name}`"),
        (ErrorKind::UnknownFunction, Some(name), _) => format!("there is no function `{name}`"),
        (ErrorKind::TemplateNotFound, Some(name), _) => format!("there is no template `{name}`"),
        // These details say all that the kind says.
        (ErrorKind::UndefinedError | ErrorKind::UnknownMethod, _, Some(detail)) => detail.to_owned(),
        (kind, _, Some(detail)) => format!("{kind}: {detail}"),
        (kind, _, None) => kind.to_string(),
    }
}
