//! `projects/**/*.yaml`.

use super::{ACCEPT, ANNOTATIONS, Field, NAMESPACE_SHAPE, RULES, Record, Shape, text};

/// The form of a project.
pub static PROJECT: Record = Record {
    what: "a project",
    doc: "A GitLab project, and the ServiceAccounts that its jobs run as.",
    fields: &[
        Field::required(
            "project",
            Shape::Text(&text::PROJECT_PATH),
            "The full path of the project in GitLab.",
            "platform/cicd",
        ),
        Field::optional(
            "id",
            Shape::Integer(1, i64::MAX),
            "GitLab's id of the project. Needed where the runner's isolation is `admission`: unlike the path, no job can forge it.",
            "2",
        ),
        Field::required(
            "runner",
            Shape::Text(&text::LINE),
            "The runner that serves it: the name of a file in runners/.",
            "shared",
        ),
        Field::required(
            "namespace",
            NAMESPACE_SHAPE,
            "The namespace of its accounts and jobs: the name of one that exists, or {name, create: true, labels}.",
            "cicd",
        ),
        Field::required(
            "serviceAccounts",
            Shape::List(&Shape::Record(&ACCOUNT)),
            "The accounts that its jobs run as.",
            "[{name: kp-account}]",
        ),
        Field::optional(
            "accept",
            ACCEPT,
            "Risks that are taken knowingly, for all accounts of the project.",
            "[]",
        ),
    ],
};

static ACCOUNT: Record = Record {
    what: "an account",
    doc: "A ServiceAccount and its permissions.",
    fields: &[
        Field::required(
            "name",
            Shape::Text(&text::DNS_SUBDOMAIN),
            "The name of the ServiceAccount.",
            "kp-account",
        ),
        Field::optional(
            "default",
            Shape::Flag,
            "Whether jobs that extend nothing run as this account. Default: true for an only account, false among several.",
            "true",
        ),
        Field::optional(
            "namespace",
            NAMESPACE_SHAPE,
            "A namespace of its own. Default: the project's.",
            "cicd-deploy",
        ),
        Field::optional(
            "runner",
            Shape::Text(&text::LINE),
            "A runner of its own, such as one for protected branches. Default: the project's.",
            "protected",
        ),
        Field::optional(
            "roles",
            Shape::List(&Shape::Record(&ROLE_USE)),
            "The roles that it is bound to.",
            "[{clusterRole: build-service-user-role, scope: split}]",
        ),
        Field::optional(
            "rules",
            RULES,
            "Permissions of its own in its namespace: they become a Role.",
            "[{apiGroups: [\"\"], resources: [pods], verbs: [get, list]}]",
        ),
        Field::optional(
            "can",
            PHRASES,
            "What it must be allowed to do, as one asks `kubectl auth can-i`. `render` checks the phrase, and `verify` asks the cluster whether it holds.",
            "[list pods, \"create images.kpack.io\"]",
        ),
        Field::optional(
            "cannot",
            PHRASES,
            "What it must not be allowed to do. `render` checks the phrase, and `verify` asks the cluster whether it holds.",
            "[\"get secrets in kube-system\", \"* *\"]",
        ),
        Field::optional(
            "automountServiceAccountToken",
            Shape::Flag,
            "Whether pods get the account's token. Default: true; set it to false where no job calls the API server.",
            "false",
        ),
        Field::optional(
            "annotations",
            ANNOTATIONS,
            "Annotations of the ServiceAccount, such as those that give it a cloud identity.",
            "{\"eks.amazonaws.com/role-arn\": \"arn:aws:iam::123456789012:role/build\"}",
        ),
        Field::optional(
            "imagePullSecrets",
            Shape::List(&Shape::Text(&text::DNS_SUBDOMAIN)),
            "Secrets with registry credentials, which pods of this account pull images with.",
            "[registry]",
        ),
        Field::optional("accept", ACCEPT, "Risks that are taken knowingly.", "[]"),
    ],
};

const PHRASES: Shape = Shape::List(&Shape::Text(&text::LINE));

static ROLE_USE: Record = Record {
    what: "a role of an account",
    doc: "A ClusterRole, and where it holds.",
    fields: &[
        Field::required(
            "clusterRole",
            Shape::Text(&text::PATH_SEGMENT),
            "The ClusterRole: the name of a file in roles/, or of one in the cluster with `existing: true`.",
            "build-service-user-role",
        ),
        Field::optional(
            "existing",
            Shape::Flag,
            "Whether the ClusterRole is in the cluster already, and not in roles/. Default: false.",
            "true",
        ),
        Field::optional("scope", Shape::Choice(SCOPES), "Where it holds. Default: namespace.", "split"),
        Field::optional(
            "bindingName",
            Shape::Text(&text::PATH_SEGMENT),
            "The name of the binding. Default: one that can't collide with another.",
            "kp-account-binding",
        ),
    ],
};

/// The words for where a role holds.
pub const SCOPES: &[(&str, &str)] = &[
    ("namespace", "In the account's namespace, by a RoleBinding."),
    ("cluster", "In every namespace and for cluster-scoped resources, by a ClusterRoleBinding."),
    (
        "split",
        "Its namespaced resources in the account's namespace only, its cluster-scoped ones by a ClusterRoleBinding.",
    ),
];
