//! Which programs a node runs, and with which settings.
//!
//! A node's network is its own, so its addresses and ports are the same in each; only the two ends of the link to the
//! rest of the machine are chosen.

mod files;
mod programs;

use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::json;

use super::needs;
use crate::command::{output_with_input, stdout_of};
use crate::keys;
use crate::parts::{Part, Parts};

pub(super) use programs::{PROGRAMS, path_variable};

/// The node's name in its cluster.
pub(super) const NODE: &str = "node";

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
