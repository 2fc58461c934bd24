//! What is told of which values.

use serde_json::json;

use super::super::rules::{BOUNDARY, INEFFECTIVE, MANAGED, TOKEN, UNKNOWN};
use super::*;

#[track_caller]
fn check(extra: Value, expected: &[(&str, &str)]) {
    let Value::Object(map) = extra else { panic!("not a map") };
    let problems = check_values(&map);
    let found: Vec<(String, &str)> =
        problems.iter().map(|problem| (problem.dotted_path(), problem.id)).collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(path, id)| (path.as_str(), *id)).collect();
    assert_eq!(found, expected);
    for problem in problems {
        assert!(problem.help.is_some(), "{problem:?}");
    }
}

#[test]
fn templates_are_refused_wherever_they_stand() {
    let set = "{{$_ := set .Values.runners `config` `[[runners]]`}}ok";
    check(json!({ "podLabels": { "c": set } }), &[("podLabels.c", TEXT)]);
    check(json!({ "podLabels": { "{{ a }}": "b" } }), &[("podLabels.{{ a }}", TEXT)]);
    check(json!({ "image": { "image": "{{ x }}" } }), &[("image.image", TEXT)]);
    check(
        json!({ "metrics": { "serviceMonitor": { "metricRelabelings": [{ "a": "{{ x }}" }] } } }),
        &[("metrics.serviceMonitor.metricRelabelings[0].a", TEXT)],
    );
}

#[test]
fn characters_that_helm_loses_are_refused_wherever_they_stand() {
    check(json!({ "podLabels": { "a": "b\u{81}" } }), &[("podLabels.a", TEXT)]);
    check(json!({ "podLabels": { "a\u{7f}": "b" } }), &[("podLabels.a\u{7f}", TEXT)]);
    check(json!({ "tolerations": [{ "key": "\u{2028}" }] }), &[("tolerations[0].key", TEXT)]);
}

#[test]
fn a_second_line_is_refused_where_it_could_set_something_else() {
    let lines = "a\nb: c\n";
    check(json!({ "schedulerName": lines }), &[("schedulerName", TEXT)]);
    check(json!({ "image": { "tag": "a\rb" } }), &[("image.tag", TEXT)]);
    check(json!({ "imagePullSecrets": [{ "name": lines }] }), &[("imagePullSecrets[0].name", TEXT)]);
    check(json!({ "podAnnotations": { lines: "a" } }), &[("podAnnotations.a\nb: c\n", TEXT)]);
    check(json!({ "podAnnotations": { "a": lines }, "configMaps": { "more.toml": lines } }), &[]);
    check(json!({ "extraEnv": { "A": lines }, "envVars": [{ "name": "B", "value": lines }] }), &[]);
}

#[test]
fn what_people_write_passes() {
    check(
        json!({
            "replicas": 2,
            "checkInterval": 10,
            "logLevel": "debug",
            "connectionMaxAge": "15m",
            "image": {"registry": "registry.example.com", "image": "runner", "tag": "v19"},
            "imagePullSecrets": [{"name": "registry"}],
            "metrics": {"enabled": true, "podMonitor": {"enabled": true, "labels": {"a": "b"}}},
            "resources": {"limits": {"memory": "256Mi"}},
            "podLabels": {"anything": "at all"},
            "securityContext": {
                "privileged": false,
                "readOnlyRootFilesystem": true,
                "seccompProfile": {"type": "RuntimeDefault"},
                "seLinuxOptions": {"type": "container_t", "level": "s0:c1,c2"},
            },
            "podSecurityContext": {"runAsUser": 999, "fsGroup": null},
            "nodeSelector": {"kubernetes.io/arch": "amd64"},
            "sessionServer": {"enabled": false},
            "extraEnv": {"CACHE_S3_SERVER_ADDRESS": "s3", "HTTPS_PROXY": "http://proxy"},
            "extraEnvFrom": {"CACHE_S3_ACCESS_KEY": {"secretKeyRef": {"name": "a", "key": "b"}}},
            "envVars": [{"name": "NO_PROXY", "value": "a"}],
            "runners": {"cache": {"secretName": "s3access"}},
            "volumes": [{"name": "ca", "configMap": {"name": "ca"}}],
            "volumeMounts": [
                {"name": "ca", "mountPath": "/home/gitlab-runner/.gitlab-runner/certs/"},
                {"name": "a", "mountPath": "/secrets-of-mine"},
                {"name": "a", "mountPath": "/usr/local/share/ca-certificates"},
                {"name": "a", "mountPath": "/etc/ssl/certs"},
            ],
            "configMaps": {"more.toml": "a = 1"},
            "podAnnotations": {"prometheus.io/scrape": "true", "vault.hashicorp.com/role": "runner"},
            "deploymentLifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
            "schedulerName": "other",
            "automountServiceAccountToken": true,
            "fullnameOverride": "runner-a",
            "livenessProbe": {"periodSeconds": 30},
            "hpa": {"minReplicas": 1, "maxReplicas": 3},
            "global": {"whatever": 1},
            "runnerToken": "",
            "extraObjects": [],
        }),
        &[],
    );
}

#[test]
fn what_tegata_sets_or_closes() {
    for (extra, path, id) in [
        (json!({"rbac": {"create": true}}), "rbac", MANAGED),
        (json!({"rbac": null}), "rbac", MANAGED),
        (json!({"serviceAccount": {"name": "a"}}), "serviceAccount", MANAGED),
        (json!({"gitlabUrl": "https://other"}), "gitlabUrl", MANAGED),
        (json!({"concurrent": 99}), "concurrent", MANAGED),
        (json!({"namespace": "other"}), "namespace", MANAGED),
        (json!({"runners": {"config": null}}), "runners.config", MANAGED),
        (json!({"runners": {"configOverride": "a"}}), "runners.configOverride", MANAGED),
        (json!({"runners": {"secret": "a"}}), "runners.secret", MANAGED),
        (json!({"runners": {"executor": "shell"}}), "runners.executor", MANAGED),
        (json!({"runnerToken": "glrt-x"}), "runnerToken", TOKEN),
        (json!({"runnerRegistrationToken": "x"}), "runnerRegistrationToken", TOKEN),
        (json!({"runners": {"tags": "a,b"}}), "runners.tags", INEFFECTIVE),
        (json!({"runners": {"privileged": true}}), "runners.privileged", REMOVED),
        (json!({"runners": {"namespace": "a"}}), "runners.namespace", REMOVED),
        (json!({"runners": {"helpers": {"image": "a"}}}), "runners.helpers", REMOVED),
        (json!({"envVars": [{"name": "KUBERNETES_NAMESPACE", "value": "a"}]}), "envVars[0].name", BOUNDARY),
        (json!({"extraEnv": {"KUBERNETES_PRIVILEGED": "true"}}), "extraEnv.KUBERNETES_PRIVILEGED", BOUNDARY),
        (json!({"extraEnv": {"RUNNER_EXECUTOR": "shell"}}), "extraEnv.RUNNER_EXECUTOR", BOUNDARY),
        (json!({"extraEnvFrom": {"CI_SERVER_URL": {}}}), "extraEnvFrom.CI_SERVER_URL", BOUNDARY),
        (json!({"extraEnv": {"A: b\nB": "c"}}), "extraEnv.A: b\nB", TEXT),
        (json!({"extraEnvFromRefs": [{"secretRef": {"name": "a"}}]}), "extraEnvFromRefs", BOUNDARY),
        (json!({"extraObjects": [{"kind": "RoleBinding"}]}), "extraObjects", BOUNDARY),
        (json!({"extraContainers": [{"name": "a"}]}), "extraContainers", BOUNDARY),
        (json!({"preEntrypointScript": "rm -rf /"}), "preEntrypointScript", BOUNDARY),
        (json!({"sessionServer": {"enabled": true}}), "sessionServer.enabled", BOUNDARY),
        (json!({"securityContext": {"privileged": true}}), "securityContext.privileged", BOUNDARY),
        (json!({"securityContext": {"procMount": "Unmasked"}}), "securityContext.procMount", BOUNDARY),
        (
            json!({"securityContext": {"seLinuxOptions": {"type": "spc_t"}}}),
            "securityContext.seLinuxOptions.type",
            BOUNDARY,
        ),
        (
            json!({"podSecurityContext": {"seLinuxOptions": {"role": "system_r"}}}),
            "podSecurityContext.seLinuxOptions.role",
            BOUNDARY,
        ),
        (
            json!({"podSecurityContext": {"seccompProfile": {"type": "Unconfined"}}}),
            "podSecurityContext.seccompProfile.type",
            BOUNDARY,
        ),
        (
            json!({"securityContext": {"appArmorProfile": {"type": "unconfined"}}}),
            "securityContext.appArmorProfile.type",
            BOUNDARY,
        ),
        (
            json!({"podSecurityContext": {"windowsOptions": {"hostProcess": true}}}),
            "podSecurityContext.windowsOptions.hostProcess",
            BOUNDARY,
        ),
        (json!({"podSecurityContext": "runAsUser: 0"}), "podSecurityContext", TEXT),
        (
            json!({"deploymentLifecycle": {"postStart": {"exec": {"command": ["sh"]}}}}),
            "deploymentLifecycle.postStart",
            BOUNDARY,
        ),
        (json!({"extraEnv": {"PATH": "/tmp"}}), "extraEnv.PATH", BOUNDARY),
        (json!({"extraEnv": {"HOME": "/tmp"}}), "extraEnv.HOME", BOUNDARY),
        (json!({"extraEnv": {"LD_AUDIT": "/tmp/a.so"}}), "extraEnv.LD_AUDIT", BOUNDARY),
        (json!({"envVars": [{"name": "BASH_ENV", "value": "/tmp/a"}]}), "envVars[0].name", BOUNDARY),
        (json!({"extraEnv": {"CONFIG_FILE": "/tmp/a"}}), "extraEnv.CONFIG_FILE", BOUNDARY),
        (json!({"extraEnv": {"KUBERNETES_SERVICE_HOST": "a"}}), "extraEnv.KUBERNETES_SERVICE_HOST", BOUNDARY),
        (json!({"configMaps": {"../entrypoint": "a"}}), "configMaps.../entrypoint", TEXT),
        (json!({"configMaps": {"a/b": "a"}}), "configMaps.a/b", TEXT),
        (json!({"configMaps": {"..": "a"}}), "configMaps...", TEXT),
        (json!({"configMaps": {"a": {"b": "c"}}}), "configMaps.a", TEXT),
        (
            json!({"volumes": [{"name": "a", "flexVolume": {"driver": "a"}}]}),
            "volumes[0].flexVolume",
            BOUNDARY,
        ),
        (json!({"volumes": [{"name": "a", "gitRepo": {}}]}), "volumes[0].gitRepo", BOUNDARY),
        (json!({"volumeMounts": [{"mountPath": "/entrypoint"}]}), "volumeMounts[0].mountPath", BOUNDARY),
        (json!({"volumeMounts": [{"mountPath": "/usr/bin"}]}), "volumeMounts[0].mountPath", BOUNDARY),
        (json!({"volumeMounts": [{"mountPath": "/"}]}), "volumeMounts[0].mountPath", BOUNDARY),
        (
            json!({"podAnnotations": {"container.apparmor.security.beta.kubernetes.io/a": "unconfined"}}),
            "podAnnotations.container.apparmor.security.beta.kubernetes.io/a",
            BOUNDARY,
        ),
        (json!({"podAnnotations": {"a: b\n    spec": "c"}}), "podAnnotations.a: b\n    spec", TEXT),
        (json!({"schedulerName": "a\n      hostNetwork: true"}), "schedulerName", TEXT),
        (json!({"image": {"image": "a\n        securityContext: {}"}}), "image.image", TEXT),
        (json!({"image": {"tag": "v19\n"}}), "image.tag", TEXT),
        (json!({"replicas": "1\n  paused: true"}), "replicas", TEXT),
        (json!({"fullnameOverride": "tegata.shared.table"}), "fullnameOverride", TEXT),
        (json!({"nameOverride": "a\n"}), "nameOverride", TEXT),
        (json!({"metrics": {"podMonitor": {"path": "/a\n  b: c"}}}), "metrics.podMonitor.path", TEXT),
        (json!({"configMaps": {"config.template.toml": ""}}), "configMaps.config.template.toml", BOUNDARY),
        (json!({"volumes": [{"name": "a", "hostPath": {}}]}), "volumes[0].hostPath", BOUNDARY),
        (
            json!({"volumeMounts": [{"mountPath": "/x/..//configmaps/"}]}),
            "volumeMounts[0].mountPath",
            BOUNDARY,
        ),
        (json!({"volumeMounts": [{"mountPath": "/home"}]}), "volumeMounts[0].mountPath", BOUNDARY),
        (json!({"sentryDsn": "a\"\n[[runners]]"}), "sentryDsn", TEXT),
        (json!({"checkInterval": "3\nlisten_address = \":1\""}), "checkInterval", TEXT),
        (json!({"metrics": {"port": "9252\""}}), "metrics.port", TEXT),
        (json!({"runners": null}), "runners", TEXT),
        (json!({"envVars": {"KUBERNETES_NAMESPACE": "a"}}), "envVars", TEXT),
    ] {
        check(extra, &[(path, id)]);
    }
}

#[test]
fn misspelt_values_are_found_at_every_depth() {
    check(
        json!({
            "gitlabURL": "https://gitlab",
            "somethingElse": 1,
            "runners": {"cahce": {}, "whatever": 1},
            "metrics": {"podMonitor": {"enable": true}},
        }),
        &[
            ("gitlabURL", UNKNOWN),
            ("somethingElse", UNKNOWN),
            ("runners.cahce", UNKNOWN),
            ("runners.whatever", UNKNOWN),
            ("metrics.podMonitor.enable", UNKNOWN),
        ],
    );
    let Value::Object(map) = json!({"gitlabURL": "a"}) else { panic!("not a map") };
    assert_eq!(
        check_values(&map).first().and_then(|problem| problem.help.as_deref()),
        Some("did you mean `gitlabUrl`?")
    );
}
