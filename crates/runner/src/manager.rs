//! What the runner manager's account needs in each namespace in which it runs jobs.
//!
//! Source: experiments with real jobs in real pods, each permission taken away in turn
//! (`testbed/tests/job/rights.rs` makes them for what every runner gets), and the `kubeAPI` comments in
//! `executors/kubernetes/*.go` of the runner where an experiment was not made (services, disruption budgets). GitLab's page "Configure runner API permissions" lists more: `get`,
//! `patch` and `delete` on `pods/exec` and `pods/attach` were never used.
//!
//! Every call is namespaced, so one ClusterRole bound by a RoleBinding in each job namespace is enough,
//! and the manager needs nothing anywhere else. (When a pod could not be made, the runner asks for the events of
//! all namespaces, and is refused. It should be: no job's log is the place for them.)

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::RunnerConfig;
use crate::flags;

/// What a configuration uses, beyond what every job needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the runner of its own")]
pub struct Features {
    /// `print_pod_warning_events`, on unless switched off: the pod's warnings stand in the job's log.
    pub warning_events: bool,
    /// `FF_PRINT_POD_EVENTS`: all events of the pod stand in the job's log.
    pub pod_events: bool,
    /// The runner reads the pod's log: `FF_KUBERNETES_HONOR_ENTRYPOINT`, `FF_WAIT_FOR_POD_TO_BE_REACHABLE`,
    /// or jobs with `CI_DEBUG_SERVICES`.
    pub pod_log: bool,
    /// `resource_availability_check_max_attempts` with `image_pull_secrets`.
    pub checks_pull_secrets: bool,
    /// `resource_availability_check_max_attempts` with a service account in the configuration.
    pub checks_service_account: bool,
    /// `pod_disruption_budget`.
    pub disruption_budget: bool,
    /// Jobs whose services have ports for the web terminal's proxy. No key of the configuration says so.
    pub service_ports: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            warning_events: true,
            pod_events: false,
            pod_log: false,
            checks_pull_secrets: false,
            checks_service_account: false,
            disruption_budget: false,
            service_ports: false,
        }
    }
}

impl Features {
    /// What the keys of `[runners.kubernetes]` use, without an account in the configuration and without
    /// feature flags.
    #[must_use]
    pub fn from_kubernetes(kubernetes: &Map<String, Value>) -> Self {
        Self::new(kubernetes, &BTreeMap::new(), false)
    }

    /// What a whole configuration uses.
    #[must_use]
    pub fn from_config(config: &RunnerConfig) -> Self {
        Self::new(&config.extra_kubernetes, &config.extra_flags, config.service_account.is_some())
    }

    fn new(kubernetes: &Map<String, Value>, flags: &BTreeMap<String, bool>, has_account: bool) -> Self {
        let on = |flag: &str| flags.get(flag) == Some(&true);
        let filled = |key: &str| kubernetes.get(key).and_then(Value::as_array).is_some_and(|l| !l.is_empty());
        // A negative number means the runner's own default of five attempts, none means no check.
        let checks = kubernetes
            .get("resource_availability_check_max_attempts")
            .and_then(Value::as_i64)
            .is_some_and(|attempts| attempts != 0);
        Self {
            warning_events: kubernetes.get("print_pod_warning_events") != Some(&Value::Bool(false)),
            pod_events: on(flags::PRINT_POD_EVENTS),
            pod_log: on(flags::HONOR_ENTRYPOINT) || on(flags::WAIT_FOR_POD),
            checks_pull_secrets: checks && filled("image_pull_secrets"),
            checks_service_account: checks && (has_account || kubernetes.contains_key("service_account")),
            disruption_budget: kubernetes.get("pod_disruption_budget") == Some(&Value::Bool(true)),
            service_ports: false,
        }
    }
}

/// A rule of the manager's role, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagerRule {
    /// The API groups; the core group is the empty text.
    pub api_groups: Vec<&'static str>,
    /// The resources and subresources.
    pub resources: Vec<&'static str>,
    /// The verbs.
    pub verbs: Vec<&'static str>,
    /// Why, in one line, for a comment.
    pub reason: String,
}

/// The rules that the manager needs in a namespace of jobs: exactly those, in a stable order.
#[must_use]
pub fn manager_rules(features: &Features) -> Vec<ManagerRule> {
    let core = |resources: &[&'static str], verbs: &[&'static str], reason: &str| ManagerRule {
        api_groups: vec![""],
        resources: resources.to_vec(),
        verbs: verbs.to_vec(),
        reason: reason.to_owned(),
    };
    let mut rules = vec![
        core(
            &["pods"],
            &["create", "delete", "get", "list", "watch"],
            "start each job's pod, follow it, and remove it at the end",
        ),
        core(&["pods/attach", "pods/exec"], &["create"], "run a job's script in its pod"),
    ];
    if features.pod_log {
        rules.push(core(&["pods/log"], &["get"], "read a pod's log, for the job's own"));
    }
    rules.push(if features.checks_pull_secrets {
        core(
            &["secrets"],
            &["create", "delete", "get", "update"],
            "keep the registry credentials of a job while it runs, and look for its pull secrets first",
        )
    } else {
        core(
            &["secrets"],
            &["create", "delete", "update"],
            "keep the registry credentials of a job while it runs",
        )
    });
    if features.checks_service_account {
        rules.push(core(&["serviceaccounts"], &["get"], "look for a job's account before its pod starts"));
    }
    let mut events = Vec::new();
    if features.warning_events {
        events.push("list");
    }
    if features.pod_events {
        events.push("watch");
    }
    if !events.is_empty() {
        rules.push(core(&["events"], &events, "show a pod's events in the job's log"));
    }
    if features.service_ports {
        rules.push(core(&["services"], &["create", "get"], "proxy the ports of a job's services"));
    }
    if features.disruption_budget {
        rules.push(ManagerRule {
            api_groups: vec!["policy"],
            ..core(&["poddisruptionbudgets"], &["create", "get"], "keep a job's pod from being evicted")
        });
    }
    rules
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Isolation;

    fn lines(features: &Features) -> Vec<String> {
        manager_rules(features)
            .iter()
            .map(|rule| {
                assert!(!rule.reason.is_empty() && !rule.reason.contains('\n'));
                assert!(rule.verbs.is_sorted() && rule.resources.is_sorted());
                format!(
                    "{}/{}: {}",
                    rule.api_groups.join(","),
                    rule.resources.join(","),
                    rule.verbs.join(" ")
                )
            })
            .collect()
    }

    fn kubernetes(extra: Value) -> Features {
        let Value::Object(map) = extra else { panic!("not a table") };
        Features::from_kubernetes(&map)
    }

    #[test]
    fn what_every_runner_needs() {
        assert_eq!(
            lines(&Features::default()),
            [
                "/pods: create delete get list watch",
                "/pods/attach,pods/exec: create",
                "/secrets: create delete update",
                "/events: list",
            ]
        );
        assert_eq!(kubernetes(json!({})), Features::default());
    }

    #[test]
    fn what_some_keys_add() {
        for (extra, expected) in [
            (json!({"print_pod_warning_events": false}), None),
            (json!({"pod_disruption_budget": true}), Some("policy/poddisruptionbudgets: create get")),
            (
                json!({
                    "resource_availability_check_max_attempts": 5,
                    "image_pull_secrets": ["registry"],
                }),
                Some("/secrets: create delete get update"),
            ),
        ] {
            let rules = lines(&kubernetes(extra));
            match expected {
                Some(rule) => assert!(rules.iter().any(|r| r == rule), "{rules:?}"),
                None => assert!(rules.iter().all(|r| !r.starts_with("/events")), "{rules:?}"),
            }
        }
        let pull = json!({"image_pull_secrets": ["registry"]});
        assert_eq!(kubernetes(pull), Features::default());
    }

    #[test]
    fn flags_and_a_fixed_account() {
        let mut config = RunnerConfig {
            service_account: Some("kp-account".to_owned()),
            ..RunnerConfig::new("cicd", "ubuntu:24.04", Isolation::Dedicated)
        };
        config.extra_kubernetes.insert("resource_availability_check_max_attempts".to_owned(), json!(-1));
        config.extra_flags.insert(flags::HONOR_ENTRYPOINT.to_owned(), true);
        config.extra_flags.insert(flags::PRINT_POD_EVENTS.to_owned(), true);
        assert_eq!(
            lines(&Features::from_config(&config)),
            [
                "/pods: create delete get list watch",
                "/pods/attach,pods/exec: create",
                "/pods/log: get",
                "/secrets: create delete update",
                "/serviceaccounts: get",
                "/events: list watch",
            ]
        );
    }
}
