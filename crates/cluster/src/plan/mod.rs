//! What has to be done so that a cluster has what `out/` says. Pure: from values to a value, nothing is asked or done.

mod narrow;
mod object;
mod prune;
mod stages;
mod take;

pub use stages::{Stage, Step, Work, stages};

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde_json::Value;

use crate::desired::{Declared, Desired};
use crate::fault::Fault;
use crate::fields::{Manager, Path};
use crate::inventory::{Contents, Inventory};
use crate::object::{Live, ObjectId};
use crate::observe::Observed;

/// What people allow beyond the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--prune` and what belongs to it.
    pub prune: Option<Prune>,
    /// `--take-ownership`: objects whose fields, or themselves, are to become ours.
    pub take: Vec<String>,
}

/// What may be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prune {
    /// The share of the inventory, in percent, that may go without a further word.
    pub limit: u8,
    /// The number of objects that go: the further word.
    pub count: Option<usize>,
    /// Namespaces that may go, by name.
    pub namespaces: Vec<String>,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is made.
    Create,
    /// Some of its fields change.
    Update,
    /// It stays as it is, and becomes ours: a field that we declare, or its place in the inventory, is not yet.
    Adopt,
    /// It is deleted and made again: its roleRef can't be changed.
    Replace,
    /// It goes.
    Delete,
}

impl Action {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Adopt => "adopt",
            Action::Replace => "replace",
            Action::Delete => "delete",
        }
    }
}

/// What happens to an object, and how it looks before and after.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub id: ObjectId,
    /// What.
    pub action: Action,
    /// The object as it will be, as a member of the inventory; `None` if it goes.
    pub manifest: Option<Value>,
    /// The object as the server has it.
    pub live: Option<Live>,
    /// What it says of what is ours.
    pub before: Value,
    /// What it will say.
    pub after: Value,
    /// Whether others lose the fields that they manage, and those that they added.
    pub taken: bool,
    /// Who manages, or managed, what becomes ours.
    pub managed_by: Vec<Manager>,
}

/// Why nothing can be done before somebody decides.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong, and what to do.
    pub fault: Fault,
    /// The object, if it is about one.
    pub object: Option<ObjectId>,
    /// The file that declares it, and the line.
    pub place: Option<(Utf8PathBuf, usize)>,
    /// What it says of what is ours, and what it should say.
    pub difference: Option<(Value, Value)>,
}

impl Refusal {
    /// One that is about no object of `out/`.
    fn general(fault: Fault) -> Refusal {
        Refusal { fault, object: None, place: None, difference: None }
    }
}

/// An object of ours that `out/` doesn't have, and that stays.
#[derive(Clone, Debug)]
pub struct Leftover {
    /// Which.
    pub id: ObjectId,
    /// Why it stays.
    pub why: Stays,
}

/// Why an object stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// `--prune` was not given.
    NotAsked,
    /// It is a Namespace, and they go by name only.
    Namespace,
    /// It has our labels and is not in the inventory: nobody knows that we made it.
    NotInInventory,
}

/// A field that somebody added to one of our objects.
#[derive(Clone, Debug)]
pub struct Addition {
    /// To which.
    pub id: ObjectId,
    /// The field.
    pub path: Path,
    /// By whom.
    pub manager: Manager,
}

/// What has to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// What happens to which object, in the order of their kinds.
    pub changes: Vec<Change>,
    /// Why nothing can be done.
    pub refusals: Vec<Refusal>,
    /// What stays though `out/` doesn't have it.
    pub leftovers: Vec<Leftover>,
    /// What others added.
    pub additions: Vec<Addition>,
    /// How many objects are as they should be.
    pub unchanged: usize,
    /// What the inventory says at the end.
    pub contents: Contents,
}

impl Plan {
    /// The changes that do this.
    pub fn of(&self, action: Action) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.action == action)
    }

    /// Whether the cluster differs from `out/` in what objects say. What is only not ours yet is no difference.
    pub fn differs(&self) -> bool {
        let stays = |leftover: &Leftover| leftover.why != Stays::Namespace;
        self.changes.iter().any(|change| change.action != Action::Adopt)
            || !self.refusals.is_empty()
            || !self.additions.is_empty()
            || self.leftovers.iter().any(stays)
    }
}

/// Decides.
pub fn plan(desired: &Desired, observed: &Observed, inventory: &Inventory, options: &Options) -> Plan {
    let mut plan = Plan::default();
    let mut taking = take::Taking::new(&options.take);
    let by_id: BTreeMap<&ObjectId, &Declared> =
        desired.objects.iter().map(|declared| (&declared.id, declared)).collect();
    for declared in by_id.values() {
        object::decide(&mut plan, &mut taking, declared, desired, observed, inventory);
    }
    object::homes(&mut plan, desired, observed);
    prune::decide(&mut plan, &by_id, observed, inventory, options);
    plan.refusals.extend(taking.unused());
    if let Some(Err(fault)) = observed.parent.as_ref().map(|parent| inventory.read(parent)) {
        plan.refusals.push(Refusal { object: Some(inventory.parent.clone()), ..Refusal::general(fault) });
    }
    plan.changes.sort_by(|a, b| a.id.cmp(&b.id));
    plan.contents = contents(&by_id, &plan, observed, inventory);
    plan
}

/// What is a member at the end: what `out/` has, and members that stay.
fn contents(
    desired: &BTreeMap<&ObjectId, &Declared>,
    plan: &Plan,
    observed: &Observed,
    inventory: &Inventory,
) -> Contents {
    let staying = plan.leftovers.iter().map(|leftover| &leftover.id);
    let members = staying.filter(|id| observed.ours.get(id).is_some_and(|live| inventory.has(live)));
    Contents::of(desired.keys().copied().chain(members))
}
