//! The programs of a node, and their arguments.

use anyhow::Result;
use camino::Utf8Path;
use fs_err as fs;

use super::{NODE, Settings};
use crate::parts::{Part, Parts};

/// The programs that run all the time, for their logs.
pub(in crate::node) const PROGRAMS: [&str; 6] =
    ["containerd", "etcd", "kube-apiserver", "kubelet", "kube-controller-manager", "kube-scheduler"];

/// `inside.sh` gives the first address of the services to the node.
const SERVICES: &str = "10.27.0.0/24";
const ETCD: &str = "http://127.0.0.1:2379";

impl Settings {
    /// The words of each command, where `inside.sh` looks for them.
    pub(super) fn write_programs(&self, parts: &Parts) -> Result<()> {
        let state = &self.state;
        let commands: [(Part, Vec<String>); 8] = [
            (Part::Containerd, vec![format!("--config={state}/containerd.toml")]),
            (Part::Ctr, vec![]),
            (Part::Etcd, self.etcd()),
            (Part::KubeApiserver, self.apiserver()),
            (Part::Kubectl, vec![format!("--kubeconfig={}", self.kubeconfig())]),
            (
                Part::Kubelet,
                vec![
                    format!("--config={state}/kubelet.yaml"),
                    format!("--kubeconfig={}", self.kubeconfig_of("node")),
                    format!("--hostname-override={NODE}"),
                    format!("--node-ip={}", self.node_address),
                    format!("--root-dir={state}/kubelet"),
                    format!("--cert-dir={state}/kubelet/pki"),
                ],
            ),
            (Part::KubeControllerManager, self.controllers()),
            (
                Part::KubeScheduler,
                vec![
                    format!("--kubeconfig={}", self.kubeconfig_of("scheduler")),
                    "--leader-elect=false".into(),
                    "--bind-address=127.0.0.1".into(),
                ],
            ),
        ];
        for (part, arguments) in commands {
            let words = std::iter::once(parts.path(part)?.to_string()).chain(arguments);
            let text: String = words.map(|word| format!("{word}\n")).collect();
            fs::write(state.join("programs").join(part.name()), text)?;
        }
        Ok(())
    }

    fn etcd(&self) -> Vec<String> {
        vec![
            format!("--data-dir={}/etcd", self.state),
            format!("--listen-client-urls={ETCD}"),
            format!("--advertise-client-urls={ETCD}"),
            "--listen-peer-urls=http://127.0.0.1:0".into(),
            "--unsafe-no-fsync".into(),
            "--log-level=warn".into(),
        ]
    }

    fn apiserver(&self) -> Vec<String> {
        vec![
            format!("--etcd-servers={ETCD}"),
            // On all addresses: that of its service is one of the node's.
            "--bind-address=0.0.0.0".into(),
            "--secure-port=443".into(),
            format!("--advertise-address={}", self.node_address),
            format!("--cert-dir={}/keys", self.state),
            format!("--token-auth-file={}", self.key("tokens.csv")),
            "--authorization-mode=Node,RBAC".into(),
            "--enable-admission-plugins=NodeRestriction".into(),
            "--allow-privileged=true".into(),
            "--service-account-issuer=https://kubernetes.default.svc".into(),
            format!("--service-account-key-file={}", self.key("accounts.key")),
            format!("--service-account-signing-key-file={}", self.key("accounts.key")),
            format!("--service-cluster-ip-range={SERVICES}"),
            format!("--kubelet-client-certificate={}", self.key("client.crt")),
            format!("--kubelet-client-key={}", self.key("client.key")),
            "--kubelet-preferred-address-types=InternalIP".into(),
            format!("--audit-policy-file={}/audit.yaml", self.state),
            format!("--audit-log-path={}", self.audit_log()),
        ]
    }

    fn controllers(&self) -> Vec<String> {
        vec![
            format!("--kubeconfig={}", self.kubeconfig_of("controllers")),
            // As in clusters that people have: each controller comes as its own account.
            "--use-service-account-credentials=true".into(),
            format!("--service-account-private-key-file={}", self.key("accounts.key")),
            // What pods trust.
            format!("--root-ca-file={}", self.authority()),
            "--leader-elect=false".into(),
            "--bind-address=127.0.0.1".into(),
            format!("--flex-volume-plugin-dir={}/kubelet/plugins", self.state),
        ]
    }
}

/// The PATH of the node's programs.
pub(in crate::node) fn path_variable(shim_folder: &Utf8Path) -> String {
    format!("{shim_folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
}
