//! The files that the node's programs read.

use anyhow::{Context, Result};
use camino::Utf8Path;
use fs_err as fs;
use serde_json::{Value, json};

use super::Settings;
use crate::node::{Image, needs};

const PODS: &str = "10.28.0.0/24";

impl Settings {
    pub(super) fn write_files(&self) -> Result<()> {
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
            // Kubelet refuses cgroup v1 unless told otherwise, and there are machines that have no other.
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
            // What the tests' pods need, whatever part of the machine that is: below it the node takes a taint, and
            // every job waits for a node until its time is over.
            "evictionHard": {
                "memory.available": "100Mi",
                "nodefs.available": "200Mi",
                "imagefs.available": "200Mi",
                "nodefs.inodesFree": "5000",
            },
            // No image could be had again.
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
            "maxOpenFiles": 65536,
            // Jobs start at once, and the default makes each image wait for the one before.
            "registryPullQPS": 0,
        })
    }
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
                "pinned_images": { "sandbox": Image::Pause.reference() },
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
