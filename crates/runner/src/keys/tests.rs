//! What is told of which keys.

use serde_json::json;

use super::*;
use crate::config::{Isolation, RunnerConfig, to_toml};

#[track_caller]
fn problems(extra: Value) -> Vec<(String, &'static str)> {
    let Value::Object(map) = extra else { panic!("not a table") };
    check_kubernetes(&map).iter().map(|p| (p.dotted_path(), p.id)).collect()
}

#[track_caller]
fn check(extra: Value, expected: &[(&str, &str)]) {
    let found = problems(extra);
    let found: Vec<(&str, &str)> = found.iter().map(|(path, id)| (path.as_str(), *id)).collect();
    assert_eq!(found, expected);
}

#[test]
fn names_are_unique() {
    let mut names: Vec<&str> = KUBERNETES.iter().map(|key| key.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
    assert_eq!(all, 113);
}

#[test]
fn what_people_write_passes() {
    check(
        json!({
            "privileged": false,
            "allow_privilege_escalation": false,
            "cpu_request": "500m",
            "memory_limit_overwrite_max_allowed": "4Gi",
            "pull_policy": ["if-not-present"],
            "allowed_pull_policies": ["always"],
            "poll_timeout": 600,
            "cleanup_resources_timeout": "5m",
            "node_selector": {"kubernetes.io/arch": "amd64"},
            "node_tolerations": {"ci=true": "NoSchedule"},
            "retry_limits": {"TLS handshake timeout": 10},
            "cap_drop": ["ALL"],
            "cap_add": ["SETUID", "SETGID"],
            "pod_labels_overwrite_allowed": "",
            "pod_security_context": {"run_as_non_root": true, "supplemental_groups": [1, 2]},
            "build_container_security_context": {
                "run_as_user": 1000,
                "capabilities": {"drop": ["ALL"]},
                "seccomp_profile": {"type": "RuntimeDefault"},
                "selinux_type": "container_engine_t",
            },
            "volumes": {"empty_dir": [{"name": "tmp", "mount_path": "/tmp", "medium": "Memory"}]},
            "host_aliases": [{"ip": "10.0.0.1", "hostnames": ["registry"]}],
            "services": [{"name": "postgres:17", "alias": "db"}],
            "affinity": {"node_affinity": {
                "required_during_scheduling_ignored_during_execution": {"node_selector_terms": [
                    {"match_expressions": [{"key": "ci", "operator": "In", "values": ["yes"]}]},
                ]},
            }},
            "pod_spec": [{
                "name": "spread",
                "patch_type": "merge",
                "patch": "topologySpreadConstraints:\n- maxSkew: 1\n",
            }],
        }),
        &[],
    );
}

#[test]
fn misspelt_keys_are_found_at_every_depth() {
    check(
        json!({
            "priviledged": false,
            "wholly_unknown": 1,
            "build_container_security_context": {"run_as_nonroot": true},
            "volumes": {"empty_dir": [{"name": "a", "mountPath": "/a"}]},
        }),
        &[
            ("priviledged", UNKNOWN),
            ("wholly_unknown", UNKNOWN),
            ("build_container_security_context.run_as_nonroot", UNKNOWN),
            ("volumes.empty_dir[0].mountPath", UNKNOWN),
        ],
    );
    let Value::Object(map) = json!({"priviledged": false}) else { panic!("not a table") };
    assert_eq!(
        check_kubernetes(&map).first().and_then(|p| p.help.as_deref()),
        Some("did you mean `privileged`?")
    );
}

#[test]
fn wrong_kinds() {
    check(
        json!({
            "cpu_limit": 1,
            "poll_timeout": "600",
            "poll_interval": 1.5,
            "print_pod_warning_events": "yes",
            "image_pull_secrets": "one",
            "allowed_images": ["a", 1],
            "pod_labels": {"a": 1},
            "dns_config": [],
            "services": {"name": "a"},
            "host_aliases": ["a"],
            "pod_security_context": {"supplemental_groups": ["a"]},
            "helper_image": null,
        }),
        &[
            ("cpu_limit", KIND),
            ("poll_timeout", KIND),
            ("poll_interval", KIND),
            ("print_pod_warning_events", KIND),
            ("image_pull_secrets", KIND),
            ("allowed_images[1]", KIND),
            ("pod_labels.a", KIND),
            ("dns_config", KIND),
            ("services", KIND),
            ("host_aliases[0]", KIND),
            ("pod_security_context.supplemental_groups", KIND),
            ("helper_image", KIND),
        ],
    );
}

#[test]
fn texts_that_mean_something_else() {
    check(
        json!({
            "cpu_limit": "500 m",
            "memory_request": "",
            "helper_memory_limit": "4gb",
            "cleanup_resources_timeout": "5min",
            "pull_policy": "IfNotPresent",
            "allowed_pull_policies": ["always", "sometimes"],
            "dns_policy": "cluster-first",
            "pod_spec": [{"name": "a", "patch": "{}", "patch_type": "Merge"}],
        }),
        &[
            ("cpu_limit", KIND),
            ("helper_memory_limit", KIND),
            ("cleanup_resources_timeout", KIND),
            ("pull_policy", KIND),
            ("allowed_pull_policies[1]", KIND),
            ("pod_spec[0].patch_type", KIND),
        ],
    );
    let Value::Object(map) = json!({"pull_policy": "IfNotPresent"}) else { panic!("not a table") };
    assert_eq!(
        check_kubernetes(&map)[0].message,
        "`pull_policy` must be `always`, `if-not-present` or `never`, not \"IfNotPresent\""
    );
}

#[test]
fn templates_of_helm() {
    check(
        json!({
            "helper_image": "{{ .Values.image }}",
            "pod_labels": {"a{{": "b", "c": "{{"},
            "services": [{"name": "{{ a }}"}],
            "unknown": "{{",
        }),
        &[
            ("unknown", UNKNOWN),
            ("helper_image", TEMPLATE),
            ("pod_labels.a{{", TEMPLATE),
            ("pod_labels.c", TEMPLATE),
            ("services[0].name", TEMPLATE),
        ],
    );
}

#[test]
fn what_tegata_writes_itself() {
    for key in [
        "namespace",
        "image",
        "service_account",
        "namespace_overwrite_allowed",
        "service_account_overwrite_allowed",
        "bearer_token_overwrite_allowed",
    ] {
        check(json!({ key: "a" }), &[(key, MANAGED)]);
        check(json!({ key: null }), &[(key, MANAGED)]);
    }
}

#[test]
fn what_loosens_the_boundary() {
    for (extra, path) in [
        (json!({"privileged": true}), "privileged"),
        (json!({"privileged": "true"}), "privileged"),
        (json!({"allow_privilege_escalation": true}), "allow_privilege_escalation"),
        (json!({"namespace_per_job": true}), "namespace_per_job"),
        (json!({"bearer_token": "x"}), "bearer_token"),
        (json!({"host": "https://other:6443"}), "host"),
        (json!({"context": "other"}), "context"),
        (json!({"ca_file": "/ca"}), "ca_file"),
        (json!({"pod_labels_overwrite_allowed": "^pod=a$"}), "pod_labels_overwrite_allowed"),
        (
            json!({"node_selector_overwrite_allowed": r"^node-role\.kubernetes\.io/control-plane=$"}),
            "node_selector_overwrite_allowed",
        ),
        (
            json!({"pod_annotations": {"container.apparmor.security.beta.kubernetes.io/build": "unconfined"}}),
            "pod_annotations.container.apparmor.security.beta.kubernetes.io/build",
        ),
        (
            json!({"pod_labels": {"project.runner.gitlab.com/id": "1"}}),
            "pod_labels.project.runner.gitlab.com/id",
        ),
        (json!({"cap_add": ["SYS_ADMIN"]}), "cap_add"),
        (
            json!({"container_lifecycle": {"post_start": {"http_get": {"host": "10.0.0.1", "port": 80}}}}),
            "container_lifecycle.post_start.http_get.host",
        ),
        (
            json!({"pod_annotations": {"iam.amazonaws.com/role": "$ROLE"}}),
            "pod_annotations.iam.amazonaws.com/role",
        ),
        (json!({"cap_add": ["CHOWN", "NET_RAW"]}), "cap_add"),
        (json!({"cap_add": "ALL"}), "cap_add"),
        (json!({"pod_security_context": {"selinux_type": "spc_t"}}), "pod_security_context.selinux_type"),
        (
            json!({"build_container_security_context": {"selinux_type": "unconfined_t"}}),
            "build_container_security_context.selinux_type",
        ),
        (
            json!({"service_container_security_context": {"proc_mount": "unmasked"}}),
            "service_container_security_context.proc_mount",
        ),
        (json!({"volumes": {"host_path": [{"name": "a", "mount_path": "/a"}]}}), "volumes.host_path"),
        (
            json!({"init_permissions_container_security_context": {"privileged": true}}),
            "init_permissions_container_security_context.privileged",
        ),
        (
            json!({"build_container_security_context": {"capabilities": {"add": ["ALL"]}}}),
            "build_container_security_context.capabilities.add",
        ),
        (
            json!({"pod_security_context": {"seccomp_profile": {"type": "unconfined"}}}),
            "pod_security_context.seccomp_profile.type",
        ),
        (json!({"autoscaler": {}}), "autoscaler"),
        (json!({"pod_spec": [{"name": "a", "patch_path": "/etc/patch"}]}), "pod_spec[0].patch_path"),
        (json!({"pod_spec": [{"name": "a", "patch": "serviceAccountName: admin"}]}), "pod_spec[0].patch"),
    ] {
        check(extra, &[(path, BOUNDARY)]);
    }
}

#[test]
fn maxima_are_no_less_than_what_jobs_get() {
    check(
        json!({
            "cpu_limit": "2",
            "cpu_limit_overwrite_max_allowed": "1500m",
            "memory_request": "1Gi",
            "memory_request_overwrite_max_allowed": "1024Mi",
            "service_memory_limit": "1Gi",
            "service_memory_limit_overwrite_max_allowed": "1G",
            "helper_cpu_limit": "1",
            "helper_cpu_limit_overwrite_max_allowed": "",
            "pod_memory_limit_overwrite_max_allowed": "much",
            "pod_cpu_request_overwrite_max_allowed": "4",
        }),
        &[
            ("pod_memory_limit_overwrite_max_allowed", KIND),
            ("cpu_limit_overwrite_max_allowed", MAXIMUM),
            ("service_memory_limit_overwrite_max_allowed", MAXIMUM),
        ],
    );
}

/// The table of variables in the runner's documentation, and nothing beside it.
#[test]
fn every_resource_of_every_container_has_a_maximum() {
    let mut names = std::collections::BTreeSet::new();
    for (container, resources) in [
        ("", ["cpu", "memory", "ephemeral_storage"].as_slice()),
        ("service_", &["cpu", "memory", "ephemeral_storage"]),
        ("helper_", &["cpu", "memory", "ephemeral_storage"]),
        ("pod_", &["cpu", "memory"]),
    ] {
        for (resource, side) in resources.iter().flat_map(|r| [(r, "limit"), (r, "request")]) {
            let bounded = format!("{container}{resource}_{side}");
            let maximum = format!("{bounded}{}", maxima::SUFFIX);
            for name in [&bounded, &maximum] {
                let key = kubernetes_key(name).expect(name);
                assert!(matches!(key.kind, Kind::Quantity) && key.boundary.is_none(), "{name}");
            }
            check(json!({ &bounded: "2", &maximum: "1" }), &[(&maximum, MAXIMUM)]);
            check(json!({ &bounded: "1", &maximum: "1" }), &[]);
            let mut config = RunnerConfig::new("ci-quarantine", "ubuntu", Isolation::Overwrite);
            config.extra_kubernetes.insert(maximum.clone(), "1".into());
            assert!(to_toml(&config).unwrap().contains(&format!("\n{maximum} = \"1\"\n")), "{maximum}");
            names.insert(maximum);
        }
    }
    let known = KUBERNETES.iter().map(|key| key.name).filter(|name| name.ends_with(maxima::SUFFIX));
    assert_eq!(known.collect::<std::collections::BTreeSet<_>>(), names.iter().map(String::as_str).collect());
    assert_eq!(names.len(), 22);
}

#[test]
fn what_is_the_same_for_all_jobs_may_be_set() {
    check(
        json!({
            "pod_annotations": {"iam.amazonaws.com/role": "ci", "example.com/project": "$CI_PROJECT_PATH"},
            "pod_labels": {"app.kubernetes.io/name": "job", "team": "${TEAM}"},
        }),
        &[],
    );
}

#[test]
fn projects_share_no_folder_that_they_write_to() {
    let Value::Object(extra) = json!({"volumes": {"nfs": [
        {"name": "a", "mount_path": "/a", "server": "nfs", "path": "/", "read_only": true},
        {"name": "b", "mount_path": "/b", "server": "nfs", "path": "/"},
        {"name": "c", "mount_path": "/c", "server": "nfs", "path": "/", "sub_path": "$CI_PROJECT_ID", "read_only": false},
    ]}}) else {
        panic!("not a table")
    };
    assert_eq!(check_kubernetes(&extra), []);
    let paths: Vec<String> = check_shared(&extra).iter().map(KeyProblem::dotted_path).collect();
    assert_eq!(paths, ["volumes.nfs[1]", "volumes.nfs[2]"]);
}

#[test]
fn what_jobs_may_set() {
    check(
        json!({
            "pod_labels_overwrite_allowed": "^team=[a-z]+$",
            "pod_annotations_overwrite_allowed": "",
            "node_selector_overwrite_allowed": ".*",
            "node_tolerations_overwrite_allowed": true,
        }),
        &[("node_selector_overwrite_allowed", PATTERN), ("node_tolerations_overwrite_allowed", KIND)],
    );
}

#[test]
fn every_reason_is_a_sentence_and_every_closed_key_has_a_remedy() {
    fn walk(keys: &[Key]) {
        for key in keys {
            if let Some(boundary) = &key.boundary {
                assert!(boundary.reason.len() > 20, "{}", key.name);
                assert!(!boundary.reason.ends_with('.'), "{}", key.name);
                assert!(!boundary.help.is_empty(), "{}", key.name);
            }
            if let Kind::Table(keys) | Kind::Tables(keys) | Kind::PodSpec(keys) = key.kind {
                walk(keys);
            }
        }
    }
    walk(KUBERNETES);
}
