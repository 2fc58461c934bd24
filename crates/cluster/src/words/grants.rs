//! Who may do what through a set of roles and bindings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;
use tegata_rbac::PolicyRule;
use tegata_rbac::overlap::{covers, single_permissions};

use crate::desired::Desired;
use crate::kinds::Kind;
use crate::object::ObjectId;
use crate::rules;

/// Somebody who holds permissions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Holder {
    kind: String,
    namespace: String,
    name: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.as_str() {
            "ServiceAccount" => write!(f, "{}/{}", self.namespace, self.name),
            kind => write!(f, "{kind} {}", self.name),
        }
    }
}

/// What may be done, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Permission {
    /// The namespace, or everywhere.
    pub namespace: Option<String>,
    /// What is allowed.
    pub what: What,
}

/// What is allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// One verb on one resource or address.
    Single(PolicyRule),
    /// All that a role allows which is not of this workspace.
    Role(String),
}

/// Who may do what.
#[derive(Debug, Default)]
pub(super) struct Grants {
    by_holder: BTreeMap<Holder, BTreeSet<Permission>>,
}

impl Grants {
    /// Through these objects.
    pub(super) fn of(objects: &BTreeMap<&ObjectId, &Value>, desired: &Desired) -> Grants {
        let mut grants = Grants::default();
        for (id, binding) in objects.iter().filter(|(id, _)| id.kind.is_binding()) {
            let permissions = permissions(id, binding, objects, desired);
            for holder in holders(binding) {
                grants.by_holder.entry(holder).or_default().extend(permissions.iter().cloned());
            }
        }
        grants
    }

    pub(super) fn holders(&self) -> impl Iterator<Item = &Holder> {
        self.by_holder.keys()
    }

    /// What a holder has here and has not there.
    pub(super) fn beyond(&self, other: &Grants, holder: &Holder) -> Vec<Permission> {
        let there = other.by_holder.get(holder);
        let here = self.by_holder.get(holder).into_iter().flatten();
        here.filter(|permission| !there.is_some_and(|there| allows(there, permission))).cloned().collect()
    }
}

/// Whether permissions include one, perhaps by a wider scope or a `*`.
fn allows(permissions: &BTreeSet<Permission>, wanted: &Permission) -> bool {
    if permissions.contains(wanted) {
        return true;
    }
    let reaches =
        |permission: &&Permission| permission.namespace.is_none() || permission.namespace == wanted.namespace;
    let What::Single(rule) = &wanted.what else {
        return permissions.iter().filter(reaches).any(|permission| permission.what == wanted.what);
    };
    permissions.iter().filter(reaches).any(|permission| match &permission.what {
        What::Single(has) => covers(std::slice::from_ref(has), std::slice::from_ref(rule)),
        What::Role(_) => false,
    })
}

fn permissions(
    id: &ObjectId,
    binding: &Value,
    objects: &BTreeMap<&ObjectId, &Value>,
    desired: &Desired,
) -> Vec<Permission> {
    let namespace = id.namespace.clone();
    let text =
        |pointer: &str| binding.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = if text("/roleRef/kind") == "Role" { Kind::Role } else { Kind::ClusterRole };
    let role = ObjectId {
        kind,
        namespace: namespace.clone().filter(|_| kind == Kind::Role),
        name: text("/roleRef/name"),
    };
    let Some(object) = objects.get(&role) else {
        return vec![Permission { namespace, what: What::Role(role.to_string()) }];
    };
    let rules = rules::of(object);
    let singles = rules.iter().flat_map(single_permissions);
    singles
        .filter(|rule| namespace.is_none() || is_of_namespaces(rule, desired))
        .map(|rule| Permission { namespace: namespace.clone(), what: What::Single(rule) })
        .collect()
}

/// Whether a RoleBinding gives what one permission says: neither addresses nor the cluster's own resources are a
/// matter of a namespace.
fn is_of_namespaces(rule: &PolicyRule, desired: &Desired) -> bool {
    let word = |list: &[String]| list.first().cloned().unwrap_or_default();
    let plural = word(&rule.resources).split('/').next().unwrap_or_default().to_owned();
    rule.non_resource_urls.is_empty() && !desired.cluster_scoped.contains(&(word(&rule.api_groups), plural))
}

/// The subjects of a binding.
pub(super) fn holders(binding: &Value) -> Vec<Holder> {
    let subjects = binding.get("subjects").and_then(Value::as_array);
    subjects
        .into_iter()
        .flatten()
        .map(|subject| {
            let text = |name: &str| subject.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            Holder { kind: text("kind"), namespace: text("namespace"), name: text("name") }
        })
        .collect()
}

/// The role of a binding, as `Kind/name`.
pub(super) fn role_name(binding: &Value) -> String {
    let text =
        |name: &str| binding.get("roleRef").and_then(|role| role.get(name)?.as_str()).unwrap_or_default();
    format!("{}/{}", text("kind"), text("name"))
}
