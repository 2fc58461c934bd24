//! The keys of the tables in `[runners.kubernetes]`.
//!
//! Source: the structs of the same names in `common/config.go` of GitLab Runner.

use super::Kind::{Bool, Choice, Int, IntList, Quantity, Table, Tables, Text, TextList, TextMap};
use super::{Key, When};

const fn key(name: &'static str, kind: super::Kind) -> Key {
    Key::new(name, kind)
}

const NO_PROFILE: When = When::OneOf(&["Unconfined"]);

const PROFILE: &[Key] = &[
    key("type", Text).closed(
        NO_PROFILE,
        "a job without a profile may use kernel calls that lead out of its container",
        "write `RuntimeDefault`, or `Localhost` with a `localhost_profile`",
    ),
    key("localhost_profile", Text),
];

/// The capabilities and the `SELinux` types that Kubernetes' Pod Security Standards admit at the level "baseline", which is
/// there against known ways out of a container.
pub(crate) const CAPABILITIES_OF_CONTAINERS: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
pub(crate) const SELINUX_TYPES_OF_CONTAINERS: &[&str] =
    &["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

const fn selinux_type() -> Key {
    key("selinux_type", Text).closed(
        When::NoneOf(SELINUX_TYPES_OF_CONTAINERS),
        "types such as spc_t take SELinux's walls down between a job, its node and the other jobs there",
        "remove it, or write `container_t`, `container_init_t`, `container_kvm_t` or `container_engine_t`",
    )
}

const CAPABILITIES: &[Key] = &[
    key("add", TextList).closed(
        When::NoneOf(CAPABILITIES_OF_CONTAINERS),
        "capabilities such as SYS_ADMIN or NET_ADMIN lead out of a job's container to its neighbours",
        "keep to those that containers have by default, such as CHOWN, SETUID and SETGID; `drop` may stay",
    ),
    key("drop", TextList),
];

/// The security context of one container.
pub(super) const CONTAINER_SECURITY: &[Key] = &[
    key("capabilities", Table(CAPABILITIES)),
    key("privileged", Bool).closed(
        When::True,
        "a privileged container is root on its node, and takes the token of every other job there: no isolation holds",
        "remove it, or write false; build images without it (buildah, BuildKit rootless, kpack)",
    ),
    key("run_as_user", Int),
    key("run_as_group", Int),
    key("run_as_non_root", Bool),
    key("read_only_root_filesystem", Bool),
    key("allow_privilege_escalation", Bool).closed(
        When::True,
        "it lets a job's process gain more privileges than it started with",
        "remove it, or write false",
    ),
    selinux_type(),
    key("proc_mount", Text).closed(
        When::OneOf(&["Unmasked"]),
        "an unmasked /proc shows and changes settings of the node",
        "remove it, or write `Default`",
    ),
    key("seccomp_profile", Table(PROFILE)),
    key("app_armor_profile", Table(PROFILE)),
];

/// The security context of the pod.
pub(super) const POD_SECURITY: &[Key] = &[
    key("fs_group", Int),
    key("run_as_group", Int),
    key("run_as_non_root", Bool),
    key("run_as_user", Int),
    key("supplemental_groups", IntList),
    selinux_type(),
    key("seccomp_profile", Table(PROFILE)),
    key("app_armor_profile", Table(PROFILE)),
];

const PVC: &[Key] = &[
    key("name", Text),
    key("mount_path", Text),
    key("sub_path", Text),
    key("read_only", Bool),
    key("mount_propagation", Text).closed(
        When::OneOf(&["Bidirectional"]),
        "a mount that a job makes would reach its node and the other pods there",
        "remove it, or write `HostToContainer`",
    ),
];

const FROM_OBJECT: &[Key] = &[
    key("name", Text),
    key("mount_path", Text),
    key("sub_path", Text),
    key("read_only", Bool),
    key("items", TextMap),
];

const EMPTY_DIR: &[Key] = &[
    key("name", Text),
    key("mount_path", Text),
    key("sub_path", Text),
    key("medium", Text),
    key("size_limit", Quantity),
    key("mount_propagation", Text).closed(
        When::OneOf(&["Bidirectional"]),
        "a mount that a job makes would reach its node and the other pods there",
        "remove it, or write `HostToContainer`",
    ),
];

const CSI: &[Key] = &[
    key("name", Text),
    key("mount_path", Text),
    key("sub_path", Text),
    key("driver", Text),
    key("fs_type", Text),
    key("read_only", Bool),
    key("volume_attributes", TextMap),
];

const NFS: &[Key] = &[
    key("name", Text),
    key("mount_path", Text),
    key("sub_path", Text),
    key("server", Text),
    key("path", Text),
    key("read_only", Bool),
];

/// The volumes of a job's pod.
pub(super) const VOLUMES: &[Key] = &[
    key("host_path", Tables(&[])).closed(
        When::Filled,
        "a folder of the node in every job's pod is shared by all projects, and may hold the node's secrets",
        "use `volumes.empty_dir` for scratch space, or `volumes.pvc`",
    ),
    key("pvc", Tables(PVC)),
    key("config_map", Tables(FROM_OBJECT)),
    key("secret", Tables(FROM_OBJECT)),
    key("empty_dir", Tables(EMPTY_DIR)),
    key("csi", Tables(CSI)),
    key("nfs", Tables(NFS)),
];

/// A service container.
pub(super) const SERVICE: &[Key] = &[
    key("name", Text),
    key("alias", Text),
    key("command", TextList),
    key("entrypoint", TextList),
    key("environment", TextList),
    key("suspend_data_path", Text),
];

/// A line of the pod's hosts file.
pub(super) const HOST_ALIAS: &[Key] = &[key("ip", Text), key("hostnames", TextList)];

/// The pod's name resolution.
pub(super) const DNS: &[Key] = &[
    key("nameservers", TextList),
    key("options", Tables(&[key("name", Text), key("value", Text)])),
    key("searches", TextList),
];

/// Also a rule of the Pod Security Standards' level "baseline".
const fn foreign_host() -> Key {
    key("host", Text).closed(
        When::Filled,
        "the node itself would ask that host, past the network policies that hold for jobs",
        "remove it: the pod itself is asked",
    )
}

const HANDLER: &[Key] = &[
    key("exec", Table(&[key("command", TextList)])),
    key(
        "http_get",
        Table(&[
            foreign_host(),
            key("http_headers", Tables(&[key("name", Text), key("value", Text)])),
            key("path", Text),
            key("port", Int),
            key("scheme", Text),
        ]),
    ),
    key("tcp_socket", Table(&[foreign_host(), key("port", Int)])),
];

/// What the build container does after its start and before its end.
pub(super) const LIFECYCLE: &[Key] = &[key("post_start", Table(HANDLER)), key("pre_stop", Table(HANDLER))];

const REQUIREMENT: &[Key] = &[
    key("key", Text),
    key("operator", Choice(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"])),
    key("values", TextList),
];
const SELECTOR: &[Key] = &[key("match_labels", TextMap), key("match_expressions", Tables(REQUIREMENT))];
const NODE_TERM: &[Key] =
    &[key("match_expressions", Tables(REQUIREMENT)), key("match_fields", Tables(REQUIREMENT))];
const POD_TERM: &[Key] = &[
    key("label_selector", Table(SELECTOR)),
    key("namespaces", TextList),
    key("topology_key", Text),
    key("namespace_selector", Table(SELECTOR)),
    key("match_label_keys", TextList),
    key("mismatch_label_keys", TextList),
];
const REQUIRED: &str = "required_during_scheduling_ignored_during_execution";
const PREFERRED: &str = "preferred_during_scheduling_ignored_during_execution";
const POD_AFFINITY: &[Key] = &[
    key(REQUIRED, Tables(POD_TERM)),
    key(PREFERRED, Tables(&[key("weight", Int), key("pod_affinity_term", Table(POD_TERM))])),
];

/// Where the scheduler may put a job's pod.
pub(super) const AFFINITY: &[Key] = &[
    key(
        "node_affinity",
        Table(&[
            key(REQUIRED, Table(&[key("node_selector_terms", Tables(NODE_TERM))])),
            key(PREFERRED, Tables(&[key("weight", Int), key("preference", Table(NODE_TERM))])),
        ]),
    ),
    key("pod_affinity", Table(POD_AFFINITY)),
    key("pod_anti_affinity", Table(POD_AFFINITY)),
];

/// A patch of the pod's specification.
pub(super) const POD_SPEC: &[Key] = &[
    key("name", Text),
    key("patch_path", Text).closed(
        When::Filled,
        "the file lies in the manager's pod, where nobody reviews what it changes",
        "write the patch itself, under `patch`",
    ),
    key("patch", Text),
    key("patch_type", Choice(&["json", "merge", "strategic"])),
];
