//! What the cluster has, of what concerns us.
//!
//! One list per kind by our labels brings what is ours, unchanged or not. Only what is not among it is looked for by
//! name, or, where that is a lot, by a list of the kind's metadata.

mod lookup;

use std::collections::{BTreeMap, BTreeSet};

use crate::connect::{Server, Trouble};
use crate::desired::Desired;
use crate::fault::Fault;
use crate::inventory::Inventory;
use crate::kinds::Kind;
use crate::object::{Live, ObjectId};
use crate::ownership::selector;

/// What the cluster has.
#[derive(Debug, Default)]
pub struct Observed {
    /// The objects with this workspace's labels.
    pub ours: BTreeMap<ObjectId, Live>,
    /// Objects in the place of ours that don't have them.
    pub strangers: BTreeMap<ObjectId, Live>,
    /// The namespaces of `out/` that exist and aren't ours: where objects are to be put.
    pub namespaces: BTreeMap<String, Live>,
    /// The parent of the inventory.
    pub parent: Option<Live>,
}

/// Asks the server.
pub async fn observe(server: &Server, desired: &Desired, inventory: &Inventory) -> Result<Observed, Fault> {
    let mut observed = Observed::default();
    let selector = selector(&desired.workspace);
    let mut lists = tokio::task::JoinSet::new();
    for kind in Kind::ALL {
        let (server, selector) = (server.clone(), selector.clone());
        lists.spawn(async move { (kind, server.list(kind, &selector).await) });
    }
    while let Some(list) = lists.join_next().await {
        let (kind, list) = list.map_err(|error| stopped(&error))?;
        let list = list.map_err(|trouble| {
            failed(&format!("list objects of kind {kind} of {}", server.url()), &trouble)
        })?;
        observed.ours.extend(list.into_iter().map(|live| (live.id.clone(), live)));
    }
    observed.parent = observed.ours.remove(&inventory.parent);
    let mut missing: BTreeSet<ObjectId> = desired
        .objects
        .iter()
        .map(|declared| declared.id.clone())
        .filter(|id| !observed.ours.contains_key(id))
        .collect();
    missing.extend(observed.parent.is_none().then(|| inventory.parent.clone()));
    let homes = homes(desired, &observed);
    missing.extend(homes.iter().cloned());
    for kind in Kind::ALL {
        let wanted = missing.iter().filter(|id| id.kind == kind).cloned().collect();
        let found = lookup::find(server, kind, wanted, &homes).await?;
        observed.strangers.extend(found.into_iter().map(|live| (live.id.clone(), live)));
    }
    if let Some(parent) = observed.strangers.remove(&inventory.parent) {
        observed.parent = Some(parent);
    }
    for home in homes {
        if let Some(live) = observed.strangers.remove(&home) {
            observed.namespaces.insert(home.name, live);
        }
    }
    Ok(observed)
}

/// The namespaces that objects need and that `out/` does not make.
fn homes(desired: &Desired, observed: &Observed) -> BTreeSet<ObjectId> {
    let made: BTreeSet<&ObjectId> = desired.objects.iter().map(|declared| &declared.id).collect();
    let needed = desired.objects.iter().filter_map(|declared| declared.id.namespace.clone());
    needed
        .map(|name| ObjectId { kind: Kind::Namespace, namespace: None, name })
        .filter(|id| !made.contains(id) && !observed.ours.contains_key(id))
        .collect()
}

pub(crate) fn stopped(error: &tokio::task::JoinError) -> Fault {
    Fault::new("stopped", format!("a part of the work stopped: {error}"), "run the command again")
}

fn failed(doing: &str, trouble: &Trouble) -> Fault {
    Fault::new("no-answer", format!("can't {doing}: {trouble}"), trouble.help())
}
