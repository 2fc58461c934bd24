//! What happens to one object.

use std::collections::BTreeSet;

use serde_json::Value;

use super::take::Taking;
use super::{Action, Addition, Change, Plan, Refusal};
use crate::desired::{Declared, Desired};
use crate::fault::Fault;
use crate::fields::{Comparison, Manager, compare, shown, value_at};
use crate::inventory::Inventory;
use crate::kinds::Kind;
use crate::object::{Live, ObjectId};
use crate::observe::Observed;
use crate::ownership::{Owner, owner};

fn refusal(declared: &Declared, fault: Fault) -> Refusal {
    Refusal {
        fault,
        object: Some(declared.id.clone()),
        place: Some((declared.file.clone(), declared.line)),
        difference: None,
    }
}

/// Decides about an object that `out/` has.
pub(super) fn decide(
    plan: &mut Plan,
    taking: &mut Taking<'_>,
    declared: &Declared,
    desired: &Desired,
    observed: &Observed,
    inventory: &Inventory,
) {
    let manifest = inventory.member(declared.manifest.clone());
    let id = &declared.id;
    let Some(live) = observed.ours.get(id).or_else(|| observed.strangers.get(id)) else {
        plan.changes.push(Change {
            id: id.clone(),
            action: Action::Create,
            before: Value::Null,
            after: compare_with_nothing(&declared.manifest),
            manifest: Some(manifest),
            live: None,
            taken: false,
            managed_by: Vec::new(),
        });
        return;
    };
    if live.is_going() {
        plan.refusals.push(refusal(declared, going(id)));
        return;
    }
    let ours = owner(live, &desired.workspace);
    let comparison = compare(&manifest, live);
    let owners = owners(&comparison);
    // What has conflicts, or is somebody else's, is taken only if people say so; what another workspace has, never.
    let in_conflict = comparison.differences.iter().any(|difference| !difference.managed_by.is_empty());
    let elsewhere = inventory.other(live);
    let someone_else_s =
        ours != Owner::Us || elsewhere.is_some() || !owners.is_empty() || !comparison.additions.is_empty();
    let taken = someone_else_s && taking.takes(id);
    let refused = match &ours {
        Owner::Workspace(name) => Some(other_workspace(id, name)),
        Owner::Nobody if !taken => Some(not_ours(id)),
        Owner::Us if elsewhere.is_some() && !taken => Some(other_inventory(id)),
        Owner::Us if in_conflict && !taken => Some(conflict(id, &comparison)),
        _ => None,
    };
    if let Some(fault) = refused {
        let difference = Some((comparison.before, comparison.after));
        plan.refusals.push(Refusal { difference, ..refusal(declared, fault) });
        return;
    }
    for (path, manager) in comparison.additions.iter().filter(|_| !taken) {
        plan.additions.push(Addition { id: id.clone(), path: path.clone(), manager: manager.clone() });
    }
    let loses_additions = taken && !comparison.additions.is_empty();
    let action = match action(&manifest, live, &comparison) {
        Some(Action::Adopt) | None if loses_additions => Action::Update,
        Some(action) => action,
        None if taken => Action::Adopt,
        None => {
            plan.unchanged += 1;
            return;
        }
    };
    plan.changes.push(Change {
        id: id.clone(),
        action,
        manifest: Some(manifest),
        live: Some(live.clone()),
        before: if taken { comparison.before_with_additions(live) } else { comparison.before },
        after: comparison.after,
        taken,
        managed_by: owners,
    });
}

fn action(manifest: &Value, live: &Live, comparison: &Comparison) -> Option<Action> {
    let role = |object: &Value| value_at(object, &["f:roleRef".to_owned()]).cloned();
    if live.id.kind.is_binding() && role(manifest) != role(&live.value) {
        Some(Action::Replace)
    } else if !comparison.differences.is_empty() {
        Some(Action::Update)
    } else if comparison.enters_inventory || !comparison.unmanaged.is_empty() {
        Some(Action::Adopt)
    } else {
        None
    }
}

/// What a new object says, as a diff shows it.
fn compare_with_nothing(manifest: &Value) -> Value {
    let leaves = crate::fields::leaves(manifest);
    crate::fields::assembled(leaves.iter().map(|(path, value)| (path.as_slice(), value)))
}

/// Everybody else who manages what we declare.
fn owners(comparison: &Comparison) -> Vec<Manager> {
    let differing = comparison.differences.iter().flat_map(|difference| &difference.managed_by);
    let mut owners: Vec<Manager> = Vec::new();
    let unmanaged = comparison.unmanaged.iter().flat_map(|(_, managers)| managers);
    for owner in differing.chain(unmanaged).chain(&comparison.shared_with) {
        if !owners.contains(owner) {
            owners.push(owner.clone());
        }
    }
    owners
}

/// Objects need a namespace that is there, and stays.
pub(super) fn homes(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    let home = |name: &str| ObjectId { kind: Kind::Namespace, namespace: None, name: name.to_owned() };
    let made: BTreeSet<&ObjectId> = desired.objects.iter().map(|declared| &declared.id).collect();
    let mut seen = BTreeSet::new();
    for declared in &desired.objects {
        let Some(name) = declared.id.namespace.as_deref().filter(|name| seen.insert((*name).to_owned()))
        else {
            continue;
        };
        let id = home(name);
        if made.contains(&id) {
            continue;
        }
        match observed.namespaces.get(name).or_else(|| observed.ours.get(&id)) {
            Some(live) if live.is_going() => plan.refusals.push(refusal(declared, going(&id))),
            Some(_) => {}
            None => plan.refusals.push(refusal(
                declared,
                Fault::new(
                    "no-namespace",
                    format!("there is no namespace {name}, which {} needs", declared.id),
                    format!("create it, or write `namespace: {{name: {name}, create: true}}` and render"),
                ),
            )),
        }
    }
}

fn going(id: &ObjectId) -> Fault {
    Fault::new(
        "being-deleted",
        format!("{id} is being deleted"),
        "wait until it is gone, then run the command again",
    )
}

fn other_workspace(id: &ObjectId, name: &str) -> Fault {
    Fault::new(
        "other-workspace",
        format!("{id} belongs to the workspace {name}"),
        "use another name here, or remove it there: workspaces never touch each other's objects",
    )
}

fn other_inventory(id: &ObjectId) -> Fault {
    Fault::new(
        "other-inventory",
        format!("{id} is in the inventory of another cluster or tool"),
        format!(
            "check --context and --cluster; if it is to change over, say so: --take-ownership {}",
            id.argument()
        ),
    )
}

fn not_ours(id: &ObjectId) -> Fault {
    Fault::new(
        "not-ours",
        format!("{id} exists and is not tegata's"),
        format!("use another name, delete it, or let tegata have it: --take-ownership {}", id.argument()),
    )
}

fn conflict(id: &ObjectId, comparison: &Comparison) -> Fault {
    let in_conflict = comparison.differences.iter().filter(|difference| !difference.managed_by.is_empty());
    let fields: Vec<String> = in_conflict
        .map(|difference| {
            let managers: Vec<String> = difference.managed_by.iter().map(Manager::to_string).collect();
            format!("{} ({})", shown(&difference.path), managers.join(", "))
        })
        .collect();
    Fault::new(
        "conflict",
        format!("{id}: others manage what differs: {}", fields.join("; ")),
        format!("agree with them, or take the fields: --take-ownership {}", id.argument()),
    )
}
