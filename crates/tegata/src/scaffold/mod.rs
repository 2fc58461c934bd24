//! New files to begin with: commented, and such that the workspace renders with them.

mod choose;

use camino::Utf8PathBuf;

use crate::declared::Isolation;
use crate::load::Loaded;
use crate::load::file_names::fits;
use crate::shape::text::{self, TextRule};
use crate::yaml::emit;
use choose::{cluster_for, free_file, free_namespace, runner_for, with_id};

/// A file to write.
#[derive(Debug, PartialEq, Eq)]
pub struct Scaffold {
    /// Its path from the workspace's root.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
    /// What was chosen for whoever asked for it, in words; empty where nothing was.
    pub chosen: String,
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

/// A project: one account that may do nothing yet. Without the name of a runner, it gets the one that most projects
/// have.
pub fn project(
    loaded: &Loaded,
    path: &str,
    id: Option<u64>,
    runner: Option<&str>,
) -> Result<Scaffold, Refusal> {
    valid(path, &text::PROJECT_PATH)?;
    if let Some(known) = loaded.projects.iter().find(|project| project.path.value.eq_ignore_ascii_case(path))
    {
        return refuse(format!("{} describes this project already", known.source), "change that file");
    }
    let named = runner.map(|name| format!(" --runner {name}")).unwrap_or_default();
    let (runner, why) = runner_for(loaded, runner)?;
    if runner.isolation.value == Isolation::Admission && id.is_none() {
        return refuse(
            format!("the runner `{}` tells projects apart by GitLab's id", runner.name),
            format!("look it up on the project's page: `cargo xtask new project {path} --id ID{named}`"),
        );
    }
    if let Some(known) = id.and_then(|id| with_id(loaded, id, runner)) {
        return refuse(
            format!("the id belongs to {}, which {} describes", known.path.value, known.source),
            "look the id up on the project's page",
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
    # What must hold, whatever it is bound to (`render` checks the phrases, `verify` asks the cluster):
    # can: [list pods]
    cannot: [\"* *\", list secrets]
",
        head("project", 1),
        emit::text(path),
        emit::text(&runner.name),
        emit::text(&namespace),
    );
    let compared =
        if loaded.broken_projects { "; broken files of projects/ could not be compared with it" } else { "" };
    let chosen = format!("runner `{}`{why}, namespace `{namespace}`{compared}", runner.name);
    Ok(Scaffold { path: free_file(loaded, path), text, chosen })
}

/// A runner that serves several projects. Without the name of a cluster, it is on the one that most runners are on.
pub fn runner(loaded: &Loaded, name: &str, cluster: Option<&str>) -> Result<Scaffold, Refusal> {
    valid(name, &text::DNS_LABEL)?;
    let cluster = cluster_for(loaded, cluster)?;
    let url = loaded
        .runners
        .values()
        .next()
        .map_or("https://gitlab.example.com/", |runner| runner.gitlab_url.as_str());
    let release = format!("gitlab-runner-{name}");
    if let Err(problem) = (text::DNS_LABEL.check)(&release) {
        return refuse(
            format!("its release would be `{release}`: {}", problem.message),
            format!("choose a name of at most {} characters", 63 - "gitlab-runner-".len()),
        );
    }
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
# The tags that GitLab has for it. Jobs that extend what a project includes get them:
# tags: [kubernetes]
# What a job gets that asks for nothing: a namespace in which nobody has rights.
jobs: {{ namespace: ci-quarantine, image: \"ubuntu:24.04\" }}
",
        head("runner", 1),
        emit::text(cluster),
        emit::text(url),
    );
    new_file("runners", name, text, format!("cluster `{cluster}`"), loaded)
}

/// A role that may look at pods.
pub fn role(loaded: &Loaded, name: &str) -> Result<Scaffold, Refusal> {
    valid(name, &text::PATH_SEGMENT)?;
    fits_a_file(name)?;
    if let Some(reason) = tegata_rbac::role_names::reserved_cluster_role(name) {
        return refuse(format!("`{name}` {reason}"), "choose another name");
    }
    if name.starts_with('.') {
        return refuse(
            format!("`{name}` begins with a dot: files that do are not read"),
            "choose another name",
        );
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
    new_file("roles", name, text, String::new(), loaded)
}

/// The first character of a name that makes it none for a file.
fn strange_in(name: &str) -> Option<String> {
    name.chars().find(|character| !fits(*character)).map(|strange| match strange {
        ' ' => "a blank".to_owned(),
        other => format!("`{}`", text::shown(&other.to_string())),
    })
}

/// A role may have any name without `/` and `%`. Whoever wants a stranger one for a file writes that file.
fn fits_a_file(name: &str) -> Result<(), Refusal> {
    let Some(strange) = strange_in(name) else { return Ok(()) };
    let proposed: String =
        name.chars().map(|character| if fits(character) { character } else { '-' }).collect();
    refuse(
        format!("`{}` has {strange}, and is to be the name of a file too", text::shown(name)),
        format!("write letters, digits, `-`, `_`, `.` and `:` only, such as `{proposed}`"),
    )
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
    new_file("clusters", name, text, String::new(), loaded)
}

fn new_file(
    folder: &str,
    name: &str,
    text: String,
    chosen: String,
    loaded: &Loaded,
) -> Result<Scaffold, Refusal> {
    let path = Utf8PathBuf::from(format!("{folder}/{name}.yaml"));
    if loaded.sources.iter().any(|(_, source)| source.path == path) {
        return refuse(format!("{path} exists already"), "change that file, or choose another name");
    }
    Ok(Scaffold { path, text, chosen })
}
