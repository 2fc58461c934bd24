//! Who is bound to what: roles and bindings as values, and whom they reach.
//!
//! A binding reaches an account by its name, by its user name, or by one of its groups (Kubernetes' RBAC authorizer,
//! `appliesToUser` in `plugin/pkg/auth/authorizer/rbac`; the groups are those of `MakeGroupNames` in
//! `apiserver/pkg/authentication/serviceaccount`, and `system:authenticated`).

mod baseline;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use tegata::resolve::objects::{APPLY_LABEL, MANAGED_BY, WORKSPACE_LABEL};
use tegata_rbac::PolicyRule;

use crate::connect::{Server, Trouble};
use crate::kinds::Kind;
use crate::object::ObjectId;
use crate::rules;

pub use baseline::baseline;

/// How the user name of every ServiceAccount begins.
pub(crate) const ACCOUNT_USER: &str = "system:serviceaccount:";
/// How the group of all ServiceAccounts of a namespace begins.
pub(crate) const ACCOUNTS_GROUP: &str = "system:serviceaccounts:";

/// A ServiceAccount.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Account {
    /// An account.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Account {
        Account { namespace: namespace.into(), name: name.into() }
    }

    /// Its identity as an object.
    pub fn id(&self) -> ObjectId {
        ObjectId {
            kind: Kind::ServiceAccount,
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }

    /// Its name as a user.
    pub fn user(&self) -> String {
        format!("{ACCOUNT_USER}{}:{}", self.namespace, self.name)
    }

    fn has_group(&self, group: &str) -> bool {
        match group {
            "system:serviceaccounts" | "system:authenticated" => true,
            _ => group.strip_prefix(ACCOUNTS_GROUP) == Some(self.namespace.as_str()),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// Somebody whom a binding names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// `ServiceAccount`, `User` or `Group`.
    pub kind: String,
    /// The namespace of an account.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl Subject {
    /// Whether an account is meant.
    pub fn is(&self, account: &Account) -> bool {
        match self.kind.as_str() {
            "ServiceAccount" => self.namespace == account.namespace && self.name == account.name,
            "User" => self.name == account.user(),
            "Group" => account.has_group(&self.name),
            _ => false,
        }
    }
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What it is.
    pub id: ObjectId,
    /// The role that it gives.
    pub role: ObjectId,
    /// To whom.
    pub subjects: Vec<Subject>,
    /// Whether the server made it by itself, by its own label.
    pub is_default: bool,
    /// Whether it says that tegata made it.
    pub is_managed: bool,
    /// The workspace that it says it was applied from; what an administrator applied is of none.
    pub workspace: Option<String>,
}

impl Binding {
    fn of(id: &ObjectId, object: &Value) -> Binding {
        let text =
            |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = if text("/roleRef/kind") == "Role" { Kind::Role } else { Kind::ClusterRole };
        let namespace = id.namespace.clone().filter(|_| kind == Kind::Role);
        let label = |name: &str| object.pointer("/metadata/labels")?.get(name)?.as_str();
        let is_managed = label(MANAGED_BY.0) == Some(MANAGED_BY.1);
        let subjects = object.get("subjects").and_then(Value::as_array).into_iter().flatten();
        let subjects = subjects.map(|subject| {
            let text = |name: &str| subject.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (kind, mut namespace) = (text("kind"), text("namespace"));
            if kind == "ServiceAccount" && namespace.is_empty() {
                namespace = id.namespace.clone().unwrap_or_default();
            }
            Subject { kind, namespace, name: text("name") }
        });
        Binding {
            id: id.clone(),
            role: ObjectId { kind, namespace, name: text("/roleRef/name") },
            subjects: subjects.collect(),
            is_default: text("/metadata/labels/kubernetes.io~1bootstrapping") == "rbac-defaults",
            is_managed,
            workspace: label(WORKSPACE_LABEL)
                .filter(|_| is_managed && label(APPLY_LABEL).is_none())
                .map(str::to_owned),
        }
    }

    /// Whether it gives an account something in a namespace.
    pub fn reaches(&self, account: &Account, namespace: &str) -> bool {
        let here = self.id.namespace.as_deref().is_none_or(|of| of == namespace);
        here && self.names(account)
    }

    /// Whether it names an account, or a group that it is in.
    pub fn names(&self, account: &Account) -> bool {
        self.subjects.iter().any(|subject| subject.is(account))
    }
}

/// Roles and bindings.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// What each role allows.
    pub roles: BTreeMap<ObjectId, Vec<PolicyRule>>,
    /// The bindings.
    pub bindings: Vec<Binding>,
}

impl Standing {
    /// The roles and bindings among some objects.
    pub fn of<'a>(objects: impl IntoIterator<Item = (&'a ObjectId, &'a Value)>) -> Standing {
        let mut standing = Standing::default();
        for (id, object) in objects {
            standing.add(id, object);
        }
        standing
    }

    fn add(&mut self, id: &ObjectId, object: &Value) {
        if id.kind.is_role() {
            self.roles.insert(id.clone(), rules::of(object));
        } else if id.kind.is_binding() {
            self.bindings.push(Binding::of(id, object));
        }
    }

    /// All that a cluster has; with what could not be listed, and why.
    pub async fn look(server: &Server) -> (Standing, Vec<(Kind, Trouble)>) {
        let mut standing = Standing::default();
        let mut unseen = Vec::new();
        for kind in [Kind::Role, Kind::ClusterRole, Kind::RoleBinding, Kind::ClusterRoleBinding] {
            match server.list(kind, "").await {
                Ok(objects) => objects.iter().for_each(|live| standing.add(&live.id, &live.value)),
                Err(trouble) => unseen.push((kind, trouble)),
            }
        }
        (standing, unseen)
    }

    /// What a role allows; none if there is no such role.
    pub fn rules(&self, role: &ObjectId) -> Option<&[PolicyRule]> {
        self.roles.get(role).map(Vec::as_slice)
    }

    /// The bindings that give an account something in a namespace.
    pub fn reaching(&self, account: &Account, namespace: &str) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.reaches(account, namespace))
    }

    /// The binding of this identity.
    pub fn binding(&self, id: &ObjectId) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.id == *id)
    }
}
