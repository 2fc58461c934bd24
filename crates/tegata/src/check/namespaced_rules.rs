//! An account's own rules become a Role, which takes no paths that are no resources: Kubernetes refuses them
//! (`ValidateRole` in `pkg/apis/rbac/validation/validation.go`). Cluster-scoped resources it takes without a
//! word, and they do nothing there.

use std::collections::HashMap;

use tegata_rbac::check::Field;
use tegata_rbac::{Catalogue, PolicyRule, Scope};

use super::Rule;
use crate::declared;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;

pub const RULE: Rule = Rule {
    title: "an account's own rules are about resources of its namespace",
    ids: &["url-in-namespace", "without-effect-in-namespace"],
    check,
};

fn check(_: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for rule in resolved.accounts().flat_map(|(account, _)| &account.rules) {
        if !rule.rule.non_resource_urls.is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    "url-in-namespace",
                    rule.place(Field::NonResourceUrls, 0),
                    "an account's own rules hold in its namespace, and a URL belongs to none",
                )
                .help("put the rule into a file of roles/, and bind it with `scope: cluster`"),
            );
        }
    }
    bound_in_namespace(resolved, diagnostics);
    for (account, cluster) in resolved.accounts() {
        for rule in &account.rules {
            for (index, resource) in rule.rule.resources.iter().enumerate() {
                if is_cluster_scoped(&rule.rule, resource, &cluster.catalogue) {
                    let place = rule.place(Field::Resources, index);
                    let message = format!(
                        "`{resource}` is in no namespace, and an account's own rules hold in its namespace only"
                    );
                    diagnostics.push(
                        Diagnostic::error("without-effect-in-namespace", place, message)
                            .help("put the rule into a file of roles/, and bind it with `scope: cluster` or `split`")
                            .warning(),
                    );
                }
            }
        }
    }
}

/// A role that is bound in a namespace, although some of it is about what stands in none.
fn bound_in_namespace(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // Thousands of projects share a few roles.
    let mut dead: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
    for account in resolved.projects.iter().flat_map(|project| &project.accounts) {
        let Some(cluster) = resolved.clusters.get(account.cluster) else { continue };
        for binding in &account.roles {
            let declared = binding.declared;
            let Some(role) = binding.role.filter(|_| declared.scope.value == declared::Scope::Namespace)
            else {
                continue;
            };
            let dead = dead
                .entry((account.cluster, role.name.value.as_str()))
                .or_insert_with(|| without_effect(role, &cluster.catalogue));
            if !dead.is_empty() {
                let message =
                    format!("in no namespace, and so not granted by a role in one: {}", dead.join(", "));
                diagnostics.push(
                    Diagnostic::error("without-effect-in-namespace", declared.scope.span, message)
                        .help("write `scope: split` to grant these everywhere, and the rest in the namespace")
                        .warning(),
                );
            }
        }
    }
}

/// The resources of a role that stand in no namespace.
fn without_effect<'a>(role: &'a declared::Role, catalogue: &Catalogue) -> Vec<&'a str> {
    let of_rule = |rule: &'a declared::Rule| {
        let resources = rule.rule.resources.iter().map(String::as_str);
        resources.filter(|resource| is_cluster_scoped(&rule.rule, resource, catalogue))
    };
    let mut dead: Vec<&str> = role.rules.iter().flat_map(of_rule).collect();
    dead.dedup();
    dead
}

/// Whether a resource of a rule exists in no namespace. A Namespace is asked for in the namespace of its name, and whether
/// one may `bind` a ClusterRole in the namespace of the RoleBinding.
fn is_cluster_scoped(rule: &PolicyRule, resource: &str, catalogue: &Catalogue) -> bool {
    let bound = resource == "clusterroles" && rule.verbs.iter().any(|verb| verb == "bind");
    let mut found = rule.api_groups.iter().filter_map(|group| catalogue.find(group, resource)).peekable();
    found.peek().is_some()
        && !bound
        && found
            .all(|info| info.scope == Scope::Cluster && !(info.group.is_empty() && resource == "namespaces"))
}
