//! The programs that the tests run, and where each comes from.

/// A program that the tests run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Our own small Go program: Go's regexps, and kubectl's way of reading YAML.
    Readers,
    /// The store behind the API server.
    Etcd,
    /// The Kubernetes API server.
    KubeApiserver,
    /// The Kubernetes command line.
    Kubectl,
    /// What Kubernetes does about its objects: default accounts, garbage, Deployments.
    KubeControllerManager,
    /// What gives a pod its node.
    KubeScheduler,
    /// What runs the pods of a node.
    Kubelet,
    /// What runs the containers of a node.
    Containerd,
    /// What containerd starts beside each pod.
    ContainerdShim,
    /// The command line of containerd.
    Ctr,
    /// The program of the container that holds a pod's namespaces.
    Pause,
    /// GitLab Runner's Kubernetes executor, which takes one job from a GitLab and runs it.
    JobRunner,
    /// What GitLab Runner runs in the helper container of a job.
    RunnerHelper,
    /// Helm, for the chart of the runner.
    Helm,
}

/// Where a program comes from.
pub(super) struct Program {
    /// The name of its file.
    pub name: &'static str,
    /// The folder of the Go module that it is built from, in this package.
    pub module: &'static str,
    /// Its package there.
    pub package: &'static str,
    /// Build tags: what is left out.
    pub tags: &'static [&'static str],
    /// Whether a folder named by `KUBEBUILDER_ASSETS` has it.
    pub is_asset: bool,
    /// How long people wait on two cores when nothing is in Go's cache yet.
    pub patience: &'static str,
}

const SECONDS: &str = "some seconds the first time";
const HALF: &str = "half a minute the first time";
const MINUTES: &str = "two minutes the first time";

impl Program {
    const fn new(name: &'static str, module: &'static str, package: &'static str) -> Program {
        Program { name, module, package, tags: &[], is_asset: false, patience: HALF }
    }

    /// A program of Kubernetes itself.
    const fn kube(name: &'static str, package: &'static str) -> Program {
        Program { tags: &["providerless"], ..Program::new(name, "kube", package) }
    }

    const fn containerd(name: &'static str, package: &'static str) -> Program {
        let tags: &[&str] = &["no_btrfs", "no_zfs", "no_devmapper", "no_aufs"];
        Program { tags, ..Program::new(name, "containerd", package) }
    }

    const fn asset(self) -> Program {
        Program { is_asset: true, ..self }
    }

    const fn taking(self, patience: &'static str) -> Program {
        Program { patience, ..self }
    }
}

impl Part {
    /// All of them, in the order in which they are built.
    pub const ALL: [Part; 14] = [
        Part::Readers,
        Part::Etcd,
        Part::KubeApiserver,
        Part::Kubectl,
        Part::JobRunner,
        Part::RunnerHelper,
        Part::Helm,
        Part::KubeControllerManager,
        Part::KubeScheduler,
        Part::Kubelet,
        Part::Containerd,
        Part::ContainerdShim,
        Part::Ctr,
        Part::Pause,
    ];

    /// What [`ApiServer`](crate::ApiServer) needs.
    pub const SERVER: [Part; 3] = [Part::Etcd, Part::KubeApiserver, Part::Kubectl];

    /// What [`Node`](crate::Node) needs, and the executor that gives it jobs.
    pub const NODE: [Part; 12] = [
        Part::Etcd,
        Part::KubeApiserver,
        Part::Kubectl,
        Part::JobRunner,
        Part::RunnerHelper,
        Part::KubeControllerManager,
        Part::KubeScheduler,
        Part::Kubelet,
        Part::Containerd,
        Part::ContainerdShim,
        Part::Ctr,
        Part::Pause,
    ];

    pub(super) fn program(self) -> Program {
        match self {
            Part::Readers => Program::new("readers", "readers", ".").taking(SECONDS),
            Part::Etcd => Program::new("etcd", "etcd", ".").asset(),
            Part::KubeApiserver => Program::kube("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver")
                .asset()
                .taking("some 5 minutes the first time"),
            Part::Kubectl => Program::kube("kubectl", "k8s.io/kubernetes/cmd/kubectl").asset(),
            Part::KubeControllerManager => {
                Program::kube("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager")
                    .taking(MINUTES)
            }
            Part::KubeScheduler => Program::kube("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
            Part::Kubelet => Program::kube("kubelet", "k8s.io/kubernetes/cmd/kubelet").taking(MINUTES),
            Part::Containerd => {
                Program::containerd("containerd", "github.com/containerd/containerd/v2/cmd/containerd")
                    .taking("a minute the first time")
            }
            Part::ContainerdShim => Program::containerd(
                "containerd-shim-runc-v2",
                "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
            ),
            Part::Ctr => Program::containerd("ctr", "github.com/containerd/containerd/v2/cmd/ctr"),
            Part::Pause => Program::new("pause", "pause", ".").taking(SECONDS),
            Part::JobRunner => Program::new("job-runner", "runner", ".").taking(MINUTES),
            Part::RunnerHelper => Program::new(
                "gitlab-runner-helper",
                "runner",
                "gitlab.com/gitlab-org/gitlab-runner/apps/gitlab-runner-helper",
            ),
            Part::Helm => Program::new("helm", "helm", "helm.sh/helm/v4/cmd/helm").taking(MINUTES),
        }
    }

    /// The name of the program's file.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.program().name
    }
}
