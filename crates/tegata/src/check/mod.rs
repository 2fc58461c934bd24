//! Phase 3, *check*: rules over the workspace as a whole.
//!
//! A rule is a file here, with its id and what it is for, and a line in [`RULES`]. It reads what was resolved
//! and reports; it changes nothing.

mod default_account;
mod impersonators;
mod manager_takers;
mod namespaced_rules;
mod permissions;
mod policy_writers;
mod reserved_metadata;
mod role_files;
mod role_rules;
mod tokens;
mod unused;

use tegata_rbac::check::AMONG_CUSTOM_RESOURCES;

use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;

/// A rule.
pub struct Rule {
    /// What it looks for, in one line.
    pub title: &'static str,
    /// The ids of what it reports.
    pub ids: &'static [&'static str],
    /// Looks.
    pub check: fn(&Loaded, &Resolved<'_>, &mut Vec<Diagnostic>),
}

/// All rules, in the order in which they look; the last one looks only where nothing is wrong.
pub const RULES: &[Rule] = &[
    role_files::RULE,
    role_rules::RULE,
    namespaced_rules::RULE,
    permissions::RULE,
    policy_writers::RULE,
    impersonators::RULE,
    manager_takers::RULE,
    reserved_metadata::RULE,
    tokens::RULE,
    default_account::RULE,
    unused::RULE,
];

/// Applies all rules.
pub fn check(loaded: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for rule in RULES {
        (rule.check)(loaded, resolved, diagnostics);
    }
}

/// Whether a list of a PolicyRule names a group, a resource or a verb, or all of them.
fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|entry| entry == word || entry == "*")
}

/// A help that says where in the workspace a custom resource is declared.
fn with_place(help: &str, cluster: &str) -> String {
    help.replace(AMONG_CUSTOM_RESOURCES, &format!("in clusters/{cluster}.yaml under customResources"))
}
