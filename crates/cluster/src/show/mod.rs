//! A plan as people and programs read it.

pub mod human;
pub mod json;

use camino::Utf8Path;
use serde_json::Value;

use crate::kinds::Kind;
use crate::object::ObjectId;
use crate::plan::{Addition, Leftover, Stays};

/// Where a plan is for.
#[derive(Clone, Debug)]
pub struct Heading {
    /// The name of the workspace.
    pub workspace: String,
    /// The name of the cluster in the workspace.
    pub cluster: String,
    /// The address of its server.
    pub server: String,
}

/// What changes of an object, as a unified diff of what is ours.
pub fn diff(id: &ObjectId, before: &Value, after: &Value) -> String {
    let text = |value: &Value| match value {
        Value::Null => None,
        value => Some(serde_yaml::to_string(value).unwrap_or_else(|_| format!("{value:#}\n"))),
    };
    let (before, after) = (text(before), text(after));
    if before == after {
        return String::new();
    }
    let name = id.argument().replace('\n', "\\n");
    tegata::write::unified_diff(Utf8Path::new(&name), before.as_deref(), after.as_deref())
}

/// Why an object of ours stays, and what to do about it.
pub(crate) fn leftover(leftover: &Leftover) -> (&'static str, String, String) {
    let id = &leftover.id;
    match leftover.why {
        Stays::NotAsked if id.kind == Kind::ServiceAccount => (
            "not-in-out",
            format!(
                "{id} is no longer in out/: it keeps its rights, and no admission policy guards it any more"
            ),
            "`cargo xtask apply --prune` deletes it".to_owned(),
        ),
        Stays::NotAsked => (
            "not-in-out",
            format!("{id} is no longer in out/"),
            "`cargo xtask apply --prune` deletes it".to_owned(),
        ),
        Stays::Namespace => (
            "namespace-stays",
            format!("{id} is no longer in out/ and stays: namespaces are deleted by name only"),
            format!(
                "`cargo xtask apply --prune --prune-namespace {}` deletes it, with everything in it",
                id.name
            ),
        ),
        Stays::NotInInventory => (
            "not-in-inventory",
            format!("{id} has this workspace's labels, and is neither in out/ nor in the inventory"),
            "whoever made it has to delete it: tegata deletes only what it applied".to_owned(),
        ),
    }
}

pub(crate) fn addition(addition: &Addition) -> (&'static str, String, String) {
    (
        "foreign-field",
        format!(
            "{}: {} was added by {}, and no apply takes it away",
            addition.id,
            crate::fields::shown(&addition.path),
            addition.manager
        ),
        format!("remove it, or take the object: --take-ownership {}", addition.id.argument()),
    )
}
