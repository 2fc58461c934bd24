//! What is reported: an id, a place, what is wrong, and what to write instead.

pub mod human;
pub mod json;
mod looks;

use std::borrow::Cow;
use std::collections::HashMap;

use camino::Utf8PathBuf;

use crate::source::{Position, Sources, Span};

/// How bad it is. Only errors stop a render.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// Worth a look; the render goes on.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Some bytes of a text.
    At(Span),
    /// A file or folder as a whole, by its path from the workspace's root.
    File(Utf8PathBuf),
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// A stable name of the kind of finding, in `kebab-case`.
    pub id: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What one has to see to understand it, in a few lines.
    pub note: Option<String>,
    /// What to write instead, or to do next.
    pub help: Option<String>,
    /// Where.
    pub place: Place,
    /// Other places that belong to it, each with a word on why.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error at some bytes of a text.
    pub fn error(id: impl Into<Cow<'static, str>>, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            id: id.into(),
            severity: Severity::Error,
            message: message.into(),
            note: None,
            help: None,
            place: Place::At(span),
            related: Vec::new(),
        }
    }

    /// An error that concerns a file or folder as a whole.
    pub fn file_error(
        id: impl Into<Cow<'static, str>>,
        path: impl Into<Utf8PathBuf>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            id: id.into(),
            severity: Severity::Error,
            message: message.into(),
            note: None,
            help: None,
            place: Place::File(path.into()),
            related: Vec::new(),
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(self) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..self }
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// With what to write instead, where that is known.
    #[must_use]
    pub fn maybe_help(self, help: Option<String>) -> Diagnostic {
        Diagnostic { help, ..self }
    }

    /// With what one has to see to understand it, where there is such a thing.
    #[must_use]
    pub fn maybe_note(self, note: Option<String>) -> Diagnostic {
        Diagnostic { note, ..self }
    }

    /// With another place that belongs to it.
    #[must_use]
    pub fn related(mut self, span: Span, why: impl Into<String>) -> Diagnostic {
        self.related.push((span, why.into()));
        self
    }

    /// What one has to see to understand it; of what no screen shows, too.
    fn seen(&self, sources: &Sources) -> Option<String> {
        self.note.clone().or_else(|| looks::note(self, sources))
    }

    /// The file.
    pub fn location_path<'a>(&'a self, sources: &'a Sources) -> &'a camino::Utf8Path {
        match &self.place {
            Place::File(path) => path,
            Place::At(span) => sources.path(span.file),
        }
    }

    /// The file and the position in it; a file as a whole is meant by its beginning.
    pub fn location<'a>(&'a self, sources: &'a Sources) -> (&'a camino::Utf8Path, Position) {
        let start = Position { line: 1, column: 1 };
        match &self.place {
            Place::File(path) => (path, start),
            Place::At(span) => {
                let position =
                    sources.get(span.file).map_or(start, |source| source.position(span.range().start));
                (sources.path(span.file), position)
            }
        }
    }
}

/// Sorts by place, and drops what is said twice of one place.
pub fn sort(diagnostics: &mut Vec<Diagnostic>, sources: &Sources) {
    diagnostics.sort_by_cached_key(|diagnostic| {
        let path = diagnostic.location_path(sources);
        let offset = match &diagnostic.place {
            Place::At(span) => span.start,
            Place::File(_) => 0,
        };
        (path.to_owned(), offset, diagnostic.severity, diagnostic.id.clone(), diagnostic.message.clone())
    });
    diagnostics.dedup_by(|next, kept| {
        next.place == kept.place && next.id == kept.id && next.message == kept.message
    });
}

/// More findings of several files that say the same than anybody reads: a runner that was renamed is missed by all of
/// its projects.
const MAX_ALIKE: usize = 20;

/// Keeps the first of the findings that say the same of different files; the last that is kept says how many more there
/// are. They must be sorted.
pub fn group(diagnostics: &mut Vec<Diagnostic>) {
    type Said = (Cow<'static, str>, String, Option<String>);
    // The last one that is kept, and how many there are.
    let mut met: HashMap<Said, (usize, usize)> = HashMap::new();
    let mut kept: Vec<Diagnostic> = Vec::new();
    for diagnostic in std::mem::take(diagnostics) {
        let said = (diagnostic.id.clone(), diagnostic.message.clone(), diagnostic.help.clone());
        let (last, count) = met.entry(said).or_default();
        *count += 1;
        if *count <= MAX_ALIKE {
            *last = kept.len();
            kept.push(diagnostic);
        }
    }
    for (last, count) in met.into_values().filter(|(_, count)| *count > MAX_ALIKE) {
        if let Some(diagnostic) = kept.get_mut(last) {
            let more = count - MAX_ALIKE;
            diagnostic.message.push_str(&format!(" (also in {more} more places)"));
        }
    }
    *diagnostics = kept;
}

/// More findings than anybody reads of one file.
const MAX_FINDINGS: usize = 100;

/// Keeps the first findings of each file, and says how many more there are. They must be sorted.
pub fn limit(diagnostics: &mut Vec<Diagnostic>, sources: &Sources) {
    let mut kept: Vec<Diagnostic> = Vec::new();
    let mut file = Utf8PathBuf::new();
    let mut count = 0;
    let more = |kept: &mut Vec<Diagnostic>, file: &Utf8PathBuf, count: usize| {
        if count > MAX_FINDINGS {
            let message = format!("{} more findings in this file", count - MAX_FINDINGS);
            kept.push(
                Diagnostic::file_error("more-findings", file, message)
                    .help("mend the first ones: many of the rest may follow from them"),
            );
        }
    };
    for diagnostic in std::mem::take(diagnostics) {
        if diagnostic.location_path(sources) != file {
            more(&mut kept, &file, count);
            file = diagnostic.location_path(sources).to_owned();
            count = 0;
        }
        count += 1;
        if count <= MAX_FINDINGS {
            kept.push(diagnostic);
        }
    }
    more(&mut kept, &file, count);
    *diagnostics = kept;
}

/// Whether one of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Whether one of them is an error in that text.
pub fn has_errors_in(file: crate::source::FileId, diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| {
        diagnostic.severity == Severity::Error
            && matches!(diagnostic.place, Place::At(span) if span.file == file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_files_say_alike_is_counted() {
        let found = |index: usize, message: &str| {
            Diagnostic::file_error("yaml-tag", format!("projects/{index}.yaml"), message)
        };
        let mut diagnostics: Vec<_> = (0..MAX_ALIKE + 7).map(|index| found(index, "same")).collect();
        diagnostics.push(found(0, "other"));
        group(&mut diagnostics);
        assert_eq!(diagnostics.len(), MAX_ALIKE + 1);
        let messages: Vec<&str> = diagnostics.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(messages[MAX_ALIKE - 2..], ["same", "same (also in 7 more places)", "other"]);
    }
}
