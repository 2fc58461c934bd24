//! GitLab Runner's own executor takes the rendered configuration of the example, and its manager, account and role
//! are enough for it.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use testbed::{ApiServer, Executor, Job, Knobs, Options, Outcome, Part, build, repository};

/// A server with the example, and the example's shared runner.
fn start() -> (ApiServer, Executor) {
    let mut wanted = Part::SERVER.to_vec();
    wanted.push(Part::JobRunner);
    let parts = build(&Options::from_env().unwrap().with_parts(&wanted)).unwrap();
    let server = ApiServer::start_with(&parts).unwrap();
    server.kubectl(&["apply", "-R", "-f", repository().join("out/kubernetes/main").as_str()]).unwrap();
    let access = server.service_account_access("gitlab-runner", "gitlab-runner").unwrap();
    let values = repository().join("out/helm/shared/values.yaml");
    let executor = Executor::new(&parts, &values, access).unwrap();
    assert_eq!(executor.account(), "gitlab-runner");
    (server, executor)
}

/// Runs a job, and returns the pods that were made meanwhile: a job's end deletes them.
fn run(server: &ApiServer, executor: &Executor, job: &Job) -> (Outcome, Vec<Value>) {
    let watch = ["get", "pods", "--all-namespaces", "--watch", "--output-watch-events", "-o", "json"];
    let mut command = server.kubectl_command();
    let mut watcher = command.args(watch).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let outcome = executor.run(job, &Knobs::PENDING).unwrap();
    watcher.kill().unwrap();
    let output = watcher.wait_with_output().unwrap();
    let events = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let pods = events.map_while(Result::ok).filter(|event| event["type"] == "ADDED");
    (outcome, pods.map(|event| event["object"].clone()).collect())
}

#[test]
fn a_job_of_the_example_asks_for_a_pod_with_its_own_account() {
    let (server, executor) = start();
    let job = Job::new(2, "platform/cicd")
        .variable("KUBERNETES_NAMESPACE_OVERWRITE", "cicd")
        .variable("KUBERNETES_SERVICE_ACCOUNT_OVERWRITE", "kp-account")
        .script(&["kubectl get pods"])
        .credentials();
    let (outcome, pods) = run(&server, &executor, &job);
    // Nothing runs pods here: what can be seen is that it was made, and waited for in vain.
    assert!(outcome.told.trace.contains("timed out waiting for pod to start"), "{outcome:#?}");
    assert_eq!((outcome.told.state.as_str(), outcome.exit), ("failed", Some(1)), "{outcome:#?}");
    let [pod] = pods.as_slice() else { panic!("{} pods: {outcome:#?}", pods.len()) };
    assert_eq!(pod["metadata"]["namespace"], "cicd");
    assert_eq!(pod["spec"]["serviceAccountName"], "kp-account");
    assert_eq!(pod["metadata"]["labels"]["project.runner.gitlab.com/id"], "2");
    let left = server.kubectl(&["get", "pods", "--all-namespaces", "-o", "name"]).unwrap();
    assert_eq!(left, "", "the manager's role is not enough to clean up");
}

#[test]
fn a_job_that_declines_ends_in_the_quarantine() {
    let (server, executor) = start();
    let (outcome, pods) = run(&server, &executor, &Job::new(2, "platform/cicd").credentials());
    assert!(pods.is_empty(), "{pods:#?}");
    assert_eq!(outcome.told.failure_reason, "runner_system_failure", "{outcome:#?}");
    assert!(outcome.told.trace.contains("ci-quarantine"), "{outcome:#?}");
}
