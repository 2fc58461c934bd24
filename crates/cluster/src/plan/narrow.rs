//! The way from an old role or binding to a new one on which nobody ever has more than before or than after.

use serde_json::Value;
use tegata_rbac::PolicyRule;
use tegata_rbac::overlap::{common, covers};

use crate::object::Live;
use crate::rules;

/// How the way begins.
pub(super) enum Beginning {
    /// Nothing is taken away: it is changed when permissions are given.
    Nothing,
    /// Nothing is given: it is changed when permissions are taken away.
    All,
    /// First it is brought to what both have in common.
    Common(Value),
}

/// How the change of an object begins.
pub(super) fn beginning(manifest: &Value, live: &Live) -> Beginning {
    if live.id.kind.is_role() {
        of_role(manifest, live)
    } else if live.id.kind.is_binding() {
        of_binding(manifest, live)
    } else {
        Beginning::Nothing
    }
}

fn of_role(manifest: &Value, live: &Live) -> Beginning {
    let (old, new) = (rules::of(&live.value), rules::of(manifest));
    if covers(&new, &old) {
        Beginning::Nothing
    } else if covers(&old, &new) {
        Beginning::All
    } else {
        let rules: Vec<Value> = common(&old, &new).iter().map(PolicyRule::clone).map(rules::value).collect();
        Beginning::Common(with(manifest, "rules", rules))
    }
}

fn of_binding(manifest: &Value, live: &Live) -> Beginning {
    let subjects = |object: &Value| -> Vec<Value> {
        object.get("subjects").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (old, new) = (subjects(&live.value), subjects(manifest));
    let both: Vec<Value> = old.iter().filter(|subject| new.contains(subject)).cloned().collect();
    if both.len() == old.len() {
        Beginning::Nothing
    } else if both.len() == new.len() {
        Beginning::All
    } else {
        Beginning::Common(with(manifest, "subjects", both))
    }
}

fn with(manifest: &Value, field: &str, list: Vec<Value>) -> Value {
    let mut manifest = manifest.clone();
    if let Some(fields) = manifest.as_object_mut() {
        fields.insert(field.to_owned(), Value::Array(list));
    }
    manifest
}
