//! Who manages which fields, as the server keeps it in `metadata.managedFields`.

use std::fmt;

use serde_json::{Map, Value, json};

use super::leaves::{Path, Steps};
use crate::kinds::Kind;
use crate::object::Live;
use crate::ownership::FIELD_MANAGER;

/// Somebody who manages fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manager {
    /// The name that it gave itself.
    pub name: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// When it last changed what it manages.
    pub time: String,
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.time.is_empty() { Ok(()) } else { write!(f, " since {}", self.time) }
    }
}

/// Who manages which fields of an object.
#[derive(Debug)]
pub struct Managers {
    /// The fields that we applied.
    ours: Vec<Path>,
    others: Vec<(Manager, Vec<Path>)>,
}

impl Managers {
    /// Those of an object.
    pub fn of(live: &Live) -> Managers {
        let mut managers = Managers { ours: Vec::new(), others: Vec::new() };
        let entries = live.value.pointer("/metadata/managedFields").and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut paths = Vec::new();
            if let Some(fields) = entry.get("fieldsV1") {
                collect(fields, &mut Vec::new(), &mut paths);
            }
            let manager = Manager { name: text("manager"), operation: text("operation"), time: text("time") };
            let by_us = manager.name == FIELD_MANAGER && manager.operation == "Apply";
            if by_us && text("subresource").is_empty() {
                managers.ours = paths;
            } else {
                managers.others.push((manager, paths));
            }
        }
        managers
    }

    /// Whether a field is among those that we applied.
    pub fn is_ours(&self, path: &Steps) -> bool {
        self.ours.iter().any(|ours| path.starts_with(ours))
    }

    /// The fields that we applied.
    pub fn ours(&self) -> &[Path] {
        &self.ours
    }

    /// Everybody else who manages a field, or a part of it, or what it is a part of.
    pub fn others_at(&self, path: &Steps) -> Vec<&Manager> {
        let meets = |theirs: &Path| path.starts_with(theirs) || theirs.starts_with(path);
        self.others.iter().filter(|(_, paths)| paths.iter().any(meets)).map(|(manager, _)| manager).collect()
    }

    /// The fields of others, each with who manages it.
    pub fn others(&self) -> impl Iterator<Item = (&Manager, &Path)> {
        self.others.iter().flat_map(|(manager, paths)| paths.iter().map(move |path| (manager, path)))
    }
}

/// The `managedFields` of an object in which what we declare is ours alone, and all else that makes up what the object
/// says as well: what of it we don't declare goes with our next apply.
pub fn taken_over(live: &Live, declared: &[(Path, Value)]) -> Value {
    let entries = live.value.pointer("/metadata/managedFields").and_then(Value::as_array);
    let mut ours = Value::Object(Map::new());
    let mut kept: Vec<Value> = Vec::new();
    for entry in entries.into_iter().flatten() {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        if !text("subresource").is_empty() {
            kept.push(entry.clone());
            continue;
        }
        let Some(fields) = entry.get("fieldsV1").and_then(Value::as_object) else { continue };
        if text("manager") == FIELD_MANAGER && text("operation") == "Apply" {
            merge(&mut ours, &Value::Object(fields.clone()));
            continue;
        }
        let mut theirs = Map::new();
        for (field, below) in fields {
            if is_taken(live.id.kind, field, declared) {
                merge(&mut ours, &json!({ field: below }));
            } else {
                theirs.insert(field.clone(), below.clone());
            }
        }
        let mut theirs = Value::Object(theirs);
        for (path, _) in declared {
            remove(&mut theirs, path);
        }
        let mut entry = entry.clone();
        if let Some(entry) = entry.as_object_mut().filter(|_| theirs != json!({})) {
            entry.insert("fieldsV1".to_owned(), theirs);
            kept.push(Value::Object(entry.clone()));
        }
    }
    kept.push(json!({
        "manager": FIELD_MANAGER,
        "operation": "Apply",
        "apiVersion": live.id.kind.api_version(),
        "fieldsType": "FieldsV1",
        "fieldsV1": ours,
    }));
    Value::Array(kept)
}

/// Whether a field at the top goes over as a whole. Of metadata, and of accounts, to which controllers add Secrets, only
/// what we declare does.
fn is_taken(kind: Kind, field: &str, declared: &[(Path, Value)]) -> bool {
    match (kind, field) {
        (_, "f:metadata" | "f:status") => false,
        (Kind::ServiceAccount | Kind::Namespace, _) => {
            declared.iter().any(|(path, _)| path.first().is_some_and(|first| first == field))
        }
        _ => true,
    }
}

fn merge(into: &mut Value, fields: &Value) {
    let (Some(into), Some(fields)) = (into.as_object_mut(), fields.as_object()) else { return };
    for (step, below) in fields {
        merge(into.entry(step.as_str()).or_insert_with(|| json!({})), below);
    }
}

fn remove(fields: &mut Value, path: &Steps) {
    let (Some((step, rest)), Some(fields)) = (path.split_first(), fields.as_object_mut()) else { return };
    if let (false, Some(below)) = (rest.is_empty(), fields.get_mut(step)) {
        remove(below, rest);
        if below.as_object().is_some_and(|below| below.keys().any(|step| step != ".")) {
            return;
        }
    }
    fields.shift_remove(step);
}

/// The leaves of a FieldsV1: `{}`, with or without the `.` that stands for the field itself.
fn collect(fields: &Value, path: &mut Path, found: &mut Vec<Path>) {
    let below: Vec<(&String, &Value)> =
        fields.as_object().into_iter().flatten().filter(|(step, _)| *step != ".").collect();
    if below.is_empty() {
        found.push(path.clone());
    }
    for (step, fields) in below {
        path.push(step.clone());
        collect(fields, path, found);
        path.pop();
    }
}
