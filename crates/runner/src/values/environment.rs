//! The environment of the manager's container.

use serde_json::{Map, Value};

use super::path;
use super::rules::{BOUNDARY, TEXT};
use crate::problem::{KeyProblem, step};

/// Variables of the manager's container.
pub(super) fn check(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    for key in ["extraEnv", "extraEnvFrom"] {
        let Some(Value::Object(map)) = extra.get(key) else { continue };
        for name in map.keys() {
            problems.extend(variable(&path(&[key, name]), name));
        }
    }
    let Some(Value::Array(list)) = extra.get("envVars") else { return };
    for (index, item) in list.iter().enumerate() {
        let here = path(&["envVars", &index.to_string()]);
        match item.get("name").and_then(Value::as_str) {
            Some(name) => problems.extend(variable(&step(&here, "name"), name)),
            None => problems.push(KeyProblem::new(
                &here,
                TEXT,
                "a variable needs a name",
                "write `- name: ...` and `value: ...`",
            )),
        }
    }
}

/// The environment beats the configuration that tegata writes, so no variable may speak of the same.
///
/// Source: the `env` tags in `common/config.go` and `commands/register.go` of the runner.
fn variable(path: &[String], name: &str) -> Option<KeyProblem> {
    let plain = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain {
        return Some(KeyProblem::new(
            path,
            TEXT,
            format!("`{}` is no name of a variable", name.escape_debug()),
            "use letters, digits and `_` only, no digit first",
        ));
    }
    let code = ["LD_", "BASH_"].iter().any(|start| name.starts_with(start))
        || ["PATH", "HOME", "ENV", "IFS", "PS4", "BASHOPTS", "SHELLOPTS", "PROMPT_COMMAND"].contains(&name);
    if code {
        return Some(KeyProblem::new(
            path,
            BOUNDARY,
            format!(
                "`{name}` decides which programs and files the manager starts with, its configuration among them"
            ),
            "remove it; build an image of your own if the manager needs more",
        ));
    }
    let starts = ["KUBERNETES_", "RUNNER_", "REGISTER_", "CI_SERVER_"];
    let names = [
        "KUBECTL_CONTEXT",
        "KUBECONFIG",
        "REGISTRATION_TOKEN",
        "FEATURE_FLAGS",
        "TEMPLATE_CONFIG_FILE",
        "CONFIG_FILE",
        "CONFIG_PATH_FOR_INIT",
        "CLONE_URL",
    ];
    let flag = name.starts_with("FF_");
    (flag || starts.iter().any(|start| name.starts_with(start)) || names.contains(&name)).then(|| {
        KeyProblem::new(
            path,
            BOUNDARY,
            format!(
                "the manager reads `{name}` when it starts, and it beats the configuration that tegata writes"
            ),
            "remove it; further keys of `[runners.kubernetes]` go into the runner's file, under \
                 `kubernetes`",
        )
    })
}
