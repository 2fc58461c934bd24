//! Files in the wrong folder: one word about where they belong, in place of many about how they differ from the
//! form of the folder.

use tegata_rbac::suggest::closest;

use super::Folder;
use crate::diagnostic::Diagnostic;
use crate::shape::text::shown;
use crate::shape::{Record, files as forms};
use crate::source::{Located, Span};
use crate::yaml::Node;

/// A file that belongs elsewhere.
pub struct Misplaced {
    /// What to do about it.
    pub diagnostic: Diagnostic,
    /// The folder in which others look for it by its name.
    pub meant: Option<Folder>,
}

/// The folders whose files are told by their fields. A role is told by its `kind`.
const FOLDERS: [(&str, &Record, Option<Folder>); 3] = [
    ("clusters", &forms::CLUSTER, Some(Folder::Clusters)),
    ("runners", &forms::RUNNER, Some(Folder::Runners)),
    ("projects", &forms::PROJECT, None),
];

/// Whether a file belongs elsewhere than into the folder `here`.
pub fn find(here: &str, node: &Node) -> Option<Misplaced> {
    match node.get("kind").and_then(Node::text) {
        Some(kind) if node.get("apiVersion").is_some() => manifest(here, &kind, node),
        _ => by_fields(here, node),
    }
}

fn misplaced(span: Span, message: String, help: String, meant: Option<Folder>) -> Option<Misplaced> {
    let diagnostic = Diagnostic::error("misplaced-file", span, message).help(help);
    Some(Misplaced { diagnostic, meant })
}

/// A manifest of Kubernetes: only ClusterRoles are read.
fn manifest(here: &str, kind: &Located<String>, node: &Node) -> Option<Misplaced> {
    let roles = Folder::Roles.name();
    let read = |known| closest(&kind.value, [known]).is_some() || kind.value == known;
    if here == roles && (read("ClusterRole") || kind.value == "Role") {
        return None;
    }
    let message = format!("this is a manifest of a {}, which is not read in {here}/", shown(&kind.value));
    let (help, meant) = match kind.value.as_str() {
        "ClusterRole" => (format!("move it to {roles}/"), Some(Folder::Roles)),
        "ServiceAccount" => (
            "declare the account by the line `- name: NAME` under `serviceAccounts:` of a project; the manifest is rendered"
                .to_owned(),
            None,
        ),
        "RoleBinding" | "ClusterRoleBinding" => (
            "name the role under `roles:` of an account, with its `scope`; the binding is rendered".to_owned(),
            None,
        ),
        _ if node.get("items").is_some() => (
            format!("write each ClusterRole of it to a file of its own in {roles}/"),
            None,
        ),
        _ => (format!("move it out of {here}/"), None),
    };
    misplaced(kind.span, message, help, meant)
}

/// A file that has all that another folder's form must have, and lacks what its own must have.
fn by_fields(here: &str, node: &Node) -> Option<Misplaced> {
    let first = node.entries().first()?;
    let is = |form: &Record| required(form).all(|name| node.get(name).is_some());
    if FOLDERS.iter().any(|(folder, form, _)| *folder == here && is(form)) {
        return None;
    }
    let (folder, form, meant) = FOLDERS.into_iter().find(|(_, form, _)| is(form) && telling(form, node))?;
    let message = format!("this is {}, and stands in {here}/", form.what);
    misplaced(first.key.span, message, format!("move it to {folder}/"), meant)
}

fn required(form: &Record) -> impl Iterator<Item = &'static str> {
    form.fields.iter().filter(|field| field.required).map(|field| field.name)
}

/// Whether a file that has what a form must have is meant by it: one field alone may be anything's.
fn telling(form: &Record, node: &Node) -> bool {
    required(form).count() > 1 || node.entries().iter().all(|entry| form.field(&entry.key.value).is_some())
}
