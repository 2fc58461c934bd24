//! What a runner's admission policies are asked: pods that its manager tries to make, and that the server is not to
//! keep. Which pods, and what an answer means, is pure.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tegata_runner::policy::PROJECT_LABEL;

use super::model::Runner;
use crate::connect::Trouble;
use crate::finding::{Finding, Severity};
use crate::standing::Account;

/// So many pods are tried per runner; more would take longer than anybody waits.
pub const MOST: usize = 500;

/// Who tries to make a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The runner's manager, for a job.
    Manager,
    /// Whoever runs the command.
    Caller,
}

/// A pod that somebody tries to make.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    /// The account that it would run as.
    pub account: Account,
    /// Who.
    pub who: Who,
    /// The project whose job it would be.
    pub project: Option<u64>,
    /// Whether it has to be admitted.
    pub admitted: bool,
}

/// What a runner's policies have to be asked: each declared triple; with its account, another project and one that
/// nobody has; the namespace's `default` account; and the caller, who is not the manager.
pub fn attempts(runner: &Runner) -> BTreeSet<Attempt> {
    let declared: BTreeSet<(Option<u64>, &Account)> =
        runner.triples.iter().map(|(project, account)| (*project, account)).collect();
    let projects: BTreeSet<u64> = runner.triples.iter().filter_map(|(project, _)| *project).collect();
    let nobody = projects.last().map_or(1, |last| last.saturating_add(1));
    // A runner of one project without an id asks for none.
    let by_id = runner.triples.iter().all(|(project, _)| project.is_some());
    let mut attempts = BTreeSet::new();
    for (project, account) in &declared {
        let mut attempt = |who, project, account: Account, admitted| {
            attempts.insert(Attempt { account, who, project, admitted });
        };
        attempt(Who::Manager, *project, (*account).clone(), true);
        if by_id {
            let others = projects.iter().copied();
            let other = others.map(Some).find(|other| !declared.contains(&(*other, *account)));
            for foreign in other.into_iter().chain([Some(nobody)]) {
                attempt(Who::Manager, foreign, (*account).clone(), false);
            }
        }
        let default = Account::new(account.namespace.as_str(), "default");
        if !declared.iter().any(|(_, account)| **account == default) {
            attempt(Who::Manager, *project, default, false);
        }
        attempt(Who::Caller, None, (*account).clone(), false);
    }
    attempts
}

/// A pod that no other rule of a cluster has a reason to refuse.
pub fn pod(attempt: &Attempt) -> Value {
    let labels = match attempt.project {
        Some(project) => json!({ PROJECT_LABEL: project.to_string() }),
        None => json!({}),
    };
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "tegata-verify", "namespace": attempt.account.namespace, "labels": labels },
        "spec": {
            "serviceAccountName": attempt.account.name,
            "automountServiceAccountToken": false,
            "restartPolicy": "Never",
            "securityContext": { "runAsNonRoot": true, "runAsUser": 65534, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [{
                "name": "build",
                "image": "tegata-verify",
                "resources": { "requests": { "cpu": "1m", "memory": "1Mi" }, "limits": { "cpu": "1m", "memory": "1Mi" } },
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
            }],
        },
    })
}

/// What an answer means.
pub fn judge(runner: &Runner, attempt: &Attempt, answer: &Result<(), Trouble>) -> Option<Finding> {
    let by_policy = answer.as_ref().err().is_some_and(is_of_a_policy);
    let what = format!("{} as {}", who(runner, attempt), attempt.account);
    let finding = match (attempt.admitted, answer) {
        (true, Ok(())) => return None,
        (false, Err(_)) if by_policy => return None,
        (false, Ok(())) => Finding::new(
            Severity::Error,
            "not-refused",
            format!("{what} is admitted, and was to be refused"),
            "`cargo xtask diff` shows whether the admission policies and their table are there as rendered",
        ),
        (true, Err(trouble)) if by_policy => Finding::new(
            Severity::Error,
            "not-admitted",
            format!("{what} is declared, and refused: {trouble}"),
            "`cargo xtask diff` shows whether the runner's table is there as rendered",
        ),
        (_, Err(trouble)) => Finding::new(
            Severity::Warning,
            "policy-not-asked",
            format!("the policy was not asked about {what}: {trouble}"),
            "run `verify` again when namespace and account exist, as somebody who may do what the message names",
        ),
    };
    Some(finding.at(&runner.place))
}

fn who(runner: &Runner, attempt: &Attempt) -> String {
    match (attempt.who, attempt.project) {
        (Who::Caller, _) => format!("a pod that the manager of runner {} did not make", runner.name),
        (Who::Manager, Some(project)) => format!("a job of project {project} on runner {}", runner.name),
        (Who::Manager, None) => format!("a job on runner {}", runner.name),
    }
}

/// As the server words it (`policy/validating` in `apiserver/pkg/admission/plugin`); the names of our policies end like
/// this.
pub(super) fn is_of_a_policy(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Refused { message, .. } => {
            message.contains("ValidatingAdmissionPolicy '") && message.contains(".tegata.dev' ")
        }
        Trouble::Silence(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    fn runner(triples: &[(Option<u64>, &str, &str)]) -> Runner {
        Runner {
            name: "shared".to_owned(),
            place: Place { file: "runners/shared.yaml".to_owned(), line: 1, column: 1 },
            manager: Account::new("runners", "manager"),
            triples: triples
                .iter()
                .map(|(id, namespace, name)| (*id, Account::new(*namespace, *name)))
                .collect(),
            enforced: true,
        }
    }

    /// `+` is to be admitted: `+2 cicd/build`, or `-caller cicd/build`.
    fn words(runner: &Runner) -> Vec<String> {
        let word = |attempt: &Attempt| {
            let who = match (attempt.who, attempt.project) {
                (Who::Caller, _) => "caller".to_owned(),
                (Who::Manager, project) => project.map_or_else(|| "any".to_owned(), |id| id.to_string()),
            };
            format!("{}{who} {}", if attempt.admitted { "+" } else { "-" }, attempt.account)
        };
        attempts(runner).iter().map(word).collect()
    }

    #[test]
    fn each_triple_is_tried_and_its_neighbours() {
        let two =
            runner(&[(Some(2), "cicd", "build"), (Some(2), "cicd", "deploy"), (Some(7), "web", "build")]);
        assert_eq!(
            words(&two),
            [
                "+2 cicd/build",
                "-7 cicd/build",
                "-8 cicd/build",
                "-caller cicd/build",
                "-2 cicd/default",
                "+2 cicd/deploy",
                "-7 cicd/deploy",
                "-8 cicd/deploy",
                "-caller cicd/deploy",
                "-2 web/build",
                "+7 web/build",
                "-8 web/build",
                "-caller web/build",
                "-7 web/default",
            ]
        );
    }

    #[test]
    fn a_shared_account_has_no_stranger_but_nobody_s_project() {
        let shared = runner(&[(Some(2), "web", "build"), (Some(7), "web", "build")]);
        let words = words(&shared);
        assert!(words.contains(&"+7 web/build".to_owned()) && words.contains(&"-8 web/build".to_owned()));
        assert!(!words.contains(&"-7 web/build".to_owned()));
    }

    #[test]
    fn a_project_without_an_id_is_not_told_from_others() {
        let own = runner(&[(None, "ledger", "release")]);
        assert_eq!(words(&own), ["-any ledger/default", "+any ledger/release", "-caller ledger/release"]);
        let default = runner(&[(None, "ledger", "default")]);
        assert_eq!(words(&default), ["+any ledger/default", "-caller ledger/default"]);
    }

    #[test]
    fn only_a_policy_s_own_refusal_counts() {
        let runner = runner(&[(Some(2), "cicd", "build")]);
        let refused = |message: &str| Err(Trouble::Refused { code: 403, message: message.to_owned() });
        let by_policy = "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'jobs.shared.example.tegata.dev' with \
                         binding 'jobs.shared.example.tegata.dev' denied request: no";
        let by_rbac = "pods is forbidden: User \"a\" cannot create resource \"pods\"";
        let other_policy =
            "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'theirs' with binding 'theirs' denied";
        let attempt = |admitted| Attempt {
            account: Account::new("cicd", "build"),
            who: Who::Manager,
            project: Some(2),
            admitted,
        };
        let id = |admitted, answer| judge(&runner, &attempt(admitted), &answer).map(|finding| finding.id);
        assert_eq!(id(true, Ok(())), None);
        assert_eq!(id(false, refused(by_policy)), None);
        assert_eq!(id(false, Ok(())), Some("not-refused"));
        assert_eq!(id(true, refused(by_policy)), Some("not-admitted"));
        for other in [by_rbac, other_policy] {
            assert_eq!(id(false, refused(other)), Some("policy-not-asked"));
            assert_eq!(id(true, refused(other)), Some("policy-not-asked"));
        }
        assert_eq!(id(false, Err(Trouble::Silence("x".to_owned()))), Some("policy-not-asked"));
    }
}
