//! Labels and annotations that tegata writes itself can't be written by hand: by them it knows what is its own.

use super::{Look, Rule};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;
use crate::resolve::objects::{DOMAIN, MANAGED_BY};
use crate::source::Located;

pub const RULE: Rule =
    Rule { title: "nobody writes tegata's own labels and annotations", ids: &["reserved-metadata"], check };

fn check<'a>(loaded: &'a Loaded, _: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) -> Look<'a> {
    for role in loaded.roles.values() {
        report(&role.labels, diagnostics);
        report(&role.annotations, diagnostics);
    }
    for account in loaded.clusters.values().filter_map(|cluster| cluster.apply_account.as_ref()) {
        report(&account.namespace.labels, diagnostics);
    }
    for runner in loaded.runners.values() {
        report(&runner.namespace.labels, diagnostics);
    }
    Box::new(|project, found| {
        report(&project.declared.namespace.labels, found);
        for account in &project.declared.accounts {
            report(&account.annotations, found);
            if let Some(namespace) = &account.namespace {
                report(&namespace.labels, found);
            }
        }
    })
}

fn report(pairs: &[(Located<String>, String)], diagnostics: &mut Vec<Diagnostic>) {
    let reserved = |key: &str| key == MANAGED_BY.0 || key.starts_with(DOMAIN);
    for (key, _) in pairs.iter().filter(|(key, _)| reserved(&key.value)) {
        diagnostics.push(
            Diagnostic::error(
                "reserved-metadata",
                key.span,
                format!("`{}` is written by tegata itself", key.value),
            )
            .help("remove it"),
        );
    }
}
