//! A real Kubernetes of one node, in namespaces of its own, for tests with real pods.
//!
//! etcd, API server, controller manager, scheduler, containerd and kubelet run in mount, network, process, host name,
//! IPC and control group namespaces that nobody else is in. The rest of the machine sees one interface and one control
//! group (of cgroup v1: one in each hierarchy), both named after the node, and a folder for temporary files.
//!
//! Rust says which programs run with which settings (`settings.rs`) and makes the images (`images.rs`). What is about
//! namespaces, mounts and control groups is shell: `node/outside.sh` holds the node and removes what it had,
//! `node/inside.sh` is its first process.

mod archive;
mod images;
mod needs;
mod settings;

use std::fs::File;
use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::Value;

use crate::client::{Address, Client};
use crate::parts::{Options, Part, Parts, build};
use crate::process::end_of;
use crate::server::temporary_folder;
use settings::{PROGRAMS, Settings};

pub use images::Image;

/// A node takes some six seconds; a machine that builds beside the tests may take many more.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// A running node. Dropping it stops all of it and removes what it had; should this process be killed before that,
/// the same happens.
///
/// Pods reach each other and the API server, and nothing else: there is no cluster DNS, no kube-proxy (a Service has no
/// effect) and no registry. The images that pods can use are those of [`Image`].
#[derive(Debug)]
pub struct Node {
    // Dropped from first to last: what runs before the folder in which it works.
    holder: Holder,
    client: Client,
    audit_log: Utf8PathBuf,
}

impl Deref for Node {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Node {
    /// Builds what is missing, as the environment says, and starts a node. If this machine has not what a node needs,
    /// the error says what that is, how to get it, and how to leave these tests out.
    pub fn start() -> Result<Self> {
        needs::check()?;
        let options = Options::from_env()?;
        let parts = build(&options.clone().with_parts(&Part::NODE))?;
        Self::start_with(&options, &parts)
    }

    fn start_with(options: &Options, parts: &Parts) -> Result<Self> {
        // What takes long is done before there is anything that a killed process would leave behind.
        let images = images::provide(options, parts)?;
        let (folder, path) = temporary_folder()?;
        let settings = Settings::write(&path, parts)?;
        for (name, image) in images {
            fs::os::unix::fs::symlink(image, path.join(format!("images/{name}.tar")))?;
        }
        let mut holder = Holder::start(&path, &settings)?;
        let deadline = Instant::now() + READY_WITHIN;
        let authority = settings.authority();
        while !authority.exists() {
            holder.pause(deadline)?;
        }
        let address = Address { url: settings.url(), authority: fs::read_to_string(&authority)? };
        let client = Client::new(folder, parts.path(Part::Kubectl)?, settings.kubeconfig(), address);
        let mut node = Self { holder, client, audit_log: settings.audit_log() };
        while !node.can_run_pods() {
            node.holder.pause(deadline)?;
        }
        Ok(node)
    }

    /// Ready, without the taint that a new node has, and with the account that pods get by default.
    fn can_run_pods(&self) -> bool {
        let ready = r#"jsonpath={.status.conditions[?(@.type=="Ready")].status}{.spec.taints}"#;
        let node = self.kubectl(&["get", "node", settings::NODE, "-o", ready]);
        let account = ["get", "serviceaccount", "default", "-n", "default"];
        node.is_ok_and(|answer| answer == "True") && self.kubectl(&account).is_ok()
    }

    /// The name of the node's interface and control groups.
    pub fn name(&self) -> &str {
        &self.holder.name
    }

    /// Each request of a service account that the API server has answered so far, as its audit log has them
    /// (`audit.k8s.io/v1`, without bodies).
    pub fn audit(&self) -> Result<Vec<Value>> {
        let text = fs::read_to_string(&self.audit_log)?;
        // The last line may still be in the writing.
        let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
        whole
            .lines()
            .map(|line| serde_json::from_str(line).context("a line of the audit log is no JSON"))
            .collect()
    }
}

/// The program that holds the node, and goes with it when this value or this process goes.
#[derive(Debug)]
struct Holder {
    name: String,
    child: Child,
    /// What the program waits for the end of.
    owner: Option<ChildStdin>,
    state: Utf8PathBuf,
}

impl Holder {
    fn start(state: &Utf8Path, settings: &Settings) -> Result<Self> {
        let log = log(state, "node");
        let output: File = fs::File::create(&log)?.into_parts().0;
        let mut child = Command::new("bash")
            .arg(needs::script("outside.sh"))
            .args([state.as_str(), settings.name(), settings.host_address(), settings.node_address()])
            // A proxy is for the world outside, and a person's settings are none of the node's business.
            .env_clear()
            .env("PATH", settings::path_variable(settings.shim_folder()))
            .stdin(Stdio::piped())
            .stdout(output.try_clone().with_context(|| format!("cannot share {log}"))?)
            .stderr(output)
            // Ctrl-C in a terminal reaches the tests. The holder then has to clean up, and must not get it too.
            .process_group(0)
            .spawn()
            .context("cannot run bash")?;
        let owner = child.stdin.take();
        Ok(Self { name: settings.name().to_owned(), child, owner, state: state.to_owned() })
    }

    /// Waits a moment, unless the node has ended or there is no time left.
    fn pause(&mut self, deadline: Instant) -> Result<()> {
        if let Some(status) = self.child.try_wait().context("cannot wait for the node")? {
            bail!("the node ended while it started ({status}):\n{}", self.ends_of_logs());
        }
        if Instant::now() > deadline {
            bail!("the node is not ready after {} s:\n{}", READY_WITHIN.as_secs(), self.ends_of_logs());
        }
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    }

    /// The ends of all logs, each with its name.
    fn ends_of_logs(&self) -> String {
        let names = std::iter::once("node").chain(PROGRAMS);
        names.map(|name| format!("--- {name}\n{}\n", end_of(&log(&self.state, name)))).collect()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.owner.take());
        // It ends by itself, when all that the node had is gone. Nothing can be done about a failure here.
        let _ = self.child.wait();
    }
}

fn log(state: &Utf8Path, name: &str) -> Utf8PathBuf {
    state.join("log").join(format!("{name}.log"))
}
