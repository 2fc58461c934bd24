//! Holds a file against its form, and reports every difference at once.

use tegata_rbac::suggest::closest;

use super::text::shown;
use super::{Field, Record, Shape, TextRule};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::scalar::{self, Type};
use crate::yaml::{Node, Value};

/// Reports everything in which `node` differs from `shape`. `name` is what the value is called in messages.
pub fn conform(node: &Node, shape: &Shape, name: &str, diagnostics: &mut Vec<Diagnostic>) {
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
        Shape::Open => {
            if !matches!(node.value, Value::Map(_)) {
                diagnostics.push(wrong_type(node, "a mapping (`key: value` lines)", name));
            }
        }
    }
}

fn found(node: &Node) -> &'static str {
    match &node.value {
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
        Value::Scalar { plain: false, .. } => "text in quotes",
        Value::Scalar { text, plain: true } => scalar::core_type(text).words(),
    }
}

fn wrong_type(node: &Node, expected: &str, name: &str) -> Diagnostic {
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
    let Value::Scalar { text, plain } = &node.value else {
        let hint = match &node.value {
            Value::List(items) if items.len() == 1 => items
                .first()
                .and_then(Node::as_str)
                .map(|only| format!("write it without the list: {name}: {only}")),
            Value::Map(entries) if entries.iter().all(|entry| entry.value.is_null()) => Some(
                "braces mean a mapping in YAML: write the text without them, or in double quotes".to_owned(),
            ),
            _ => None,
        };
        diagnostics.push(wrong_type(node, rule.what, name).maybe_help(hint));
        return;
    };
    if *plain && let Some(diagnostic) = not_meant_as_text(node.span, text, name, rule.what) {
        diagnostics.push(diagnostic);
        return;
    }
    if let Err(problem) = (rule.check)(text) {
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
            Diagnostic::error("empty-value", span, format!("`{name}` has no value: expected {what}"))
                .help("write the value, or remove the field"),
        );
    }
    let read_as = match core {
        Type::Text => format!("some YAML readers take `{}` for {}", shown(text), scalar::legacy_type(text)?),
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
    diagnostics.push(wrong_type(node, "true or false", name).help(help));
}

fn integer(node: &Node, least: i64, most: i64, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let range = if most == i64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
    let expected = format!("a whole number, {range}");
    let written = node.as_str().unwrap_or_default();
    let digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = written.len() > 1 && written.starts_with('0');
    let value = written.parse::<i64>().ok();
    let plain = matches!(node.value, Value::Scalar { plain: true, .. });
    match value {
        Some(value) if plain && digits && !leading_zero && (least..=most).contains(&value) => {}
        Some(value) if plain && digits && !leading_zero => diagnostics.push(
            Diagnostic::error("invalid-value", node.span, format!("`{name}` is {value}, outside of {range}"))
                .help(format!("write {expected}")),
        ),
        _ => {
            let help = match value {
                Some(value) if digits => format!("write {name}: {value}"),
                _ => format!("write {expected}, in plain digits and without quotes"),
            };
            diagnostics.push(wrong_type(node, &expected, name).help(help));
        }
    }
}

fn choice(node: &Node, choices: &[(&'static str, &str)], name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let words = || choices.iter().map(|(word, _)| *word);
    let list = words().collect::<Vec<_>>().join(", ");
    let Some(written) = node.as_str().filter(|_| !node.is_null()) else {
        diagnostics.push(wrong_type(node, &format!("one of {list}"), name));
        return;
    };
    if words().any(|word| word == written) {
        return;
    }
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

fn list(node: &Node, item: &Shape, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Value::List(items) = &node.value else {
        let help = match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => {
                Some(format!("write it as a list: {name}: [{}]", crate::yaml::emit::text(text)))
            }
            Value::Map(_) => Some("begin each entry with `- `".to_owned()),
            _ => None,
        };
        let diagnostic = wrong_type(node, "a list", name);
        let help = help.or_else(|| diagnostic.help.clone());
        diagnostics.push(diagnostic.maybe_help(help));
        return;
    };
    for (index, node) in items.iter().enumerate() {
        conform(node, item, &format!("{name}[{index}]"), diagnostics);
    }
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

fn fields(node: &Node, record: &'static Record, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Value::Map(entries) = &node.value else {
        let example: Vec<String> = record
            .fields
            .iter()
            .filter(|field| field.required)
            .map(|field| format!("{}: {}", field.name, field.example))
            .collect();
        let help = format!(
            "write {}",
            if example.is_empty() { "`key: value` lines".to_owned() } else { example.join(", ") }
        );
        diagnostics.push(wrong_type(node, &format!("a mapping: {}", record.what), name).help(help));
        return;
    };
    for entry in entries {
        match record.field(&entry.key.value) {
            None => diagnostics.push(unknown_field(&entry.key.value, entry.key.span, record)),
            Some(field) if field.nullable && entry.value.is_null() => {}
            Some(field) => conform(&entry.value, &field.shape, field.name, diagnostics),
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

fn suggestion(name: &str, record: &'static Record) -> Option<&'static str> {
    let names = || record.fields.iter().map(|field| field.name);
    let folded: String = name.chars().filter(|character| !"_-".contains(*character)).collect();
    names().find(|field| field.eq_ignore_ascii_case(&folded)).or_else(|| closest(name, names()))
}

fn unknown_field(name: &str, span: Span, record: &'static Record) -> Diagnostic {
    let help = match suggestion(name, record) {
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
        .help(format!("write {}: {}", field.name, field.example))
}
