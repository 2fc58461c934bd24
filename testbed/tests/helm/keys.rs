//! The keys that the chart reads. It has no schema: Helm takes a misspelt key without a word.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value, json};
use tegata_runner::values::{REMOVED, UNKNOWN, check_values};

use crate::release::{Judge, rendered, values_file};
use crate::support::Workspace;

/// What says that a key is the chart's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It stands in the chart's `values.yaml`.
    InValues,
    /// The templates read it, or something below it.
    InTemplates,
    /// It stands below one that the templates take as a whole.
    Below,
}

/// The keys of a chart, from the chart itself.
pub struct ChartKeys {
    values: Value,
    read: BTreeSet<String>,
    taken_whole: BTreeSet<String>,
}

impl ChartKeys {
    pub fn new(values: Value, templates: &str) -> Self {
        // `hasKey .Values.runners "name"` reads the one key, not the map.
        let has_key = Regex::new(r#"hasKey \.Values((?:\.\w+)*) "(\w+)""#).unwrap();
        let templates = has_key.replace_all(templates, ".Values$1.$2");
        let all = |pattern: &str| {
            let pattern = Regex::new(pattern).unwrap();
            pattern.captures_iter(&templates).map(|found| found[1].to_owned()).collect()
        };
        Self {
            values,
            read: all(r"\.Values\.(\w+(?:\.\w+)*)"),
            taken_whole: all(
                r"(?:toYaml|with|range(?: \$\w+, \$\w+ :=| \$\w+ :=)?) \.Values\.(\w+(?:\.\w+)*)",
            ),
        }
    }

    pub fn find(&self, path: &[&str]) -> Option<Found> {
        let name = path.join(".");
        if path.iter().try_fold(&self.values, |value, key| value.get(key)).is_some() {
            return Some(Found::InValues);
        }
        let below = format!("{name}.");
        if self.read.contains(&name) || self.read.iter().any(|read| read.starts_with(&below)) {
            return Some(Found::InTemplates);
        }
        (1..path.len()).any(|end| self.taken_whole.contains(&path[..end].join("."))).then_some(Found::Below)
    }

    /// All of them that have a name.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = self.read.clone();
        each_leaf(&self.values, &mut Vec::new(), &mut |path| {
            names.insert(path.join("."));
        });
        names
    }

    /// The keys of some values that the chart doesn't have.
    pub fn unknown(&self, values: &Value) -> Vec<String> {
        let mut unknown = Vec::new();
        each_leaf(values, &mut Vec::new(), &mut |path| {
            if self.find(path).is_none() {
                unknown.push(path.join("."));
            }
        });
        unknown
    }
}

fn each_leaf<'a>(value: &'a Value, path: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&str])) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                path.push(key);
                each_leaf(value, path, visit);
                path.pop();
            }
        }
        _ => visit(path),
    }
}

#[test]
fn every_rendered_key_is_one_of_the_chart() {
    let keys = Judge::new().keys;
    let find = |name: &str| keys.find(&name.split('.').collect::<Vec<_>>());
    let (workspace, _) = rendered(json!({}), &[]);
    let values = Judge::new().values(&values_file(&workspace, "shared"));
    let mut found = Vec::new();
    each_leaf(&values, &mut Vec::new(), &mut |path| found.push((path.join("."), keys.find(path))));
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let expected = [
        ("concurrent", Found::InValues),
        ("gitlabUrl", Found::InTemplates),
        ("rbac.create", Found::InValues),
        ("runners.config", Found::InValues),
        ("runners.name", Found::InTemplates),
        ("runners.secret", Found::InTemplates),
        ("serviceAccount.create", Found::InTemplates),
        ("serviceAccount.name", Found::InValues),
    ];
    assert_eq!(found, expected.map(|(name, found)| (name.to_owned(), Some(found))));
    assert_eq!(find("podLabels.any-label"), Some(Found::Below));
    assert_eq!(find("securityContext.seccompProfile.type"), Some(Found::Below));
}

#[test]
fn a_misspelt_key_is_found() {
    let judge = Judge::new();
    let (workspace, _) = rendered(json!({ "values": { "metrics": { "enabled": true } } }), &[]);
    let values = judge.values(&values_file(&workspace, "shared"));
    assert_eq!(judge.keys.unknown(&values), [""; 0]);
    for (right, wrong, named) in [
        ("gitlabUrl", "gitlabURL", "gitlabURL"),
        ("concurrent", "concurent", "concurent"),
        ("secret", "secrets", "runners.secrets"),
        ("config", "confg", "runners.confg"),
        ("enabled", "enable", "metrics.enable"),
        ("serviceAccount", "serviceaccount", "serviceaccount.create, serviceaccount.name"),
    ] {
        let text = values.to_string();
        let key = format!("\"{right}\":");
        assert_eq!(text.matches(&key).count(), 1, "{right}");
        let misspelt: Value = serde_json::from_str(&text.replace(&key, &format!("\"{wrong}\":"))).unwrap();
        assert_eq!(judge.keys.unknown(&misspelt).join(", "), named);
    }
}

/// tegata's own table of the chart's keys, by which it refuses what people misspell, is that of the chart.
#[test]
fn every_key_of_the_chart_is_known() {
    let keys = Judge::new().keys;
    let names = keys.names();
    for name in &names {
        let extra = name.rsplit('.').fold(json!("x"), |value, key| json!({ key: value }));
        let problems = check_values(extra.as_object().unwrap_or(&Map::new()));
        assert!(problems.iter().all(|problem| problem.id != UNKNOWN), "{name}: {problems:?}");
        // What NOTES.txt reads only to say that it is gone.
        assert_eq!(
            name == "runners.namespace",
            problems.iter().any(|problem| problem.id == REMOVED),
            "{name}"
        );
    }
    assert!(names.len() > 150, "{}", names.len());
}

#[test]
fn the_values_of_the_example_have_keys_of_the_chart() {
    let judge = Judge::new();
    let example = Workspace::example();
    example.render();
    let files = example.rendered("helm");
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(judge.keys.unknown(&judge.values(&file)), [""; 0], "{file}");
    }
}
