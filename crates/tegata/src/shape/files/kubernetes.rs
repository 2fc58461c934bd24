//! The keys of a runner's `kubernetes:` by which jobs may ask for something.
//!
//! The other keys are the runner's own affair; `tegata_runner::keys` knows and checks them all. These have a line for
//! editors, since they open what is closed without them.

use super::{Field, Shape, text};

const fn open(name: &'static str, doc: &'static str, example: &'static str) -> Field {
    Field::optional(name, Shape::Text(&text::ANY), doc, example)
}

/// They are all closed where they are left out or empty.
pub const KUBERNETES: &[Field] = &[
    open(
        "pod_labels_overwrite_allowed",
        "Labels that a job may give its pod, by variables `KUBERNETES_POD_LABELS_*`: a pattern for `key=value`, of a small part of regexps: with anchors, and the keys spelt out. Closed where it is left out.",
        "'^(?:team|tier)=[a-z0-9-]{1,63}$'",
    ),
    open(
        "pod_annotations_overwrite_allowed",
        "Annotations that a job may give its pod, by variables `KUBERNETES_POD_ANNOTATIONS_*`: a pattern like that of labels. Closed where it is left out.",
        "'^example\\.com/owner=[a-z0-9-]{1,63}$'",
    ),
    open(
        "node_selector_overwrite_allowed",
        "Labels of nodes that a job may ask for, by variables `KUBERNETES_NODE_SELECTOR_*`: a pattern like that of labels. Whatever it admits, a job of every project of the runner may choose. Closed where it is left out.",
        "'^disk=(?:ssd|nvme)$'",
    ),
    open(
        "node_tolerations_overwrite_allowed",
        "Taints that a job may tolerate, by variables `KUBERNETES_NODE_TOLERATIONS_*`: a pattern like that of labels, for `key=value:effect`. Closed where it is left out.",
        "'^ci=[a-z]{1,63}:NoSchedule$'",
    ),
    open(
        "cpu_limit_overwrite_max_allowed",
        "The highest limit of CPU that a job may set for the build container, by the variable `KUBERNETES_CPU_LIMIT`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "cpu_request_overwrite_max_allowed",
        "The highest request of CPU that a job may set for the build container, by the variable `KUBERNETES_CPU_REQUEST`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "memory_limit_overwrite_max_allowed",
        "The highest limit of memory that a job may set for the build container, by the variable `KUBERNETES_MEMORY_LIMIT`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "memory_request_overwrite_max_allowed",
        "The highest request of memory that a job may set for the build container, by the variable `KUBERNETES_MEMORY_REQUEST`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "ephemeral_storage_limit_overwrite_max_allowed",
        "The highest limit of ephemeral storage that a job may set for the build container, by the variable `KUBERNETES_EPHEMERAL_STORAGE_LIMIT`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "ephemeral_storage_request_overwrite_max_allowed",
        "The highest request of ephemeral storage that a job may set for the build container, by the variable `KUBERNETES_EPHEMERAL_STORAGE_REQUEST`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "service_cpu_limit_overwrite_max_allowed",
        "The highest limit of CPU that a job may set for each service container, by the variable `KUBERNETES_SERVICE_CPU_LIMIT`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "service_cpu_request_overwrite_max_allowed",
        "The highest request of CPU that a job may set for each service container, by the variable `KUBERNETES_SERVICE_CPU_REQUEST`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "service_memory_limit_overwrite_max_allowed",
        "The highest limit of memory that a job may set for each service container, by the variable `KUBERNETES_SERVICE_MEMORY_LIMIT`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "service_memory_request_overwrite_max_allowed",
        "The highest request of memory that a job may set for each service container, by the variable `KUBERNETES_SERVICE_MEMORY_REQUEST`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "service_ephemeral_storage_limit_overwrite_max_allowed",
        "The highest limit of ephemeral storage that a job may set for each service container, by the variable `KUBERNETES_SERVICE_EPHEMERAL_STORAGE_LIMIT`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "service_ephemeral_storage_request_overwrite_max_allowed",
        "The highest request of ephemeral storage that a job may set for each service container, by the variable `KUBERNETES_SERVICE_EPHEMERAL_STORAGE_REQUEST`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "helper_cpu_limit_overwrite_max_allowed",
        "The highest limit of CPU that a job may set for the helper container, by the variable `KUBERNETES_HELPER_CPU_LIMIT`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "helper_cpu_request_overwrite_max_allowed",
        "The highest request of CPU that a job may set for the helper container, by the variable `KUBERNETES_HELPER_CPU_REQUEST`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "helper_memory_limit_overwrite_max_allowed",
        "The highest limit of memory that a job may set for the helper container, by the variable `KUBERNETES_HELPER_MEMORY_LIMIT`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "helper_memory_request_overwrite_max_allowed",
        "The highest request of memory that a job may set for the helper container, by the variable `KUBERNETES_HELPER_MEMORY_REQUEST`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "helper_ephemeral_storage_limit_overwrite_max_allowed",
        "The highest limit of ephemeral storage that a job may set for the helper container, by the variable `KUBERNETES_HELPER_EPHEMERAL_STORAGE_LIMIT`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "helper_ephemeral_storage_request_overwrite_max_allowed",
        "The highest request of ephemeral storage that a job may set for the helper container, by the variable `KUBERNETES_HELPER_EPHEMERAL_STORAGE_REQUEST`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "pod_cpu_limit_overwrite_max_allowed",
        "The highest limit of CPU that a job may set for the whole pod, by the variable `KUBERNETES_POD_CPU_LIMIT`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "pod_cpu_request_overwrite_max_allowed",
        "The highest request of CPU that a job may set for the whole pod, by the variable `KUBERNETES_POD_CPU_REQUEST`. Closed where it is left out.",
        "\"2\"",
    ),
    open(
        "pod_memory_limit_overwrite_max_allowed",
        "The highest limit of memory that a job may set for the whole pod, by the variable `KUBERNETES_POD_MEMORY_LIMIT`. Closed where it is left out.",
        "\"4Gi\"",
    ),
    open(
        "pod_memory_request_overwrite_max_allowed",
        "The highest request of memory that a job may set for the whole pod, by the variable `KUBERNETES_POD_MEMORY_REQUEST`. Closed where it is left out.",
        "\"4Gi\"",
    ),
];
