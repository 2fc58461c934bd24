//! No account can say that it is an account of another project, or give itself the right to. The API server takes
//! the other's name before its admission policies look (`WithImpersonation` in
//! `apiserver/pkg/endpoints/filters/impersonation`), so that none of them sees who really asks: unlike pods, tokens and
//! their like, this can be kept out here only.
//!
//! Accounts of one project may: a project's jobs choose among them anyway. And a runner with `isolation: overwrite`
//! promises its projects nothing.

use std::collections::BTreeMap;

use tegata_rbac::PolicyRule;

use super::Rule;
use crate::declared::{self, Scope};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::{Account, Resolved, has_policies};
use crate::source::Span;

pub const RULE: Rule =
    Rule { title: "no account becomes one of another project by saying so", ids: &["impersonator"], check };

/// Kubernetes' own roles that may (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`).
const IMPERSONATORS: [&str; 3] = ["admin", "cluster-admin", "edit"];

/// Accounts whose runner keeps its projects apart, by cluster and namespace: the project and the name of each.
type Protected<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a str, &'a str)>>;

/// What one account reaches by a rule.
struct Reach<'a, 'b> {
    protected: &'b Protected<'a>,
    project: &'a str,
    cluster: &'a str,
    /// The namespace, or everywhere.
    namespace: Option<&'a str>,
}

fn check(loaded: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let protected = protected(resolved);
    for project in &resolved.projects {
        for account in &project.accounts {
            let own = Reach {
                protected: &protected,
                project: &project.declared.path.value,
                cluster: account.cluster,
                namespace: Some(&account.namespace.name.value),
            };
            check_account(loaded, account, &own, diagnostics);
        }
    }
}

fn protected<'a>(resolved: &Resolved<'a>) -> Protected<'a> {
    let mut protected = Protected::new();
    for project in &resolved.projects {
        for account in &project.accounts {
            let runner = resolved.runners.get(account.runner.name.as_str());
            if runner.is_some_and(has_policies) {
                let place = (account.cluster, account.namespace.name.value.as_str());
                let it = (project.declared.path.value.as_str(), account.declared.name.value.as_str());
                protected.entry(place).or_default().push(it);
            }
        }
    }
    protected
}

fn check_account(
    loaded: &Loaded,
    account: &Account<'_>,
    own: &Reach<'_, '_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    report(&account.declared.rules, own, account.declared.name.span, diagnostics);
    for binding in &account.roles {
        let declared = binding.declared;
        let namespace = own.namespace.filter(|_| declared.scope.value != Scope::Cluster);
        let reach = Reach { namespace, ..*own };
        match loaded.roles.get(&declared.cluster_role.value) {
            Some(role) => report(&role.rules, &reach, declared.span, diagnostics),
            None if declared.existing && IMPERSONATORS.contains(&declared.cluster_role.value.as_str()) => {
                if let Some(victim) = reach.victim(&[]) {
                    diagnostics.push(finding(declared.cluster_role.span, "become", victim, declared.span));
                }
            }
            None => {}
        }
    }
}

fn report(rules: &[declared::Rule], reach: &Reach<'_, '_>, bound: Span, diagnostics: &mut Vec<Diagnostic>) {
    for rule in rules {
        let (how, names) = match (impersonates(&rule.rule), escalates(&rule.rule)) {
            (true, _) => ("become", rule.rule.resource_names.as_slice()),
            (_, true) => ("give itself the right to become", [].as_slice()),
            _ => continue,
        };
        if let Some(victim) = reach.victim(names) {
            diagnostics.push(finding(rule.span, how, victim, bound));
        }
    }
}

impl<'a> Reach<'a, '_> {
    /// An account of another project; with names, one of them.
    fn victim(&self, names: &[String]) -> Option<(&'a str, &'a str)> {
        let is_it = |(project, name): &(&str, &str)| {
            *project != self.project && (names.is_empty() || names.iter().any(|known| known == name))
        };
        match self.namespace {
            Some(namespace) => self.protected.get(&(self.cluster, namespace))?.iter().copied().find(is_it),
            None => {
                let of_cluster = self.protected.iter().filter(|((cluster, _), _)| *cluster == self.cluster);
                of_cluster.flat_map(|(_, accounts)| accounts).copied().find(is_it)
            }
        }
    }
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|entry| entry == word || entry == "*")
}

/// `impersonate` on ServiceAccounts, on all users or on groups; since Kubernetes 1.36 also `impersonate:<mode>`.
fn impersonates(rule: &PolicyRule) -> bool {
    let verb =
        has(&rule.verbs, "impersonate") || rule.verbs.iter().any(|verb| verb.starts_with("impersonate:"));
    let group = has(&rule.api_groups, "") || has(&rule.api_groups, "authentication.k8s.io");
    verb && group
        && ["groups", "serviceaccounts", "users"].iter().any(|resource| has(&rule.resources, resource))
}

/// `bind` or `escalate` on roles, whichever: a role that impersonates among them.
fn escalates(rule: &PolicyRule) -> bool {
    has(&rule.api_groups, "rbac.authorization.k8s.io")
        && ["clusterroles", "roles"].iter().any(|resource| has(&rule.resources, resource))
        && ["bind", "escalate"].iter().any(|verb| has(&rule.verbs, verb))
        && rule.resource_names.is_empty()
}

fn finding(span: Span, how: &str, (project, name): (&str, &str), bound: Span) -> Diagnostic {
    let message =
        format!("an account could {how} `{name}` of {project}, and no admission policy would see it");
    Diagnostic::error("impersonator", span, message)
        .help("leave it out, name the project's own accounts with `resourceNames`, or give the project a namespace of its own")
        .related(bound, "the account has it here")
}
