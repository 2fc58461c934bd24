//! Whose an object is.

use tegata::resolve::objects::{APPLY_LABEL, MANAGED_BY, WORKSPACE_LABEL};

use crate::object::Live;

/// The name under which the server keeps which fields are ours.
pub const FIELD_MANAGER: &str = "tegata";

/// Whose an object is, by its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This workspace's.
    Us,
    /// Another workspace's, which has this name.
    Workspace(String),
    /// Nobody's that tegata knows.
    Nobody,
}

/// Whose an object is, from where a workspace stands.
pub fn owner(live: &Live, workspace: &str) -> Owner {
    let ours = live.label(MANAGED_BY.0) == Some(MANAGED_BY.1);
    match live.label(WORKSPACE_LABEL) {
        Some(name) if ours && name == workspace => Owner::Us,
        Some(name) if ours => Owner::Workspace(name.to_owned()),
        _ => Owner::Nobody,
    }
}

/// What selects the objects of a workspace, but for those of the apply account: an administrator applies these.
pub fn selector(workspace: &str) -> String {
    format!("{}={},{WORKSPACE_LABEL}={workspace},!{APPLY_LABEL}", MANAGED_BY.0, MANAGED_BY.1)
}
