//! What is ours and no longer in `out/`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Change, Leftover, Options, Plan, Prune, Refusal, Stays};
use crate::desired::Declared;
use crate::fault::Fault;
use crate::fields::{assembled, leaves};
use crate::inventory::{Inventory, PART_OF};
use crate::kinds::Kind;
use crate::object::{Live, ObjectId};
use crate::observe::Observed;

/// Decides about objects that `out/` doesn't have.
pub(super) fn decide(
    plan: &mut Plan,
    desired: &BTreeMap<&ObjectId, &Declared>,
    observed: &Observed,
    inventory: &Inventory,
    options: &Options,
) {
    let mut going: Vec<&Live> = Vec::new();
    for live in observed.ours.values().filter(|live| !desired.contains_key(&live.id) && !live.is_going()) {
        match stays(live, inventory, options.prune.as_ref()) {
            Some(why) => plan.leftovers.push(Leftover { id: live.id.clone(), why }),
            None => going.push(live),
        }
    }
    if let Some(prune) = &options.prune {
        let members = observed.ours.values().filter(|live| inventory.has(live)).count();
        plan.refusals.extend(too_many(going.len(), members, prune));
        plan.refusals.extend(unknown_namespaces(&going, prune));
        plan.refusals.extend(namespaces_in_use(&going, desired));
    }
    plan.changes.extend(going.into_iter().map(deletion));
}

fn stays(live: &Live, inventory: &Inventory, prune: Option<&Prune>) -> Option<Stays> {
    let Some(prune) = prune.filter(|_| inventory.has(live)) else {
        return Some(if inventory.has(live) { Stays::NotAsked } else { Stays::NotInInventory });
    };
    let named = live.id.kind != Kind::Namespace || prune.namespaces.contains(&live.id.name);
    (!named).then_some(Stays::Namespace)
}

/// What would be the whole of an inventory, or much of it, is rather a mistake.
fn too_many(going: usize, members: usize, prune: &Prune) -> Option<Refusal> {
    let fault = match prune.count {
        Some(count) if count == going => return None,
        Some(count) => Fault::new(
            "too-many-deletions",
            format!("--prune-count says {count}, and {going} objects would be deleted"),
            "look at the diff; if that is meant, say the right count",
        ),
        None if going * 100 <= members * usize::from(prune.limit) => return None,
        None => Fault::new(
            "too-many-deletions",
            format!("{going} of {members} objects would be deleted, which is more than {} %", prune.limit),
            format!("look at the diff; if that is meant, say so: --prune-count {going}"),
        ),
    };
    Some(Refusal::general(fault))
}

fn unknown_namespaces(going: &[&Live], prune: &Prune) -> Vec<Refusal> {
    let going: BTreeSet<&str> = going
        .iter()
        .filter(|live| live.id.kind == Kind::Namespace)
        .map(|live| live.id.name.as_str())
        .collect();
    let unknown = prune.namespaces.iter().filter(|name| !going.contains(name.as_str()));
    unknown
        .map(|name| {
            Refusal::general(Fault::new(
                "nothing-to-prune",
                format!(
                    "--prune-namespace {name}: no namespace of that name is in the inventory and not in out/"
                ),
                "look at the diff: it lists the namespaces that could go",
            ))
        })
        .collect()
}

/// With a namespace would go what `out/` has in it.
fn namespaces_in_use(going: &[&Live], desired: &BTreeMap<&ObjectId, &Declared>) -> Vec<Refusal> {
    let namespaces = going.iter().filter(|live| live.id.kind == Kind::Namespace);
    namespaces
        .filter_map(|live| {
            let name = &live.id.name;
            let inside = desired.values().find(|declared| declared.id.namespace.as_ref() == Some(name))?;
            let fault = Fault::new(
                "namespace-in-use",
                format!("Namespace {name} would be deleted, and out/ has {} in it", inside.id),
                format!("leave --prune-namespace {name} out"),
            );
            let place = Some((inside.file.clone(), inside.line));
            Some(Refusal { object: Some(live.id.clone()), place, ..Refusal::general(fault) })
        })
        .collect()
}

fn deletion(live: &Live) -> Change {
    Change {
        id: live.id.clone(),
        action: Action::Delete,
        manifest: None,
        live: Some(live.clone()),
        before: content(live),
        after: Value::Null,
        taken: false,
        managed_by: Vec::new(),
    }
}

/// What an object says, without what the server keeps about it.
fn content(live: &Live) -> Value {
    let leaves = leaves(&live.value);
    let said = leaves.iter().filter(|(path, _)| {
        let names: Vec<&str> = path.iter().map(|step| step.strip_prefix("f:").unwrap_or(step)).collect();
        match names.as_slice() {
            ["metadata", "labels", name] => *name != PART_OF,
            ["metadata", "annotations", ..] => true,
            ["metadata" | "status", ..] => false,
            _ => live.id.kind != Kind::Namespace,
        }
    });
    assembled(said.map(|(path, value)| (path.as_slice(), value)))
}
