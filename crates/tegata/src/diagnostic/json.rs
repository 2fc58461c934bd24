//! The report for machines: a list of findings, each with its place.

use serde_json::{Value, json};

use super::Diagnostic;
use crate::shape::text::without_tokens;
use crate::source::Sources;

/// The version of the document that `--format json` prints.
pub const FORMAT_VERSION: u32 = 1;

/// One finding. Paths are relative to the workspace; lines and columns count from 1, columns in characters.
pub fn value(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let (file, position) = diagnostic.location(sources);
    let related: Vec<Value> = diagnostic
        .related
        .iter()
        .map(|(span, why)| {
            let position = sources.get(span.file).map(|source| source.position(span.range().start));
            json!({
                "message": why,
                "location": {
                    "file": sources.path(span.file).as_str(),
                    "line": position.map_or(1, |position| position.line),
                    "column": position.map_or(1, |position| position.column),
                },
            })
        })
        .collect();
    let mut value = json!({
        "id": diagnostic.id,
        "severity": diagnostic.severity.word(),
        "message": without_tokens(&diagnostic.message),
        "help": diagnostic.help.as_deref().map(without_tokens),
        "location": { "file": file.as_str(), "line": position.line, "column": position.column },
        "related": related,
    });
    if let (Some(note), Some(fields)) = (diagnostic.seen(sources), value.as_object_mut()) {
        fields.insert("note".to_owned(), without_tokens(&note).into());
    }
    value
}
