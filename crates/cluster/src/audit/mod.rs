//! What is dangerous in a cluster, whoever made it, and without changing anything.
//!
//! | part | does |
//! |---|---|
//! | `look` | lists; the only part that asks the server |
//! | [`grants`] | who is bound to what |
//! | [`judge`] | how bad that is: **the full analysis of roles will stand here** |
//! | `jobs` | the pods of CI jobs that are running, and the account of each |
//! | `tokens` | Secrets with tokens that never end |
//! | `runners` | runners' configurations |
//! | `workspace` | what differs from `out/`, where there is a workspace |
//! | [`show`] | says it, to people and to programs |
//!
//! Everything but `look` is a function from values to values.

pub mod grants;
mod jobs;
pub mod judge;
mod look;
mod runners;
pub mod show;
mod tokens;
mod workspace;

use serde_json::Value;

use crate::connect::Trouble;
use crate::desired::Desired;
use crate::finding::{Finding, Severity};
use crate::plan::Plan;
use crate::standing::{Account, Standing};

pub use grants::Grant;
pub use jobs::JobPod;
pub use look::look;
pub use runners::Configuration;
pub use tokens::TokenSecret;
pub use workspace::differences;

/// What a cluster has.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Its roles and bindings.
    pub standing: Standing,
    /// The accounts that say that tegata made them.
    pub accounts: Vec<Account>,
    /// The pods of CI jobs.
    pub pods: Vec<Value>,
    /// The Secrets with tokens of accounts, as far as their metadata.
    pub token_secrets: Vec<Value>,
    /// The ConfigMaps with the configuration of a runner.
    pub config_maps: Vec<Value>,
    /// What could not be listed, and why.
    pub unseen: Vec<(String, Trouble)>,
}

/// The workspace, where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Workspace<'a> {
    /// What it says.
    pub desired: &'a Desired,
    /// What would bring the cluster to that.
    pub plan: &'a Plan,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Who is bound to what, the worst first.
    pub grants: Vec<Grant>,
    /// How many of Kubernetes' own bindings are left out, being as Kubernetes made them.
    pub own_grants: usize,
    /// The pods of CI jobs that run.
    pub jobs: Vec<JobPod>,
    /// Secrets with tokens.
    pub tokens: Vec<TokenSecret>,
    /// The configurations of runners.
    pub configurations: Vec<Configuration>,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
}

/// The id of findings by which something could not be looked at.
const NOT_SEEN: &str = "not-seen";

impl Audit {
    /// Whether something could not be looked at: then nobody can say that all is well.
    pub fn is_partial(&self) -> bool {
        self.findings.iter().any(|finding| finding.id == NOT_SEEN)
    }
}

/// Judges what a cluster has.
pub fn audit(seen: &Seen, workspace: Option<Workspace<'_>>) -> Audit {
    let (grants, own_grants) = grants::grants(&seen.standing);
    let jobs = jobs::running(&seen.pods);
    let tokens = tokens::tokens(&seen.token_secrets);
    let configurations = runners::configurations(&seen.config_maps);
    let mut findings: Vec<Finding> = seen.unseen.iter().map(|(what, why)| not_seen(what, why)).collect();
    findings.extend(grants.iter().filter_map(Grant::finding));
    findings.extend(jobs::findings(&jobs, &grants));
    findings.extend(grants::foreign(&seen.standing, &seen.accounts, workspace));
    findings.extend(tokens.iter().map(TokenSecret::finding));
    findings.extend(configurations.iter().flat_map(Configuration::findings));
    findings.extend(workspace.iter().flat_map(|workspace| workspace::differences(workspace.plan)));
    findings.sort_by_key(|finding| finding.severity);
    Audit { grants, own_grants, jobs, tokens, configurations, findings }
}

fn not_seen(what: &str, why: &Trouble) -> Finding {
    Finding::new(
        Severity::Error,
        NOT_SEEN,
        format!("can't list {what}: {why}"),
        format!("{}; the rest was looked at", why.help()),
    )
}
