//! The files below `out/`: where each one goes, and what it has to say.

use std::borrow::Cow;
use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use tegata_runner::include;

use super::object::Object;
use super::{Account, Cluster, Project, Resolved, Role, Runner, admission, apply, objects, runners};
use crate::declared::Isolation;
use crate::source::Span;
use crate::yaml::tree::Tree;

/// The folder that everything goes into.
pub const OUT: &str = "out";
/// The folders below it that are tegata's: whatever else lies there is removed.
pub const OWNED: [&str; 3] = ["kubernetes", "helm", "gitlab-ci"];

/// A file below `out/`.
#[derive(Debug)]
pub struct Output<'a> {
    /// Its path below `out/`.
    pub path: Utf8PathBuf,
    /// The input that it comes from, for its first line.
    pub source: Cow<'a, str>,
    /// Where that input says what the file is about.
    pub origin: Span,
    /// What it says.
    pub content: Content<'a>,
}

/// What a file says.
#[derive(Debug)]
pub enum Content<'a> {
    /// A role of `roles/`, for a cluster.
    Role(&'a Role<'a>),
    /// What a project has on a cluster.
    Project(&'a Project<'a>, &'a str),
    /// What a runner's manager has on its cluster.
    Runner(&'a Runner<'a>),
    /// A runner's admission policies and their table.
    Admission(&'a Runner<'a>),
    /// The namespace of jobs that ask for none, where nothing runs.
    Quarantine {
        /// The cluster.
        cluster: &'a str,
        /// The namespace.
        namespace: &'a str,
    },
    /// The account that applies to a cluster.
    Apply(&'a Cluster<'a>),
    /// The values of a runner's Helm release.
    Values(&'a Runner<'a>),
    /// What a project's `.gitlab-ci.yml` includes.
    Include(&'a Project<'a>),
}

/// All files of a workspace, sorted by their paths.
pub fn outputs<'a>(resolved: &'a Resolved<'a>) -> Vec<Output<'a>> {
    // Most projects have a manifest and an include.
    let mut outputs = Vec::with_capacity(2 * resolved.projects.len() + 4 * resolved.runners.len());
    // Nearly in the order of their paths: what stands in order already is sorted at once.
    outputs.extend(resolved.projects.iter().filter_map(include_output));
    outputs.extend(resolved.runners.values().map(values_output));
    outputs.extend(resolved.runners.values().filter_map(admission_output));
    outputs.extend(resolved.clusters.values().filter_map(apply_output));
    outputs.extend(resolved.roles.iter().map(role_output));
    outputs.extend(resolved.projects.iter().flat_map(manifest_outputs));
    outputs.extend(quarantine_outputs(resolved));
    outputs.extend(resolved.runners.values().map(manager_output));
    outputs.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    outputs
}

fn role_output<'a>(((cluster, name), role): (&(&'a str, &'a str), &'a Role<'a>)) -> Output<'a> {
    Output {
        path: Utf8PathBuf::from(format!("kubernetes/{cluster}/cluster-roles/{name}.yaml")),
        source: format!("roles/{name}.yaml").into(),
        origin: role.declared.name.span,
        content: Content::Role(role),
    }
}

fn runner_output<'a>(runner: &'a Runner<'a>, path: String, content: Content<'a>) -> Output<'a> {
    let declared = runner.declared;
    Output {
        path: Utf8PathBuf::from(path),
        source: format!("runners/{}.yaml", declared.name).into(),
        origin: declared.span,
        content,
    }
}

fn values_output<'a>(runner: &'a Runner<'a>) -> Output<'a> {
    runner_output(runner, format!("helm/{}/values.yaml", runner.declared.name), Content::Values(runner))
}

fn manager_output<'a>(runner: &'a Runner<'a>) -> Output<'a> {
    let declared = runner.declared;
    let path = format!("kubernetes/{}/runners/{}.yaml", declared.cluster.value, declared.name);
    runner_output(runner, path, Content::Runner(runner))
}

fn admission_output<'a>(runner: &'a Runner<'a>) -> Option<Output<'a>> {
    let declared = runner.declared;
    // Sorted first: `kubectl apply -R` has the policies in place before anybody is granted anything.
    let path = format!("kubernetes/{}/admission/{}.yaml", declared.cluster.value, declared.name);
    admission::has_policies(runner).then(|| runner_output(runner, path, Content::Admission(runner)))
}

/// A file for each namespace of jobs that ask for none. Runners share it: one more of them must not change the file.
fn quarantine_outputs<'a>(resolved: &'a Resolved<'a>) -> impl Iterator<Item = Output<'a>> {
    let mut known = BTreeSet::new();
    resolved.runners.values().filter_map(move |runner| {
        let declared = runner.declared;
        let (cluster, jobs) = (declared.cluster.value.as_str(), &declared.jobs_namespace);
        let namespace = jobs.value.as_str();
        known.insert((cluster, namespace)).then(|| Output {
            path: Utf8PathBuf::from(format!("kubernetes/{cluster}/quarantine/{namespace}.yaml")),
            source: "runners/".into(),
            origin: jobs.span,
            content: Content::Quarantine { cluster, namespace },
        })
    })
}

fn apply_output<'a>(cluster: &'a Cluster<'a>) -> Option<Output<'a>> {
    let name = &cluster.declared.name;
    cluster.declared.apply_account.as_ref().map(|account| Output {
        path: Utf8PathBuf::from(format!("kubernetes/{name}/apply.yaml")),
        source: format!("clusters/{name}.yaml").into(),
        origin: account.name.span,
        content: Content::Apply(cluster),
    })
}

fn include_output<'a>(project: &'a Project<'a>) -> Option<Output<'a>> {
    let path = ["gitlab-ci/", &project.declared.path.value, ".yml"].concat();
    (!project.accounts.is_empty()).then(|| project_output(project, path, Content::Include(project)))
}

/// A manifest for each cluster that the project has accounts on.
fn manifest_outputs<'a>(project: &'a Project<'a>) -> impl Iterator<Item = Output<'a>> {
    let clusters = project.accounts.iter().enumerate().filter_map(|(index, account)| {
        let mut before = project.accounts.iter().take(index);
        (!before.any(|other| other.cluster == account.cluster)).then_some(account.cluster)
    });
    clusters.map(move |cluster| {
        let path = ["kubernetes/", cluster, "/projects/", &project.declared.path.value, ".yaml"].concat();
        project_output(project, path, Content::Project(project, cluster))
    })
}

fn project_output<'a>(project: &'a Project<'a>, path: String, content: Content<'a>) -> Output<'a> {
    let declared = project.declared;
    Output {
        path: Utf8PathBuf::from(path),
        source: declared.source.as_str().into(),
        origin: declared.path.span,
        content,
    }
}

impl Output<'_> {
    /// The Kubernetes objects of a manifest; none for other files.
    pub fn objects(&self, resolved: &Resolved<'_>) -> Vec<Object> {
        match &self.content {
            Content::Role(role) => objects::of_role(resolved, role),
            Content::Project(project, cluster) => objects::of_project(resolved, project, cluster),
            Content::Runner(runner) => objects::of_runner(resolved, runner),
            Content::Admission(runner) => objects::of_admission(resolved, runner, runner.table()),
            Content::Quarantine { namespace, .. } => objects::of_quarantine(resolved, namespace, self.origin),
            Content::Apply(cluster) => apply::objects(resolved, cluster),
            Content::Values(_) | Content::Include(_) => Vec::new(),
        }
    }
}

/// The Helm values of a runner's release.
pub fn values(runner: &Runner<'_>) -> Tree<'static> {
    Tree::from(serde_json::Value::Object(runners::helm_values(runner)))
}

/// What a job says to run as an account.
#[derive(Debug)]
pub struct Job {
    /// The name of the hidden job.
    pub name: String,
    /// The tags that lead to the account's runner.
    pub tags: Vec<String>,
    /// The variables that ask for the account; none on a dedicated runner, which has it fixed.
    pub variables: Vec<(&'static str, String)>,
}

/// What a project's `.gitlab-ci.yml` includes.
#[derive(Debug)]
pub struct Include {
    /// The variables of jobs that extend nothing.
    pub variables: Vec<(&'static str, String)>,
    /// A hidden job for each account.
    pub jobs: Vec<Job>,
}

/// What a project's `.gitlab-ci.yml` includes.
pub fn include(project: &Project<'_>) -> Include {
    let variables = |account: &Account<'_>| {
        if account.runner.isolation.value == Isolation::Dedicated {
            return Vec::new();
        }
        let pair = include::account_variables(&account.namespace.name.value, &account.declared.name.value);
        pair.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
    };
    let job = |account: &Account<'_>| Job {
        name: include::hidden_job(&account.declared.name.value),
        tags: account.runner.tags.clone(),
        variables: variables(account),
    };
    let default = project.accounts.iter().find(|account| account.default);
    Include {
        variables: default.map(variables).unwrap_or_default(),
        jobs: project.accounts.iter().map(job).collect(),
    }
}

impl Include {
    /// The include as GitLab has to read it from what is rendered.
    pub fn tree(&self) -> Tree<'_> {
        let mut entries = Vec::new();
        if !self.variables.is_empty() {
            entries.push(("variables".into(), variables_tree(&self.variables)));
        }
        for job in &self.jobs {
            let mut fields = Vec::new();
            if !job.tags.is_empty() {
                fields.push(("tags", Tree::texts(&job.tags)));
            }
            fields.push(("variables", variables_tree(&job.variables)));
            entries.push(((&job.name).into(), Tree::map(fields)));
        }
        Tree::Map(entries)
    }
}

fn variables_tree<'a>(variables: &'a [(&'static str, String)]) -> Tree<'a> {
    Tree::map(variables.iter().map(|(name, value)| (*name, Tree::text(value))))
}
