//! Resources that Kubernetes had once: a grant of one is dead, but no typo.
//!
//! Source: Kubernetes' "Deprecated API Migration Guide", and for what never got beyond alpha the
//! release notes (`CHANGELOG-1.x.md`) of the version that dropped it.

/// The groups that had such resources.
const GROUPS: [&str; 10] = [
    "",
    "admissionregistration.k8s.io",
    "apps",
    "auditregistration.k8s.io",
    "batch",
    "extensions",
    "networking.k8s.io",
    "policy",
    "resource.k8s.io",
    "settings.k8s.io",
];

/// Whether anything of a group is retired: who asks about thousands of groups asks this first.
pub(crate) fn is_concerned(group: &str) -> bool {
    GROUPS.contains(&group)
}

/// What became of a resource that some version of Kubernetes had, as the end of a sentence
/// that begins with its name; `None` if there never was one.
pub(crate) fn fate(group: &str, resource: &str) -> Option<&'static str> {
    // Otherwise the list may lack a group and nobody sees it.
    if !is_concerned(group) {
        return None;
    }
    let (plural, subresource) = match resource.split_once('/') {
        Some((plural, subresource)) => (plural, Some(subresource)),
        None => (resource, None),
    };
    match (group, plural, subresource) {
        ("extensions", "deployments" | "daemonsets" | "replicasets", _) => {
            Some("moved to group `apps`, and left `extensions` in Kubernetes 1.16")
        }
        ("extensions", "networkpolicies", _) => {
            Some("moved to group `networking.k8s.io`, and left `extensions` in Kubernetes 1.16")
        }
        ("extensions", "ingresses", _) => {
            Some("moved to group `networking.k8s.io`, and left `extensions` in Kubernetes 1.22")
        }
        ("extensions", "jobs", _) => Some("moved to group `batch`"),
        ("extensions", "horizontalpodautoscalers", _) => Some("moved to group `autoscaling`"),
        ("extensions", "replicationcontrollers", Some("scale")) => {
            Some("is in the core group now, and left `extensions` in Kubernetes 1.16")
        }
        ("extensions", "thirdpartyresources", _) => {
            Some("was replaced by custom resource definitions in Kubernetes 1.8")
        }
        ("extensions" | "policy", "podsecuritypolicies", _) => {
            Some("was removed in Kubernetes 1.25; Pod Security admission replaced it")
        }
        ("extensions", _, _) => Some("is in the group `extensions`, which Kubernetes 1.22 removed"),
        ("apps", "deployments", Some("rollback")) => {
            Some("was removed in Kubernetes 1.16; a rollback is an update of the deployment")
        }
        ("apps", "petsets", _) => Some("is called `statefulsets` now"),
        ("batch", "scheduledjobs", _) => Some("is called `cronjobs` now"),
        ("", "minions", _) => Some("is called `nodes` now"),
        ("", "nodes", Some("spec")) => Some("was an address of the kubelet, and is gone"),
        ("settings.k8s.io", "podpresets", _) => Some("was removed in Kubernetes 1.20"),
        ("auditregistration.k8s.io", "auditsinks", _) => Some("was removed in Kubernetes 1.19"),
        ("admissionregistration.k8s.io", "externaladmissionhookconfigurations", _) => {
            Some("was replaced by webhook configurations in Kubernetes 1.9")
        }
        ("admissionregistration.k8s.io", "initializerconfigurations", _) => {
            Some("was removed in Kubernetes 1.14; webhook configurations do its work")
        }
        ("networking.k8s.io", "clustercidrs", _) => Some("was removed in Kubernetes 1.29"),
        ("resource.k8s.io", "resourceclasses", _) => {
            Some("was replaced by `deviceclasses` in Kubernetes 1.31")
        }
        ("resource.k8s.io", "resourceclaimparameters" | "resourceclassparameters", _) => {
            Some("was removed in Kubernetes 1.31")
        }
        ("resource.k8s.io", "podschedulingcontexts", _) => Some("was removed in Kubernetes 1.32"),
        _ => None,
    }
}

/// Whether a whole group is gone.
pub(crate) fn is_retired_group(group: &str) -> bool {
    matches!(group, "extensions" | "settings.k8s.io" | "auditregistration.k8s.io")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_is_not_a_typo() {
        for (group, resource) in [
            ("extensions", "deployments"),
            ("extensions", "deployments/scale"),
            ("extensions", "anything"),
            ("policy", "podsecuritypolicies"),
            ("apps", "deployments/rollback"),
            ("batch", "scheduledjobs"),
            ("", "minions"),
            ("settings.k8s.io", "podpresets"),
            ("auditregistration.k8s.io", "auditsinks"),
            ("admissionregistration.k8s.io", "initializerconfigurations"),
            ("networking.k8s.io", "clustercidrs"),
            ("resource.k8s.io", "resourceclasses"),
        ] {
            assert!(fate(group, resource).is_some(), "{resource} {group}");
        }
        for (group, resource) in
            [("apps", "deployments"), ("", "podsecuritypolicies"), ("", ""), ("policy", "pods")]
        {
            assert_eq!(fate(group, resource), None, "{resource} {group}");
        }
    }
}
