//! The admission policies of runners: for whom there are some, what they are made from, and what is too large.

use tegata_runner::policy::{self, Action, MAX_TABLE_BYTES};

use super::{Resolved, Runner, names};
use crate::declared::Isolation;
use crate::diagnostic::Diagnostic;

/// What `kubectl apply` keeps in an annotation, and the most bytes of all annotations
/// (`TotalAnnotationSizeLimitB` in apimachinery), with room for what the text of a manifest adds.
pub(super) const CLIENT_SIDE_BYTES: usize = 200 * 1024;

/// Whether a runner has admission policies.
pub fn has_policies(runner: &Runner<'_>) -> bool {
    runner.declared.isolation.value != Isolation::Overwrite
}

/// The name of a runner's table. It has dots, so no Helm release's ConfigMap can have it.
pub fn table_name(workspace: &str, runner: &Runner<'_>) -> String {
    names::policy(workspace, &runner.declared.name, "table")
}

/// What the policies of a runner are made from.
pub fn policies<'a>(resolved: &Resolved<'_>, runner: &Runner<'a>) -> policy::Runner<'a> {
    let (workspace, declared) = (resolved.workspace, runner.declared);
    let cluster = resolved.clusters.get(declared.cluster.value.as_str());
    let verifier = cluster.and_then(|cluster| cluster.declared.apply_account.as_ref()).map(names::username);
    policy::Runner {
        name: &declared.name,
        namespace: &declared.namespace.name.value,
        account: &declared.release,
        table: table_name(workspace, runner),
        triples: runner.triples.clone(),
        actions: declared.validation_actions.value.clone(),
        verifier,
    }
}

/// What is wrong with the policies, now that all projects are known.
pub fn check(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for runner in resolved.runners.values() {
        actions(runner, diagnostics);
        if has_policies(runner) {
            size(runner, diagnostics);
        }
    }
}

fn actions(runner: &Runner<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let actions = &runner.declared.validation_actions;
    let has = |action| actions.value.contains(&action);
    let written = actions.span != runner.declared.isolation.span;
    let mut twice = actions
        .value
        .iter()
        .enumerate()
        .map(|(at, action)| actions.value.iter().take(at).any(|other| other == action));
    if written && !has_policies(runner) {
        diagnostics.push(
            Diagnostic::error(
                "unused-admission",
                actions.span,
                "`isolation: overwrite` has no admission policies",
            )
            .help("write `isolation: admission`, or remove `admission`"),
        );
    } else if actions.value.is_empty() || twice.any(|twice| twice) || has(Action::Deny) && has(Action::Warn) {
        diagnostics.push(
            Diagnostic::error(
                "validation-actions",
                actions.span,
                "Kubernetes takes no such list: it names an action twice, none, or both Deny and Warn",
            )
            .help("write [Deny], [Deny, Audit] or, for a rollout, [Warn, Audit]"),
        );
    } else if !has(Action::Deny) {
        diagnostics.push(
            Diagnostic::error("not-enforced", actions.span, not_enforced(runner))
                .help("write [Deny] when no warnings come any more")
                .warning(),
        );
    }
}

fn not_enforced(runner: &Runner<'_>) -> &'static str {
    match runner.declared.isolation.value {
        Isolation::Dedicated => {
            "the admission policies refuse nothing yet: nothing but GitLab keeps other projects from this runner"
        }
        _ => {
            "the admission policies refuse nothing yet: projects of this runner can take each other's accounts"
        }
    }
}

fn size(runner: &Runner<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let bytes = policy::table_bytes(&runner.triples);
    let span = runner.declared.isolation.span;
    if bytes > MAX_TABLE_BYTES {
        let runners = bytes.div_ceil(MAX_TABLE_BYTES);
        diagnostics.push(
            Diagnostic::error("table-too-large", span, format!("the table of the runner's {} projects takes {bytes} bytes, and a ConfigMap at most {MAX_TABLE_BYTES}", runner.projects.len()))
                .help(format!("split the projects among at least {runners} runners: files in runners/ with a `release` and a token of their own")),
        );
    } else if bytes > CLIENT_SIDE_BYTES {
        diagnostics.push(
            Diagnostic::error("table-needs-server-side", span, format!("the runner's table takes {bytes} bytes, more than `kubectl apply` can note in an annotation"))
                .help("apply out/kubernetes with `kubectl apply --server-side`, or split the projects among more runners")
                .warning(),
        );
    }
}
