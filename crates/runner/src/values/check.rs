//! What is wrong with further Helm values.

use serde_json::{Map, Value};

use super::rules::{REMOVED, REMOVED_RUNNERS, RULES, Sets, TEXT};
use super::{environment, known, lines, lookup, mounts, path};
use crate::keys::kind_of;
use crate::lost;
use crate::problem::{KeyProblem, step};

/// What is wrong with the values that somebody adds to those of [`super::base_values`].
///
/// A value that tegata sets itself, one that would loosen the boundary or hold a token, one that the
/// chart had once, and a name that it doesn't have. Each problem says what to write instead.
#[must_use]
pub fn check_values(extra: &Map<String, Value>) -> Vec<KeyProblem> {
    let mut problems = Vec::new();
    for rule in RULES {
        let path: Vec<String> = rule.path.split('.').map(str::to_owned).collect();
        if let Some(value) = lookup(extra, &path)
            && applies(rule.sets, value)
        {
            problems.push(KeyProblem::new(&path, rule.id, rule.message, rule.help));
        }
    }
    removed(extra, &mut problems);
    environment::check(extra, &mut problems);
    lines::check(extra, &mut problems);
    mounts::check_config_maps(extra, &mut problems);
    mounts::check_mounts(extra, &mut problems);
    shapes(extra, &mut problems);

    let paths = |problems: &[KeyProblem]| -> Vec<Vec<String>> {
        problems.iter().map(|problem| problem.path.clone()).collect()
    };
    let covers = |told: &[Vec<String>], path: &[String]| told.iter().any(|told| path.starts_with(told));
    let told = paths(&problems);
    let mut of_texts = Vec::new();
    texts(&[], &Value::Object(extra.clone()), &mut of_texts);
    problems.extend(of_texts.into_iter().filter(|problem| !covers(&told, &problem.path)));
    let told = paths(&problems);
    known::check(&[], extra, &|path| covers(&told, path), &mut problems);
    problems
}

/// Values whose texts may have several lines: the chart quotes these, or writes them by Helm's `toYaml`.
const SEVERAL_LINES: [&str; 6] =
    ["configMaps", "deploymentAnnotations", "deploymentLifecycle", "envVars", "extraEnv", "podAnnotations"];

/// Refuses what the chart can't carry in every key and every text: `{{`, some characters, and further lines.
fn texts(path: &[String], value: &Value, problems: &mut Vec<KeyProblem>) {
    match value {
        Value::String(text) => {
            let lines = path.first().is_some_and(|first| SEVERAL_LINES.contains(&first.as_str()));
            check_text(path, text, lines, problems);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(&step(path, index.to_string()), item, problems);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let here = step(path, key);
                check_text(&here, key, false, problems);
                texts(&here, value, problems);
            }
        }
        _ => {}
    }
}

/// The chart runs Helm's `tpl` over many of its values (`podLabels`, `deploymentLabels`, `image`, annotations of the
/// account, relabelings), and writes others into YAML as they are (`schedulerName`, `image.tag`, `replicas`).
fn check_text(path: &[String], text: &str, lines: bool, problems: &mut Vec<KeyProblem>) {
    let mut tell = |message: &str, help: &str| problems.push(KeyProblem::new(path, TEXT, message, help));
    if text.contains("{{") {
        tell(
            "`{{` can't stand in Helm values: the chart takes it for a template, which can set every other value",
            "remove it, or write the two braces apart",
        );
    } else if let Some(character) = lost::character(text) {
        tell(&lost::message(character), lost::HELP);
    } else if !lines && text.contains(['\n', '\r']) {
        tell(
            "the chart may write this text into YAML as it is, where a second line can set every other value",
            "write it on one line",
        );
    }
}

fn applies(sets: Sets, value: &Value) -> bool {
    match sets {
        Sets::Always => true,
        Sets::True => !matches!(value, Value::Bool(false) | Value::Null),
        Sets::Filled => is_filled(value),
    }
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn removed(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    let Some(Value::Object(runners)) = extra.get("runners") else { return };
    for (name, help) in REMOVED_RUNNERS {
        if runners.contains_key(*name) {
            problems.push(KeyProblem::new(
                &path(&["runners", name]),
                REMOVED,
                format!("the chart has no `runners.{name}` any more (since 0.53.0), and ignores it"),
                *help,
            ));
        }
    }
}

/// A map that isn't one, or a list that isn't one: nothing inside could be looked at, and `null` for
/// `runners` or another map of ours breaks the chart's templates.
fn shapes(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    for key in ["runners", "extraEnv", "extraEnvFrom", "configMaps", "sessionServer", "securityContext"] {
        if let Some(value) = extra.get(key)
            && !value.is_object()
            && !(value.is_null() && key != "runners")
        {
            problems.push(KeyProblem::new(
                &path(&[key]),
                TEXT,
                format!("`{key}` must be a map, not {}", kind_of(value)),
                "write `name: value` below it",
            ));
        }
    }
    for key in ["envVars", "volumes", "volumeMounts"] {
        if let Some(value) = extra.get(key)
            && !value.is_array()
            && !value.is_null()
        {
            problems.push(KeyProblem::new(
                &path(&[key]),
                TEXT,
                format!("`{key}` must be a list, not {}", kind_of(value)),
                "write `- name: ...` below it",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
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
                "securityContext": {"privileged": false, "readOnlyRootFilesystem": true},
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
                ],
                "configMaps": {"more.toml": "a = 1"},
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
            (
                json!({"envVars": [{"name": "KUBERNETES_NAMESPACE", "value": "a"}]}),
                "envVars[0].name",
                BOUNDARY,
            ),
            (
                json!({"extraEnv": {"KUBERNETES_PRIVILEGED": "true"}}),
                "extraEnv.KUBERNETES_PRIVILEGED",
                BOUNDARY,
            ),
            (json!({"extraEnv": {"RUNNER_EXECUTOR": "shell"}}), "extraEnv.RUNNER_EXECUTOR", BOUNDARY),
            (json!({"extraEnvFrom": {"CI_SERVER_URL": {}}}), "extraEnvFrom.CI_SERVER_URL", BOUNDARY),
            (json!({"extraEnv": {"A: b\nB": "c"}}), "extraEnv.A: b\nB", TEXT),
            (json!({"extraEnvFromRefs": [{"secretRef": {"name": "a"}}]}), "extraEnvFromRefs", BOUNDARY),
            (json!({"extraObjects": [{"kind": "RoleBinding"}]}), "extraObjects", BOUNDARY),
            (json!({"extraContainers": [{"name": "a"}]}), "extraContainers", BOUNDARY),
            (json!({"preEntrypointScript": "rm -rf /"}), "preEntrypointScript", BOUNDARY),
            (json!({"sessionServer": {"enabled": true}}), "sessionServer.enabled", BOUNDARY),
            (json!({"securityContext": {"privileged": true}}), "securityContext.privileged", BOUNDARY),
            (
                json!({"configMaps": {"config.template.toml": ""}}),
                "configMaps.config.template.toml",
                BOUNDARY,
            ),
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
}
