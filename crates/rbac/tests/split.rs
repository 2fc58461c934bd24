//! The two parts of a role grant what the role grants, and each only its own scope.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use tegata_rbac::{Catalogue, CustomResource, PolicyRule, Scope, cluster_scoped_part, namespaced_part};

/// Whether a rule allows a request, as Kubernetes decides (`evaluation_helpers.go`), for rules
/// without wildcards in groups and resources.
fn allows(rules: &[PolicyRule], verb: &str, group: &str, resource: &str, name: &str) -> bool {
    let has = |list: &[String], word: &str| list.iter().any(|entry| entry == word);
    rules.iter().any(|rule| {
        (has(&rule.verbs, "*") || has(&rule.verbs, verb))
            && has(&rule.api_groups, group)
            && has(&rule.resources, resource)
            && (rule.resource_names.is_empty() || has(&rule.resource_names, name))
    })
}

fn allows_url(rules: &[PolicyRule], verb: &str, url: &str) -> bool {
    rules.iter().any(|rule| {
        rule.verbs.iter().any(|known| known == "*" || known == verb)
            && rule.non_resource_urls.iter().any(|known| match known.strip_suffix('*') {
                Some(prefix) => url.starts_with(prefix),
                None => known == url,
            })
    })
}

const VERBS: [&str; 4] = ["get", "list", "create", "*"];
const NAMES: [&str; 3] = ["", "one", "two"];
const URLS: [&str; 4] = ["/healthz", "/healthz/etcd", "/metrics", "/"];

/// Names that exist in several groups, with either scope, are where a split goes wrong.
fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::for_version("1.37").unwrap();
    for (group, name, namespaced) in [
        ("a.example", "things", true),
        ("b.example", "things", false),
        ("c.example", "things", true),
        ("a.example", "others", false),
        ("b.example", "others", true),
        ("c.example", "nodes", true),
        ("c.example", "secrets", false),
    ] {
        let (group, name) = (group.to_owned(), name.to_owned());
        catalogue.add(CustomResource { group, name, namespaced, ..Default::default() }).unwrap();
    }
    catalogue
}

fn subset(words: Vec<String>, sizes: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(words), sizes)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn groups_and_resources() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let catalogue = catalogue();
    let all_groups: Vec<String> =
        catalogue.groups().map(str::to_owned).chain(["extensions".to_owned()]).collect();
    let all_resources: Vec<String> =
        catalogue.iter().map(|info| info.resource.to_owned()).chain(["pods/finalizers".to_owned()]).collect();
    let few_groups = owned(&["", "a.example", "b.example", "c.example", "extensions"]);
    let few_resources = owned(&[
        "things",
        "others",
        "nodes",
        "secrets",
        "things/status",
        "secrets/status",
        "nodes/finalizers",
        "pods/*",
    ]);
    prop_oneof![
        (subset(all_groups, 1..=4), subset(all_resources, 1..=6)),
        (subset(few_groups, 1..=4), subset(few_resources, 1..=5)),
    ]
}

fn rule() -> impl Strategy<Value = PolicyRule> {
    let verbs = || subset(owned(&VERBS), 1..=3);
    let of_resources = (groups_and_resources(), verbs(), subset(owned(&NAMES), 0..=2)).prop_map(
        |((api_groups, resources), verbs, resource_names)| PolicyRule {
            api_groups,
            resources,
            verbs,
            resource_names,
            non_resource_urls: Vec::new(),
        },
    );
    let of_urls = (subset(owned(&["/healthz", "/healthz/*", "/*", "*"]), 1..=2), verbs())
        .prop_map(|(non_resource_urls, verbs)| PolicyRule { non_resource_urls, verbs, ..Default::default() });
    prop_oneof![4 => of_resources, 1 => of_urls]
}

/// Leaves out the entries that exist in none of the rule's groups, which can't be split.
fn existing(rule: PolicyRule, catalogue: &Catalogue) -> PolicyRule {
    let exists = |resource: &String| {
        resource.ends_with("/*")
            || rule.api_groups.iter().any(|group| {
                catalogue.find(group, resource).is_some() || catalogue.retired(group, resource).is_some()
            })
    };
    let resources = rule.resources.iter().filter(|resource| exists(resource)).cloned().collect();
    PolicyRule { resources, ..rule }
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_is_gained(rules in prop::collection::vec(rule(), 0..4)) {
        let catalogue = catalogue();
        let rules: Vec<PolicyRule> = rules.into_iter().map(|rule| existing(rule, &catalogue)).collect();
        let cluster = cluster_scoped_part(&rules, &catalogue).unwrap();
        let namespaced = namespaced_part(&rules, &catalogue).unwrap();

        let finalizers = [("", "pods/finalizers"), ("", "nodes/finalizers"), ("c.example", "nodes/finalizers")];
        let listed = catalogue.iter().map(|info| (info.group, info.resource));
        for (group, resource) in listed.chain(finalizers) {
            let scope = catalogue.find(group, resource).unwrap().scope;
            for verb in VERBS {
                for name in NAMES {
                    let asked = |rules: &[PolicyRule]| allows(rules, verb, group, resource, name);
                    let by_scope = match scope {
                        Scope::Cluster => (asked(&cluster), asked(&namespaced)),
                        Scope::Namespaced => (asked(&namespaced), asked(&cluster)),
                    };
                    prop_assert_eq!(by_scope, (asked(&rules), false), "{} {} {} {}", verb, group, resource, name);
                }
            }
        }
        for verb in VERBS {
            for url in URLS {
                prop_assert_eq!(allows_url(&cluster, verb, url), allows_url(&rules, verb, url));
                prop_assert!(!allows_url(&namespaced, verb, url));
            }
        }
        // The parts are made of whole rules that Kubernetes accepts.
        for rule in cluster.iter().chain(&namespaced) {
            prop_assert!(!rule.verbs.is_empty());
            prop_assert_ne!(rule.non_resource_urls.is_empty(), rule.resources.is_empty());
            prop_assert_eq!(rule.resources.is_empty(), rule.api_groups.is_empty());
        }
    }

    #[test]
    fn a_split_part_splits_into_itself(rules in prop::collection::vec(rule(), 0..4)) {
        let catalogue = catalogue();
        let rules: Vec<PolicyRule> = rules.into_iter().map(|rule| existing(rule, &catalogue)).collect();
        let cluster = cluster_scoped_part(&rules, &catalogue).unwrap();
        prop_assert_eq!(cluster_scoped_part(&cluster, &catalogue).unwrap(), cluster.clone());
        prop_assert!(namespaced_part(&cluster, &catalogue).unwrap().is_empty());
    }
}
