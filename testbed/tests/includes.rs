//! The CI includes, as a parser of GitLab CI merges them with what people write around them.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use fs_err as fs;
use serde_json::{Map, Value, json};
use support::{Workspace, input, runner};
use testbed::{Checkout, CiParser};

const NAMESPACE: &str = "KUBERNETES_NAMESPACE_OVERWRITE";
const ACCOUNT: &str = "KUBERNETES_SERVICE_ACCOUNT_OVERWRITE";

/// An account that a project declares, and what a job that extends its hidden job has to get.
struct Account<'a> {
    name: &'a str,
    /// `None` where the runner is dedicated: it has the account fixed.
    namespace: Option<&'a str>,
    tags: &'a [&'a str],
    default: bool,
}

impl Account<'_> {
    fn variables(&self) -> Map<String, Value> {
        match self.namespace {
            Some(namespace) => variables(&[(NAMESPACE, namespace), (ACCOUNT, self.name)]),
            None => Map::new(),
        }
    }
}

fn variables(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

fn path_of(project: &str) -> String {
    format!("out/gitlab-ci/{project}.yml")
}

/// A `.gitlab-ci.yml` around an include: plain jobs, and three jobs for each account.
fn pipeline(project: &str, accounts: &[Account<'_>]) -> Value {
    let mut jobs = json!({
        "include": [{ "local": format!("/{}", path_of(project)) }],
        "plain": { "script": ["true"] },
        "plain-with-own": { "script": ["true"], "variables": { "OWN": "1" } },
    });
    for (number, account) in accounts.iter().enumerate() {
        let hidden = format!(".tegata-{}", account.name);
        jobs[format!("direct-{number}")] = json!({ "extends": hidden, "script": ["true"] });
        jobs[format!("own-{number}")] =
            json!({ "extends": hidden, "script": ["true"], "variables": { "OWN": "1" } });
        jobs[format!(".between-{number}")] = json!({ "extends": hidden, "variables": { "BETWEEN": "2" } });
        jobs[format!("twice-{number}")] = json!({ "extends": format!(".between-{number}"), "script": ["true"], "variables": { "OWN": "1" } });
    }
    jobs
}

/// What the parser makes of the pipeline and the include's text.
fn preview(parser: &CiParser, project: &str, pipeline: &Value, include: &str) -> anyhow::Result<Value> {
    let files = [(".gitlab-ci.yml", &*input(pipeline)), (&*path_of(project), include)];
    parser.preview(&Checkout::new(project, &files)?)
}

/// What is wrong with a document under GitLab's schema.
fn refusals(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The schema takes anything for a hidden job, so its content is held against it as a job that runs.
fn with_visible_jobs(include: &Value) -> Value {
    let entries = include.as_object().unwrap().iter().map(|(name, value)| match name.strip_prefix('.') {
        Some(visible) => {
            let mut job = value.clone();
            job["script"] = json!(["true"]);
            (visible.to_owned(), job)
        }
        None => (name.clone(), value.clone()),
    });
    Value::Object(entries.collect())
}

/// The variables of a job as GitLab sends them: its own ones win over the pipeline's.
fn effective(merged: &Value, job: &str) -> Map<String, Value> {
    let of = |value: &Value| value["variables"].as_object().cloned().unwrap_or_default();
    let mut all = of(merged);
    all.extend(of(&merged[job]));
    all
}

/// A job as it is merged, beside its variables.
fn tags(merged: &Value, job: &str) -> Vec<String> {
    let mut rest =
        merged[job].as_object().unwrap_or_else(|| panic!("there is no job {job}: {merged:#}")).clone();
    rest.remove("variables");
    assert_eq!(rest.remove("script"), Some(json!(["true"])), "{job}");
    let tags = rest.remove("tags").unwrap_or(json!([]));
    assert_eq!(rest, Map::new(), "{job} has more than it asks for");
    tags.as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

fn check(parser: &CiParser, schema: &Value, workspace: &Workspace, project: &str, accounts: &[Account<'_>]) {
    let text = fs::read_to_string(workspace.path(&path_of(project))).unwrap();
    let include: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(refusals(schema, &include), [""; 0], "{text}");
    assert_eq!(refusals(schema, &with_visible_jobs(&include)), [""; 0], "{text}");

    let merged = preview(parser, project, &pipeline(project, accounts), &text).unwrap();
    assert_eq!(refusals(schema, &merged), [""; 0], "{merged:#}");

    let default = accounts.iter().find(|account| account.default);
    let global = default.map(Account::variables).unwrap_or_default();
    let with = |base: &Map<String, Value>, more: &[(&str, &str)]| {
        let mut all = global.clone();
        all.extend(base.clone());
        all.extend(variables(more));
        all
    };
    let nothing = Map::new();
    let mut jobs = vec!["plain".to_owned(), "plain-with-own".to_owned()];
    assert_eq!(effective(&merged, "plain"), with(&nothing, &[]), "{text}");
    assert_eq!(effective(&merged, "plain-with-own"), with(&nothing, &[("OWN", "1")]), "{text}");
    for job in &jobs {
        assert_eq!(tags(&merged, job), [""; 0], "{text}");
    }
    for (number, account) in accounts.iter().enumerate() {
        let more: [(&str, &[(&str, &str)]); 3] =
            [("direct", &[]), ("own", &[("OWN", "1")]), ("twice", &[("BETWEEN", "2"), ("OWN", "1")])];
        for (kind, more) in more {
            let job = format!("{kind}-{number}");
            assert_eq!(tags(&merged, &job), account.tags, "{job}:\n{text}");
            assert_eq!(effective(&merged, &job), with(&account.variables(), more), "{job}:\n{text}");
            // What the job itself says, without the pipeline's: nothing more than its account's pair.
            let mut own = account.variables();
            own.extend(variables(more));
            assert_eq!(merged[&job]["variables"].as_object().unwrap_or(&nothing), &own, "{job}:\n{text}");
            jobs.push(job);
        }
    }
    let found: Vec<&String> =
        merged.as_object().unwrap().keys().filter(|name| !KEYWORDS.contains(&name.as_str())).collect();
    let mut expected: Vec<&String> = jobs.iter().collect();
    expected.sort();
    assert_eq!(
        {
            let mut found = found;
            found.sort();
            found
        },
        expected,
        "other jobs run than those that were written"
    );
}

/// What stands at the top of a merged pipeline beside its jobs.
const KEYWORDS: [&str; 2] = ["stages", "variables"];

#[test]
fn the_includes_of_the_example() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let example = Workspace::example();
    example.render();
    let shared = |name, namespace, default| Account {
        name,
        namespace: Some(namespace),
        tags: &["kubernetes"],
        default,
    };
    let projects = [
        ("platform/cicd", vec![shared("kp-account", "cicd", true)]),
        (
            "shop/web/storefront",
            vec![shared("build", "storefront", true), shared("deploy", "storefront", false)],
        ),
        (
            "payments/ledger",
            vec![Account { name: "release", namespace: None, tags: &["payments"], default: true }],
        ),
    ];
    for (project, accounts) in &projects {
        check(&parser, &schema, &example, project, accounts);
    }
    let paths: Vec<String> = projects.iter().map(|(project, _)| path_of(project)).collect();
    for file in example.rendered("gitlab-ci") {
        let path = file.strip_prefix(example.root()).unwrap();
        assert!(
            paths.iter().any(|known| known == path),
            "{path} is rendered, and this test does not know it"
        );
    }
}

/// Tags that YAML would read as something else if they stood there without quotes.
const TAGS: [&str; 14] =
    ["on", "1e3", "null", "a: b", "#c", "- d", "\"e\"", "'f'", "{g}", "[h]", "*i", "&j", "!k", "größe \\ m"];

#[test]
fn names_that_yaml_would_read_as_something_else() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let long = "x".repeat(63);
    let longest = format!("{}.{}", [long.as_str(); 3].join("."), "y".repeat(61));
    assert_eq!(longest.len(), 253);
    let deep: String = (0..20).map(|level| format!("group-{level}/")).collect();
    let projects: Vec<(String, Vec<&str>)> = vec![
        ("1e3/null".to_owned(), vec!["null", "1e3", "on", "true"]),
        ("on/off".to_owned(), vec!["0x1f", "0o17", "no", "y", "1.5", "12.30", "2026-11-24", "1-000"]),
        (format!("{deep}app"), vec![&long, &longest]),
    ];
    let workspace = Workspace::new(&json!([]));
    let mut shared = runner();
    shared["tags"] = json!(TAGS);
    workspace.write("runners/shared.yaml", &shared);
    for (number, (project, names)) in projects.iter().enumerate() {
        let accounts: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(place, name)| json!({ "name": name, "namespace": namespace(name), "default": place == 0 }))
            .collect();
        let file = json!({ "project": project, "runner": "shared", "namespace": "unused", "serviceAccounts": accounts });
        workspace.write(&format!("projects/{number}.yaml"), &file);
    }
    workspace.render();
    for (project, names) in &projects {
        let accounts: Vec<Account<'_>> = names
            .iter()
            .enumerate()
            .map(|(place, name)| Account {
                name,
                namespace: Some(namespace(name)),
                tags: &TAGS,
                default: place == 0,
            })
            .collect();
        check(&parser, &schema, &workspace, project, &accounts);
    }
}

/// The namespace of the same name as an account, as far as namespaces can have it.
fn namespace(account: &str) -> &str {
    account.split('.').next().unwrap_or(account)
}

#[test]
fn accounts_of_several_runners() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let workspace = Workspace::new(&json!([]));
    workspace.write_runner();
    for name in ["one", "two"] {
        let mut own = runner();
        own["isolation"] = json!("dedicated");
        own["release"] = json!(name);
        own["namespace"] = json!({ "name": format!("manager-{name}"), "create": true });
        own["tags"] = json!([name]);
        workspace.write(&format!("runners/{name}.yaml"), &own);
    }
    let project = |name: &str, id: u32, accounts: Value| {
        let file = json!({
            "project": format!("group/{name}"), "id": id, "runner": "shared", "namespace": name, "serviceAccounts": accounts,
        });
        workspace.write(&format!("projects/{name}.yaml"), &file);
    };
    // The default account is the shared runner's, the other one a dedicated runner's; and the other way round.
    project(
        "first",
        1,
        json!([{ "name": "a", "default": true }, { "name": "b", "runner": "one", "namespace": "first-b" }]),
    );
    project(
        "second",
        2,
        json!([{ "name": "c" }, { "name": "d", "default": true, "runner": "two", "namespace": "second-d" }]),
    );
    project("none", 3, json!([{ "name": "e", "default": false }, { "name": "f", "default": false }]));
    workspace.render();
    let account = |name, namespace, tags, default| Account { name, namespace, tags, default };
    check(
        &parser,
        &schema,
        &workspace,
        "group/first",
        &[account("a", Some("first"), &[], true), account("b", None, &["one"], false)],
    );
    check(
        &parser,
        &schema,
        &workspace,
        "group/second",
        &[account("c", Some("second"), &[], false), account("d", None, &["two"], true)],
    );
    check(
        &parser,
        &schema,
        &workspace,
        "group/none",
        &[account("e", Some("none"), &[], false), account("f", Some("none"), &[], false)],
    );
}

/// What the tests above rely on: a mistake is refused, by the parser and by the schema.
#[test]
fn a_broken_include_is_refused() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let pipeline = json!({
        "include": [{ "local": "/out/gitlab-ci/group/app.yml" }],
        "job": { "extends": ".tegata-a", "script": ["true"] },
    });
    let good = "variables:\n  A: b\n\n.tegata-a:\n  tags: [x]\n  variables:\n    C: d\n";
    let refused = |text: &str| {
        let include: Value = serde_yaml::from_str(text).unwrap();
        (
            preview(&parser, "group/app", &pipeline, text).map_err(|error| format!("{error:#}")),
            refusals(&schema, &with_visible_jobs(&include)),
        )
    };
    let (merged, errors) = refused(good);
    assert_eq!((merged.unwrap()["job"]["tags"].clone(), errors), (json!(["x"]), vec![]));
    for (from, to, named) in [
        ("tags:", "tgas:", "tgas"),
        ("tags: [x]", "tags: {a: x}", "tags"),
        ("    C: d", "    - C", "variables"),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        let (merged, errors) = refused(&text);
        let error = merged.unwrap_err();
        assert!(error.contains(named), "{error}");
        assert!(errors.iter().any(|error| error.contains(named)), "{errors:?}");
    }
    let error =
        preview(&parser, "group/app", &pipeline, &good.replace(".tegata-a", ".tegata-b")).unwrap_err();
    assert!(format!("{error:#}").contains(".tegata-a"), "{error:#}");
    // A name without its quotes.
    let merged = preview(&parser, "group/app", &pipeline, &good.replace("C: d", "C: 1e3")).unwrap();
    assert_ne!(merged["job"]["variables"]["C"], json!("1e3"));
}
