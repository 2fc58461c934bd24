//! Whatever people write, every reader of YAML reads the same in what is rendered: Go's, as kubectl and Helm use it, and
//! PyYAML; both of tegata's own; and Psych, which is GitLab's, where Ruby is at hand.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::io::{ErrorKind, Write};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use support::{Workspace, runner, test_runner};
use tegata::shape::text;
use tegata::source::Sources;
use tegata_rbac::names;
use tegata_runner::keys::check_kubernetes;
use tegata_runner::values::check_values;
use testbed::{Options, Part, Parts, build, go_yaml_json, py_yaml_json};

/// At most so many workspaces are read by one start of each reader.
const WORKSPACES: usize = 40;

/// Texts that some reader of YAML takes for something else, or that end what they stand in.
const WORDS: &[&str] = &[
    "on",
    "no",
    "y",
    "n",
    "yes",
    "off",
    "Yes",
    "NO",
    "true",
    "True",
    "false",
    "null",
    "Null",
    "~",
    "",
    "1e3",
    "1E3",
    "1.5e300",
    "0777",
    "0o17",
    "08",
    "0b1",
    "0x1F",
    "0x1f",
    "12:30",
    "1:2",
    "190:20:30.15",
    "2026-11-24",
    "2026-11-24T12:00:00Z",
    "2026-11-24 12:00:00",
    ".inf",
    "-.INF",
    "+.inf",
    ".nan",
    ".NaN",
    "nan",
    "inf",
    "1_000",
    "1,000",
    "+1",
    "-0",
    "0.1",
    "1.",
    ".5",
    "._",
    "_",
    "e1",
    "1e",
    "0",
    "00",
    "123",
    "1.5",
    "=",
    "<<",
    "-",
    "--",
    "---",
    "...",
    "--- a",
    "- a",
    "? a",
    "|",
    ">",
    "|-",
    "&a",
    "*a",
    "!tag",
    "!!str a",
    "%YAML 1.1",
    "%",
    "@a",
    "`a`",
    "[a]",
    "{a}",
    "{",
    "}",
    "[",
    "]",
    ",",
    "a,b",
    "#",
    " #a",
    "a #b",
    "a:",
    "a: b",
    ": ",
    ":",
    "::",
    "'",
    "\"",
    "''",
    "\"a\"",
    "it's",
    "\\",
    "\\n",
    "\\u0041",
    "a\\",
    "{{",
    "{{ .Values.x }}",
    "}}",
    "{% x %}",
    "{# x #}",
    "${x}",
    "$x",
    " leading",
    "trailing ",
    " ",
    "  ",
    "\t",
    "\ttab",
    "a\tb",
    "line\nbreak",
    "\n",
    "\n\n",
    "\r",
    "a\r\nb",
    "x\n",
    "\nx",
    " x\n",
    "x \n",
    "x\n\n",
    "#x\n",
    "a: b\nc: d\n",
    "---\na: b\n",
    "x\n---\ny\n",
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "a\u{85}b",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{2028}",
    "a\u{2028}b",
    "\u{2029}",
    "\u{202e}x",
    "\u{3000}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{feff}",
    "\u{feff}x",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10ffff}",
    "é",
    "e\u{301}",
    "日本",
    "😀",
    "a😀",
    "ſ",
    "K",
    "<a>&b;",
    "\u{1f468}\u{200d}\u{1f469}",
];

/// Any text, with a liking for the nasty ones.
fn any_text() -> impl Strategy<Value = String> + Clone {
    let word = prop::sample::select(WORDS).prop_map(str::to_owned);
    prop_oneof![
        6 => word.clone(),
        2 => (word.clone(), word).prop_map(|(first, second)| first + &second),
        1 => "[ -~]{0,40}",
        1 => "\\PC{0,12}",
        1 => any::<String>(),
        1 => "([a-z]{1,9} ){30,60}",
    ]
}

/// The texts that a rule accepts; nasty ones first, then some made for the rule.
fn accepted(rule: fn(&str) -> bool, more: &'static str) -> impl Strategy<Value = String> {
    let words: Vec<String> = WORDS.iter().filter(|word| rule(word)).map(|word| (*word).to_owned()).collect();
    let free = any_text().prop_map(move |text| if rule(&text) { text } else { "plain".to_owned() });
    let made = more.prop_map(move |text| if rule(&text) { text } else { "plain".to_owned() });
    prop_oneof![4 => prop::sample::select(words), 1 => free, 1 => made]
}

fn label() -> impl Strategy<Value = String> {
    accepted(|text| names::dns_label(text).is_ok(), "[0-9][0-9ex-]{0,8}[0-9]")
}

fn subdomain() -> impl Strategy<Value = String> {
    accepted(|text| names::dns_subdomain(text).is_ok(), "[0-9]{1,4}\\.[0-9]{1,4}(e[0-9])?")
}

/// Names that are names of files of a workspace too, which have 255 bytes at most.
fn file_name() -> impl Strategy<Value = String> {
    accepted(
        |text| names::path_segment(text).is_ok() && !text.starts_with('.') && text.len() <= 250,
        "[ -$&-.0-~]{1,20}",
    )
}

fn binding_name() -> impl Strategy<Value = String> {
    accepted(|text| names::path_segment(text).is_ok(), "[ -$&-.0-~]{1,20}")
}

fn labels() -> impl Strategy<Value = Map<String, Value>> {
    pairs(
        accepted(
            |text| names::label_key(text).is_ok(),
            "([0-9]{1,3}\\.[a-z]{1,3}/)?[0-9][0-9._eE-]{0,4}[0-9]",
        ),
        accepted(|text| names::label_value(text).is_ok(), "[0-9][0-9._eE-]{0,4}[0-9]"),
    )
}

fn annotations() -> impl Strategy<Value = Map<String, Value>> {
    pairs(accepted(|text| names::annotation_key(text).is_ok(), "[0-9][0-9._eE-]{0,4}[0-9]"), any_text())
}

fn pairs(
    keys: impl Strategy<Value = String>,
    values: impl Strategy<Value = String>,
) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(keys, values, 0..5)
        .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key, Value::String(value))).collect())
}

fn numbers() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-1000i64..1000).prop_map(Value::from),
        prop::sample::select(vec![
            0.5,
            -0.0,
            1.0,
            1e3,
            1e21,
            1e22,
            -1e100,
            1.5e300,
            1e-7,
            5e-324,
            0.1,
            123456789.125
        ])
        .prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no other", |number| number.is_finite()).prop_map(Value::from),
    ]
}

/// Any text that the chart can carry in its values.
fn helm_text() -> impl Strategy<Value = String> + Clone {
    any_text().prop_map(|text| {
        let values = json!({ "affinity": text });
        let carried = check_values(values.as_object().unwrap()).is_empty();
        if carried { text } else { "plain".to_owned() }
    })
}

/// Any JSON value, as far as the chart can carry it.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => helm_text().prop_map(Value::from),
        1 => numbers(),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(helm_text(), inner, 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// What people may choose freely.
#[derive(Clone, Debug)]
struct Choice {
    role: String,
    binding: String,
    labels: Map<String, Value>,
    annotations: [Map<String, Value>; 2],
    namespace: String,
    account: String,
    secrets: Vec<String>,
    group: String,
    resource: String,
    resource_names: Vec<String>,
    tags: Vec<String>,
    project: [String; 2],
    runner: String,
    pod_annotations: Map<String, Value>,
    node_selector: Map<String, Value>,
    values: [Value; 2],
}

fn choice() -> impl Strategy<Value = Choice> {
    let lists = |text| {
        prop::collection::btree_set(text, 0..4)
            .prop_map(|set: std::collections::BTreeSet<String>| set.into_iter().collect::<Vec<String>>())
    };
    let segment = || {
        accepted(
            |text| tegata_runner::gitlab_path::project_path(&format!("{text}/x")).is_ok(),
            "[0-9]{1,3}e[0-9]",
        )
    };
    let last = accepted(
        |text| tegata_runner::gitlab_path::project_path(&format!("x/{text}")).is_ok(),
        "[0-9]{1,3}e[0-9]",
    );
    // The chart carries the runner's configuration as a text, line breaks and all.
    let carried = |table: &'static str| {
        pairs(any_text(), any_text()).prop_map(move |pairs| {
            let kubernetes = |(key, value): (String, Value)| {
                let keys = json!({ table: { key.as_str(): value.clone() } });
                check_kubernetes(keys.as_object().unwrap()).is_empty().then_some((key, value))
            };
            pairs.into_iter().filter_map(kubernetes).collect()
        })
    };
    (
        (file_name(), binding_name(), labels(), [annotations(), annotations()], label(), subdomain()),
        (
            lists(subdomain().boxed()),
            subdomain(),
            label(),
            lists(any_text().prop_filter("not empty", |text| !text.is_empty() && text != "*").boxed()),
            lists(accepted(|tag| (text::TAG.check)(tag).is_ok(), "[ -#%-+.-~]{1,20}").boxed()),
        ),
        (segment(), last, label(), carried("pod_annotations"), carried("node_selector"), [tree(), tree()]),
    )
        .prop_map(
            |(
                (role, binding, labels, annotations, namespace, account),
                (secrets, group, resource, resource_names, tags),
                (first, last, runner, pod_annotations, node_selector, values),
            )| Choice {
                role,
                binding,
                labels,
                annotations,
                namespace,
                account,
                secrets,
                group,
                resource,
                resource_names,
                tags,
                project: [first, last],
                runner,
                pod_annotations,
                node_selector,
                values,
            },
        )
}

impl Choice {
    fn project_path(&self) -> String {
        self.project.join("/")
    }

    fn workspace(&self) -> Workspace {
        let workspace =
            Workspace::new(&json!([{ "group": self.group, "name": self.resource, "namespaced": true }]));
        let mut rule = json!({ "apiGroups": [self.group], "resources": [self.resource], "verbs": ["get"] });
        if !self.resource_names.is_empty() {
            rule["resourceNames"] = json!(self.resource_names);
        }
        workspace.write(
            &format!("roles/{}.yaml", self.role),
            &json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": { "name": self.role, "labels": self.labels, "annotations": self.annotations[0] },
                "rules": [rule],
            }),
        );
        let mut shared = runner();
        shared["tags"] = json!(self.tags);
        shared["kubernetes"] =
            json!({ "pod_annotations": self.pod_annotations, "node_selector": self.node_selector });
        shared["values"] = json!({ "affinity": self.values[0], "tolerations": [self.values[1]] });
        workspace.write(&format!("runners/{}.yaml", self.runner), &shared);
        workspace.write(
            "projects/project.yaml",
            &json!({
                "project": self.project_path(),
                "runner": self.runner,
                "namespace": { "name": self.namespace, "create": true, "labels": self.labels },
                "serviceAccounts": [{
                    "name": self.account,
                    "annotations": self.annotations[1],
                    "imagePullSecrets": self.secrets,
                    "roles": [{ "clusterRole": self.role, "bindingName": self.binding }],
                }],
            }),
        );
        workspace
    }

    /// Whether what a reader read is what was chosen. `file` says which of the rendered files it read.
    fn is_in(
        &self,
        workspace: &Workspace,
        file: &Utf8Path,
        documents: &[Value],
    ) -> Result<(), TestCaseError> {
        let path = file.strip_prefix(workspace.path("out")).unwrap().as_str();
        let kind = |kind: &str| {
            let found = documents.iter().find(|document| document["kind"] == kind);
            found.ok_or_else(|| TestCaseError::fail(format!("{path} has no {kind}: {documents:?}")))
        };
        if path.starts_with("kubernetes/main/cluster-roles/") {
            let role = kind("ClusterRole")?;
            prop_assert_eq!(&role["metadata"]["name"], &self.role);
            has(&role["metadata"]["labels"], &self.labels)?;
            has(&role["metadata"]["annotations"], &self.annotations[0])?;
            prop_assert_eq!(&role["rules"][0]["apiGroups"], &json!([self.group]));
            prop_assert_eq!(&role["rules"][0]["resources"], &json!([self.resource]));
            let names = role["rules"][0].get("resourceNames").cloned().unwrap_or_else(|| json!([]));
            prop_assert_eq!(names, json!(self.resource_names));
        } else if path.starts_with("kubernetes/main/projects/") {
            let namespace = kind("Namespace")?;
            prop_assert_eq!(&namespace["metadata"]["name"], &self.namespace);
            has(&namespace["metadata"]["labels"], &self.labels)?;
            let account = kind("ServiceAccount")?;
            prop_assert_eq!(&account["metadata"]["name"], &self.account);
            prop_assert_eq!(&account["metadata"]["namespace"], &self.namespace);
            has(&account["metadata"]["annotations"], &self.annotations[1])?;
            prop_assert_eq!(&account["metadata"]["annotations"]["tegata.dev/project"], &self.project_path());
            let secrets = account.get("imagePullSecrets").cloned().unwrap_or_else(|| json!([]));
            let wanted: Vec<Value> = self.secrets.iter().map(|name| json!({ "name": name })).collect();
            prop_assert_eq!(secrets, Value::from(wanted));
            let binding = kind("RoleBinding")?;
            prop_assert_eq!(&binding["metadata"]["name"], &self.binding);
            prop_assert_eq!(&binding["roleRef"]["name"], &self.role);
            prop_assert_eq!(&binding["subjects"][0]["name"], &self.account);
        } else if path.starts_with("helm/") {
            prop_assert_eq!(&documents[0]["affinity"], &normal(&self.values[0]));
            prop_assert_eq!(&documents[0]["tolerations"], &json!([normal(&self.values[1])]));
            let config = documents[0]["runners"]["config"].as_str().unwrap_or_default();
            let config: toml::Table =
                config.parse().map_err(|error| TestCaseError::fail(format!("{error} in {config}")))?;
            let kubernetes = &config["runners"][0]["kubernetes"];
            for (key, wanted) in
                [("pod_annotations", &self.pod_annotations), ("node_selector", &self.node_selector)]
            {
                let table = kubernetes.get(key).and_then(toml::Value::as_table).cloned().unwrap_or_default();
                let table: Map<String, Value> = table
                    .into_iter()
                    .map(|(key, value)| (key, Value::from(value.as_str().unwrap_or_default())))
                    .collect();
                has(&Value::Object(table), wanted)?;
            }
        } else if path.starts_with("gitlab-ci/") {
            let job = &documents[0][format!(".tegata-{}", self.account)];
            prop_assert_eq!(job.get("tags").cloned().unwrap_or_else(|| json!([])), json!(self.tags));
            for variables in [&documents[0]["variables"], &job["variables"]] {
                prop_assert_eq!(&variables["KUBERNETES_NAMESPACE_OVERWRITE"], &self.namespace);
                prop_assert_eq!(&variables["KUBERNETES_SERVICE_ACCOUNT_OVERWRITE"], &self.account);
            }
        }
        Ok(())
    }
}

/// Whether a mapping has all these entries.
fn has(found: &Value, wanted: &Map<String, Value>) -> Result<(), TestCaseError> {
    for (key, value) in wanted {
        prop_assert_eq!(found.get(key), Some(value), "{:?} in {:?}", key, found);
    }
    Ok(())
}

/// A number is what it amounts to: `1e3` is `1000`.
fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap();
            // All whole numbers up to here are exact.
            let whole = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
            if whole { Value::from(float as i64) } else { value.clone() }
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.clone(), normal(value))).collect())
        }
        _ => value.clone(),
    }
}

/// Whether two values are the same. Fractions may differ in the last digit: they went through JSON once more, whose reader
/// here isn't exact.
fn same(first: &Value, second: &Value) -> bool {
    match (first, second) {
        (Value::Array(first), Value::Array(second)) => {
            first.len() == second.len() && first.iter().zip(second).all(|(first, second)| same(first, second))
        }
        // Maps are the same whatever their order.
        (Value::Object(first), Value::Object(second)) => {
            first.len() == second.len()
                && first.iter().all(|(key, first)| second.get(key).is_some_and(|second| same(first, second)))
        }
        (Value::Number(_), Value::Number(_)) => {
            let (first, second) = (normal(first), normal(second));
            first == second
                || match (first.as_f64(), second.as_f64()) {
                    (Some(one), Some(other)) if !(first.is_i64() && second.is_i64()) => {
                        (one - other).abs() <= one.abs() * 1e-15
                    }
                    _ => false,
                }
        }
        _ => first == second,
    }
}

/// The parser that the verification uses.
fn verifier(text: &str) -> Result<Vec<Value>, String> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).map_err(|error| error.to_string()))
        .filter(|document| document != &Ok(Value::Null))
        .collect()
}

/// The parser that the input is read with. It takes one document a file, so each is read by itself.
fn input_parser(text: &str) -> Result<Vec<Value>, String> {
    let mut documents = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            documents.push(String::new());
        } else {
            documents.last_mut().unwrap().push_str(line);
        }
    }
    let says_something =
        |document: &&String| document.lines().any(|line| !line.is_empty() && !line.starts_with('#'));
    documents
        .iter()
        .filter(says_something)
        .map(|document| {
            let mut diagnostics = Vec::new();
            let mut sources = Sources::default();
            let id = sources.add("rendered.yaml", document.clone());
            let node = tegata::yaml::parse(id, document, &mut diagnostics);
            match node {
                Some(node) if diagnostics.is_empty() => Ok(node.to_json()),
                _ => Err(format!("{diagnostics:?}")),
            }
        })
        .collect()
}

/// GitLab's own way of reading: Psych, with nothing but plain types. A date or a symbol is an error there.
const RUBY: &str = r#"
require "json"
require "yaml"
ARGV.each do |path|
  documents = File.read(path, encoding: "UTF-8").split(/^---$/)
  documents = documents.map { |text| YAML.safe_load(text, permitted_classes: [], aliases: false) }
  puts JSON.generate(documents.compact)
end
"#;

/// `None` without Ruby.
fn psych(paths: &[Utf8PathBuf]) -> Option<Vec<Vec<Value>>> {
    let mut documents = Vec::new();
    for paths in paths.chunks(500) {
        let output = match Command::new("ruby").args(["-e", RUBY]).args(paths).output() {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            output => output.unwrap(),
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        documents.extend(text.lines().map(|line| serde_json::from_str::<Vec<Value>>(line).unwrap()));
    }
    Some(documents)
}

/// A line that is seen even if the test passes.
fn say(line: &str) {
    // Not `eprintln`, which a test keeps to itself. A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr(), "readers: {line}");
}

fn check(parts: &Parts, choices: &[Choice], counts: &mut [usize; 3]) -> Result<(), TestCaseError> {
    let mut rendered = Vec::new();
    for choice in choices {
        let workspace = choice.workspace();
        counts[0] += 1;
        match workspace.try_render() {
            Ok(()) => rendered.push((choice, workspace)),
            // Refused, loudly: a template that writes what it must not is a fault of ours all the same.
            Err(error) if error.contains("template-") || error.contains("write-failed") => {
                return Err(TestCaseError::fail(error));
            }
            Err(error) => {
                if std::env::var_os("TEGATA_SHOW_REFUSED").is_some() {
                    say(&error);
                }
            }
        }
    }
    counts[1] += rendered.len();
    let files: Vec<(usize, Utf8PathBuf)> = rendered
        .iter()
        .enumerate()
        .flat_map(|(index, (_, workspace))| workspace.rendered("").into_iter().map(move |file| (index, file)))
        // A mark of the writer's own may lie there.
        .filter(|(_, file)| matches!(file.extension(), Some("yaml" | "yml")))
        .collect();
    counts[2] += files.len();
    let paths: Vec<Utf8PathBuf> = files.iter().map(|(_, file)| file.clone()).collect();
    let failed = |error: &dyn std::fmt::Display| TestCaseError::fail(format!("{error:#}"));
    let go = go_yaml_json(parts, &paths).map_err(|error| failed(&error))?;
    let python = py_yaml_json(&paths).map_err(|error| failed(&error))?;
    let ruby = psych(&paths);
    for (number, (index, file)) in files.iter().enumerate() {
        let text = fs::read_to_string(file).unwrap();
        let ours = verifier(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let parsed = input_parser(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let mut others = vec![("granit", &parsed), ("Go", &go[number]), ("PyYAML", &python[number])];
        others.extend(ruby.iter().map(|documents| ("Psych", &documents[number])));
        for (name, documents) in others {
            prop_assert!(
                same(&json!(ours), &json!(documents)),
                "{} reads {}\nand serde_yaml {}\nin {}",
                name,
                json!(documents),
                json!(ours),
                text
            );
        }
        let (choice, workspace) = &rendered[*index];
        let documents: Vec<Value> = ours.iter().map(normal).collect();
        choice.is_in(workspace, file, &documents)?;
    }
    Ok(())
}

#[test]
fn every_reader_reads_what_was_written() {
    if Command::new("ruby").arg("-v").output().is_err() {
        say("ruby is not on PATH, so Psych, GitLab's reader, was not asked");
    }
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    let counts = std::cell::RefCell::new([0; 3]);
    test_runner(10)
        .run(&prop::collection::vec(choice(), 1..=WORKSPACES), |choices| {
            check(&parts, &choices, &mut counts.borrow_mut())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let [workspaces, rendered, files] = counts.into_inner();
    say(&format!("{files} files of {rendered} workspaces; {} were refused", workspaces - rendered));
    assert!(rendered * 2 > workspaces, "more than half of the workspaces were refused: nothing is tested");
}
