//! Names as people give them: of many lengths, from many prefixes, and the same in every run.

const GROUPS: &[&str] = &[
    "platform",
    "payments",
    "shop/web",
    "data",
    "identity/access",
    "logistics",
    "discovery",
    "mobile/android",
    "mobile/ios",
    "marketing",
    "hr",
    "finance/reporting",
    "support",
    "security",
    "research/models",
    "iot",
];
const FIRST: &[&str] = &[
    "order",
    "customer",
    "invoice",
    "ci",
    "stock",
    "user-profile",
    "catalogue",
    "price",
    "notification",
    "a11y",
    "session",
    "feature-flag",
    "geo",
    "document",
    "recommendation",
    "audit-log",
    "ab-test",
    "mail",
    "consent",
    "warehouse",
    "subscription",
    "web",
    "fraud",
    "shipping-label",
];
const SECOND: &[&str] = &[
    "service",
    "api",
    "worker",
    "ui",
    "gateway",
    "importer",
    "exporter",
    "operator",
    "jobs",
    "frontend",
    "reconciler",
    "db",
    "sync",
    "batch-processing",
    "proxy",
    "tools",
    "docs",
    "e2e-tests",
    "sdk",
    "admin",
    "scheduler",
    "cache",
    "mock",
    "integration",
];
const ACCOUNTS: &[[&str; 2]] = &[
    ["build", "deploy"],
    ["ci", "release"],
    ["test-runner", "deployer"],
    ["kp-account", "argo-sync"],
    ["integration-tests", "helm-upgrade"],
];

/// The entry of a list at an index, from the beginning again after its end.
fn pick<T: Copy + Default>(list: &[T], index: usize) -> T {
    index.checked_rem(list.len()).and_then(|index| list.get(index)).copied().unwrap_or_default()
}

/// A project's names.
#[derive(Debug, PartialEq, Eq)]
pub struct Project {
    /// Its number, from 0.
    pub index: usize,
    /// The group in GitLab.
    pub group: &'static str,
    /// The name in its group.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its accounts; the first is the default.
    pub accounts: [&'static str; 2],
}

/// The names of the project of that number.
pub fn project(index: usize) -> Project {
    let mut rest = index;
    let mut digit = |radix: usize| {
        let digit = rest % radix;
        rest /= radix;
        digit
    };
    let group = pick(GROUPS, digit(GROUPS.len()));
    let mut name = format!("{}-{}", pick(FIRST, digit(FIRST.len())), pick(SECOND, digit(SECOND.len())));
    if rest > 0 {
        name.push_str(&format!("-v{}", rest + 1));
    }
    let namespace = format!("{}-{name}", group.replace('/', "-"));
    Project { index, group, name, namespace, accounts: pick(ACCOUNTS, index / 3) }
}

/// The name of the runner of that number.
pub fn runner(index: usize) -> String {
    let kind = pick(&["shared", "linux-amd64", "linux-arm64", "spot", "trusted-builds"], index);
    format!("{kind}-{}", index + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_stands_twice_and_all_are_labels() {
        let mut paths = HashSet::new();
        let mut namespaces = HashSet::new();
        for project in (0..100_000).map(project) {
            assert!(project.namespace.len() <= 63);
            assert!(paths.insert(format!("{}/{}", project.group, project.name)));
            assert!(namespaces.insert(project.namespace));
        }
    }
}
