//! What somebody would try who has the apply account's token.

/// An attempt.
#[derive(Clone, Copy)]
pub struct Attack {
    pub name: &'static str,
    /// kubectl's arguments.
    pub kubectl: &'static [&'static str],
    pub input: &'static str,
    /// Whether the policy has to refuse it by itself: it sees neither reads, nor admission policies, nor who lends a
    /// name to whom, and it lets the account delete what is the workspace's.
    pub policy_sees: bool,
}

const fn attack(name: &'static str, kubectl: &'static [&'static str], input: &'static str) -> Attack {
    Attack { name, kubectl, input, policy_sees: true }
}

const fn for_rbac(name: &'static str, kubectl: &'static [&'static str]) -> Attack {
    Attack { name, kubectl, input: "", policy_sees: false }
}

const APPLY: &[&str] = &["apply", "--server-side", "--force-conflicts", "--field-manager=tegata", "-f", "-"];

/// What is in the cluster already and not this workspace's.
pub const FOREIGN: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: strangers}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: build, namespace: strangers}}
---
{apiVersion: v1, kind: Secret, metadata: {name: secret, namespace: storefront}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: storefront}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: neighbours, labels: {app.kubernetes.io/managed-by: tegata, tegata.dev/workspace: other}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: build, namespace: neighbours, labels: {app.kubernetes.io/managed-by: tegata, tegata.dev/workspace: other}}
rules: []
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: strangers}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: 'true'}]
";

macro_rules! manifest {
    ($api:literal, $kind:literal, $name:literal, $($place:literal)?, $labels:literal, $rest:literal) => {
        concat!(
            "{apiVersion: ", $api, ", kind: ", $kind, ", metadata: {name: '", $name, "', ",
            $("namespace: ", $place, ", ",)?
            "labels: {app.kubernetes.io/managed-by: tegata, tegata.dev/workspace: example", $labels, "}}", $rest, "}"
        )
    };
}

macro_rules! rbac {
    ($kind:literal, $name:literal, $($place:literal)?, $rest:literal) => {
        manifest!("rbac.authorization.k8s.io/v1", $kind, $name, $($place)?, "", $rest)
    };
}

pub const ATTACKS: &[Attack] = &[
    attack(
        "cluster-admin for itself",
        APPLY,
        rbac!("ClusterRoleBinding", "own", , ", roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}, subjects: [{kind: ServiceAccount, name: tegata-apply, namespace: tegata}]"),
    ),
    attack(
        "cluster-admin for a CI account, by a name that is rendered",
        APPLY,
        rbac!(
            "RoleBinding",
            "build",
            "strangers",
            ", roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}, subjects: [{kind: ServiceAccount, name: build, namespace: storefront}]"
        ),
    ),
    attack(
        "a rendered role for itself",
        APPLY,
        rbac!(
            "RoleBinding",
            "kp-account-binding",
            "cicd",
            ", roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: build-service-user-role}, subjects: [{kind: ServiceAccount, name: kp-account, namespace: cicd}, {kind: ServiceAccount, name: tegata-apply, namespace: tegata}]"
        ),
    ),
    attack(
        "a rendered role for everybody",
        APPLY,
        rbac!(
            "RoleBinding",
            "kp-account-binding",
            "cicd",
            ", roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: build-service-user-role}, subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: 'system:authenticated'}]"
        ),
    ),
    attack(
        "a rendered role for the right account in another namespace",
        APPLY,
        rbac!(
            "RoleBinding",
            "kp-account-binding",
            "kube-system",
            ", roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: build-service-user-role}, subjects: [{kind: ServiceAccount, name: kp-account, namespace: cicd}]"
        ),
    ),
    attack(
        "a binding for nobody, where none is rendered",
        APPLY,
        rbac!(
            "RoleBinding",
            "build",
            "kube-system",
            ", roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: build}"
        ),
    ),
    attack(
        "a role of nothing, where none is rendered",
        APPLY,
        rbac!("Role", "build", "kube-public", ", rules: []"),
    ),
    attack(
        "a role with more than is rendered",
        APPLY,
        rbac!(
            "Role",
            "deploy",
            "storefront",
            ", rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]"
        ),
    ),
    attack(
        "a ClusterRole with all there is",
        APPLY,
        rbac!("ClusterRole", "build-service-user-role", , ", rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]"),
    ),
    attack(
        "a rendered role in another namespace",
        APPLY,
        rbac!(
            "Role",
            "deploy",
            "kube-system",
            ", rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, list, watch, patch]}]"
        ),
    ),
    attack(
        "a ClusterRole that flows into those of others",
        &[
            "label",
            "clusterrole",
            "build-service-user-role",
            "rbac.authorization.k8s.io/aggregate-to-view=true",
        ],
        "",
    ),
    attack(
        "a ClusterRole that others flow into",
        &[
            "patch",
            "clusterrole",
            "build-service-user-role",
            "--type=merge",
            "-p",
            "{\"aggregationRule\": {\"clusterRoleSelectors\": [{\"matchLabels\": {\"kubernetes.io/bootstrapping\": \"rbac-defaults\"}}]}}",
        ],
        "",
    ),
    attack(
        "a ClusterRole of Kubernetes",
        &[
            "patch",
            "clusterrole",
            "view",
            "--type=merge",
            "-p",
            "{\"rules\": [{\"apiGroups\": [\"\"], \"resources\": [\"secrets\"], \"verbs\": [\"get\"]}]}",
        ],
        "",
    ),
    attack(
        "its own role",
        &[
            "patch",
            "clusterrole",
            "tegata:apply:example:main",
            "--type=merge",
            "-p",
            "{\"rules\": [{\"apiGroups\": [\"*\"], \"resources\": [\"*\"], \"verbs\": [\"*\"]}]}",
        ],
        "",
    ),
    attack("its own binding", &["delete", "clusterrolebinding", "tegata:apply:example:main"], ""),
    attack("its own account", &["delete", "serviceaccount", "-n", "tegata", "tegata-apply"], ""),
    attack("its own namespace", &["delete", "namespace", "tegata", "--wait=false"], ""),
    attack("a longer life for itself", &["create", "token", "-n", "tegata", "tegata-apply"], ""),
    for_rbac(
        "its own policy",
        &[
            "patch",
            "validatingadmissionpolicy",
            "apply.main.example.tegata.dev",
            "--type=merge",
            "-p",
            "{\"spec\": {\"validations\": [{\"expression\": \"true\"}]}}",
        ],
    ),
    for_rbac(
        "without its own policy",
        &["delete", "validatingadmissionpolicy", "apply.main.example.tegata.dev"],
    ),
    for_rbac(
        "its own policy unbound",
        &["delete", "validatingadmissionpolicybinding", "apply.main.example.tegata.dev"],
    ),
    attack("an object that nobody labelled", &["delete", "serviceaccount", "-n", "strangers", "build"], ""),
    attack("a namespace that nobody labelled", &["delete", "namespace", "strangers", "--wait=false"], ""),
    attack("another workspace's object", &["delete", "role", "-n", "neighbours", "build"], ""),
    attack("another workspace's namespace", &["delete", "namespace", "neighbours", "--wait=false"], ""),
    attack(
        "another workspace's object, relabelled",
        APPLY,
        rbac!("Role", "build", "neighbours", ", rules: []"),
    ),
    attack(
        "a labelled object, given away",
        &["label", "role", "-n", "storefront", "build", "tegata.dev/workspace=other", "--overwrite"],
        "",
    ),
    for_rbac(
        "all objects of a kind",
        &["delete", "--raw", "/apis/rbac.authorization.k8s.io/v1/namespaces/storefront/roles"],
    ),
    attack(
        "a POST, which has no name",
        &["create", "-f", "-"],
        manifest!("v1", "ServiceAccount", "build", "strangers", "", ""),
    ),
    attack(
        "a rendered account in another namespace",
        APPLY,
        manifest!("v1", "ServiceAccount", "build", "kube-system", "", ""),
    ),
    attack(
        "an account that is not rendered",
        APPLY,
        manifest!("v1", "ServiceAccount", "other", "storefront", "", ""),
    ),
    attack(
        "an account's cloud identity",
        &[
            "annotate",
            "serviceaccount",
            "-n",
            "storefront",
            "build",
            "eks.amazonaws.com/role-arn=arn:aws:iam::1:role/admin",
        ],
        "",
    ),
    attack(
        "an account with another's Secret",
        &[
            "patch",
            "serviceaccount",
            "-n",
            "storefront",
            "build",
            "--type=merge",
            "-p",
            "{\"imagePullSecrets\": [{\"name\": \"secret\"}]}",
        ],
        "",
    ),
    attack("a namespace that is not rendered", APPLY, manifest!("v1", "Namespace", "more", , "", "")),
    attack(
        "a namespace whose pods may do all",
        &["label", "namespace", "storefront", "pod-security.kubernetes.io/enforce=privileged"],
        "",
    ),
    attack(
        "a namespace whose pods are no longer restricted",
        &["label", "namespace", "ci-quarantine", "pod-security.kubernetes.io/enforce-"],
        "",
    ),
    attack(
        "a ConfigMap of others",
        APPLY,
        manifest!("v1", "ConfigMap", "inventory.main.example.tegata.dev", "kube-system", "", ""),
    ),
    attack("a token of an account of others", &["create", "token", "-n", "strangers", "build"], ""),
    attack("a token for a day", &["create", "token", "-n", "storefront", "build", "--duration=24h"], ""),
    for_rbac("another user", &["--as=admin", "get", "secrets", "-n", "storefront"]),
    attack("a pod", &["run", "pod", "--image=busybox", "-n", "storefront"], ""),
    attack("a Secret, written", &["create", "secret", "generic", "more", "-n", "storefront"], ""),
    attack(
        "a CustomResourceDefinition",
        &["create", "-f", "-"],
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}, spec: {group: example.com, scope: Cluster, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}",
    ),
    for_rbac("a Secret, read", &["get", "secret", "-n", "storefront", "secret"]),
    for_rbac("all Secrets", &["get", "secrets", "-A"]),
    for_rbac("another policy", &["delete", "validatingadmissionpolicy", "strangers"]),
];
