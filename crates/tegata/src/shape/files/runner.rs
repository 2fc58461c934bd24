//! `runners/*.yaml`.

use super::kubernetes::KUBERNETES;
use super::{ACCEPT, Field, NAMESPACE_SHAPE, Record, Shape, text};

/// The words for how a runner keeps its projects apart.
pub const ISOLATION: &[(&str, &str)] = &[
    ("admission", "A ValidatingAdmissionPolicy lets each project run as its own accounts only."),
    (
        "overwrite",
        "The overwrite regexps admit exactly the declared names; the projects of the runner can still take each other's accounts.",
    ),
    ("dedicated", "A runner of one project: fixed namespace and account, no overwrite at all."),
];

/// The form of a runner; its name is the file's.
pub static RUNNER: Record = Record {
    what: "a runner",
    doc: "A GitLab Runner with the Kubernetes executor, installed by its Helm chart. Its name is the name of the file.",
    fields: &[
        Field::required(
            "cluster",
            Shape::Text(&text::LINE),
            "The cluster that it runs on: the name of a file in clusters/.",
            "main",
        ),
        Field::optional(
            "release",
            Shape::Text(&text::RELEASE),
            "The name of the Helm release, and of the manager's ServiceAccount. Default: the runner's name.",
            "gitlab-runner",
        ),
        Field::required(
            "namespace",
            NAMESPACE_SHAPE,
            "The namespace of the Helm release. No job runs there.",
            "gitlab-runner",
        ),
        Field::required(
            "gitlabUrl",
            Shape::Text(&text::URL),
            "The address of GitLab.",
            "https://gitlab.example.com/",
        ),
        Field::required(
            "tokenSecret",
            Shape::Text(&text::SECRET_NAME),
            "An existing Secret in the release's namespace with the keys `runner-token` and `runner-registration-token`. No token ever stands in a workspace.",
            "gitlab-runner-token",
        ),
        Field::required(
            "isolation",
            Shape::Choice(ISOLATION),
            "How the projects that the runner serves are kept apart.",
            "admission",
        ),
        Field::optional(
            "admission",
            Shape::Record(&ADMISSION),
            "How the admission policies of `isolation: admission` and `dedicated` are enforced.",
            "{validationActions: [Deny]}",
        ),
        Field::optional(
            "concurrent",
            Shape::Integer(1, 100_000),
            "How many jobs run at once. Default: 10.",
            "10",
        ),
        Field::optional(
            "tags",
            Shape::List(&Shape::Text(&text::TAG)),
            "Tags of the runner, which the hidden jobs of the includes carry, so that jobs find it.",
            "[kubernetes]",
        ),
        Field::required(
            "jobs",
            Shape::Record(&JOBS),
            "What a job gets that asks for nothing.",
            "{namespace: ci-quarantine, image: \"ubuntu:24.04\"}",
        ),
        Field::optional(
            "kubernetes",
            Shape::Open(KUBERNETES),
            "More keys for `[runners.kubernetes]` of the runner's configuration.",
            "{cpu_request: \"500m\"}",
        ),
        Field::optional(
            "values",
            Shape::Open(&[]),
            "More Helm values for the chart gitlab-runner.",
            "{replicas: 1}",
        ),
        Field::optional("accept", ACCEPT, "Risks that are taken knowingly.", "[]"),
    ],
};

/// The words for what a policy does with what it refuses.
const ACTIONS: &[(&str, &str)] = &[
    ("Deny", "It is refused."),
    ("Warn", "Whoever asks is warned; the runner's log says so."),
    ("Audit", "The API server's audit log says so."),
];

static ADMISSION: Record = Record {
    what: "the enforcement of admission policies",
    doc: "How the admission policies are enforced.",
    fields: &[Field::required(
        "validationActions",
        Shape::List(&Shape::Choice(ACTIONS)),
        "What happens to what the policies refuse. Default: [Deny]. For a rollout on a cluster in use, [Warn, Audit] shows what would be refused, and refuses nothing.",
        "[Warn, Audit]",
    )],
};

static JOBS: Record = Record {
    what: "a runner's `jobs`",
    doc: "What a job gets that asks for no namespace and account: nothing of worth.",
    fields: &[
        Field::required(
            "namespace",
            Shape::Text(&text::DNS_LABEL),
            "A namespace in which nobody has rights, the runner's manager included: a job without the include fails there.",
            "ci-quarantine",
        ),
        Field::required(
            "image",
            Shape::Text(&text::IMAGE),
            "The image of jobs that name none.",
            "\"ubuntu:24.04\"",
        ),
    ],
};
