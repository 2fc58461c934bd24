//! What we declare, beside what the server has.

use serde_json::{Value, json};

use super::leaves::{Path, Steps, is_nothing, leaves, value_at};
use super::managers::{Manager, Managers};
use super::{assembled, shown};
use crate::inventory::PART_OF;
use crate::kinds::Kind;
use crate::object::Live;

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Which.
    pub path: Path,
    /// Who else manages it: the server refuses to change what others manage.
    pub managed_by: Vec<Manager>,
}

/// An object as we declare it, compared with the one that the server has.
#[derive(Debug)]
pub struct Comparison {
    /// What the server has where we declare something, or did.
    pub before: Value,
    /// What we declare.
    pub after: Value,
    /// Where they differ.
    pub differences: Vec<Difference>,
    /// Fields that are as we declare them, and that we don't manage yet, with those who do.
    pub unmanaged: Vec<(Path, Vec<Manager>)>,
    /// Who else manages fields that are as we declare them, and ours.
    pub shared_with: Vec<Manager>,
    /// Fields that others added to what an object says, and that no apply of ours takes away.
    pub additions: Vec<(Path, Manager)>,
    /// Whether the object has to be taken into the inventory.
    pub enters_inventory: bool,
}

impl Comparison {
    /// What the server has, with what others added: what it has before all of that becomes ours.
    pub fn before_with_additions(&self, live: &Live) -> Value {
        let mut before = self.before.clone();
        for (path, _) in &self.additions {
            if let Some(value) = value_at(&live.value, path) {
                super::put(&mut before, path, value);
            }
        }
        before
    }
}

/// Compares. No request is needed: the server keeps with each object which fields are ours.
pub fn compare(declared: &Value, live: &Live) -> Comparison {
    let managers = Managers::of(live);
    let declared = leaves(declared);
    let mut comparison = Comparison {
        before: Value::Null,
        after: Value::Null,
        differences: Vec::new(),
        unmanaged: Vec::new(),
        shared_with: Vec::new(),
        additions: Vec::new(),
        enters_inventory: false,
    };
    let mut before: Vec<(Path, Value)> = Vec::new();
    let mut after: Vec<(Path, Value)> = Vec::new();
    for (path, value) in &declared {
        let there = value_at(&live.value, path).filter(|value| !is_nothing(value));
        let same = there.is_some_and(|there| says(there, value, path));
        if is_inventory_label(path) {
            comparison.enters_inventory = !same || !managers.is_ours(path);
            continue;
        }
        if same {
            before.push((path.clone(), value.clone()));
            let others = managers.others_at(path).into_iter().cloned();
            if managers.is_ours(path) {
                comparison.shared_with.extend(others);
            } else {
                comparison.unmanaged.push((path.clone(), others.collect()));
            }
        } else {
            before.extend(there.map(|there| (path.clone(), in_order_of(there, value))));
            let managed_by = match there {
                Some(_) => managers.others_at(path).into_iter().cloned().collect(),
                None => Vec::new(),
            };
            comparison.differences.push(Difference { path: path.clone(), managed_by });
        }
        after.push((path.clone(), value.clone()));
    }
    let is_declared = |path: &Steps| {
        declared.iter().any(|(declared, _)| path.starts_with(declared) || declared.starts_with(path))
    };
    for path in managers.ours().iter().filter(|path| !is_declared(path)) {
        // What another manages too stays when we let go of it.
        let stays = !managers.others_at(path).is_empty();
        if let (Some(there), false) = (value_at(&live.value, path), stays) {
            before.push((path.clone(), there.clone()));
            comparison.differences.push(Difference { path: path.clone(), managed_by: Vec::new() });
        }
    }
    for (manager, path) in managers.others() {
        if matters(live.id.kind, path) && !is_declared(path) && value_at(&live.value, path).is_some() {
            comparison.additions.push((path.clone(), manager.clone()));
        }
    }
    comparison.before = assembled(before.iter().map(|(path, value)| (path.as_slice(), value)));
    comparison.after = assembled(after.iter().map(|(path, value)| (path.as_slice(), value)));
    comparison
}

/// A value with its keys in the order of another: the server has an order of its own, which is no difference.
fn in_order_of(value: &Value, model: &Value) -> Value {
    match (value, model) {
        (Value::Object(fields), Value::Object(models)) => {
            let known = models
                .iter()
                .filter_map(|(name, model)| Some((name.clone(), in_order_of(fields.get(name)?, model))));
            let rest = fields.iter().filter(|(name, _)| !models.contains_key(*name));
            Value::Object(known.chain(rest.map(|(name, value)| (name.clone(), value.clone()))).collect())
        }
        (Value::Array(items), Value::Array(models)) => {
            // An item that has no counterpart is like the others.
            let model = |at: usize| models.get(at).or(models.last()).unwrap_or(&Value::Null);
            items.iter().enumerate().map(|(at, item)| in_order_of(item, model(at))).collect()
        }
        _ => value.clone(),
    }
}

fn is_inventory_label(path: &Steps) -> bool {
    matches!(path, [metadata, labels, label]
        if metadata == "f:metadata" && labels == "f:labels" && label.strip_prefix("f:") == Some(PART_OF))
}

/// Whether a field that others add changes what an object is for. Anybody may annotate, controllers write the status,
/// and some add Secrets to accounts.
fn matters(kind: Kind, path: &Steps) -> bool {
    let first = path.first().map_or("", String::as_str);
    !matches!(kind, Kind::ServiceAccount | Kind::Namespace)
        && !matches!(first, "f:metadata" | "f:status" | "f:immutable")
}

/// Whether what the server has is what we declare, but for what it fills in by itself.
fn says(there: &Value, declared: &Value, path: &Steps) -> bool {
    match (there, declared) {
        (Value::Object(there), Value::Object(fields)) => {
            let declared_say = fields.iter().all(|(name, value)| match there.get(name) {
                Some(there) => says(there, value, path),
                None => is_nothing(value),
            });
            let rest_is_default = there
                .iter()
                .filter(|(name, _)| !fields.contains_key(*name))
                .all(|(name, value)| is_default(path, name, value));
            declared_say && rest_is_default
        }
        (Value::Array(there), Value::Array(items)) => {
            there.len() == items.len() && there.iter().zip(items).all(|(there, item)| says(there, item, path))
        }
        _ => there == declared,
    }
}

/// What the server fills in where nothing is said (`SetDefaults_*` of admissionregistration/v1).
fn is_default(path: &Steps, name: &str, value: &Value) -> bool {
    let in_policy = shown(path).starts_with("spec.match");
    let is = |default: Value| in_policy && *value == default;
    match name {
        "scope" => is(json!("*")),
        "matchPolicy" => is(json!("Equivalent")),
        "namespaceSelector" | "objectSelector" => is(json!({})),
        _ => is_nothing(value),
    }
}
