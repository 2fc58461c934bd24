//! Real jobs in real pods: GitLab Runner's own executor, configured as rendered, with the rendered rights and nothing
//! else, on a node of its own.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod bed;
mod rights;
mod story;
#[path = "../support/mod.rs"]
mod support;

use bed::{Answer, Bed};
use story::{
    EVENTS_EVERYWHERE, beside_the_story, does_what_the_story_says, foreign, is_quarantined,
    is_refused_by_policy, made, own, refused, with_more,
};
use support::Workspace;

/// Where the audit log has what a policy would refuse.
const VALIDATION_FAILURE: &str = "validation.policy.admission.k8s.io/validation_failure";

#[test]
fn admission_lets_each_project_run_as_its_own_accounts_only() {
    let bed = Bed::new(Workspace::example());
    let runner = bed.runner("shared");
    runner.wait_for("cicd", "kp-account", "17", Answer::No);
    runner.wait_for("cicd", "kp-account", "2", Answer::Yes);
    let pair = bed.include("platform/cicd").plain();
    let [other, other_with_more, without_include] =
        beside_the_story(&bed, &runner, [foreign(&pair), with_more(foreign(&pair)), own(&[])]);
    is_refused_by_policy(&other, "denied request: project 17 may not run jobs as account kp-account");
    is_refused_by_policy(&other_with_more, "denied request: project 17 may not keep the Secret runner-");
    is_quarantined(&without_include);
    bed.nothing_is_left("cicd");
    assert_eq!(made(&runner), [4, 2], "no more than the jobs that ran");
    assert_eq!(
        refused(&runner),
        ["create pods in ci-quarantine", "create pods in cicd", "create secrets in cicd", EVENTS_EVERYWHERE]
    );
}

#[test]
fn overwrite_lets_projects_of_a_runner_take_each_others_accounts() {
    let workspace = Workspace::example();
    workspace.edit("runners/shared.yaml", "isolation: admission", "isolation: overwrite");
    let bed = Bed::new(workspace);
    let runner = bed.runner("shared");
    runner.wait_for("cicd", "kp-account", "17", Answer::Yes);
    let pair = bed.include("platform/cicd").plain();
    let [other, without_include] = beside_the_story(&bed, &runner, [foreign(&pair), own(&[])]);
    // The hole that the README tells of.
    does_what_the_story_says(&other);
    is_quarantined(&without_include);
    bed.nothing_is_left("cicd");
    assert_eq!(made(&runner), [5, 2]);
    assert_eq!(refused(&runner), ["create pods in ci-quarantine", EVENTS_EVERYWHERE]);
}

#[test]
fn a_dedicated_runner_has_one_account_and_serves_one_project() {
    let workspace = Workspace::example();
    workspace.edit("runners/shared.yaml", "isolation: admission", "isolation: dedicated");
    fs_err::remove_file(workspace.path("projects/storefront.yaml")).unwrap();
    let bed = Bed::new(workspace);
    let runner = bed.runner("shared");
    runner.wait_for("cicd", "kp-account", "17", Answer::No);
    runner.wait_for("cicd", "kp-account", "2", Answer::Yes);
    const NAMESPACE: &str = "KUBERNETES_NAMESPACE_OVERWRITE";
    const ACCOUNT: &str = "KUBERNETES_SERVICE_ACCOUNT_OVERWRITE";
    let others = [
        own(&[]).variable(ACCOUNT, "default"),
        foreign(&[]).variable(NAMESPACE, "cicd").variable(ACCOUNT, "kp-account"),
        with_more(foreign(&[])),
    ];
    let [asking, other, other_with_more] = beside_the_story(&bed, &runner, others);
    // It asked for another account, and nobody listened.
    does_what_the_story_says(&asking);
    is_refused_by_policy(&other, "denied request: project 17 may not run jobs as account kp-account");
    is_refused_by_policy(&other_with_more, "denied request: project 17 may not keep the Secret runner-");
    bed.nothing_is_left("cicd");
    assert_eq!(made(&runner), [5, 2]);
    assert_eq!(refused(&runner), ["create pods in cicd", "create secrets in cicd", EVENTS_EVERYWHERE]);
}

#[test]
fn admission_on_trial_refuses_nothing_and_tells_what_it_would_refuse() {
    let workspace = Workspace::example();
    workspace.edit(
        "runners/shared.yaml",
        "isolation: admission",
        "isolation: admission\nadmission: { validationActions: [Warn, Audit] }",
    );
    let bed = Bed::new(workspace);
    let runner = bed.runner("shared");
    runner.wait_for("cicd", "kp-account", "17", Answer::Warning);
    runner.wait_for("cicd", "kp-account", "2", Answer::Yes);
    let pair = bed.include("platform/cicd").plain();
    let [other, honest] = beside_the_story(&bed, &runner, [foreign(&pair), own(&pair)]);
    does_what_the_story_says(&other);
    // The runner's own log and the audit log tell of the one, and not of the other.
    let words = "project 17 may not run jobs as account kp-account in namespace cicd (declared for runner shared by tegata)";
    assert!(other.log.contains(words), "{}", other.log);
    assert!(!honest.log.contains("may not run jobs"), "{}", honest.log);
    let audited = bed.node().audit().unwrap();
    let audited = audited.iter().filter(|request| request["requestURI"] == "/api/v1/namespaces/cicd/pods");
    let failures = audited.filter_map(|request| request["annotations"][VALIDATION_FAILURE].as_str());
    let failures: Vec<&str> = failures.collect();
    assert!(failures.iter().any(|failure| failure.contains(words)), "{failures:?}");
    assert!(failures.iter().all(|failure| !failure.contains("project 2 ")), "{failures:?}");
    bed.nothing_is_left("cicd");
}
