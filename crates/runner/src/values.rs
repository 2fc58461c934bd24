//! The values of the Helm chart `gitlab-runner`.
//!
//! Source: `values.yaml` and the templates of the chart, version 0.86.0. The chart has no
//! `values.schema.json`, so Helm takes a misspelt key without a word; [`check_values`] doesn't.

mod check;
mod environment;
mod known;
mod lines;
mod mounts;
mod names;
mod rules;
mod settings;

use serde_json::{Map, Value, json};

pub use check::check_values;
pub use rules::{BOUNDARY, INEFFECTIVE, MANAGED, REMOVED, TEXT, TOKEN, UNKNOWN};
pub use settings::check_settings;

/// What tegata sets in the values of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseSettings {
    /// The address of GitLab.
    pub gitlab_url: String,
    /// The name of the manager in GitLab's list of runners.
    pub runner_name: String,
    /// The existing Secret that holds `runner-token` and `runner-registration-token`.
    pub token_secret: String,
    /// The manager's own account, which is made beside the chart.
    pub manager_service_account: String,
    /// How many jobs run at once.
    pub concurrent: u32,
    /// The text of [`crate::config::to_toml`].
    pub config: String,
}

/// The values that tegata sets.
///
/// The chart makes neither account nor role: `rbac.create: true` without rules grants `*` on the core
/// group, and its Role covers one namespace only (`templates/role.yaml`). The manager's account and its
/// bindings are manifests of their own instead.
#[must_use]
pub fn base_values(settings: &ReleaseSettings) -> Map<String, Value> {
    let values = json!({
        "gitlabUrl": settings.gitlab_url,
        "concurrent": settings.concurrent,
        "rbac": {"create": false},
        "serviceAccount": {"create": false, "name": settings.manager_service_account},
        "runners": {
            "name": settings.runner_name,
            "secret": settings.token_secret,
            "config": settings.config,
        },
    });
    match values {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Lays further values over others, as Helm does with several `-f` files: maps are merged, everything
/// else is replaced.
///
/// A null stays a null. It deletes the key, but not here: Helm drops it together with the chart's own
/// default when it reads the file (`coalesceValues` in `pkg/chart/common/util` of Helm), and a null
/// that was dropped here would bring that default back.
#[must_use]
pub fn merge(base: Map<String, Value>, extra: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = base;
    for (key, value) in extra {
        match (merged.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(over)) => {
                *below = merge(std::mem::take(below), over);
            }
            (Some(there), _) => *there = value.clone(),
            (None, _) => {
                merged.insert(key.clone(), value.clone());
            }
        }
    }
    merged
}

/// The value at the end of a path of maps.
fn lookup<'a>(map: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = map.get(first)?;
    if rest.is_empty() { Some(value) } else { lookup(value.as_object()?, rest) }
}

fn path(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ReleaseSettings {
        ReleaseSettings {
            gitlab_url: "https://gitlab.example.com/".to_owned(),
            runner_name: "shared".to_owned(),
            token_secret: "gitlab-runner-token".to_owned(),
            manager_service_account: "gitlab-runner".to_owned(),
            concurrent: 10,
            config: "[[runners]]\n".to_owned(),
        }
    }

    #[test]
    fn base() {
        assert_eq!(
            Value::Object(base_values(&settings())),
            json!({
                "gitlabUrl": "https://gitlab.example.com/",
                "concurrent": 10,
                "rbac": {"create": false},
                "serviceAccount": {"create": false, "name": "gitlab-runner"},
                "runners": {
                    "name": "shared",
                    "secret": "gitlab-runner-token",
                    "config": "[[runners]]\n",
                },
            })
        );
    }

    #[test]
    fn every_key_of_the_base_is_one_of_the_chart_and_closed_to_others() {
        fn walk(path: &str, value: &Value) {
            match value {
                Value::Object(map) => {
                    for (key, value) in map {
                        let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                        walk(&here, value);
                    }
                }
                _ => {
                    assert!(known::is_listed(path), "{path}");
                    let mut extra = value.clone();
                    for key in path.rsplit('.') {
                        extra = json!({ key: extra });
                    }
                    let Value::Object(extra) = extra else { panic!("not a map") };
                    let problems = check_values(&extra);
                    assert_eq!(problems.len(), 1, "{path}: {problems:?}");
                    assert_eq!(problems[0].id, MANAGED, "{path}");
                }
            }
        }
        walk("", &Value::Object(base_values(&settings())));
    }

    #[test]
    fn merges_like_helm() {
        let map = |value: Value| match value {
            Value::Object(map) => map,
            _ => panic!("not a map"),
        };
        for (base, extra, expected) in [
            (json!({"a": 1}), json!({}), json!({"a": 1})),
            (json!({"a": {"b": 1}}), json!({"a": {"c": 2}}), json!({"a": {"b": 1, "c": 2}})),
            (json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]})),
            (json!({"a": {"b": 1}}), json!({"a": 2}), json!({"a": 2})),
            (json!({"a": 1}), json!({"a": {"b": 2}}), json!({"a": {"b": 2}})),
            (json!({"a": {"b": 1}}), json!({"a": {"b": null}}), json!({"a": {"b": null}})),
            (json!({}), json!({"a": {"b": null}}), json!({"a": {"b": null}})),
        ] {
            assert_eq!(Value::Object(merge(map(base), &map(extra))), expected);
        }
    }
}
