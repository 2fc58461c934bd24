//! Kubernetes objects that meet.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use super::super::hashes::Hashes;
use super::super::object::{Name, Pairs};
use super::super::output::{Content, Output};
use super::super::{Resolved, objects};
use super::claimed;
use crate::diagnostic::Diagnostic;
use crate::shape::text::shown;
use crate::source::Span;

/// What tells an object apart: its cluster, kind, namespace and name.
type Identity<'a> = (&'a str, &'static str, Option<Name>, Name);

/// Reports objects that are made twice.
pub fn report(resolved: &Resolved<'_>, outputs: &[Output<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let hasher = RandomState::default();
    let hash = |(identity, _): (Identity<'_>, Span)| hasher.hash_one(identity);
    let hashes = outputs.par_iter().flat_map_iter(|output| identities(resolved, output).map(hash)).collect();
    if Hashes::new(&hasher, hashes).are_distinct() {
        return;
    }
    let mut claims: HashMap<Identity<'_>, Span> = HashMap::new();
    for (identity, span) in outputs.iter().flat_map(|output| identities(resolved, output)) {
        let (_, kind, namespace, name) = &identity;
        let place = namespace.as_ref().map(|namespace| format!(" in namespace `{}`", shown(namespace)));
        let message = format!("the {kind} `{}`{} is made twice", shown(name), place.unwrap_or_default());
        let help = what_to_do(kind);
        if let Some(first) = claimed(&mut claims, identity, span) {
            diagnostics.push(
                Diagnostic::error("duplicate-object", span, message).help(help).related(first, "first here"),
            );
        }
    }
}

/// How two objects of a kind are kept apart.
fn what_to_do(kind: &str) -> &'static str {
    match kind {
        "RoleBinding" | "ClusterRoleBinding" => "drop one of the two, or name one apart with `bindingName`",
        "Namespace" => "name another namespace in one of the two places",
        _ => "name one of the two, or its namespace, otherwise",
    }
}

fn identities<'a>(
    resolved: &Resolved<'_>,
    output: &'a Output<'_>,
) -> impl Iterator<Item = (Identity<'a>, Span)> {
    let cluster = match &output.content {
        Content::Role(_) => output.path.components().nth(1).map_or("", |part| part.as_str()),
        Content::Project(_, cluster) => cluster,
        Content::Runner(runner) | Content::Admission(runner) => runner.declared.cluster.value.as_str(),
        Content::Quarantine { cluster, .. } => cluster,
        Content::Apply(cluster) => cluster.declared.name.as_str(),
        Content::Values(_) | Content::Include(_) => "",
    };
    let objects = match &output.content {
        // Without what its table holds, which takes long to make and tells nothing apart.
        Content::Admission(runner) => objects::of_admission(resolved, runner, Pairs::default()),
        _ => output.objects(resolved),
    };
    objects
        .into_iter()
        .map(move |object| ((cluster, object.kind(), object.namespace, object.name), object.origin))
}
