//! Which part of a role needs the whole cluster, and which a namespace?
//!
//! A ClusterRoleBinding grants everything in a role everywhere, so a role that reads
//! `clusterbuilders` and writes secrets gives away the secrets of every namespace. Cut in two, the
//! role's namespaced resources go through a RoleBinding, and through the ClusterRoleBinding only
//! what a RoleBinding can't grant: cluster-scoped resources and addresses ("RoleBinding and
//! ClusterRoleBinding" in Kubernetes' RBAC reference).
//!
//! **Invariant:** the cluster-scoped part never grants a namespaced resource, and together the two
//! parts grant what the rules grant, of all resources that exist.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, ResourceInfo, Scope};
use crate::check::Field;
use crate::known_resources::KnownResources;
use crate::resource_suggestion::group_in_words;
use crate::retired;
use crate::rule::PolicyRule;

/// An entry of a rule that belongs to both parts, or nobody knows to which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitProblem {
    /// The index of the rule.
    pub rule: usize,
    /// The list in which the entry is.
    pub field: Field,
    /// The index of the entry in its list.
    pub index: usize,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// The part of the rules that acts through a ClusterRoleBinding only: cluster-scoped resources
/// with their subresources, and addresses.
///
/// Rules keep their order, verbs and names. Entries of resources that no longer exist are left
/// out. The result can be empty.
///
/// # Errors
/// If an entry can't be said to belong to one part: a wildcard, or a resource that nobody knows.
pub fn cluster_scoped_part(
    rules: &[PolicyRule],
    catalogue: &Catalogue,
) -> Result<Vec<PolicyRule>, Vec<SplitProblem>> {
    part(Scope::Cluster, rules, catalogue)
}

/// The part of the rules that a RoleBinding can grant: namespaced resources with their
/// subresources. As [`cluster_scoped_part`] otherwise.
///
/// # Errors
/// If an entry can't be said to belong to one part: a wildcard, or a resource that nobody knows.
pub fn namespaced_part(
    rules: &[PolicyRule],
    catalogue: &Catalogue,
) -> Result<Vec<PolicyRule>, Vec<SplitProblem>> {
    part(Scope::Namespaced, rules, catalogue)
}

fn part(
    scope: Scope,
    rules: &[PolicyRule],
    catalogue: &Catalogue,
) -> Result<Vec<PolicyRule>, Vec<SplitProblem>> {
    let problems: Vec<SplitProblem> =
        rules.iter().enumerate().flat_map(|(index, rule)| indivisible(index, rule, catalogue)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(rules.iter().flat_map(|rule| cut(scope, rule, catalogue)).collect())
}

/// The rules that grant what `rule` grants in `scope`.
fn cut(scope: Scope, rule: &PolicyRule, catalogue: &Catalogue) -> Vec<PolicyRule> {
    let known = KnownResources::new(rule, catalogue);
    let mut rules = resource_rules(scope, rule, &known);
    // Kubernetes refuses addresses and resources in one rule; should they ever meet here, nothing
    // is lost.
    if scope == Scope::Cluster && !rule.non_resource_urls.is_empty() {
        rules.push(PolicyRule {
            verbs: rule.verbs.clone(),
            non_resource_urls: rule.non_resource_urls.clone(),
            ..PolicyRule::default()
        });
    }
    rules
}

/// The same, of resources.
fn resource_rules(scope: Scope, rule: &PolicyRule, known: &KnownResources<'_>) -> Vec<PolicyRule> {
    let is_of_scope = |info: &ResourceInfo<'_>| info.scope == scope;

    // The smallest lists that cover everything of the scope.
    let groups_of_scope: BTreeSet<&str> =
        known.all().filter(|info| is_of_scope(info)).map(|info| info.group).collect();
    let groups: Vec<&str> = strs(&rule.api_groups).filter(|group| groups_of_scope.contains(group)).collect();
    let resources: Vec<&str> =
        strs(&rule.resources).filter(|resource| known.of(resource).iter().any(is_of_scope)).collect();
    if groups.is_empty() {
        return Vec::new();
    }
    // A rule grants every group with every resource: is something of the other scope among that?
    let listed: BTreeSet<&str> = resources.iter().copied().collect();
    let mut granted = listed.iter().flat_map(|resource| known.of(resource));
    if granted.all(|info| is_of_scope(info) || !groups_of_scope.contains(info.group)) {
        return vec![of_resources(rule, &groups, &resources)];
    }
    by_group(scope, &groups, &resources, known)
        .into_iter()
        .map(|(group, own)| of_resources(rule, &[group], &own))
        .collect()
}

/// Each group with the resources of the scope that it has, both in the order of the rule. Repeated entries would
/// multiply: each counts once.
fn by_group<'a>(
    scope: Scope,
    groups: &[&'a str],
    resources: &[&'a str],
    known: &KnownResources<'_>,
) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut own: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for resource in once_each(resources) {
        for info in known.of(resource).iter().filter(|info| info.scope == scope) {
            own.entry(info.group).or_default().push(resource);
        }
    }
    once_each(groups).filter_map(|group| Some((group, own.remove(group)?))).collect()
}

fn once_each<'a>(words: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let mut seen = BTreeSet::new();
    words.iter().copied().filter(move |word| seen.insert(*word))
}

fn strs(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(String::as_str)
}

/// The rule for these groups and resources alone.
fn of_resources(rule: &PolicyRule, groups: &[&str], resources: &[&str]) -> PolicyRule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    PolicyRule {
        api_groups: owned(groups),
        resources: owned(resources),
        verbs: rule.verbs.clone(),
        resource_names: rule.resource_names.clone(),
        non_resource_urls: Vec::new(),
    }
}

/// The entries of a rule that belong to both parts or to an unknown one.
fn indivisible(rule_index: usize, rule: &PolicyRule, catalogue: &Catalogue) -> Vec<SplitProblem> {
    let groups = rule.api_groups.iter().enumerate();
    let mut problems: Vec<SplitProblem> = groups
        .filter_map(|(index, group)| {
            let (message, help) = indivisible_group(group, catalogue)?;
            let help = help.to_owned();
            Some(SplitProblem { rule: rule_index, field: Field::ApiGroups, index, message, help })
        })
        .collect();
    // Of the resources of such groups nobody can say whether they exist.
    let groups_are_known = problems.is_empty();
    let exists = existence(rule, catalogue);
    let resources = rule.resources.iter().enumerate();
    problems.extend(resources.filter_map(|(index, resource)| {
        let (message, help) = if stands_for_both(resource) {
            (ambiguous(resource), "name the resources that are needed")
        } else if groups_are_known && !resource.ends_with("/*") && !exists(resource) {
            (unknown(resource, rule), "correct the name, or declare it among the custom resources")
        } else {
            return None;
        };
        let help = help.to_owned();
        Some(SplitProblem { rule: rule_index, field: Field::Resources, index, message, help })
    }));
    problems
}

/// What is wrong with a group, and what to write instead.
fn indivisible_group(group: &str, catalogue: &Catalogue) -> Option<(String, &'static str)> {
    if group == "*" {
        return Some((ambiguous(group), "name the groups that are needed"));
    }
    catalogue.is_open_group(group).then(|| {
        (
            format!("group `{group}` can't be split: nobody knows which of its metrics are namespaced"),
            "put the group in a role of its own, and bind that with the scope it needs",
        )
    })
}

fn stands_for_both(resource: &str) -> bool {
    resource == "*" || (resource.starts_with("*/") && resource != "*/*")
}

fn ambiguous(entry: &str) -> String {
    format!("`{entry}` can't be split: it stands for namespaced and cluster-scoped resources alike")
}

fn unknown(resource: &str, rule: &PolicyRule) -> String {
    let place = match rule.api_groups.as_slice() {
        [group] => format!("in {}", group_in_words(group)),
        _ => "in any of the rule's groups".to_owned(),
    };
    format!("`{}` can't be split: there is no such resource {place}", resource.escape_debug())
}

/// Tells of a rule's resources whether one of its groups has or had them.
fn existence<'a>(rule: &'a PolicyRule, catalogue: &'a Catalogue) -> impl Fn(&str) -> bool + 'a {
    let known = KnownResources::new(rule, catalogue);
    let concerned: BTreeSet<&str> =
        strs(&rule.api_groups).filter(|group| retired::is_concerned(group)).collect();
    move |resource| {
        let is_retired = |group: &&str| retired::fate(group, resource).is_some();
        !known.of(resource).is_empty() || concerned.iter().any(is_retired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(groups: &[&str], resources: &[&str]) -> PolicyRule {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        PolicyRule {
            api_groups: owned(groups),
            resources: owned(resources),
            verbs: owned(&["get", "*"]),
            resource_names: owned(&["one"]),
            non_resource_urls: Vec::new(),
        }
    }

    fn urls(urls: &[&str]) -> PolicyRule {
        PolicyRule {
            verbs: vec!["get".to_owned()],
            non_resource_urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            ..PolicyRule::default()
        }
    }

    #[track_caller]
    fn check(rules: &[PolicyRule], namespaced: &[PolicyRule], cluster: &[PolicyRule]) {
        let catalogue = Catalogue::for_version("1.37").unwrap();
        assert_eq!(namespaced_part(rules, &catalogue).as_deref(), Ok(namespaced));
        assert_eq!(cluster_scoped_part(rules, &catalogue).as_deref(), Ok(cluster));
    }

    #[test]
    fn rules_of_one_scope_stay_whole() {
        check(&[], &[], &[]);
        let secrets = rule(&[""], &["secrets", "pods/log", "pods/finalizers"]);
        let nodes = rule(&[""], &["nodes", "nodes/proxy", "nodes/metrics", "namespaces/finalizers"]);
        let health = urls(&["/healthz"]);
        let rules = [nodes.clone(), secrets.clone(), health.clone()];
        check(&rules, &[secrets], &[nodes, health]);
    }

    #[test]
    fn mixed_rules_are_cut_by_resource() {
        check(
            &[rule(&["", "storage.k8s.io"], &["storageclasses", "secrets", "nodes"])],
            &[rule(&[""], &["secrets"])],
            &[rule(&["", "storage.k8s.io"], &["storageclasses", "nodes"])],
        );
    }

    #[test]
    fn rules_are_cut_by_group_where_a_name_has_two_scopes() {
        // `serviceaccounts` and `pods` are namespaced; `nodes` exists in two groups.
        let mut catalogue = Catalogue::for_version("1.37").unwrap();
        for (group, namespaced) in [("a.example", true), ("b.example", false)] {
            let custom = crate::catalogue::CustomResource {
                group: group.to_owned(),
                name: "things".to_owned(),
                namespaced,
                ..Default::default()
            };
            catalogue.add(custom).unwrap();
        }
        let mixed = [rule(&["a.example", "b.example", ""], &["things", "nodes", "pods", "things/status"])];
        assert_eq!(
            cluster_scoped_part(&mixed, &catalogue).unwrap(),
            [rule(&["b.example", ""], &["things", "nodes", "things/status"])],
        );
        let mixed = [rule(&["a.example", "b.example"], &["things"])];
        assert_eq!(cluster_scoped_part(&mixed, &catalogue).unwrap(), [rule(&["b.example"], &["things"])],);
        assert_eq!(namespaced_part(&mixed, &catalogue).unwrap(), [rule(&["a.example"], &["things"])]);

        let custom = crate::catalogue::CustomResource {
            group: "b.example".to_owned(),
            name: "others".to_owned(),
            namespaced: true,
            ..Default::default()
        };
        catalogue.add(custom).unwrap();
        let mixed = [rule(&["a.example", "b.example"], &["things", "others"])];
        assert_eq!(
            namespaced_part(&mixed, &catalogue).unwrap(),
            [rule(&["a.example"], &["things"]), rule(&["b.example"], &["others"])],
            "together they would grant the cluster-scoped things of b.example"
        );
    }

    #[test]
    fn repeated_entries_do_not_multiply() {
        let mut catalogue = Catalogue::for_version("1.37").unwrap();
        for (group, name, namespaced) in
            [("a.example", "things", true), ("b.example", "things", false), ("b.example", "others", true)]
        {
            let (group, name) = (group.to_owned(), name.to_owned());
            let custom = crate::CustomResource { group, name, namespaced, ..Default::default() };
            catalogue.add(custom).unwrap();
        }
        let repeated = [rule(&["b.example", "a.example"].repeat(2), &["things", "others"].repeat(2))];
        assert_eq!(
            namespaced_part(&repeated, &catalogue).unwrap(),
            [rule(&["b.example"], &["others"]), rule(&["a.example"], &["things"])],
        );
        // A rule that stays whole stays as it is.
        let repeated = [rule(&["", ""], &["pods", "pods"])];
        assert_eq!(namespaced_part(&repeated, &catalogue).unwrap(), repeated);
    }

    #[test]
    fn dead_entries_go() {
        check(&[rule(&["extensions", "apps"], &["deployments"])], &[rule(&["apps"], &["deployments"])], &[]);
        check(&[rule(&["policy"], &["podsecuritypolicies"]), rule(&[""], &["pods/*"])], &[], &[]);
    }

    #[test]
    fn what_cannot_be_split_is_a_problem_with_its_place() {
        let catalogue = Catalogue::for_version("1.37").unwrap();
        let rules = [
            rule(&[""], &["pods"]),
            rule(&["*"], &["nodes"]),
            rule(&[""], &["pods", "*"]),
            rule(&["apps"], &["*/scale"]),
            rule(&["apps"], &["deployment"]),
            rule(&["custom.metrics.k8s.io"], &["x"]),
        ];
        let problems = cluster_scoped_part(&rules, &catalogue).unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| (p.rule, p.field, p.index)).collect();
        assert_eq!(
            places,
            [
                (1, Field::ApiGroups, 0),
                (2, Field::Resources, 1),
                (3, Field::Resources, 0),
                (4, Field::Resources, 0),
                (5, Field::ApiGroups, 0),
            ]
        );
        assert_eq!(namespaced_part(&rules, &catalogue), Err(problems.clone()));
        assert_eq!(
            problems[3].message,
            "`deployment` can't be split: there is no such resource in group `apps`"
        );
    }
}
