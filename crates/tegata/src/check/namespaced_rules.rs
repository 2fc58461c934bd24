//! An account's own rules become a Role, which takes no paths that are no resources: Kubernetes refuses them
//! (`ValidateRole` in `pkg/apis/rbac/validation/validation.go`). Cluster-scoped resources it takes without a
//! word, and they do nothing there.

use tegata_rbac::check::Field;
use tegata_rbac::{Catalogue, PolicyRule, Scope};

use super::{Look, Rule, at_accounts};
use crate::declared;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::{Cluster, Resolved};

pub const RULE: Rule = Rule {
    title: "an account's own rules are about resources of its namespace",
    ids: &["url-in-namespace", "without-effect-in-namespace"],
    check,
};

fn check<'a>(_: &'a Loaded, resolved: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) -> Look<'a> {
    at_accounts(resolved, diagnostics, own_rules)
}

fn own_rules(account: &declared::Account, cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for rule in &account.rules {
        if !rule.rule.non_resource_urls.is_empty() {
            found.push(
                Diagnostic::error(
                    "url-in-namespace",
                    rule.place(Field::NonResourceUrls, 0),
                    "an account's own rules hold in its namespace, and a URL belongs to none",
                )
                .help("put the rule into a file of roles/, and bind it with `scope: cluster`"),
            );
        }
        for (index, resource) in rule.rule.resources.iter().enumerate() {
            if is_cluster_scoped(&rule.rule, resource, &cluster.catalogue) {
                let place = rule.place(Field::Resources, index);
                let message = format!(
                    "`{resource}` is in no namespace, and an account's own rules hold in its namespace only"
                );
                found.push(
                    Diagnostic::error("without-effect-in-namespace", place, message)
                        .help("put the rule into a file of roles/, and bind it with `scope: cluster` or `split`")
                        .warning(),
                );
            }
        }
    }
}

/// Whether a resource of a rule exists in no namespace. A Namespace is asked for in the namespace of its name, and whether
/// one may `bind` a ClusterRole in the namespace of the RoleBinding.
pub fn is_cluster_scoped(rule: &PolicyRule, resource: &str, catalogue: &Catalogue) -> bool {
    let bound = resource == "clusterroles" && rule.verbs.iter().any(|verb| verb == "bind");
    let mut found = rule.api_groups.iter().filter_map(|group| catalogue.find(group, resource)).peekable();
    found.peek().is_some()
        && !bound
        && found
            .all(|info| info.scope == Scope::Cluster && !(info.group.is_empty() && resource == "namespaces"))
}
