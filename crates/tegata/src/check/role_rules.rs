//! The rules of roles: resources and verbs that exist, and lists that the API server takes.

use tegata_rbac::check::{AMONG_CUSTOM_RESOURCES, Field, RuleProblem, Severity};
use tegata_rbac::{Catalogue, PolicyRule, check_rule, names};

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
            if let Some(diagnostic) = empty(rule, &problem) {
                diagnostics.push(diagnostic);
                continue;
            }
            let span = problem.index.map_or(rule.span, |index| rule.place(problem.field, index));
            let help = problem.help.map(|help| {
                let line = problem.index.filter(|_| problem.id == "api-group-unknown");
                let line = line.and_then(|index| declaration(&rule.rule, index, &help));
                with_place(&help, cluster) + &line.unwrap_or_default()
            });
            let diagnostic = Diagnostic::error(problem.id, span, problem.message).maybe_help(help);
            diagnostics.push(match problem.severity {
                Severity::Error => diagnostic,
                Severity::Warning => diagnostic.warning(),
            });
        }
    }
}

/// A list that is missing because nothing stands in it: a second one of its name would be no help.
fn empty(rule: &declared::Rule, problem: &RuleProblem) -> Option<Diagnostic> {
    let what = match problem.field {
        Field::ApiGroups if problem.id == "api-groups-missing" => {
            "write the groups of its resources: `[\"\"]` is the core group, which has pods, configmaps and secrets"
        }
        Field::Resources if problem.id == "resources-missing" => {
            "write what the verbs may be used on, such as `[pods]`"
        }
        Field::Verbs if problem.id == "verbs-missing" => "write what may be done, such as `[get, list]`",
        _ => return None,
    };
    let message = format!("`{}` is empty", problem.field.yaml_name());
    Some(Diagnostic::error(problem.id, rule.empty(problem.field)?, message).help(what))
}

/// The line that declares the first resource of a rule in one of its groups, as the end of a help that speaks of that.
fn declaration(rule: &PolicyRule, group: usize, help: &str) -> Option<String> {
    let group = rule.api_groups.get(group).filter(|group| names::dns_subdomain(group).is_ok())?;
    let plurals = rule.resources.iter().map(|resource| resource.split('/').next().unwrap_or_default());
    let mut plurals = plurals.filter(|plural| names::dns_label(plural).is_ok());
    let plural = plurals.next().filter(|_| help.contains(AMONG_CUSTOM_RESOURCES))?;
    let line = format!("`- {{ group: {group}, name: {plural}, namespaced: true or false }}`");
    let more = plurals.any(|other| other != plural);
    Some(if more { format!(": {line}, and a line for each other one") } else { format!(": {line}") })
}
