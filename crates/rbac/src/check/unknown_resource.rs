//! What to say of a resource that is in none of a rule's groups.

use super::ground::{Ground, is_custom_group};
use super::{AMONG_CUSTOM_RESOURCES, Field, RuleProblem, error};
use crate::catalogue::Catalogue;
use crate::resource_suggestion::{ResourceSuggestion, group_in_words};
use crate::suggest::closest;

/// What is wrong; with a guess of what is meant, where one may be made.
pub(super) fn problem(index: usize, resource: &str, ground: &Ground<'_>, may_guess: bool) -> RuleProblem {
    let catalogue = ground.catalogue;
    let groups = &ground.groups;
    let place = match groups.only() {
        Some("*") => "in any group".to_owned(),
        Some(group) => format!("in {}", group_in_words(group)),
        None => "in any of these groups".to_owned(),
    };
    let unknown =
        |message: String, help: String| error("resource-unknown", Field::Resources, index, message, help);
    let message = format!("there is no resource `{}` {place}", resource.escape_debug());
    if let Some(subresource) = resource.strip_prefix("*/") {
        let meant = may_guess.then(|| subresource_of_any(subresource, catalogue)).flatten();
        let declare =
            || format!("if a resource of the cluster has it, declare that one {AMONG_CUSTOM_RESOURCES}");
        return unknown(message, meant.unwrap_or_else(declare));
    }
    if !may_guess {
        return unknown(message, help_without(resource, ground));
    }
    if let Some(version) = groups.each.iter().find_map(|group| catalogue.newer(group, resource)) {
        return unknown(format!("{message} before Kubernetes {version}"), "remove it".to_owned());
    }
    let help = match suggest(resource, ground) {
        Some(meant) => help_with(&meant, resource, ground),
        None => help_without(resource, ground),
    };
    unknown(message, help)
}

fn subresource_of_any(subresource: &str, catalogue: &Catalogue) -> Option<String> {
    let known = catalogue.iter().filter_map(|info| info.parts().1).chain(["finalizers"]);
    closest(subresource, known).map(|known| format!("write `*/{known}`"))
}

/// What was meant; in one of the rule's own groups, if there is such a resource.
fn suggest(resource: &str, ground: &Ground<'_>) -> Option<ResourceSuggestion> {
    let groups = ground.groups.each.as_slice();
    let mut suggestions = ground.catalogue.suggest_resources(groups, resource);
    let first = suggestions.next()?;
    let is_own = |meant: &ResourceSuggestion| ground.groups.has(&meant.group);
    if is_own(&first) { Some(first) } else { suggestions.find(is_own).or(Some(first)) }
}

fn help_without(resource: &str, ground: &Ground<'_>) -> String {
    let group = ground.groups.each.first().copied().unwrap_or_default();
    match resource.split_once('/') {
        Some((plural, _)) if ground.catalogue.find(group, plural).is_some() => {
            subresource_help(ground.catalogue, group, plural)
        }
        _ if ground.has_custom_group() => declare(resource),
        _ => format!("if the cluster has it, declare it {AMONG_CUSTOM_RESOURCES}"),
    }
}

fn help_with(meant: &ResourceSuggestion, resource: &str, ground: &Ground<'_>) -> String {
    let name = &meant.resource;
    let own_group = ground.groups.has(&meant.group);
    let is_listed = name != resource && ground.lists(name);
    // Of a group with custom resources nobody knows all: what is spelled alike is often another one.
    let is_open =
        if own_group { is_custom_group(&meant.group, ground.catalogue) } else { ground.has_custom_group() };
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
    if own_group || ground.groups.only() == Some("*") {
        return format!("write `{name}`");
    }
    let quoted = if meant.group.is_empty() { "\"\"" } else { meant.group.as_str() };
    if name == resource {
        format!("it is in {}: list `{quoted}` under `apiGroups`", group_in_words(&meant.group))
    } else {
        format!("write `{name}`, and list `{quoted}` under `apiGroups`")
    }
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
