//! Does every verb exist, and does anybody ask for it here?

use std::collections::{BTreeMap, BTreeSet};

use super::{Field, RuleProblem, error, warning};
use crate::catalogue::Catalogue;
use crate::resource_suggestion::{dotted, group_in_words};
use crate::rule::PolicyRule;
use crate::verbs;

pub(super) fn check(rule: &PolicyRule, catalogue: &Catalogue, problems: &mut Vec<RuleProblem>) {
    if rule.resources.is_empty() && !rule.non_resource_urls.is_empty() {
        for (index, verb) in rule.verbs.iter().enumerate().filter(|(_, verb)| *verb != "*") {
            check_url_verb(index, verb, problems);
        }
        return;
    }
    // What every request carries means something on every resource.
    let is_ordinary = |verb: &str| verb == "*" || verbs::REQUEST_VERBS.contains(&verb);
    let mut others = rule.verbs.iter().enumerate().filter(|(_, verb)| !is_ordinary(verb)).peekable();
    if others.peek().is_none() {
        return;
    }
    let mut ground = Ground::new(rule, catalogue);
    for (index, verb) in others {
        if !ground.declared.contains(verb.as_str()) {
            check_resource_verb(index, verb, &mut ground, problems);
        }
    }
}

/// What a rule's verbs are held against: made once, for a rule may list thousands.
struct Ground<'a> {
    groups: BTreeSet<&'a str>,
    resources: BTreeSet<&'a str>,
    rule: &'a PolicyRule,
    /// The verbs with which the rule's resources were declared.
    declared: BTreeSet<&'a str>,
    /// Whether any verb may mean something: whether somebody asks for a special one is known for Kubernetes' own
    /// resources only.
    is_open: bool,
    /// Whether a verb that was asked for may mean something.
    known: BTreeMap<&'a str, bool>,
}

impl<'a> Ground<'a> {
    fn new(rule: &'a PolicyRule, catalogue: &'a Catalogue) -> Self {
        let groups: BTreeSet<&str> = rule.api_groups.iter().map(String::as_str).collect();
        let resources: BTreeSet<&str> = rule.resources.iter().map(String::as_str).collect();
        let any = |listed: &BTreeSet<&str>, name: &str| listed.contains("*") || listed.contains(name);
        let declared = catalogue
            .iter()
            .filter(|info| info.custom && any(&groups, info.group) && any(&resources, info.resource))
            .flat_map(|info| info.verbs.iter())
            .collect();
        let is_own =
            |group: &str, resource: &str| catalogue.find(group, resource).is_some_and(|info| !info.custom);
        // No group but the first is gone through that lacks a resource: this is not long.
        let is_open = groups.contains("*")
            || resources.iter().any(|resource| resource.starts_with('*'))
            || !groups.iter().all(|group| resources.iter().all(|resource| is_own(group, resource)));
        Self { groups, resources, rule, declared, is_open, known: BTreeMap::new() }
    }

    fn may_mean_something(&mut self, verb: &'a str) -> bool {
        // Without groups or resources nothing does anything, which is another mistake than a verb's.
        if self.is_open || self.groups.is_empty() || self.resources.is_empty() {
            return true;
        }
        let (groups, resources) = (&self.groups, &self.resources);
        let somewhere = || {
            groups
                .iter()
                .any(|group| resources.iter().any(|resource| verbs::means_something(verb, group, resource)))
        };
        *self.known.entry(verb).or_insert_with(somewhere)
    }
}

fn check_resource_verb<'a>(
    index: usize,
    verb: &'a str,
    ground: &mut Ground<'a>,
    problems: &mut Vec<RuleProblem>,
) {
    if !verbs::is_known_for_resources(verb) {
        let mut problem = unknown_verb(index, verb, verbs::suggest(verb), &verbs::REQUEST_VERBS);
        problem.help = help_of_subresource(verb, ground).or(problem.help);
        problems.push(problem);
        return;
    }
    if ground.may_mean_something(verb) {
        return;
    }
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

/// What to write for a word such as `exec`, which is a subresource.
fn help_of_subresource(verb: &str, ground: &Ground<'_>) -> Option<String> {
    let rule = ground.rule;
    let group = rule.api_groups.first().map_or("", String::as_str);
    let resource = rule.resources.first().map_or("", String::as_str);
    let meant = verbs::of_subresource(verb, group, resource)?;
    let named = rule.resources == [meant.resource.as_str()] && ground.groups.contains(meant.group.as_str());
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
