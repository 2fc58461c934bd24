//! An account's own rules become a Role, which takes no paths that are no resources: Kubernetes refuses them
//! (`ValidateRole` in `pkg/apis/rbac/validation/validation.go`). Cluster-scoped resources it takes without a
//! word, and they do nothing there.

use tegata_rbac::check::Field;
use tegata_rbac::{Catalogue, KnownResources, PolicyRule, ResourceInfo, Scope};

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
        for (index, resource) in in_no_namespace(&rule.rule, &cluster.catalogue) {
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

/// The resources of a rule that exist, and in no namespace, with their places in the list. A Namespace is asked for in the
/// namespace of its name, and whether one may `bind` a ClusterRole in the namespace of the RoleBinding.
pub fn in_no_namespace<'a>(rule: &'a PolicyRule, catalogue: &Catalogue) -> Vec<(usize, &'a str)> {
    let known = KnownResources::new(rule, catalogue);
    let binds = rule.verbs.iter().any(|verb| verb == "bind");
    let is_cluster_scoped = |info: &ResourceInfo<'_>| {
        info.scope == Scope::Cluster && (info.group, info.resource) != ("", "namespaces")
    };
    let resources = rule.resources.iter().map(String::as_str).enumerate();
    resources
        .filter(|(_, resource)| {
            let found = known.of(resource);
            let bound = binds && *resource == "clusterroles";
            !found.is_empty() && !bound && found.iter().all(is_cluster_scoped)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tegata_rbac::CustomResource;

    /// Plainly: some group of the rule has it, and none has it in a namespace.
    fn is_cluster_scoped(rule: &PolicyRule, resource: &str, catalogue: &Catalogue) -> bool {
        let bound = resource == "clusterroles" && rule.verbs.iter().any(|verb| verb == "bind");
        let found = || rule.api_groups.iter().filter_map(|group| catalogue.find(group, resource));
        let is_namespace = |group: &str| group.is_empty() && resource == "namespaces";
        found().next().is_some()
            && !bound
            && found().all(|info| info.scope == Scope::Cluster && !is_namespace(info.group))
    }

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::for_version("1.37").unwrap();
        for (group, name, namespaced) in [
            ("a.example", "things", true),
            ("b.example", "things", false),
            ("b.example", "namespaces", false),
            ("b.example", "clusterroles", false),
            ("c.example", "nodes", true),
            ("c.example", "userextras", true),
        ] {
            let (group, name) = (group.to_owned(), name.to_owned());
            catalogue.add(CustomResource { group, name, namespaced, ..Default::default() }).unwrap();
        }
        catalogue
    }

    fn some_of(words: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
        let word = prop::sample::select(words).prop_map(str::to_owned);
        prop::collection::vec(word, 0..=most)
    }

    const GROUPS: &[&str] = &[
        "",
        "*",
        "a.example",
        "b.example",
        "c.example",
        "d.example",
        "rbac.authorization.k8s.io",
        "authentication.k8s.io",
        "extensions",
    ];
    const RESOURCES: &[&str] = &[
        "",
        "*",
        "things",
        "things/status",
        "things/finalizers",
        "things/none",
        "nodes",
        "nodes/proxy",
        "namespaces",
        "namespaces/finalizers",
        "clusterroles",
        "pods",
        "podz",
        "userextras",
        "userextras/scopes",
        "userextras/finalizers",
        "userextras/",
        "*/scale",
        "pods/*",
        "ingresses",
        "/finalizers",
    ];

    proptest! {
        #[test]
        fn each_resource_is_judged_as_if_alone(
            api_groups in some_of(GROUPS, 4),
            resources in some_of(RESOURCES, 8),
            verbs in some_of(&["get", "bind"], 2),
        ) {
            let catalogue = catalogue();
            let rule = PolicyRule { api_groups, resources, verbs, ..PolicyRule::default() };
            let resources = rule.resources.iter().map(String::as_str).enumerate();
            let plainly: Vec<_> =
                resources.filter(|(_, resource)| is_cluster_scoped(&rule, resource, &catalogue)).collect();
            prop_assert_eq!(in_no_namespace(&rule, &catalogue), plainly);
        }
    }
}
