//! Objects as templates see them: what a template asks for is made when it asks.
//!
//! A large workspace has many objects, and templates ask for each field once: mappings made beforehand would take
//! longer than what the template does.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object as View, ObjectRepr, Value};
use tegata_rbac::PolicyRule;

use crate::resolve::object::{Body, Grant, Object, Pairs, RBAC_GROUP};
use crate::yaml::part::{Items, Part};
use crate::yaml::tree::Tree;

/// An object: its kind, its metadata, and what its kind has.
impl View for Object {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(match (key, &self.body) {
            ("apiVersion", _) => Value::from(self.api_version()),
            ("kind", _) => Value::from(self.kind()),
            ("name", _) => Value::from(Arc::clone(&self.name)),
            ("namespace", _) => self.namespace.clone().map_or(Value::from(()), Value::from),
            ("labels", _) => Value::from_object(PairsView(Arc::clone(&self.labels))),
            ("annotations", _) => Value::from_object(PairsView(Arc::clone(&self.annotations))),
            ("automountToken", Body::ServiceAccount { automount_token, .. }) => Value::from(*automount_token),
            ("imagePullSecrets", Body::ServiceAccount { image_pull_secrets, .. }) => {
                texts(image_pull_secrets)
            }
            ("data", Body::ConfigMap { data }) => Value::from_object(PairsView(Arc::clone(data))),
            ("spec", Body::ResourceQuota(spec) | Body::Policy(spec) | Body::PolicyBinding(spec)) => {
                from_tree(spec)
            }
            ("rules", Body::Role { rules } | Body::ClusterRole { rules }) => {
                let view = |index| Value::from_object(RuleView { object: Arc::clone(self), index });
                Value::from((0..rules.len()).map(view).collect::<Vec<_>>())
            }
            ("role", Body::RoleBinding(_) | Body::ClusterRoleBinding(_)) => {
                Value::from_object(GrantView { object: Arc::clone(self), fields: &ROLE })
            }
            ("subject", Body::RoleBinding(_) | Body::ClusterRoleBinding(_)) => {
                Value::from_object(GrantView { object: Arc::clone(self), fields: &SUBJECT })
            }
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let own: &[&'static str] = match self.body {
            Body::Namespace => &[],
            Body::ServiceAccount { .. } => &["automountToken", "imagePullSecrets"],
            Body::ConfigMap { .. } => &["data"],
            Body::ResourceQuota(_) | Body::Policy(_) | Body::PolicyBinding(_) => &["spec"],
            Body::Role { .. } | Body::ClusterRole { .. } => &["rules"],
            Body::RoleBinding(_) | Body::ClusterRoleBinding(_) => &["role", "subject"],
        };
        let all = ["apiVersion", "kind", "name", "namespace", "labels", "annotations"];
        Enumerator::Values(all.iter().chain(own).map(|key| Value::from(*key)).collect())
    }
}

fn optional(text: Option<&String>) -> Value {
    text.map_or(Value::from(()), Value::from)
}

/// Labels, annotations or data.
#[derive(Debug)]
struct PairsView(Pairs);

impl View for PairsView {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| Value::from(value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(key, _)| Value::from(key)).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A rule of a role, by its index.
#[derive(Clone, Debug)]
struct RuleView {
    object: Arc<Object>,
    index: usize,
}

/// One of the lists that every rule has.
type List = fn(&PolicyRule) -> &[String];

/// The lists of a rule, as the API names them.
const LISTS: [(&str, List); 5] = [
    ("apiGroups", |rule| &rule.api_groups),
    ("resources", |rule| &rule.resources),
    ("resourceNames", |rule| &rule.resource_names),
    ("nonResourceURLs", |rule| &rule.non_resource_urls),
    ("verbs", |rule| &rule.verbs),
];

impl View for RuleView {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == "reason" {
            return Some(optional(self.object.rules().get(self.index)?.reason.as_ref()));
        }
        let (_, list) = LISTS.iter().find(|(name, _)| *name == key)?;
        Some(Value::from_object(TextsView { rule: RuleView::clone(self), list: *list }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["reason", "apiGroups", "resources", "resourceNames", "nonResourceURLs", "verbs"])
    }
}

/// A list of a rule.
#[derive(Debug)]
struct TextsView {
    rule: RuleView,
    list: List,
}

impl TextsView {
    fn texts(&self) -> &[String] {
        let rule = self.rule.object.rules().get(self.rule.index);
        rule.map_or(&[], |rule| (self.list)(&rule.rule))
    }
}

impl View for TextsView {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, index: &Value) -> Option<Value> {
        self.texts().get(index.as_usize()?).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.texts().len())
    }
}

/// A field of what a binding grants, or of whom it grants it.
type GrantField = (&'static str, fn(&Grant) -> Value);

const ROLE: [GrantField; 3] = [
    ("apiGroup", |_| Value::from(RBAC_GROUP)),
    ("kind", |grant| Value::from(grant.role_kind)),
    ("name", |grant| Value::from(Arc::clone(&grant.role))),
];

const SUBJECT: [GrantField; 3] = [
    ("kind", |_| Value::from("ServiceAccount")),
    ("name", |grant| Value::from(Arc::clone(&grant.subject))),
    ("namespace", |grant| Value::from(Arc::clone(&grant.subject_namespace))),
];

/// What a binding grants, or whom it grants it.
#[derive(Debug)]
struct GrantView {
    object: Arc<Object>,
    fields: &'static [GrantField],
}

impl View for GrantView {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let (_, field) = self.fields.iter().find(|(name, _)| *name == key)?;
        Some(field(self.object.grant()?))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields.iter().map(|(name, _)| Value::from(*name)).collect())
    }
}

/// A list of texts.
fn texts(list: &[String]) -> Value {
    Value::from(list.iter().map(Value::from).collect::<Vec<_>>())
}

/// A tree, all of it.
pub fn from_tree(tree: &Tree<'_>) -> Value {
    match tree {
        Tree::Null => Value::from(()),
        Tree::Boolean(value) => Value::from(*value),
        Tree::Number(number) => match (number.parse::<i64>(), number.parse::<f64>()) {
            (Ok(whole), _) => Value::from(whole),
            (_, Ok(float)) => Value::from(float),
            _ => Value::from(number.as_ref()),
        },
        Tree::Text(text) => Value::from(text.as_ref()),
        Tree::List(items) => Value::from(items.iter().map(from_tree).collect::<Vec<_>>()),
        Tree::Map(entries) => Value::from_pairs(
            entries.iter().map(|(key, value)| (Value::from(key.as_ref()), from_tree(value))),
        ),
    }
}

/// What a view shows, where it is one that is written as a whole.
pub fn part_of(value: &Value) -> Option<Part<'_>> {
    if let Some(PairsView(pairs)) = value.downcast_object_ref() {
        return Some(Part::pairs(pairs));
    }
    value.downcast_object_ref::<TextsView>().map(|list| Part::List(Items::Texts(list.texts())))
}
