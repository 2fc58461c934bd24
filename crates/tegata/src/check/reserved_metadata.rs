//! Labels and annotations that tegata writes itself can't be written by hand: by them it knows what is its own.

use super::Rule;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;
use crate::resolve::objects::{DOMAIN, MANAGED_BY};
use crate::source::Located;

pub const RULE: Rule =
    Rule { title: "nobody writes tegata's own labels and annotations", ids: &["reserved-metadata"], check };

fn check(loaded: &Loaded, _: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut report = |pairs: &[(Located<String>, String)]| {
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
    };
    for role in loaded.roles.values() {
        report(&role.labels);
        report(&role.annotations);
    }
    for runner in loaded.runners.values() {
        report(&runner.namespace.labels);
    }
    for project in &loaded.projects {
        report(&project.namespace.labels);
        for account in &project.accounts {
            report(&account.annotations);
            if let Some(namespace) = &account.namespace {
                report(&namespace.labels);
            }
        }
    }
}
