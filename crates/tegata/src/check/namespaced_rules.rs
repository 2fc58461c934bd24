//! An account's own rules become a Role, which takes no paths that are no resources: Kubernetes refuses them
//! (`ValidateRole` in `pkg/apis/rbac/validation/validation.go`).

use tegata_rbac::check::Field;

use super::Rule;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;

pub const RULE: Rule = Rule {
    title: "an account's own rules are about resources of its namespace",
    ids: &["url-in-namespace"],
    check,
};

fn check(_: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for rule in resolved.accounts().flat_map(|(account, _)| &account.rules) {
        if !rule.rule.non_resource_urls.is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    "url-in-namespace",
                    rule.place(Field::NonResourceUrls, 0),
                    "an account's own rules hold in its namespace, and a URL belongs to none",
                )
                .help("put the rule into a file of roles/, and bind it with `scope: cluster`"),
            );
        }
    }
}
