//! Kubernetes objects as values.

use std::sync::Arc;

use tegata_rbac::PolicyRule;

use crate::source::Span;
use crate::yaml::tree::Tree;

/// The API group of roles and bindings.
pub const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// Labels, annotations or data, shared: the objects of a file mostly have the same labels.
pub type Pairs = Arc<Vec<(String, String)>>;

/// An object that is rendered.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its namespace; `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
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
    pub role: String,
    /// The namespace of the ServiceAccount that gets it.
    pub subject_namespace: String,
    /// The name of the ServiceAccount that gets it.
    pub subject: String,
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

    /// The object as the API server has to read it from what is rendered.
    pub fn tree(&self) -> Tree<'_> {
        let mut entries = vec![
            ("apiVersion", Tree::text(self.api_version())),
            ("kind", Tree::text(self.kind())),
            ("metadata", self.metadata()),
        ];
        match &self.body {
            Body::Namespace => {}
            Body::ServiceAccount { automount_token, image_pull_secrets } => {
                entries.push(("automountServiceAccountToken", Tree::Boolean(*automount_token)));
                if !image_pull_secrets.is_empty() {
                    let secrets = image_pull_secrets
                        .iter()
                        .map(|name| Tree::map([("name", Tree::text(name))]))
                        .collect();
                    entries.push(("imagePullSecrets", Tree::List(secrets)));
                }
            }
            Body::ConfigMap { data } => {
                entries.push(("data", pairs(data)));
            }
            Body::ResourceQuota(spec) | Body::Policy(spec) | Body::PolicyBinding(spec) => {
                entries.push(("spec", spec.clone()));
            }
            Body::Role { rules } | Body::ClusterRole { rules } => {
                entries.push(("rules", Tree::List(rules.iter().map(|rule| rule_tree(&rule.rule)).collect())));
            }
            Body::RoleBinding(grant) | Body::ClusterRoleBinding(grant) => {
                entries.push(("roleRef", grant.role_ref()));
                entries.push(("subjects", Tree::List(vec![grant.subject()])));
            }
        }
        Tree::map(entries)
    }

    fn metadata(&self) -> Tree<'_> {
        let mut entries = vec![("name", Tree::text(&self.name))];
        if let Some(namespace) = &self.namespace {
            entries.push(("namespace", Tree::text(namespace)));
        }
        entries.push(("labels", pairs(&self.labels)));
        if !self.annotations.is_empty() {
            entries.push(("annotations", pairs(&self.annotations)));
        }
        Tree::map(entries)
    }
}

fn pairs(pairs: &[(String, String)]) -> Tree<'_> {
    Tree::map(pairs.iter().map(|(key, value)| (key, Tree::text(value))))
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
    fn role_ref(&self) -> Tree<'_> {
        Tree::map([
            ("apiGroup", Tree::text(RBAC_GROUP)),
            ("kind", Tree::text(self.role_kind)),
            ("name", Tree::text(&self.role)),
        ])
    }

    fn subject(&self) -> Tree<'_> {
        Tree::map([
            ("kind", Tree::text("ServiceAccount")),
            ("name", Tree::text(&self.subject)),
            ("namespace", Tree::text(&self.subject_namespace)),
        ])
    }
}
