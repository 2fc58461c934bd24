//! A runner's admission policies, asked by pods.

use super::looks_again;
use crate::connect::Server;
use crate::finding::{Finding, Severity};
use crate::verify::RunnerReport;
use crate::verify::model::Runner;
use crate::verify::policies::{self, MOST, Who};

/// Asks a runner's policies.
pub(crate) async fn runner(server: &Server, runner: &Runner) -> RunnerReport {
    let mut looks = 0;
    loop {
        let report = tried(server, runner).await;
        if !looks_again(&report.findings, &mut looks).await {
            return report;
        }
    }
}

async fn tried(server: &Server, runner: &Runner) -> RunnerReport {
    let mut report = RunnerReport { name: runner.name.clone(), ..RunnerReport::default() };
    let warn = |message: String, help: &str| {
        Finding::new(Severity::Warning, "policy-not-asked", message, help).at(&runner.place)
    };
    if !runner.enforced {
        let message = format!("the admission policies of runner {} only warn so far: not asked", runner.name);
        report
            .findings
            .push(warn(message, "write `validationActions: [Deny]` when no warnings come any more"));
        return report;
    }
    let token = match server.token_of(&runner.manager.id()).await {
        Ok(token) => token,
        Err(trouble) => {
            let message = format!(
                "the admission policies of runner {} were not asked: no token for its manager {}: {trouble}",
                runner.name, runner.manager
            );
            report.findings.push(warn(message, trouble.help()));
            return report;
        }
    };
    let manager = server.with_token(&token);
    let attempts = policies::attempts(runner);
    if attempts.len() > MOST {
        let message = format!("runner {}: {MOST} of {} pods were tried", runner.name, attempts.len());
        report.findings.push(warn(message, "nothing is to be done: all accounts have the same policies"));
    }
    // Who may make no pods at all is told so once.
    let mut caller_may = true;
    for attempt in attempts.iter().take(MOST) {
        if attempt.who == Who::Caller && !caller_may {
            continue;
        }
        let who = if attempt.who == Who::Manager { &manager } else { server };
        let answer = who.try_pod(&attempt.account.namespace, &policies::pod(attempt)).await;
        match policies::judge(runner, attempt, &answer) {
            Some(finding) => {
                caller_may &= attempt.who == Who::Manager || finding.severity < Severity::Warning;
                report.findings.push(finding);
            }
            None if attempt.admitted => report.admitted += 1,
            None => report.refused += 1,
        }
    }
    report
}
