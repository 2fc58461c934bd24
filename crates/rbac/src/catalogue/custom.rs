//! Resources that a cluster has besides Kubernetes' own.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::entry::Entry;
use super::{Catalogue, Scope};
use crate::names::{self, NameError};
use crate::verbs::REQUEST_VERBS;

/// A resource that a cluster has besides Kubernetes' own, as the workspace declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomResource {
    /// The API group, such as `kpack.io`.
    pub group: String,
    /// The plural, such as `images`.
    pub name: String,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Whether a controller makes pods of it.
    pub creates_pods: bool,
    /// Subresources, besides `status`, `scale` and `finalizers`, which need no mention.
    pub subresources: Vec<String>,
    /// Verbs of its own, besides Kubernetes' eight.
    pub verbs: Vec<String>,
}

/// Why a declared resource can't be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddProblem {
    /// The resource exists: Kubernetes has it, or it was declared before.
    Duplicate {
        /// Whether the other one was declared too.
        declared: bool,
    },
    /// The group isn't a DNS subdomain.
    Group(NameError),
    /// The name isn't a DNS label.
    Name(NameError),
    /// The subresource of this index isn't a DNS label.
    Subresource(usize, NameError),
    /// The verb of this index is empty, or has blanks, commas or a wildcard.
    Verb(usize),
}

impl AddProblem {
    /// What to do about it, as a sentence without a full stop.
    pub fn remedy(&self) -> Option<String> {
        let fixed = match self {
            Self::Group(error) | Self::Name(error) | Self::Subresource(_, error) => return error.remedy(),
            Self::Duplicate { declared: false } => {
                "remove it here: Kubernetes' own resources need no declaration"
            }
            Self::Duplicate { declared: true } => "remove one of the two",
            Self::Verb(_) => "write one verb, such as `promote`",
        };
        Some(fixed.to_owned())
    }
}

impl fmt::Display for AddProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { declared: false } => f.write_str("the resource is one of Kubernetes' own"),
            Self::Duplicate { declared: true } => f.write_str("the resource is declared twice"),
            Self::Group(error) => write!(f, "the group {error}"),
            Self::Name(error) => write!(f, "the name {error}"),
            Self::Subresource(_, error) => write!(f, "the subresource {error}"),
            Self::Verb(_) => f.write_str("the verb is not a plain word"),
        }
    }
}

impl Error for AddProblem {}

impl Catalogue {
    /// Adds a resource that the cluster has besides Kubernetes' own, with its subresources and
    /// `status` and `scale`.
    ///
    /// # Errors
    /// If the resource exists already, or one of its names can't be one.
    pub fn add(&mut self, custom: CustomResource) -> Result<(), AddProblem> {
        names::dns_subdomain(&custom.group).map_err(AddProblem::Group)?;
        names::dns_label(&custom.name).map_err(AddProblem::Name)?;
        for (index, subresource) in custom.subresources.iter().enumerate() {
            names::dns_label(subresource).map_err(|error| AddProblem::Subresource(index, error))?;
        }
        let plain = |verb: &String| {
            !verb.is_empty()
                && !verb.contains(|c: char| c == ',' || c == '*' || c.is_whitespace() || c.is_control())
        };
        if let Some(index) = custom.verbs.iter().position(|verb| !plain(verb)) {
            return Err(AddProblem::Verb(index));
        }
        match self.find(&custom.group, &custom.name) {
            // Who declares it says that it is on.
            Some(other) if other.off_by_default => self.remove_off(&custom.group, &custom.name),
            Some(other) => return Err(AddProblem::Duplicate { declared: other.custom }),
            None => {}
        }

        let mut verbs = REQUEST_VERBS.join(",");
        for verb in &custom.verbs {
            verbs.push(',');
            verbs.push_str(verb);
        }
        let resource = Entry {
            group: Cow::Owned(custom.group),
            resource: Cow::Owned(custom.name),
            scope: if custom.namespaced { Scope::Namespaced } else { Scope::Cluster },
            verbs: Cow::Owned(verbs),
            kind: "",
            singular: "",
            short_names: "",
            creates_pods: custom.creates_pods,
            custom: true,
            off_by_default: false,
        };
        let subresources = custom.subresources.iter().map(String::as_str);
        for subresource in subresources.chain(["status", "scale"]) {
            let mut entry = resource.clone();
            entry.resource = Cow::Owned(format!("{}/{subresource}", resource.resource));
            entry.creates_pods = false;
            self.insert(entry);
        }
        self.insert(resource);
        Ok(())
    }

    fn insert(&mut self, entry: Entry) {
        self.by_resource.take();
        if let Err(place) = self.position(&entry.group, &entry.resource) {
            self.entries.insert(place, entry);
        }
    }

    /// Removes a resource that is off by default, and its subresources that are.
    fn remove_off(&mut self, group: &str, plural: &str) {
        self.by_resource.take();
        self.entries.retain(|entry| {
            !(entry.off_by_default && entry.group == group && entry.info().parts().0 == plural)
        });
    }
}
