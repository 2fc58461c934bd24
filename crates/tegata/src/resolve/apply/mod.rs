//! The account of the pipeline that applies a workspace to a cluster, and what keeps it to that.
//!
//! RBAC bounds it by names (`rights.rs`): what it may write, and which roles it may bind. A
//! `ValidatingAdmissionPolicy` bounds what RBAC can't (`policy.rs`): what the objects say, and whose they are. Both are
//! made from what the workspace renders for the cluster (`contents.rs`), and both are out of the account's own reach:
//! an administrator applies them.

mod contents;
mod policy;
mod rights;

use std::collections::BTreeMap;

use tegata_runner::policy::MAX_TABLE_BYTES;

use super::object::{Body, Grant, Name, Object};
use super::objects::{Owner, sorted};
use super::output::{Content, outputs};
use super::{Cluster, Resolved, admission, names};
use crate::declared::Namespace;
use crate::diagnostic::Diagnostic;
use crate::shape::text::shown;
use crate::yaml::tree::Tree;
pub use contents::Contents;

/// The account of a cluster with its rights, its policy and, where that is asked for, its namespace.
pub fn objects(resolved: &Resolved<'_>, cluster: &Cluster<'_>) -> Vec<Object> {
    let Some(account) = &cluster.declared.apply_account else { return Vec::new() };
    let (workspace, name) = (resolved.workspace, cluster.declared.name.as_str());
    let Some(contents) = resolved.contents.get(name) else { return Vec::new() };
    let owner = Owner::of_apply_account(resolved, name);
    let (home, origin) = (Name::from(account.namespace.name.value.as_str()), account.name.span);
    let subject = Name::from(account.name.value.as_str());
    let mut objects = Vec::new();
    if account.namespace.create {
        objects.push(owner.namespace(&account.namespace));
    }
    let body = Body::ServiceAccount { automount_token: false, image_pull_secrets: Vec::new() };
    objects.push(owner.object(Some(&home), subject.clone(), body, origin));

    let role = Name::from(names::apply(workspace, name));
    let body = Body::ClusterRole { rules: rights::rules(contents) };
    objects.push(owner.object(None, role.clone(), body, origin));
    let grant =
        Grant { role_kind: "ClusterRole", role: role.clone(), subject_namespace: home.clone(), subject };
    objects.push(owner.object(None, role, Body::ClusterRoleBinding(grant), origin));

    let policy = names::policy(workspace, name, "apply");
    let bounds = policy::Bounds { workspace, home: &home, username: &names::username(account), contents };
    let spec = Tree::from(policy::spec(&bounds));
    objects.push(owner.object(None, policy.as_str(), Body::Policy(spec), origin));
    let binding = Tree::from(serde_json::json!({ "policyName": policy, "validationActions": ["Deny"] }));
    objects.push(owner.object(None, policy, Body::PolicyBinding(binding), origin));
    sorted(objects)
}

/// What the workspace renders for each cluster that has such an account.
pub fn contents<'a>(resolved: &Resolved<'a>) -> BTreeMap<&'a str, Contents> {
    let with_account =
        resolved.clusters.iter().filter(|(_, cluster)| cluster.declared.apply_account.is_some());
    with_account.map(|(name, _)| (*name, contents_of(resolved, name))).collect()
}

/// What the workspace renders for the cluster, but for the account itself.
fn contents_of(resolved: &Resolved<'_>, cluster: &str) -> Contents {
    let mut contents = Contents::new(resolved.workspace, cluster);
    let folder = format!("kubernetes/{cluster}/");
    for output in outputs(resolved) {
        if output.path.as_str().starts_with(&folder) && !matches!(output.content, Content::Apply(_)) {
            for object in output.objects(resolved) {
                contents.add(&object);
            }
        }
    }
    contents
}

/// Whether the account has a namespace of its own: whoever makes pods there can run them as it.
pub fn check_places(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (name, cluster) in &resolved.clusters {
        let Some(account) = &cluster.declared.apply_account else { continue };
        let home = &account.namespace.name;
        if account.name.value == "default" {
            diagnostics.push(
                Diagnostic::error(
                    "reserved-name",
                    account.name.span,
                    "every pod of the namespace that asks for no account runs as `default`",
                )
                .help("name it apart, such as `tegata-apply`, or leave `name` out"),
            );
        }
        let of_kubernetes = names::closed_to_jobs(&home.value);
        if of_kubernetes {
            diagnostics.push(
                Diagnostic::error(
                    "apply-account-namespace",
                    home.span,
                    format!(
                        "the apply account needs a namespace of its own, and `{}` is one of Kubernetes'",
                        shown(&home.value)
                    ),
                )
                .help("name one that nobody else uses: {name: tegata, create: true}"),
            );
        } else if let Some((span, whose)) = user_of(resolved, name, &account.namespace) {
            diagnostics.push(
                Diagnostic::error(
                    "apply-account-namespace",
                    home.span,
                    format!("the apply account would be in `{}`, which is the namespace of {whose}: who makes pods there could run them as it", shown(&home.value)),
                )
                .help("name one that nobody else uses: {name: tegata, create: true}")
                .related(span, "it is used here"),
            );
        }
    }
}

/// Who else uses a namespace on a cluster, and where that is said.
fn user_of(
    resolved: &Resolved<'_>,
    cluster: &str,
    home: &Namespace,
) -> Option<(crate::source::Span, &'static str)> {
    let is_home = |name: &str| name == home.name.value;
    let accounts = resolved.projects.iter().flat_map(|project| &project.accounts);
    let mut accounts = accounts.filter(|account| account.cluster == cluster);
    if let Some(account) = accounts.find(|account| is_home(&account.namespace.name.value)) {
        return Some((account.namespace.name.span, "CI jobs"));
    }
    let runners = resolved.runners.values().map(|runner| runner.declared);
    runners.filter(|runner| runner.cluster.value == cluster).find_map(|runner| {
        let manager = is_home(&runner.namespace.name.value)
            .then_some((runner.namespace.name.span, "a runner's manager"));
        let jobs = is_home(&runner.jobs_namespace.value)
            .then_some((runner.jobs_namespace.span, "jobs that ask for none"));
        manager.or(jobs)
    })
}

/// What is too large for the API server, now that all files are known.
pub fn check_size(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (name, cluster) in &resolved.clusters {
        let (Some(account), Some(contents)) = (&cluster.declared.apply_account, resolved.contents.get(name))
        else {
            continue;
        };
        let table: usize = contents.table().iter().map(String::len).sum();
        let bytes = table.max(contents.bytes_of_names());
        let span = account.name.span;
        if bytes > MAX_TABLE_BYTES {
            diagnostics.push(
                Diagnostic::error("apply-account-too-large", span, format!("the policy that bounds the apply account takes {bytes} bytes, and the API server at most {MAX_TABLE_BYTES}"))
                    .help("split the workspace, or leave `applyAccount` out and apply as an administrator"),
            );
        } else if bytes > admission::CLIENT_SIDE_BYTES {
            diagnostics.push(
                Diagnostic::error("apply-account-needs-server-side", span, format!("the policy that bounds the apply account takes {bytes} bytes, more than `kubectl apply` can note in an annotation"))
                    .help(format!("apply out/kubernetes/{name}/apply.yaml with `kubectl apply --server-side`"))
                    .warning(),
            );
        }
    }
}
