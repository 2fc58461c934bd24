//! On the way from any old state to any new one, no account ever has more than before or more than after.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on fails, and that is its report"
)]

mod support;

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use serde_json::{Value, json};
use support::permissions::{State, of_account, permissions};
use support::{WORKSPACE, declared, live, observed_of};
use tegata_cluster::inventory::Inventory;
use tegata_cluster::plan::{Options, Prune, Work, plan, stages};

const RBAC: &str = "rbac.authorization.k8s.io/v1";
const ACCOUNTS: [&str; 2] = ["web/a", "web/b"];

/// A role with up to three rules, stars among them.
fn rules() -> impl Strategy<Value = Value> {
    let verbs = subsequence(vec!["get", "list", "watch", "*"], 1..3);
    let resources = subsequence(vec!["pods", "pods/log", "secrets", "*/log", "*"], 1..3);
    let rule = (verbs, resources)
        .prop_map(|(verbs, resources)| json!({ "apiGroups": [""], "verbs": verbs, "resources": resources }));
    prop::collection::vec(rule, 1..3).prop_map(Value::from)
}

/// Some of four roles, and some of four bindings of any of them to any accounts.
fn state() -> impl Strategy<Value = Vec<Value>> {
    let roles = prop::collection::vec(prop::option::weighted(0.95, rules()), 4);
    let subjects = subsequence(vec!["a", "b"], 1..=2);
    let bindings = prop::collection::vec(prop::option::weighted(0.95, (0..4_usize, subjects)), 4);
    (roles, bindings).prop_map(|(roles, bindings)| {
        let mut objects = Vec::new();
        for (number, rules) in roles.into_iter().enumerate() {
            let (kind, metadata) = place("Role", number);
            objects.extend(rules.map(|rules| {
                json!({
                    "apiVersion": RBAC, "kind": kind, "metadata": metadata, "rules": rules,
                })
            }));
        }
        for (number, binding) in bindings.into_iter().enumerate() {
            let (kind, metadata) = place("RoleBinding", number);
            objects.extend(binding.map(|(role, subjects)| {
                // A cluster's binding has a cluster's role.
                let (role_kind, _) = place("Role", if number < 2 { role } else { 2 + role % 2 });
                let name = format!("r{}", if number < 2 { role } else { 2 + role % 2 });
                let subjects: Vec<Value> = subjects
                    .iter()
                    .map(|name| json!({ "kind": "ServiceAccount", "name": name, "namespace": "web" }))
                    .collect();
                json!({
                    "apiVersion": RBAC, "kind": kind, "metadata": metadata, "subjects": subjects,
                    "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": name },
                })
            }));
        }
        objects
    })
}

/// The first two are a namespace's, the others the cluster's.
fn place(kind: &str, number: usize) -> (String, Value) {
    let name = format!("r{number}");
    if number < 2 {
        (kind.to_owned(), json!({ "name": name, "namespace": "web" }))
    } else {
        (format!("Cluster{kind}"), json!({ "name": name }))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_has_more_than_before_or_than_after(
        old in state(),
        new in state(),
        picks in prop::collection::vec(any::<Index>(), 64),
    ) {
        let inventory = Inventory::of(WORKSPACE, "main");
        let desired = declared(new);
        let mut objects = Vec::new();
        for (number, manifest) in declared(old).objects.into_iter().map(|declared| declared.manifest).enumerate() {
            let mut object = manifest;
            object["member"] = true.into();
            object["managers"] = json!({ "tegata": ["metadata.labels", "rules", "subjects", "roleRef"] });
            objects.push(live(object, number + 2, &inventory));
        }
        let web = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "web" } });
        objects.push(live(web, 1, &inventory));
        let observed = observed_of(objects, &desired, &inventory);
        let prune = Prune { limit: 100, count: None, namespaces: Vec::new() };
        let plan = plan(&desired, &observed, &inventory, &Options { prune: Some(prune), take: Vec::new() });
        prop_assert!(plan.refusals.is_empty(), "{:?}", plan.refusals);

        let mut state: State =
            observed.ours.iter().map(|(id, live)| (id.clone(), live.value.clone())).collect();
        let goal: State =
            desired.objects.iter().map(|declared| (declared.id.clone(), declared.manifest.clone())).collect();
        let (before, after) = (permissions(&state), permissions(&goal));
        let mut picks = picks.iter().cycle();
        for stage in stages(&plan) {
            let mut steps = stage.steps;
            while !steps.is_empty() {
                // The steps of a stage are done at once: any order has to do.
                let step = steps.swap_remove(picks.next().unwrap().index(steps.len()));
                match step.work {
                    Work::Delete { .. } => drop(state.remove(&step.id)),
                    Work::Apply { manifest, .. } => drop(state.insert(step.id.clone(), manifest)),
                }
                let now = permissions(&state);
                for account in ACCOUNTS {
                    let now = of_account(&now, account);
                    let (before, after) = (of_account(&before, account), of_account(&after, account));
                    prop_assert!(
                        now.is_subset(&before) || now.is_subset(&after),
                        "{account} after {}: {now:#?}\nbefore: {before:#?}\nafter: {after:#?}", step.id
                    );
                }
            }
        }
        prop_assert_eq!(permissions(&state), after);
        prop_assert!(state.keys().eq(goal.keys()));
    }
}
