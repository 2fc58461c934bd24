//! The kinds of objects that tegata renders: nothing else is ever listed, changed or deleted.
//!
//! A table instead of the server's discovery: an API that doesn't answer hides none of these, and no request is
//! spent on it.

use std::fmt;

/// A kind, in the order in which kinds are applied: what is needed comes first, what protects comes before what
/// grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `v1` Namespace
    Namespace,
    /// `v1` ResourceQuota
    ResourceQuota,
    /// `v1` ConfigMap
    ConfigMap,
    /// `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicy
    Policy,
    /// `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicyBinding
    PolicyBinding,
    /// `v1` ServiceAccount
    ServiceAccount,
    /// `rbac.authorization.k8s.io/v1` Role
    Role,
    /// `rbac.authorization.k8s.io/v1` ClusterRole
    ClusterRole,
    /// `rbac.authorization.k8s.io/v1` RoleBinding
    RoleBinding,
    /// `rbac.authorization.k8s.io/v1` ClusterRoleBinding
    ClusterRoleBinding,
}

struct Facts {
    name: &'static str,
    group: &'static str,
    plural: &'static str,
    namespaced: bool,
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

impl Kind {
    /// All of them, in order.
    pub const ALL: [Kind; 10] = [
        Kind::Namespace,
        Kind::ResourceQuota,
        Kind::ConfigMap,
        Kind::Policy,
        Kind::PolicyBinding,
        Kind::ServiceAccount,
        Kind::Role,
        Kind::ClusterRole,
        Kind::RoleBinding,
        Kind::ClusterRoleBinding,
    ];

    fn facts(self) -> Facts {
        let (name, group, plural, namespaced) = match self {
            Kind::Namespace => ("Namespace", "", "namespaces", false),
            Kind::ResourceQuota => ("ResourceQuota", "", "resourcequotas", true),
            Kind::ConfigMap => ("ConfigMap", "", "configmaps", true),
            Kind::Policy => ("ValidatingAdmissionPolicy", ADMISSION, "validatingadmissionpolicies", false),
            Kind::PolicyBinding => {
                ("ValidatingAdmissionPolicyBinding", ADMISSION, "validatingadmissionpolicybindings", false)
            }
            Kind::ServiceAccount => ("ServiceAccount", "", "serviceaccounts", true),
            Kind::Role => ("Role", RBAC, "roles", true),
            Kind::ClusterRole => ("ClusterRole", RBAC, "clusterroles", false),
            Kind::RoleBinding => ("RoleBinding", RBAC, "rolebindings", true),
            Kind::ClusterRoleBinding => ("ClusterRoleBinding", RBAC, "clusterrolebindings", false),
        };
        Facts { name, group, plural, namespaced }
    }

    /// Its name, as in a manifest.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// The kind of this name.
    pub fn of_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that a manifest means.
    pub fn of_manifest(api_version: &str, kind: &str) -> Option<Kind> {
        Kind::of_name(kind).filter(|kind| kind.api_version() == api_version)
    }

    /// Its API, as in a manifest.
    pub fn api_version(self) -> String {
        match self.facts().group {
            "" => "v1".to_owned(),
            group => format!("{group}/v1"),
        }
    }

    /// `Kind.group`, by which an inventory names it.
    pub fn with_group(self) -> String {
        let facts = self.facts();
        if facts.group.is_empty() { facts.name.to_owned() } else { format!("{}.{}", facts.name, facts.group) }
    }

    /// Whether its objects lie in namespaces.
    pub fn is_namespaced(self) -> bool {
        self.facts().namespaced
    }

    /// Whether it gives permissions to subjects.
    pub fn is_binding(self) -> bool {
        matches!(self, Kind::RoleBinding | Kind::ClusterRoleBinding)
    }

    /// Whether it says what can be given.
    pub fn is_role(self) -> bool {
        matches!(self, Kind::Role | Kind::ClusterRole)
    }

    /// The path of all its objects, in a namespace or in all.
    pub fn path(self, namespace: Option<&str>) -> String {
        let facts = self.facts();
        let root =
            if facts.group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{}/v1", facts.group) };
        match namespace {
            Some(namespace) => format!("{root}/namespaces/{}/{}", encoded(namespace), facts.plural),
            None => format!("{root}/{}", facts.plural),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text as one segment of a path: a role's name may hold almost anything.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
