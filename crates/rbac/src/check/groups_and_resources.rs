//! Does every group and every resource exist?
//!
//! They are looked at together: a rule grants every resource in every group, and a resource is
//! fine if one of the groups has it.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Ground, Groups};
use super::{AMONG_CUSTOM_RESOURCES, Field, RuleProblem, error, unknown_resource, warning};
use crate::catalogue::Catalogue;
use crate::resource_suggestion::group_in_words;
use crate::rule::PolicyRule;
use crate::verbs;

/// What is known about an entry of `resources`.
#[derive(Clone, Copy)]
enum Standing {
    /// It exists in at least one of the groups.
    Exists,
    /// It exists where somebody switched it on.
    Off,
    /// It stands for several, or for free text.
    Open,
    /// Kubernetes had it once.
    Retired(&'static str),
    /// Nothing of this name in these groups.
    Unknown,
}

/// For how many names of resources in a rule it is looked up what may be meant: more than anybody corrects at a time.
const GUESSES: usize = 100;

pub(super) fn check(rule: &PolicyRule, catalogue: &Catalogue, problems: &mut Vec<RuleProblem>) {
    // An unknown group is one mistake: its resources are looked up in the group that was meant,
    // and pass if nobody knows which that is.
    let mut groups = Groups::default();
    let mut guessed = false;
    for (index, group) in rule.api_groups.iter().enumerate() {
        if is_known_group(group, catalogue) {
            groups.add(group);
            continue;
        }
        let meant = catalogue.suggest_group(group);
        match meant {
            Some(meant) => groups.add(meant),
            None => guessed = true,
        }
        problems.push(unknown_group(index, group, meant));
    }

    let ground = Ground::new(rule, groups, catalogue);
    let free_text = !rule.verbs.is_empty() && rule.verbs.iter().all(|verb| verbs::has_free_resource(verb));
    // An entry may be repeated often.
    let mut known: BTreeMap<&str, Standing> = BTreeMap::new();
    let mut used = BTreeSet::new();
    let mut unknown: BTreeMap<&str, RuleProblem> = BTreeMap::new();
    let mut all_exist = true;
    let mut all_plain = true;
    for (index, resource) in rule.resources.iter().enumerate() {
        if let Some(problem) = malformed_resource(index, resource) {
            all_exist = false;
            problems.push(problem);
            continue;
        }
        match *known.entry(resource).or_insert_with(|| standing(resource, &ground, &mut used)) {
            Standing::Exists => {}
            Standing::Off => problems.push(warning(
                "resource-off-by-default",
                Field::Resources,
                index,
                format!(
                    "Kubernetes {} serves `{resource}` only where it is switched on",
                    catalogue.version()
                ),
                format!("remove it, or declare it {AMONG_CUSTOM_RESOURCES} if the cluster has it"),
            )),
            Standing::Open => all_plain = false,
            Standing::Retired(fate) => {
                all_exist = false;
                problems.push(warning(
                    "resource-retired",
                    Field::Resources,
                    index,
                    format!("`{}` {fate}: the grant does nothing", resource.escape_debug()),
                    "remove it, unless the role serves such an old cluster as well".to_owned(),
                ));
            }
            Standing::Unknown => {
                all_exist = false;
                if !(free_text || guessed || ground.groups.each.is_empty()) {
                    let may_guess = unknown.len() < GUESSES;
                    let problem = unknown
                        .entry(resource)
                        .or_insert_with(|| unknown_resource::problem(index, resource, &ground, may_guess));
                    problems.push(RuleProblem { index: Some(index), ..problem.clone() });
                }
            }
        }
    }

    if all_exist && all_plain && !rule.resources.is_empty() {
        check_groups_are_of_use(rule, &used, catalogue, problems);
    }
}

fn is_known_group(group: &str, catalogue: &Catalogue) -> bool {
    group == "*"
        || catalogue.has_group(group)
        || catalogue.is_open_group(group)
        || catalogue.is_retired_group(group)
}

fn unknown_group(index: usize, group: &str, meant: Option<&str>) -> RuleProblem {
    let help = match meant {
        Some("") => "write `\"\"`, which is the core group".to_owned(),
        // The groups of custom resources have dots, so this may well be one.
        Some(meant) if group.contains('.') && !group.contains('/') => {
            format!(
                "write `{meant}`, or declare its resources {AMONG_CUSTOM_RESOURCES} if there is such a group"
            )
        }
        Some(meant) => format!("write `{meant}`"),
        None => format!("if the cluster has it, declare its resources {AMONG_CUSTOM_RESOURCES}"),
    };
    let message = format!("there is no API group `{}`", group.escape_debug());
    error("api-group-unknown", Field::ApiGroups, index, message, help)
}

/// Entries that can't name a resource, whatever the groups.
fn malformed_resource(index: usize, resource: &str) -> Option<RuleProblem> {
    let shown = resource.escape_debug();
    let message = format!("`{shown}` is not the name of a resource");
    let unknown =
        |help: String| Some(error("resource-unknown", Field::Resources, index, message.clone(), help));
    if resource.is_empty() {
        return unknown("write the plural of a resource, such as `pods`".to_owned());
    }
    if resource.contains([',', ' ']) {
        let words = resource.split([',', ' ']).filter(|word| !word.is_empty());
        let list: Vec<String> = words.map(|word| format!("`{}`", word.escape_debug())).collect();
        return unknown(format!("write each resource as an entry of its own: {}", list.join(", ")));
    }
    let (plural, subresource) = resource.split_once('/')?;
    match (plural, subresource) {
        ("", _) => unknown("write the resource before the `/`, such as `pods/log`".to_owned()),
        (_, "") => unknown(format!("write `{}`", plural.escape_debug())),
        ("*", "*") => Some(warning(
            "resource-matches-nothing",
            Field::Resources,
            index,
            "`*/*` matches nothing",
            "`*` alone is every resource with its subresources; name those that are needed".to_owned(),
        )),
        (_, "*") => Some(warning(
            "resource-matches-nothing",
            Field::Resources,
            index,
            format!("`{shown}` matches nothing: `*` is no wildcard after the `/`"),
            format!("name the subresources that are needed, such as `{}/status`", plural.escape_debug()),
        )),
        _ => None,
    }
}

/// What is known about a resource; the groups that have it are added to those that are of use.
fn standing<'a>(resource: &str, ground: &Ground<'a>, used: &mut BTreeSet<&'a str>) -> Standing {
    if resource == "*" || ground.has_open_group {
        return Standing::Open;
    }
    if let Some(subresource) = resource.strip_prefix("*/") {
        let exists = subresource == "finalizers" || ground.subresources().contains(subresource);
        return if exists { Standing::Open } else { Standing::Unknown };
    }
    let groups = ground.groups_with(resource);
    if !groups.is_empty() {
        let is_off =
            |group: &&str| ground.catalogue.find(group, resource).is_some_and(|info| info.off_by_default);
        let standing = if groups.iter().all(is_off) { Standing::Off } else { Standing::Exists };
        used.extend(groups);
        return standing;
    }
    match ground.fate(resource) {
        Some(fate) => Standing::Retired(fate),
        None => Standing::Unknown,
    }
}

/// Every resource exists somewhere: is each group one of the places?
fn check_groups_are_of_use(
    rule: &PolicyRule,
    used: &BTreeSet<&str>,
    catalogue: &Catalogue,
    problems: &mut Vec<RuleProblem>,
) {
    for (index, group) in rule.api_groups.iter().enumerate() {
        if group == "*" || used.contains(group.as_str()) || !is_known_group(group, catalogue) {
            continue;
        }
        let message = if catalogue.is_retired_group(group) {
            format!("the group `{group}` is gone: listing it does nothing")
        } else {
            format!("{} has none of the rule's resources: listing it does nothing", group_in_words(group))
        };
        let help = "remove the group".to_owned();
        problems.push(warning("api-group-without-effect", Field::ApiGroups, index, message, help));
    }
}
