//! Which server is meant, by kubectl's own rules, and whether it is the one that the workspace means.

mod answer;
mod call;
mod lists;
mod questions;
mod retry;
mod server;

pub use answer::Trouble;
pub use questions::Review;
pub use server::{Expect, Server};

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tegata::declared::place_of;

use crate::fault::Fault;

/// What people say about the connection.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--kubeconfig`
    pub kubeconfig: Option<PathBuf>,
    /// `--context`
    pub context: Option<String>,
    /// The address that the workspace pins for the cluster.
    pub pinned: Option<String>,
    /// The name of the cluster in the workspace.
    pub cluster: String,
}

/// Longer than a handshake takes anywhere, and repeated.
const CONNECTED_WITHIN: Duration = Duration::from_secs(10);

const NO_CONFIG: &str = "name a kubeconfig with --kubeconfig or KUBECONFIG, or check the context with `kubectl config get-contexts`";

/// Connects. Nothing is sent yet.
pub async fn connect(options: &Options) -> Result<Server, Fault> {
    let mut config = config(options).await?;
    let url = config.cluster_url.to_string();
    meets(&url, options)?;
    // Our own retries see what each attempt says, and know which requests may be repeated.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECTED_WITHIN);
    let mut nobody = config.clone();
    nobody.auth_info = AuthInfo::default();
    Ok(Server::new(client(config)?, client(nobody)?, url.trim_end_matches('/').to_owned()))
}

fn client(config: Config) -> Result<Client, Fault> {
    Client::try_from(config).map_err(|error| {
        Fault::new("no-connection", format!("can't use this kubeconfig: {error}"), NO_CONFIG)
    })
}

/// kubectl's order: `--kubeconfig`; the files of KUBECONFIG that exist; `~/.kube/config`; the pod's own account.
async fn config(options: &Options) -> Result<Config, Fault> {
    let failed = |error: &dyn std::fmt::Display| Fault::new("no-connection", error.to_string(), NO_CONFIG);
    let files = match &options.kubeconfig {
        Some(file) => vec![file.clone()],
        None => files(),
    };
    if let Some(file) = &options.kubeconfig
        && let Err(error) = std::fs::metadata(file)
    {
        return Err(failed(&format!("can't open the kubeconfig {}: {error}", file.display())));
    }
    let mut merged = Kubeconfig::default();
    for file in &files {
        merged = Kubeconfig::read_from(file)
            .and_then(|next| merged.merge(next))
            .map_err(|error| failed(&error))?;
    }
    if options.kubeconfig.is_none() && options.context.is_none() && merged.contexts.is_empty() {
        return Config::incluster().map_err(|_| {
            let named = std::env::var("KUBECONFIG").unwrap_or_default();
            let message = if named.is_empty() {
                "there is no kubeconfig, and this is no pod".to_owned()
            } else {
                format!("KUBECONFIG names no file that is there and has a context: {named}")
            };
            Fault::new("no-connection", message, NO_CONFIG)
        });
    }
    let choice = KubeConfigOptions { context: options.context.clone(), ..KubeConfigOptions::default() };
    Config::from_custom_kubeconfig(merged, &choice).await.map_err(|error| failed(&error))
}

fn files() -> Vec<PathBuf> {
    match std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
        Some(list) => std::env::split_paths(&list).filter(|path| path.is_file()).collect(),
        None => std::env::home_dir()
            .map(|home| home.join(".kube").join("config"))
            .filter(|path| path.is_file())
            .into_iter()
            .collect(),
    }
}

/// Nobody applies one cluster's objects to another.
fn meets(url: &str, options: &Options) -> Result<(), Fault> {
    match &options.pinned {
        Some(pinned) if !is_same(pinned, url) => Err(Fault::new(
            "wrong-server",
            format!(
                "the context leads to {}, and clusters/{}.yaml says `server: {pinned}`",
                url, options.cluster
            ),
            "choose the right context with --context, or the right cluster with --cluster",
        )),
        _ => Ok(()),
    }
}

/// Whether two addresses lead to one server, in the same way: http is not https.
fn is_same(one: &str, other: &str) -> bool {
    let scheme = |url: &str| url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme(one) == scheme(other) && place_of(one) == place_of(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pinned: &str, url: &str, expected: bool) {
        let options =
            Options { pinned: Some(pinned.to_owned()), cluster: "main".to_owned(), ..Options::default() };
        assert_eq!(meets(url, &options).is_ok(), expected, "{pinned} {url}");
    }

    #[test]
    fn a_pinned_server_is_met_by_its_address_alone() {
        check("https://k8s.example.com", "https://K8S.example.com:443/", true);
        check("https://k8s.example.com:6443/", "https://k8s.example.com:6443", true);
        check(
            "https://rancher.example.com/k8s/clusters/a",
            "https://rancher.example.com/k8s/clusters/a/",
            true,
        );
        check(
            "https://rancher.example.com/k8s/clusters/a",
            "https://rancher.example.com/k8s/clusters/b",
            false,
        );
        check("https://k8s.example.com", "https://k8s.example.com:6443", false);
        check("https://k8s.example.com", "http://k8s.example.com:443", false);
        check("https://main.example.com", "https://staging.example.com", false);
        check("https://[::1]:6443", "https://[0:0:0:0:0:0:0:1]:6443/", true);
        check("https://k8s.example.com", "http://k8s.example.com", false);
    }
}
