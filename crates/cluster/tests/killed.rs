//! `apply` of 400 objects is killed at 100 random moments: the next run converges, and at no moment, before, between or
//! after, has any account more than one of the two states gives it.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod real;
mod support;

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http::Request;
use kube::Client;
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use real::{Cluster, Workspace};
use serde_json::{Value, json};
use support::permissions::{Permissions, State, permissions};
use tegata_cluster::kinds::Kind;
use tegata_cluster::object::Live;

const PROJECTS: usize = 45;
const KILLS: usize = 100;

/// One of two states of the same workspace: rules that lose and gain, a binding of another role, an account that
/// comes and one that goes.
fn state(verbs: [&str; 2], role: &str, second_account: &str) -> Workspace {
    let workspace = Workspace::new(&json!([]));
    workspace.write_runner();
    let rules = |verbs: &[&str], resource: &str| json!([{ "apiGroups": [""], "resources": [resource], "verbs": verbs }]);
    workspace.write(
        &format!("roles/{role}.yaml"),
        &json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": { "name": role }, "rules": rules(&verbs, "secrets"),
        }),
    );
    for number in 0..PROJECTS {
        let account = |name: &str, default: bool| {
            json!({
                "name": name, "default": default, "rules": rules(&verbs, "pods"),
                "roles": [{ "clusterRole": role, "bindingName": format!("{name}-fixed") }],
            })
        };
        workspace.write(
            &format!("projects/project-{number}.yaml"),
            &json!({
                "project": format!("shop/project-{number}"),
                "runner": "shared",
                "namespace": { "name": format!("ns-{number}"), "create": true },
                "serviceAccounts": [account("build", true), account(second_account, false)],
            }),
        );
    }
    workspace.render();
    workspace
}

/// All roles and bindings at one moment: what the lists of several kinds say at the same version of the store.
async fn snapshot(client: &Client) -> State {
    let mut state = State::new();
    let mut version = String::new();
    for kind in [Kind::RoleBinding, Kind::ClusterRoleBinding, Kind::Role, Kind::ClusterRole] {
        let exact = if version.is_empty() {
            String::new()
        } else {
            format!("&resourceVersion={version}&resourceVersionMatch=Exact")
        };
        let path = format!("{}?labelSelector=tegata.dev%2Fworkspace{exact}", kind.path(None));
        let list: Value = client.request(Request::get(path).body(Vec::new()).unwrap()).await.unwrap();
        list["metadata"]["resourceVersion"].as_str().unwrap().clone_into(&mut version);
        for item in list["items"].as_array().unwrap() {
            let live = Live::of(kind, item.clone()).unwrap();
            state.insert(live.id, live.value);
        }
    }
    state
}

struct Watcher {
    ends: Arc<AtomicBool>,
    looks: Arc<AtomicUsize>,
    thread: JoinHandle<Option<String>>,
}

fn client(kubeconfig: &camino::Utf8Path) -> (tokio::runtime::Runtime, Client) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(async {
        let config = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
        let config = kube::Config::from_custom_kubeconfig(config, &Default::default()).await.unwrap();
        Client::try_from(config).unwrap()
    });
    (runtime, client)
}

/// Looks again and again, and says what it saw that neither state allows.
fn watch(cluster: &Cluster, states: [Permissions; 2]) -> Watcher {
    let ends = Arc::new(AtomicBool::new(false));
    let looks = Arc::new(AtomicUsize::new(0));
    let (kubeconfig, end, look) =
        (cluster.server.kubeconfig().to_owned(), Arc::clone(&ends), Arc::clone(&looks));
    let thread = std::thread::spawn(move || {
        let (runtime, client) = client(&kubeconfig);
        while !end.load(Ordering::Relaxed) {
            let now = permissions(&runtime.block_on(snapshot(&client)));
            let accounts: BTreeSet<&String> = now.iter().map(|(account, ..)| account).collect();
            for account in accounts {
                let of = |all: &Permissions| -> Permissions {
                    all.iter().filter(|found| found.0 == *account).cloned().collect()
                };
                let has = of(&now);
                if !states.iter().any(|state| has.is_subset(&of(state))) {
                    return Some(format!("{account}: {has:?}"));
                }
            }
            look.fetch_add(1, Ordering::Relaxed);
            // The machine is the commands' too.
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    });
    Watcher { ends, looks, thread }
}

const APPLY: [&str; 4] = ["apply", "--yes", "--prune", "--prune-limit=100"];

#[test]
fn killed_at_any_moment_it_converges_and_nobody_ever_has_too_much() {
    let cluster = Cluster::start();
    let states = [state(["get", "list"], "first", "deploy"), state(["list", "watch"], "second", "release")];
    let (runtime, reader) = client(cluster.server.kubeconfig());
    let mut reached = Vec::new();
    for workspace in &states {
        cluster.run(workspace, &APPLY).ends(0);
        reached.push(permissions(&runtime.block_on(snapshot(&reader))));
    }
    assert!(cluster.objects("app.kubernetes.io/managed-by=tegata").len() >= 400);
    let begin = Instant::now();
    cluster.run(&states[0], &APPLY).ends(0);
    let whole = begin.elapsed();

    let watcher = watch(&cluster, reached.try_into().unwrap());
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut cut_short = 0;
    for kill in 0..KILLS {
        let target = &states[(kill + 1) % 2];
        let mut child = Command::new(env!("CARGO_BIN_EXE_tegata-cluster"))
            .args(APPLY)
            .args(["-C", target.root().as_str(), "--kubeconfig", cluster.server.kubeconfig().as_str()])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let share = f64::from(random.next_u32()) / f64::from(u32::MAX);
        std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * share));
        child.kill().unwrap();
        cut_short += usize::from(!child.wait().unwrap().success());
        cluster.run(target, &APPLY).ends(0);
        cluster.run(target, &["diff", "--prune"]).ends(0);
        assert!(!watcher.thread.is_finished(), "{:?}", watcher.thread.join().unwrap());
    }
    watcher.ends.store(true, Ordering::Relaxed);
    assert_eq!(watcher.thread.join().unwrap(), None);
    // It was killed in the middle, and watched while it ran.
    assert!(cut_short > KILLS / 2, "{cut_short}");
    assert!(watcher.looks.load(Ordering::Relaxed) > KILLS);
}
