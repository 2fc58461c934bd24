//! A plan in words: which accounts, bindings and permissions come and go.

mod grants;
mod phrases;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::desired::Desired;
use crate::kinds::Kind;
use crate::object::ObjectId;
use crate::observe::Observed;
use crate::plan::{Action, Change, Plan};

use grants::{Grants, Holder};

pub(crate) use grants::{Permission as WithPlace, What};
pub(crate) use phrases::phrases;

/// What changes for somebody who holds permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolderWords {
    /// `namespace/name` of an account; users and groups with that word before.
    pub holder: String,
    /// What it may do that it might not before, with where.
    pub gains: Vec<String>,
    /// What it may not do any more.
    pub loses: Vec<String>,
}

/// A plan in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Accounts that come, as `namespace/name`.
    pub new_accounts: Vec<String>,
    /// Accounts that go.
    pub gone_accounts: Vec<String>,
    /// Bindings that come, with what they bind.
    pub new_bindings: Vec<String>,
    /// Bindings that go.
    pub gone_bindings: Vec<String>,
    /// What changes for whom.
    pub holders: Vec<HolderWords>,
    /// What is missing while the plan is carried out, and what goes with what goes.
    pub cautions: Vec<String>,
}

/// Puts a plan into words. What is given comes from the objects of this workspace; what others give is not looked at.
pub fn words(plan: &Plan, desired: &Desired, observed: &Observed) -> Words {
    let (before, after) = states(plan, observed);
    Words {
        new_accounts: accounts(plan, Action::Create),
        gone_accounts: accounts(plan, Action::Delete),
        new_bindings: bindings(plan, &[Action::Create, Action::Replace], |change| change.manifest.as_ref()),
        gone_bindings: bindings(plan, &[Action::Delete, Action::Replace], |change| {
            change.live.as_ref().map(|live| &live.value)
        }),
        holders: holders(&Grants::of(&before, desired), &Grants::of(&after, desired)),
        cautions: plan.changes.iter().filter_map(caution).collect(),
    }
}

type State<'a> = BTreeMap<&'a ObjectId, &'a Value>;

fn states<'a>(plan: &'a Plan, observed: &'a Observed) -> (State<'a>, State<'a>) {
    let all = observed.ours.values().chain(observed.strangers.values());
    let before: State<'a> = all.map(|live| (&live.id, &live.value)).collect();
    let mut after = before.clone();
    for change in &plan.changes {
        match &change.manifest {
            Some(manifest) => drop(after.insert(&change.id, manifest)),
            None => drop(after.remove(&change.id)),
        }
    }
    (before, after)
}

fn accounts(plan: &Plan, action: Action) -> Vec<String> {
    let accounts = plan.of(action).filter(|change| change.id.kind == Kind::ServiceAccount);
    accounts
        .map(|change| format!("{}/{}", change.id.namespace.as_deref().unwrap_or_default(), change.id.name))
        .collect()
}

fn bindings(plan: &Plan, actions: &[Action], state: fn(&Change) -> Option<&Value>) -> Vec<String> {
    let changes = plan.changes.iter();
    let bindings = changes.filter(|change| change.id.kind.is_binding() && actions.contains(&change.action));
    bindings
        .filter_map(|change| {
            let object = state(change)?;
            let holders: Vec<String> = grants::holders(object).iter().map(Holder::to_string).collect();
            Some(format!("{}: {} for {}", change.id, grants::role_name(object), holders.join(", ")))
        })
        .collect()
}

fn holders(before: &Grants, after: &Grants) -> Vec<HolderWords> {
    let mut words: Vec<HolderWords> = Vec::new();
    for holder in before.holders().chain(after.holders()) {
        let name = holder.to_string();
        if words.iter().any(|known| known.holder == name) {
            continue;
        }
        let gains = phrases(&after.beyond(before, holder));
        let loses = phrases(&before.beyond(after, holder));
        if !gains.is_empty() || !loses.is_empty() {
            words.push(HolderWords { holder: name, gains, loses });
        }
    }
    words.sort_by(|a, b| a.holder.cmp(&b.holder));
    words
}

fn caution(change: &Change) -> Option<String> {
    match (change.action, change.id.kind) {
        (Action::Replace, _) => {
            let old = change.live.as_ref()?;
            let holders: Vec<String> = grants::holders(&old.value).iter().map(Holder::to_string).collect();
            Some(format!(
                "{} is deleted and made again, since the role of a binding can't be changed: until then {} \
                 may do nothing through it",
                change.id,
                holders.join(", ")
            ))
        }
        (Action::Delete, Kind::Namespace) => {
            Some(format!("{} is deleted with everything in it, whoever made it", change.id))
        }
        (Action::Delete, Kind::ServiceAccount) => Some(format!(
            "{} is deleted, and its tokens end with it: pods that run as it lose the API",
            change.id
        )),
        _ => None,
    }
}
