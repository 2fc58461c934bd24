//! Permissions as people read them: `get, list pods, pods/log in web`.

use std::collections::BTreeMap;

use tegata_rbac::PolicyRule;

use super::grants::{Permission, What};

/// Permissions in few phrases: verbs of the same resource together, then resources with the same verbs.
pub(crate) fn phrases<'a>(permissions: impl IntoIterator<Item = &'a Permission>) -> Vec<String> {
    let mut verbs: BTreeMap<(Option<&str>, String), Vec<&str>> = BTreeMap::new();
    let mut phrases: Vec<String> = Vec::new();
    for permission in permissions {
        let namespace = permission.namespace.as_deref();
        match &permission.what {
            What::Role(role) => phrases.push(format!("all of {role} {}", place(namespace))),
            What::Single(rule) => {
                let verb = rule.verbs.first().map_or("", String::as_str);
                verbs.entry((namespace, target(rule))).or_default().push(verb);
            }
        }
    }
    let mut targets: BTreeMap<(Option<&str>, String), Vec<String>> = BTreeMap::new();
    for ((namespace, target), verbs) in verbs {
        targets.entry((namespace, verbs.join(", "))).or_default().push(target);
    }
    for ((namespace, verbs), targets) in targets {
        phrases.push(format!("{verbs} {} {}", targets.join(", "), place(namespace)));
    }
    phrases
}

fn place(namespace: Option<&str>) -> String {
    namespace.map_or_else(|| "everywhere".to_owned(), |namespace| format!("in {namespace}"))
}

/// As in `can`: `deployments.apps`, `configmaps/settings`, `/healthz`.
fn target(rule: &PolicyRule) -> String {
    if let Some(url) = rule.non_resource_urls.first() {
        return url.clone();
    }
    let word = |list: &[String]| list.first().cloned().unwrap_or_default();
    let (resource, group) = (word(&rule.resources), word(&rule.api_groups));
    let (plural, rest) =
        resource.split_once('/').map_or((resource.as_str(), ""), |(plural, rest)| (plural, rest));
    let group = if group.is_empty() { group } else { format!(".{group}") };
    let details: Vec<&str> = rule
        .resource_names
        .iter()
        .map(String::as_str)
        .chain([rest])
        .filter(|text| !text.is_empty())
        .collect();
    let details: String = details.iter().map(|detail| format!("/{detail}")).collect();
    format!("{plural}{group}{details}")
}
