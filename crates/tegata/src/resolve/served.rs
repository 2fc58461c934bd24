//! What runners serve, now that all projects are known: namespaces and accounts that they may not mix.

use std::collections::BTreeSet;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use foldhash::{HashMap, HashMapExt};
use tegata_runner::config;

use super::hashes::Hashes;
use super::runners::configuration;
use super::{Resolved, Runner};
use crate::declared::{self, Isolation};
use crate::diagnostic::{Diagnostic, has_errors_in};
use crate::load::Loaded;
use crate::source::{Located, Span};
use crate::yaml::Node;

/// Reports what is wrong with what runners serve.
pub fn check(loaded: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for runner in resolved.runners.values() {
        if runner.declared.isolation.value == Isolation::Dedicated {
            dedicated(runner, loaded.broken_projects, diagnostics);
        }
        written(runner, diagnostics);
    }
    jobs_namespaces(resolved, diagnostics);
    let namespaces = namespaces(resolved);
    if !namespaces.are_distinct() {
        foreign_accounts(resolved, diagnostics);
    }
    closed_namespaces(resolved, &namespaces, diagnostics);
}

/// What a runner's file asks for can't be written as TOML: mostly, the check of its keys has said so.
fn written(runner: &Runner<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Err(error) = config::to_toml(&configuration(runner)) else { return };
    if !has_errors_in(runner.declared.span.file, diagnostics) {
        let at = |node: &Node| node.at_path(error.path.iter().map(String::as_str));
        let span = runner.declared.kubernetes.as_ref().map_or(runner.declared.span, at);
        diagnostics
            .push(Diagnostic::error("runner-configuration", span, error.message).maybe_help(error.help));
    }
}

/// The namespaces that runners serve, with their clusters: one that several serve is there several times.
fn namespaces(resolved: &Resolved<'_>) -> Hashes {
    let hasher = RandomState::default();
    let served = resolved.runners.values().flat_map(|runner| {
        let cluster = runner.declared.cluster.value.as_str();
        runner.namespaces.iter().map(move |namespace| (cluster, *namespace))
    });
    let hashes = served.map(|place| hasher.hash_one(place)).collect();
    Hashes::new(&hasher, hashes)
}

/// Jobs that ask for nothing must not land beside the manager of another runner, nor that manager under their quota of no
/// pods.
fn jobs_namespaces(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let declared = || resolved.runners.values().map(|runner| runner.declared);
    let managers: HashMap<_, _> = declared()
        .map(|runner| ((runner.cluster.value.as_str(), runner.namespace.name.value.as_str()), runner))
        .collect();
    for runner in declared() {
        let jobs = &runner.jobs_namespace;
        let other = managers.get(&(runner.cluster.value.as_str(), jobs.value.as_str()));
        if let Some(other) = other.filter(|_| jobs.value != runner.namespace.name.value) {
            diagnostics.push(
                Diagnostic::error(
                    "manager-namespace",
                    jobs.span,
                    "jobs that ask for none would land in the namespace of another runner's manager, which would get their quota of no pods",
                )
                .help("name a namespace in which nobody has rights: ci-quarantine")
                .related(other.namespace.name.span, "the other manager's"),
            );
        }
    }
}

/// A runner's two regexps admit every namespace of it with every account of it. None of these pairs may be an account
/// that was declared for another runner: whoever put it there wanted it kept from this one.
fn foreign_accounts(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // Only namespaces that several runners serve have such pairs.
    let mut shared: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
    for (name, runner) in &resolved.runners {
        let cluster = runner.declared.cluster.value.as_str();
        for namespace in &runner.namespaces {
            shared.entry((cluster, *namespace)).or_default().push(*name);
        }
    }
    shared.retain(|_, runners| runners.len() > 1);
    for account in resolved.projects.iter().flat_map(|project| &project.accounts) {
        let name = &account.declared.name;
        let namespace = account.namespace.name.value.as_str();
        let others = shared.get(&(account.cluster, namespace)).into_iter().flatten();
        for other in others
            .filter(|other| **other != account.runner.name)
            .filter_map(|other| resolved.runners.get(other))
        {
            let overwrites = other.declared.isolation.value != Isolation::Dedicated;
            if overwrites && other.triples.iter().any(|triple| triple.account == name.value) {
                diagnostics.push(
                    Diagnostic::error(
                        "account-of-another-runner",
                        name.span,
                        format!(
                            "jobs of the runner `{}` could run as this account, which is for the runner `{}`: the regexps of `{}` admit its namespace and, for another project, an account of its name",
                            other.declared.name, account.runner.name, other.declared.name
                        ),
                    )
                    .help("give the account a name that no account of the other runner has, or a namespace of its own"),
                );
            }
        }
    }
}

/// No account stands in the namespace of a runner's manager, or of jobs that ask for none.
fn closed_namespaces(resolved: &Resolved<'_>, served: &Hashes, diagnostics: &mut Vec<Diagnostic>) {
    let mut closed: HashMap<(&str, &str), Vec<&declared::Runner>> = HashMap::new();
    for runner in resolved.runners.values().map(|runner| runner.declared) {
        let cluster = runner.cluster.value.as_str();
        let own = [&runner.namespace.name, &runner.jobs_namespace].map(|namespace| namespace.value.as_str());
        for namespace in BTreeSet::from(own) {
            closed.entry((cluster, namespace)).or_default().push(runner);
        }
    }
    if !closed.keys().any(|place| served.may_have(place)) {
        return;
    }
    for account in resolved.projects.iter().flat_map(|project| &project.accounts) {
        let namespace = &account.namespace.name;
        let others = closed.get(&(account.cluster, namespace.value.as_str())).into_iter().flatten();
        diagnostics.extend(others.map(|other| closed_namespace(namespace, other)));
    }
}

fn closed_namespace(namespace: &Located<String>, other: &declared::Runner) -> Diagnostic {
    let (id, what, taken) = if other.namespace.name.value == namespace.value {
        (
            "manager-namespace",
            "this is the namespace of a runner's manager, whose token can enter every job",
            other.namespace.name.span,
        )
    } else {
        (
            "quarantine-namespace",
            "this is the namespace of jobs that ask for none, in which nobody may have rights",
            other.jobs_namespace.span,
        )
    };
    Diagnostic::error(id, namespace.span, what)
        .help("give the project a namespace of its own")
        .related(taken, "taken here")
}

fn dedicated(runner: &Runner<'_>, broken_projects: bool, diagnostics: &mut Vec<Diagnostic>) {
    let span = runner.declared.isolation.span;
    let list = |names: Vec<&str>| names.join(", ");
    if runner.serves_nobody() && broken_projects {
        // One of those may name it.
    } else if runner.serves_nobody() {
        diagnostics.push(
            Diagnostic::error(
                "dedicated-runner",
                span,
                "a dedicated runner serves one account of one project, and none names it",
            )
            .help(format!(
                "write `runner: {0}` in the project's file, or delete runners/{0}.yaml",
                runner.declared.name
            )),
        );
    } else if runner.projects.len() > 1 {
        let projects = list(runner.projects.iter().map(|project| project.path.value.as_str()).collect());
        let found = Diagnostic::error(
            "dedicated-runner",
            span,
            format!(
                "a dedicated runner serves one project, and {} name it: {projects}",
                runner.projects.len()
            ),
        )
        .help("write a runner of its own for each of them");
        let shown = runner.projects.iter().take(3);
        diagnostics.push(shown.fold(found, |found, project| {
            found.related(named_at(project, &runner.declared.name), "named here")
        }));
    } else if runner.pairs().len() > 1 {
        let accounts = list(runner.accounts.clone());
        diagnostics.push(
            Diagnostic::error(
                "dedicated-runner",
                span,
                format!(
                    "a dedicated runner has one fixed account, and its project has {}: {accounts}",
                    runner.pairs().len()
                ),
            )
            .help("give all but one of the accounts a `runner` of their own"),
        );
    }
}

/// Where a project names a runner: for all its accounts, or for one.
fn named_at(project: &declared::Project, runner: &str) -> Span {
    let own = project.accounts.iter().filter_map(|account| account.runner.as_deref());
    let mut names = std::iter::once(&project.runner).chain(own);
    names.find(|name| name.value == runner).unwrap_or(&project.runner).span
}
