//! The lines of the catalogue, and where they come from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{ResourceInfo, Scope, Words};
use crate::beyond_discovery::{UNLISTED, Unlisted};
use crate::off_by_default::off_by_default;

/// The files, by minor version, in ascending order.
pub(super) const FILES: &[(u16, &str)] = &[
    (30, include_str!("../../catalogue/1.30.tsv")),
    (31, include_str!("../../catalogue/1.31.tsv")),
    (32, include_str!("../../catalogue/1.32.tsv")),
    (33, include_str!("../../catalogue/1.33.tsv")),
    (34, include_str!("../../catalogue/1.34.tsv")),
    (35, include_str!("../../catalogue/1.35.tsv")),
    (36, include_str!("../../catalogue/1.36.tsv")),
    (37, include_str!("../../catalogue/1.37.tsv")),
];

/// A line of the catalogue. What comes from a file is borrowed from it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) group: Cow<'static, str>,
    pub(super) resource: Cow<'static, str>,
    pub(super) scope: Scope,
    pub(super) verbs: Cow<'static, str>,
    pub(super) kind: &'static str,
    pub(super) singular: &'static str,
    pub(super) short_names: &'static str,
    pub(super) creates_pods: bool,
    pub(super) custom: bool,
    pub(super) off_by_default: bool,
}

impl Entry {
    pub(super) fn key(&self) -> (&str, &str) {
        (&self.group, &self.resource)
    }

    pub(super) fn info(&self) -> ResourceInfo<'_> {
        ResourceInfo {
            group: &self.group,
            resource: &self.resource,
            scope: self.scope,
            verbs: Words(&self.verbs),
            kind: self.kind,
            creates_pods: self.creates_pods,
            custom: self.custom,
            off_by_default: self.off_by_default,
        }
    }
}

pub(super) fn is_alias(entry: &Entry, word: &str) -> bool {
    // A subresource has the kind of what it takes, and no names.
    !word.is_empty()
        && !entry.resource.contains('/')
        && (entry.kind.eq_ignore_ascii_case(word)
            || entry.singular.eq_ignore_ascii_case(word)
            || Words(entry.short_names).iter().any(|short| short.eq_ignore_ascii_case(word)))
}

/// Reads a file. A line that isn't one is left out; a test sees to it that there is none.
pub(super) fn entries(minor: u16, text: &'static str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(256);
    entries.extend(text.lines().filter_map(entry));
    entries.extend(off_by_default(minor).map(|off| Entry { off_by_default: true, ..unlisted(off) }));
    let with_parent: Vec<Entry> = UNLISTED
        .iter()
        // A subresource comes with its resource, which older versions may not have.
        .filter(|unlisted| {
            unlisted
                .resource
                .split_once('/')
                .is_none_or(|(plural, _)| entries.iter().any(|entry| entry.key() == (unlisted.group, plural)))
        })
        .map(unlisted)
        .collect();
    entries.extend(with_parent);
    // Stable, so that what an API server lists wins over what we know besides.
    entries.sort_by(|left, right| left.key().cmp(&right.key()));
    entries.dedup_by(|later, earlier| later.key() == earlier.key());
    entries
}

fn unlisted(unlisted: &'static Unlisted) -> Entry {
    Entry {
        group: Cow::Borrowed(unlisted.group),
        resource: Cow::Borrowed(unlisted.resource),
        scope: unlisted.scope,
        verbs: Cow::Borrowed(unlisted.verbs),
        kind: "",
        singular: "",
        short_names: "",
        creates_pods: false,
        custom: false,
        off_by_default: false,
    }
}

fn columns(line: &str) -> Option<impl Iterator<Item = &str>> {
    let columns = line.split('\t').map(|column| if column == "-" { "" } else { column });
    (!line.starts_with('#')).then_some(columns)
}

/// The group and name in a line.
fn key(line: &str) -> Option<(&str, &str)> {
    let mut columns = columns(line)?;
    Some((columns.next()?, columns.next()?))
}

pub(super) fn entry(line: &'static str) -> Option<Entry> {
    let mut columns = columns(line)?;
    let (group, resource) = (columns.next()?, columns.next()?);
    let scope = match columns.next()? {
        "namespaced" => Scope::Namespaced,
        "cluster" => Scope::Cluster,
        _ => return None,
    };
    let verbs = columns.next()?;
    Some(Entry {
        group: Cow::Borrowed(group),
        resource: Cow::Borrowed(resource),
        scope,
        verbs: Cow::Borrowed(verbs),
        kind: columns.next().unwrap_or_default(),
        singular: columns.next().unwrap_or_default(),
        short_names: columns.next().unwrap_or_default(),
        creates_pods: creates_pods(group, resource),
        custom: false,
        off_by_default: false,
    })
}

/// The minor versions whose files have a resource, in ascending order.
pub(super) fn versions_with(group: &str, resource: &str) -> &'static [u16] {
    type ByResource = BTreeMap<&'static str, Vec<u16>>;
    static VERSIONS: OnceLock<BTreeMap<&str, ByResource>> = OnceLock::new();
    let versions = VERSIONS.get_or_init(|| {
        let mut versions: BTreeMap<&str, ByResource> = BTreeMap::new();
        for (minor, text) in FILES {
            for (group, resource) in text.lines().filter_map(key) {
                versions.entry(group).or_default().entry(resource).or_default().push(*minor);
            }
        }
        versions
    });
    let versions = versions.get(group).and_then(|resources| resources.get(resource));
    versions.map_or(&[], Vec::as_slice)
}

/// Kubernetes' own resources that run a pod: the pod itself, and what its controllers make pods of
/// ("Workload creation" in Kubernetes' RBAC good practices).
fn creates_pods(group: &str, resource: &str) -> bool {
    matches!(
        (group, resource),
        ("", "pods" | "podtemplates" | "replicationcontrollers")
            | ("apps", "daemonsets" | "deployments" | "replicasets" | "statefulsets")
            | ("batch", "cronjobs" | "jobs")
    )
}
