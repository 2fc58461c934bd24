//! Rules of roles, from and to the form of manifests.

use serde_json::{Map, Value};
use tegata_rbac::PolicyRule;

/// The rules of a Role or ClusterRole.
pub fn of(role: &Value) -> Vec<PolicyRule> {
    let rules = role.get("rules").and_then(Value::as_array);
    rules.into_iter().flatten().map(rule).collect()
}

/// One rule, also as a review answers it.
pub fn rule(value: &Value) -> PolicyRule {
    let list = |name: &str| {
        let words = value.get(name).and_then(Value::as_array);
        words.into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    PolicyRule {
        api_groups: list("apiGroups"),
        resources: list("resources"),
        verbs: list("verbs"),
        resource_names: list("resourceNames"),
        non_resource_urls: list("nonResourceURLs"),
    }
}

/// A rule as a manifest has it.
pub fn value(rule: PolicyRule) -> Value {
    let lists = [
        ("apiGroups", rule.api_groups),
        ("resources", rule.resources),
        ("resourceNames", rule.resource_names),
        ("nonResourceURLs", rule.non_resource_urls),
        ("verbs", rule.verbs),
    ];
    let said = lists.into_iter().filter(|(_, list)| !list.is_empty());
    Value::Object(said.map(|(name, list)| (name.to_owned(), Value::from(list))).collect::<Map<_, _>>())
}
