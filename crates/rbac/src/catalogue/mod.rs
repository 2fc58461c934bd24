//! Which resources there are, by version of Kubernetes: group, name, scope, verbs.
//!
//! Kubernetes itself accepts a role that names anything at all; a grant of `deployment` is stored
//! and never does anything. The catalogue is what makes a typo an error.
//!
//! The data are files in `catalogue/`, one per minor version, made from the discovery of a real
//! API server or the discovery files of its sources (their first lines tell), with what discovery leaves out
//! (`beyond_discovery.rs`, `off_by_default.rs`) and what the workspace declares ([`Catalogue::add`]).

mod custom;
mod entry;
mod resource_info;

use std::sync::OnceLock;

pub use self::custom::{AddProblem, CustomResource};
use self::entry::{Entry, FILES, entries, is_alias};
pub use self::resource_info::{ResourceInfo, Scope, Words};
use crate::beyond_discovery::OPEN_GROUPS;
use crate::retired;
use crate::version::{self, UnknownVersion};

/// The one resource, by group and plural, that has a subresource of any name.
const USER_EXTRAS: (&str, &str) = ("authentication.k8s.io", "userextras");

/// The resources of one cluster.
#[derive(Clone, Debug)]
pub struct Catalogue {
    minor: u16,
    exact: bool,
    /// Sorted by group and resource; the core group, being empty, comes first.
    entries: Vec<Entry>,
    /// The places of all entries, by resource and then by group: made when it is asked for.
    by_resource: OnceLock<Vec<usize>>,
}

impl Catalogue {
    /// The resources of Kubernetes `1.N`: of that version if there are data of it, else of the
    /// nearest one that there are ([`exact`](Self::exact) tells).
    ///
    /// # Errors
    /// If the version isn't written `1.N`, or is older than 1.30.
    pub fn for_version(version: &str) -> Result<Self, UnknownVersion> {
        let wanted = version::minor(version)?;
        // Of two that are equally near the older: what it has, the newer one hardly lost, and a
        // grant of what doesn't exist yet is worth an error.
        let nearest = FILES.iter().min_by_key(|(minor, _)| minor.abs_diff(wanted));
        let (minor, text) = nearest.copied().unwrap_or((wanted, ""));
        let entries = entries(minor, text);
        Ok(Self { minor, exact: minor == wanted, entries, by_resource: OnceLock::new() })
    }

    /// The version that the data are of: `1.37`.
    pub fn version(&self) -> String {
        format!("1.{}", self.minor)
    }

    /// Whether that is the version that was asked for.
    pub fn exact(&self) -> bool {
        self.exact
    }

    fn position(&self, group: &str, resource: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.key().cmp(&(group, resource)))
    }

    /// The resource (`pods`) or subresource (`pods/log`) of this name in this group.
    ///
    /// Every resource has `finalizers`: the API server asks whether somebody may update them who
    /// makes an object the blocking owner of another (`plugin/pkg/admission/gc/gc_admission.go`).
    /// `userextras` has a subresource for every key (`endpoints/filters/impersonation`).
    pub fn find<'a>(&'a self, group: &'a str, resource: &'a str) -> Option<ResourceInfo<'a>> {
        if let Ok(place) = self.position(group, resource) {
            return self.entries.get(place).map(Entry::info);
        }
        let (plural, subresource) = resource.split_once('/')?;
        let place = self.position(group, plural).ok()?;
        let parent = self.entries.get(place)?.info();
        let any_key = (group, plural) == USER_EXTRAS;
        let verbs = match subresource {
            "finalizers" => Words("update"),
            key if any_key && !key.is_empty() => parent.verbs,
            _ => return None,
        };
        Some(ResourceInfo { resource, verbs, kind: "", creates_pods: false, ..parent })
    }

    /// All resources and subresources, by group and name. The `finalizers` aren't listed.
    pub fn iter(&self) -> impl Iterator<Item = ResourceInfo<'_>> {
        self.entries.iter().map(Entry::info)
    }

    /// The groups that have resources, the core group (empty) first.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let mut last: Option<&str> = None;
        self.entries.iter().filter_map(move |entry| {
            let group: &str = &entry.group;
            (last.replace(group) != Some(group)).then_some(group)
        })
    }

    /// Whether any resource is in this group.
    pub fn has_group(&self, group: &str) -> bool {
        self.resources_in(group).next().is_some()
    }

    /// Whether this group takes any name for a resource: those of custom and external metrics.
    pub fn is_open_group(&self, group: &str) -> bool {
        OPEN_GROUPS.contains(&group)
    }

    /// The resources and subresources of a group.
    pub fn resources_in(&self, group: &str) -> impl Iterator<Item = ResourceInfo<'_>> {
        self.entries_in(group).iter().map(Entry::info)
    }

    fn entries_in(&self, group: &str) -> &[Entry] {
        let start = self.entries.partition_point(|entry| *entry.group < *group);
        let end = self.entries.partition_point(|entry| *entry.group <= *group);
        self.entries.get(start..end).unwrap_or_default()
    }

    /// All groups that have a resource (or subresource) of this name.
    pub fn by_plural(&self, name: &str) -> Vec<&str> {
        let mut groups = self.groups_that_list(name);
        // Subresources that are not listed come with their resource.
        if let Some((plural, subresource)) = name.split_once('/') {
            if subresource == "finalizers" {
                groups.extend(self.groups_that_list(plural));
            } else if self.find(USER_EXTRAS.0, name).is_some() {
                groups.push(USER_EXTRAS.0);
            }
            groups.sort_unstable();
            groups.dedup();
        }
        groups
    }

    fn groups_that_list(&self, resource: &str) -> Vec<&str> {
        let entry = |place: &usize| self.entries.get(*place);
        let name = |place: &usize| entry(place).map(|entry| &*entry.resource);
        let places = self.by_resource.get_or_init(|| {
            let mut places: Vec<usize> = (0..self.entries.len()).collect();
            // Stable: those of one name stay in the order of their groups.
            places.sort_by_key(name);
            places
        });
        let start = places.partition_point(|place| name(place) < Some(resource));
        let of_name = places.iter().skip(start).filter_map(entry);
        of_name.take_while(|entry| entry.resource == resource).map(|entry| &*entry.group).collect()
    }

    /// The subresources of a resource, without `finalizers`.
    pub(crate) fn subresources_of<'a>(&'a self, group: &str, plural: &str) -> Vec<&'a str> {
        let of_plural = |entry: &'a Entry| entry.resource.strip_prefix(plural)?.strip_prefix('/');
        let entries = self.entries_in(group);
        let prefix = format!("{plural}/");
        // In the order of their names they stand together.
        let start = entries.partition_point(|entry| *entry.resource < *prefix);
        entries.iter().skip(start).map_while(of_plural).collect()
    }

    /// The group and plural that a short name (`deploy`), a singular (`deployment`) or a kind
    /// (`Deployment`) stands for. If several groups know the word, the first one, the core group
    /// before all.
    pub fn resolve_alias(&self, word: &str) -> Option<(&str, &str)> {
        self.entries.iter().find(|entry| is_alias(entry, word)).map(Entry::key)
    }

    /// The same within a group.
    pub(crate) fn alias_in(&self, group: &str, word: &str) -> Option<&str> {
        self.entries_in(group).iter().find(|entry| is_alias(entry, word)).map(|entry| &*entry.resource)
    }

    /// What became of a resource that Kubernetes had once, to be read after its name ("moved to
    /// group `apps`, ..."). A grant of it is dead, but it is no typo. `None` for what exists in
    /// this version, and for what never did.
    pub fn retired(&self, group: &str, resource: &str) -> Option<&'static str> {
        if self.find(group, resource).is_some() {
            return None;
        }
        retired::fate(group, resource)
    }

    /// The version of Kubernetes that has this resource first, if that is newer than this
    /// catalogue's: `1.34`.
    pub fn newer(&self, group: &str, resource: &str) -> Option<String> {
        let first = entry::versions_with(group, resource).iter().find(|minor| **minor > self.minor);
        first.map(|minor| format!("1.{minor}"))
    }

    /// Whether a whole group is gone.
    pub fn is_retired_group(&self, group: &str) -> bool {
        !self.has_group(group) && retired::is_retired_group(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::beyond_discovery::Unlisted;
    use crate::off_by_default::off_by_default;

    fn catalogue() -> Catalogue {
        Catalogue::for_version("1.37").unwrap()
    }

    #[test]
    fn every_file_is_listed_and_every_line_is_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue");
        let mut files: Vec<u16> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_prefix("1.")?.strip_suffix(".tsv")?.parse().ok())
            .collect();
        files.sort_unstable();
        let listed: Vec<u16> = FILES.iter().map(|(minor, _)| *minor).collect();
        assert_eq!(files, listed);
        for (minor, text) in FILES {
            let mut lines = 0;
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let entry = entry::entry(line).unwrap_or_else(|| panic!("1.{minor}: {line}"));
                assert!(!entry.resource.is_empty() && !entry.verbs.is_empty(), "1.{minor}: {line}");
                assert!(line.is_ascii() && !line.contains(' '), "1.{minor}: {line}");
                assert_eq!(line.split('\t').count(), 8, "1.{minor}: {line}");
                lines += 1;
                // What is served by default isn't off.
                let off = |unlisted: &Unlisted| (unlisted.group, unlisted.resource) == entry.key();
                assert!(!off_by_default(*minor).any(off), "1.{minor}: {line}");
            }
            assert!(lines > 90, "1.{minor} has {lines} lines");
        }
    }

    #[test]
    fn versions_without_data_use_the_nearest() {
        let exact = catalogue();
        assert_eq!((exact.version().as_str(), exact.exact()), ("1.37", true));
        let newer = Catalogue::for_version("1.99").unwrap();
        assert_eq!((newer.version().as_str(), newer.exact()), ("1.37", false));
        for (minor, _) in FILES {
            let version = format!("1.{minor}");
            let catalogue = Catalogue::for_version(&version).unwrap();
            assert_eq!((catalogue.version(), catalogue.exact()), (version, true));
            assert!(catalogue.find("apps", "deployments/scale").is_some());
        }
        assert!(Catalogue::for_version("v1.37").is_err());
    }

    #[test]
    fn find() {
        let catalogue = catalogue();
        for (group, resource, expected) in [
            ("", "pods", Some(Scope::Namespaced)),
            ("", "pods/log", Some(Scope::Namespaced)),
            ("", "pods/finalizers", Some(Scope::Namespaced)),
            ("", "nodes", Some(Scope::Cluster)),
            ("", "nodes/metrics", Some(Scope::Cluster)),
            ("", "users", Some(Scope::Cluster)),
            ("authentication.k8s.io", "userextras/scopes", Some(Scope::Cluster)),
            ("certificates.k8s.io", "signers", Some(Scope::Cluster)),
            ("metrics.k8s.io", "pods", Some(Scope::Namespaced)),
            ("apps", "deployments/scale", Some(Scope::Namespaced)),
            ("", "deployments", None),
            ("", "pods/logs", None),
            ("", "pods/", None),
            ("", "pods/log/finalizers", None),
            ("", "", None),
            ("", "/finalizers", None),
            ("", "*", None),
            ("*", "pods", None),
            ("authentication.k8s.io", "userextras/", None),
        ] {
            let scope = catalogue.find(group, resource).map(|info| info.scope);
            assert_eq!(scope, expected, "{resource:?} in {group:?}");
        }
        let pods = catalogue.find("", "pods").unwrap();
        assert!(pods.creates_pods && !pods.custom);
        assert!(pods.verbs.contains("deletecollection") && !pods.verbs.contains("delet"));
    }

    #[test]
    fn groups_and_their_resources() {
        let catalogue = catalogue();
        let groups: Vec<&str> = catalogue.groups().collect();
        assert_eq!(groups.first(), Some(&""));
        assert!(groups.is_sorted() && groups.contains(&"apps"));
        assert!(catalogue.resources_in("apps").any(|info| info.resource == "deployments"));
        assert_eq!(catalogue.resources_in("nowhere").count(), 0);
        assert_eq!(catalogue.by_plural("deployments"), ["apps"]);
        assert_eq!(catalogue.by_plural("events"), ["", "events.k8s.io"]);
        assert!(catalogue.by_plural("pods").starts_with(&[""]));
        assert_eq!(catalogue.by_plural("deployments/finalizers"), ["apps"]);
        assert_eq!(catalogue.by_plural("userextras/scopes"), ["authentication.k8s.io"]);
        assert_eq!(catalogue.by_plural("nothing/finalizers"), [""; 0]);
        assert!(catalogue.is_open_group("custom.metrics.k8s.io"));
    }

    #[test]
    fn aliases() {
        let catalogue = catalogue();
        for (word, expected) in [
            ("deploy", Some(("apps", "deployments"))),
            ("deployment", Some(("apps", "deployments"))),
            ("Deployment", Some(("apps", "deployments"))),
            ("sa", Some(("", "serviceaccounts"))),
            ("ev", Some(("", "events"))),
            ("deployments", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(catalogue.resolve_alias(word), expected, "{word:?}");
        }
    }

    #[test]
    fn what_came_later() {
        let old = Catalogue::for_version("1.30").unwrap();
        assert_eq!(old.newer("resource.k8s.io", "deviceclasses").as_deref(), Some("1.34"));
        assert_eq!(old.newer("", "pods/resize").as_deref(), Some("1.33"));
        assert_eq!(old.newer("", "pdos"), None);
        assert_eq!(catalogue().newer("resource.k8s.io", "deviceclasses"), None);
    }

    #[test]
    fn retired_resources() {
        let catalogue = catalogue();
        assert!(catalogue.retired("extensions", "ingresses").is_some());
        assert!(catalogue.is_retired_group("extensions"));
        assert_eq!(catalogue.retired("apps", "deployments"), None);
        assert_eq!(catalogue.retired("", "pdos"), None);
    }

    fn image() -> CustomResource {
        CustomResource {
            group: "kpack.io".to_owned(),
            name: "images".to_owned(),
            namespaced: true,
            creates_pods: true,
            subresources: vec!["rebuild".to_owned()],
            verbs: vec!["promote".to_owned()],
        }
    }

    #[test]
    fn custom_resources() {
        let mut catalogue = catalogue();
        assert_eq!(catalogue.by_plural("images"), [""; 0]);
        catalogue.add(image()).unwrap();
        assert_eq!(catalogue.by_plural("images"), ["kpack.io"]);
        for resource in ["images", "images/status", "images/scale", "images/rebuild", "images/finalizers"] {
            let info = catalogue.find("kpack.io", resource).unwrap();
            assert_eq!(info.scope, Scope::Namespaced);
            assert!(info.custom);
            assert_eq!(info.creates_pods, resource == "images");
        }
        let info = catalogue.find("kpack.io", "images").unwrap();
        assert!(info.verbs.contains("promote") && info.verbs.contains("deletecollection"));
        assert!(catalogue.groups().any(|group| group == "kpack.io"));
        assert_eq!(catalogue.add(image()), Err(AddProblem::Duplicate { declared: true }));
    }

    #[test]
    fn what_is_off_by_default_can_be_declared() {
        let mut catalogue = Catalogue::for_version("1.32").unwrap();
        let claims = CustomResource {
            group: "resource.k8s.io".to_owned(),
            name: "resourceclaims".to_owned(),
            namespaced: true,
            ..CustomResource::default()
        };
        let off = |catalogue: &Catalogue, resource: &str| {
            catalogue.find("resource.k8s.io", resource).unwrap().off_by_default
        };
        assert!(off(&catalogue, "resourceclaims") && off(&catalogue, "resourceclaims/finalizers"));
        catalogue.add(claims.clone()).unwrap();
        assert!(!off(&catalogue, "resourceclaims") && !off(&catalogue, "resourceclaims/status"));
        assert!(off(&catalogue, "resourceslices"));
        assert_eq!(catalogue.add(claims), Err(AddProblem::Duplicate { declared: true }));
    }

    #[test]
    fn subresources_of_a_resource_alone() {
        let mut catalogue = catalogue();
        for name in ["images", "images-of"] {
            catalogue.add(CustomResource { name: name.to_owned(), ..image() }).unwrap();
        }
        for (group, plural, expected) in [
            ("kpack.io", "images", &["rebuild", "scale", "status"][..]),
            ("kpack.io", "image", &[]),
            ("batch", "jobs", &["status"]),
            ("nowhere", "jobs", &[]),
        ] {
            assert_eq!(catalogue.subresources_of(group, plural), expected, "{plural}");
        }
    }

    #[test]
    fn custom_resources_that_cannot_be() {
        let mut catalogue = catalogue();
        let resource = |group: &str, name: &str| CustomResource {
            group: group.to_owned(),
            name: name.to_owned(),
            ..CustomResource::default()
        };
        let refuse = |catalogue: &mut Catalogue, resource| {
            let problem = catalogue.add(resource).unwrap_err();
            format!("{problem}; {}", problem.remedy().unwrap())
        };
        for (custom, expected) in [
            (
                resource("apps", "deployments"),
                "the resource is one of Kubernetes' own; \
                 remove it here: Kubernetes' own resources need no declaration",
            ),
            (resource("kpack.io", "Images"), "the name has an upper-case letter `I`; write `images`"),
            (resource("Kpack.io", "images"), "the group has an upper-case letter `K`; write `kpack.io`"),
            (
                CustomResource { verbs: vec!["*".to_owned()], ..image() },
                "the verb is not a plain word; write one verb, such as `promote`",
            ),
            (
                CustomResource { subresources: vec!["a/b".to_owned()], ..image() },
                "the subresource has a `/`; write `a-b`",
            ),
        ] {
            assert_eq!(refuse(&mut catalogue, custom), expected);
        }
    }
}
