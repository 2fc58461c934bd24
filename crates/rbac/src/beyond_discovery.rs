//! Resources that no API server lists in its discovery, and that RBAC knows nevertheless.
//!
//! Components ask the authorizer about resources that have no address of their own; an aggregated
//! API has addresses, but only where somebody installed it. A rule that names them is right.

use crate::catalogue::Scope;

/// A resource that is asked about and not listed.
pub(crate) struct Unlisted {
    pub(crate) group: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) scope: Scope,
    pub(crate) verbs: &'static str,
}

/// One of the whole cluster.
pub(crate) const fn cluster(group: &'static str, resource: &'static str, verbs: &'static str) -> Unlisted {
    Unlisted { group, resource, scope: Scope::Cluster, verbs }
}

/// One in a namespace.
pub(crate) const fn namespaced(group: &'static str, resource: &'static str, verbs: &'static str) -> Unlisted {
    Unlisted { group, resource, scope: Scope::Namespaced, verbs }
}

/// The API of the kubelet answers to HTTP's methods.
const KUBELET: &str = "create,delete,get,patch,update";

const IMPERSONATE_USER: &str = "impersonate:user-info";

/// All of them.
pub(crate) const UNLISTED: &[Unlisted] = &[
    // pkg/kubelet/server/auth.go
    cluster("", "nodes/checkpoint", KUBELET),
    cluster("", "nodes/configz", KUBELET),
    cluster("", "nodes/healthz", KUBELET),
    cluster("", "nodes/log", KUBELET),
    cluster("", "nodes/metrics", KUBELET),
    cluster("", "nodes/pods", KUBELET),
    cluster("", "nodes/stats", KUBELET),
    cluster("", "nodes/statusz", KUBELET),
    // apiserver/pkg/endpoints/filters/impersonation/{impersonation,mode}.go
    cluster("", "groups", "impersonate"),
    cluster("", "users", "impersonate"),
    cluster("authentication.k8s.io", "groups", IMPERSONATE_USER),
    cluster("authentication.k8s.io", "nodes", "impersonate:arbitrary-node,impersonate:associated-node"),
    namespaced("authentication.k8s.io", "serviceaccounts", "impersonate:serviceaccount"),
    cluster("authentication.k8s.io", "uids", "impersonate,impersonate:user-info"),
    cluster("authentication.k8s.io", "userextras", "impersonate,impersonate:user-info"),
    cluster("authentication.k8s.io", "users", IMPERSONATE_USER),
    // pkg/registry/core/serviceaccount/storage/token.go
    cluster("authentication.k8s.io", "attestationadmissionreviewapigroups", "attest"),
    // pkg/certauthorization/certauthorization.go, plugin/pkg/admission/certificates
    cluster("certificates.k8s.io", "signers", "approve,attest,sign"),
    // pkg/controller/certificates/approver/sarapprove.go
    cluster("certificates.k8s.io", "certificatesigningrequests/nodeclient", "create"),
    cluster("certificates.k8s.io", "certificatesigningrequests/selfnodeclient", "create"),
    // bootstrappolicy/controller_policy.go; admission of OpenShift asks about it
    namespaced("", "endpoints/restricted", "create"),
    // pkg/registry/resource/utils.go
    namespaced("resource.k8s.io", "resourceclaims/binding", "patch,update"),
    namespaced(
        "resource.k8s.io",
        "resourceclaims/driver",
        "arbitrary-node:patch,arbitrary-node:update,associated-node:patch,associated-node:update",
    ),
    // k8s.io/metrics, served by metrics-server
    cluster("metrics.k8s.io", "nodes", "get,list"),
    namespaced("metrics.k8s.io", "pods", "get,list"),
];

/// Groups whose resources are named after metrics: anything can be one of them
/// (`k8s.io/metrics`, served by adapters such as Prometheus').
pub(crate) const OPEN_GROUPS: [&str; 2] = ["custom.metrics.k8s.io", "external.metrics.k8s.io"];
