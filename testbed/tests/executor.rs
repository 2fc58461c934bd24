//! GitLab Runner's own executor takes the rendered configuration of the example, and its manager, account and role
//! are enough for it.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use serde_json::{Value, json};
use support::pods::Watcher;
use support::{Workspace, runner};
use testbed::{ApiServer, Executor, Job, Knobs, Options, Outcome, Part, build, repository};

/// A server with the example, and the example's shared runner.
fn start() -> (ApiServer, Executor) {
    start_with(&repository())
}

/// A server with a rendered workspace, and its runner `shared`.
fn start_with(workspace: &Utf8Path) -> (ApiServer, Executor) {
    let wanted = [&Part::SERVER[..], &[Part::JobRunner]].concat();
    let parts = build(&Options::from_env().unwrap().with_parts(&wanted)).unwrap();
    let server = ApiServer::start_with(&parts).unwrap();
    server.kubectl(&["apply", "-R", "-f", workspace.join("out/kubernetes/main").as_str()]).unwrap();
    let access = server.service_account_access("gitlab-runner", "gitlab-runner").unwrap();
    let values = workspace.join("out/helm/shared/values.yaml");
    let executor = Executor::new(&parts, &values, access).unwrap();
    assert_eq!(executor.account(), "gitlab-runner");
    (server, executor)
}

/// Runs a job, and returns the pods that were made meanwhile: a job's end deletes them.
fn run(server: &ApiServer, executor: &Executor, job: &Job) -> (Outcome, Vec<Value>) {
    let watcher = Watcher::start(server);
    let outcome = executor.run(&job.clone().id(1), &Knobs::PENDING).unwrap();
    watcher.catch_up(server);
    (outcome, watcher.pods_of_job(1))
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
    let left = server.kubectl(&["get", "pods", "-n", "cicd", "-o", "name"]).unwrap();
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

/// Namespaces and accounts: as long as they may be, beginnings of each other, and what YAML or a regexp would take for
/// something else.
fn tricky() -> Vec<(String, String)> {
    let longest = format!("{}z", "a.".repeat(126));
    let pairs = [
        ("a", "a"),
        ("aa", "a.a"),
        (&"a".repeat(63), &longest),
        ("on", "1e3"),
        ("0x1f", "null.x"),
        ("x--y", "a-b.c-d"),
    ];
    pairs.map(|(namespace, account)| (namespace.to_owned(), account.to_owned())).to_vec()
}

/// What a pattern that is a little too wide would admit beside a name.
fn look_alikes(name: &str) -> Vec<String> {
    let shorter = name.get(1..).unwrap_or_default();
    let mut found = vec![format!("{name}b"), format!("b{name}"), format!("{name}\n"), name.to_uppercase()];
    found.extend([name.replace('.', "x"), name.replace('a', "\u{430}"), shorter.to_owned()]);
    found.retain(|other| !other.is_empty() && other != name);
    found
}

/// The jobs: number, namespace and account that they ask for, and whether that was declared.
fn jobs(pairs: &[(String, String)]) -> Vec<(u32, String, String, bool)> {
    let mut asked: Vec<(String, String, bool)> = Vec::new();
    for (namespace, account) in pairs {
        asked.push((namespace.clone(), account.clone(), true));
        let declared = |name: &String| pairs.iter().any(|pair| pair.0 == *name || pair.1 == *name);
        let others = |name: &str| look_alikes(name).into_iter().filter(|name| !declared(name));
        asked.extend(others(namespace).take(3).map(|other| (other, account.clone(), false)));
        asked.extend(others(account).map(|other| (namespace.clone(), other, false)));
    }
    (1..).zip(asked).map(|(number, (namespace, account, own))| (number, namespace, account, own)).collect()
}

#[test]
fn names_of_any_length_are_admitted_and_their_look_alikes_are_not() {
    let pairs = tricky();
    let workspace = Workspace::new(&json!([]));
    let mut shared = runner();
    shared["isolation"] = json!("admission");
    workspace.write("runners/shared.yaml", &shared);
    for (index, (namespace, account)) in pairs.iter().enumerate() {
        workspace.write(
            &format!("projects/{index}.yaml"),
            &json!({
                "project": format!("group/project-{index}"), "id": 100 + index, "runner": "shared",
                "namespace": { "name": namespace, "create": true }, "serviceAccounts": [{ "name": account }],
            }),
        );
    }
    workspace.render();
    let (server, executor) = start_with(workspace.root());
    let jobs = jobs(&pairs);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    let watcher = Watcher::start(&server);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(asked) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (number, namespace, account, _) = asked;
                    let project = pairs.iter().position(|pair| pair.0 == *namespace || pair.1 == *account);
                    let job = Job::new(100 + project.unwrap() as u64, "group/project")
                        .id(*number)
                        .variable("KUBERNETES_NAMESPACE_OVERWRITE", namespace)
                        .variable("KUBERNETES_SERVICE_ACCOUNT_OVERWRITE", account);
                    let outcome = executor.run(&job, &Knobs::PENDING).unwrap();
                    outcomes.lock().unwrap().push((asked, outcome));
                }
            });
        }
    });
    watcher.catch_up(&server);
    for ((number, namespace, account, own), outcome) in outcomes.into_inner().unwrap() {
        let made = watcher.pods_of_job(*number);
        if *own {
            let [pod] = made.as_slice() else { panic!("{namespace} {account}: {outcome:#?}") };
            assert_eq!(pod["metadata"]["namespace"], **namespace);
            assert_eq!(pod["spec"]["serviceAccountName"], **account);
        } else {
            assert!(made.is_empty(), "{namespace:?} {account:?}: {made:#?}");
            assert!(outcome.told.trace.contains("does not match"), "{namespace:?} {account:?}: {outcome:#?}");
        }
    }
}
