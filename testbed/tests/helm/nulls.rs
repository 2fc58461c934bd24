//! A null takes a default of the chart's away, and the templates may miss it.

use serde_json::{Map, Value, json};
use tegata_runner::values::check_values;
use testbed::Chart;

use crate::release::values_file;
use crate::support::Workspace;

/// The paths of all keys of a map.
fn paths(map: &Map<String, Value>, above: &[String], found: &mut Vec<Vec<String>>) {
    for (key, value) in map {
        let here = [above, std::slice::from_ref(key)].concat();
        if let Some(below) = value.as_object() {
            paths(below, &here, found);
        }
        found.push(here);
    }
}

#[test]
fn a_null_that_helm_stumbles_over_is_refused() {
    let chart = Chart::from_env().unwrap();
    let values = fs_err::read_to_string(chart.values()).unwrap();
    let values: Map<String, Value> = serde_yaml::from_str(&values).unwrap();
    let mut keys = Vec::new();
    paths(&values, &[], &mut keys);
    assert!(keys.len() > 80, "{}", keys.len());

    let workspace = Workspace::example();
    workspace.render();
    let base = values_file(&workspace, "shared");
    let extra = workspace.path("null.json");
    let mut stumbled = 0;
    for path in keys {
        let null = path.iter().rev().fold(Value::Null, |value, key| json!({ key.as_str(): value }));
        fs_err::write(&extra, null.to_string()).unwrap();
        if chart.template("gitlab-runner", "gitlab-runner", &[&base, &extra]).is_err() {
            stumbled += 1;
            assert!(!check_values(null.as_object().unwrap()).is_empty(), "{path:?} is accepted");
        }
    }
    assert!(stumbled > 0, "no null is missed any more");
}
