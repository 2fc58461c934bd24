//! The names of what is rendered, made so that two of them can't meet.
//!
//! A ServiceAccount's name and a namespace's have no `:`, and a role's may. So a name that begins with
//! `<account>:` belongs to that account, whatever follows; one without `:` is the account's own Role; and
//! whatever begins with `tegata:` is nobody's account, since no account may be called that.

use crate::declared::ApplyAccount;

/// The first part of the names of ClusterRoles that tegata makes up.
pub const PREFIX: &str = "tegata:";
/// The name that no account may have.
pub const RESERVED_ACCOUNT: &str = "tegata";
/// How the names of Kubernetes' own namespaces begin.
pub const SYSTEM_NAMESPACES: &str = "kube-";

/// Whether no job may run in a namespace of that name.
pub fn closed_to_jobs(namespace: &str) -> bool {
    namespace.starts_with(SYSTEM_NAMESPACES) || namespace == INVENTORY_NAMESPACE
}

/// The RoleBinding of a ClusterRole in the account's namespace. The role is part of the name, since a binding's
/// role can't be changed: another role is another binding.
pub fn role_binding(account: &str, role: &str) -> String {
    [account, ":", role].concat()
}

/// The ClusterRoleBinding of a ClusterRole.
pub fn cluster_role_binding(namespace: &str, account: &str, role: &str) -> String {
    [namespace, ":", account, ":", role].concat()
}

/// The ClusterRole that holds the cluster-scoped part of another.
pub fn cluster_scoped_role(role: &str) -> String {
    [PREFIX, "cluster-scoped:", role].concat()
}

/// The ClusterRole of a runner's manager, and its RoleBinding in each namespace that it serves.
pub fn manager(runner: &str) -> String {
    format!("{PREFIX}runner:{runner}")
}

/// A policy of a runner and its binding: a DNS subdomain, so parts are told apart by dots, which none of them has.
pub fn policy(workspace: &str, runner: &str, part: &str) -> String {
    format!("{part}.{runner}.{workspace}.tegata.dev")
}

/// How the names of an apply account's own ClusterRole and binding begin. No runner's name has a `:`.
pub const APPLY: &str = "tegata:apply:";

/// The ClusterRole of the apply account, and its binding.
pub fn apply(workspace: &str, cluster: &str) -> String {
    format!("{APPLY}{workspace}:{cluster}")
}

/// The ConfigMap that keeps the inventory of what was applied to a cluster; it is in [`INVENTORY_NAMESPACE`].
pub fn inventory(workspace: &str, cluster: &str) -> String {
    format!("inventory.{cluster}.{workspace}.tegata.dev")
}

/// Where the inventories are. Every cluster has it, and it outlives all workspaces.
pub const INVENTORY_NAMESPACE: &str = "default";

/// The name under which the API server knows the apply account (`ServiceAccountUsernamePrefix` in
/// `apiserver/pkg/authentication/serviceaccount/util.go`).
pub fn username(account: &ApplyAccount) -> String {
    format!("system:serviceaccount:{}:{}", account.namespace.name.value, account.name.value)
}
