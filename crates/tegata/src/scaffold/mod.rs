//! New files to begin with: commented, and such that the workspace renders with them.

use camino::{Utf8Path, Utf8PathBuf};

use crate::declared::Isolation;
use crate::load::Loaded;
use crate::shape::text::{self, TextRule};
use crate::yaml::emit;

/// A file to write.
#[derive(Debug, PartialEq, Eq)]
pub struct Scaffold {
    /// Its path from the workspace's root.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
}

/// Why there is no such file.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

fn refuse<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { message: message.into(), help: help.into() })
}

fn valid(name: &str, rule: &TextRule) -> Result<(), Refusal> {
    (rule.check)(name).map_err(|problem| Refusal {
        message: problem.message,
        help: problem.help.unwrap_or_else(|| format!("write {}", rule.what)),
    })
}

fn head(kind: &str, depth: usize) -> String {
    format!("# yaml-language-server: $schema={}schemas/{kind}.json\n", "../".repeat(depth))
}

/// A project: one account that may do nothing yet.
pub fn project(loaded: &Loaded, path: &str, id: Option<u64>) -> Result<Scaffold, Refusal> {
    valid(path, &text::PROJECT_PATH)?;
    if let Some(known) = loaded.projects.iter().find(|project| project.path.value.eq_ignore_ascii_case(path))
    {
        return refuse(format!("{} describes this project already", known.source), "change that file");
    }
    let shared = |isolation| isolation != Isolation::Dedicated;
    // The one that most projects have; of several, the first by name.
    let projects = |name: &str| loaded.projects.iter().filter(|project| project.runner.value == name).count();
    let candidates = loaded.runners.values().filter(|runner| shared(runner.isolation.value));
    let Some(runner) = candidates.min_by_key(|runner| std::cmp::Reverse(projects(&runner.name))) else {
        return refuse(
            "there is no runner that serves several projects",
            "run `cargo xtask new runner shared` first",
        );
    };
    if runner.isolation.value == Isolation::Admission && id.is_none() {
        return refuse(
            format!("the runner `{}` tells projects apart by GitLab's id", runner.name),
            format!("look it up on the project's page: cargo xtask new project {path} --id ID"),
        );
    }
    let namespace = free_namespace(loaded, path);
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let text = format!(
        "{}# {path}: say in a line what its jobs do.
project: {}
{id}runner: {}
namespace: {{ name: {}, create: true }}
serviceAccounts:
  - name: build
    # Roles of roles/, by a RoleBinding in the namespace:
    # roles:
    #   - clusterRole: NAME
    # Permissions of its own, which become a Role:
    # rules:
    #   - apiGroups: [\"\"]
    #     resources: [pods]
    #     verbs: [get, list, watch]
    # What must hold, whatever it is bound to (so far the phrases are checked, and not yet whether they hold):
    # can: [list pods]
    cannot: [\"* *\", list secrets]
",
        head("project", 1),
        emit::text(path),
        emit::text(&runner.name),
        emit::text(&namespace),
    );
    Ok(Scaffold { path: free_file(loaded, path), text })
}

/// `projects/<name>.yaml`, or the whole path in its name where that is taken.
fn free_file(loaded: &Loaded, path: &str) -> Utf8PathBuf {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let short = Utf8PathBuf::from(format!("projects/{name}.yaml"));
    let taken = |file: &Utf8Path| loaded.sources.iter().any(|(_, source)| source.path == *file);
    if taken(&short) {
        Utf8PathBuf::from(format!("projects/{}.yaml", path.replace('/', "-").to_lowercase()))
    } else {
        short
    }
}

/// A namespace that nobody has yet, named after the project.
fn free_namespace(loaded: &Loaded, path: &str) -> String {
    let label = |text: &str| {
        let lower = text.to_lowercase();
        let dashed: String = lower
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
            .collect();
        let short: String = dashed.trim_matches('-').chars().take(60).collect();
        short.trim_end_matches('-').to_owned()
    };
    let taken = |name: &str| {
        let projects = loaded.projects.iter().any(|project| {
            project.namespace.name.value == name
                || project
                    .accounts
                    .iter()
                    .any(|account| account.namespace.as_ref().is_some_and(|own| own.name.value == name))
        });
        let runners = loaded
            .runners
            .values()
            .any(|runner| runner.namespace.name.value == name || runner.jobs_namespace.value == name);
        name.is_empty() || projects || runners
    };
    let short = label(path.rsplit('/').next().unwrap_or(path));
    let long = label(path);
    let numbered = (2..).map(|number| format!("{long}-{number}"));
    [short, long.clone()].into_iter().chain(numbered).find(|name| !taken(name)).unwrap_or(long)
}

/// A runner that serves several projects.
pub fn runner(loaded: &Loaded, name: &str) -> Result<Scaffold, Refusal> {
    valid(name, &text::DNS_LABEL)?;
    let Some(cluster) = loaded.clusters.keys().next() else {
        return refuse("there is no cluster to run on", "run `cargo xtask new cluster main` first");
    };
    let url = loaded
        .runners
        .values()
        .next()
        .map_or("https://gitlab.example.com/", |runner| runner.gitlab_url.as_str());
    let release = format!("gitlab-runner-{name}");
    valid(&release, &text::DNS_LABEL)?;
    let text = format!(
        "{}# {name}: say in a line whom it serves.
cluster: {}
release: {release}
# The manager's own namespace: no job runs there.
namespace: {{ name: {release}, create: true }}
gitlabUrl: {}
# An existing Secret with the keys `runner-token` and `runner-registration-token`.
tokenSecret: {release}-token
# Projects need their GitLab `id`. `dedicated` serves one project, whose namespace and account are fixed.
isolation: admission
concurrent: 10
# What a job gets that asks for nothing: a namespace in which nobody has rights.
jobs: {{ namespace: ci-quarantine, image: \"ubuntu:24.04\" }}
",
        head("runner", 1),
        emit::text(cluster),
        emit::text(url),
    );
    new_file("runners", name, text, loaded)
}

/// A role that may look at pods.
pub fn role(loaded: &Loaded, name: &str) -> Result<Scaffold, Refusal> {
    valid(name, &text::PATH_SEGMENT)?;
    if let Some(reason) = tegata_rbac::role_names::reserved_cluster_role(name) {
        return refuse(format!("`{name}` {reason}"), "choose another name");
    }
    let text = format!(
        "{}# Say in a line what the role is for. Bind it in a project: roles: [{{clusterRole: {}}}]
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {}
rules:
  - apiGroups: [\"\"]
    resources: [pods, pods/log]
    verbs: [get, list, watch]
",
        head("role", 1),
        emit::text(name),
        emit::text(name),
    );
    new_file("roles", name, text, loaded)
}

/// A cluster without custom resources.
pub fn cluster(loaded: &Loaded, name: &str) -> Result<Scaffold, Refusal> {
    valid(name, &text::DNS_LABEL)?;
    let text = format!(
        "{}# The version decides which resources exist; `kubectl version` prints it.
kubernetes: \"1.37\"
# The address of its API server, as the kubeconfig has it: diff and apply refuse any other.
# server: https://main.example.com:6443
# The custom resources that roles may name:
# customResources:
#   - {{ group: kpack.io, name: images, namespaced: true, createsPods: true }}
# The account of the pipeline that runs diff, apply and verify, instead of an administrator's:
# applyAccount: {{ namespace: {{ name: tegata, create: true }} }}
",
        head("cluster", 1),
    );
    new_file("clusters", name, text, loaded)
}

fn new_file(folder: &str, name: &str, text: String, loaded: &Loaded) -> Result<Scaffold, Refusal> {
    let path = Utf8PathBuf::from(format!("{folder}/{name}.yaml"));
    if loaded.sources.iter().any(|(_, source)| source.path == path) {
        return refuse(format!("{path} exists already"), "change that file, or choose another name");
    }
    Ok(Scaffold { path, text })
}
