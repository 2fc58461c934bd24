//! Keys that no job may set, since they say who a pod is, or grant it something.

use super::Subject;

/// Which keys are meant.
enum Which {
    /// This one.
    Key(&'static str),
    /// Those of this domain and of the domains below it: `example.com/name`, `a.example.com/name`.
    Domain(&'static str),
    /// Those that begin like this.
    Start(&'static str),
    /// Those whose name, after the `/`, holds this.
    Name(&'static str),
}

impl Which {
    /// The key is in small letters.
    fn holds(&self, key: &str) -> bool {
        let (domain, name) = key.split_once('/').unwrap_or((key, key));
        match self {
            Self::Key(one) => key == *one,
            Self::Domain(one) => {
                domain.strip_suffix(one).is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            Self::Start(start) => key.starts_with(start),
            Self::Name(part) => name.contains(part),
        }
    }
}

use Which::{Domain, Key, Name, Start};

const RUNNER: &str = "the runner writes these itself, and the admission policies tell projects apart by them";
const OURS: &str = "tegata tells by it what is its own";
const KUBERNETES: &str = "keys of Kubernetes' own domains mean something to the cluster";
const CLOUD: &str = "it can give the pod an identity in the cloud";
const RUNTIME: &str = "it changes how the node runs the container";
const NETWORK: &str = "it changes the pod's place in the network, which network policies trust";
const SIDECAR: &str = "the injector takes its sidecar's image, volumes or way through the network from it";
const CONTROL_PLANE: &str = "jobs could run on the nodes of the control plane, beside the cluster's own keys";
const KEPT_NODES: &str = "it says for whom nodes are kept, and exists to keep others away";

/// What is meant, and why. The first that holds is told.
type Reserved = (Which, &'static str);

const LABELS: &[Reserved] = &[
    (Domain("runner.gitlab.com"), RUNNER),
    (Key("pod"), "the runner writes it itself, and older services find a job's pod by it"),
    (Domain("tegata.dev"), OURS),
    (Key("app.kubernetes.io/managed-by"), OURS),
    (Domain("kubernetes.io"), KUBERNETES),
    (Domain("k8s.io"), KUBERNETES),
    (Key("aadpodidbinding"), CLOUD),
    (Domain("spiffe.io"), "it can give the pod another workload's identity"),
];

/// Sources: "Well-Known Labels, Annotations and Taints" of Kubernetes' documentation, and the documentation of the
/// network plugins, container runtimes and clouds that are named.
const ANNOTATIONS: &[Reserved] = &[
    (Domain("runner.gitlab.com"), "by it the runner says whose job a pod is"),
    (Domain("tegata.dev"), OURS),
    (
        Domain("container.apparmor.security.beta.kubernetes.io"),
        "it can take the AppArmor profile off a container",
    ),
    (Domain("seccomp.security.alpha.kubernetes.io"), "it can take the seccomp profile off a container"),
    (Domain("cni.cncf.io"), NETWORK),
    (Domain("ovn.kubernetes.io"), NETWORK),
    (Domain("kubernetes.io"), KUBERNETES),
    (Domain("k8s.io"), KUBERNETES),
    (Domain("multus-cni.io"), NETWORK),
    (Domain("cni.projectcalico.org"), NETWORK),
    (Domain("cilium.io"), NETWORK),
    (Domain("k8s.ovn.org"), NETWORK),
    (Domain("amazonaws.com"), CLOUD),
    (Domain("gke.io"), CLOUD),
    (Domain("azure.workload.identity"), CLOUD),
    (Key("aadpodidbinding"), CLOUD),
    (Domain("spiffe.io"), "it can give the pod another workload's identity"),
    (Domain("istio.io"), SIDECAR),
    (Domain("config.linkerd.io"), SIDECAR),
    (Start("io.kubernetes."), RUNTIME),
    (Start("io.katacontainers."), RUNTIME),
    (Start("io.containerd."), RUNTIME),
    (Start("dev.gvisor."), RUNTIME),
    (Start("run.oci."), RUNTIME),
    (Domain("cri-o.io"), RUNTIME),
    (Domain("crio.io"), RUNTIME),
    (Domain("nri.io"), RUNTIME),
    (Domain("nri.containerd.io"), RUNTIME),
];

/// What stands below a closed domain and is harmless all the same.
const HARMLESS: &[(Subject, Which)] = &[
    (Subject::Label, Start("app.kubernetes.io/")),
    (Subject::Annotation, Key("cluster-autoscaler.kubernetes.io/safe-to-evict")),
    (Subject::Annotation, Key("kubectl.kubernetes.io/default-container")),
    (Subject::Annotation, Key("sidecar.istio.io/inject")),
];

/// Kubeadm's names, and those of RKE and `MicroK8s`.
const NODES: &[Reserved] = &[
    (Name("control-plane"), CONTROL_PLANE),
    (Name("controlplane"), CONTROL_PLANE),
    (Key("node-role.kubernetes.io/master"), CONTROL_PLANE),
    (Key("node-role.kubernetes.io/etcd"), CONTROL_PLANE),
    (Domain("node-restriction.kubernetes.io"), KEPT_NODES),
];

const NODE_SELECTORS: &[Reserved] = &[(
    Key("kubernetes.io/hostname"),
    "jobs could pick any node by its name, the control plane's and another project's among them",
)];

const TOLERATIONS: &[Reserved] =
    &[(Key("criticaladdonsonly"), "it opens the nodes that are kept for the cluster's own pods")];

/// Why no job may set this key, if none may. Letters' case makes no difference.
#[must_use]
pub fn reserved(key: &str, subject: Subject) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    let (own, shared): (&[Reserved], &[Reserved]) = match subject {
        Subject::Label => (LABELS, &[]),
        Subject::Annotation => (ANNOTATIONS, &[]),
        Subject::NodeSelector => (NODE_SELECTORS, NODES),
        Subject::Toleration => (TOLERATIONS, NODES),
    };
    let (_, reason) = own.iter().chain(shared).find(|(which, _)| which.holds(&key))?;
    let harmless = *reason != OURS && HARMLESS.iter().any(|(of, which)| *of == subject && which.holds(&key));
    (!harmless).then_some(*reason)
}

/// Why the configuration can't set this label or annotation for all jobs, if it can't. Somebody reviews it, so only what
/// claims to be another's, or takes a profile off, is meant.
#[must_use]
pub fn reserved_for_all(key: &str, value: &str, subject: Subject) -> Option<&'static str> {
    let lower = key.to_ascii_lowercase();
    let unconfined = subject == Subject::Annotation
        && value.trim().eq_ignore_ascii_case("unconfined")
        && ["container.apparmor.security.beta.kubernetes.io", "seccomp.security.alpha.kubernetes.io"]
            .iter()
            .any(|domain| Domain(domain).holds(&lower));
    if unconfined {
        return Some("a job without a profile may use kernel calls that lead out of its container");
    }
    let ours = [(Domain("runner.gitlab.com"), RUNNER), (Domain("tegata.dev"), OURS)];
    ours.into_iter().find(|(which, _)| which.holds(&lower)).map(|(_, reason)| reason)
}
