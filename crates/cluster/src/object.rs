//! Objects by their identity, and as the server has them.

use std::fmt;

use serde_json::Value;

use crate::kinds::{Kind, encoded};

/// What makes an object this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace, where its kind has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl ObjectId {
    /// The identity that a manifest states: an error says what it lacks.
    pub fn of(manifest: &Value) -> Result<ObjectId, String> {
        let text = |pointer: &str| manifest.pointer(pointer).and_then(Value::as_str);
        let (api, kind) = (text("/apiVersion").unwrap_or_default(), text("/kind").unwrap_or_default());
        let kind = Kind::of_manifest(api, kind)
            .ok_or_else(|| format!("`{kind}` of `{api}` is no kind that tegata renders"))?;
        let name = text("/metadata/name").ok_or_else(|| format!("this {kind} has no name"))?;
        let namespace = text("/metadata/namespace");
        if namespace.is_some() != kind.is_namespaced() {
            let has = if namespace.is_some() { "has a namespace" } else { "has no namespace" };
            return Err(format!("{kind} {name} {has}"));
        }
        Ok(ObjectId { kind, namespace: namespace.map(str::to_owned), name: name.to_owned() })
    }

    /// Its own path.
    pub fn path(&self) -> String {
        format!("{}/{}", self.kind.path(self.namespace.as_deref()), encoded(&self.name))
    }

    /// As people name it to a command: `Kind/name` or `Kind/namespace/name`.
    pub fn argument(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", self.kind, self.name),
            None => format!("{}/{}", self.kind, self.name),
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// An object that the server has.
#[derive(Clone, Debug)]
pub struct Live {
    /// What it is.
    pub id: ObjectId,
    /// All that the server says of it.
    pub value: Value,
}

impl Live {
    /// What the server answers when it is asked for an object of this kind; lists leave the kind out.
    pub fn of(kind: Kind, mut value: Value) -> Result<Live, String> {
        let Some(fields) = value.as_object_mut() else { return Err(format!("a {kind} is no object")) };
        fields.insert("apiVersion".to_owned(), kind.api_version().into());
        fields.insert("kind".to_owned(), kind.name().into());
        let live = Live { id: ObjectId::of(&value)?, value };
        if live.uid().is_empty() || live.version().is_empty() {
            return Err(format!("{} has no uid or version", live.id));
        }
        Ok(live)
    }

    fn metadata(&self, field: &str) -> &str {
        self.value
            .get("metadata")
            .and_then(|data| data.get(field))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The identity of this object among all that ever had its name.
    pub fn uid(&self) -> &str {
        self.metadata("uid")
    }

    /// Its resourceVersion, which every change changes.
    pub fn version(&self) -> &str {
        self.metadata("resourceVersion")
    }

    /// Whether it is being deleted.
    pub fn is_going(&self) -> bool {
        !self.metadata("deletionTimestamp").is_empty()
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.value.get("metadata")?.get("labels")?.get(name)?.as_str()
    }
}
