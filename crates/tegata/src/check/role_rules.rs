//! The rules of roles: resources and verbs that exist, and lists that the API server takes.

use tegata_rbac::check::Severity;
use tegata_rbac::{Catalogue, check_rule};

use super::{Look, Rule, at_accounts, with_place};
use crate::declared;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;

pub const RULE: Rule =
    Rule { title: "rules name resources and verbs that exist", ids: &tegata_rbac::check::IDS, check };

fn check<'a>(loaded: &'a Loaded, resolved: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) -> Look<'a> {
    // A role is judged by the clusters that it is bound on; one that nobody uses, by all of them.
    for (name, role) in &loaded.roles {
        let bound = |cluster: &str| resolved.roles.contains_key(&(cluster, name.as_str()));
        let used = resolved.clusters.keys().any(|cluster| bound(cluster));
        for (cluster_name, cluster) in &resolved.clusters {
            if !used || bound(cluster_name) {
                report(&role.rules, &cluster.catalogue, cluster_name, diagnostics);
            }
        }
    }
    at_accounts(resolved, diagnostics, |account, cluster, found| {
        report(&account.rules, &cluster.catalogue, &cluster.declared.name, found);
    })
}

fn report(rules: &[declared::Rule], catalogue: &Catalogue, cluster: &str, diagnostics: &mut Vec<Diagnostic>) {
    for rule in rules {
        for problem in check_rule(&rule.rule, catalogue) {
            let span = problem.index.map_or(rule.span, |index| rule.place(problem.field, index));
            let help = problem.help.map(|help| with_place(&help, cluster));
            let diagnostic = Diagnostic::error(problem.id, span, problem.message).maybe_help(help);
            diagnostics.push(match problem.severity {
                Severity::Error => diagnostic,
                Severity::Warning => diagnostic.warning(),
            });
        }
    }
}
