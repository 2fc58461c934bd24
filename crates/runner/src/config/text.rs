//! Between the value and its text in TOML.

use serde_json::{Map, Number, Value};

use super::{ConfigError, RunnerConfig, to_value};
use crate::lost;
use crate::problem::step;

/// The text of `runners.config`.
///
/// `executor` first, then the pinned flags, then `[runners.kubernetes]`: what tegata writes, and below
/// it the further keys in the order in which they were written, single values before tables. Every
/// pattern is on one line.
///
/// # Errors
/// What [`to_value`] refuses, and values that TOML has no form for: null, and whole numbers beyond 63
/// bits. Also what the chart can't carry: `{{`, which Helm would take for a template, and some characters.
pub fn to_toml(config: &RunnerConfig) -> Result<String, ConfigError> {
    let document = to_value(config)?;
    let mut table = toml::Table::new();
    for (key, value) in &document {
        // Paths in errors start below the one runner, as people write them.
        let value = match value.as_array().and_then(|runners| runners.first()) {
            Some(Value::Object(runner)) => {
                toml::Value::Array(vec![toml::Value::Table(runner_table(runner)?)])
            }
            _ => to_toml_value(&[], value)?,
        };
        table.insert(key.clone(), value);
    }
    let text = toml::to_string(&table).map_err(|error| {
        ConfigError::new(&[], format!("the configuration has no form in TOML: {error}"), "")
    })?;
    if text.contains("{{") {
        // Every text was looked at before, so this is a pair that only the writing brought together.
        return Err(template_error(&[]));
    }
    Ok(text)
}

fn runner_table(runner: &Map<String, Value>) -> Result<toml::Table, ConfigError> {
    let mut table = toml::Table::new();
    for (key, value) in runner {
        let path = if key == "kubernetes" { Vec::new() } else { vec![key.clone()] };
        table.insert(key.clone(), to_toml_value(&path, value)?);
    }
    Ok(table)
}

/// Whether the chart can carry a text.
fn check_text(path: &[String], text: &str) -> Result<(), ConfigError> {
    if text.contains("{{") {
        return Err(template_error(path));
    }
    match lost::character(text) {
        Some(character) => Err(ConfigError::new(path, lost::message(character), lost::HELP)),
        None => Ok(()),
    }
}

fn template_error(path: &[String]) -> ConfigError {
    ConfigError::new(
        path,
        "`{{` can't stand in the runner's configuration: the chart takes it for a Helm template",
        "remove it, or write the two braces apart",
    )
}

fn to_toml_value(path: &[String], value: &Value) -> Result<toml::Value, ConfigError> {
    Ok(match value {
        Value::Null => {
            return Err(ConfigError::new(
                path,
                "TOML has no empty value (null)",
                "remove the key, or give it a value",
            ));
        }
        Value::Bool(on) => toml::Value::Boolean(*on),
        Value::Number(number) => to_toml_number(path, number)?,
        Value::String(text) => {
            check_text(path, text)?;
            toml::Value::String(text.clone())
        }
        Value::Array(items) => {
            let mut array = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                array.push(to_toml_value(&step(path, index.to_string()), item)?);
            }
            toml::Value::Array(array)
        }
        Value::Object(entries) => {
            let mut table = toml::Table::new();
            // TOML's tables end the values of the table above them, so those stand first.
            let (tables, values): (Vec<_>, Vec<_>) =
                entries.iter().partition(|(_, value)| opens_table(value));
            for (key, value) in values.into_iter().chain(tables) {
                let here = step(path, key.as_str());
                check_text(&here, key)?;
                table.insert(key.clone(), to_toml_value(&here, value)?);
            }
            toml::Value::Table(table)
        }
    })
}

fn opens_table(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_object),
        _ => false,
    }
}

fn to_toml_number(path: &[String], number: &Number) -> Result<toml::Value, ConfigError> {
    if let Some(whole) = number.as_i64() {
        return Ok(toml::Value::Integer(whole));
    }
    // A u64 that is no i64 would become a float, and lose digits without a word.
    match number.as_f64() {
        Some(float) if number.is_f64() && float.is_finite() => Ok(toml::Value::Float(float)),
        _ => Err(ConfigError::new(
            path,
            format!("TOML can't hold the number {number}"),
            "write a whole number between -9223372036854775808 and 9223372036854775807",
        )),
    }
}

/// Reads a text of `runners.config` back: the value that [`to_value`] made.
///
/// # Errors
/// A text that isn't TOML, that has not exactly one `[[runners]]`, or that holds what JSON can't: dates
/// and numbers that are none.
pub fn from_toml(text: &str) -> Result<Map<String, Value>, ConfigError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        ConfigError::new(&[], format!("this is no TOML: {}", error.message()), "")
    })?;
    let runners = table.get("runners").and_then(toml::Value::as_array).map_or(0, Vec::len);
    if runners != 1 {
        return Err(ConfigError::new(
            &[],
            format!("the chart takes exactly one `[[runners]]`, and here are {runners}"),
            "write one `[[runners]]`; a second runner is a second release",
        ));
    }
    let mut document = Map::new();
    for (key, value) in &table {
        document.insert(key.clone(), to_json(std::slice::from_ref(key), value)?);
    }
    Ok(document)
}

fn to_json(path: &[String], value: &toml::Value) -> Result<Value, ConfigError> {
    Ok(match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(whole) => (*whole).into(),
        toml::Value::Boolean(on) => (*on).into(),
        toml::Value::Float(float) => match Number::from_f64(*float) {
            Some(number) => Value::Number(number),
            None => {
                return Err(ConfigError::new(path, "this is no number", "write a finite number"));
            }
        },
        toml::Value::Datetime(_) => {
            return Err(ConfigError::new(path, "no key of the runner is a date", "write it in quotes"));
        }
        toml::Value::Array(items) => {
            let mut array = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                array.push(to_json(&step(path, index.to_string()), item)?);
            }
            Value::Array(array)
        }
        toml::Value::Table(table) => {
            let mut object = Map::new();
            for (key, value) in table {
                object.insert(key.clone(), to_json(&step(path, key.as_str()), value)?);
            }
            Value::Object(object)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Isolation, RunnerConfig};
    use super::*;
    use crate::keys::{KUBERNETES, check_kubernetes};
    use crate::overwrite::exact_pattern;
    use crate::problem::dotted;

    fn shared() -> RunnerConfig {
        RunnerConfig {
            namespace_overwrite_allowed: exact_pattern(["cicd", "shop"]),
            service_account_overwrite_allowed: exact_pattern(["kp-account", "kp.deploy"]),
            ..RunnerConfig::new("ci-quarantine", "ubuntu:24.04", Isolation::Admission)
        }
    }

    fn with(extra: Value) -> RunnerConfig {
        let Value::Object(extra_kubernetes) = extra else { panic!("not a table") };
        RunnerConfig { extra_kubernetes, ..shared() }
    }

    #[test]
    fn reads_well() {
        let config = with(json!({
            "pod_spec": [{"name": "spread", "patch": "a: 1\nb: 2\n"}],
            "node_selector": {"kubernetes.io/arch": "amd64"},
            "poll_timeout": 600,
            "cap_drop": ["ALL"],
        }));
        let expected = r#"[[runners]]
executor = "kubernetes"

[runners.feature_flags]
FF_KUBERNETES_ANCHOR_OVERWRITE_ALLOWED = true
FF_SUSPENDABLE_ENVIRONMENTS = false
FF_USE_ADVANCED_POD_SPEC_CONFIGURATION = true

[runners.kubernetes]
namespace = "ci-quarantine"
image = "ubuntu:24.04"
bearer_token_overwrite_allowed = false
namespace_overwrite_allowed = "^(?:cicd|shop)$"
service_account_overwrite_allowed = '^(?:kp(?:-account|\.deploy))$'
poll_timeout = 600
cap_drop = ["ALL"]

[[runners.kubernetes.pod_spec]]
name = "spread"
patch = """
a: 1
b: 2
"""

[runners.kubernetes.node_selector]
"kubernetes.io/arch" = "amd64"
"#;
        assert_eq!(to_toml(&config).unwrap(), expected);
    }

    #[test]
    fn a_dedicated_runner_has_an_account_and_no_pattern() {
        let mut config = RunnerConfig {
            service_account: Some("kp-account".to_owned()),
            ..RunnerConfig::new("cicd", "ubuntu:24.04", Isolation::Dedicated)
        };
        let text = to_toml(&config).unwrap();
        assert!(text.contains("service_account = \"kp-account\"\n"), "{text}");
        assert!(!text.contains("namespace_overwrite_allowed"), "{text}");
        assert!(text.contains("bearer_token_overwrite_allowed = false\n"), "{text}");
        config.namespace_overwrite_allowed = exact_pattern(["cicd"]);
        assert!(to_toml(&config).is_err());
    }

    #[test]
    fn a_shared_runner_has_no_default_account() {
        let config = RunnerConfig { service_account: Some("a".to_owned()), ..shared() };
        assert!(to_toml(&config).unwrap_err().message.contains("asks for no account"));
    }

    #[test]
    fn refusals_name_the_key() {
        for (extra, path) in [
            (json!({"helper_image": null}), "helper_image"),
            (json!({"helper_image": "a{{b"}), "helper_image"),
            (json!({"pod_labels": {"a{{": "b"}}), "pod_labels.a{{"),
            (json!({"helper_image": "a\u{85}b"}), "helper_image"),
            (json!({"pod_labels": {"a\u{81}": "b"}}), "pod_labels.a\u{81}"),
            (json!({"services": [{"name": "a"}, {"name": "{{ x }}"}]}), "services[1].name"),
            (json!({"poll_timeout": u64::MAX}), "poll_timeout"),
            (json!({"volumes": {"pvc": [{"sub_path": null}]}}), "volumes.pvc[0].sub_path"),
            (json!({"namespace": "other"}), "namespace"),
            (json!({"bearer_token_overwrite_allowed": true}), "bearer_token_overwrite_allowed"),
        ] {
            let error = to_toml(&with(extra)).unwrap_err();
            assert_eq!(dotted(&error.path), path, "{error}");
        }
        let config = RunnerConfig { image: "{{ .Values.image }}".to_owned(), ..shared() };
        assert_eq!(dotted(&to_toml(&config).unwrap_err().path), "image");
        let config = RunnerConfig {
            extra_flags: BTreeMap::from([("FF_SUSPENDABLE_ENVIRONMENTS".to_owned(), true)]),
            ..shared()
        };
        let error = to_toml(&config).unwrap_err();
        assert_eq!(dotted(&error.path), "feature_flags.FF_SUSPENDABLE_ENVIRONMENTS");
    }

    #[test]
    fn a_text_that_the_chart_would_refuse() {
        for text in ["", "[runners]\na = 1\n", "[[runners]]\n[[runners]]\n", "[[runners", "runners=[]"] {
            assert!(from_toml(text).is_err(), "{text}");
        }
        assert!(from_toml("[[runners]]\nwhen = 2026-11-24\n").is_err());
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e9..1e9_f64).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ -~\n\t'\"]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_passes_the_check_has_a_text(
            keys in prop::collection::vec(
                (prop::sample::select(KUBERNETES.iter().map(|k| k.name).collect::<Vec<_>>()), json_value()),
                0..4,
            ),
        ) {
            let extra: Map<String, Value> =
                keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            if check_kubernetes(&extra).is_empty() {
                let config = RunnerConfig { extra_kubernetes: extra, ..shared() };
                let text = to_toml(&config).unwrap();
                prop_assert_eq!(from_toml(&text).unwrap(), to_value(&config).unwrap());
            }
        }

        #[test]
        fn what_is_written_is_read(
            extra in prop::collection::vec(("x_[a-z]{1,6}", json_value()), 0..6),
            names in prop::collection::vec("[ -~\n]{0,8}", 0..6),
        ) {
            let config = RunnerConfig {
                namespace_overwrite_allowed: exact_pattern(names.iter().map(String::as_str)),
                extra_kubernetes: extra.into_iter().collect(),
                ..shared()
            };
            match to_toml(&config) {
                Ok(text) => {
                    prop_assert!(!text.contains("{{"));
                    prop_assert_eq!(from_toml(&text).unwrap(), to_value(&config).unwrap());
                    let lines =
                        text.lines().filter(|line| line.starts_with("namespace_overwrite_allowed = "));
                    for line in lines {
                        prop_assert!(line.ends_with(['"', '\'']), "{}", line);
                    }
                }
                Err(error) => {
                    let carried = ["{{", "carry"].iter().any(|word| error.message.contains(word));
                    prop_assert!(carried, "{}", error);
                }
            }
        }
    }
}
