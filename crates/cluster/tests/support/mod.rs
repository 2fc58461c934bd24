//! Values as the server and `out/` have them, from a short form.
#![allow(dead_code, reason = "every test uses a part of it")]

pub mod permissions;

use std::collections::BTreeSet;

use camino::Utf8Path;
use serde_json::{Map, Value, json};
use tegata_cluster::desired::{Declared, Desired};
use tegata_cluster::fields::leaves;
use tegata_cluster::inventory::{Inventory, PART_OF};
use tegata_cluster::kinds::Kind;
use tegata_cluster::object::{Live, ObjectId};
use tegata_cluster::observe::Observed;

pub const WORKSPACE: &str = "example";

/// The documents of a case's file; none if it has no such file.
pub fn documents(case: &Utf8Path, file: &str) -> Vec<Value> {
    let Ok(text) = std::fs::read_to_string(case.join(file)) else { return Vec::new() };
    text.split("---\n")
        .filter(|document| !document.trim().is_empty())
        .map(|document| serde_yaml::from_str(document).unwrap())
        .collect()
}

/// Adds a key where it is not yet.
pub fn insert(object: &mut Value, pointer: &str, key: &str, value: Value) {
    object.pointer_mut(pointer).unwrap().as_object_mut().unwrap().entry(key).or_insert(value);
}

/// An object of the server, from the short form that `plans.rs` explains.
pub fn live(mut object: Value, number: usize, inventory: &Inventory) -> Live {
    insert(&mut object, "/metadata", "uid", format!("uid-{number}").into());
    insert(&mut object, "/metadata", "resourceVersion", number.to_string().into());
    let member = object.as_object_mut().unwrap().shift_remove("member");
    if member.is_some() {
        let labels = object.pointer_mut("/metadata/labels").unwrap().as_object_mut().unwrap();
        labels.insert(PART_OF.to_owned(), inventory.id.clone().into());
    }
    let managers = object.as_object_mut().unwrap().shift_remove("managers").unwrap_or(json!({}));
    let entries: Vec<Value> = managers
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, fields)| {
            let fields: Vec<&str> =
                fields.as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
            json!({
                "manager": name,
                "operation": if name == "tegata" { "Apply" } else { "Update" },
                "time": "2026-11-20T18:00:00Z",
                "fieldsType": "FieldsV1",
                "fieldsV1": fields_v1(&object, &fields),
            })
        })
        .collect();
    insert(&mut object, "/metadata", "managedFields", entries.into());
    let kind = Kind::of_name(object["kind"].as_str().unwrap()).unwrap();
    Live::of(kind, object).unwrap()
}

/// The leaves of some fields, as the server writes them down. A field is `rules`, or one leaf: `data.a`.
fn fields_v1(object: &Value, fields: &[&str]) -> Value {
    let mut all = json!({});
    for (path, _) in leaves(object) {
        let dotted: Vec<&str> = path.iter().map(|step| step.strip_prefix("f:").unwrap_or(step)).collect();
        let dotted = dotted.join(".");
        let is_meant = |field: &&&str| dotted == **field || dotted.starts_with(&format!("{field}."));
        if fields.iter().any(|field| is_meant(&field)) {
            let mut place = &mut all;
            for step in &path {
                place =
                    place.as_object_mut().unwrap().entry(step.as_str()).or_insert(Value::Object(Map::new()));
            }
        }
    }
    all
}

/// What `out/` has: manifests, to which tegata's labels are added.
pub fn declared(manifests: Vec<Value>) -> Desired {
    let mut objects = Vec::new();
    for (number, mut manifest) in manifests.into_iter().enumerate() {
        insert(&mut manifest, "/metadata", "labels", json!({}));
        insert(&mut manifest, "/metadata/labels", "app.kubernetes.io/managed-by", "tegata".into());
        insert(&mut manifest, "/metadata/labels", "tegata.dev/workspace", WORKSPACE.into());
        let id = ObjectId::of(&manifest).unwrap();
        objects.push(Declared {
            id,
            manifest,
            file: "out/kubernetes/main/case.yaml".into(),
            line: number * 10 + 1,
        });
    }
    Desired {
        workspace: WORKSPACE.to_owned(),
        cluster: "main".to_owned(),
        server: None,
        objects,
        cluster_scoped: BTreeSet::from([(String::new(), "nodes".to_owned())]),
        digest: String::new(),
    }
}

/// What `observe` would find among these objects.
pub fn observed_of(objects: Vec<Live>, desired: &Desired, inventory: &Inventory) -> Observed {
    let mut observed = Observed::default();
    let wanted: BTreeSet<&ObjectId> = desired.objects.iter().map(|declared| &declared.id).collect();
    for live in objects {
        if live.id == inventory.parent {
            observed.parent = Some(live);
        } else if inventory.is_ours(&live) {
            observed.ours.insert(live.id.clone(), live);
        } else if wanted.contains(&live.id) {
            observed.strangers.insert(live.id.clone(), live);
        } else if live.id.kind == Kind::Namespace {
            observed.namespaces.insert(live.id.name.clone(), live);
        }
    }
    observed
}
