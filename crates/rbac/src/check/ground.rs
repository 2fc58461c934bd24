//! What the resources of a rule are held against: made once, for a rule may list thousands.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::retired;
use crate::rule::PolicyRule;

/// The groups in which a rule's resources are looked up.
#[derive(Default)]
pub(super) struct Groups<'a> {
    /// Each group once, in the order of the rule.
    pub(super) each: Vec<&'a str>,
    known: BTreeSet<&'a str>,
    /// How many were added.
    count: usize,
}

impl<'a> Groups<'a> {
    pub(super) fn add(&mut self, group: &'a str) {
        self.count += 1;
        if self.known.insert(group) {
            self.each.push(group);
        }
    }

    pub(super) fn has(&self, group: &str) -> bool {
        self.known.contains(group)
    }

    /// The group, where the rule lists nothing else.
    pub(super) fn only(&self) -> Option<&'a str> {
        if self.count == 1 { self.each.first().copied() } else { None }
    }
}

/// A rule, its groups, and what follows from them.
pub(super) struct Ground<'a> {
    pub(super) groups: Groups<'a>,
    pub(super) catalogue: &'a Catalogue,
    /// Whether one of the groups takes any name.
    pub(super) has_open_group: bool,
    rule: &'a PolicyRule,
    /// The groups that had resources which are gone.
    concerned: Vec<&'a str>,
    listed: OnceCell<BTreeSet<&'a str>>,
    subresources: OnceCell<BTreeSet<&'a str>>,
    has_custom_group: OnceCell<bool>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(rule: &'a PolicyRule, groups: Groups<'a>, catalogue: &'a Catalogue) -> Self {
        let has_open_group = groups.each.iter().any(|group| catalogue.is_open_group(group));
        let concerned = groups.each.iter().copied().filter(|group| retired::is_concerned(group)).collect();
        Self {
            groups,
            concerned,
            catalogue,
            has_open_group,
            rule,
            listed: OnceCell::new(),
            subresources: OnceCell::new(),
            has_custom_group: OnceCell::new(),
        }
    }

    /// Whether the rule is about this group, too.
    fn is_in(&self, group: &str) -> bool {
        self.groups.has("*") || self.groups.has(group)
    }

    /// The groups of the rule that have this resource.
    pub(super) fn groups_with(&self, resource: &str) -> Vec<&'a str> {
        let mut groups = self.catalogue.by_plural(resource);
        groups.retain(|group| self.is_in(group));
        groups
    }

    /// What became of a resource that one of the groups had.
    pub(super) fn fate(&self, resource: &str) -> Option<&'static str> {
        self.concerned.iter().find_map(|group| retired::fate(group, resource))
    }

    /// Whether the rule lists this resource.
    pub(super) fn lists(&self, resource: &str) -> bool {
        let listed = || self.rule.resources.iter().map(String::as_str).collect();
        self.listed.get_or_init(listed).contains(resource)
    }

    /// The subresources that some resource of the groups has.
    pub(super) fn subresources(&self) -> &BTreeSet<&'a str> {
        let of_groups = || {
            let infos = self.catalogue.iter().filter(|info| self.is_in(info.group));
            infos.filter_map(|info| info.parts().1).collect()
        };
        self.subresources.get_or_init(of_groups)
    }

    /// Whether the workspace declared resources of one of the groups.
    pub(super) fn has_custom_group(&self) -> bool {
        let any = || self.groups.each.iter().any(|group| is_custom_group(group, self.catalogue));
        *self.has_custom_group.get_or_init(any)
    }
}

/// Whether the workspace declared resources of a group.
pub(super) fn is_custom_group(group: &str, catalogue: &Catalogue) -> bool {
    catalogue.resources_in(group).any(|info| info.custom)
}
