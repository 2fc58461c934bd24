//! A runner's configuration as it is found in a cluster, whoever wrote it: what does it let jobs choose?
//!
//! The runner looks for a match of `namespace_overwrite_allowed` and `service_account_overwrite_allowed` **anywhere** in
//! the value (see [`overwrite`](crate::overwrite)), so that only a pattern that is anchored around all of its
//! alternatives, and spells the names out, admits what its author meant.

use serde_json::{Map, Value};

use crate::overwrite::admitted_names;
use crate::pattern::{self, Node, Subject};
use crate::problem::KeyProblem;

/// The id of a pattern that admits more than names that are spelt out.
pub const OPEN: &str = "open-pattern";
/// The id of a setting by which jobs bring a token of their own.
pub const BEARER: &str = "bearer-token-overwrite";

/// The two settings that decide as whom a job runs.
const NAMES: [&str; 2] = ["namespace_overwrite_allowed", "service_account_overwrite_allowed"];
const PATTERNS: [(&str, Subject); 4] = [
    ("pod_labels_overwrite_allowed", Subject::Label),
    ("pod_annotations_overwrite_allowed", Subject::Annotation),
    ("node_selector_overwrite_allowed", Subject::NodeSelector),
    ("node_tolerations_overwrite_allowed", Subject::Toleration),
];
/// More names than anybody has; a pattern of more is looked at part by part.
const MOST_NAMES: usize = 20_000;
const HELP: &str =
    "spell the names out between anchors: `^(?:build|deploy)$`; `cargo xtask render` writes such patterns";

/// What is open in the text of a `config.toml` or `config.template.toml`.
///
/// # Errors
/// If the text is no TOML.
pub fn open_settings(config: &str) -> Result<Vec<KeyProblem>, String> {
    let config: Value = toml::from_str(config).map_err(|error| error.message().to_owned())?;
    let config = in_lower_case(config);
    let runners = config.get("runners").and_then(Value::as_array).into_iter().flatten();
    let mut problems = Vec::new();
    for (number, runner) in runners.enumerate() {
        if let Some(kubernetes) = runner.get("kubernetes").and_then(Value::as_object) {
            of_runner(&number.to_string(), kubernetes, &mut problems);
        }
    }
    Ok(problems)
}

/// The runner's TOML library takes a key for a field whatever its case (`Decode` of BurntSushi/toml).
fn in_lower_case(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| (key.to_lowercase(), in_lower_case(value))).collect()
        }
        Value::Array(values) => values.into_iter().map(in_lower_case).collect(),
        other => other,
    }
}

fn of_runner(number: &str, kubernetes: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    let path = |key: &str| ["runners", number, "kubernetes", key].map(str::to_owned).to_vec();
    let text = |key: &str| kubernetes.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    for key in NAMES {
        let Some(text) = text(key) else { continue };
        if let Some(why) = open(text) {
            let message = format!("`{key} = {}` lets jobs choose what nobody spelt out: {why}", quoted(text));
            problems.push(KeyProblem::new(&path(key), OPEN, message, HELP));
        }
    }
    if kubernetes.get("bearer_token_overwrite_allowed").and_then(Value::as_bool) == Some(true) {
        let message = "`bearer_token_overwrite_allowed = true` lets jobs make their pods with a token of their own, past the manager's account";
        problems.push(KeyProblem::new(
            &path("bearer_token_overwrite_allowed"),
            BEARER,
            message,
            "set it to false",
        ));
    }
    for (key, subject) in PATTERNS {
        let Some(text) = text(key) else { continue };
        let mut found = Vec::new();
        pattern::check(&path(key), text, subject, &mut found);
        problems.extend(found.into_iter().map(|problem| KeyProblem {
            id: OPEN,
            message: format!("`{key} = {}`: {}", quoted(text), problem.message),
            ..problem
        }));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

/// Why a pattern of names admits more than names that are spelt out; `None` if it does not.
#[must_use]
pub fn open(pattern: &str) -> Option<String> {
    if admitted_names(pattern, MOST_NAMES).is_some() {
        return None;
    }
    if [".*", ".+", "^.*$", "^.+$"].contains(&pattern) {
        return Some("it admits every name".to_owned());
    }
    match pattern::parse(&without_captures(pattern)) {
        Err(error) => Some(error.what),
        Ok(nodes) if nodes.iter().any(is_open) => {
            Some("a class or a repetition in it stands for any number of names".to_owned())
        }
        Ok(_) => None,
    }
}

fn is_open(node: &Node) -> bool {
    match node {
        Node::Literal(_) => false,
        Node::Class(_) => true,
        Node::Group(alternatives) => alternatives.iter().flatten().any(is_open),
        Node::Repeat { node, most, .. } => *most != Some(1) || is_open(node),
    }
}

/// `(a|b)` matches what `(?:a|b)` matches.
fn without_captures(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = rest.next() {
        out.push(c);
        match c {
            '\\' => out.extend(rest.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class && rest.peek() != Some(&'?') => out.push_str("?:"),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_spelt_out_are_closed() {
        for pattern in ["^(?:a|b)$", "^cicd$", "^(cicd|web)$", "^ci-(?:a|b)?$", r"^a\.b$", r"^x\(y$"] {
            assert_eq!(open(pattern), None, "{pattern}");
        }
        for size in [1, 300] {
            let names: Vec<String> = (0..size).map(|number| format!("project-{number}")).collect();
            let pattern = crate::overwrite::exact_pattern(names.iter().map(String::as_str)).unwrap();
            assert_eq!(open(&pattern), None, "{pattern}");
        }
    }

    #[test]
    fn what_admits_more_is_open() {
        for (pattern, why) in [
            (".*", "it admits every name"),
            ("^.*$", "it admits every name"),
            ("cicd", "`^` is missing: the runner looks for a match anywhere in the value"),
            ("^cicd", "`$` is missing: the runner looks for a match anywhere in the value"),
            ("^a|b$", "`|` stands outside of a group"),
            ("^(?:a)|(?:b)$", "`|` stands outside of a group"),
            ("^ci-.*$", "`.` admits any character"),
            ("^ci-[a-z]+$", "a class or a repetition in it"),
            ("^(ci|cd-[0-9])$", "a class or a repetition in it"),
            ("^a{1,3}$", "a class or a repetition in it"),
        ] {
            let found = open(pattern).unwrap_or_default();
            assert!(found.starts_with(why), "{pattern}: {found}");
        }
    }

    #[test]
    fn settings_are_found_in_each_runner() {
        let config = r#"
            concurrent = 10
            [[runners]]
              [runners.kubernetes]
                namespace_overwrite_allowed = "^cicd$"
                service_account_overwrite_allowed = ""
            [[runners]]
              name = "shell"
            [[runners]]
              [runners.kubernetes]
                namespace_overwrite_allowed = ".*"
                bearer_token_overwrite_allowed = true
                pod_labels_overwrite_allowed = ".*"
        "#;
        let found = open_settings(config).unwrap();
        let places: Vec<(&str, String)> =
            found.iter().map(|problem| (problem.id, problem.dotted_path())).collect();
        assert_eq!(
            places,
            [
                (OPEN, "runners[2].kubernetes.namespace_overwrite_allowed".to_owned()),
                (BEARER, "runners[2].kubernetes.bearer_token_overwrite_allowed".to_owned()),
                (OPEN, "runners[2].kubernetes.pod_labels_overwrite_allowed".to_owned()),
            ]
        );
        assert!(open_settings("[[runners]").is_err());
        assert_eq!(open_settings("concurrent = 1"), Ok(Vec::new()));
    }
}
