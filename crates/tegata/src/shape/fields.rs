//! The fields of a mapping: those that are there, misspelt or missing.

use tegata_rbac::suggest::closest;

use super::conform::{conform, found, wrong_type};
use super::list::only_text;
use super::text::{looks_like_a_blank, shown, token_problem};
use super::{Field, Record, Shape};
use crate::diagnostic::{Diagnostic, Place};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// Reports a value that is no mapping, and everything in which its fields differ from their form.
pub fn fields(node: &Node, record: &'static Record, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Value::Map(entries) = &node.value else {
        let example: Vec<String> = record
            .fields
            .iter()
            .filter(|field| field.required)
            .map(|field| format!("{}: {}", field.name, field.example))
            .collect();
        let help = match (node.as_str().filter(|_| !node.is_null()), only_text(record)) {
            (Some(text), Some(field)) => {
                format!("write {{{}: {}}}", field.name, crate::yaml::emit::text(text))
            }
            _ if example.is_empty() => "write `key: value` lines".to_owned(),
            _ if name == record.what => format!("write these lines: {}", example.join(", ")),
            _ => format!("write {{{}}}", example.join(", ")),
        };
        let diagnostic = if name == record.what {
            let message = format!("{name} is a mapping (`key: value` lines), not {}", found(node));
            Diagnostic::error("wrong-type", node.span, message)
        } else {
            wrong_type(node, "a mapping", name)
        };
        diagnostics.push(diagnostic.help(help));
        return;
    };
    if let Some(diagnostic) = without_blank(entries, record) {
        diagnostics.push(diagnostic);
        return;
    }
    for entry in entries {
        match record.field(&entry.key.value) {
            None if entry.value.as_str().and_then(token_problem).is_some() => {
                diagnostics.extend(token(&entry.value));
            }
            None => {
                diagnostics.push(unknown_field(&entry.key.value, entry.key.span, record));
                // What stands below a misspelt field is read as if it were spelt right.
                let meant = suggestion(&entry.key.value, record).and_then(|near| record.field(near));
                if let Some(field) = meant.filter(|field| node.get(field.name).is_none()) {
                    value(&entry.value, field, diagnostics);
                }
            }
            Some(field) => value(&entry.value, field, diagnostics),
        }
    }
    let missing = record.fields.iter().filter(|field| field.required && node.get(field.name).is_none());
    for field in missing {
        // A misspelt field has been reported with this one's name as the suggestion.
        let misspelt = entries.iter().any(|entry| {
            record.field(&entry.key.value).is_none()
                && suggestion(&entry.key.value, record) == Some(field.name)
        });
        if !misspelt {
            let place = entries.first().map_or(node.span, |entry| entry.key.span);
            diagnostics.push(missing_field(field, place, record));
        }
    }
}

/// Keys with their values in them, as in `{name:build}`: it is all one word to YAML.
fn without_blank(entries: &[Entry], record: &Record) -> Option<Diagnostic> {
    let parts = |entry: &Entry| {
        // Few keys have nothing behind them: no others are looked through.
        let key = Some(&entry.key.value).filter(|_| entry.value.span.range().is_empty());
        let (key, value) = key?.split_once(':')?;
        (record.field(key).is_some() && !value.is_empty()).then(|| format!("{key}: {}", shown(value)))
    };
    let mut faults = entries.iter().filter_map(|entry| Some((entry.key.span, parts(entry)?)));
    let (span, meant) = faults.next()?;
    let help = match faults.next() {
        None => format!("write {meant}"),
        Some(_) => format!("write {meant}, and a blank after each other `:`"),
    };
    Some(Diagnostic::error("yaml-syntax", span, "a blank is missing after the `:`").help(help))
}

/// The value of a field.
fn value(node: &Node, field: &Field, diagnostics: &mut Vec<Diagnostic>) {
    if field.nullable && node.is_null() {
        return;
    }
    let before = diagnostics.len();
    conform(node, &field.shape, field.name, diagnostics);
    for diagnostic in diagnostics.iter_mut().skip(before) {
        let of_the_whole = diagnostic.place == Place::At(node.span);
        let empty = diagnostic.id == "empty-value" && node.span.range().is_empty();
        if of_the_whole && (diagnostic.help.is_none() || (empty && field.required)) {
            diagnostic.help = Some(field.remedy());
        }
    }
}

/// A token, whatever its field is called.
fn token(node: &Node) -> Option<Diagnostic> {
    let problem = token_problem(node.as_str()?)?;
    Some(Diagnostic::error("invalid-value", node.span, problem.message).maybe_help(problem.help))
}

fn suggestion(name: &str, record: &'static Record) -> Option<&'static str> {
    let names = || record.fields.iter().map(|field| field.name);
    let folded: String = name.chars().filter(|character| !"_-".contains(*character)).collect();
    let end = |field: &&str| {
        let field = field.to_lowercase();
        folded.len() >= 4 && field.len() > folded.len() && field.ends_with(&folded.to_lowercase())
    };
    // `role` for `clusterRole` is the end of a name, and far from it by its letters.
    names()
        .find(|field| field.eq_ignore_ascii_case(&folded))
        .or_else(|| closest(name, names()))
        .or_else(|| names().find(end))
}

fn unknown_field(name: &str, span: Span, record: &'static Record) -> Diagnostic {
    let odd = name.chars().find(|character| character.is_whitespace() && !character.is_ascii());
    let help = match suggestion(name, record) {
        _ if odd.is_some() => odd.map(looks_like_a_blank).unwrap_or_default(),
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<&str> = record
                .fields
                .iter()
                .filter(|field| !matches!(field.shape, Shape::Ignored))
                .map(|field| field.name)
                .collect();
            format!("its fields are {}", names.join(", "))
        }
    };
    Diagnostic::error("unknown-field", span, format!("`{}` is not a field of {}", shown(name), record.what))
        .help(help)
}

fn missing_field(field: &Field, place: Span, record: &Record) -> Diagnostic {
    Diagnostic::error("missing-field", place, format!("{} needs `{}`", record.what, field.name))
        .help(field.remedy())
}
