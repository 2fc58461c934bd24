//! What two roles have in common, and whether one has all that another has.
//!
//! A rule allows a request when each of its lists does (Kubernetes' RBAC authorizer, `RuleAllows`), so what two rules
//! have in common is, list by list, what both name.

use std::collections::BTreeSet;

use crate::rule::PolicyRule;

/// Rules that allow what both of two roles allow, and nothing else.
pub fn common(a: &[PolicyRule], b: &[PolicyRule]) -> Vec<PolicyRule> {
    // What stands in both is all that it has in common with anything.
    let same: BTreeSet<&PolicyRule> = a.iter().filter(|rule| b.contains(rule)).collect();
    let mut rules: Vec<PolicyRule> = a.iter().filter(|rule| same.contains(rule)).cloned().collect();
    for left in a.iter().filter(|rule| !same.contains(rule)) {
        for right in b.iter().filter(|rule| !same.contains(rule)) {
            rules.extend(common_resources(left, right));
            rules.extend(common_urls(left, right));
        }
    }
    let mut seen = BTreeSet::new();
    rules.retain(|rule| seen.insert(rule.clone()));
    rules
}

/// Whether a role allows all that another allows.
///
/// Each single combination that the other names has to stand in one rule: a `*` stands for more than any list can
/// name, so several rules together cover none that a single one of them does not.
pub fn covers(rules: &[PolicyRule], other: &[PolicyRule]) -> bool {
    other.iter().flat_map(single_permissions).all(|single| {
        rules.iter().any(|rule| {
            // What a rule has in common with what it covers is all of it.
            common_resources(rule, &single)
                .or_else(|| common_urls(rule, &single))
                .is_some_and(|common| common == single)
        })
    })
}

/// A rule in its smallest parts: one group, one resource, one verb, one name at most; or one address, one verb.
pub fn single_permissions(rule: &PolicyRule) -> Vec<PolicyRule> {
    let names: Vec<Vec<String>> = if rule.resource_names.is_empty() {
        vec![Vec::new()]
    } else {
        rule.resource_names.iter().map(|name| vec![name.clone()]).collect()
    };
    let mut found = Vec::new();
    for verb in &rule.verbs {
        for group in &rule.api_groups {
            for resource in &rule.resources {
                for names in &names {
                    found.push(PolicyRule {
                        api_groups: vec![group.clone()],
                        resources: vec![resource.clone()],
                        verbs: vec![verb.clone()],
                        resource_names: names.clone(),
                        non_resource_urls: Vec::new(),
                    });
                }
            }
        }
        for url in &rule.non_resource_urls {
            found.push(PolicyRule {
                non_resource_urls: vec![url.clone()],
                verbs: vec![verb.clone()],
                ..PolicyRule::default()
            });
        }
    }
    found
}

fn common_resources(a: &PolicyRule, b: &PolicyRule) -> Option<PolicyRule> {
    let rule = PolicyRule {
        api_groups: pairs(&a.api_groups, &b.api_groups, common_word),
        resources: pairs(&a.resources, &b.resources, common_resource),
        verbs: pairs(&a.verbs, &b.verbs, common_word),
        // No name is every name.
        resource_names: match (a.resource_names.as_slice(), b.resource_names.as_slice()) {
            ([], names) | (names, []) => names.to_vec(),
            (a, b) => {
                let both: Vec<String> = a.iter().filter(|name| b.contains(name)).cloned().collect();
                if both.is_empty() {
                    return None;
                }
                both
            }
        },
        non_resource_urls: Vec::new(),
    };
    let is_empty = rule.api_groups.is_empty() || rule.resources.is_empty() || rule.verbs.is_empty();
    (!is_empty).then_some(rule)
}

fn common_urls(a: &PolicyRule, b: &PolicyRule) -> Option<PolicyRule> {
    let rule = PolicyRule {
        non_resource_urls: pairs(&a.non_resource_urls, &b.non_resource_urls, common_url),
        verbs: pairs(&a.verbs, &b.verbs, common_word),
        ..PolicyRule::default()
    };
    (!rule.non_resource_urls.is_empty() && !rule.verbs.is_empty()).then_some(rule)
}

/// What each of one list has in common with each of another.
fn pairs(a: &[String], b: &[String], common: fn(&str, &str) -> Option<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for left in a {
        for right in b {
            found.extend(common(left, right).filter(|word| !found.contains(word)));
        }
    }
    found
}

fn common_word(a: &str, b: &str) -> Option<String> {
    match (a, b) {
        ("*", word) | (word, "*") => Some(word.to_owned()),
        _ => (a == b).then(|| a.to_owned()),
    }
}

/// `*` is everything, `*/scale` that subresource of anything.
fn common_resource(a: &str, b: &str) -> Option<String> {
    let is_of_any = |any: &str, one: &str| {
        any.strip_prefix("*/").is_some_and(|wanted| one.split_once('/').is_some_and(|(_, has)| has == wanted))
    };
    match (a, b) {
        (any, one) | (one, any) if is_of_any(any, one) => Some(one.to_owned()),
        _ => common_word(a, b),
    }
}

/// A `*` at the end stands for the rest.
fn common_url(a: &str, b: &str) -> Option<String> {
    let covers = |pattern: &str, url: &str| match pattern.strip_suffix('*') {
        Some(start) => url.starts_with(start),
        None => pattern == url,
    };
    if covers(a, b) {
        Some(b.to_owned())
    } else if covers(b, a) {
        Some(a.to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `groups|resources|verbs|names`, or `urls|verbs`.
    fn rule(text: &str) -> PolicyRule {
        let list = |text: &str| -> Vec<String> {
            text.split(',').filter(|word| !word.is_empty()).map(|word| word.replace("core", "")).collect()
        };
        match *text.split('|').collect::<Vec<_>>() {
            [urls, verbs] => {
                PolicyRule { non_resource_urls: list(urls), verbs: list(verbs), ..PolicyRule::default() }
            }
            [groups, resources, verbs, names] => PolicyRule {
                api_groups: list(groups),
                resources: list(resources),
                verbs: list(verbs),
                resource_names: list(names),
                non_resource_urls: Vec::new(),
            },
            _ => panic!("{text}"),
        }
    }

    fn rules(texts: &[&str]) -> Vec<PolicyRule> {
        texts.iter().map(|text| rule(text)).collect()
    }

    #[track_caller]
    fn check(a: &[&str], b: &[&str], expected: &[&str]) {
        let (a, b, expected) = (rules(a), rules(b), rules(expected));
        for (one, two) in [(&a, &b), (&b, &a)] {
            let common = common(one, two);
            assert!(covers(&expected, &common) && covers(&common, &expected), "{common:#?}");
            assert!(covers(one, &common) && covers(two, &common));
        }
    }

    #[test]
    fn list_by_list() {
        check(&["core|pods|get,list|"], &["core|pods|list,watch|"], &["core|pods|list|"]);
        check(&["core|pods|get|"], &["core|secrets|get|"], &[]);
        check(&["core|pods|get|"], &["apps|pods|get|"], &[]);
        check(&["*|*|*|"], &["apps|deployments|get|"], &["apps|deployments|get|"]);
        check(&["core|*/log|get|"], &["core|pods/log,pods|get|"], &["core|pods/log|get|"]);
        check(&["core|pods|get|"], &["core|pods/log|get|"], &[]);
    }

    #[test]
    fn names() {
        check(&["core|configmaps|get|"], &["core|configmaps|get|a,b"], &["core|configmaps|get|a,b"]);
        check(&["core|configmaps|get|a"], &["core|configmaps|get|a,b"], &["core|configmaps|get|a"]);
        check(&["core|configmaps|get|a"], &["core|configmaps|get|b"], &[]);
    }

    #[test]
    fn addresses() {
        check(&["/api*|get"], &["/apis/apps,/healthz|get,head"], &["/apis/apps|get"]);
        check(&["*|get"], &["core|pods|get|"], &[]);
    }

    #[test]
    fn several_rules_together() {
        check(
            &["core|pods|get|", "apps|deployments|get,patch|"],
            &["core,apps|pods,deployments|get|"],
            &["core|pods|get|", "apps|deployments|get|"],
        );
    }

    #[test]
    fn a_star_is_more_than_a_list() {
        assert!(covers(&rules(&["*|*|*|"]), &rules(&["core|pods|get|a", "core|*/log|get|"])));
        assert!(!covers(&rules(&["core|pods|get,list,watch|"]), &rules(&["core|pods|*|"])));
        assert!(!covers(&rules(&["core|pods|get|a"]), &rules(&["core|pods|get|"])));
        assert!(covers(&rules(&["core|pods|get|", "core|pods|list|"]), &rules(&["core|pods|get,list|"])));
        assert!(!covers(&rules(&["/healthz|get"]), &rules(&["/health*|get"])));
    }
}
