//! Lists, and what was meant where something else stands in place of one.

use std::fmt::Write;

use super::conform::{conform, wrong_type};
use super::text::shown;
use super::{Field, Record, Shape};
use crate::diagnostic::Diagnostic;
use crate::yaml::{Entry, Node, Value, emit};

/// Reports a value that is no list, and everything in which its items differ from their form.
pub fn list(node: &Node, item: &Shape, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Value::List(items) = &node.value else {
        let diagnostic = wrong_type(node, "a list", name);
        let help = meant(node, item, name).or_else(|| diagnostic.help.clone());
        diagnostics.push(diagnostic.maybe_help(help));
        return;
    };
    // Made anew in one place: errors alone ask for it.
    let mut item_name = String::with_capacity(name.len() + "[000]".len());
    for (index, node) in items.iter().enumerate() {
        item_name.clear();
        // A `String` takes every write.
        let _ = write!(item_name, "{name}[{index}]");
        let name = item_name.as_str();
        match name_as_key(node, item, name) {
            Some(diagnostic) => diagnostics.push(diagnostic),
            None => conform(node, item, name, diagnostics),
        }
    }
}

/// What to write in place of a value that is no list.
fn meant(node: &Node, item: &Shape, name: &str) -> Option<String> {
    // A text that goes on in the next line: there the list was begun.
    let one_line =
        |text: &str, plain: bool| !text.contains('\n') && (!plain || node.span.range().len() == text.len());
    match &node.value {
        Value::Scalar { text, plain } if !node.is_null() && one_line(text, *plain) => {
            Some(format!("write it as a list: {name}: [{}]", items_from(text, item)))
        }
        Value::Scalar { .. } if !node.is_null() => {
            Some(format!("write nothing after `{name}:`, and each entry on a line that begins with `- `"))
        }
        Value::Map(entries) if entries.iter().any(|entry| entry.key.value.starts_with('-')) => {
            Some("write a blank after the `-` that begins an entry".to_owned())
        }
        Value::Map(entries) if in_braces(entries, item) => {
            let few = entries.iter().take(FEW).map(|entry| item_from(&entry.key.value, item));
            let more = if entries.len() > FEW { ", ..." } else { "" };
            let items = few.collect::<Vec<_>>().join(", ");
            Some(format!("write it as a list, in square brackets: {name}: [{items}{more}]"))
        }
        Value::Map(entries) => Some(named_entry(entries, item).map_or_else(
            || "begin each entry with `- `".to_owned(),
            |entry| {
                format!(
                    "begin each entry with `- ` and its name: `{entry}`, and its fields in the lines below"
                )
            },
        )),
        _ => None,
    }
}

/// As many entries as an example needs.
const FEW: usize = 8;

/// Whether entries without values are those of a list of words, in braces: `{get, list}`.
fn in_braces(entries: &[Entry], item: &Shape) -> bool {
    let of_words = matches!(item, Shape::Text(_) | Shape::Choice(_));
    of_words && !entries.is_empty() && entries.iter().all(|entry| entry.value.span.range().is_empty())
}

/// An entry whose name stands as its only key, with its fields below: `- build: {...}`.
fn name_as_key(node: &Node, item: &Shape, name: &str) -> Option<Diagnostic> {
    let [Entry { key, value }] = node.entries() else { return None };
    let entry = named_entry(node.entries(), item)?;
    let Shape::Record(record) = item else { return None };
    let fields = value.entries();
    let below = !fields.is_empty() && fields.iter().all(|field| record.field(&field.key.value).is_some());
    below.then(|| {
        let message = format!("`{}` stands as a key in `{name}`, where a name is meant", shown(&key.value));
        Diagnostic::error("unknown-field", key.span, message)
            .help(format!("write `{entry}`, and its fields in the lines below, under the first letter"))
    })
}

/// The first entry of a list that was written as a mapping from names.
fn named_entry(entries: &[Entry], item: &Shape) -> Option<String> {
    let Shape::Record(record) = item else { return None };
    let field = only_text(record)?;
    let first = entries.first().map(|entry| entry.key.value.as_str())?;
    let known = entries.iter().any(|entry| record.field(&entry.key.value).is_some());
    (!known).then(|| format!("- {}: {}", field.name, emit::text(first)))
}

/// The entries of a list that say what a text was meant to say: several, where commas part it.
fn items_from(text: &str, item: &Shape) -> String {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| item_from(part, item)).collect::<Vec<_>>().join(", ")
}

fn item_from(text: &str, item: &Shape) -> String {
    let text = emit::text(text);
    match item {
        Shape::Record(record) => match only_text(record) {
            Some(field) => format!("{{{}: {text}}}", field.name),
            None => "...".to_owned(),
        },
        _ => text.to_string(),
    }
}

/// The one field that a mapping must have, where that is a text.
pub fn only_text(record: &'static Record) -> Option<&'static Field> {
    let mut required = record.fields.iter().filter(|field| field.required);
    match (required.next(), required.next()) {
        (Some(field), None) if matches!(field.shape, Shape::Text(_)) => Some(field),
        _ => None,
    }
}
