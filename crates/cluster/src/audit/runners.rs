//! The configurations of runners that lie in ConfigMaps, and what they let jobs choose.

use serde_json::Value;
use tegata_runner::KeyProblem;
use tegata_runner::openness::open_settings;

use crate::finding::{Finding, Severity};

/// The keys under which the chart `gitlab-runner`, and people, keep a configuration.
const KEYS: [&str; 2] = ["config.template.toml", "config.toml"];

/// The configuration of a runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The namespace of the ConfigMap.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The key in it.
    pub key: &'static str,
    /// What is open; an error if the text can't be read.
    pub open: Result<Vec<KeyProblem>, String>,
}

pub(super) fn texts(map: &Value) -> impl Iterator<Item = (&'static str, &str)> {
    KEYS.into_iter().filter_map(|key| Some((key, map.get("data")?.get(key)?.as_str()?)))
}

pub(super) fn configurations(maps: &[Value]) -> Vec<Configuration> {
    let text =
        |map: &Value, field: &str| map.pointer(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let of_map = |map| {
        texts(map).map(move |(key, config)| Configuration {
            namespace: text(map, "/metadata/namespace"),
            name: text(map, "/metadata/name"),
            key,
            open: open_settings(config),
        })
    };
    let mut found: Vec<Configuration> = maps.iter().flat_map(of_map).collect();
    found.sort_by(|a, b| (&a.namespace, &a.name, a.key).cmp(&(&b.namespace, &b.name, b.key)));
    found
}

impl Configuration {
    /// As people name it.
    pub fn id(&self) -> String {
        format!("ConfigMap/{}/{}", self.namespace, self.name)
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let place = format!("ConfigMap {}/{}, {}", self.namespace, self.name, self.key);
        match &self.open {
            Ok(problems) => problems.iter().map(|problem| self.open_setting(&place, problem)).collect(),
            Err(error) => vec![
                Finding::new(
                    Severity::Warning,
                    "unreadable-configuration",
                    format!("{place} is no TOML, and nobody knows what it admits: {error}"),
                    "look at it by hand: the runner can't read it either",
                )
                .about(self.id()),
            ],
        }
    }

    fn open_setting(&self, place: &str, problem: &KeyProblem) -> Finding {
        let message = format!("{place}, {}: {}", problem.dotted_path(), problem.message);
        let help = problem.help.clone().unwrap_or_else(|| "spell out what is meant".to_owned());
        Finding::new(Severity::Error, problem.id, message, help).about(self.id())
    }
}
