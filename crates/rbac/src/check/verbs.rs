//! Does every verb exist, and does anybody ask for it here?

use super::{Field, RuleProblem, error, warning};
use crate::catalogue::Catalogue;
use crate::resource_suggestion::{dotted, group_in_words};
use crate::rule::PolicyRule;
use crate::verbs;

pub(super) fn check(rule: &PolicyRule, catalogue: &Catalogue, problems: &mut Vec<RuleProblem>) {
    let for_urls = rule.resources.is_empty() && !rule.non_resource_urls.is_empty();
    for (index, verb) in rule.verbs.iter().enumerate() {
        if verb == "*" {
            continue;
        }
        if for_urls {
            check_url_verb(index, verb, problems);
        } else if !is_custom_verb(verb, rule, catalogue) {
            check_resource_verb(index, verb, rule, catalogue, problems);
        }
    }
}

/// Whether one of the rule's resources was declared with this verb.
fn is_custom_verb(verb: &str, rule: &PolicyRule, catalogue: &Catalogue) -> bool {
    let declared = |group: &str, resource: &str| {
        let any = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        catalogue.iter().any(|info| {
            info.custom && any(group, info.group) && any(resource, info.resource) && info.verbs.contains(verb)
        })
    };
    rule.api_groups.iter().any(|group| rule.resources.iter().any(|resource| declared(group, resource)))
}

fn check_resource_verb(
    index: usize,
    verb: &str,
    rule: &PolicyRule,
    catalogue: &Catalogue,
    problems: &mut Vec<RuleProblem>,
) {
    if !verbs::is_known_for_resources(verb) {
        let mut problem = unknown_verb(index, verb, verbs::suggest(verb), &verbs::REQUEST_VERBS);
        problem.help = help_of_subresource(verb, rule).or(problem.help);
        problems.push(problem);
        return;
    }
    // Without groups or resources nothing does anything, which is another mistake than a verb's.
    if rule.api_groups.is_empty() || rule.resources.is_empty() {
        return;
    }
    // Whether somebody asks for a special verb is known for Kubernetes' own resources only.
    let mut pairs =
        rule.api_groups.iter().flat_map(|group| rule.resources.iter().map(move |resource| (group, resource)));
    let may_mean_something = pairs.any(|(group, resource)| {
        group == "*"
            || resource.starts_with('*')
            || verbs::means_something(verb, group, resource)
            || catalogue.find(group, resource).is_none_or(|info| info.custom)
    });
    if !may_mean_something {
        let meant = verbs::SPECIAL_VERBS.iter().find(|special| special.verb == verb);
        let help = meant.map(|special| {
            let on: Vec<String> = special
                .resources
                .iter()
                .map(|(group, resource)| format!("`{}`", dotted(group, resource)))
                .collect();
            format!("remove it: it allows {}, on {}", special.allows, on.join(", "))
        });
        problems.push(warning(
            "verb-without-effect",
            Field::Verbs,
            index,
            format!("`{verb}` does nothing on these resources"),
            help.unwrap_or_else(|| "remove it".to_owned()),
        ));
    }
}

/// What to write for a word such as `exec`, which is a subresource.
fn help_of_subresource(verb: &str, rule: &PolicyRule) -> Option<String> {
    let group = rule.api_groups.first().map_or("", String::as_str);
    let resource = rule.resources.first().map_or("", String::as_str);
    let meant = verbs::of_subresource(verb, group, resource)?;
    let named = rule.resources == [meant.resource.as_str()] && rule.api_groups.contains(&meant.group);
    Some(if named {
        format!("write `{}`", meant.verb)
    } else {
        let group = group_in_words(&meant.group);
        format!("write a rule with `{}` on `{}` in {group}", meant.verb, meant.resource.escape_debug())
    })
}

fn check_url_verb(index: usize, verb: &str, problems: &mut Vec<RuleProblem>) {
    if verbs::URL_VERBS.contains(&verb) {
        return;
    }
    let meant = verbs::suggest_for_url(verb);
    if verbs::is_known(verb) {
        let help = match meant {
            Some(meant) => format!("for addresses write `{meant}`"),
            None => "remove it".to_owned(),
        };
        let message = format!("`{verb}` does nothing on `nonResourceURLs`");
        problems.push(warning("verb-without-effect", Field::Verbs, index, message, help));
    } else {
        problems.push(unknown_verb(index, verb, meant, &verbs::URL_VERBS));
    }
}

fn unknown_verb(index: usize, verb: &str, meant: Option<&str>, known: &[&str]) -> RuleProblem {
    let help = if verb.contains([',', ' ']) {
        let words = verb.split([',', ' ']).filter(|word| !word.is_empty());
        let list: Vec<String> = words.map(|word| format!("`{}`", word.escape_debug())).collect();
        format!("write each verb as an entry of its own: {}", list.join(", "))
    } else {
        match meant {
            Some(meant) => format!("write `{meant}`"),
            None => format!("the verbs are {}", known.join(", ")),
        }
    };
    let message = format!("there is no verb `{}`", verb.escape_debug());
    error("verb-unknown", Field::Verbs, index, message, help)
}
