//! Further `values` of a runner: as if Helm had been given a second file.

use fs_err as fs;
use serde_json::{Value, json};

use crate::release::{Judge, rendered, values_file};
use crate::support::input;

/// Values that people add, and the part of Helm's rules that is meant.
fn cases() -> Vec<(&'static str, Value)> {
    vec![
        (
            "a value instead of the chart's",
            json!({ "checkInterval": 30, "logLevel": "debug", "replicas": 2 }),
        ),
        ("a map beside the chart's", json!({ "podSecurityContext": { "supplementalGroups": [1, 2] } })),
        ("a value in a map of the chart", json!({ "podSecurityContext": { "runAsUser": 999 } })),
        (
            "a list instead of the chart's",
            json!({ "securityContext": { "capabilities": { "drop": ["NET_RAW"] } } }),
        ),
        ("an empty list", json!({ "securityContext": { "capabilities": { "drop": [] } } })),
        ("null takes a value away", json!({ "podSecurityContext": { "fsGroup": null } })),
        ("null takes a list away", json!({ "securityContext": { "capabilities": { "drop": null } } })),
        ("null takes a map away", json!({ "securityContext": { "capabilities": null } })),
        (
            "null takes a value of a map away that the chart reads",
            json!({ "metrics": { "portName": null, "enabled": true } }),
        ),
        ("a map beside ours", json!({ "runners": { "cache": { "secretName": "s3-access" } } })),
        (
            "many at once",
            json!({
                "image": { "registry": "registry.example.com", "image": "runner", "tag": "v19" },
                "imagePullSecrets": [{ "name": "one" }, { "name": "two" }],
                "metrics": { "enabled": true, "serviceMonitor": { "enabled": true, "labels": { "a": "b" } } },
                "resources": { "limits": { "memory": "256Mi" }, "requests": { "cpu": "100m" } },
                "nodeSelector": { "kubernetes.io/arch": "amd64" },
                "tolerations": [{ "key": "ci", "operator": "Exists" }],
                "affinity": { "nodeAffinity": {} },
                "extraEnv": { "HTTPS_PROXY": "http://proxy:3128", "ON": "on", "NUMBER": "1e3" },
                "envVars": [{ "name": "NO_PROXY", "value": "a, \"b\" \\ 'c'" }],
                "podLabels": { "on": "on", "1e3": "1e3", "null": "null", "long": "x".repeat(63) },
                "podAnnotations": { "a": "two\nlines\n", "b": "it's \"quoted\" \\ # not: a comment", "c": "größe" },
                "configMaps": { "more.toml": "a = \"b\"\n\n  c = 'd'\n" },
                "volumes": [{ "name": "ca", "configMap": { "name": "ca" } }],
                "volumeMounts": [{ "name": "ca", "mountPath": "/home/gitlab-runner/.gitlab-runner/certs/" }],
            }),
        ),
    ]
}

#[test]
fn values_are_merged_as_helm_does() {
    let judge = Judge::new();
    let (without, _) = rendered(json!({}), &[]);
    let base = values_file(&without, "shared");
    let template = |files: &[_]| judge.chart.template("gitlab-runner", "gitlab-runner", files).unwrap();
    let plain = template(std::slice::from_ref(&base));
    for (what, extra) in cases() {
        let (workspace, declared) = rendered(json!({ "values": extra }), &[]);
        let merged = template(&[values_file(&workspace, "shared")]);
        let file = workspace.path("extra.yaml");
        fs::write(&file, input(&extra)).unwrap();
        let by_helm = template(&[base.clone(), file]);
        assert_eq!(merged, by_helm, "{what}");
        assert_ne!(merged, plain, "{what}: this changes nothing, so it shows nothing");
        if what != "many at once" {
            // Whatever people add, the release stays what it was.
            judge.check(&workspace, "shared", &declared, &json!({
                "namespace": "ci-quarantine", "image": "ubuntu:24.04", "bearer_token_overwrite_allowed": false,
            }));
        }
    }
}
