//! Values that remember which names they were asked for in vain.
//!
//! The engine says that `object.role.nmae` is undefined, not what else `object.role` has. So what a template sees is
//! given to it once more, and the value that was asked knows its names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};

/// The names that were asked for in vain, each with the value that was asked last.
#[derive(Clone, Debug, Default)]
pub struct Misses(Arc<Mutex<HashMap<String, Value>>>);

impl Misses {
    /// The value that does not have this name.
    pub fn of(&self, name: &str) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn add(&self, name: &str, value: &Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.clone());
    }
}

/// What a template sees, with each of its values watched.
pub fn context(context: &Value, misses: &Misses) -> Value {
    Value::from_pairs(names(context).into_iter().map(|name| {
        let value = context.get_attr(&name).unwrap_or_default();
        (name, watch(value, misses))
    }))
}

/// The names that a value has; none where it is no mapping.
pub fn names(value: &Value) -> Vec<String> {
    match value.kind() {
        ValueKind::Map => {
            value.try_iter().map(|keys| keys.map(|key| key.to_string()).collect()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn watch(value: Value, misses: &Misses) -> Value {
    match value.kind() {
        ValueKind::Map | ValueKind::Seq => Value::from_object(Watched { value, misses: misses.clone() }),
        _ => value,
    }
}

/// A mapping or a list that is watched, and so is what it holds.
#[derive(Debug)]
struct Watched {
    value: Value,
    misses: Misses,
}

impl Object for Watched {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.value.kind() {
            ValueKind::Seq => ObjectRepr::Seq,
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = self.value.get_item(key).ok().filter(|value| !value.is_undefined());
        if let (None, Some(name)) = (&found, key.as_str()) {
            self.misses.add(name, &self.value);
        }
        found.map(|value| watch(value, &self.misses))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.value.kind() {
            ValueKind::Seq => Enumerator::Seq(self.value.len().unwrap_or_default()),
            _ => Enumerator::Values(names(&self.value).into_iter().map(Value::from).collect()),
        }
    }
}
