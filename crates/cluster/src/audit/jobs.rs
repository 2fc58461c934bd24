//! The pods of CI jobs that are running, and the account of each.
//!
//! A job's pod has the label `job.runner.gitlab.com/pod` (`buildLabels` in GitLab Runner's `executors/kubernetes`); those
//! of old runners are known by their names, `runner-<token>-project-<id>-concurrent-<n>…`.

use std::collections::BTreeMap;

use serde_json::Value;
use tegata_cli::count;
use tegata_runner::policy::PROJECT_LABEL;

use super::grants::Grant;
use crate::finding::{Finding, Severity};
use crate::standing::Account;

const JOB_LABEL: &str = "job.runner.gitlab.com/pod";

/// A pod of a CI job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobPod {
    /// The account that it runs as, in the pod's namespace.
    pub account: Account,
    /// Its name.
    pub name: String,
    /// GitLab's id of the project.
    pub project: Option<String>,
    /// Its phase.
    pub phase: String,
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn label<'a>(pod: &'a Value, name: &str) -> Option<&'a str> {
    pod.pointer("/metadata/labels")?.get(name)?.as_str()
}

pub(super) fn is_job(pod: &Value) -> bool {
    label(pod, JOB_LABEL).is_some() || project_of_name(text(pod, "/metadata/name")).is_some()
}

/// The project in a pod's name. A token may hold `-`, so it is looked for from the end.
fn project_of_name(name: &str) -> Option<&str> {
    let (before, after) = name.strip_prefix("runner-")?.rsplit_once("-concurrent-")?;
    let (_, project) = before.rsplit_once("-project-")?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = after.split('-').next().unwrap_or_default();
    // Old runners have the random end without a `-` before it.
    (is_number(project) && number.starts_with(|c: char| c.is_ascii_digit())).then_some(project)
}

/// Those that have not come to their end.
pub(super) fn running(pods: &[Value]) -> Vec<JobPod> {
    let runs = |pod: &&Value| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    let mut jobs: Vec<JobPod> = pods
        .iter()
        .filter(|pod| is_job(pod))
        .filter(runs)
        .map(|pod| {
            let account = match text(pod, "/spec/serviceAccountName") {
                "" => "default",
                name => name,
            };
            let project = label(pod, PROJECT_LABEL).or_else(|| project_of_name(text(pod, "/metadata/name")));
            JobPod {
                account: Account::new(text(pod, "/metadata/namespace"), account),
                name: text(pod, "/metadata/name").to_owned(),
                project: project.map(str::to_owned),
                phase: text(pod, "/status/phase").to_owned(),
            }
        })
        .collect();
    jobs.sort();
    jobs
}

/// Jobs that run as `default`, or as somebody who may do everything.
pub(super) fn findings(jobs: &[JobPod], grants: &[Grant]) -> Vec<Finding> {
    let mut by_account: BTreeMap<&Account, Vec<&JobPod>> = BTreeMap::new();
    for job in jobs {
        by_account.entry(&job.account).or_default().push(job);
    }
    by_account.into_iter().filter_map(|(account, jobs)| finding(account, &jobs, grants)).collect()
}

fn finding(account: &Account, jobs: &[&JobPod], grants: &[Grant]) -> Option<Finding> {
    let theirs = |grant: &&Grant| grant.subject.is(account) && grant.severity() == Some(Severity::Critical);
    let first = jobs.first()?;
    let which = match jobs.len() {
        1 => format!("job pod {} runs", first.name),
        number => format!("{} run", count(number, "job pod")),
    };
    let finding = if let Some(grant) = grants.iter().find(theirs) {
        Finding::new(
            Severity::Critical,
            "job-may-everything",
            format!("{which} as {account}, which has {} {}", grant.role(), grant.scope()),
            "whoever can push a branch has that too: give each project an account of its own, and delete the binding",
        )
    } else if account.name == "default" {
        Finding::new(
            Severity::Error,
            "job-as-default",
            format!("{which} as {account}, the account of whatever names none"),
            "give each project an account of its own: a file in projects/, and the include in its .gitlab-ci.yml",
        )
    } else {
        return None;
    };
    Some(finding.about(format!("Pod/{}/{}", account.namespace, first.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_s_pod_is_known_by_its_name() {
        for (name, project) in [
            ("runner-abc-project-2-concurrent-0-xyz12", Some("2")),
            ("runner-jlgvzuyl-project-2-concurrent-04hbhz", Some("2")),
            ("runner-a-project-x-b-project-17-concurrent-12-r", Some("17")),
            ("runner-abc-project-concurrent-0-x", None),
            ("runner-abc-project-2", None),
            ("web-project-2-concurrent-0", None),
            ("runner-abc-project-2-concurrent-x", None),
        ] {
            assert_eq!(project_of_name(name), project, "{name}");
        }
    }
}
