//! The keys of `[runners.kubernetes]`.
//!
//! The runner ignores a key that it doesn't know, so a misspelt `allow_privilege_escalation` hardens
//! nothing and nobody is told. Hence every key is checked: its name, the kind of its value, and whether
//! it would loosen the boundary that tegata draws between projects.
//!
//! Source: `KubernetesConfig` in `common/config.go` of GitLab Runner, and "Configuration settings" of
//! the page "Kubernetes executor" in its documentation.

mod form;
mod known;
mod maxima;
mod nested;
mod patch;

#[cfg(test)]
mod source;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub use known::KUBERNETES;
pub(crate) use nested::SELINUX_TYPES_OF_CONTAINERS;

use crate::lost;
use crate::pattern::{self, Subject};
use crate::problem::{KeyProblem, step};
use crate::suggest::nearest;

/// A key that the runner knows.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in `config.toml`.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Why it can't be set freely.
    pub boundary: Option<Boundary>,
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A string.
    Text,
    /// One of these strings, or the empty one.
    Choice(&'static [&'static str]),
    /// An amount of a resource: `"500m"`, `"4Gi"`.
    Quantity,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A length of time: `"5m"`.
    Duration,
    /// A list of strings.
    TextList,
    /// A list of these strings.
    Choices(&'static [&'static str]),
    /// One of these strings, or a list of them.
    ChoiceOrList(&'static [&'static str]),
    /// A list of whole numbers.
    IntList,
    /// A table whose values are strings.
    TextMap,
    /// A table of labels or annotations that all jobs' pods get.
    Metadata(Subject),
    /// A pattern of what jobs may set.
    Pattern(Subject),
    /// A table whose values are whole numbers.
    IntMap,
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables with these keys.
    Tables(&'static [Key]),
    /// The patches of `pod_spec`: a list of tables whose text is looked through as well.
    PodSpec(&'static [Key]),
}

/// Why a key can't be set freely.
#[derive(Debug, Clone, Copy)]
pub struct Boundary {
    /// Which values are meant.
    pub when: When,
    /// The reason, as one plain sentence.
    pub reason: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

/// Which values of a key loosen the boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All: tegata writes the key itself.
    Managed,
    /// All.
    Always,
    /// `true`. Writing `false` is welcome.
    True,
    /// Everything but an empty string, list or table.
    Filled,
    /// These strings, letters' case aside.
    OneOf(&'static [&'static str]),
    /// Everything but these strings, lists of them, and nothing at all.
    NoneOf(&'static [&'static str]),
}

impl When {
    fn applies(self, value: &Value) -> bool {
        match self {
            Self::Managed | Self::Always => true,
            Self::True => value != &Value::Bool(false),
            Self::Filled => match value {
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(table) => !table.is_empty(),
                _ => true,
            },
            Self::NoneOf(good) => {
                let is_good = |value: &Value| {
                    value.as_str().is_some_and(|text| text.is_empty() || good.contains(&text))
                };
                match value {
                    Value::Array(items) => !items.iter().all(is_good),
                    other => !is_good(other),
                }
            }
            Self::OneOf(bad) => {
                value.as_str().is_some_and(|text| bad.iter().any(|b| b.eq_ignore_ascii_case(text)))
            }
        }
    }
}

impl Key {
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, boundary: None }
    }

    pub(crate) const fn managed(self, reason: &'static str, help: &'static str) -> Self {
        Self { boundary: Some(Boundary { when: When::Managed, reason, help }), ..self }
    }

    pub(crate) const fn closed(self, when: When, reason: &'static str, help: &'static str) -> Self {
        Self { boundary: Some(Boundary { when, reason, help }), ..self }
    }
}

/// A name that [`KUBERNETES`] doesn't hold, or one of a table in it.
pub const UNKNOWN: &str = "unknown-kubernetes-key";
/// A value of a kind that the runner can't read.
pub const KIND: &str = "kubernetes-key-kind";
/// A key that tegata writes itself.
pub const MANAGED: &str = "kubernetes-key-managed";
/// A key that would loosen the boundary between projects.
pub const BOUNDARY: &str = "kubernetes-key-boundary";
/// A pattern that may admit more than it says.
pub const PATTERN: &str = "kubernetes-key-pattern";
/// A maximum below what a job gets that asks for nothing.
pub const MAXIMUM: &str = "kubernetes-key-maximum";
/// A text that Helm would take for a template.
pub const TEMPLATE: &str = "kubernetes-key-template";
/// A text with a character that the chart can't carry.
pub const TEXT: &str = "kubernetes-key-text";

/// What is wrong with the further keys that somebody wants in `[runners.kubernetes]`.
///
/// Problems come in the order of the keys, where what the chart can't carry is met last, and no key has two. What passes has a form in TOML, so that
/// [`crate::config::to_toml`] takes it.
#[must_use]
pub fn check_kubernetes(extra: &Map<String, Value>) -> Vec<KeyProblem> {
    let mut problems = Vec::new();
    check_table(&[], extra, KUBERNETES, &mut problems);
    maxima::check(extra, &mut problems);
    let told: Vec<Vec<String>> = problems.iter().map(|problem| problem.path.clone()).collect();
    for (name, value) in extra {
        check_text(&[], Some(name), value, &told, &mut problems);
    }
    problems
}

/// What is wrong with the keys of a runner that serves several projects, beyond [`check_kubernetes`].
///
/// A PersistentVolumeClaim belongs to a namespace, and so to one project; a folder of an NFS server doesn't. A `sub_path` with
/// the project's id keeps nobody out either: a job can set that variable.
#[must_use]
pub fn check_shared(extra: &Map<String, Value>) -> Vec<KeyProblem> {
    let folders = extra.get("volumes").and_then(|volumes| volumes.get("nfs")).and_then(Value::as_array);
    let writable =
        |folder: &Value| folder.get("path").is_some() && folder.get("read_only") != Some(&Value::Bool(true));
    let problem = |index: usize| {
        KeyProblem::new(
            &["volumes", "nfs", &index.to_string()].map(str::to_owned),
            BOUNDARY,
            "a folder that the jobs of all projects write to lets one project change what another one runs",
            "write `read_only: true`, use `volumes.pvc`, or give the project a dedicated runner",
        )
    };
    folders
        .into_iter()
        .flatten()
        .enumerate()
        .filter(|(_, folder)| writable(folder))
        .map(|(at, _)| problem(at))
        .collect()
}

/// Looks for what the chart can't carry in every text below a value, and in the key that leads to it: `{{`, and some
/// characters.
fn check_text(
    path: &[String],
    name: Option<&str>,
    value: &Value,
    told: &[Vec<String>],
    problems: &mut Vec<KeyProblem>,
) {
    let here = name.map_or_else(|| path.to_vec(), |name| step(path, name));
    if told.contains(&here) {
        return;
    }
    if name.is_some_and(|name| name.contains("{{")) || value.as_str().is_some_and(|text| text.contains("{{"))
    {
        problems.push(KeyProblem::new(
            &here,
            TEMPLATE,
            "`{{` can't stand in the runner's configuration: the chart takes it for a Helm template",
            "remove it, or write the two braces apart",
        ));
        return;
    }
    if let Some(character) = name.into_iter().chain(value.as_str()).find_map(lost::character) {
        problems.push(KeyProblem::new(&here, TEXT, lost::message(character), lost::HELP));
        return;
    }
    match value {
        Value::Object(table) => {
            for (name, value) in table {
                check_text(&here, Some(name), value, told, problems);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_text(&here, Some(&index.to_string()), item, told, problems);
            }
        }
        _ => {}
    }
}

/// The known key of this name, at the top of `[runners.kubernetes]`.
#[must_use]
pub fn kubernetes_key(name: &str) -> Option<&'static Key> {
    KUBERNETES.iter().find(|key| key.name == name)
}

fn check_table(path: &[String], table: &Map<String, Value>, keys: &[Key], problems: &mut Vec<KeyProblem>) {
    for (name, value) in table {
        let here = step(path, name.as_str());
        match keys.iter().find(|key| key.name == name) {
            Some(key) => check_key(&here, value, key, problems),
            None => problems.push(unknown(&here, name, keys)),
        }
    }
}

fn unknown(path: &[String], name: &str, keys: &[Key]) -> KeyProblem {
    let help = match nearest(name, keys.iter().map(|key| key.name)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if path.len() > 1 => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            format!("known keys here: {}", names.join(", "))
        }
        None => "remove it, or look its name up in the documentation of GitLab Runner, page \
                 \"Kubernetes executor\", under \"Configuration settings\""
            .to_owned(),
    };
    KeyProblem::new(
        path,
        UNKNOWN,
        format!("GitLab Runner knows no key `{name}` here, and would silently ignore it"),
        help,
    )
}

fn check_key(path: &[String], value: &Value, key: &Key, problems: &mut Vec<KeyProblem>) {
    if let Some(boundary) = &key.boundary
        && boundary.when.applies(value)
    {
        let id = if boundary.when == When::Managed { MANAGED } else { BOUNDARY };
        problems.push(KeyProblem::new(path, id, boundary.reason, boundary.help));
        return;
    }
    check_kind(path, value, key, problems);
}

fn check_kind(path: &[String], value: &Value, key: &Key, problems: &mut Vec<KeyProblem>) {
    let mut wrong = |path: &[String], value: &Value, wanted: &str, example: &str| {
        problems.push(KeyProblem::new(
            path,
            KIND,
            format!("`{}` must be {wanted}, not {}", key.name, shown(value)),
            if example.is_empty() { String::new() } else { format!("write it like {example}") },
        ));
    };
    match key.kind {
        Kind::Text if !value.is_string() => wrong(path, value, "a string", "`\"...\"`, in quotes"),
        Kind::Bool if !value.is_boolean() => {
            wrong(path, value, "true or false", "`true` or `false`, without quotes");
        }
        Kind::Int if !is_int(value) => {
            wrong(path, value, "a whole number", "`30`, without quotes or fraction");
        }
        Kind::Duration if !value.as_str().is_some_and(form::is_duration) => {
            wrong(path, value, "a length of time", "`\"5m\"` or `\"90s\"`, in quotes");
        }
        Kind::Quantity if !value.as_str().is_some_and(|t| t.is_empty() || form::is_quantity(t)) => {
            wrong(path, value, "an amount", "`\"500m\"` or `\"4Gi\"`, in quotes");
        }
        Kind::Choice(words) | Kind::ChoiceOrList(words) if value.is_string() => {
            if !value.as_str().is_some_and(|text| text.is_empty() || words.contains(&text)) {
                wrong(path, value, &one_of(words), "");
            }
        }
        Kind::Choice(words) => wrong(path, value, &one_of(words), ""),
        Kind::TextList => match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if !item.is_string() {
                        let here = step(path, index.to_string());
                        wrong(&here, item, "a list of strings", "`[\"a\", \"b\"]`");
                    }
                }
            }
            _ => wrong(path, value, "a list of strings", "`[\"a\", \"b\"]`"),
        },
        Kind::Choices(words) | Kind::ChoiceOrList(words) => match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if !item.as_str().is_some_and(|text| words.contains(&text)) {
                        let here = step(path, index.to_string());
                        wrong(&here, item, &one_of(words), "");
                    }
                }
            }
            _ => wrong(path, value, &format!("a list, each {}", one_of(words)), ""),
        },
        Kind::IntList => match value {
            Value::Array(items) if items.iter().all(is_int) => {}
            _ => wrong(path, value, "a list of whole numbers", "`[1000, 2000]`"),
        },
        Kind::Pattern(subject) => match value.as_str() {
            Some(text) => pattern::check(path, text, subject, problems),
            None => wrong(path, value, "a pattern", &format!("`\"{}\"`, in quotes", subject.example())),
        },
        Kind::TextMap | Kind::Metadata(_) | Kind::IntMap => {
            let texts = !matches!(key.kind, Kind::IntMap);
            let (wanted, example) = if texts {
                ("a table of strings", "`{name: \"value\"}`, the values in quotes")
            } else {
                ("a table of whole numbers", "`{name: 5}`")
            };
            match value {
                Value::Object(table) => {
                    for (name, item) in table {
                        if !(if texts { item.is_string() } else { is_int(item) }) {
                            wrong(&step(path, name.as_str()), item, wanted, example);
                        }
                    }
                    if let Kind::Metadata(subject) = key.kind {
                        check_metadata(path, table, subject, problems);
                    }
                }
                _ => wrong(path, value, wanted, example),
            }
        }
        Kind::Table(keys) => match value {
            Value::Object(table) => check_table(path, table, keys, problems),
            _ => wrong(path, value, "a table", ""),
        },
        Kind::Tables(keys) | Kind::PodSpec(keys) => match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let here = step(path, index.to_string());
                    match item {
                        Value::Object(table) => {
                            check_table(&here, table, keys, problems);
                            if matches!(key.kind, Kind::PodSpec(_)) {
                                patch::check(&here, table, problems);
                            }
                        }
                        _ => problems.push(KeyProblem::new(
                            &here,
                            KIND,
                            format!(
                                "`{}` must be a list of tables, and this one is {}",
                                key.name,
                                kind_of(item)
                            ),
                            "",
                        )),
                    }
                }
            }
            _ => wrong(path, value, "a list of tables", "`- name: ...`, one or more"),
        },
        Kind::Text | Kind::Bool | Kind::Int | Kind::Duration | Kind::Quantity => {}
    }
}

fn check_metadata(
    path: &[String],
    table: &Map<String, Value>,
    subject: Subject,
    problems: &mut Vec<KeyProblem>,
) {
    for (name, value) in table {
        let value = value.as_str().unwrap_or_default();
        let here = step(path, name.as_str());
        if let Some(reason) = pattern::reserved_for_all(name, value, subject) {
            let message = format!("`{name}` can't be set for all jobs: {reason}");
            problems.push(KeyProblem::new(&here, BOUNDARY, message, "remove it"));
        } else if value.contains('$')
            && let Some(reason) = pattern::reserved(name, subject)
        {
            // Jobs set variables, those of GitLab's own names as well, and the runner puts them in here.
            let message = format!("`{name}` can't have a value from a job's variables: {reason}");
            problems.push(KeyProblem::new(&here, BOUNDARY, message, "write the value itself"));
        }
    }
}

fn one_of(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// What Go reads into an `int64`: a YAML `30` is one, a `3.0` or a number beyond 63 bits is not.
fn is_int(value: &Value) -> bool {
    value.as_i64().is_some()
}

/// The text itself where it is short: `"4gi"` says more than "a string".
fn shown(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.chars().count() <= 40 => format!("{text:?}"),
        _ => kind_of(value).to_owned(),
    }
}

pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty (null)",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.as_i64().is_some() => "a number",
        Value::Number(_) => "a number with a fraction, or too large a one",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}
