//! The order in which a plan is carried out.
//!
//! First everything that takes permissions away, then what gives them: so each account goes from what it had down to
//! what it keeps, and from there up to what it gets, and has at no moment more than before or than after. What
//! protects (quotas, admission policies) is there before what it protects against, and goes after it.

use serde_json::Value;

use super::narrow::{Beginning, beginning};
use super::{Action, Change, Plan};
use crate::connect::Expect;
use crate::fields::{leaves, taken_over};
use crate::kinds::Kind;
use crate::object::{Live, ObjectId};

/// Steps that don't depend on each other.
#[derive(Debug)]
pub struct Stage {
    /// What is done in it.
    pub title: &'static str,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Step {
    /// The object.
    pub id: ObjectId,
    /// What is done to it.
    pub work: Work,
}

/// What is done to an object.
#[derive(Clone, Debug)]
pub enum Work {
    /// It is applied.
    Apply {
        /// How it will be.
        manifest: Value,
        /// What has to be there.
        expect: Expect,
        /// The `managedFields` that it has to have before, where others lose what they manage.
        take: Option<Value>,
    },
    /// It is deleted.
    Delete {
        /// The object that is meant.
        live: Box<Live>,
        /// Whether it goes for good, as a member of the inventory.
        member: bool,
    },
}

/// The stages of a plan, in order; empty ones are left out.
pub fn stages(plan: &Plan) -> Vec<Stage> {
    let mut taking: Vec<Step> = Vec::new();
    let mut giving: Vec<Step> = Vec::new();
    for change in &plan.changes {
        match (change.action, &change.manifest, &change.live) {
            (Action::Delete, _, Some(live)) => taking.push(delete(live, true)),
            (Action::Replace, Some(manifest), Some(live)) => {
                taking.push(delete(live, false));
                giving.push(apply(change, manifest, Expect::Absent));
            }
            (_, Some(manifest), None) => giving.push(apply(change, manifest, Expect::Absent)),
            (_, Some(manifest), Some(live)) => match beginning(manifest, live) {
                Beginning::Nothing => giving.push(apply(change, manifest, expect(live))),
                Beginning::All => taking.push(apply(change, manifest, expect(live))),
                Beginning::Common(common) => {
                    taking.push(apply(change, &common, expect(live)));
                    // What is taken over, the first step takes.
                    let second = Change { taken: false, ..change.clone() };
                    giving.push(apply(&second, manifest, expect(live)));
                }
            },
            (_, None, _) => {}
        }
    }
    let mut stages = Vec::new();
    let mut stage = |title, steps: &mut Vec<Step>, kinds: &[Kind]| {
        let steps: Vec<Step> = steps.extract_if(.., |step| kinds.contains(&step.id.kind)).collect();
        if !steps.is_empty() {
            stages.push(Stage { title, steps });
        }
    };
    use Kind::{
        ClusterRole, ClusterRoleBinding, ConfigMap, Namespace, Policy, PolicyBinding, ResourceQuota, Role,
        RoleBinding, ServiceAccount,
    };
    stage("bindings that go or shrink", &mut taking, &[RoleBinding, ClusterRoleBinding]);
    stage("roles that go or shrink", &mut taking, &[Role, ClusterRole]);
    stage("accounts that go", &mut taking, &[ServiceAccount]);
    stage("namespaces", &mut giving, &[Namespace]);
    stage("quotas", &mut giving, &[ResourceQuota]);
    stage("tables of the admission policies", &mut giving, &[ConfigMap]);
    stage("admission policies", &mut giving, &[Policy]);
    stage("bindings of the admission policies", &mut giving, &[PolicyBinding]);
    stage("accounts", &mut giving, &[ServiceAccount]);
    stage("roles", &mut giving, &[Role, ClusterRole]);
    stage("bindings", &mut giving, &[RoleBinding, ClusterRoleBinding]);
    stage("bindings of admission policies that go", &mut taking, &[PolicyBinding]);
    stage("admission policies that go", &mut taking, &[Policy]);
    stage("tables that go", &mut taking, &[ConfigMap]);
    stage("quotas that go", &mut taking, &[ResourceQuota]);
    stage("namespaces that go", &mut taking, &[Namespace]);
    stages
}

fn delete(live: &Live, member: bool) -> Step {
    Step { id: live.id.clone(), work: Work::Delete { live: Box::new(live.clone()), member } }
}

fn apply(change: &Change, manifest: &Value, expect: Expect) -> Step {
    let manifest = manifest.clone();
    let taken = change.live.as_ref().filter(|_| change.taken && expect != Expect::Absent);
    let take = taken.map(|live| taken_over(live, &leaves(&manifest)));
    Step { id: change.id.clone(), work: Work::Apply { manifest, expect, take } }
}

/// That it is still what was looked at. A quota's version is counted up by the server whenever usage changes.
fn expect(live: &Live) -> Expect {
    let uid = live.uid().to_owned();
    match live.id.kind {
        Kind::ResourceQuota => Expect::Uid(uid),
        _ => Expect::Version { uid, version: live.version().to_owned() },
    }
}
