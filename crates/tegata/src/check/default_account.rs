//! A project of several accounts says which one its jobs run as, or that they run as none.

use super::{Look, Rule};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;

pub const RULE: Rule = Rule {
    title: "a project of several accounts says which is the default",
    ids: &["no-default-account"],
    check,
};

fn check<'a>(_: &'a Loaded, _: &'a Resolved<'a>, _: &mut Vec<Diagnostic>) -> Look<'a> {
    Box::new(|project, found| {
        let accounts = &project.declared.accounts;
        let said = accounts.iter().any(|account| account.default.is_some());
        if let (false, [first, _, ..]) = (said, accounts.as_slice()) {
            found.push(
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
    })
}
