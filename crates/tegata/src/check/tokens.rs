//! No token of GitLab stands in a workspace: it would be in the history of the repository for good.

use super::Rule;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;
use crate::shape::text::holds_token;
use crate::source::{Located, Span};
use crate::yaml::{Node, Value};

pub const RULE: Rule = Rule { title: "no token stands in a workspace", ids: &["token-in-workspace"], check };

fn check(loaded: &Loaded, _: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut places = Vec::new();
    for runner in loaded.runners.values() {
        for node in [&runner.kubernetes, &runner.values].into_iter().flatten() {
            in_node(node, &mut places);
        }
    }
    let mut in_pairs = |pairs: &[(Located<String>, String)]| {
        places.extend(pairs.iter().filter(|(_, value)| holds_token(value)).map(|(key, _)| key.span));
    };
    for role in loaded.roles.values() {
        in_pairs(&role.annotations);
    }
    for account in loaded.projects.iter().flat_map(|project| &project.accounts) {
        in_pairs(&account.annotations);
    }
    for place in places {
        diagnostics.push(
            Diagnostic::error("token-in-workspace", place, "this looks like a token of GitLab, which must never stand in a workspace")
                .help("revoke it, for it has been in a file; put a new one into a Secret in the cluster, and name that here"),
        );
    }
}

/// The places of tokens in a part of a file; the key where there is one.
fn in_node(node: &Node, places: &mut Vec<Span>) {
    match &node.value {
        Value::Scalar { text, .. } if holds_token(text) => places.push(node.span),
        Value::Scalar { .. } | Value::Unread => {}
        Value::List(items) => items.iter().for_each(|item| in_node(item, places)),
        Value::Map(entries) => entries.iter().for_each(|entry| in_node(&entry.value, places)),
    }
}
