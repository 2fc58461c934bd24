//! The jobs of the story, those of others, and how to tell what became of them.

use testbed::{Image, Job, Outcome};

use crate::bed::{Asked, Bed, Runner, at_once};

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
pub const EVENTS_EVERYWHERE: &str = "list events in ";

/// A job of the story's project.
pub fn own(variables: &[(String, String)]) -> Job {
    job(2, "platform/cicd", variables)
}

/// A job of another project.
pub fn foreign(variables: &[(String, String)]) -> Job {
    job(17, "shop/web/storefront", variables)
}

pub fn job(project: u64, path: &str, variables: &[(String, String)]) -> Job {
    // Or each line of the log begins with the time.
    let job = Job::new(project, path).variable("FF_TIMESTAMPS", "false");
    let job = job.image(Image::Job.reference()).script(&SCRIPT);
    variables.iter().fold(job, |job, (key, value)| job.variable(key, value))
}

/// With all that makes a job ask for more: a service, and a registry's credentials.
pub fn with_more(job: Job) -> Job {
    let script = [&SCRIPT[..], &[FETCH]].concat();
    job.script(&script).service(Image::Web.reference()).credentials()
}

/// S9 of the story, in the log of a job.
#[track_caller]
pub fn does_what_the_story_says(outcome: &Outcome) {
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
pub fn is_refused_by_policy(outcome: &Outcome, words: &str) {
    let last = refusal(outcome);
    assert!(last.contains(words), "`{words}` is not in\n{last}");
    assert!(last.ends_with(" in namespace cicd (declared for runner shared by tegata)"), "{last}");
}

/// Runs the story's jobs, and others at the same time, whose ends are returned. The story's jobs are four: in both
/// strategies, with and without a service and a registry's credentials; with the include's variables, and as they
/// come with its hidden job.
#[track_caller]
pub fn beside_the_story<const N: usize>(bed: &Bed, runner: &Runner<'_>, others: [Job; N]) -> [Outcome; N] {
    let include = bed.include("platform/cicd");
    let (plain, extending) = (include.plain(), include.extending(".tegata-kp-account"));
    let story = [
        own(&plain),
        own(&extending).variable(EXEC.0, EXEC.1),
        with_more(own(&extending)),
        with_more(own(&plain)).variable(EXEC.0, EXEC.1),
    ];
    let own = story.len();
    let mut outcomes = at_once(story.into_iter().chain(others).map(|job| (runner, job)).collect());
    let others = outcomes.split_off(own);
    outcomes.iter().for_each(does_what_the_story_says);
    for outcome in &outcomes[2..] {
        let trace = &outcome.told.trace;
        assert!(trace.lines().any(|line| line == Image::ANSWER), "no service answered:\n{trace}");
    }
    others.try_into().unwrap()
}

/// How many pods, and Secrets of credentials, the manager has made in the namespace.
pub fn made(runner: &Runner<'_>) -> [usize; 2] {
    let asked = runner.asked();
    ["pods", "secrets"].map(|resource| {
        let made = |asked: &&Asked| {
            (asked.verb.as_str(), asked.resource.as_str(), asked.code) == ("create", resource, 201)
        };
        asked.iter().filter(made).map(|asked| assert_eq!(asked.namespace, "cicd")).count()
    })
}

/// What the server answered with 403, without repetitions.
pub fn refused(runner: &Runner<'_>) -> Vec<String> {
    let asked = runner.asked();
    let refused = asked.iter().filter(|asked| asked.code == 403);
    let mut refused: Vec<_> =
        refused.map(|asked| format!("{} {} in {}", asked.verb, asked.resource, asked.namespace)).collect();
    refused.sort();
    refused.dedup();
    refused
}

/// A job without the include fails where nobody has rights.
#[track_caller]
pub fn is_quarantined(outcome: &Outcome) {
    assert_eq!(
        refusal(outcome),
        "setting up build pod: pods is forbidden: User \"system:serviceaccount:gitlab-runner:gitlab-runner\" cannot create resource \"pods\" in API group \"\" in the namespace \"ci-quarantine\""
    );
}
