//! Which resource was meant?

use std::cell::OnceCell;
use std::fmt;

use crate::catalogue::Catalogue;
use crate::suggest::closest;

/// A resource that exists, for somebody who named one that doesn't.
///
/// Its [`Display`](fmt::Display) is the form that phrases and kubectl use: `deployments.apps`,
/// `deployments.apps/scale`, and `pods` in the core group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceSuggestion {
    /// The API group, empty for the core group.
    pub group: String,
    /// The plural, and the subresource if there is one: `deployments/scale`.
    pub resource: String,
    /// Whether it is only spelled alike: a guess, while the same name in another group, a singular or a short name are
    /// none.
    pub guess: bool,
}

impl ResourceSuggestion {
    /// As words: "resource `deployments` in group `apps`".
    pub fn in_words(&self) -> String {
        format!("resource `{}` in {}", self.resource, group_in_words(&self.group))
    }
}

impl fmt::Display for ResourceSuggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&dotted(&self.group, &self.resource))
    }
}

/// `deployments.apps/scale`.
pub(crate) fn dotted(group: &str, resource: &str) -> String {
    match (group, resource.split_once('/')) {
        ("", _) => resource.to_owned(),
        (_, None) => format!("{resource}.{group}"),
        (_, Some((plural, subresource))) => format!("{plural}.{group}/{subresource}"),
    }
}

/// "the core group", "group `apps`".
pub(crate) fn group_in_words(group: &str) -> String {
    if group.is_empty() { "the core group".to_owned() } else { format!("group `{}`", group.escape_debug()) }
}

fn suggestion(group: &str, resource: &str, guess: bool) -> Option<ResourceSuggestion> {
    Some(ResourceSuggestion { group: group.to_owned(), resource: resource.to_owned(), guess })
}

fn found(group: &str, resource: &str) -> Option<ResourceSuggestion> {
    suggestion(group, resource, false)
}

fn guessed(group: &str, resource: &str) -> Option<ResourceSuggestion> {
    suggestion(group, resource, true)
}

fn is_plural(resource: &&str) -> bool {
    !resource.contains('/')
}

/// What a word may stand for whichever group it was written for: looked up once, when it is asked for.
#[derive(Default)]
struct Elsewhere {
    known: OnceCell<Option<ResourceSuggestion>>,
    alike: OnceCell<Option<ResourceSuggestion>>,
}

impl Catalogue {
    /// The resource that somebody probably meant who wrote this one, which doesn't exist: in
    /// another group, under its plural name, or spelled correctly.
    pub fn suggest_resource(&self, group: &str, resource: &str) -> Option<ResourceSuggestion> {
        self.suggest_resources(&[group], resource).next()
    }

    /// The same for several groups, one after the other: for each of them what was meant.
    pub(crate) fn suggest_resources<'a>(
        &'a self,
        groups: &'a [&'a str],
        resource: &'a str,
    ) -> impl Iterator<Item = ResourceSuggestion> {
        let lower = resource.trim().to_lowercase();
        let elsewhere = Elsewhere::default();
        groups.iter().filter_map(move |group| {
            let suggestion = match lower.split_once('/') {
                Some((plural, subresource)) => {
                    self.suggest_subresource(group, plural, subresource, &elsewhere)
                }
                None => self.suggest_plural(group, &lower, &elsewhere),
            }?;
            let same = suggestion.group == *group && suggestion.resource == resource;
            (!same).then_some(suggestion)
        })
    }

    /// The group that was probably meant, for a group that no resource is in.
    pub fn suggest_group(&self, group: &str) -> Option<&str> {
        let lower = group.trim().to_lowercase();
        // People write `apiVersion`s, and the names that they know from Go packages.
        let without_version = lower.split_once('/').map_or(lower.as_str(), |(group, _)| group);
        if matches!(without_version, "core" | "v1" | "api" | "legacy" | "\"\"" | "''") {
            return Some("");
        }
        if let Some(same) = self.groups().find(|known| *known == without_version) {
            return (same != group).then_some(same);
        }
        // `rbac` for `rbac.authorization.k8s.io`.
        let first_label =
            |known: &&str| known.split_once('.').is_some_and(|(first, _)| first == without_version);
        // Groups of `x-k8s.io` look like Kubernetes' own on purpose, and are others.
        if without_version.ends_with(".x-k8s.io") {
            return self.groups().find(first_label);
        }
        self.groups()
            .find(first_label)
            .or_else(|| closest(without_version, self.groups().filter(|known| !known.is_empty())))
    }

    fn suggest_plural(&self, group: &str, word: &str, elsewhere: &Elsewhere) -> Option<ResourceSuggestion> {
        if self.find(group, word).is_some() {
            return found(group, word);
        }
        if let Some(plural) = self.alias_in(group, word) {
            return found(group, plural);
        }
        // What was declared has no other names.
        let plural = format!("{word}s");
        if self.find(group, &plural).is_some() {
            return found(group, &plural);
        }
        let known = elsewhere.known.get_or_init(|| self.of_this_name(word));
        if known.is_some() {
            return known.clone();
        }
        // A slip of the keyboard: in the group that was named first, in the singular or in the plural.
        for word in [word, &plural] {
            let own = self.resources_in(group).map(|resource| resource.resource);
            if let Some(plural) = closest(word, own.filter(is_plural)) {
                return guessed(group, plural);
            }
        }
        elsewhere.alike.get_or_init(|| self.spelled_alike(word)).clone()
    }

    /// The resource of this name, short name or kind in whichever group has one first.
    fn of_this_name(&self, word: &str) -> Option<ResourceSuggestion> {
        match self.by_plural(word).first() {
            Some(group) => found(group, word),
            None => self.resolve_alias(word).and_then(|(group, plural)| found(group, plural)),
        }
    }

    fn spelled_alike(&self, word: &str) -> Option<ResourceSuggestion> {
        let all = self.iter().map(|resource| resource.resource);
        let plural = closest(word, all.filter(is_plural))?;
        guessed(self.by_plural(plural).first()?, plural)
    }

    fn suggest_subresource(
        &self,
        group: &str,
        plural: &str,
        subresource: &str,
        elsewhere: &Elsewhere,
    ) -> Option<ResourceSuggestion> {
        let parent = if self.find(group, plural).is_some() {
            ResourceSuggestion { group: group.to_owned(), resource: plural.to_owned(), guess: false }
        } else {
            self.suggest_plural(group, plural, elsewhere)?
        };
        let subresources = self.subresources_of(&parent.group, &parent.resource);
        let meant = match subresource {
            "logs" => "log",
            "execute" => "exec",
            "tokens" => "token",
            "port-forward" => "portforward",
            other => other,
        };
        let known = subresources.iter().copied().chain(["finalizers"]);
        let subresource = closest(meant, known)?;
        Some(ResourceSuggestion { resource: format!("{}/{subresource}", parent.resource), ..parent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_that_were_meant() {
        let catalogue = Catalogue::for_version("1.37").unwrap();
        for (group, resource, expected) in [
            ("", "deployments", Some("deployments.apps")),
            ("", "deployment", Some("deployments.apps")),
            ("", "deploy", Some("deployments.apps")),
            ("apps", "Deployment", Some("deployments.apps")),
            ("apps", "deployement", Some("deployments.apps")),
            ("apps", "pods", Some("pods")),
            ("", "hpa", Some("horizontalpodautoscalers.autoscaling")),
            ("", "pod", Some("pods")),
            ("", "Pods", Some("pods")),
            ("", "secrtes", Some("secrets")),
            ("", "pods/logs", Some("pods/log")),
            ("", "pod/log", Some("pods/log")),
            ("", "pods/exce", Some("pods/exec")),
            ("", "deployments/scale", Some("deployments.apps/scale")),
            ("", "pods/qqqqqqqq", None),
            ("", "qqqqqqqq", None),
            ("", "", None),
            ("", "/", None),
            ("rbac.authorization.k8s.io", "clusterrole", Some("clusterroles.rbac.authorization.k8s.io")),
        ] {
            let suggestion = catalogue.suggest_resource(group, resource);
            assert_eq!(
                suggestion.map(|suggestion| suggestion.to_string()).as_deref(),
                expected,
                "{resource:?} in {group:?}"
            );
        }
        let words = catalogue.suggest_resource("", "deploy").unwrap().in_words();
        assert_eq!(words, "resource `deployments` in group `apps`");
        let words = catalogue.suggest_resource("apps", "pods").unwrap().in_words();
        assert_eq!(words, "resource `pods` in the core group");
    }

    #[test]
    fn groups_that_were_meant() {
        let catalogue = Catalogue::for_version("1.37").unwrap();
        for (group, expected) in [
            ("core", Some("")),
            ("v1", Some("")),
            ("apps/v1", Some("apps")),
            ("Apps", Some("apps")),
            ("app", Some("apps")),
            ("rbac", Some("rbac.authorization.k8s.io")),
            ("networking", Some("networking.k8s.io")),
            ("networking.k8s.oi", Some("networking.k8s.io")),
            ("apps", None),
            ("kpack.io", None),
            ("scheduling.x-k8s.io", None),
            ("", None),
        ] {
            assert_eq!(catalogue.suggest_group(group), expected, "{group:?}");
        }
    }
}
