//! The phrases of `can` and `cannot`: their syntax, and that what they speak of exists.

use std::collections::BTreeSet;

use tegata_rbac::Permission;

use super::{Look, Rule, at_accounts, with_place};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;
use crate::shape::text::shown;
use crate::source::Located;

pub const RULE: Rule = Rule {
    title: "`can` and `cannot` are phrases that ask something",
    ids: &["invalid-permission", "duplicate-entry"],
    check,
};

fn check<'a>(_: &'a Loaded, resolved: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) -> Look<'a> {
    at_accounts(resolved, diagnostics, |account, cluster, found| {
        for list in [&account.can, &account.cannot] {
            repeated(list, found);
        }
        for phrase in account.can.iter().chain(&account.cannot) {
            let Err(problem) = Permission::parse(&phrase.value, &cluster.catalogue) else { continue };
            // Quotes shift what stands in them by one.
            let written = phrase.span.range().len();
            let span = match written.checked_sub(phrase.value.len()) {
                Some(0) => phrase.span.part(problem.range),
                Some(2) => phrase.span.part(problem.range.start + 1..problem.range.end + 1),
                _ => phrase.span,
            };
            let help = with_place(&problem.help, &cluster.declared.name);
            found.push(Diagnostic::error("invalid-permission", span, problem.message).help(help));
        }
    })
}

/// Reports the phrases that a list has twice, as the lists of rules are.
fn repeated(phrases: &[Located<String>], found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for phrase in phrases.iter().filter(|phrase| !seen.insert(phrase.value.as_str())) {
        found.push(
            Diagnostic::error(
                "duplicate-entry",
                phrase.span,
                format!("`{}` is listed twice", shown(&phrase.value)),
            )
            .help("remove one of the two")
            .warning(),
        );
    }
}
