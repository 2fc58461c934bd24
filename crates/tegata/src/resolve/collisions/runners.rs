//! What two runners claim at once, or two clusters.

use foldhash::{HashMap, HashMapExt};

use super::super::Resolved;
use super::claimed;
use super::reserved::closed_to_jobs;
use crate::declared::place_of;
use crate::diagnostic::Diagnostic;
use crate::shape::text::shown;

/// Reports clusters of one server, and runners of one release.
pub fn report(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    servers(resolved, diagnostics);
    releases(resolved, diagnostics);
}

/// Two files that describe one cluster: what one of them claims there, the other could claim once more.
fn servers(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut claims = HashMap::new();
    for (name, cluster) in &resolved.clusters {
        let Some(server) = &cluster.declared.server else { continue };
        if let Some(first) = claimed(&mut claims, place_of(&server.value), server.span) {
            let message = format!("another cluster has the server of `{name}`, so both are one");
            diagnostics.push(
                Diagnostic::error("duplicate-server", server.span, message)
                    .help("describe it in one file, and name that in the runners; or pin the address of another cluster")
                    .related(first, "the other one"),
            );
        }
    }
}

fn releases(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut claims = HashMap::new();
    for runner in resolved.runners.values() {
        let declared = runner.declared;
        diagnostics.extend(closed_to_jobs(&declared.jobs_namespace));
        let key = (
            declared.cluster.value.as_str(),
            declared.namespace.name.value.as_str(),
            declared.release.as_str(),
        );
        if let Some(first) = claimed(&mut claims, key, declared.namespace.name.span) {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-release",
                    declared.namespace.name.span,
                    format!(
                        "the release `{}` in namespace `{}` belongs to another runner",
                        shown(key.2),
                        shown(key.1)
                    ),
                )
                .help("write another `release` or `namespace`: one release is one runner")
                .related(first, "the other runner's"),
            );
        }
    }
}
