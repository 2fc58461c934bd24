//! A rule of a Role or ClusterRole.

/// One rule of a role, with the same five lists as Kubernetes' own type
/// (`k8s.io/api/rbac/v1`, `PolicyRule`).
///
/// A rule allows a request when each of its lists does: it grants every combination of what it
/// names, which is why a rule that mixes API groups can grant more than its author thought of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyRule {
    /// API groups, `""` for the core group, `*` for all.
    pub api_groups: Vec<String>,
    /// Resources by their plural (`pods`), subresources as `pods/log`, `*` for all of both.
    pub resources: Vec<String>,
    /// What may be done, `*` for everything.
    pub verbs: Vec<String>,
    /// Names of single objects; an empty list means all of them.
    pub resource_names: Vec<String>,
    /// Addresses that are no resource, such as `/healthz`; a `*` at the end stands for the rest.
    pub non_resource_urls: Vec<String>,
}
