//! What `out/` says a cluster has to have.

mod read;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tegata::Mode;
use tegata::load::{self, Loaded};
use tegata::resolve::resolve;
use tegata_cli::findings;
use tegata_rbac::{Catalogue, Scope};

use crate::fault::{Fault, Findings};
use crate::object::ObjectId;

/// An object that has to be there.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What it is.
    pub id: ObjectId,
    /// All that we say of it.
    pub manifest: Value,
    /// The file that says so, from the workspace's root.
    pub file: Utf8PathBuf,
    /// The line on which it begins.
    pub line: usize,
}

/// All that a cluster has to have.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The name of the workspace.
    pub workspace: String,
    /// The name of the cluster in the workspace.
    pub cluster: String,
    /// The address of its server, where the workspace pins it.
    pub server: Option<String>,
    /// Its objects, in the order of their files.
    pub objects: Vec<Declared>,
    /// Resources of the whole cluster, by group and plural, to which a RoleBinding gives nobody access.
    pub cluster_scoped: BTreeSet<(String, String)>,
    /// A digest of the files.
    pub digest: String,
}

/// Reads what `out/` says for a cluster. It must be whole, and what the workspace's files say: what nobody reviewed as
/// input is not applied.
pub fn read(root: &Utf8Path, cluster: Option<&str>) -> Result<Desired, Fault> {
    is_rendered(root)?;
    let loaded = load::load(root);
    let workspace = loaded.workspace.as_ref().map(|workspace| workspace.name.value.clone());
    let workspace = workspace.ok_or_else(|| not_rendered("tegata.yaml has an error"))?;
    let (cluster, server) = choose(&loaded, cluster)?;
    let cluster_scoped = cluster_scoped(&loaded, &cluster);
    let mut hash = Sha256::new();
    let objects = read::objects(root, &cluster, &mut hash)?;
    let digest = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Desired { workspace, cluster, server, objects, cluster_scoped, digest })
}

/// Two are left out: through a RoleBinding its own Namespace can be reached, and ClusterRoles be bound.
fn cluster_scoped(loaded: &Loaded, cluster: &str) -> BTreeSet<(String, String)> {
    let resolved = resolve(loaded, &mut Vec::new());
    let catalogue = resolved.as_ref().and_then(|resolved| Some(&resolved.clusters.get(cluster)?.catalogue));
    let resources = catalogue.into_iter().flat_map(Catalogue::iter);
    resources
        .filter(|resource| resource.scope == Scope::Cluster)
        .map(|resource| (resource.group.to_owned(), resource.parts().0.to_owned()))
        .filter(|(_, plural)| plural != "namespaces" && plural != "clusterroles")
        .collect()
}

fn is_rendered(root: &Utf8Path) -> Result<(), Fault> {
    if tegata::write::is_unfinished(&root.join(tegata::resolve::output::OUT)) {
        return Err(not_rendered("out/ is half-written: a render is under way, or was broken off"));
    }
    let report = tegata::generate(root, Mode::Check, &|_, _| {});
    if report.failed() {
        let found = Findings { text: findings::text(&report), values: findings::values(&report) };
        let fault = Fault::new(
            "not-rendered",
            "the workspace has errors, so nobody knows whether out/ is right",
            "mend them, run `cargo xtask render`, and review the change of out/",
        );
        return Err(fault.after(found));
    }
    match report.changes.first() {
        Some(change) => Err(not_rendered(&format!(
            "out/ is not what the workspace's files say: {} would be {}",
            change.path,
            change.change.word()
        ))),
        None => Ok(()),
    }
}

fn not_rendered(message: &str) -> Fault {
    Fault::new("not-rendered", message, "run `cargo xtask render`, review the change and commit it")
}

fn choose(loaded: &Loaded, given: Option<&str>) -> Result<(String, Option<String>), Fault> {
    let names: Vec<&str> = loaded.clusters.keys().map(String::as_str).collect();
    let names = names.join(", ");
    let chosen = match given {
        Some(name) => loaded.clusters.get(name).ok_or_else(|| {
            Fault::new(
                "no-cluster",
                format!("there is no cluster `{name}`"),
                format!("clusters/ has: {names}"),
            )
        })?,
        None => {
            let mut all = loaded.clusters.values();
            match (all.next(), all.next()) {
                (Some(only), None) => only,
                (None, _) => {
                    return Err(Fault::new(
                        "no-cluster",
                        "the workspace has no cluster",
                        "write one: `cargo xtask new cluster main`",
                    ));
                }
                _ => {
                    return Err(Fault::new(
                        "no-cluster",
                        "the workspace has several clusters",
                        format!("say which with --cluster: {names}"),
                    ));
                }
            }
        }
    };
    Ok((chosen.name.clone(), chosen.server.as_ref().map(|server| server.value.clone())))
}
