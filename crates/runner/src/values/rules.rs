//! The values that can't be set freely, and why.

use super::rules::Sets::{Always, Filled, NoneOf, OneOf, True};
use crate::keys::SELINUX_TYPES_OF_CONTAINERS;

/// A name that the chart doesn't have.
pub const UNKNOWN: &str = "unknown-helm-value";
/// A value that tegata sets itself.
pub const MANAGED: &str = "helm-value-managed";
/// A value that would loosen the boundary.
pub const BOUNDARY: &str = "helm-value-boundary";
/// A value that would hold a token.
pub const TOKEN: &str = "helm-value-token";
/// A value that the chart had once.
pub const REMOVED: &str = "helm-value-removed";
/// A value that does nothing in a release that tegata makes.
pub const INEFFECTIVE: &str = "helm-value-without-effect";
/// A value whose text would break what the chart writes it into.
pub const TEXT: &str = "helm-value-text";

/// When a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sets {
    /// Whatever the value is.
    Always,
    /// Unless the value is empty: null, `""`, `[]`, `{}`.
    Filled,
    /// Unless the value is `false` or null.
    True,
    /// If it is one of these texts.
    OneOf(&'static [&'static str]),
    /// Unless it is empty or one of these texts.
    NoneOf(&'static [&'static str]),
}

/// A path, or the beginning of one, that can't be set freely.
pub(super) struct Rule {
    pub path: &'static str,
    pub sets: Sets,
    pub id: &'static str,
    pub message: &'static str,
    pub help: &'static str,
}

const fn rule(
    path: &'static str,
    sets: Sets,
    id: &'static str,
    message: &'static str,
    help: &'static str,
) -> Rule {
    Rule { path, sets, id, message, help }
}

const UNCONFINED: Sets = OneOf(&["Unconfined"]);
const NO_PROFILE: &str = "a manager without a profile may use kernel calls that lead out of its container";
const PROFILE: &str = "write `RuntimeDefault`, or `Localhost` with a `localhostProfile`";
const SELINUX_TYPES: Sets = NoneOf(SELINUX_TYPES_OF_CONTAINERS);
const SELINUX: &str =
    "it can take SELinux's walls down between the manager and its node, as the type spc_t does";
const SELINUX_HELP: &str =
    "remove it, or write `container_t`, `container_init_t`, `container_kvm_t` or `container_engine_t`";

/// The rules, in no particular order: no path is the beginning of another.
pub(super) const RULES: &[Rule] = &[
    rule(
        "gitlabUrl",
        Always,
        MANAGED,
        "tegata sets GitLab's address itself",
        "write it in the runner's file, as `gitlabUrl`, beside `values`",
    ),
    rule(
        "concurrent",
        Always,
        MANAGED,
        "tegata sets the number of jobs itself",
        "write it in the runner's file, as `concurrent`, beside `values`",
    ),
    rule(
        "rbac",
        Always,
        MANAGED,
        "tegata makes the manager's permissions itself; the chart's own role grants `*` where a rule \
         leaves something out",
        "remove it",
    ),
    rule(
        "serviceAccount",
        Always,
        MANAGED,
        "tegata makes the manager's account itself, and the chart only names it",
        "remove it",
    ),
    rule(
        "namespace",
        Always,
        MANAGED,
        "it would move the manager out of the namespace in which tegata makes its account",
        "write it in the runner's file, as `namespace`, beside `values`",
    ),
    rule(
        "runners.config",
        Always,
        MANAGED,
        "tegata writes the runner's configuration itself",
        "write further keys of `[runners.kubernetes]` in the runner's file, under `kubernetes`",
    ),
    rule(
        "runners.configOverride",
        Always,
        MANAGED,
        "it would replace the configuration that tegata writes",
        "write further keys of `[runners.kubernetes]` in the runner's file, under `kubernetes`",
    ),
    rule(
        "runners.configPath",
        Filled,
        MANAGED,
        "it names a configuration that nobody reviews, and the chart uses it instead of tegata's only \
         when that is missing",
        "write further keys of `[runners.kubernetes]` in the runner's file, under `kubernetes`",
    ),
    rule(
        "runners.secret",
        Always,
        MANAGED,
        "tegata sets the name of the token's Secret itself",
        "write it in the runner's file, as `tokenSecret`",
    ),
    rule(
        "runners.name",
        Always,
        MANAGED,
        "tegata names the runner itself, after its file",
        "rename the runner's file, or remove this",
    ),
    rule(
        "runners.jobNamespace",
        Always,
        MANAGED,
        "tegata sets the jobs' namespace itself",
        "write it in the runner's file, under `jobs.namespace`",
    ),
    rule("runners.executor", Always, MANAGED, "tegata configures the Kubernetes executor only", "remove it"),
    rule(
        "runnerToken",
        Filled,
        TOKEN,
        "a token must never stand in the repository",
        "put the token into a Secret in the cluster, and its name into the runner's file, as \
         `tokenSecret`",
    ),
    rule(
        "runnerRegistrationToken",
        Filled,
        TOKEN,
        "a token must never stand in the repository, and GitLab retires registration tokens",
        "create the runner in GitLab, put its `glrt-` token into a Secret in the cluster, and the \
         Secret's name into the runner's file, as `tokenSecret`",
    ),
    rule(
        "preEntrypointScript",
        Filled,
        BOUNDARY,
        "the script runs before the manager starts, and can change the configuration that tegata writes",
        "remove it; build an image of your own if the manager needs more tools",
    ),
    rule(
        "extraObjects",
        Filled,
        BOUNDARY,
        "the chart would make objects that tegata doesn't check, bindings among them",
        "apply them on their own, where they are reviewed",
    ),
    rule(
        "extraContainers",
        Filled,
        BOUNDARY,
        "a container beside the manager gets the token of its account, which can enter every job",
        "run it in a pod of its own",
    ),
    rule(
        "extraEnvFromRefs",
        Filled,
        BOUNDARY,
        "it takes variables whose names nobody sees here, and a `KUBERNETES_*` among them would beat \
         the configuration that tegata writes",
        "name each variable, under `extraEnvFrom`",
    ),
    rule(
        "sessionServer.enabled",
        True,
        BOUNDARY,
        "the chart would grant the manager a role of its own, and open a port into running jobs",
        "remove `sessionServer`",
    ),
    rule(
        "sessionServer.ingress.enabled",
        True,
        BOUNDARY,
        "the chart would open a port into running jobs",
        "remove `sessionServer`",
    ),
    rule(
        "securityContext.privileged",
        True,
        BOUNDARY,
        "a privileged manager is root on its node",
        "remove it, or write false",
    ),
    rule(
        "securityContext.allowPrivilegeEscalation",
        True,
        BOUNDARY,
        "the manager needs no more privileges than it starts with",
        "remove it, or write false",
    ),
    rule(
        "securityContext.capabilities.add",
        Filled,
        BOUNDARY,
        "the manager needs no capability of the kernel",
        "remove it",
    ),
    rule(
        "securityContext.procMount",
        OneOf(&["Unmasked"]),
        BOUNDARY,
        "an unmasked /proc shows and changes settings of the node",
        "remove it, or write `Default`",
    ),
    rule(
        "securityContext.windowsOptions.hostProcess",
        True,
        BOUNDARY,
        "the manager would be a process of its node",
        "remove it, or write false",
    ),
    rule(
        "podSecurityContext.windowsOptions.hostProcess",
        True,
        BOUNDARY,
        "the manager would be a process of its node",
        "remove it, or write false",
    ),
    rule("securityContext.seccompProfile.type", UNCONFINED, BOUNDARY, NO_PROFILE, PROFILE),
    rule("securityContext.appArmorProfile.type", UNCONFINED, BOUNDARY, NO_PROFILE, PROFILE),
    rule("podSecurityContext.seccompProfile.type", UNCONFINED, BOUNDARY, NO_PROFILE, PROFILE),
    rule("podSecurityContext.appArmorProfile.type", UNCONFINED, BOUNDARY, NO_PROFILE, PROFILE),
    rule("securityContext.seLinuxOptions.type", SELINUX_TYPES, BOUNDARY, SELINUX, SELINUX_HELP),
    rule("securityContext.seLinuxOptions.user", Filled, BOUNDARY, SELINUX, "remove it"),
    rule("securityContext.seLinuxOptions.role", Filled, BOUNDARY, SELINUX, "remove it"),
    rule("podSecurityContext.seLinuxOptions.type", SELINUX_TYPES, BOUNDARY, SELINUX, SELINUX_HELP),
    rule("podSecurityContext.seLinuxOptions.user", Filled, BOUNDARY, SELINUX, "remove it"),
    rule("podSecurityContext.seLinuxOptions.role", Filled, BOUNDARY, SELINUX, "remove it"),
    rule(
        "deploymentLifecycle.postStart",
        Filled,
        BOUNDARY,
        "it runs beside the manager's start, and can change the configuration that tegata writes",
        "remove it; `preStop` may stay",
    ),
    rule(
        "runners.tags",
        Filled,
        INEFFECTIVE,
        "a runner with a `glrt-` token has its tags in GitLab",
        "set the tags in GitLab, on the runner's page, and remove this",
    ),
    rule(
        "runners.locked",
        Always,
        INEFFECTIVE,
        "whether a runner with a `glrt-` token is locked stands in GitLab",
        "lock it in GitLab, on the runner's page, and remove this",
    ),
    rule(
        "runners.protected",
        Always,
        INEFFECTIVE,
        "whether a runner with a `glrt-` token is protected stands in GitLab",
        "protect it in GitLab, on the runner's page, and remove this",
    ),
    rule(
        "runners.runUntagged",
        Always,
        INEFFECTIVE,
        "whether a runner with a `glrt-` token takes untagged jobs stands in GitLab",
        "set it in GitLab, on the runner's page, and remove this",
    ),
    rule(
        "runners.maximumTimeout",
        Always,
        INEFFECTIVE,
        "a runner with a `glrt-` token has its longest timeout in GitLab, and refuses to register with \
         this one",
        "set it in GitLab, on the runner's page, and remove this",
    ),
];

/// Values that the chart had until 0.53.0 (its CHANGELOG, merge requests 393 to 397; the list is that of
/// GitLab's issue 379064), with the key of `[runners.kubernetes]` that took their place.
pub(super) const REMOVED_RUNNERS: &[(&str, &str)] = &[
    ("image", "write it in the runner's file, under `jobs.image`"),
    ("namespace", "write it in the runner's file, under `jobs.namespace`"),
    ("serviceAccountName", "leave it out: a project declares its accounts in `projects/`"),
    ("privileged", "leave it out: a privileged job is root on its node"),
    ("imagePullPolicy", "write `pull_policy` in the runner's file, under `kubernetes`"),
    ("imagePullSecrets", "write `image_pull_secrets` in the runner's file, under `kubernetes`"),
    ("pollTimeout", "write `poll_timeout` in the runner's file, under `kubernetes`"),
    ("nodeSelector", "write `node_selector` in the runner's file, under `kubernetes`"),
    ("nodeTolerations", "write `node_tolerations` in the runner's file, under `kubernetes`"),
    ("podLabels", "write `pod_labels` in the runner's file, under `kubernetes`"),
    ("podAnnotations", "write `pod_annotations` in the runner's file, under `kubernetes`"),
    ("podSecurityContext", "write `pod_security_context` in the runner's file, under `kubernetes`"),
    ("pod_security_context", "write `pod_security_context` in the runner's file, under `kubernetes`"),
    ("builds", "write `cpu_limit`, `memory_limit`, ... in the runner's file, under `kubernetes`"),
    (
        "services",
        "write `service_cpu_limit`, `service_memory_limit`, ... in the runner's file, under \
         `kubernetes`",
    ),
    ("helpers", "write `helper_cpu_limit`, `helper_image`, ... in the runner's file, under `kubernetes`"),
    ("env", "set variables in the project's `.gitlab-ci.yml` instead"),
    ("requestConcurrency", "remove it"),
    ("outputLimit", "remove it"),
    ("cloneUrl", "remove it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_is_the_beginning_of_another() {
        for rule in RULES {
            let inside = format!("{}.", rule.path);
            let covers = RULES.iter().any(|other| other.path.starts_with(&inside));
            assert!(!covers, "{}", rule.path);
            assert!(!rule.help.is_empty() && !rule.message.ends_with('.'), "{}", rule.path);
        }
    }
}
