//! A project of several accounts says which one its jobs run as, or that they run as none.

use super::Rule;
use crate::diagnostic::{self, Diagnostic};
use crate::load::Loaded;
use crate::resolve::Resolved;

pub const RULE: Rule = Rule {
    title: "a project of several accounts says which is the default",
    ids: &["no-default-account"],
    check,
};

fn check(_: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // With something wrong, the accounts may not be what they are going to be.
    if diagnostic::has_errors(diagnostics) {
        return;
    }
    for project in &resolved.projects {
        let accounts = &project.declared.accounts;
        let said = accounts.iter().any(|account| account.default.is_some());
        if let (false, [first, _, ..]) = (said, accounts.as_slice()) {
            diagnostics.push(
                Diagnostic::error(
                    "no-default-account",
                    first.name.span,
                    format!(
                        "jobs that extend nothing run as none of the {} accounts, and fail",
                        accounts.len()
                    ),
                )
                .help("write `default: true` at one of them, or `default: false` where that is meant")
                .warning(),
            );
        }
    }
}
