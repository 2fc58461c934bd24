//! Whether accounts may do what was declared, and nothing more: asked as each account, with a token of its own that
//! ends after ten minutes.
//!
//! | part | does |
//! |---|---|
//! | [`model`] | what has to hold, from the workspace |
//! | [`compare`] | what the server answered, held against it: pure |
//! | [`policies`] | which pods a runner's policies are asked about, and what the answers mean: pure |
//! | `ask` | asks |
//! | [`show`] | says it, to people and to programs |
//!
//! **Architecture invariant:** nothing is changed. Tokens end by themselves, reviews are answered and forgotten, and
//! pods are tried with `dryRun`.

mod ask;
pub mod compare;
pub mod model;
pub mod policies;
pub mod show;

use std::collections::BTreeSet;

use tegata_cli::count;

use self::compare::Sides;
use self::model::{Holder, Model, Phrase};
use crate::connect::Server;
use crate::desired::Desired;
use crate::fault::Fault;
use crate::finding::{Finding, Severity};
use crate::kinds::Kind;
use crate::standing::{Account, Binding, Standing, Subject};

/// What was found out.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Account by account.
    pub accounts: Vec<AccountReport>,
    /// Runner by runner.
    pub runners: Vec<RunnerReport>,
    /// What concerns none of them alone.
    pub findings: Vec<Finding>,
}

/// The id of findings by which something was not asked at all, so that nobody knows.
const NOT_ASKED: &str = "not-asked";

impl Report {
    /// Whether something could not be asked: then nobody can say that all is well, or that it is not.
    pub fn is_partial(&self) -> bool {
        self.findings().iter().any(|finding| finding.id == NOT_ASKED)
    }

    /// All findings.
    pub fn findings(&self) -> Vec<Finding> {
        let accounts = self.accounts.iter().flat_map(|account| &account.findings);
        let runners = self.runners.iter().flat_map(|runner| &runner.findings);
        let mut findings: Vec<Finding> =
            self.findings.iter().chain(accounts).chain(runners).cloned().collect();
        findings.sort_by_key(|finding| finding.severity);
        findings
    }
}

/// What was found out of an account.
#[derive(Clone, Debug)]
pub struct AccountReport {
    /// The account.
    pub account: Account,
    /// What its phrases came to.
    pub phrases: Vec<PhraseReport>,
    /// In how many namespaces it was asked for all that it may do.
    pub namespaces: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl AccountReport {
    /// Whether it was asked all that there is to ask.
    pub fn was_asked(&self) -> bool {
        self.namespaces > 0 && self.findings.iter().all(|finding| finding.id != NOT_ASKED)
    }

    fn of(holder: &Holder) -> AccountReport {
        AccountReport {
            account: holder.account.clone(),
            phrases: Vec::new(),
            namespaces: 0,
            findings: Vec::new(),
        }
    }
}

/// What a phrase came to.
#[derive(Clone, Debug)]
pub struct PhraseReport {
    /// The phrase.
    pub phrase: Phrase,
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why, as the server says.
    pub reason: String,
    /// What went wrong while the server decided.
    pub error: String,
    /// What the request itself brought, where it was made: the server's words if it was refused.
    pub really: Option<Result<(), String>>,
}

/// What was found out of a runner's policies.
#[derive(Clone, Debug, Default)]
pub struct RunnerReport {
    /// Its name.
    pub name: String,
    /// How many declared pods were admitted.
    pub admitted: usize,
    /// How many others were refused.
    pub refused: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// More questions than this are not asked of a server: then each account is asked where bindings reach it.
const MOST_QUESTIONS: usize = 5_000;

/// Asks the server.
///
/// # Errors
/// If there is no answer at all, or none to this user.
pub async fn verify(server: &Server, desired: &Desired, model: &Model) -> Result<Report, Fault> {
    let mut report = Report::default();
    let (live, unseen) = Standing::look(server).await;
    for (kind, trouble) in unseen {
        if trouble.code() != Some(403) {
            let message = format!("can't list objects of kind {kind} of {}: {trouble}", server.url());
            return Err(Fault::new("no-answer", message, trouble.help()));
        }
        report.findings.push(Finding::new(
            Severity::Warning,
            "not-listed",
            format!("can't list objects of kind {kind}: {trouble}"),
            "without them, nobody can say through which binding an account has too much; ask for the permission that the message names",
        ));
    }
    report.findings.extend(orphans(&live, desired));
    let objects = desired.objects.iter().map(|object| (&object.id, &object.manifest));
    let declared = Standing::of(objects);
    let sides = Sides { declared, live, cluster_scoped: desired.cluster_scoped.clone() };
    let namespaces = namespaces(desired, model, &sides.live, &mut report);
    let versions = ask::versions(server, model).await;
    let ground = ask::Ground { server: server.clone(), sides, namespaces, versions };
    report.accounts = ask::accounts(model, ground).await?;
    for runner in &model.runners {
        report.runners.push(ask::runner(server, runner).await);
    }
    Ok(report)
}

/// What this workspace once gave, and gives no more: it holds until somebody deletes it.
fn orphans(live: &Standing, desired: &Desired) -> Vec<Finding> {
    let declared: BTreeSet<_> = desired.objects.iter().map(|object| &object.id).collect();
    let of_this = |binding: &&Binding| {
        binding.workspace.as_ref() == Some(&desired.workspace) && !declared.contains(&binding.id)
    };
    let orphan = |binding: &Binding| {
        let holder = |subject: &Subject| Account::new(&subject.namespace, &subject.name).to_string();
        let holders: Vec<String> = binding.subjects.iter().map(holder).collect();
        let (id, holders) = (&binding.id, holders.join(", "));
        let message = format!(
            "{id} is no longer in out/: {holders} may still do what it gives, and no admission policy guards that account any more"
        );
        Finding::new(Severity::Error, "orphan", message, "`cargo xtask apply --prune` deletes it")
            .about(id.argument())
    };
    live.bindings.iter().filter(of_this).map(orphan).collect()
}

/// Where each account is asked: in the namespaces of the workspace, in those where a binding reaches it, and in two that
/// every cluster has, since what is bound cluster-wide shows where nothing else is.
fn namespaces(
    desired: &Desired,
    model: &Model,
    live: &Standing,
    report: &mut Report,
) -> Vec<BTreeSet<String>> {
    let of_workspace: BTreeSet<&str> = desired
        .objects
        .iter()
        .filter_map(|object| match object.id.kind {
            Kind::Namespace => Some(object.id.name.as_str()),
            _ => object.id.namespace.as_deref(),
        })
        .chain(model.accounts.iter().map(|holder| holder.account.namespace.as_str()))
        .collect();
    let all = of_workspace.len() * model.accounts.len() <= MOST_QUESTIONS;
    if !all {
        let (accounts, namespaces) =
            (count(model.accounts.len(), "account"), count(of_workspace.len(), "namespace"));
        report.findings.push(Finding::new(
            Severity::Warning,
            "not-everywhere",
            format!("{accounts} in {namespaces} are too many questions: each account was asked in its own namespace, and where a binding reaches it"),
            "name some accounts with --account NAMESPACE/NAME to ask them everywhere",
        ));
    }
    let of = |holder: &Holder| {
        let account = &holder.account;
        let bindings = live.bindings.iter().filter(|binding| binding.names(account));
        let mut namespaces: BTreeSet<String> = bindings.filter_map(|b| b.id.namespace.clone()).collect();
        namespaces.extend(["default", "kube-system", account.namespace.as_str()].map(str::to_owned));
        if all {
            namespaces.extend(of_workspace.iter().map(|namespace| (*namespace).to_owned()));
        }
        namespaces
    };
    model.accounts.iter().map(of).collect()
}
