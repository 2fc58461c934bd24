//! The forms of the five kinds of file that people write.

mod cluster;
mod kubernetes;
mod project;
mod role;
mod runner;
mod workspace;

pub use cluster::CLUSTER;
pub use project::PROJECT;
pub use role::ROLE;
pub use runner::RUNNER;
pub use workspace::WORKSPACE;

use super::{Field, Record, Shape, plural, text};

/// The kinds of file, by the name of their schema.
pub const KINDS: [(&str, &str, &Record); 5] = [
    ("workspace", "tegata.yaml", &WORKSPACE),
    ("cluster", "A cluster of a tegata workspace (clusters/*.yaml)", &CLUSTER),
    ("runner", "A GitLab runner of a tegata workspace (runners/*.yaml)", &RUNNER),
    ("role", "A ClusterRole of a tegata workspace (roles/*.yaml)", &ROLE),
    ("project", "A GitLab project of a tegata workspace (projects/**/*.yaml)", &PROJECT),
];

const ANY_TEXT: Shape = Shape::Text(&text::ANY);
const TEXTS: Shape = Shape::List(&ANY_TEXT);

static POLICY_RULE: Record = Record {
    what: "a rule",
    doc: "A PolicyRule as in a Role: what the verbs may be used on.",
    fields: &[
        Field::optional(
            "apiGroups",
            TEXTS,
            "The API groups of the resources; \"\" is the core group.",
            "[\"\", apps]",
        ),
        Field::optional(
            "resources",
            TEXTS,
            "The resources, in the plural; `pods/log` is a subresource.",
            "[pods, pods/log]",
        ),
        Field::optional(
            "resourceNames",
            TEXTS,
            "Only these objects. Does not restrict `create` and `deletecollection`.",
            "[settings]",
        ),
        Field::optional(
            "nonResourceURLs",
            TEXTS,
            "Paths that are no resources, for ClusterRoles only.",
            "[/healthz]",
        ),
        Field::required("verbs", TEXTS, "What may be done.", "[get, list, watch]"),
    ],
};

/// A list of PolicyRules.
const RULES: Shape = Shape::List(&Shape::Record(&POLICY_RULE));

static NAMESPACE: Record = Record {
    what: "a namespace",
    doc: "A namespace that exists (its name), or one that tegata creates.",
    fields: &[
        Field::required("name", Shape::Text(&text::DNS_LABEL), "The name of the namespace.", "cicd"),
        Field::optional(
            "create",
            Shape::Flag,
            "Whether tegata renders the Namespace. Default: false, it exists already.",
            "true",
        ),
        Field::optional("labels", LABELS, "Labels of the Namespace that is created.", "{team: platform}"),
    ],
};

const LABELS: Shape = Shape::Texts(&text::LABEL_KEY, &text::LABEL_VALUE);
const ANNOTATIONS: Shape = Shape::Texts(&text::ANNOTATION_KEY, &text::ANY);
const NAMESPACE_SHAPE: Shape = Shape::TextOrRecord(&text::DNS_LABEL, &NAMESPACE);

static ACCEPTANCE: Record = Record {
    what: "an acceptance",
    doc: "A risk that is taken knowingly. So far no finding can be accepted; the form is checked.",
    fields: &[
        Field::required(
            "rule",
            Shape::Text(&text::RULE_ID),
            "The id of the finding, as printed in its brackets.",
            "secrets-write",
        ),
        Field::required(
            "reason",
            Shape::Text(&text::LINE),
            "Why it is taken: for who reads this in a year.",
            "\"kpack needs it\"",
        ),
        Field::optional(
            "expires",
            Shape::Text(&text::DAY),
            "The day from which it no longer counts.",
            "\"2027-01-31\"",
        ),
    ],
};

const ACCEPT: Shape = Shape::List(&Shape::Record(&ACCEPTANCE));
