//! What a workspace renders for a cluster, as the bounds of its apply account need it: names, and a table of
//! everything that objects may say which gives somebody something.
//!
//! An entry of the table has parts with `/` between them and stands between two `//`, so that it is found as a whole.
//! No part has a `/` that the API server would take there, or it is [`escaped`].

use std::collections::{BTreeMap, BTreeSet};

use tegata_rbac::PolicyRule;

use crate::resolve::names;
use crate::resolve::object::{Body, Object};
use crate::resolve::objects::{DOMAIN, MANAGED_BY, WORKSPACE_LABEL};

/// Of an expression, CEL reads 100,000 characters (`expressionSizeCodePointLimit` in cel-go's `parser/options.go`).
const TEXT_BYTES: usize = 60_000;

/// What is rendered for a cluster.
#[derive(Debug, Default)]
pub struct Contents {
    names: BTreeMap<&'static str, BTreeSet<String>>,
    bound: BTreeMap<&'static str, BTreeSet<String>>,
    table: BTreeSet<String>,
}

impl Contents {
    /// Nothing but the inventory, which apply keeps.
    pub fn new(workspace: &str, cluster: &str) -> Contents {
        let mut contents = Contents::default();
        let inventory = names::inventory(workspace, cluster);
        contents.table.insert(format!("configmaps/{}/{inventory}", names::INVENTORY_NAMESPACE));
        contents.names.entry("configmaps").or_default().insert(inventory);
        contents
    }

    /// Takes an object in.
    pub fn add(&mut self, object: &Object) {
        let resource = resource(&object.body);
        self.names.entry(resource).or_default().insert(object.name.to_string());
        let place = object.namespace.as_deref().unwrap_or("*");
        let id = format!("{resource}/{place}/{}", object.name);
        match &object.body {
            Body::Namespace | Body::ConfigMap { .. } | Body::ResourceQuota(_) => {}
            Body::ServiceAccount { image_pull_secrets, .. } => {
                self.table.extend(image_pull_secrets.iter().map(|secret| format!("pull/{id}/{secret}")));
            }
            Body::Role { rules } | Body::ClusterRole { rules } => {
                self.table.extend(rules.iter().map(|rule| format!("{id}/{}", rule_text(&rule.rule))));
            }
            Body::RoleBinding(grant) | Body::ClusterRoleBinding(grant) => {
                let roles = if grant.role_kind == "Role" { "roles" } else { "clusterroles" };
                self.bound.entry(roles).or_default().insert(grant.role.to_string());
                let subject = format!("{}/{}", grant.subject_namespace, grant.subject);
                self.table.insert(format!("{place}/{}/{}/{subject}", grant.role_kind, grant.role));
            }
            // No admission policy sees them.
            Body::Policy(_) | Body::PolicyBinding(_) => return,
        }
        self.table.insert(id.clone());
        let labels = object.labels.iter().filter(|(key, _)| key != MANAGED_BY.0 && key != WORKSPACE_LABEL);
        self.table.extend(labels.map(|(key, value)| format!("label/{id}/{key}={}", escaped(value))));
        let annotations = object.annotations.iter().filter(|(key, _)| !key.starts_with(DOMAIN));
        self.table.extend(annotations.map(|(key, value)| format!("note/{id}/{key}={}", escaped(value))));
    }

    /// The names of a resource's objects.
    pub fn names(&self, resource: &str) -> Vec<String> {
        self.names.get(resource).into_iter().flatten().cloned().collect()
    }

    /// The names of the roles that are bound, in the cluster or rendered: of `roles` or of `clusterroles`.
    pub fn bound(&self, resource: &str) -> Vec<String> {
        self.bound.get(resource).into_iter().flatten().cloned().collect()
    }

    /// The bytes of all names.
    pub fn bytes_of_names(&self) -> usize {
        self.names.values().chain(self.bound.values()).flatten().map(String::len).sum()
    }

    /// The table, in texts that CEL can read.
    pub fn table(&self) -> Vec<String> {
        let mut texts = vec!["//".to_owned()];
        for entry in &self.table {
            if texts.last().is_some_and(|text| text.len() + entry.len() > TEXT_BYTES) {
                texts.push("//".to_owned());
            }
            if let Some(text) = texts.last_mut() {
                text.push_str(entry);
                text.push_str("//");
            }
        }
        texts
    }
}

/// The resource of an object, in the plural.
fn resource(body: &Body) -> &'static str {
    match body {
        Body::Namespace => "namespaces",
        Body::ServiceAccount { .. } => "serviceaccounts",
        Body::Role { .. } => "roles",
        Body::ClusterRole { .. } => "clusterroles",
        Body::ConfigMap { .. } => "configmaps",
        Body::ResourceQuota(_) => "resourcequotas",
        Body::Policy(_) => "validatingadmissionpolicies",
        Body::PolicyBinding(_) => "validatingadmissionpolicybindings",
        Body::RoleBinding(_) => "rolebindings",
        Body::ClusterRoleBinding(_) => "clusterrolebindings",
    }
}

/// The signs that tell parts apart, and what stands for them where they are no such signs.
pub const ESCAPES: [(&str, &str); 4] = [("~", "~0"), ("/", "~1"), (",", "~2"), (";", "~3")];

/// A text without the signs that tell parts apart.
fn escaped(text: &str) -> String {
    ESCAPES.iter().fold(text.to_owned(), |text, (sign, stand_in)| text.replace(sign, stand_in))
}

/// The lists of a rule, in the order of its text.
pub const LISTS: [&str; 5] = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"];

/// A rule as one text. With a comma before each word, a list of an empty word is not an empty list.
fn rule_text(rule: &PolicyRule) -> String {
    let lists =
        [&rule.verbs, &rule.api_groups, &rule.resources, &rule.resource_names, &rule.non_resource_urls];
    let list =
        |words: &Vec<String>| words.iter().map(|word| format!(",{}", escaped(word))).collect::<String>();
    lists.map(list).join(";")
}
