//! From what was resolved to the Kubernetes objects that say it.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};
use tegata_runner::policy;

use super::object::{Body, CommentedRule, Grant, Name, Object, Pairs};
use super::{Account, Project, Resolved, Role, Runner, admission, names};
use crate::declared::{Namespace, Scope};
use crate::source::{Located, Span};
use crate::yaml::tree::Tree;

/// The label that every object carries: what has it is tegata's, and nothing else is ever changed.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "tegata");
/// The label with the workspace.
pub const WORKSPACE_LABEL: &str = "tegata.dev/workspace";
/// The annotation with the GitLab project.
pub const PROJECT_ANNOTATION: &str = "tegata.dev/project";
/// The annotation with the runner.
pub const RUNNER_ANNOTATION: &str = "tegata.dev/runner";
/// The label of what makes up the account that applies to a cluster, with the cluster: an administrator applies it.
pub const APPLY_LABEL: &str = "tegata.dev/apply-account";
/// The domain of tegata's own labels and annotations.
pub const DOMAIN: &str = "tegata.dev/";

/// The labels of whatever is rendered for a workspace.
pub(super) fn labels(workspace: &str) -> Pairs {
    Arc::new(vec![
        (MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned()),
        (WORKSPACE_LABEL.to_owned(), workspace.to_owned()),
    ])
}

/// Whose an object is: its labels and annotations.
pub(super) struct Owner {
    labels: Pairs,
    annotations: Pairs,
}

impl Owner {
    pub(super) fn new(resolved: &Resolved<'_>, annotation: Option<(&str, &str)>) -> Owner {
        let annotations = annotation.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Owner { labels: Arc::clone(&resolved.labels), annotations: Arc::new(annotations.collect()) }
    }

    /// Who owns what makes up the account that applies to a cluster.
    pub(super) fn of_apply_account(resolved: &Resolved<'_>, cluster: &str) -> Owner {
        let mut owner = Owner::new(resolved, None);
        add(&mut owner.labels, [(APPLY_LABEL.to_owned(), cluster.to_owned())]);
        owner
    }

    pub(super) fn object(
        &self,
        namespace: Option<&Name>,
        name: impl Into<Name>,
        body: Body,
        origin: Span,
    ) -> Object {
        Object {
            namespace: namespace.cloned(),
            name: name.into(),
            labels: Arc::clone(&self.labels),
            annotations: Arc::clone(&self.annotations),
            body,
            origin,
        }
    }

    pub(super) fn namespace(&self, namespace: &Namespace) -> Object {
        let mut object =
            self.object(None, namespace.name.value.as_str(), Body::Namespace, namespace.name.span);
        extend(&mut object.labels, &namespace.labels);
        object
    }
}

/// Adds what people wrote.
fn extend(pairs: &mut Pairs, more: &[(Located<String>, String)]) {
    if !more.is_empty() {
        add(pairs, more.iter().map(|(key, value)| (key.value.clone(), value.clone())));
    }
}

/// Adds labels or annotations, all in the order of their keys: an edit moves nothing.
fn add(pairs: &mut Pairs, more: impl IntoIterator<Item = (String, String)>) {
    let pairs = Arc::make_mut(pairs);
    pairs.extend(more);
    pairs.sort();
}

/// The order in a file: what is needed first comes first, and within a kind by name, so that an edit of the
/// input moves nothing.
pub(super) fn sorted(mut objects: Vec<Object>) -> Vec<Object> {
    objects.sort_by(|a, b| (a.rank(), &a.namespace, &a.name).cmp(&(b.rank(), &b.namespace, &b.name)));
    objects
}

/// What a project has on one cluster.
pub fn of_project(resolved: &Resolved<'_>, project: &Project<'_>, cluster: &str) -> Vec<Object> {
    let owner = Owner::new(resolved, Some((PROJECT_ANNOTATION, &project.declared.path.value)));
    let accounts = || project.accounts.iter().filter(|account| account.cluster == cluster);
    let mut objects: Vec<Object> = Vec::new();
    let mut created = HashSet::new();
    for account in accounts() {
        let namespace = account.namespace;
        // Two declarations of one namespace are an error by now: the accounts that create it share theirs.
        if namespace.create && created.insert(namespace.name.value.as_str()) {
            objects.push(owner.namespace(namespace));
        }
        objects.extend(of_account(&owner, account));
    }
    sorted(objects)
}

fn of_account(owner: &Owner, account: &Account<'_>) -> Vec<Object> {
    let declared = account.declared;
    let name = Name::from(declared.name.value.as_str());
    let namespace = Name::from(account.namespace.name.value.as_str());
    let mut service_account = owner.object(
        Some(&namespace),
        name.clone(),
        Body::ServiceAccount {
            automount_token: declared.automount_token,
            image_pull_secrets: declared.image_pull_secrets.clone(),
        },
        declared.name.span,
    );
    extend(&mut service_account.annotations, &declared.annotations);
    let mut objects = vec![service_account];
    let grant = |role_kind, role: Name| Grant {
        role_kind,
        role,
        subject_namespace: namespace.clone(),
        subject: name.clone(),
    };
    if !declared.rules.is_empty() {
        let rules = declared.rules.iter().map(|rule| CommentedRule::from(rule.rule.clone())).collect();
        objects.push(owner.object(Some(&namespace), name.clone(), Body::Role { rules }, declared.name.span));
        let body = Body::RoleBinding(grant("Role", name.clone()));
        objects.push(owner.object(Some(&namespace), name.clone(), body, declared.name.span));
    }
    for binding in &account.roles {
        let declared = binding.declared;
        let role = &declared.cluster_role.value;
        let origin = declared.binding_name.as_ref().map_or(declared.cluster_role.span, |name| name.span);
        let binding_name = || declared.binding_name.as_ref().map(|name| name.value.clone());
        if declared.scope.value != Scope::Cluster {
            let own = binding_name().unwrap_or_else(|| names::role_binding(&name, role));
            objects.push(owner.object(
                Some(&namespace),
                own,
                Body::RoleBinding(grant("ClusterRole", role.as_str().into())),
                origin,
            ));
        }
        let everywhere = match declared.scope.value {
            Scope::Namespace => None,
            Scope::Cluster => Some(role.clone()),
            Scope::Split => binding.has_cluster_scoped.then(|| names::cluster_scoped_role(role)),
        };
        if let Some(role) = everywhere {
            let own = binding_name().unwrap_or_else(|| names::cluster_role_binding(&namespace, &name, &role));
            objects.push(owner.object(
                None,
                own,
                Body::ClusterRoleBinding(grant("ClusterRole", role.into())),
                origin,
            ));
        }
    }
    objects
}

/// A role of `roles/`, and the part of it that is cluster-scoped where an account has it split.
pub fn of_role(resolved: &Resolved<'_>, role: &Role<'_>) -> Vec<Object> {
    let owner = Owner::new(resolved, None);
    let declared = role.declared;
    let mut objects = Vec::new();
    if role.whole {
        let rules = declared.rules.iter().map(|rule| CommentedRule::from(rule.rule.clone())).collect();
        let mut whole =
            owner.object(None, declared.name.value.as_str(), Body::ClusterRole { rules }, declared.name.span);
        extend(&mut whole.labels, &declared.labels);
        extend(&mut whole.annotations, &declared.annotations);
        objects.push(whole);
    }
    if let Some(rules) = role.cluster_scoped.as_ref().filter(|rules| !rules.is_empty()) {
        let rules = rules.iter().cloned().map(CommentedRule::from).collect();
        let name = names::cluster_scoped_role(&declared.name.value);
        objects.push(owner.object(None, name, Body::ClusterRole { rules }, declared.name.span));
    }
    sorted(objects)
}

/// The policies of a runner and their table, which holds `data`, with the namespace that it lies in.
pub fn of_admission(resolved: &Resolved<'_>, runner: &Runner<'_>, data: Pairs) -> Vec<Object> {
    let (workspace, declared) = (resolved.workspace, runner.declared);
    let owner = Owner::new(resolved, Some((RUNNER_ANNOTATION, &declared.name)));
    let origin = declared.span;
    let home = Name::from(declared.namespace.name.value.as_str());
    let mut objects = Vec::new();
    if declared.namespace.create {
        objects.push(owner.namespace(&declared.namespace));
    }
    let policies = admission::policies(resolved, runner);
    if !policies.triples.is_empty() {
        objects.push(owner.object(Some(&home), policies.table.as_str(), Body::ConfigMap { data }, origin));
    }
    for found in policy::policies(&policies) {
        let name = Name::from(names::policy(workspace, &declared.name, found.part));
        let mut binding = Tree::from(found.binding);
        if let Tree::Map(entries) = &mut binding {
            entries.insert(0, ("policyName".into(), Tree::text(name.to_string())));
        }
        objects.push(owner.object(None, name.clone(), Body::Policy(Tree::from(found.spec)), origin));
        objects.push(owner.object(None, name, Body::PolicyBinding(binding), origin));
    }
    sorted(objects)
}

/// The namespace of jobs that ask for none: no pod is admitted to it, and nobody has rights there.
pub fn of_quarantine(resolved: &Resolved<'_>, namespace: &str, origin: Span) -> Vec<Object> {
    let owner = Owner::new(resolved, None);
    let namespace = Name::from(namespace);
    let mut object = owner.object(None, namespace.clone(), Body::Namespace, origin);
    let mode = |mode| (format!("pod-security.kubernetes.io/{mode}"), "restricted".to_owned());
    add(&mut object.labels, ["audit", "enforce", "warn"].map(mode));
    let hard = Tree::map([("hard", Tree::map([("pods", Tree::text("0"))]))]);
    let quota = owner.object(Some(&namespace), "no-pods", Body::ResourceQuota(hard), origin);
    sorted(vec![object, quota])
}

/// What a runner's manager needs: its account, what it may do, and a binding in each namespace that it serves.
pub fn of_runner(resolved: &Resolved<'_>, runner: &Runner<'_>) -> Vec<Object> {
    let declared = runner.declared;
    let owner = Owner::new(resolved, Some((RUNNER_ANNOTATION, &declared.name)));
    let origin = declared.span;
    let home = Name::from(declared.namespace.name.value.as_str());
    let release = Name::from(declared.release.as_str());
    let mut objects = Vec::new();
    // The policies' file comes first, and its table lies in this namespace.
    if declared.namespace.create && !admission::has_policies(runner) {
        objects.push(owner.namespace(&declared.namespace));
    }
    let account = Body::ServiceAccount { automount_token: true, image_pull_secrets: Vec::new() };
    objects.push(owner.object(Some(&home), release.clone(), account, origin));
    let name = Name::from(names::manager(&declared.name));
    let rules = super::runners::manager_rules(declared);
    objects.push(owner.object(None, name.clone(), Body::ClusterRole { rules }, origin));
    for namespace in &runner.namespaces {
        let grant = Grant {
            role_kind: "ClusterRole",
            role: name.clone(),
            subject_namespace: home.clone(),
            subject: release.clone(),
        };
        objects.push(owner.object(
            Some(&Name::from(*namespace)),
            name.clone(),
            Body::RoleBinding(grant),
            origin,
        ));
    }
    sorted(objects)
}
