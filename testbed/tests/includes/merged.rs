//! What a parser of GitLab CI makes of an include, and what it has to make of it.

use fs_err as fs;
use serde_json::{Map, Value, json};
use testbed::{Checkout, CiParser};

use crate::support::{Workspace, input};

const NAMESPACE: &str = "KUBERNETES_NAMESPACE_OVERWRITE";
const ACCOUNT: &str = "KUBERNETES_SERVICE_ACCOUNT_OVERWRITE";

/// An account that a project declares, and what a job that extends its hidden job has to get.
pub struct Account<'a> {
    pub name: &'a str,
    /// `None` where the runner is dedicated: it has the account fixed.
    pub namespace: Option<&'a str>,
    pub tags: &'a [&'a str],
    pub default: bool,
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

pub fn path_of(project: &str) -> String {
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
pub fn preview(parser: &CiParser, project: &str, pipeline: &Value, include: &str) -> anyhow::Result<Value> {
    let files = [(".gitlab-ci.yml", &*input(pipeline)), (&*path_of(project), include)];
    parser.preview(&Checkout::new(project, &files)?)
}

/// What is wrong with a document under GitLab's schema.
pub fn refusals(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The schema takes anything for a hidden job, so its content is held against it as a job that runs.
pub fn with_visible_jobs(include: &Value) -> Value {
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

pub fn check(
    parser: &CiParser,
    schema: &Value,
    workspace: &Workspace,
    project: &str,
    accounts: &[Account<'_>],
) {
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
