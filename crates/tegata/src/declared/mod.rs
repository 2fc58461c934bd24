//! What people wrote, file by file, with the place of each part. Nothing is looked up yet: a runner's cluster
//! is still a word.

mod address;
mod decode;

pub use address::place_of;

use camino::Utf8PathBuf;
use tegata_rbac::PolicyRule;
use tegata_rbac::check::Field;
use tegata_runner::policy::Action;

use crate::source::{FileId, Located, Span};
use crate::yaml::Node;

/// `tegata.yaml`.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The name of the workspace: a DNS label.
    pub name: Located<String>,
}

/// `clusters/<name>.yaml`.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The name of the file.
    pub name: String,
    /// The version of Kubernetes, as in `1.37`.
    pub kubernetes: Located<String>,
    /// The address of the API server, where it is pinned.
    pub server: Option<Located<String>>,
    /// The resources besides Kubernetes' own.
    pub custom_resources: Vec<CustomResource>,
    /// The account that applies to it.
    pub apply_account: Option<ApplyAccount>,
}

/// The account of the pipeline that applies to a cluster.
#[derive(Clone, Debug)]
pub struct ApplyAccount {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: Located<String>,
}

/// A resource that a cluster has besides Kubernetes' own.
#[derive(Clone, Debug)]
pub struct CustomResource {
    /// Its API group.
    pub group: String,
    /// Its name in the plural.
    pub name: Located<String>,
    /// Whether its objects stand in namespaces.
    pub namespaced: bool,
    /// Whether a controller makes pods from it.
    pub creates_pods: bool,
    /// Its subresources.
    pub subresources: Vec<String>,
    /// Verbs of its own.
    pub verbs: Vec<String>,
}

/// How a runner keeps the projects that it serves apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// By an admission policy.
    Admission,
    /// By the overwrite regexps, which is no isolation between its projects.
    Overwrite,
    /// It serves one project, and nothing can be overwritten.
    Dedicated,
}

/// `runners/<name>.yaml`.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The name of the file.
    pub name: String,
    /// The file as a whole.
    pub span: Span,
    /// The name of its cluster.
    pub cluster: Located<String>,
    /// The name of the Helm release and of the manager's ServiceAccount.
    pub release: String,
    /// The namespace of the release.
    pub namespace: Namespace,
    /// The address of GitLab.
    pub gitlab_url: String,
    /// The Secret that holds the runner's token.
    pub token_secret: String,
    /// How it keeps projects apart.
    pub isolation: Located<Isolation>,
    /// What its admission policies do with what they refuse.
    pub validation_actions: Located<Vec<Action>>,
    /// How many jobs run at once.
    pub concurrent: u32,
    /// Its tags.
    pub tags: Vec<String>,
    /// The namespace of jobs that ask for none.
    pub jobs_namespace: Located<String>,
    /// The image of jobs that name none.
    pub jobs_image: String,
    /// More keys for `[runners.kubernetes]`.
    pub kubernetes: Option<Node>,
    /// More Helm values.
    pub values: Option<Node>,
}

impl Runner {
    /// Its GitLab, whichever way the address is written.
    pub fn gitlab(&self) -> String {
        place_of(&self.gitlab_url)
    }
}

/// A namespace, by its name or with the wish that tegata creates it.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name.
    pub name: Located<String>,
    /// Whether tegata renders it.
    pub create: bool,
    /// Its labels, where it is created.
    pub labels: Vec<(Located<String>, String)>,
    /// All of it. This tells declarations apart: the name's place is the anchor's where the name is an alias.
    pub span: Span,
}

/// A PolicyRule and the places of its parts.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The rule.
    pub rule: PolicyRule,
    /// All of it.
    pub span: Span,
    places: Vec<(Field, Vec<Span>)>,
    /// The lists that are written, and have no entry.
    empty: Vec<(Field, Span)>,
}

impl Rule {
    /// Where an entry of one of its lists stands.
    pub fn place(&self, field: Field, index: usize) -> Span {
        let list = self.places.iter().find(|(name, _)| *name == field);
        list.and_then(|(_, spans)| spans.get(index)).copied().unwrap_or(self.span)
    }

    /// Where one of its lists stands that has no entry.
    pub fn empty(&self, field: Field) -> Option<Span> {
        self.empty.iter().find(|(name, _)| *name == field).map(|(_, span)| *span)
    }
}

/// `roles/<name>.yaml`.
#[derive(Clone, Debug)]
pub struct Role {
    /// The name: the file's, and `metadata.name`.
    pub name: Located<String>,
    /// Its labels, those of the server dropped.
    pub labels: Vec<(Located<String>, String)>,
    /// Its annotations, those of the server dropped.
    pub annotations: Vec<(Located<String>, String)>,
    /// What it permits.
    pub rules: Vec<Rule>,
    /// Where it says that other roles flow into it.
    pub aggregation: Option<Span>,
}

/// A file below `projects/`.
#[derive(Clone, Debug)]
pub struct Project {
    /// The file.
    pub file: FileId,
    /// Its path from the workspace's root.
    pub source: Utf8PathBuf,
    /// The full path in GitLab.
    pub path: Located<String>,
    /// GitLab's id.
    pub id: Option<Located<u64>>,
    /// The name of its runner.
    pub runner: Located<String>,
    /// Its namespace.
    pub namespace: Namespace,
    /// Its accounts.
    pub accounts: Vec<Account>,
}

/// What a project's file refers to, where the file is broken otherwise: so that these mistakes are told in the same run.
#[derive(Clone, Debug)]
pub struct References {
    /// The names of runners.
    pub runners: Vec<Located<String>>,
    /// The names of roles that have to be in `roles/`.
    pub roles: Vec<Located<String>>,
    /// The accounts that nothing is wrong with by themselves: what they permit can be looked at.
    pub accounts: Vec<Account>,
}

/// A ServiceAccount of a project. There are many: what most of them don't have is kept elsewhere.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name.
    pub name: Located<String>,
    /// Whether jobs that extend nothing run as it, where that is said.
    pub default: Option<Located<bool>>,
    /// A namespace of its own.
    pub namespace: Option<Box<Namespace>>,
    /// A runner of its own.
    pub runner: Option<Box<Located<String>>>,
    /// The roles that it is bound to.
    pub roles: Vec<RoleUse>,
    /// Permissions of its own.
    pub rules: Vec<Rule>,
    /// What it must be allowed to do.
    pub can: Vec<Located<String>>,
    /// What it must not be allowed to do.
    pub cannot: Vec<Located<String>>,
    /// Whether pods get its token.
    pub automount_token: bool,
    /// Its annotations.
    pub annotations: Vec<(Located<String>, String)>,
    /// The Secrets that pods of it pull images with.
    pub image_pull_secrets: Vec<String>,
}

/// Where a role holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In the account's namespace.
    Namespace,
    /// Everywhere.
    Cluster,
    /// In the namespace, and everywhere for what is cluster-scoped.
    Split,
}

/// A role of an account.
#[derive(Clone, Debug)]
pub struct RoleUse {
    /// The entry.
    pub span: Span,
    /// The name of the ClusterRole.
    pub cluster_role: Located<String>,
    /// Whether it is in the cluster, and not in `roles/`.
    pub existing: bool,
    /// Where it holds.
    pub scope: Located<Scope>,
    /// The name of the binding, where it is said.
    pub binding_name: Option<Box<Located<String>>>,
}
