//! Runners: their clusters and their configuration.

mod keys;

use serde_json::{Map, Value};
use tegata_rbac::PolicyRule;
use tegata_runner::config::{self, RunnerConfig};
use tegata_runner::manager::{Features, manager_rules as rules_for};
use tegata_runner::overwrite::exact_pattern;
use tegata_runner::values::{self, ReleaseSettings};

use super::object::CommentedRule;
use super::{Resolved, Runner, references};
use crate::declared::{self, Isolation};
use crate::diagnostic::Diagnostic;
use crate::load::{Folder, Loaded};
use crate::shape::text::RELEASE;

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
        configuration.namespace_overwrite_allowed = exact_pattern(runner.namespaces.iter().copied());
        configuration.service_account_overwrite_allowed = exact_pattern(runner.accounts.iter().copied());
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
