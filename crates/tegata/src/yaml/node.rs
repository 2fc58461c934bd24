//! What was read, each part with its place.

use crate::source::{Located, Span};

/// Deeper than any file that makes sense; it bounds the recursion of everything that walks a node.
pub(super) const MAX_DEPTH: usize = 32;
/// More nodes than any file that makes sense, aliases counted as often as they are used.
pub(super) const MAX_NODES: usize = 100_000;

/// A value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A scalar as written; `plain` when it had no quotes, so that its type is YAML's to guess.
    Scalar {
        /// The text, escapes resolved.
        text: String,
        /// Whether it was written without quotes.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order written; keys are unique.
    Map(Vec<Entry>),
    /// What could not be read. That has been reported, so nobody else says a word about it.
    Unread,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Located<String>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key.value == key).map(|entry| &entry.value)
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar, with its place.
    pub fn text(&self) -> Option<Located<String>> {
        match &self.value {
            Value::Scalar { text, .. } => Some(Located::new(text.clone(), self.span)),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is `null`, written out or left empty.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if super::scalar::is_null(text))
    }

    /// As a JSON value, for parts of a file whose form others define (Helm's values, the runner's keys).
    /// Scalars are typed by YAML 1.2's core schema.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar { text, plain: false } => serde_json::Value::String(text.clone()),
            Value::Scalar { text, plain: true } => super::scalar::to_json(text),
            Value::Unread => serde_json::Value::Null,
            Value::List(items) => serde_json::Value::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|entry| (entry.key.value.clone(), entry.value.to_json())).collect(),
            ),
        }
    }

    /// The part that a path of keys and list indexes leads to: as far as it exists, so that a problem found
    /// in [`Node::to_json`]'s value can be shown where it was written.
    pub fn at_path<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Span {
        let mut node = self;
        let mut span = self.span;
        for step in path {
            let next = match &node.value {
                Value::Map(entries) => entries.iter().find(|entry| entry.key.value == step).map(|entry| {
                    span = entry.key.span;
                    &entry.value
                }),
                Value::List(items) => {
                    let item = step.parse::<usize>().ok().and_then(|index| items.get(index));
                    if let Some(item) = item {
                        span = item.span;
                    }
                    item
                }
                Value::Scalar { .. } | Value::Unread => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        span
    }
}
