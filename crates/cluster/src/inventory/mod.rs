//! The inventory: which objects are this workspace's to delete.
//!
//! It follows the ApplySet specification (KEP-3659, "ApplySet Specification"), so that other tools can read it: a
//! parent object, here a ConfigMap, says which kinds and namespaces have members, and each member has a label with the
//! parent's id. While an apply is under way, the parent names what was and what will be; at its end, what is.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tegata::resolve::names::{self, INVENTORY_NAMESPACE as HOME};
use tegata::resolve::objects::{MANAGED_BY, WORKSPACE_LABEL};

use crate::fault::Fault;
use crate::kinds::Kind;
use crate::object::{Live, ObjectId};
use crate::ownership::{Owner, owner};

/// The label of the members.
pub const PART_OF: &str = "applyset.kubernetes.io/part-of";
/// The label of the parent.
pub const ID: &str = "applyset.kubernetes.io/id";
const TOOLING: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";

/// All annotations of an object may have 262,144 bytes (`ValidateAnnotationsSize`); some are for the others.
const LONGEST: usize = 250_000;

/// A workspace's inventory.
#[derive(Clone, Debug)]
pub struct Inventory {
    workspace: String,
    /// The parent object.
    pub parent: ObjectId,
    /// Its id, which the members carry.
    pub id: String,
}

/// What a parent says of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    kinds: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Inventory {
    /// The inventory of a workspace's cluster. Each has its own: what was applied as one cluster's is not taken for
    /// another's, should somebody have the wrong server.
    pub fn of(workspace: &str, cluster: &str) -> Inventory {
        let name = names::inventory(workspace, cluster);
        // base64(sha256(<name>.<namespace>.<kind>.<group>)), URL-safe, between two known words.
        let hash = Sha256::digest(format!("{name}.{HOME}.ConfigMap."));
        let id = format!("applyset-{}-v1", URL_SAFE_NO_PAD.encode(hash));
        let parent = ObjectId { kind: Kind::ConfigMap, namespace: Some(HOME.to_owned()), name };
        Inventory { workspace: workspace.to_owned(), parent, id }
    }

    /// A manifest as a member.
    pub fn member(&self, mut manifest: Value) -> Value {
        if let Some(labels) = manifest.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.insert(PART_OF.to_owned(), self.id.clone().into());
        }
        manifest
    }

    /// Whether an object is a member.
    pub fn has(&self, live: &Live) -> bool {
        live.label(PART_OF) == Some(&self.id)
    }

    /// The inventory that an object is in, where it is another one.
    pub fn other<'a>(&self, live: &'a Live) -> Option<&'a str> {
        live.label(PART_OF).filter(|id| *id != self.id)
    }

    /// Whether an object has the labels of this workspace.
    pub fn is_ours(&self, live: &Live) -> bool {
        owner(live, &self.workspace) == Owner::Us
    }

    /// What a parent that exists says. One that another tool keeps is an error, as the specification wants.
    pub fn read(&self, parent: &Live) -> Result<Contents, Fault> {
        let annotation = |name: &str| {
            let annotations = parent.value.pointer("/metadata/annotations");
            annotations.and_then(|all| all.get(name)?.as_str()).unwrap_or_default()
        };
        let tool = annotation(TOOLING).split('/').next().unwrap_or_default();
        if tool != MANAGED_BY.1 || parent.label(ID) != Some(&self.id) {
            return Err(Fault::new(
                "foreign-inventory",
                format!("{} is not the inventory of this workspace (tool `{tool}`)", parent.id),
                "remove it if nobody needs it, or give the workspace another name",
            ));
        }
        let list = |name: &str| {
            annotation(name).split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        Ok(Contents { kinds: list(KINDS), namespaces: list(NAMESPACES) })
    }

    /// The parent with these contents.
    pub fn manifest(&self, contents: &Contents) -> Value {
        let joined =
            |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": self.parent.name,
                "namespace": HOME,
                "labels": {
                    (MANAGED_BY.0): MANAGED_BY.1,
                    (WORKSPACE_LABEL): self.workspace,
                    (ID): self.id,
                },
                "annotations": {
                    (TOOLING): format!("{}/v{}", MANAGED_BY.1, env!("CARGO_PKG_VERSION")),
                    (KINDS): joined(&contents.kinds),
                    (NAMESPACES): joined(&contents.namespaces),
                },
            },
        })
    }
}

impl Contents {
    /// What a parent of these members says.
    pub fn of<'a>(members: impl IntoIterator<Item = &'a ObjectId>) -> Contents {
        let mut contents = Contents::default();
        for member in members {
            contents.kinds.insert(member.kind.with_group());
            contents.namespaces.extend(member.namespace.clone().filter(|namespace| namespace != HOME));
        }
        contents
    }

    /// The same, where the server takes it: a list of namespaces that is longer than annotations may be is left out,
    /// and whoever reads the inventory has to look in all of them. We do anyway.
    pub fn fitting(&self) -> Contents {
        let length: usize = self.namespaces.iter().map(|name| name.len() + 1).sum();
        let namespaces = if length > LONGEST { BTreeSet::new() } else { self.namespaces.clone() };
        Contents { kinds: self.kinds.clone(), namespaces }
    }

    /// Both together.
    pub fn with(&self, other: &Contents) -> Contents {
        Contents { kinds: &self.kinds | &other.kinds, namespaces: &self.namespaces | &other.namespaces }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_specification_s() {
        let inventory = Inventory::of("example", "main");
        // printf %s inventory.main.example.tegata.dev.default.ConfigMap. | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(inventory.id, "applyset-59dm99LSbIG23OHjLnGnfmvvg04dT9UtXOB6VaOnLHA-v1");
    }

    #[test]
    fn too_many_namespaces_are_not_listed() {
        let role = |number: usize| ObjectId {
            kind: Kind::Role,
            namespace: Some(format!("namespace-{number}")),
            name: "a".to_owned(),
        };
        let some: Vec<ObjectId> = (0..10_000).map(role).collect();
        assert_eq!(Contents::of(&some).fitting(), Contents::of(&some));
        let many: Vec<ObjectId> = (0..20_000).map(role).collect();
        assert_eq!(Contents::of(&many).fitting().namespaces, BTreeSet::new());
    }

    #[test]
    fn what_is_written_is_read() {
        let inventory = Inventory::of("example", "main");
        let contents = Contents::of(&[
            ObjectId { kind: Kind::Role, namespace: Some("web".to_owned()), name: "a".to_owned() },
            ObjectId { kind: Kind::Namespace, namespace: None, name: "web".to_owned() },
        ]);
        let mut manifest = inventory.manifest(&contents);
        if let Some(metadata) = manifest.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("uid".to_owned(), "1".into());
            metadata.insert("resourceVersion".to_owned(), "1".into());
        }
        let parent = Live::of(Kind::ConfigMap, manifest).unwrap();
        assert_eq!(inventory.read(&parent), Ok(contents));
        assert!(Inventory::of("example", "staging").read(&parent).is_err());
    }
}
