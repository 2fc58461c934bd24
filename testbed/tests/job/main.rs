//! Real jobs in real pods: GitLab Runner's own executor, configured as rendered, with the rendered rights and nothing
//! else, on a node of its own.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod bed;
mod rights;
#[path = "../support/mod.rs"]
mod support;

use bed::{Bed, Runner, at_once};
use support::Workspace;
use testbed::{Image, Job, Outcome};

/// What the story sees in its last step, to the letter.
const FORBIDDEN: &str = "Error from server (Forbidden): deployments.apps is forbidden: User \"system:serviceaccount:cicd:kp-account\" cannot list resource \"deployments\" in API group \"apps\" in the namespace \"cicd\"";
const SCRIPT: [&str; 4] = [
    "kubectl auth whoami -o jsonpath='{\"I am \"}{.status.userInfo.username}{\"\\n\"}'",
    "kubectl get pod $(hostname) -o jsonpath='{\"my pod has \"}{.spec.serviceAccountName}{\"\\n\"}'",
    "kubectl get pod",
    "kubectl get deploy 2>&1 || true",
];
const FETCH: &str = "wget -qO- http://127.0.0.1:8080/";
const EXEC: (&str, &str) = ("FF_USE_LEGACY_KUBERNETES_EXECUTION_STRATEGY", "true");

/// After a pod could not be made, the runner looks for the events of a pod without a name and namespace.
const EVENTS_EVERYWHERE: &str = "list events in ";

type Variables = Vec<(String, String)>;

/// A job of the story's project.
fn own(variables: &Variables) -> Job {
    job(2, "platform/cicd", variables)
}

/// A job of another project.
fn foreign(variables: &Variables) -> Job {
    job(17, "shop/web/storefront", variables)
}

fn job(project: u64, path: &str, variables: &Variables) -> Job {
    // Or each line of the log begins with the time.
    let job = Job::new(project, path).variable("FF_TIMESTAMPS", "false");
    let job = job.image(Image::Job.reference()).script(&SCRIPT);
    variables.iter().fold(job, |job, (key, value)| job.variable(key, value))
}

/// With all that makes a job ask for more: a service, and a registry's credentials.
fn with_more(job: Job) -> Job {
    let script = [&SCRIPT[..], &[FETCH]].concat();
    job.script(&script).service(Image::Web.reference()).credentials()
}

/// S9 of the story, in the log of a job.
#[track_caller]
fn does_what_the_story_says(outcome: &Outcome) {
    let trace = &outcome.told.trace;
    assert_eq!((outcome.told.state.as_str(), outcome.exit), ("success", Some(0)), "{trace}\n{}", outcome.log);
    let lines: Vec<&str> = trace.lines().collect();
    let has = |line: &str| assert!(lines.contains(&line), "`{line}` is not in\n{trace}");
    has("I am system:serviceaccount:cicd:kp-account");
    has("my pod has kp-account");
    has(FORBIDDEN);
    has("Job succeeded");
    // `kubectl get pod` lists the job's own pod.
    let own = lines.iter().find_map(|line| line.strip_prefix("Running on ")?.split(' ').next());
    let own = own.unwrap_or_else(|| panic!("no pod ran:\n{trace}"));
    let listed = lines.iter().any(|line| line.starts_with(own) && line.contains(" Running "));
    assert!(listed, "`kubectl get pod` doesn't list {own}:\n{trace}");
    if trace.contains(FETCH) {
        has(Image::ANSWER);
    }
}

/// The last words of a job that was not run.
#[track_caller]
fn refusal(outcome: &Outcome) -> &str {
    let trace = &outcome.told.trace;
    let told = (outcome.told.state.as_str(), outcome.told.failure_reason.as_str());
    assert_eq!(told, ("failed", "runner_system_failure"), "{trace}\n{}", outcome.log);
    let last = trace.lines().last().unwrap_or_default();
    let words = last.strip_prefix("ERROR: Job failed (system failure): prepare environment: ");
    // Where else to look, whatever it is about.
    let words = words.and_then(|words| words.split(". Check https://docs.gitlab.com/").next());
    words.unwrap_or_else(|| panic!("{trace}"))
}

/// The policies' own words end the log, and nothing is left.
#[track_caller]
fn is_refused_by_policy(outcome: &Outcome, words: &str) {
    let last = refusal(outcome);
    assert!(last.contains(words), "`{words}` is not in\n{last}");
    assert!(last.ends_with(" in namespace cicd (declared for runner shared by tegata)"), "{last}");
}

/// What the jobs of the story's project are, under each isolation: both strategies, with and without a service and a
/// registry's credentials; by the include's variables, and by its hidden job.
fn story(bed: &Bed) -> [Job; 4] {
    let include = bed.include("platform/cicd");
    let (plain, extending) = (include.plain(), include.extending(".tegata-kp-account"));
    [
        own(&plain),
        own(&extending).variable(EXEC.0, EXEC.1),
        with_more(own(&extending)),
        with_more(own(&plain)).variable(EXEC.0, EXEC.1),
    ]
}

/// How many pods, and Secrets of credentials, the manager has made in the namespace.
fn made(runner: &Runner<'_>) -> [usize; 2] {
    let asked = runner.asked();
    ["pods", "secrets"].map(|resource| {
        let made = |asked: &&bed::Asked| {
            (asked.verb.as_str(), asked.resource.as_str(), asked.code) == ("create", resource, 201)
        };
        asked.iter().filter(made).map(|asked| assert_eq!(asked.namespace, "cicd")).count()
    })
}

/// What the server answered with 403, without repetitions.
fn refused(runner: &Runner<'_>) -> Vec<String> {
    let asked = runner.asked();
    let refused = asked.iter().filter(|asked| asked.code == 403);
    let mut refused: Vec<_> =
        refused.map(|asked| format!("{} {} in {}", asked.verb, asked.resource, asked.namespace)).collect();
    refused.sort();
    refused.dedup();
    refused
}

#[test]
fn admission_lets_each_project_run_as_its_own_accounts_only() {
    let bed = Bed::new(Workspace::example());
    let runner = bed.runner("shared");
    runner.wait_for("cicd", "kp-account", "17", false);
    runner.wait_for("cicd", "kp-account", "2", true);
    let pair = bed.include("platform/cicd").plain();
    let [first, second, third, fourth] = story(&bed);
    let [first, second, third, fourth, other, other_with_more, without_include] = at_once([
        (&runner, first),
        (&runner, second),
        (&runner, third),
        (&runner, fourth),
        (&runner, foreign(&pair)),
        (&runner, with_more(foreign(&pair))),
        (&runner, own(&vec![])),
    ]);
    for outcome in [&first, &second, &third, &fourth] {
        does_what_the_story_says(outcome);
    }
    is_refused_by_policy(&other, "denied request: project 17 may not run jobs as account kp-account");
    is_refused_by_policy(&other_with_more, "denied request: project 17 may not keep the Secret runner-");
    is_quarantined(&without_include);
    bed.nothing_is_left("cicd");
    assert_eq!(made(&runner), [4, 2], "no more than the jobs that ran");
    assert_eq!(
        refused(&runner),
        ["create pods in ci-quarantine", "create pods in cicd", "create secrets in cicd", EVENTS_EVERYWHERE,]
    );
}

/// A job without the include fails where nobody has rights.
#[track_caller]
fn is_quarantined(outcome: &Outcome) {
    assert_eq!(
        refusal(outcome),
        "setting up build pod: pods is forbidden: User \"system:serviceaccount:gitlab-runner:gitlab-runner\" cannot create resource \"pods\" in API group \"\" in the namespace \"ci-quarantine\""
    );
}

#[test]
fn overwrite_lets_projects_of_a_runner_take_each_others_accounts() {
    let workspace = Workspace::example();
    workspace.edit("runners/shared.yaml", "isolation: admission", "isolation: overwrite");
    let bed = Bed::new(workspace);
    let runner = bed.runner("shared");
    runner.wait_for("cicd", "kp-account", "17", true);
    let pair = bed.include("platform/cicd").plain();
    let [first, second, third, fourth] = story(&bed);
    let [first, second, third, fourth, other, without_include] = at_once([
        (&runner, first),
        (&runner, second),
        (&runner, third),
        (&runner, fourth),
        (&runner, foreign(&pair)),
        (&runner, own(&vec![])),
    ]);
    // The last one is the hole that the README tells of.
    for outcome in [&first, &second, &third, &fourth, &other] {
        does_what_the_story_says(outcome);
    }
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
    runner.wait_for("cicd", "kp-account", "17", false);
    runner.wait_for("cicd", "kp-account", "2", true);
    let pair = ["KUBERNETES_NAMESPACE_OVERWRITE=cicd", "KUBERNETES_SERVICE_ACCOUNT_OVERWRITE=kp-account"];
    let pair = pair.iter().filter_map(|pair| pair.split_once('='));
    let pair: Variables = pair.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let elsewhere = vec![("KUBERNETES_SERVICE_ACCOUNT_OVERWRITE".to_owned(), "default".to_owned())];
    let [first, second, third, fourth] = story(&bed);
    let [first, second, third, fourth, asking, other, other_with_more] = at_once([
        (&runner, first),
        (&runner, second),
        (&runner, third),
        (&runner, fourth),
        (&runner, own(&elsewhere)),
        (&runner, foreign(&pair)),
        (&runner, with_more(foreign(&vec![]))),
    ]);
    // The last one asked for another account, and nobody listened.
    for outcome in [&first, &second, &third, &fourth, &asking] {
        does_what_the_story_says(outcome);
    }
    is_refused_by_policy(&other, "denied request: project 17 may not run jobs as account kp-account");
    is_refused_by_policy(&other_with_more, "denied request: project 17 may not keep the Secret runner-");
    bed.nothing_is_left("cicd");
    assert_eq!(made(&runner), [5, 2]);
    assert_eq!(refused(&runner), ["create pods in cicd", "create secrets in cicd", EVENTS_EVERYWHERE]);
}
