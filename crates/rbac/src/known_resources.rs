//! Which resources of a rule exist, and in which of its groups: looked up once for each name, for a rule may list
//! thousands, and the same ones again and again.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, ResourceInfo};
use crate::rule::PolicyRule;

/// The resources of a rule that exist.
#[derive(Debug)]
pub struct KnownResources<'a> {
    by_name: BTreeMap<&'a str, Vec<ResourceInfo<'a>>>,
}

impl<'a> KnownResources<'a> {
    /// Looks up the resources of a rule in its groups. A `*` stands for nothing here.
    pub fn new(rule: &'a PolicyRule, catalogue: &'a Catalogue) -> Self {
        let groups: BTreeSet<&str> = rule.api_groups.iter().map(String::as_str).collect();
        let mut by_name = BTreeMap::new();
        for resource in &rule.resources {
            by_name.entry(resource.as_str()).or_insert_with(|| {
                let mut having = catalogue.by_plural(resource);
                having.retain(|group| groups.contains(group));
                having.into_iter().filter_map(|group| catalogue.find(group, resource)).collect()
            });
        }
        Self { by_name }
    }

    /// What has this name, once for each of the rule's groups that has it.
    pub fn of(&self, resource: &str) -> &[ResourceInfo<'a>] {
        self.by_name.get(resource).map_or(&[], Vec::as_slice)
    }

    /// All of them, each once.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ResourceInfo<'a>> {
        self.by_name.values().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exists_in_the_groups_of_the_rule() {
        let catalogue = Catalogue::for_version("1.37").unwrap();
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let rule = PolicyRule {
            api_groups: owned(&["events.k8s.io", "", "", "*"]),
            resources: owned(&["events", "events", "pods/finalizers", "deployments", "*"]),
            ..PolicyRule::default()
        };
        let known = KnownResources::new(&rule, &catalogue);
        let groups = |resource| known.of(resource).iter().map(|info| info.group).collect::<Vec<_>>();
        assert_eq!(groups("events"), ["", "events.k8s.io"]);
        assert_eq!(groups("pods/finalizers"), [""]);
        for none in ["deployments", "*", "secrets"] {
            assert_eq!(groups(none), [""; 0], "{none}");
        }
        assert_eq!(known.all().count(), 3);
    }
}
