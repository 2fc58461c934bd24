//! Holds a file against its form, and reports every difference at once.

use tegata_rbac::suggest::closest;

use super::fields::fields;
use super::list::list;
use super::text::{holds_token, shown, token_problem};
use super::{Shape, TextRule};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::scalar::{self, Type};
use crate::yaml::{Node, Value};

/// Reports everything in which `node` differs from `shape`. `name` is what the value is called in messages.
pub fn conform(node: &Node, shape: &Shape, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    if matches!(node.value, Value::Unread) {
        return;
    }
    match shape {
        Shape::Ignored => {}
        Shape::Text(rule) => text(node, rule, name, diagnostics),
        Shape::Flag => flag(node, name, diagnostics),
        Shape::Integer(least, most) => integer(node, *least, *most, name, diagnostics),
        Shape::Choice(choices) => choice(node, choices, name, diagnostics),
        Shape::List(item) => list(node, item, name, diagnostics),
        Shape::Record(record) => fields(node, record, name, diagnostics),
        Shape::Texts(keys, values) => texts(node, keys, values, name, diagnostics),
        Shape::TextOrRecord(_, record) if matches!(node.value, Value::Map(_)) => {
            fields(node, record, name, diagnostics)
        }
        Shape::TextOrRecord(rule, _) => text(node, rule, name, diagnostics),
        Shape::Open(_) => {
            if !matches!(node.value, Value::Map(_)) {
                diagnostics.push(wrong_type(node, "a mapping (`key: value` lines)", name));
            }
        }
    }
}

pub(super) fn found(node: &Node) -> &'static str {
    match &node.value {
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
        Value::Unread => "something that can't be read",
        Value::Scalar { text, plain: false } if text.contains('\n') => "text of several lines",
        Value::Scalar { plain: false, .. } => "text in quotes",
        Value::Scalar { text, plain: true } => scalar::core_type(text).words(),
    }
}

pub(super) fn wrong_type(node: &Node, expected: &str, name: &str) -> Diagnostic {
    if node.is_null() {
        return Diagnostic::error(
            "empty-value",
            node.span,
            format!("`{name}` has no value: expected {expected}"),
        )
        .help("write the value, or remove the field");
    }
    Diagnostic::error("wrong-type", node.span, format!("`{name}` wants {expected}, not {}", found(node)))
}

fn text(node: &Node, rule: &TextRule, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    if matches!(node.value, Value::Unread) {
        return;
    }
    let Value::Scalar { text, plain } = &node.value else {
        let hint = match &node.value {
            Value::List(items) if items.len() == 1 => items
                .first()
                .and_then(Node::as_str)
                .map(|only| format!("write it without the list: {name}: {only}")),
            Value::Map(entries) if name.ends_with(']') && entries.len() == 1 => entries
                .first()
                .and_then(|entry| Some((&entry.key.value, entry.value.as_str()?)))
                .map(|(key, value)| format!("write it without the `:`: {} {}", shown(key), shown(value))),
            Value::Map(entries) if entries.iter().all(|entry| entry.value.is_null()) => Some(
                "braces mean a mapping in YAML: write the text without them, or in double quotes".to_owned(),
            ),
            _ => None,
        };
        diagnostics.push(wrong_type(node, rule.what, name).maybe_help(hint));
        return;
    };
    // What quotes would not mend either is reported as what it is.
    let checked = match token_problem(text).filter(|_| holds_token(text)) {
        Some(problem) => Err(problem),
        None if node.is_null() => Ok(()),
        None => (rule.check)(text),
    };
    if *plain
        && checked.is_ok()
        && let Some(diagnostic) = not_meant_as_text(node.span, text, name, rule.what)
    {
        diagnostics.push(diagnostic);
        return;
    }
    if let Err(problem) = checked {
        // A range inside the text is a range inside the file only where nothing was escaped.
        let verbatim = node.span.range().len() == text.len();
        let span = match problem.range {
            Some(range) if verbatim => node.span.part(range),
            _ => node.span,
        };
        diagnostics.push(Diagnostic::error("invalid-value", span, problem.message).maybe_help(problem.help));
    }
}

/// A scalar without quotes that YAML, in one of its versions, takes for something else than text.
fn not_meant_as_text(span: Span, text: &str, name: &str, what: &str) -> Option<Diagnostic> {
    let core = scalar::core_type(text);
    if core == Type::Null {
        return Some(
            Diagnostic::error("empty-value", span, format!("`{name}` has no value: expected {what}")).help(
                if span.range().is_empty() {
                    "write the value, or remove the field".to_owned()
                } else {
                    format!(
                        "write the value, or remove the field; if the text itself is meant: {}",
                        crate::yaml::emit::quoted(text)
                    )
                },
            ),
        );
    }
    let read_as = match core {
        Type::Text => {
            let other = scalar::legacy_type(text)?;
            format!("some YAML readers take `{}` for {other}", shown(text))
        }
        other => format!("YAML takes `{}` for {}", shown(text), other.words()),
    };
    Some(
        Diagnostic::error("unquoted", span, format!("{read_as}, and `{name}` wants text"))
            .help(format!("put it in quotes: {}", crate::yaml::emit::quoted(text))),
    )
}

fn flag(node: &Node, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let word = node.as_str().unwrap_or_default();
    if matches!(node.value, Value::Scalar { plain: true, .. }) && matches!(word, "true" | "false") {
        return;
    }
    let meant = match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "true" | "1" => Some("true"),
        "no" | "off" | "n" | "false" | "0" => Some("false"),
        _ => None,
    };
    let help =
        meant.map_or_else(|| "write true or false".to_owned(), |meant| format!("write {name}: {meant}"));
    if matches!(node.value, Value::Scalar { plain: true, .. }) && scalar::core_type(word) == Type::Boolean {
        let message = format!("`{name}` wants true or false in lower-case letters, not `{word}`");
        diagnostics.push(Diagnostic::error("wrong-type", node.span, message).help(help));
        return;
    }
    diagnostics.push(wrong_type(node, "true or false", name).help(help));
}

fn integer(node: &Node, least: i64, most: i64, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let expected = match most {
        _ if most == least => format!("the number {least}"),
        i64::MAX => format!("a whole number, {least} or more"),
        _ => format!("a whole number, {least} to {most}"),
    };
    let written = node.as_str().unwrap_or_default();
    let digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = written.len() > 1 && written.starts_with('0');
    let value = written.parse::<i64>().ok();
    let plain = matches!(node.value, Value::Scalar { plain: true, .. });
    match value {
        Some(value) if plain && digits && !leading_zero && (least..=most).contains(&value) => {}
        Some(value) if plain && digits && !leading_zero => diagnostics.push(
            Diagnostic::error("invalid-value", node.span, format!("`{name}` can't be {value}")).help(
                if most == least { format!("write {name}: {least}") } else { format!("write {expected}") },
            ),
        ),
        _ => {
            let help = match value {
                Some(value) if digits => format!("write {name}: {value}"),
                None if plain && digits => format!("write a whole number, {least} to {most}"),
                _ => format!("write {expected}, in plain digits and without quotes"),
            };
            let number = plain && matches!(scalar::core_type(written), Type::Integer | Type::Float);
            let diagnostic = if number {
                let message = format!("`{name}` can't be `{}`", shown(written));
                Diagnostic::error("invalid-value", node.span, message)
            } else {
                wrong_type(node, &expected, name)
            };
            diagnostics.push(diagnostic.help(help));
        }
    }
}

fn choice(node: &Node, choices: &[(&'static str, &str)], name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let words = || choices.iter().map(|(word, _)| *word);
    let written = node.as_str().filter(|_| !node.is_null());
    if written.is_some_and(|written| words().any(|word| word == written)) {
        return;
    }
    let list = words().collect::<Vec<_>>().join(", ");
    let Some(written) = written else {
        diagnostics.push(wrong_type(node, &format!("one of {list}"), name));
        return;
    };
    let help = match (closest(written, words()), choices) {
        (_, [(only, _)]) => format!("write {name}: {only}"),
        (Some(near), _) => format!("did you mean `{near}`? It is one of {list}"),
        (None, _) => format!("write one of {list}"),
    };
    diagnostics.push(
        Diagnostic::error("invalid-value", node.span, format!("`{name}` can't be `{}`", shown(written)))
            .help(help),
    );
}

fn texts(node: &Node, keys: &TextRule, values: &TextRule, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    if !matches!(node.value, Value::Map(_)) {
        diagnostics.push(wrong_type(node, "a mapping (`key: value` lines)", name));
        return;
    }
    for entry in node.entries() {
        if let Err(problem) = (keys.check)(&entry.key.value) {
            diagnostics.push(
                Diagnostic::error("invalid-value", entry.key.span, problem.message).maybe_help(problem.help),
            );
        }
        text(&entry.value, values, &entry.key.value, diagnostics);
    }
}
