//! No token of GitLab stands in a workspace: it would be in the history of the repository for good.

use super::{Look, Rule};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;
use crate::shape::text::holds_token;
use crate::source::{Located, Span};
use crate::yaml::{Node, Value};

pub const RULE: Rule = Rule { title: "no token stands in a workspace", ids: &["token-in-workspace"], check };

fn check<'a>(loaded: &'a Loaded, _: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) -> Look<'a> {
    let mut places = Vec::new();
    for runner in loaded.runners.values() {
        for node in [&runner.kubernetes, &runner.values].into_iter().flatten() {
            in_node(node, &mut places);
        }
    }
    diagnostics.extend(places.into_iter().map(finding));
    for role in loaded.roles.values() {
        diagnostics.extend(in_pairs(&role.annotations).map(finding));
    }
    Box::new(|project, found| {
        for account in &project.declared.accounts {
            found.extend(in_pairs(&account.annotations).map(finding));
        }
    })
}

fn finding(place: Span) -> Diagnostic {
    Diagnostic::error(
        "token-in-workspace",
        place,
        "this looks like a token of GitLab, which must never stand in a workspace",
    )
    .help("revoke it, for it has been in a file; put a new one into a Secret in the cluster, and name that here")
}

fn in_pairs(pairs: &[(Located<String>, String)]) -> impl Iterator<Item = Span> {
    pairs.iter().filter(|(_, value)| holds_token(value)).map(|(key, _)| key.span)
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
