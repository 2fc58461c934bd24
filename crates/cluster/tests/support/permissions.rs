//! What accounts may do through roles and bindings, question by question.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tegata_cluster::object::ObjectId;

const VERBS: [&str; 3] = ["get", "list", "watch"];
const RESOURCES: [&str; 3] = ["pods", "pods/log", "secrets"];

/// Account, namespace, verb, resource.
pub type Permissions = BTreeSet<(String, String, String, String)>;

/// Roles and bindings.
pub type State = BTreeMap<ObjectId, Value>;

/// What each account may do, question by question: as Kubernetes' authorizer decides it.
pub fn permissions(state: &State) -> Permissions {
    let mut all = BTreeSet::new();
    for (id, binding) in state.iter().filter(|(id, _)| id.kind.is_binding()) {
        let role = state.iter().find(|(role, _)| {
            role.kind.name() == binding["roleRef"]["kind"]
                && role.name == binding["roleRef"]["name"]
                && (role.namespace.is_none() || role.namespace == id.namespace)
        });
        let Some((_, role)) = role else { continue };
        let namespaces = id.namespace.as_deref().map_or_else(|| vec!["web", "other"], |name| vec![name]);
        for subject in binding["subjects"].as_array().into_iter().flatten() {
            for (verb, resource) in VERBS.iter().flat_map(|verb| RESOURCES.map(|resource| (verb, resource))) {
                if role["rules"].as_array().into_iter().flatten().any(|rule| allows(rule, verb, resource)) {
                    for namespace in &namespaces {
                        let text = |field: &str| subject[field].as_str().unwrap();
                        let account = format!("{}/{}", text("namespace"), text("name"));
                        all.insert((
                            account,
                            (*namespace).to_owned(),
                            (*verb).to_owned(),
                            resource.to_owned(),
                        ));
                    }
                }
            }
        }
    }
    all
}

fn allows(rule: &Value, verb: &str, resource: &str) -> bool {
    let has = |field: &str, word: &str| rule[field].as_array().unwrap().contains(&word.into());
    let subresource = resource.split_once('/').map(|(_, name)| format!("*/{name}"));
    (has("verbs", verb) || has("verbs", "*"))
        && (has("resources", resource)
            || has("resources", "*")
            || subresource.is_some_and(|any| has("resources", &any)))
}

/// What one account may do.
pub fn of_account(permissions: &Permissions, account: &str) -> BTreeSet<String> {
    permissions.iter().filter(|found| found.0 == account).map(|found| format!("{found:?}")).collect()
}
