//! Files that nothing refers to, and words that do nothing.

use std::collections::BTreeSet;

use super::{Look, Rule};
use crate::declared::{Isolation, Scope};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;

pub const RULE: Rule = Rule {
    title: "everything that is written does something",
    ids: &["unused-role", "unused-runner", "unused-labels", "role-grants-nothing", "split-without-effect"],
    check,
};

fn check<'a>(loaded: &'a Loaded, resolved: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) -> Look<'a> {
    let bound: BTreeSet<&str> = resolved.roles.keys().map(|(_, role)| *role).collect();
    for (name, role) in loaded.roles.iter().filter(|(name, _)| !bound.contains(name.as_str())) {
        diagnostics.push(
            Diagnostic::error(
                "unused-role",
                role.name.span,
                format!("no account has the role `{name}`: it is not rendered"),
            )
            .help("delete the file, or give an account the role")
            .warning(),
        );
    }
    for (name, role) in loaded.roles.iter().filter(|(name, _)| bound.contains(name.as_str())) {
        if role.rules.is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    "role-grants-nothing",
                    role.name.span,
                    format!("the role `{name}` has no rules: whoever has it may do nothing by it"),
                )
                .help(
                    "write its `rules`, or delete the file and take the role from the accounts that have it",
                )
                .warning(),
            );
        }
    }
    for runner in resolved.runners.values() {
        let declared = runner.declared;
        if runner.serves_nobody() && declared.isolation.value != Isolation::Dedicated {
            diagnostics.push(
                Diagnostic::file_error(
                    "unused-runner",
                    loaded.sources.path(declared.span.file),
                    format!(
                        "no project has the runner `{}`: all its jobs stay in `{}`",
                        declared.name, declared.jobs_namespace.value
                    ),
                )
                .help("delete the file, or name the runner in a project")
                .warning(),
            );
        }
    }
    Box::new(|project, found| {
        let own = project.accounts.iter().filter_map(|account| account.declared.namespace.as_deref());
        for namespace in own.chain([&project.declared.namespace]) {
            if let (false, Some((label, _))) = (namespace.create, namespace.labels.first()) {
                found.push(
                    Diagnostic::error(
                        "unused-labels",
                        label.span,
                        "the labels do nothing: the namespace is not created by tegata",
                    )
                    .help("write create: true, or remove the labels")
                    .warning(),
                );
            }
        }
        for binding in project.accounts.iter().flat_map(|account| &account.roles) {
            let split = binding.declared.scope.value == Scope::Split && !binding.has_cluster_scoped;
            // Of a role without rules that is said once, at the role.
            if split && binding.role.is_none_or(|role| !role.rules.is_empty()) {
                found.push(
                    Diagnostic::error(
                        "split-without-effect",
                        binding.declared.scope.span,
                        "the role has nothing cluster-scoped: there is nothing to split off",
                    )
                    .help("remove `scope`: the namespace is the default")
                    .warning(),
                );
            }
        }
    })
}
