//! A workspace of any size: two accounts a project, three roles an account, a runner with admission policies for every
//! 500 projects.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::names::{self, Project};
use crate::roles;

/// How many projects one runner serves.
pub const PROJECTS_PER_RUNNER: usize = 500;

/// How many runners serve so many projects.
pub fn runners(projects: usize) -> usize {
    projects.div_ceil(PROJECTS_PER_RUNNER)
}

/// The name of a runner's release, namespace and account.
pub fn release(runner: &str) -> String {
    format!("gitlab-runner-{runner}")
}

/// Writes the workspace into `root`, without `out/`.
pub fn write(root: &Utf8Path, projects: usize) -> Result<()> {
    for folder in ["clusters", "runners", "roles", "projects"] {
        fs_err::create_dir_all(root.join(folder))?;
    }
    fs_err::write(root.join("tegata.yaml"), "version: 1\nworkspace: bench\n")?;
    fs_err::write(root.join("clusters/main.yaml"), "kubernetes: \"1.37\"\n")?;
    for (name, rules) in roles::ROLES {
        fs_err::write(root.join(format!("roles/{name}.yaml")), role(name, rules))?;
    }
    for name in (0..runners(projects)).map(names::runner) {
        fs_err::write(root.join(format!("runners/{name}.yaml")), runner(&name))?;
    }
    for project in (0..projects).map(names::project) {
        let path = root.join(path(&project));
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(path, text(&project, 0))?;
    }
    Ok(())
}

/// Makes a project's file differ: its default account gets other roles.
pub fn edit(root: &Utf8Path, index: usize, revision: usize) -> Result<()> {
    let project = names::project(index);
    fs_err::write(root.join(path(&project)), text(&project, revision))?;
    Ok(())
}

fn path(project: &Project) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("projects/{}/{}.yaml", project.group, project.name))
}

fn role(name: &str, rules: &[roles::Rule]) -> String {
    let rules = roles::rules(rules, 2);
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: {name}\nrules:\n{rules}"
    )
}

fn runner(name: &str) -> String {
    let release = release(name);
    format!(
        "cluster: main\nrelease: {release}\nnamespace: {{ name: {release}, create: true }}\n\
         gitlabUrl: https://gitlab.example.com/\ntokenSecret: {release}-token\nisolation: admission\n\
         concurrent: 20\ntags: [kubernetes, {name}]\njobs: {{ namespace: ci-quarantine, image: \"ubuntu:24.04\" }}\n"
    )
}

fn text(project: &Project, revision: usize) -> String {
    let Project { index, group, name, namespace, accounts } = project;
    let runner = names::runner(index / PROJECTS_PER_RUNNER);
    let mut text = format!(
        "# yaml-language-server: $schema=../schemas/project.json\nproject: {group}/{name}\nid: {}\nrunner: {runner}\n\
         namespace: {{ name: {namespace}, create: true }}\nserviceAccounts:\n",
        index + 1
    );
    for (account, name) in accounts.iter().enumerate() {
        text.push_str(&format!("  - name: {name}\n"));
        if account == 0 {
            text.push_str("    default: true\n");
        }
        text.push_str("    roles:\n");
        let other = if account == 0 { revision } else { 0 };
        for role in roles::of_account(index + other, account) {
            text.push_str(&format!("      - clusterRole: {role}\n"));
        }
    }
    text
}
