//! Does every group and every resource exist?
//!
//! They are looked at together: a rule grants every resource in every group, and a resource is
//! fine if one of the groups has it.

use super::{AMONG_CUSTOM_RESOURCES, Field, RuleProblem, error, warning};
use crate::catalogue::Catalogue;
use crate::resource_suggestion::{ResourceSuggestion, group_in_words};
use crate::rule::PolicyRule;
use crate::suggest::closest;
use crate::verbs;

/// What is known about an entry of `resources`.
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

pub(super) fn check(rule: &PolicyRule, catalogue: &Catalogue, problems: &mut Vec<RuleProblem>) {
    // An unknown group is one mistake: its resources are looked up in the group that was meant,
    // and pass if nobody knows which that is.
    let mut groups: Vec<&str> = Vec::new();
    let mut guessed = false;
    for (index, group) in rule.api_groups.iter().enumerate() {
        if is_known_group(group, catalogue) {
            groups.push(group);
            continue;
        }
        let meant = catalogue.suggest_group(group);
        match meant {
            Some(meant) => groups.push(meant),
            None => guessed = true,
        }
        problems.push(unknown_group(index, group, meant));
    }

    let free_text = !rule.verbs.is_empty() && rule.verbs.iter().all(|verb| verbs::has_free_resource(verb));
    let mut all_exist = true;
    let mut all_plain = true;
    for (index, resource) in rule.resources.iter().enumerate() {
        if let Some(problem) = malformed_resource(index, resource) {
            all_exist = false;
            problems.push(problem);
            continue;
        }
        match standing(resource, &groups, catalogue) {
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
                if !(free_text || guessed || groups.is_empty()) {
                    problems.push(unknown_resource(index, rule, resource, &groups, catalogue));
                }
            }
        }
    }

    if all_exist && all_plain && !rule.resources.is_empty() {
        for (index, group) in rule.api_groups.iter().enumerate() {
            check_group_is_of_use(index, group, rule, catalogue, problems);
        }
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

fn standing(resource: &str, groups: &[&str], catalogue: &Catalogue) -> Standing {
    if resource == "*" || groups.iter().any(|group| catalogue.is_open_group(group)) {
        return Standing::Open;
    }
    if let Some(subresource) = resource.strip_prefix("*/") {
        let exists = subresource == "finalizers"
            || catalogue.iter().any(|info| {
                info.parts().1 == Some(subresource)
                    && groups.iter().any(|group| *group == "*" || *group == info.group)
            });
        return if exists { Standing::Open } else { Standing::Unknown };
    }
    let mut found = groups
        .iter()
        .flat_map(|&group| if group == "*" { catalogue.by_plural(resource) } else { vec![group] })
        .filter_map(|group| catalogue.find(group, resource))
        .peekable();
    if found.peek().is_some() {
        return if found.all(|info| info.off_by_default) { Standing::Off } else { Standing::Exists };
    }
    match groups.iter().find_map(|group| catalogue.retired(group, resource)) {
        Some(fate) => Standing::Retired(fate),
        None => Standing::Unknown,
    }
}

fn unknown_resource(
    index: usize,
    rule: &PolicyRule,
    resource: &str,
    groups: &[&str],
    catalogue: &Catalogue,
) -> RuleProblem {
    let group = groups.first().copied().unwrap_or_default();
    let place = match groups {
        ["*"] => "in any group".to_owned(),
        [group] => format!("in {}", group_in_words(group)),
        _ => "in any of these groups".to_owned(),
    };
    let message = format!("there is no resource `{}` {place}", resource.escape_debug());

    if let Some(subresource) = resource.strip_prefix("*/") {
        let known = catalogue.iter().filter_map(|info| info.parts().1).chain(["finalizers"]);
        let help = match closest(subresource, known) {
            Some(known) => format!("write `*/{known}`"),
            None => format!("if a resource of the cluster has it, declare that one {AMONG_CUSTOM_RESOURCES}"),
        };
        return error("resource-unknown", Field::Resources, index, message, help);
    }
    if let Some(version) = groups.iter().find_map(|group| catalogue.newer(group, resource)) {
        return error(
            "resource-unknown",
            Field::Resources,
            index,
            format!("{message} before Kubernetes {version}"),
            "remove it".to_owned(),
        );
    }
    let help = match suggest(resource, groups, catalogue) {
        Some(meant) => help_with(&meant, resource, rule, groups, catalogue),
        None => match resource.split_once('/') {
            Some((plural, _)) if catalogue.find(group, plural).is_some() => {
                subresource_help(catalogue, group, plural)
            }
            _ if groups.iter().any(|group| is_custom_group(group, catalogue)) => declare(resource),
            _ => format!("if the cluster has it, declare it {AMONG_CUSTOM_RESOURCES}"),
        },
    };
    error("resource-unknown", Field::Resources, index, message, help)
}

/// What was meant; in one of the rule's own groups, if there is such a resource.
fn suggest(resource: &str, groups: &[&str], catalogue: &Catalogue) -> Option<ResourceSuggestion> {
    let suggestions = || groups.iter().filter_map(|group| catalogue.suggest_resource(group, resource));
    let own = suggestions().find(|meant| groups.contains(&meant.group.as_str()));
    own.or_else(|| suggestions().next())
}

fn help_with(
    meant: &ResourceSuggestion,
    resource: &str,
    rule: &PolicyRule,
    groups: &[&str],
    catalogue: &Catalogue,
) -> String {
    let name = &meant.resource;
    let own_group = groups.contains(&meant.group.as_str());
    let is_listed = name != resource && rule.resources.contains(name);
    // Of a group with custom resources nobody knows all: what is spelled alike is often another one.
    let is_open = if own_group {
        is_custom_group(&meant.group, catalogue)
    } else {
        groups.iter().any(|group| is_custom_group(group, catalogue))
    };
    if meant.guess && is_open {
        return match (is_listed, own_group) {
            (true, _) => declare(resource),
            (false, true) => format!("{}; or did you mean `{name}`?", declare(resource)),
            (false, false) => {
                format!(
                    "{}; or did you mean `{name}` in {}?",
                    declare(resource),
                    group_in_words(&meant.group)
                )
            }
        };
    }
    if is_listed {
        let or = if meant.guess { ", or write what is meant" } else { "" };
        return format!("remove it{or}: `{name}` is listed already");
    }
    if own_group || groups == ["*"] {
        return format!("write `{name}`");
    }
    let quoted = if meant.group.is_empty() { "\"\"" } else { meant.group.as_str() };
    if name == resource {
        format!("it is in {}: list `{quoted}` under `apiGroups`", group_in_words(&meant.group))
    } else {
        format!("write `{name}`, and list `{quoted}` under `apiGroups`")
    }
}

fn is_custom_group(group: &str, catalogue: &Catalogue) -> bool {
    catalogue.resources_in(group).any(|info| info.custom)
}

fn declare(resource: &str) -> String {
    let plural = resource.split('/').next().unwrap_or_default();
    format!("declare `{}` {AMONG_CUSTOM_RESOURCES}", plural.escape_debug())
}

fn subresource_help(catalogue: &Catalogue, group: &str, plural: &str) -> String {
    let known: Vec<String> = catalogue
        .subresources_of(group, plural)
        .into_iter()
        .map(|subresource| format!("`{plural}/{subresource}`"))
        .collect();
    if known.is_empty() {
        format!("`{plural}` has no subresources")
    } else {
        format!("`{plural}` has {}", known.join(", "))
    }
}

/// Every resource exists somewhere: is this group one of the places?
fn check_group_is_of_use(
    index: usize,
    group: &str,
    rule: &PolicyRule,
    catalogue: &Catalogue,
    problems: &mut Vec<RuleProblem>,
) {
    if group == "*" || !is_known_group(group, catalogue) {
        return;
    }
    if rule.resources.iter().any(|resource| catalogue.find(group, resource).is_some()) {
        return;
    }
    let message = if catalogue.is_retired_group(group) {
        format!("the group `{group}` is gone: listing it does nothing")
    } else {
        format!("{} has none of the rule's resources: listing it does nothing", group_in_words(group))
    };
    problems.push(warning(
        "api-group-without-effect",
        Field::ApiGroups,
        index,
        message,
        "remove the group".to_owned(),
    ));
}
