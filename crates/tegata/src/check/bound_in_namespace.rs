//! A role that is bound in a namespace, although some of it is about what stands in none: Kubernetes takes the binding, and
//! that part does nothing.

use std::collections::HashMap;

use tegata_rbac::Catalogue;

use super::namespaced_rules::in_no_namespace;
use super::{Look, Rule, at_no_project};
use crate::declared::{self, Scope};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;

pub const RULE: Rule = Rule {
    title: "a role that is bound in a namespace is about what stands in one",
    ids: &["without-effect-in-namespace"],
    check,
};

fn check<'a>(_: &'a Loaded, resolved: &'a Resolved<'a>, _: &mut Vec<Diagnostic>) -> Look<'a> {
    // Thousands of projects share a few roles, and mostly none of these has anything of the kind.
    let mut dead: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
    for ((cluster, name), role) in &resolved.roles {
        let catalogue = resolved.clusters.get(cluster).map(|cluster| &cluster.catalogue);
        let found = catalogue.map(|catalogue| without_effect(role.declared, catalogue)).unwrap_or_default();
        if !found.is_empty() {
            dead.insert((*cluster, *name), found);
        }
    }
    if dead.is_empty() {
        return at_no_project();
    }
    Box::new(move |project, found| {
        for account in &project.accounts {
            for binding in account.roles.iter().filter(|binding| binding.role.is_some()) {
                let declared = binding.declared;
                let dead = dead.get(&(account.cluster, declared.cluster_role.value.as_str()));
                if let Some(dead) = dead.filter(|_| declared.scope.value == Scope::Namespace) {
                    let message = format!(
                        "these stand in no namespace, so a role bound in one does not grant them: {}",
                        dead.join(", ")
                    );
                    found.push(
                        Diagnostic::error("without-effect-in-namespace", declared.scope.span, message)
                            .help("write `scope: split` to grant these everywhere, and the rest in the namespace")
                            .warning(),
                    );
                }
            }
        }
    })
}

/// The resources of a role that stand in no namespace.
fn without_effect<'a>(role: &'a declared::Role, catalogue: &Catalogue) -> Vec<&'a str> {
    let of_rule = |rule: &'a declared::Rule| in_no_namespace(&rule.rule, catalogue);
    let mut dead: Vec<&str> = role.rules.iter().flat_map(of_rule).map(|(_, resource)| resource).collect();
    dead.dedup();
    dead
}
