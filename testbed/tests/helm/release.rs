//! A runner's release: what tegata renders for it, and what the chart makes of that.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::{Value, json};
use testbed::{Chart, Options, Part, Parts, build, go_yaml_json};

use crate::keys::ChartKeys;
use crate::support::{Workspace, runner};

/// What the tests need to judge a release.
pub struct Judge {
    pub chart: Chart,
    pub parts: Parts,
    pub keys: ChartKeys,
}

impl Judge {
    pub fn new() -> Self {
        let chart = Chart::from_env().unwrap_or_else(|error| panic!("{error:#}"));
        let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
        let own = go_yaml_json(&parts, &[chart.values()]).unwrap().concat().remove(0);
        let keys = ChartKeys::new(own, &chart.templates().unwrap());
        Self { chart, parts, keys }
    }

    /// A file of values as Helm reads it.
    pub fn values(&self, path: &Utf8Path) -> Value {
        go_yaml_json(&self.parts, &[path]).unwrap().concat().remove(0)
    }

    /// The objects of a release with one file of values.
    pub fn objects(&self, release: &str, namespace: &str, values: &Utf8Path) -> Vec<Value> {
        self.read(&self.chart.template(release, namespace, &[values]).unwrap())
    }

    /// The objects of a text, as kubectl reads it.
    pub fn read(&self, text: &str) -> Vec<Value> {
        let folder = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(folder.path()).unwrap().join("objects.yaml");
        fs::write(&file, text).unwrap();
        go_yaml_json(&self.parts, &[file]).unwrap().concat()
    }

    /// Holds a runner of a rendered workspace against what its file says (`declared`) and the configuration that
    /// jobs have to run with (`kubernetes`: all of `[runners.kubernetes]`).
    #[track_caller]
    pub fn check(&self, workspace: &Workspace, name: &str, declared: &Value, kubernetes: &Value) {
        let file = values_file(workspace, name);
        let values = self.values(&file);
        assert_eq!(self.keys.unknown(&values), [""; 0]);

        let (release, namespace) = (text(&declared["release"]), text(&declared["namespace"]["name"]));
        let objects = self.objects(release, namespace, &file);
        let kinds: BTreeSet<&str> = objects.iter().map(|object| text(&object["kind"])).collect();
        // No account, no role and no binding, and nothing else that tegata doesn't know of.
        assert_eq!(kinds, BTreeSet::from(["ConfigMap", "Deployment"]));
        assert_eq!(objects.len(), 2);
        for object in &objects {
            assert_eq!(object["metadata"]["namespace"], namespace, "{object:#}");
        }

        let data = &of_kind(&objects, "ConfigMap")["data"];
        let template = text(&data["config.template.toml"]);
        assert_eq!(template, text(&values["runners"]["config"]), "the chart changed the text");
        assert_eq!(from_toml(template), configuration(kubernetes));
        let own = from_toml(text(&data["config.toml"]));
        assert_eq!(own["concurrent"], declared.get("concurrent").cloned().unwrap_or(json!(10)));
        let name_argument = format!("--name=\"{name}\"");
        assert!(text(&data["register-the-runner"]).contains(&name_argument), "{data:#}");

        let pod = &of_kind(&objects, "Deployment")["spec"]["template"]["spec"];
        assert_eq!(pod["serviceAccountName"], release);
        let cache = declared.pointer("/values/runners/cache/secretName");
        let secrets = [&declared["tokenSecret"]].into_iter().chain(cache).map(text);
        assert_eq!(secrets_of(pod), secrets.collect());
        assert_eq!(variables_that_win(pod), [""; 0]);
        assert_eq!(variable(pod, "CI_SERVER_URL"), [&declared["gitlabUrl"]]);
        assert_eq!(variable(pod, "RUNNER_EXECUTOR"), [&json!("kubernetes")]);
    }
}

/// The runner `shared` of a workspace of its own, with the fields of `more`, rendered; and what its file says.
#[track_caller]
pub fn rendered(more: Value, projects: &[Value]) -> (Workspace, Value) {
    let (workspace, declared) = written(more, projects);
    workspace.render();
    (workspace, declared)
}

pub fn written(more: Value, projects: &[Value]) -> (Workspace, Value) {
    let workspace = Workspace::new(&json!([]));
    let mut declared = runner();
    let Value::Object(more) = more else { panic!("not a map") };
    declared.as_object_mut().unwrap().extend(more);
    workspace.write("runners/shared.yaml", &declared);
    for (number, project) in projects.iter().enumerate() {
        workspace.write(&format!("projects/{number}.yaml"), project);
    }
    (workspace, declared)
}

/// A project of the runner `shared` with one account.
pub fn project(number: usize, namespace: &str, account: &str) -> Value {
    json!({
        "project": format!("group/project-{number}"),
        "id": number + 1,
        "runner": "shared",
        "namespace": namespace,
        "serviceAccounts": [{ "name": account }],
    })
}

pub fn values_file(workspace: &Workspace, runner: &str) -> Utf8PathBuf {
    workspace.path(&format!("out/helm/{runner}/values.yaml"))
}

/// All of the runner's configuration around `[runners.kubernetes]`.
fn configuration(kubernetes: &Value) -> Value {
    let patches = kubernetes.get("pod_spec").is_some_and(|patches| patches != &json!([]));
    json!({ "runners": [{
        "executor": "kubernetes",
        "feature_flags": {
            "FF_KUBERNETES_ANCHOR_OVERWRITE_ALLOWED": true,
            "FF_SUSPENDABLE_ENVIRONMENTS": false,
            "FF_USE_ADVANCED_POD_SPEC_CONFIGURATION": patches,
        },
        "kubernetes": kubernetes,
    }] })
}

pub fn from_toml(text: &str) -> Value {
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    serde_json::to_value(table).unwrap()
}

pub fn of_kind<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    objects.iter().find(|object| object["kind"] == kind).unwrap_or_else(|| panic!("there is no {kind}"))
}

#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The Secrets that reach the manager's pod.
fn secrets_of(pod: &Value) -> BTreeSet<&str> {
    let sources = list(&pod["volumes"]).iter().flat_map(|volume| list(&volume["projected"]["sources"]));
    sources.filter_map(|source| source.get("secret")).map(|secret| text(&secret["name"])).collect()
}

fn environment(pod: &Value) -> impl Iterator<Item = &Value> {
    let containers = ["containers", "initContainers"].into_iter().flat_map(|key| list(&pod[key]));
    containers.flat_map(|container| list(&container["env"]))
}

/// Variables that would win over `[runners.kubernetes]` of the template (`env` tags in GitLab Runner's
/// `common/config.go`), such as the namespace of jobs.
pub fn variables_that_win(pod: &Value) -> Vec<&str> {
    environment(pod)
        .map(|entry| text(&entry["name"]))
        .filter(|name| name.starts_with("KUBERNETES_"))
        .collect()
}

fn variable<'a>(pod: &'a Value, name: &str) -> Vec<&'a Value> {
    let mut values: Vec<&Value> =
        environment(pod).filter(|entry| entry["name"] == name).map(|entry| &entry["value"]).collect();
    values.dedup();
    values
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
