//! Resources that a version of Kubernetes has and serves only where somebody switched them on:
//! alpha and beta versions of an API.
//!
//! Source: `api/discovery/apis__*.json` of each version's sources, without what is in the
//! catalogue. A grant of one is no typo; whether it is dead depends on the cluster.

use crate::beyond_discovery::{Unlisted, cluster, namespaced};

/// The first and the last minor version in which a resource is off by default, and the resource.
/// (1.37 as the last one means: so far.)
type Off = (u16, u16, Unlisted);

const ALL: &str = "create,delete,deletecollection,get,list,patch,update,watch";
const STATUS: &str = "get,patch,update";

/// All of them.
const OFF: &[Off] = &[
    (32, 32, namespaced("", "pods/resize", STATUS)),
    (32, 35, cluster("admissionregistration.k8s.io", "mutatingadmissionpolicies", ALL)),
    (32, 35, cluster("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", ALL)),
    (30, 36, cluster("certificates.k8s.io", "clustertrustbundles", ALL)),
    (34, 36, namespaced("certificates.k8s.io", "podcertificaterequests", ALL)),
    (34, 36, namespaced("certificates.k8s.io", "podcertificaterequests/status", STATUS)),
    (31, 37, namespaced("coordination.k8s.io", "leasecandidates", ALL)),
    (30, 37, cluster("internal.apiserver.k8s.io", "storageversions", ALL)),
    (30, 37, cluster("internal.apiserver.k8s.io", "storageversions/status", STATUS)),
    (37, 37, namespaced("lifecycle.k8s.io", "evictionrequests", ALL)),
    (37, 37, namespaced("lifecycle.k8s.io", "evictionrequests/status", STATUS)),
    (37, 37, namespaced("lifecycle.k8s.io", "evictions", ALL)),
    (37, 37, namespaced("lifecycle.k8s.io", "evictions/status", STATUS)),
    (30, 32, cluster("networking.k8s.io", "ipaddresses", ALL)),
    (30, 32, cluster("networking.k8s.io", "servicecidrs", ALL)),
    (30, 32, cluster("networking.k8s.io", "servicecidrs/status", STATUS)),
    (31, 33, cluster("resource.k8s.io", "deviceclasses", ALL)),
    (33, 36, cluster("resource.k8s.io", "devicetaintrules", ALL)),
    (35, 36, cluster("resource.k8s.io", "devicetaintrules/status", STATUS)),
    (30, 31, namespaced("resource.k8s.io", "podschedulingcontexts", ALL)),
    (30, 31, namespaced("resource.k8s.io", "podschedulingcontexts/status", STATUS)),
    (30, 30, namespaced("resource.k8s.io", "resourceclaimparameters", ALL)),
    (30, 33, namespaced("resource.k8s.io", "resourceclaims", ALL)),
    (30, 33, namespaced("resource.k8s.io", "resourceclaims/status", STATUS)),
    (30, 33, namespaced("resource.k8s.io", "resourceclaimtemplates", ALL)),
    (30, 30, cluster("resource.k8s.io", "resourceclasses", ALL)),
    (30, 30, namespaced("resource.k8s.io", "resourceclassparameters", ALL)),
    (36, 37, cluster("resource.k8s.io", "resourcepoolstatusrequests", ALL)),
    (36, 37, cluster("resource.k8s.io", "resourcepoolstatusrequests/status", STATUS)),
    (30, 33, cluster("resource.k8s.io", "resourceslices", ALL)),
    (37, 37, namespaced("scheduling.k8s.io", "compositepodgroups", ALL)),
    (37, 37, namespaced("scheduling.k8s.io", "compositepodgroups/status", STATUS)),
    (36, 37, namespaced("scheduling.k8s.io", "podgroups", ALL)),
    (36, 37, namespaced("scheduling.k8s.io", "podgroups/status", STATUS)),
    (35, 37, namespaced("scheduling.k8s.io", "workloads", ALL)),
    (30, 33, cluster("storage.k8s.io", "volumeattributesclasses", ALL)),
    (30, 36, cluster("storagemigration.k8s.io", "storageversionmigrations", ALL)),
    (30, 36, cluster("storagemigration.k8s.io", "storageversionmigrations/status", STATUS)),
];

/// What is off by default in `1.<minor>`.
pub(crate) fn off_by_default(minor: u16) -> impl Iterator<Item = &'static Unlisted> {
    OFF.iter()
        .filter(move |(first, last, _)| (*first..=*last).contains(&minor))
        .map(|(_, _, unlisted)| unlisted)
}
