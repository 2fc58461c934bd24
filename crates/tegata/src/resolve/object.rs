//! Kubernetes objects as values.

use std::sync::Arc;

use tegata_rbac::PolicyRule;

use crate::source::Span;
use crate::yaml::part::{Items, Part};
use crate::yaml::tree::Tree;

/// The API group of roles and bindings.
pub const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// Labels, annotations or data, shared: the objects of a file mostly have the same labels.
pub type Pairs = Arc<Vec<(String, String)>>;

/// A name, shared by the objects that name it.
pub type Name = Arc<str>;

/// An object that is rendered.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its namespace; `None` for cluster-scoped objects.
    pub namespace: Option<Name>,
    /// Its name.
    pub name: Name,
    /// Its labels, in the order in which they are rendered.
    pub labels: Pairs,
    /// Its annotations, in the order in which they are rendered.
    pub annotations: Pairs,
    /// What it says besides.
    pub body: Body,
    /// Where its name was declared.
    pub origin: Span,
}

/// What an object says, by its kind.
#[derive(Clone, Debug)]
pub enum Body {
    /// A Namespace.
    Namespace,
    /// A ServiceAccount.
    ServiceAccount {
        /// Whether pods get its token.
        automount_token: bool,
        /// The Secrets that its pods pull images with.
        image_pull_secrets: Vec<String>,
    },
    /// A Role.
    Role {
        /// What it permits.
        rules: Vec<CommentedRule>,
    },
    /// A ClusterRole.
    ClusterRole {
        /// What it permits.
        rules: Vec<CommentedRule>,
    },
    /// A ConfigMap.
    ConfigMap {
        /// What it holds.
        data: Pairs,
    },
    /// A ResourceQuota.
    ResourceQuota(Tree<'static>),
    /// A ValidatingAdmissionPolicy: its `spec`.
    Policy(Tree<'static>),
    /// A ValidatingAdmissionPolicyBinding: its `spec`.
    PolicyBinding(Tree<'static>),
    /// A RoleBinding.
    RoleBinding(Grant),
    /// A ClusterRoleBinding.
    ClusterRoleBinding(Grant),
}

/// A rule and, where there is one, the reason why it is there.
#[derive(Clone, Debug)]
pub struct CommentedRule {
    /// What is permitted.
    pub rule: PolicyRule,
    /// Why, on one line.
    pub reason: Option<String>,
}

impl From<PolicyRule> for CommentedRule {
    fn from(rule: PolicyRule) -> CommentedRule {
        CommentedRule { rule, reason: None }
    }
}

/// Who gets what by a binding.
#[derive(Clone, Debug)]
pub struct Grant {
    /// `Role` or `ClusterRole`.
    pub role_kind: &'static str,
    /// The name of the role.
    pub role: Name,
    /// The namespace of the ServiceAccount that gets it.
    pub subject_namespace: Name,
    /// The name of the ServiceAccount that gets it.
    pub subject: Name,
}

impl Object {
    /// Its kind.
    pub fn kind(&self) -> &'static str {
        match self.body {
            Body::Namespace => "Namespace",
            Body::ServiceAccount { .. } => "ServiceAccount",
            Body::ConfigMap { .. } => "ConfigMap",
            Body::ResourceQuota(_) => "ResourceQuota",
            Body::Policy(_) => "ValidatingAdmissionPolicy",
            Body::PolicyBinding(_) => "ValidatingAdmissionPolicyBinding",
            Body::Role { .. } => "Role",
            Body::ClusterRole { .. } => "ClusterRole",
            Body::RoleBinding(_) => "RoleBinding",
            Body::ClusterRoleBinding(_) => "ClusterRoleBinding",
        }
    }

    /// Its kind's API.
    pub fn api_version(&self) -> &'static str {
        match self.body {
            Body::Namespace
            | Body::ServiceAccount { .. }
            | Body::ConfigMap { .. }
            | Body::ResourceQuota(_) => "v1",
            Body::Policy(_) | Body::PolicyBinding(_) => "admissionregistration.k8s.io/v1",
            _ => "rbac.authorization.k8s.io/v1",
        }
    }

    /// What it permits, where it is a role.
    pub fn rules(&self) -> &[CommentedRule] {
        match &self.body {
            Body::Role { rules } | Body::ClusterRole { rules } => rules,
            _ => &[],
        }
    }

    /// What it grants, where it is a binding.
    pub fn grant(&self) -> Option<&Grant> {
        match &self.body {
            Body::RoleBinding(grant) | Body::ClusterRoleBinding(grant) => Some(grant),
            _ => None,
        }
    }

    /// What comes first is needed by what follows.
    pub fn rank(&self) -> u8 {
        match self.body {
            Body::Namespace => 0,
            // What protects comes before what grants, and a table before the policy that reads it.
            Body::ResourceQuota(_) => 1,
            Body::ConfigMap { .. } => 2,
            Body::Policy(_) => 3,
            Body::PolicyBinding(_) => 4,
            Body::ServiceAccount { .. } => 5,
            Body::Role { .. } => 6,
            Body::ClusterRole { .. } => 7,
            Body::RoleBinding(_) => 8,
            Body::ClusterRoleBinding(_) => 9,
        }
    }

    /// Shows the object as the API server has to read it from what is rendered.
    pub fn show<R>(&self, look: impl FnOnce(Part<'_>) -> R) -> R {
        const NONE: (&str, Part<'_>) = ("", Part::Absent);
        let metadata = [
            ("name", Part::Text(&self.name)),
            ("namespace", self.namespace.as_deref().map_or(Part::Absent, Part::Text)),
            ("labels", Part::pairs(&self.labels)),
            ("annotations", or_absent(&self.annotations, Part::pairs(&self.annotations))),
        ];
        let show = |first, second| {
            look(Part::fields(&[
                ("apiVersion", Part::Text(self.api_version())),
                ("kind", Part::Text(self.kind())),
                ("metadata", Part::fields(&metadata)),
                first,
                second,
            ]))
        };
        match &self.body {
            Body::Namespace => show(NONE, NONE),
            Body::ServiceAccount { automount_token, image_pull_secrets } => {
                let secrets: Vec<_> =
                    image_pull_secrets.iter().map(|name| [("name", Part::Text(name))]).collect();
                let secrets: Vec<_> = secrets.iter().map(|fields| Part::fields(fields)).collect();
                let list = or_absent(&secrets, Part::List(Items::Parts(&secrets)));
                show(
                    ("automountServiceAccountToken", Part::Boolean(*automount_token)),
                    ("imagePullSecrets", list),
                )
            }
            Body::ConfigMap { data } => show(("data", Part::pairs(data)), NONE),
            Body::ResourceQuota(spec) | Body::Policy(spec) | Body::PolicyBinding(spec) => {
                show(("spec", Part::from(spec)), NONE)
            }
            Body::Role { rules } | Body::ClusterRole { rules } => {
                let rules: Vec<Tree<'_>> = rules.iter().map(|rule| rule_tree(&rule.rule)).collect();
                show(("rules", Part::List(Items::Trees(&rules))), NONE)
            }
            Body::RoleBinding(grant) | Body::ClusterRoleBinding(grant) => {
                let (role, subject) = (grant.role_ref(), grant.subject());
                let subjects = [Part::fields(&subject)];
                show(("roleRef", Part::fields(&role)), ("subjects", Part::List(Items::Parts(&subjects))))
            }
        }
    }

    /// The object as the API server has to read it from what is rendered, for who keeps it.
    pub fn tree(&self) -> Tree<'static> {
        self.show(|object| object.to_tree())
    }
}

fn or_absent<'e, T>(list: &[T], part: Part<'e>) -> Part<'e> {
    if list.is_empty() { Part::Absent } else { part }
}

/// A PolicyRule in Kubernetes' form; lists that are empty are left out, but for the verbs.
pub fn rule_tree(rule: &PolicyRule) -> Tree<'_> {
    let lists = [
        ("apiGroups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.resource_names),
        ("nonResourceURLs", &rule.non_resource_urls),
        ("verbs", &rule.verbs),
    ];
    Tree::map(
        lists
            .into_iter()
            .filter(|(name, list)| *name == "verbs" || !list.is_empty())
            .map(|(name, list)| (name, Tree::texts(list))),
    )
}

impl Grant {
    fn role_ref(&self) -> [(&str, Part<'_>); 3] {
        [
            ("apiGroup", Part::Text(RBAC_GROUP)),
            ("kind", Part::Text(self.role_kind)),
            ("name", Part::Text(&self.role)),
        ]
    }

    fn subject(&self) -> [(&str, Part<'_>); 3] {
        [
            ("kind", Part::Text("ServiceAccount")),
            ("name", Part::Text(&self.subject)),
            ("namespace", Part::Text(&self.subject_namespace)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::part::Entries;
    use crate::yaml::plain::is_plain;

    fn fields_are_plain(part: Part<'_>) -> bool {
        match part {
            Part::Map(entries) => entries.iter().all(|(name, value)| {
                fields_are_plain(value) && (is_plain(name) || !matches!(entries, Entries::Fields(_)))
            }),
            Part::List(items) => items.iter().all(fields_are_plain),
            _ => true,
        }
    }

    #[test]
    fn names_of_fields_need_no_quotes() {
        let grant =
            Grant { role_kind: "Role", role: "r".into(), subject_namespace: "n".into(), subject: "a".into() };
        let pairs = Arc::new(vec![("a: b".to_owned(), "c".to_owned())]);
        let secrets = vec!["s".to_owned()];
        for body in [
            Body::Namespace,
            Body::ServiceAccount { automount_token: true, image_pull_secrets: secrets },
            Body::ConfigMap { data: Arc::clone(&pairs) },
            Body::Role { rules: vec![CommentedRule::from(PolicyRule::default())] },
            Body::RoleBinding(grant),
        ] {
            let (labels, annotations) = (Arc::clone(&pairs), Arc::clone(&pairs));
            let namespace = Some("n".into());
            let origin = Span::new(FileId::at(0), 0..0);
            let object = Object { namespace, name: "a".into(), labels, annotations, body, origin };
            assert!(object.show(fields_are_plain), "{}", object.kind());
            let tree = object.tree();
            assert!(object.show(|shown| shown.is(&tree)), "{}", object.kind());
        }
    }
}
