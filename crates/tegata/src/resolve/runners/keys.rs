//! What a runner's file adds to the runner's own keys and to the chart's values, held against what these know.

use serde_json::{Map, Value};
use tegata_runner::{KeyProblem, keys, values};

use crate::declared::{Isolation, Runner};
use crate::diagnostic::{Diagnostic, Place};
use crate::source::Span;
use crate::yaml::{self, Node, emit};

/// What can't stay as it is.
pub(super) fn check(runner: &Runner, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(node) = &runner.kubernetes {
        let keys = map(Some(node));
        let mut problems = keys::check_kubernetes(&keys);
        if runner.isolation.value != Isolation::Dedicated {
            problems.extend(keys::check_shared(&keys));
        }
        diagnostics.extend(problems.into_iter().map(|problem| diagnostic(node, problem)));
    }
    if let Some(node) = &runner.values {
        let problems = values::check_values(&map(Some(node)));
        let mut found: Vec<Diagnostic> =
            problems.into_iter().map(|problem| diagnostic(node, problem)).collect();
        too_long(node, &mut found);
        diagnostics.append(&mut found);
    }
}

/// The keys as a map; an empty one where there are none.
pub(super) fn map(node: Option<&Node>) -> Map<String, Value> {
    match node.map(Node::to_json) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn diagnostic(node: &Node, problem: KeyProblem) -> Diagnostic {
    let span = node.at_path(problem.path.iter().map(String::as_str));
    let help = problem.help.unwrap_or_else(|| "write what is asked for, or remove the key".to_owned());
    Diagnostic::error(problem.id, span, problem.message).help(help)
}

/// Finds the keys that no reader would take for keys once they are rendered, where nothing else is wrong with them.
fn too_long(node: &Node, found: &mut Vec<Diagnostic>) {
    match &node.value {
        yaml::Value::Map(entries) => {
            for entry in entries {
                let length = emit::text(&entry.key.value).len();
                if length > emit::MAX_KEY && !is_told(entry.key.span, found) {
                    let message = format!(
                        "the key takes {length} characters as it is escaped, and YAML has {} at most",
                        emit::MAX_KEY
                    );
                    found.push(
                        Diagnostic::error(values::TEXT, entry.key.span, message)
                            .help("shorten it: a character outside of ASCII takes six or ten"),
                    );
                }
                too_long(&entry.value, found);
            }
        }
        yaml::Value::List(items) => items.iter().for_each(|item| too_long(item, found)),
        yaml::Value::Scalar { .. } | yaml::Value::Unread => {}
    }
}

fn is_told(span: Span, found: &[Diagnostic]) -> bool {
    found.iter().any(|diagnostic| diagnostic.place == Place::At(span))
}
