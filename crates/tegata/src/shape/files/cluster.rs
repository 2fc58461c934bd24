//! `clusters/*.yaml`.

use super::{Field, NAMESPACE_SHAPE, Record, Shape, TEXTS, plural, text};

/// The form of a cluster; its name is the file's.
pub static CLUSTER: Record = Record {
    what: "a cluster",
    doc: "A Kubernetes cluster: its version and the resources that it has besides Kubernetes' own. Its name is the name of the file.",
    fields: &[
        Field::required(
            "kubernetes",
            Shape::Text(&text::KUBERNETES_VERSION),
            "The version of Kubernetes, in quotes. It decides which resources exist.",
            "\"1.37\"",
        ),
        Field::optional(
            "server",
            Shape::Text(&text::URL),
            "The address of the API server that commands for this cluster must meet.",
            "https://main.example.com:6443",
        ),
        Field::optional(
            "customResources",
            Shape::List(&Shape::Record(&CUSTOM_RESOURCE)),
            "The custom resources that roles may name.",
            "[]",
        ),
        Field::optional(
            "applyAccount",
            Shape::Record(&APPLY_ACCOUNT),
            "The account of the pipeline that runs diff, apply and verify on this cluster, instead of an administrator's. An administrator applies out/kubernetes/<cluster>/apply.yaml. Default: none.",
            "{namespace: {name: tegata, create: true}}",
        ),
    ],
};

static APPLY_ACCOUNT: Record = Record {
    what: "an apply account",
    doc: "A ServiceAccount that may bring the cluster to what the workspace says, and do nothing else.",
    fields: &[
        Field::required(
            "namespace",
            NAMESPACE_SHAPE,
            "Its namespace: the name of one that exists, or {name, create: true, labels}. Nothing else of the workspace is there.",
            "{name: tegata, create: true}",
        ),
        Field::optional(
            "name",
            Shape::Text(&text::DNS_SUBDOMAIN),
            "The name of the ServiceAccount. Default: tegata-apply.",
            "tegata-apply",
        ),
    ],
};

static CUSTOM_RESOURCE: Record = Record {
    what: "a custom resource",
    doc: "A resource that a CustomResourceDefinition or an aggregated API server adds.",
    fields: &[
        Field::required("group", Shape::Text(&text::DNS_SUBDOMAIN), "Its API group.", "kpack.io"),
        Field::required("name", Shape::Text(&plural::PLURAL), "Its name in the plural.", "images"),
        Field::required("namespaced", Shape::Flag, "Whether its objects stand in namespaces.", "true")
            .asked("write true or false: `kubectl api-resources` says which"),
        Field::optional(
            "createsPods",
            Shape::Flag,
            "Whether a controller makes pods from it: who writes it can run code. Default: false.",
            "true",
        ),
        Field::optional(
            "subresources",
            TEXTS,
            "Its subresources besides `status`, `scale` and `finalizers`.",
            "[logs]",
        ),
        Field::optional("verbs", TEXTS, "Verbs of its own besides those of every resource.", "[use]"),
    ],
};
