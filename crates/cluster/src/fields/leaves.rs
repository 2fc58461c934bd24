//! An object as a list of leaves.

use serde_json::{Map, Value};

/// The way to a field.
pub type Path = Vec<String>;
/// The same, borrowed.
pub type Steps = [String];

/// How the server merges what lies at a path: the `x-kubernetes-list-type` and `x-kubernetes-map-type` of the kinds
/// that tegata renders (`k8s.io/kubernetes/api/openapi-spec`). Maps are merged key by key and lists replaced as a
/// whole unless they stand here.
enum Merge {
    /// One leaf.
    Whole,
    /// A list whose items go by this key; each is a leaf, or is merged itself.
    Keyed(&'static str, bool),
    /// A list without order, each item a leaf.
    Set,
    /// What its JSON looks like.
    Usual,
}

fn merge(path: &Steps) -> Merge {
    let names: Vec<&str> = path.iter().map(|step| step.strip_prefix("f:").unwrap_or(step)).collect();
    match names.as_slice() {
        ["roleRef"] | ["spec", "matchConstraints" | "paramKind" | "paramRef"] => Merge::Whole,
        ["spec", "matchConditions"] => Merge::Keyed("name", false),
        ["spec", "variables"] | ["imagePullSecrets"] => Merge::Keyed("name", true),
        ["spec", "validationActions"] => Merge::Set,
        _ => Merge::Usual,
    }
}

/// What identifies an object says nothing about it.
fn identifies(path: &Steps) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        names.as_slice(),
        ["f:apiVersion" | "f:kind"]
            | ["f:metadata", "f:name" | "f:namespace" | "f:uid" | "f:resourceVersion"]
    )
}

/// The leaves of what we declare, in its order.
pub fn leaves(object: &Value) -> Vec<(Path, Value)> {
    let mut found = Vec::new();
    collect(object, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, path: &mut Path, found: &mut Vec<(Path, Value)>) {
    if identifies(path) {
        return;
    }
    let how = merge(path);
    let mut below = |step: String, value: &Value, whole: bool| {
        path.push(step);
        if whole {
            found.push((path.clone(), value.clone()))
        } else {
            collect(value, path, found)
        }
        path.pop();
    };
    match (how, value) {
        (Merge::Usual, Value::Object(fields)) => {
            for (name, value) in fields {
                below(format!("f:{name}"), value, false);
            }
        }
        (Merge::Keyed(key, whole), Value::Array(items)) => {
            for item in items {
                let mut keys = Map::new();
                keys.insert(key.to_owned(), item.get(key).cloned().unwrap_or_default());
                below(format!("k:{}", Value::Object(keys)), item, whole);
            }
        }
        (Merge::Set, Value::Array(items)) => {
            for item in items {
                below(format!("v:{item}"), item, true);
            }
        }
        _ if is_nothing(value) => {}
        _ => found.push((path.clone(), value.clone())),
    }
}

/// Whether the server may as well leave it out.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// What an object has at a path.
pub fn value_at<'a>(object: &'a Value, path: &Steps) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, step| match step.strip_prefix("f:") {
        Some(field) => value.get(field),
        None => value.as_array()?.iter().find(|item| is_item(item, step)),
    })
}

/// Whether this is the item of a list that a step means.
pub(super) fn is_item(item: &Value, step: &str) -> bool {
    if let Some(keys) = step.strip_prefix("k:") {
        let keys: Option<Map<String, Value>> = serde_json::from_str(keys).ok();
        return keys.is_some_and(|keys| keys.iter().all(|(key, value)| item.get(key) == Some(value)));
    }
    step.strip_prefix("v:").and_then(|value| serde_json::from_str::<Value>(value).ok()).as_ref() == Some(item)
}

/// An item that has nothing but the keys by which a step finds it.
pub(super) fn keys_of(step: &str) -> Value {
    let keys = step.strip_prefix("k:").and_then(|keys| serde_json::from_str(keys).ok());
    keys.unwrap_or_default()
}

/// A text without its quotes, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
