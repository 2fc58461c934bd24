//! No account that tegata renders can write the admission policies or the tables that they read: it would lift
//! what keeps the projects apart. Decided as Kubernetes' RBAC authorizer does (`VerbMatches` and its like in
//! `pkg/apis/rbac/v1/evaluation_helpers.go`).

use std::collections::HashMap;

use tegata_rbac::PolicyRule;

use super::{Look, Rule, has, is_named, known_rules};
use crate::declared::{self, Scope};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::{Account, Resolved, has_policies, table_name};
use crate::source::Span;

pub const RULE: Rule = Rule {
    title: "nobody can write the admission policies and their tables",
    ids: &["policy-writer"],
    check,
};

const WRITES: [&str; 5] = ["create", "delete", "deletecollection", "patch", "update"];
/// Those that change pods among them: they come before the policies, and change what a job runs.
const POLICIES: [&str; 5] = [
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
];
/// Kubernetes' own roles that can write ConfigMaps (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`).
const WRITERS: [&str; 8] = [
    "admin",
    "cluster-admin",
    "edit",
    "system:aggregate-to-edit",
    "system:controller:generic-garbage-collector",
    "system:controller:namespace-controller",
    "system:controller:root-ca-cert-publisher",
    "system:controller:storage-version-migrator-controller",
];

fn check<'a>(loaded: &'a Loaded, resolved: &'a Resolved<'a>, _: &mut Vec<Diagnostic>) -> Look<'a> {
    // The names of each cluster's tables. They lie beside the managers, where no project may have an account
    // (`resolve/served.rs`): who holds a role in one namespace reaches none.
    let mut of_clusters: HashMap<&str, Vec<String>> = HashMap::new();
    for runner in resolved.runners.values().filter(|runner| has_policies(runner)) {
        let tables = of_clusters.entry(&runner.declared.cluster.value).or_default();
        tables.push(table_name(resolved.workspace, runner));
    }
    Box::new(move |project, found| {
        for account in &project.accounts {
            if let Some(tables) = of_clusters.get(account.cluster) {
                check_account(loaded, account, tables, found);
            }
        }
    })
}

fn check_account(
    loaded: &Loaded,
    account: &Account<'_>,
    tables: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for binding in &account.roles {
        let declared = binding.declared;
        let everywhere = declared.scope.value == Scope::Cluster;
        // What is split reaches everywhere with its cluster-scoped rules only, and no table is cluster-scoped.
        let cluster_scoped = declared.scope.value != Scope::Namespace;
        let reached = if everywhere { tables } else { &[] };
        report(known_rules(loaded, binding), cluster_scoped, reached, declared.span, diagnostics);
        let name = &declared.cluster_role;
        if declared.existing && !reached.is_empty() && WRITERS.contains(&name.value.as_str()) {
            diagnostics.push(finding(name.span, "write the tables of the admission policies", declared.span));
        }
    }
}

fn report<'r>(
    rules: impl IntoIterator<Item = &'r declared::Rule>,
    cluster_scoped: bool,
    tables: &[String],
    bound: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for rule in rules {
        if cluster_scoped
            && POLICIES
                .iter()
                .any(|resource| writes(&rule.rule, "admissionregistration.k8s.io", resource, None))
        {
            diagnostics.push(finding(rule.span, "write admission policies", bound));
        } else if tables.iter().any(|name| writes(&rule.rule, "", "configmaps", Some(name))) {
            diagnostics.push(finding(rule.span, "write the tables of the admission policies", bound));
        }
    }
}

/// Whether a rule lets one write a resource; with a name, that one object (none of it can be made or deleted
/// by a rule with names of others).
fn writes(rule: &PolicyRule, group: &str, resource: &str, name: Option<&str>) -> bool {
    let names = &rule.resource_names;
    let named = name.is_none_or(|name| names.iter().any(|entry| entry == name));
    // A rule with names matches no request without one: neither `create` nor `deletecollection`.
    let verb = |verb: &&str| !is_named(rule) || !matches!(*verb, "create" | "deletecollection");
    has(&rule.api_groups, group)
        && has(&rule.resources, resource)
        && (!is_named(rule) || named)
        && WRITES.iter().filter(|word| verb(word)).any(|word| has(&rule.verbs, word))
}

fn finding(span: Span, what: &str, bound: Span) -> Diagnostic {
    Diagnostic::error("policy-writer", span, format!("an account could {what}, which keep the projects apart"))
        .help("leave it out, name other objects with `resourceNames`, or bind the role in the account's namespace only")
        .related(bound, "the account has it here")
}
