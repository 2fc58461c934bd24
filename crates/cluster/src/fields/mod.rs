//! Which fields an object has, whose they are, and which differ.
//!
//! A field goes by its path in the notation of `managedFields` (FieldsV1): `f:` a key, `k:` the item of a list that
//! has these keys, `v:` the item of a set. What is compared are leaves, the smallest parts that server-side apply
//! gives to one manager.

mod compare;
mod leaves;
mod managers;

pub use compare::{Comparison, Difference, compare};
pub use leaves::{Path, Steps, leaves, value_at};
pub use managers::{Manager, Managers, taken_over};

use serde_json::{Map, Value};

/// A path as people read it: `spec.matchConditions[name=by-the-manager].expression`.
pub fn shown(path: &Steps) -> String {
    let mut text = String::new();
    for step in path {
        if let Some(field) = step.strip_prefix("f:") {
            let plain = field.chars().all(|character| character.is_alphanumeric() || character == '-');
            match (text.is_empty(), plain) {
                (true, _) => text.push_str(field),
                (false, true) => text = format!("{text}.{field}"),
                (false, false) => text = format!("{text}[{field}]"),
            }
        } else if let Some(keys) = step.strip_prefix("k:") {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let keys: Vec<String> =
                keys.iter().map(|(key, value)| format!("{key}={}", leaves::plain(value))).collect();
            text = format!("{text}[{}]", keys.join(","));
        } else {
            text = format!("{text}[{}]", step.strip_prefix("v:").unwrap_or(step).trim_matches('"'));
        }
    }
    text
}

/// An object of some leaves, in their order: what a diff shows.
pub fn assembled<'a>(leaves: impl IntoIterator<Item = (&'a Steps, &'a Value)>) -> Value {
    let mut whole = Value::Null;
    for (path, value) in leaves {
        put(&mut whole, path, value);
    }
    whole
}

fn put(place: &mut Value, path: &Steps, value: &Value) {
    let Some((step, rest)) = path.split_first() else {
        *place = value.clone();
        return;
    };
    if let Some(field) = step.strip_prefix("f:") {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        if let Some(fields) = place.as_object_mut() {
            put(fields.entry(field).or_insert(Value::Null), rest, value);
        }
        return;
    }
    if !place.is_array() {
        *place = Value::Array(Vec::new());
    }
    let Some(items) = place.as_array_mut() else { return };
    match items.iter_mut().find(|item| leaves::is_item(item, step)) {
        Some(item) => put(item, rest, value),
        None => {
            let mut item = leaves::keys_of(step);
            put(&mut item, rest, value);
            items.push(item);
        }
    }
}
