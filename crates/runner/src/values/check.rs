//! What is wrong with further Helm values.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::rules::{REMOVED, REMOVED_RUNNERS, RULES, Sets, TEXT};
use super::{environment, known, lines, lookup, mounts, names, path};
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
    names::check(extra, &mut problems);
    shapes(extra, &mut problems);
    nulls(extra, &mut problems);

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
        Sets::OneOf(bad) => {
            value.as_str().is_some_and(|text| bad.iter().any(|bad| bad.eq_ignore_ascii_case(text)))
        }
        Sets::NoneOf(good) => is_filled(value) && !value.as_str().is_some_and(|text| good.contains(&text)),
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

/// Maps that the chart's templates look into without asking whether they are there.
const NEEDED: [&str; 11] = [
    "image",
    "livenessProbe",
    "metrics",
    "metrics.podMonitor",
    "metrics.serviceMonitor",
    "podSecurityContext",
    "readinessProbe",
    "runners",
    "runners.cache",
    "service",
    "sessionServer",
];

/// A null takes a map of the chart's defaults away, and some of them are missed: Helm then renders nothing.
fn nulls(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    for key in NEEDED {
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        if lookup(extra, &path).is_some_and(Value::is_null) {
            problems.push(KeyProblem::new(
                &path,
                TEXT,
                format!("without `{key}` the chart can't be rendered: its templates look into it"),
                "leave it out, or set single keys below it",
            ));
        }
    }
}

/// A map that isn't one, or a list that isn't one: nothing inside could be looked at.
fn shapes(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    for key in [
        "runners",
        "extraEnv",
        "extraEnvFrom",
        "configMaps",
        "sessionServer",
        "securityContext",
        "podSecurityContext",
        "podAnnotations",
        "deploymentLifecycle",
    ] {
        if let Some(value) = extra.get(key)
            && !value.is_object()
            && !value.is_null()
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
