//! Runners: their clusters, their configuration, and the namespaces that they may not mix.

mod keys;

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};
use serde_json::{Map, Value};
use tegata_rbac::PolicyRule;
use tegata_runner::config::{self, RunnerConfig};
use tegata_runner::manager::{Features, manager_rules as rules_for};
use tegata_runner::overwrite::exact_pattern;
use tegata_runner::values::{self, ReleaseSettings};

use super::object::CommentedRule;
use super::{Resolved, Runner, references};
use crate::declared::{self, Isolation};
use crate::diagnostic::{Diagnostic, has_errors_in};
use crate::load::{Folder, Loaded};
use crate::shape::text::RELEASE;
use crate::source::Span;

/// Looks up the clusters of all runners, and holds their further keys against what the runner and the chart
/// know. A runner without a cluster is left out.
pub fn resolve<'a>(loaded: &'a Loaded, resolved: &mut Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) {
    for (name, declared) in &loaded.runners {
        keys::check(declared, diagnostics);
        // One that is written has been held against the form.
        if let Err(problem) = (RELEASE.check)(&declared.release) {
            let message = format!("the release has the name of the runner's file: {}", problem.message);
            diagnostics.push(
                Diagnostic::error("reserved-name", declared.cluster.span, message)
                    .help("write a `release` of another name, or rename the file"),
            );
        }
        if declared.jobs_namespace.value == declared.namespace.name.value {
            diagnostics.push(
                Diagnostic::error("manager-namespace", declared.jobs_namespace.span, "jobs would run in the namespace of the runner's manager, whose token can enter every job")
                    .help("name a namespace in which nobody has rights: ci-quarantine")
                    .related(declared.namespace.name.span, "the manager's namespace"),
            );
        }
        if !resolved.clusters.contains_key(declared.cluster.value.as_str()) {
            let known = loaded.clusters.keys().map(String::as_str).collect();
            references::unknown(loaded, Folder::Clusters, "cluster", &declared.cluster, known, diagnostics);
            continue;
        }
        resolved.runners.insert(name.as_str(), Runner::new(declared));
    }
}

/// What is wrong with what a runner serves, now that all projects are known.
pub fn check_served(loaded: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for runner in resolved.runners.values() {
        if runner.declared.isolation.value == Isolation::Dedicated {
            check_dedicated(runner, loaded.broken_projects, diagnostics);
        }
        // What its file asks for can't be written as TOML: mostly, the check of its keys has said so.
        if let Err(error) = config::to_toml(&configuration(runner))
            && !has_errors_in(runner.declared.span.file, diagnostics)
        {
            let node = runner.declared.kubernetes.as_ref();
            let span =
                node.map_or(runner.declared.span, |node| node.at_path(error.path.iter().map(String::as_str)));
            diagnostics
                .push(Diagnostic::error("runner-configuration", span, error.message).maybe_help(error.help));
        }
    }
    check_jobs_namespaces(resolved, diagnostics);
    check_foreign_accounts(resolved, diagnostics);
    // Looked up rather than searched: there may be a hundred thousand accounts and hundreds of runners.
    let mut taken: HashMap<(&str, &str), Vec<&declared::Runner>> = HashMap::new();
    for runner in resolved.runners.values().map(|runner| runner.declared) {
        let cluster = runner.cluster.value.as_str();
        let own = [&runner.namespace.name, &runner.jobs_namespace].map(|namespace| namespace.value.as_str());
        for namespace in BTreeSet::from(own) {
            taken.entry((cluster, namespace)).or_default().push(runner);
        }
    }
    for account in resolved.projects.iter().flat_map(|project| &project.accounts) {
        let namespace = &account.namespace.name;
        let others = taken.get(&(account.cluster, namespace.value.as_str())).into_iter().flatten();
        for other in others {
            diagnostics.push(if other.namespace.name.value == namespace.value {
                closed_namespace(
                    namespace.span,
                    "the namespace of a runner's manager, whose token can enter every job",
                    "manager-namespace",
                    other.namespace.name.span,
                )
            } else {
                closed_namespace(
                    namespace.span,
                    "the namespace of jobs that ask for none, in which nobody may have rights",
                    "quarantine-namespace",
                    other.jobs_namespace.span,
                )
            });
        }
    }
}

/// Jobs that ask for nothing must not land beside the manager of another runner, nor that manager under their quota of no
/// pods.
fn check_jobs_namespaces(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
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
fn check_foreign_accounts(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // Only namespaces that several runners serve have such pairs.
    let shared = shared_namespaces(resolved);
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

/// The namespaces of each cluster that several runners serve, with the names of those.
fn shared_namespaces<'a>(resolved: &Resolved<'a>) -> HashMap<(&'a str, &'a str), BTreeSet<&'a str>> {
    let mut first = HashMap::with_capacity(resolved.projects.len());
    let mut shared: HashMap<_, BTreeSet<&str>> = HashMap::new();
    for account in resolved.projects.iter().flat_map(|project| &project.accounts) {
        let place = (account.cluster, account.namespace.name.value.as_str());
        let runner = account.runner.name.as_str();
        let first = *first.entry(place).or_insert(runner);
        if first != runner {
            shared.entry(place).or_insert_with(|| BTreeSet::from([first])).insert(runner);
        }
    }
    shared
}

fn closed_namespace(span: Span, what: &str, id: &'static str, taken: Span) -> Diagnostic {
    Diagnostic::error(id, span, format!("this is {what}"))
        .help("give the project a namespace of its own")
        .related(taken, "taken here")
}

fn check_dedicated(runner: &Runner<'_>, broken_projects: bool, diagnostics: &mut Vec<Diagnostic>) {
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
            .help(format!("write `runner: {}` in the project's file", runner.declared.name)),
        );
    } else if runner.projects.len() > 1 {
        let projects = list(runner.projects.keys().copied().collect());
        diagnostics.push(
            Diagnostic::error(
                "dedicated-runner",
                span,
                format!(
                    "a dedicated runner serves one project, and {} name it: {projects}",
                    runner.projects.len()
                ),
            )
            .help("write a runner of its own for each of them"),
        );
    } else if runner.pairs().len() > 1 {
        let accounts = list(runner.accounts().into_iter().collect());
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

/// The runner's configuration: the patterns of a shared runner, or the fixed account of a dedicated one.
pub fn configuration(runner: &Runner<'_>) -> RunnerConfig {
    let declared = runner.declared;
    let isolation = match declared.isolation.value {
        Isolation::Admission => config::Isolation::Admission,
        Isolation::Overwrite => config::Isolation::Overwrite,
        Isolation::Dedicated => config::Isolation::Dedicated,
    };
    let mut configuration =
        RunnerConfig::new(&declared.jobs_namespace.value, &declared.jobs_image, isolation);
    configuration.extra_kubernetes = keys::map(declared.kubernetes.as_ref());
    if declared.isolation.value == Isolation::Dedicated {
        if let Some((namespace, account)) = runner.pairs().first() {
            configuration.namespace = (*namespace).to_owned();
            configuration.service_account = Some((*account).to_owned());
        }
    } else {
        configuration.namespace_overwrite_allowed = exact_pattern(runner.namespaces());
        configuration.service_account_overwrite_allowed = exact_pattern(runner.accounts());
    }
    configuration
}

/// The Helm values of a runner's release. Empty where its configuration has been refused.
pub fn helm_values(runner: &Runner<'_>) -> Map<String, Value> {
    let declared = runner.declared;
    let Ok(config) = config::to_toml(&configuration(runner)) else { return Map::new() };
    let base = values::base_values(&settings(declared, config));
    values::merge(base, &keys::map(declared.values.as_ref()))
}

fn settings(declared: &declared::Runner, config: String) -> ReleaseSettings {
    ReleaseSettings {
        gitlab_url: declared.gitlab_url.clone(),
        runner_name: declared.name.clone(),
        token_secret: declared.token_secret.clone(),
        manager_service_account: declared.release.clone(),
        concurrent: declared.concurrent,
        config,
    }
}

/// What the runner's manager may do in each namespace that it serves.
pub fn manager_rules(runner: &declared::Runner) -> Vec<CommentedRule> {
    let features = Features::from_kubernetes(&keys::map(runner.kubernetes.as_ref()));
    let strings = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    rules_for(&features)
        .into_iter()
        .map(|rule| CommentedRule {
            rule: PolicyRule {
                api_groups: strings(rule.api_groups),
                resources: strings(rule.resources),
                verbs: strings(rule.verbs),
                resource_names: Vec::new(),
                non_resource_urls: Vec::new(),
            },
            reason: Some(rule.reason),
        })
        .collect()
}
