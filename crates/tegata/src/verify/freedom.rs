//! What a template may add of its own accord: labels and annotations, where they do nothing.

use tegata_rbac::names;

use crate::resolve::object::{Body, Object};
use crate::resolve::objects::DOMAIN;

/// What a template may add to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freedom {
    /// Nothing.
    None,
    /// Annotations. By a label, another role may take in what a ClusterRole permits (`aggregationRule`).
    Annotations,
    /// Labels and annotations.
    Metadata,
}

/// The two mappings of `metadata` that templates may add to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// `metadata.labels`
    Labels,
    /// `metadata.annotations`
    Annotations,
}

impl Metadata {
    /// The one of that key.
    pub fn of_key(key: &str) -> Option<Metadata> {
        match key {
            "labels" => Some(Metadata::Labels),
            "annotations" => Some(Metadata::Annotations),
            _ => None,
        }
    }
}

impl Freedom {
    /// A ServiceAccount's annotations carry cloud identities and a Namespace's labels its pod security: there a
    /// template is not free, nor in what isolates.
    pub fn of(object: &Object) -> Freedom {
        match object.body {
            Body::ClusterRole { .. } => Freedom::Annotations,
            Body::Role { .. } | Body::RoleBinding(_) | Body::ClusterRoleBinding(_) => Freedom::Metadata,
            _ => Freedom::None,
        }
    }

    /// Whether a template may add this label or annotation. Those of Kubernetes' own domains do things.
    pub fn may_add(self, list: Metadata, key: &str, value: &str) -> bool {
        let (free, valid) = match list {
            Metadata::Labels => (
                self == Freedom::Metadata,
                names::label_key(key).is_ok() && names::label_value(value).is_ok(),
            ),
            Metadata::Annotations => (self != Freedom::None, names::annotation_key(key).is_ok()),
        };
        free && valid && !is_reserved(key)
    }
}

fn is_reserved(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    let within = |own: &str| domain.strip_suffix(own).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
    ["kubernetes.io", "k8s.io", DOMAIN.trim_end_matches('/')].into_iter().any(within)
}
