//! The dozen ClusterRoles that the projects use.

use std::fmt::Write;

/// A rule: API group, resources, verbs.
pub type Rule = (&'static str, &'static str, &'static str);

const READ: &str = "get, list, watch";

/// Each role's name and rules.
pub const ROLES: &[(&str, &[Rule])] = &[
    ("pod-reader", &[("", "pods, pods/log, pods/status", READ), ("", "events", READ)]),
    (
        "config-editor",
        &[("", "configmaps", "get, list, watch, create, update, patch, delete"), ("", "events", "list")],
    ),
    ("service-editor", &[("", "services", "get, list, watch, create, update, patch, delete")]),
    ("deployment-viewer", &[("apps", "deployments, replicasets, statefulsets, daemonsets", READ)]),
    (
        "ingress-editor",
        &[
            ("networking.k8s.io", "ingresses", "get, list, watch, create, update, patch, delete"),
            ("networking.k8s.io", "networkpolicies", READ),
        ],
    ),
    ("job-viewer", &[("batch", "jobs, cronjobs", READ)]),
    ("autoscaler-editor", &[("autoscaling", "horizontalpodautoscalers", "get, list, watch, update, patch")]),
    ("disruption-budget-viewer", &[("policy", "poddisruptionbudgets", READ)]),
    ("volume-claim-viewer", &[("", "persistentvolumeclaims", READ)]),
    ("quota-viewer", &[("", "resourcequotas, limitranges", READ)]),
    ("lease-holder", &[("coordination.k8s.io", "leases", "get, create, update")]),
    ("endpoint-viewer", &[("", "endpoints, services", READ), ("discovery.k8s.io", "endpointslices", READ)]),
];

/// The three roles of an account: every pair of accounts has others.
pub fn of_account(project: usize, account: usize) -> impl Iterator<Item = &'static str> {
    let first = project * 5 + account * 7;
    ROLES.iter().cycle().skip(first % ROLES.len()).step_by(3).take(3).map(|(name, _)| *name)
}

/// The rules as YAML, from column `indent` on.
pub fn rules(rules: &[Rule], indent: usize) -> String {
    let mut text = String::new();
    let space = " ".repeat(indent);
    for (group, resources, verbs) in rules {
        // A `String` takes every write.
        let _ = writeln!(text, "{space}- apiGroups: [\"{group}\"]");
        let _ = writeln!(text, "{space}  resources: [{resources}]");
        let _ = writeln!(text, "{space}  verbs: [{verbs}]");
    }
    text
}
