//! The chart writes some values into YAML as they are. None may lead out of its place.

use fs_err as fs;
use serde_json::{Value, json};
use tegata_runner::values::check_values;

use crate::release::{Judge, rendered, values_file};
use crate::support::input;

/// A key that no object of the chart has.
const FOREIGN: &str = "foreign";

/// Texts of several lines that would bring it in: at another indentation, out of quotes, in an object of its own.
fn texts() -> Vec<String> {
    let deep = (0..=14).step_by(2).map(|spaces| format!("a\n{}{FOREIGN}: b", " ".repeat(spaces)));
    let quoted = (0..=14).step_by(2).map(|spaces| format!("a\"\n{}{FOREIGN}: \"b", " ".repeat(spaces)));
    let others =
        [format!("a\n---\n{FOREIGN}: b\n"), format!("a\r{FOREIGN}: b"), format!("a\", {FOREIGN}: \"b")];
    deep.chain(quoted).chain(others).collect()
}

/// Values under which the chart makes everything that it can make for a runner of tegata's.
fn everything_on() -> Value {
    json!({
        "metrics": { "enabled": true, "serviceMonitor": { "enabled": true }, "podMonitor": { "enabled": true } },
        "service": { "enabled": true },
        "runners": { "cache": { "secretName": "cache" } },
    })
}

/// `base` with a value at the end of a path, whose numbers are places in lists.
fn with(base: &Value, path: &[&str], value: &str) -> Value {
    let Some((first, rest)) = path.split_first() else { return json!(value) };
    if *first == "0" {
        return json!([with(&json!({}), rest, value)]);
    }
    let mut map = base.as_object().cloned().unwrap_or_default();
    let below = map.get(*first).cloned().unwrap_or(json!({}));
    map.insert((*first).to_owned(), with(&below, rest, value));
    Value::Object(map)
}

fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(map) => map.contains_key(key) || map.values().any(|value| has_key(value, key)),
        Value::Array(items) => items.iter().any(|item| has_key(item, key)),
        _ => false,
    }
}

/// Values in lists and open maps, which the templates' own words don't show.
const MORE: [&str; 16] = [
    "secrets.0.name",
    "imagePullSecrets.0.name",
    "hostAliases.0.ip",
    "envVars.0.value",
    "extraEnv.A",
    "extraEnvFrom.A.secretKeyRef.name",
    "volumes.0.name",
    "volumeMounts.0.name",
    "podAnnotations.a",
    "podLabels.a",
    "deploymentAnnotations.a",
    "deploymentLabels.a",
    "configMaps.a",
    "service.annotations.a",
    "service.labels.a",
    "service.loadBalancerSourceRanges.0",
];

#[test]
fn no_text_leads_out_of_its_place() {
    let judge = Judge::new();
    let (workspace, _) = rendered(json!({ "values": everything_on() }), &[]);
    let own = judge.values(&values_file(&workspace, "shared"));
    let file = workspace.path("changed.yaml");
    let leads_out = |values: &Value| {
        fs::write(&file, input(values)).unwrap();
        // What Helm refuses reaches no cluster.
        let text = judge.chart.template("gitlab-runner", "gitlab-runner", &[&file]).unwrap_or_default();
        judge.read(&text).iter().any(|object| has_key(object, FOREIGN))
    };
    let names = judge.keys.names();
    let mut tried = 0;
    let mut out_of_place = Vec::new();
    for name in names.iter().map(String::as_str).chain(MORE) {
        let path: Vec<&str> = name.split('.').collect();
        for text in texts() {
            let extra = with(&everything_on(), &path, &text);
            if check_values(extra.as_object().unwrap()).is_empty() {
                tried += 1;
                if leads_out(&with(&own, &path, &text)) {
                    out_of_place.push(format!("{name}: {text:?}"));
                }
            }
        }
    }
    assert_eq!(out_of_place, [""; 0]);
    assert!(tried > 50, "{tried}");
    // That there is something to find: what is refused does lead out.
    for (path, text) in [("schedulerName", "a\n      foreign: b"), ("replicas", "1\n  foreign: b")] {
        let path = &[path];
        let extra = with(&everything_on(), path, text);
        assert!(!check_values(extra.as_object().unwrap()).is_empty() && leads_out(&with(&own, path, text)));
    }
}
