//! Asks the server, as the accounts themselves.

mod phrases;
mod runners;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::compare::{Answer, Sides, compare};
use super::model::{Holder, Model};
use super::policies::is_of_a_policy;
use super::{AccountReport, NOT_ASKED};
use crate::connect::{Server, Trouble};
use crate::fault::Fault;
use crate::finding::{Finding, Severity, any_serious};
use crate::observe::stopped;
use phrases::{ask, broken};

pub(super) use phrases::versions;
pub(super) use runners::runner;

/// How many accounts are asked at once.
const AT_ONCE: usize = 8;
/// A server's own copies lag behind its store: what is found is looked at again before it is told.
const LOOKS: usize = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// What is the same for all accounts.
pub(super) struct Ground {
    pub server: Server,
    pub sides: Sides,
    /// Where each account is asked for all that it may do.
    pub namespaces: Vec<BTreeSet<String>>,
    /// The version under which each group is served.
    pub versions: BTreeMap<String, String>,
}

/// Asks as each account. The reports come in the order of the accounts.
pub(super) async fn accounts(model: &Model, ground: Ground) -> Result<Vec<AccountReport>, Fault> {
    let ground = Arc::new(ground);
    let mut reports = Vec::new();
    let mut questions = JoinSet::new();
    let mut left = model.accounts.iter().cloned().enumerate();
    loop {
        while questions.len() < AT_ONCE {
            let Some((number, holder)) = left.next() else { break };
            let ground = Arc::clone(&ground);
            questions.spawn(async move { (number, settled(&ground, number, &holder).await) });
        }
        let Some(report) = questions.join_next().await else { break };
        reports.push(report.map_err(|error| stopped(&error))?);
    }
    reports.sort_by_key(|(number, _)| *number);
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

/// Whether what was found has to be looked at again, after so many looks; then a moment has passed.
async fn looks_again(findings: &[Finding], looks: &mut usize) -> bool {
    *looks += 1;
    let again = *looks < LOOKS && any_serious(findings);
    if again {
        tokio::time::sleep(PAUSE).await;
    }
    again
}

async fn settled(ground: &Ground, number: usize, holder: &Holder) -> AccountReport {
    let none = BTreeSet::new();
    let namespaces = ground.namespaces.get(number).unwrap_or(&none);
    let mut looks = 0;
    loop {
        let report = account(ground, namespaces, holder).await;
        if !looks_again(&report.findings, &mut looks).await {
            return report;
        }
    }
}

async fn account(ground: &Ground, namespaces: &BTreeSet<String>, holder: &Holder) -> AccountReport {
    let mut report = AccountReport::of(holder);
    let token = match ground.server.token_of(&holder.account.id()).await {
        Ok(token) => token,
        Err(trouble) => {
            report.findings.push(no_token(holder, &trouble));
            return report;
        }
    };
    let it = ground.server.with_token(&token);
    for phrase in &holder.phrases {
        match ask(ground, &it, phrase).await {
            Ok(answer) => {
                report.findings.extend(broken(holder, phrase, &answer));
                report.phrases.push(answer);
            }
            Err(trouble) => report.findings.push(unanswered(holder, &phrase.text, &trouble)),
        }
    }
    let mut answers = Vec::new();
    for namespace in namespaces {
        match it.my_rules(namespace).await {
            Ok(status) => answers.push(Answer::of(namespace, &status)),
            Err(trouble) => {
                let what = format!("what it may do in {namespace}");
                report.findings.push(unanswered(holder, &what, &trouble));
            }
        }
    }
    report.namespaces = answers.len();
    report.findings.extend(compare(holder, &ground.sides, &answers));
    report
}

fn no_token(holder: &Holder, trouble: &Trouble) -> Finding {
    let account = &holder.account;
    let finding = match trouble.code() {
        Some(404) => Finding::new(
            Severity::Error,
            "no-such-account",
            format!("{account} is not in the cluster: nothing of it could be verified"),
            "`cargo xtask apply` makes it",
        ),
        code => Finding::new(
            Severity::Error,
            NOT_ASKED,
            format!("no token for {account}, so nothing of it could be verified: {trouble}"),
            match code {
                Some(403) if is_of_a_policy(trouble) => {
                    "no ServiceAccount takes the account of a job: run `verify` as a user who is none"
                }
                Some(403) => {
                    "ask for the permission to create serviceaccounts/token, then run the command again"
                }
                _ => trouble.help(),
            },
        ),
    };
    finding.at(&holder.place).about(account.id().argument())
}

fn unanswered(holder: &Holder, what: &str, trouble: &Trouble) -> Finding {
    let message = format!("{}: no answer to `{what}`: {trouble}", holder.account);
    Finding::new(Severity::Error, NOT_ASKED, message, trouble.help()).at(&holder.place)
}
