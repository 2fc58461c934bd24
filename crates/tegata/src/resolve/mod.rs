//! Phase 2, *resolve*: all files together.
//!
//! Every reference is looked up, every default is filled in, every name is made, and whatever two files claim
//! at once is reported. What comes out borrows from what was loaded: a workspace of thousands of projects is
//! held in memory once.

mod admission;
pub mod apply;
mod collisions;
mod hashes;
pub mod names;
pub mod object;
pub mod objects;
pub mod output;
mod references;
mod runners;
mod served;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use tegata_rbac::{Catalogue, PolicyRule};
use tegata_runner::policy::{self, Triple};

use crate::declared;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::load::Loaded;

pub use admission::{has_policies, table_name};
pub use collisions::report_outputs;
pub use output::{Content, Output, outputs};

use object::Pairs;

/// A workspace in which every word has become what it names.
#[derive(Debug)]
pub struct Resolved<'a> {
    /// The name of the workspace.
    pub workspace: &'a str,
    /// The labels of whatever is rendered for it.
    pub labels: Pairs,
    /// The clusters, by name.
    pub clusters: BTreeMap<&'a str, Cluster<'a>>,
    /// The runners, by name.
    pub runners: BTreeMap<&'a str, Runner<'a>>,
    /// The ClusterRoles that are bound, by cluster and name.
    pub roles: BTreeMap<(&'a str, &'a str), Role<'a>>,
    /// The projects, in the order of their files.
    pub projects: Vec<Project<'a>>,
    /// Accounts whose runner is not known, and so neither their cluster, and those of projects whose files are broken
    /// elsewhere: reported, and looked at for the rest.
    pub unplaced: Vec<&'a declared::Account>,
    /// What is rendered for each cluster that has an apply account, as the account's bounds need it.
    pub contents: BTreeMap<&'a str, apply::Contents>,
    /// Whether files claim one thing at once. What they render of it meets as well, and saying so once is enough.
    pub collides: bool,
}

impl<'a> Resolved<'a> {
    /// The accounts of a project, each with its cluster.
    pub fn accounts_of<'p>(
        &'p self,
        project: &'p Project<'_>,
    ) -> impl Iterator<Item = (&'p declared::Account, &'p Cluster<'a>)> {
        let accounts = project.accounts.iter();
        accounts.filter_map(|account| Some((account.declared, self.clusters.get(account.cluster)?)))
    }

    /// The accounts whose runner is not known, with the only cluster that there is.
    pub fn unplaced_accounts(&self) -> impl Iterator<Item = (&'a declared::Account, &Cluster<'a>)> {
        let only = self.clusters.values().next().filter(|_| self.clusters.len() == 1);
        self.unplaced.iter().filter_map(move |account| Some((*account, only?)))
    }
}

/// A cluster and the resources that it has.
#[derive(Debug)]
pub struct Cluster<'a> {
    /// What the file says.
    pub declared: &'a declared::Cluster,
    /// Kubernetes' resources of its version, and its custom ones.
    pub catalogue: Catalogue,
}

/// A runner and what it serves.
#[derive(Debug)]
pub struct Runner<'a> {
    /// What the file says.
    pub declared: &'a declared::Runner,
    /// Who may be what: every (project, namespace, account) that was declared, sorted.
    pub triples: Vec<Triple<'a>>,
    /// The projects that it serves, by their paths in GitLab.
    pub projects: Vec<&'a declared::Project>,
    /// The namespaces that it runs jobs in, sorted.
    pub namespaces: Vec<&'a str>,
    /// The accounts that its jobs run as, sorted.
    pub accounts: Vec<&'a str>,
    table: OnceLock<Pairs>,
}

impl<'a> Runner<'a> {
    /// A runner of which no project is known yet.
    fn new(declared: &'a declared::Runner) -> Runner<'a> {
        Runner {
            declared,
            triples: Vec::new(),
            projects: Vec::new(),
            namespaces: Vec::new(),
            accounts: Vec::new(),
            table: OnceLock::new(),
        }
    }

    /// Takes note of an account that it serves.
    fn serve(&mut self, project: &'a declared::Project, triple: Triple<'a>) {
        self.triples.push(triple);
        self.projects.push(project);
    }

    /// Puts in order what it serves, now that all projects are known: some say the same.
    fn close(&mut self) {
        self.triples.sort_unstable();
        self.triples.dedup();
        self.projects.sort_by(|a, b| a.path.value.cmp(&b.path.value));
        self.projects.dedup_by(|a, b| a.path.value == b.path.value);
        self.namespaces = sorted(self.triples.iter().map(|triple| triple.namespace));
        self.accounts = sorted(self.triples.iter().map(|triple| triple.account));
    }

    /// The data of its policies' table, made when it is first asked for.
    fn table(&self) -> Pairs {
        Arc::clone(self.table.get_or_init(|| Arc::new(policy::table(&self.triples))))
    }

    /// Whether no account names it.
    pub fn serves_nobody(&self) -> bool {
        self.triples.is_empty()
    }

    /// Every (namespace, account) that its jobs may run in and as.
    pub fn pairs(&self) -> BTreeSet<(&'a str, &'a str)> {
        self.triples.iter().map(|triple| (triple.namespace, triple.account)).collect()
    }
}

/// Each name once.
fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A ClusterRole on a cluster.
#[derive(Debug)]
pub struct Role<'a> {
    /// What the file says.
    pub declared: &'a declared::Role,
    /// Whether a binding refers to the whole of it.
    pub whole: bool,
    /// The part of it that is cluster-scoped, where an account has it with `scope: split`.
    pub cluster_scoped: Option<Vec<PolicyRule>>,
}

/// A project and its accounts.
#[derive(Debug)]
pub struct Project<'a> {
    /// What the file says.
    pub declared: &'a declared::Project,
    /// Its accounts, in the order written.
    pub accounts: Vec<Account<'a>>,
}

/// An account and where it lives.
#[derive(Debug)]
pub struct Account<'a> {
    /// What the file says.
    pub declared: &'a declared::Account,
    /// Its namespace: its own, or the project's.
    pub namespace: &'a declared::Namespace,
    /// Its runner: its own, or the project's.
    pub runner: &'a declared::Runner,
    /// Its cluster: the runner's.
    pub cluster: &'a str,
    /// Whether jobs that extend nothing run as it.
    pub default: bool,
    /// Its roles, in the order written.
    pub roles: Vec<Binding<'a>>,
}

/// A role of an account.
#[derive(Debug)]
pub struct Binding<'a> {
    /// What the file says.
    pub declared: &'a declared::RoleUse,
    /// The role, where it stands in `roles/`.
    pub role: Option<&'a declared::Role>,
    /// For `scope: split`, whether the role has a cluster-scoped part at all.
    pub has_cluster_scoped: bool,
}

/// Puts the files of a workspace together; what is wrong is reported. Without `tegata.yaml`, which has been
/// reported as well, the workspace has no name: nothing of it is rendered. `None` if nobody has reported that.
pub fn resolve<'a>(loaded: &'a Loaded, diagnostics: &mut Vec<Diagnostic>) -> Option<Resolved<'a>> {
    let workspace = match &loaded.workspace {
        Some(workspace) => workspace.name.value.as_str(),
        None if has_errors(diagnostics) => "",
        None => return None,
    };
    let mut resolved = Resolved {
        workspace,
        labels: objects::labels(workspace),
        clusters: references::clusters(loaded, diagnostics),
        runners: BTreeMap::new(),
        roles: BTreeMap::new(),
        projects: Vec::with_capacity(loaded.projects.len()),
        unplaced: loaded.references.iter().flat_map(|references| &references.accounts).collect(),
        contents: BTreeMap::new(),
        collides: false,
    };
    runners::resolve(loaded, &mut resolved, diagnostics);
    for project in &loaded.projects {
        let project = references::project(loaded, &mut resolved, project, diagnostics);
        resolved.projects.push(project);
    }
    resolved.runners.par_iter_mut().for_each(|(_, runner)| runner.close());
    references::of_broken(loaded, diagnostics);
    served::check(loaded, &resolved, diagnostics);
    admission::check(&resolved, diagnostics);
    resolved.contents = apply::contents(&resolved);
    resolved.collides = collisions::report(&resolved, diagnostics);
    apply::check_size(&resolved, diagnostics);
    Some(resolved)
}
