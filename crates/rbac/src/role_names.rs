//! ClusterRoles that belong to Kubernetes itself.

/// Why nobody else should write a ClusterRole of this name, to be read after the name; `None` for
/// a name that is free.
///
/// Source: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`, and "Default roles and
/// role bindings" in Kubernetes' RBAC reference: the API server puts these roles back at each
/// start, and `system:` is the prefix that it keeps for itself.
pub fn reserved_cluster_role(name: &str) -> Option<&'static str> {
    match name {
        "cluster-admin" => Some("is Kubernetes' own role that may do everything"),
        "admin" | "edit" | "view" => {
            Some("is one of Kubernetes' own roles, which the cluster itself keeps up to date")
        }
        _ if name.starts_with("system:") => {
            Some("starts with `system:`, which Kubernetes keeps for its own roles")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_own_roles_are_reserved() {
        for name in ["cluster-admin", "admin", "edit", "view", "system:node", "system:"] {
            assert!(reserved_cluster_role(name).is_some(), "{name}");
        }
        for name in ["", "editor", "view-pods", "Admin", "my:system:role", "systems"] {
            assert_eq!(reserved_cluster_role(name), None, "{name}");
        }
    }
}
