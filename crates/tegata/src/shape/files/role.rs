//! `roles/*.yaml`: plain ClusterRole manifests, as `kubectl get clusterrole NAME -o yaml` prints them.

use super::{ANNOTATIONS, Field, LABELS, RULES, Record, Shape, text};

/// The form of a role; its name is the file's.
pub static ROLE: Record = Record {
    what: "a ClusterRole",
    doc: "A ClusterRole, as `kubectl get clusterrole NAME -o yaml` prints it; what the server adds is dropped.",
    fields: &[
        Field::required(
            "apiVersion",
            Shape::Choice(&[("rbac.authorization.k8s.io/v1", "Kubernetes' RBAC.")]),
            "Kubernetes' API.",
            "rbac.authorization.k8s.io/v1",
        ),
        Field::required(
            "kind",
            Shape::Choice(&[("ClusterRole", "A set of permissions.")]),
            "The kind of object.",
            "ClusterRole",
        ),
        Field::required(
            "metadata",
            Shape::Record(&METADATA),
            "The name of the role.",
            "{name: build-service-user-role}",
        ),
        Field::required(
            "rules",
            RULES,
            "What the role permits.",
            "[{apiGroups: [\"\"], resources: [pods], verbs: [get, list]}]",
        )
        .or_null(),
        Field::dropped("aggregationRule", "Dropped: what a role permits is what stands in its file."),
    ],
};

static METADATA: Record = Record {
    what: "the metadata of a role",
    doc: "The name of the role, its labels and annotations.",
    fields: &[
        Field::required(
            "name",
            Shape::Text(&text::PATH_SEGMENT),
            "The name: the same as the file's.",
            "build-service-user-role",
        ),
        Field::optional("labels", LABELS, "Labels of the ClusterRole.", "{team: platform}"),
        Field::optional(
            "annotations",
            ANNOTATIONS,
            "Annotations of the ClusterRole.",
            "{description: \"builds images with kpack\"}",
        ),
        Field::dropped("creationTimestamp", "Written by the server; dropped."),
        Field::dropped("generation", "Written by the server; dropped."),
        Field::dropped("managedFields", "Written by the server; dropped."),
        Field::dropped("resourceVersion", "Written by the server; dropped."),
        Field::dropped("selfLink", "Written by the server; dropped."),
        Field::dropped("uid", "Written by the server; dropped."),
    ],
};
