//! Which programs a node runs, and with which settings.
//!
//! A node's network is its own, so its addresses and ports are the same in each; only the two ends of the link to the
//! rest of the machine are chosen.

use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::{Value, json};

use super::needs;
use crate::command::{output_with_input, stdout_of};
use crate::keys;
use crate::parts::{Part, Parts};

/// The node's name in its cluster.
pub(super) const NODE: &str = "node";

/// The programs that run all the time, for their logs.
pub(super) const PROGRAMS: [&str; 6] =
    ["containerd", "etcd", "kube-apiserver", "kubelet", "kube-controller-manager", "kube-scheduler"];

/// `inside.sh` gives the first address of the services to the node.
const SERVICES: &str = "10.27.0.0/24";
const PODS: &str = "10.28.0.0/24";
const ETCD: &str = "http://127.0.0.1:2379";

/// The settings of a node, written into the folder of its state.
pub(super) struct Settings {
    state: Utf8PathBuf,
    shim_folder: Utf8PathBuf,
    name: String,
    host_address: String,
    node_address: String,
}

impl Settings {
    pub(super) fn write(state: &Utf8Path, parts: &Parts) -> Result<Self> {
        for folder in ["programs", "log", "images", "keys", "cni", "kubelet", "var-lib", "var-log"] {
            fs::create_dir(state.join(folder))?;
        }
        let (host_address, node_address) = free_addresses()?;
        let number = keys::token()?;
        let name = format!("tegata{}", number.get(..8).unwrap_or_default());
        let shim = parts.path(Part::ContainerdShim)?;
        let shim_folder = shim.parent().context("the shim of containerd has no folder")?.to_owned();
        let settings = Self { state: state.to_owned(), shim_folder, name, host_address, node_address };
        settings.write_keys()?;
        settings.write_files()?;
        settings.write_programs(parts)?;
        Ok(settings)
    }

    /// The name of the interface, and of the control groups.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn host_address(&self) -> &str {
        &self.host_address
    }

    pub(super) fn node_address(&self) -> &str {
        &self.node_address
    }

    /// containerd looks for its shim on PATH.
    pub(super) fn shim_folder(&self) -> &Utf8Path {
        &self.shim_folder
    }

    pub(super) fn url(&self) -> String {
        format!("https://{}", self.node_address)
    }

    /// The API server makes its certificate itself; it is there when the server listens.
    pub(super) fn authority(&self) -> Utf8PathBuf {
        self.key("apiserver.crt")
    }

    pub(super) fn kubeconfig(&self) -> Utf8PathBuf {
        self.kubeconfig_of("admin")
    }

    pub(super) fn audit_log(&self) -> Utf8PathBuf {
        self.state.join("log/audit.log")
    }

    fn kubeconfig_of(&self, user: &str) -> Utf8PathBuf {
        self.state.join(format!("{user}.kubeconfig"))
    }

    fn key(&self, name: &str) -> Utf8PathBuf {
        self.state.join("keys").join(name)
    }

    /// Tokens of those who come to the API server, and keys.
    fn write_keys(&self) -> Result<()> {
        let node = format!("system:node:{NODE}");
        let users = [
            ("admin", "admin", "system:masters"),
            ("node", &node, "system:nodes"),
            ("controllers", "system:kube-controller-manager", ""),
            ("scheduler", "system:kube-scheduler", ""),
        ];
        let mut tokens = String::new();
        for (file, user, groups) in users {
            let token = keys::token()?;
            tokens.push_str(&format!("{token},{user},{user},\"{groups}\"\n"));
            let config = json!({
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{
                    "name": "node",
                    "cluster": { "server": self.url(), "certificate-authority": self.authority().as_str() },
                }],
                "users": [{ "name": file, "user": { "token": token } }],
                "contexts": [{ "name": "node", "context": { "cluster": "node", "user": file } }],
                "current-context": "node",
            });
            fs::write(self.kubeconfig_of(file), config.to_string())?;
        }
        fs::write(self.key("tokens.csv"), tokens)?;
        fs::write(self.key("accounts.key"), keys::service_account_key()?)?;
        // What the API server shows to kubelet, which admits certificates only. It is its own authority.
        let mut openssl = Command::new("openssl");
        openssl
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-days", "30", "-subj", "/O=system:masters/CN=kube-apiserver"])
            .args(["-keyout", self.key("client.key").as_str(), "-out", self.key("client.crt").as_str()]);
        let output = output_with_input(&mut openssl, "")?;
        stdout_of(&openssl, output)?;
        Ok(())
    }

    fn write_files(&self) -> Result<()> {
        let containerd = toml::to_string(&containerd(&self.state)?).context("no form in TOML")?;
        fs::write(self.state.join("containerd.toml"), containerd)?;
        fs::write(self.state.join("cni/10-bridge.conflist"), network().to_string())?;
        fs::write(self.state.join("kubelet.yaml"), self.kubelet().to_string())?;
        fs::write(self.state.join("audit.yaml"), audit().to_string())?;
        // Pods know no other names than those in /etc/hosts.
        fs::write(self.state.join("resolv.conf"), "")?;
        Ok(())
    }

    fn kubelet(&self) -> Value {
        json!({
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            // Since 1.35 it refuses to run with cgroup v1 unless told otherwise, and machines still have it.
            "failCgroupV1": false,
            "cgroupDriver": "cgroupfs",
            "failSwapOn": false,
            // A lower score can't be set without CAP_SYS_RESOURCE.
            "oomScoreAdj": 0,
            // With what `inside.sh` shows it, nothing needs to be changed.
            "protectKernelDefaults": true,
            "authentication": {
                "anonymous": { "enabled": false },
                "webhook": { "enabled": true },
                "x509": { "clientCAFile": self.key("client.crt").as_str() },
            },
            "authorization": { "mode": "Webhook" },
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
            "resolvConf": self.state.join("resolv.conf").as_str(),
            "volumePluginDir": self.state.join("kubelet/plugins").as_str(),
            "evictionHard": {
                "memory.available": "100Mi",
                "nodefs.available": "1%",
                "imagefs.available": "1%",
                "nodefs.inodesFree": "1%",
            },
            // No image could be had again.
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
            "maxOpenFiles": 65536,
            // Jobs start at once, and the default makes each image wait for the one before.
            "registryPullQPS": 0,
        })
    }

    /// The words of each command, where `inside.sh` looks for them.
    fn write_programs(&self, parts: &Parts) -> Result<()> {
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
pub(super) fn path_variable(shim_folder: &Utf8Path) -> String {
    format!("{shim_folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
}

fn containerd(state: &Utf8Path) -> Result<toml::Table> {
    let runc = needs::find("runc").context("there is no runc on PATH")?;
    let settings = json!({
        "version": 4,
        "root": state.join("containerd").as_str(),
        "state": "/run/containerd",
        "imports": [],
        "disabled_plugins": [
            "io.containerd.internal.v1.opt",
            "io.containerd.nri.v1.nri",
            "io.containerd.snapshotter.v1.erofs",
            "io.containerd.snapshotter.v1.blockfile",
            "io.containerd.differ.v1.erofs",
        ],
        "plugins": {
            "io.containerd.cri.v1.images": {
                "snapshotter": "overlayfs",
                "pinned_images": { "sandbox": super::Image::Pause.reference() },
            },
            "io.containerd.cri.v1.runtime": {
                "disable_apparmor": true,
                // Without CAP_SYS_RESOURCE no process can be made less likely to be killed, as kubelet asks.
                "restrict_oom_score_adj": true,
                "containerd": { "runtimes": { "runc": {
                    "runtime_type": "io.containerd.runc.v2",
                    "options": { "BinaryName": runc.as_str(), "SystemdCgroup": false },
                } } },
                "cni": { "bin_dirs": [needs::CNI], "conf_dir": state.join("cni").as_str() },
            },
        },
    });
    toml::Table::try_from(settings).context("containerd's settings have no form in TOML")
}

fn network() -> Value {
    json!({
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [{
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": true,
            "ipMasq": false,
            "hairpinMode": true,
            "ipam": {
                "type": "host-local",
                "ranges": [[{ "subnet": PODS }]],
                "routes": [{ "dst": "0.0.0.0/0" }],
            },
        }],
    })
}

/// Who asked for what: service accounts alone, and not those of controllers.
fn audit() -> Value {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            { "level": "None", "userGroups": ["system:serviceaccounts:kube-system"] },
            { "level": "Metadata", "userGroups": ["system:serviceaccounts"] },
            { "level": "None" },
        ],
    })
}

/// The two addresses of a network of four that no interface of this machine is in. 198.18.0.0/15 is for tests of
/// devices (RFC 2544): no real network has it.
fn free_addresses() -> Result<(String, String)> {
    let mut ip = Command::new(needs::find("ip").context("there is no ip on PATH")?);
    ip.args(["-4", "-oneline", "address", "show"]);
    let output = output_with_input(&mut ip, "")?;
    let taken = stdout_of(&ip, output)?;
    loop {
        let [first, second, third, ..] = keys::random()?;
        let prefix = format!("198.{}.{second}.", 18 + (first & 1));
        let network = third & !3;
        let (host, node) = (format!("{prefix}{}", network + 1), format!("{prefix}{}", network + 2));
        if !taken.contains(&format!(" {host}/")) {
            return Ok((host, node));
        }
    }
}
